//! Files that the configuration names as what somebody says of a dependency: examples of its
//! answers, and their schemas. Refuses to read them.

use crate::config::error::ConfigError;
use crate::config::gate::Word;
use crate::config::origin::{Origin, Place, Put};
use crate::config::table::Table;
use crate::config::word::word;
use crate::excerpt::excerpt;
use plumb_claims::fixture::{Fixture, FixtureKind};
use plumb_shape::operation::Operation;
use std::ops::Range;

const SAID: &[&str] = &["file", "is", "dependency", "operation", "status"];

/// Statuses that answers have.
const STATUS_RANGE: Range<i64> = 100..600;

/// The status of an answer where none is said.
const STATUS: u16 = 200;

/// What is said, with the place of its file's name.
#[derive(Clone, Debug)]
pub(crate) struct SaidPut {
    pub(crate) fixture: Fixture,
    pub(crate) place: Place,
    pub(crate) origins: Vec<Origin>,
}

impl Word for FixtureKind {
    const WORDS: &'static [&'static str] = &["example", "schema"];
    const MEANINGS: &'static [Self] = &[Self::Example, Self::Schema];
}

/// Reads one section.
///
/// # Errors
/// The first thing that is wrong with it.
pub(crate) fn read_said(table: &Table<'_>) -> Result<SaidPut, ConfigError> {
    table.expect(SAID, &[])?;
    let file = table.required("file", table.text("file")?)?;
    let is = table.required("is", table.text("is")?)?;
    let dependency = table.required("dependency", table.text("dependency")?)?;
    let operation = table.required("operation", table.text("operation")?)?;
    let status = table.number("status", &STATUS_RANGE)?;
    let path = |key: &str| format!("said.{}.{key}", file.value);
    let mut origins = vec![
        is.origin(&path("is")),
        dependency.origin(&path("dependency")),
        operation.origin(&path("operation")),
    ];
    origins.extend(status.as_ref().map(|status| status.origin(&path("status"))));
    let is_inside = |part: &str| !matches!(part, "" | "." | "..");
    if !file.value.split('/').all(is_inside) {
        let model = "`answers/order.json`: from the project's folder on, without `.` and `..`";
        return Err(form(table, "file", file, model));
    }
    let Some(called) = Operation::parse(&operation.value) else {
        return Err(form(table, "operation", operation, "`GET /orders/{}`"));
    };
    let kind = word(&table.path_of("is"), is)?.value;
    let status = status.and_then(|put| u16::try_from(put.value).ok()).unwrap_or(STATUS);
    let fixture =
        Fixture { file: file.value, kind, writer: dependency.value, operation: called, status };
    Ok(SaidPut { fixture, place: file.place, origins })
}

fn form(table: &Table<'_>, key: &str, put: Put<String>, model: &'static str) -> ConfigError {
    let (path, text) = (table.path_of(key), excerpt(&put.value));
    ConfigError::Form { place: put.place, path, text, model }
}
