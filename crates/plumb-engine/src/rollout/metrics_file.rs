//! Metrics as a judge's source, as the file of a rollout says it.
//!
//! Refuses to ask for any.

use crate::config::error::ConfigError;
use crate::config::origin::Put;
use crate::config::table::Table;
use crate::rollout::forms::{form, span};
use crate::rollout::spec::{Address, PrometheusSpec};
use std::path::Path;
use std::time::Duration;

const KEYS: &[&str] = &["url", "url_file", "total", "bad", "latency", "label", "step"];

/// The label that names the version where nobody says.
pub const LABEL: &str = "version";

/// How far apart moments lie where nobody says: as far as most look at their targets.
pub const STEP: Duration = Duration::from_secs(15);

/// The least: shorter, and failures of one unit are torn apart.
pub const STEP_MIN: Duration = Duration::from_secs(10);

/// What a Prometheus is asked for.
pub(super) fn prometheus(table: &Table<'_>, folder: &Path) -> Result<PrometheusSpec, ConfigError> {
    table.expect(KEYS, &[])?;
    let text = |key: &str| Ok::<_, ConfigError>(table.text(key)?.map(|put| put.value));
    let needed = |key: &str| table.required(key, text(key)?);
    let url = match (table.text("url")?, text("url_file")?) {
        (Some(url), Some(_)) => {
            let path = table.path_of("url_file");
            return Err(ConfigError::Beside { place: url.place, path, other: "url" });
        }
        (None, Some(file)) => Address::File(folder.join(file)),
        (url, None) => Address::Url(checked(table, table.required("url", url)?)?),
    };
    let step = span(table, "step")?.unwrap_or(STEP);
    if step < STEP_MIN {
        let put = table.required("step", table.text("step")?)?;
        return Err(form(table, "step", &put, "`\"15s\"`, at least `\"10s\"`"));
    }
    Ok(PrometheusSpec {
        url,
        total: needed("total")?,
        bad: needed("bad")?,
        latency: text("latency")?,
        label: text("label")?.unwrap_or_else(|| LABEL.to_owned()),
        step,
    })
}

/// An address that looks like one. What does not is not quoted: it may hold a password.
fn checked(table: &Table<'_>, url: Put<String>) -> Result<String, ConfigError> {
    if url.value.starts_with("http://") || url.value.starts_with("https://") {
        return Ok(url.value);
    }
    let hidden = Put { value: "…".to_owned(), ..url };
    Err(form(table, "url", &hidden, "`\"http://prometheus:9090\"`"))
}
