//! Answers and refusals as JSON. Refuses to know which route they belong to.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header::RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The version of every document of the API.
const API_VERSION: u32 = 1;

/// Why a request was not answered. No value that was sent is in its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// What is wrong: lower case, no full stop.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) help: &'static str,
    /// Seconds after which to try again, if that can help.
    pub(crate) retry_s: Option<u32>,
}

/// A refusal that trying again does not change.
pub(crate) fn refusal(status: StatusCode, what: impl Into<String>, help: &'static str) -> Refusal {
    Refusal { status, what: what.into(), help, retry_s: None }
}

/// A refusal for now.
pub(crate) fn later(status: StatusCode, what: &str, help: &'static str, retry_s: u32) -> Refusal {
    Refusal { status, what: what.to_owned(), help, retry_s: Some(retry_s) }
}

/// An answer: the members of an object, behind the version.
pub(crate) fn answer(mut members: Value) -> Response {
    if let Some(members) = members.as_object_mut() {
        members.insert("version".to_owned(), json!(API_VERSION));
    }
    Json(members).into_response()
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response =
            answer(json!({ "error": self.what, "help": self.help, "retry_s": self.retry_s }));
        *response.status_mut() = self.status;
        if let Some(seconds) = self.retry_s {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
