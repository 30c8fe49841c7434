//! The fields of one message, copied out of the buffer they came in: a piece shared with the
//! connection would hold on to that whole buffer while the copy waits, and keep the connection from
//! using it again. It refuses to know what any field means.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};

/// Names, in lower case, and values in the order in which they came, those of one name together.
///
/// One piece of memory, as it is taken on one thread and given back on another: how many fields
/// there are, the lengths of each name and value, and then all of them in a row, so that whether
/// they are text is asked once.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<u8>);

/// Bytes of a number.
const NUMBER_BYTES: usize = size_of::<u32>();

impl Fields {
    /// The fields, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.each().map(|(name, value, _)| (name, value))
    }

    /// The same as text, in which bytes that are no UTF-8 are replaced.
    pub fn texts(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.each().map(|(name, value, text)| {
            (name, text.map_or_else(|| String::from_utf8_lossy(value), Cow::Borrowed))
        })
    }

    /// Each name and value, and the value as text where all of them are.
    fn each(&self) -> impl Iterator<Item = (&str, &[u8], Option<&str>)> {
        let Parts { lengths, text } = self.parts();
        let whole = std::str::from_utf8(text).ok();
        let mut end = 0;
        lengths.chunks_exact(2 * NUMBER_BYTES).map_while(move |two| {
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
    pub fn count(&self) -> usize {
        self.parts().lengths.len() / (2 * NUMBER_BYTES)
    }

    /// The values of a name, in order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The first value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.all(name).next()
    }

    /// Roughly the memory this takes, in bytes.
    pub(crate) fn weight(&self) -> usize {
        self.0.len()
    }

    fn parts(&self) -> Parts<'_> {
        let split = self
            .0
            .split_at_checked(NUMBER_BYTES)
            .and_then(|(count, rest)| rest.split_at_checked(2 * NUMBER_BYTES * number(count)?));
        let (lengths, text) = split.unwrap_or_default();
        Parts { lengths, text }
    }

    fn push_number(&mut self, number: usize) {
        // INVARIANT: heads are shorter than that by far; what were longer would read as broken.
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&number.to_ne_bytes());
    }
}

/// Fields, taken apart.
struct Parts<'a> {
    lengths: &'a [u8],
    text: &'a [u8],
}

fn number(bytes: &[u8]) -> Option<usize> {
    let bytes = bytes.first_chunk()?;
    usize::try_from(u32::from_ne_bytes(*bytes)).ok()
}

impl From<&HeaderMap> for Fields {
    fn from(headers: &HeaderMap) -> Self {
        let bytes = |(name, value): (&HeaderName, &HeaderValue)| {
            name.as_str().len() + value.len() + 2 * NUMBER_BYTES
        };
        let room = NUMBER_BYTES + headers.iter().map(bytes).sum::<usize>();
        let mut fields = Self(Vec::with_capacity(room));
        fields.push_number(headers.len());
        for (name, value) in headers {
            fields.push_number(name.as_str().len());
            fields.push_number(value.len());
        }
        for (name, value) in headers {
            fields.0.extend_from_slice(name.as_str().as_bytes());
            fields.0.extend_from_slice(value.as_bytes());
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_those_of_the_message() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("a", "1"), ("set-cookie", "x"), ("b", ""), ("set-cookie", "y\u{e9}")]
        {
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let fields = Fields::from(&headers);
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
            let fields = Fields::from(&headers);
            let told: Vec<_> = fields.texts().collect();
            assert_eq!(told, [("a", Cow::Borrowed(shown)), ("b", "c".into())]);
        };
        check(b"", "");
        check("\u{e9}".as_bytes(), "\u{e9}");
        check(b"x\xe9y", "x\u{fffd}y");
    }
}
