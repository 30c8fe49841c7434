//! Compressed requests made plain, under a bound. It refuses to know what they say.

use std::io::{self, Read};

use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::HeaderValue;

use super::arrival::Held;
use super::refusal::Refusal;
use super::room::Claim;

/// How a request is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Deflate,
}

/// Bytes decompressed at a time: few enough for a cache.
const CHUNK_BYTES: usize = 32 * 1_024;

/// The compression that a header names, if it names one.
///
/// # Errors
/// When it names one that is not read.
pub(crate) fn compression(header: Option<&HeaderValue>) -> Result<Option<Compression>, Refusal> {
    let Some(header) = header else { return Ok(None) };
    match header.as_bytes().trim_ascii().to_ascii_lowercase().as_slice() {
        b"identity" => Ok(None),
        b"gzip" | b"x-gzip" => Ok(Some(Compression::Gzip)),
        b"deflate" => Ok(Some(Compression::Deflate)),
        _ => Err(Refusal::Encoding),
    }
}

/// The bytes as they were before they were compressed.
///
/// # Errors
/// When they are broken, too many, or find no room.
pub(crate) fn inflated(
    bytes: &[u8],
    compression: Compression,
    claim: Claim,
    bytes_max: usize,
) -> Result<(Bytes, Claim), Refusal> {
    match compression {
        Compression::Gzip => {
            let held = Held::new(claim, bytes_max, announced(bytes));
            drained(MultiGzDecoder::new(bytes), held)
        }
        Compression::Deflate => drained(ZlibDecoder::new(bytes), Held::new(claim, bytes_max, 0)),
    }
}

/// How many bytes gzip says there are, at its end; a guess for the claims, and no more.
fn announced(bytes: &[u8]) -> usize {
    let Some(length) = bytes.last_chunk::<4>() else { return 0 };
    usize::try_from(u32::from_le_bytes(*length)).unwrap_or_default()
}

fn drained(mut decoder: impl Read, mut held: Held) -> Result<(Bytes, Claim), Refusal> {
    let mut chunk = [0; CHUNK_BYTES];
    loop {
        match decoder.read(&mut chunk) {
            Ok(0) => return Ok(held.into_parts()),
            Ok(count) => held.add(&chunk[..count])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Err(Refusal::BrokenEncoding),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::super::room::Room;
    use super::*;

    const PLAIN: &[u8] = &[7; 100_000];

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn check(bytes: &[u8], compression: Compression, expected: Result<&[u8], Refusal>) {
        let claim = Room::new(1 << 20).claim();
        let plain = inflated(bytes, compression, claim, PLAIN.len());
        assert_eq!(plain.as_ref().map(|(plain, _)| &**plain).map_err(Clone::clone), expected);
    }

    #[test]
    fn compressed_bytes_come_back_up_to_a_bound() {
        check(&gzip(PLAIN), Compression::Gzip, Ok(PLAIN));
        check(&[gzip(&PLAIN[1..]), gzip(&[7])].concat(), Compression::Gzip, Ok(PLAIN));
        let mut zlib = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(PLAIN).unwrap();
        check(&zlib.finish().unwrap(), Compression::Deflate, Ok(PLAIN));
        let more = [PLAIN, PLAIN].concat();
        check(&gzip(&more), Compression::Gzip, Err(Refusal::TooLarge(PLAIN.len())));
        check(&gzip(PLAIN)[..50], Compression::Gzip, Err(Refusal::BrokenEncoding));
        check(PLAIN, Compression::Gzip, Err(Refusal::BrokenEncoding));
        check(b"", Compression::Deflate, Err(Refusal::BrokenEncoding));
    }

    #[test]
    fn without_room_nothing_is_decompressed() {
        let claim = Room::new(1_000).claim();
        let refused = inflated(&gzip(PLAIN), Compression::Gzip, claim, PLAIN.len());
        assert_eq!(refused.unwrap_err(), Refusal::Busy);
    }
}
