//! Requests as collections of API clients keep them: addresses with variables and named parts,
//! lists of names and values that may be switched off, bodies with variables.
//!
//! Knows what the collections have in common; refuses to know how each of them is written.

use crate::cassette::url::{COMPUTED, RecordedUrl};
use crate::cassette::{Body, Message};
use crate::template::say_text;
use crate::unread_tally::{UnreadTally, Why};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use plumb_shape::place::Side;
use plumb_shape::said::Said;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The values of variables, by their names.
pub(crate) type Variables<'a> = BTreeMap<&'a str, &'a str>;

const VARIABLES: Why = Why {
    reason: "variables in a body change more than single values, nothing is said about it",
    remedy: "keep it, or save the example with values",
};

/// Variables within the values of variables at most.
const DEPTH_MAX: usize = 4;

/// A filled-in text is not filled in any further beyond this many bytes: addresses are shorter.
const TEXT_BYTES_MAX: usize = 8 << 10;

/// The address of a request: known variables filled in, other ones and named parts of the path as
/// computed, without what stands behind `#`. An address that begins with a variable, or names no
/// scheme, is taken to be one over HTTP.
pub(crate) fn address(text: &str, variables: &Variables<'_>) -> Option<RecordedUrl> {
    let text = computed(&filled(text.trim(), variables));
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) if scheme.contains(COMPUTED) => ("http", rest),
        Some((scheme, rest)) => (scheme, rest),
        None => ("http", text.as_str()),
    };
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (path, query) = rest.split_at(end);
    let named = |(at, part): (usize, &str)| {
        let is_named = at > 0 && part.len() > 1 && part.starts_with(':');
        if is_named { COMPUTED.to_string() } else { part.to_owned() }
    };
    let path = path.split('/').enumerate().map(named).collect::<Vec<_>>().join("/");
    RecordedUrl::cut(&format!("{scheme}://{path}{query}")).filter(|_| !rest.is_empty())
}

/// Names and values as a query or a form holds them.
pub(crate) fn encoded<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let encode = |text: &str| utf8_percent_encode(&computed(text), NON_ALPHANUMERIC).to_string();
    let pair = |(name, value): (&str, &str)| format!("{}={}", encode(name), encode(value));
    pairs.map(pair).collect::<Vec<_>>().join("&")
}

/// A form of names and values.
pub(crate) fn form<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Body<'static> {
    let is_open = |value: &str| value.contains("{{") && value.contains("}}");
    let pair = |(name, value): (&'a str, &'a str)| match is_open(value) {
        true => format!("{}{{{{value}}}}", encoded(std::iter::once((name, "")))),
        false => encoded(std::iter::once((name, value))),
    };
    Body::Filled(Cow::Owned(pairs.map(pair).collect::<Vec<_>>().join("&")))
}

/// A text in which what stands between double braces is computed.
pub(crate) fn computed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("{{") {
        let Some((_, after)) = inside.split_once("}}") else { break };
        out.push_str(before);
        out.push(COMPUTED);
        rest = after;
    }
    out + rest
}

/// A message with a body in which variables may stand; unknown, and counted, when they change more
/// than single values.
pub(crate) fn with_body<'a>(
    headers: Vec<(&'a str, Cow<'a, str>)>,
    text: &'a str,
    line: u32,
    tally: &mut UnreadTally,
) -> Message<'a> {
    let mut message = Message { headers, body: Body::Unknown };
    let media_type = message.header("content-type").map(str::to_owned);
    match body(text, media_type.as_deref()) {
        Some(body) => message.body = body,
        None => tally.add(line, VARIABLES),
    }
    message
}

/// A body in which variables may stand; `None` when they change more than single values.
fn body<'a>(text: &'a str, media_type: Option<&str>) -> Option<Body<'a>> {
    if !text.contains("{{") {
        return Some(Body::of_bytes(text.as_bytes()));
    }
    let mut aside = Said::default();
    let told = say_text(&mut aside, Side::Request, media_type, text.as_bytes());
    told.ok().map(|()| Body::Filled(Cow::Borrowed(text)))
}

/// The text with the variables that are known.
fn filled(text: &str, variables: &Variables<'_>) -> String {
    let mut text = text.to_owned();
    for _ in 0..DEPTH_MAX {
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some((before, inside)) = rest.split_once("{{") {
            let Some((name, after)) = inside.split_once("}}") else { break };
            out.push_str(before);
            match variables.get(name.trim()) {
                Some(value) => out.push_str(value),
                None => out.extend(["{{", name, "}}"]),
            }
            rest = after;
        }
        out.push_str(rest);
        if out == text || out.len() > TEXT_BYTES_MAX {
            break;
        }
        text = out;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let variables = BTreeMap::from([
            ("base", "https://{{host}}/v1"),
            ("host", "api.example.org"),
            ("loop", "{{loop}}{{loop}}"),
        ]);
        let shown = address(text, &variables).map(|url| {
            let names = url.query_pairs().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
            format!("{} {}", url.shown(), names.join(","))
        });
        assert_eq!(shown.as_deref().unwrap_or("-"), expected, "{text}");
    }

    #[test]
    fn addresses_with_variables_and_named_parts() {
        check("{{base}}/users/:id?a={{b}}&c=1", "https://api.example.org/v1/users/{} a,c");
        check("{{other}}/users/x-{{id}}", "http://{}/users/{} ");
        check("{{scheme}}://h:80/a", "http://h:80/a ");
        check("api.example.org:8080/a#top", "http://api.example.org:8080/a ");
        check("https://h/a/:", "https://h/a/{} ");
        check("{{open/a", "http://{{open/a ");
        check("", "-");
        check("ftp://h/", "-");
    }

    #[test]
    fn pairs_are_encoded() {
        let pairs = [("a b", "1&2"), ("c", "{{d}}")];
        assert_eq!(encoded(pairs.into_iter()), "a%20b=1%262&c=%EF%A3%BF");
        let form = form(pairs.into_iter());
        assert_eq!(form, Body::Filled("a%20b=1%262&c={{value}}".into()));
    }

    #[test]
    fn bodies_with_variables_are_told_where_they_can_be() {
        assert!(matches!(body("{}", None), Some(Body::Bytes(_))));
        assert!(matches!(body(r#"{"a":{{b}}}"#, None), Some(Body::Filled(_))));
        assert!(body(r#"{"{{a}}":1}"#, None).is_none());
    }

    proptest::proptest! {
        #[test]
        fn any_address_is_answered(text in "[{}:/?#a&=. ]{0,24}") {
            let _ = address(&text, &BTreeMap::from([("a", "{{a}}{{a}}"), ("", "{")]));
        }
    }
}
