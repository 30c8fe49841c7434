//! Literals: values of low variety, kept as keyed hashes so that equality survives and the value
//! does not.
//!
//! The hash is HMAC-SHA-256 (RFC 2104) under the project's key, cut to 64 bits. Without the key a
//! low-entropy value cannot be guessed back from a store or an export.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;

/// A value as its keyed hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Literal(u64);

/// The project's key for hashing literals. Never printed.
#[derive(Clone)]
pub struct LiteralKey(Hmac<Sha256>);

/// More distinct literals than this at one place are "many": the place is free text, not a
/// vocabulary. Sixteen holds the vocabularies that programs switch on and fits a 16-bit mask.
pub const LITERALS_MAX: usize = 16;

/// A longer string is never a vocabulary word.
pub const LITERAL_BYTES_MAX: usize = 32;

impl LiteralKey {
    /// A key from 32 secret bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        // HMAC fills a short key with zeros up to the block, so this is the key itself.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&bytes);
        Self(Hmac::new(&block.into()))
    }

    /// The keyed hash of a value.
    #[must_use]
    pub fn hash(&self, value: &str) -> Literal {
        let mut mac = self.0.clone();
        mac.update(value.as_bytes());
        let digest = mac.finalize().into_bytes();
        Literal(digest.iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
    }
}

impl fmt::Debug for LiteralKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("LiteralKey(withheld)")
    }
}

/// True when a string may be a word of a vocabulary: short, printable ASCII of the kind programs
/// use for codes and states. Anything else makes its place "many" at once.
#[must_use]
pub fn is_vocabulary_word(bytes: &[u8]) -> bool {
    !bytes.is_empty()
        && bytes.len() <= LITERAL_BYTES_MAX
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"_-.:/+ ".contains(b))
        && !looks_random(bytes)
}

/// True for a short code of digits, as protocols number their outcomes. Numbers are no vocabulary
/// anywhere else: only a place that is known to hold codes is asked.
#[must_use]
pub fn is_code(bytes: &[u8]) -> bool {
    const CODE_BYTES_MAX: usize = 3;
    !bytes.is_empty()
        && bytes.len() <= CODE_BYTES_MAX
        && bytes.iter().all(|byte| byte.is_ascii_digit())
}

/// A run of 12 or more letters and digits that mixes at least two cases or many digits is taken for
/// a token, so that no secret becomes a literal.
fn looks_random(bytes: &[u8]) -> bool {
    const RUN_MIN: usize = 12;
    bytes.split(|byte| !byte.is_ascii_alphanumeric()).filter(|run| run.len() >= RUN_MIN).any(
        |run| {
            let digits = run.iter().filter(|byte| byte.is_ascii_digit()).count();
            digits >= 3
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_hash_equal_under_one_key_only() {
        let (one, two) = (LiteralKey::new([1; 32]), LiteralKey::new([2; 32]));
        assert_eq!(one.hash("pending"), one.hash("pending"));
        assert_ne!(one.hash("pending"), one.hash("settled"));
        assert_ne!(one.hash("pending"), two.hash("pending"));
        assert_eq!(format!("{one:?}"), "LiteralKey(withheld)");
    }

    #[test]
    fn codes_are_a_few_digits() {
        assert!(["0", "14", "503"].iter().all(|code| is_code(code.as_bytes())));
        assert!(!["", "-1", "1.5", "1000", "OK"].iter().any(|text| is_code(text.as_bytes())));
    }

    #[test]
    fn words_are_told_from_tokens() {
        for word in
            ["pending", "USD", "card_error", "no such user", "v1.2", "requires_payment_method"]
        {
            assert!(is_vocabulary_word(word.as_bytes()), "{word}");
        }
        for token in
            ["", "4eC39HqLyjWDarjtT1zdp7dc", "line\nbreak", "869c204cbe68437d9443", "ünder"]
        {
            assert!(!is_vocabulary_word(token.as_bytes()), "{token}");
        }
    }
}
