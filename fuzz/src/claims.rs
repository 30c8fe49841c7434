//! Readers of claims: every claim stands at a line that is there, all of them can be judged,
//! mending one loses none, and what is written for another tool without a loss answers no less.

use plumb_claims::dialect;
use plumb_claims::mend::verbatim::verbatim;
use plumb_claims::mend::{Done, Mended, mend};
use plumb_claims::reading::{Beside, CLAIMS_MAX, SourceFile};
use plumb_engine::mock::Mock;
use plumb_engine::mock::export::{ExportFormat, Exported, export};
use plumb_engine::mock::import::{Import, import};
use plumb_gap::policy::Policy;
use plumb_gap::report::report;
use plumb_shape::change::{Action, Answer, Change, Reach};
use plumb_shape::claim::Claim;
use plumb_shape::literal::LiteralKey;
use std::sync::Arc;

/// Claims that mocks are made of; what holds of these holds of more.
const MOCKED_MAX: usize = 8;

/// Places of a claim that are changed: enough for a body, a header and a query.
const PLACES_MAX: usize = 4;

/// Reads the bytes as a file of claims with this path.
///
/// # Panics
/// When a claim or something unread stands at a line that the file does not have, more claims are
/// read than allowed, or claims are lost in the report or by a change.
pub fn claimed(path: &str, bytes: &[u8]) {
    let file = SourceFile { path, bytes };
    let beside = |other: &str| (other == path).then(|| bytes.to_vec());
    let reading = dialect::read(&file, &beside);
    assert!(reading.claims.len() <= CLAIMS_MAX);
    let lines = u32::try_from(line_count(bytes)).expect("the input is small");
    for claim in &reading.claims {
        let line = claim.source.line;
        assert!((1..=lines).contains(&line), "claim at line {line} of {lines}");
    }
    for unread in &reading.unread {
        let line = unread.line;
        assert!((1..=lines).contains(&line), "unread at line {line} of {lines}");
    }
    let policy = Policy { now_ms: 0, max_age_ms: 1, samples_min: 1 };
    let judged = report(&reading.claims, Vec::new(), &[], &policy, &LiteralKey::new([7; 32]));
    assert_eq!(judged.claims.len(), reading.claims.len());
    assert_eq!(judged.summary().all(), reading.claims.len());
    mocked(&file, &reading.claims[..reading.claims.len().min(MOCKED_MAX)], &beside);
    let ends = [reading.claims.first(), reading.claims.last()];
    for claim in ends.into_iter().flatten() {
        for change in changes(claim) {
            let Mended { files, done, .. } = mend(&file, &[&change], &beside);
            let Some(after) = files.get(path).filter(|_| done == [Done::Written]) else { continue };
            let file = SourceFile { path, bytes: after.as_bytes() };
            let again = |other: &str| (other == path).then(|| after.clone().into_bytes());
            let left = dialect::read(&file, &again).claims.len();
            assert!(left >= reading.claims.len(), "{change:?} leaves {left} claims in:\n{after}");
        }
    }
}

/// Makes mocks of claims and writes them for every other tool.
///
/// # Panics
/// When less is answered by what was written, and no loss is told.
fn mocked(file: &SourceFile<'_>, claims: &[Claim], beside: Beside<'_>) {
    let of = |file: &SourceFile<'_>, claims: &[Claim]| {
        let verbatim = verbatim(file, &claims.iter().collect::<Vec<_>>(), beside);
        let claims: Vec<Arc<Claim>> = claims.iter().cloned().map(Arc::new).collect();
        let asked = Import {
            claims: &claims,
            verbatim: &verbatim,
            unread: &[],
            unnamed: "a",
            keeps_values: true,
        };
        import(&asked).mocks
    };
    let count = |mock: &Mock| -> usize {
        mock.operations().iter().map(|operation| operation.behaviours.len()).sum()
    };
    for (dependency, mock) in &of(file, claims) {
        for format in [ExportFormat::WireMock, ExportFormat::Har, ExportFormat::Pact] {
            let Exported { files, lost } = export(format, dependency, mock);
            let again = files.iter().flat_map(|(path, text)| {
                let file = SourceFile { path, bytes: text.as_bytes() };
                of(&file, &dialect::read(&file, &|_| None).claims).into_values()
            });
            let answers: usize = again.map(|mock| count(&mock)).sum();
            assert!(!lost.is_empty() || answers >= count(mock), "{answers} answers: {files:?}");
        }
    }
}

/// Changes of each kind, at places that the claim speaks of.
fn changes(claim: &Claim) -> Vec<Change> {
    let places = claim.said.places.keys().take(PLACES_MAX);
    let mut actions: Vec<Action> = places
        .flat_map(|place| {
            let set = |json: &str| Action::Set(place.clone(), json.to_owned());
            [Action::Remove(place.clone()), set("null"), set("{\"a\": [\"b: #c\"]}")]
        })
        .collect();
    actions.push(Action::Answer(Answer {
        status: 409,
        media_type: Some("application/json".to_owned()),
        body: Some("{\"a\":1}".to_owned()),
        asked: None,
    }));
    let reaches = [Reach::Everywhere, Reach::OneElement, Reach::NewCase];
    let change = |action: &Action, reach| Change {
        claim: claim.source.clone(),
        action: action.clone(),
        reach,
    };
    actions.iter().flat_map(|action| reaches.map(|reach| change(action, reach))).collect()
}

/// Lines, where every break that YAML knows begins another.
fn line_count(bytes: &[u8]) -> usize {
    2 + bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count()
}
