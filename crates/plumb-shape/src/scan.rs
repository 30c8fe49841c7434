//! Scans JSON text (RFC 8259) token by token without building a tree.
//!
//! Strict about grammar, bounded in depth by its caller, and free of allocation except for strings
//! with escapes. Refuses to know what the tokens mean.

use crate::eight::{HIGH, LOW, at_least, below, bytes_below, head_of, zeros};
use crate::token::Token;
use thiserror::Error;

/// JSON that is not JSON, with the byte where that shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not JSON at byte {at}: {reason}")]
pub struct Malformed {
    /// The offset in bytes from the start of the text.
    pub at: usize,
    /// What is wrong there.
    pub reason: &'static str,
}

/// A cursor over JSON text that is known to be UTF-8. It is copied into what works with it and its
/// hot functions are inlined there, so that it stays in registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// The raw inside of a string token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    raw: &'a [u8],
    has_escape: bool,
}

/// A number token, as far as its size is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number<'a> {
    /// Digits with or without a sign.
    Integer {
        /// A minus sign stands before it.
        is_negative: bool,
        /// The rest, without a leading zero.
        digits: &'a [u8],
    },
    /// Text with a fraction or an exponent.
    Fraction(&'a [u8]),
}

impl<'a> Scanner<'a> {
    /// A cursor at the start. Fails when the text is not UTF-8.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        // Most documents are short and ASCII, for which this is the quickest answer.
        if bytes.is_ascii() {
            return Ok(Self { bytes, at: 0 });
        }
        match simdutf8::basic::from_utf8(bytes) {
            Ok(_) => Ok(Self { bytes, at: 0 }),
            Err(_) => {
                let at = std::str::from_utf8(bytes).err().map_or(0, |err| err.valid_up_to());
                Err(Malformed { at, reason: "not UTF-8" })
            }
        }
    }

    /// The next byte that is not white space, not taken.
    #[inline(always)]
    pub(crate) fn peek(&mut self) -> Result<u8, Malformed> {
        match self.bytes.get(self.at) {
            Some(&byte) if byte > b' ' => Ok(byte),
            _ => {
                self.at = space_end(self.bytes, self.at);
                self.bytes.get(self.at).copied().ok_or(self.wrong("ends too early"))
            }
        }
    }

    /// Takes one byte that was peeked.
    #[inline(always)]
    pub(crate) fn advance(&mut self) {
        self.skip(1);
    }

    /// Moves on by bytes that are there, and so never beyond what a number can hold.
    #[inline(always)]
    pub(crate) fn skip(&mut self, bytes: usize) {
        self.at = self.at.wrapping_add(bytes);
    }

    /// Takes `expected` or fails.
    #[inline(always)]
    pub(crate) fn take(&mut self, expected: u8, reason: &'static str) -> Result<(), Malformed> {
        if self.bytes.get(self.at) == Some(&expected) || self.peek()? == expected {
            self.advance();
            Ok(())
        } else {
            Err(self.wrong(reason))
        }
    }

    /// Takes a word such as `true`.
    #[inline(always)]
    pub(crate) fn word(&mut self, word: &[u8]) -> Result<(), Malformed> {
        if self.bytes[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.wrong("an unknown word"))
        }
    }

    /// Takes a string whose opening quote is next.
    #[inline(always)]
    pub(crate) fn string(&mut self) -> Result<Text<'a>, Malformed> {
        let start = self.at + 1;
        let mut at = start;
        let mut has_escape = false;
        loop {
            at += plain_len(&self.bytes[at..]);
            match self.bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    has_escape = true;
                    at = escape_end(self.bytes, at)?;
                }
                Some(_) => return Err(Malformed { at, reason: "a control character in a string" }),
                None => return Err(Malformed { at, reason: "ends inside a string" }),
            }
        }
        self.at = at + 1;
        Ok(Text { raw: &self.bytes[start..at], has_escape })
    }

    /// The first eight bytes at the cursor, for [`Scanner::take_token`].
    #[inline(always)]
    pub(crate) fn head(&self) -> u64 {
        head_of(self.rest())
    }

    /// The text from the cursor on.
    #[inline(always)]
    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    /// Takes a string that is expected here, if it is the one.
    #[inline(always)]
    pub(crate) fn take_token(&mut self, head: u64, token: &Token) -> bool {
        let is_here = token.stands_in(head, &self.bytes[self.at..]);
        if is_here {
            self.skip(token.len());
        }
        is_here
    }

    /// Takes the string here if just so many bytes stand between its quotes and `is` holds of them,
    /// as it may of nothing with quotes, escapes or controls in it; whether it was taken.
    #[inline(always)]
    pub(crate) fn take_exactly<const N: usize>(&mut self, is: fn(&[u8; N]) -> bool) -> bool {
        let behind = self.rest().get(1..).unwrap_or_default();
        let is_here = behind.get(N) == Some(&b'"') && behind.first_chunk::<N>().is_some_and(is);
        if is_here {
            self.skip(N + 2);
        }
        is_here
    }

    /// Takes a number.
    #[inline(always)]
    pub(crate) fn number(&mut self) -> Result<Number<'a>, Malformed> {
        let start = self.at;
        let is_negative = self.bytes[start] == b'-';
        self.at += usize::from(is_negative);
        let digits = self.digits()?;
        if digits.len() > 1 && digits[0] == b'0' {
            return Err(self.wrong("a number with a leading zero"));
        }
        if !matches!(self.bytes.get(self.at), Some(b'.' | b'e' | b'E')) {
            return Ok(Number::Integer { is_negative, digits });
        }
        if self.bytes[self.at] == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.at) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Number::Fraction(&self.bytes[start..self.at]))
    }

    /// Takes digits.
    #[inline(always)]
    fn digits(&mut self) -> Result<&'a [u8], Malformed> {
        let rest = &self.bytes[self.at..];
        let digits = &rest[..digits_len(rest)];
        if digits.is_empty() {
            return Err(self.wrong("a digit is missing"));
        }
        self.at += digits.len();
        Ok(digits)
    }

    /// Passes over a whole value that is not looked into. `closers` lends its room.
    #[inline(always)]
    pub(crate) fn pass_value(&mut self, closers: &mut Vec<u8>) -> Result<(), Malformed> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'-' | b'0'..=b'9' => self.number().map(drop),
            _ => self.behind_value(closers).map(|behind| *self = behind),
        }
    }

    /// The cursor behind a whole value that is not looked into. Brackets are matched by those in
    /// `closers`, whose room is used again; nothing is recursive.
    pub(crate) fn behind_value(mut self, closers: &mut Vec<u8>) -> Result<Self, Malformed> {
        closers.clear();
        loop {
            match self.peek()? {
                b'"' => drop(self.string()?),
                b'{' => {
                    closers.push(b'}');
                    self.at += 1;
                }
                b'[' => {
                    closers.push(b']');
                    self.at += 1;
                }
                byte @ (b'}' | b']') => {
                    if closers.pop() != Some(byte) {
                        return Err(self.wrong("a bracket that does not match"));
                    }
                    self.at += 1;
                }
                b',' | b':' if !closers.is_empty() => self.at += 1,
                b'-' | b'0'..=b'9' => drop(self.number()?),
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                _ => return Err(self.wrong("not a value")),
            }
            if closers.is_empty() {
                return Ok(self);
            }
            // The most usual next byte, taken without another round.
            if let Some(b',' | b':') = self.bytes.get(self.at) {
                self.at += 1;
            }
        }
    }

    /// The text from this cursor to one further on.
    pub(crate) fn until(&self, end: &Self) -> &'a [u8] {
        &self.bytes[self.at..end.at]
    }

    /// Fails unless only white space is left.
    pub(crate) fn end(&mut self) -> Result<(), Malformed> {
        match self.peek() {
            Err(_) => Ok(()),
            Ok(_) => Err(self.wrong("more text after the value")),
        }
    }

    /// What is wrong at the cursor.
    #[inline(always)]
    pub(crate) fn wrong(&self, reason: &'static str) -> Malformed {
        Malformed { at: self.at, reason }
    }
}

impl<'a> Text<'a> {
    /// The bytes between the quotes, as they stand.
    #[inline]
    pub(crate) fn raw(self) -> Option<&'a [u8]> {
        (!self.has_escape).then_some(self.raw)
    }

    /// The decoded bytes, written over what `out` holds. Lone surrogates become U+FFFD.
    pub(crate) fn decode_into(self, out: &mut Vec<u8>) {
        out.clear();
        let mut rest = self.raw;
        while let Some(at) = memchr::memchr(b'\\', rest) {
            out.extend_from_slice(&rest[..at]);
            rest = decode_escape(&rest[at + 1..], out);
        }
        out.extend_from_slice(rest);
    }
}

/// Where white space that starts at `at` ends.
#[inline(never)]
fn space_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

/// Checks an escape that starts at `at` and gives the offset behind it.
fn escape_end(bytes: &[u8], at: usize) -> Result<usize, Malformed> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => {
            let digits = bytes.get(at + 2..at + 6).unwrap_or_default();
            if digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit) {
                Ok(at + 6)
            } else {
                Err(Malformed { at, reason: "a broken \\u escape" })
            }
        }
        _ => Err(Malformed { at, reason: "an unknown escape" }),
    }
}

/// Decodes one escape whose backslash is gone; gives what follows it.
fn decode_escape<'r>(rest: &'r [u8], out: &mut Vec<u8>) -> &'r [u8] {
    let Some((&kind, mut rest)) = rest.split_first() else { return rest };
    let plain = match kind {
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'u' => {
            let mut unit = hex4(rest);
            rest = rest.get(4..).unwrap_or_default();
            if (0xD800..0xDC00).contains(&unit) && rest.starts_with(b"\\u") {
                let low = hex4(&rest[2..]);
                if (0xDC00..0xE000).contains(&low) {
                    unit = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                    rest = rest.get(6..).unwrap_or_default();
                }
            }
            let decoded = char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(decoded.encode_utf8(&mut [0; 4]).as_bytes());
            return rest;
        }
        other => other,
    };
    out.push(plain);
    rest
}

fn hex4(digits: &[u8]) -> u32 {
    digits.iter().take(4).fold(0, |sum, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            b'A'..=b'F' => digit - b'A' + 10,
            _ => 0,
        };
        (sum << 4) | u32::from(value)
    })
}

/// How many bytes at the start are digits. Most numbers have few, and are told by one look.
#[inline(always)]
fn digits_len(bytes: &[u8]) -> usize {
    match bytes.first_chunk::<8>().map(|eight| leading_digits(*eight)) {
        Some(digits) if digits < 8 => digits,
        _ => long_digits_len(bytes),
    }
}

#[inline(never)]
fn long_digits_len(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, eight) in words.iter().enumerate() {
        let digits = leading_digits(*eight);
        if digits < 8 {
            return index * 8 + digits;
        }
    }
    words.len() * 8 + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// How many of eight bytes are digits before one that is not.
#[inline(always)]
fn leading_digits(eight: [u8; 8]) -> usize {
    // Digits become 0 to 9, and every other byte more.
    let word = u64::from_le_bytes(eight) ^ (LOW * 0x30);
    bytes_below(at_least(word, 10) | word & HIGH)
}

/// How many bytes at the start are neither a quote, a backslash nor a control character.
///
/// A call of its own, so that what it compares with is in registers before the first round.
#[inline(never)]
fn plain_len(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // With one bit turned over, controls stay below 32, and the quote becomes 32.
        let stop = below(word ^ (LOW * 0x02), 0x21) | zeros(word ^ (LOW * 0x5C));
        if stop != 0 {
            return index * 8 + bytes_below(stop);
        }
    }
    let tail = rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1F)).count();
    words.len() * 8 + tail
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn strings_end_at_their_quote() {
        for text in ["", "a", "12345678", "123456789é", "ends with nine 9"] {
            let json = format!("\"{text}\" ,");
            let mut scanner = Scanner::new(json.as_bytes()).unwrap();
            assert_eq!(scanner.string().unwrap().raw(), Some(text.as_bytes()));
            assert_eq!(scanner.peek(), Ok(b','));
        }
    }

    #[test]
    fn escapes_are_decoded() {
        let mut scanner = Scanner::new(br#""a\n\u00e9\ud83d\ude00\ud800\/""#).unwrap();
        let text = scanner.string().unwrap();
        assert_eq!(text.raw(), None);
        let mut decoded = b"what was there before".to_vec();
        text.decode_into(&mut decoded);
        assert_eq!(decoded, "a\né😀\u{FFFD}/".as_bytes());
    }

    proptest! {
        #[test]
        fn digits_len_agrees_with_the_plain_way(text in "[0-9]{0,21}[-.eE, }a/:\u{e9}]{0,9}") {
            let slow = text.bytes().take_while(u8::is_ascii_digit).count();
            prop_assert_eq!(digits_len(text.as_bytes()), slow);
        }

        #[test]
        fn plain_len_agrees_with_the_plain_way(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let slow = bytes.iter().position(|b| matches!(b, b'"' | b'\\' | 0..=0x1F));
            prop_assert_eq!(plain_len(&bytes), slow.unwrap_or(bytes.len()));
        }
    }
}
