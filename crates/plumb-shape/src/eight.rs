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
        }
    }
}
