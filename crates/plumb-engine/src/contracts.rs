//! Two versions of contracts, wherever they are: a file, a folder, a revision of the repository.
//!
//! Files are found by content and meet the file of the same name; one that is gone or new is told
//! as such. Refuses to know what formats say, and what a change is worth to a gate.

use crate::judge::Answer;
use crate::revision::{Revision, RevisionError};
use crate::scan::{Scan, ScanError, files_below};
use plumb_contract::change::{Change, Direction, Grade, Spot};
use plumb_contract::compare::{Asked, Version, changes, folder};
use plumb_contract::compared::{Compared, File, Unread};
use plumb_contract::kind::{Kind, is_candidate, kind};
use plumb_contract::reference;
use plumb_contract::weighed::{Weighed, counts};
use plumb_tree::FILE_BYTES_MAX;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Bytes of all files of one version: the largest public collections of contracts hold a few
/// hundred megabytes.
const VERSION_BYTES_MAX: usize = 1 << 30;

/// Where a version of contracts is.
#[derive(Clone, Debug)]
pub enum Place {
    /// A file or a folder on disk.
    Disk(PathBuf),
    /// A file or a folder in a revision; empty for all of it.
    Revision(Revision, String),
}

/// What goes wrong while contracts are gathered.
#[derive(Debug, Error)]
pub enum ContractsError {
    /// A file or folder that was named cannot be read.
    #[error("cannot read `{path}`: {source}")]
    Path {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A folder cannot be walked.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// Git does not give what was asked for.
    #[error(transparent)]
    Revision(#[from] RevisionError),
    /// There is more than is read.
    #[error("`{place}` holds more than {VERSION_BYTES_MAX} bytes of contracts")]
    TooMuch {
        /// Where.
        place: String,
    },
}

/// One version of contracts.
#[derive(Clone, Debug, Default)]
pub struct Contracts {
    /// The file that was named; `None` where a folder was.
    single: Option<String>,
    files: Vec<File>,
}

/// What two versions of contracts change.
#[derive(Clone, Debug, Default)]
pub struct Differences {
    /// The changes and what could not be read.
    pub compared: Compared,
    /// Contracts that were compared.
    pub contracts: usize,
}

/// Reads the contracts at a place.
///
/// # Errors
///
/// When nothing can be read there. A file in a folder that cannot be read is passed over: whether
/// it is a contract cannot be known.
pub fn gather(place: &Place) -> Result<Contracts, ContractsError> {
    match place {
        Place::Disk(path) => on_disk(path),
        Place::Revision(revision, path) => in_revision(revision, path),
    }
}

fn on_disk(path: &Path) -> Result<Contracts, ContractsError> {
    let failed = |source| ContractsError::Path { path: path.to_owned(), source };
    let metadata = fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        let scan = Scan { folder: path.to_owned(), ..Scan::default() };
        let mut files = Vec::new();
        let mut left = VERSION_BYTES_MAX;
        for name in files_below(&scan)?.into_iter().filter(|name| is_candidate(name)) {
            let Ok(bytes) = fs::read(path.join(&name)) else { continue };
            left = left.checked_sub(bytes.len()).ok_or_else(|| too_much(path))?;
            files.push(File { name, bytes });
        }
        return Ok(Contracts { single: None, files });
    }
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let root = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let first = File { name: root.clone(), bytes: fs::read(path).map_err(failed)? };
    let read =
        |names: &[String]| Ok(names.iter().map(|name| fs::read(folder.join(name)).ok()).collect());
    let files = with_references(first, &read)?;
    Ok(Contracts { single: Some(root), files })
}

fn in_revision(revision: &Revision, path: &str) -> Result<Contracts, ContractsError> {
    let listed = revision.list(path)?;
    if listed.is_empty() && !path.is_empty() {
        let path = PathBuf::from(path);
        return Err(ContractsError::Path { path, source: io::ErrorKind::NotFound.into() });
    }
    let bytes_max = FILE_BYTES_MAX as u64;
    if listed.iter().any(|name| name == path) {
        let (folder, root) = path.rsplit_once('/').unwrap_or(("", path));
        let bytes = revision.read(&[path.to_owned()], bytes_max)?.into_iter().next().flatten();
        let too_much = || ContractsError::TooMuch { place: path.to_owned() };
        let first = File { name: root.to_owned(), bytes: bytes.ok_or_else(too_much)? };
        let read = |names: &[String]| {
            let inside = |name: &String| match folder {
                "" => name.clone(),
                folder => format!("{folder}/{name}"),
            };
            Ok(revision.read(&names.iter().map(inside).collect::<Vec<_>>(), bytes_max)?)
        };
        let files = with_references(first, &read)?;
        return Ok(Contracts { single: Some(root.to_owned()), files });
    }
    let names: Vec<String> = listed.into_iter().filter(|name| is_candidate(name)).collect();
    let read = revision.read(&names, bytes_max)?;
    let prefix =
        if path.is_empty() { String::new() } else { format!("{}/", path.trim_end_matches('/')) };
    let mut files = Vec::new();
    let mut left = VERSION_BYTES_MAX;
    for (name, bytes) in names.into_iter().zip(read) {
        let Some(bytes) = bytes else { continue };
        left = left.checked_sub(bytes.len()).ok_or_else(|| too_much(Path::new(path)))?;
        let name = name.strip_prefix(&prefix).unwrap_or(&name).to_owned();
        files.push(File { name, bytes });
    }
    Ok(Contracts { single: None, files })
}

fn too_much(path: &Path) -> ContractsError {
    ContractsError::TooMuch { place: path.display().to_string() }
}

/// Reads files by name; `None` for one that is not there.
type Read<'a> = &'a dyn Fn(&[String]) -> Result<Vec<Option<Vec<u8>>>, ContractsError>;

/// A file, and those that it refers to, directly or through others.
fn with_references(first: File, read: Read<'_>) -> Result<Vec<File>, ContractsError> {
    let mut known = BTreeSet::from([first.name.clone()]);
    let mut left = VERSION_BYTES_MAX;
    let mut files = vec![first];
    let mut at = 0;
    while let Some(file) = files.get(at) {
        at += 1;
        let named = reference::named(file);
        let fresh: Vec<String> =
            named.into_iter().filter(|name| known.insert(name.clone())).collect();
        for (name, bytes) in fresh.iter().zip(read(&fresh)?) {
            // One that is not there is told by whoever misses it.
            let Some(bytes) = bytes else { continue };
            left = left.checked_sub(bytes.len()).ok_or_else(|| too_much(Path::new(name)))?;
            files.push(File { name: name.clone(), bytes });
        }
    }
    Ok(files)
}

/// What the new version changes of what the old one promised.
#[must_use]
pub fn compare(old: &Contracts, new: &Contracts, asked: &Asked) -> Differences {
    let version = |contracts: &'_ Contracts| contracts.single.clone();
    if let (Some(old_root), Some(new_root)) = (version(old), version(new)) {
        let old = Version { root: &old_root, files: &old.files };
        let new = Version { root: &new_root, files: &new.files };
        return Differences { compared: changes(old, new, asked), contracts: 1 };
    }
    let (before, after) = (roots(old), roots(new));
    let mut all = Differences::default();
    for (name, kind) in &before {
        let was = Version { root: name, files: &old.files };
        let compared = match after.get(name) {
            Some(_) => changes(was, Version { root: name, files: &new.files }, asked),
            None => Compared { changes: vec![gone(name, *kind)], unread: Vec::new() },
        };
        all.add(compared);
    }
    for (name, kind) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
        all.add(Compared { changes: vec![added(name, *kind)], unread: Vec::new() });
    }
    all
}

impl Differences {
    fn add(&mut self, mut compared: Compared) {
        self.contracts += 1;
        self.compared.changes.append(&mut compared.changes);
        self.compared.unread.append(&mut compared.unread);
    }
}

/// The contracts among files. Sources of Protobuf are one contract, since each imports others.
fn roots(contracts: &Contracts) -> BTreeMap<&str, Kind> {
    if let Some(single) = &contracts.single {
        let file = contracts.files.iter().find(|file| file.name == *single);
        return file.and_then(kind).map(|kind| (single.as_str(), kind)).into_iter().collect();
    }
    let found = contracts.files.iter().filter_map(|file| Some((file.name.as_str(), kind(file)?)));
    let mut roots: BTreeMap<&str, Kind> = found.collect();
    // A schema that an interface refers to is judged there, where it is known who writes.
    let whole = contracts.files.iter().filter(|file| {
        let kind = roots.get(file.name.as_str());
        kind.is_some_and(|kind| *kind != Kind::JsonSchema)
    });
    let parts: BTreeSet<String> = whole.flat_map(reference::named).collect();
    roots.retain(|name, kind| *kind != Kind::JsonSchema || !parts.contains(*name));
    let sources = roots.iter().filter(|(_, kind)| **kind == Kind::Protobuf);
    let sources: Vec<&str> = sources.map(|(name, _)| *name).collect();
    for other in sources.iter().skip(1) {
        roots.remove(other);
    }
    // So are the statements of one folder, since they are applied one after the other.
    let mut folders = BTreeSet::new();
    roots.retain(|name, kind| *kind != Kind::Sql || folders.insert(folder(name)));
    roots
}

fn gone(name: &str, kind: Kind) -> Change {
    Change {
        grade: Grade::Breaking,
        rule: "contract-removed",
        reason: "the contract is gone, and with it all that it promised".to_owned(),
        ..whole(name, kind)
    }
}

fn added(name: &str, kind: Kind) -> Change {
    Change {
        grade: Grade::Safe,
        rule: "contract-added",
        reason: "the contract is new, and nobody relies on it yet".to_owned(),
        old: None,
        new: whole(name, kind).old,
        ..whole(name, kind)
    }
}

fn whole(name: &str, kind: Kind) -> Change {
    Change {
        grade: Grade::Risky,
        rule: "contract",
        subject: format!("{} {name}", kind.name()),
        place: "all of it".to_owned(),
        direction: Direction::Both,
        old: Some(Spot { file: name.to_owned(), line: 1, column: 1 }),
        new: None,
        reason: String::new(),
        witness: None,
    }
}

/// Which changes refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// Those that break.
    Breaking,
    /// Those that may break as well.
    Risky,
}

/// The answer of the gate to changes, and why, in one line.
#[must_use]
pub fn decide(changes: &[Weighed], unread: &[Unread], fail_on: FailOn) -> (Answer, String) {
    let counts = counts(changes);
    let undecided = changes.iter().filter(|one| one.change.is_undecided()).count();
    if counts.breaking > 0 {
        let them = if counts.breaking == 1 { "change breaks" } else { "changes break" };
        return (Answer::Refuse, format!("{} {them} those who rely on it", counts.breaking));
    }
    let risky = counts.risky - undecided;
    if fail_on == FailOn::Risky && risky > 0 {
        return (Answer::Refuse, format!("{risky} risky, which `--fail-on risky` refuses"));
    }
    if !unread.is_empty() {
        let places = if unread.len() == 1 { "place" } else { "places" };
        return (Answer::CannotTell, format!("{} {places} could not be read", unread.len()));
    }
    if undecided > 0 {
        return (Answer::CannotTell, format!("{undecided} could not be decided"));
    }
    let reason = if changes.is_empty() { "nothing changes" } else { "nothing breaks" };
    (Answer::Pass, reason.to_owned())
}

/// The changes as they are told: those that break first, each group by where it belongs.
#[must_use]
pub fn in_order(changes: Vec<Change>) -> Vec<Weighed> {
    let mut all: Vec<Weighed> = changes.into_iter().map(Weighed::without_evidence).collect();
    all.sort_by(|one, other| order(&one.change).cmp(&order(&other.change)));
    // Several old versions break alike.
    all.dedup_by(|one, other| one.change == other.change);
    all
}

/// By what changes are put in order: the worst first, each group by where it belongs.
pub(crate) fn order(change: &Change) -> impl Ord + '_ {
    (change.grade, &change.subject, &change.place, change.rule)
}
