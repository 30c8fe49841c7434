//! Where a configured value comes from: a place in a text, or something that has a name.
//!
//! Refuses to know which values there are.

use std::fmt;
use std::fmt::Write as _;

/// The name under which the built-in defaults are known.
pub(crate) const DEFAULT: &str = "default";

/// Where something was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file. What to underline is `width` characters from `column` on.
    Text {
        /// The file, as people are told it.
        file: String,
        /// The line, from 1.
        line: u32,
        /// The first character, from 1.
        column: u32,
        /// Characters up to the end of it or of its line; at least 1.
        width: u32,
    },
    /// In something that has a name: `PLUMB_MAX_AGE`, `--max-age`.
    Named(String),
}

/// One value in force, for `config show --origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The key with its sections: `evidence.max_age`.
    pub key: String,
    /// The value as TOML writes it.
    pub value: String,
    /// Where it comes from: `plumb.toml:7`, `PLUMB_MAX_AGE`, `--max-age`, or `default`.
    pub from: String,
}

/// A value with the text it was read from, as TOML writes it, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Put<T> {
    pub(crate) value: T,
    pub(crate) text: String,
    pub(crate) place: Place,
}

impl<T> Put<T> {
    /// The same place and text with another value.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Put<U> {
        Put { value: change(self.value), text: self.text, place: self.place }
    }

    /// This value as the origin of `key`.
    pub(crate) fn origin(&self, key: &str) -> Origin {
        Origin { key: key.to_owned(), value: self.text.clone(), from: source_of(&self.place) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { file, line, column, .. } => write!(out, "{file}:{line}:{column}"),
            Self::Named(name) => out.write_str(name),
        }
    }
}

/// A place without its column; everything in the defaults is one source.
fn source_of(place: &Place) -> String {
    match place {
        Place::Text { file, .. } if file == DEFAULT => DEFAULT.to_owned(),
        Place::Text { file, line, .. } => format!("{file}:{line}"),
        Place::Named(name) => name.clone(),
    }
}

/// A text as a TOML basic string, on one line.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a string cannot fail.
            _ if letter.is_control() => drop(write!(out, "\\u{:04X}", u32::from(letter))),
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// Texts as a TOML array of basic strings, on one line.
#[must_use]
pub fn quoted_list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let items: Vec<String> = texts.map(quoted).collect();
    format!("[{}]", items.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn toml_reads_what_is_quoted(text in any::<String>()) {
            let document = format!("a = {}", quoted(&text));
            prop_assert!(!document.contains('\n'));
            let table: toml::Table = document.parse().unwrap();
            prop_assert_eq!(table["a"].as_str(), Some(text.as_str()));
        }
    }
}
