//! What a file of mocks holds, as trees that know their bytes. Refuses to know any dialect.

use crate::mend::blocks::{self, Blocks, blocks};
use crate::mend::scripted::{self, Scripted, scripted};
use crate::reading::{Beside, SourceFile};
use crate::recognise::{is_in_blocks, is_script};
use plumb_tree::Node;
use plumb_tree::layout::Layout;
use plumb_tree::read::parse;

/// What a file holds.
pub(crate) enum Tree {
    /// Documents of JSON or YAML.
    Documents(Vec<Node>),
    /// The answers of a script.
    Script(Vec<Scripted>),
    /// The examples of a file in blocks.
    Blocks(Vec<Blocks>),
}

impl Tree {
    /// Parses a file whose bytes are this text, as it stands among others; `None` where it cannot
    /// be parsed.
    pub(crate) fn of(file: &SourceFile<'_>, text: &str, beside: Beside<'_>) -> Option<Self> {
        if is_script(file.path) {
            return Some(Self::Script(scripted(file, beside)));
        }
        if is_in_blocks(file.path) {
            return Some(Self::Blocks(blocks(text)));
        }
        Some(Self::Documents(parse(file.path, file.bytes).ok()?.documents))
    }

    pub(crate) fn documents(&self) -> &[Node] {
        match self {
            Self::Documents(documents) => documents,
            Self::Script(_) | Self::Blocks(_) => &[],
        }
    }

    pub(crate) fn blocks(&self) -> &[Blocks] {
        match self {
            Self::Blocks(blocks) => blocks,
            Self::Script(_) | Self::Documents(_) => &[],
        }
    }

    /// How the file is laid out.
    pub(crate) fn layout<'a>(&self, text: &'a str) -> Layout<'a> {
        match self {
            Self::Documents(_) => Layout::of(text),
            Self::Script(_) => Layout::of_script(text),
            Self::Blocks(_) => Layout::of_blocks(text),
        }
    }

    /// What the file's text became, read again: its documents, where it has any; `None` where it
    /// can no longer be read.
    pub(crate) fn again(&self, path: &str, text: &str) -> Option<Vec<Node>> {
        let is_sound = match self {
            Self::Documents(_) => return Some(parse(path, text.as_bytes()).ok()?.documents),
            Self::Script(_) => scripted::is_sound(path, text),
            Self::Blocks(before) => blocks::is_sound(before, text),
        };
        is_sound.then(Vec::new)
    }
}
