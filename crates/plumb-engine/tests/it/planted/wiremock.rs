//! The conversation as WireMock stubs, one for each recorded exchange.

use super::exchange::{Answered, Exchange, header_object};
use super::orders::recorded;
use serde_json::{Value, json};

pub(super) fn stubs(conversation: &[Exchange]) -> String {
    let stubs: Vec<Value> = recorded(conversation).iter().map(stub).collect();
    json!({ "mappings": stubs }).to_string()
}

fn stub(exchange: &Exchange) -> Value {
    let mut request = json!({ "method": exchange.method, "url": exchange.target });
    if let Some(body) = &exchange.request {
        request["headers"] = json!({ "content-type": { "equalTo": "application/json" } });
        request["bodyPatterns"] = json!([{ "equalToJson": body }]);
    }
    let Answered::Json(body) = &exchange.response else { panic!("stubs answer JSON") };
    let headers = header_object(&exchange.response_headers());
    let response = json!({ "status": exchange.status, "headers": headers, "jsonBody": body });
    json!({ "request": request, "response": response })
}
