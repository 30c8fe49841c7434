//! What came of a replay, as a document.
//!
//! Refuses to judge. Everything foreign is made harmless here.

use crate::mocks::mocked_document;
use plumb_engine::replay::latency::Latency;
use plumb_engine::replay::reel::Reel;
use plumb_engine::replay::report::{Basis, Difference, Doubt, Ended, Noise, Report, Verdict};
use plumb_server::mock::Mocked;
use plumb_wire::harmless::harmless;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The version of the document.
const VERSION: u32 = 1;

/// Everything that is told of a replay.
pub(crate) struct Told<'a> {
    /// What was asked.
    pub(crate) reel: &'a Reel,
    /// Requests with those that were repeated.
    pub(crate) turns: u64,
    /// What came of it.
    pub(crate) report: &'a Report,
    /// How the candidate's dependencies were mocked, where they were.
    pub(crate) mocked: Option<&'a Mocked>,
}

/// The document.
pub(crate) fn replayed(told: &Told<'_>) -> Value {
    let Told { reel, turns, report, mocked } = told;
    let (verdict, why) = verdict(report.verdict);
    let operations = report.operations.iter().map(|one| {
        json!({
            "operation": harmless(&one.operation),
            "compared": one.compared,
            "is_full": one.is_full,
        })
    });
    json!({
        "version": VERSION,
        "verdict": verdict,
        "why": why,
        "basis": match report.basis {
            Basis::TwoAsks => "two-asks",
            Basis::TwoInstances => "two-instances",
            Basis::Recorded => "recorded",
        },
        "is_whole": report.ended == Ended::Whole,
        "requests": {
            "replayed": reel.requests.len(),
            "asked": turns,
            "without_credentials": reel.without_credentials,
            "left_out": reasons(&reel.left_out),
        },
        "compared": report.compared,
        "not_compared": reasons(&report.not_compared),
        "operations": operations.collect::<Vec<_>>(),
        "differences":
            report.differences.iter().map(|one| difference(one, report.basis)).collect::<Vec<_>>(),
        "undecided": report.undecided.iter().map(noise).collect::<Vec<_>>(),
        "noise": report.noise.iter().map(noise).collect::<Vec<_>>(),
        "latency_ms": {
            "deployed": latency(&report.deployed),
            "candidate": latency(&report.candidate),
        },
        "dependencies": mocked.map(mocked_document),
    })
}

/// A verdict in words, and why where nothing can be said.
pub(crate) const fn verdict(verdict: Verdict) -> (&'static str, Option<&'static str>) {
    match verdict {
        Verdict::Same => ("same", None),
        Verdict::Different => ("different", None),
        Verdict::CannotTell(Doubt::TooFew) => ("cannot-tell", Some("too-few")),
        Verdict::CannotTell(Doubt::Refused) => ("cannot-tell", Some("refused")),
        Verdict::CannotTell(Doubt::Interrupted) => ("cannot-tell", Some("interrupted")),
    }
}

fn difference(one: &Difference, basis: Basis) -> Value {
    let words = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    json!({
        "operation": harmless(&one.operation),
        "place": harmless(&one.place),
        "kind": one.kind.name(),
        "deployed": words(&one.deployed),
        "candidate": words(&one.candidate),
        "alone": one.alone,
        "unsteady": one.unsteady,
        "of": one.of,
        "chance": one.chance,
        "decides": one.decides(basis),
    })
}

fn noise(one: &Noise) -> Value {
    json!({
        "operation": harmless(&one.operation),
        "place": harmless(&one.place),
        "aspect": one.aspect,
        "unsteady": one.unsteady,
        "alone": one.alone,
        "of": one.of,
    })
}

fn reasons(reasons: &BTreeMap<&'static str, u64>) -> Vec<Value> {
    reasons.iter().map(|(reason, count)| json!({ "reason": reason, "count": count })).collect()
}

fn latency(latency: &Latency) -> Value {
    json!({ "median": latency.percentile_ms(50), "p95": latency.percentile_ms(95) })
}
