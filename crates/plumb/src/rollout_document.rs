//! Where a rollout stands and what happens in it, as documents.
//!
//! Refuses to decide.

use plumb_engine::rollout::event::Event;
use plumb_engine::rollout::kept::{Kept, KeptRegion};
use plumb_engine::rollout::lease::Owner;
use plumb_engine::rollout::spec::Rollout;
use plumb_rollout::share::Share;
use plumb_rollout::split::routed;
use plumb_wire::rfc3339::rfc3339;
use serde_json::{Value, json};

/// The version of both documents.
const VERSION: u32 = 1;

/// The document of where a rollout stands; `None` for one that was never begun.
pub(crate) fn status_document(
    rollout: &Rollout,
    kept: Option<&Kept>,
    owner: Option<&Owner>,
) -> Value {
    let owner = owner.map(|owner| {
        json!({ "process": owner.pid, "host": owner.host, "since": rfc3339(owner.since_ms) })
    });
    let Some(kept) = kept else {
        return json!({
            "version": VERSION, "name": rollout.name, "control": rollout.control,
            "canary": rollout.canary, "phase": "not-begun", "has_ended": false, "stage": null,
            "stages": rollout.stages.len(), "is_set": false, "began": null, "since": null,
            "verdict": null, "sentence": "", "watched": [], "needed": null, "work": [],
            "controller": owner, "regions": [],
        });
    };
    let stage = kept.stage.map(
        |at| json!({ "number": at + 1, "name": rollout.stages.get(at).map(|stage| &stage.name) }),
    );
    json!({
        "version": VERSION,
        "name": kept.name,
        "control": kept.control,
        "canary": kept.canary,
        "phase": kept.phase,
        "has_ended": kept.state().is_end(),
        "stage": stage,
        "stages": rollout.stages.len(),
        "is_set": kept.is_done,
        "began": rfc3339(kept.began_ms),
        "since": kept.since_ms.and_then(rfc3339),
        "verdict": kept.verdict,
        "sentence": kept.sentence,
        "watched": kept.rests.watched,
        "needed": kept.rests.needed.map(|units| json!({ "units": units, "unit": kept.rests.unit })),
        "work": kept.rests.work,
        "controller": owner,
        "regions": kept.regions.iter().map(region).collect::<Vec<_>>(),
    })
}

fn region(region: &KeptRegion) -> Value {
    let routed = region.routed().map(|(canary, control)| {
        let between = routed(canary, control);
        json!({
            "canary": canary,
            "control": control,
            "from": between.map(|(low, _)| percent(low.ppm())),
            "to": between.map(|(_, high)| percent(high.ppm())),
        })
    });
    json!({
        "name": region.name,
        "asked": percent(region.asked_ppm),
        "told": region.told_ppm.map(percent),
        "routed": routed,
    })
}

/// The document of something that happened.
pub(crate) fn event_document(event: &Event) -> Value {
    json!({
        "version": VERSION,
        "at": rfc3339(event.at_ms),
        "event": event.event.word(),
        "stage": event.stage,
        "region": event.region,
        "sentence": event.sentence,
    })
}

/// What a region was asked for and really gives, for people: `asked 5 %, routed 4.1 to 4.6 %`.
pub(crate) fn division(region: &KeptRegion) -> String {
    let share = |ppm| Share::from_ppm(ppm).unwrap_or(Share::WHOLE).to_string();
    let asked = format!("asked {}", share(region.asked_ppm));
    let Some((canary, control)) = region.routed() else {
        return match region.told_ppm {
            Some(told) => format!("{asked}, the router says {}", share(told)),
            None => format!("{asked}, the router tells nothing"),
        };
    };
    match routed(canary, control) {
        None => format!("{asked}, nothing was routed yet"),
        Some((low, high)) => {
            let (low, high) = (rounded(low), rounded(high));
            let low = low.to_string();
            let low = low.strip_suffix(" %").unwrap_or(&low);
            let all = canary.saturating_add(control);
            format!("{asked}, routed {low} to {high} ({canary} of {all} requests)")
        }
    }
}

/// To a hundredth of a per cent; an interval has no finer ends.
fn rounded(share: Share) -> Share {
    const HUNDREDTH_PPM: u32 = 100;
    let ppm = (share.ppm() + HUNDREDTH_PPM / 2) / HUNDREDTH_PPM * HUNDREDTH_PPM;
    Share::from_ppm(ppm).unwrap_or(Share::WHOLE)
}

fn percent(ppm: u32) -> f64 {
    f64::from(ppm) / 10_000.0
}
