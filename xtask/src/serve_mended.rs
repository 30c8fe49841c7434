//! Mends the real mocks among the fixtures, and those of golden cases, and has the tools that own
//! them serve what came out: WireMock and vcrpy, Prism, Mountebank, Pact, nock, MSW and Apollo
//! Client.
//!
//! Stands apart from `ci`, since the tools come from the network. Refuses to know what a mended
//! mock holds: the scripts beside this ask the tools.

use crate::cargo::cargo;
use crate::npm::{PRISM, Package, installed};
use crate::outcome::{Outcome, outcome_of};
use crate::program::named;
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

const MOUNTEBANK: Package =
    Package { name: "@mbtest/mountebank", version: "2.9.2", folder: "target/mountebank" };
const PACT: Package =
    Package { name: "@pact-foundation/pact-cli", version: "18.1.2", folder: "target/pact" };
const NOCK: Package = Package { name: "nock", version: "14.0.10", folder: "target/nock" };
const MSW: Package = Package { name: "msw", version: "2.11.3", folder: "target/msw" };
const MSW_1: Package = Package { name: "msw", version: "1.3.5", folder: "target/msw-1" };
const APOLLO: Package =
    Package { name: "@apollo/client", version: "4.3.8", folder: "target/apollo" };

/// Golden cases of `fix` whose files are served, and the moment that they are judged at.
const GOLDEN: &str = "golden/fix";
const GOLDEN_NOW: &str = "2026-11-20T12:00:00Z";

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
    let suites = [specifications, imposters, pacts, scripts, operations];
    let asked = suites.into_iter().map(|ask| ask(root));
    let outcomes = served.chain(replayed).chain(asked).filter(|outcome| *outcome != Outcome::Yes);
    outcomes.fold(Outcome::Yes, |_, failed| failed)
}

/// Prism holds what was recorded against specifications before and after.
fn specifications(root: &Path) -> Outcome {
    let case = "specifications";
    let before = root.join(GOLDEN).join(case);
    with_tools("prism.js", &[PRISM], root, |ask| {
        golden_and(case, root, |after| outcome_of(ask.arg(&before).arg(after)))
    })
}

/// Mountebank serves imposters.
fn imposters(root: &Path) -> Outcome {
    with_tools("imposters.js", &[MOUNTEBANK], root, |ask| {
        golden_and("collections", root, |after| outcome_of(ask.arg(after.join("imposters.json"))))
    })
}

/// Pact serves mended pacts, and holds what was recorded against them before and after.
fn pacts(root: &Path) -> Outcome {
    let ask = |case: &str| {
        let before = root.join(GOLDEN).join(case);
        with_tools("pact.js", &[PACT], root, |ask| {
            golden_and(case, root, |after| outcome_of(ask.arg(&before).arg(after)))
        })
    };
    let outcomes = ["pacts", "pacts-nested"].map(ask);
    outcomes.into_iter().find(|outcome| *outcome != Outcome::Yes).unwrap_or(Outcome::Yes)
}

/// nock and MSW answer as scripts say.
fn scripts(root: &Path) -> Outcome {
    with_tools("scripts.js", &[NOCK, MSW], root, |ask| {
        golden_and("scripts", root, |after| outcome_of(ask.arg(after)))
    })
}

/// Both versions of MSW, and Apollo Client, answer operations of GraphQL.
fn operations(root: &Path) -> Outcome {
    with_tools("operations.js", &[MSW, MSW_1, APOLLO], root, |ask| {
        golden_and("operations", root, |after| outcome_of(ask.arg(after)))
    })
}

/// Hands on the command by which a script asks tools, which are installed where they are missing.
fn with_tools(
    script: &str,
    packages: &[Package],
    root: &Path,
    ask: impl FnOnce(&mut Command) -> Outcome,
) -> Outcome {
    let mut node = Command::new("node");
    node.arg(root.join(SCRIPTS).join(script));
    for package in packages {
        match installed(*package, root) {
            Ok(path) => node.arg(path),
            Err(failed) => return failed,
        };
    }
    ask(&mut node)
}

/// Mends the files of a golden case in a fresh copy and hands that on.
fn golden_and(case: &str, root: &Path, serve: impl FnOnce(&Path) -> Outcome) -> Outcome {
    println!("{GOLDEN}/{case}");
    let project = root.join(FOLDER).join(case);
    let copied = fresh(&project).and_then(|()| copy(&root.join(GOLDEN).join(case), &project));
    if let Err(error) = copied {
        eprintln!("cannot copy {case}: {error}");
        return Outcome::Outside;
    }
    let mut observe = plumb(root, &project);
    observe.args(["observe", "file", "traffic.ndjson", "--quiet", "--as-of", GOLDEN_NOW]);
    let mut fix = plumb(root, &project);
    fix.args(["fix", "--write", "--quiet", "--as-of", GOLDEN_NOW]);
    // Findings that stay are said with exit 1, and are no failure here.
    let is_fixed = |fix: &mut Command| {
        fix.status().is_ok_and(|status| status.code().is_some_and(|code| code <= 1))
    };
    if outcome_of(&mut observe) == Outcome::Yes && is_fixed(&mut fix) {
        serve(&project)
    } else {
        Outcome::No
    }
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
    fresh(&project)?;
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

/// Makes sure that nothing of an earlier run is left.
fn fresh(project: &Path) -> io::Result<()> {
    if project.exists() { fs::remove_dir_all(project) } else { Ok(()) }
}

/// The built program, started in a project's folder: built now unless the environment names one.
fn plumb(root: &Path, project: &Path) -> Command {
    if let Some(program) = named(root) {
        let mut command = Command::new(program);
        command.current_dir(project);
        return command;
    }
    let mut command = cargo(project);
    command.args(["run", "--quiet", "--locked", "-p", "plumb", "--manifest-path"]);
    command.arg(root.join("Cargo.toml")).arg("--");
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
