//! The `plumb` command: are the assumptions this change depends on still true?
//!
//! Reads the command line, does what it says, and answers with an exit code. Refuses to know how
//! anything is compared.

mod accompanying;
mod answer;
mod arguments;
mod broker_tapping;
mod bug;
mod by_events;
mod by_plan;
mod by_prometheus;
mod catalog;
mod child;
mod commands;
mod compat_arguments;
mod demo_files;
mod desk;
mod doctor_arguments;
mod doctor_words;
mod documents;
mod door;
mod empty;
mod failure;
mod grpc;
mod imported;
mod inside;
mod learned;
mod listening;
mod look;
mod meeting_arguments;
mod mocks;
mod observe_arguments;
mod plan_arguments;
mod priority;
mod project;
mod receiving;
mod recording;
mod rehearsal_document;
mod rehearsal_page;
mod rehearse_arguments;
mod remote;
mod render;
mod render_doctor;
mod render_evidence;
mod render_failure;
mod render_finding;
mod render_fix;
mod render_forecast;
mod render_gap;
mod render_judgement;
mod render_plan;
mod render_reading;
#[cfg(unix)]
mod render_rehearsal;
mod render_replay;
mod render_rollout;
mod render_watch;
mod replay_arguments;
mod replay_document;
mod report_file;
mod report_request;
mod rollout_arguments;
mod rollout_document;
mod rollout_standing;
mod roomy;
mod screen;
mod server_arguments;
mod spec_arguments;
mod specification;
mod survey;
mod tapping;
mod terminal;
mod told;
mod transition;
mod trust_arguments;
mod trusting;
mod values;
mod weigh;

#[cfg(test)]
mod deployment;
#[cfg(test)]
mod reference;

use arguments::Arguments;
use clap::Parser as _;
use failure::{Code, Failure, usage};
use plumb_engine::files;
use std::path::Path;
use std::process::ExitCode;
use terminal::{Terminal, print_usage, terminal};

/// Trees of claims and documents are many small pieces: with this allocator a large gap takes two
/// thirds of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(bug::tell));
    match Arguments::try_parse() {
        Ok(arguments) => {
            let terminal = terminal(&arguments.global);
            run(&arguments, terminal).unwrap_or_else(|failure| tell(terminal, &failure).into())
        }
        Err(err) => {
            print_usage(&err);
            if err.use_stderr() { Code::Usage.into() } else { Code::Pass.into() }
        }
    }
}

fn run(arguments: &Arguments, terminal: Terminal) -> Result<ExitCode, Failure> {
    if let Some(folder) = &arguments.global.start {
        std::env::set_current_dir(folder).map_err(|err| {
            let text = format!("cannot go to `{}`: {err}", folder.display());
            usage(text, "name a folder that is there after `-C`")
        })?;
    }
    commands::run(arguments, terminal)
}

fn tell(terminal: Terminal, failure: &Failure) -> Code {
    let text_of = |file: &str| files::read_text(Path::new(file)).ok().flatten();
    terminal.complain(&render_failure::failure(terminal.err, failure, &text_of));
    failure.code
}
