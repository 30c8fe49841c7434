//! The conversation as Mountebank imposters, one stub for each recorded exchange.

use super::exchange::{Answered, Exchange, WRITER, header_object};
use super::orders::recorded;
use serde_json::{Map, Value, json};

pub(super) fn imposters(conversation: &[Exchange]) -> String {
    let stubs: Vec<Value> = recorded(conversation).iter().map(stub).collect();
    let imposter = json!({ "protocol": "http", "port": 4545, "name": WRITER, "stubs": stubs });
    json!({ "imposters": [imposter] }).to_string()
}

fn stub(exchange: &Exchange) -> Value {
    let (path, query) = exchange.target.split_once('?').unwrap_or((&exchange.target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let query: Map<String, Value> =
        pairs.map(|(name, value)| (name.to_owned(), json!(value))).collect();
    let mut fields = json!({ "method": exchange.method, "path": path, "query": query });
    if let Some(body) = &exchange.request {
        fields["body"] = body.clone();
    }
    let Answered::Json(body) = &exchange.response else { panic!("stubs answer JSON") };
    let headers = header_object(&exchange.response_headers());
    let response = json!({ "statusCode": exchange.status, "headers": headers, "body": body });
    json!({
        "predicates": [{ "deepEquals": fields, "caseSensitive": true }],
        "responses": [{ "is": response }],
    })
}
