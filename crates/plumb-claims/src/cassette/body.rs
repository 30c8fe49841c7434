//! Undoes how recorded bodies are kept: compressed as on the wire, or in encoded chunks.
//!
//! Bounded, because a recording is foreign: a small one may stand for a very large body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::{GzDecoder, ZlibDecoder};
use plumb_tree::Node;
use plumb_tree::json::parse_json;
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

/// The bytes of a body that is kept as a list of encoded chunks: base64, or hexadecimal where older
/// versions say only that it is binary. `None` for a body that is a text.
pub(crate) fn chunks_of(content: &Node, text: &str) -> Option<Vec<u8>> {
    let encoding = content.get("encoding").and_then(Node::as_str);
    let is_binary = content.get("_isBinary").and_then(Node::as_bool) == Some(true);
    let decode = match encoding {
        Some("base64") => from_base64,
        Some("hex") => from_hex,
        None if is_binary => from_hex,
        _ => return None,
    };
    let chunks = text.trim_start().starts_with('[').then(|| parse_json(text.as_bytes()).ok());
    let documents = chunks??.documents;
    let chunks = documents.first()?.items().iter();
    let decoded: Option<Vec<Vec<u8>>> = chunks.map(|chunk| decode(chunk.as_str()?)).collect();
    Some(decoded?.concat())
}

fn from_base64(chunk: &str) -> Option<Vec<u8>> {
    STANDARD.decode(chunk).ok()
}

fn from_hex(chunk: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    };
    chunk.as_bytes().chunks(2).map(pair).collect()
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

    #[test]
    fn chunks_are_joined() {
        let check = |content: &str, text: &str, expected: Option<&[u8]>| {
            let content = parse_json(content.as_bytes()).unwrap().documents;
            assert_eq!(chunks_of(&content[0], text).as_deref(), expected, "{text}");
        };
        check(r#"{"encoding":"base64"}"#, r#"["QQ==","Qg=="]"#, Some(b"AB"));
        check(r#"{"_isBinary":true}"#, r#"["4142"]"#, Some(b"AB"));
        check(r#"{"encoding":"hex"}"#, r#"["4"]"#, None);
        check(r#"{"encoding":"base64"}"#, "QQ==", None);
        check("{}", r#"["QQ=="]"#, None);
    }
}
