//! How a command ended, and the exit code that says so; the same codes as Plumb's own.
//!
//! Refuses to know which command it was.

use std::process::Command;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything asked for holds.
    Yes,
    /// Something asked for does not hold; it has been printed.
    No,
    /// The command cannot run as it was called; what to do has been printed.
    Usage,
    /// A file could not be read or a program not started; it has been printed.
    Outside,
}

impl Outcome {
    /// The process's exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::Outside => 4,
        }
    }
}

/// Runs a program to its end, with its output shown, and answers as it did.
pub(crate) fn outcome_of(command: &mut Command) -> Outcome {
    match command.status() {
        Ok(status) if status.success() => Outcome::Yes,
        Ok(_) => Outcome::No,
        Err(error) => {
            eprintln!("cannot start {}: {error}", command.get_program().display());
            Outcome::Outside
        }
    }
}
