//! GitHub's workflow commands: findings as annotations beside lines of code.
//!
//! GitHub shows ten of a kind in a step and drops the rest unasked, so the worst nine of each kind
//! are written and the rest is counted. Refuses to annotate what somebody lives with.

use crate::harmless::harmless_short;
use crate::location::location;
use crate::reported::Reported;
use plumb_gap::finding::{Finding, Verdict};

/// Annotations of one kind before "and more": GitHub shows ten in a step.
const EACH_MAX: usize = 9;

/// A message longer than this, in characters, hides the code it stands beside.
const MESSAGE_MAX: usize = 600;

/// A title longer than this, in characters, is cut off on the page.
const TITLE_MAX: usize = 120;

/// A path longer than this, in characters, is no path in a repository.
const PATH_MAX: usize = 4_096;

/// One kind of annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Error,
    Warning,
    Notice,
}

/// The open findings of a report as workflow commands, one to a line, worst first.
#[must_use]
pub fn annotations(reported: &Reported<'_>) -> String {
    let open: Vec<&Finding> = reported.open().collect();
    let mut lines = String::new();
    for kind in [Kind::Error, Kind::Warning, Kind::Notice] {
        let all: Vec<&Finding> =
            open.iter().copied().filter(|one| kind_of(one.verdict) == kind).collect();
        for finding in all.iter().take(EACH_MAX) {
            lines.push_str(&annotation(kind, finding));
        }
        let more = all.len().saturating_sub(EACH_MAX);
        if more > 0 {
            let text = format!("and {more} more, in the step summary");
            lines.push_str(&format!("::{} title=plumb::{text}\n", kind.name()));
        }
    }
    lines
}

fn annotation(kind: Kind, finding: &Finding) -> String {
    let at = location(finding);
    let title = format!("{}: {}", finding.verdict, finding.rule.id());
    let message = format!(
        "{} {}: assumed {}, observed {}; {}",
        finding.seam.operation, finding.place, finding.said.text, finding.seen.text, finding.fix,
    );
    format!(
        "::{} file={},line={},title={}::{}\n",
        kind.name(),
        property(at.file, PATH_MAX),
        at.line,
        property(&title, TITLE_MAX),
        data(&message, MESSAGE_MAX),
    )
}

/// Text as the message of a command. Line breaks are gone already, as visible escapes.
fn data(text: &str, letters_max: usize) -> String {
    harmless_short(text, letters_max).replace('%', "%25")
}

/// Text as a property of a command.
fn property(text: &str, letters_max: usize) -> String {
    data(text, letters_max).replace(':', "%3A").replace(',', "%2C")
}

const fn kind_of(verdict: Verdict) -> Kind {
    match verdict {
        Verdict::Broken => Kind::Error,
        Verdict::Drifted => Kind::Warning,
        Verdict::Stale | Verdict::Unobserved | Verdict::Holds => Kind::Notice,
    }
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}
