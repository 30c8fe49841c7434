//! The words of `plumb compat`.
//!
//! Refuses to do anything with them.

use crate::report_request::ReportRequest;
use clap::{Args, ValueEnum};
use plumb_contract::change::Direction;
use plumb_contract::protobuf;
use plumb_engine::contracts;
use plumb_schema::answer;

/// What `compat` takes.
#[derive(Debug, Args)]
pub(crate) struct CompatArguments {
    /// The old version: a file, a folder, or REVISION:PATH
    #[arg(value_name = "OLD", required_unless_present_any = ["base", "deployed"])]
    pub(crate) old: Option<String>,
    /// The new version; with --base or --deployed there is only one path, by default this folder
    #[arg(value_name = "NEW")]
    pub(crate) new: Option<String>,
    /// Compare what is on disk with this revision of the repository
    #[arg(long, value_name = "REVISION", conflicts_with_all = ["new", "deployed", "seen"])]
    pub(crate) base: Option<String>,
    /// Compare what is on disk with every version that is deployed here or still in flight, as
    /// releases and evidence tell
    #[arg(long, value_name = "ENVIRONMENT", conflicts_with_all = ["new", "seen"])]
    pub(crate) deployed: Option<String>,
    /// Take OLD and NEW as versions of a component, and compare what both were seen to write
    #[arg(long, requires = "new")]
    pub(crate) seen: bool,
    /// The component that --seen and --deployed are about; by default the project
    #[arg(long, value_name = "NAME")]
    pub(crate) component: Option<String>,
    /// What schemas say of keys that they do not name
    #[arg(long, value_name = "READING", value_enum, default_value_t = Reading::MustIgnore)]
    pub(crate) reading: Reading,
    /// Which version writes what a schema describes; interfaces say it themselves
    #[arg(long, value_name = "VERSION", value_enum, default_value_t = Writer::Both)]
    pub(crate) writer: Writer,
    /// What is at stake for messages of Protobuf
    #[arg(long, value_name = "READING", value_enum, default_value_t = Protobuf::Wire)]
    pub(crate) protobuf: Protobuf,
    /// Only what these consumers were seen to use excuses or weighs; all where none is named
    #[arg(long, value_name = "NAME")]
    pub(crate) readers: Vec<String>,
    /// Judge by the contracts alone, without evidence
    #[arg(long)]
    pub(crate) no_evidence: bool,
    /// Which changes refuse
    #[arg(long, value_name = "GRADE", value_enum, default_value_t = FailOn::Breaking)]
    pub(crate) fail_on: FailOn,
    /// Also write a report: sarif, junit, gitlab, markdown (the change-log) or json, and where to
    #[arg(long = "report", value_name = "KIND=PATH")]
    pub(crate) reports: Vec<ReportRequest>,
    /// Answer 0 even when it is not a pass
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

/// What schemas say of keys that they do not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reading {
    /// Nothing: writers leave them out and readers ignore them, unless an object is closed
    MustIgnore,
    /// That they may hold anything
    Strict,
}

/// Which version writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Writer {
    /// The old one: what the new version consumes
    Old,
    /// The new one: what it emits to those who stay
    New,
    /// Both: stored data, queues, caches
    Both,
}

/// What is at stake for messages of Protobuf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Protobuf {
    /// Bytes that are read back
    Wire,
    /// ProtoJSON
    Json,
    /// Code against what is generated
    Code,
}

/// Which changes refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Those that break
    Breaking,
    /// Those that may break as well
    Risky,
}

impl From<Reading> for answer::Reading {
    fn from(reading: Reading) -> Self {
        match reading {
            Reading::MustIgnore => Self::MustIgnore,
            Reading::Strict => Self::Strict,
        }
    }
}

impl From<Writer> for Direction {
    fn from(writer: Writer) -> Self {
        match writer {
            Writer::Old => Self::OldWrites,
            Writer::New => Self::NewWrites,
            Writer::Both => Self::Both,
        }
    }
}

impl From<Protobuf> for protobuf::Reading {
    fn from(reading: Protobuf) -> Self {
        match reading {
            Protobuf::Wire => Self::Wire,
            Protobuf::Json => Self::Json,
            Protobuf::Code => Self::Code,
        }
    }
}

impl From<FailOn> for contracts::FailOn {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Breaking => Self::Breaking,
            FailOn::Risky => Self::Risky,
        }
    }
}
