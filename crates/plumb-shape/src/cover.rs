//! Cover: which traits a saying takes in beyond the ones it names.
//!
//! An example shows single values and stands for their kind: who is tried on `"pending"` is taken
//! to be tried on any plain text, who is tried on 12 on any 32-bit integer. What an example does
//! not take in is what programs stumble over: null, empty, a wider number, another format, another
//! kind.

use crate::trait_set::TraitSet;

/// Every trait that a saying with these traits covers.
#[must_use]
pub fn cover(said: TraitSet) -> TraitSet {
    let mut covered = said | TraitSet::ASIDE;
    covered |= cover_strings(said);
    covered |= cover_numbers(said);
    if said.intersects(TraitSet::BOOLEAN) {
        covered |= TraitSet::BOOLEAN;
    }
    if said.intersects(TraitSet::ARRAY) {
        // Elements of an array that was only said empty are news at their own place.
        covered |= TraitSet::ONE_ELEMENT | TraitSet::MANY_ELEMENTS;
    }
    if said.intersects(TraitSet::OBJECT) {
        // Members that are new or absent are news at their own places.
        covered |= TraitSet::OBJECT;
    }
    covered
}

fn cover_strings(said: TraitSet) -> TraitSet {
    let strings = said & TraitSet::STRING.minus(TraitSet::EMPTY_STRING);
    if strings.is_empty() {
        return TraitSet::NONE;
    }
    if strings.intersects(TraitSet::TEXT | TraitSet::DIGITS) {
        return TraitSet::STRING.minus(TraitSet::EMPTY_STRING);
    }
    let mut covered = TraitSet::NONE;
    if strings.intersects(TraitSet::HEX) {
        // A hexadecimal id now and then has no letter in it.
        covered |= TraitSet::DIGITS;
    }
    if strings.intersects(TraitSet::URI | TraitSet::EMAIL) {
        covered |= TraitSet::LONG | TraitSet::NON_ASCII;
    }
    covered
}

fn cover_numbers(said: TraitSet) -> TraitSet {
    const SIZES: [TraitSet; 5] =
        [TraitSet::ZERO, TraitSet::INT32, TraitSet::INT53, TraitSet::INT64, TraitSet::BIG];
    let mut covered = TraitSet::NONE;
    if said.intersects(TraitSet::INTEGER) {
        covered |= TraitSet::ZERO | TraitSet::INT32;
    }
    if said.intersects(TraitSet::FRACTION) {
        // Writers of floating-point numbers often drop a fraction of zero.
        covered |= TraitSet::ZERO | TraitSet::INT32 | TraitSet::INT53;
    }
    for (at, size) in SIZES.iter().enumerate() {
        if said.intersects(*size) {
            covered = SIZES[..at].iter().fold(covered, |all, smaller| all | *smaller);
        }
    }
    covered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: TraitSet, covered: TraitSet, uncovered: TraitSet) {
        assert!(cover(said).contains(covered), "{said} should cover {covered}");
        assert!(!cover(said).intersects(uncovered), "{said} should not cover {uncovered}");
    }

    #[test]
    fn an_example_stands_for_its_kind_and_no_more() {
        check(
            TraitSet::TEXT,
            TraitSet::UUID | TraitSet::LONG | TraitSet::NON_ASCII,
            TraitSet::EMPTY_STRING | TraitSet::NULL | TraitSet::NUMBER,
        );
        check(TraitSet::DATE, TraitSet::DATE, TraitSet::DATE_TIME | TraitSet::TEXT);
        check(TraitSet::HEX, TraitSet::DIGITS, TraitSet::UUID | TraitSet::TEXT);
        check(
            TraitSet::INT32,
            TraitSet::ZERO,
            TraitSet::INT53 | TraitSet::FRACTION | TraitSet::NEGATIVE | TraitSet::STRING,
        );
        check(TraitSet::INT64, TraitSet::INT53 | TraitSet::INT32, TraitSet::BIG);
        check(TraitSet::FRACTION, TraitSet::INT32, TraitSet::BIG | TraitSet::NEGATIVE);
        check(TraitSet::TRUE, TraitSet::FALSE, TraitSet::NULL);
        check(TraitSet::MANY_ELEMENTS, TraitSet::ONE_ELEMENT, TraitSet::EMPTY_ARRAY);
        check(TraitSet::RECORD, TraitSet::EMPTY_OBJECT | TraitSet::MAP, TraitSet::ARRAY);
    }
}
