//! Values of a rollout's file that have a form.
//!
//! Refuses to know what they are for.

use crate::clock::parse_span;
use crate::config::error::ConfigError;
use crate::config::origin::Put;
use crate::config::table::Table;
use crate::excerpt::excerpt;
use std::time::Duration;

/// A list of texts at `key`, at least one.
pub(super) fn command(table: &Table<'_>, key: &str) -> Result<Option<Vec<String>>, ConfigError> {
    let Some(put) = table.texts(key)? else { return Ok(None) };
    if put.value.is_empty() {
        return Err(ConfigError::Empty { place: put.place, path: table.path_of(key) });
    }
    Ok(Some(put.value.into_iter().map(|one| one.value).collect()))
}

/// A length of time at `key`.
pub(super) fn span(table: &Table<'_>, key: &str) -> Result<Option<Duration>, ConfigError> {
    let Some(put) = table.text(key)? else { return Ok(None) };
    let refused =
        |cause| ConfigError::Time { place: put.place.clone(), path: table.path_of(key), cause };
    let ms = parse_span(&put.value).map_err(refused)?;
    Ok(Some(Duration::from_millis(ms.unsigned_abs())))
}

/// A text that has not the form it should.
pub(super) fn form(
    table: &Table<'_>,
    key: &str,
    put: &Put<String>,
    model: &'static str,
) -> ConfigError {
    let (path, text) = (table.path_of(key), excerpt(&put.value));
    ConfigError::Form { place: put.place.clone(), path, text, model }
}
