//! The units of systemd: sections and keys that there are, what every unit must restrict, and
//! commands that plumb takes.

use super::{files, taken, words};
use std::fs;
use std::process::Command;

/// Sections, and the keys that may stand in each beside those that restrict.
const KNOWN: [(&str, &[&str]); 3] = [
    ("Unit", &["Description", "Documentation", "Wants", "After"]),
    (
        "Service",
        &[
            "Environment",
            "EnvironmentFile",
            "ExecStart",
            "LoadCredential",
            "Restart",
            "RestartSec",
            "StateDirectory",
            "StateDirectoryMode",
            "SystemCallArchitectures",
            "SystemCallErrorNumber",
            "TimeoutStopSec",
            "Type",
            "User",
            "WorkingDirectory",
        ],
    ),
    ("Install", &["WantedBy"]),
];

/// What every service must restrict, and how; where nothing is said, any value will do.
const RESTRICTED: [(&str, &str); 27] = [
    ("AmbientCapabilities", ""),
    ("CapabilityBoundingSet", ""),
    ("DynamicUser", "yes"),
    ("LimitNOFILE", "?"),
    ("LockPersonality", "yes"),
    ("MemoryDenyWriteExecute", "yes"),
    ("MemoryMax", "?"),
    ("NoNewPrivileges", "yes"),
    ("PrivateDevices", "yes"),
    ("PrivateTmp", "yes"),
    ("ProtectClock", "yes"),
    ("ProtectControlGroups", "yes"),
    ("ProtectHome", "yes"),
    ("ProtectHostname", "yes"),
    ("ProtectKernelLogs", "yes"),
    ("ProtectKernelModules", "yes"),
    ("ProtectKernelTunables", "yes"),
    ("ProtectProc", "invisible"),
    ("ProtectSystem", "strict"),
    ("RemoveIPC", "yes"),
    ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
    ("RestrictNamespaces", "yes"),
    ("RestrictRealtime", "yes"),
    ("RestrictSUIDSGID", "yes"),
    ("SystemCallFilter", "@system-service"),
    ("TasksMax", "?"),
    ("UMask", "0077"),
];

/// What plumb is called in the units.
const PROGRAM: &str = "/usr/bin/plumb";

#[test]
fn units_say_what_systemd_knows() {
    let units = [files("systemd", "service"), files("systemd", "conf")].concat();
    for (name, text) in &units {
        let mut section = "";
        let mut commands = 0;
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(title) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
                section = title;
                continue;
            }
            let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{name}: {line}"));
            let known = KNOWN.iter().find(|(title, _)| *title == section);
            let (_, keys) = known.unwrap_or_else(|| panic!("{name}: section `{section}`"));
            let is_restricting = RESTRICTED.iter().any(|(known, _)| *known == key);
            let is_known = keys.contains(&key) || section == "Service" && is_restricting;
            assert!(is_known, "{name}: `{key}` in {section}");
            // Plumb does not tell systemd that it is ready.
            assert!(key != "Type" || value == "exec", "{name}: {line}");
            if let Some(rest) = value.strip_prefix(PROGRAM).filter(|_| key == "ExecStart") {
                taken(&words(&format!("plumb {rest}")));
                commands += 1;
            }
        }
        assert_eq!(commands, 1, "{name} starts plumb once");
    }
}

#[test]
fn services_restrict_themselves() {
    for (name, text) in files("systemd", "service") {
        for (key, wanted) in RESTRICTED {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("{key}=")));
            let value = line.unwrap_or_else(|| panic!("{name} does not say `{key}`"));
            assert!(wanted == "?" || value == wanted, "{name}: {key}={value}");
        }
    }
}

#[test]
fn systemd_takes_them_where_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    // What a unit starts must be there: this very program will do.
    let program = std::env::current_exe().unwrap().display().to_string();
    for (name, text) in files("systemd", "service") {
        let name = name.replace('@', "@orders");
        let path = folder.path().join(name);
        fs::write(&path, text.replace(PROGRAM, &program)).unwrap();
        let asked =
            Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&path).output();
        // Other machines have other means.
        let Ok(answer) = asked else { return };
        let told = String::from_utf8_lossy(&answer.stderr).into_owned();
        let ours: Vec<&str> = told.lines().filter(|line| line.contains("plumb")).collect();
        assert!(ours.is_empty(), "{told}");
    }
}
