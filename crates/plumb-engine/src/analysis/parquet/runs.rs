//! Small numbers in runs: one number many times, or many numbers a few bits each. Levels and places
//! in dictionaries are written so.
//!
//! Refuses to know what the numbers mean.

use crate::analysis::parquet::thrift::{Compact, Fault};
use bytes::Bytes;

/// Bits of the largest number.
const WIDTH_MAX: u8 = 32;

/// Numbers of a packed run come in eights.
const GROUP: u64 = 8;

const CUT: Fault = "runs that end early";

/// Numbers of some bits each.
#[derive(Debug)]
pub(super) struct Runs {
    bytes: Bytes,
    width: u8,
    left: u64,
    /// The number that is repeated; none where each stands for itself.
    repeated: Option<u32>,
    packed: Bytes,
    bit: usize,
}

impl Runs {
    /// Numbers of `width` bits.
    pub(super) fn new(bytes: Bytes, width: u8) -> Result<Self, Fault> {
        if width > WIDTH_MAX {
            return Err("numbers of more than 32 bits");
        }
        Ok(Self { bytes, width, left: 0, repeated: None, packed: Bytes::new(), bit: 0 })
    }

    /// The next number.
    pub(super) fn next(&mut self) -> Result<u32, Fault> {
        // A run may be of no number.
        while self.left == 0 {
            self.begin()?;
        }
        self.left -= 1;
        if let Some(number) = self.repeated {
            return Ok(number);
        }
        let width = usize::from(self.width);
        let (byte, shift) = (self.bit / 8, self.bit % 8);
        self.bit += width;
        let end = (self.bit).div_ceil(8);
        let bytes = self.packed.get(byte..end).ok_or(CUT)?;
        let bits = bytes.iter().rev().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let number = bits >> shift & ((1 << width) - 1);
        u32::try_from(number).map_err(|_| CUT)
    }

    fn begin(&mut self) -> Result<(), Fault> {
        if self.bytes.is_empty() {
            return Err(CUT);
        }
        let mut head = Compact::new(&self.bytes);
        let indicator = head.varint()?;
        let length = head.at();
        drop(self.bytes.split_to(length));
        if indicator & 1 == 0 {
            let width = usize::from(self.width).div_ceil(8);
            let bytes = self.bytes.get(..width).ok_or(CUT)?;
            let number = bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
            (self.left, self.repeated) = (indicator >> 1, Some(number));
            drop(self.bytes.split_to(width));
            return Ok(());
        }
        let count = (indicator >> 1).saturating_mul(GROUP);
        let bits = count.saturating_mul(u64::from(self.width));
        // The last run of a page may be shorter than it says.
        let bytes = usize::try_from(bits / 8).unwrap_or(usize::MAX).min(self.bytes.len());
        self.packed = self.bytes.split_to(bytes);
        (self.left, self.repeated, self.bit) = (count, None, 0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &'static [u8], width: u8, expected: &[u32]) {
        let mut runs = Runs::new(Bytes::from_static(bytes), width).unwrap();
        let numbers: Vec<u32> = std::iter::from_fn(|| runs.next().ok()).take(20).collect();
        assert_eq!(numbers, expected, "{bytes:?}");
    }

    #[test]
    fn numbers_come_back() {
        check(&[6, 5, 3, 0b10_10_01_00, 0], 2, &[5, 5, 5, 0, 1, 2, 2, 0, 0, 0, 0]);
        // The example of the format: 0 to 7, of three bits each.
        check(&[3, 0b1000_1000, 0b1100_0110, 0b1111_1010], 3, &[0, 1, 2, 3, 4, 5, 6, 7]);
        check(&[4, 0x34, 0x12], 16, &[0x1234, 0x1234]);
        check(&[0, 7, 2, 1], 1, &[1]);
        check(&[3, 0xFF], 4, &[15, 15]);
        check(&[], 1, &[]);
        assert!(Runs::new(Bytes::new(), 33).is_err());
    }

    #[test]
    fn numbers_of_no_bits_are_nothing() {
        let mut runs = Runs::new(Bytes::from_static(&[5]), 0).unwrap();
        let numbers: Vec<u32> = std::iter::from_fn(|| runs.next().ok()).collect();
        assert_eq!(numbers, [0; 16]);
    }
}
