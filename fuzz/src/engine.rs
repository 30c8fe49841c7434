//! Configuration, bundles and stored profiles: broken ones are refused, and what is taken can be
//! worked with.

use plumb_engine::config::accept::Accept;
use plumb_engine::config::accept_text::with_accept;
use plumb_engine::config::error::ConfigError;
use plumb_engine::config::file::{LoadRequest, PROJECT_FILE};
use plumb_engine::config::{Loaded, load};
use plumb_engine::judge::{Scope, judge};
use plumb_engine::manifest::read;
use plumb_engine::manifest::workload::Workload;
use plumb_engine::transition::draft::asked::Asked;
use plumb_engine::transition::draft::draft;
use plumb_engine::transition::known::Known;
use plumb_engine::{offline, shelf};
use plumb_gap::policy::Policy;
use plumb_shape::literal::LiteralKey;
use plumb_shape::profile::Profile;
use std::path::Path;

/// Reads the bytes as a project's configuration, and writes an acceptance into it.
///
/// # Panics
/// When a file that was taken is not taken any more with an acceptance in it, or does not hold it.
pub fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let loaded = loaded(text);
    if let Err(error) = &loaded {
        let _ = (error.to_string(), error.help());
    }
    let accept = Accept {
        finding: "response-field-new api GET /a $.b".to_owned(),
        reason: "known \"and\" \\ meant".to_owned(),
        until_day: 20_000,
        by: None,
    };
    let Ok(written) = with_accept(text, &accept) else { return };
    if loaded.is_ok() {
        let config = self::loaded(&written).expect("an acceptance leaves a file good").config;
        assert_eq!(config.accepted(&accept.finding).map(|it| &it.reason), Some(&accept.reason));
    }
}

fn loaded(text: &str) -> Result<Loaded, ConfigError> {
    let read = |path: &Path| Ok(path.ends_with(PROJECT_FILE).then(|| text.to_owned()));
    load(&LoadRequest {
        folder: Path::new("/project"),
        file: None,
        flags: &[],
        variables: &|_| None,
        read: &read,
    })
}

/// Reads the bytes as what a platform is told to run, and drafts a transition to it and from it.
///
/// # Panics
/// When something told stands at a line that is not there, or a draft has a line that people did
/// not see coming: each is a comment, a section or a key.
pub fn manifest(bytes: &[u8]) {
    let Ok(manifest) = read("a.yaml", bytes) else { return };
    let breaks = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
    let lines = u32::try_from(breaks + 2).expect("the input is small");
    let told = manifest.unread.iter().map(|one| one.line);
    let told = told.chain(manifest.workloads.iter().map(|one| one.line));
    told.for_each(|line| assert!((1..=lines).contains(&line), "line {line} of {lines}"));
    let workloads = manifest.workloads.as_slice();
    drafted([None, Some(workloads)]);
    drafted([Some(workloads), Some(workloads)]);
}

fn drafted([from, to]: [Option<&[Workload]>; 2]) {
    let policy = Policy { now_ms: 0, max_age_ms: 1, samples_min: 1 };
    let known = Known {
        evidence: &[],
        sightings: &[],
        backlogs: &[],
        releases: &[],
        policy: &policy,
        key: &LiteralKey::new([7; 32]),
    };
    let Ok(draft) = draft(&Asked { known: &known, from, to, unread: &[] }) else { return };
    let is_foreseen = |line: &str| {
        let begins =
            ["# ", "[component.", "kind = \"", "versions = [\"", "moves = \"", "lingers = \""];
        line.is_empty() || begins.iter().any(|begin| line.starts_with(begin))
    };
    let odd = draft.text.lines().find(|line| !is_foreseen(line));
    assert_eq!(odd, None);
    let sections = draft.text.lines().filter(|line| line.starts_with("[component."));
    assert_eq!(sections.count(), draft.components);
}

/// Reads the bytes as a bundle of evidence and judges by it.
///
/// # Panics
/// Only if the product does.
pub fn bundle(bytes: &[u8]) {
    let Ok(read) = offline::evidence(&mut &*bytes, &Scope::default(), Some("0011223344556677"))
    else {
        return;
    };
    let policy = Policy { now_ms: 0, max_age_ms: 1, samples_min: 1 };
    let _ =
        judge(&mut [], read.evidence, &read.releases, &policy, &LiteralKey::new([7; 32]), &|_| {
            None
        });
}

/// Reads two stored profiles and merges them: the second begins where four times the first byte
/// says.
///
/// # Panics
/// When merging is not commutative, or what was merged does not survive its encoding.
pub fn profiles(bytes: &[u8]) {
    let Some((&at, rest)) = bytes.split_first() else { return };
    let (one, two) = rest.split_at(rest.len().min(usize::from(at) * 4));
    let Ok(two) = shelf::decode(two) else { return };
    merged(&shelf::decode(one).unwrap_or_default(), &two);
}

fn merged(one: &Profile, two: &Profile) {
    let both = one.merge(two);
    assert_eq!(both, two.merge(one));
    for outcome in both.outcomes.values() {
        let _ = outcome.marginals();
    }
    let encoded = shelf::encode(&both).expect("a profile is encoded");
    assert_eq!(shelf::decode(&encoded).expect("what was encoded is decoded"), both);
}
