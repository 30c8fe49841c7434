//! The conversation as recorded: cassettes of VCR and vcrpy, and HAR, of a few exchanges or of all.

use super::exchange::{Exchange, header_object};
use super::orders::recorded;
use super::yaml::block;
use serde_json::{Map, Value, json};

pub(super) fn vcr(conversation: &[Exchange]) -> String {
    let interaction = |exchange: &Exchange| {
        let (request_headers, request) = sent(exchange);
        json!({
            "request": {
                "method": exchange.method.to_lowercase(),
                "uri": exchange.url(),
                "body": { "encoding": "UTF-8", "string": request },
                "headers": lists(&request_headers),
            },
            "response": {
                "status": { "code": exchange.status, "message": "" },
                "headers": lists(&exchange.response_headers()),
                "body": { "encoding": "UTF-8", "string": exchange.text() },
                "http_version": null,
            },
            "recorded_at": "Fri, 20 Nov 2026 10:00:00 GMT",
        })
    };
    let interactions: Vec<Value> = recorded(conversation).iter().map(interaction).collect();
    block(&json!({ "http_interactions": interactions, "recorded_with": "VCR 6.3.1" }))
}

pub(super) fn vcrpy(conversation: &[Exchange]) -> String {
    let interaction = |exchange: &Exchange| {
        let (request_headers, request) = sent(exchange);
        json!({
            "request": {
                "body": (!request.is_empty()).then_some(request),
                "headers": lists(&request_headers),
                "method": exchange.method,
                "uri": exchange.url(),
            },
            "response": {
                "body": { "string": exchange.text() },
                "headers": lists(&exchange.response_headers()),
                "status": { "code": exchange.status, "message": "" },
            },
        })
    };
    let interactions: Vec<Value> = recorded(conversation).iter().map(interaction).collect();
    block(&json!({ "interactions": interactions, "version": 1 }))
}

pub(super) fn har(conversation: &[Exchange]) -> String {
    har_sample(recorded(conversation))
}

pub(super) fn keploy(conversation: &[Exchange]) -> String {
    let document = |exchange: &Exchange| {
        let (request_headers, request) = sent(exchange);
        block(&json!({
            "version": "api.keploy.io/v1beta1",
            "kind": "Http",
            "name": "test-1",
            "spec": {
                "metadata": {},
                "req": {
                    "method": exchange.method,
                    "url": exchange.url(),
                    "header": header_object(&request_headers),
                    "body": request,
                    "timestamp": "2026-11-20T10:00:00Z",
                },
                "resp": {
                    "status_code": exchange.status,
                    "header": header_object(&exchange.response_headers()),
                    "body": exchange.text(),
                },
            },
        }))
    };
    recorded(conversation).iter().map(document).collect()
}

pub(super) fn polly(conversation: &[Exchange]) -> String {
    let creator = r#""name":"recorder""#;
    har(conversation).replace(creator, r#""name":"Polly.JS""#)
}

/// All of the conversation, often enough that it counts as a sample of traffic.
pub(super) fn har_sample(conversation: &[Exchange]) -> String {
    let entry = |exchange: &Exchange| {
        let (request_headers, request) = sent(exchange);
        let mut entry = json!({
            "startedDateTime": "2026-11-20T10:00:00.000Z",
            "time": 12,
            "request": {
                "method": exchange.method,
                "url": exchange.url(),
                "httpVersion": "HTTP/1.1",
                "headers": pairs(&request_headers),
                "queryString": [],
                "cookies": [],
                "headersSize": -1,
                "bodySize": request.len(),
            },
            "response": {
                "status": exchange.status,
                "statusText": "",
                "httpVersion": "HTTP/1.1",
                "headers": pairs(&exchange.response_headers()),
                "cookies": [],
                "content": {
                    "size": exchange.text().len(),
                    "mimeType": exchange.response_headers()[0].1,
                    "text": exchange.text(),
                },
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": exchange.text().len(),
            },
            "cache": {},
            "timings": { "send": 0, "wait": 12, "receive": 0 },
        });
        if !request.is_empty() {
            entry["request"]["postData"] =
                json!({ "mimeType": "application/json", "text": request });
        }
        entry
    };
    let entries: Vec<Value> = conversation.iter().map(entry).collect();
    let creator = json!({ "name": "recorder", "version": "1" });
    json!({ "log": { "version": "1.2", "creator": creator, "entries": entries } }).to_string()
}

/// What the caller sent: headers and body.
fn sent(exchange: &Exchange) -> (Vec<(&'static str, String)>, String) {
    match &exchange.request {
        Some(body) => (vec![("content-type", "application/json".to_owned())], body.to_string()),
        None => (Vec::new(), String::new()),
    }
}

fn lists(headers: &[(&'static str, String)]) -> Value {
    let members = headers.iter().map(|(name, value)| ((*name).to_owned(), json!([value])));
    Value::Object(members.collect::<Map<_, _>>())
}

fn pairs(headers: &[(&'static str, String)]) -> Value {
    headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}
