//! Scanning: walks a folder and reads every claim that its files hold.
//!
//! Files are found by content, not by configuration; what version control ignores is left out. No
//! network is used, and no file outside the folder is read.

use globset::{Glob, GlobSet, GlobSetBuilder};
use ignore::WalkBuilder;
use plumb_claims::dialect;
use plumb_claims::fixture::{self, Fixture};
use plumb_claims::reading::{Reading, SourceFile, Unread};
use plumb_claims::recognise::{HEAD_BYTES, Recognition, glance_bytes, recognise};
use plumb_shape::claim::Claim;
use plumb_tree::FILE_BYTES_MAX;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use thiserror::Error;

/// More files than this are not scanned in one go; a repository beyond it wants a narrower folder.
const FILES_MAX: usize = 1_000_000;

/// What to scan.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// The folder.
    pub folder: PathBuf,
    /// Only files that match one of these globs; all when empty.
    pub include: Vec<String>,
    /// No file that matches one of these globs.
    pub exclude: Vec<String>,
    /// Files that are what somebody says of a dependency.
    pub said: Vec<Fixture>,
    /// Whether files that version control ignores are read too: a person may mean just these.
    pub takes_ignored: bool,
    /// Hashes of files that were observed as evidence and so are no fixtures.
    pub observed: BTreeSet<String>,
}

/// What a scan found.
#[derive(Clone, Debug, Default)]
pub struct Scanned {
    /// The claims, in order of file and line.
    pub claims: Vec<Claim>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// Files looked at.
    pub files: usize,
    /// Files that were left out because they were observed as evidence.
    pub evidence: Vec<String>,
}

/// What goes wrong while scanning.
#[derive(Debug, Error)]
pub enum ScanError {
    /// The folder cannot be walked.
    #[error("cannot scan `{path}`: {reason}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The folder holds more files than one scan reads.
    #[error("`{path}` holds more than {FILES_MAX} files")]
    TooMany {
        /// The folder.
        path: PathBuf,
    },
    /// A glob of the configuration is not one.
    #[error("`{glob}` is not a pattern: {reason}")]
    Glob {
        /// The pattern.
        glob: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// What one file holds.
enum Held {
    Nothing,
    Evidence,
    Claims(Reading),
}

/// Scans. `progress` is called with files done and files in all.
///
/// # Errors
///
/// When the folder cannot be walked or a pattern is not one. Files that cannot be read are in
/// [`Scanned::unread`].
pub fn scan(
    request: &Scan,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Scanned, ScanError> {
    let files = files(request)?;
    let done = AtomicUsize::new(0);
    let read_one = |path: &PathBuf| {
        let held = read_file(request, path);
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, files.len());
        held
    };
    let read: Vec<Held> = files.par_iter().map(read_one).collect();
    let mut scanned = Scanned { files: files.len(), ..Scanned::default() };
    for (path, held) in files.iter().zip(read) {
        match held {
            Held::Nothing => {}
            Held::Evidence => scanned.evidence.push(relative(&request.folder, path)),
            Held::Claims(mut reading) => {
                scanned.claims.append(&mut reading.claims);
                scanned.unread.append(&mut reading.unread);
            }
        }
    }
    // Whoever names a file wants it read, whatever is included.
    let beside = |other: &str| read_beside(&request.folder, other);
    for said in &request.said {
        let mut reading = fixture::read(said, &beside);
        scanned.claims.append(&mut reading.claims);
        scanned.unread.append(&mut reading.unread);
    }
    Ok(scanned)
}

/// Reads one file, whatever its name and whoever ignores it. Its claims name it as it lies below
/// the folder, and bodies that it keeps elsewhere are found below the folder alone.
#[must_use]
pub fn scan_file(folder: &Path, path: &Path) -> Scanned {
    let request = Scan { folder: folder.to_owned(), ..Scan::default() };
    let held = read_file(&request, path);
    let reading = match held {
        Held::Claims(reading) => reading,
        Held::Nothing | Held::Evidence => Reading::default(),
    };
    let Reading { claims, unread } = reading;
    Scanned { claims, unread, files: 1, evidence: Vec::new() }
}

/// The names of the files below the folder that a scan looks at, relative to it, in order.
///
/// # Errors
///
/// When the folder cannot be walked or a pattern is not one.
pub fn files_below(request: &Scan) -> Result<Vec<String>, ScanError> {
    let files = files(request)?;
    Ok(files.iter().map(|path| relative(&request.folder, path)).collect())
}

fn files(request: &Scan) -> Result<Vec<PathBuf>, ScanError> {
    let include = globs(&request.include)?;
    let exclude = globs(&request.exclude)?;
    let walk = WalkBuilder::new(&request.folder)
        .standard_filters(!request.takes_ignored)
        .require_git(false)
        .hidden(false)
        .filter_entry(|entry| !matches!(entry.file_name().to_str(), Some(".git" | ".plumb")))
        .sort_by_file_path(Path::cmp)
        .build();
    let mut files = Vec::new();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(err) if files.is_empty() && !request.folder.is_dir() => {
                let path = request.folder.clone();
                return Err(ScanError::Folder { path, reason: err.to_string() });
            }
            // A folder that may not be entered holds no readable claims.
            Err(_) => continue,
        };
        let path = entry.path();
        let name = relative(&request.folder, path);
        let wanted = include.is_empty() || include.is_match(&name);
        if entry.file_type().is_some_and(|kind| kind.is_file())
            && wanted
            && !exclude.is_match(&name)
        {
            files.push(path.to_owned());
        }
        if files.len() > FILES_MAX {
            return Err(ScanError::TooMany { path: request.folder.clone() });
        }
    }
    Ok(files)
}

fn globs(patterns: &[String]) -> Result<GlobSet, ScanError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let failed = |err: globset::Error| ScanError::Glob {
            glob: pattern.clone(),
            reason: err.to_string(),
        };
        set.add(Glob::new(pattern).map_err(failed)?);
    }
    set.build().map_err(|err| ScanError::Glob { glob: patterns.join(" "), reason: err.to_string() })
}

fn read_file(request: &Scan, path: &Path) -> Held {
    let name = relative(&request.folder, path);
    let bytes = match candidate(&name, path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Held::Nothing,
        Err(err) => {
            return Held::Claims(unread(&name, &err.to_string(), "make the file readable"));
        }
    };
    if bytes.len() > FILE_BYTES_MAX {
        return Held::Claims(unread(&name, "the file is larger than 64 MiB", "observe it instead"));
    }
    if !request.observed.is_empty()
        && request.observed.contains(&crate::shelf::hex(&Sha256::digest(&bytes)))
    {
        return Held::Evidence;
    }
    let beside = |other: &str| read_beside(&request.folder, other);
    let file = SourceFile { path: &name, bytes: &bytes };
    Held::Claims(dialect::read(&file, &beside))
}

/// The bytes of a file that may hold claims, and one more than [`FILE_BYTES_MAX`] of a larger one.
/// Most files of a repository are of other kinds: their head tells, and no more is read of them.
fn candidate(name: &str, path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    let mut file = fs::File::open(path)?;
    let glance = glance_bytes(name);
    let mut bytes = Vec::with_capacity(HEAD_BYTES);
    file.by_ref().take(glance as u64).read_to_end(&mut bytes)?;
    if !matches!(recognise(name, &bytes), Recognition::Candidate { .. }) {
        return Ok(None);
    }
    if bytes.len() == glance {
        let rest_max = (FILE_BYTES_MAX + 1 - glance) as u64;
        file.take(rest_max).read_to_end(&mut bytes)?;
    }
    Ok(Some(bytes))
}

/// Another file of the folder; nothing that lies outside it, also not by a link.
pub(crate) fn read_beside(folder: &Path, other: &str) -> Option<Vec<u8>> {
    let inside = Path::new(other);
    if !inside.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return None;
    }
    let path = folder.join(inside).canonicalize().ok()?;
    let root = folder.canonicalize().ok()?;
    let size = fs::metadata(&path).ok()?.len();
    (path.starts_with(root) && size <= FILE_BYTES_MAX as u64).then(|| fs::read(path).ok())?
}

fn unread(name: &str, reason: &str, remedy: &str) -> Reading {
    let unread = Unread {
        file: name.to_owned(),
        line: 1,
        reason: reason.to_owned(),
        remedy: remedy.to_owned(),
    };
    Reading { claims: Vec::new(), unread: vec![unread] }
}

fn relative(folder: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    let parts = inside.components().map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}
