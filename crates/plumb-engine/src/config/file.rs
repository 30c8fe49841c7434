//! Where configuration is looked for: the folder and those above it, the user's and the system's.
//!
//! Refuses to know what a file says, and to touch the disk itself.

use crate::config::error::ConfigError;
use crate::config::setting::Flag;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The name of a project's file.
pub const PROJECT_FILE: &str = "plumb.toml";

/// The variable that names the project's file, for want of a flag.
pub const FILE_VARIABLE: &str = "PLUMB_CONFIG";

/// The system's file.
pub const SYSTEM_FILE: &str = "/etc/plumb/config.toml";

/// Folders searched upwards for the project's file; deeper nesting is no project's.
const FOLDERS_MAX: usize = 64;

/// What is needed to load a configuration.
#[derive(Clone, Copy)]
pub struct LoadRequest<'a> {
    /// The folder from which the project is looked for, absolute.
    pub folder: &'a Path,
    /// The project's file, if one was named; relative to the folder.
    pub file: Option<&'a Path>,
    /// Settings given by flags.
    pub flags: &'a [Flag<'a>],
    /// Gives a variable of the process's environment. An empty one counts as not set.
    pub variables: &'a dyn Fn(&str) -> Option<String>,
    /// Reads a file; `None` if there is none.
    pub read: &'a dyn Fn(&Path) -> io::Result<Option<String>>,
}

/// A file's text, its name as people are told it, and its folder.
#[derive(Clone, Debug)]
pub(crate) struct FileText {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) text: String,
}

impl fmt::Debug for LoadRequest<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = out.debug_struct("LoadRequest");
        shown.field("folder", &self.folder).field("file", &self.file).field("flags", &self.flags);
        shown.finish_non_exhaustive()
    }
}

/// A variable that is set and not empty.
pub(crate) fn variable(request: &LoadRequest<'_>, name: &str) -> Option<String> {
    (request.variables)(name).filter(|value| !value.is_empty())
}

/// The text of the file that a variable names; `None` when it names none.
///
/// # Errors
/// [`ConfigError::Named`].
pub(crate) fn named_text(
    request: &LoadRequest<'_>,
    name: &'static str,
) -> Result<Option<String>, ConfigError> {
    let Some(file) = variable(request, name) else { return Ok(None) };
    let read = (request.read)(&request.folder.join(&file));
    let read = read.and_then(|text| text.ok_or_else(|| io::ErrorKind::NotFound.into()));
    read.map(Some).map_err(|error: io::Error| ConfigError::Named {
        variable: name,
        file,
        detail: error.to_string(),
    })
}

/// The project's file: the one that was named, or the nearest from the folder upwards.
///
/// # Errors
/// [`ConfigError::Missing`] for a named one, [`ConfigError::Unreadable`].
pub(crate) fn find_project(request: &LoadRequest<'_>) -> Result<Option<FileText>, ConfigError> {
    let named = request.file.map(Path::to_owned);
    if let Some(file) = named.or_else(|| variable(request, FILE_VARIABLE).map(PathBuf::from)) {
        let name = file.display().to_string();
        let found = read_text(request, &request.folder.join(&file), &name)?;
        return found.map(Some).ok_or(ConfigError::Missing { file: name });
    }
    for folder in request.folder.ancestors().take(FOLDERS_MAX) {
        let path = folder.join(PROJECT_FILE);
        let name = path.strip_prefix(request.folder).unwrap_or(&path).display().to_string();
        if let Some(found) = read_text(request, &path, &name)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The user's file, by the rules for such folders: a relative `XDG_CONFIG_HOME` does not count.
pub(crate) fn user_file(request: &LoadRequest<'_>) -> Option<PathBuf> {
    let given = variable(request, "XDG_CONFIG_HOME").map(PathBuf::from);
    let given = given.filter(|folder| folder.is_absolute());
    let folder = given.or_else(|| Some(PathBuf::from(variable(request, "HOME")?).join(".config")));
    Some(folder?.join("plumb").join("config.toml"))
}

/// A file's text; `None` if there is no such file.
///
/// # Errors
/// [`ConfigError::Unreadable`].
pub(crate) fn read_text(
    request: &LoadRequest<'_>,
    path: &Path,
    name: &str,
) -> Result<Option<FileText>, ConfigError> {
    let text = (request.read)(path).map_err(|error| ConfigError::Unreadable {
        file: name.to_owned(),
        detail: error.to_string(),
    })?;
    let folder = path.parent().unwrap_or(request.folder).to_owned();
    Ok(text.map(|text| FileText { name: name.to_owned(), folder, text }))
}
