//! Requests in, exchanges and account out.

use super::*;
use crate::exchange::{Body, Message};

use encode::{Any, Group, Sample, attribute, proto};

mod asked;
mod calls;
mod encode;
mod files;
mod laws;
mod messages;

const CLIENT: u8 = 3;
const SERVER: u8 = 2;

/// The exchanges of requests, one line each, and the account.
fn told(requests: &[Vec<u8>], limits: &Limits) -> (Vec<String>, Reading) {
    let (mut lines, mut reading) = (Vec::new(), Reading::default());
    let mut calls = Calls::new(limits);
    let mut sink = |exchange: Exchange<'_>| lines.push(line(&exchange));
    for request in requests {
        request_proto(request, &mut calls, &mut sink, &mut reading).unwrap();
    }
    calls.finish(&mut sink, &mut reading);
    assert_eq!(reading.exchanges, lines.len() as u64);
    (lines, reading)
}

fn line(exchange: &Exchange<'_>) -> String {
    let side = |message: &Message<'_>| {
        let body = match &message.body {
            Body::Absent => "-".to_owned(),
            Body::Withheld(reason) => format!("({reason})"),
            Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Body::Document(json) => String::from_utf8_lossy(json).into_owned(),
        };
        let headers: Vec<_> = message.headers.iter().map(|(k, v)| format!("{k}={v}")).collect();
        format!("[{}] {body}", headers.join(" "))
    };
    let query: Vec<_> = exchange.query.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let or_none =
        |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().unwrap_or("?").to_owned();
    format!(
        "{} > {} {} {} {} {}|{}|{}|{}|{} {} -> {} {} {:?} {:?}",
        or_none(&exchange.reader),
        or_none(&exchange.writer),
        or_none(&exchange.version),
        or_none(&exchange.environment),
        exchange.method,
        exchange.scheme,
        exchange.host,
        exchange.path,
        query.join("&"),
        or_none(&exchange.route),
        side(&exchange.request),
        exchange.status,
        side(&exchange.response),
        exchange.time_ms,
        exchange.latency_ms,
    )
}

fn sample(kind: u8, id: u64, parent: u64, attributes: &[(&str, Any)]) -> Sample {
    Sample {
        kind,
        trace: 7,
        id,
        parent,
        start_ns: 1_000_000_000,
        end_ns: 1_002_500_000,
        attributes: attributes.iter().map(|(name, value)| attribute(name, value.clone())).collect(),
        ..Sample::default()
    }
}

fn service(name: &str, version: &str) -> Vec<(String, Any)> {
    vec![attribute("service.name", name), attribute("service.version", version)]
}

/// The client's span of a call, in the stable conventions.
fn client(id: u64) -> Group {
    let span = sample(
        CLIENT,
        id,
        0,
        &[
            ("http.request.method", "GET".into()),
            ("url.full", "https://u:p@api.test:443/v1/users/ann?a=1&b=x+y".into()),
            ("http.response.status_code", 200.into()),
        ],
    );
    Group { resource: service("shop", "9"), spans: vec![span] }
}

/// The server's span of the same call.
fn server(id: u64, parent: u64) -> Group {
    let span = sample(
        SERVER,
        id,
        parent,
        &[
            ("http.request.method", "GET".into()),
            ("url.path", "/users/ann".into()),
            ("http.route", "/users/:id".into()),
            ("http.response.status_code", 200.into()),
            ("http.response.header.content-type", Any::Texts(vec!["application/json".into()])),
        ],
    );
    let mut resource = service("users", "3.1");
    resource.push(attribute("deployment.environment", "staging"));
    Group { resource, spans: vec![span] }
}

const BOTH: &str = "shop > users 3.1 staging GET https|api.test|/v1/users/ann|a=1&b=x y|/users/:id \
                    [] (not in telemetry) -> 200 [content-type=application/json] \
                    (not in telemetry) Some(1000) Some(2.5)";

fn of_file(text: &[u8], limits: &Limits) -> (Vec<String>, Reading) {
    let mut lines = Vec::new();
    let reading = read(&mut &*text, &mut |exchange| lines.push(line(&exchange)), limits).unwrap();
    assert_eq!(reading.exchanges, lines.len() as u64);
    (lines, reading)
}
