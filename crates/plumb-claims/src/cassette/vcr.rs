//! Reads cassettes of VCR (Ruby), and of tools that write its format: `http_interactions`, in YAML
//! or JSON.
//!
//! Knows how bodies, encodings and ERB expressions are written there; refuses to evaluate anything,
//! and to know what a recording means, which is `cassette`'s business.

use crate::cassette::url::{COMPUTED, RecordedUrl};
use crate::cassette::{
    Body, Message, Recorded, headers_by_name, method_and_url, place_of, reading_of, status,
};
use crate::reading::{Beside, Reading, SourceFile};
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::claim::Dialect;
use plumb_tree::{Node, Value};
use std::borrow::Cow;

const NOT_A_LIST: Why =
    Why { reason: "`http_interactions` is not a list", remedy: "record the cassette again" };
const COMPUTED_PART: Why = Why {
    reason: "an ERB expression in an address or a header stands for any value",
    remedy: "record the value, or take the claim as wider than the test",
};
const COMPUTED_BODY: Why = Why {
    reason: "a body holds an ERB expression, nothing is said about it",
    remedy: "record the body without ERB",
};
const ODD_BODY: Why = Why {
    reason: "a body is neither text nor base64, nothing is said about it",
    remedy: "record it again",
};

/// True for a document with recorded interactions.
pub(crate) fn is_like(root: &Node) -> bool {
    root.get("http_interactions").is_some()
}

/// Reads every interaction of the first document that is a cassette.
pub(crate) fn read(file: &SourceFile<'_>, documents: &[Node], _beside: Beside<'_>) -> Reading {
    let Some(list) = documents.iter().find_map(|root| root.get("http_interactions")) else {
        return Reading::default();
    };
    let mut tally = UnreadTally::default();
    if !matches!(list.value, Value::Array(_) | Value::Null) {
        tally.add(list.line, NOT_A_LIST);
    }
    reading_of(file, Dialect::Vcr, list.items(), tally, recorded)
}

fn recorded<'a>(interaction: &'a Node, tally: &mut UnreadTally) -> Option<Recorded<'a>> {
    let place = place_of(interaction);
    let (line, _) = place;
    let request = interaction.get("request");
    let uri = request.and_then(|request| request.get("uri")?.as_str());
    let url = uri.and_then(|uri| match marked(uri, line, tally) {
        Some(marked) => RecordedUrl::cut(&marked),
        None => RecordedUrl::cut(uri),
    });
    let (method, url) = method_and_url(request, url, line, tally)?;
    let response = interaction.get("response");
    let code = response.and_then(|response| response.path(&["status", "code"]));
    Some(Recorded {
        place,
        method,
        url,
        recorded_at: interaction.get("recorded_at").and_then(Node::as_str),
        name: None,
        status: status(code, line, tally)?,
        request: message(request, tally),
        response: message(response, tally),
    })
}

fn message<'a>(side: Option<&'a Node>, tally: &mut UnreadTally) -> Message<'a> {
    let written = side.and_then(|side| side.get("body"));
    let line = written.map_or(0, |body| body.line);
    let plain = headers_by_name(side.and_then(|side| side.get("headers")));
    let headers = plain
        .into_iter()
        .map(|(name, value)| (name, marked(&value, line, tally).map_or(value, Cow::Owned)))
        .collect();
    let body = written.map_or(Body::Unknown, |written| body(written, tally));
    Message { headers, body }.without_compression(line, tally)
}

/// A body is an object with `string` or `base64_string`; the first versions wrote the text itself.
fn body<'a>(written: &'a Node, tally: &mut UnreadTally) -> Body<'a> {
    if let Some(text) = written.get("base64_string").and_then(Node::as_str) {
        return Body::of_base64(text, written.line, tally);
    }
    let text = match written.value {
        Value::Object(_) => written.get("string"),
        _ => Some(written),
    };
    match text.map(|text| (&text.value, text.as_bytes())) {
        None | Some((Value::Null, _)) => Body::none(),
        Some((Value::String(text), _)) if find_computed(text).is_some() => {
            tally.add(written.line, COMPUTED_BODY);
            Body::Unknown
        }
        Some((_, Some(bytes))) => Body::of_bytes(bytes),
        Some((_, None)) => {
            tally.add(written.line, ODD_BODY);
            Body::Unknown
        }
    }
}

/// The text with [`COMPUTED`] in place of each ERB expression; `None` when there is none.
fn marked(text: &str, line: u32, tally: &mut UnreadTally) -> Option<String> {
    let mut rest = text;
    let mut out = String::new();
    while let Some((start, end)) = find_computed(rest) {
        out.push_str(rest.get(..start)?);
        out.push(COMPUTED);
        rest = rest.get(end..)?;
    }
    if out.is_empty() {
        return None;
    }
    tally.add(line, COMPUTED_PART);
    Some(out + rest)
}

/// Where the first ERB expression begins and ends.
fn find_computed(text: &str) -> Option<(usize, usize)> {
    let start = text.find("<%")?;
    let length = text.get(start..)?.find("%>")?;
    Some((start, start + length + 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::CLAIMS_MAX;
    use crate::tests_print::print;
    use plumb_tree::read::parse;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let name = if text.starts_with('{') { "c.json" } else { "c.yml" };
        let documents = parse(name, text.as_bytes()).unwrap().documents;
        let file = SourceFile { path: "spec/c.yml", bytes: text.as_bytes() };
        assert!(documents.iter().any(is_like), "{text}");
        assert_eq!(print(&read(&file, &documents, &|_| None)), expected);
    }

    #[test]
    fn a_cassette_says_what_was_recorded() {
        check(
            r#"---
http_interactions:
- request:
    method: post
    uri: https://user:secret@api.example.org/v1/charges?expand%5B%5D=customer
    body:
      encoding: US-ASCII
      string: amount=400&currency=usd
    headers:
      Authorization:
      - Bearer x
      Content-Type:
      - application/x-www-form-urlencoded
  response:
    status:
      code: 402
      message: Payment Required
    headers:
      Content-Type:
      - application/json; charset=utf-8
      Set-Cookie:
      - a=1
      - b=2
      Transfer-Encoding:
      - chunked
    body:
      encoding: ASCII-8BIT
      string: !binary |-
        eyJlcnJvciI6eyJjb2RlIjoiY2FyZF9kZWNsaW5lZCJ9fQ==
    http_version: '1.1'
  recorded_at: Tue, 01 Nov 2011 04:58:44 GMT
recorded_with: VCR 6.0.0
"#,
            r#"3:3 example POST /v1/charges exactly -> 402, by api.example.org
  called POST https://api.example.org/v1/charges, recorded Tue, 01 Nov 2011 04:58:44 GMT
  request query expand[]: always text in "customer"
  request media-type application/x-www-form-urlencoded: always present
  request $: always record
  request $.amount: always digits
  request $.currency: always text in "usd"
  response header set-cookie: always text, withheld
  response media-type application/json: always present
  response $: always record
  response $.error: always record
  response $.error.code: always text in "card_declined"
"#,
        );
    }

    #[test]
    fn json_and_first_versions_are_read_alike() {
        check(
            r#"{"http_interactions": [
  {"request": {"method": "get", "uri": "http://localhost:3000/a", "body": ""},
   "response": {"status": {"code": 200}, "headers": {"ETag": "\"1\""},
                "body": {"encoding": "UTF-8", "base64_string": "W10="}},
   "recorded_at": "2026-11-21T10:00:00"},
  {"request": {"method": "head", "uri": "http://localhost:3000/a", "body": {"string": null}},
   "response": {"status": {"code": 304}}}
], "recorded_with": "betamax/0.9.0"}"#,
            "2:4 example GET /a exactly -> 200
  called GET http://localhost:3000/a, recorded 2026-11-21T10:00:00
  request $: never
  response header etag: always text
  response $: always empty array
6:4 example HEAD /a exactly -> 304
  called HEAD http://localhost:3000/a
  request $: never
  response $: sometimes all, anything beneath
",
        );
    }

    #[test]
    fn computed_parts_stand_for_any_value() {
        check(
            r#"http_interactions:
- request:
    method: get
    uri: http://<%= host %>/users/<%= a/b %>/x?key=<%= key %>&page=1
    body: {string: ''}
  response:
    status: {code: 200}
    headers: {Location: ['http://a/<%= id %>'], X: ['<% open']}
    body: {string: '{"id": <%= id %>}'}
- request: {method: get, uri: 'http://a/', body: [1]}
  response: {status: {code: <%= code %>}}
- request: {method: get, uri: 'http://a/', body: [1]}
  response: {status: {code: 200}, body: {string: 'a < % b'}}
"#,
            "2:3 example GET /users/{}/x exactly -> 200
  called GET http://{}/users/{}/x
  request query key: always any string
  request query page: always digits
  request $: never
  response header location: always any string
  response header x: always text
  response $: sometimes all, anything beneath
12:3 example GET / exactly -> 200, by a
  called GET http://a/
  request $: sometimes all, anything beneath
  response $: always not JSON
unread 2: an ERB expression in an address or a header stands for any value (2 times)
  so record the value, or take the claim as wider than the test
unread 9: a body holds an ERB expression, nothing is said about it
  so record the body without ERB
unread 10: an interaction has no answer with a status from 100 to 599
  so record it again, or take it out
unread 12: a body is neither text nor base64, nothing is said about it
  so record it again
",
        );
    }

    #[test]
    fn odd_cassettes_are_empty_or_counted() {
        check("http_interactions: []\n", "");
        check("a: 1\n---\nhttp_interactions:\n", "");
        check(
            "http_interactions: {}\n",
            "unread 1: `http_interactions` is not a list\n  so record the cassette again\n",
        );
        check(
            "http_interactions: [1, {request: }]\n",
            "unread 1: an interaction has no request with a method and an absolute http address \
             (2 times)\n  so record it again, or take it out\n",
        );
    }

    #[test]
    fn interactions_beyond_the_bound_are_counted() {
        let text = format!("{{\"http_interactions\":[{}{{}}]}}", "{},".repeat(CLAIMS_MAX));
        check(
            &text,
            "unread 1: an interaction has no request with a method and an absolute http address \
             (200000 times)\n  so record it again, or take it out\n\
             unread 1: the file holds more than 200000 interactions, the rest is not read\n  \
             so observe it as traffic, or split it\n",
        );
    }
}
