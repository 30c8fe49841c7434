//! Why a router is not what it should be.
//!
//! Refuses to know what becomes of the rollout then.

use thiserror::Error;

/// Characters of a router's own words that are passed on.
const WORDS_MAX: usize = 300;

/// Why a router could not be set or read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Trouble {
    /// It cannot be reached, or not in time. It may be there again soon.
    #[error("{who} cannot be reached: {why}")]
    Away {
        /// The router.
        who: String,
        /// Why.
        why: String,
    },
    /// It said no.
    #[error("{who} refused: {why}")]
    Refused {
        /// The router.
        who: String,
        /// Its words.
        why: String,
        /// What to do.
        help: &'static str,
    },
    /// What it said cannot be understood.
    #[error("{who} answered what cannot be read: {why}")]
    Unread {
        /// The router.
        who: String,
        /// What is wrong with it.
        why: String,
    },
    /// Something that was named is not there, or cannot be what is wanted of it.
    #[error("{who}: {why}")]
    Setup {
        /// The router.
        who: String,
        /// What is wrong.
        why: String,
        /// What to do.
        help: &'static str,
    },
}

impl Trouble {
    /// It cannot be reached.
    pub(crate) fn away(who: &str, why: impl ToString) -> Self {
        Self::Away { who: who.to_owned(), why: words(&why.to_string()) }
    }

    /// It said no.
    pub(crate) fn refused(who: &str, why: &str, help: &'static str) -> Self {
        Self::Refused { who: who.to_owned(), why: words(why), help }
    }

    /// It said what cannot be understood.
    pub(crate) fn unread(who: &str, why: impl ToString) -> Self {
        Self::Unread { who: who.to_owned(), why: words(&why.to_string()) }
    }

    /// What was named cannot be used.
    pub(crate) fn setup(who: &str, why: &str, help: &'static str) -> Self {
        Self::Setup { who: who.to_owned(), why: words(why), help }
    }

    /// Whether trying again cannot mend it: people have to.
    #[must_use]
    pub const fn is_lasting(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Setup { .. })
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Away { .. } => "see that it runs and may be spoken to from here",
            Self::Unread { .. } => "see that `[driver]` names what it should",
            Self::Refused { help, .. } | Self::Setup { help, .. } => help,
        }
    }
}

/// A router's words on one line, at most so many of them, without what could steer a terminal.
pub(crate) fn words(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut kept: String = line.chars().filter(|it| !it.is_control()).take(WORDS_MAX).collect();
    if line.chars().nth(WORDS_MAX).is_some() {
        kept.push('…');
    }
    kept
}
