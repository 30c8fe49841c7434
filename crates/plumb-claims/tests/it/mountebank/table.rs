//! Imposters and requests, made up the same way each time: few words and few fields, so that
//! predicates and requests often meet.

use crate::numbers::Numbers;
use serde_json::{Map, Value, json};

const IMPOSTERS: usize = 64;
const STUBS: usize = 8;
const REQUESTS: usize = 25;

const METHODS: [&str; 3] = ["GET", "POST", "PUT"];
const STATES: [&str; 3] = ["open", "paid", "sent"];
const PATHS: [&str; 3] = ["^/orders/[^/]+$", "^/users/\\d+$", "^/[a-z]+$"];
const KINDS: [&str; 2] = ["alpha", "beta"];

/// Rows of an imposter and the requests that it is asked.
pub(super) fn table() -> Value {
    let mut numbers = Numbers(20_261_121);
    let rows = (0..IMPOSTERS).map(|_| {
        let stubs: Vec<Value> = (0..STUBS).map(|at| stub(&mut numbers, at)).collect();
        let requests: Vec<Value> = (0..REQUESTS).map(|_| request(&mut numbers)).collect();
        json!({ "imposter": { "protocol": "http", "stubs": stubs }, "requests": requests })
    });
    rows.collect()
}

fn stub(numbers: &mut Numbers, at: usize) -> Value {
    let predicates: Vec<Value> = (0..=numbers.below(3)).map(|_| put_together(numbers)).collect();
    let is = json!({ "headers": { "X-Stub": at.to_string() } });
    json!({ "predicates": predicates, "responses": [{ "is": is }] })
}

fn put_together(numbers: &mut Numbers) -> Value {
    match numbers.below(12) {
        0 => json!({ "or": [predicate(numbers), predicate(numbers)] }),
        1 => json!({ "and": [predicate(numbers), predicate(numbers)] }),
        2 => json!({ "not": predicate(numbers) }),
        _ => predicate(numbers),
    }
}

fn predicate(numbers: &mut Numbers) -> Value {
    let mut predicate = match numbers.below(16) {
        0..=2 => json!({ "equals": { "path": path(numbers) } }),
        3 => json!({ "equals": { "method": numbers.one(&METHODS), "path": path(numbers) } }),
        4 => json!({ "equals": { "method": numbers.one(&METHODS) } }),
        5 => json!({ "startsWith": { "path": numbers.one(&["/orders/", "/users/", "/"]) } }),
        6 => json!({ "matches": { "path": numbers.one(&PATHS) } }),
        7 => json!({ "matches": { "method": "^(GET|PUT)$" } }),
        8 => json!({ "equals": { "query": { "state": numbers.one(&STATES) } } }),
        9 => json!({ "deepEquals": { "query": query(numbers) } }),
        10 => {
            let (page, state) = (numbers.once_in(2), numbers.once_in(2));
            let both = json!({ "page": page, "state": state });
            let one = json!({ "page": page });
            json!({ "exists": { "query": if numbers.once_in(3) { both } else { one } } })
        }
        11 => json!({ "exists": { "headers": { "X-Kind": numbers.once_in(2) } } }),
        12 => json!({ "equals": { "headers": { "x-kind": numbers.one(&KINDS) } } }),
        13 => json!({ "equals": { "body": { "state": numbers.one(&STATES) } } }),
        14 => {
            let operator = numbers.one(&["contains", "endsWith"]);
            let field = numbers.one(&["body", "path"]);
            json!({ operator: { field: numbers.one(&STATES) } })
        }
        _ => json!({ "deepEquals": { "body": document(numbers) } }),
    };
    if !numbers.once_in(4) {
        predicate["caseSensitive"] = json!(true);
    }
    predicate
}

fn path(numbers: &mut Numbers) -> String {
    match numbers.below(4) {
        0 => "/orders".to_owned(),
        1 => format!("/orders/{}", 1 + numbers.below(3)),
        2 => format!("/users/{}", 1 + numbers.below(3)),
        _ => format!("/users/{}/orders", 1 + numbers.below(2)),
    }
}

fn query(numbers: &mut Numbers) -> Value {
    let mut query = Map::new();
    if numbers.once_in(2) {
        query.insert("state".to_owned(), json!(numbers.one(&STATES)));
    }
    if numbers.once_in(4) {
        query.insert("page".to_owned(), json!((1 + numbers.below(2)).to_string()));
    }
    Value::Object(query)
}

fn document(numbers: &mut Numbers) -> Value {
    let mut document = json!({ "state": numbers.one(&STATES) });
    if numbers.once_in(2) {
        document["by"] = json!({ "name": numbers.one(&KINDS) });
    }
    if numbers.once_in(4) {
        document["count"] = json!(1 + numbers.below(2));
    }
    document
}

fn request(numbers: &mut Numbers) -> Value {
    let headers = match numbers.once_in(3) {
        true => json!({ "X-Kind": numbers.one(&KINDS) }),
        false => json!({}),
    };
    let body = (!numbers.once_in(3)).then(|| document(numbers).to_string());
    json!({
        "method": numbers.one(&METHODS),
        "path": path(numbers),
        "query": query(numbers),
        "headers": headers,
        "body": body,
    })
}
