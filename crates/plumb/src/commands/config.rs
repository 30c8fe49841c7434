//! `plumb config`: the configuration in force.

use crate::answer::{Written, document};
use crate::arguments::{ConfigCommand, ConfigShowArguments, Global};
use crate::documents;
use crate::failure::{Code, Failure};
use crate::project::project;
use crate::terminal::Terminal;
use plumb_engine::config::origin::Origin;
use plumb_wire::harmless::harmless;

pub(crate) fn config(
    global: &Global,
    command: &ConfigCommand,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let ConfigCommand::Show(arguments) = command;
    let project = project(global)?;
    let origins = &project.loaded.origins;
    let written = document(terminal, global.format, || documents::settings(origins))?;
    if written == Written::NotYet {
        terminal.text(&text(origins, arguments))?;
    }
    for note in &project.loaded.notes {
        terminal.note(&format!("{}\n", harmless(note)));
    }
    Ok(Code::Pass)
}

fn text(origins: &[Origin], arguments: &ConfigShowArguments) -> String {
    let line = |one: &Origin| format!("{} = {}", harmless(&one.key), harmless(&one.value));
    let lines: Vec<String> = origins.iter().map(line).collect();
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or_default();
    let mut out = String::new();
    for (one, line) in origins.iter().zip(lines) {
        if arguments.origin {
            out.push_str(&format!("{line:<width$}  # {}\n", harmless(&one.from)));
        } else {
            out.push_str(&format!("{line}\n"));
        }
    }
    out
}
