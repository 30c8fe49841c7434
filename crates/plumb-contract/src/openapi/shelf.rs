//! The schemas of one version that are asked about, as documents that can be decided upon, and the
//! way back from a place in them to a line in a file.
//!
//! Only what is asked about, and what that refers to, is ever written: a description of many
//! megabytes of which little changed costs little. Refuses to know what is asked.

use crate::change;
use crate::compared::Unread;
use crate::interface::model::{Dialect, Interface, Schema};
use crate::openapi::document::{Links, Spot};
use crate::openapi::kin::Kin;
use crate::openapi::schema::{Rewrite, Side, is_wrapped, rewritten};
use plumb_schema::library::{self, Draft, Library};
use plumb_tree::{Node, Value as Tree};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};

/// Values written for one direction at most: schemas that are referred to from inside each other
/// are written once for each such reference.
const VALUES_MAX: usize = 4_000_000;

/// The schemas of one version.
pub(crate) struct Shelf<'i, 't> {
    version: &'static str,
    links: &'i Links<'t>,
    dialect: Dialect,
    kin: Kin<'t>,
    /// Whether any property travels in one direction only.
    is_sided: bool,
    held: Held<'t>,
    wanted: [BTreeSet<usize>; 2],
}

/// Schemas by number: the place of each in the documents is `/s` and its number.
#[derive(Default)]
struct Held<'t> {
    numbers: HashMap<*const Node, usize>,
    forms: HashMap<*const Node, usize>,
    schemas: Vec<Option<Schema<'t>>>,
}

impl<'i, 't> Shelf<'i, 't> {
    /// An empty shelf for one version.
    pub(crate) fn new(version: &'static str, interface: &'i Interface<'t>) -> Self {
        let links = &interface.links;
        Self {
            version,
            links,
            dialect: interface.dialect,
            kin: Kin::new(links),
            is_sided: links.documents().whole().any(|spot| is_sided(spot.node)),
            held: Held::default(),
            wanted: Default::default(),
        }
    }

    /// Puts a schema on the shelf; none stands for anything. Its place in the documents comes back.
    pub(crate) fn put(&mut self, schema: Option<&Schema<'t>>, side: Side) -> library::Spot {
        let number = self.held.number(schema, self.links);
        let side = if self.is_sided { side } else { Side::Request };
        self.wanted[side as usize].insert(number);
        library::Spot { document: self.document(side), pointer: format!("/s{number}") }
    }

    /// Writes the documents; what could not be read comes back.
    pub(crate) fn fill(&mut self, library: &mut Library) -> Vec<Unread> {
        let mut unread = Vec::new();
        for side in [Side::Request, Side::Response] {
            let document = self.written(side, &mut unread);
            library.add(&self.document(side), document, Draft::Twenty);
        }
        unread
    }

    /// The line behind a place in this version's documents.
    pub(crate) fn place(&self, spot: &library::Spot) -> Option<change::Spot> {
        let mut parts = spot.pointer.split('/').skip(1);
        let number = parts.next()?.strip_prefix('s')?.parse::<usize>().ok()?;
        let parts: Vec<String> =
            parts.map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
        match self.held.schemas.get(number)?.as_ref()? {
            Schema::At(start) => Some(nearest(self.dialect, *start, &parts)),
            Schema::Form(fields) => {
                let named = parts.first().is_some_and(|part| part == "properties");
                let field = fields.iter().find(|field| named && parts.get(1) == Some(&field.name));
                match field {
                    Some(field) => {
                        let rest = parts.get(2..).unwrap_or_default();
                        Some(nearest(self.dialect, field.at, rest))
                    }
                    None => Some(fields.first()?.at.place()),
                }
            }
        }
    }

    fn document(&self, side: Side) -> String {
        match side {
            Side::Request => format!("{}-request", self.version),
            Side::Response => format!("{}-response", self.version),
        }
    }

    fn written(&mut self, side: Side, unread: &mut Vec<Unread>) -> Value {
        let mut document = Map::new();
        let mut left: Vec<usize> = self.wanted[side as usize].iter().rev().copied().collect();
        let mut queued = self.wanted[side as usize].clone();
        let mut values = 0;
        while let Some(number) = left.pop() {
            let Some(schema) = self.held.schemas.get(number).cloned() else { continue };
            if values > VALUES_MAX {
                // What is left out leads nowhere, and so nothing is told by it.
                unread.extend(too_much(schema.as_ref()));
                break;
            }
            let mut met = Vec::new();
            let held = &mut self.held;
            let mut refer = |spot: Spot<'t>| {
                let number = held.number_of(spot);
                met.push(number);
                format!("#/s{number}")
            };
            let mut rewrite = Rewrite {
                links: self.links,
                dialect: self.dialect,
                side,
                kin: &self.kin,
                refer: &mut refer,
                unread: Vec::new(),
                written: 0,
            };
            let value = of_schema(&mut rewrite, schema.as_ref());
            values += rewrite.written;
            unread.append(&mut rewrite.unread);
            document.insert(format!("s{number}"), value);
            left.extend(met.into_iter().rev().filter(|number| queued.insert(*number)));
        }
        Value::Object(document)
    }
}

impl<'t> Held<'t> {
    /// The number of a schema; references at its top are followed first.
    fn number(&mut self, schema: Option<&Schema<'t>>, links: &Links<'t>) -> usize {
        match schema {
            Some(Schema::At(spot)) => {
                let is_bare = spot.node.entries().len() == 1;
                let target = links.resolve(*spot).ok().filter(|_| is_bare);
                self.number_of(target.unwrap_or(*spot))
            }
            Some(Schema::Form(fields)) => {
                let Some(first) = fields.first() else { return self.add(None) };
                if let Some(number) = self.forms.get(&std::ptr::from_ref(first.at.node)) {
                    return *number;
                }
                let number = self.add(schema.cloned());
                self.forms.insert(first.at.node, number);
                number
            }
            None => self.add(None),
        }
    }

    fn number_of(&mut self, spot: Spot<'t>) -> usize {
        if let Some(number) = self.numbers.get(&std::ptr::from_ref(spot.node)) {
            return *number;
        }
        let number = self.add(Some(Schema::At(spot)));
        self.numbers.insert(spot.node, number);
        number
    }

    fn add(&mut self, schema: Option<Schema<'t>>) -> usize {
        self.schemas.push(schema);
        self.schemas.len() - 1
    }
}

fn of_schema<'t>(rewrite: &mut Rewrite<'_, 't>, schema: Option<&Schema<'t>>) -> Value {
    let none = BTreeSet::new();
    match schema {
        None => Value::Bool(true),
        Some(Schema::At(spot)) => rewritten(rewrite, *spot, &none),
        Some(Schema::Form(fields)) => {
            let mut properties = Map::new();
            for field in fields {
                properties.insert(field.name.clone(), rewritten(rewrite, field.at, &none));
            }
            let required = fields.iter().filter(|field| field.is_required);
            let required: Vec<&str> = required.map(|field| field.name.as_str()).collect();
            json!({ "type": "object", "properties": properties, "required": required })
        }
    }
}

fn too_much(schema: Option<&Schema<'_>>) -> Option<Unread> {
    let reason = format!("the schemas that changed hold more than {VALUES_MAX} values");
    match schema? {
        Schema::At(spot) => Some(spot.unread(reason)),
        Schema::Form(fields) => Some(fields.first()?.at.unread(reason)),
    }
}

/// The place that `parts` lead to, or the nearest one on the way that is in the file.
fn nearest(dialect: Dialect, start: Spot<'_>, parts: &[String]) -> change::Spot {
    let mut node = start.node;
    let mut left = parts.iter();
    loop {
        if is_wrapped(dialect, node) {
            left.next();
        }
        let Some(part) = left.next() else { break };
        let next = match &node.value {
            Tree::Array(items) => part.parse::<usize>().ok().and_then(|index| items.get(index)),
            _ => node.get(part),
        };
        let Some(next) = next else { break };
        node = next;
    }
    start.at(node).place()
}

fn is_sided(node: &Node) -> bool {
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        left.extend(node.items());
        for (key, member) in node.entries() {
            let is_flag = matches!(key.text.as_str(), "readOnly" | "writeOnly");
            if is_flag && member.as_bool() == Some(true) {
                return true;
            }
            left.push(member);
        }
    }
    false
}
