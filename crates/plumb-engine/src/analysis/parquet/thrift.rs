//! Thrift's compact protocol, walked without building anything: what Parquet's footer and the heads
//! of its pages are written in.
//!
//! Refuses to know Parquet.

/// Structures inside each other. Parquet's own go six deep.
const DEPTH_MAX: usize = 16;

/// Bytes of the longest number: 64 bits, seven to a byte.
const VARINT_BYTES_MAX: usize = 10;

/// The kinds of field that are looked at; the others are passed over.
pub(super) const TRUE: u8 = 1;
pub(super) const FALSE: u8 = 2;
pub(super) const LIST: u8 = 9;
pub(super) const STRUCT: u8 = 12;

/// What is wrong with bytes.
pub(super) type Fault = &'static str;

const CUT: Fault = "it ends inside a field";

/// Bytes that are gone through field by field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compact<'a> {
    whole: usize,
    rest: &'a [u8],
}

impl<'a> Compact<'a> {
    /// From the first byte of a structure.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { whole: bytes.len(), rest: bytes }
    }

    /// Bytes gone through.
    pub(super) fn at(&self) -> usize {
        self.whole - self.rest.len()
    }

    /// The number and kind of the next field of a structure, given the number of the one before;
    /// none at its end.
    pub(super) fn field(&mut self, before: i16) -> Result<Option<(i16, u8)>, Fault> {
        let head = self.byte()?;
        let kind = head & 0x0F;
        if kind == 0 {
            return Ok(None);
        }
        let number = match i16::from(head >> 4) {
            0 => i16::try_from(self.number()?).map_err(|_| "a field with too high a number")?,
            step => before.checked_add(step).ok_or("a field with too high a number")?,
        };
        Ok(Some((number, kind)))
    }

    /// A whole number of any width.
    pub(super) fn number(&mut self) -> Result<i64, Fault> {
        let bits = self.varint()?;
        Ok((bits >> 1).cast_signed() ^ -((bits & 1).cast_signed()))
    }

    /// The length and kind of a list. No list is longer than the bytes that are left.
    pub(super) fn list(&mut self) -> Result<(usize, u8), Fault> {
        let head = self.byte()?;
        let length = match head >> 4 {
            15 => usize::try_from(self.varint()?).unwrap_or(usize::MAX),
            length => usize::from(length),
        };
        if length > self.rest.len() {
            return Err("a list that is longer than the bytes that are left");
        }
        Ok((length, head & 0x0F))
    }

    /// Passes over the value of a field.
    pub(super) fn pass(&mut self, kind: u8) -> Result<(), Fault> {
        self.pass_at(kind, 0)
    }

    fn pass_at(&mut self, kind: u8, depth: usize) -> Result<(), Fault> {
        if depth > DEPTH_MAX {
            return Err("structures inside each other, too many");
        }
        match kind {
            TRUE | FALSE => Ok(()),
            3 => self.byte().map(drop),
            4..=6 => self.varint().map(drop),
            7 => self.bytes(8),
            8 => {
                let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
                self.bytes(length)
            }
            // A set is written as a list.
            LIST | 10 => {
                let (length, kind) = self.list()?;
                (0..length).try_for_each(|_| self.pass_element(kind, depth + 1))
            }
            STRUCT => {
                let mut before = 0;
                while let Some((number, kind)) = self.field(before)? {
                    self.pass_at(kind, depth + 1)?;
                    before = number;
                }
                Ok(())
            }
            _ => Err("a kind of field that Parquet does not have"),
        }
    }

    fn pass_element(&mut self, kind: u8, depth: usize) -> Result<(), Fault> {
        match kind {
            // In lists a truth value has a byte of its own.
            TRUE | FALSE => self.byte().map(drop),
            _ => self.pass_at(kind, depth),
        }
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        let (byte, rest) = self.rest.split_first().ok_or(CUT)?;
        self.rest = rest;
        Ok(*byte)
    }

    fn bytes(&mut self, count: usize) -> Result<(), Fault> {
        self.rest = self.rest.get(count..).ok_or(CUT)?;
        Ok(())
    }

    /// A whole number without a sign.
    pub(super) fn varint(&mut self) -> Result<u64, Fault> {
        let mut value = 0;
        for at in 0..VARINT_BYTES_MAX {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << (7 * at);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("a number longer than ten bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Result<usize, Fault>) {
        let mut compact = Compact::new(bytes);
        assert_eq!(compact.pass(STRUCT).map(|()| compact.at()), expected, "{bytes:?}");
    }

    #[test]
    fn structures_are_passed_over() {
        check(&[0x15, 0x02, 0x18, 2, b'a', b'b', 0x19, 0x25, 1, 1, 0, 9], Ok(11));
        check(&[0x11, 0x12, 0x06, 0x80, 0x01, 7, 0], Ok(7));
        check(&[0x1C, 0x1C, 0, 0, 0], Ok(5));
        check(&[], Err(CUT));
        check(&[0x18, 9, b'a'], Err(CUT));
        check(
            &[0x19, 0xF5, 0xFF, 0xFF, 0x7F],
            Err("a list that is longer than the bytes that are left"),
        );
        check(&[0x1C; 40], Err("structures inside each other, too many"));
        check(&[0x1E, 0], Err("a kind of field that Parquet does not have"));
        check(&[[0x15].as_slice(), &[0xFF; 11]].concat(), Err("a number longer than ten bytes"));
    }

    #[test]
    fn numbers_have_a_sign() {
        let numbers = [0, 1, 2, 3, 0x80].map(|byte| Compact::new(&[byte, 1]).number().unwrap());
        assert_eq!(numbers, [0, -1, 1, -2, 64]);
    }
}
