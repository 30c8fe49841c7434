//! What is found about a gate, with its place, and what could not be read.
//!
//! Refuses to know any platform.

use plumb_tree::Node;

/// Findings of one run that are kept: more than a person mends.
pub const FINDINGS_MAX: usize = 1_000;

/// One gate that cannot fail, or not when it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    /// What is wrong, in a word that never changes.
    pub rule: &'static str,
    /// Whose gate it is: the object and the metric.
    pub subject: String,
    /// What stands there.
    pub what: String,
    /// Why that does not fail.
    pub why: &'static str,
    /// What to do about it.
    pub help: &'static str,
}

/// A rule: its word, why it matters, and what to do.
pub(crate) type Rule = (&'static str, &'static str, &'static str);

/// All that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linted {
    /// The findings, in the order of their places.
    pub findings: Vec<Finding>,
    /// Findings that found no room any more.
    pub left_out: u64,
    /// Gates that were looked at.
    pub gates: u64,
    /// What could not be read: the file, the line, and why.
    pub unread: Vec<(String, u32, String)>,
}

/// All that was found so far.
#[derive(Debug, Default)]
pub(crate) struct Linting {
    file: String,
    found: Linted,
}

impl Linting {
    /// Says which file comes next.
    pub(crate) fn file(&mut self, file: &str) {
        file.clone_into(&mut self.file);
    }

    /// Says that a gate is looked at.
    pub(crate) fn gate(&mut self) {
        self.found.gates += 1;
    }

    pub(crate) fn unread(&mut self, file: &str, line: u32, reason: String) {
        self.found.unread.push((file.to_owned(), line, reason));
    }

    /// Notes a finding at this place.
    pub(crate) fn found(&mut self, rule: Rule, at: (u32, u32), subject: &str, what: String) {
        if self.found.findings.len() >= FINDINGS_MAX {
            self.found.left_out += 1;
            return;
        }
        let (file, subject) = (self.file.clone(), subject.to_owned());
        let ((line, column), (rule, why, help)) = (at, rule);
        self.found.findings.push(Finding { file, line, column, rule, subject, what, why, help });
    }

    pub(crate) fn done(mut self) -> Linted {
        self.found.findings.sort_by(|a, b| {
            (&a.file, a.line, a.column, a.rule).cmp(&(&b.file, b.line, b.column, b.rule))
        });
        self.found
    }
}

/// Where a value stands.
pub(crate) fn place(node: &Node) -> (u32, u32) {
    (node.line, node.column)
}

/// The name of an object with its kind, for people.
pub(crate) fn name(object: &Node) -> String {
    let kind = object.get("kind").and_then(Node::as_str).unwrap_or_default();
    let name = object.path(&["metadata", "name"]).and_then(Node::as_str).unwrap_or("?");
    format!("{kind} `{name}`")
}

/// A whole number, also where it is written as text, as platforms allow.
pub(crate) fn whole(node: &Node) -> Option<i64> {
    match node.as_number() {
        Some(number) => number.as_i64(),
        None => node.as_str()?.trim().parse().ok(),
    }
}

/// A number, also where it is written as text.
pub(crate) fn real(node: &Node) -> Option<f64> {
    match node.as_number() {
        Some(number) => number.as_f64(),
        None => node.as_str()?.trim().parse().ok(),
    }
}
