//! Protobuf's wire format, walked without copying: the fields of one message, one after the other.
//! It refuses to know any schema. Groups, which no schema here uses, are refused, so that nothing
//! recurses.

/// Where and why bytes stopped being what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what}, at byte {at}")]
pub struct Broken {
    /// Bytes from the start of the request.
    pub at: usize,
    /// What is wrong there; lower case.
    pub what: &'static str,
}

/// The bytes of a message that are still to come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    pub(crate) bytes: &'a [u8],
    /// Where in the request they end, which stays as it is while they become fewer.
    end: usize,
}

/// The value of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Field<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32,
    /// Text, bytes or a message.
    Bytes(Message<'a>),
}

const CUT: &str = "a message ends inside one of its fields";

/// Bytes of the longest varint: 64 bits, seven to a byte.
const VARINT_BYTES_MAX: usize = 10;

// Inlined by force: passing the outcome of each field through memory costs a third of the walk.
impl<'a> Message<'a> {
    /// A whole request.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, end: bytes.len() }
    }

    /// Takes the next field and its number off the front; none at the end.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> Result<Option<(u64, Field<'a>)>, Broken> {
        if self.bytes.is_empty() {
            return Ok(None);
        }
        let at = self.at();
        let tag = self.varint()?;
        let (number, wire_type) = (tag >> 3, tag & 7);
        if number == 0 {
            return Err(Broken { at, what: "a field with number 0" });
        }
        let field = match wire_type {
            0 => Field::Varint(self.varint()?),
            1 => Field::Fixed64(u64::from_le_bytes(self.fixed()?)),
            2 => Field::Bytes(self.message()?),
            5 => {
                self.fixed::<4>()?;
                Field::Fixed32
            }
            3 | 4 => return Err(Broken { at, what: "a group, which OTLP does not have" }),
            _ => return Err(Broken { at, what: "an unknown kind of field" }),
        };
        Ok(Some((number, field)))
    }

    #[inline(always)]
    fn varint(&mut self) -> Result<u64, Broken> {
        if let Some((&byte, rest)) = self.bytes.split_first()
            && byte < 0x80
        {
            self.bytes = rest;
            return Ok(u64::from(byte));
        }
        self.long_varint()
    }

    /// Bits beyond 64 are dropped, as every reader of the format does.
    #[cold]
    fn long_varint(&mut self) -> Result<u64, Broken> {
        let mut value = 0;
        for (index, &byte) in self.bytes.iter().enumerate() {
            if index == VARINT_BYTES_MAX {
                return Err(Broken { at: self.at(), what: "a number longer than ten bytes" });
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                self.pass(index + 1);
                return Ok(value);
            }
        }
        Err(self.cut())
    }

    #[inline(always)]
    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let Some((bytes, _)) = self.bytes.split_first_chunk::<N>() else { return Err(self.cut()) };
        let bytes = *bytes;
        self.pass(N);
        Ok(bytes)
    }

    #[inline(always)]
    fn message(&mut self) -> Result<Message<'a>, Broken> {
        let length = self.varint()?;
        let held = usize::try_from(length).ok().and_then(|length| self.bytes.get(..length));
        let Some(bytes) = held else { return Err(self.cut()) };
        self.pass(bytes.len());
        Ok(Message { bytes, end: self.at() })
    }

    #[inline(always)]
    fn pass(&mut self, count: usize) {
        self.bytes = &self.bytes[count..];
    }

    /// Where in the request the bytes start.
    #[inline(always)]
    fn at(&self) -> usize {
        self.end - self.bytes.len()
    }

    fn cut(&self) -> Broken {
        Broken { at: self.end, what: CUT }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        let mut message = Message::new(bytes);
        let mut told = Vec::new();
        loop {
            match message.next() {
                Ok(None) => break,
                Ok(Some((number, Field::Bytes(inner)))) => {
                    told.push(format!("{number}={:?}@{}", inner.bytes, inner.at()));
                }
                Ok(Some((number, Field::Varint(value) | Field::Fixed64(value)))) => {
                    told.push(format!("{number}={value}"));
                }
                Ok(Some((number, Field::Fixed32))) => told.push(format!("{number}=")),
                Err(broken) => {
                    told.push(broken.to_string());
                    break;
                }
            }
        }
        assert_eq!(told.join(" "), expected, "{bytes:?}");
    }

    #[test]
    fn fields_come_one_after_the_other() {
        check(&[], "");
        check(&[0x08, 0x96, 0x01, 0x12, 2, 7, 8], "1=150 2=[7, 8]@5");
        check(&[0x09, 1, 0, 0, 0, 0, 0, 0, 0, 0x0d, 1, 2, 3, 4], "1=1 1=");
        let max = [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        check(&max, "1=18446744073709551615");
    }

    #[test]
    fn broken_bytes_are_told_with_their_place() {
        check(&[0x08, 1, 0x12, 3, 7], &format!("1=1 {CUT}, at byte 5"));
        check(&[0x08], &format!("{CUT}, at byte 1"));
        check(&[0x09, 1], &format!("{CUT}, at byte 2"));
        check(&[0x0b], "a group, which OTLP does not have, at byte 0");
        check(&[0x08, 1, 0x0e], "1=1 an unknown kind of field, at byte 2");
        check(&[0x00], "a field with number 0, at byte 0");
        check(&[[0xff; 12].as_slice(), &[1]].concat(), "a number longer than ten bytes, at byte 0");
        let long = [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        check(&long, &format!("{CUT}, at byte 11"));
    }
}
