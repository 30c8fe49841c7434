//! History: since which version of the writer a finding is there, and when all was last as said.
//!
//! Refuses to judge: an older version makes no finding better or worse.

use crate::compare::{Compared, compare};
use crate::context::Context;
use crate::evidence::Evidence;
use crate::finding::Finding;
use plumb_shape::claim::Claim;
use std::collections::BTreeMap;

/// Versions looked back at. What is older than so many releases is told as old.
const VERSIONS_MAX: usize = 16;

/// Tells each finding its history from older versions of the writer, oldest first.
pub(crate) fn note_history(
    compared: &mut Compared,
    claims: &[&Claim],
    older: &[Evidence],
    context: &Context<'_>,
) {
    let mut open: Vec<&mut Finding> = compared.findings.iter_mut().collect();
    for before in older.iter().rev().take(VERSIONS_MAX) {
        if open.is_empty() {
            return;
        }
        let earlier = compare(claims, &before.profile, context);
        // A version at which nobody could have seen it says nothing.
        if earlier.exchanges.iter().all(|exchanges| *exchanges == 0) {
            continue;
        }
        let there: BTreeMap<String, &Finding> =
            earlier.findings.iter().map(|finding| (finding.key(), finding)).collect();
        open.retain_mut(|finding| match there.get(&finding.key()) {
            Some(known) => {
                note_earlier(finding, known, before);
                true
            }
            None => {
                finding.seen.last_good_ms = Some(before.last_ms);
                if finding.seen.since_version.is_none() {
                    finding.seen.since_version.clone_from(&finding.seen.writer_version);
                }
                false
            }
        });
    }
    // What was never seen as said began before anybody looked.
    open.iter_mut().for_each(|finding| finding.seen.since_version = None);
}

fn note_earlier(finding: &mut Finding, known: &Finding, before: &Evidence) {
    finding.seen.first_ms = known.seen.first_ms.or(finding.seen.first_ms);
    if !before.version.is_empty() {
        finding.seen.since_version = Some(before.version.clone());
    }
}
