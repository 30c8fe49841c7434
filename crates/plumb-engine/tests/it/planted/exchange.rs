//! An exchange as the tests plant it, and its line of traffic.

use crate::trial::NOW_MS;
use serde_json::{Map, Value, json};

/// The provider; also its host, so that contracts and recordings name it alike.
pub(crate) const WRITER: &str = "orders";

/// One request with its answer.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) method: &'static str,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) request: Option<Value>,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) response: Answered,
}

/// The body of an answer.
#[derive(Clone, Debug)]
pub(crate) enum Answered {
    Json(Value),
    Html(&'static str),
}

impl Exchange {
    /// The method and the path without ids and query: `GET /orders/{}`.
    pub(crate) fn operation(&self) -> String {
        let path = self.target.split('?').next().unwrap();
        let path =
            path.split('/').map(|part| if part.parse::<u64>().is_ok() { "{}" } else { part });
        format!("{} {}", self.method, path.collect::<Vec<_>>().join("/"))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{WRITER}{}", self.target)
    }

    /// The members of a JSON answer.
    pub(crate) fn members(&mut self) -> &mut Map<String, Value> {
        match &mut self.response {
            Answered::Json(body) => body.as_object_mut().unwrap(),
            Answered::Html(_) => panic!("the answer is not JSON"),
        }
    }

    /// The body of the answer as it is sent.
    pub(crate) fn text(&self) -> String {
        match &self.response {
            Answered::Json(body) => body.to_string(),
            Answered::Html(text) => (*text).to_owned(),
        }
    }

    /// The headers of the answer, with its content type.
    pub(crate) fn response_headers(&self) -> Vec<(&'static str, String)> {
        let media_type = match self.response {
            Answered::Json(_) => "application/json",
            Answered::Html(_) => "text/html",
        };
        let mut headers = vec![("content-type", media_type.to_owned())];
        headers.extend(self.headers.iter().cloned());
        headers
    }
}

/// Headers as an object of texts.
pub(crate) fn header_object(headers: &[(&'static str, String)]) -> Value {
    let members = headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
    Value::Object(members.collect())
}

/// Traffic of the last hour, one line for each exchange.
pub(crate) fn ndjson(exchanges: &[Exchange]) -> String {
    const EVERY_MS: i64 = 1_000;
    let line = |(at, exchange): (usize, &Exchange)| {
        let ago = i64::try_from(exchanges.len() - at).unwrap() * EVERY_MS;
        let mut line = json!({
            "v": 1,
            "time": NOW_MS - ago,
            "method": exchange.method,
            "url": exchange.url(),
            "status": exchange.status,
            "response": {
                "headers": header_object(&exchange.response_headers()),
                "body_text": exchange.text(),
            },
            "writer": WRITER,
        });
        if let Some(body) = &exchange.request {
            line["request"] = json!({
                "headers": { "content-type": "application/json" },
                "body": body,
            });
        }
        line.to_string() + "\n"
    };
    exchanges.iter().enumerate().map(line).collect()
}
