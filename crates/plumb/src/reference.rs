//! Keeps the reference of commands in the book as the command line has it.
//!
//! `UPDATE=1` writes it anew.

use crate::arguments::Arguments;
use clap::{Command, CommandFactory as _};
use std::fs;
use std::path::Path;

const HEAD: &str = "\
# Commands

This page is written by the tests from the command line itself. What `plumb --help` says in a
terminal stands here for reading. Flags under *Everywhere* work with every command.
";

#[test]
fn the_book_says_what_the_command_line_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/book/commands.md");
    let mut command = Arguments::command().term_width(96);
    command.build();
    let mut page = format!("{HEAD}\n## plumb\n\n```text\n{}```\n", help(&mut command));
    for below in command.get_subcommands_mut() {
        page.push_str(&section(below, "plumb"));
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/book/commands.md is not up to date; run with UPDATE=1");
}

fn section(command: &mut Command, above: &str) -> String {
    let title = format!("{above} {}", command.get_name());
    let mut page = format!("\n## {title}\n\n```text\n{}```\n", help(command));
    for below in command.get_subcommands_mut() {
        page.push_str(&section(below, &title));
    }
    page
}

/// The long help, without the flags that every command has.
fn help(command: &mut Command) -> String {
    let text = command.render_long_help().to_string();
    let is_top = command.get_name() == "plumb";
    let kept = if is_top { text.as_str() } else { own_part(&text) };
    let lines: Vec<&str> = kept.trim_end().lines().map(str::trim_end).collect();
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let after = if is_top { String::new() } else { format!("\n\n{after}") };
    format!("{}{after}\n", lines.join("\n"))
}

fn own_part(text: &str) -> &str {
    text.split_once("\nEverywhere:").map_or(text, |(own, _)| own)
}
