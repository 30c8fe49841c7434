//! Readers of claims: every claim stands at a line that is there, and all of them can be judged.

use plumb_claims::dialect;
use plumb_claims::reading::{CLAIMS_MAX, SourceFile};
use plumb_gap::policy::Policy;
use plumb_gap::report::report;
use plumb_shape::literal::LiteralKey;

/// Reads the bytes as a file of claims with this path.
///
/// # Panics
/// When a claim or something unread stands at a line that the file does not have, more claims are
/// read than allowed, or claims are lost in the report.
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
}

/// Lines, where every break that YAML knows begins another.
fn line_count(bytes: &[u8]) -> usize {
    2 + bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count()
}
