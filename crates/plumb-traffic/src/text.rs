//! Small readings of text that every format needs: addresses, queries, times, charsets' names.
//! It refuses to know any file format and never fails: what cannot be read is said in the answer.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use plumb_shape::ascii::{cut, lower, parts};

use crate::exchange::Pair;

/// Query pairs kept per exchange. Real queries have tens; a pair costs 48 bytes and one byte of
/// input can open one, so an address of megabytes must not become gigabytes.
pub const QUERY_PAIRS_MAX: usize = 1_024;

/// Characters of foreign text shown in a message: enough to recognise it, few for a screen.
pub const SHOWN_CHARS_MAX: usize = 60;

/// What a form may carry unencoded.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The parts of an absolute address or of a path with query.
#[derive(Debug, Clone, PartialEq)]
pub struct Address<'a> {
    /// Lower case, without `:`; empty when the address was a bare path.
    pub scheme: Cow<'a, str>,
    /// Authority without user and password, lower case, without the default port; may be empty.
    pub host: Cow<'a, str>,
    /// At least `/`.
    pub path: Cow<'a, str>,
    /// What stood between `?` and `#`, if there was a `?`.
    pub query: Option<Cow<'a, str>>,
}

/// A decoded query, and what was lost on the way.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query<'a> {
    /// At most [`QUERY_PAIRS_MAX`] pairs, in order.
    pub pairs: Vec<Pair<'a>>,
    /// Bytes that are no UTF-8 were replaced.
    pub lossy: bool,
    /// There were more pairs than are kept.
    pub cut: bool,
}

/// A time read from text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// Milliseconds since 1970-01-01T00:00Z.
    Known(i64),
    /// The text named no offset; these are the milliseconds if it meant UTC.
    WithoutOffset(i64),
    /// Not a time.
    Unknown,
}

/// Takes an address apart. A bare path (`/a?b`) has neither scheme nor host.
pub fn address(url: Cow<'_, str>) -> Address<'_> {
    match url {
        Cow::Borrowed(url) => address_of(url),
        Cow::Owned(url) => {
            let Address { scheme, host, path, query } = address_of(&url);
            Address {
                scheme: scheme.into_owned().into(),
                host: host.into_owned().into(),
                path: path.into_owned().into(),
                query: query.map(|query| query.into_owned().into()),
            }
        }
    }
}

/// An authority without user, password and the scheme's default port, in lower case.
pub fn host<'a>(authority: Cow<'a, str>, scheme: &str) -> Cow<'a, str> {
    match authority {
        Cow::Borrowed(authority) => host_of(authority, scheme),
        Cow::Owned(authority) => host_of(&authority, scheme).into_owned().into(),
    }
}

/// Decodes `a=1&b=x+y`: percent and plus, a name without `=` has an empty value.
pub fn query(text: Cow<'_, str>) -> Query<'_> {
    match text {
        Cow::Borrowed(text) => query_of(text),
        Cow::Owned(text) => {
            let Query { pairs, lossy, cut } = query_of(&text);
            let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
            let pairs = pairs.into_iter().map(|(name, value)| (own(name), own(value))).collect();
            Query { pairs, lossy, cut }
        }
    }
}

/// Writes pairs as `application/x-www-form-urlencoded`.
pub fn form(pairs: &[Pair<'_>]) -> String {
    let mut form = String::new();
    for (name, value) in pairs {
        if !form.is_empty() {
            form.push('&');
        }
        form.extend(utf8_percent_encode(name, FORM));
        form.push('=');
        form.extend(utf8_percent_encode(value, FORM));
    }
    form
}

/// Reads an RFC 3339 time with any offset; one without offset is said to be so.
pub fn time(text: &str) -> Time {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Time::Known(time.as_millisecond());
    }
    let civil = text.parse::<DateTime>().ok();
    match civil.and_then(|time| TimeZone::UTC.to_timestamp(time).ok()) {
        Some(time) => Time::WithoutOffset(time.as_millisecond()),
        None => Time::Unknown,
    }
}

/// The `charset` parameter of a media type, without quotes, in lower case.
pub fn charset(media_type: &str) -> Option<Cow<'_, str>> {
    let (_, parameters) = media_type.split_once(';')?;
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let named = name.trim().eq_ignore_ascii_case("charset");
        named.then(|| lower(value.trim().trim_matches(['"', '\''])))
    })
}

/// Foreign text for a message: in backticks, control characters as `.`, cut with `…`.
pub fn shown(text: &str) -> String {
    let mut shown = String::from("`");
    for (count, character) in text.chars().enumerate() {
        if count == SHOWN_CHARS_MAX {
            shown.push('…');
            break;
        }
        shown.push(if character.is_control() { '.' } else { character });
    }
    shown.push('`');
    shown
}

fn address_of(url: &str) -> Address<'_> {
    let url = cut(url, b'#').map_or(url, |(before, _)| before);
    let (before_query, query) = match cut(url, b'?') {
        Some((before, query)) => (before, Some(Cow::Borrowed(query))),
        None => (url, None),
    };
    let Some((scheme, rest)) = scheme_and_rest(before_query) else {
        return Address { scheme: "".into(), host: "".into(), path: or_root(before_query), query };
    };
    let scheme = lower(scheme);
    let Some(rest) = rest.strip_prefix("//") else {
        return Address { scheme, host: "".into(), path: or_root(rest), query };
    };
    let (authority, path) =
        rest.split_at(rest.bytes().position(|byte| byte == b'/').unwrap_or(rest.len()));
    let host = host_of(authority, &scheme);
    Address { scheme, host, path: or_root(path), query }
}

fn host_of<'a>(authority: &'a str, scheme: &str) -> Cow<'a, str> {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let default_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return lower(host),
    };
    lower(host.strip_suffix(default_port).unwrap_or(host))
}

fn query_of(text: &str) -> Query<'_> {
    let mut query = Query::default();
    for pair in parts(text, b'&').filter(|pair| !pair.is_empty()) {
        if query.pairs.len() == QUERY_PAIRS_MAX {
            query.cut = true;
            break;
        }
        let (name, value) = cut(pair, b'=').unwrap_or((pair, ""));
        let pair = (form_decoded(name, &mut query.lossy), form_decoded(value, &mut query.lossy));
        query.pairs.push(pair);
    }
    query
}

fn scheme_and_rest(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = cut(url, b':')?;
    let named = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    named.then_some((scheme, rest))
}

fn or_root(path: &str) -> Cow<'_, str> {
    Cow::Borrowed(if path.is_empty() { "/" } else { path })
}

fn form_decoded<'a>(text: &'a str, lossy: &mut bool) -> Cow<'a, str> {
    if !text.bytes().any(|byte| byte == b'%' || byte == b'+') {
        return Cow::Borrowed(text);
    }
    let spaced = text.replace('+', " ");
    let bytes: Cow<'_, [u8]> = percent_decode_str(&spaced).into();
    let decoded = String::from_utf8_lossy(&bytes);
    *lossy |= matches!(decoded, Cow::Owned(_));
    Cow::Owned(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_shape::said::media_type_essence;

    fn check(url: &str, expected: (&str, &str, &str, Option<&str>)) {
        for url in [Cow::Borrowed(url), Cow::Owned(url.to_owned())] {
            let got = address(url);
            let got = (&*got.scheme, &*got.host, &*got.path, got.query.as_deref());
            assert_eq!(got, expected);
        }
    }

    #[test]
    fn addresses_come_apart() {
        check(
            "https://me:pw@API.Example:443/a%20b?x=1#f",
            ("https", "api.example", "/a%20b", Some("x=1")),
        );
        check("HTTP://h:8080", ("http", "h:8080", "/", None));
        check("http://h?q", ("http", "h", "/", Some("q")));
        check("http://[::1]:80/x", ("http", "[::1]", "/x", None));
        check("/bare/path?a", ("", "", "/bare/path", Some("a")));
        check("data:text/plain,hi?x", ("data", "", "text/plain,hi", Some("x")));
        check("", ("", "", "/", None));
        check("/at:noon", ("", "", "/at:noon", None));
    }

    fn check_query(text: &str, expected: &[(&str, &str)], lossy: bool) {
        for text in [Cow::Borrowed(text), Cow::Owned(text.to_owned())] {
            let got = query(text);
            let pairs: Vec<_> = got.pairs.iter().map(|(k, v)| (&**k, &**v)).collect();
            assert_eq!((pairs.as_slice(), got.lossy), (expected, lossy));
        }
    }

    #[test]
    fn queries_are_decoded() {
        check_query("a=1&b", &[("a", "1"), ("b", "")], false);
        check_query("a+b=c%20d%2B&&", &[("a b", "c d+")], false);
        check_query("x=%ff", &[("x", "\u{fffd}")], true);
        check_query("x=%zz&y==", &[("x", "%zz"), ("y", "=")], false);
    }

    #[test]
    fn queries_are_bounded() {
        let long = query("a&".repeat(QUERY_PAIRS_MAX + 1).into());
        assert_eq!((long.pairs.len(), long.cut), (QUERY_PAIRS_MAX, true));
    }

    fn check_time(text: &str, expected: Time) {
        assert_eq!(time(text), expected, "{text}");
    }

    #[test]
    fn times_keep_their_offset() {
        check_time("1970-01-01T00:00:01.5Z", Time::Known(1_500));
        check_time("1970-01-01T02:00:01+02:00", Time::Known(1_000));
        check_time("1969-12-31T19:00:01-0500", Time::Known(1_000));
        check_time("1970-01-01T00:00:01", Time::WithoutOffset(1_000));
        check_time("yesterday", Time::Unknown);
        check_time("", Time::Unknown);
    }

    #[test]
    fn forms_survive_a_round() {
        let pairs = vec![(Cow::from("a b"), Cow::from("ü&=")), (Cow::from("c"), Cow::from(""))];
        assert_eq!(query(form(&pairs).into()).pairs, pairs);
    }

    #[test]
    fn media_types_come_apart() {
        assert_eq!(media_type_essence("application/json ; charset=utf-8"), "application/json");
        assert_eq!(charset("text/html; Charset=\"ISO-8859-1\"").as_deref(), Some("iso-8859-1"));
        assert_eq!(charset("text/html"), None);
    }

    #[test]
    fn shown_text_is_short_and_printable() {
        assert_eq!(shown("a\nb"), "`a.b`");
        assert_eq!(shown(&"x".repeat(99)).chars().count(), SHOWN_CHARS_MAX + 3);
    }
}
