//! The real servers that tests speak to, installed from Debian's packages where they are missing.
//!
//! Refuses to start them: each test starts its own, on a free port, and stops it.

use crate::outcome::Outcome;
use std::path::PathBuf;
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
}

const SERVERS: [Server; 4] = [
    Server { package: "nats-server", program: Program::Named("nats-server") },
    Server { package: "postgresql", program: Program::Postgres },
    Server { package: "rabbitmq-server", program: Program::Named("rabbitmq-server") },
    Server { package: "redis-server", program: Program::Named("redis-server") },
];

const POSTGRES_FOLDER: &str = "/usr/lib/postgresql";

/// Installs the packages whose programs are missing; asks nothing of a machine that has them all.
pub(crate) fn servers() -> Outcome {
    let missing: Vec<&str> = SERVERS
        .iter()
        .filter(|server| !is_there(&server.program))
        .map(|server| server.package)
        .collect();
    if missing.is_empty() { Outcome::Yes } else { install(&missing) }
}

fn is_there(program: &Program) -> bool {
    match program {
        Program::Named(name) => {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path)
                .chain([PathBuf::from("/usr/sbin")])
                .any(|folder| folder.join(name).is_file())
        }
        Program::Postgres => std::fs::read_dir(POSTGRES_FOLDER).is_ok_and(|versions| {
            versions.flatten().any(|version| version.path().join("bin/initdb").is_file())
        }),
    }
}

fn install(packages: &[&str]) -> Outcome {
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
