//! The ladder: a fixed sequence of coarser views on behaviours, for when there are too many of them
//! to be told apart.
//!
//! Each rung is a projection that depends on nothing but the place and the traits, so the number of
//! distinct behaviours at a rung never shrinks as more is seen. The rung that a part needs is
//! therefore never higher than the rung that the whole needs, and any order of merging ends on the
//! same one.

use crate::place::{Part, Place};
use crate::trait_set::TraitSet;
use serde::{Deserialize, Serialize};

/// A rung of the ladder.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Level(u8);

impl Level {
    /// Everything is told apart.
    pub const FULL: Self = Self(0);
    /// Traits are seen by kind only.
    pub const KINDS: Self = Self(1);
    /// Nothing below array elements and map members.
    pub const NO_ELEMENTS: Self = Self(2);
    /// Bodies two steps deep.
    pub const TWO_DEEP: Self = Self(3);
    /// Bodies one step deep.
    pub const ONE_DEEP: Self = Self(4);
    /// The kind of the body and its media type.
    pub const BODY_KIND: Self = Self(5);
    /// Only that there was an exchange of this status.
    pub const STATUS: Self = Self(6);

    /// The next coarser rung; the last one is its own next.
    #[must_use]
    pub fn next(self) -> Self {
        Self((self.0 + 1).min(Self::STATUS.0))
    }

    /// The rung's number, 0 (everything) to 6 (status only).
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// What this rung leaves of one fact; `None` when it drops the place.
    #[must_use]
    pub fn project(self, place: &Place, traits: TraitSet) -> Option<TraitSet> {
        if self == Self::FULL {
            return Some(traits);
        }
        let kept = match place.part {
            Part::Body => self.keeps_body(place),
            Part::Query | Part::Header => self <= Self::ONE_DEEP,
            Part::MediaType => self <= Self::BODY_KIND,
        };
        kept.then(|| traits.widened_to_kinds())
    }

    fn keeps_body(self, place: &Place) -> bool {
        let depth = place.steps.len();
        match self {
            Self::FULL | Self::KINDS => true,
            Self::NO_ELEMENTS => !place.is_repeated(),
            Self::TWO_DEEP => depth <= 2 && !place.is_repeated(),
            Self::ONE_DEEP => depth <= 1 && !place.is_repeated(),
            Self::BODY_KIND => depth == 0,
            _ => false,
        }
    }

    /// The lowest rung on which nothing below `place` is left: the rung to stand on when there are
    /// too many places below it.
    #[must_use]
    pub fn without_below(place: &Place) -> Self {
        match place.part {
            Part::MediaType => Self::STATUS,
            Part::Query | Part::Header => Self::BODY_KIND,
            Part::Body if place.is_repeated() => Self::NO_ELEMENTS,
            Part::Body => match place.steps.len() {
                0 => Self::BODY_KIND,
                1 => Self::ONE_DEEP,
                _ => Self::TWO_DEEP,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::{Side, Step};

    #[test]
    fn each_rung_keeps_no_more_than_the_one_before() {
        let root = Place::root(Side::Response, Part::Body);
        let key = |place: &Place| place.child(Step::Key("k".into()));
        let places = [
            root.clone(),
            key(&root),
            key(&key(&root)),
            key(&key(&key(&root))),
            root.child(Step::Item),
            key(&root.child(Step::Any)),
            Place::named(Side::Request, Part::Header, "a"),
            Place::named(Side::Response, Part::MediaType, "a/b"),
        ];
        for place in places {
            let mut kept = true;
            let mut level = Level::FULL;
            while level != Level::STATUS {
                let keeps = level.project(&place, TraitSet::INT32).is_some();
                assert!(kept || !keeps, "{place} comes back at {level:?}");
                kept = keeps;
                level = level.next();
            }
            assert_eq!(Level::STATUS.project(&place, TraitSet::INT32), None);
            if let Some(parent) = place.parent() {
                let level = Level::without_below(&parent);
                assert_eq!(level.project(&place, TraitSet::INT32), None, "{place}");
            }
        }
    }
}
