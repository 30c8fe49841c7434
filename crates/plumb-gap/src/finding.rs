//! Findings and verdicts: what a comparison amounts to.

use crate::rule::Rule;
use plumb_shape::claim::{Dialect, Source};
use plumb_shape::difference::Difference;
use plumb_shape::seen::Marginals;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What is known about an assumption. Ordered from best to worst for a reader of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Fresh evidence, enough of it, nothing outside the claims.
    Holds,
    /// No evidence, or too little.
    Unobserved,
    /// Evidence exists and is too old, or the writer's version changed since.
    Stale,
    /// Reality carries something that the reader was not tried on.
    Drifted,
    /// A reader that relies on the claim cannot take what is written now.
    Broken,
}

/// A seam, as findings and documents name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seam {
    /// The provider.
    pub writer: String,
    /// The consumer.
    pub reader: String,
    /// Method and path template.
    pub operation: String,
}

/// Rule, place, evidence, and who is affected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that fired.
    pub rule: Rule,
    /// How bad it is.
    pub verdict: Verdict,
    /// Where between components.
    pub seam: Seam,
    /// Where in the exchange: `response 402 $.error.code`.
    pub place: String,
    /// What is assumed, with its place in a file.
    pub said: SaidText,
    /// What was observed.
    pub seen: SeenText,
    /// Every claim that says it, the one quoted first.
    pub claims: Vec<Source>,
    /// What to do.
    pub fix: String,
    /// What made it, for whoever mends the claims.
    pub cause: Cause,
}

/// What made a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A difference at one place.
    Difference {
        /// What differs.
        difference: Difference,
        /// The status of the answers it was found in.
        status: u16,
        /// All that was seen of such answers.
        seen: Arc<Marginals>,
        /// Every claim about such answers, the one quoted among them.
        about: Arc<Vec<Source>>,
    },
    /// A status that is said was not among the answers.
    StatusGone {
        /// The status said.
        said: u16,
        /// All that was answered instead.
        by_status: Arc<BTreeMap<u16, Marginals>>,
    },
    /// A status that no claim speaks of.
    StatusNew {
        /// The status.
        status: u16,
        /// All that was seen of it.
        seen: Arc<Marginals>,
    },
    /// Claims against each other.
    Contradiction,
}

/// What is assumed, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidText {
    /// The dialect of the claim; `None` when no claim says anything.
    pub dialect: Option<Dialect>,
    /// The file, relative to the scanned folder.
    pub file: String,
    /// The line, from 1; 0 when there is no claim.
    pub line: u32,
    /// The assumption in words.
    pub text: String,
}

/// What was observed, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenText {
    /// Exchanges that show it.
    pub count: u64,
    /// Out of how many that could have.
    pub of: u64,
    /// The first that shows it, Unix milliseconds.
    pub first_ms: Option<i64>,
    /// The last that shows it, Unix milliseconds.
    pub last_ms: Option<i64>,
    /// The writer's version that was compared, when known.
    pub writer_version: Option<String>,
    /// The writer's version that brought it, where an older one is known to be as said.
    pub since_version: Option<String>,
    /// The last exchange known to be as said, Unix milliseconds.
    pub last_good_ms: Option<i64>,
    /// Consumers that were seen with older versions of the writer, and not with its newest.
    pub untested_readers: Vec<String>,
    /// True when values are part of the finding and are not shown.
    pub are_literals_withheld: bool,
    /// The observation in words.
    pub text: String,
}

impl Finding {
    /// The stable, readable key by which a finding is explained and accepted. Has no line numbers,
    /// counts or times in it.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}:{}:{}:{}", self.rule.id(), self.seam.writer, self.seam.operation, self.place)
    }

    /// The other claims that say the same, as `file:line`, each once.
    #[must_use]
    pub fn affects(&self) -> Vec<String> {
        let places = self.claims.iter().skip(1).map(|one| format!("{}:{}", one.file, one.line));
        let mut places: Vec<String> = places.collect();
        places.sort();
        places.dedup();
        places.retain(|place| *place != format!("{}:{}", self.said.file, self.said.line));
        places
    }
}

impl SaidText {
    /// What a claim at `source` assumes.
    #[must_use]
    pub fn of(source: &Source, text: String) -> Self {
        Self { dialect: Some(source.dialect), file: source.file.clone(), line: source.line, text }
    }
}

impl Verdict {
    /// The word for it, the same everywhere.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Drifted => "drifted",
            Self::Broken => "broken",
            Self::Stale => "stale",
            Self::Unobserved => "unobserved",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
