//! Stubs and requests, made up the same way each time: few words and few fields, so that stubs and
//! requests often meet.

use crate::numbers::Numbers;
use serde_json::{Map, Value, json};

const ROWS: usize = 50;
const STUBS: usize = 5;
const REQUESTS: usize = 20;

const METHODS: [&str; 3] = ["GET", "POST", "PUT"];
const STATES: [&str; 3] = ["open", "paid", "sent"];
const KINDS: [&str; 2] = ["alpha", "beta"];
const WHOLE: [&str; 4] =
    ["/orders/[^/]+", r"/users/\d+", "/users/[0-9]+/orders", "/(orders|users)/[a-z0-9]+"];
const BELOW: [&str; 3] = ["/orders/.*", "/users/.+", "/.*"];
const URLS: [&str; 5] =
    ["/orders", r"/orders\?.*", r"/orders(\?.*)?", r"/orders\?state=[a-z]+", "/orders/[^/]+"];

/// Rows of stubs in one file and the requests that they are asked.
pub(super) fn table() -> Value {
    let mut numbers = Numbers(20_261_121);
    let rows = (0..ROWS).map(|_| {
        let stubs: Vec<Value> = (0..STUBS).map(|at| stub(&mut numbers, at)).collect();
        let requests: Vec<Value> = (0..REQUESTS).map(|_| request(&mut numbers)).collect();
        json!({ "stubs": { "mappings": stubs }, "requests": requests })
    });
    rows.collect()
}

fn stub(numbers: &mut Numbers, at: usize) -> Value {
    let mut request = Map::new();
    match numbers.below(6) {
        0 => drop(request.insert("method".into(), json!("ANY"))),
        1 | 2 => drop(request.insert("method".into(), json!(numbers.one(&METHODS)))),
        3 => drop(request.insert("method".into(), json!(numbers.one(&["get", "Any"])))),
        _ => {}
    }
    if let Some((key, url)) = url(numbers) {
        request.insert(key.to_owned(), url);
    }
    if numbers.once_in(4) {
        let name = numbers.one(&["state", "page"]);
        request.insert("queryParameters".into(), json!({ name: listed(numbers) }));
    }
    if numbers.once_in(6) {
        let name = numbers.one(&["X-Kind", "x-kind"]);
        request.insert("headers".into(), json!({ name: predicate(numbers, &KINDS) }));
    } else if numbers.once_in(8) {
        let json = numbers.one(&["equalTo", "contains", "doesNotMatch"]);
        request.insert("headers".into(), json!({ "Content-Type": { json: "application/json" } }));
    }
    if numbers.once_in(5) {
        let patterns: Vec<Value> = (0..=numbers.below(2)).map(|_| body_pattern(numbers)).collect();
        request.insert("bodyPatterns".into(), json!(patterns));
    } else if numbers.once_in(8) {
        request.insert("formParameters".into(), json!({ "state": predicate(numbers, &STATES) }));
    }
    let response = json!({ "status": 200, "headers": { "X-Stub": at.to_string() } });
    let mut stub =
        json!({ "name": format!("stub {at}"), "request": request, "response": response });
    if numbers.once_in(3) {
        stub["priority"] = json!(1 + numbers.below(9));
    }
    stub
}

fn url(numbers: &mut Numbers) -> Option<(&'static str, Value)> {
    Some(match numbers.below(14) {
        0 => return None,
        1 | 2 => ("url", json!(path(numbers))),
        3 => {
            let pairs = query(numbers).into_iter().map(|(name, value)| format!("{name}={value}"));
            let target: Vec<String> = ["/orders".to_owned()].into_iter().chain(pairs).collect();
            ("url", json!(target.join("&").replacen('&', "?", 1)))
        }
        4..=6 => ("urlPath", json!(path(numbers))),
        7 | 8 => ("urlPathPattern", json!(numbers.one(&WHOLE))),
        9 => ("urlPathPattern", json!(numbers.one(&BELOW))),
        10 | 11 => ("urlPattern", json!(numbers.one(&URLS))),
        _ => {
            let templates = ["/orders/{id}", "/users/{id}/orders", "/{kind}"];
            ("urlPathTemplate", json!(numbers.one(&templates)))
        }
    })
}

/// A predicate on a value that may come several times.
fn listed(numbers: &mut Numbers) -> Value {
    match numbers.below(6) {
        0 => {
            let each: Vec<Value> = (0..=numbers.below(2))
                .map(|_| json!({ "equalTo": numbers.one(&STATES) }))
                .collect();
            json!({ numbers.one(&["hasExactly", "includes"]): each })
        }
        _ => predicate(numbers, &STATES),
    }
}

fn predicate(numbers: &mut Numbers, words: &[&str]) -> Value {
    match numbers.below(14) {
        0..=2 => json!({ "equalTo": numbers.one(words) }),
        3 => {
            let word = numbers.one(words).to_uppercase();
            json!({ "equalTo": word, "caseInsensitive": numbers.once_in(2) })
        }
        4 => json!({ "contains": "a" }),
        5 => json!({ "doesNotContain": "p" }),
        6 => json!({ "matches": format!("({}|{})", words[0], words[1]) }),
        7 => json!({ "matches": numbers.one(&[".*", ".+", "[a-o]+", "\\d+"]) }),
        8 => json!({ "doesNotMatch": format!("{}|x", words[0]) }),
        9 | 10 => json!({ "absent": numbers.once_in(2) }),
        11 => json!({ "or": [{ "absent": true }, { "equalTo": numbers.one(words) }] }),
        12 => json!({ "and": [{ "contains": "a" }, { "equalTo": numbers.one(words) }] }),
        _ => json!({ "not": { "equalTo": numbers.one(words) } }),
    }
}

fn body_pattern(numbers: &mut Numbers) -> Value {
    match numbers.below(12) {
        0..=4 => {
            let document = document(numbers);
            let text = numbers.once_in(2).then(|| json!(document.to_string()));
            json!({
                "equalToJson": text.unwrap_or(document),
                "ignoreExtraElements": numbers.once_in(2),
                "ignoreArrayOrder": numbers.once_in(2),
            })
        }
        5 => json!({ "equalTo": document(numbers).to_string() }),
        6 => json!({ "contains": numbers.one(&STATES) }),
        7 => json!({ "absent": true }),
        8 | 9 => {
            let paths = ["$.state", "$.by", "$.by.name", "$.tags", "$.tags[0]", "$.tags[*]"];
            json!({ "matchesJsonPath": numbers.one(&paths) })
        }
        10 => json!({ "matchesJsonPath": "$[?(@.state == 'open')]" }),
        _ => {
            let mut inside = predicate(numbers, &STATES);
            inside["expression"] = json!("$.state");
            json!({ "matchesJsonPath": inside })
        }
    }
}

fn path(numbers: &mut Numbers) -> String {
    match numbers.below(8) {
        0..=2 => "/orders".to_owned(),
        3 | 4 => format!("/orders/{}", 1 + numbers.below(3)),
        5 => format!("/users/{}", 1 + numbers.below(3)),
        6 => numbers.one(&["/users/me", "/orders/new"]).to_owned(),
        _ => format!("/users/{}/orders", 1 + numbers.below(2)),
    }
}

/// Names and values in the one order in which a client sends them.
fn query(numbers: &mut Numbers) -> Vec<(&'static str, String)> {
    let mut query = Vec::new();
    if numbers.once_in(4) {
        query.push(("page", (1 + numbers.below(2)).to_string()));
    }
    if numbers.once_in(2) {
        query.push(("state", numbers.one(&STATES).to_owned()));
    }
    query
}

fn document(numbers: &mut Numbers) -> Value {
    let mut document = json!({ "state": numbers.one(&STATES) });
    if numbers.once_in(3) {
        document["by"] = match numbers.below(3) {
            0 => json!(null),
            1 => json!({}),
            _ => json!({ "name": numbers.one(&KINDS) }),
        };
    }
    if numbers.once_in(4) {
        document["count"] = json!(1 + numbers.below(2));
    }
    if numbers.once_in(4) {
        let tags: Vec<&str> = (0..numbers.below(3)).map(|_| numbers.one(&KINDS)).collect();
        document["tags"] = json!(tags);
    }
    document
}

fn request(numbers: &mut Numbers) -> Value {
    let mut headers = Map::new();
    if numbers.once_in(3) {
        headers.insert("X-Kind".to_owned(), json!(numbers.one(&KINDS)));
    }
    let (media_type, body) = match numbers.below(6) {
        0 => (None, None),
        1 => {
            let state = format!("state={}", numbers.one(&STATES));
            let form = Some("application/x-www-form-urlencoded");
            (form.filter(|_| !numbers.once_in(4)), Some(state))
        }
        2 => (None, Some(document(numbers).to_string())),
        _ => (Some("application/json"), Some(document(numbers).to_string())),
    };
    if let Some(media_type) = media_type {
        headers.insert("Content-Type".to_owned(), json!(media_type));
    }
    let mut query = query(numbers);
    if numbers.once_in(8) {
        query.push(("state", numbers.one(&STATES).to_owned()));
    }
    json!({
        "method": numbers.one(&METHODS),
        "path": path(numbers),
        "query": query,
        "headers": headers,
        "body": body,
    })
}
