//! Events as rows of a table in text: comma, semicolon or tab separated, under a line of names.
//!
//! Refuses to know what a column says.

use crate::analysis::columns::{Column, Columns, Value, put};
use crate::analysis::row::Row;
use csv::ByteRecord;
use memchr::memchr;
use std::borrow::Cow;

/// The line of names, as columns.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    separator: u8,
    columns: Vec<Option<Column>>,
}

impl Header {
    /// Reads the line of names. None where no column says when something was.
    pub(crate) fn of(line: &[u8], columns: &Columns) -> Option<Self> {
        let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        let count = |one: &u8| line.iter().filter(|byte| *byte == one).count();
        let separator = *[b',', b';', b'\t'].iter().max_by_key(|one| count(one))?;
        let names = records(line, separator).next()?;
        let known: Vec<Option<Column>> =
            names.iter().map(|name| columns.column(String::from_utf8_lossy(name).trim())).collect();
        known.contains(&Some(Column::Time)).then_some(Self { separator, columns: known })
    }

    /// The rows of whole lines, in their order, or what is wrong with each. Where nothing is
    /// quoted, values are what stands between separators, and are borrowed.
    pub(crate) fn rows<'l>(&self, lines: &'l [u8]) -> Vec<Result<Row<'l>, String>> {
        let plain = str::from_utf8(lines).ok().filter(|_| memchr(b'"', lines).is_none());
        let Some(text) = plain else {
            let owned = |value: &[u8]| Cow::Owned(String::from_utf8_lossy(value).into_owned());
            return records(lines, self.separator)
                .map(|record| self.row(record.iter().map(owned)))
                .collect();
        };
        let values = |line: &'l str| line.split(char::from(self.separator)).map(Cow::Borrowed);
        let lines = text.lines().filter(|line| !line.trim_ascii().is_empty());
        lines.map(|line| self.row(values(line))).collect()
    }

    fn row<'l>(&self, values: impl Iterator<Item = Cow<'l, str>>) -> Result<Row<'l>, String> {
        let mut row = Row::default();
        let mut count = 0;
        for value in values {
            if let Some(Some(column)) = self.columns.get(count)
                && !value.is_empty()
            {
                put(&mut row, *column, Value::Text(value));
            }
            count += 1;
        }
        if count == self.columns.len() {
            return Ok(row);
        }
        Err(format!("{count} values under {} names", self.columns.len()))
    }
}

fn records(lines: &[u8], separator: u8) -> impl Iterator<Item = ByteRecord> {
    csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(lines)
        .into_byte_records()
        .map_while(Result::ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &str, line: &str, expected: Result<(&str, u16), &str>) {
        let header = Header::of(names.as_bytes(), &Columns::default()).unwrap();
        let row = header.rows(line.as_bytes()).remove(0);
        let found = row.map(|row| (row.version.unwrap_or_default().into_owned(), row.status));
        let expected = expected.map(|(version, status)| (version.to_owned(), Some(status)));
        assert_eq!(found, expected.map_err(str::to_owned));
    }

    #[test]
    fn tables_are_read_whatever_separates_them() {
        check("time,version,status\n", "2026-11-21T10:00:00Z,4.2,200\n", Ok(("4.2", 200)));
        check("\u{feff}ts;version;status", "1;\"4;2\";500\n", Ok(("4;2", 500)));
        check("ts\tstatus\tversion", "1\t404\t4.1", Ok(("4.1", 404)));
        check("ts,status,version\r\n", "1,404,4.1\r\n", Ok(("4.1", 404)));
        check("ts,status", "1,2,3\n", Err("3 values under 2 names"));
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let header = Header::of(b"ts,status,version\n", &Columns::default()).unwrap();
        let row = header.rows(b"1,404,4\xFF1\n").remove(0).unwrap();
        assert_eq!(row.version.as_deref(), Some("4\u{FFFD}1"));
    }

    #[test]
    fn a_table_without_a_time_is_none() {
        assert!(Header::of(b"name,colour\n", &Columns::default()).is_none());
        assert!(Header::of(b"", &Columns::default()).is_none());
    }
}
