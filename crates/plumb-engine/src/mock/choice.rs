//! Choosing among behaviours so that each is answered as often as it was seen, without chance.
//!
//! Refuses to know what a behaviour is beyond its counts.

use crate::mock::behaviour::MockBehaviour;

/// The behaviour that has been answered least for its share. Over any number of answers none is
/// more than one answer away from its share for long, and the order is always the same.
pub(crate) fn most_owed(behaviours: &[MockBehaviour], among: &[usize]) -> usize {
    let one = |at: &usize| &behaviours[*at];
    let seen: u64 = among.iter().map(|at| one(at).seen).sum();
    let answered: u64 = among.iter().map(|at| one(at).answered).sum();
    let owed = |at: &usize| {
        // What should have been answered after the next answer, less what was; times `seen`.
        let due = u128::from(one(at).seen) * u128::from(answered + 1);
        let done = u128::from(one(at).answered) * u128::from(seen);
        i128::try_from(due).unwrap_or(i128::MAX) - i128::try_from(done).unwrap_or(i128::MAX)
    };
    let best = among.iter().max_by_key(|at| (owed(at), std::cmp::Reverse(**at)));
    best.copied().unwrap_or_default()
}
