//! The name of what a request calls, where its path alone does not tell.
//!
//! Refuses to know how a request of GraphQL is written, and what becomes of the name.

use crate::exchange::{Body, Exchange};
use plumb_graphql::call::{called_by_body, called_by_document, called_by_query};
use plumb_shape::example::is_json_type;
use plumb_shape::said::media_type_essence;

/// The media type of a body that is a document of GraphQL by itself.
const DOCUMENT: &str = "application/graphql";

/// The name that a caller gives to the operation of a request; none where it gives none. The
/// parameters of its query are decoded; the media type is empty where none is said.
pub fn name_of<'q>(
    method: &str,
    parameters: impl IntoIterator<Item = (&'q str, &'q str)>,
    media_type: &str,
    body: &[u8],
) -> Option<String> {
    if method.eq_ignore_ascii_case("GET") {
        return called_by_query(parameters);
    }
    if !method.eq_ignore_ascii_case("POST") || body.is_empty() {
        return None;
    }
    match media_type_essence(media_type).as_ref() {
        DOCUMENT => called_by_document(std::str::from_utf8(body).ok()?),
        essence if essence.is_empty() || is_json_type(essence) => called_by_body(body),
        _ => None,
    }
}

/// The same for an exchange.
pub(crate) fn name_of_exchange(exchange: &Exchange<'_>) -> Option<String> {
    let body = match &exchange.request.body {
        Body::Bytes(body) => body.as_ref(),
        _ => &[],
    };
    let parameters = exchange.query.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
    let media_type = exchange.request.media_type.as_deref().unwrap_or_default();
    name_of(&exchange.method, parameters, media_type, body)
}
