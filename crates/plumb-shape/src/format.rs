//! Recognises what a scalar on the wire is: the traits of a string and of a number.
//!
//! Linear, allocation-free, and the same for traffic and for claims. Refuses to judge whether a
//! date exists in a calendar: it looks at form only.

use crate::eight::{HIGH, LOW, at_least, below, has, head_of, tail_of, zeros};
use crate::trait_set::{LONG_STRING_BYTES, TraitSet};

/// The shortest run of hexadecimal digits that is taken for an id rather than a word.
pub(crate) const HEX_ID_DIGITS_MIN: usize = 16;

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
    if let Some(uuid) = bytes.as_array::<UUID_BYTES>()
        && is_uuid(uuid)
    {
        return TraitSet::UUID;
    }
    if first.is_ascii_digit()
        && let Some(found) = date_or_time(bytes)
    {
        return found;
    }
    let marks = Marks::of(bytes);
    if marks.non_ascii {
        TraitSet::TEXT | TraitSet::NON_ASCII
    } else if marks.colon || marks.at {
        with_separators(first, bytes, marks)
    } else {
        // Words show in their first letters.
        let mut letters = 0;
        for byte in bytes {
            letters |= LETTER_OF[usize::from(*byte)];
            if letters & letter::WORD != 0 {
                return TraitSet::TEXT;
            }
        }
        numeric(first, bytes, letters)
    }
}

/// The bytes without which a string has none of most formats.
#[derive(Clone, Copy)]
struct Marks {
    non_ascii: bool,
    colon: bool,
    at: bool,
}

impl Marks {
    #[inline]
    fn of(bytes: &[u8]) -> Self {
        let (mut all, mut colon, mut at) = (0, 0, 0);
        let mut note = |word: u64| {
            all |= word;
            colon |= zeros(word ^ (LOW * 0x3A));
            at |= zeros(word ^ (LOW * 0x40));
        };
        bytes.as_chunks::<8>().0.iter().for_each(|word| note(u64::from_le_bytes(*word)));
        // The last bytes are looked at together with some before them, so that none is left over.
        note(if bytes.len() < 8 { head_of(bytes) } else { tail_of(bytes) });
        Self { non_ascii: all & HIGH != 0, colon: colon != 0, at: at != 0 }
    }
}

/// Strings of hexadecimal digits, dots and signs only.
fn numeric(first: u8, bytes: &[u8], letters: u8) -> TraitSet {
    if letters == letter::DIGIT {
        return TraitSet::DIGITS;
    }
    if letters & letter::HEX == 0 {
        if is_digits(bytes) {
            // A long run of decimal digits is still digits: order and card numbers, not hex ids.
            return TraitSet::DIGITS;
        }
        if first.is_ascii_digit() && is_ipv4(bytes) {
            return TraitSet::IPV4;
        }
    }
    let is_hex = letters & !(letter::DIGIT | letter::HEX) == 0;
    if is_hex && bytes.len() >= HEX_ID_DIGITS_MIN { TraitSet::HEX } else { TraitSet::TEXT }
}

/// Strings with a colon or an at sign.
#[inline(never)]
fn with_separators(first: u8, bytes: &[u8], marks: Marks) -> TraitSet {
    if marks.colon {
        let is_ipv6_like = !marks.at
            && bytes.iter().all(|byte| LETTER_OF[usize::from(*byte)] & letter::NOT_IPV6 == 0);
        if is_ipv6_like && is_ipv6(bytes) {
            return TraitSet::IPV6;
        }
        if first.is_ascii_alphabetic() && is_uri(bytes) {
            return TraitSet::URI;
        }
    }
    if marks.at && is_email(bytes) { TraitSet::EMAIL } else { TraitSet::TEXT }
}

/// Kinds of bytes: which of them a string has rules most formats out at once.
mod letter {
    pub(super) const DIGIT: u8 = 1;
    pub(super) const HEX: u8 = 1 << 1;
    pub(super) const DOT: u8 = 1 << 2;
    pub(super) const SIGN: u8 = 1 << 3;
    pub(super) const COLON: u8 = 1 << 4;
    /// Every other one.
    pub(super) const WORD: u8 = 1 << 5;
    /// What no address of IPv6 has.
    pub(super) const NOT_IPV6: u8 = WORD | SIGN;
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
    if !digits.iter().all(u8::is_ascii_digit) {
        return fraction_traits(text);
    }
    integer_traits(digits, negative)
}

/// The traits of a number with a fraction or an exponent, given its text.
#[inline]
pub(crate) fn fraction_traits(text: &[u8]) -> TraitSet {
    let Some((b'-', digits)) = text.split_first() else { return TraitSet::FRACTION };
    let is_zero =
        digits.iter().take_while(|b| **b | 0x20 != b'e').all(|b| matches!(b, b'0' | b'.'));
    if is_zero { TraitSet::FRACTION } else { TraitSet::FRACTION | TraitSet::NEGATIVE }
}

/// The traits of an integer, given its digits. Most sizes show in the number of digits, so that
/// these are looked at around the borders only.
#[inline]
pub(crate) fn integer_traits(digits: &[u8], is_negative: bool) -> TraitSet {
    let size = match digits.len() {
        1 if digits[0] == b'0' => return TraitSet::ZERO,
        1..=9 if digits[0] != b'0' => TraitSet::INT32,
        11..=15 if digits[0] != b'0' => TraitSet::INT53,
        17..=18 if digits[0] != b'0' => TraitSet::INT64,
        _ => integer_size(digits, is_negative),
    };
    if is_negative && size != TraitSet::ZERO { size | TraitSet::NEGATIVE } else { size }
}

#[inline(never)]
fn integer_size(digits: &[u8], is_negative: bool) -> TraitSet {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    let digits = &digits[zeros..];
    // Of two numbers with as many digits, the one that would be sorted first is the lower.
    let is_within = |most: &[u8]| (digits.len(), digits) <= (most.len(), most);
    let bound = |most: &'static [u8], below: &'static [u8]| if is_negative { below } else { most };
    if digits.is_empty() {
        TraitSet::ZERO
    } else if is_within(bound(b"2147483647", b"2147483648")) {
        TraitSet::INT32
    } else if is_within(b"9007199254740992") {
        TraitSet::INT53
    } else if is_within(bound(b"9223372036854775807", b"9223372036854775808")) {
        TraitSet::INT64
    } else {
        TraitSet::BIG
    }
}

/// True for the form of a UUID: eight bytes at once, the last ones together with some before them.
#[inline(never)]
pub(crate) fn is_uuid(bytes: &[u8; UUID_BYTES]) -> bool {
    let word = |at: usize| bytes[at..].first_chunk::<8>().map_or(0, |it| u64::from_le_bytes(*it));
    are_hex(word(0))
        && are_hex_with_signs(word(8), *b"-0000-00")
        && are_hex_with_signs(word(16), *b"00-0000-")
        && are_hex(word(24))
        && are_hex(word(28))
}

/// True when all eight bytes are hexadecimal digits.
#[inline(always)]
fn are_hex(word: u64) -> bool {
    let lower = word | (LOW * 0x20);
    let digits = at_least(word, 0x30) & !at_least(word, 0x3A);
    let letters = at_least(lower, 0x61) & !at_least(lower, 0x67);
    (digits | letters) & !word == HIGH
}

/// [`are_hex`], but for signs where the form has them.
#[inline(always)]
fn are_hex_with_signs(word: u64, form: [u8; 8]) -> bool {
    let signs = u64::from_le_bytes(form.map(|byte| if byte == b'-' { 0xFF } else { 0 }));
    word & signs == (LOW * 0x2D) & signs && are_hex((word & !signs) | (LOW * 0x30) & signs)
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

#[inline(never)]
fn date_or_time(bytes: &[u8]) -> Option<TraitSet> {
    if bytes.get(2) == Some(&b':') {
        return is_clock(bytes).then_some(TraitSet::TIME);
    }
    let (date, rest) = bytes.split_first_chunk::<8>()?;
    let (day, rest) = rest.split_first_chunk::<2>()?;
    if !(fits_eight(*date, *b"0000-00-") && fits(day, b"00")) {
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
    let rest = match bytes.split_first_chunk::<8>() {
        Some((seconds, rest)) if fits_eight(*seconds, *b"00:00:00") => rest,
        _ => match bytes.split_at_checked(5) {
            Some((minutes, rest)) if fits(minutes, b"00:00") => rest,
            _ => return false,
        },
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

/// [`fits`] for eight bytes at once.
#[inline]
fn fits_eight(bytes: [u8; 8], pattern: [u8; 8]) -> bool {
    // What fits differs from the pattern by 0, or by up to 9 at a digit. With 15 or 6 added, only
    // that stays below 16.
    let slack = pattern.map(|form| if form == b'0' { 6 } else { 15 });
    let differs = u64::from_le_bytes(bytes) ^ u64::from_le_bytes(pattern);
    let lifted = (differs & (LOW * 0x0F)) + u64::from_le_bytes(slack);
    (differs | lifted) & (LOW * 0xF0) == 0
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
        && !(has(bytes, b'_', |word| below(word, 0x21))
            && bytes.iter().any(|byte| byte.is_ascii_whitespace()))
}

fn is_email(bytes: &[u8]) -> bool {
    let is_local = |byte: &&u8| MAIL_OF[usize::from(**byte)] & mail::LOCAL != 0;
    let at = bytes.iter().take_while(is_local).count();
    let Some((b'@', domain)) = bytes[at..].split_first() else { return false };
    // A domain has a dot, but none at its ends or beside another.
    let (mut all, mut any, mut doubled, mut before) = (mail::DOMAIN, 0, 0, mail::DOT);
    for byte in domain {
        let kind = MAIL_OF[usize::from(*byte)];
        all &= kind;
        any |= kind;
        doubled |= kind & before;
        before = kind;
    }
    at > 0 && all != 0 && any & mail::DOT != 0 && (doubled | before) & mail::DOT == 0
}

/// What bytes an e-mail address has before and behind its sign.
mod mail {
    pub(super) const LOCAL: u8 = 1;
    pub(super) const DOMAIN: u8 = 1 << 1;
    pub(super) const DOT: u8 = 1 << 2;
}

const MAIL_OF: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        kinds[byte as usize] = match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' => mail::LOCAL | mail::DOMAIN,
            b'.' => mail::LOCAL | mail::DOMAIN | mail::DOT,
            b'!' | b'#'..=b'\'' | b'*' | b'+' | b'/' | b'=' | b'?' => mail::LOCAL,
            b'^'..=b'`' | b'{'..=b'~' => mail::LOCAL,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

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
