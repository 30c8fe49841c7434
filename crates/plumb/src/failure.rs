//! Failures, and the one place that turns them into exit codes.
//!
//! An answer is no failure: a gate that refuses has done its work. Refuses to print.

use crate::terminal::OutputError;
use plumb_engine::analysis::error::AnalysisError;
use plumb_engine::analysis::recorded::RecordedError;
use plumb_engine::audit::AuditError;
use plumb_engine::bundle::BundleError;
use plumb_engine::clock::ClockError;
use plumb_engine::config::error::ConfigError;
use plumb_engine::config::origin::Place;
use plumb_engine::contracts::ContractsError;
use plumb_engine::files::FileError;
use plumb_engine::judge::Answer;
use plumb_engine::keeper::KeepError;
use plumb_engine::observe::ObserveError;
use plumb_engine::revision::RevisionError;
use plumb_engine::rollout::error::RolloutError;
use plumb_engine::scan::ScanError;
use plumb_engine::shelf::ShelfError;
use plumb_engine::tokens::TokenError;
use plumb_engine::transition::draft::DraftError;
use plumb_engine::transition::error::TransitionError;
use plumb_rehearse::trouble::Trouble;
use plumb_server::client::RemoteError;
use plumb_server::replay::ReplayError;
use plumb_server::serving::ServeError;
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

impl From<Answer> for Code {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Pass => Self::Pass,
            Answer::Refuse => Self::Refuse,
            Answer::CannotTell => Self::CannotTell,
        }
    }
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

impl From<TransitionError> for Failure {
    fn from(err: TransitionError) -> Self {
        let what = err.to_string();
        match err {
            TransitionError::File(err) => err.into(),
            TransitionError::Contracts(err) => err.into(),
            TransitionError::Path { .. } => outside(
                what,
                Some("name the file of a transition; `plumb plan --help` tells what is in one"),
            ),
            TransitionError::Document { .. } => usage(what, "mend the file, or name another one"),
            TransitionError::Flaw(_) => usage(what, "mend the file of the transition"),
        }
    }
}

impl From<RolloutError> for Failure {
    fn from(err: RolloutError) -> Self {
        let (what, help) = (err.to_string(), err.help());
        match err {
            RolloutError::Config(err) => err.into(),
            RolloutError::Changed { .. }
            | RolloutError::NotBegun { .. }
            | RolloutError::Ended { .. } => usage(what, help),
            RolloutError::Driver(trouble) if trouble.is_lasting() => usage(what, help),
            RolloutError::Path { .. }
            | RolloutError::File(_)
            | RolloutError::Driver(_)
            | RolloutError::Taken { .. }
            | RolloutError::Kept { .. } => outside(what, Some(&help)),
        }
    }
}

impl From<DraftError> for Failure {
    fn from(err: DraftError) -> Self {
        let help = match &err {
            DraftError::Workloads(_) => "name files with what moves",
            DraftError::Seams(_) | DraftError::Length(_) => {
                "narrow the evidence with `--since` or `--env`, or name files with what moves"
            }
        };
        usage(err.to_string(), help)
    }
}

impl From<ContractsError> for Failure {
    fn from(err: ContractsError) -> Self {
        let what = err.to_string();
        match err {
            ContractsError::Path { .. } => outside(what, Some("check the path")),
            ContractsError::Scan(err) => err.into(),
            ContractsError::TooMuch { .. } => usage(what, "name a narrower folder, or one file"),
            ContractsError::Revision(err) => err.into(),
        }
    }
}

impl From<RevisionError> for Failure {
    fn from(err: RevisionError) -> Self {
        let what = err.to_string();
        match err {
            RevisionError::NoGit { .. } => outside(what, Some("install git, or name files")),
            RevisionError::Unknown { .. } => {
                usage(what, "name a branch, a tag or a commit; in CI, fetch it first")
            }
            RevisionError::Unreadable { .. } => outside(what, Some("look with `git show`")),
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
            ObserveError::Shelf(err) | ObserveError::Keep(KeepError::Shelf(err)) => err.into(),
            ObserveError::Keep(KeepError::Away(what)) => {
                outside(what, Some("see that the server runs, or observe without `--server`"))
            }
        }
    }
}

impl From<AnalysisError> for Failure {
    fn from(err: AnalysisError) -> Self {
        let (what, help) = (err.to_string(), err.help());
        match err {
            AnalysisError::Unreadable { .. } => outside(what, Some(help)),
            AnalysisError::NoEvents { .. }
            | AnalysisError::Damaged { .. }
            | AnalysisError::NotSeen { .. }
            | AnalysisError::Mixed { .. }
            | AnalysisError::Versions { .. } => usage(what, help),
        }
    }
}

impl From<RecordedError> for Failure {
    fn from(err: RecordedError) -> Self {
        match err {
            RecordedError::Events(err) => err.into(),
            RecordedError::Capture(err) => err.into(),
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
            ShelfError::KeyMissing { .. } | ShelfError::OtherKey { .. } => Some(
                "all who share a database need the same key: copy the file from where it was first \
                 filled, and name it with `evidence.key` or `PLUMB_KEY`",
            ),
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
            BundleError::Overlaps(_) | BundleError::TooMany => {
                "import it into a store of its own: `--store DIR`; counting twice would mislead"
            }
            BundleError::Shelf(err) => return err.into(),
        };
        outside(what, Some(help))
    }
}

impl From<TokenError> for Failure {
    fn from(err: TokenError) -> Self {
        let what = err.to_string();
        match err {
            TokenError::Shelf(err) => err.into(),
            TokenError::Name(_) => usage(what, "give it another name"),
            TokenError::Taken(_) => usage(what, "give it another name; ended ones keep theirs"),
            TokenError::Unknown(_) => usage(what, "`plumb token ls` lists them"),
            TokenError::Broken(_) => outside(what, Some("make new tokens in another store")),
        }
    }
}

impl From<AuditError> for Failure {
    fn from(err: AuditError) -> Self {
        let help = match &err {
            AuditError::File { .. } => "check who owns the file and its folder",
            AuditError::Tampered { .. } => {
                "keep the file as it is for whoever looks into it, and move it away to go on"
            }
            AuditError::Held { .. } => "one server writes a folder; stop the other",
        };
        let code = match &err {
            AuditError::Tampered { .. } => Code::Refuse,
            AuditError::File { .. } | AuditError::Held { .. } => Code::Outside,
        };
        Self { code, what: err.to_string(), place: None, help: Some(help.to_owned()) }
    }
}

impl From<RemoteError> for Failure {
    fn from(err: RemoteError) -> Self {
        let what = err.to_string();
        match err {
            RemoteError::Unreachable { .. } => outside(
                what,
                Some("`plumb check --evidence BUNDLE` judges by a file, without any server"),
            ),
            RemoteError::Refused { help, .. } => outside(what, help.as_deref()),
            RemoteError::Address(_) => usage(what, "write it like `https://plumb.internal`"),
            RemoteError::Certificates(_) => usage(what, "give them in PEM with `--server-ca`"),
        }
    }
}

impl From<ReplayError> for Failure {
    fn from(err: ReplayError) -> Self {
        let what = err.to_string();
        match err {
            ReplayError::Address(_) => usage(what, "write it like `http://127.0.0.1:8080`"),
            ReplayError::Header(_) => usage(what, "write it like `x-tenant: blue`"),
            ReplayError::Unreachable { .. } => outside(what, Some("see that it runs and answers")),
        }
    }
}

impl From<ServeError> for Failure {
    fn from(err: ServeError) -> Self {
        let what = err.to_string();
        match err {
            ServeError::Open(..) => usage(
                what,
                "give `--cert` and `--key`, and make a token with `plumb token new`; \
                 or listen on 127.0.0.1",
            ),
            ServeError::NoToken => {
                usage(what, "make one with `plumb token new NAME --allow ingest`")
            }
            ServeError::Start(_) => outside(what, None),
            ServeError::Shelf(err) => err.into(),
            ServeError::Audit(err) => err.into(),
            ServeError::Token(err) => err.into(),
        }
    }
}

impl From<Trouble> for Failure {
    fn from(err: Trouble) -> Self {
        let (what, help) = (err.to_string(), err.help());
        if err.is_usage() { usage(what, help) } else { outside(what, Some(help)) }
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
