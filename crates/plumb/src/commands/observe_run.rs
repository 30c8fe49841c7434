//! `plumb observe run`: runs a command, and keeps the shape of what its programs ask of others.
//!
//! The command comes first: it has the standard input and output, and its exit code is the answer.

use crate::accompanying::{Accompanied, Accompanying, accompanied};
use crate::answer::document_in;
use crate::arguments::Global;
use crate::documents;
use crate::failure::Failure;
use crate::observe_arguments::RunArguments;
use crate::project::project;
use crate::remote::remote;
use crate::render::{count_u64, name};
use crate::tapping::Tapped;
use crate::terminal::Terminal;
use crate::trusting::Trusting;
use std::net::SocketAddr;
use std::process::ExitCode;

pub(crate) fn observe_run(
    global: &Global,
    arguments: &RunArguments,
    terminal: Terminal,
) -> Result<ExitCode, Failure> {
    let project = project(global)?;
    let trusting = Trusting::wanted(&arguments.trust)?;
    let accompanying = Accompanying {
        words: &arguments.command,
        direct: arguments.no_proxy.as_deref(),
        trusting: trusting.as_ref(),
        keeper: project.keeper(remote(&arguments.server)?, terminal),
        name: format!("run of {}", arguments.program()),
        origin: project.origin(&arguments.known),
    };
    let Accompanied { code, address, tapped } = accompanied(&project, accompanying, terminal)?;
    let told = Told { global, arguments, address };
    if let Err(failure) = tell(&told, &tapped, terminal) {
        terminal.complain(&format!("warning: {}\n", failure.what));
    }
    Ok(ExitCode::from(code))
}

/// What was asked for, and where the tap was.
struct Told<'a> {
    global: &'a Global,
    arguments: &'a RunArguments,
    address: SocketAddr,
}

/// Tells how it went: people on the standard error, since the standard output is the command's, and
/// others in a file of their choice.
fn tell(told: &Told<'_>, tapped: &Tapped, terminal: Terminal) -> Result<(), Failure> {
    let Told { global, arguments, address } = told;
    let progress = tapped.progress;
    let not_written = progress.waiting + progress.lost + tapped.left_out;
    let mut parts = vec![
        count_u64(progress.written, "exchange"),
        format!("{} dropped", tapped.dropped),
        "values not kept (shape only)".to_owned(),
    ];
    if not_written > 0 {
        parts.insert(1, format!("{not_written} not written"));
    }
    let look = terminal.err;
    let shown = look.strong(&name(arguments.program()));
    terminal.note(&format!("{shown}  {}\n", parts.join(" · ")));
    if tapped.tunnels > 0 {
        let count = count_u64(tapped.tunnels, "connection");
        terminal
            .note(&format!("{count} went through TLS unseen; `--intercept-tls` looks into it\n"));
    }
    if not_written > 0 {
        let what = count_u64(not_written, "exchange");
        terminal.complain(&format!("warning: {what} could not be written\n"));
    }
    document_in(arguments.answer.as_deref(), global.format, || {
        documents::tapped(&address.to_string(), tapped)
    })
}
