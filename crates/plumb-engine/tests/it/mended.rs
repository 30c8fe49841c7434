//! Mended claims: what `fix` writes, put on disk and judged again as a project would find it.
//!
//! Every planted drift and every real pair, in every dialect that is edited. Nothing may be left to
//! tell, and no file may change in which nothing was wrong.

use crate::planted::{SAYINGS, Saying, drift::DRIFTS, orders, said, seen};
use crate::trial::{Judged, POLICY, Trial, lines};
use plumb_engine::fix::{Fix, Fixed, Stuck, fix};
use plumb_engine::mock::export::{ExportFormat, export};
use plumb_engine::mock::mock;
use plumb_gap::finding::{Finding, Verdict};
use plumb_shape::claim::Dialect;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Mends the claims of a folder, and writes them there.
fn mend(folder: &Path, trial: &Trial) -> Fixed {
    let before = trial.judged(folder, &POLICY);
    let fixed = fix(Fix {
        folder,
        claims: &before.claims,
        is_judged: &|_| true,
        judge: &|claims| trial.report(claims, &POLICY),
        key: trial.key(),
        wants: &|_| true,
        cases_max: usize::MAX,
    });
    for (path, file) in &fixed.files {
        fs::write(folder.join(path), &file.after).unwrap();
    }
    fixed
}

/// What is still told about claims that were mended; nothing if all is well.
fn still_told(folder: &Path, trial: &Trial, fixed: &Fixed) -> String {
    let Judged { report, .. } = trial.judged(folder, &POLICY);
    let is_told = report.findings.iter().any(|finding| finding.verdict >= Verdict::Drifted);
    // What is too rare to be told from chance is not written either, and stays in the gap.
    if !is_told && report.gap.low * 20 <= report.gap.exchanges {
        return String::new();
    }
    format!("{}{:#?}\n{:#?}\n", lines(&report), fixed.stuck, report.gap)
}

fn is_edited(saying: &&Saying) -> bool {
    let edited = [
        Dialect::WireMock,
        Dialect::OpenApi,
        Dialect::Msw,
        Dialect::Nock,
        Dialect::Pact,
        Dialect::Vcr,
        Dialect::Vcrpy,
        Dialect::Har,
        Dialect::Polly,
        Dialect::Hoverfly,
        Dialect::Keploy,
        Dialect::Mountebank,
        Dialect::Postman,
        Dialect::Insomnia,
    ];
    edited.contains(&saying.dialect)
}

/// What a dialect has no room for: the drift, and the reasons told. Another file of the same
/// dialect may have room for it.
const STAYING: [(Dialect, &str, &[&str]); 11] = [
    (Dialect::Pact, "null at times", &["rules of version 2 cannot take null"]),
    (Dialect::Pact, "new status", &["needs a state of its provider"]),
    (
        Dialect::Pact,
        "new required request field",
        &["what requests are matched by stays", "what succeeded fails now"],
    ),
    (Dialect::Pact, "endpoint gone", &["what succeeded fails now"]),
    (Dialect::Pact, "format changed", &["the rule `$.created_at` in line 1 refuses it"]),
    (Dialect::Pact, "field absent at times", &["is there at times"]),
    (Dialect::OpenApi, "endpoint gone", &["what succeeded fails now"]),
    (Dialect::OpenApi, "optional field stopped", &["may allow what is not seen"]),
    (Dialect::Mountebank, "", &["come in turn"]),
    (Dialect::Msw, "", &["a request gets is code"]),
    (Dialect::Nock, "", &["a request gets is code"]),
];

fn reasons(dialect: Dialect, drift: &str) -> Vec<&'static str> {
    let is_about =
        |(of, name, _): &&(Dialect, &str, _)| *of == dialect && (name.is_empty() || *name == drift);
    STAYING.iter().filter(is_about).flat_map(|(.., reasons)| *reasons).copied().collect()
}

/// The drift that stays, with the reason told: the evidence withholds the new value.
const BY_HAND: &str = "new value";

#[test]
fn every_planted_drift_is_mended() {
    let mut complaints = String::new();
    for drift in &DRIFTS {
        let mut traffic = orders::conversation();
        (drift.plant)(&mut traffic);
        let trial = seen(&traffic);
        for saying in SAYINGS.iter().filter(is_edited) {
            let all = said();
            let folder = tempfile::tempdir().unwrap();
            fs::copy(all.path().join(saying.file), folder.path().join(saying.file)).unwrap();
            let fixed = mend(folder.path(), &trial);
            let told = still_told(folder.path(), &trial, &fixed);
            if drift.name == BY_HAND {
                assert!(!told.is_empty() && !fixed.stuck.is_empty(), "{}: {told}", drift.name);
            } else if !fixed.stuck.is_empty() {
                let known = reasons(saying.dialect, drift.name);
                let is_known = |stuck: &Stuck| known.iter().any(|it| stuck.reason.contains(it));
                let is_reasoned = fixed.stuck.iter().all(is_known) && fixed.wanting.is_empty();
                let (name, file) = (drift.name, saying.file);
                assert!(is_reasoned, "{name} in {file}: {:#?}", fixed.stuck);
            } else if !told.is_empty() {
                complaints.push_str(&format!("{} in {}:\n{told}\n", drift.name, saying.file));
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

/// A copy of a fixture's folder.
fn copied(folder: &str) -> TempDir {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(folder);
    let to = tempfile::tempdir().unwrap();
    for path in files_below(&from) {
        let copy = to.path().join(path.strip_prefix(&from).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(&path, copy).unwrap();
    }
    to
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[track_caller]
fn check_pair(mocks: &str, traffic: &str) {
    let folder = copied(mocks);
    let mut trial = Trial::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    trial.observe(&fixtures.join(traffic), None);
    let Judged { report, .. } = trial.judged(folder.path(), &POLICY);
    assert!(report.findings.iter().any(|finding| finding.verdict == Verdict::Broken));
    let wrong: BTreeSet<&str> = report
        .findings
        .iter()
        .flat_map(|finding| &finding.claims)
        .map(|claim| claim.file.as_str())
        .collect();
    let fixed = mend(folder.path(), &trial);
    for (path, file) in &fixed.files {
        let is_body = path.contains("__files");
        assert!(is_body || file.before.is_none() || wrong.contains(path.as_str()), "{path}");
    }
    assert_eq!(still_told(folder.path(), &trial, &fixed), "");
    let again = mend(folder.path(), &trial);
    assert!(again.files.is_empty(), "mended twice: {:?}", again.files.keys());
}

/// What is exported from evidence is read back as claims, and the evidence has nothing against it.
#[test]
fn exported_mocks_say_what_was_seen() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    for format in [ExportFormat::WireMock, ExportFormat::Har] {
        let mut trial = Trial::new();
        trial.observe(&fixtures.join("mlflow-1.30-2.22-3.17/client2-server2.har"), None);
        let evidence = trial.evidence();
        let writer = evidence[0].writer.clone();
        let exported = export(format, &writer, &mock(&evidence, &writer));
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in &exported.files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let Judged { claims, report } = trial.judged(folder.path(), &POLICY);
        assert!(claims.len() > 10 && !exported.lost.is_empty());
        let wrong = report.findings.iter().filter(|one| one.verdict == Verdict::Broken);
        assert_eq!(wrong.count(), 0, "{format:?}\n{}", lines(&report));
        let told: Vec<_> = report.findings.iter().filter(|one| one.seam.operation != "*").collect();
        assert_eq!(told, Vec::<&Finding>::new(), "{format:?}\n{}", lines(&report));
    }
}

#[test]
fn real_mocks_are_mended() {
    check_pair(
        "mlflow-1.30-2.22-3.17/mock-vcr-recorded-from-1.30",
        "mlflow-1.30-2.22-3.17/client1-server2.har",
    );
    check_pair(
        "mlflow-1.30-2.22-3.17/mock-wiremock-recorded-from-1.30",
        "mlflow-1.30-2.22-3.17/client1-server2.har",
    );
    check_pair(
        "json-server-0.17-1.0beta/mock-wiremock-recorded-from-0.17",
        "json-server-0.17-1.0beta/1b15.har",
    );
}
