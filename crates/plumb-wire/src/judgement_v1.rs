//! The document of a judged rollout, version 1: one shape for people's scripts and for the gates of
//! platforms.
//!
//! Refuses to decide.

use crate::harmless::harmless;
use crate::judged::{Judged, cohort, difference, doubt, fact_words, sentence, way_back};
use crate::rfc3339::rfc3339;
use plumb_rollout::body::Meaning;
use plumb_rollout::judge::Family;
use plumb_rollout::judgement::{About, Difference, Judgement, WayBack};
use plumb_rollout::tick::{Count, Tick};
use plumb_rollout::verdict::Verdict;
use serde_json::{Value, json};

/// Places of noise that are listed; all are counted.
const NOISE_LISTED: usize = 100;

/// The whole document.
#[must_use]
pub fn judgement_document(judged: &Judged<'_>) -> Value {
    let judgement = judged.judgement;
    let differences =
        |all: &[Difference]| all.iter().map(|one| entry(judged, one)).collect::<Vec<_>>();
    let noise = judgement.noise.iter().take(NOISE_LISTED);
    json!({
        "version": 1,
        "verdict": gate_word(judgement.verdict),
        "decision": judgement.verdict.code(),
        "reason": sentence(judged),
        "control": harmless(judged.control),
        "canary": harmless(judged.canary),
        "unit": judged.unit,
        "worse": differences(&judgement.worse),
        "differs": differences(&judgement.differs),
        "doubts": judgement.doubts.iter().map(|one| doubt(judged, one)).collect::<Vec<_>>(),
        "rollback": {
            "safe": is_safe(&judgement.way_back),
            "reason": way_back(&judgement.way_back),
        },
        "failures": counts(&judgement.failures),
        "dispersion": judgement.dispersion,
        "share": {
            "asked": judgement.share.0,
            "from": judgement.share.1.0,
            "to": judgement.share.1.1,
        },
        "units_needed": judgement.units_needed,
        "families": judgement.families.iter().map(|(family, part)| {
            json!({ "name": family_word(*family), "part_of_alpha": part })
        }).collect::<Vec<_>>(),
        "noise_total": judgement.noise.len(),
        "noise": noise.map(|(operation, fact)| json!({
            "operation": harmless(operation),
            "fact": fact_words(fact),
        })).collect::<Vec<_>>(),
        "from": span(judgement).0,
        "to": span(judgement).1,
    })
}

/// The same with what its source cannot see, whatever it holds; nothing is added where it sees all.
#[must_use]
pub fn with_unseen(mut document: Value, unseen: &[&str]) -> Value {
    if let (Some(members), false) = (document.as_object_mut(), unseen.is_empty()) {
        members.insert("unseen".to_owned(), json!(unseen));
    }
    document
}

/// The three words that gates of platforms know.
#[must_use]
pub fn gate_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Promote => "pass",
        Verdict::CannotTell | Verdict::Hold => "inconclusive",
        Verdict::RollBack | Verdict::Freeze => "fail",
    }
}

fn span(judgement: &Judgement) -> (Option<String>, Option<String>) {
    judgement.span_ms.map_or((None, None), |(first, last)| (rfc3339(first), rfc3339(last)))
}

/// Whether going back is safe; none where that is not known.
#[must_use]
pub fn is_safe(way_back: &WayBack) -> Option<bool> {
    match way_back {
        WayBack::Open => Some(true),
        WayBack::Closed(_) => Some(false),
        WayBack::Unknown(_) => None,
    }
}

fn family_word(family: Family) -> &'static str {
    match family {
        Family::Failures => "failures",
        Family::Latency => "latency",
        Family::Retries => "retries",
        Family::Bodies => "bodies",
        Family::Unfinished => "unfinished",
        Family::Measures => "measures",
        Family::Cohorts => "cohorts",
    }
}

fn entry(judged: &Judged<'_>, one: &Difference) -> Value {
    let (kind, operation) = match &one.about {
        About::Failures => ("failures", None),
        About::Slower(_) => ("latency", None),
        About::Retries => ("retries", None),
        About::Body(operation, ..) => ("body", Some(harmless(operation))),
        About::Unfinished(flow, ..) => ("unfinished", Some(harmless(flow))),
        About::Measure(name) => ("measure", Some(harmless(name))),
    };
    json!({
        "kind": kind,
        "of": operation,
        "words": difference(judged, one),
        "meaning": match one.meaning {
            Meaning::Addition => "addition",
            Meaning::Change => "change",
            Meaning::Harm => "harm",
        },
        "cohort": one.cohort.as_ref().map(|found| cohort(judged, found)),
        "counts": counts(&one.tick),
        "ratio": { "likeliest": one.ratio.0, "from": one.ratio.1.0, "to": one.ratio.1.1 },
        "log_e": one.log_e,
        "since": one.since_ms.and_then(rfc3339),
    })
}

fn counts(tick: &Tick) -> Value {
    let count = |count: Count| json!({ "units": count.units, "hits": count.hits });
    json!({ "control": count(tick.control), "canary": count(tick.canary) })
}
