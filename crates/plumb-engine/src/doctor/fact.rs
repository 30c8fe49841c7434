//! What the doctor finds, one fact at a time, and how bad each is.
//!
//! Refuses to word it.

use crate::doctor::canary::Canary;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How a fact stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// As it should be.
    Fine,
    /// Worth knowing, and nothing to mend.
    Aside,
    /// Something is missing, and there is a setting that brings it.
    Missing,
    /// Something is there and does not work.
    Failed,
}

/// What a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// What was set.
    Configuration,
    /// What is said.
    Assumptions,
    /// Where evidence is kept.
    Store,
    /// What is seen.
    Evidence,
    /// Which version, environment and consumer it is seen of.
    Identity,
    /// What is inside the messages.
    Bodies,
    /// Whether both sides speak of the same dependencies.
    Dependencies,
    /// Consumers of brokers.
    Queues,
    /// What went live.
    Releases,
    /// Whether values stay where they are.
    Redaction,
    /// What was done at the server.
    Audit,
    /// The server.
    Server,
}

/// A dependency, and how much of what was seen of it is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    /// The dependency.
    pub name: String,
    /// Exchanges that are meant.
    pub count: u64,
    /// Of so many.
    pub of: u64,
}

/// A dependency, how often it was seen and when last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LastSeen {
    /// The dependency.
    pub name: String,
    /// Exchanges with it.
    pub exchanges: u64,
    /// Unix milliseconds.
    pub last_ms: i64,
}

/// A component that told of itself once and does not any more, though it seems to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silent {
    /// The component.
    pub name: String,
    /// When it last told of itself, Unix milliseconds.
    pub last_ms: i64,
    /// The address that its callers have called since.
    pub address: String,
    /// Exchanges with that address.
    pub exchanges: u64,
    /// Seams that went over to the address.
    pub seams: usize,
}

/// One thing that was found.
#[derive(Debug)]
pub enum Fact {
    /// The configuration was read: from a file, or it is the defaults.
    Configured {
        /// The project's file, if there is one.
        file: Option<String>,
        /// Dependencies that are named there.
        dependencies: usize,
    },
    /// Claims were read: how many, and how many of each dialect.
    Assumed {
        /// All of them.
        claims: usize,
        /// By dialect.
        dialects: Vec<(&'static str, usize)>,
    },
    /// No claim was found in so many files.
    NothingAssumed(usize),
    /// So many places could not be read.
    Unread(usize),
    /// There is no store yet.
    NoStore(String),
    /// The store opens.
    Stored {
        /// Where it is.
        place: String,
        /// Windows in it.
        windows: u64,
        /// Exchanges in it.
        exchanges: u64,
    },
    /// The store's folder cannot be written.
    NotWritable {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        why: String,
    },
    /// Others on this machine can read or write the key.
    KeyExposed(PathBuf),
    /// The disk has no more room than this.
    DiskShort {
        /// Where.
        folder: PathBuf,
        /// Bytes that are left.
        bytes: u64,
    },
    /// Nothing has been observed that counts.
    NothingSeen,
    /// Seen lately enough to count.
    Fresh(Vec<LastSeen>),
    /// Seen longer ago than evidence counts.
    Aged(Vec<LastSeen>),
    /// Seen fewer times than makes an assumption hold.
    TooFew {
        /// Which, with what there is of each.
        sources: Vec<Share>,
        /// So many it takes.
        samples_min: u64,
    },
    /// Everything says version and environment.
    Identified,
    /// Seen without the version of who answered.
    WithoutVersion(Vec<Share>),
    /// Seen without the environment.
    WithoutEnvironment(Vec<Share>),
    /// Seen without who asked.
    WithoutReader(Vec<Share>),
    /// These no longer tell of themselves.
    Silent(Vec<Silent>),
    /// So many messages had bodies that were looked into.
    Bodies(u64),
    /// Every body was withheld.
    WithoutBodies(Vec<Share>),
    /// What is claimed was seen, and what is seen is claimed.
    Covered(usize),
    /// Claims speak of these, and nothing was seen of them.
    Unseen(Vec<Unseen>),
    /// These were seen, and no claim speaks of them.
    Unclaimed(Vec<String>),
    /// Names that look like one dependency.
    Alike(Vec<Alike>),
    /// How far consumers of brokers were behind when last asked.
    Backlogs {
        /// Consumers that are known.
        consumers: usize,
        /// Messages that the worst of them had not been given, and its name.
        worst: Option<(String, u64)>,
    },
    /// So many releases are known.
    Releases(usize),
    /// What became of secrets that were planted.
    Redacted(Canary),
    /// The audit log is whole, with so many entries.
    AuditWhole(usize),
    /// The server answers and can write, with its clock so many milliseconds ahead of ours.
    ServerReady {
        /// Its address.
        url: String,
        /// None where it does not tell its time.
        ahead_ms: Option<i64>,
    },
    /// Something does not work, in the words of what failed.
    Broken {
        /// What it is about.
        subject: Subject,
        /// Lower case, no full stop.
        why: String,
        /// What to do.
        help: Option<String>,
    },
}

/// A dependency that claims speak of and nobody has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// Its name in the claims.
    pub name: String,
    /// A host that it answers on, where one is known.
    pub host: Option<String>,
    /// Claims that speak of it.
    pub claims: usize,
}

/// A dependency that seems to have more than one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// The name in the evidence.
    pub name: String,
    /// Other names, in the claims or in the evidence.
    pub others: Vec<String>,
    /// Those of the claims as they stand there, before hosts are given their names.
    pub raw: BTreeSet<String>,
}

/// A clock that is further off than this puts exchanges beside the release they belong to.
const AHEAD_MS_MAX: u64 = 10_000;

impl Fact {
    /// How it stands.
    #[must_use]
    pub fn health(&self) -> Health {
        match self {
            Self::Configured { .. }
            | Self::Assumed { .. }
            | Self::Stored { .. }
            | Self::Fresh(_)
            | Self::Identified
            | Self::Bodies(_)
            | Self::Covered(_)
            | Self::AuditWhole(_) => Health::Fine,
            Self::WithoutReader(_)
            | Self::Unclaimed(_)
            | Self::Backlogs { .. }
            | Self::Releases(_) => Health::Aside,
            Self::NothingAssumed(_)
            | Self::Unread(_)
            | Self::NoStore(_)
            | Self::KeyExposed(_)
            | Self::DiskShort { .. }
            | Self::NothingSeen
            | Self::Aged(_)
            | Self::TooFew { .. }
            | Self::WithoutVersion(_)
            | Self::WithoutEnvironment(_)
            | Self::WithoutBodies(_)
            | Self::Silent(_)
            | Self::Unseen(_)
            | Self::Alike(_) => Health::Missing,
            Self::NotWritable { .. } | Self::Broken { .. } => Health::Failed,
            Self::Redacted(canary) if canary.kept.is_empty() => Health::Fine,
            Self::Redacted(_) => Health::Failed,
            Self::ServerReady { ahead_ms, .. } => {
                let is_off = ahead_ms.is_some_and(|ms| ms.unsigned_abs() > AHEAD_MS_MAX);
                if is_off { Health::Missing } else { Health::Fine }
            }
        }
    }

    /// What it is about.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        match self {
            Self::Configured { .. } => Subject::Configuration,
            Self::Assumed { .. } | Self::NothingAssumed(_) | Self::Unread(_) => {
                Subject::Assumptions
            }
            Self::NoStore(_)
            | Self::Stored { .. }
            | Self::NotWritable { .. }
            | Self::KeyExposed(_)
            | Self::DiskShort { .. } => Subject::Store,
            Self::NothingSeen | Self::Fresh(_) | Self::Aged(_) | Self::TooFew { .. } => {
                Subject::Evidence
            }
            Self::Identified
            | Self::WithoutVersion(_)
            | Self::WithoutEnvironment(_)
            | Self::WithoutReader(_)
            | Self::Silent(_) => Subject::Identity,
            Self::Bodies(_) | Self::WithoutBodies(_) => Subject::Bodies,
            Self::Covered(_) | Self::Unseen(_) | Self::Unclaimed(_) | Self::Alike(_) => {
                Subject::Dependencies
            }
            Self::Backlogs { .. } => Subject::Queues,
            Self::Releases(_) => Subject::Releases,
            Self::Redacted(_) => Subject::Redaction,
            Self::AuditWhole(_) => Subject::Audit,
            Self::ServerReady { .. } => Subject::Server,
            Self::Broken { subject, .. } => *subject,
        }
    }

    /// The fact in kebab-case: part of the documents, never renamed.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Configured { .. } => "configured",
            Self::Assumed { .. } => "assumed",
            Self::NothingAssumed(_) => "nothing-assumed",
            Self::Unread(_) => "unread",
            Self::NoStore(_) => "no-store",
            Self::Stored { .. } => "stored",
            Self::NotWritable { .. } => "not-writable",
            Self::KeyExposed(_) => "key-exposed",
            Self::DiskShort { .. } => "disk-short",
            Self::NothingSeen => "nothing-seen",
            Self::Fresh(_) => "fresh",
            Self::Aged(_) => "aged",
            Self::TooFew { .. } => "too-few",
            Self::Identified => "identified",
            Self::WithoutVersion(_) => "without-version",
            Self::WithoutEnvironment(_) => "without-environment",
            Self::WithoutReader(_) => "without-reader",
            Self::Silent(_) => "silent",
            Self::Bodies(_) => "bodies",
            Self::WithoutBodies(_) => "without-bodies",
            Self::Covered(_) => "covered",
            Self::Unseen(_) => "unseen",
            Self::Unclaimed(_) => "unclaimed",
            Self::Alike(_) => "alike",
            Self::Backlogs { .. } => "backlogs",
            Self::Releases(_) => "releases",
            Self::Redacted(_) => "redacted",
            Self::AuditWhole(_) => "audit-whole",
            Self::ServerReady { .. } => "server-ready",
            Self::Broken { .. } => "broken",
        }
    }
}

impl Subject {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Assumptions => "assumptions",
            Self::Store => "store",
            Self::Evidence => "evidence",
            Self::Identity => "identity",
            Self::Bodies => "bodies",
            Self::Dependencies => "dependencies",
            Self::Queues => "queues",
            Self::Releases => "releases",
            Self::Redaction => "redaction",
            Self::Audit => "audit",
            Self::Server => "server",
        }
    }
}

impl Health {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Aside => "aside",
            Self::Missing => "missing",
            Self::Failed => "failed",
        }
    }
}
