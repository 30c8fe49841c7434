//! Messages as gRPC puts them one after the other: a flag, a length, and so many bytes. It refuses
//! to know what is in a message.

use std::borrow::Cow;

use crate::body;
use crate::reading::Limits;
use crate::schema::refusal::{CUT, JSON_BYTES_MAX, TOO_MUCH, UNFIT, VALUES_MAX};

/// Bytes before a message: whether it is compressed, and its length.
const HEAD_BYTES: usize = 5;

/// Messages read of one payload; as many as values of one, since each could be empty.
const MESSAGES_MAX: usize = VALUES_MAX;

/// The messages of a payload in order, decompressed. `encoding` is what `grpc-encoding` says.
///
/// # Errors
/// Why the payload is no row of messages, or the bound it is beyond.
pub fn messages<'p>(payload: &'p [u8], encoding: &str) -> Result<Vec<Cow<'p, [u8]>>, &'static str> {
    let mut messages = Vec::new();
    let mut rest = payload;
    let mut room = JSON_BYTES_MAX;
    while !rest.is_empty() {
        let (head, after) = rest.split_first_chunk::<HEAD_BYTES>().ok_or(CUT)?;
        let [flag, length @ ..] = *head;
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| CUT)?;
        let (message, after) = after.split_at_checked(length).ok_or(CUT)?;
        let message = match flag {
            0 => Cow::Borrowed(message),
            1 => body::decode(Cow::Borrowed(message), encoding, Limits::default().body)?,
            _ => return Err(UNFIT),
        };
        room = room.checked_sub(message.len()).ok_or(TOO_MUCH)?;
        if messages.len() == MESSAGES_MAX {
            return Err(TOO_MUCH);
        }
        messages.push(message);
        rest = after;
    }
    Ok(messages)
}

/// A message with what stands before it, not compressed; empty if it is longer than any may be.
#[must_use]
pub fn framed(message: &[u8]) -> Vec<u8> {
    let Ok(length) = u32::try_from(message.len()) else { return Vec::new() };
    let mut bytes = vec![0];
    bytes.extend(length.to_be_bytes());
    bytes.extend(message);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    fn check(payload: &[u8], encoding: &str, expected: Result<&[&[u8]], &str>) {
        let found = messages(payload, encoding);
        let found = found.as_ref().map(|all| all.iter().map(AsRef::as_ref).collect::<Vec<_>>());
        assert_eq!(found.as_deref().map_err(|why| **why), expected, "{payload:?}");
    }

    fn zipped(message: &[u8]) -> Vec<u8> {
        let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
        zip.write_all(message).unwrap();
        let mut bytes = framed(&zip.finish().unwrap());
        bytes[0] = 1;
        bytes
    }

    #[test]
    fn messages_stand_one_after_the_other() {
        check(&[], "", Ok(&[]));
        check(&framed(b""), "", Ok(&[b""]));
        check(
            &[framed(b"a"), framed(b""), framed(b"bc")].concat(),
            "gzip",
            Ok(&[b"a", b"", b"bc"]),
        );
        check(&[zipped(b"a"), framed(b"b")].concat(), "gzip", Ok(&[b"a", b"b"]));
    }

    #[test]
    fn what_is_no_row_of_messages_is_refused() {
        check(&[0, 0, 0], "", Err(CUT));
        check(&framed(b"abc")[..7], "", Err(CUT));
        check(&[2, 0, 0, 0, 0], "", Err(UNFIT));
        check(&zipped(b"a"), "zstd", Err(body::UNKNOWN_ENCODING));
        check(&[1, 0, 0, 0, 1, 7], "gzip", Err(body::TRUNCATED));
        let large = vec![0; 9 * 1_024 * 1_024];
        assert_eq!(messages(&zipped(&large), "gzip"), Err(body::TOO_LARGE));
        let several = zipped(&large[..7 * 1_024 * 1_024]).repeat(3);
        assert_eq!(messages(&several, "gzip"), Err(TOO_MUCH));
        assert_eq!(messages(&framed(b"").repeat(MESSAGES_MAX + 1), ""), Err(TOO_MUCH));
    }
}
