//! Rehearsals as evidence: what the document of one says of a version, while it is fresh.
//!
//! Refuses to hold one.

use crate::clock::parse_moment;
use crate::excerpt::excerpt;
use crate::transition::error::TransitionError;
use crate::transition::told::{short, told};
use plumb_plan::transition::{Answer, Basis, Pair};
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// Bytes of one document at most.
const BYTES_MAX: u64 = 64 << 20;

/// What was rehearsed of one version of a component.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// The component, by its place.
    pub component: usize,
    /// The version that was moved to, by its place.
    pub version: usize,
    /// Whether it came to its end and is not too old.
    pub is_evidence: bool,
    /// Why it is no evidence, where it is none.
    pub why: String,
    document: Document,
}

/// The keys of the document that matter here.
#[derive(Clone, Debug, Deserialize)]
struct Document {
    at: String,
    is_finished: bool,
    old_statements: Option<Tried>,
    new_statements: Option<Tried>,
    new_rows: Option<Written>,
    way_back: WayBack,
    ledger: Option<Starts>,
    start: Option<Starts>,
    no_return: Option<NoReturn>,
}

#[derive(Clone, Debug, Deserialize)]
struct Tried {
    tried: usize,
    executed: usize,
    breaks: Vec<Broken>,
    untried: Vec<serde::de::IgnoredAny>,
}

#[derive(Clone, Debug, Deserialize)]
struct Written {
    breaks: Vec<Broken>,
}

#[derive(Clone, Debug, Deserialize)]
struct Broken {
    component: String,
    statement: String,
    message: String,
    after_step: Option<usize>,
}

#[derive(Clone, Debug, Deserialize)]
struct WayBack {
    old_rows: Option<Restored>,
    new_rows: Option<Restored>,
}

#[derive(Clone, Debug, Deserialize)]
struct Restored {
    is_restored: bool,
}

#[derive(Clone, Debug, Deserialize)]
struct Starts {
    starts: bool,
    rule: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct NoReturn {
    step: usize,
    exhibit: Option<String>,
}

impl Rehearsed {
    /// Reads a document of `plumb rehearse`.
    pub(super) fn read(
        path: &Path,
        (component, version): (usize, usize),
        (now_ms, max_age_ms): (i64, i64),
    ) -> Result<Self, TransitionError> {
        let failed = |source| TransitionError::Path { path: path.to_owned(), source };
        let wrong = |what: String| TransitionError::Document { path: path.to_owned(), what };
        if fs::metadata(path).map_err(failed)?.len() > BYTES_MAX {
            return Err(wrong(format!("has more than {BYTES_MAX} bytes")));
        }
        let text = fs::read_to_string(path).map_err(failed)?;
        let document: Document = serde_json::from_str(&text).map_err(|err| {
            wrong(format!("is no answer of `plumb rehearse`: {}", excerpt(&err.to_string())))
        })?;
        let at_ms =
            parse_moment(&document.at).map_err(|err| wrong(format!("has no age: {err}")))?;
        let why = if !document.is_finished {
            "the rehearsal did not come to its end".to_owned()
        } else if now_ms.saturating_sub(at_ms) > max_age_ms {
            format!("the rehearsal of {} is too old", excerpt(&document.at))
        } else {
            String::new()
        };
        Ok(Self { component, version, is_evidence: why.is_empty(), why, document })
    }

    /// Whether the version before can work with this one, as its statements, its rows and its start
    /// say; `None` where none of them was tried.
    pub(super) fn old_with_new(&self) -> Option<Pair> {
        if !self.is_evidence {
            return None;
        }
        let Document { ledger, start, new_rows, old_statements, .. } = &self.document;
        let refuses = ledger.iter().chain(start).find(|one| !one.starts);
        if let Some(refuses) = refuses {
            let rule = refuses.rule.as_deref().unwrap_or("it ended");
            return Some(pair(Answer::No, &format!("the old version would not start: {rule}")));
        }
        if let Some(first) = new_rows.iter().flat_map(|rows| &rows.breaks).next() {
            return Some(pair(
                Answer::No,
                &format!("on rows of the new version, {}", shown(first)),
            ));
        }
        old_statements.as_ref().map(|tried| tried.pair())
    }

    /// Whether the version after can work with the old schema; `None` where that was not tried.
    pub(super) fn new_with_old(&self) -> Option<Pair> {
        self.document.new_statements.as_ref().filter(|_| self.is_evidence).map(Tried::pair)
    }

    /// Why there is no way back from this version: the old one cannot go on, and nothing that was
    /// tried restores the schema.
    pub(super) fn no_way_back(&self) -> Option<String> {
        let Document { way_back, no_return, .. } = &self.document;
        let tried = way_back.new_rows.as_ref().or(way_back.old_rows.as_ref());
        match (tried, no_return) {
            (Some(tried), _) if tried.is_restored => None,
            (Some(_), _) => Some("the down migration does not restore the schema".to_owned()),
            (None, Some(NoReturn { step, exhibit })) => {
                let exhibit = exhibit.as_deref().unwrap_or("the old version cannot go on");
                Some(short(&format!("since statement {step}: {exhibit}")))
            }
            (None, None) => None,
        }
    }
}

impl Tried {
    fn pair(&self) -> Pair {
        if let Some(first) = self.breaks.first() {
            let more = match self.breaks.len() {
                1 => String::new(),
                all => format!(", and {} more", all - 1),
            };
            return pair(Answer::No, &format!("{}{more}", shown(first)));
        }
        if self.tried == 0 || self.executed < self.tried || !self.untried.is_empty() {
            return pair(Answer::Unobserved, "not every statement could be run in the rehearsal");
        }
        pair(Answer::Yes, &format!("all {} statements ran in the rehearsal", self.tried))
    }
}

fn shown(broken: &Broken) -> String {
    let Broken { component, statement, message, after_step } = broken;
    let component = if component.is_empty() { "somebody" } else { component };
    let after = after_step.map_or_else(String::new, |step| format!(" after statement {step}"));
    format!("`{statement}` of {component} fails{after}: {message}")
}

fn pair(answer: Answer, because: &str) -> Pair {
    told(answer, Basis::Rehearsed, because)
}
