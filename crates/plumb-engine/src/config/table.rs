//! Strict reading of TOML: every value with its kind and its place.
//!
//! Refuses to know which keys there are; it is told, and everything else is an error.

use crate::config::error::ConfigError;
use crate::config::nearest::nearest;
use crate::config::origin::{Place, Put, quoted, quoted_list};
use crate::excerpt::excerpt;
use plumb_traffic::redact::Redaction;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

/// Bytes of a configuration; people write a few thousand.
pub(crate) const TEXT_BYTES_MAX: usize = 1 << 20;

/// Entries of one list; far beyond what people keep up to date.
const ENTRIES_MAX: usize = 10_000;

/// A text and the name of its file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
}

/// A section: its entries, its path, and what stands for it in the text.
#[derive(Clone, Debug)]
pub(crate) struct Table<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) path: String,
    pub(crate) span: Range<usize>,
    pub(crate) entries: &'a DeTable<'a>,
}

/// The whole text as entries.
///
/// # Errors
/// [`ConfigError::TooLarge`], [`ConfigError::Duplicate`], [`ConfigError::Syntax`].
pub(crate) fn parse<'a>(source: Source<'a>) -> Result<DeTable<'a>, ConfigError> {
    let bytes = source.text.len();
    if bytes > TEXT_BYTES_MAX {
        let file = source.file.to_owned();
        return Err(ConfigError::TooLarge { file, bytes, bytes_max: TEXT_BYTES_MAX });
    }
    match DeTable::parse(source.text) {
        Ok(table) => Ok(table.into_inner()),
        Err(error) => Err(refused(source, &error)),
    }
}

/// What TOML refuses, with its place.
fn refused(source: Source<'_>, error: &Error) -> ConfigError {
    let span = error.span().unwrap_or(0..0);
    let place = source.place(&span);
    match source.text.get(span) {
        Some(key) if error.message() == "duplicate key" => {
            ConfigError::Duplicate { place, path: excerpt(key), first: None }
        }
        _ => ConfigError::Syntax { place, detail: excerpt(error.message()) },
    }
}

impl Source<'_> {
    /// Where a stretch of the text stands. A stretch of several lines ends with its first.
    pub(crate) fn place(&self, span: &Range<usize>) -> Place {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let stretch = self.text.get(span.clone()).unwrap_or_default();
        let first_line = stretch.lines().next().unwrap_or_default();
        Place::Text {
            file: self.file.to_owned(),
            line: count(before.matches('\n').count() + 1),
            column: count(before[line_start..].chars().count() + 1),
            width: count(first_line.chars().count().max(1)),
        }
    }
}

impl<'a> Table<'a> {
    /// The section that a whole text is.
    pub(crate) fn root(source: Source<'a>, entries: &'a DeTable<'a>) -> Self {
        Self { source, path: String::new(), span: 0..0, entries }
    }

    /// Refuses every key but these. What it refuses first is what stands first.
    ///
    /// # Errors
    /// [`ConfigError::Secret`] for a name that looks like one, else [`ConfigError::Unknown`], with
    /// what was probably meant: one of `known`, or the end of one of the paths in `elsewhere`.
    pub(crate) fn expect(
        &self,
        known: &'static [&'static str],
        elsewhere: &[&'static str],
    ) -> Result<(), ConfigError> {
        let unknown = self.entries.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
        let Some(first) = unknown.min_by_key(|key| key.span().start) else { return Ok(()) };
        let place = self.source.place(&first.span());
        let name = first.get_ref();
        let path = self.path_of(&excerpt(name));
        if Redaction::default().denies(name) {
            return Err(ConfigError::Secret { place, path });
        }
        let ending = |path: &&str| path.rsplit('.').next() == Some(name);
        let near = nearest(name, known.iter().copied());
        let near = near.or_else(|| elsewhere.iter().copied().find(ending));
        Err(ConfigError::Unknown { place, path, near: near.map(str::to_owned), known })
    }

    /// The text at `key`.
    pub(crate) fn text(&self, key: &str) -> Result<Option<Put<String>>, ConfigError> {
        let Some(value) = self.entries.get(key) else { return Ok(None) };
        self.text_of(key, value).map(Some)
    }

    /// The list of texts at `key`, each with its place.
    pub(crate) fn texts(&self, key: &str) -> Result<Option<Put<Vec<Put<String>>>>, ConfigError> {
        let Some(value) = self.entries.get(key) else { return Ok(None) };
        let DeValue::Array(items) = value.get_ref() else {
            return Err(self.wrong(key, value, "a list of texts"));
        };
        self.bound(key, value, items.len())?;
        let texts: Result<Vec<_>, _> = items.iter().map(|item| self.text_of(key, item)).collect();
        let texts = texts?;
        let text = quoted_list(texts.iter().map(|text| text.value.as_str()));
        Ok(Some(Put { value: texts, text, place: self.place(value) }))
    }

    /// The whole number at `key`, if it lies in the range.
    pub(crate) fn number(
        &self,
        key: &str,
        range: &Range<i64>,
    ) -> Result<Option<Put<i64>>, ConfigError> {
        let Some(value) = self.entries.get(key) else { return Ok(None) };
        let DeValue::Integer(digits) = value.get_ref() else {
            return Err(self.wrong(key, value, "a whole number"));
        };
        // What does not fit is out of every range.
        let number = i64::from_str_radix(digits.as_str(), digits.radix()).unwrap_or(i64::MAX);
        let put = Put { value: number, text: digits.to_string(), place: self.place(value) };
        in_range(&self.path_of(key), put, range).map(Some)
    }

    /// The date at `key`, as TOML writes it.
    pub(crate) fn date(&self, key: &str) -> Result<Option<Put<String>>, ConfigError> {
        let Some(value) = self.entries.get(key) else { return Ok(None) };
        match value.get_ref() {
            DeValue::Datetime(date) if date.time.is_none() => {
                let text = date.to_string();
                Ok(Some(Put { value: text.clone(), text, place: self.place(value) }))
            }
            _ => Err(self.wrong(key, value, "a date")),
        }
    }

    /// The section `[key]`.
    pub(crate) fn table(&self, key: &str) -> Result<Option<Self>, ConfigError> {
        let Some(value) = self.entries.get(key) else { return Ok(None) };
        self.table_of(key, value, "a section").map(Some)
    }

    /// The sections `[[key]]`.
    pub(crate) fn tables(&self, key: &str) -> Result<Vec<Self>, ConfigError> {
        let Some(value) = self.entries.get(key) else { return Ok(Vec::new()) };
        let DeValue::Array(items) = value.get_ref() else {
            return Err(self.wrong(key, value, "a list of sections"));
        };
        self.bound(key, value, items.len())?;
        items.iter().map(|item| self.table_of(key, item, "a list of sections")).collect()
    }

    /// All entries as sections, by their names.
    pub(crate) fn named(&self) -> Result<Vec<(&'a str, Self)>, ConfigError> {
        let section = |(name, value): (&'a Spanned<_>, _)| {
            let name: &'a std::borrow::Cow<'a, str> = name.get_ref();
            self.table_of(name, value, "a section").map(|table| (name.as_ref(), table))
        };
        self.entries.iter().map(section).collect()
    }

    /// The value that the section cannot do without.
    ///
    /// # Errors
    /// [`ConfigError::Required`].
    pub(crate) fn required<T>(&self, key: &str, value: Option<T>) -> Result<T, ConfigError> {
        let place = self.source.place(&self.span);
        value.ok_or_else(|| ConfigError::Required { place, path: self.path_of(key) })
    }

    /// A key with its sections.
    pub(crate) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn text_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Put<String>, ConfigError> {
        let DeValue::String(text) = value.get_ref() else {
            return Err(self.wrong(key, value, "a text"));
        };
        let place = self.place(value);
        if text.trim().is_empty() {
            return Err(ConfigError::Empty { place, path: self.path_of(key) });
        }
        Ok(Put { value: text.to_string(), text: quoted(text), place })
    }

    fn table_of(
        &self,
        key: &str,
        value: &'a Spanned<DeValue<'a>>,
        expected: &'static str,
    ) -> Result<Self, ConfigError> {
        let DeValue::Table(entries) = value.get_ref() else {
            return Err(self.wrong(key, value, expected));
        };
        let path = self.path_of(&excerpt(key));
        Ok(Self { source: self.source, path, span: value.span(), entries })
    }

    fn place(&self, value: &Spanned<DeValue<'_>>) -> Place {
        self.source.place(&value.span())
    }

    fn wrong(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        expected: &'static str,
    ) -> ConfigError {
        let found = kind_of(value.get_ref());
        let path = self.path_of(&excerpt(key));
        ConfigError::WrongKind { place: self.place(value), path, expected, found }
    }

    fn bound(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        entries: usize,
    ) -> Result<(), ConfigError> {
        if entries <= ENTRIES_MAX {
            return Ok(());
        }
        let place = self.place(value);
        Err(ConfigError::TooMany { place, path: self.path_of(key), max: ENTRIES_MAX })
    }
}

/// A number, if it lies in the range.
///
/// # Errors
/// [`ConfigError::Range`].
pub(crate) fn in_range(
    path: &str,
    put: Put<i64>,
    range: &Range<i64>,
) -> Result<Put<i64>, ConfigError> {
    if range.contains(&put.value) {
        return Ok(put);
    }
    let (min, max) = (range.start, range.end - 1);
    Err(ConfigError::Range { place: put.place, path: path.to_owned(), found: put.value, min, max })
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(date) if date.time.is_none() => "a date",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a section",
    }
}

fn count(number: usize) -> u32 {
    // INVARIANT: a text has at most `TEXT_BYTES_MAX` bytes, and so fewer lines and characters.
    u32::try_from(number).unwrap_or(u32::MAX)
}
