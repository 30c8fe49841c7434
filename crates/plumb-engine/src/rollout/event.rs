//! What happens in a rollout, for people who watch it and for those who look back.
//!
//! Refuses to know how it is shown.

use serde::{Deserialize, Serialize};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, in Unix milliseconds.
    pub at_ms: i64,
    /// What.
    pub event: Kind,
    /// The stage, by its name; null before the first and on the way back.
    pub stage: Option<String>,
    /// The region, where it happened in one.
    pub region: Option<String>,
    /// The rest, for people.
    pub sentence: String,
}

/// Kinds of what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The rollout began.
    Began,
    /// Another controller goes on.
    Resumed,
    /// Routers are about to be set; this is on disk.
    Aims,
    /// A router was set, and said so.
    Set,
    /// A router could not be set or read.
    Failed,
    /// A router says something that people should know.
    Noted,
    /// The judge said something else than before.
    Judged,
    /// It waits for people.
    Held,
    /// It is bad, and the way back is not safe.
    Frozen,
    /// People ordered something.
    Ordered,
    /// It has all traffic.
    Promoted,
    /// It has none.
    RolledBack,
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Began => "began",
            Self::Resumed => "resumed",
            Self::Aims => "aims",
            Self::Set => "set",
            Self::Failed => "failed",
            Self::Noted => "noted",
            Self::Judged => "judged",
            Self::Held => "held",
            Self::Frozen => "frozen",
            Self::Ordered => "ordered",
            Self::Promoted => "promoted",
            Self::RolledBack => "rolled-back",
        }
    }
}
