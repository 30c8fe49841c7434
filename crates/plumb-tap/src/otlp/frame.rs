//! The five bytes before each message of gRPC. It refuses to know what a message says.

/// Bytes before a message: a flag, and its length.
pub const PREFIX_BYTES: usize = 5;

/// Whether a message is compressed, as its prefix says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// It stands there as it is.
    Plain,
    /// It is compressed, in the way that the call's headers name.
    Compressed,
}

/// The one message of a call; none if there is not just one, or less than was announced.
#[must_use]
pub fn only_message(bytes: &[u8]) -> Option<(Flag, &[u8])> {
    let (prefix, message) = bytes.split_first_chunk::<PREFIX_BYTES>()?;
    let [flag, length @ ..] = *prefix;
    let flag = match flag {
        0 => Flag::Plain,
        1 => Flag::Compressed,
        _ => return None,
    };
    let is_whole = usize::try_from(u32::from_be_bytes(length)) == Ok(message.len());
    is_whole.then_some((flag, message))
}

/// A message behind its prefix; none if it is longer than a prefix can tell.
pub(crate) fn framed(message: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(message.len()).ok()?;
    Some([&[0][..], &length.to_be_bytes(), message].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Option<(Flag, &[u8])>) {
        assert_eq!(only_message(bytes), expected, "{bytes:?}");
    }

    #[test]
    fn just_one_message_is_taken() {
        check(&[0, 0, 0, 0, 2, 7, 8], Some((Flag::Plain, &[7, 8])));
        check(&[1, 0, 0, 0, 1, 7], Some((Flag::Compressed, &[7])));
        check(&[0, 0, 0, 0, 0], Some((Flag::Plain, &[])));
        for broken in [
            &[][..],
            &[0, 0, 0, 0],
            &[2, 0, 0, 0, 0],
            &[0, 0, 0, 0, 2, 7],
            &[0, 0, 0, 0, 1, 7, 8],
            &[0, 255, 255, 255, 255, 7],
        ] {
            check(broken, None);
        }
        assert_eq!(only_message(&framed(b"ab").unwrap()), Some((Flag::Plain, &b"ab"[..])));
    }
}
