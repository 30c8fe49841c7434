//! The repository's files, read once, so that every check is a pure function over them.
//!
//! Refuses to know version control and what any file means.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Folders that hold what builds and trials leave behind; `.gitignore` names the same ones.
const LEFT_OUT: [&str; 4] = [".git", "target", "fuzz/target", "fuzz/artifacts"];

/// The folder of Plumb's own store, left out wherever it stands.
const STORE_FOLDER: &str = ".plumb";

/// Folders inside folders; a deeper tree is not one that a person laid out.
const DEPTH_MAX: usize = 24;

/// Files in the repository; beyond this the walk has strayed into something built.
const FILES_MAX: usize = 20_000;

/// Bytes of a file that is read as text; larger ones are captures, known by name only.
const TEXT_BYTES_MAX: u64 = 4 << 20;

/// Every file of the repository by its path from the root, with forward slashes.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, Option<String>>,
}

/// A tree that could not be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// The system refused a file or folder.
    Refused(PathBuf, io::Error),
    /// The tree holds more files, or deeper folders, than a repository has.
    Boundless(PathBuf),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(path, error) => write!(out, "cannot read `{}`: {error}", path.display()),
            Self::Boundless(path) => write!(out, "too many files at `{}`", path.display()),
        }
    }
}

impl Tree {
    /// The paths of all files, in order.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The files that are text, in order of their paths.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// The files of the project's own Rust code, in order of their paths.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter(|(path, _)| path.ends_with(".rs"))
    }

    /// The text of one file; none if the file is absent, not text, or too large.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Whether a file or folder stands at this path; the empty path is the root.
    pub(crate) fn holds(&self, path: &str) -> bool {
        if path.is_empty() || self.files.contains_key(path) {
            return true;
        }
        let folder = format!("{path}/");
        self.files.range(folder.clone()..).next().is_some_and(|(next, _)| next.starts_with(&folder))
    }
}

/// Reads the repository at `root`, without following links.
///
/// # Errors
/// When a file or folder cannot be read, or the tree exceeds its bounds.
pub(crate) fn read(root: &Path) -> Result<Tree, Unreadable> {
    let mut tree = Tree::default();
    read_folder(root, "", 0, &mut tree)?;
    Ok(tree)
}

fn read_folder(at: &Path, path: &str, depth: usize, tree: &mut Tree) -> Result<(), Unreadable> {
    let refused = |error| Unreadable::Refused(at.to_owned(), error);
    if depth > DEPTH_MAX || tree.files.len() > FILES_MAX {
        return Err(Unreadable::Boundless(at.to_owned()));
    }
    for entry in fs::read_dir(at).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        let kind = entry.file_type().map_err(refused)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let inner = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        if kind.is_dir() {
            if name != STORE_FOLDER && !LEFT_OUT.contains(&inner.as_str()) {
                read_folder(&entry.path(), &inner, depth + 1, tree)?;
            }
        } else if kind.is_file() {
            let text = read_text(&entry.path())?;
            tree.files.insert(inner, text);
        }
    }
    Ok(())
}

fn read_text(at: &Path) -> Result<Option<String>, Unreadable> {
    let refused = |error| Unreadable::Refused(at.to_owned(), error);
    if fs::metadata(at).map_err(refused)?.len() > TEXT_BYTES_MAX {
        return Ok(None);
    }
    Ok(String::from_utf8(fs::read(at).map_err(refused)?).ok())
}

#[cfg(test)]
pub(crate) fn planted(files: &[(&str, &str)]) -> Tree {
    let plant = |(path, text): &(&str, &str)| ((*path).to_owned(), Some((*text).to_owned()));
    Tree { files: files.iter().map(plant).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_held_through_their_files() {
        let tree = planted(&[("docs/design/a.md", ""), ("docs.md", "")]);
        for path in ["", "docs", "docs/design", "docs/design/a.md", "docs.md"] {
            assert!(tree.holds(path), "{path}");
        }
        for path in ["doc", "docs/des", "docs/design/b.md"] {
            assert!(!tree.holds(path), "{path}");
        }
    }

    #[test]
    fn rust_files_are_told_by_their_ending() {
        let tree = planted(&[("a.rs", "1"), ("b.md", "2")]);
        assert_eq!(tree.rust().collect::<Vec<_>>(), [("a.rs", "1")]);
        assert_eq!(tree.text("b.md"), Some("2"));
        assert_eq!(tree.text("c.md"), None);
    }
}
