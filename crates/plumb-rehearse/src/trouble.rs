//! Why a rehearsal could not be held at all.
//!
//! What breaks *in* a rehearsal is its result and stands in the report. Refuses to know exit codes.

use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a rehearsal could not be held. Nothing in it shows a password.
#[derive(Debug, Error)]
pub enum Trouble {
    /// No programs of PostgreSQL were found.
    #[error("no PostgreSQL server is installed here{wanted}")]
    NoPrograms {
        /// What was asked for, as the end of the sentence.
        wanted: String,
    },
    /// The private server did not come up.
    #[error("the private server did not start: {why}")]
    Start {
        /// The last line of its log, or what the system said.
        why: String,
    },
    /// A server could not be reached, or went away.
    #[error("{doing} failed: {why}")]
    Server {
        /// What was done.
        doing: String,
        /// What the server or the driver said.
        why: String,
    },
    /// A file could not be read.
    #[error("cannot read `{}`: {source}", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is beyond a bound.
    #[error("`{}` is more than {limit}", path.display())]
    TooMuch {
        /// Its path.
        path: PathBuf,
        /// The bound, in words.
        limit: String,
    },
    /// A file holds nothing that can be used.
    #[error("`{}` holds no {what}", path.display())]
    Empty {
        /// Its path.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
    /// A line of a file cannot be read.
    #[error("`{}` line {line}: {why}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// The old schema could not be built.
    #[error("the old schema fails at `{file}` line {line}: {why}")]
    Schema {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What the server said.
        why: String,
    },
    /// An address cannot be used.
    #[error("{what} is no address that can be used: {why}")]
    Address {
        /// The flag that named it.
        what: &'static str,
        /// Why, without quoting it.
        why: String,
        /// What to do about it.
        help: &'static str,
    },
    /// A program of the server refused.
    #[error("`{program}` failed: {why}")]
    Program {
        /// Its name.
        program: &'static str,
        /// The last line that it wrote.
        why: String,
    },
}

impl Trouble {
    /// What to do about it, in one line.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NoPrograms { .. } => {
                "install one (on Debian `apt-get install postgresql`), name its folder with \
                 `--postgres DIR`, or a server with `--server URL`"
            }
            Self::Start { .. } => {
                "see that the folder for temporary files (TMPDIR) has room and may be entered by \
                 an unprivileged user"
            }
            Self::Server { .. } => "see that the server runs and that the user may do this there",
            Self::File { .. } => "check the path",
            Self::TooMuch { .. } => "name a narrower folder or a smaller file",
            Self::Empty { .. } | Self::Line { .. } => {
                "see `plumb rehearse --help` for what it takes"
            }
            Self::Schema { .. } => {
                "name the schema that the old version runs on, and the server's version that it \
                 was written for with `--server-version`"
            }
            Self::Address { help, .. } => help,
            Self::Program { .. } => "see that its version is not older than the server's",
        }
    }

    /// Whether the command line is to blame, and not the world.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::TooMuch { .. }
                | Self::Empty { .. }
                | Self::Line { .. }
                | Self::Schema { .. }
                | Self::Address { .. }
        )
    }
}
