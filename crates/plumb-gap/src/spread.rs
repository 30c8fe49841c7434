//! Spread: one change that shows on many operations of a provider is told once.
//!
//! Policy headers are set for a whole server, so their going is one cause however many operations
//! show it.

use crate::finding::{Finding, Verdict};
use crate::rule::Rule;
use plumb_shape::tally::Tally;
use std::collections::BTreeMap;

/// From this many operations on, a header's going is told once for the provider.
const OPERATIONS_MIN: usize = 3;

/// Joins drifted findings about one header of one provider. Broken ones stay apart: each names the
/// callers who read it.
pub(crate) fn joined(findings: Vec<Finding>) -> Vec<Finding> {
    let mut groups: BTreeMap<(Rule, String, String), Vec<Finding>> = BTreeMap::new();
    let mut kept = Vec::new();
    for finding in findings {
        let header = finding.place.split_once(" header ").map(|(_, header)| header.to_owned());
        match header {
            Some(header)
                if finding.rule == Rule::ResponseHeaderGone
                    && finding.verdict <= Verdict::Drifted =>
            {
                let key = (finding.rule, finding.seam.writer.clone(), header);
                groups.entry(key).or_default().push(finding);
            }
            _ => kept.push(finding),
        }
    }
    for ((_, _, header), group) in groups {
        if group.len() < OPERATIONS_MIN {
            kept.extend(group);
        } else {
            kept.extend(join(&header, group));
        }
    }
    kept
}

fn join(header: &str, group: Vec<Finding>) -> Option<Finding> {
    let operations = group.len();
    group
        .into_iter()
        .reduce(|mut all, one| {
            all.verdict = all.verdict.max(one.verdict);
            all.claims.extend(one.claims);
            all.seen.count += one.seen.count;
            all.seen.of += one.seen.of;
            let mut span =
                Tally { count: 0, first_ms: all.seen.first_ms, last_ms: all.seen.last_ms };
            span.merge(Tally { count: 0, first_ms: one.seen.first_ms, last_ms: one.seen.last_ms });
            (all.seen.first_ms, all.seen.last_ms) = (span.first_ms, span.last_ms);
            all
        })
        .map(|mut all| {
            all.seam.operation = "*".to_owned();
            all.place = format!("response header {header}");
            let (count, of) = (all.seen.count, all.seen.of);
            all.seen.text = format!("absent in {count} of {of}, at {operations} places");
            all
        })
}
