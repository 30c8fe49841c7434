//! The specification's rules once more, over one datum at a time and straight from the JSON of two
//! schemas: slow, plain, and sharing nothing with what it checks.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Named types by their full names.
pub(super) type Names = BTreeMap<String, Value>;

/// A schema and the names in it.
type Side<'a> = (&'a Value, &'a Names);

pub(super) fn names(schema: &Value) -> Names {
    let mut names = Names::new();
    collect(schema, &mut names);
    names
}

fn collect(schema: &Value, names: &mut Names) {
    match schema {
        Value::Array(members) => members.iter().for_each(|member| collect(member, names)),
        Value::Object(object) => {
            if let Some(name) = object.get("name").and_then(Value::as_str) {
                names.insert(name.to_owned(), schema.clone());
            }
            for key in ["items", "values", "type"] {
                object.get(key).into_iter().for_each(|inner| collect(inner, names));
            }
            for field in object.get("fields").and_then(Value::as_array).into_iter().flatten() {
                collect(&field["type"], names);
            }
        }
        _ => {}
    }
}

/// What a schema says itself, names followed; and its kind.
fn shape<'a>(schema: &'a Value, names: &'a Names) -> (&'a str, &'a Value) {
    match schema {
        Value::Array(_) => ("union", schema),
        Value::String(name) => match names.get(name) {
            Some(named) => shape(named, names),
            None => (name, schema),
        },
        other => (other["type"].as_str().unwrap(), other),
    }
}

fn short(schema: &Value) -> &str {
    let name = schema["name"].as_str().unwrap();
    name.rsplit('.').next().unwrap()
}

fn has_alias(schema: &Value, name: &str) -> bool {
    schema["aliases"].as_array().is_some_and(|all| all.iter().any(|alias| alias == name))
}

fn same_name(writer: &Value, reader: &Value) -> bool {
    short(writer) == short(reader) || has_alias(reader, writer["name"].as_str().unwrap())
}

fn matches(writer: Side<'_>, reader: Side<'_>) -> bool {
    let (kind, written) = shape(writer.0, writer.1);
    let (other, read) = shape(reader.0, reader.1);
    match (kind, other) {
        ("union", _) | (_, "union") => true,
        ("array", "array") => matches((&written["items"], writer.1), (&read["items"], reader.1)),
        ("map", "map") => matches((&written["values"], writer.1), (&read["values"], reader.1)),
        ("record", "record") | ("enum", "enum") => same_name(written, read),
        ("fixed", "fixed") => same_name(written, read) && written["size"] == read["size"],
        _ => kind == other || promotes(kind, other),
    }
}

fn promotes(from: &str, to: &str) -> bool {
    match from {
        "int" => ["long", "float", "double"].contains(&to),
        "long" => ["float", "double"].contains(&to),
        "float" => to == "double",
        "string" => to == "bytes",
        "bytes" => to == "string",
        _ => false,
    }
}

/// The member of a union that a datum in JSON is of, and the datum within.
fn member<'a>(side: Side<'a>, datum: &'a Value) -> Option<(&'a Value, &'a Value)> {
    let (_, union) = shape(side.0, side.1);
    let wanted = match datum {
        Value::Null => "null",
        Value::Object(object) => object.keys().next()?,
        _ => return None,
    };
    let is_it = |member: &&Value| {
        let (kind, inner) = shape(member, side.1);
        inner.get("name").and_then(Value::as_str).unwrap_or(kind) == wanted
    };
    let found = union.as_array()?.iter().find(is_it)?;
    Some((found, if datum.is_null() { datum } else { &datum[wanted] }))
}

/// Whether a datum of the writer resolves into the reader.
pub(super) fn resolves(writer: Side<'_>, reader: Side<'_>, datum: &Value) -> bool {
    let (kind, written) = shape(writer.0, writer.1);
    if kind == "union" {
        let (member, inner) = member(writer, datum).unwrap();
        return resolves((member, writer.1), reader, inner);
    }
    let (other, read) = shape(reader.0, reader.1);
    if other == "union" {
        let full = |schema: &Value| schema.get("name").and_then(Value::as_str).map(str::to_owned);
        let members = read.as_array().unwrap();
        let fitting = || members.iter().filter(|it| matches(writer, (it, reader.1)));
        let named = fitting().find(|it| {
            let name = full(shape(it, reader.1).1);
            name.is_some() && name == full(written)
        });
        return match named.or_else(|| fitting().next()) {
            Some(member) => resolves(writer, (member, reader.1), datum),
            None => false,
        };
    }
    if kind != "array" && kind != "map" && !matches(writer, reader) {
        return false;
    }
    match (kind, other) {
        ("array", "array") => {
            datum.as_array().unwrap().iter().all(|item| {
                resolves((&written["items"], writer.1), (&read["items"], reader.1), item)
            })
        }
        ("map", "map") => datum.as_object().unwrap().values().all(|item| {
            resolves((&written["values"], writer.1), (&read["values"], reader.1), item)
        }),
        ("array" | "map", _) => false,
        ("enum", _) => {
            read["symbols"].as_array().unwrap().contains(datum) || read.get("default").is_some()
        }
        ("record", _) => record_resolves((written, writer.1), (read, reader.1), datum),
        _ => true,
    }
}

fn record_resolves(writer: Side<'_>, reader: Side<'_>, datum: &Value) -> bool {
    let fields = |schema: &Value| schema["fields"].as_array().unwrap().clone();
    let (written, read) = (fields(writer.0), fields(reader.0));
    read.iter().all(|field| {
        let same = written.iter().find(|other| other["name"] == field["name"]);
        let aliased = || {
            written.iter().find(|other| {
                let name = other["name"].as_str().unwrap();
                has_alias(field, name) && !read.iter().any(|it| it["name"] == name)
                    // An alias goes to the first field that has it.
                    && read.iter().find(|it| has_alias(it, name)
                        && !written.iter().any(|w| w["name"] == it["name"]))
                        .is_some_and(|first| first["name"] == field["name"])
            })
        };
        match same.or_else(aliased) {
            Some(other) => {
                let inner = &datum[other["name"].as_str().unwrap()];
                resolves((&other["type"], writer.1), (&field["type"], reader.1), inner)
            }
            None => field.get("default").is_some(),
        }
    })
}

/// Whether a datum in Avro's JSON encoding is one of the schema.
pub(super) fn admits(schema: &Value, names: &Names, datum: &Value) -> bool {
    let (kind, shape) = shape(schema, names);
    match kind {
        "union" => member((schema, names), datum)
            .is_some_and(|(member, inner)| admits(member, names, inner)),
        "null" => datum.is_null(),
        "boolean" => datum.is_boolean(),
        "int" | "long" => datum.is_i64(),
        "float" | "double" => datum.is_number(),
        "bytes" | "string" => datum.is_string(),
        "fixed" => datum
            .as_str()
            .is_some_and(|it| Some(it.chars().count() as u64) == shape["size"].as_u64()),
        "enum" => shape["symbols"].as_array().unwrap().contains(datum),
        "array" => datum
            .as_array()
            .is_some_and(|all| all.iter().all(|item| admits(&shape["items"], names, item))),
        "map" => datum
            .as_object()
            .is_some_and(|all| all.values().all(|item| admits(&shape["values"], names, item))),
        _ => shape["fields"].as_array().unwrap().iter().all(|field| {
            datum
                .get(field["name"].as_str().unwrap())
                .is_some_and(|inner| admits(&field["type"], names, inner))
        }),
    }
}

/// All small data of a schema, `depth` levels deep, at most some hundred.
pub(super) fn data(schema: &Value, names: &Names, depth: usize) -> Vec<Value> {
    const KEPT_MAX: usize = 60;
    if depth == 0 {
        return Vec::new();
    }
    let (kind, shape) = shape(schema, names);
    let mut all = match kind {
        "null" => vec![Value::Null],
        "boolean" => vec![json!(true)],
        "int" | "long" => vec![json!(0)],
        "float" | "double" => vec![json!(0.5)],
        "bytes" | "string" => vec![json!("s")],
        "fixed" => {
            vec![json!("\0".repeat(usize::try_from(shape["size"].as_u64().unwrap()).unwrap()))]
        }
        "enum" => shape["symbols"].as_array().unwrap().clone(),
        "array" => {
            let items = data(&shape["items"], names, depth - 1);
            let one = items.into_iter().map(|item| json!([item]));
            one.chain([json!([])]).collect()
        }
        "map" => {
            let items = data(&shape["values"], names, depth - 1);
            let one = items.into_iter().map(|item| json!({"k": item}));
            one.chain([json!({})]).collect()
        }
        "union" => {
            let mut all = Vec::new();
            for member in shape.as_array().unwrap() {
                let (kind, inner) = self::shape(member, names);
                let name = inner.get("name").and_then(Value::as_str).unwrap_or(kind);
                for datum in data(member, names, depth - 1) {
                    all.push(if datum.is_null() { datum } else { json!({name: datum}) });
                }
            }
            all
        }
        _ => {
            let mut all = vec![Map::new()];
            for field in shape["fields"].as_array().unwrap() {
                let held = data(&field["type"], names, depth - 1);
                let name = field["name"].as_str().unwrap();
                all = all
                    .iter()
                    .flat_map(|record| {
                        held.iter().map(|value| {
                            let mut record = record.clone();
                            record.insert(name.to_owned(), value.clone());
                            record
                        })
                    })
                    .take(KEPT_MAX)
                    .collect();
            }
            all.into_iter().map(Value::Object).collect()
        }
    };
    all.truncate(KEPT_MAX);
    all
}
