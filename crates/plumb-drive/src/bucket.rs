//! Who is in, as flagd's `fractional` decides it: a hash of the flag's key and the person's, in
//! proportion to weights.
//!
//! Refuses to know where weights come from.

/// The part of all possible hashes at which a text lies, in 2^32ths: MurmurHash3 for x86 in 32 bits
/// with seed 0.
#[must_use]
pub fn hash(text: &[u8]) -> u32 {
    const FIRST: u32 = 0xcc9e_2d51;
    const SECOND: u32 = 0x1b87_3593;
    let mixed = |block: u32| block.wrapping_mul(FIRST).rotate_left(15).wrapping_mul(SECOND);
    let (blocks, rest) = text.as_chunks::<4>();
    let mut state = blocks.iter().fold(0_u32, |state, block| {
        let state = (state ^ mixed(u32::from_le_bytes(*block))).rotate_left(13);
        state.wrapping_mul(5).wrapping_add(0xe654_6b64)
    });
    let tail = rest.iter().rev().fold(0_u32, |tail, byte| (tail << 8) | u32::from(*byte));
    if !rest.is_empty() {
        state ^= mixed(tail);
    }
    // The length counts modulo 2^32, as the reference does.
    let length = u32::try_from(text.len() & 0xffff_ffff).unwrap_or_default();
    state ^= length;
    state = (state ^ (state >> 16)).wrapping_mul(0x85eb_ca6b);
    state = (state ^ (state >> 13)).wrapping_mul(0xc2b2_ae35);
    state ^ (state >> 16)
}

/// Which of the weights a hash falls to; `None` when all are nothing. Exact for weights whose sum
/// fits 31 bits, the most that flagd takes.
#[must_use]
pub fn chosen(hash: u32, weights: &[u32]) -> Option<usize> {
    let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let bucket = (u64::from(hash) * total) >> 32;
    let mut below = 0_u64;
    weights.iter().position(|weight| {
        below += u64::from(*weight);
        bucket < below
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hashes_that_are_known() {
        let known: [(&str, u32); 5] = [
            ("", 0),
            ("hello", 0x248b_fa47),
            ("hello, world", 0x149b_bb7f),
            ("The quick brown fox jumps over the lazy dog", 0x2e4f_f723),
            ("test", 0xba6b_d213),
        ];
        for (text, expected) in known {
            assert_eq!(hash(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn the_ends_of_every_weight() {
        assert_eq!(chosen(0, &[0, 0]), None);
        assert_eq!(chosen(u32::MAX, &[1, 0]), Some(0));
        assert_eq!(chosen(u32::MAX, &[5, 95]), Some(1));
        assert_eq!(chosen(214_748_364, &[5, 95]), Some(0));
        assert_eq!(chosen(214_748_365, &[5, 95]), Some(1));
    }

    proptest! {
        #[test]
        fn nobody_leaves_when_the_share_rises(
            hash in any::<u32>(), low in 0_u32..=1_000_000, more in 0_u32..=1_000_000,
            is_first in any::<bool>()
        ) {
            let high = low.saturating_add(more).min(1_000_000);
            let is_in = |ppm: u32| {
                let rest = 1_000_000 - ppm;
                let (weights, at) = if is_first { ([ppm, rest], 0) } else { ([rest, ppm], 1) };
                chosen(hash, &weights) == Some(at)
            };
            prop_assert!(!is_in(low) || is_in(high));
        }
    }
}
