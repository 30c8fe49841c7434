//! Headers that concern one connection only, and so end at the tap (RFC 9110, 7.6.1). How a message
//! is framed is left to the protocol. It refuses to know everything else about a message.

use http::header::{
    CONNECTION, CONTENT_LENGTH, Entry, HOST, HeaderMap, HeaderName, HeaderValue, TE,
    TRANSFER_ENCODING, UPGRADE,
};

/// Names that end at a connection although nobody lists them.
static UNLISTED: [HeaderName; 2] =
    [HeaderName::from_static("keep-alive"), HeaderName::from_static("proxy-connection")];

/// The others that end there. Most messages have none of them all.
static LISTED: [HeaderName; 3] = [CONNECTION, TE, UPGRADE];

/// What a request needs from its connection, beside being carried.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Wishes {
    /// Another protocol, in the words of the `upgrade` header.
    pub(crate) upgrade: Option<HeaderValue>,
    /// Trailers after the response.
    pub(crate) trailers: Trailers,
}

/// Whether the client takes trailers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Trailers {
    Taken,
    #[default]
    Unwanted,
}

/// Takes what concerns the connection out of a request's headers.
pub(crate) fn take_wishes(headers: &mut HeaderMap) -> Wishes {
    if !headers.keys().any(|name| LISTED.contains(name) || UNLISTED.contains(name)) {
        return Wishes::default();
    }
    let upgrade = lists(headers, &CONNECTION, "upgrade").then(|| headers.get(UPGRADE)).flatten();
    // An offer to go on in HTTP/2 may be passed over, and has to be: its exchanges would be unseen.
    let upgrade = upgrade.filter(|to| !names(to).any(|name| name.eq_ignore_ascii_case("h2c")));
    let upgrade = upgrade.cloned();
    let trailers =
        if lists(headers, &TE, "trailers") { Trailers::Taken } else { Trailers::Unwanted };
    strip(headers);
    headers.remove(TE);
    Wishes { upgrade, trailers }
}

/// Puts the wishes into headers for HTTP/1.1, where each is said to concern the connection.
pub(crate) fn put_wishes(headers: &mut HeaderMap, wishes: &Wishes) {
    let connection = match (&wishes.upgrade, wishes.trailers) {
        (None, Trailers::Unwanted) => return,
        (None, Trailers::Taken) => HeaderValue::from_static("te"),
        (Some(_), Trailers::Unwanted) => HeaderValue::from_static("upgrade"),
        (Some(_), Trailers::Taken) => HeaderValue::from_static("te, upgrade"),
    };
    headers.insert(CONNECTION, connection);
    put_trailers(headers, wishes.trailers);
    if let Some(upgrade) = &wishes.upgrade {
        headers.insert(UPGRADE, upgrade.clone());
    }
}

/// Says that trailers are taken, as HTTP/2 has it.
pub(crate) fn put_trailers(headers: &mut HeaderMap, trailers: Trailers) {
    if trailers == Trailers::Taken {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
}

/// Takes what concerns the connection out of a response's headers, but for the upgrade it is about:
/// one that is agreed to, or demanded.
pub(crate) fn strip_but_upgrade(headers: &mut HeaderMap) {
    let upgrade = headers.remove(UPGRADE);
    strip(headers);
    if let Some(upgrade) = upgrade {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, upgrade);
    }
}

/// Takes what concerns the connection out of a message's headers.
pub fn strip(headers: &mut HeaderMap) {
    if let Entry::Occupied(connection) = headers.entry(CONNECTION) {
        let (_, listed) = connection.remove_entry_mult();
        let listed = listed.filter(|value| !USUAL.iter().any(|usual| is_just(value, usual)));
        let listed: Vec<HeaderName> = listed.flat_map(|value| header_names(&value)).collect();
        for name in listed {
            headers.remove(name);
        }
    }
    if headers.keys().any(|name| *name == UPGRADE || UNLISTED.contains(name)) {
        for name in UNLISTED.iter().chain([&UPGRADE]) {
            headers.remove(name);
        }
    }
}

/// What a `connection` header lists most often, which names nothing that would stay.
const USUAL: [&str; 2] = ["keep-alive", "close"];

fn is_just(value: &HeaderValue, word: &str) -> bool {
    value.as_bytes().eq_ignore_ascii_case(word.as_bytes())
}

/// The names a `connection` header lists. Those that frame or address the message are no matter of
/// the connection, whoever lists them.
fn header_names(value: &HeaderValue) -> Vec<HeaderName> {
    let is_usual = |name: &str| USUAL.iter().any(|usual| name.eq_ignore_ascii_case(usual));
    let named = names(value).filter(|name| !is_usual(name));
    let parsed = named.filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok());
    parsed.filter(|name| ![CONTENT_LENGTH, HOST, TRANSFER_ENCODING].contains(name)).collect()
}

fn lists(headers: &HeaderMap, header: &HeaderName, wanted: &str) -> bool {
    headers.get_all(header).iter().flat_map(names).any(|name| name.eq_ignore_ascii_case(wanted))
}

fn names(value: &HeaderValue) -> impl Iterator<Item = &str> {
    value.to_str().unwrap_or_default().split(',').map(|name| {
        // A coding may carry a weight: `trailers;q=0.5`.
        name.split_once(';').map_or(name, |(name, _)| name).trim()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(text: &str) -> HeaderMap {
        let pair = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
        };
        text.split(" | ").filter(|line| !line.is_empty()).map(pair).collect()
    }

    fn text(headers: &HeaderMap) -> String {
        let line = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}", value.to_str().unwrap())
        };
        let mut lines: Vec<_> = headers.iter().map(line).collect();
        lines.sort();
        lines.join(" | ")
    }

    fn check_request(before: &str, after: &str) {
        let mut got = headers(before);
        let wishes = take_wishes(&mut got);
        put_wishes(&mut got, &wishes);
        assert_eq!(text(&got), after);
    }

    #[test]
    fn what_concerns_the_connection_ends_here() {
        check_request("a: 1", "a: 1");
        check_request("connection: keep-alive | keep-alive: timeout=5 | a: 1", "a: 1");
        check_request("connection: x-one, X-TWO | connection: x-three | x-one: 1 | x-two: 2", "");
        check_request("proxy-connection: close", "");
        check_request("te: gzip", "");
        check_request("connection: TE | te: gzip, trailers", "connection: te | te: trailers");
    }

    #[test]
    fn framing_and_address_cannot_be_listed_away() {
        let framed = "content-length: 1 | host: h | transfer-encoding: chunked";
        check_request(&format!("connection: content-length, host | {framed}"), framed);
    }

    #[test]
    fn an_upgrade_passes_only_if_it_is_listed() {
        let offer = "connection: upgrade | upgrade: websocket";
        check_request("connection: Upgrade, x | upgrade: websocket | x: 1", offer);
        check_request("upgrade: websocket", "");
        check_request("connection: upgrade, http2-settings | upgrade: h2c | http2-settings: A", "");
    }

    fn check_response(strip: fn(&mut HeaderMap), after: &str) {
        let mut got = headers("connection: upgrade, x | upgrade: echo | x: 1 | a: 1");
        strip(&mut got);
        assert_eq!(text(&got), after);
    }

    #[test]
    fn a_response_keeps_the_upgrade_it_is_about() {
        check_response(strip, "a: 1");
        check_response(strip_but_upgrade, "a: 1 | connection: upgrade | upgrade: echo");
    }
}
