//! `plumb demo`: the whole story on real traffic, offline.
//!
//! Plays the other commands one after another in a folder of its own.

use super::{check, explain, gap, observe, scan};
use crate::answer::next;
use crate::arguments::{
    CheckArguments, DemoArguments, ExplainArguments, Format, Global, ScanArguments,
};
use crate::demo_files::{DemoFile, RECORDING, STORY, TRAFFIC};
use crate::failure::{Code, Failure, usage};
use crate::observe_arguments::{FileArguments, Known, ObserveCommand};
use crate::server_arguments::ServerArguments;
use crate::terminal::Terminal;
use plumb_engine::clock::{now_ms, parse_moment};
use plumb_engine::files;
use std::path::{Path, PathBuf};

/// The moment of judgement: the day on which the traffic was captured.
const CAPTURED: &str = "2026-11-21T12:00:00Z";

/// The folder of the demo's evidence; a flag, so that no variable leads elsewhere.
const STORE: &str = ".plumb";

/// The demo's configuration.
const CONFIG: &str = "project = \"demo\"\n\n[evidence]\nstore = \".plumb\"\n";

/// The finding that the story looks into.
const EXPLAINED: &str = "operation-gone:mlflow:GET /api/2.0/mlflow/experiments/list:response 200";

/// Findings that the story tells in full.
const FINDINGS_TOLD: usize = 3;

const OPENING: &str = "\
A client is pinned to MLflow 1.30. Its tests replay what a 1.30 server once answered, and they
are green. The shared server has been on 2.22 for a while. Everything below is real: the
recording, the traffic, and what Plumb makes of them. Nothing leaves this machine.
";

const AFTER_SCAN: &str = "\
So much is taken for granted, and none of it has ever been held against reality. One look at
today's traffic, captured with any proxy or browser:
";

const AFTER_OBSERVE: &str = "\
Shapes and counts were kept, values were not. Now the two sides meet:
";

const AFTER_GAP: &str = "\
A smoke test on `create a run, log a metric` is green throughout: those calls still work. The
model registry and the listing are gone. A gate in front of the deployment says so:
";

const AFTER_CHECK: &str = "\
Each finding can be looked into:
";

const CLOSING: &str = "\
That is the truth about this pair, as its authors recorded it: the `preview` prefix and
`experiments/list` were removed in 2.0. Mocks recorded before that cannot know.
";

pub(crate) fn demo(
    global: &Global,
    arguments: &DemoArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    if global.format != Format::Text {
        return Err(usage("the demo is told in text only", "leave out `--format`"));
    }
    let folder = match &arguments.keep {
        Some(folder) => folder.clone(),
        None => fresh_folder(),
    };
    unpack(&folder, RECORDING)?;
    unpack(&folder, STORY)?;
    let config = folder.join("plumb.toml");
    files::write_whole(&config, CONFIG.as_bytes())?;
    let told = std::env::set_current_dir(&folder)
        .map_err(|err| usage(format!("cannot use the demo's folder: {err}"), "name another"))
        .and_then(|()| tell(&of_demo(global)?, terminal));
    if arguments.keep.is_none() {
        files::remove_folder(&folder)?;
    }
    told?;
    if arguments.keep.is_some() {
        terminal.note(&format!("\nThe files are in {}.\n", folder.display()));
    }
    next(terminal, "plumb scan, in a repository of your own");
    Ok(Code::Pass)
}

/// A folder for this run alone.
fn fresh_folder() -> PathBuf {
    std::env::temp_dir().join(format!("plumb-demo-{}-{}", std::process::id(), now_ms()))
}

fn unpack(folder: &Path, file: DemoFile) -> Result<(), Failure> {
    let path = folder.join(file.path);
    if let Some(parent) = path.parent() {
        files::make_folder(parent)?;
    }
    Ok(files::write_whole(&path, file.bytes)?)
}

/// Flags under which only the demo's own files count.
fn of_demo(global: &Global) -> Result<Global, Failure> {
    Ok(Global {
        start: None,
        config: Some(PathBuf::from("plumb.toml")),
        store: Some(STORE.to_owned()),
        environment: None,
        since: None,
        as_of: Some(parse_moment(CAPTURED)?),
        format: Format::Text,
        color: global.color,
        quiet: true,
        verbose: false,
        no_input: true,
    })
}

fn tell(global: &Global, terminal: Terminal) -> Result<(), Failure> {
    // The commands' own hints would interrupt the story.
    let quiet = terminal.hushed();
    let say = |text: &str| terminal.text(&format!("{text}\n"));
    let show = |command: &str| {
        let look = terminal.out;
        terminal.text(&format!("{} {}\n", look.faint("$"), look.strong(command)))
    };
    say(OPENING)?;
    show("plumb scan")?;
    scan::scan(global, &ScanArguments { folder: None }, quiet)?;
    say(&format!("\n{AFTER_SCAN}"))?;
    unpack(Path::new(""), TRAFFIC)?;
    show(&format!("plumb observe har {} --writer mlflow --release 2.22", TRAFFIC.path))?;
    observe::observe(global, &traffic(), quiet)?;
    say(&format!("\n{AFTER_OBSERVE}"))?;
    show("plumb gap")?;
    gap::gap_of(global, FINDINGS_TOLD, quiet)?;
    say(&format!("\n{AFTER_GAP}"))?;
    show("plumb check")?;
    check::check(global, &gate(), quiet)?;
    say(&format!("\n{AFTER_CHECK}"))?;
    show(&format!("plumb explain '{EXPLAINED}'"))?;
    explain::explain(
        global,
        &ExplainArguments { key: EXPLAINED.to_owned(), server: offline() },
        quiet,
    )?;
    say(&format!("\n{CLOSING}"))?;
    Ok(())
}

fn traffic() -> ObserveCommand {
    let release = Some("2.22".to_owned());
    let known =
        Known { writer: Some("mlflow".to_owned()), reader: None, release, version_header: None };
    ObserveCommand::Har(FileArguments {
        paths: vec![TRAFFIC.path.to_owned()],
        known,
        server: offline(),
    })
}

fn gate() -> CheckArguments {
    CheckArguments {
        reports: Vec::new(),
        evidence: None,
        transition: None,
        exit_zero: true,
        server: offline(),
    }
}

/// No server: the demo is this machine's own affair, whatever the environment names.
const fn offline() -> ServerArguments {
    ServerArguments { server: None, server_token_file: None, server_ca: None, timeout: 0 }
}
