//! What came of judging, and how it differs from what was told last.
//!
//! Refuses to know how a judgement is reached, and who is told.

use plumb_pages::survey::Survey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What came of judging.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The gap's document, as JSON.
    pub document: Vec<u8>,
    /// The verdict of each seam and operation.
    pub verdicts: BTreeMap<Subject, String>,
    /// Assumptions by verdict.
    pub counts: Vec<(&'static str, u64)>,
    /// The gap, between 0 and 1; none without evidence.
    pub gap: Option<f64>,
    /// The share of behaviour that has not been seen, between 0 and 1.
    pub unseen: Option<f64>,
    /// When it was judged, Unix milliseconds.
    pub at_ms: i64,
    /// What pages show.
    pub survey: Arc<Survey>,
}

/// Whose verdict.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// The component that writes.
    pub writer: String,
    /// The component that reads.
    pub reader: String,
    /// What happens between them.
    pub operation: String,
}

/// A verdict that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) subject: Subject,
    /// None for a seam that was not known.
    pub(crate) from: Option<String>,
    /// None for a seam that is gone.
    pub(crate) to: Option<String>,
    pub(crate) at_ms: i64,
}

/// Judges what lies on the server's own shelf; says what is wrong otherwise.
pub type Judge = Arc<dyn Fn() -> Result<Standing, String> + Send + Sync>;

/// Every verdict that changed class. A seam that comes or goes changes too.
pub(crate) fn changes(told: &BTreeMap<Subject, String>, standing: &Standing) -> Vec<Change> {
    let now = &standing.verdicts;
    let subjects = now.keys().chain(told.keys().filter(|subject| !now.contains_key(subject)));
    let changed = subjects.filter(|subject| told.get(subject) != now.get(subject));
    changed
        .map(|subject| Change {
            subject: subject.clone(),
            from: told.get(subject).cloned(),
            to: now.get(subject).cloned(),
            at_ms: standing.at_ms,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(operation: &str) -> Subject {
        let [writer, reader] = ["orders", "web"].map(str::to_owned);
        Subject { writer, reader, operation: operation.to_owned() }
    }

    fn verdicts(all: &[(&str, &str)]) -> BTreeMap<Subject, String> {
        all.iter().map(|(name, verdict)| (subject(name), (*verdict).to_owned())).collect()
    }

    #[test]
    fn what_came_went_or_changed_is_told() {
        let standing = Standing {
            document: Vec::new(),
            verdicts: verdicts(&[("a", "holds"), ("b", "broken"), ("d", "stale")]),
            counts: Vec::new(),
            gap: None,
            unseen: None,
            at_ms: 7,
            survey: Arc::default(),
        };
        let told = verdicts(&[("a", "holds"), ("b", "holds"), ("c", "drifted")]);
        let told: Vec<_> = changes(&told, &standing)
            .into_iter()
            .map(|it| {
                (it.subject.operation, it.from.unwrap_or_default(), it.to.unwrap_or_default())
            })
            .collect();
        let expected = [("b", "holds", "broken"), ("d", "", "stale"), ("c", "drifted", "")]
            .map(|(name, from, to)| (name.to_owned(), from.to_owned(), to.to_owned()));
        assert_eq!(told, expected);
    }
}
