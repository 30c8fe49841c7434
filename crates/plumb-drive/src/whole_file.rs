//! A file that routers read: replaced whole or not at all.
//!
//! Refuses to know what is in it.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Bytes of such a file that are read; people and programs write a few thousand.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The text of a file; `None` where it is not there.
pub(crate) fn read(path: &Path) -> io::Result<Option<String>> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(err) => return Err(err),
    };
    let mut text = String::new();
    file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(io::Error::other(format!("it has more than {FILE_BYTES_MAX} bytes")));
    }
    Ok(Some(text))
}

/// Puts a text in place of what is there, or takes the file away. Nobody ever sees half of it.
pub(crate) fn put(path: &Path, text: Option<&str>) -> io::Result<()> {
    let Some(text) = text else { return fs::remove_file(path) };
    let draft = draft(path);
    let write = || -> io::Result<()> {
        let mut file = fs::File::create(&draft)?;
        if let Ok(there) = fs::metadata(path) {
            // Whoever could read it still can.
            file.set_permissions(there.permissions())?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    write().inspect_err(|_| {
        // It may not be there; what went wrong before is what counts.
        fs::remove_file(&draft).ok();
    })
}

/// Beside the file, so that it can be renamed, and under an ending that no pattern for
/// configurations takes in.
fn draft(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".plumb-draft");
    path.with_file_name(name)
}
