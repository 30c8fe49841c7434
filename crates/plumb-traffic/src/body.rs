//! Payload bytes made readable: content encodings and gzip streams undone under caps, declared
//! charsets turned into UTF-8. It refuses to know headers, files and what the payload means.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::{DeflateDecoder, GzDecoder, MultiGzDecoder, ZlibDecoder};
use plumb_shape::ascii::lower;

use crate::text;

/// Recorder kept the size of a body and not the body.
pub const EVICTED: &str = "the recorder did not keep it";
/// Fewer bytes than announced.
pub const TRUNCATED: &str = "truncated";
/// Decoded size or ratio over the cap.
pub const TOO_LARGE: &str = "too large once decoded";
/// An encoding nobody here undoes, such as `br` or `zstd`.
pub const UNKNOWN_ENCODING: &str = "unknown content encoding";
/// Encoded bytes that do not decode.
pub const BROKEN_ENCODING: &str = "does not decode";
/// Parts of a multipart form without the bytes around them.
pub const FORM_PARTS: &str = "multipart form kept only as parts";

/// The two bytes every gzip stream starts with.
pub const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// How far decompression may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    /// Most bytes that may come out.
    pub bytes_max: u64,
    /// Most bytes out per byte in, once more than [`RATIO_FREE_BYTES`] are out.
    pub ratio_max: u64,
}

/// Output below this is never judged by its ratio: short repetitive text compresses extremely well.
pub const RATIO_FREE_BYTES: u64 = 64 * 1024;

/// Encodings one body may be wrapped in. Nobody stacks more than two; each costs a copy.
const ENCODINGS_MAX: usize = 4;

/// Undoes `content-encoding`, last applied first.
///
/// # Errors
/// The reason why the body is withheld: unknown or broken encoding, or over the cap.
pub fn decode<'a>(
    bytes: Cow<'a, [u8]>,
    content_encoding: &str,
    cap: Cap,
) -> Result<Cow<'a, [u8]>, &'static str> {
    let mut bytes = bytes;
    if content_encoding.is_empty() {
        return Ok(bytes);
    }
    for (count, encoding) in content_encoding.rsplit(',').map(str::trim).enumerate() {
        if count == ENCODINGS_MAX {
            return Err(UNKNOWN_ENCODING);
        }
        bytes = match &*lower(encoding) {
            "" | "identity" => bytes,
            "gzip" | "x-gzip" => inflated(GzDecoder::new(&*bytes), bytes.len(), cap)?.into(),
            "deflate" => deflated(&bytes, cap)?.into(),
            _ => return Err(UNKNOWN_ENCODING),
        };
    }
    Ok(bytes)
}

/// Text in UTF-8, and what the way there cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Utf8<'a> {
    /// UTF-8 already, or no charset was declared.
    Same(Cow<'a, [u8]>),
    /// Converted without loss.
    Converted(Vec<u8>),
    /// Converted, with replacement characters where the bytes made no sense.
    Lossy(Vec<u8>),
    /// A charset nobody here reads; the bytes as they were.
    Unknown(Cow<'a, [u8]>),
}

/// Turns bytes of a declared charset into UTF-8.
pub fn utf8<'a>(bytes: Cow<'a, [u8]>, media_type: Option<&str>) -> Utf8<'a> {
    let Some(charset) = media_type.and_then(text::charset) else { return Utf8::Same(bytes) };
    match &*charset {
        "" | "utf-8" | "utf8" | "us-ascii" | "ascii" => Utf8::Same(bytes),
        "iso-8859-1" | "latin1" | "windows-1252" | "cp1252" => western(bytes),
        "utf-16" | "utf-16le" => utf16(&bytes, u16::from_le_bytes),
        "utf-16be" => utf16(&bytes, u16::from_be_bytes),
        _ => Utf8::Unknown(bytes),
    }
}

/// Up to `bytes_max` bytes from the start of a gzip stream, as far as it decodes.
pub fn gzip_head(bytes: &[u8], bytes_max: usize) -> Vec<u8> {
    let mut head = vec![0; bytes_max];
    let mut decoder = GzDecoder::new(bytes);
    let mut filled = 0;
    while let Ok(count @ 1..) = decoder.read(&mut head[filled..]) {
        filled += count;
    }
    head.truncate(filled);
    head
}

/// Foreign data turned out broken or over its cap while being read as a stream. It travels inside
/// an [`io::Error`], so that a reader can tell it from a disk that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage(pub &'static str);

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for Damage {}

/// The input itself, or what comes out of it if it is gzip (any number of members), under `cap`.
///
/// # Errors
/// Failure to read. Broken gzip and the cap are [`Damage`] inside the errors of the stream.
pub fn unwrapped<'r>(
    input: &'r mut dyn BufRead,
    cap: Cap,
) -> Result<Box<dyn BufRead + 'r>, io::Error> {
    let mut head = Vec::with_capacity(GZIP_MAGIC.len());
    (&mut *input).take(GZIP_MAGIC.len() as u64).read_to_end(&mut head)?;
    let gzip = head == GZIP_MAGIC;
    let whole = io::Cursor::new(head).chain(input);
    if !gzip {
        return Ok(Box::new(whole));
    }
    let decoder = MultiGzDecoder::new(Counting { inner: whole, consumed: 0 });
    Ok(Box::new(BufReader::with_capacity(STREAM_BUFFER_BYTES, Inflating { decoder, out: 0, cap })))
}

/// One read of a decompressed stream: large enough to amortise calls, small enough for a cache.
const STREAM_BUFFER_BYTES: usize = 64 * 1024;

struct Counting<R> {
    inner: R,
    consumed: u64,
}

impl<R: BufRead> Read for Counting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.consumed += count as u64;
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counting<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.consumed += count as u64;
        self.inner.consume(count);
    }
}

struct Inflating<R> {
    decoder: MultiGzDecoder<Counting<R>>,
    out: u64,
    cap: Cap,
}

impl<R: BufRead> Read for Inflating<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.decoder.read(into).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                damage("the gzip is broken")
            }
            io::ErrorKind::UnexpectedEof => damage("the gzip ends early"),
            _ => error,
        })?;
        self.out += count as u64;
        if over(self.out, self.decoder.get_ref().consumed, self.cap) {
            return Err(damage("the gzip grows beyond the cap"));
        }
        Ok(count)
    }
}

fn damage(what: &'static str) -> io::Error {
    io::Error::other(Damage(what))
}

fn over(out: u64, consumed: u64, cap: Cap) -> bool {
    out > cap.bytes_max
        || (out > RATIO_FREE_BYTES && out > consumed.max(1).saturating_mul(cap.ratio_max))
}

fn deflated(bytes: &[u8], cap: Cap) -> Result<Vec<u8>, &'static str> {
    // Both are called deflate in the wild: the standard's zlib wrapper, and the bare stream.
    match inflated(ZlibDecoder::new(bytes), bytes.len(), cap) {
        Err(BROKEN_ENCODING) => inflated(DeflateDecoder::new(bytes), bytes.len(), cap),
        other => other,
    }
}

fn inflated(decoder: impl Read, bytes_in: usize, cap: Cap) -> Result<Vec<u8>, &'static str> {
    let by_ratio = (bytes_in as u64).saturating_mul(cap.ratio_max).max(RATIO_FREE_BYTES);
    let bytes_max = cap.bytes_max.min(by_ratio);
    let mut out = Vec::new();
    match decoder.take(bytes_max + 1).read_to_end(&mut out) {
        Ok(_) if out.len() as u64 > bytes_max => Err(TOO_LARGE),
        Ok(_) => Ok(out),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(TRUNCATED),
        Err(_) => Err(BROKEN_ENCODING),
    }
}

/// Windows-1252, which is what senders of `iso-8859-1` mean.
fn western(bytes: Cow<'_, [u8]>) -> Utf8<'_> {
    if bytes.is_ascii() {
        return Utf8::Same(bytes);
    }
    let text: String = bytes.iter().map(|&byte| western_char(byte)).collect();
    Utf8::Converted(text.into_bytes())
}

fn western_char(byte: u8) -> char {
    /// Code points of 0x80 to 0x9f; the five holes map to themselves.
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

type Unit = fn([u8; 2]) -> u16;

fn utf16(bytes: &[u8], declared: Unit) -> Utf8<'static> {
    let (bytes, unit): (&[u8], Unit) = match bytes {
        [0xff, 0xfe, rest @ ..] => (rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => (rest, u16::from_be_bytes),
        _ => (bytes, declared),
    };
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut lossy = !odd.is_empty();
    let mut text = String::with_capacity(bytes.len() / 2);
    for character in char::decode_utf16(pairs.iter().map(|&pair| unit(pair))) {
        lossy |= character.is_err();
        text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    if lossy { Utf8::Lossy(text.into_bytes()) } else { Utf8::Converted(text.into_bytes()) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const CAP: Cap = Cap { bytes_max: 1 << 20, ratio_max: 200 };

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn check(bytes: &[u8], encoding: &str, expected: Result<&[u8], &str>) {
        let got = decode(Cow::Borrowed(bytes), encoding, CAP);
        assert_eq!(got.as_deref().map_err(|reason| *reason), expected, "{encoding}");
    }

    #[test]
    fn encodings_are_undone() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(b"hi").unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
        bare.write_all(b"hi").unwrap();
        check(b"hi", "identity", Ok(b"hi"));
        check(b"hi", "", Ok(b"hi"));
        check(&gzip(b"hi"), "GZIP", Ok(b"hi"));
        check(&gzip(&gzip(b"hi")), "gzip, gzip", Ok(b"hi"));
        check(&zlib.finish().unwrap(), "deflate", Ok(b"hi"));
        check(&bare.finish().unwrap(), "deflate", Ok(b"hi"));
    }

    #[test]
    fn what_does_not_decode_is_withheld() {
        check(b"hi", "br", Err(UNKNOWN_ENCODING));
        check(b"this is no gzip", "gzip", Err(BROKEN_ENCODING));
        check(&gzip(b"hi"), ",,,,gzip", Err(UNKNOWN_ENCODING));
        check(&gzip(b"hi there")[..20], "gzip", Err(TRUNCATED));
        check(&gzip(&vec![b' '; 1 << 21]), "gzip", Err(TOO_LARGE));
        check(&gzip(&vec![b' '; 1 << 20]), "gzip", Err(TOO_LARGE));
        check(&gzip(&vec![b' '; 1 << 16]), "gzip", Ok(&vec![b' '; 1 << 16]));
    }

    fn check_utf8(bytes: &[u8], media_type: &str, expected: (&str, &str)) {
        let got = match utf8(Cow::Borrowed(bytes), Some(media_type)) {
            Utf8::Same(bytes) => ("same", bytes.into_owned()),
            Utf8::Converted(bytes) => ("converted", bytes),
            Utf8::Lossy(bytes) => ("lossy", bytes),
            Utf8::Unknown(bytes) => ("unknown", bytes.into_owned()),
        };
        assert_eq!((got.0, &*String::from_utf8_lossy(&got.1)), expected, "{media_type}");
    }

    #[test]
    fn charsets_become_utf8() {
        check_utf8(b"a", "text/plain", ("same", "a"));
        check_utf8(b"caf\xe9 \x80", "text/plain; charset=latin1", ("converted", "café €"));
        check_utf8(b"a\0b\0", "text/plain; charset=utf-16le", ("converted", "ab"));
        check_utf8(b"\xfe\xff\0a", "text/plain; charset=utf-16", ("converted", "a"));
        check_utf8(b"\0a\xd8\0", "text/plain; charset=utf-16be", ("lossy", "a\u{fffd}"));
        check_utf8(b"a", "text/plain; charset=koi8-r", ("unknown", "a"));
    }

    fn check_stream(bytes: &[u8], expected: Result<&[u8], &str>) {
        let mut input = bytes;
        let mut out = Vec::new();
        let mut stream = unwrapped(&mut input, CAP).unwrap();
        let got = stream.read_to_end(&mut out).map(|_| &*out).map_err(|error| error.to_string());
        assert_eq!(got.as_ref().map_err(String::as_str).copied(), expected);
    }

    #[test]
    fn streams_are_unwrapped_under_a_cap() {
        check_stream(b"", Ok(b""));
        check_stream(b"\x1f", Ok(b"\x1f"));
        check_stream(b"plain", Ok(b"plain"));
        check_stream(&[gzip(b"a"), gzip(b"b")].concat(), Ok(b"ab"));
        check_stream(&gzip(b"hello")[..12], Err("the gzip ends early"));
        check_stream(
            &[&*gzip(b"a"), b"more than a header of junk"].concat(),
            Err("the gzip is broken"),
        );
        check_stream(&gzip(&vec![0; 2 << 20]), Err("the gzip grows beyond the cap"));
    }

    #[test]
    fn the_head_of_a_cut_gzip_is_readable() {
        let text: Vec<u8> = (0..9_000_u32).flat_map(|n| n.to_string().into_bytes()).collect();
        assert_eq!(gzip_head(&gzip(&text)[..4_000], 100), text[..100]);
        assert_eq!(gzip_head(b"no", 100), b"");
    }
}
