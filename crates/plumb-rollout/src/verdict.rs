//! What to do with a rollout now.
//!
//! Refuses to know how it was found.

/// What to do with a rollout now. Nothing but evidence leads to [`Verdict::Promote`]: neither
/// silence nor the end of a time does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// The new version is not worse than the old one by more than is tolerated: give it more.
    Promote,
    /// There is not enough evidence for anything else yet.
    CannotTell,
    /// Something has to be looked at by people before more traffic may come: a difference that need
    /// not be harm, a split that is not the wanted one, telemetry that went silent.
    Hold,
    /// The new version is worse, and the way back is safe.
    RollBack,
    /// The new version is worse, and the way back is not safe: leave everything as it is.
    Freeze,
}

impl Verdict {
    /// The word for it, as documents and people use it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::CannotTell => "cannot tell yet",
            Self::Hold => "hold",
            Self::RollBack => "roll back",
            Self::Freeze => "freeze",
        }
    }

    /// The word for it in documents and on the lines of programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::CannotTell => "cannot-tell",
            Self::Hold => "hold",
            Self::RollBack => "roll-back",
            Self::Freeze => "freeze",
        }
    }

    /// The verdict that such a word means; none for any other word.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        let all = [Self::Promote, Self::CannotTell, Self::Hold, Self::RollBack, Self::Freeze];
        all.into_iter().find(|verdict| verdict.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        assert_eq!(Verdict::of_code(Verdict::RollBack.code()), Some(Verdict::RollBack));
        assert_eq!(Verdict::of_code("Promote"), None);
    }
}
