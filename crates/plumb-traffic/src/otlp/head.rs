//! How a file of OTLP in binary form begins: one request, or requests behind their lengths, as the
//! Collector's file exporter writes them. It refuses to know any other format, and to decode.

/// How requests lie in a binary file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    /// Each behind its length: four bytes, the highest first.
    Framed,
    /// One request, as it was sent.
    Bare,
}

/// Bytes of a frame's length.
pub(crate) const LENGTH_BYTES: usize = 4;

/// Field 1 of a request: what one resource told.
const GROUP: u8 = 1 << 3 | 2;

/// The fields of a group: the resource, what its scopes told, and a schema's address.
const IN_GROUP: [u8; 3] = [1 << 3 | 2, 2 << 3 | 2, 3 << 3 | 2];

/// How requests lie in a file that begins so; none if it is text, or nothing of OTLP.
pub(crate) fn binary(head: &[u8]) -> Option<Binary> {
    if is_text(head) {
        return None;
    }
    if let Some((length, rest)) = head.split_first_chunk::<LENGTH_BYTES>()
        && opens(rest, u64::from(u32::from_be_bytes(*length)))
    {
        return Some(Binary::Framed);
    }
    opens(head, u64::MAX).then_some(Binary::Bare)
}

/// Times and ids stand in every request, so that none is text to its end.
fn is_text(head: &[u8]) -> bool {
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    is_utf8 && !head.iter().any(|byte| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'))
}

/// True where a request of at most `within` bytes may begin: a group that holds what groups hold.
fn opens(bytes: &[u8], within: u64) -> bool {
    let Some((&GROUP, rest)) = bytes.split_first() else { return false };
    let Some((length, rest)) = varint(rest) else { return false };
    let Some((tag, rest)) = rest.split_first() else { return false };
    let Some((inner, _)) = varint(rest) else { return false };
    length < within && inner < length && IN_GROUP.contains(tag)
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    // Five bytes hold any length that is read.
    let end = bytes.iter().take(5).position(|byte| byte & 0x80 == 0)?;
    let (number, rest) = bytes.split_at_checked(end + 1)?;
    let value = number.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f));
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &[u8], expected: Option<Binary>) {
        assert_eq!(binary(head), expected, "{head:?}");
    }

    #[test]
    fn binary_files_are_told_from_text() {
        check(&[0x0a, 4, 0x12, 2, 0xff, 0], Some(Binary::Bare));
        check(&[0, 0, 0, 6, 0x0a, 4, 0x12, 2, 0xff, 0], Some(Binary::Framed));
        check(&[0, 0, 0, 3, 0x0a, 4, 0x12, 2, 0xff, 0], None);
        check(b"\n{\n  \"resourceSpans\": []}", None);
        check(b"\n{\n \xc3", None);
        check(&[0x0a, 4, 0x22, 2, 0xff, 0], None);
        check(&[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], None);
        check(&[0, 0, 0], None);
        check(b"", None);
    }
}
