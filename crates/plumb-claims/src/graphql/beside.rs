//! What stands beside a document of GraphQL: the fragments that it imports, and the schema of the
//! server.
//!
//! The schema is the one that the configuration of GraphQL's tools names (`.graphqlrc.yml`,
//! `graphql.config.json`), or a file of the usual name, in the nearest folder upwards. A file of
//! JSON is one when it holds a result of introspection. Refuses to fetch anything over a network,
//! and to look for files by a pattern.

use crate::reading::{Beside, normalised};
use plumb_graphql::introspection::told;
use plumb_graphql::schema::Schema;
use plumb_tree::Node;
use plumb_tree::read::parse;
use std::cell::RefCell;
use std::rc::Rc;

/// Larger files are not read: the largest public schemas have about two million bytes.
const TEXT_BYTES_MAX: usize = 16 << 20;

/// Files that one document imports fragments from, at most, those of its imports counted.
const IMPORTS_MAX: usize = 200;

/// What begins a line that imports fragments.
const IMPORT: &str = "#import";

const CONFIGURATIONS: [&str; 7] = [
    ".graphqlrc.yml",
    ".graphqlrc.yaml",
    ".graphqlrc.json",
    ".graphqlrc",
    "graphql.config.yml",
    "graphql.config.yaml",
    "graphql.config.json",
];

/// Names of JSON are many things' names, and come last.
const SCHEMAS: [&str; 6] = [
    "schema.graphql",
    "schema.graphqls",
    "schema.gql",
    "graphql.schema.json",
    "schema.json",
    "introspection.json",
];

/// A file that holds a schema, as it stands there or as a server told it.
#[derive(PartialEq, Eq)]
struct SchemaFile {
    is_json: bool,
    bytes: Vec<u8>,
}

impl SchemaFile {
    fn at(path: &str, beside: Beside<'_>) -> Option<Self> {
        Some(Self { is_json: path.ends_with(".json"), bytes: bytes_at(path, beside)? })
    }

    fn definitions(&self) -> Option<String> {
        match self.is_json {
            true => told(&self.bytes).map(|told| told.text),
            false => std::str::from_utf8(&self.bytes).ok().map(str::to_owned),
        }
    }
}

thread_local! {
    /// The schema that was read last, and its files: a folder's documents mostly have the same one,
    /// and reading it takes longer than reading hundreds of them.
    static LAST: RefCell<Option<(Vec<SchemaFile>, Rc<Schema>)>> = const { RefCell::new(None) };
}

/// The schema of a file's operations.
pub(crate) fn schema_beside(file: &str, beside: Beside<'_>) -> Option<Rc<Schema>> {
    let mut folder = file;
    while !folder.is_empty() {
        folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = |name: &str| match folder {
            "" => name.to_owned(),
            folder => format!("{folder}/{name}"),
        };
        let configured = CONFIGURATIONS.iter().find_map(|name| configured(&path(name), beside));
        let named = |name: &&str| schema_of(vec![SchemaFile::at(&path(name), beside)?]);
        if let Some(schema) = configured.or_else(|| SCHEMAS.iter().find_map(named)) {
            return Some(schema);
        }
    }
    None
}

/// The schema that a configuration names, in one file or in several.
fn configured(path: &str, beside: Beside<'_>) -> Option<Rc<Schema>> {
    let parsed = parse(path, &beside(path)?).ok()?;
    let schema = parsed.documents.first()?.get("schema")?;
    let named: Vec<&str> = match schema.as_str() {
        Some(one) => vec![one],
        None => schema.items().iter().filter_map(Node::as_str).collect(),
    };
    let at = |one: &&str| SchemaFile::at(&normalised(path, one)?, beside);
    schema_of(named.iter().filter_map(at).collect())
}

/// What files hold together; nothing where none of them holds a schema.
fn schema_of(files: Vec<SchemaFile>) -> Option<Rc<Schema>> {
    let is_last = |last: &&(Vec<SchemaFile>, Rc<Schema>)| last.0 == files;
    let known =
        LAST.with_borrow(|last| last.as_ref().filter(is_last).map(|(_, schema)| Rc::clone(schema)));
    if known.is_some() {
        return known;
    }
    let text = files.iter().filter_map(SchemaFile::definitions).collect::<Vec<_>>().join("\n");
    let schema = (!text.is_empty()).then(|| Rc::new(Schema::of(text)))?;
    LAST.set(Some((files, Rc::clone(&schema))));
    Some(schema)
}

fn text_at(path: &str, beside: Beside<'_>) -> Option<String> {
    String::from_utf8(bytes_at(path, beside)?).ok()
}

fn bytes_at(path: &str, beside: Beside<'_>) -> Option<Vec<u8>> {
    beside(path).filter(|bytes| bytes.len() <= TEXT_BYTES_MAX)
}

/// The documents that a document imports, and those that they import.
pub(crate) fn imported(file: &str, text: &str, beside: Beside<'_>) -> String {
    let mut pending = imports_of(file, text);
    let (mut at, mut gathered) = (0, String::new());
    while let Some(path) = pending.get(at).cloned().filter(|_| at < IMPORTS_MAX) {
        at += 1;
        if let Some(text) = text_at(&path, beside).filter(|_| path != file) {
            let more = imports_of(&path, &text);
            let is_new = |more: &String| !pending.contains(more);
            let more: Vec<String> = more.into_iter().filter(is_new).collect();
            pending.extend(more);
            gathered.push('\n');
            gathered.push_str(&text);
        }
    }
    gathered
}

fn imports_of(file: &str, text: &str) -> Vec<String> {
    let said = text.lines().filter_map(|line| line.trim_start().strip_prefix(IMPORT));
    let named = said.map(|said| said.trim().trim_matches(['"', '\'', ';']));
    named.filter_map(|path| normalised(file, path)).take(IMPORTS_MAX).collect()
}
