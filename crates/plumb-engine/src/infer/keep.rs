//! Keeps what people wrote into an inferred document when it is written anew.
//!
//! The rule is one: what carries a mark is Plumb's, and what carries none is a person's. So
//! descriptions, examples, words of an `enum`, operations and properties that people added stay
//! where they stand; what Plumb wrote and no longer sees goes. Refuses to know evidence, and
//! comments: those are no part of the document.

use crate::infer::asked::MARK;
use plumb_tree::{Broken, read};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Objects whose keys are names of things.
const NAMED: [&str; 5] = ["paths", "responses", "content", "headers", "properties"];

/// Objects and lists that Plumb writes below other keys, each with a mark of its own inside.
const INSIDE: [&str; 4] = ["schema", "items", "additionalProperties", "requestBody"];

/// Methods as keys of a path.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What only Plumb writes: gone when it is not written again.
const OWN: [&str; 8] = [MARK, "openapi", "type", "format", "required", "in", "name", "info"];

/// What Plumb writes because it has to stand there, and people know better.
const PERSONAL: [&str; 3] = ["description", "title", "version"];

/// The document of an earlier run, if it is one.
///
/// # Errors
///
/// When the file is neither YAML nor JSON.
pub fn read_inferred(file: &str, text: &str) -> Result<Option<Value>, Broken> {
    let parsed = read::parse(file, text.as_bytes())?;
    let document = parsed.documents.first().map(plumb_tree::Node::to_json_text);
    let document = document.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    Ok(document.filter(|document| document["info"][MARK].is_object()))
}

/// True when a text in YAML has lines that are comments, which do not stay.
#[must_use]
pub fn has_comments(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with('#'))
}

/// The new document with what people wrote into the old one.
#[must_use]
pub fn keep(old: &Value, new: Value) -> Value {
    let mut new = new;
    if let (Some(said), Some(Value::Object(paths))) =
        (old["paths"].as_object(), new.get_mut("paths"))
    {
        *paths = as_named(said, std::mem::take(paths));
    }
    item(old, new)
}

/// The operations that an earlier run wrote and that are not there any more, each as `GET /orders`.
#[must_use]
pub fn gone(old: &Value, kept: &Value) -> Vec<String> {
    let mut gone = Vec::new();
    for (path, path_item) in old["paths"].as_object().into_iter().flatten() {
        let methods = path_item.as_object().into_iter().flatten();
        for (method, _) in methods.filter(|(_, operation)| operation.get(MARK).is_some()) {
            if kept["paths"][path].get(method).is_none() {
                gone.push(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    gone
}

/// Something that Plumb writes, with what people wrote beside it.
fn item(old: &Value, new: Value) -> Value {
    let (Value::Object(before), Value::Object(mut after)) = (old, new) else {
        // A person cannot have written inside of what has no keys.
        return old.clone();
    };
    // What stays stands before the key that it stood before.
    let mut stays: BTreeMap<String, Vec<(String, Value)>> = BTreeMap::new();
    let mut waiting = Vec::new();
    for (key, value) in before {
        if let Some(written) = after.get_mut(key) {
            let fresh = written.take();
            *written = both(key, value, fresh);
            stays.insert(key.clone(), std::mem::take(&mut waiting));
        } else if let Some(value) = persons(key, value) {
            waiting.push((key.clone(), value));
        }
    }
    let mut merged = Map::new();
    for (key, value) in after {
        merged.extend(stays.remove(&key).unwrap_or_default());
        merged.insert(key, value);
    }
    merged.extend(waiting);
    merged.into()
}

/// A key that both have.
fn both(key: &str, old: &Value, new: Value) -> Value {
    match key {
        _ if NAMED.contains(&key) => named(key, old, new),
        "parameters" => parameters(old, new),
        "info" => item(old, new),
        _ if PERSONAL.contains(&key) => old.clone(),
        _ if INSIDE.contains(&key) || METHODS.contains(&key) => {
            if old.is_object() {
                item(old, new)
            } else {
                new
            }
        }
        _ => new,
    }
}

/// What a person wrote under a key that Plumb does not write this time; `None` for nothing.
fn persons(key: &str, old: &Value) -> Option<Value> {
    match key {
        _ if OWN.contains(&key) => None,
        _ if NAMED.contains(&key) => {
            let kept = named(key, old, Map::new().into());
            kept.as_object().is_some_and(|kept| !kept.is_empty()).then_some(kept)
        }
        "parameters" => {
            let kept = parameters(old, Value::Array(Vec::new()));
            kept.as_array().is_some_and(|kept| !kept.is_empty()).then_some(kept)
        }
        _ => old.get(MARK).is_none().then(|| old.clone()),
    }
}

/// Things by name: each with its own, and behind them those that people added.
fn named(key: &str, old: &Value, new: Value) -> Value {
    let (Some(before), Value::Object(after)) = (old.as_object(), new) else { return old.clone() };
    let mut merged = Map::new();
    for (name, value) in after {
        let value = match before.get(&name) {
            Some(old) => item(old, value),
            None => value,
        };
        merged.insert(name, value);
    }
    for (name, value) in before {
        let kept = match (key, value) {
            _ if merged.contains_key(name) || value.get(MARK).is_some() => None,
            ("paths", Value::Object(methods)) => own_methods(methods),
            _ => Some(value.clone()),
        };
        merged.extend(kept.map(|value| (name.clone(), value)));
    }
    merged.into()
}

/// A path that was not seen any more, with the methods that people wrote.
fn own_methods(path_item: &Map<String, Value>) -> Option<Value> {
    let is_method = |key: &str| METHODS.contains(&key);
    let kept = path_item.iter().filter(|(_, value)| value.get(MARK).is_none());
    let kept: Map<String, Value> = kept.map(|(key, value)| (key.clone(), value.clone())).collect();
    kept.keys().any(|key| is_method(key)).then(|| kept.into())
}

/// Parameters, which are told apart by part and name.
fn parameters(old: &Value, new: Value) -> Value {
    let (Some(before), Value::Array(after)) = (old.as_array(), new) else { return old.clone() };
    let is_same = |one: &Value, two: &Value| one["in"] == two["in"] && one["name"] == two["name"];
    let mut merged: Vec<Value> = Vec::new();
    for value in after {
        merged.push(match before.iter().find(|old| is_same(old, &value)) {
            Some(old) => item(old, value),
            None => value,
        });
    }
    for value in before.iter().filter(|value| value.get(MARK).is_none()) {
        if !merged.iter().any(|known| is_same(known, value)) {
            merged.push(value.clone());
        }
    }
    merged.into()
}

/// The new paths under the names that people gave to their parameters.
fn as_named(old: &Map<String, Value>, new: Map<String, Value>) -> Map<String, Value> {
    let known: BTreeMap<String, &String> = old.keys().map(|path| (unnamed(path), path)).collect();
    let renamed = new.into_iter().map(|(path, mut path_item)| {
        let Some(said) = known.get(&unnamed(&path)).filter(|said| ***said != path) else {
            return (path, path_item);
        };
        let names: Vec<&str> = names(said).collect();
        for operation in path_item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            let listed = operation["parameters"].as_array_mut().into_iter().flatten();
            let in_path = listed.filter(|parameter| parameter["in"] == "path");
            for (parameter, name) in in_path.zip(&names) {
                parameter["name"] = (*name).into();
            }
        }
        ((*said).clone(), path_item)
    });
    renamed.collect()
}

/// The names in braces of a path.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}

/// A path without the names of its parameters.
fn unnamed(path: &str) -> String {
    names(path).fold(path.to_owned(), |path, name| path.replace(&format!("{{{name}}}"), "{}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn inferred(properties: Value) -> Value {
        let schema = json!({ "type": "object", "properties": properties, MARK: {} });
        let content = json!({ "application/json": { "schema": schema, MARK: {} } });
        let answer = json!({ "description": "as seen", "content": content, MARK: {} });
        let id = json!({ "name": "orderId", "in": "path", "required": true, MARK: {} });
        let get = json!({ "parameters": [id], "responses": { "200": answer }, MARK: {} });
        json!({
            "openapi": "3.1.0",
            "info": { "title": "orders", "version": "inferred", MARK: { "version": 1 } },
            "paths": { "/orders/{orderId}": { "get": get } },
        })
    }

    #[test]
    fn what_people_wrote_stays_where_it_stands() {
        let text = "openapi: 3.1.0\ninfo: {title: Orders, version: '2', x-plumb: {version: 1}}\n\
            servers: [{url: https://orders.example}]\npaths:\n  /orders/{id}:\n    \
            summary: One\n    get:\n      operationId: getOrder\n      parameters:\n        \
            - {name: id, in: path, description: Ours, x-plumb: {}}\n        \
            - {name: trace, in: query}\n      responses:\n        '200':\n          \
            description: The order\n          content: {application/json: {x-plumb: {}, schema: \
            {type: object, properties: {a: {type: string, enum: [b], x-plumb: {}}, \
            gone: {type: string, x-plumb: {}}, mine: {type: string}}, x-plumb: {}}}}\n          \
            x-plumb: {}\n      x-plumb: {}\n    put: {x-plumb: {}}\n    \
            post: {responses: {}}\n  /old: {get: {x-plumb: {}}}\n  /ours: {get: {responses: {}}}\n";
        let old = read_inferred("a.yaml", text).unwrap().unwrap();
        let new = inferred(json!({ "a": { "type": ["string", "null"], MARK: {} } }));
        let kept = keep(&old, new.clone());
        let get = json!({
            "operationId": "getOrder",
            "parameters": [
                { "name": "id", "in": "path", "required": true, "description": "Ours", MARK: {} },
                { "name": "trace", "in": "query" },
            ],
            "responses": { "200": { "description": "The order", "content": { "application/json": {
                "schema": { "type": "object", "properties": {
                    "a": { "type": ["string", "null"], "enum": ["b"], MARK: {} },
                    "mine": { "type": "string" },
                }, MARK: {} }, MARK: {} } }, MARK: {} } },
            MARK: {},
        });
        let expected = json!({
            "openapi": "3.1.0",
            "info": { "title": "Orders", "version": "2", MARK: { "version": 1 } },
            "servers": [{ "url": "https://orders.example" }],
            "paths": {
                "/orders/{id}": { "summary": "One", "get": get, "post": { "responses": {} } },
                "/ours": { "get": { "responses": {} } },
            },
        });
        assert_eq!(format!("{kept:#}"), format!("{expected:#}"));
        assert_eq!(gone(&old, &kept), ["PUT /orders/{id}", "GET /old"]);
        assert_eq!(keep(&kept, new).to_string(), kept.to_string());
    }

    #[test]
    fn only_what_was_inferred_is_written_anew() {
        assert_eq!(read_inferred("a.yaml", "openapi: 3.1.0\ninfo: {title: a}\n"), Ok(None));
        assert!(read_inferred("a.json", "{").is_err());
        assert!(has_comments("a: 1\n  # why\n") && !has_comments("a: '#'\n"));
    }
}
