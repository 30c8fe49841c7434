//! A step of a migration: what one statement did, and what that is worth.
//!
//! Refuses to measure it.

use crate::link::Refusal;
use crate::lock::Lock;

/// What a statement did.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// From 1, over all files.
    pub number: usize,
    /// The file it stands in.
    pub file: String,
    /// Its line there, from 1.
    pub line: usize,
    /// Its text, shortened, as the file has it.
    pub text: String,
    /// The strongest lock on each relation that was there before the migration.
    pub locks: Vec<Held>,
    /// Relations that were written anew: tables and indexes.
    pub rewritten: Vec<String>,
    /// Tables that were read from end to end.
    pub scanned: Vec<String>,
    /// Tables and indexes that got new, empty files.
    pub emptied: Vec<String>,
    /// Rows that it inserted, changed and removed in tables that were there before.
    pub rows_changed: u64,
    /// How long it took, in microseconds.
    pub took_us: u64,
    /// How long it would take with the rows that the source has, in microseconds; none where it
    /// does not depend on them or nobody knows how many there are.
    pub scaled_us: Option<u64>,
    /// Why it failed.
    pub failed: Option<Refusal>,
    /// Whether it ran outside a transaction; its locks were then looked at from outside.
    pub is_outside: bool,
    /// Locked tables that hold no row here, so that a scan or rewrite could not be seen.
    pub unseen: Vec<String>,
    /// What that is worth.
    pub verdict: Verdict,
}

/// A lock on a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The relation; the table of an index stands before a colon.
    pub relation: String,
    /// How strong.
    pub lock: Lock,
    /// Whether an earlier statement of the same transaction took it.
    pub is_from_before: bool,
}

/// What a step is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody waits.
    Harmless,
    /// Others wait for a moment, and for as long as it waits itself.
    Brief,
    /// Others wait for as long as a table is large.
    Dangerous,
    /// It did not run to its end.
    Failed,
    /// It was not reached.
    NotRun,
}

impl Verdict {
    /// In one word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Harmless => "harmless",
            Self::Brief => "brief-lock",
            Self::Dangerous => "dangerous",
            Self::Failed => "failed",
            Self::NotRun => "not-run",
        }
    }
}

impl Step {
    /// Whether what it does grows with a table.
    #[must_use]
    pub fn is_size_dependent(&self) -> bool {
        !self.rewritten.is_empty() || !self.scanned.is_empty() || self.rows_changed >= 1_000
    }

    /// The strongest lock that keeps others out, if there is one.
    #[must_use]
    pub fn blocking(&self) -> Option<&Held> {
        self.locks.iter().filter(|held| held.lock.is_blocking()).max_by_key(|held| held.lock)
    }

    /// What it is worth, from what it did.
    pub(crate) fn judge(&mut self) {
        self.verdict = match (&self.failed, self.blocking(), self.is_size_dependent()) {
            (Some(_), ..) => Verdict::Failed,
            (None, Some(_), true) => Verdict::Dangerous,
            (None, Some(_), false) => Verdict::Brief,
            (None, None, _) => Verdict::Harmless,
        };
    }
}
