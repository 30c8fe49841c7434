//! One tree of JSON into a table of types, names resolved. A type may be named before it is
//! defined. Refuses to know files and protocols.

use std::collections::BTreeMap;

use plumb_tree::{Broken, Node, Value as Tree};
use serde_json::Value;

use crate::avro::read::logical::logical;
use crate::avro::schema::{Field, Index, Kind, Name, Primitive, Symbols, Type, Types};

/// Types in one file at most: large generated ones have hundreds.
const TYPES_MAX: usize = 20_000;

/// Fields of a record, symbols of an enum and branches of a union at most: each is compared with
/// all others of its list.
const MEMBERS_MAX: usize = 5_000;

/// Bytes of a fixed type at most: more is no datum that anyone sends.
const FIXED_BYTES_MAX: u64 = 1 << 31;

/// A table that grows while a file is read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    types: Types,
    /// Named types by full name, with whether the definition was met.
    named: BTreeMap<String, (Index, bool)>,
    passed_over: Vec<Broken>,
}

impl Reading {
    /// The table, and what was passed over.
    ///
    /// # Errors
    /// A name that nothing defines.
    pub(super) fn finished(mut self) -> Result<(Types, Vec<Broken>), Broken> {
        let undefined: Vec<(String, Index)> = self
            .named
            .iter()
            .filter(|(_, (_, is_defined))| !is_defined)
            .map(|(name, (index, _))| (name.clone(), *index))
            .collect();
        for (full, index) in undefined {
            // Some writers leave a name space out where the name has none.
            let short = full.rsplit_once('.').map(|(_, short)| short);
            let found = short.and_then(|short| self.named.get(short)).filter(|(_, is)| *is);
            let Some((other, _)) = found else {
                let (line, column) = self.types.get(index).place;
                let reason = format!("the type `{full}` is not defined");
                return Err(Broken { line, column, reason });
            };
            let same = self.types.get(*other).clone();
            self.fill(index, same);
        }
        Ok((self.types, self.passed_over))
    }

    /// Adds a type that stands in no text of its own.
    pub(super) fn put(&mut self, kind: Kind, node: &Node) -> Result<Index, Broken> {
        if self.types.table.len() >= TYPES_MAX {
            return Err(broken(node, format!("more than {TYPES_MAX} types")));
        }
        self.types.table.push(Type { kind, logical: None, place: (node.line, node.column) });
        Ok(self.types.table.len() - 1)
    }

    /// Reads a type in the name space `space`.
    pub(super) fn add(&mut self, node: &Node, space: &str) -> Result<Index, Broken> {
        match &node.value {
            Tree::String(name) => self.reference(name, space, node),
            Tree::Array(members) => self.union(members, space, node),
            Tree::Object(_) => self.complex(node, space),
            _ => Err(broken(
                node,
                format!("a type is text, an array or an object, not {}", node.kind_name()),
            )),
        }
    }

    /// Reads fields into a list.
    pub(super) fn fields(&mut self, list: &Node, space: &str) -> Result<Vec<Field>, Broken> {
        let mut fields: Vec<Field> = Vec::new();
        for node in array(list, "fields")? {
            let field = self.field(node, space)?;
            if fields.iter().any(|other| other.name == field.name) {
                return Err(broken(node, format!("the field `{}` is there twice", field.name)));
            }
            fields.push(field);
        }
        Ok(fields)
    }

    fn fill(&mut self, index: Index, filled: Type) {
        if let Some(place) = self.types.table.get_mut(index) {
            *place = filled;
        }
    }

    fn reference(&mut self, name: &str, space: &str, node: &Node) -> Result<Index, Broken> {
        if let Some(primitive) = Primitive::named(name) {
            return self.put(Kind::Primitive(primitive), node);
        }
        let full = full_name(name, space);
        if let Some((index, _)) = self.named.get(&full) {
            return Ok(*index);
        }
        let index = self.put(Kind::Primitive(Primitive::Null), node)?;
        self.named.insert(full, (index, false));
        Ok(index)
    }

    fn union(&mut self, nodes: &[Node], space: &str, node: &Node) -> Result<Index, Broken> {
        let index = self.put(Kind::Union(Vec::new()), node)?;
        let mut members = Vec::new();
        let mut names: Vec<String> = Vec::new();
        if nodes.len() > MEMBERS_MAX {
            return Err(broken(node, format!("more than {MEMBERS_MAX} branches")));
        }
        for node in nodes {
            let member = self.add(node, space)?;
            if matches!(self.types.get(member).kind, Kind::Union(_)) {
                return Err(broken(node, "a union directly within a union".to_owned()));
            }
            // Names that are defined further on are told apart by `named`.
            let name = match self.named.iter().find(|(_, (at, _))| *at == member) {
                Some((full, _)) => full.clone(),
                None => self.types.branch_name(member).to_owned(),
            };
            if names.contains(&name) {
                return Err(broken(node, format!("the union has `{name}` twice")));
            }
            names.push(name);
            members.push(member);
        }
        let place = (node.line, node.column);
        self.fill(index, Type { kind: Kind::Union(members), logical: None, place });
        Ok(index)
    }

    fn complex(&mut self, node: &Node, space: &str) -> Result<Index, Broken> {
        let kind = part(node, "type")?;
        let Some(kind) = kind.as_str() else { return self.add(kind, space) };
        match kind {
            "array" => {
                let items = self.add(part(node, "items")?, space)?;
                self.put(Kind::Array(items), node)
            }
            "map" => {
                let values = self.add(part(node, "values")?, space)?;
                self.put(Kind::Map(values), node)
            }
            "fixed" => self.fixed(node, space),
            "enum" => self.symbols(node, space),
            "record" | "error" => self.record(node, space),
            name => {
                let index = self.reference(name, space, node)?;
                if Primitive::named(name).is_some() {
                    self.annotate(index, node);
                }
                Ok(index)
            }
        }
    }

    fn fixed(&mut self, node: &Node, space: &str) -> Result<Index, Broken> {
        let size = part(node, "size")?;
        let bytes = size.as_number().and_then(|size| u64::try_from(size.as_i64()?).ok());
        let Some(bytes) = bytes.filter(|bytes| *bytes <= FIXED_BYTES_MAX) else {
            return Err(broken(size, "the size is no number of bytes".to_owned()));
        };
        let (index, name) = self.define(node, space)?;
        self.complete(index, Kind::Fixed(name, bytes), node);
        self.annotate(index, node);
        Ok(index)
    }

    fn symbols(&mut self, node: &Node, space: &str) -> Result<Index, Broken> {
        let mut all: Vec<String> = Vec::new();
        for symbol in array(part(node, "symbols")?, "symbols")? {
            let text = text(symbol, "symbol")?;
            self.check_name(text, symbol);
            if all.iter().any(|other| other == text) {
                return Err(broken(symbol, format!("the symbol `{text}` is there twice")));
            }
            all.push(text.to_owned());
        }
        let mut default = node.get("default").and_then(Node::as_str).map(str::to_owned);
        if let Some(unknown) = default.take_if(|it| !all.contains(it)) {
            self.pass_over(node, format!("the default `{unknown}` is no symbol of its enum"));
        }
        let (index, name) = self.define(node, space)?;
        self.complete(index, Kind::Enum(name, Symbols { all, default }), node);
        Ok(index)
    }

    fn record(&mut self, node: &Node, space: &str) -> Result<Index, Broken> {
        // Its name stands before its fields do, since they may be of its own type.
        let (index, name) = self.define(node, space)?;
        let inside = name.full.rsplit_once('.').map_or("", |(space, _)| space).to_owned();
        self.complete(index, Kind::Record(name.clone(), Vec::new()), node);
        let fields = self.fields(part(node, "fields")?, &inside)?;
        self.complete(index, Kind::Record(name, fields), node);
        Ok(index)
    }

    fn field(&mut self, node: &Node, space: &str) -> Result<Field, Broken> {
        let name = text(part(node, "name")?, "name")?.to_owned();
        self.check_name(&name, node);
        let held = self.add(part(node, "type")?, space)?;
        let default = match node.get("default") {
            Some(default) => match serde_json::from_str::<Value>(&default.to_json_text()) {
                Ok(value) => Some(value),
                Err(_) => {
                    self.pass_over(default, format!("the default of `{name}` is no number"));
                    None
                }
            },
            None => None,
        };
        let aliases = texts(node.get("aliases"))?;
        Ok(Field { name, aliases, held, default, place: (node.line, node.column) })
    }

    /// Makes room for a named type, or takes the room that a reference to it made.
    fn define(&mut self, node: &Node, space: &str) -> Result<(Index, Name), Broken> {
        let name = part(node, "name")?;
        let short = text(name, "name")?;
        let space = match node.get("namespace") {
            Some(space) => space.as_str().unwrap_or_default(),
            None => space,
        };
        let full = full_name(short, space);
        for piece in full.split('.') {
            self.check_name(piece, name);
        }
        let inside = full.rsplit_once('.').map_or("", |(space, _)| space);
        let aliases = texts(node.get("aliases"))?;
        let aliases = aliases.iter().map(|alias| full_name(alias, inside)).collect();
        let index = match self.named.get(&full) {
            Some((_, true)) => {
                return Err(broken(name, format!("the type `{full}` is defined twice")));
            }
            Some((index, false)) => *index,
            None => self.put(Kind::Primitive(Primitive::Null), node)?,
        };
        self.named.insert(full.clone(), (index, true));
        Ok((index, Name { full, aliases }))
    }

    fn complete(&mut self, index: Index, kind: Kind, node: &Node) {
        self.fill(index, Type { kind, logical: None, place: (node.line, node.column) });
    }

    fn annotate(&mut self, index: Index, node: &Node) {
        let Some(named) = node.get("logicalType") else { return };
        match logical(&self.types.get(index).kind, node) {
            Ok(logical) => {
                if let Some(annotated) = self.types.table.get_mut(index) {
                    annotated.logical = Some(logical);
                }
            }
            Err(reason) => self.pass_over(named, reason),
        }
    }

    fn check_name(&mut self, name: &str, node: &Node) {
        let is_letter = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
        let is_good = name.starts_with(is_letter)
            && name.chars().all(|letter| is_letter(letter) || letter.is_ascii_digit());
        if !is_good {
            self.pass_over(node, format!("`{name}` is no name that every reader takes"));
        }
    }

    fn pass_over(&mut self, node: &Node, reason: String) {
        /// Things told of one file: more than a person reads.
        const TOLD_MAX: usize = 100;
        if self.passed_over.len() < TOLD_MAX {
            self.passed_over.push(broken(node, reason));
        }
    }
}

/// Why the file is refused, at a node.
pub(super) fn broken(node: &Node, reason: String) -> Broken {
    Broken { line: node.line, column: node.column, reason }
}

/// The value under a key that must be there.
pub(super) fn part<'a>(node: &'a Node, key: &str) -> Result<&'a Node, Broken> {
    node.get(key).ok_or_else(|| broken(node, format!("`{key}` is missing")))
}

/// A name in a name space, unless it brings its own.
fn full_name(name: &str, space: &str) -> String {
    if name.contains('.') || space.is_empty() {
        name.trim_start_matches('.').to_owned()
    } else {
        format!("{space}.{name}")
    }
}

fn array<'a>(node: &'a Node, what: &str) -> Result<&'a [Node], Broken> {
    match &node.value {
        Tree::Array(items) if items.len() > MEMBERS_MAX => {
            Err(broken(node, format!("more than {MEMBERS_MAX} `{what}`")))
        }
        Tree::Array(items) => Ok(items),
        _ => Err(broken(node, format!("`{what}` is no array"))),
    }
}

fn text<'a>(node: &'a Node, what: &str) -> Result<&'a str, Broken> {
    node.as_str().ok_or_else(|| broken(node, format!("a {what} is text, not {}", node.kind_name())))
}

fn texts(list: Option<&Node>) -> Result<Vec<String>, Broken> {
    let Some(list) = list else { return Ok(Vec::new()) };
    array(list, "aliases")?.iter().map(|it| text(it, "alias").map(str::to_owned)).collect()
}
