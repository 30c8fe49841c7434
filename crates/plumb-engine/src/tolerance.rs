//! Tolerance: what probes learned about this project's consumers, laid beside findings.
//!
//! A change that the tests were seen to fail on breaks somebody, whatever rules say of it; one that
//! they took is no news. Refuses to know how it was learned.

use crate::files;
use crate::mock::mutation::MutationKind;
use crate::probe::{Learned, Taken};
use plumb_gap::finding::{Finding, Verdict};
use plumb_gap::report::Report;
use plumb_gap::rule::Rule;
use plumb_shape::claim::Claim;
use std::cmp::Reverse;
use std::fs;
use std::path::Path;

/// What probes write begins so.
pub const FILE_PREFIX: &str = "probe-";

/// Commands whose probes are looked at; a project has a few.
const COMMANDS_MAX: usize = 100;

/// What was learned, command by command.
#[derive(Clone, Debug, Default)]
pub struct Tolerance(Vec<Learned>);

/// What is known of the consumers about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Some tests were seen to fail on it.
    Fails,
    /// All that were tried took it.
    Takes,
}

/// Reads what probes left in the store's folder. What cannot be read says nothing.
#[must_use]
pub fn tolerance(folder: &Path) -> Tolerance {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with(FILE_PREFIX) && name.ends_with(".json"))
        })
        .collect();
    paths.sort();
    let read = |path: &Path| serde_json::from_str(&files::read_text(path).ok()??).ok();
    Tolerance(paths.iter().take(COMMANDS_MAX).filter_map(|path| read(path)).collect())
}

impl Tolerance {
    /// What is known about a finding.
    #[must_use]
    pub fn known(&self, finding: &Finding) -> Option<Known> {
        let key = key(finding)?;
        let taken = self.0.iter().filter_map(|learned| learned.taken.get(&key));
        match taken.max_by_key(|taken| (**taken == Taken::No, **taken == Taken::Flaky))? {
            Taken::No => Some(Known::Fails),
            Taken::Flaky => None,
            Taken::Yes => Some(Known::Takes),
        }
    }

    /// Makes every finding that tests were seen to fail on a broken one, with the claims that it
    /// speaks of, and says so. `claims` are those of the report.
    pub fn worsen(&self, report: &mut Report, claims: &[Claim]) {
        for finding in &mut report.findings {
            if self.known(finding) != Some(Known::Fails) {
                continue;
            }
            finding.verdict = finding.verdict.max(Verdict::Broken);
            finding.seen.text.push_str("; the tests were seen to fail on this");
            for (claim, judged) in claims.iter().zip(&mut report.claims) {
                if finding.claims.contains(&claim.source) && judged.verdict < Verdict::Broken {
                    judged.verdict = Verdict::Broken;
                    finding.rule.id().clone_into(&mut judged.reason);
                }
            }
        }
        report.findings.sort_by_cached_key(|one| (Reverse(one.verdict), one.key()));
    }
}

/// What a probe calls the change that a finding tells of.
fn key(finding: &Finding) -> Option<String> {
    let (kind, place) = match finding.rule {
        Rule::ResponseFieldGone | Rule::ResponseFieldOptional => {
            (MutationKind::Missing, finding.place.as_str())
        }
        Rule::ResponseNull => (MutationKind::Null, finding.place.as_str()),
        Rule::ResponseEmpty => (MutationKind::Empty, finding.place.as_str()),
        Rule::ResponseValueNew => (MutationKind::NewValue, finding.place.as_str()),
        Rule::ResponseFieldNew => (MutationKind::Extra, above(&finding.place)?),
        _ => return None,
    };
    let (writer, operation) = (&finding.seam.writer, &finding.seam.operation);
    Some(format!("{writer}: {} {operation} {place}", kind.name()))
}

/// The object that a member stands in.
fn above(place: &str) -> Option<&str> {
    let at = place.rfind('.')?;
    place.get(..at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_gap::finding::{Cause, SaidText, Seam, SeenText};

    fn finding(rule: Rule, place: &str) -> Finding {
        let text = String::new;
        Finding {
            rule,
            verdict: Verdict::Drifted,
            seam: Seam {
                writer: "orders".to_owned(),
                reader: text(),
                operation: "GET /orders/{}".to_owned(),
            },
            place: place.to_owned(),
            said: SaidText { dialect: None, file: text(), line: 0, text: text() },
            seen: SeenText::default(),
            claims: Vec::new(),
            fix: text(),
            cause: Cause::Contradiction,
        }
    }

    fn learned(taken: &[(&str, Taken)]) -> Learned {
        let key = |what: &str| format!("orders: {what}");
        let taken = taken.iter().map(|(what, taken)| (key(what), *taken)).collect();
        Learned { taken, runs: 0 }
    }

    #[test]
    fn what_was_tried_is_known_and_nothing_else() {
        let null = "null GET /orders/{} response 200 $.total";
        let extra = "extra GET /orders/{} response 200 $.a";
        let takes = learned(&[(null, Taken::Yes), (extra, Taken::Yes)]);
        let fails = learned(&[(null, Taken::No)]);
        let flaky = learned(&[(null, Taken::Flaky)]);
        let check = |all: &[&Learned], rule, place: &str, expected| {
            let tolerance = Tolerance(all.iter().map(|one| (*one).clone()).collect());
            assert_eq!(tolerance.known(&finding(rule, place)), expected, "{place}");
        };
        let total = "response 200 $.total";
        check(&[&takes], Rule::ResponseNull, total, Some(Known::Takes));
        check(&[&takes, &fails], Rule::ResponseNull, total, Some(Known::Fails));
        check(&[&takes, &flaky], Rule::ResponseNull, total, None);
        check(&[&flaky, &fails], Rule::ResponseNull, total, Some(Known::Fails));
        check(&[&takes], Rule::ResponseFieldGone, total, None);
        check(&[&takes], Rule::ResponseFieldNew, "response 200 $.a.new", Some(Known::Takes));
        check(&[&takes], Rule::ResponseFieldNew, "response 200 $.b.new", None);
        check(&[], Rule::ResponseNull, total, None);
    }

    #[test]
    fn what_tests_fail_on_is_broken() {
        let tolerance =
            Tolerance(vec![learned(&[("null GET /orders/{} response 200 $.total", Taken::No)])]);
        let findings = vec![
            finding(Rule::ResponseNull, "response 200 $.id"),
            finding(Rule::ResponseNull, "response 200 $.total"),
        ];
        let mut report = Report { findings, ..Report::default() };
        tolerance.worsen(&mut report, &[]);
        let told = report.findings.iter().map(|one| (one.verdict, one.seen.text.as_str()));
        let failing = (Verdict::Broken, "; the tests were seen to fail on this");
        assert_eq!(told.collect::<Vec<_>>(), [failing, (Verdict::Drifted, "")]);
    }
}
