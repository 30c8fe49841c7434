//! What must hold of files about transitions.

use plumb_engine::debt::file::read;
use plumb_engine::transition::known::Known;
use plumb_engine::transition::planning::planning;
use plumb_engine::transition::{Read, of_text, stages};
use plumb_gap::policy::Policy;
use plumb_plan::explore::refute;
use plumb_shape::literal::LiteralKey;
use std::path::Path;
use std::str::from_utf8;

/// Reads bytes as a transition and, behind a zero byte, as a plan for it. A plan that is found is
/// never refuted; one that is brought is refuted or not, and nothing else happens.
pub fn transition(bytes: &[u8]) {
    let (said, brought) = match bytes.iter().position(|byte| *byte == 0) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, &[][..]),
    };
    let (Ok(said), Ok(brought)) = (from_utf8(said), from_utf8(brought)) else { return };
    let policy = Policy { now_ms: 0, max_age_ms: 1, samples_min: 1 };
    let key = LiteralKey::new([0; 32]);
    let known = Known {
        evidence: &[],
        sightings: &[],
        backlogs: &[],
        releases: &[],
        policy: &policy,
        key: &key,
    };
    // Nothing is in this folder, so that what a file names cannot be read.
    let folder = Path::new("/nonexistent");
    let Ok(Read { transition, .. }) = of_text(("transition.toml", said), folder, &known) else {
        return;
    };
    let found = planning(&transition);
    if let Ok(plan) = &found.outcome {
        assert_eq!(refute(&transition, &plan.stages()), None, "a plan is not refuted");
    }
    for (_, plan) in &found.proposals {
        assert!(!plan.waves.is_empty(), "what is proposed moves something");
    }
    for is_toml in [true, false] {
        if let Ok(stages) = stages::of_text(brought, is_toml, &transition) {
            drop(refute(&transition, &stages));
        }
    }
}

/// Reads bytes as debts: every entry has what a use looks like, and a time.
pub fn debt(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    if let Ok(debts) = read("debt.toml", text) {
        assert!(debts.iter().all(|debt| debt.unused_for_ms > 0 && !debt.owner.is_empty()));
    }
}
