//! How pages go out: their headers, what they may do in a browser, and compressed where that is
//! taken.
//!
//! Refuses to know what is in them.

use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use plumb_pages::frame::CONTENT_SECURITY_POLICY as POLICY;
use std::io::Write as _;

/// Bytes below which compressing is not worth its head.
const COMPRESSED_FROM: usize = 1_024;

/// In which form something goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// For people.
    Html,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
    /// A file that pages need, of this media type.
    Asset(&'static str),
}

/// What all of them carry: browsers take nothing for something else, and tell nobody elsewhere the
/// address. They must tell this server: with `no-referrer` they hide where a form comes from too,
/// and every form would be one from elsewhere.
const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "same-origin"),
    (CACHE_CONTROL, "no-store"),
    (VARY, "accept-encoding"),
];

/// An answer in its form.
pub(crate) fn outgoing(kind: Kind, bytes: Vec<u8>, asked: &HeaderMap) -> Response {
    let media_type = match kind {
        Kind::Html => "text/html; charset=utf-8",
        Kind::Json => "application/json",
        Kind::Csv => "text/csv; charset=utf-8",
        Kind::Asset(media_type) => media_type,
    };
    let packed = takes_gzip(asked).then(|| gzip(&bytes)).flatten();
    let is_packed = packed.is_some();
    let mut response = Body::from(packed.unwrap_or(bytes)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    if is_packed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if kind == Kind::Csv {
        let value = HeaderValue::from_static("attachment; filename=\"seams.csv\"");
        headers.insert(CONTENT_DISPOSITION, value);
    }
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Leads a browser to an address of this server, with `GET`.
pub(crate) fn redirect(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, to);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn takes_gzip(asked: &HeaderMap) -> bool {
    let accepted = asked.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = accepted.flat_map(|text| text.split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        parts.next() == Some("gzip") && !parts.any(|part| part == "q=0")
    })
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < COMPRESSED_FROM {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(accepted: &str, expected: bool) {
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, accepted.parse().unwrap())]);
        assert_eq!(takes_gzip(&headers), expected, "{accepted}");
    }

    #[test]
    fn only_who_takes_it_gets_it_compressed() {
        check("gzip, deflate, br", true);
        check("br, gzip;q=0.5", true);
        check("gzip;q=0", false);
        check("br", false);
        let packed = gzip(&[b'a'; 4_096]).unwrap();
        assert!(packed.len() < 100, "{}", packed.len());
    }
}
