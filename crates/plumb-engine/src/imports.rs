//! Files of mocks that a person names: what they say, and their answers as they stand.
//!
//! Refuses to know what becomes of them.

use crate::scan::{Scan, ScanError, Scanned, read_beside, scan, scan_file};
use plumb_claims::mend::verbatim::{Verbatim, verbatim};
use plumb_claims::reading::{SourceFile, Unread};
use plumb_shape::claim::Claim;
use std::path::{Path, PathBuf};

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Imports {
    /// What is said, in order of paths, files and lines.
    pub claims: Vec<Claim>,
    /// The answers as they stand, claim by claim; none for rules about answers.
    pub verbatim: Vec<Option<Verbatim>>,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

/// Reads files, and folders with all that lies below. Files are named as they lie below `home`,
/// where they do.
///
/// # Errors
///
/// When a folder cannot be walked.
pub fn read_imports(home: &Path, paths: &[PathBuf]) -> Result<Imports, ScanError> {
    let mut all = Imports::default();
    for path in paths {
        let path = path
            .canonicalize()
            .map_err(|err| ScanError::Folder { path: path.clone(), reason: err.to_string() })?;
        let home = home.canonicalize().ok().filter(|home| path.starts_with(home));
        let (folder, scanned) = if path.is_dir() {
            let folder = path.clone();
            let asked = Scan { folder: path, takes_ignored: true, ..Scan::default() };
            (folder, scan(&asked, &|_, _| ())?)
        } else {
            let folder = home.or_else(|| path.parent().map(Path::to_owned)).unwrap_or_default();
            let scanned = scan_file(&folder, &path);
            (folder, scanned)
        };
        all.add(&folder, scanned);
    }
    Ok(all)
}

impl Imports {
    fn add(&mut self, folder: &Path, scanned: Scanned) {
        let beside = |other: &str| read_beside(folder, other);
        let of_one_file = |one: &Claim, other: &Claim| one.source.file == other.source.file;
        for claims in scanned.claims.chunk_by(of_one_file) {
            let path = claims.first().map(|claim| claim.source.file.as_str()).unwrap_or_default();
            let bytes = beside(path).unwrap_or_default();
            let file = SourceFile { path, bytes: &bytes };
            let claims: Vec<&Claim> = claims.iter().collect();
            self.verbatim.extend(verbatim(&file, &claims, &beside));
        }
        self.claims.extend(scanned.claims);
        self.unread.extend(scanned.unread);
    }
}
