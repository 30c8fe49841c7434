//! Files as commands use them: read if there, written whole or not at all, added to.
//!
//! Refuses to know what is in them.

use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A larger text is no configuration and no document of ours.
const TEXT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A file that could not be used.
#[derive(Debug, Error)]
#[error("cannot {doing} `{path}`: {source}")]
pub struct FileError {
    /// What was tried: `read`, `write`.
    pub doing: &'static str,
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// The text of a file; `None` when it is not there.
///
/// # Errors
///
/// When it is there and cannot be read, or is no text in UTF-8 of at most 64 MiB.
pub fn read_text(path: &Path) -> io::Result<Option<String>> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(err) => return Err(err),
    };
    let mut text = String::new();
    file.take(TEXT_BYTES_MAX).read_to_string(&mut text)?;
    Ok(Some(text))
}

/// What a file has from this byte on, at most so many bytes; nothing where it is not there.
///
/// # Errors
///
/// When it cannot be read.
pub fn read_from(path: &Path, from: u64, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut file = match fs::File::open(path) {
        Ok(file) => file,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(err) => return Err(err),
    };
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// How long a file is, in bytes; zero where it is not there.
///
/// # Errors
///
/// When it cannot be looked at.
pub fn bytes(path: &Path) -> io::Result<u64> {
    match fs::metadata(path) {
        Ok(meta) => Ok(meta.len()),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(err) => Err(err),
    }
}

/// Opens a file for reading.
///
/// # Errors
///
/// When it cannot be read, also because it is a folder.
pub fn open(path: &Path) -> Result<fs::File, FileError> {
    let failed = |source| FileError { doing: "read", path: path.to_owned(), source };
    let file = fs::File::open(path).map_err(failed)?;
    let is_folder = file.metadata().map_err(failed)?.is_dir();
    if is_folder {
        return Err(failed(io::Error::other("it is a folder")));
    }
    Ok(file)
}

/// Writes a file in place of what was there: all of it or nothing.
///
/// # Errors
///
/// When it cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let failed = |source| FileError { doing: "write", path: path.to_owned(), source };
    if !is_plain(path) {
        // A device, a pipe or a link is written through, since it cannot be replaced.
        return fs::write(path, bytes).map_err(failed);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.draft", std::process::id()));
    let draft = path.with_file_name(name);
    let write = || -> io::Result<()> {
        let mut file = fs::File::create(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    write().map_err(|source| {
        // The draft may not be there; what went wrong before is what counts.
        drop(fs::remove_file(&draft));
        failed(source)
    })
}

/// Adds to the end of a file.
///
/// # Errors
///
/// When it cannot be written.
pub fn append(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let failed = |source| FileError { doing: "write", path: path.to_owned(), source };
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
    file.write_all(bytes).map_err(failed)
}

/// The names of what lies in a folder, in order; nothing where there is no folder. What is no text
/// is left out.
///
/// # Errors
///
/// When it cannot be read.
pub fn names(folder: &Path) -> Result<Vec<String>, FileError> {
    let failed = |source| FileError { doing: "list", path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(err) => return Err(failed(err)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.map_err(failed)?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

/// Makes a folder and those above it.
///
/// # Errors
///
/// When it cannot be made.
pub fn make_folder(path: &Path) -> Result<(), FileError> {
    let failed = |source| FileError { doing: "make", path: path.to_owned(), source };
    fs::create_dir_all(path).map_err(failed)
}

/// Removes a folder with everything in it.
///
/// # Errors
///
/// When it cannot be removed.
pub fn remove_folder(path: &Path) -> Result<(), FileError> {
    let failed = |source| FileError { doing: "remove", path: path.to_owned(), source };
    fs::remove_dir_all(path).map_err(failed)
}

/// True when a plain file is there, or nothing.
fn is_plain(path: &Path) -> bool {
    fs::symlink_metadata(path).map_or(true, |meta| meta.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        assert_eq!(read_text(&path).unwrap(), None);
        write_whole(&path, b"one\n").unwrap();
        write_whole(&path, b"two\n").unwrap();
        append(&path, b"three\n").unwrap();
        assert_eq!(read_text(&path).unwrap().as_deref(), Some("two\nthree\n"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn errors_say_what_was_tried() {
        let folder = tempfile::tempdir().unwrap();
        let refused = open(folder.path()).unwrap_err().to_string();
        assert!(refused.ends_with("it is a folder"), "{refused}");
        let beyond = folder.path().join("none/a.txt");
        assert!(write_whole(&beyond, b"").unwrap_err().to_string().starts_with("cannot write `"));
    }
}
