//! Weighing: what a project says against what was seen, ready to be told in any form.
//!
//! The one road that `scan`, `gap`, `check`, `explain` and `accept` share. Refuses to print
//! answers and to decide.

use crate::failure::{Failure, outside};
use crate::project::Project;
use crate::remote::{patience, remote};
use crate::server_arguments::ServerArguments;
use crate::terminal::Terminal;
use plumb_claims::reading::Unread;
use plumb_engine::clock::day_text;
use plumb_engine::inventory::{self, Extent};
use plumb_engine::judge::{self, Scope};
use plumb_engine::offline::{self, Offline};
use plumb_engine::releases;
use plumb_engine::scan::{self, Scan, Scanned};
use plumb_engine::sighting::Sighting;
use plumb_engine::tolerance::{Known, tolerance};
use plumb_engine::{files, shelf};
use plumb_gap::evidence::Evidence;
use plumb_gap::finding::Finding;
use plumb_gap::release::Release;
use plumb_gap::report::Report;
use plumb_server::client::{Remote, Wanted};
use plumb_shape::claim::Claim;
use plumb_shape::literal::LiteralKey;
use plumb_wire::reported::{self, Acceptance, Reported};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a project says, what was seen, and what comes of comparing both.
#[derive(Debug)]
pub(crate) struct Weighed {
    /// The claims, in the order of the report's own.
    pub(crate) claims: Vec<Claim>,
    /// What could not be read.
    pub(crate) unread: Vec<Unread>,
    /// Files looked at.
    pub(crate) files: usize,
    /// Files left out because they were observed as evidence.
    pub(crate) evidence_files: Vec<String>,
    /// What came of the comparison.
    pub(crate) report: Report,
    /// Findings that people live with and that are in force, by key.
    pub(crate) accepted: BTreeMap<String, Acceptance>,
    /// Findings whose acceptance has ended, by key.
    pub(crate) ended: BTreeSet<String>,
    /// Where the evidence comes from.
    pub(crate) grounds: Grounds,
    /// The moment of judgement, Unix milliseconds.
    pub(crate) as_of_ms: i64,
}

/// Where evidence comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Grounds {
    /// Nothing has been observed yet.
    Nothing,
    /// The store.
    Store {
        /// How much lies there, in the scope or not.
        extent: Extent,
        /// Whether any of it is in the scope.
        is_any_in_scope: bool,
    },
    /// A bundle.
    Bundle {
        /// Its windows, in the scope or not.
        windows: u64,
        /// Whether any of it is in the scope.
        is_any_in_scope: bool,
        /// True when its values cannot be compared for want of its key.
        is_foreign: bool,
        /// The hash of its bytes.
        digest: String,
    },
}

/// Evidence as it is compared.
#[derive(Debug)]
pub(crate) struct Seen {
    evidence: Vec<Evidence>,
    sightings: Vec<Sighting>,
    releases: Vec<Release>,
    key: LiteralKey,
    observed: BTreeSet<String>,
    grounds: Grounds,
}

/// What judging takes beside claims, to judge more than once.
#[derive(Clone, Debug)]
pub(crate) struct Judging {
    /// The evidence.
    pub(crate) evidence: Vec<Evidence>,
    /// On which days each version was seen.
    pub(crate) sightings: Vec<Sighting>,
    /// The releases.
    pub(crate) releases: Vec<Release>,
    /// The key of its literals.
    pub(crate) key: LiteralKey,
}

impl Seen {
    /// The evidence alone.
    pub(crate) fn into_evidence(self) -> Vec<Evidence> {
        self.evidence
    }

    /// What judging takes.
    pub(crate) fn into_judging(self) -> Judging {
        let Self { evidence, sightings, releases, key, .. } = self;
        Judging { evidence, sightings, releases, key }
    }

    /// A copy of what judging takes.
    pub(crate) fn judging(&self) -> Judging {
        Judging {
            evidence: self.evidence.clone(),
            sightings: self.sightings.clone(),
            releases: self.releases.clone(),
            key: self.key.clone(),
        }
    }
}

/// Bytes of evidence that a server may send: 1 GiB, held in memory while it is judged.
const FETCHED_BYTES_MAX: u64 = 1 << 30;

/// What to do when a server is not there.
const SERVER_HELP: &str =
    "`plumb check --evidence BUNDLE` judges by a file that `plumb evidence export` wrote";

/// The key of a project without one: nothing was hashed under it, so nothing equals.
const NO_KEY: [u8; 32] = [0; 32];

/// No evidence.
pub(crate) fn nothing_seen() -> Seen {
    Seen {
        evidence: Vec::new(),
        sightings: Vec::new(),
        releases: Vec::new(),
        key: LiteralKey::new(NO_KEY),
        observed: BTreeSet::new(),
        grounds: Grounds::Nothing,
    }
}

/// The evidence of the store.
pub(crate) fn seen(project: &Project) -> Result<Seen, Failure> {
    let Some(shelf) = project.shelf_if_there()? else { return Ok(nothing_seen()) };
    let (evidence, sightings) = judge::sighted(&shelf, &project.scope())?;
    let extent = inventory::extent(&shelf)?;
    let grounds = match extent.windows {
        0 => Grounds::Nothing,
        _ => Grounds::Store { extent, is_any_in_scope: !evidence.is_empty() },
    };
    let observed = inventory::observed_files(&shelf)?;
    let releases = releases::releases(&shelf, &project.scope())?;
    Ok(Seen { evidence, sightings, releases, key: shelf.key, observed, grounds })
}

/// The evidence of the server, if one was named, else of the store.
pub(crate) fn seen_where(project: &Project, server: &ServerArguments) -> Result<Seen, Failure> {
    let Some(remote) = remote(server)? else { return seen(project) };
    let mut bundle = Vec::new();
    fetch(&remote, project, patience(server), &mut bundle)?;
    seen_in(project, &mut bundle.as_slice())
}

/// Fetches the evidence that counts from a server, as a bundle.
pub(crate) fn fetch(
    remote: &Remote,
    project: &Project,
    patience: Duration,
    bundle: &mut Vec<u8>,
) -> Result<(), Failure> {
    let Scope { since_day, environment, .. } = project.scope();
    let fetched = remote.evidence(&Wanted { environment, since_day }, patience)?;
    let read = fetched.take(FETCHED_BYTES_MAX).read_to_end(bundle);
    let read = read.map_err(|err| format!("the server `{}` broke off: {err}", remote.url));
    let count = read.map_err(|what| outside(what, Some(SERVER_HELP)))?;
    if u64::try_from(count).unwrap_or(u64::MAX) < FETCHED_BYTES_MAX {
        return Ok(());
    }
    let what = format!("the server's evidence is larger than {FETCHED_BYTES_MAX} bytes");
    Err(outside(what, Some("narrow it with `--since` or `--env`")))
}

/// The evidence of a bundle. The store is not needed; its key is used if it is there.
pub(crate) fn seen_in_bundle(project: &Project, bundle: &Path) -> Result<Seen, Failure> {
    seen_in(project, &mut BufReader::new(files::open(bundle)?))
}

fn seen_in(project: &Project, input: &mut dyn BufRead) -> Result<Seen, Failure> {
    let known = shelf::key_if_there(project.store())?;
    let key_id = known.as_ref().map(|(_, id)| id.as_str());
    let read = offline::evidence(input, &project.scope(), key_id)?;
    let grounds = Grounds::Bundle {
        windows: read.windows,
        is_any_in_scope: !read.evidence.is_empty(),
        is_foreign: read.is_foreign,
        digest: read.digest,
    };
    let key = known.map_or_else(|| LiteralKey::new(NO_KEY), |(key, _)| key);
    let Offline { evidence, sightings, releases, .. } = read;
    Ok(Seen { evidence, sightings, releases, key, observed: BTreeSet::new(), grounds })
}

/// Scans a folder and weighs what it says against what was seen.
pub(crate) fn weigh(
    project: &Project,
    folder: &Path,
    seen: Seen,
    terminal: Terminal,
) -> Result<Weighed, Failure> {
    let mut scanned = scan_folder(project, folder, seen.observed, terminal)?;
    let mut report = judge::judge(
        &mut scanned.claims,
        seen.evidence,
        &seen.releases,
        &project.policy(),
        &seen.key,
        &|host| project.name_of(host),
    );
    let tolerance = tolerance(project.store().folder());
    tolerance.worsen(&mut report, &scanned.claims);
    let mut accepted = BTreeMap::new();
    let mut ended = BTreeSet::new();
    let is_taken = |one: &&Finding| tolerance.known(one) == Some(Known::Takes);
    for finding in report.findings.iter().filter(is_taken) {
        let reason = "the tests took it when it was tried".to_owned();
        accepted.insert(finding.key(), Acceptance { reason, until: None });
    }
    for key in report.findings.iter().map(Finding::key) {
        let Some(accept) = project.config.accepted(&key) else { continue };
        if accept.is_live(project.as_of_ms) {
            let until = day_text(accept.until_day).parse().ok();
            accepted.insert(key, Acceptance { reason: accept.reason.clone(), until });
        } else {
            ended.insert(key);
        }
    }
    Ok(Weighed {
        claims: scanned.claims,
        unread: scanned.unread,
        files: scanned.files,
        evidence_files: scanned.evidence,
        report,
        accepted,
        ended,
        grounds: seen.grounds,
        as_of_ms: project.as_of_ms,
    })
}

/// Reads every claim of a folder.
pub(crate) fn scan_folder(
    project: &Project,
    folder: &Path,
    observed: BTreeSet<String>,
    terminal: Terminal,
) -> Result<Scanned, Failure> {
    let request = Scan {
        folder: PathBuf::from(folder),
        include: project.config.assumptions.include.clone(),
        exclude: project.config.assumptions.exclude.clone(),
        // Their paths begin at the project's folder.
        said: if folder == project.folder { project.config.said.clone() } else { Vec::new() },
        takes_ignored: false,
        observed,
    };
    let bar = terminal.progress("reading files", 1);
    let scanned = scan::scan(&request, &|done, all| {
        bar.set_length(u64::try_from(all).unwrap_or_default());
        bar.set_position(u64::try_from(done).unwrap_or_default());
    });
    bar.finish_and_clear();
    Ok(scanned?)
}

impl Weighed {
    /// What could not be read, as documents take it.
    pub(crate) fn unread(&self) -> Vec<reported::Unread<'_>> {
        unread(&self.unread)
    }

    /// Everything as documents take it.
    pub(crate) fn reported<'a>(&'a self, unread: &'a [reported::Unread<'a>]) -> Reported<'a> {
        Reported {
            report: &self.report,
            claims: &self.claims,
            unread,
            accepted: &self.accepted,
            as_of_ms: self.as_of_ms,
        }
    }

    /// Whether there is anything to compare: claims, and evidence that counts.
    pub(crate) fn can_compare(&self) -> bool {
        !self.claims.is_empty() && self.grounds.is_any_in_scope()
    }
}

impl Grounds {
    /// Whether any evidence counts.
    pub(crate) fn is_any_in_scope(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Store { is_any_in_scope, .. } | Self::Bundle { is_any_in_scope, .. } => {
                *is_any_in_scope
            }
        }
    }
}

/// What could not be read, as documents take it.
pub(crate) fn unread(all: &[Unread]) -> Vec<reported::Unread<'_>> {
    let unread = all.iter().map(|one| reported::Unread {
        file: &one.file,
        line: one.line,
        reason: &one.reason,
        remedy: &one.remedy,
    });
    unread.collect()
}
