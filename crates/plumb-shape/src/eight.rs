//! Eight bytes looked at together, as the bytes of one number, lowest first.
//!
//! Plain arithmetic that works on every processor and is quicker than a loop for strings as short
//! as those of documents are. Refuses to know what the bytes mean.

/// One in each byte.
pub(crate) const LOW: u64 = 0x0101_0101_0101_0101;

/// The highest bit of each byte.
pub(crate) const HIGH: u64 = LOW << 7;

/// The highest bits of bytes that are zero. Those above the lowest such byte may be wrong, for a
/// borrow can cross into them: the answer tells whether there is one and where the first is.
#[inline(always)]
pub(crate) const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(LOW) & !word & HIGH
}

/// The highest bits of bytes that are at least `bound`, all of them right. Bytes and bound are
/// below 128; their own highest bits are passed over.
#[inline(always)]
pub(crate) const fn at_least(word: u64, bound: u64) -> u64 {
    // Lifting each byte by what the bound lacks of 128 cannot carry into the next one.
    (word & !HIGH).wrapping_add(LOW * (0x80 - bound)) & HIGH
}

/// The highest bits of bytes below `bound`, at most 128; of bytes that are beyond 127, none.
/// Those above the lowest such byte may be wrong, as with [`zeros`].
#[inline(always)]
pub(crate) const fn below(word: u64, bound: u64) -> u64 {
    word.wrapping_sub(LOW * bound) & !word & HIGH
}

/// The first eight bytes of a text; what a shorter one lacks is zero.
#[inline]
pub(crate) fn head_of(text: &[u8]) -> u64 {
    if let Some(bytes) = text.first_chunk::<8>() {
        return u64::from_le_bytes(*bytes);
    }
    match (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        // Two halves, which overlap in what both of them hold.
        (Some(head), Some(tail)) => {
            let tail = u64::from(u32::from_le_bytes(*tail)) << (8 * (text.len() - 4));
            u64::from(u32::from_le_bytes(*head)) | tail
        }
        _ => text.iter().rev().fold(0, |head, byte| (head << 8) | u64::from(*byte)),
    }
}

/// The last eight bytes of a text; zero where there are fewer.
#[inline(always)]
pub(crate) fn tail_of(text: &[u8]) -> u64 {
    text.last_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Whether a test that tells of eight bytes by their highest bits finds any in a text. Where the
/// text has no eight bytes, `fill` stands for those it lacks, which must not be among the found.
#[inline(always)]
pub(crate) fn has(text: &[u8], fill: u8, test: impl Fn(u64) -> u64) -> bool {
    let (words, rest) = text.as_chunks::<8>();
    let found = words.iter().fold(0, |found, word| found | test(u64::from_le_bytes(*word)));
    // The last bytes are looked at together with some before them, so that none is left over.
    let last = match text.len() {
        0..8 => head_of(text) | (LOW * u64::from(fill)) << (8 * rest.len()),
        _ => tail_of(text),
    };
    (found | test(last)) & HIGH != 0
}

/// How many bytes stand below the lowest of some highest bits; 8 when there are none.
#[inline(always)]
pub(crate) const fn bytes_below(high_bits: u64) -> usize {
    (high_bits.trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_are_found_where_they_are(bytes in any::<[u8; 8]>(), bound in 0..128_u8) {
            let word = u64::from_le_bytes(bytes);
            let first = bytes.iter().position(|byte| *byte == 0).unwrap_or(8);
            prop_assert_eq!(bytes_below(zeros(word)), first);
            let large = bytes.map(|byte| if byte & 0x7F >= bound { 0x80 } else { 0 });
            prop_assert_eq!(at_least(word, u64::from(bound)), u64::from_le_bytes(large));
            let first = bytes.iter().position(|byte| *byte < bound).unwrap_or(8);
            prop_assert_eq!(bytes_below(below(word, u64::from(bound))), first);
        }

        #[test]
        fn texts_of_any_length_are_looked_through(text in "[ -~]{0,20}", byte in b' '..=b'~') {
            let test = |word| zeros(word ^ (LOW * u64::from(byte)));
            prop_assert_eq!(has(text.as_bytes(), 0, test), text.as_bytes().contains(&byte));
        }

        #[test]
        fn heads_and_tails_are_the_bytes_at_the_ends(text in any::<Vec<u8>>()) {
            let mut head = text.clone();
            head.resize(head.len().max(8), 0);
            prop_assert_eq!(&head_of(&text).to_le_bytes()[..], &head[..8]);
            let tail = text.last_chunk::<8>().copied().unwrap_or_default();
            prop_assert_eq!(tail_of(&text).to_le_bytes(), tail);
        }
    }
}
