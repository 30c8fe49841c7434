//! The conversation as a Hoverfly simulation, one pair for each recorded exchange.

use super::exchange::{Answered, Exchange, WRITER};
use super::orders::recorded;
use serde_json::{Map, Value, json};

pub(super) fn simulation(conversation: &[Exchange]) -> String {
    let pairs: Vec<Value> = recorded(conversation).iter().map(pair).collect();
    json!({ "data": { "pairs": pairs }, "meta": { "schemaVersion": "v5.2" } }).to_string()
}

fn pair(exchange: &Exchange) -> Value {
    let exact = |value: &str| json!([{ "matcher": "exact", "value": value }]);
    let (path, query) = exchange.target.split_once('?').unwrap_or((&exchange.target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let query: Map<String, Value> =
        pairs.map(|(name, value)| (name.to_owned(), exact(value))).collect();
    let mut request = json!({
        "method": exact(exchange.method),
        "destination": exact(WRITER),
        "path": exact(path),
        "query": query,
    });
    if let Some(body) = &exchange.request {
        request["body"] = json!([{ "matcher": "json", "value": body.to_string() }]);
    }
    let Answered::Json(body) = &exchange.response else { panic!("pairs answer JSON") };
    let headers: Map<String, Value> = exchange
        .response_headers()
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!([value])))
        .collect();
    let response =
        json!({ "status": exchange.status, "headers": headers, "body": body.to_string() });
    json!({ "request": request, "response": response })
}
