//! The address of a recorded request, cut into what a claim says: host, path and query.
//!
//! Cuts only: nothing is resolved, joined or made canonical. Credentials before the host are
//! dropped and never reach a claim. Refuses to know headers and bodies.

use crate::url_pattern::query_pairs;
use plumb_shape::operation::{PathPattern, Segment};
use std::net::Ipv6Addr;

/// Stands in an address or a header for a value that the recording computes when it is played (an
/// ERB expression), so that it is data wherever it lands. A private-use character, which no
/// address holds.
pub(crate) const COMPUTED: char = '\u{f8ff}';

/// An absolute address over HTTP, as recorded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RecordedUrl {
    /// `http`, `https`, `ws` or `wss`, in the case of the recording.
    scheme: String,
    /// Host and port, without credentials.
    authority: String,
    /// The path, percent-encoded as recorded; may be empty.
    path: String,
    /// What follows `?`, percent-encoded as recorded; may be empty.
    query: String,
}

impl RecordedUrl {
    /// Cuts an address; `None` when it is not an absolute address over HTTP.
    pub(crate) fn cut(url: &str) -> Option<Self> {
        let (scheme, rest) = url.trim().split_once("://")?;
        if !["http", "https", "ws", "wss"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return None;
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let authority = authority.rsplit('@').next().unwrap_or_default();
        Some(Self {
            scheme: scheme.to_owned(),
            authority: authority.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
        })
    }

    /// The address for people: without query and credentials, ids and computed parts as `{}`.
    pub(crate) fn shown(&self) -> String {
        let path = self.path_pattern().named();
        format!("{}://{}{path}", self.scheme, self.authority).replace(COMPUTED, "{}")
    }

    /// The host in lower case, without its port; `None` for this machine, for a computed host and
    /// for an empty one: none of them names a provider.
    pub(crate) fn writer(&self) -> Option<String> {
        let host = match self.authority.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => self.authority.split(':').next().unwrap_or_default(),
        };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let named = !host.is_empty() && !host.contains(COMPUTED) && !is_this_machine(&host);
        named.then_some(host)
    }

    /// The path, every segment literal but the computed ones.
    pub(crate) fn path_pattern(&self) -> PathPattern {
        let mut pattern = PathPattern::of_path(&self.path);
        for segment in &mut pattern.segments {
            if matches!(segment, Segment::Literal(text) if text.contains(COMPUTED)) {
                *segment = Segment::Param;
            }
        }
        pattern
    }

    /// The query's names and values, `+` and percent-escapes decoded, in order.
    pub(crate) fn query_pairs(&self) -> Vec<(String, String)> {
        query_pairs(&self.query)
    }
}

fn is_this_machine(host: &str) -> bool {
    let loopback_v6 = |address: Ipv6Addr| address.is_loopback() || address.is_unspecified();
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "0.0.0.0"
        || (host.starts_with("127.") && host.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
        || host.parse().is_ok_and(loopback_v6)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares `shown | writer | path | query` with what is expected.
    #[track_caller]
    fn check(url: &str, expected: &str) {
        let printed = RecordedUrl::cut(url).map_or("not cut".to_owned(), |cut| {
            let pairs =
                cut.query_pairs().into_iter().map(|(name, value)| format!("{name}={value}"));
            let query = pairs.collect::<Vec<_>>().join(",");
            let writer = cut.writer().unwrap_or("-".to_owned());
            format!("{} | {writer} | {} | {query}", cut.shown(), cut.path_pattern())
        });
        assert_eq!(printed, expected, "{url}");
    }

    #[test]
    fn addresses_are_cut() {
        check(
            "https://me:secret@API.example.org:8443/a%20b?q=x+y%26z&flag&=1#top",
            "https://API.example.org:8443/{} | api.example.org | /a%20b | q=x y&z,flag=,=1",
        );
        check("http://api?x=1", "http://api/ | api | / | x=1");
        check("http://[2001:db8::1]:80/", "http://[2001:db8::1]:80/ | 2001:db8::1 | / | ");
        check("ws://h/s?a=%ff", "ws://h/s | h | /s | a=\u{fffd}");
    }

    #[test]
    fn this_machine_names_no_provider() {
        for host in ["localhost:1", "a.localhost", "127.0.0.1:5101", "[::1]:9", "0.0.0.0", ""] {
            let writer = RecordedUrl::cut(&format!("http://{host}/")).and_then(|cut| cut.writer());
            assert_eq!(writer, None, "{host}");
        }
        check("http://127.example.org/", "http://127.example.org/ | 127.example.org | / | ");
    }

    #[test]
    fn computed_parts_are_data() {
        let url = "http://\u{f8ff}/users/u-\u{f8ff}/x?key=\u{f8ff}";
        check(url, "http://{}/users/{}/x | - | /users/{}/x | key=\u{f8ff}");
    }

    #[test]
    fn what_is_not_http_is_not_cut() {
        for url in ["", "/relative", "data:text/plain,x", "blob:http://h/1", "ftp://h/"] {
            check(url, "not cut");
        }
    }
}
