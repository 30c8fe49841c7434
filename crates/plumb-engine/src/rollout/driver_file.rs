//! What drives the routers of a region, as the file of a rollout says it.
//!
//! Refuses to reach any router.

use crate::config::error::ConfigError;
use crate::config::table::Table;
use crate::excerpt::excerpt;
use crate::rollout::forms::{command, span};
use crate::rollout::spec::DriverSpec;
use plumb_drive::nginx;
use plumb_drive::socket::At;
use plumb_drive::{flagd, gateway};
use std::path::Path;
use std::time::Duration;

const KINDS: &[&str] = &["haproxy", "nginx", "tap", "gateway", "flagd", "command"];
const HAPROXY_KEYS: &[&str] = &["kind", "socket", "address", "backend", "canary", "control"];
const NGINX_KEYS: &[&str] = &["kind", "include", "command", "key", "canary", "control", "probe"];
const TAP_KEYS: &[&str] = &["kind", "socket"];
const GATEWAY_KEYS: &[&str] = &["kind", "kubeconfig", "namespace", "route", "canary", "control"];
const FLAGD_KEYS: &[&str] = &["kind", "file", "flag", "canary", "control", "ofrep"];
const COMMAND_KEYS: &[&str] = &["kind", "command", "patience"];

/// The namespace of a route where nobody says.
const NAMESPACE: &str = "default";

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
        "tap" => {
            table.expect(TAP_KEYS, &[])?;
            let socket = table.required("socket", table.text("socket")?)?;
            Ok(DriverSpec::Tap { socket: folder.join(socket.value) })
        }
        "gateway" => gateway(table, folder),
        "flagd" => flagd(table, folder),
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
    let text = |key: &str| Ok::<_, ConfigError>(table.text(key)?.map(|put| put.value));
    Ok(DriverSpec::Nginx(nginx::Asked {
        include: folder.join(table.required("include", text("include")?)?),
        command: command(table, "command")?.unwrap_or_else(|| vec!["nginx".to_owned()]),
        key: text("key")?.unwrap_or_else(|| NGINX_KEY.to_owned()),
        canary: table.required("canary", text("canary")?)?,
        control: table.required("control", text("control")?)?,
        probe: text("probe")?,
    }))
}

fn gateway(table: &Table<'_>, folder: &Path) -> Result<DriverSpec, ConfigError> {
    table.expect(GATEWAY_KEYS, &[])?;
    let text = |key: &str| Ok::<_, ConfigError>(table.required(key, table.text(key)?)?.value);
    Ok(DriverSpec::Gateway(gateway::Asked {
        kubeconfig: table.text("kubeconfig")?.map(|put| folder.join(put.value)),
        namespace: table.text("namespace")?.map_or_else(|| NAMESPACE.to_owned(), |put| put.value),
        route: text("route")?,
        canary: text("canary")?,
        control: text("control")?,
    }))
}

fn flagd(table: &Table<'_>, folder: &Path) -> Result<DriverSpec, ConfigError> {
    table.expect(FLAGD_KEYS, &[])?;
    let text = |key: &str| Ok::<_, ConfigError>(table.required(key, table.text(key)?)?.value);
    Ok(DriverSpec::Flagd(flagd::Asked {
        file: folder.join(text("file")?),
        flag: text("flag")?,
        canary: text("canary")?,
        control: text("control")?,
        ofrep: table.text("ofrep")?.map(|put| put.value.trim_end_matches('/').to_owned()),
    }))
}
