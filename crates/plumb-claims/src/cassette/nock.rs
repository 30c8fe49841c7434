//! Reads what nock recorded (`nock.recorder`, `nockBack`): a list of requests with their answers,
//! in JSON, without any times.
//!
//! Refuses to know interceptors that are written as code.

use crate::cassette::url::RecordedUrl;
use crate::cassette::{
    Body, Message, Recorded, headers_by_name, method_and_url, reading_of, scalar_text, status,
};
use crate::reading::{Beside, Reading, SourceFile};
use crate::unread_tally::UnreadTally;
use plumb_shape::claim::Dialect;
use plumb_tree::{Node, Value};
use std::borrow::Cow;

/// True for a list of requests to scopes.
pub(crate) fn is_like(root: &Node) -> bool {
    let has = |node: &Node, key: &str| node.get(key).is_some();
    let is_recorded = |node: &Node| ["scope", "method", "path"].iter().all(|key| has(node, key));
    root.items().iter().any(is_recorded)
}

/// Reads every interaction.
pub(crate) fn read(file: &SourceFile<'_>, documents: &[Node], _beside: Beside<'_>) -> Reading {
    let Some(root) = documents.iter().find(|document| is_like(document)) else {
        return Reading::default();
    };
    reading_of(file, Dialect::Nock, root.items(), UnreadTally::default(), recorded)
}

fn recorded<'a>(one: &'a Node, tally: &mut UnreadTally) -> Option<Recorded<'a>> {
    let (line, column) =
        one.entry("scope").map_or((one.line, one.column), |(key, _)| (key.line, key.column));
    let text = |key: &str| one.get(key).and_then(Node::as_str);
    let url = text("scope").zip(text("path")).and_then(|(scope, path)| {
        RecordedUrl::cut(&format!("{}{path}", scope.trim_end_matches('/')))
    });
    let (method, url) = method_and_url(Some(one), url, line, tally)?;
    let status = status(one.get("status"), line, tally)?;
    let request = Message {
        headers: headers_by_name(one.get("reqheaders")),
        body: plain_body(one.get("body")),
    };
    let headers = headers(one.get("rawHeaders").or_else(|| one.get("headers")));
    let is_encoded = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    let body = match one.get("response") {
        Some(chunks) if is_encoded => of_chunks(chunks),
        response => plain_body(response),
    };
    let response = Message { headers, body }.without_compression(line, tally);
    let place = (line, column);
    let (recorded_at, name) = (None, None);
    Some(Recorded { place, method, url, recorded_at, name, request, status, response })
}

/// Headers by name, or as names and values in turn.
fn headers(node: Option<&Node>) -> Vec<(&str, Cow<'_, str>)> {
    let listed = node.map(Node::items).unwrap_or_default();
    if listed.is_empty() {
        return headers_by_name(node);
    }
    let pairs = listed.chunks(2);
    let named =
        pairs.filter_map(|pair| Some((pair.first()?.as_str()?, scalar_text(pair.get(1)?)?)));
    named.collect()
}

/// A body as it is, or as the JSON that it is told as.
fn plain_body(node: Option<&Node>) -> Body<'_> {
    match node.map(|node| &node.value) {
        None | Some(Value::Null) => Body::none(),
        Some(Value::String(text)) => Body::of_bytes(text.as_bytes()),
        Some(_) => {
            let json = node.map(Node::to_json_text).unwrap_or_default();
            Body::Bytes(Cow::Owned(json.into_bytes()))
        }
    }
}

/// A compressed body: hexadecimal text, in one piece or in several.
fn of_chunks(node: &Node) -> Body<'_> {
    let single = std::slice::from_ref(node);
    let chunks = if node.items().is_empty() { single } else { node.items() };
    let bytes: Option<Vec<u8>> = chunks
        .iter()
        .flat_map(|chunk| {
            let digits = chunk.as_str().unwrap_or("?").as_bytes();
            digits.chunks(2).map(|pair| {
                let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
                u8::from_str_radix(pair, 16).ok()
            })
        })
        .collect();
    // A recorder that undid the compression kept the header.
    bytes.map_or_else(|| plain_body(Some(node)), |bytes| Body::Bytes(Cow::Owned(bytes)))
}

#[cfg(test)]
mod tests {
    use crate::dialect::read;
    use crate::reading::SourceFile;
    use crate::tests_print::print;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let file = SourceFile { path: "fixtures/a.json", bytes: text.as_bytes() };
        assert_eq!(print(&read(&file, &|_| None)), expected, "{text}");
    }

    #[test]
    fn each_recorded_request_is_a_claim() {
        check(
            r#"[
  {
    "scope": "https://api.example.org:443",
    "method": "POST",
    "path": "/orders?dry=1",
    "body": { "sku": "desk" },
    "status": 201,
    "response": { "id": 7 },
    "rawHeaders": ["Content-Type", "application/json", "X-Total", "7"],
    "responseIsBinary": false
  },
  {
    "scope": "http://localhost:80",
    "method": "GET",
    "path": "/a",
    "body": "",
    "status": 204,
    "response": "",
    "rawHeaders": { "x-a": "b" }
  }
]"#,
            "3:5 example POST /orders exactly -> 201, by api.example.org\n  \
               called POST https://api.example.org:443/orders\n  \
               request query dry: always digits\n  \
               request $: always record\n  \
               request $.sku: always text in \"desk\"\n  \
               response header x-total: always digits\n  \
               response media-type application/json: always present\n  \
               response $: always record\n  \
               response $.id: always int32\n\
             13:5 example GET /a exactly -> 204\n  \
               called GET http://localhost:80/a\n  \
               request $: never\n  \
               response header x-a: always text\n  \
               response $: never\n",
        );
    }

    #[test]
    fn compressed_bodies_are_undone() {
        let recorded = |response: &str| {
            format!(
                r#"[{{"scope":"http://h:80","method":"GET","path":"/","status":200,
                "response":{response},"rawHeaders":["Content-Encoding","gzip"]}}]"#
            )
        };
        let head = "1:3 example GET / exactly -> 200, by h\n  called GET http://h:80/\n  \
                    request $: never\n  response header content-encoding: always text\n  ";
        let packed = r#"["1f8b08000000000002ffab564a54", "b2ca2bcdc9a905008b92747c0a000000"]"#;
        let members = "response $: always record\n  response $.a: always null\n";
        check(&recorded(packed), &format!("{head}{members}"));
        check(&recorded(r#"{"a":null}"#), &format!("{head}{members}"));
        let unread = "response $: sometimes all, anything beneath\n\
                      unread 1: a body was recorded in an encoding that is not undone, nothing is \
                      said about it\n  so record with decoding switched on \
                      (`decode_compressed_response` in vcr tools)\n";
        check(&recorded(r#"["1f8b", "ff"]"#), &format!("{head}{unread}"));
    }

    #[test]
    fn other_lists_say_nothing() {
        check(r#"[{"scope": "a", "method": "b"}]"#, "");
        check(r#"[1, 2]"#, "");
        check(r#"[{"scope": "a", "method": "b", "path": "/"}]"#, {
            "unread 1: an interaction has no request with a method and an absolute http address\n  \
             so record it again, or take it out\n"
        });
    }
}
