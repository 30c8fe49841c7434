//! Guesses which member of an object a key is, from the first bytes of its text.
//!
//! For objects whose keys come in no habitual order: one guess replaces the search through the
//! members, and with it a branch for each of them that no processor can foresee. A guess can be
//! wrong and is checked by who asked for it. Refuses to know what the members are.

use crate::eight::{LOW, head_of, zeros};

/// So many that the keys of a usual record seldom meet in one slot.
const SLOTS: usize = 256;

/// For the first bytes of keys, which member they belonged to the last time.
#[derive(Clone, Debug)]
pub(crate) struct Shortcuts([u8; SLOTS]);

/// The first seven bytes of a key, or all of it, missing ones zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stem(u64);

impl Shortcuts {
    /// No keys are known.
    pub(crate) const NONE: Self = Self([u8::MAX; SLOTS]);

    /// Which member the key may be.
    #[inline(always)]
    pub(crate) fn guess(&self, stem: Stem) -> usize {
        usize::from(self.0[stem.slot()])
    }

    /// Notes which member the key is. Members beyond the first 255 are not noted.
    pub(crate) fn note(&mut self, stem: Stem, member: usize) {
        self.0[stem.slot()] = u8::try_from(member).unwrap_or(u8::MAX);
    }
}

impl Stem {
    /// The stem of a decoded key.
    pub(crate) fn of_key(key: &[u8]) -> Self {
        Self(head_of(key) << 8 >> 8)
    }

    /// The stem of the key with whose quote a text begins, given the text's [`head_of`]. Of keys
    /// with escapes it is some other one.
    #[inline(always)]
    pub(crate) fn in_text(head: u64) -> Self {
        let key = head >> 8;
        let quotes = zeros(key ^ (LOW * 0x22));
        let first = quotes & quotes.wrapping_neg();
        // Less one and moved down to its byte, it is a mask of the bytes before it; without any
        // quote it is a mask of all seven.
        Self(key & (first.wrapping_sub(1) >> 7))
    }

    #[inline(always)]
    fn slot(self) -> usize {
        // Multiplying carries every bit to the top, of which eight are taken (Fibonacci hashing).
        let [top, ..] = self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
        usize::from(top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_same_stem_in_text() {
        for key in ["", "a", "#", "id", "status", "created", "created_at", "größe"] {
            for rest in ["", ":1}", " : \"x\"", ":\"\"}"] {
                let text = format!("\"{key}\"{rest}");
                let stem = Stem::in_text(head_of(text.as_bytes()));
                assert_eq!(stem, Stem::of_key(key.as_bytes()), "{text}");
            }
        }
    }

    #[test]
    fn what_was_noted_is_guessed() {
        let mut shortcuts = Shortcuts::NONE;
        let (id, status) = (Stem::of_key(b"id"), Stem::of_key(b"status"));
        shortcuts.note(id, 3);
        shortcuts.note(status, 254);
        assert_eq!((shortcuts.guess(id), shortcuts.guess(status)), (3, 254));
        shortcuts.note(id, 1_000);
        assert_eq!(shortcuts.guess(id), 255);
    }
}
