//! Mends the real mocks among the fixtures and has the tools that own them serve what came out:
//! WireMock and vcrpy.
//!
//! Stands apart from `ci`, since the tools come from the network. Refuses to know what a mended
//! mock holds: the scripts beside this ask the tools.

use crate::outcome::{Outcome, outcome_of};
use crate::servers::python_with;
use crate::wiremock::installed_jar;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A mock, and the capture of a later version that it is mended by; both below `fixtures`.
struct Pair {
    mock: &'static str,
    capture: &'static str,
}

const STUBS: [Pair; 2] = [
    Pair {
        mock: "json-server-0.17-1.0beta/mock-wiremock-recorded-from-0.17",
        capture: "json-server-0.17-1.0beta/1b15.har",
    },
    Pair {
        mock: "mlflow-1.30-2.22-3.17/mock-wiremock-recorded-from-1.30",
        capture: "mlflow-1.30-2.22-3.17/client1-server2.har",
    },
];

const CASSETTE: Pair = Pair {
    mock: "mlflow-1.30-2.22-3.17/mock-vcr-recorded-from-1.30",
    capture: "mlflow-1.30-2.22-3.17/client1-server2.har",
};
const CASSETTE_FILE: &str = "tracking.yaml";

/// What replays cassettes, and where it is installed, below the repository's root.
const VCRPY: [&str; 3] = ["vcrpy==9.4.2", "requests==2.34.2", "PyYAML==6.0.3"];
const VCRPY_FOLDER: &str = "target/vcrpy";

/// Where mocks are mended, below the repository's root.
const FOLDER: &str = "target/serve-mended";
const SCRIPTS: &str = "xtask/src/serve_mended";

/// Mends each mock of the repository at `root` and has it served; all of them are tried.
pub(crate) fn serve_mended(root: &Path) -> Outcome {
    let jar = match installed_jar(root) {
        Ok(jar) => jar,
        Err(failed) => return failed,
    };
    match python_with(&root.join(VCRPY_FOLDER), &VCRPY) {
        Outcome::Yes => {}
        failed => return failed,
    }
    let served = STUBS.iter().map(|pair| {
        let mut serve = Command::new("node");
        serve.arg(root.join(SCRIPTS).join("serve.js")).arg(&jar);
        mended_and(pair, root, |folder| outcome_of(serve.arg(folder)))
    });
    let replayed = std::iter::once_with(|| {
        let mut replay = Command::new(root.join(VCRPY_FOLDER).join("bin/python"));
        replay.arg(root.join(SCRIPTS).join("replay.py"));
        mended_and(&CASSETTE, root, |folder| outcome_of(replay.arg(folder.join(CASSETTE_FILE))))
    });
    let outcomes = served.chain(replayed).filter(|outcome| *outcome != Outcome::Yes);
    outcomes.fold(Outcome::Yes, |_, failed| failed)
}

/// Mends a pair's mock in a fresh copy and hands that on.
fn mended_and(pair: &Pair, root: &Path, serve: impl FnOnce(&Path) -> Outcome) -> Outcome {
    println!("{}", pair.mock);
    match mended(pair, root) {
        Ok(Some(folder)) => serve(&folder),
        Ok(None) => Outcome::No,
        Err(error) => {
            eprintln!("cannot copy {}: {error}", pair.mock);
            Outcome::Outside
        }
    }
}

/// The folder with the mended mock; `None` when Plumb did not mend it.
fn mended(pair: &Pair, root: &Path) -> io::Result<Option<PathBuf>> {
    let fixtures = root.join("fixtures");
    let project = root.join(FOLDER).join(pair.mock);
    if project.exists() {
        fs::remove_dir_all(&project)?;
    }
    let mock = project.join("mock");
    copy(&fixtures.join(pair.mock), &mock)?;
    let mut observe = plumb(root, &project);
    observe.args(["observe", "file", "--quiet"]).arg(fixtures.join(pair.capture));
    // Findings that stay are said with exit 1, and are no failure here.
    let mut fix = plumb(root, &project);
    fix.args(["fix", "--write", "--cases", "--quiet"]);
    let is_mended = outcome_of(&mut observe) == Outcome::Yes
        && fix.status()?.code().is_some_and(|code| code <= 1);
    Ok(is_mended.then_some(mock))
}

/// The built program, started in a project's folder.
fn plumb(root: &Path, project: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.args(["run", "--quiet", "--locked", "-p", "plumb", "--manifest-path"]);
    command.arg(root.join("Cargo.toml")).arg("--").current_dir(project);
    command
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
