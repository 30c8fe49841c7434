//! Files as they are in a revision of the repository, asked of git.
//!
//! Nothing is checked out and nothing changes. Refuses to know what the files are.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use thiserror::Error;

/// What git does not give.
#[derive(Debug, Error)]
pub enum RevisionError {
    /// It cannot be run at all.
    #[error("git cannot be run in `{folder}`: {source}")]
    NoGit {
        /// Where it was run.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It knows no such revision, or this is no repository.
    #[error("`{revision}` is no revision here: {said}")]
    Unknown {
        /// What was asked for.
        revision: String,
        /// What git said.
        said: String,
    },
    /// What it answered cannot be read.
    #[error("git gives no file `{path}` of `{revision}`: {reason}")]
    Unreadable {
        /// The revision.
        revision: String,
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
}

/// A revision of the repository that a folder lies in.
#[derive(Clone, Debug)]
pub struct Revision {
    folder: PathBuf,
    name: String,
}

impl Revision {
    /// The revision of this name: a branch, a tag, a commit.
    ///
    /// # Errors
    ///
    /// When git cannot be run or knows no such revision.
    pub fn find(folder: &Path, name: &str) -> Result<Self, RevisionError> {
        let revision = Self { folder: folder.to_owned(), name: name.to_owned() };
        // What begins like an option would be taken for one.
        if name.starts_with('-') {
            return Err(revision.unknown("it begins with a dash"));
        }
        let commit = format!("{name}^{{commit}}");
        revision.ask(&["rev-parse", "--quiet", "--verify", "--end-of-options", &commit])?;
        Ok(revision)
    }

    /// The files below a path, as paths from the folder, in order.
    ///
    /// # Errors
    ///
    /// When git does not answer.
    pub fn list(&self, below: &str) -> Result<Vec<String>, RevisionError> {
        let below = if below.is_empty() { "." } else { below };
        let listed = self.ask(&["ls-tree", "-r", "-z", "--name-only", &self.name, "--", below])?;
        let paths = listed.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect())
    }

    /// What files hold, in the order of their paths; `None` for one that is not there, or is larger
    /// than `bytes_max`.
    ///
    /// # Errors
    ///
    /// When git does not answer.
    pub fn read(
        &self,
        paths: &[String],
        bytes_max: u64,
    ) -> Result<Vec<Option<Vec<u8>>>, RevisionError> {
        let mut child = self
            .git(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| self.no_git(source))?;
        let read = self.read_all(&mut child, paths, bytes_max);
        // It ends when its input does; one that was left in the middle must not stay.
        drop(child.kill());
        drop(child.wait());
        read
    }

    fn read_all(
        &self,
        child: &mut Child,
        paths: &[String],
        bytes_max: u64,
    ) -> Result<Vec<Option<Vec<u8>>>, RevisionError> {
        let failed = |path: &str, reason: String| RevisionError::Unreadable {
            revision: self.name.clone(),
            path: path.to_owned(),
            reason,
        };
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed("", "it has no pipes".to_owned()));
        };
        let mut output = BufReader::new(output);
        let mut all = Vec::with_capacity(paths.len());
        for path in paths {
            if path.contains('\n') {
                return Err(failed(path, "its name has a line break".to_owned()));
            }
            let mut one = || -> io::Result<Option<Vec<u8>>> {
                writeln!(input, "{}:./{path}", self.name)?;
                input.flush()?;
                let mut header = String::new();
                output.read_line(&mut header)?;
                let Some(size) = blob_size(&header) else { return Ok(None) };
                let mut bytes = Vec::new();
                let held = size.min(bytes_max);
                output.by_ref().take(held).read_to_end(&mut bytes)?;
                // The rest of what is too large, and the line break after it.
                let rest = output.by_ref().take(size - held + 1);
                io::copy(&mut { rest }, &mut io::sink())?;
                Ok((size <= bytes_max).then_some(bytes))
            };
            all.push(one().map_err(|err| failed(path, err.to_string()))?);
        }
        Ok(all)
    }

    fn ask(&self, arguments: &[&str]) -> Result<Vec<u8>, RevisionError> {
        let output = self.git(arguments).output().map_err(|source| self.no_git(source))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(self.unknown(said.lines().next().unwrap_or("git does not know it")))
    }

    fn git(&self, arguments: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.arg("-C").arg(&self.folder).args(arguments);
        git
    }

    fn no_git(&self, source: io::Error) -> RevisionError {
        RevisionError::NoGit { folder: self.folder.clone(), source }
    }

    fn unknown(&self, said: &str) -> RevisionError {
        RevisionError::Unknown { revision: self.name.clone(), said: said.to_owned() }
    }
}

/// The size in a header of `cat-file --batch`: `<id> blob <size>`; `None` for what is no file.
fn blob_size(header: &str) -> Option<u64> {
    let mut words = header.split_whitespace().rev();
    let size = words.next()?.parse().ok()?;
    (words.next()? == "blob").then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(folder: &Path, arguments: &[&str]) {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
        let status = Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(identity)
            .args(arguments)
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success(), "{arguments:?}");
    }

    #[test]
    fn files_of_a_revision_are_read_without_touching_those_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let write = |name: &str, text: &str| std::fs::write(path.join(name), text).unwrap();
        git(path, &["init", "--quiet", "--initial-branch=main"]);
        std::fs::create_dir(path.join("api")).unwrap();
        write("api/a.yaml", "one\n");
        write("api/b c.yaml", "");
        git(path, &["add", "."]);
        git(path, &["commit", "--quiet", "-m", "first"]);
        write("api/a.yaml", "two\n");
        let revision = Revision::find(path, "main").unwrap();
        assert_eq!(revision.list("api").unwrap(), ["api/a.yaml", "api/b c.yaml"]);
        let paths = ["api/a.yaml", "gone", "api/b c.yaml", "api"].map(str::to_owned);
        let read = revision.read(&paths, 100).unwrap();
        assert_eq!(read, [Some(b"one\n".to_vec()), None, Some(Vec::new()), None]);
        // A folder is no file, and what is too large leaves the next in its place.
        let read = revision.read(&["api/a.yaml", "api/b c.yaml"].map(str::to_owned), 2).unwrap();
        assert_eq!(read, [None, Some(Vec::new())]);
        assert_eq!(std::fs::read_to_string(path.join("api/a.yaml")).unwrap(), "two\n");
    }

    #[test]
    fn what_is_no_revision_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let found = Revision::find(folder.path(), "main").unwrap_err().to_string();
        assert!(found.contains("`main` is no revision here"), "{found}");
        let found = Revision::find(folder.path(), "--output=x").unwrap_err().to_string();
        assert!(found.contains("begins with a dash"), "{found}");
    }
}
