//! Fingerprints, by which other tools recognise a finding from one run to the next.
//!
//! Refuses to know lines, counts and times: they move without anything having changed.

use plumb_gap::finding::Finding;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// For each finding 64 hexadecimal digits, no two of them alike. Made of the key, the reader and
/// the file; findings that share all three are told apart by their order.
pub(crate) fn fingerprints(findings: &[Finding]) -> Vec<String> {
    let mut times: BTreeMap<(String, &str, &str), u64> = BTreeMap::new();
    let mut all = Vec::with_capacity(findings.len());
    for finding in findings {
        let (key, reader, file) = (finding.key(), &finding.seam.reader, &finding.said.file);
        let nth = times.entry((key.clone(), reader, file)).or_default();
        *nth += 1;
        let parts = [key.as_bytes(), reader.as_bytes(), file.as_bytes(), &nth.to_be_bytes()];
        all.push(digest(&parts));
    }
    all
}

/// The parts, in hexadecimal digits.
pub(crate) fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        // The length in front keeps two parts from being taken for others joined differently.
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
