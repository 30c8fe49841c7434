//! Specifications and pacts made of real captures, read back and held against the very evidence
//! that they were made of: nothing is broken, and nothing is left uncovered.

use crate::trial::{Judged, POLICY, Trial, lines};
use plumb_engine::infer::asked::{Asked, Counts};
use plumb_engine::infer::yaml::yaml;
use plumb_engine::infer::{infer, newest};
use plumb_engine::mock::export::{ExportFormat, export};
use plumb_engine::mock::mock;
use plumb_gap::finding::Verdict;
use std::fs;
use std::path::Path;

/// Captures of servers that are known to answer differently, and one that goes on for longer.
const CAPTURES: [&str; 5] = [
    "json-server-0.17-1.0beta/017.har",
    "json-server-0.17-1.0beta/1b3.har",
    "mlflow-1.30-2.22-3.17/client1-server1.har",
    "mlflow-1.30-2.22-3.17/client2-server3.har",
    "mlflow-1.30-2.22-3.17/long/client1-server1a.har",
];

fn observed(capture: &str) -> Trial {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut trial = Trial::new();
    trial.observe(&fixtures.join(capture), None);
    trial
}

/// What is told of a text that was made of the evidence; nothing if all is well.
fn told(trial: &Trial, name: &str, text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, text).unwrap();
    let Judged { report, .. } = trial.judged(&file, &POLICY);
    let is_told = report.findings.iter().any(|finding| finding.verdict == Verdict::Broken);
    if !is_told && report.gap.high == 0 {
        return String::new();
    }
    format!("{}{:?}\n", lines(&report), report.gap)
}

#[test]
fn what_is_made_of_real_traffic_agrees_with_it() {
    let mut complaints = String::new();
    for capture in CAPTURES {
        let trial = observed(capture);
        let evidence = trial.evidence();
        let writer = evidence[0].writer.clone();
        let samples_min = POLICY.samples_min;
        let asked = Asked { title: &writer, counts: Counts::Coarse, samples_min };
        let specified = yaml(&infer(&newest(&evidence, &writer), &asked).document);
        let pact = export(ExportFormat::Pact, &writer, &mock(&evidence, &writer));
        for (name, text) in [("openapi.yaml", &specified), ("pact.json", &pact.files["pact.json"])]
        {
            let told = told(&trial, name, text);
            if !told.is_empty() {
                complaints.push_str(&format!("{capture} as {name}\n{told}"));
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}
