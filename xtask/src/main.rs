//! The project's own checks, run as `cargo xtask <command>`.
//!
//! Knows the commands; refuses to know what any check looks for.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "complaints are this program's data and progress is for the person waiting"
)]

mod arrows;
mod bench_compat;
mod bench_otlp;
mod bench_tap;
mod budget;
mod cargo;
mod cases;
mod ci;
mod circles;
mod compat_history;
mod compat_peers;
mod complaint;
mod corpus;
mod deny;
mod functions;
mod fuzz;
mod github_api;
mod kafka;
mod lengths;
mod links;
mod machine;
mod manifest;
mod marks;
mod mask;
mod match_avro;
mod match_mountebank;
mod match_prism;
mod match_wiremock;
mod measured;
mod names;
mod npm;
mod otlp_load;
mod outcome;
mod paths;
mod program;
mod replay;
mod rooms;
mod round_trip;
mod screenshots;
mod serve_mended;
mod servers;
mod side_by_side;
mod tidy;
mod tree;
mod wiremock;

use crate::outcome::Outcome;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <command>

commands:
  tidy   structure, names, lengths, links, cases and the package budget
  ci     everything that must pass: formatting, lints, tidy, tests, documentation
  servers  installs what tests start, from Debian's packages, Python's and Node's
  screenshots      makes the book's pictures of the dashboard anew
  deny   licences, advisories and sources of the dependencies (needs cargo-deny)
  fuzz TARGET MINUTES              looks for bytes that break a reader; `all` for every target
  kafka                            taps a broker of Kafka's protocol beside its consumer
  match-avro                       asks fastavro what crosses from schema to schema (needs Python)
  match-mountebank                 asks Mountebank what claims decide (needs Node)
  match-prism                      asks Prism what claims decide (needs Node)
  match-wiremock                   asks WireMock what claims decide (needs Node and Java)
  serve-mended                     loads mended mocks into the tools that own them
  replay                           replays 10,000 requests against builds with noise
  round-trip [FOLDER...]           takes published mocks through every format and back
  compat-history                   compares all published versions of GitHub's description
  bench-compat                     measures comparing contracts beside other tools
  bench-otlp                       measures the receiver of telemetry
  bench-tap                        measures the tap beside nginx and HAProxy
  corpus har FILE EXCHANGES        writes a large HAR for measuring
  corpus description FILE          writes an OpenAPI description of that HAR
  corpus stubs FILE COUNT          writes WireMock stubs into one file
  corpus stub-files FOLDER COUNT   writes WireMock stubs into one file each
  corpus stub-evidence FILE        writes a HAR with evidence for those stubs
  corpus requests FILE REQUESTS    writes a table of requests of a rollout";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["tidy"] => in_root(tidy::tidy),
        ["ci"] => in_root(ci::ci),
        ["servers"] => in_root(servers::servers),
        ["screenshots"] => in_root(screenshots::screenshots),
        ["deny"] => in_root(deny::deny),
        ["fuzz", target, minutes] => in_root(|root| fuzz::fuzz(root, target, minutes)),
        ["kafka"] => in_root(kafka::kafka),
        ["match-avro"] => in_root(match_avro::match_avro),
        ["match-mountebank"] => in_root(match_mountebank::match_mountebank),
        ["match-prism"] => in_root(match_prism::match_prism),
        ["match-wiremock"] => in_root(match_wiremock::match_wiremock),
        ["serve-mended"] => in_root(serve_mended::serve_mended),
        ["replay"] => in_root(replay::replay),
        ["round-trip", folders @ ..] => in_root(|root| round_trip::round_trip(root, folders)),
        ["compat-history"] => in_root(compat_history::compat_history),
        ["bench-compat"] => in_root(bench_compat::bench_compat),
        ["bench-otlp"] => in_root(bench_otlp::bench_otlp),
        ["bench-tap"] => in_root(bench_tap::bench_tap),
        ["corpus", "har", path, count] => corpus::har(Path::new(path), count),
        ["corpus", "description", path] => corpus::description(Path::new(path)),
        ["corpus", "stubs", path, count] => corpus::stubs(Path::new(path), count),
        ["corpus", "stub-files", folder, count] => corpus::stub_files(Path::new(folder), count),
        ["corpus", "stub-evidence", path] => corpus::stub_evidence(Path::new(path)),
        ["corpus", "requests", path, count] => corpus::requests(Path::new(path), count),
        _ => {
            eprintln!("{USAGE}");
            Outcome::Usage
        }
    };
    ExitCode::from(outcome.code())
}

/// Runs a command with the repository's root, which cargo names when it starts this program.
fn in_root(command: impl FnOnce(&Path) -> Outcome) -> Outcome {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    if let Some(root) = manifest.as_deref().and_then(Path::parent) {
        command(root)
    } else {
        eprintln!("the repository's root is not known\nhelp: start this as `cargo xtask`");
        Outcome::Usage
    }
}
