//! `plumb completions` and `plumb man`: what shells and manuals need, from the words themselves.

use crate::arguments::{Arguments, CompletionsArguments, ManArguments};
use crate::failure::{Code, Failure};
use crate::render::count;
use crate::terminal::{OutputError, Terminal};
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use plumb_engine::files;

pub(crate) fn completions(
    arguments: &CompletionsArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "plumb", &mut script);
    terminal.data(&script)?;
    Ok(Code::Pass)
}

pub(crate) fn man(arguments: &ManArguments, terminal: Terminal) -> Result<Code, Failure> {
    let mut command = Arguments::command();
    command.build();
    let Some(folder) = &arguments.out else {
        terminal.data(&page(&command, "plumb")?)?;
        return Ok(Code::Pass);
    };
    files::make_folder(folder)?;
    let pages = pages(&command, "plumb");
    for (title, command) in &pages {
        let path = folder.join(format!("{title}.1"));
        files::write_whole(&path, &page(command, title)?)?;
    }
    terminal.note(&format!("{} written\n", count(pages.len(), "page")));
    Ok(Code::Pass)
}

/// The command and all below it, each with the title of its page.
fn pages<'a>(command: &'a Command, title: &str) -> Vec<(String, &'a Command)> {
    let mut all = vec![(title.to_owned(), command)];
    for below in command.get_subcommands() {
        all.extend(pages(below, &format!("{title}-{}", below.get_name())));
    }
    all
}

fn page(command: &Command, title: &str) -> Result<Vec<u8>, OutputError> {
    let mut bytes = Vec::new();
    Man::new(command.clone()).title(title.to_uppercase()).render(&mut bytes)?;
    Ok(bytes)
}
