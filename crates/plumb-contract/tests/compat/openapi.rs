//! Every pair of the catalog is graded as its label says, by one edit each.

use crate::pairs::{Pair, graded, merge, read_pairs};
use plumb_contract::compared::File;
use plumb_contract::interface::asked::Asked;
use plumb_contract::{interface, openapi};
use plumb_schema::answer::Reading;
use serde_json::{Value, json};

/// Fewer would mean that a file of the catalog is not found.
const PAIRS_MIN: usize = 150;

#[test]
fn every_pair_of_descriptions_is_graded_as_its_label_says() {
    let pairs = read_pairs("openapi");
    assert!(pairs.len() >= PAIRS_MIN, "{} pairs", pairs.len());
    let wrong: Vec<String> = pairs.iter().filter_map(judged).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), pairs.len(), wrong.join("\n"));
}

/// What is wrong with a pair, if anything.
fn judged(pair: &Pair) -> Option<String> {
    let [old, new] = versions(pair).map(|version| {
        let bytes = serde_json::to_vec_pretty(&version).unwrap();
        vec![File { name: "api.json".to_owned(), bytes }]
    });
    let (old, new) = (gathered(&old), gathered(&new));
    let asked = Asked { reading: reading(pair), today: Some("2026-11-21".to_owned()) };
    let compared = interface::changes(&openapi::read(&old), &openapi::read(&new), &asked);
    graded(pair, &compared)
}

fn gathered(files: &[File]) -> openapi::document::Documents {
    openapi::document::gather("api.json", files)
}

fn reading(pair: &Pair) -> Reading {
    match pair.text("reading") {
        None | Some("must-ignore") => Reading::MustIgnore,
        Some("strict") => Reading::Strict,
        Some(other) => panic!("{}: no such reading: {other}", pair.name()),
    }
}

/// Both versions: the plain description with the edits of the pair.
fn versions(pair: &Pair) -> [Value; 2] {
    if let Some(whole) = pair.value.get("whole") {
        return [whole[0].clone(), whole[1].clone()];
    }
    [0, 1].map(|side| {
        let mut version = plain();
        for (key, patch) in pair.value.as_object().unwrap() {
            let is_pair = patch.as_array().is_some_and(|both| both.len() == 2);
            let edit = if is_pair { &patch[side] } else { patch };
            set(&mut version, key, edit);
        }
        version
    })
}

fn set(version: &mut Value, key: &str, edit: &Value) {
    let operation = "/paths/~1things/post";
    let (pointer, patch) = match key {
        "version" => ("", json!({ "openapi": edit })),
        "document" => ("", edit.clone()),
        "schemas" => ("/components/schemas", edit.clone()),
        "operation" => (operation, edit.clone()),
        "parameters" => (operation, json!({ "parameters": edit })),
        "request" => {
            let pointer = format!("{operation}/requestBody/content/application~1json");
            version.pointer_mut(&pointer).unwrap()["schema"] = edit.clone();
            return;
        }
        "response" => {
            let pointer = format!("{operation}/responses/200/content/application~1json");
            version.pointer_mut(&pointer).unwrap()["schema"] = edit.clone();
            return;
        }
        "name" | "label" | "reason" | "reading" | "rule" => return,
        other => panic!("no such key: {other}"),
    };
    merge(version.pointer_mut(pointer).unwrap(), &patch);
}

/// The description that edits are made to.
fn plain() -> Value {
    let flow = json!({ "tokenUrl": "https://a.io/token", "scopes": {} });
    let content = json!({ "application/json": { "schema": { "type": "object" } } });
    json!({
        "openapi": "3.0.3",
        "info": { "title": "things", "version": "1" },
        "paths": { "/things": { "post": {
            "requestBody": { "required": true, "content": content },
            "responses": { "200": { "description": "ok", "content": content } },
        } } },
        "components": {
            "schemas": {},
            "securitySchemes": {
                "a": { "type": "apiKey", "in": "header", "name": "X-Key" },
                "b": { "type": "http", "scheme": "bearer" },
                "o": { "type": "oauth2", "flows": { "clientCredentials": flow } },
            },
        },
    })
}
