//! From the bytes of a file to text, before any grammar: size, byte order mark, encoding, places.
//!
//! It refuses to know what the text means.

use crate::{Broken, FILE_BYTES_MAX};

/// The text of a file without its byte order mark.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    /// What follows the mark.
    pub(crate) text: &'a str,
    /// Bytes of the mark: what to add to an offset in `text` for an offset in the file.
    pub(crate) skipped: usize,
}

/// Decodes `bytes` as UTF-8, with or without a byte order mark.
///
/// # Errors
/// More than [`FILE_BYTES_MAX`] bytes, UTF-16, or bytes that are not UTF-8 (with their place).
pub(crate) fn decode(bytes: &[u8]) -> Result<Text<'_>, Broken> {
    let at_start = |reason: String| Broken { line: 1, column: 1, reason };
    if bytes.len() > FILE_BYTES_MAX {
        let mebibytes = FILE_BYTES_MAX >> 20;
        return Err(at_start(format!("the file is larger than {mebibytes} MiB")));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(at_start("the file is UTF-16, save it as UTF-8".to_owned()));
    }
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(body).map_err(|error| {
        let good = body.get(..error.valid_up_to()).unwrap_or_default();
        let good = str::from_utf8(good).unwrap_or_default();
        let (line, column) = place_after(good);
        Broken { line, column, reason: "the bytes here are not UTF-8".to_owned() }
    })?;
    Ok(Text { text, skipped: bytes.len() - body.len() })
}

/// The line and column of what follows `text`, both from 1.
pub(crate) fn place_after(text: &str) -> (u32, u32) {
    let lines = text.bytes().filter(|byte| *byte == b'\n').count();
    (narrow(lines + 1), column_after(text))
}

/// The column of what follows `text`, from 1, in characters.
pub(crate) fn column_after(text: &str) -> u32 {
    let line_start = text.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    narrow(text.get(line_start..).unwrap_or_default().chars().count() + 1)
}

/// A line or column as kept in the tree; [`FILE_BYTES_MAX`] keeps them far below the limit.
pub(crate) fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The beginning of a user's text, short enough for a message and without control characters.
pub(crate) fn excerpt(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    let shown = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut out: String = shown.take(CHARS_MAX).collect();
    if text.chars().nth(CHARS_MAX).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_named_with_their_place() {
        let broken = decode("{\n \"ü\": \"\u{e9}".as_bytes()).map(|text| text.text.len());
        assert_eq!(broken, Ok(12));
        let broken = decode(b"{\n \"\xc3\xbc\": \"\xe9\"}").map(|text| text.text).unwrap_err();
        assert_eq!(broken.to_string(), "line 2, column 8: the bytes here are not UTF-8");
    }

    #[test]
    fn a_byte_order_mark_is_skipped_and_counted() {
        let text = decode(b"\xef\xbb\xbfa").unwrap();
        assert_eq!((text.text, text.skipped), ("a", 3));
        assert!(decode(b"\xff\xfe{\0").unwrap_err().reason.contains("UTF-16"));
    }

    #[test]
    fn an_excerpt_is_short_and_clean() {
        assert_eq!(excerpt("a\nb"), "a b");
        assert_eq!(excerpt(&"x".repeat(80)).chars().count(), 61);
    }
}
