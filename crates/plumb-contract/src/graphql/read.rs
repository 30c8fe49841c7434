//! Reads a schema definition into a [`Schema`], one definition at a time.
//!
//! Extensions are taken into what they extend; a result of introspection is read as the definitions
//! that it amounts to. Refuses to know what two versions change.

use crate::compared::{File, Unread};
use crate::graphql::model::{Applied, Directive, Field, Held, Input, Kind, Place};
use crate::graphql::model::{Schema, Type, Value};
use crate::graphql::told::place;
use graphql_parser::Pos;
use graphql_parser::schema as ast;
use plumb_graphql::fault::{Fault, fault};
use plumb_graphql::introspection::{Told, told};
use plumb_graphql::schema::ROOTS;
use plumb_graphql::split::{Chunk, split};
use std::collections::BTreeMap;

/// Bytes of one file at most: the largest public schemas have about two million.
const BYTES_MAX: usize = 16 << 20;

/// Places that are told at most: more than a person mends.
const UNREAD_MAX: usize = 1_000;

/// Reads a file. What cannot be read is told in `unread`; when that is the whole, `is_read` is
/// false.
pub(super) fn read(file: &File) -> Schema {
    let mut schema = Schema { file: file.name.clone(), ..Schema::default() };
    let text = match std::str::from_utf8(&file.bytes) {
        _ if file.bytes.len() > BYTES_MAX => {
            schema.tell((1, 1), format!("the file is larger than {} MiB", BYTES_MAX >> 20));
            return schema;
        }
        Ok(text) => text,
        Err(_) => {
            schema.tell((1, 1), "the file is no text in UTF-8".to_owned());
            return schema;
        }
    };
    match told(&file.bytes) {
        Some(Told { text, left_out }) => {
            define(&mut schema, &text);
            if left_out > 0 {
                let what = "names or types of the result are not told to their end";
                schema.tell((1, 1), format!("{left_out} {what}"));
            }
            place(&mut schema, &file.bytes);
        }
        None => define(&mut schema, text),
    }
    schema
}

/// Takes the definitions of a text.
fn define(schema: &mut Schema, text: &str) {
    let split = split(text);
    for (place, why) in &split.stray {
        schema.tell(*place, (*why).to_owned());
    }
    for chunk in &split.chunks {
        if chunk.is_of_schema {
            definition(schema, chunk);
        } else {
            schema.tell(chunk.place, "an operation is no part of a schema".to_owned());
        }
    }
    for (operation, name) in ROOTS {
        if schema.types.contains_key(name) && !schema.says_roots {
            schema.roots.entry(operation).or_insert_with(|| name.to_owned());
        }
    }
    schema.is_read = split.chunks.iter().any(|chunk| chunk.is_of_schema);
}

impl Schema {
    fn tell(&mut self, (line, column): Place, reason: String) {
        if self.unread.len() < UNREAD_MAX {
            self.unread.push(Unread { file: self.file.clone(), line, column, reason });
        }
    }
}

fn definition(schema: &mut Schema, chunk: &Chunk<'_>) {
    // Extensions of the whole may hold directives alone, which are for tools on the server.
    if chunk.text.starts_with("schema") && !chunk.text.contains('{') {
        return;
    }
    match graphql_parser::parse_schema::<String>(chunk.text) {
        Ok(document) => {
            for definition in document.definitions {
                taken(schema, chunk, definition);
            }
        }
        Err(err) => {
            let Fault { place, why } = fault(&err.to_string());
            let reason = format!("a definition cannot be read: {why}");
            schema.tell(offset(chunk.place, place), reason);
        }
    }
}

/// A place in a definition as one in its file.
fn offset((line, column): Place, inner: Pos) -> Place {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).max(1);
    let (down, right) = (number(inner.line), number(inner.column));
    let across = if down == 1 { column.saturating_add(right - 1) } else { right };
    (line.saturating_add(down - 1), across)
}

fn taken(schema: &mut Schema, chunk: &Chunk<'_>, definition: ast::Definition<'_, String>) {
    match definition {
        ast::Definition::SchemaDefinition(roots) => {
            schema.says_roots |= !chunk.is_extension;
            let said = [roots.query, roots.mutation, roots.subscription];
            for ((operation, _), name) in ROOTS.into_iter().zip(said) {
                schema.roots.extend(name.map(|name| (operation, name)));
            }
        }
        ast::Definition::TypeDefinition(definition) => {
            let (name, each) = typed(chunk.place, definition);
            add(schema, chunk, name, each);
        }
        ast::Definition::DirectiveDefinition(definition) => {
            let at = offset(chunk.place, definition.position);
            let locations = definition.locations.iter().filter_map(|location| {
                let text = location.as_str();
                EXECUTABLE.into_iter().find(|known| *known == text)
            });
            let directive = Directive {
                arguments: inputs(chunk.place, definition.arguments),
                locations: locations.collect(),
                is_repeatable: definition.repeatable,
                at,
            };
            schema.directives.insert(definition.name, directive);
        }
        ast::Definition::TypeExtension(_) => {
            // INVARIANT: the word that makes one an extension is cut off before.
            schema.tell(chunk.place, "an extension within an extension".to_owned());
        }
    }
}

/// Places in operations where directives may stand.
const EXECUTABLE: [&str; 8] = [
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
];

/// Adds a type, or what an extension says of one.
fn add(schema: &mut Schema, chunk: &Chunk<'_>, name: String, each: Type) {
    let Some(known) = schema.types.get_mut(&name) else {
        schema.types.insert(name, each);
        return;
    };
    if known.kind != each.kind {
        let reason = format!("`{name}` is defined as {} before", known.kind.name());
        schema.tell(chunk.place, reason);
        return;
    }
    // Extensions may stand before what they extend.
    if !chunk.is_extension {
        known.at = each.at;
    }
    known.fields.extend(each.fields);
    known.inputs.extend(each.inputs);
    known.values.extend(each.values);
    known.members.extend(each.members);
    known.implements.extend(each.implements);
    known.applied.others.extend(each.applied.others);
}

fn typed(from: Place, definition: ast::TypeDefinition<'_, String>) -> (String, Type) {
    let plain = |kind, position, directives| Type {
        kind,
        fields: BTreeMap::new(),
        inputs: BTreeMap::new(),
        values: BTreeMap::new(),
        members: Default::default(),
        implements: Default::default(),
        applied: applied(directives),
        at: offset(from, position),
    };
    match definition {
        ast::TypeDefinition::Scalar(it) => {
            (it.name, plain(Kind::Scalar, it.position, &it.directives))
        }
        ast::TypeDefinition::Object(it) => {
            let each = plain(Kind::Object, it.position, &it.directives);
            let implements = it.implements_interfaces.into_iter().collect();
            (it.name, Type { fields: fields(from, it.fields), implements, ..each })
        }
        ast::TypeDefinition::Interface(it) => {
            let each = plain(Kind::Interface, it.position, &it.directives);
            let implements = it.implements_interfaces.into_iter().collect();
            (it.name, Type { fields: fields(from, it.fields), implements, ..each })
        }
        ast::TypeDefinition::Union(it) => {
            let each = plain(Kind::Union, it.position, &it.directives);
            (it.name, Type { members: it.types.into_iter().collect(), ..each })
        }
        ast::TypeDefinition::Enum(it) => {
            let each = plain(Kind::Enum, it.position, &it.directives);
            let value = |it: ast::EnumValue<'_, String>| {
                let at = offset(from, it.position);
                (it.name, Value { applied: applied(&it.directives), at })
            };
            (it.name, Type { values: it.values.into_iter().map(value).collect(), ..each })
        }
        ast::TypeDefinition::InputObject(it) => {
            let each = plain(Kind::Input, it.position, &it.directives);
            (it.name, Type { inputs: inputs(from, it.fields), ..each })
        }
    }
}

fn fields(from: Place, all: Vec<ast::Field<'_, String>>) -> BTreeMap<String, Field> {
    let field = |it: ast::Field<'_, String>| {
        let field = Field {
            arguments: inputs(from, it.arguments),
            held: held(&it.field_type),
            applied: applied(&it.directives),
            at: offset(from, it.position),
        };
        (it.name, field)
    };
    all.into_iter().map(field).collect()
}

fn inputs(from: Place, all: Vec<ast::InputValue<'_, String>>) -> BTreeMap<String, Input> {
    let input = |it: ast::InputValue<'_, String>| {
        let input = Input {
            held: held(&it.value_type),
            default: it.default_value.map(|value| value.to_string()),
            applied: applied(&it.directives),
            at: offset(from, it.position),
        };
        (it.name, input)
    };
    all.into_iter().map(input).collect()
}

// The parser bounds how deep lists lie one in another.
fn held(from: &ast::Type<'_, String>) -> Held {
    match from {
        ast::Type::NamedType(name) => Held::Named(name.clone()),
        ast::Type::ListType(inner) => Held::List(Box::new(held(inner))),
        ast::Type::NonNullType(inner) => Held::NonNull(Box::new(held(inner))),
    }
}

fn applied(directives: &[ast::Directive<'_, String>]) -> Applied {
    let is_deprecated = directives.iter().any(|it| it.name == "deprecated");
    let others = directives.iter().filter(|it| it.name != "deprecated");
    Applied { is_deprecated, others: others.map(ToString::to_string).collect() }
}
