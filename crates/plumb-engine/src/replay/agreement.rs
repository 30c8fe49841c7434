//! Agreement: how often three answers to one request stood together at one place, and which of them
//! stood alone.
//!
//! Counts only, so that parts join in any order. Refuses to know what is compared.

use plumb_shape::trait_set::TraitSet;
use std::collections::BTreeMap;

/// Distinct changes of form that are remembered for a place. Traits of one place come in a few
/// combinations; a place with more is none whose change one sentence tells.
const SHIFTS_MAX: usize = 64;

/// Three things of one kind: two of the version that was asked twice, and one of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trio<T> {
    /// Of the version that was asked twice.
    pub pair: [T; 2],
    /// Of the version that was asked once.
    pub single: T,
}

/// How three things stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// All are the same.
    Same,
    /// The two agree, and the single one differs.
    SingleOdd,
    /// The two differ, and the single one agrees with one of them.
    PairOdd,
    /// All differ.
    Scattered,
}

/// What a place was, as far as it is told apart without its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// It was not there.
    Absent,
    /// It was there, with these traits.
    Traits(TraitSet),
    /// An answer with this status.
    Status(u16),
    /// No answer at all.
    Unanswered,
}

/// How often three answers stood together at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// All the same.
    pub same: u64,
    /// The single one alone.
    pub single_odd: u64,
    /// One of the two alone.
    pub pair_odd: u64,
    /// All different.
    pub scattered: u64,
    /// From which form of the two to which form of the single one, where that stood alone; `None`
    /// when there were too many.
    shifts: Shifts,
}

/// Changes of form with how often; a state of its own when there are too many.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Shifts {
    Few(BTreeMap<(Form, Form), u64>),
    Many,
}

impl Default for Shifts {
    fn default() -> Self {
        Self::Few(BTreeMap::new())
    }
}

impl<T> Trio<T> {
    /// The same trio of something else.
    pub fn map<'t, U>(&'t self, of: impl Fn(&'t T) -> U) -> Trio<U> {
        let [first, second] = &self.pair;
        Trio { pair: [of(first), of(second)], single: of(&self.single) }
    }

    /// All three.
    pub fn each(&self) -> [&T; 3] {
        [&self.pair[0], &self.pair[1], &self.single]
    }
}

impl<T: PartialEq> Trio<T> {
    /// How the three stand to each other.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let [first, second] = &self.pair;
        if first == second {
            if *first == self.single { Standing::Same } else { Standing::SingleOdd }
        } else if *first == self.single || *second == self.single {
            Standing::PairOdd
        } else {
            Standing::Scattered
        }
    }
}

impl Agreement {
    /// Counts three answers.
    pub fn count(&mut self, standing: Standing) {
        let slot = match standing {
            Standing::Same => &mut self.same,
            Standing::SingleOdd => &mut self.single_odd,
            Standing::PairOdd => &mut self.pair_odd,
            Standing::Scattered => &mut self.scattered,
        };
        *slot += 1;
    }

    /// Counts three forms, and remembers what became of what.
    pub fn count_forms(&mut self, forms: Trio<Form>) {
        let standing = forms.standing();
        self.count(standing);
        if standing == Standing::SingleOdd {
            self.shift((forms.pair[0], forms.single), 1);
        }
    }

    /// Joins what was counted elsewhere.
    pub fn merge(&mut self, other: Self) {
        self.same += other.same;
        self.single_odd += other.single_odd;
        self.pair_odd += other.pair_odd;
        self.scattered += other.scattered;
        match other.shifts {
            Shifts::Many => self.shifts = Shifts::Many,
            Shifts::Few(shifts) => {
                shifts.into_iter().for_each(|(shift, count)| self.shift(shift, count));
            }
        }
    }

    /// How often it was compared.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.same + self.single_odd + self.pair_odd + self.scattered
    }

    /// Comparisons that say which side an oddity is on.
    #[must_use]
    pub const fn telling(&self) -> u64 {
        self.single_odd + self.pair_odd
    }

    /// What became of what most often where the single one stood alone; the first of several that
    /// are as frequent.
    #[must_use]
    pub fn main_shift(&self) -> Option<(Form, Form)> {
        let Shifts::Few(shifts) = &self.shifts else { return None };
        let most = shifts.values().max()?;
        shifts.iter().find(|(_, count)| *count == most).map(|(shift, _)| *shift)
    }

    fn shift(&mut self, shift: (Form, Form), count: u64) {
        let Shifts::Few(shifts) = &mut self.shifts else { return };
        *shifts.entry(shift).or_default() += count;
        if shifts.len() > SHIFTS_MAX {
            self.shifts = Shifts::Many;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pair: [u16; 2], single: u16, expected: Standing) {
        assert_eq!(Trio { pair, single }.standing(), expected);
    }

    #[test]
    fn who_stands_alone_is_told() {
        check([1, 1], 1, Standing::Same);
        check([1, 1], 2, Standing::SingleOdd);
        check([1, 2], 1, Standing::PairOdd);
        check([1, 2], 2, Standing::PairOdd);
        check([1, 2], 3, Standing::Scattered);
    }

    #[test]
    fn too_many_changes_are_a_state_whatever_their_order() {
        let one = |status: u16| {
            let mut agreement = Agreement::default();
            let (old, new) = (Form::Status(200), Form::Status(status));
            agreement.count_forms(Trio { pair: [old, old], single: new });
            agreement
        };
        let joined = |statuses: &mut dyn Iterator<Item = u16>| {
            statuses.fold(Agreement::default(), |mut all, status| {
                all.merge(one(status));
                all
            })
        };
        let forwards = joined(&mut (300..400));
        assert_eq!(forwards, joined(&mut (300..400).rev()));
        assert_eq!((forwards.main_shift(), forwards.single_odd), (None, 100));
        let few = joined(&mut [404, 500, 500].into_iter());
        assert_eq!(few.main_shift(), Some((Form::Status(200), Form::Status(500))));
    }
}
