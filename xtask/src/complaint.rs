//! A complaint: one place in the repository that breaks one of the house's rules.
//!
//! Refuses to know the rules; each check brings its own reason and remedy.

use std::fmt;

/// What a check found wrong, where, why it matters and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Complaint {
    /// The path from the repository's root, with forward slashes.
    pub(crate) file: String,
    /// The line, counted from 1.
    pub(crate) line: usize,
    /// The fact.
    pub(crate) what: String,
    /// Why the fact is unwelcome.
    pub(crate) why: &'static str,
    /// What takes it away.
    pub(crate) remedy: &'static str,
}

impl fmt::Display for Complaint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, what, why, remedy } = self;
        write!(out, "{file}:{line}: {what}; {why}; {remedy}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_reads_as_place_fact_reason_remedy() {
        let complaint = Complaint {
            file: "a.rs".to_owned(),
            line: 3,
            what: "`x` is long".to_owned(),
            why: "long things tire",
            remedy: "shorten it",
        };
        assert_eq!(complaint.to_string(), "a.rs:3: `x` is long; long things tire; shorten it");
    }
}
