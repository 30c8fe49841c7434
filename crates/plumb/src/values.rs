//! Values of flags that have a form: moments, lengths of time, days. Read where the command line is
//! read, so that a slip is a usage error with the flag's name.
//!
//! Refuses to know what they are for.

use plumb_engine::clock;
use plumb_engine::mock::export::ExportFormat;
use std::path::PathBuf;

pub(crate) fn span(text: &str) -> Result<i64, String> {
    clock::parse_span(text).map_err(|err| format!("{err}; {}", err.help()))
}

pub(crate) fn moment(text: &str) -> Result<i64, String> {
    clock::parse_moment(text).map_err(|err| format!("{err}; {}", err.help()))
}

pub(crate) fn day(text: &str) -> Result<i32, String> {
    clock::parse_day(text).ok_or_else(|| "it is not a date like `2026-12-31`".to_owned())
}

pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty());
    let pair = pair.map(|(name, value)| (name.to_owned(), value.to_owned()));
    pair.ok_or_else(|| "it is not written like `ORDERS_URL=orders`".to_owned())
}

/// A header and the name it is to have; an empty one leaves it out.
pub(crate) fn renamed(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let pair = pair.map(|(name, other)| (name.to_lowercase(), other.to_lowercase()));
    pair.ok_or_else(|| "it is not written like `x-user=x-test-user`".to_owned())
}

/// What a mock is written as for other tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExportAs {
    /// A mock of another tool.
    Mock(ExportFormat),
    /// A specification.
    OpenApi,
}

pub(crate) fn export(text: &str) -> Result<(ExportAs, PathBuf), String> {
    let wrong = || {
        "it is not written like `wiremock=FOLDER`, `har=FILE`, `pact=FILE` or `openapi=FILE`"
            .to_owned()
    };
    let (kind, path) =
        text.split_once('=').filter(|(_, path)| !path.is_empty()).ok_or_else(wrong)?;
    let kind = match kind {
        "wiremock" => ExportAs::Mock(ExportFormat::WireMock),
        "har" => ExportAs::Mock(ExportFormat::Har),
        "pact" => ExportAs::Mock(ExportFormat::Pact),
        "openapi" => ExportAs::OpenApi,
        _ => return Err(wrong()),
    };
    Ok((kind, path.into()))
}
