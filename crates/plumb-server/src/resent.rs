//! The headers of a recorded request as they are sent once more: without those of the connection it
//! came on, under the names they are to have, and with fresh ones in the place of recorded ones.
//!
//! Refuses to know who is asked. Credentials are gone before.

use plumb_engine::replay::reel::Recorded;
use plumb_tap::hop::strip;
use std::collections::BTreeMap;
use ureq::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Headers that are written anew for each request, or that only one connection has to do with.
const WRITTEN_ANEW: [HeaderName; 9] = [
    header::ACCEPT_ENCODING,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
];

/// Headers that ask for an answer only if it is not the one recorded then: they would hide it.
const CONDITIONAL: [HeaderName; 2] = [header::IF_MODIFIED_SINCE, header::IF_NONE_MATCH];

/// What becomes of recorded headers.
#[derive(Clone, Default)]
pub(crate) struct Fresh {
    /// Headers that every request carries, in the place of recorded ones.
    pub(crate) headers: HeaderMap,
    /// Names that recorded headers are sent under, in lower case; an empty one is not sent at all.
    pub(crate) renamed: BTreeMap<String, String>,
}

/// The headers to send.
pub(crate) fn resent(recorded: &Recorded, fresh: &Fresh) -> HeaderMap {
    let mut own = HeaderMap::new();
    for (name, value) in &recorded.headers {
        // A name or value that HTTP has no room for was never sent so.
        if let (Some(name), Ok(value)) = (named(name), HeaderValue::from_bytes(value.as_bytes())) {
            own.append(name, value);
        }
    }
    strip(&mut own);
    for name in WRITTEN_ANEW.iter().chain(&CONDITIONAL) {
        own.remove(name);
    }
    let media_type = recorded.media_type.as_ref().filter(|_| !recorded.body.is_empty());
    if let Some(Ok(media_type)) = media_type.map(|text| HeaderValue::from_str(text)) {
        own.entry(header::CONTENT_TYPE).or_insert(media_type);
    }
    let mut headers = HeaderMap::new();
    for (name, value) in &own {
        let name = match fresh.renamed.get(name.as_str()) {
            Some(other) => named(other),
            None => Some(name.clone()),
        };
        if let Some(name) = name {
            headers.append(name, value.clone());
        }
    }
    for name in fresh.headers.keys() {
        headers.remove(name);
    }
    headers.extend(fresh.headers.clone());
    headers
}

fn named(name: &str) -> Option<HeaderName> {
    HeaderName::from_bytes(name.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(recorded: &[(&str, &str)], expected: &[(&str, &str)]) {
        let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let fresh = Fresh {
            headers: HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static("f"))]),
            renamed: owned(&[("x-user", "x-test-user"), ("x-gone", "")]).into_iter().collect(),
        };
        let recorded = Recorded {
            headers: owned(recorded),
            media_type: Some("text/plain".to_owned()),
            body: b"a".to_vec(),
            ..Recorded::default()
        };
        let sent = resent(&recorded, &fresh);
        let sent = sent.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        assert_eq!(sent.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_belonged_to_the_connection_stays_behind() {
        let fresh = [("content-type", "text/plain"), ("authorization", "f")];
        check(&[("Connection", "close, X-Hop"), ("X-Hop", "1"), ("TE", "trailers")], &fresh);
        check(&[("Host", "h"), ("Content-Length", "9"), ("Accept-Encoding", "br")], &fresh);
        check(&[("If-None-Match", "e"), ("Keep-Alive", "1"), ("Upgrade", "h2c")], &fresh);
    }

    #[test]
    fn headers_are_renamed_replaced_and_kept() {
        check(
            &[("X-User", "u"), ("X-Gone", "g"), ("Authorization", "r"), ("Content-Type", "a/b")],
            &[("x-test-user", "u"), ("content-type", "a/b"), ("authorization", "f")],
        );
    }
}
