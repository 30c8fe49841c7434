//! Honesty: missing, little, old or outdated evidence is never green, whatever the gate's rules say
//! of it; enough that is fresh is.

use crate::trial::{DAY_MS, Judged, NOW_MS, POLICY, Trial, gate};
use plumb_engine::config::gate::OnUnknown;
use plumb_engine::judge::{Answer, GateRules};
use plumb_gap::finding::Verdict;
use plumb_gap::report::Report;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// Every way a gate can be set up.
const RULES: [GateRules; 6] = [
    GateRules { fail_on: Verdict::Broken, on_unknown: OnUnknown::Warn },
    GateRules { fail_on: Verdict::Broken, on_unknown: OnUnknown::Fail },
    GateRules { fail_on: Verdict::Broken, on_unknown: OnUnknown::Pass },
    GateRules { fail_on: Verdict::Drifted, on_unknown: OnUnknown::Warn },
    GateRules { fail_on: Verdict::Drifted, on_unknown: OnUnknown::Fail },
    GateRules { fail_on: Verdict::Drifted, on_unknown: OnUnknown::Pass },
];

/// One stub, and traffic that is like it unless told otherwise.
struct Case {
    folder: TempDir,
    trial: Trial,
}

/// Exchanges that end at a moment, a second apart, at one version of the provider.
struct Run {
    count: usize,
    last_ms: i64,
    version: &'static str,
    line: Value,
}

const FRESH: i64 = NOW_MS - 1_000;

/// An exchange as the stub says it.
fn as_said() -> Value {
    json!({
        "v": 1,
        "method": "GET",
        "url": "http://stock/levels",
        "status": 200,
        "response": { "body": { "level": 7 } },
    })
}

fn run(count: usize, last_ms: i64) -> Run {
    Run { count, last_ms, version: "", line: as_said() }
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stub = json!({
            "request": { "method": "GET", "url": "/levels" },
            "response": { "status": 200, "jsonBody": { "level": 3 } },
        });
        fs::write(folder.path().join("stub.json"), stub.to_string()).unwrap();
        Self { folder, trial: Trial::new() }
    }

    fn observe(mut self, run: &Run) -> Self {
        let file = self.file("traffic.ndjson");
        let line = |at: usize| {
            let mut line = run.line.clone();
            line["time"] = json!(run.last_ms - 1_000 * i64::try_from(run.count - 1 - at).unwrap());
            line.to_string() + "\n"
        };
        fs::write(&file, (0..run.count).map(line).collect::<String>()).unwrap();
        self.trial.observe(&file, (!run.version.is_empty()).then_some(run.version));
        self
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn judged(&self) -> Judged {
        self.trial.judged(&self.file("stub.json"), &POLICY)
    }
}

#[track_caller]
fn check_green(case: &Case) {
    let Judged { report, .. } = case.judged();
    assert_eq!(report.claims[0].verdict, Verdict::Holds, "{:?}", report.claims[0]);
    for rules in &RULES {
        assert_eq!(gate(&report, rules).answer, Answer::Pass, "{rules:?}");
    }
}

#[track_caller]
fn check_grey(case: &Case, expected: Verdict) {
    let Judged { report, .. } = case.judged();
    assert_eq!(report.claims[0].verdict, expected, "{:?}", report.claims[0]);
    check_gate(&report);
}

#[track_caller]
fn check_gate(report: &Report) {
    for rules in &RULES {
        let decision = gate(report, rules);
        assert_eq!(decision.answer, Answer::CannotTell, "{rules:?}: {}", decision.reason);
        assert!(decision.refusing.is_empty(), "{rules:?}");
    }
}

#[test]
fn enough_fresh_evidence_holds() {
    check_green(&Case::new().observe(&run(30, FRESH)));
    check_green(&Case::new().observe(&run(15, FRESH)).observe(&run(15, FRESH - DAY_MS)));
}

#[test]
fn no_evidence_is_not_green() {
    check_grey(&Case::new(), Verdict::Unobserved);
    check_gate(&Report::default());
}

#[test]
fn too_little_evidence_is_not_green() {
    check_grey(&Case::new().observe(&run(1, FRESH)), Verdict::Unobserved);
    check_grey(&Case::new().observe(&run(29, FRESH)), Verdict::Unobserved);
}

#[test]
fn the_same_evidence_twice_is_no_more() {
    let twice = Case::new().observe(&run(20, FRESH)).observe(&run(20, FRESH));
    check_grey(&twice, Verdict::Unobserved);
}

#[test]
fn evidence_of_something_else_is_not_green() {
    let mut other = run(100, FRESH);
    other.line["url"] = json!("http://stock/orders");
    check_grey(&Case::new().observe(&other), Verdict::Unobserved);
    let mut post = run(100, FRESH);
    post.line["method"] = json!("POST");
    check_grey(&Case::new().observe(&post), Verdict::Unobserved);
}

#[test]
fn old_evidence_is_not_green() {
    let age = POLICY.max_age_ms;
    check_green(&Case::new().observe(&run(100, NOW_MS - age)));
    check_grey(&Case::new().observe(&run(100, NOW_MS - age - 1)), Verdict::Stale);
}

#[test]
fn evidence_without_times_is_as_old_as_its_reading() {
    let observed_at = |received_ms| {
        let mut case = Case::new();
        let file = case.file("timeless.ndjson");
        // Distinct queries only make the lines differ.
        let line = |at| format!("{}\n", as_said()).replace("levels", &format!("levels?a={at}"));
        fs::write(&file, (0..100).map(line).collect::<String>()).unwrap();
        case.trial.observe_at(&file, None, received_ms);
        case
    };
    check_green(&observed_at(NOW_MS - POLICY.max_age_ms));
    check_grey(&observed_at(NOW_MS - POLICY.max_age_ms - 1), Verdict::Stale);
}

#[test]
fn old_evidence_against_a_claim_is_old_all_the_same() {
    let mut wrong = run(100, NOW_MS - 30 * DAY_MS);
    wrong.line["response"]["body"] = json!({ "level": "low" });
    check_grey(&Case::new().observe(&wrong), Verdict::Stale);
}

#[test]
fn evidence_of_an_earlier_version_is_not_green() {
    let first = Run { version: "1", ..run(100, NOW_MS - DAY_MS) };
    check_green(&Case::new().observe(&first));
    let mut elsewhere = Run { version: "2", ..run(1, FRESH) };
    elsewhere.line["url"] = json!("http://stock/orders");
    check_grey(&Case::new().observe(&first).observe(&elsewhere), Verdict::Stale);
    let second = Run { version: "2", ..run(5, FRESH) };
    check_grey(&Case::new().observe(&first).observe(&second), Verdict::Unobserved);
    let enough = Run { version: "2", ..run(30, FRESH) };
    check_green(&Case::new().observe(&first).observe(&enough));
}

#[test]
fn exchanges_without_an_answer_are_no_evidence() {
    let mut aborted = run(100, FRESH);
    aborted.line.as_object_mut().unwrap().remove("status");
    aborted.line.as_object_mut().unwrap().remove("response");
    check_grey(&Case::new().observe(&aborted), Verdict::Unobserved);
}

#[test]
fn bodies_that_were_withheld_are_no_evidence() {
    let mut withheld = run(100, FRESH);
    withheld.line["response"] = json!({
        "headers": { "content-type": "application/json" },
        "body_withheld": true,
    });
    check_grey(&Case::new().observe(&withheld), Verdict::Unobserved);
}

/// What is not covered is told beside what passes, and stops a gate that asks for all.
#[test]
fn what_is_not_covered_is_told() {
    let case = Case::new().observe(&run(30, FRESH));
    let other = json!({
        "request": { "method": "GET", "url": "/places" },
        "response": { "status": 200, "jsonBody": { "place": "north" } },
    });
    let text = fs::read_to_string(case.file("stub.json")).unwrap();
    let stub: Value = serde_json::from_str(&text).unwrap();
    let both = json!({ "mappings": [stub, other] });
    fs::write(case.file("stub.json"), both.to_string()).unwrap();
    let Judged { report, .. } = case.judged();
    for rules in &RULES {
        let decision = gate(&report, rules);
        let is_strict = rules.on_unknown == OnUnknown::Fail;
        let expected = if is_strict { Answer::CannotTell } else { Answer::Pass };
        assert_eq!(decision.answer, expected, "{rules:?}: {}", decision.reason);
        assert!(decision.uncovered.contains("1 of 2 assumptions unobserved"), "{decision:?}");
    }
}
