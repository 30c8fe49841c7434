//! The fields of one message, copied out of the buffer they came in: a piece shared with the
//! connection would hold on to that whole buffer while the copy waits, and keep the connection from
//! using it again. It refuses to know what any field means.

use http::{HeaderMap, HeaderName, HeaderValue};

/// Names, in lower case, and values in the order in which they came, those of one name together.
///
/// One piece of memory, as it is taken on one thread and given back on another: each name and each
/// value stands behind its length.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<u8>);

/// Bytes of a length.
const LENGTH_BYTES: usize = size_of::<usize>();

impl Fields {
    /// The fields, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let mut rest = self.0.as_slice();
        std::iter::from_fn(move || {
            let (name, value) = (piece(&mut rest)?, piece(&mut rest)?);
            Some((std::str::from_utf8(name).ok()?, value))
        })
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

    fn push(&mut self, piece: &[u8]) {
        self.0.extend_from_slice(&piece.len().to_ne_bytes());
        self.0.extend_from_slice(piece);
    }
}

/// Takes the piece that a text begins with.
fn piece<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, behind) = rest.split_first_chunk()?;
    let (piece, behind) = behind.split_at_checked(usize::from_ne_bytes(*length))?;
    *rest = behind;
    Some(piece)
}

impl From<&HeaderMap> for Fields {
    fn from(headers: &HeaderMap) -> Self {
        let bytes = |(name, value): (&HeaderName, &HeaderValue)| {
            name.as_str().len() + value.len() + 2 * LENGTH_BYTES
        };
        let mut fields = Self(Vec::with_capacity(headers.iter().map(bytes).sum()));
        for (name, value) in headers {
            fields.push(name.as_str().as_bytes());
            fields.push(value.as_bytes());
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
    }
}
