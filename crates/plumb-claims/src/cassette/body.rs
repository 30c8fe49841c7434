//! Undoes the compression of recorded bodies: recorders keep what was on the wire.
//!
//! Bounded, because a recording is foreign: a small one may stand for a very large body.

use flate2::read::{GzDecoder, ZlibDecoder};
use std::io::Read;

/// The most bytes of one decoded body; answers of interfaces stay far below.
const BODY_BYTES_MAX: u64 = 8 << 20;

/// The body under a `content-encoding`; `None` when it is another encoding, broken or too large.
pub(crate) fn decompressed(encoding: &str, body: &[u8]) -> Option<Vec<u8>> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => bounded(GzDecoder::new(body)),
        "deflate" => bounded(ZlibDecoder::new(body)),
        _ => None,
    }
}

fn bounded(decoder: impl Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let count = decoder.take(BODY_BYTES_MAX + 1).read_to_end(&mut bytes).ok()?;
    (count as u64 <= BODY_BYTES_MAX).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::read::{GzEncoder, ZlibEncoder};

    fn encoded(mut encoder: impl Read) -> Vec<u8> {
        let mut bytes = Vec::new();
        encoder.read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn known_encodings_are_undone() {
        let gzip = encoded(GzEncoder::new(&b"{\"a\":1}"[..], Compression::best()));
        let zlib = encoded(ZlibEncoder::new(&b"{\"a\":1}"[..], Compression::best()));
        assert_eq!(decompressed("GZIP", &gzip).as_deref(), Some(&b"{\"a\":1}"[..]));
        assert_eq!(decompressed("deflate", &zlib).as_deref(), Some(&b"{\"a\":1}"[..]));
        assert_eq!(decompressed("br", &gzip), None);
        assert_eq!(decompressed("gzip", &gzip[..8]), None);
        let bomb = encoded(GzEncoder::new(std::io::repeat(0).take(9 << 20), Compression::best()));
        assert_eq!(decompressed("gzip", &bomb), None);
    }
}
