//! Descriptions and requests, made up the same way each time: paths that are each other's
//! neighbours, few parameters and fields, and requests that are mostly right in all but one place.

use crate::numbers::Numbers;
use serde_json::{Map, Value, json};

const DESCRIPTIONS: usize = 24;
const REQUESTS: usize = 60;

const TEMPLATES: [&str; 10] = [
    "/orders",
    "/orders/{id}",
    "/orders/latest",
    "/orders/{id}/lines",
    "/orders/latest/lines",
    "/orders/{id}/lines/{line}",
    "/users/{name}",
    "/users/me",
    "/users/{name}/notes",
    "/",
];
const PATHS: [&str; 14] = [
    "/orders",
    "/orders/7",
    "/orders/latest",
    "/orders/7/lines",
    "/orders/latest/lines",
    "/orders/7/lines/1",
    "/orders/latest/lines/1",
    "/users/ann",
    "/users/me",
    "/users/me/notes",
    "/users/ann/notes",
    "/users",
    "/orders/7/lines/1/more",
    "/carts/7",
];
const METHODS: [&str; 4] = ["get", "post", "put", "delete"];
const BASES: [&str; 3] = ["/v1", "/v2/shop", "/eu"];
pub(super) const HOST: &str = "https://api.shop.io";
const STATES: [&str; 3] = ["open", "paid", "sent"];
const UUID: &str = "0b8fd3a1-6c3e-4e5f-9d0e-3a5b1c2d4e6f";
const FORM: &str = "application/x-www-form-urlencoded";

/// Rows of a description and the requests that it is asked.
pub(super) fn table() -> Value {
    let mut numbers = Numbers(20_261_122);
    let rows = (0..DESCRIPTIONS).map(|at| {
        let description = description(&mut numbers, at);
        let requests: Vec<Value> =
            (0..REQUESTS).map(|_| request(&mut numbers, &description)).collect();
        json!({ "description": description, "requests": requests })
    });
    rows.collect()
}

fn description(numbers: &mut Numbers, at: usize) -> Value {
    let mut paths = Map::new();
    for template in TEMPLATES {
        if numbers.once_in(6) {
            continue;
        }
        let mut item = Map::new();
        for method in METHODS {
            if !numbers.once_in(4) {
                item.insert(method.to_owned(), operation(numbers, method, template));
            }
        }
        if !item.is_empty() {
            paths.insert(template.to_owned(), Value::Object(item));
        }
    }
    let is_old = at.is_multiple_of(2);
    let mut servers = vec![json!({ "url": format!("{HOST}{}", numbers.one(&BASES)) })];
    if numbers.once_in(2) {
        servers.push(json!({ "url": format!("{HOST}/{{stage}}/shop"),
            "variables": { "stage": { "default": "live" } } }));
    }
    json!({
        "openapi": if is_old { "3.0.3" } else { "3.1.0" },
        "info": { "title": "shop", "version": at.to_string() },
        "servers": servers,
        "components": { "securitySchemes": {
            "key": { "type": "apiKey", "in": "header", "name": "X-Key" },
            "token": { "type": "http", "scheme": "bearer" },
            "asked": { "type": "apiKey", "in": "query", "name": "key" },
        } },
        "paths": paths,
    })
}

fn operation(numbers: &mut Numbers, method: &str, template: &str) -> Value {
    let id = format!("{method} {template}");
    let mut parameters: Vec<Value> = template
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            json!({ "name": name, "in": "path", "required": true,
            "schema": { "type": "string" } })
        })
        .collect();
    for kind in 0..PARAMETERS {
        if numbers.once_in(5) {
            let mut parameter = parameter(kind);
            parameter["required"] = json!(numbers.once_in(2));
            parameters.push(parameter);
        }
    }
    let success = numbers.one(&["200", "201", "2XX"]);
    let mut responses = Map::new();
    for status in [success, "401", "415", "422"] {
        let answer = json!({ "description": "what is answered", "headers": {
            "X-Operation": { "schema": { "type": "string", "enum": [id] } } } });
        responses.insert(status.to_owned(), answer);
    }
    let mut operation = json!({ "operationId": id, "parameters": parameters,
        "responses": responses });
    if matches!(method, "post" | "put") && !numbers.once_in(6) {
        operation["requestBody"] = request_body(numbers);
    }
    match numbers.below(10) {
        0 => operation["security"] = json!([{ "key": [] }]),
        1 => operation["security"] = json!([{ "token": [] }]),
        2 => operation["security"] = json!([{ "key": [] }, { "asked": [] }]),
        _ => {}
    }
    operation
}

const PARAMETERS: usize = 13;

fn parameter(kind: usize) -> Value {
    let (name, place, schema) = match kind {
        0 => ("state", "query", json!({ "type": "string", "enum": STATES })),
        1 => ("limit", "query", json!({ "type": "integer", "minimum": 0 })),
        2 => ("q", "query", json!({ "type": "string" })),
        3 => ("since", "query", json!({ "type": "string", "format": "date" })),
        4 => ("all", "query", json!({ "type": "boolean" })),
        5 => ("tag", "query", json!({ "type": "array", "items": { "type": "string" } })),
        6 => ("price", "query", json!({ "type": "number" })),
        7 => ("X-Kind", "header", json!({ "type": "string", "enum": ["alpha", "beta"] })),
        8 => ("X-Trace", "header", json!({ "type": "string", "format": "uuid" })),
        9 => ("X-Note", "header", json!({ "type": "string" })),
        10 => {
            let members = json!({ "by": { "type": "string", "enum": STATES } });
            let schema = json!({ "type": "object", "properties": members });
            return json!({ "name": "filter", "in": "query", "style": "deepObject",
                "explode": true, "schema": schema });
        }
        11 => ("X-Count", "header", json!({ "type": "integer" })),
        _ => {
            let items = json!({ "type": "integer" });
            let schema = json!({ "type": "array", "items": items });
            return json!({ "name": "ids", "in": "query", "style": "form", "explode": false,
                "schema": schema });
        }
    };
    json!({ "name": name, "in": place, "schema": schema })
}

fn request_body(numbers: &mut Numbers) -> Value {
    let mut content = Map::new();
    match numbers.below(6) {
        0 => {
            content.insert(FORM.to_owned(), json!({ "schema": fields() }));
        }
        1 => {
            content.insert("text/plain".to_owned(), json!({ "schema": { "type": "string" } }));
        }
        2 => {
            content.insert(FORM.to_owned(), json!({ "schema": fields() }));
            content.insert("application/json".to_owned(), json!({ "schema": document(numbers) }));
        }
        3 => {
            let merge = "application/merge-patch+json";
            content.insert(merge.to_owned(), json!({ "schema": document(numbers) }));
        }
        _ => {
            content.insert("application/json".to_owned(), json!({ "schema": document(numbers) }));
        }
    }
    json!({ "required": numbers.once_in(2), "content": content })
}

fn fields() -> Value {
    json!({ "type": "object", "required": ["state"], "properties": {
        "state": { "type": "string", "enum": STATES }, "note": { "type": "string" } } })
}

/// The schema of a document.
fn document(numbers: &mut Numbers) -> Value {
    let mut members = Map::new();
    let mut required = Vec::new();
    for name in ["name", "count", "state", "at", "paid", "by", "lines", "price", "refs"] {
        if numbers.once_in(2) {
            continue;
        }
        let schema = match name {
            "name" => json!({ "type": "string" }),
            "count" => json!({ "type": "integer" }),
            "state" => json!({ "type": "string", "enum": STATES }),
            "at" => json!({ "type": "string", "format": "date-time" }),
            "paid" => json!({ "type": "boolean" }),
            "by" => json!({ "type": "object", "required": ["name"], "additionalProperties": false,
                "properties": { "name": { "type": "string" }, "since": { "type": "string" } } }),
            "lines" => json!({ "type": "array", "items": { "type": "object", "required": ["sku"],
                "properties": { "sku": { "type": "string" }, "count": { "type": "integer" } } } }),
            "price" => json!({ "type": "number", "minimum": 0 }),
            _ => json!({ "type": "array", "minItems": 1, "items": { "type": "string" } }),
        };
        members.insert(name.to_owned(), schema);
        if numbers.once_in(2) {
            required.push(name);
        }
    }
    let mut schema = json!({ "type": "object", "properties": members });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if numbers.once_in(3) {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

fn request(numbers: &mut Numbers, description: &Value) -> Value {
    let base = match numbers.below(16) {
        0 => "/v9".to_owned(),
        1 | 2 => "/live/shop".to_owned(),
        _ => description["servers"][0]["url"].as_str().unwrap().replace(HOST, ""),
    };
    let path = numbers.one(&PATHS).to_owned();
    let method = numbers.one(&METHODS).to_owned();
    let asked = operation_for(description, &method, &path);
    let (mut query, mut headers) = (Vec::new(), Map::new());
    for parameter in asked["parameters"].as_array().into_iter().flatten() {
        fill(numbers, parameter, (&mut query, &mut headers));
    }
    if numbers.once_in(8) {
        query.push(json!(["more", "yes"]));
    }
    for (name, value) in [("X-Key", "secret"), ("Authorization", "Bearer secret")] {
        if numbers.once_in(3) {
            headers.insert(name.to_owned(), json!(value));
        }
    }
    let (media_type, body) = body(numbers, &asked["requestBody"]);
    if let Some(media_type) = media_type {
        headers.insert("Content-Type".to_owned(), json!(media_type));
    }
    json!({ "method": method.to_uppercase(), "base": base, "path": path, "query": query,
        "headers": headers, "body": body })
}

/// Some operation that the request may be for, so that most requests are nearly right.
fn operation_for(description: &Value, method: &str, path: &str) -> Value {
    let segments: Vec<&str> = path.split('/').collect();
    let is_of = |template: &str| {
        let template: Vec<&str> = template.split('/').collect();
        template.len() == segments.len()
            && template.iter().zip(&segments).all(|(it, at)| it.starts_with('{') || it == at)
    };
    let mut fitting: Vec<(&String, &Value)> = description["paths"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(template, item)| is_of(template) && item.get(method).is_some())
        .collect();
    fitting.sort_by_key(|(template, _)| template.matches('{').count());
    fitting.first().map(|(_, item)| item[method].clone()).unwrap_or_default()
}

fn fill(
    numbers: &mut Numbers,
    parameter: &Value,
    (query, headers): (&mut Vec<Value>, &mut Map<String, Value>),
) {
    if numbers.once_in(if parameter["required"] == true { 6 } else { 2 }) {
        return;
    }
    let is_wrong = numbers.once_in(6);
    let name = parameter["name"].as_str().unwrap();
    let (right, wrong): (&[&str], &[&str]) = match name {
        "state" => (&STATES, &["lost"]),
        "limit" => (&["0", "12", "300"], &["many", "1.5", "-1"]),
        "q" | "X-Note" => (&["desk", "42", "a b"], &["desk"]),
        "since" => (&["2026-11-20"], &["yesterday"]),
        "all" => (&["true", "false"], &["perhaps"]),
        "tag" => (&["a", "b"], &["a"]),
        "price" => (&["12", "12.5", "-3"], &["dear"]),
        "X-Kind" => (&["alpha", "beta"], &["gamma"]),
        "X-Trace" => (&[UUID], &["none"]),
        "X-Count" => (&["3", "-3"], &["few", "1.5"]),
        "ids" => (&["1", "1,2"], &["1,b"]),
        "filter" => {
            let by = if is_wrong { "lost" } else { numbers.one(&STATES) };
            query.push(json!(["filter[by]", by]));
            return;
        }
        _ => return,
    };
    let value = numbers.one(if is_wrong { wrong } else { right });
    if parameter["in"] == "header" {
        headers.insert(name.to_owned(), json!(value));
        return;
    }
    query.push(json!([name, value]));
    if name == "tag" && numbers.once_in(2) {
        query.push(json!([name, numbers.one(right)]));
    }
}

fn body(numbers: &mut Numbers, said: &Value) -> (Option<String>, Value) {
    let Some(content) = said["content"].as_object() else { return (None, Value::Null) };
    if numbers.once_in(8) {
        return (None, Value::Null);
    }
    let names: Vec<&str> = content.keys().map(String::as_str).collect();
    let media_type = match numbers.below(10) {
        0 => "application/xml",
        1 => "application/json",
        _ => numbers.one(&names),
    };
    let text = match media_type {
        "application/xml" => "<order/>".to_owned(),
        "text/plain" => "some text".to_owned(),
        FORM => {
            let state = if numbers.once_in(6) { "lost" } else { numbers.one(&STATES) };
            let fields = [format!("state={state}"), "note=thanks".to_owned()];
            let given = fields.iter().filter(|_| !numbers.once_in(4)).cloned();
            let given: Vec<String> = given.collect();
            if given.is_empty() { "other=1".to_owned() } else { given.join("&") }
        }
        _ => {
            let schema = content.get(media_type).map_or(Value::Null, |it| it["schema"].clone());
            value(numbers, &schema).to_string()
        }
    };
    let with_charset = media_type == "application/json" && numbers.once_in(5);
    let suffix = if with_charset { "; charset=utf-8" } else { "" };
    (Some(format!("{media_type}{suffix}")), json!(text))
}

/// A value that a schema admits in most places.
fn value(numbers: &mut Numbers, schema: &Value) -> Value {
    if numbers.once_in(24) {
        return [json!(null), json!("odd"), json!(12), json!([]), json!({})][numbers.below(5)]
            .clone();
    }
    match schema["type"].as_str().unwrap_or("object") {
        "string" if schema["enum"].is_array() => json!(numbers.one(&STATES)),
        "string" if schema["format"] == "date-time" => json!("2026-11-20T10:00:00Z"),
        "string" => json!(numbers.one(&["Ada", "", "42", "2026-11-20"])),
        "integer" => {
            [json!(0), json!(12), json!(-4), json!(5_000_000_000_u64)][numbers.below(4)].clone()
        }
        "number" => [json!(0), json!(12.5), json!(1200)][numbers.below(3)].clone(),
        "boolean" => json!(numbers.once_in(2)),
        "array" => (0..numbers.below(3)).map(|_| value(numbers, &schema["items"])).collect(),
        _ => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let mut document = Map::new();
            for (name, member) in schema["properties"].as_object().into_iter().flatten() {
                let is_required = required.iter().any(|one| one == name);
                if !numbers.once_in(if is_required { 12 } else { 2 }) {
                    document.insert(name.clone(), value(numbers, member));
                }
            }
            if numbers.once_in(10) {
                document.insert("more".to_owned(), json!(1));
            }
            Value::Object(document)
        }
    }
}
