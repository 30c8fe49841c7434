//! Schemas of JSON by themselves: of messages, events, configuration, stored documents.
//!
//! Who writes such documents stands nowhere in them, so it is said with the question. Refuses to
//! know what surrounds a schema, and disk.

use crate::change::{Change, Grade, Spot};
use crate::compared::{Compared, File, Flow, Unread, gathered, ways};
use crate::reference::reached;
use crate::shown::{short, shown_path, step, witness};
use plumb_schema::answer::Reading;
use plumb_schema::breaks::{Break, breaks};
use plumb_schema::decide::{Question, Schemas};
use plumb_schema::library::{self, Draft, Library};
use plumb_tree::{Node, read};
use serde_json::Value;
use std::collections::BTreeMap;

/// The draft of schemas that say none: the newest, which reads most of what older ones wrote.
const DRAFT: Draft = Draft::Twenty;

/// A schema among the files that it may refer to.
#[derive(Clone, Copy, Debug)]
pub struct Rooted<'f> {
    /// The name of the schema's file.
    pub root: &'f str,
    /// Files, with the schema among them.
    pub files: &'f [File],
}

/// What `new` breaks of what `old` promised, when documents are written as `flow` says.
#[must_use]
pub fn changes(old: Rooted<'_>, new: Rooted<'_>, flow: Flow, reading: Reading) -> Compared {
    let mut library = Library::default();
    let old = Side::new("old", old, &mut library);
    let new = Side::new("new", new, &mut library);
    let mut compared = Compared::default();
    compared.unread.extend(old.unread.iter().chain(&new.unread).cloned());
    if !old.has_root() || !new.has_root() {
        return compared;
    }
    let mut schemas = Schemas::new(&library);
    let mut changes = Vec::new();
    for way in ways(flow) {
        let (writer, reader) = if *way == Flow::NewWrites { (&new, &old) } else { (&old, &new) };
        let question = Question { writer: writer.spot(), reader: reader.spot(), reading };
        let mut told = Told { sides: [&old, &new], way: *way, grade: Grade::Breaking };
        let found = breaks(&mut schemas, &question);
        changes.extend(found.found.iter().map(|one| told.change(&library, one)));
        changes.extend(found.untold.as_deref().map(|why| told.undecided(why)));
        if flow != Flow::Both {
            let back = Question { writer: question.reader, reader: question.writer, reading };
            told.grade = Grade::Safe;
            let found = breaks(&mut schemas, &back);
            changes.extend(found.found.iter().map(|one| told.change(&library, one)));
        }
    }
    compared.changes = gathered(changes);
    compared
}

/// One version of a schema, with the trees that tell lines.
struct Side<'f> {
    version: &'static str,
    root: &'f str,
    trees: BTreeMap<&'f str, Node>,
    unread: Vec<Unread>,
}

impl<'f> Side<'f> {
    fn new(version: &'static str, from: Rooted<'f>, library: &mut Library) -> Self {
        let (trees, unread) = (BTreeMap::new(), Vec::new());
        let mut side = Self { version, root: from.root, trees, unread };
        let near = || from.files.iter().collect();
        for file in reached(from.root, from.files).unwrap_or_else(near) {
            match tree(file) {
                Ok(node) => {
                    library.add(&format!("{version}/{}", file.name), value(&node), DRAFT);
                    side.trees.insert(&file.name, node);
                }
                // A file that is only near the schema may be anything.
                Err(unread) if file.name == from.root => side.unread.push(unread),
                Err(_) => {}
            }
        }
        side
    }

    fn has_root(&self) -> bool {
        self.trees.contains_key(self.root)
    }

    fn spot(&self) -> library::Spot {
        let document = format!("{}/{}", self.version, self.root);
        library::Spot { document, pointer: String::new() }
    }

    /// The line behind a place in the library.
    fn place(&self, spot: &library::Spot) -> Option<Spot> {
        let file = spot.document.strip_prefix(self.version)?.strip_prefix('/')?;
        let node = nearest(self.trees.get(file)?, &spot.pointer);
        Some(Spot { file: file.to_owned(), line: node.line, column: node.column })
    }

    fn top(&self) -> Option<Spot> {
        self.place(&self.spot())
    }
}

fn tree(file: &File) -> Result<Node, Unread> {
    let unread = |line, column, reason| Unread { file: file.name.clone(), line, column, reason };
    let parsed = read::parse(&file.name, &file.bytes)
        .map_err(|broken| unread(broken.line, broken.column, broken.reason))?;
    let mut documents = parsed.documents.into_iter();
    documents.next().ok_or_else(|| unread(1, 1, "the file is empty".to_owned()))
}

/// The plain value of a tree. Numbers that JSON readers cannot hold become the nearest they can.
pub(crate) fn value(node: &Node) -> Value {
    serde_json::from_str(&node.to_json_text()).unwrap_or(Value::Null)
}

/// The node at a pointer, or the nearest one on the way.
pub(crate) fn nearest<'n>(from: &'n Node, pointer: &str) -> &'n Node {
    let mut node = from;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let item = || step.parse::<usize>().ok().and_then(|at| node.items().get(at));
        match node.get(&step).or_else(item) {
            Some(next) => node = next,
            None => break,
        }
    }
    node
}

/// How breaks of one question are told.
struct Told<'s, 'f> {
    sides: [&'s Side<'f>; 2],
    way: Flow,
    grade: Grade,
}

impl Told<'_, '_> {
    fn change(&self, library: &Library, found: &Break) -> Change {
        let [old, new] = self.sides;
        let at = |spot: &library::Spot| old.place(spot).or_else(|| new.place(spot));
        let (writer, reader) = (at(&found.writer), at(&found.reader));
        let is_new_reading = found.reader.document.starts_with(new.version);
        let (old, new) = if is_new_reading { (writer, reader) } else { (reader, writer) };
        Change {
            grade: self.grade,
            rule: rule(&found.keyword),
            subject: self.subject(),
            place: place(found),
            direction: self.way,
            old,
            new,
            reason: reason(library, found),
            witness: witness(&found.witness),
        }
    }

    fn undecided(&self, why: &str) -> Change {
        let [old, new] = self.sides;
        Change {
            grade: Grade::Risky,
            rule: "schema-undecided",
            subject: self.subject(),
            place: "$".to_owned(),
            direction: self.way,
            old: old.top(),
            new: new.top(),
            reason: why.to_owned(),
            witness: None,
        }
    }

    fn subject(&self) -> String {
        format!("schema {}", self.sides[1].root)
    }
}

/// The place of a break: the member that is missing, where one is.
pub(crate) fn place(found: &Break) -> String {
    let path = shown_path(&found.witness, &found.place);
    let member = found.member.as_deref().map(step).unwrap_or_default();
    format!("${path}{member}")
}

fn rule(keyword: &str) -> &'static str {
    match keyword {
        "type" => "schema-type",
        "enum" | "const" => "schema-values",
        "required" | "dependentRequired" => "schema-required",
        "additionalProperties" | "unevaluatedProperties" | "propertyNames" => "schema-names",
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            "schema-range"
        }
        "minLength" | "maxLength" => "schema-length",
        "pattern" => "schema-pattern",
        "format" => "schema-format",
        "minItems" | "maxItems" | "uniqueItems" | "contains" | "minProperties"
        | "maxProperties" | "items" | "additionalItems" | "unevaluatedItems" => "schema-size",
        _ => "schema-alternatives",
    }
}

pub(crate) fn reason(library: &Library, found: &Break) -> String {
    if let Some(member) = &found.member {
        return match found.keyword.as_str() {
            "required" => format!("`{member}` may be absent, and its reader requires it"),
            keyword => format!("`{keyword}` refuses `{member}`"),
        };
    }
    let value = found.witness.pointer(&found.place).map(short).unwrap_or_default();
    let said = library.get(&found.reader).filter(|said| !said.is_object()).map(short);
    let said = said.map_or(String::new(), |said| format!(" {said}"));
    format!("`{}{said}` refuses {value}", found.keyword)
}
