//! What the file of a transition says, before anything that it names is read.

use plumb_plan::transition::{Answer, Component, Stay};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What lies at a seam, as people say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Calls,
    Statements,
    Queue,
    Rows,
    Cache,
    Config,
}

/// One of the two ways of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Request,
    Answer,
}

/// Everything that the file says.
#[derive(Debug)]
pub(super) struct SaidTransition {
    pub(super) components: Vec<Component>,
    /// Documents of rehearsals, by the component and the version that was moved to.
    pub(super) rehearsed: BTreeMap<(usize, usize), PathBuf>,
    pub(super) seams: Vec<SaidSeam>,
}

/// One seam as it is said. For calls and statements, the writer is the client and the reader the
/// server.
#[derive(Debug)]
pub(super) struct SaidSeam {
    pub(super) name: String,
    pub(super) kind: Said,
    pub(super) writer: usize,
    pub(super) reader: usize,
    pub(super) keeps: Stay,
    /// How it is known how long that is; empty where the file says it.
    pub(super) keeps_basis: String,
    /// Contracts or samples of what versions of the writer write.
    pub(super) writes: BTreeMap<usize, PathBuf>,
    /// Contracts of what versions of the reader take; of a server, what it offers.
    pub(super) reads: BTreeMap<usize, PathBuf>,
    /// For versions of a client the version of the server that it was built against.
    pub(super) built_against: BTreeMap<usize, usize>,
    pub(super) pairs: Vec<SaidPair>,
}

/// What somebody says of versions that meet; no version stands for all.
#[derive(Debug)]
pub(super) struct SaidPair {
    pub(super) writer: Option<usize>,
    pub(super) reader: Option<usize>,
    pub(super) way: Option<Way>,
    pub(super) answer: Answer,
    pub(super) because: String,
}
