//! GitHub's workflow commands: findings as annotations beside lines of code.
//!
//! GitHub shows ten of a kind in a step and drops the rest unasked, so the worst nine of each kind
//! are written and the rest is counted. Refuses to annotate what somebody lives with.

use crate::harmless::harmless_short;
use crate::location::{Location, location};
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
pub(crate) enum Kind {
    Error,
    Warning,
    Notice,
}

/// The open findings of a report as workflow commands, one to a line, worst first.
#[must_use]
pub fn annotations(reported: &Reported<'_>) -> String {
    worst(reported.open().map(|finding| (kind_of(finding.verdict), annotation(finding))))
}

/// Lines of each kind, worst kind first, as many as are shown; the rest is counted.
pub(crate) fn worst(all: impl Iterator<Item = (Kind, String)>) -> String {
    let all: Vec<(Kind, String)> = all.collect();
    let mut lines = String::new();
    for kind in [Kind::Error, Kind::Warning, Kind::Notice] {
        let of = || all.iter().filter(|(one, _)| *one == kind);
        of().take(EACH_MAX).for_each(|(_, line)| lines.push_str(line));
        let more = of().count().saturating_sub(EACH_MAX);
        if more > 0 {
            let text = format!("and {more} more, in the step summary");
            lines.push_str(&format!("::{} title=plumb::{text}\n", kind.name()));
        }
    }
    lines
}

fn annotation(finding: &Finding) -> String {
    let title = format!("{}: {}", finding.verdict, finding.rule.id());
    let message = format!(
        "{} {}: assumed {}, observed {}; {}",
        finding.seam.operation, finding.place, finding.said.text, finding.seen.text, finding.fix,
    );
    line(kind_of(finding.verdict), location(finding), &title, &message)
}

/// One annotation.
pub(crate) fn line(kind: Kind, at: Location<'_>, title: &str, message: &str) -> String {
    format!(
        "::{} file={},line={},title={}::{}\n",
        kind.name(),
        property(at.file, PATH_MAX),
        at.line,
        property(title, TITLE_MAX),
        data(message, MESSAGE_MAX),
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
