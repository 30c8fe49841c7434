//! What drives the routers of a region, as the file of a rollout says it.
//!
//! Refuses to reach any router.

use crate::config::error::ConfigError;
use crate::config::table::Table;
use crate::excerpt::excerpt;
use crate::rollout::file::span;
use crate::rollout::spec::DriverSpec;
use plumb_drive::haproxy::At;
use plumb_drive::nginx::Asked;
use std::path::Path;
use std::time::Duration;

const KINDS: &[&str] = &["haproxy", "nginx", "command"];
const HAPROXY_KEYS: &[&str] = &["kind", "socket", "address", "backend", "canary", "control"];
const NGINX_KEYS: &[&str] = &["kind", "include", "command", "key", "canary", "control", "probe"];
const COMMAND_KEYS: &[&str] = &["kind", "command", "patience"];

/// What nginx tells clients apart by where nobody says: every request by itself.
const NGINX_KEY: &str = "$request_id";

/// How long a program may take where nobody says.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether a section is one driver, and not one for each region.
pub(super) fn is_driver(table: &Table<'_>) -> bool {
    table.entries.contains_key("kind")
}

/// What drives the routers of a region. What it names lies below the folder.
pub(super) fn region(table: &Table<'_>, folder: &Path) -> Result<DriverSpec, ConfigError> {
    let kind = table.required("kind", table.text("kind")?)?;
    match kind.value.as_str() {
        "haproxy" => haproxy(table, folder),
        "nginx" => nginx(table, folder),
        "command" => {
            table.expect(COMMAND_KEYS, &[])?;
            Ok(DriverSpec::Command {
                words: table.required("command", command(table, "command")?)?,
                patience: span(table, "patience")?.unwrap_or(PATIENCE),
            })
        }
        word => {
            let (path, word) = (table.path_of("kind"), excerpt(word));
            Err(ConfigError::Word { place: kind.place.clone(), path, word, words: KINDS })
        }
    }
}

fn haproxy(table: &Table<'_>, folder: &Path) -> Result<DriverSpec, ConfigError> {
    table.expect(HAPROXY_KEYS, &[])?;
    let at = match (table.text("socket")?, table.text("address")?) {
        (Some(_), Some(address)) => {
            let path = table.path_of("address");
            return Err(ConfigError::Beside { place: address.place, path, other: "socket" });
        }
        (None, Some(address)) => At::Port(address.value),
        (socket, None) => At::Socket(folder.join(table.required("socket", socket)?.value)),
    };
    Ok(DriverSpec::Haproxy {
        at,
        backend: table.required("backend", table.text("backend")?)?.value,
        canary: table.required("canary", command(table, "canary")?)?,
        control: table.required("control", command(table, "control")?)?,
    })
}

fn nginx(table: &Table<'_>, folder: &Path) -> Result<DriverSpec, ConfigError> {
    table.expect(NGINX_KEYS, &[])?;
    let text = |key: &str| Ok(table.text(key)?.map(|put| put.value));
    Ok(DriverSpec::Nginx(Asked {
        include: folder.join(table.required("include", text("include")?)?),
        command: command(table, "command")?.unwrap_or_else(|| vec!["nginx".to_owned()]),
        key: text("key")?.unwrap_or_else(|| NGINX_KEY.to_owned()),
        canary: table.required("canary", text("canary")?)?,
        control: table.required("control", text("control")?)?,
        probe: text("probe")?,
    }))
}

/// A list of texts at `key`, at least one.
pub(super) fn command(table: &Table<'_>, key: &str) -> Result<Option<Vec<String>>, ConfigError> {
    let Some(put) = table.texts(key)? else { return Ok(None) };
    if put.value.is_empty() {
        return Err(ConfigError::Empty { place: put.place, path: table.path_of(key) });
    }
    Ok(Some(put.value.into_iter().map(|one| one.value).collect()))
}
