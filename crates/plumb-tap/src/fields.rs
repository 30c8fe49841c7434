//! The fields of one message, copied out of the buffer they came in: a piece shared with the
//! connection would hold on to that whole buffer while the copy waits, and keep the connection from
//! using it again. It refuses to know what any field means.

use http::{HeaderMap, HeaderName};

/// Names and values in the order in which they came, those of one name together.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    /// Each name, and where its value ends.
    names: Vec<(HeaderName, usize)>,
    /// The values, one behind the other.
    values: Vec<u8>,
}

impl Fields {
    /// The fields, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &[u8])> {
        let mut start = 0;
        self.names.iter().map(move |(name, end)| {
            let value = self.values.get(start..*end).unwrap_or_default();
            start = *end;
            (name, value)
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
        let names = self.names.iter().map(|(name, _)| name.as_str().len());
        names.sum::<usize>() + size_of_val(self.names.as_slice()) + self.values.len()
    }
}

impl From<&HeaderMap> for Fields {
    fn from(headers: &HeaderMap) -> Self {
        let bytes = headers.values().map(http::HeaderValue::len).sum();
        let (mut names, mut values) =
            (Vec::with_capacity(headers.len()), Vec::with_capacity(bytes));
        for (name, value) in headers {
            values.extend_from_slice(value.as_bytes());
            names.push((name.clone(), values.len()));
        }
        Self { names, values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn fields_are_those_of_the_message() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("a", "1"), ("set-cookie", "x"), ("b", ""), ("set-cookie", "y\u{e9}")]
        {
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let fields = Fields::from(&headers);
        let told: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value)).collect();
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
