//! A file that grows: what was added since the last look, across being cut short and replaced.
//!
//! Refuses to know what its lines say, and to wait.

use crate::files;
use std::fs::{File, Metadata, metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes read at one look, so that judging is not put off by a file that is large at first.
const LOOK_BYTES_MAX: u64 = 64 << 20;

/// The longest line; of a longer one the rest is dropped up to its end. Collectors write a batch of
/// spans on a line, some MiB of them.
const LINE_BYTES_MAX: usize = 16 << 20;

/// A file that is followed by its name.
#[derive(Debug)]
pub struct Follow {
    path: PathBuf,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    identity: Option<(u64, u64)>,
    at: u64,
    rest: Vec<u8>,
    is_skipping: bool,
}

/// What one look found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grown {
    /// Whole lines.
    pub lines: Vec<u8>,
    /// Lines that were too long.
    pub too_long: u64,
}

impl Follow {
    /// A file by its name; it need not be there yet.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), open: None }
    }

    /// Its name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was added since the last look. A file that is not there has nothing.
    ///
    /// # Errors
    ///
    /// What the system said, when it is there and cannot be read.
    pub fn look(&mut self) -> io::Result<Grown> {
        let mut grown = Grown::default();
        let now = match metadata(&self.path) {
            Ok(now) => Some(now),
            Err(err) if err.kind() == io::ErrorKind::NotFound => None,
            Err(err) => return Err(err),
        };
        if let Some(open) = &mut self.open {
            if now.as_ref().is_some_and(|now| open.is_cut_short(now)) {
                open.begin_again()?;
            }
            let is_all = open.read(&mut grown)?;
            let is_replaced = now.as_ref().is_some_and(|now| open.identity != identity(now));
            if is_replaced && is_all {
                // A last line without its end is a line all the same.
                open.end(&mut grown);
                self.open = None;
            }
        }
        if self.open.is_none() && now.is_some() {
            let file = files::open(&self.path).map_err(|err| io::Error::other(err.to_string()))?;
            let identity = identity(&file.metadata()?);
            let rest = Vec::new();
            let mut open = Open { file, identity, at: 0, rest, is_skipping: false };
            open.read(&mut grown)?;
            self.open = Some(open);
        }
        Ok(grown)
    }
}

impl Open {
    fn is_cut_short(&self, now: &Metadata) -> bool {
        self.identity == identity(now) && now.len() < self.at
    }

    fn begin_again(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.at = 0;
        self.rest.clear();
        self.is_skipping = false;
        Ok(())
    }

    /// Reads on; whether all of it has been read.
    fn read(&mut self, grown: &mut Grown) -> io::Result<bool> {
        let before = self.rest.len();
        let mut limited = (&mut self.file).take(LOOK_BYTES_MAX);
        let count = limited.read_to_end(&mut self.rest)?;
        self.at += count as u64;
        if self.is_skipping {
            match memchr::memchr(b'\n', &self.rest[before..]) {
                Some(end) => {
                    self.rest.drain(..=before + end);
                    self.is_skipping = false;
                }
                None => self.rest.clear(),
            }
        }
        let whole = memchr::memrchr(b'\n', &self.rest).map_or(0, |at| at + 1);
        grown.lines.extend(self.rest.drain(..whole));
        if self.rest.len() > LINE_BYTES_MAX {
            self.rest.clear();
            self.is_skipping = true;
            grown.too_long += 1;
        }
        Ok((count as u64) < LOOK_BYTES_MAX)
    }

    fn end(&mut self, grown: &mut Grown) {
        if !self.rest.is_empty() {
            grown.lines.append(&mut self.rest);
            grown.lines.push(b'\n');
        }
    }
}

/// What tells a file from another one of the same name.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems do not tell")]
fn identity(of: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((of.dev(), of.ino()))
}

#[cfg(not(unix))]
fn identity(_of: &Metadata) -> Option<(u64, u64)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write as _;

    fn add(path: &Path, text: &str) {
        let mut file = fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    #[track_caller]
    fn check(follow: &mut Follow, expected: &str) {
        let grown = follow.look().unwrap();
        assert_eq!(String::from_utf8_lossy(&grown.lines), expected);
    }

    #[test]
    fn what_is_added_is_told_once_and_by_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        let mut follow = Follow::new(&path);
        check(&mut follow, "");
        add(&path, "a\nb");
        check(&mut follow, "a\n");
        add(&path, "c\n");
        check(&mut follow, "bc\n");
        check(&mut follow, "");
    }

    #[test]
    fn a_file_that_is_cut_short_begins_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        add(&path, "first\nhalf");
        let mut follow = Follow::new(&path);
        check(&mut follow, "first\n");
        fs::write(&path, "new\n").unwrap();
        check(&mut follow, "new\n");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_replaced_is_read_to_its_end_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        add(&path, "1\n");
        let mut follow = Follow::new(&path);
        check(&mut follow, "1\n");
        add(&path, "2");
        fs::rename(&path, folder.path().join("events.1")).unwrap();
        check(&mut follow, "");
        add(&path, "3\n4");
        check(&mut follow, "2\n3\n");
        add(&path, "\n");
        check(&mut follow, "4\n");
    }

    #[test]
    fn a_line_without_end_is_dropped_and_what_follows_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        add(&path, &"x".repeat(LINE_BYTES_MAX + 1));
        let mut follow = Follow::new(&path);
        assert_eq!(follow.look().unwrap(), Grown { lines: Vec::new(), too_long: 1 });
        add(&path, "yz\nnext\n");
        check(&mut follow, "next\n");
    }
}
