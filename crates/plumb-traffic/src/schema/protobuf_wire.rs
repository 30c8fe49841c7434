//! Protobuf's wire format, one field after the other, with every value it can hold. It refuses to
//! know any schema; groups, which are long deprecated, are refused, so that nothing recurses here.

use crate::schema::refusal::{CUT, UNFIT};

/// Bytes of the longest number: 64 bits, seven to a byte.
const VARINT_BYTES_MAX: usize = 10;

/// Why a group is not read.
pub(crate) const GROUP: &str = "a payload with a group, which is not read";

/// A value as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Fixed32([u8; 4]),
    /// Text, bytes, a message, or many numbers.
    Bytes(&'a [u8]),
}

/// Takes the next field and its number off the front; none at the end.
pub(crate) fn next<'a>(rest: &mut &'a [u8]) -> Result<Option<(u32, Wire<'a>)>, &'static str> {
    if rest.is_empty() {
        return Ok(None);
    }
    let tag = varint(rest)?;
    let number = u32::try_from(tag >> 3).ok().filter(|number| *number > 0).ok_or(UNFIT)?;
    let value = match tag & 7 {
        0 => Wire::Varint(varint(rest)?),
        1 => Wire::Fixed64(fixed(rest)?),
        2 => {
            let length = usize::try_from(varint(rest)?).map_err(|_| CUT)?;
            let (bytes, after) = rest.split_at_checked(length).ok_or(CUT)?;
            *rest = after;
            Wire::Bytes(bytes)
        }
        3 | 4 => return Err(GROUP),
        5 => Wire::Fixed32(fixed(rest)?),
        _ => return Err(UNFIT),
    };
    Ok(Some((number, value)))
}

/// Takes a number off the front. Bits beyond 64 are dropped, as every reader of the format does.
pub(crate) fn varint(rest: &mut &[u8]) -> Result<u64, &'static str> {
    let mut value = 0;
    for (at, byte) in rest.iter().take(VARINT_BYTES_MAX).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if *byte < 0x80 {
            *rest = &rest[at + 1..];
            return Ok(value);
        }
    }
    Err(if rest.len() < VARINT_BYTES_MAX { CUT } else { UNFIT })
}

/// Takes so many bytes off the front.
pub(crate) fn fixed<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], &'static str> {
    let (bytes, after) = rest.split_first_chunk::<N>().ok_or(CUT)?;
    *rest = after;
    Ok(*bytes)
}
