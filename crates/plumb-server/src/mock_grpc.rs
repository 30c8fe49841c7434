//! Calls of gRPC that a mock answers: messages read and written by their schema, the outcome behind
//! them. Refuses to know how an answer is chosen, and to answer what no schema describes.

use crate::mock_cut::cut;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use http_body_util::{BodyExt as _, Full};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use plumb_engine::mock::call::MockAnswer;
use plumb_engine::mock::code::GrpcCode;
use plumb_traffic::schema::grpc::{Services, is_call as is_type_of_call};
use plumb_traffic::schema::grpc_answer::Method;

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const GRPC: HeaderValue = HeaderValue::from_static("application/grpc");

/// What a call's message may not hold as it is.
const NOT_IN_A_MESSAGE: &AsciiSet = &CONTROLS.add(b'%');

/// What one side of a call tells the other about how it writes, which a mock decides by itself.
const OF_THE_PROTOCOL: &str = "grpc-";

/// A call that can be answered.
pub(crate) struct Call {
    method: Method,
    /// What was asked, as a JSON document.
    pub(crate) document: Vec<u8>,
}

/// True for a call of gRPC.
pub(crate) fn is_call(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(is_type_of_call)
}

/// Reads a call.
///
/// # Errors
///
/// Why it cannot be read, for the caller.
pub(crate) fn read(
    services: Option<&Services>,
    path: &str,
    headers: &HeaderMap,
    payload: &[u8],
) -> Result<Call, String> {
    let Some(services) = services else {
        return Err("a call of gRPC is answered by its schema: `--grpc-schema FILE`".to_owned());
    };
    let Some(method) = Method::of(services, path) else {
        return Err(format!("the schema has no method `{path}`"));
    };
    let encoding = headers.get(&ENCODING).and_then(|value| value.to_str().ok());
    match method.asked(payload, encoding.unwrap_or_default()) {
        Ok(document) => Ok(Call { method, document }),
        Err(why) => Err(format!("what `{path}` is asked is {why}")),
    }
}

/// Writes an answer. Where its outcome was not kept, one with messages went well.
pub(crate) fn written(call: &Call, answer: &MockAnswer) -> Response<Body> {
    let with_no_body = if answer.body.is_empty() { GrpcCode::UNKNOWN } else { GrpcCode::OK };
    let code = answer.code.unwrap_or(with_no_body);
    if answer.body.is_empty() {
        let why = if answer.code.is_none() { "how it failed was not kept" } else { "" };
        let mut response = failed(code, why);
        add_metadata(response.headers_mut(), answer);
        return response;
    }
    let messages = match call.method.answered(&answer.body) {
        Ok(messages) => Bytes::from(messages),
        Err(why) => return refused(&format!("{} was seen with {why}", answer.operation)),
    };
    let trailers = HeaderMap::from_iter([(STATUS, number(code))]);
    let body = match answer.is_cut {
        true => cut(messages),
        false => Body::new(Full::new(messages).with_trailers(async { Some(Ok(trailers)) })),
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, GRPC);
    add_metadata(response.headers_mut(), answer);
    response
}

/// The answer to a call that nothing is known of.
pub(crate) fn refused(why: &str) -> Response<Body> {
    failed(GrpcCode::UNIMPLEMENTED, why)
}

fn failed(code: GrpcCode, why: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, GRPC);
    headers.insert(STATUS, number(code));
    let message = utf8_percent_encode(why, NOT_IN_A_MESSAGE).to_string();
    if let Some(message) = HeaderValue::try_from(message).ok().filter(|text| !text.is_empty()) {
        headers.insert(MESSAGE, message);
    }
    response
}

fn number(code: GrpcCode) -> HeaderValue {
    HeaderValue::from(u16::from(code.number()))
}

/// What an answer tells beside its messages, and how often it was seen.
fn add_metadata(headers: &mut HeaderMap, answer: &MockAnswer) {
    let own = answer.about();
    for (name, value) in answer.headers.iter().chain(&own) {
        let is_ours = name.starts_with(OF_THE_PROTOCOL) || name == header::CONTENT_TYPE.as_str();
        let name = HeaderName::from_bytes(name.as_bytes()).ok().filter(|_| !is_ours);
        // A name or value that HTTP has no room for was never sent so.
        if let (Some(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
}
