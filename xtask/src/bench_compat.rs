//! What comparing two versions of a contract costs, and how often it is right: Plumb beside the
//! tools that others install for it, in one run on one machine.
//!
//! Stands apart from `ci`, since the tools come from the network. Refuses to judge the figures.

use crate::compat_peers::{Peers, installed_peers};
use crate::github_api::description;
use crate::measured::{median, timed, watched};
use crate::outcome::{Outcome, outcome_of};
use crate::program::program;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Where everything is written, and what lies beside this file; below the repository's root.
const FOLDER: &str = "target/bench-compat";
const SOURCES: &str = "xtask/src/bench_compat";
const CATALOG: &str = "catalog/compat";

/// Rounds whose median is told.
const ROUNDS: usize = 11;

/// The versions of GitHub's description that are compared, 12 and 13 MB.
const LARGE: [&str; 2] = ["22.0.0", "23.0.0"];

/// How long the large ones may take.
const TIME_MAX: Duration = Duration::from_secs(120);

/// Letters of the last line that a tool said; more would break the table.
const LINE_LETTERS_MAX: usize = 90;

/// A tool on a pair of files.
struct Run {
    tool: &'static str,
    pair: &'static str,
    command: Command,
}

/// Measures in the repository at `root`.
pub(crate) fn bench_compat(root: &Path) -> Outcome {
    let (program, peers) = match (program(root), installed_peers(root)) {
        (Ok(program), Ok(peers)) => (program, peers),
        (Err(failed), _) | (_, Err(failed)) => return failed,
    };
    let files: Result<Vec<PathBuf>, Outcome> =
        LARGE.iter().map(|version| description(version, root)).collect();
    let files = match files {
        Ok(files) => files,
        Err(failed) => return failed,
    };
    let folder = root.join(FOLDER);
    let measured = emptied(&folder)
        .and_then(|()| small(small_runs(&program, &peers, &root.join(SOURCES)), &folder))
        .and_then(|()| large(&program, &peers, &files, &folder));
    match measured {
        Ok(()) => catalog(&program, &peers, root),
        Err(err) => {
            eprintln!("cannot measure: {err}");
            Outcome::Outside
        }
    }
}

fn emptied(folder: &Path) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)
}

/// The whole process on files of a page, as somebody waits for it.
fn small(runs: Vec<Run>, folder: &Path) -> io::Result<()> {
    println!("a small pair, whole process, median of {ROUNDS}");
    for mut run in runs {
        // Some leave reports where they run.
        run.command.current_dir(folder);
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let measured = timed(&mut run.command)?;
            // All of them find a break, and buf says so with a code of its own.
            if !matches!(measured.code, Some(1 | 100)) {
                return Err(io::Error::other(format!("{} finds no break", run.tool)));
            }
            times.push(measured.time);
        }
        let milliseconds = median(times).as_secs_f64() * 1_000.0;
        println!("{:14} {:14} {milliseconds:>8.0} ms", run.pair, run.tool);
    }
    println!();
    Ok(())
}

fn small_runs(program: &Path, peers: &Peers, sources: &Path) -> Vec<Run> {
    let sides = ["old", "new"].map(|side| sources.join("small").join(side));
    let files = |name: &str| [sides[0].join(name), sides[1].join(name)];
    let plumb = |pair, name| Run { tool: "plumb", pair, command: plumb(program, &files(name)) };
    let mut subschema = Command::new(&peers.python);
    subschema.arg(sources.join("subschema.py")).args(files("order.schema.json"));
    let mut buf = Command::new(&peers.buf);
    buf.args(["breaking", "--config", r#"{"version":"v2","breaking":{"use":["WIRE"]}}"#]);
    buf.arg(&sides[1]).arg("--against").arg(&sides[0]);
    let openapi = files("openapi.json");
    vec![
        plumb("OpenAPI", "openapi.json"),
        Run { tool: "openapi-diff", pair: "OpenAPI", command: openapi_diff(peers, &openapi) },
        Run { tool: "specmatic", pair: "OpenAPI", command: specmatic(peers, &openapi) },
        plumb("Protobuf", "shop.proto"),
        Run { tool: "buf", pair: "Protobuf", command: buf },
        plumb("JSON Schema", "order.schema.json"),
        Run { tool: "jsonsubschema", pair: "JSON Schema", command: subschema },
    ]
}

/// The whole process on GitHub's description.
fn large(program: &Path, peers: &Peers, files: &[PathBuf], folder: &Path) -> io::Result<()> {
    println!("GitHub's description, {} to {}", LARGE[0], LARGE[1]);
    let runs = [
        ("plumb", plumb(program, files)),
        ("openapi-diff", openapi_diff(peers, files)),
        ("specmatic", specmatic(peers, files)),
    ];
    for (tool, mut command) in runs {
        let run = watched(command.current_dir(folder), &folder.join(tool), TIME_MAX)?;
        let ended = match run.code {
            Some(code) => format!("exit code {code}"),
            None if run.time > TIME_MAX => "not done, and ended".to_owned(),
            None => "died of a signal".to_owned(),
        };
        let seconds = run.time.as_secs_f64();
        println!("{tool:14} {seconds:>8.1} s {:>6} MiB at most, {ended}", run.resident_mib_max);
        // An exit code alone does not tell a break from a file that is refused.
        println!("{:14} {}", "", last_words(&fs::read_to_string(folder.join(tool))?));
    }
    println!();
    Ok(())
}

/// The last line that was said, as far as it fits on a screen.
fn last_words(said: &str) -> String {
    let line = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("nothing");
    line.trim().chars().take(LINE_LETTERS_MAX).collect()
}

fn plumb(program: &Path, files: &[PathBuf]) -> Command {
    let mut command = Command::new(program);
    command.arg("compat").args(files).arg("--no-evidence");
    command
}

fn openapi_diff(peers: &Peers, files: &[PathBuf]) -> Command {
    let mut command = Command::new("node");
    command.arg(peers.openapi_diff.join("bin/openapi-diff")).args(files);
    command
}

fn specmatic(peers: &Peers, files: &[PathBuf]) -> Command {
    let mut command = Command::new("java");
    command.arg("-jar").arg(&peers.specmatic).arg("compare").args(files);
    command
}

/// The pairs of the catalogue, by a script that reads all their formats.
fn catalog(program: &Path, peers: &Peers, root: &Path) -> Outcome {
    let folder = root.join(FOLDER);
    let mut script = Command::new(&peers.python);
    script.arg(root.join(SOURCES).join("catalog.py")).arg(root.join(CATALOG)).arg(&folder);
    script.arg(program).arg(&peers.openapi_diff).arg(&peers.specmatic).arg(&peers.buf);
    outcome_of(script.current_dir(folder))
}
