//! Calibration: two samples of one and the same traffic must not be told apart, and what is said
//! at 95 % must be right as often.

mod chance;
mod service;

use crate::trial::{Judged, judged, line, lines};
use chance::Chance;
use plumb_gap::finding::{Finding, Verdict};
use plumb_gap::policy::exceptions_max;
use plumb_gap::rule::Rule;
use serde_json::{Map, Value, json};
use service::Service;
use std::collections::BTreeSet;
use std::fs;

/// Exchanges of each capture.
const EXCHANGES: usize = 1_000;

/// One false field among so many is let pass.
const FIELDS_PER_FALSE_ONE: usize = 10_000;

/// Two captures of a service, as claims and as traffic.
fn captures(service: &Service, seeds: (u64, u64), exchanges: usize) -> Judged {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, seed: u64| {
        let file = folder.path().join(name);
        fs::write(&file, service.har(exchanges, &mut Chance::of_seed(seed))).unwrap();
        file
    };
    let judged = judged(&file("claims.har", seeds.0), &file("traffic.har", seeds.1));
    assert_eq!(judged.claims.len(), exchanges);
    judged
}

/// Places that the claims name, operation by operation.
fn places(judged: &Judged) -> usize {
    let places = judged.claims.iter().flat_map(|claim| {
        claim.said.places.keys().map(|place| (claim.request.path.to_string(), place))
    });
    places.collect::<BTreeSet<_>>().len()
}

/// At most one field in ten thousand is told apart, where each operation was met 25 times.
#[test]
fn one_service_captured_twice_is_hardly_ever_told_apart() {
    let judged = captures(&Service::drawn(1, 40, 260), (11, 12), EXCHANGES);
    let (places, false_ones) = (places(&judged), judged.report.findings.len());
    assert!(places > FIELDS_PER_FALSE_ONE, "only {places} places");
    let most = places / FIELDS_PER_FALSE_ONE;
    assert!(false_ones <= most, "{false_ones} of {places}:\n{}", lines(&judged.report));
}

/// The same where each operation was met often enough to be judged: with many services, so that
/// rare traits have many chances to fall on one side.
#[test]
fn a_few_operations_met_often_are_hardly_ever_told_apart() {
    let (mut all, mut told) = (0, Vec::new());
    for seed in 1..=5 {
        let service = Service::drawn(seed, 4, 100);
        let judged = captures(&service, (seed * 100 + 1, seed * 100 + 2), 400);
        all += places(&judged);
        let findings = judged.report.findings.iter();
        told.extend(findings.map(|finding| format!("seed {seed}: {}", line(finding))));
    }
    let most = 1 + all / FIELDS_PER_FALSE_ONE;
    assert!(told.len() <= most, "{} of {all}:\n{}", told.len(), told.join("\n"));
}

/// Being calm about chance must not make blind: what every answer of one operation shows is told.
#[test]
fn a_change_among_thousands_of_places_is_told() {
    let service = Service::drawn(5, 4, 100);
    let folder = tempfile::tempdir().unwrap();
    let (claims, traffic) = (folder.path().join("claims.har"), folder.path().join("traffic.har"));
    let said = service.har(400, &mut Chance::of_seed(51));
    let seen = service.har(400, &mut Chance::of_seed(52)).replace("group_3", "cluster_3");
    fs::write(&claims, said).unwrap();
    fs::write(&traffic, seen).unwrap();
    let Judged { report, .. } = judged(&claims, &traffic);
    let told = |rule: Rule, place: &str| {
        let is_it = |one: &&Finding| one.rule == rule && one.place == place;
        report.findings.iter().filter(is_it).count()
    };
    assert_eq!(told(Rule::ResponseFieldGone, "response 200 $.group_3"), 4);
    assert_eq!(told(Rule::ResponseFieldNew, "response 200 $.cluster_3"), 4);
    assert_eq!(report.findings.len(), 8, "{}", lines(&report));
}

/// Where an operation has too many behaviours to be told apart, what every answer shows is still
/// told, and nothing that is not so.
#[test]
fn an_operation_of_many_behaviours_is_judged_by_its_places() {
    const OPTIONAL: usize = 12;
    const MANY: usize = 3_000;
    let body = |name: &str, is_there: &mut dyn FnMut() -> bool| {
        let optional = (0..OPTIONAL).filter(|_| is_there());
        let mut body: Map<String, Value> =
            optional.map(|at| (format!("option_{at}"), json!(at))).collect();
        body.insert(name.to_owned(), json!({ "inner": "text" }));
        Value::Object(body)
    };
    let folder = tempfile::tempdir().unwrap();
    let (claims, traffic) =
        (folder.path().join("stubs.json"), folder.path().join("traffic.ndjson"));
    let stub = |body: Value| {
        json!({
            "request": { "method": "GET", "url": "/options" },
            "response": { "status": 200, "jsonBody": body },
        })
    };
    let stubs = [stub(body("always", &mut || true)), stub(body("always", &mut || false))];
    fs::write(&claims, json!({ "mappings": stubs }).to_string()).unwrap();
    for (name, findings) in [("always", 0), ("otherwise", 2)] {
        let mut chance = Chance::of_seed(7);
        let line = |_| {
            let body = body(name, &mut || chance.is(0.5));
            let line = json!({
                "v": 1,
                "time": "2026-11-21T10:00:00Z",
                "method": "GET",
                "url": "http://service/options",
                "status": 200,
                "response": { "body": body },
            });
            line.to_string() + "\n"
        };
        fs::write(&traffic, (0..MANY).map(line).collect::<String>()).unwrap();
        let Judged { report, .. } = judged(&claims, &traffic);
        assert_eq!(report.findings.len(), findings, "{}", lines(&report));
        let all_hold = report.claims.iter().all(|claim| claim.verdict == Verdict::Holds);
        assert_eq!(all_hold, findings == 0, "{:?}", report.claims);
    }
}

/// "Exceptions below x % at 95 %" is wrong in at most 5 % of the cases in which it is said of
/// traffic that has just so many exceptions.
#[test]
fn bounds_said_at_95_percent_are_hardly_ever_violated() {
    const TRIALS: u32 = 20_000;
    // Five per cent, and three standard deviations of so many trials.
    const VIOLATED_MAX: f64 = 0.05 + 3.0 * 0.001_54;
    for exchanges in [30, 100, 300] {
        let mut chance = Chance::of_seed(exchanges);
        let share = exceptions_max(exchanges);
        let is_silent = |chance: &mut Chance| (0..exchanges).all(|_| !chance.is(share));
        let silent = (0..TRIALS).filter(|_| is_silent(&mut chance)).count();
        let violated = f64::from(u32::try_from(silent).unwrap()) / f64::from(TRIALS);
        assert!(violated <= VIOLATED_MAX, "{violated} of trials with {exchanges} exchanges");
        assert!(violated > 0.04, "the bound is needlessly wide: {violated}");
    }
}
