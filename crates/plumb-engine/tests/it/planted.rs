//! Planted drifts: one conversation, said in every dialect, and one change of the traffic at a
//! time. Each must be told by its rule at its place, and the unchanged twin must hold.

mod bruno;
mod cassette;
pub(crate) mod drift;
mod exchange;
mod hoverfly;
mod mountebank;
mod openapi;
pub(crate) mod orders;
mod pact;
mod postman;
mod script;
mod wiremock;
mod yaml;

use crate::trial::{Judged, POLICY, Trial, answer, lines};
use drift::{DRIFTS, Drift};
use exchange::Exchange;
use plumb_engine::judge::Answer;
use plumb_gap::finding::{Finding, Verdict};
use plumb_gap::report::Report;
use plumb_gap::rule::Rule;
use plumb_shape::claim::Dialect;
use std::fs;
use tempfile::TempDir;

/// One way of saying the conversation: the dialect, the file's name, and how it is written.
pub(crate) struct Saying {
    pub(crate) dialect: Dialect,
    pub(crate) file: &'static str,
    write: fn(&[Exchange]) -> String,
}

pub(crate) const SAYINGS: [Saying; 19] = [
    Saying { dialect: Dialect::WireMock, file: "stubs.json", write: wiremock::stubs },
    Saying { dialect: Dialect::OpenApi, file: "openapi.json", write: openapi::json },
    Saying { dialect: Dialect::OpenApi, file: "openapi.yaml", write: openapi::yaml },
    Saying { dialect: Dialect::Pact, file: "pact-2.json", write: pact::v2 },
    Saying { dialect: Dialect::Pact, file: "pact-3.json", write: pact::v3 },
    Saying { dialect: Dialect::Pact, file: "pact-4.json", write: pact::v4 },
    Saying { dialect: Dialect::Vcr, file: "vcr.yml", write: cassette::vcr },
    Saying { dialect: Dialect::Vcrpy, file: "vcrpy.yaml", write: cassette::vcrpy },
    Saying { dialect: Dialect::Har, file: "fixture.har", write: cassette::har },
    Saying { dialect: Dialect::Har, file: "sample.har", write: cassette::har_sample },
    Saying { dialect: Dialect::Mountebank, file: "imposters.json", write: mountebank::imposters },
    Saying { dialect: Dialect::Hoverfly, file: "simulation.json", write: hoverfly::simulation },
    Saying { dialect: Dialect::Keploy, file: "keploy.yaml", write: cassette::keploy },
    Saying { dialect: Dialect::Polly, file: "polly.har", write: cassette::polly },
    Saying { dialect: Dialect::Postman, file: "collection.json", write: postman::collection },
    Saying { dialect: Dialect::Bruno, file: "create.bru", write: bruno::request },
    Saying { dialect: Dialect::Msw, file: "handlers.ts", write: script::msw },
    Saying { dialect: Dialect::Nock, file: "orders.test.js", write: script::nock },
    Saying { dialect: Dialect::Nock, file: "recorded.json", write: script::nock_recording },
];

/// The conversation in every dialect, one file for each.
pub(crate) fn said() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for saying in &SAYINGS {
        let text = (saying.write)(&orders::conversation());
        fs::write(folder.path().join(saying.file), text).unwrap();
    }
    folder
}

pub(crate) fn seen(traffic: &[Exchange]) -> Trial {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("traffic.ndjson");
    fs::write(&file, exchange::ndjson(traffic)).unwrap();
    let mut trial = Trial::new();
    trial.observe(&file, None);
    trial
}

fn judged(said: &TempDir, saying: &Saying, seen: &Trial) -> Judged {
    let judged = seen.judged(&said.path().join(saying.file), &POLICY);
    let is_read = |dialect| judged.claims.iter().all(|claim| claim.source.dialect == dialect);
    assert!(is_read(saying.dialect), "{} is read as another dialect", saying.file);
    judged
}

/// True where nothing of the kind is said: handlers of MSW say nothing of requests.
fn is_beyond(drift: &Drift, saying: &Saying) -> bool {
    saying.dialect == Dialect::Msw && drift.rule == Rule::RequestFieldRequired
}

/// What is wrong with how a drift is told, if anything: it must be told, once, and nothing else.
fn complaint(drift: &Drift, report: &Report) -> Option<&'static str> {
    let is_it = |finding: &&Finding| {
        finding.rule == drift.rule
            && finding.seam.operation == drift.operation
            && finding.place == drift.place
            && finding.verdict >= Verdict::Drifted
    };
    let others = report.findings.iter().filter(|finding| {
        !is_it(finding) && !drift.also.contains(&(finding.rule, finding.place.as_str()))
    });
    match (report.findings.iter().filter(is_it).count(), others.count()) {
        (0, _) => Some("is not told"),
        (1, 0) => None,
        (1, _) => Some("is told with others"),
        _ => Some("is told more than once"),
    }
}

#[test]
fn every_planted_drift_is_told_in_every_dialect() {
    let said = said();
    let mut complaints = Vec::new();
    for drift in &DRIFTS {
        let mut traffic = orders::conversation();
        (drift.plant)(&mut traffic);
        let seen = seen(&traffic);
        for saying in SAYINGS.iter().filter(|saying| !is_beyond(drift, saying)) {
            let Judged { report, .. } = judged(&said, saying, &seen);
            if let Some(what) = complaint(drift, &report) {
                let lines = lines(&report);
                complaints.push(format!("{}: {} {what}:\n{lines}", saying.file, drift.name));
            }
        }
    }
    assert!(complaints.is_empty(), "{} complaints\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn the_clean_twin_holds_in_every_dialect() {
    let said = said();
    let seen = seen(&orders::conversation());
    for saying in &SAYINGS {
        let Judged { claims, report } = judged(&said, saying, &seen);
        assert!(report.findings.is_empty(), "{}:\n{}", saying.file, lines(&report));
        for (claim, said) in report.claims.iter().zip(&claims) {
            let title = &said.source.title;
            assert_eq!(claim.verdict, Verdict::Holds, "{} {title}: {claim:?}", saying.file);
        }
        assert_eq!(report.gap.high, 0, "{}: {:?}", saying.file, report.gap);
        assert_eq!(answer(&report), Answer::Pass, "{}", saying.file);
    }
}
