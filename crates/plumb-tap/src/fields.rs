//! The fields of one message, copied out of the buffer they came in: a piece shared with the
//! connection would hold on to that whole buffer while the copy waits, and keep the connection from
//! using it again. It refuses to know what any field means.

use std::borrow::Cow;

use http::HeaderMap;

/// Names, in lower case, and values in the order in which they came, those of one name together.
///
/// One piece of memory: how many fields there are, the lengths of each name and value, and then all
/// of them in a row, so that whether they are text is asked once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fields<'a>(&'a [u8]);

/// Bytes of a number.
const NUMBER_BYTES: usize = size_of::<u32>();

/// Bytes of the lengths of a name and its value.
const LENGTHS_BYTES: usize = 2 * NUMBER_BYTES;

/// Writes the fields of a message behind what `out` holds.
pub(crate) fn write(headers: &HeaderMap, out: &mut Vec<u8>) {
    out.extend_from_slice(&as_bytes(headers.len()));
    let mut lengths = out.len();
    out.resize(lengths + LENGTHS_BYTES * headers.len(), 0);
    for (name, value) in headers {
        let name = name.as_str().as_bytes();
        if let Some(room) = out.get_mut(lengths..lengths + LENGTHS_BYTES) {
            let (name_len, value_len) = room.split_at_mut(NUMBER_BYTES);
            name_len.copy_from_slice(&as_bytes(name.len()));
            value_len.copy_from_slice(&as_bytes(value.len()));
        }
        lengths += LENGTHS_BYTES;
        out.extend_from_slice(name);
        out.extend_from_slice(value.as_bytes());
    }
}

impl<'a> Fields<'a> {
    /// What [`write`] wrote.
    pub(crate) const fn read(written: &'a [u8]) -> Self {
        Self(written)
    }

    /// The fields, in order.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.each().map(|(name, value, _)| (name, value))
    }

    /// The same as text, in which bytes that are no UTF-8 are replaced.
    pub fn texts(self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        self.each().map(|(name, value, text)| {
            (name, text.map_or_else(|| String::from_utf8_lossy(value), Cow::Borrowed))
        })
    }

    /// Each name and value, and the value as text where all of them are.
    fn each(self) -> impl Iterator<Item = (&'a str, &'a [u8], Option<&'a str>)> {
        let Parts { lengths, text } = self.parts();
        let whole = std::str::from_utf8(text).ok();
        let mut end = 0;
        lengths.chunks_exact(LENGTHS_BYTES).map_while(move |two| {
            let (name, value) = two.split_at(NUMBER_BYTES);
            let (begin, middle) = (end, end + number(name)?);
            end = middle + number(value)?;
            let name = match whole {
                Some(whole) => whole.get(begin..middle),
                None => std::str::from_utf8(text.get(begin..middle)?).ok(),
            };
            let shown = whole.and_then(|whole| whole.get(middle..end));
            Some((name?, text.get(middle..end)?, shown))
        })
    }

    /// How many there are.
    #[must_use]
    pub fn count(self) -> usize {
        self.parts().lengths.len() / LENGTHS_BYTES
    }

    /// The values of a name, in order.
    pub fn all(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The first value of a name.
    #[must_use]
    pub fn get(self, name: &str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    fn parts(self) -> Parts<'a> {
        let split = self
            .0
            .split_at_checked(NUMBER_BYTES)
            .and_then(|(count, rest)| rest.split_at_checked(LENGTHS_BYTES * number(count)?));
        let (lengths, text) = split.unwrap_or_default();
        Parts { lengths, text }
    }
}

/// Fields, taken apart.
struct Parts<'a> {
    lengths: &'a [u8],
    text: &'a [u8],
}

fn as_bytes(number: usize) -> [u8; NUMBER_BYTES] {
    // INVARIANT: heads are shorter than that by far; what were longer would read as broken.
    u32::try_from(number).unwrap_or(u32::MAX).to_ne_bytes()
}

fn number(bytes: &[u8]) -> Option<usize> {
    let bytes = bytes.first_chunk()?;
    usize::try_from(u32::from_ne_bytes(*bytes)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn written(headers: &HeaderMap) -> Vec<u8> {
        let mut out = Vec::new();
        write(headers, &mut out);
        out
    }

    #[test]
    fn fields_are_those_of_the_message() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("a", "1"), ("set-cookie", "x"), ("b", ""), ("set-cookie", "y\u{e9}")]
        {
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let written = written(&headers);
        let fields = Fields::read(&written);
        let told: Vec<_> = fields.iter().collect();
        let right: Vec<_> =
            headers.iter().map(|(name, it)| (name.as_str(), it.as_bytes())).collect();
        assert_eq!(told, right);
        assert_eq!(told.len(), 4);
        assert_eq!(
            fields.all("set-cookie").collect::<Vec<_>>(),
            ["x".as_bytes(), "y\u{e9}".as_bytes()]
        );
        assert_eq!((fields.get("b"), fields.get("c")), (Some(&b""[..]), None));
        assert_eq!((fields.count(), Fields::default().count()), (4, 0));
        assert_eq!(Fields::default().iter().count(), 0);
    }

    #[test]
    fn fields_are_shown_as_text() {
        let check = |value: &[u8], shown: &str| {
            let mut headers = HeaderMap::new();
            headers.append("a", HeaderValue::from_bytes(value).unwrap());
            headers.append("b", HeaderValue::from_static("c"));
            let written = written(&headers);
            let fields = Fields::read(&written);
            let told: Vec<_> = fields.texts().collect();
            assert_eq!(told, [("a", Cow::Borrowed(shown)), ("b", "c".into())]);
        };
        check(b"", "");
        check("\u{e9}".as_bytes(), "\u{e9}");
        check(b"x\xe9y", "x\u{fffd}y");
    }
}
