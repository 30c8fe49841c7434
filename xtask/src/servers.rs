//! The real programs that tests speak to, installed where they are missing: servers, Node.js and a
//! browser from Debian's packages, an exporter of telemetry from Python's, and what drives the
//! browser and vouches for people from Node's.
//!
//! Refuses to start them: each test starts its own, on a free port, and stops it.

use crate::npm::{Package, installed};
use crate::outcome::Outcome;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A server, by the package that brings it and where its program lies then.
#[derive(Debug)]
struct Server {
    package: &'static str,
    program: Program,
}

/// How the program of a package is found.
#[derive(Debug)]
enum Program {
    /// In a folder of the search path, or in `/usr/sbin`, which not every user searches.
    Named(&'static str),
    /// In `/usr/lib/postgresql/<version>/bin`, which nobody searches.
    Postgres,
    /// A module of Python, which Debian keeps apart.
    Venv,
}

const SERVERS: [Server; 11] = [
    Server { package: "chromium", program: Program::Named("chromium") },
    Server { package: "haproxy", program: Program::Named("haproxy") },
    Server { package: "nats-server", program: Program::Named("nats-server") },
    Server { package: "nginx", program: Program::Named("nginx") },
    Server { package: "nodejs", program: Program::Named("node") },
    Server { package: "npm", program: Program::Named("npm") },
    Server { package: "postgresql", program: Program::Postgres },
    Server { package: "prometheus", program: Program::Named("promtool") },
    Server { package: "python3-venv", program: Program::Venv },
    Server { package: "rabbitmq-server", program: Program::Named("rabbitmq-server") },
    Server { package: "redis-server", program: Program::Named("redis-server") },
];

const POSTGRES_FOLDER: &str = "/usr/lib/postgresql";

/// What exports telemetry, takes work from queues and answers GraphQL, in a virtual environment of
/// its own.
const PYTHON: [&str; 5] = [
    "celery[redis]==5.7.0",
    "graphql-core==3.3.2",
    "opentelemetry-sdk==1.45.2",
    "opentelemetry-exporter-otlp-proto-grpc==1.45.2",
    "opentelemetry-exporter-otlp-proto-http==1.45.2",
];

/// Where that environment is, below the repository's root, and the file in it that says what was
/// installed.
const PYTHON_FOLDER: &str = "target/python";
const INSTALLED: &str = "installed";

/// Where packages of Node are, below the repository's root.
const BROWSER_FOLDER: &str = "target/browser";

/// What drives a browser, what looks for what people with a screen reader would trip over, and an
/// identity provider. The newest driver and provider ask for a newer Node.js than Debian 12 has.
const NODE: [Package; 3] = [
    Package { name: "playwright-core", version: "1.60.0", folder: BROWSER_FOLDER },
    Package { name: "axe-core", version: "4.14.1", folder: BROWSER_FOLDER },
    Package { name: "oidc-provider", version: "8.8.1", folder: BROWSER_FOLDER },
];

/// Installs what is missing in the repository at `root`; asks nothing of a machine that has it all.
pub(crate) fn servers(root: &Path) -> Outcome {
    let missing: Vec<&str> = SERVERS
        .iter()
        .filter(|server| !is_there(&server.program))
        .map(|server| server.package)
        .collect();
    match if missing.is_empty() { Outcome::Yes } else { install(&missing) } {
        Outcome::Yes => match python_with(&root.join(PYTHON_FOLDER), &PYTHON) {
            Outcome::Yes => node_with(root),
            failed => failed,
        },
        failed => failed,
    }
}

fn node_with(root: &Path) -> Outcome {
    let failed = NODE.iter().find_map(|package| installed(*package, root).err());
    failed.unwrap_or(Outcome::Yes)
}

/// Makes a virtual environment, unless it is there with these very packages.
pub(crate) fn python_with(folder: &Path, packages: &[&str]) -> Outcome {
    let installed = folder.join(INSTALLED);
    let wanted = packages.join("\n");
    if fs::read_to_string(&installed).is_ok_and(|there| there == wanted) {
        return Outcome::Yes;
    }
    eprintln!("installing {}", packages.join(" "));
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder).status();
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet"]).args(packages);
    let is_there = made.is_ok_and(|status| status.success())
        && pip.status().is_ok_and(|status| status.success())
        && fs::write(&installed, wanted).is_ok();
    if is_there {
        Outcome::Yes
    } else {
        eprintln!("cannot install {}\nhelp: look at what pip said", packages.join(" "));
        Outcome::Outside
    }
}

fn is_there(program: &Program) -> bool {
    match program {
        Program::Named(name) => is_on_path(name),
        Program::Venv => {
            let mut python = Command::new("python3");
            python.args(["-c", "import ensurepip, venv"]).stderr(Stdio::null());
            python.status().is_ok_and(|status| status.success())
        }
        Program::Postgres => std::fs::read_dir(POSTGRES_FOLDER).is_ok_and(|versions| {
            versions.flatten().any(|version| version.path().join("bin/initdb").is_file())
        }),
    }
}

/// True when a program of this name is in a folder of the search path, or in `/usr/sbin`.
pub(crate) fn is_on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .any(|folder| folder.join(name).is_file())
}

/// Installs packages of Debian, saying so.
pub(crate) fn install(packages: &[&str]) -> Outcome {
    eprintln!("installing {}", packages.join(" "));
    let steps: [&[&str]; 2] = [
        &["apt-get", "update", "-qq"],
        &["apt-get", "install", "-y", "-qq", "--no-install-recommends"],
    ];
    let refreshed = run(steps[0]);
    let installed = if refreshed { run(&[steps[1], packages].concat()) } else { false };
    if installed {
        Outcome::Yes
    } else {
        eprintln!(
            "cannot install what the tests start\nhelp: apt-get install {}",
            packages.join(" ")
        );
        Outcome::Outside
    }
}

/// Runs a command of the package manager as root: as it is if we are, else through `sudo`, which
/// must not ask.
fn run(words: &[&str]) -> bool {
    let sudo: &[&str] = if is_root() { &[] } else { &["sudo", "-n"] };
    let words = [sudo, &["env", "DEBIAN_FRONTEND=noninteractive"], words].concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdout(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_where_packages_put_them() {
        assert!(is_there(&Program::Named("cargo")));
        assert!(!is_there(&Program::Named("no-such-server")));
    }
}
