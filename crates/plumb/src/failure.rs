//! Failures, and the one place that turns them into exit codes.
//!
//! An answer is no failure: a gate that refuses has done its work. Refuses to print.

use crate::terminal::OutputError;
use plumb_engine::bundle::BundleError;
use plumb_engine::clock::ClockError;
use plumb_engine::config::error::ConfigError;
use plumb_engine::config::origin::Place;
use plumb_engine::files::FileError;
use plumb_engine::observe::ObserveError;
use plumb_engine::scan::ScanError;
use plumb_engine::shelf::ShelfError;
use plumb_store::store::{self, StoreError};
use std::process::ExitCode;

/// The exit codes. They are part of the face that others script against. Of several inputs, the
/// worst is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Code {
    /// Yes, or done.
    Pass = 0,
    /// No: findings at or above the threshold.
    Refuse = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// Not enough to say.
    CannotTell = 3,
    /// Something outside could not be reached, read or written.
    Outside = 4,
    /// A bug in plumb.
    Bug = 70,
}

/// Why a command could not do its work.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) code: Code,
    /// What happened: lower case, no full stop.
    pub(crate) what: String,
    /// Where in a file, if it is in one.
    pub(crate) place: Option<Place>,
    /// What to do about it.
    pub(crate) help: Option<String>,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// A failure of the person's making.
pub(crate) fn usage(what: impl Into<String>, help: impl Into<String>) -> Failure {
    Failure { code: Code::Usage, what: what.into(), place: None, help: Some(help.into()) }
}

pub(crate) fn outside(what: String, help: Option<&str>) -> Failure {
    Failure { code: Code::Outside, what, place: None, help: help.map(str::to_owned) }
}

impl From<ConfigError> for Failure {
    fn from(err: ConfigError) -> Self {
        let (what, help) = (err.to_string(), Some(err.help()));
        Self { code: Code::Usage, what, place: err.place().cloned(), help }
    }
}

impl From<ClockError> for Failure {
    fn from(err: ClockError) -> Self {
        usage(err.to_string(), err.help())
    }
}

impl From<ScanError> for Failure {
    fn from(err: ScanError) -> Self {
        match err {
            ScanError::Glob { .. } => {
                usage(err.to_string(), "mend the pattern under `[assumptions]` in plumb.toml")
            }
            ScanError::TooMany { .. } => usage(
                err.to_string(),
                "name a narrower folder, or leave folders out with `assumptions.exclude`",
            ),
            ScanError::Folder { .. } => {
                outside(err.to_string(), Some("name a folder that is there and may be read"))
            }
        }
    }
}

impl From<ObserveError> for Failure {
    fn from(err: ObserveError) -> Self {
        let what = err.to_string();
        match err {
            // The file was there and is not what the command takes: a slip in the call.
            ObserveError::Unknown { .. } => usage(
                what,
                "capture traffic as HAR, GoReplay or NDJSON; see `plumb observe --help`",
            ),
            ObserveError::NothingRead { remedy, .. } => usage(what, remedy),
            ObserveError::Input { .. } => outside(what, Some("check that the file can be read")),
            ObserveError::Shelf(err) => err.into(),
        }
    }
}

impl From<ShelfError> for Failure {
    fn from(err: ShelfError) -> Self {
        let what = err.to_string();
        let help = match &err {
            ShelfError::Store(err) => return of_store(what, err),
            ShelfError::Folder { .. } => {
                Some("check who owns the folder, or name another with `--store`")
            }
            ShelfError::Key(_) => {
                Some("bring the key back from a copy; without it stored values cannot be compared")
            }
            ShelfError::Random => None,
            ShelfError::Profile(_) | ShelfError::Release(_) | ShelfError::Backlog(_) => {
                Some("use the plumb that wrote it or a newer one, or observe anew in another store")
            }
        };
        outside(what, help)
    }
}

fn of_store(what: String, err: &StoreError) -> Failure {
    let code = match err {
        StoreError::Unforeseen { .. } => Code::Bug,
        _ => Code::Outside,
    };
    Failure { code, what, place: None, help: store::help(err).map(str::to_owned) }
}

impl From<BundleError> for Failure {
    fn from(err: BundleError) -> Self {
        let what = err.to_string();
        let help = match err {
            BundleError::File(_) => "check the path",
            BundleError::Broken { .. } => {
                return usage(what, "write it anew with `plumb evidence export`");
            }
            BundleError::Newer(_) => {
                return usage(what, "use the plumb that wrote it, or a newer one");
            }
            BundleError::Overlaps(_) => {
                "import it into a store of its own: `--store DIR`; counting twice would mislead"
            }
            BundleError::Shelf(err) => return err.into(),
        };
        outside(what, Some(help))
    }
}

impl From<FileError> for Failure {
    fn from(err: FileError) -> Self {
        outside(err.to_string(), Some("check the path and who may use it"))
    }
}

impl From<OutputError> for Failure {
    fn from(err: OutputError) -> Self {
        outside(err.to_string(), None)
    }
}
