//! Exchanges as rows: what an exchange shows beside its body, and what telemetry says of it by the
//! names that columns have.
//!
//! Refuses to know formats, and which version is new.

use crate::analysis::columns::{Column, Columns, Value, put};
use crate::analysis::row::Row;
use plumb_traffic::exchange::{Exchange, header};
use plumb_traffic::fold::Origin;
use plumb_traffic::otlp::wanted::Wanted;
use std::borrow::Cow;
use std::cmp::Reverse;

/// Attributes by which conventions name whom a call is for; the first that is there counts. The
/// other names of columns are looked for as well.
const UNITS: &[&str] = &[
    "user.id",
    "enduser.id",
    "enduser.pseudo.id",
    "session.id",
    "unit",
    "user",
    "user_id",
    "session",
    "session_id",
    "tenant_id",
];

/// Attributes that say whether a call failed, where the span's own status does not.
const FAILED: &[&str] = &["failed", "failure", "is_error"];

/// Makes rows of exchanges.
#[derive(Clone, Debug)]
pub struct Exchanged {
    /// What each attribute that is asked for says, by its place.
    meant: Vec<Column>,
    wanted: Wanted,
    version_header: Option<String>,
    received_ms: i64,
}

impl Exchanged {
    /// Attributes are asked for by these columns. `received_ms` is the moment of exchanges that
    /// tell none, Unix milliseconds.
    #[must_use]
    pub fn new(columns: &Columns, received_ms: i64) -> Self {
        let told = [&columns.unit, &columns.version, &columns.failed];
        let named = columns.dimensions.iter().chain(told.into_iter().flatten()).map(String::as_str);
        let mut names: Vec<String> = Vec::new();
        let mut meant = Vec::new();
        for name in named.chain(UNITS.iter().copied()).chain(FAILED.iter().copied()) {
            if let Some(column) = columns.column(name)
                && !names.iter().any(|known| known == name)
            {
                names.push(name.to_owned());
                meant.push(column);
            }
        }
        let wanted = Wanted::new(names);
        Self { meant, wanted, version_header: None, received_ms }
    }

    /// Reads the version of an answer from this header.
    #[must_use]
    pub fn with_version_header(self, name: Option<String>) -> Self {
        Self { version_header: name, ..self }
    }

    /// The attributes to ask for.
    #[must_use]
    pub fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// What is known of all exchanges.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin {
            version_header: self.version_header.clone(),
            received_ms: self.received_ms,
            ..Origin::default()
        }
    }

    /// The moment of an exchange, Unix milliseconds.
    #[must_use]
    pub fn at_ms(&self, exchange: &Exchange<'_>) -> i64 {
        exchange.time_ms.unwrap_or(self.received_ms)
    }

    /// An exchange as a row.
    #[must_use]
    pub fn row<'e>(&'e self, exchange: &'e Exchange<'_>) -> Row<'e> {
        let in_header = || header(&exchange.response.headers, self.version_header.as_deref()?);
        let version = exchange.version.as_deref().or_else(in_header);
        let mut row = Row {
            at_ms: Some(self.at_ms(exchange)),
            version: version.map(Cow::Borrowed),
            component: Some(Cow::Borrowed(exchange.writer.as_deref().unwrap_or(&exchange.host))),
            status: (exchange.status > 0).then_some(exchange.status),
            failed: exchange.failed,
            latency_ms: exchange.latency_ms,
            ..Row::default()
        };
        let mut said: Vec<&(usize, Cow<'_, str>)> = exchange.attributes.iter().collect();
        // The last one that is put counts.
        said.sort_by_key(|(place, _)| Reverse(*place));
        for (place, text) in said {
            if let Some(column) = self.meant.get(*place) {
                put(&mut row, *column, Value::Text(Cow::Borrowed(text)));
            }
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::row::hashed;

    fn columns() -> Columns {
        Columns { dimensions: vec!["locale".to_owned()], ..Columns::default() }
    }

    #[test]
    fn attributes_become_columns() {
        let exchanged = Exchanged::new(&columns(), 7);
        // `locale` comes first, then the names of units.
        let attributes = vec![(4, "s-1".into()), (0, "de".into()), (1, "ann".into())];
        let exchange =
            Exchange { status: 200, failed: Some(true), attributes, ..Exchange::default() };
        let row = exchanged.row(&exchange);
        assert_eq!(row.values[0].as_deref(), Some("de"));
        assert_eq!((row.unit, row.at_ms), (Some(hashed("ann")), Some(7)));
        assert!(row.is_failure(), "the span said so, whatever the status");
    }

    #[test]
    fn a_name_that_the_person_says_replaces_the_known_ones() {
        let told = Columns { unit: Some("cart".to_owned()), ..columns() };
        let exchanged = Exchanged::new(&told, 0);
        assert_eq!(exchanged.meant[..2], [Column::Dimension(0), Column::Unit]);
        assert!(!exchanged.meant[2..].contains(&Column::Unit));
    }
}
