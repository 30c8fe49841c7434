//! Recognises what a scalar on the wire is: the traits of a string and of a number.
//!
//! Linear, allocation-free, and the same for traffic and for claims. Refuses to judge whether a
//! date exists in a calendar: it looks at form only.

use crate::trait_set::{LONG_STRING_BYTES, TraitSet};

/// The shortest run of hexadecimal digits that is taken for an id rather than a word.
const HEX_ID_DIGITS_MIN: usize = 16;

/// The length of a UUID in its hyphenated form.
const UUID_BYTES: usize = 36;

/// The traits of a string, given its decoded bytes.
#[must_use]
pub fn string_traits(bytes: &[u8]) -> TraitSet {
    let Some(&first) = bytes.first() else {
        return TraitSet::EMPTY_STRING;
    };
    if bytes.len() > LONG_STRING_BYTES {
        let ascii = if bytes.is_ascii() { TraitSet::NONE } else { TraitSet::NON_ASCII };
        let form = if is_uri(bytes) { TraitSet::URI } else { TraitSet::TEXT };
        return form | TraitSet::LONG | ascii;
    }
    let letters = bytes.iter().fold(0, |all, byte| all | LETTER_OF[usize::from(*byte)]);
    if letters & letter::NON_ASCII != 0 {
        return TraitSet::TEXT | TraitSet::NON_ASCII;
    }
    if letters & (letter::COLON | letter::AT) != 0 {
        with_separators(first, bytes, letters)
    } else if letters & letter::WORD == 0 {
        numeric(first, bytes, letters)
    } else {
        TraitSet::TEXT
    }
}

/// Strings of hexadecimal digits, dots and signs only.
fn numeric(first: u8, bytes: &[u8], letters: u8) -> TraitSet {
    if letters & letter::DOT == 0 && is_uuid(bytes) {
        return TraitSet::UUID;
    }
    if letters & letter::HEX == 0 {
        if is_digits(bytes) {
            // A long run of decimal digits is still digits: order and card numbers, not hex ids.
            return TraitSet::DIGITS;
        }
        if fits(bytes, b"0000-00-00") {
            return TraitSet::DATE;
        }
        if first.is_ascii_digit() && is_ipv4(bytes) {
            return TraitSet::IPV4;
        }
    }
    let is_hex = letters & !(letter::DIGIT | letter::HEX) == 0;
    if is_hex && bytes.len() >= HEX_ID_DIGITS_MIN { TraitSet::HEX } else { TraitSet::TEXT }
}

/// Strings with a colon or an at sign.
fn with_separators(first: u8, bytes: &[u8], letters: u8) -> TraitSet {
    if letters & letter::COLON != 0 {
        if first.is_ascii_digit()
            && let Some(found) = date_or_time(bytes)
        {
            return found;
        }
        let is_ipv6_like = letters & (letter::WORD | letter::AT | letter::SIGN) == 0;
        if is_ipv6_like && is_ipv6(bytes) {
            return TraitSet::IPV6;
        }
        if first.is_ascii_alphabetic() && is_uri(bytes) {
            return TraitSet::URI;
        }
    }
    if letters & letter::AT != 0 && is_email(bytes) { TraitSet::EMAIL } else { TraitSet::TEXT }
}

/// Kinds of bytes: which of them a string has rules most formats out at once.
mod letter {
    pub(super) const DIGIT: u8 = 1;
    pub(super) const HEX: u8 = 1 << 1;
    pub(super) const DOT: u8 = 1 << 2;
    pub(super) const SIGN: u8 = 1 << 3;
    pub(super) const COLON: u8 = 1 << 4;
    pub(super) const AT: u8 = 1 << 5;
    /// Every other one in ASCII.
    pub(super) const WORD: u8 = 1 << 6;
    pub(super) const NON_ASCII: u8 = 1 << 7;
}

const LETTER_OF: [u8; 256] = {
    let mut kinds = [letter::WORD; 256];
    let mut byte = 0;
    while byte < kinds.len() {
        kinds[byte] = match byte {
            0x30..=0x39 => letter::DIGIT,
            0x41..=0x46 | 0x61..=0x66 => letter::HEX,
            0x2E => letter::DOT,
            0x2B | 0x2D => letter::SIGN,
            0x3A => letter::COLON,
            0x40 => letter::AT,
            0x80.. => letter::NON_ASCII,
            _ => letter::WORD,
        };
        byte += 1;
    }
    kinds
};

/// The traits of a number, given its text as it stands in a JSON document.
#[must_use]
pub fn number_traits(text: &[u8]) -> TraitSet {
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, text),
    };
    let sign = if negative { TraitSet::NEGATIVE } else { TraitSet::NONE };
    if !digits.iter().all(u8::is_ascii_digit) {
        let zero =
            digits.iter().take_while(|b| **b | 0x20 != b'e').all(|b| matches!(b, b'0' | b'.'));
        return TraitSet::FRACTION | if zero { TraitSet::NONE } else { sign };
    }
    // 20 digits are beyond every 64-bit integer; fewer fit the accumulator without overflow.
    if digits.len() > 19 {
        return TraitSet::BIG | sign;
    }
    integer_traits(digits.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')), negative)
}

/// The traits of an integer, given its value without its sign.
#[inline]
pub(crate) fn integer_traits(value: u64, is_negative: bool) -> TraitSet {
    let size = integer_size(value, is_negative);
    if is_negative && value != 0 { size | TraitSet::NEGATIVE } else { size }
}

#[inline]
fn integer_size(value: u64, is_negative: bool) -> TraitSet {
    let below = u64::from(is_negative);
    if value == 0 {
        TraitSet::ZERO
    } else if value <= (1 << 31) - 1 + below {
        TraitSet::INT32
    } else if value <= 1 << 53 {
        TraitSet::INT53
    } else if value <= (1 << 63) - 1 + below {
        TraitSet::INT64
    } else {
        TraitSet::BIG
    }
}

/// True for the form of a UUID, given a string of hexadecimal digits and signs only.
fn is_uuid(bytes: &[u8]) -> bool {
    let is_sign = |byte: &&u8| matches!(byte, b'-' | b'+');
    bytes.len() == UUID_BYTES
        && [8, 13, 18, 23].into_iter().all(|at| bytes[at] == b'-')
        && bytes.iter().filter(is_sign).count() == 4
}

fn is_digits(bytes: &[u8]) -> bool {
    let unsigned = match bytes {
        [b'-' | b'+', rest @ ..] => rest,
        _ => bytes,
    };
    let mut dots = 0;
    let all = unsigned.iter().all(|byte| {
        dots += usize::from(*byte == b'.');
        byte.is_ascii_digit() || *byte == b'.'
    });
    all && dots <= 1
        && unsigned.first().is_some_and(u8::is_ascii_digit)
        && unsigned.last().is_some_and(u8::is_ascii_digit)
}

fn date_or_time(bytes: &[u8]) -> Option<TraitSet> {
    if is_clock(bytes) {
        return Some(TraitSet::TIME);
    }
    let (date, rest) = bytes.split_at_checked(10)?;
    if !fits(date, b"0000-00-00") {
        return None;
    }
    match rest.split_first() {
        None => Some(TraitSet::DATE),
        Some((b'T' | b't' | b' ', clock)) if is_clock(clock) => Some(TraitSet::DATE_TIME),
        Some(_) => None,
    }
}

/// `10:02`, `10:02:33`, `10:02:33.123`, each with or without `Z`, `+01:00`, `+0100` or `+01`.
fn is_clock(bytes: &[u8]) -> bool {
    let Some((minutes, rest)) = bytes.split_at_checked(5) else { return false };
    if !fits(minutes, b"00:00") {
        return false;
    }
    let rest = match rest.split_at_checked(3) {
        Some((seconds, rest)) if fits(seconds, b":00") => rest,
        _ => rest,
    };
    let rest = match rest {
        [b'.' | b',', fraction @ ..] => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return false;
            }
            &fraction[digits..]
        }
        _ => rest,
    };
    match rest {
        [] | [b'Z' | b'z'] => true,
        [b'+' | b'-', offset @ ..] => {
            [&b"00:00"[..], b"0000", b"00"].iter().any(|form| fits(offset, form))
        }
        _ => false,
    }
}

/// True when `bytes` has the form of `pattern`, where `0` stands for any decimal digit.
fn fits(bytes: &[u8], pattern: &[u8]) -> bool {
    bytes.len() == pattern.len()
        && bytes.iter().zip(pattern).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        })
}

fn is_ipv4(bytes: &[u8]) -> bool {
    bytes.len() <= 15
        && bytes.iter().filter(|byte| **byte == b'.').count() == 3
        && bytes.split(|byte| *byte == b'.').all(|part| {
            (1..=3).contains(&part.len())
                && part.iter().all(u8::is_ascii_digit)
                && part.iter().fold(0_u32, |sum, digit| sum * 10 + u32::from(digit - b'0')) < 256
        })
}

fn is_ipv6(bytes: &[u8]) -> bool {
    let colons = bytes.iter().filter(|byte| **byte == b':').count();
    (2..=7).contains(&colons)
        && bytes.len() <= 45
        && std::str::from_utf8(bytes).is_ok_and(|text| text.parse::<std::net::Ipv6Addr>().is_ok())
}

fn is_uri(bytes: &[u8]) -> bool {
    const SCHEME_MAX: usize = 16;
    let head = &bytes[..bytes.len().min(SCHEME_MAX + 3)];
    let Some(colon) = head.iter().position(|byte| *byte == b':') else { return false };
    let scheme = &bytes[..colon];
    let rest = &bytes[colon + 1..];
    scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        && (rest.starts_with(b"//") || matches!(scheme, b"urn" | b"mailto" | b"tel" | b"data"))
        && rest.len() > 2
        && !bytes.iter().any(|byte| byte.is_ascii_whitespace())
}

fn is_email(bytes: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'@', bytes) else { return false };
    let (local, domain) = (&bytes[..at], &bytes[at + 1..]);
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(byte);
    !local.is_empty()
        && local.iter().all(word)
        && domain.contains(&b'.')
        && domain.split(|byte| *byte == b'.').all(|label| {
            !label.is_empty() && label.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_string(input: &str, expected: TraitSet) {
        assert_eq!(string_traits(input.as_bytes()), expected, "{input:?}");
    }

    #[track_caller]
    fn check_number(input: &str, expected: TraitSet) {
        assert_eq!(number_traits(input.as_bytes()), expected, "{input}");
    }

    #[test]
    fn formats_are_recognised() {
        check_string("", TraitSet::EMPTY_STRING);
        check_string("pending", TraitSet::TEXT);
        check_string("héllo", TraitSet::TEXT | TraitSet::NON_ASCII);
        check_string(&"x".repeat(256), TraitSet::TEXT | TraitSet::LONG);
        check_string("2026-11-21", TraitSet::DATE);
        check_string("10:02", TraitSet::TIME);
        check_string("10:02:33.5+01:00", TraitSet::TIME);
        check_string("2026-11-21T10:02:33Z", TraitSet::DATE_TIME);
        check_string("2026-11-21 10:02:33.123456", TraitSet::DATE_TIME);
        check_string("2026-11-21T10:02:33+0100", TraitSet::DATE_TIME);
        check_string("7f9c24e5-2b0a-4c59-8a3d-9d0d1f3c2b11", TraitSet::UUID);
        check_string("ann@example.org", TraitSet::EMAIL);
        check_string("https://example.org/a?b=c", TraitSet::URI);
        check_string("urn:isbn:12", TraitSet::URI);
        check_string("192.168.0.1", TraitSet::IPV4);
        check_string("2001:db8::1", TraitSet::IPV6);
        check_string("869c204cbe68437d9443deca2b9df9ba", TraitSet::HEX);
        check_string("-12.50", TraitSet::DIGITS);
        check_string("4111111111111111", TraitSet::DIGITS);
    }

    #[test]
    fn near_misses_stay_text() {
        for text in [
            "1.2.3.4.5",
            "999.1.1.1x",
            "2026-13",
            "12:3",
            "a@b",
            "@b.c",
            "http:/x",
            "1.",
            ".5",
            "-",
            "deadbeef",
            "10:02:33.",
            "2026-11-21X10:00",
            "7f9c24e5-2b0a-4c59-8a3d-9d0d1f3c2bzz",
        ] {
            check_string(text, TraitSet::TEXT);
        }
    }

    #[test]
    fn numbers_are_sized_at_the_borders() {
        check_number("0", TraitSet::ZERO);
        check_number("-0", TraitSet::ZERO);
        check_number("2147483647", TraitSet::INT32);
        check_number("2147483648", TraitSet::INT53);
        check_number("-2147483648", TraitSet::INT32 | TraitSet::NEGATIVE);
        check_number("-2147483649", TraitSet::INT53 | TraitSet::NEGATIVE);
        check_number("9007199254740992", TraitSet::INT53);
        check_number("9007199254740993", TraitSet::INT64);
        check_number("9223372036854775807", TraitSet::INT64);
        check_number("9223372036854775808", TraitSet::BIG);
        check_number("-9223372036854775808", TraitSet::INT64 | TraitSet::NEGATIVE);
        check_number("100000000000000000000", TraitSet::BIG);
        check_number("1.5", TraitSet::FRACTION);
        check_number("-1e3", TraitSet::FRACTION | TraitSet::NEGATIVE);
        check_number("-0.0", TraitSet::FRACTION);
    }
}
