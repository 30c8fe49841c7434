//! Scripts: JavaScript and TypeScript, JSX included, parsed and asked without running anything.
//!
//! A file that is broken in one place is read around it. Refuses to know any library, and to
//! evaluate: what only running would tell is computed, and says so.

mod exports;
pub mod expression;
mod literal;
mod names;
pub mod value;

use crate::Broken;
use crate::script::exports::Exports;
use crate::script::names::{Import, Names, is_wrapper, written};
use crate::text::{decode, narrow};
use std::cell::Cell;
use std::ops::ControlFlow;
use tree_sitter::{Node, ParseOptions, ParseState, Parser, Tree};

/// Bytes of one script at most: scripts are written by hand, and larger ones are bundles.
pub const SCRIPT_BYTES_MAX: usize = 1 << 20;

/// Rounds of the parser at most, of a hundred steps each. Real files take one for a hundred bytes.
const ROUNDS_MAX: usize = 50_000;

/// Rounds after the first fault at most, some 200 KB of text: from there on the parser weighs ever
/// more readings of what is no script against each other.
const ROUNDS_BROKEN_MAX: usize = 2_000;

/// A file and its syntax.
#[derive(Debug)]
pub struct ScriptFile<'a> {
    text: &'a str,
    skipped: usize,
    tree: Tree,
}

/// A file and what its names are bound to.
#[derive(Debug)]
pub struct Script<'t> {
    text: &'t str,
    skipped: usize,
    /// Characters before each stretch of [`STRETCH`] bytes.
    chars_before: Vec<usize>,
    names: Names<'t>,
    pub(crate) exports: Exports<'t>,
    pub(crate) calls: Vec<Node<'t>>,
    pub(crate) objects: Vec<Node<'t>>,
    first_fault: Option<Node<'t>>,
    /// Values built so far, bounded by [`VALUES_MAX`].
    pub(crate) built: Cell<usize>,
}

/// Values built from one script at most, those that names bring along included, and steps of chains
/// and stretches of text beside them: many times what people write, and a second of work.
pub const VALUES_MAX: usize = 200_000;

/// Bytes between two counts of characters, so that a column in a long line is found soon.
const STRETCH: usize = 1 << 10;

/// A place in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

/// Parses a script; `file_name` tells whether angle brackets may be casts (`.ts`) or JSX.
///
/// # Errors
/// A file that is no UTF-8 text, larger than [`SCRIPT_BYTES_MAX`], or too faulty to be parsed.
/// Single faults of syntax are no error: [`Script::fault`] tells the first.
pub fn parse_script<'a>(file_name: &str, bytes: &'a [u8]) -> Result<ScriptFile<'a>, Broken> {
    let at_start = |reason: String| Broken { line: 1, column: 1, reason };
    if bytes.len() > SCRIPT_BYTES_MAX {
        let mebibytes = SCRIPT_BYTES_MAX >> 20;
        return Err(at_start(format!("the script is larger than {mebibytes} MiB")));
    }
    let decoded = decode(bytes)?;
    let (text, skipped) = (decoded.text, decoded.skipped);
    let name = file_name.to_ascii_lowercase();
    let has_casts = [".ts", ".mts", ".cts"].iter().any(|ending| name.ends_with(ending));
    let language = if has_casts {
        tree_sitter_typescript::LANGUAGE_TYPESCRIPT
    } else {
        tree_sitter_typescript::LANGUAGE_TSX
    };
    let mut parser = Parser::new();
    parser.set_language(&language.into()).map_err(|error| at_start(error.to_string()))?;
    let (mut rounds, mut rounds_broken) = (0, 0);
    let mut progress = |state: &ParseState| {
        rounds += 1;
        rounds_broken += usize::from(state.has_error());
        let is_hopeless = rounds > ROUNDS_MAX || rounds_broken > ROUNDS_BROKEN_MAX;
        if is_hopeless { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let mut rest = |at: usize, _| text.as_bytes().get(at..).unwrap_or_default();
    let tree = parser.parse_with_options(&mut rest, None, Some(options));
    let tree = tree.ok_or_else(|| at_start("it has too many faults for a script".to_owned()))?;
    Ok(ScriptFile { text, skipped, tree })
}

impl<'t> Script<'t> {
    /// Finds the names, calls and objects of a file.
    #[must_use]
    pub fn of(file: &'t ScriptFile<'_>) -> Self {
        let mut chars_before = vec![0];
        for stretch in file.text.as_bytes().chunks(STRETCH) {
            let chars = stretch.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
            chars_before.push(chars_before.last().unwrap_or(&0) + chars);
        }
        let mut script = Self {
            text: file.text,
            skipped: file.skipped,
            chars_before,
            names: Names::default(),
            exports: Exports::default(),
            calls: Vec::new(),
            objects: Vec::new(),
            first_fault: None,
            built: Cell::new(0),
        };
        script.learn(&file.tree);
        script
    }

    /// True when the file takes anything from a module of this kind.
    #[must_use]
    pub fn imports(&self, is_kind: impl Fn(&str) -> bool) -> bool {
        self.names.modules().any(is_kind)
    }

    /// True when the file takes something that is called so from any module.
    #[must_use]
    pub fn imports_name(&self, name: &str) -> bool {
        self.names.has_import(name)
    }

    /// Where what others get under a name comes from, where this file only passes it on.
    #[must_use]
    pub fn passed_on(&self, name: &str) -> Option<Import<'t>> {
        self.exports.passed.get(name).copied()
    }

    /// The modules whose names this file passes on, whatever they are.
    #[must_use]
    pub fn all_passed_on(&self) -> &[&'t str] {
        &self.exports.all
    }

    /// The first place that could not be parsed; what stands around it is read all the same.
    #[must_use]
    pub fn fault(&self) -> Option<Spot> {
        self.first_fault.map(|node| self.spot(node))
    }

    /// True when the file holds more values than are built; what came later is computed.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.built.get() > VALUES_MAX
    }

    /// Counts work that a name may ask for again and again; false when there was enough of it.
    pub(crate) fn spend(&self, values: usize) -> bool {
        self.built.set(self.built.get().saturating_add(values));
        !self.is_full()
    }

    pub(crate) fn spot(&self, node: Node<'_>) -> Spot {
        let at = node.start_position();
        let start = node.start_byte();
        let line_start = start - at.column.min(start);
        let chars = self.chars_to(start) - self.chars_to(line_start);
        Spot { line: narrow(at.row + 1), column: narrow(chars + 1) }
    }

    /// Where a node stands in the file, byte order mark included.
    pub(crate) fn bytes(&self, node: Node<'_>) -> (usize, usize) {
        (node.start_byte() + self.skipped, node.end_byte() + self.skipped)
    }

    pub(crate) fn written(&self, node: Node<'_>) -> &'t str {
        written(self.text, node)
    }

    /// The one value of the name that stands at a node.
    pub(crate) fn value_of_name(&self, node: Node<'_>) -> Option<Node<'t>> {
        self.value_named(self.written(node))
    }

    /// The one value of a name.
    pub(crate) fn value_named(&self, name: &str) -> Option<Node<'t>> {
        self.names.value(name)
    }

    /// Where the name that stands at a node is imported from.
    pub(crate) fn import_of_name(&self, node: Node<'_>) -> Option<Import<'t>> {
        self.names.import(self.written(node))
    }

    /// Characters before a byte.
    fn chars_to(&self, byte: usize) -> usize {
        let from = byte / STRETCH * STRETCH;
        let rest = self.text.as_bytes().get(from..byte).unwrap_or_default();
        let chars = rest.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        self.chars_before.get(byte / STRETCH).unwrap_or(&0) + chars
    }

    /// One walk over the whole tree, without recursion: foreign trees may be of any depth.
    fn learn(&mut self, tree: &'t Tree) {
        let mut cursor = tree.walk();
        let mut above: Vec<(Role, &str)> = Vec::new();
        let mut role = Role::Other;
        loop {
            let node = cursor.node();
            self.names.learn(self.text, node);
            self.exports.learn(self.text, node);
            if node.kind() == "object" {
                self.objects.push(node);
            }
            if node.kind() == "call_expression" && role == Role::Other {
                self.calls.push(node);
            }
            if self.first_fault.is_none() && (node.is_error() || node.is_missing()) {
                self.first_fault = Some(node);
            }
            let mut goes_on = cursor.goto_first_child();
            if goes_on {
                above.push((role, node.kind()));
            }
            while !goes_on {
                goes_on = cursor.goto_next_sibling();
                if !goes_on {
                    if !cursor.goto_parent() {
                        return;
                    }
                    above.pop();
                }
            }
            role = match (cursor.field_name(), above.last()) {
                (Some("function"), _) => Role::Callee,
                (Some("object"), Some((Role::Callee, "member_expression"))) => Role::Inner,
                (_, Some((inherited, kind))) if is_wrapper(kind) => *inherited,
                _ => Role::Other,
            };
        }
    }
}

/// What a node is to the one above it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Other,
    /// What is called.
    Callee,
    /// What has the member that is called.
    Inner,
}

#[cfg(test)]
mod tests;
