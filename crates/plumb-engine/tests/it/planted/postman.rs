//! The conversation as a Postman collection, one request with an example for each exchange.

use super::exchange::Exchange;
use super::orders::recorded;
use serde_json::{Value, json};

pub(super) fn collection(conversation: &[Exchange]) -> String {
    let items: Vec<Value> = recorded(conversation).iter().map(item).collect();
    let schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
    json!({ "info": { "name": "orders", "schema": schema }, "item": items }).to_string()
}

fn item(exchange: &Exchange) -> Value {
    let header = |(name, value): &(&str, String)| json!({ "key": name, "value": value });
    let mut request = json!({ "method": exchange.method, "url": exchange.url() });
    if let Some(body) = &exchange.request {
        let options = json!({ "raw": { "language": "json" } });
        request["body"] = json!({ "mode": "raw", "raw": body.to_string(), "options": options });
    }
    let headers: Vec<Value> = exchange.response_headers().iter().map(header).collect();
    let example = json!({
        "name": "as it was",
        "originalRequest": request,
        "code": exchange.status,
        "header": headers,
        "body": exchange.text(),
    });
    json!({ "name": exchange.operation(), "request": request, "response": [example] })
}
