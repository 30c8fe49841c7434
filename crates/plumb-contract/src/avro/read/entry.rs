//! What data of a file begin with: a schema's own type, or the parameters and answers of a
//! protocol's calls. Refuses to know types themselves.

use plumb_tree::{Broken, Node, Value as Tree};

use crate::avro::read::table::{Reading, broken, part};
use crate::avro::schema::{Index, Kind, Name, Place, Primitive};

/// A type that data begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What tells it from others of its file; empty for a schema's own.
    pub label: String,
    /// Where it stands in the table.
    pub root: Index,
    /// Whether the one that is called writes it.
    pub is_answer: bool,
}

/// A call of a protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its name.
    pub name: String,
    /// Whether nothing is answered.
    pub is_one_way: bool,
    /// Where it stands.
    pub place: Place,
}

/// Reads a whole file: its entries and its calls.
pub(super) fn entries(
    reading: &mut Reading,
    root: &Node,
) -> Result<(Vec<Entry>, Vec<Call>), Broken> {
    if root.get("protocol").is_some() && root.get("type").is_none() {
        return protocol(reading, root);
    }
    let root = reading.add(root, "")?;
    Ok((vec![Entry { label: String::new(), root, is_answer: false }], Vec::new()))
}

fn protocol(reading: &mut Reading, root: &Node) -> Result<(Vec<Entry>, Vec<Call>), Broken> {
    let space = root.get("namespace").and_then(Node::as_str).unwrap_or_default();
    let mut entries = Vec::new();
    for node in root.get("types").map(Node::items).unwrap_or_default() {
        let index = reading.add(node, space)?;
        let name = node.get("name").and_then(Node::as_str).unwrap_or_default();
        entries.push(Entry { label: format!("type {name}"), root: index, is_answer: false });
    }
    let mut calls = Vec::new();
    let messages = root.get("messages");
    for (key, message) in messages.map(Node::entries).unwrap_or_default() {
        // Of several by one name there is only the one that is found by it.
        let found = messages.and_then(|messages| messages.get(&key.text));
        if !found.is_some_and(|found| std::ptr::eq(found, message)) {
            continue;
        }
        let parameters = parameters(reading, (&key.text, message), space)?;
        let label = format!("parameters of {}", key.text);
        entries.push(Entry { label, root: parameters, is_answer: false });
        let root = result(reading, message, space)?;
        entries.push(Entry { label: format!("answer of {}", key.text), root, is_answer: true });
        let root = errors(reading, message, space)?;
        entries.push(Entry { label: format!("errors of {}", key.text), root, is_answer: true });
        let is_one_way = message.get("one-way").and_then(Node::as_bool).unwrap_or(false);
        calls.push(Call { name: key.text.clone(), is_one_way, place: (key.line, key.column) });
    }
    Ok((entries, calls))
}

/// The parameters of a call, which travel as a record.
fn parameters(
    reading: &mut Reading,
    (name, message): (&str, &Node),
    space: &str,
) -> Result<Index, Broken> {
    let fields = reading.fields(part(message, "request")?, space)?;
    let name = Name { full: format!("{name} parameters"), aliases: Vec::new() };
    reading.put(Kind::Record(name, fields), message)
}

/// What a call answers when it goes well.
fn result(reading: &mut Reading, message: &Node, space: &str) -> Result<Index, Broken> {
    match message.get("response") {
        Some(response) => reading.add(response, space),
        None => reading.put(Kind::Primitive(Primitive::Null), message),
    }
}

/// What a call answers when it fails: text, or one of the errors that it declares.
fn errors(reading: &mut Reading, message: &Node, space: &str) -> Result<Index, Broken> {
    let mut members = vec![reading.put(Kind::Primitive(Primitive::String), message)?];
    match message.get("errors").map(|errors| (&errors.value, errors)) {
        None => {}
        Some((Tree::Array(errors), _)) => {
            for error in errors {
                members.push(reading.add(error, space)?);
            }
        }
        Some((_, errors)) => return Err(broken(errors, "`errors` is no array".to_owned())),
    }
    reading.put(Kind::Union(members), message)
}
