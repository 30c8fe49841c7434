//! A change between two versions of a contract, in one vocabulary for every format.

/// One thing that differs between two versions of a contract.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// What it does to parties that stay as they are.
    pub grade: Grade,
    /// What changed, in words that machines may rely on: `response-property-required`,
    /// `operation-removed`. Stable over versions.
    pub rule: &'static str,
    /// What it belongs to: `GET /orders/{id}`, `message shop.Order`, `record shop.Order`.
    pub subject: String,
    /// Where in it: `response 200 $.items[].price`, `request query page`, `field 3 note`.
    pub place: String,
    /// Which side writes there and which reads.
    pub direction: Direction,
    /// Where the old version says so.
    pub old: Option<Spot>,
    /// Where the new version says so.
    pub new: Option<Spot>,
    /// What is different and why it matters, in lower case without full stop.
    pub reason: String,
    /// What one side may write and the other refuses, as text of the format (JSON, a row, hex).
    pub witness: Option<String>,
}

/// What a change does to parties that stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// A party that stays as it is cannot take what it is now given, or is refused.
    Breaking,
    /// It cannot be told, or it depends on how parties behave outside the contract.
    Risky,
    /// Every party that stays as it is goes on as before.
    Safe,
}

/// Which version writes and which reads at the place of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// What the old version's partners write, the new one reads: requests, consumed messages.
    OldWrites,
    /// What the new version writes, the old one's partners read: responses, emitted messages.
    NewWrites,
    /// Both meet both: stored data, what stands in queues.
    Both,
}

/// A place in one of the files of a contract.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The file, relative to where it was read from, with `/` between parts.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
}

impl Grade {
    /// The word used in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Risky => "risky",
            Self::Safe => "safe",
        }
    }
}

impl Direction {
    /// The word used in output: which version writes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OldWrites => "old-writes",
            Self::NewWrites => "new-writes",
            Self::Both => "both",
        }
    }
}

impl Change {
    /// What makes a change the same from one run to the next: not where it stands in a file.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}:{}:{}", self.rule, self.subject, self.place)
    }

    /// True when it only says that it cannot be told what changes.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.rule.ends_with("-undecided")
    }
}
