//! Words that may have been seen: evidence holds them as keyed hashes, and whoever has the key
//! finds the ones again that somebody else names. Refuses to know where words come from.

use crate::mock::code::GrpcCode;
use plumb_shape::literal::{Literal, LiteralKey};
use std::collections::BTreeMap;

/// Known words by their hash; without any, nothing is found again.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    words: BTreeMap<Literal, String>,
    codes: BTreeMap<Literal, GrpcCode>,
}

impl Vocabulary {
    /// These words and the outcomes of calls, under the key of the evidence.
    #[must_use]
    pub fn new(key: &LiteralKey, words: impl IntoIterator<Item = String>) -> Self {
        let words = words.into_iter().map(|word| (key.hash(&word), word));
        let codes = GrpcCode::all().map(|code| (key.hash(&code.number().to_string()), code));
        Self { words: words.collect(), codes: codes.collect() }
    }

    /// The known word among those counted that was seen most.
    pub(crate) fn most(&self, counts: &BTreeMap<Literal, u64>) -> Option<&str> {
        let known = counts.iter().filter_map(|(at, count)| Some((count, self.words.get(at)?)));
        known.max().map(|(_, word)| word.as_str())
    }

    /// The outcome that a hash stands for.
    pub(crate) fn code(&self, literal: Literal) -> Option<GrpcCode> {
        self.codes.get(&literal).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_known_word_is_found() {
        let key = LiteralKey::new([7; 32]);
        let words = ["PAID", "OPEN"].map(str::to_owned);
        let vocabulary = Vocabulary::new(&key, words);
        let counts =
            [("OPEN", 2), ("PAID", 3), ("GONE", 9)].map(|(word, n)| (key.hash(word), n)).into();
        assert_eq!(vocabulary.most(&counts), Some("PAID"));
        assert_eq!(vocabulary.code(key.hash("5")), GrpcCode::of("5"));
        assert_eq!(vocabulary.code(key.hash("OPEN")), None);
        assert_eq!(Vocabulary::default().most(&counts), None);
    }
}
