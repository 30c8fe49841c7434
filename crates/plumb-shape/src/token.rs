//! A string that is expected in JSON text, recognised there without being scanned.
//!
//! Most of a document's keys and words stood in the documents before it. Comparing eight bytes at
//! once with what is expected is much cheaper than looking for the closing quote. Refuses to know
//! where the text comes from and what the string means.

use crate::eight::{head_of, tail_of};
use std::borrow::Cow;

/// A string with its quotes, as it stands in compact and in indented JSON alike.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// The first eight bytes, missing ones zero.
    head: u64,
    /// The bits of the head that count.
    mask: u64,
    /// The last eight bytes, where there are as many.
    tail: u64,
    quoted: Box<[u8]>,
}

impl Token {
    /// The token of a decoded string. One that JSON can only write with escapes never stands in any
    /// text.
    pub(crate) fn new(decoded: &[u8]) -> Self {
        let quoted: Box<[u8]> = [b"\"", decoded, b"\""].concat().into();
        if decoded.iter().any(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F)) {
            return Self { head: 1, mask: 0, tail: 0, quoted };
        }
        let unused_bits = 64 - 8 * quoted.len().min(8);
        let tail = tail_of(&quoted);
        Self { head: head_of(&quoted), mask: u64::MAX >> unused_bits, tail, quoted }
    }

    /// The string without its quotes.
    pub(crate) fn decoded(&self) -> &[u8] {
        self.quoted.get(1..self.quoted.len() - 1).unwrap_or_default()
    }

    /// The string as text; bytes that are no UTF-8 are replaced.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.decoded())
    }

    /// Bytes of the string with its quotes.
    pub(crate) fn len(&self) -> usize {
        self.quoted.len()
    }

    /// Whether this string stands at the start of `text`, whose [`head_of`] is `head`.
    #[inline(always)]
    pub(crate) fn stands_in(&self, head: u64, text: &[u8]) -> bool {
        head & self.mask == self.head && (self.quoted.len() <= 8 || self.goes_on_in(text))
    }

    /// Whether what follows the head stands in `text` too. Head and tail overlap in most strings,
    /// so that nothing in between is left to compare.
    #[inline(always)]
    fn goes_on_in(&self, text: &[u8]) -> bool {
        text.get(..self.quoted.len()).is_some_and(|text| {
            tail_of(text) == self.tail && (text.len() <= 16 || *text == *self.quoted)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(decoded: &str, text: &str, expected: bool) {
        let token = Token::new(decoded.as_bytes());
        let found = token.stands_in(head_of(text.as_bytes()), text.as_bytes());
        assert_eq!(found, expected, "{decoded} in {text}");
        assert_eq!(token.decoded(), decoded.as_bytes());
    }

    #[test]
    fn strings_are_found_whole_and_at_the_start_only() {
        for key in [
            "",
            "a",
            "12345",
            "123456",
            "1234567",
            "12345678",
            "a longer key",
            "12345678901234",
            "a much longer key than two words",
        ] {
            for rest in ["", ":1}", " : 1 , \"b\" : 2 }"] {
                check(key, &format!("\"{key}\"{rest}"), true);
                check(key, &format!("\"{key}x\"{rest}"), false);
                check(key, &format!("\"x{key}\"{rest}"), false);
                check(key, &format!("\"{key}"), false);
            }
        }
        check("", "", false);
    }

    #[test]
    fn what_needs_escapes_is_not_expected() {
        check("a\"b", "\"a\"b\":1", false);
        check("a\\", "\"a\\\":1\"", false);
        check("a\nb", "\"a\nb\"", false);
    }
}
