//! Every pair of applications in the catalog is graded as its label says, by one edit each.

use crate::pairs::{Pair, graded, merge, read_pairs};
use plumb_contract::asyncapi::{self, asked::Asked};
use plumb_contract::change::Grade;
use plumb_contract::compared::{File, Flow};
use plumb_contract::json_schema::Rooted;
use plumb_schema::answer::Reading;
use serde_json::{Value, json};

/// Fewer would mean that a file of the catalog is not found.
const PAIRS_MIN: usize = 60;

#[test]
fn every_pair_of_applications_is_graded_as_its_label_says() {
    let pairs = read_pairs("asyncapi");
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
    let flow = match pair.text("flow") {
        None | Some("both") => Flow::Both,
        Some("old-writes") => Flow::OldWrites,
        Some("new-writes") => Flow::NewWrites,
        Some(other) => panic!("{}: no such flow: {other}", pair.name()),
    };
    let asked = Asked { reading: Reading::MustIgnore, flow };
    let rooted = |files| Rooted { root: "api.json", files };
    let compared = asyncapi::changes(rooted(&old), rooted(&new), asked);
    for change in compared.changes.iter().filter(|change| change.grade == Grade::Breaking) {
        assert!(change.witness.is_some(), "{}: no witness: {change:?}", pair.name());
    }
    for change in &compared.changes {
        assert!(change.old.is_some() || change.new.is_some(), "{}: {change:?}", pair.name());
    }
    graded(pair, &compared)
}

/// Both versions: the plain description with the edits of the pair.
fn versions(pair: &Pair) -> [Value; 2] {
    [0, 1].map(|side| {
        let generation = match pair.value.get("generation") {
            None => 3,
            Some(Value::Array(both)) => both[side].as_u64().unwrap(),
            Some(one) => one.as_u64().unwrap(),
        };
        let mut version = if generation == 2 { plain_two() } else { plain_three() };
        for (key, patch) in pair.value.as_object().unwrap() {
            let is_pair = patch.as_array().is_some_and(|both| both.len() == 2);
            let edit = if is_pair { &patch[side] } else { patch };
            let target = match key.as_str() {
                "document" => "",
                "received" if generation == 2 => "/channels/orders/publish/message",
                "sent" if generation == 2 => "/channels/events~1{region}/subscribe/message",
                "received" => "/channels/orders/messages/placed",
                "sent" => "/channels/events/messages/shipped",
                "answer" => "/channels/answers/messages/quoted",
                "name" | "label" | "reason" | "rule" | "flow" | "generation" => continue,
                other => panic!("no such key: {other}"),
            };
            merge(version.pointer_mut(target).unwrap(), edit);
        }
        version
    })
}

/// The description in 3.0 that edits are made to.
fn plain_three() -> Value {
    let payload = json!({ "type": "object", "properties": { "id": { "type": "string" } } });
    let held = |name: &str| json!({ name: { "payload": payload } });
    let channel = |name: &str| json!({ "$ref": format!("#/channels/{name}") });
    json!({
        "asyncapi": "3.0.0",
        "info": { "title": "shop", "version": "1" },
        "defaultContentType": "application/json",
        "servers": { "main": { "host": "broker.example:9092", "protocol": "kafka" } },
        "channels": {
            "orders": { "address": "orders", "messages": held("placed") },
            "events": {
                "address": "events/{region}",
                "parameters": { "region": { "enum": ["eu", "us"] } },
                "messages": held("shipped"),
            },
            "quotes": { "address": "quotes", "messages": held("asked") },
            "answers": { "messages": held("quoted") },
        },
        "operations": {
            "takeOrder": { "action": "receive", "channel": channel("orders") },
            "tellShipped": { "action": "send", "channel": channel("events") },
            "quote": {
                "action": "receive",
                "channel": channel("quotes"),
                "reply": { "channel": channel("answers") },
            },
        },
    })
}

/// The same in 2.6, without questions and answers.
fn plain_two() -> Value {
    let payload = json!({ "type": "object", "properties": { "id": { "type": "string" } } });
    let message = |name: &str| json!({ "name": name, "payload": payload });
    json!({
        "asyncapi": "2.6.0",
        "info": { "title": "shop", "version": "1" },
        "defaultContentType": "application/json",
        "servers": { "main": { "url": "broker.example:9092", "protocol": "kafka" } },
        "channels": {
            "orders": { "publish": { "message": message("placed") } },
            "events/{region}": {
                "parameters": { "region": { "schema": { "enum": ["eu", "us"] } } },
                "subscribe": { "message": message("shipped") },
            },
        },
    })
}
