//! Events as lines of JSON objects. What nests is looked into by names with dots:
//! `{"http":{"status_code":200}}` has `http.status_code`.
//!
//! Refuses to know what a column says.

use crate::analysis::columns::{Columns, Value, put};
use crate::analysis::row::Row;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Objects nested deeper than this are not looked into.
const DEPTH_MAX: usize = 4;

/// One line as a row.
///
/// # Errors
///
/// What is wrong with the line, and where.
pub(crate) fn row<'a>(line: &'a [u8], columns: &Columns) -> Result<Row<'a>, String> {
    let mut row = Row::default();
    let mut deserializer = serde_json::Deserializer::from_slice(line);
    let members = Members { row: &mut row, columns, prefix: None, depth: 0 };
    members.deserialize(&mut deserializer).map_err(|err| err.to_string())?;
    deserializer.end().map_err(|err| err.to_string())?;
    Ok(row)
}

/// Puts the members of an object into a row.
struct Members<'r, 'a, 'c> {
    row: &'r mut Row<'a>,
    columns: &'c Columns,
    prefix: Option<String>,
    depth: usize,
}

impl<'a> DeserializeSeed<'a> for Members<'_, 'a, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Members<'_, 'a, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(name)) = map.next_key::<Key<'a>>()? {
            let name = match &self.prefix {
                None => name,
                Some(prefix) => Cow::Owned(format!("{prefix}.{name}")),
            };
            let (columns, depth) = (self.columns, self.depth + 1);
            map.next_value_seed(Member { row: &mut *self.row, columns, name, depth })?;
        }
        Ok(())
    }
}

/// A name, borrowed where it stands there without escapes.
struct Key<'a>(Cow<'a, str>);

impl<'a> serde::Deserialize<'a> for Key<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'a> Visitor<'a> for Text {
            type Value = Key<'a>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Key<'a>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Key<'a>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Puts one value into a row.
struct Member<'r, 'a, 'c> {
    row: &'r mut Row<'a>,
    columns: &'c Columns,
    name: Cow<'a, str>,
    depth: usize,
}

impl<'a> Member<'_, 'a, '_> {
    fn put(self, value: Value<'a>) {
        if let Some(column) = self.columns.column(&self.name) {
            put(self.row, column, value);
        }
    }
}

impl<'a> DeserializeSeed<'a> for Member<'_, 'a, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Member<'_, 'a, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<(), E> {
        self.put(Value::Text(Cow::Borrowed(text)));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.put(Value::Text(Cow::Owned(text.to_owned())));
        Ok(())
    }

    fn visit_bool<E>(self, is: bool) -> Result<(), E> {
        self.put(Value::Bool(is));
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.put(Value::Number(number));
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "a moment in nanoseconds keeps its seconds")]
    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.put(Value::Number(number as f64));
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "as above")]
    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.put(Value::Number(number as f64));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: serde::de::SeqAccess<'a>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        if self.depth >= DEPTH_MAX {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        let Self { row, columns, name, depth } = self;
        Members { row, columns, prefix: Some(name.into_owned()), depth }.visit_map(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_also_inside_objects() {
        let columns = Columns { dimensions: vec!["geo.country".to_owned()], ..Columns::default() };
        let line = br#"{"ts":1795255200,"service":{"version":"4.2"},"http":{"status_code":503},
            "geo":{"country":"de","at":[1,{}]},"duration_ms":12.5,"user_id":7,
            "deep":{"a":{"b":{"c":{}}}}}"#;
        let row = row(line, &columns).unwrap();
        assert_eq!(row.version.as_deref(), Some("4.2"));
        assert_eq!(row.status, Some(503));
        assert_eq!(row.values[0].as_deref(), Some("de"));
        assert_eq!(row.latency_ms, Some(12.5));
        assert!(row.is_failure() && row.unit.is_some() && row.at_ms == Some(1_795_255_200_000));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for line in [&b"[]"[..], b"{", b"{} {}", b"7", b"", b"{\"a\":\xff}"] {
            assert!(row(line, &Columns::default()).is_err(), "{line:?}");
        }
    }
}
