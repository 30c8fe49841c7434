//! The vocabulary of traits: every elementary fact about one place in one exchange is one bit, so
//! that a place's traits fit in a machine word and "is this covered" is a mask test.
//!
//! Knows values as they stand on the wire; refuses to know where they came from.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign};

/// A set of traits of one place in one exchange. Under arrays and maps it is the union over all
/// elements of that exchange.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct TraitSet(u64);

/// The kind of a value, coarser than its traits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// JSON null.
    Null,
    /// true or false.
    Boolean,
    /// Any number.
    Number,
    /// Any string.
    String,
    /// Any array.
    Array,
    /// Any object, record or map.
    Object,
    /// A body that is there and not looked into: text, HTML, binary, broken JSON.
    Opaque,
}

/// Every kind, in the order in which kinds are named to people.
pub const KINDS: [Kind; 7] = [
    Kind::Object,
    Kind::Array,
    Kind::String,
    Kind::Number,
    Kind::Boolean,
    Kind::Null,
    Kind::Opaque,
];

impl TraitSet {
    /// Nothing known.
    pub const NONE: Self = Self(0);
    /// JSON null.
    pub const NULL: Self = Self(1);
    /// The boolean false.
    pub const FALSE: Self = Self(1 << 1);
    /// The boolean true.
    pub const TRUE: Self = Self(1 << 2);
    /// The integer zero.
    pub const ZERO: Self = Self(1 << 3);
    /// An integer other than zero that fits 32 bits with a sign.
    pub const INT32: Self = Self(1 << 4);
    /// An integer beyond 32 bits and within ±2^53, where a reader in JavaScript is still exact.
    pub const INT53: Self = Self(1 << 5);
    /// An integer beyond ±2^53 that fits 64 bits with a sign.
    pub const INT64: Self = Self(1 << 6);
    /// An integer beyond 64 bits.
    pub const BIG: Self = Self(1 << 7);
    /// A number written with a fraction or an exponent.
    pub const FRACTION: Self = Self(1 << 8);
    /// A number below zero.
    pub const NEGATIVE: Self = Self(1 << 9);
    /// The empty string.
    pub const EMPTY_STRING: Self = Self(1 << 10);
    /// A string of no recognised format.
    pub const TEXT: Self = Self(1 << 11);
    /// `2026-11-21`.
    pub const DATE: Self = Self(1 << 12);
    /// `10:02:33`, with or without an offset.
    pub const TIME: Self = Self(1 << 13);
    /// RFC 3339 date and time; a blank instead of `T` and a missing offset are accepted.
    pub const DATE_TIME: Self = Self(1 << 14);
    /// A UUID in its hyphenated form.
    pub const UUID: Self = Self(1 << 15);
    /// An e-mail address.
    pub const EMAIL: Self = Self(1 << 16);
    /// An absolute URI with a scheme and `//`.
    pub const URI: Self = Self(1 << 17);
    /// A dotted IPv4 address.
    pub const IPV4: Self = Self(1 << 18);
    /// An IPv6 address.
    pub const IPV6: Self = Self(1 << 19);
    /// 16 or more hexadecimal digits and nothing else.
    pub const HEX: Self = Self(1 << 20);
    /// Decimal digits, optionally with a sign and a fraction: a number written as a string.
    pub const DIGITS: Self = Self(1 << 21);
    /// A string with a character outside ASCII.
    pub const NON_ASCII: Self = Self(1 << 22);
    /// A string longer than [`LONG_STRING_BYTES`].
    pub const LONG: Self = Self(1 << 23);
    /// The array `[]`.
    pub const EMPTY_ARRAY: Self = Self(1 << 24);
    /// An array of one element.
    pub const ONE_ELEMENT: Self = Self(1 << 25);
    /// An array of two or more elements.
    pub const MANY_ELEMENTS: Self = Self(1 << 26);
    /// The object `{}`.
    pub const EMPTY_OBJECT: Self = Self(1 << 27);
    /// An object with at least one word-like key.
    pub const RECORD: Self = Self(1 << 28);
    /// An object with at least one key that is itself data: a number, an id, a date, an address.
    pub const MAP: Self = Self(1 << 29);
    /// Present in some and absent in other elements of one and the same exchange.
    pub const PARTIAL: Self = Self(1 << 30);
    /// Nested deeper than places are told apart.
    pub const TOO_DEEP: Self = Self(1 << 31);
    /// Declared as JSON and not JSON.
    pub const MALFORMED: Self = Self(1 << 32);
    /// A body that is not JSON and not empty.
    pub const OPAQUE: Self = Self(1 << 33);
    /// There, but its value was not looked at: withheld by the redaction or by the source.
    pub const WITHHELD: Self = Self(1 << 34);
    /// There; nothing more is said. Used for places that only exist or not, like a media type.
    pub const PRESENT: Self = Self(1 << 35);
    /// In the elements of a list: all of them have what the query asked for here, or none has.
    pub const SELECTED: Self = Self(1 << 36);
    /// In the elements of a list: some have what the query asked for here, beside others.
    pub const UNSELECTED: Self = Self(1 << 37);

    /// Any boolean.
    pub const BOOLEAN: Self = Self(Self::FALSE.0 | Self::TRUE.0);
    /// Any integer.
    pub const INTEGER: Self =
        Self(Self::ZERO.0 | Self::INT32.0 | Self::INT53.0 | Self::INT64.0 | Self::BIG.0);
    /// Any number; the sign is part of it.
    pub const NUMBER: Self = Self(Self::INTEGER.0 | Self::FRACTION.0 | Self::NEGATIVE.0);
    /// Every recognised string format that narrows what a reader may expect.
    pub const FORMAT: Self = Self(
        Self::DATE.0
            | Self::TIME.0
            | Self::DATE_TIME.0
            | Self::UUID.0
            | Self::EMAIL.0
            | Self::URI.0
            | Self::IPV4.0
            | Self::IPV6.0
            | Self::HEX.0,
    );
    /// Any string.
    pub const STRING: Self = Self(
        Self::EMPTY_STRING.0
            | Self::TEXT.0
            | Self::FORMAT.0
            | Self::DIGITS.0
            | Self::NON_ASCII.0
            | Self::LONG.0,
    );
    /// Any array.
    pub const ARRAY: Self = Self(Self::EMPTY_ARRAY.0 | Self::ONE_ELEMENT.0 | Self::MANY_ELEMENTS.0);
    /// Any object.
    pub const OBJECT: Self = Self(Self::EMPTY_OBJECT.0 | Self::RECORD.0 | Self::MAP.0);
    /// A body not looked into.
    pub const UNREADABLE: Self = Self(Self::MALFORMED.0 | Self::OPAQUE.0);
    /// How a list stands to the query that asked for it.
    pub const SELECTION: Self = Self(Self::SELECTED.0 | Self::UNSELECTED.0);
    /// Facts about how something was looked at or asked for, not about its value.
    pub const ASIDE: Self = Self(
        Self::PARTIAL.0 | Self::TOO_DEEP.0 | Self::WITHHELD.0 | Self::PRESENT.0 | Self::SELECTION.0,
    );
    /// Every trait there is.
    pub const ALL: Self = Self((1 << TRAIT_COUNT) - 1);

    /// The set as its bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// True when no trait is set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True when every trait of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// True when at least one trait is in both sets.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The traits of this set that are not in `other`.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The traits one by one, lowest bit first.
    pub fn iter(self) -> impl Iterator<Item = Self> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            if rest == 0 {
                return None;
            }
            let bit = rest & rest.wrapping_neg();
            rest ^= bit;
            Some(Self(bit))
        })
    }

    /// The position of the lowest trait, 0 to 63.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0.trailing_zeros() as usize
    }

    /// The kinds that these traits belong to.
    pub fn kinds(self) -> impl Iterator<Item = Kind> {
        KINDS.into_iter().filter(move |kind| self.intersects(kind.traits()))
    }

    /// The same set seen by kind only: a set with any number has every number trait, and so on.
    /// Facts about the looking ([`TraitSet::ASIDE`]) stay as they are.
    #[must_use]
    pub fn widened_to_kinds(self) -> Self {
        self.kinds().fold(self & Self::ASIDE, |all, kind| all | kind.traits())
    }

    /// What a person calls these traits: `int32, negative`, `date-time`.
    #[must_use]
    pub fn names(self) -> String {
        let names: Vec<&str> = self.iter().map(Self::name).collect();
        names.join(", ")
    }

    /// What a person calls the kinds of these traits: `string or null`.
    #[must_use]
    pub fn kind_names(self) -> String {
        let names: Vec<&str> = self.kinds().map(Kind::name).collect();
        names.join(" or ")
    }

    fn name(self) -> &'static str {
        TRAIT_NAMES.get(self.index()).copied().unwrap_or("unknown")
    }
}

/// How many traits the vocabulary holds. Must stay at or below 64.
pub const TRAIT_COUNT: usize = 38;

/// Strings longer than this, in bytes, carry [`TraitSet::LONG`]: the width of a common database
/// column, so the likeliest place where a longer value is cut or refused.
pub const LONG_STRING_BYTES: usize = 255;

const TRAIT_NAMES: [&str; TRAIT_COUNT] = [
    "null",
    "false",
    "true",
    "zero",
    "int32",
    "beyond int32",
    "beyond 2^53",
    "beyond int64",
    "fraction",
    "negative",
    "empty string",
    "text",
    "date",
    "time",
    "date-time",
    "uuid",
    "e-mail",
    "uri",
    "ipv4",
    "ipv6",
    "hex",
    "digits",
    "non-ascii",
    "long",
    "empty array",
    "one element",
    "many elements",
    "empty object",
    "record",
    "map",
    "absent in some elements",
    "too deep",
    "malformed",
    "not JSON",
    "withheld",
    "present",
    "as asked for",
    "beside those asked for",
];

impl Kind {
    /// Every trait that belongs to this kind.
    #[must_use]
    pub const fn traits(self) -> TraitSet {
        match self {
            Self::Null => TraitSet::NULL,
            Self::Boolean => TraitSet::BOOLEAN,
            Self::Number => TraitSet::NUMBER,
            Self::String => TraitSet::STRING,
            Self::Array => TraitSet::ARRAY,
            Self::Object => TraitSet::OBJECT,
            Self::Opaque => TraitSet::UNREADABLE,
        }
    }

    /// The word for this kind.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
            Self::Opaque => "something that is not JSON",
        }
    }
}

impl BitOr for TraitSet {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for TraitSet {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl BitAnd for TraitSet {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl fmt::Display for TraitSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.names())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_partition_the_value_traits() {
        let mut all = TraitSet::ASIDE;
        for kind in KINDS {
            assert!(!all.intersects(kind.traits()), "{kind:?} overlaps");
            all |= kind.traits();
        }
        assert_eq!(all, TraitSet::ALL);
    }

    #[test]
    fn widening_keeps_what_is_aside() {
        let seen = TraitSet::INT32 | TraitSet::PARTIAL | TraitSet::NULL;
        let widened = seen.widened_to_kinds();
        assert_eq!(widened, TraitSet::NUMBER | TraitSet::NULL | TraitSet::PARTIAL);
        assert_eq!(widened.kind_names(), "number or null");
    }

    #[test]
    fn iterating_gives_each_trait_once() {
        let set = TraitSet::NULL | TraitSet::UUID | TraitSet::PRESENT;
        let again = set.iter().fold(TraitSet::NONE, BitOr::bitor);
        assert_eq!(set, again);
        assert_eq!(set.iter().count(), 3);
        assert_eq!(set.names(), "null, uuid, present");
    }
}
