//! Workloads: what a platform is told to run, and what of it could not be read.
//!
//! Refuses to know how any platform writes it.

use crate::excerpt::excerpt;
use crate::manifest::image::{Image, image};
use plumb_tree::{Node, Value};

/// Workloads of one file; whole clusters hold fewer of their own.
pub const WORKLOADS_MAX: usize = 10_000;

/// Places of one file that could not be read and are told.
pub const UNREAD_MAX: usize = 100;

/// Bytes of a name; platforms allow 253.
pub const NAME_BYTES_MAX: usize = 512;

/// What one file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The workloads, in the order of the file, at most [`WORKLOADS_MAX`].
    pub workloads: Vec<Workload>,
    /// What could not be read, at most [`UNREAD_MAX`].
    pub unread: Vec<Unread>,
}

/// Something that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// What the platform calls it.
    pub name: String,
    /// What else it goes by.
    pub aliases: Vec<String>,
    /// What it runs.
    pub image: Image,
    /// How it runs.
    pub runs: Runs,
    /// Whether all of the old version stops before anything of the new one starts, and the words
    /// that say so.
    pub stops_first: Option<&'static str>,
    /// Seconds that an old instance may go on once it was told to stop, where that is said.
    pub grace_s: Option<u64>,
    /// What it is started after.
    pub after: Vec<String>,
    /// Images that run beside it.
    pub beside: Vec<String>,
    /// The file that says it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

/// How something runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// All the time.
    Always,
    /// All the time, and it is labelled as a worker.
    Working,
    /// Once, or now and then.
    NowAndThen,
}

/// What could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// Why, in lower case without full stop.
    pub reason: String,
}

/// A file that is being read.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    file: &'a str,
    pub(super) manifest: Manifest,
}

impl<'a> Reading<'a> {
    pub(super) fn new(file: &'a str) -> Self {
        Self { file, manifest: Manifest::default() }
    }

    /// Tells what could not be read, while there is room.
    pub(super) fn unread(&mut self, line: u32, reason: impl Into<String>) {
        if self.manifest.unread.len() < UNREAD_MAX {
            let (file, reason) = (self.file.to_owned(), reason.into());
            self.manifest.unread.push(Unread { file, line, reason });
        }
    }

    /// Adds a workload, unless there are too many.
    pub(super) fn add(&mut self, workload: Workload) {
        if self.manifest.workloads.len() < WORKLOADS_MAX {
            self.manifest.workloads.push(workload);
        } else {
            let reason = format!("more than {WORKLOADS_MAX} workloads, the rest is not read");
            // Said once: the same again takes no room.
            if !self.manifest.unread.iter().any(|one| one.reason == reason) {
                self.unread(workload.line, reason);
            }
        }
    }

    /// A workload that says nothing but its name and its image; `None`, and told as unread, where
    /// those are no names.
    pub(super) fn workload(&mut self, name: &Named<'_>, node: &Node) -> Option<Workload> {
        let Named { text, line } = *name;
        let shown = excerpt(text);
        if text.is_empty() || text.len() > NAME_BYTES_MAX || text.contains("{{") {
            self.unread(line, format!("`{shown}` is no name of a workload"));
            return None;
        }
        let image = match &node.value {
            Value::String(text) => image(text),
            // A template that was not rendered is an object in an object to YAML.
            Value::Object(_) => Err("is a template that was not rendered".to_owned()),
            _ => Err(format!("is no text ({})", node.kind_name())),
        };
        match image {
            Ok(image) => Some(Workload {
                name: text.to_owned(),
                aliases: Vec::new(),
                image,
                runs: Runs::Always,
                stops_first: None,
                grace_s: None,
                after: Vec::new(),
                beside: Vec::new(),
                file: self.file.to_owned(),
                line,
            }),
            Err(reason) => {
                self.unread(node.line, format!("the image of `{shown}` {reason}"));
                None
            }
        }
    }
}

/// A name and its line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    pub(super) text: &'a str,
    pub(super) line: u32,
}
