//! Holds the files in `deploy` to the command line: every command in them is one that plumb takes,
//! and what refers to something finds it.
//!
//! Refuses to know whether the platforms would take them, but for systemd, which is asked where it
//! is there.

mod collector;
mod docker;
mod kubernetes;
mod systemd;

use crate::arguments::Arguments;
use clap::Parser as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder of `deploy`.
fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(name)
}

/// The files of a folder with this ending, by name.
fn files(name: &str, ending: &str) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<(String, String)> = entries
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "deploy/{name} has no file that ends in {ending}");
    files
}

/// Complains unless plumb takes this command, whose first word is its own name.
#[track_caller]
fn taken(command: &[String]) -> Arguments {
    match Arguments::try_parse_from(command) {
        Ok(arguments) => arguments,
        Err(err) => panic!("`{}`: {err}", command.join(" ")),
    }
}

/// Words of a line, with what the platform puts in for variables made up.
fn words(line: &str) -> Vec<String> {
    let made_up = [
        ("${PLUMB_LISTEN}", "127.0.0.1:8080"),
        ("${PLUMB_UPSTREAM}", "http://127.0.0.1:3000"),
        ("${PLUMB_SERVER}", "https://plumb.internal:7070"),
        ("${CREDENTIALS_DIRECTORY}", "/run/credentials"),
        ("%i", "orders"),
    ];
    let line = made_up.iter().fold(line.to_owned(), |line, (from, to)| line.replace(from, to));
    assert!(!line.contains("${"), "a variable that nobody sets: {line}");
    line.split_whitespace().map(|word| word.trim_matches('\'').to_owned()).collect()
}

#[test]
fn the_book_names_commands_that_there_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/book/deploying.md");
    let text = fs::read_to_string(path).unwrap();
    let mut commands = 0;
    for line in text.lines() {
        // Behind whatever runs it: `docker run IMAGE`, `kubectl exec POD --`, a shell's prompt.
        let Some(at) = line.find("plumb token ").or_else(|| line.find("plumb doctor ")) else {
            continue;
        };
        if line.contains('`') || line.starts_with('|') {
            continue;
        }
        let command = line[at..].split(['>', '#', '|', ')']).next().unwrap();
        taken(&words(command));
        commands += 1;
    }
    assert!(commands > 3, "only {commands} commands were found");
}
