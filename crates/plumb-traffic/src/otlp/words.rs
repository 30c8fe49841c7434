//! The texts that a span carries, by what they mean. Most spans carry a dozen of all that are
//! known, so which ones is told by bits, and nothing is done for the others. It refuses to know
//! what any of them means.

use std::borrow::Cow;

use super::attribute::{Era, WORDS, Word};

/// Text for each word; none for most.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Words<'a> {
    texts: [Option<Cow<'a, str>>; WORDS],
    said: Said,
}

/// Which words there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Said(u64);

const _: () = assert!(WORDS <= u64::BITS as usize, "each word has a bit");

impl Said {
    /// The places of all words there are, in order.
    pub(crate) fn places(self) -> impl Iterator<Item = usize> {
        let mut bits = self.0;
        std::iter::from_fn(move || {
            let place = bits.trailing_zeros();
            bits &= bits.wrapping_sub(1);
            (place < u64::BITS).then_some(place as usize)
        })
    }

    /// The place of a word, and of the one before it, if the word is there.
    pub(crate) fn place(self, word: Word) -> Option<(usize, Option<usize>)> {
        let place = word as usize;
        let before = self.0 & ((1 << place) - 1);
        let is_there = self.0 >> place & 1 == 1;
        is_there.then(|| (place, before.checked_ilog2().map(|bit| bit as usize)))
    }

    pub(crate) fn add(&mut self, place: usize) {
        self.0 |= 1 << place;
    }
}

impl<'a> Words<'a> {
    /// The text of a word; empty text counts as none.
    pub(crate) fn get(&self, word: Word) -> Option<&str> {
        self.texts[word as usize].as_deref().filter(|text| !text.is_empty())
    }

    /// A stable name takes the place of a previous one, whichever comes first.
    pub(crate) fn put(&mut self, word: Word, era: Era, text: Cow<'a, str>) {
        let place = word as usize;
        if era == Era::Stable || self.texts[place].is_none() {
            self.put_at(place, text);
        }
    }

    /// Text for the word at a place.
    pub(crate) fn put_at(&mut self, place: usize, text: Cow<'a, str>) {
        self.texts[place] = Some(text);
        self.said.add(place);
    }

    /// The same words as another one has.
    pub(crate) fn renew(&mut self, other: &Self) {
        for place in self.said.places() {
            self.texts[place] = None;
        }
        for place in other.said.places() {
            self.texts[place].clone_from(&other.texts[place]);
        }
        self.said = other.said;
    }

    /// The places and texts of all words that say something.
    pub(crate) fn each(&self) -> impl Iterator<Item = (usize, &str)> {
        let texts = self.said.places().map(|place| (place, self.texts[place].as_deref()));
        texts.filter_map(|(place, text)| Some((place, text.filter(|text| !text.is_empty())?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_by_bits() {
        let mut said = Said::default();
        assert_eq!(said.places().count(), 0);
        for place in [0, 2, WORDS - 1] {
            said.add(place);
        }
        assert_eq!(said.places().collect::<Vec<_>>(), [0, 2, WORDS - 1]);
        assert_eq!(said.place(Word::Method), Some((0, None)));
        assert_eq!(said.place(Word::MethodOriginal), None);
        assert_eq!(said.place(Word::Route), Some((2, Some(0))));
        assert_eq!(said.place(Word::Environment), Some((WORDS - 1, Some(2))));
    }

    #[test]
    fn renewed_words_are_those_of_the_other() {
        let (mut one, mut other) = (Words::default(), Words::default());
        one.put(Word::Method, Era::Stable, "GET".into());
        one.put(Word::Route, Era::Stable, "".into());
        other.put(Word::Service, Era::Stable, "shop".into());
        one.renew(&other);
        assert_eq!(one, other);
        assert_eq!(one.each().collect::<Vec<_>>(), [(Word::Service as usize, "shop")]);
    }
}
