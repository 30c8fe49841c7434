//! The conversation as mocks of tests in JavaScript and TypeScript, and as nock records it.

use super::exchange::{Answered, Exchange, header_object};
use super::orders::recorded;
use serde_json::{Value, json};

/// One list of handlers for each answer: tests choose the list.
pub(super) fn msw(conversation: &[Exchange]) -> String {
    let handler = |exchange: &Exchange| {
        let method = exchange.method.to_lowercase();
        let (url, body) = (exchange.url(), json_of(exchange));
        let headers = header_object(&exchange.headers);
        let init = format!("{{ status: {}, headers: {headers} }}", exchange.status);
        let resolver = format!("() => {{\n    return HttpResponse.json({body}, {init});\n  }}");
        format!("  http.{method}('{url}', {resolver}),\n")
    };
    let handlers: String = recorded(conversation).iter().map(handler).collect();
    format!(
        "import {{ http, HttpResponse, type HttpHandler }} from 'msw';\n\n\
         export const handlers: HttpHandler[] = [\n{handlers}];\n"
    )
}

pub(super) fn nock(conversation: &[Exchange]) -> String {
    let interceptor = |exchange: &Exchange| {
        let method = exchange.method.to_lowercase();
        let asked = exchange.request.as_ref().map(|body| format!(", {body}")).unwrap_or_default();
        let (path, query) = exchange.target.split_once('?').unwrap_or((&exchange.target, ""));
        let query = match query.split_once('=') {
            Some((name, value)) => format!("\n    .query({{ {name}: {value} }})"),
            None => String::new(),
        };
        let headers = header_object(&exchange.headers);
        let (status, body) = (exchange.status, json_of(exchange));
        format!(
            "  api.{method}('{path}'{asked}){query}\n    .reply({status}, {body}, {headers});\n"
        )
    };
    let interceptors: String = recorded(conversation).iter().map(interceptor).collect();
    format!(
        "const nock = require('nock');\n\nconst api = nock('http://orders');\n\n\
         beforeEach(() => {{\n{interceptors}}});\n"
    )
}

pub(super) fn nock_recording(conversation: &[Exchange]) -> String {
    let interaction = |exchange: &Exchange| {
        let headers = exchange.response_headers();
        let raw: Vec<Value> =
            headers.iter().flat_map(|(name, value)| [json!(name), json!(value)]).collect();
        let asked = exchange.request.clone().unwrap_or(json!(""));
        json!({
            "scope": "http://orders:80",
            "method": exchange.method,
            "path": exchange.target,
            "body": asked,
            "status": exchange.status,
            "response": json_of(exchange),
            "rawHeaders": raw,
            "responseIsBinary": false,
        })
    };
    let interactions: Vec<Value> = recorded(conversation).iter().map(interaction).collect();
    serde_json::to_string_pretty(&interactions).unwrap()
}

fn json_of(exchange: &Exchange) -> &Value {
    match &exchange.response {
        Answered::Json(body) => body,
        Answered::Html(_) => panic!("mocks answer JSON"),
    }
}
