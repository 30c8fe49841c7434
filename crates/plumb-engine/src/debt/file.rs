//! The file of debts: what is kept, for whom, who owes it, and how long it must be unused.
//!
//! Refuses to know whether it is used.

use crate::clock::{DAY_MS, parse_day, parse_span};
use crate::config::error::ConfigError;
use crate::config::table::{Source, Table, parse};

/// The name under which debts are looked for.
pub const DEBT_FILE: &str = "debt.toml";

const KEYS: &[&str] = &[
    "what",
    "component",
    "version",
    "operation",
    "place",
    "owner",
    "opened",
    "unused_for",
    "because",
];

/// Something that is kept for somebody old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debt {
    /// What is kept, in words.
    pub what: String,
    /// Whose exchanges show whether it is used: the one who serves, or who wrote.
    pub component: String,
    /// What a use looks like.
    pub used: Use,
    /// Who owes it.
    pub owner: String,
    /// When it was opened, Unix milliseconds; `None` when nobody said.
    pub opened_ms: Option<i64>,
    /// How long nobody must have used it, in milliseconds.
    pub unused_for_ms: i64,
    /// Why it is kept.
    pub because: Option<String>,
}

/// What a use looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// Anything that the component wrote at this version.
    Version(String),
    /// An exchange of this operation: `GET /cart`.
    Operation(String),
    /// An exchange of this operation in which a place is there: `request $.note`.
    Place(String, String),
}

/// Reads the text of a file.
///
/// # Errors
///
/// When it says something that cannot be read.
pub fn read(name: &str, text: &str) -> Result<Vec<Debt>, ConfigError> {
    let source = Source { file: name, text };
    let entries = parse(source)?;
    let root = Table::root(source, &entries);
    root.expect(&["debt"], &[])?;
    root.tables("debt")?.iter().map(debt).collect()
}

fn debt(table: &Table<'_>) -> Result<Debt, ConfigError> {
    table.expect(KEYS, &[])?;
    let needed = |key: &str| Ok(table.required(key, table.text(key)?)?.value);
    let text = |key: &str| Ok::<_, ConfigError>(table.text(key)?.map(|put| put.value));
    let used = match (text("version")?, text("operation")?, text("place")?) {
        (Some(version), None, None) => Use::Version(version),
        (None, Some(operation), None) => Use::Operation(operation),
        (None, Some(operation), Some(place)) => Use::Place(operation, place),
        // A place is one of an operation, and both kinds of use at once would be neither.
        (None, None, _) => return table.required("operation", None),
        (Some(_), _, _) => {
            let place = table.source.place(&table.span);
            let path = table.path_of("version");
            return Err(ConfigError::Beside { place, path, other: "operation" });
        }
    };
    let span = table.required("unused_for", table.text("unused_for")?)?;
    let unused_for_ms = parse_span(&span.value).map_err(|cause| ConfigError::Time {
        place: span.place.clone(),
        path: table.path_of("unused_for"),
        cause,
    })?;
    let opened = table.date("opened")?;
    let opened_ms = opened.and_then(|put| parse_day(&put.value)).map(|day| i64::from(day) * DAY_MS);
    Ok(Debt {
        what: needed("what")?,
        component: needed("component")?,
        used,
        owner: needed("owner")?,
        opened_ms,
        unused_for_ms,
        because: text("because")?,
    })
}
