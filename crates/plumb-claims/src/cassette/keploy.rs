//! Reads tests and mocks of Keploy: YAML documents of a recorded request and its answer, one or
//! many in a file.
//!
//! Knows what the tool calls noise: such values are covered, whatever they are. Refuses to know
//! what a recording means, which is `cassette`'s business, and other protocols than HTTP.

use crate::cassette::url::RecordedUrl;
use crate::cassette::{
    Body, Message, Recorded, TOO_MANY, claims_of, headers_by_name, method_and_url, status,
};
use crate::matched::anything;
use crate::reading::{Beside, CLAIMS_MAX, Reading, SourceFile};
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::claim::Dialect;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::{Presence, Said};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::{Node, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// How every version of the format begins.
const VERSION: &str = "api.keploy.io/";

const OTHER_KIND: Why = Why {
    reason: "a document records another protocol than http, it is not read",
    remedy: "nothing to do; it makes no claim",
};
const MULTIPART: Why = Why {
    reason: "a request was sent as a form of parts, nothing is said about its body",
    remedy: "keep it; the rest of the recording is compared",
};

/// True for a document of Keploy's.
pub(crate) fn is_like(root: &Node) -> bool {
    let version = root.get("version").and_then(Node::as_str);
    version.is_some_and(|version| version.starts_with(VERSION)) && root.get("spec").is_some()
}

/// Reads every document that records HTTP, one claim each.
pub(crate) fn read(file: &SourceFile<'_>, documents: &[Node], _beside: Beside<'_>) -> Reading {
    let mut tally = UnreadTally::default();
    let mut read = Vec::new();
    for document in documents.iter().filter(|document| is_like(document)) {
        let kind = document.get("kind").and_then(Node::as_str).unwrap_or_default();
        if !kind.eq_ignore_ascii_case("http") {
            tally.add(document.line, OTHER_KIND);
        } else if read.len() >= CLAIMS_MAX {
            tally.add(document.line, TOO_MANY);
            break;
        } else if let Some(recorded) = recorded(document, &mut tally) {
            read.push((document, recorded));
        }
    }
    let (documents, recorded): (Vec<&Node>, Vec<Recorded<'_>>) = read.into_iter().unzip();
    let mut claims = claims_of(file.path, Dialect::Keploy, &recorded);
    for (claim, document) in claims.iter_mut().zip(documents) {
        cover_noise(&mut claim.said, &noise(document));
    }
    Reading { claims, unread: tally.into_unread(file.path) }
}

fn recorded<'a>(document: &'a Node, tally: &mut UnreadTally) -> Option<Recorded<'a>> {
    let spec = document.get("spec")?;
    let (line, column) = spec
        .entry("req")
        .map_or((document.line, document.column), |(key, _)| (key.line, key.column));
    let (request, response) = (spec.get("req"), spec.get("resp"));
    let (method, url) = method_and_url(request, request.and_then(address), line, tally)?;
    let status = status(response.and_then(|it| it.get("status_code")), line, tally)?;
    let times = ["timestamp", "created"].iter().find_map(|key| request?.get(key)?.as_str());
    let recorded_at = times.or_else(|| spec.get("reqTimestampMock")?.as_str());
    let name = document.get("name").and_then(Node::as_str).filter(|name| !name.is_empty());
    Some(Recorded {
        place: (line, column),
        method,
        url,
        // The zero time of the language it is written in stands for none.
        recorded_at: recorded_at.filter(|at| !at.starts_with("0001-")),
        name: name.map(str::to_owned),
        status,
        request: sent(request, line, tally),
        response: message(response).without_compression(line, tally),
    })
}

/// The address; mocks may hold only its path, beside the header that names the host.
fn address(request: &Node) -> Option<RecordedUrl> {
    let url = request.get("url")?.as_str()?;
    RecordedUrl::cut(url).or_else(|| {
        let headers = headers_by_name(request.get("header"));
        let host = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
        let host = host.map_or(Cow::Borrowed("localhost"), |(_, host)| host.clone());
        url.starts_with('/').then(|| RecordedUrl::cut(&format!("http://{host}{url}")))?
    })
}

fn sent<'a>(request: Option<&'a Node>, line: u32, tally: &mut UnreadTally) -> Message<'a> {
    let mut message = message(request).without_compression(line, tally);
    let form = request.and_then(|request| request.get("form")).map(Node::items);
    if message.body == Body::none() && form.is_some_and(|form| !form.is_empty()) {
        tally.add(line, MULTIPART);
        message.body = Body::Unknown;
    }
    message
}

fn message(side: Option<&Node>) -> Message<'_> {
    let body = side.and_then(|side| side.get("body")?.as_bytes());
    Message {
        headers: headers_by_name(side.and_then(|side| side.get("header"))),
        body: body.map_or(Body::none(), Body::of_bytes),
    }
}

/// What the recording says may differ, as `body.a.b` and `header.name`.
fn noise(document: &Node) -> BTreeSet<&str> {
    let Some(noise) = document.path(&["spec", "assertions", "noise"]) else {
        return BTreeSet::new();
    };
    match &noise.value {
        Value::Array(paths) => paths.iter().filter_map(Node::as_str).collect(),
        _ => noise.entries().iter().map(|(key, _)| key.text.as_str()).collect(),
    }
}

/// Covers whatever comes at the paths of the answer and below them.
fn cover_noise(said: &mut Said, paths: &BTreeSet<&str>) {
    if paths.contains("body") {
        said.places.retain(|place, _| !is_answered(place));
        said.say_any_body(Side::Response);
    }
    let is_noise = |place: &Place| {
        let keys = keys_of(place);
        !keys.is_empty() && paths.contains(format!("body.{keys}").as_str())
    };
    let covered: Vec<Place> =
        said.places.keys().filter(|place| is_answered(place) && is_noise(place)).cloned().collect();
    for place in covered {
        // What stands below follows in the order of places, and is covered by what is above.
        let below = |other: &&Place| is_answered(other) && other.steps.starts_with(&place.steps);
        let gone: Vec<Place> = said
            .places
            .range(&place..)
            .map(|(other, _)| other)
            .take_while(below)
            .cloned()
            .collect();
        if gone.is_empty() {
            continue;
        }
        gone.iter().for_each(|gone| drop(said.places.remove(gone)));
        said.say(place, anything(Presence::Sometimes));
    }
    for name in paths.iter().filter_map(|path| path.strip_prefix("header.")) {
        let place = Place::named(Side::Response, Part::Header, &name.to_ascii_lowercase());
        if let Some(expected) = said.places.get_mut(&place) {
            expected.traits |= TraitSet::STRING;
            expected.presence = Presence::Sometimes;
        }
    }
}

fn is_answered(place: &Place) -> bool {
    place.side == Side::Response && place.part == Part::Body
}

/// The keys of a place as noise names it: elements of lists are not told apart.
fn keys_of(place: &Place) -> String {
    let key = |step: &Step| match step {
        Step::Key(key) => Some(key.to_string()),
        Step::Item | Step::Any => None,
    };
    place.steps.iter().filter_map(key).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_print::{print, print_heads};
    use plumb_tree::yaml::parse_yaml;

    fn reading(text: &str) -> Reading {
        let documents = parse_yaml(text.as_bytes()).unwrap().documents;
        assert!(documents.iter().any(is_like), "{text}");
        read(&SourceFile { path: "tests/a.yaml", bytes: text.as_bytes() }, &documents, &|_| None)
    }

    /// A test as the tool wrote it, made small.
    const TEST: &str = r#"# Generated by Keploy
version: api.keploy.io/v1beta1
kind: Http
name: post-orders-1
spec:
    metadata: {}
    req:
        method: POST
        proto_major: 1
        url: http://localhost:8080/orders?dry=true
        header:
            Content-Length: "15"
            Content-Type: application/json
        body: '{"sku": "desk"}'
        timestamp: 2026-10-01T09:16:49Z
    resp:
        status_code: 201
        header:
            Content-Type: application/json
            X-Id: "7"
        body: '{"id": 7, "items": [{"ts": 1}], "meta": {"a": 1}}'
        timestamp: 0001-01-01T00:00:00Z
    assertions:
        noise:
            header.X-Id: []
            body.items.ts: []
            body.meta: ["x"]
    created: 1
curl: "curl .."
"#;

    #[test]
    fn a_test_says_what_was_recorded_without_its_noise() {
        assert_eq!(
            print(&reading(TEST)),
            "7:5 example POST /orders exactly -> 201
  called post-orders-1, recorded 2026-10-01T09:16:49Z
  request query dry: always text in \"true\"
  request media-type application/json: always present
  request $: always record
  request $.sku: always text in \"desk\"
  response header x-id: sometimes any string
  response media-type application/json: always present
  response $: always record
  response $.id: always int32
  response $.items: always one element
  response $.items[]: always record
  response $.items[].ts: sometimes all, anything beneath
  response $.meta: sometimes all, anything beneath
"
        );
    }

    #[test]
    fn mocks_are_many_documents_of_many_kinds() {
        let mock = |kind: &str, rest: &str| {
            format!("version: api.keploy.io/v1beta1\nkind: {kind}\nname: m\nspec:\n{rest}---\n")
        };
        let get = |url: &str, more: &str| {
            format!("  req: {{method: GET, url: {url}{more}}}\n  resp: {{status_code: 200}}\n")
        };
        let text = [
            mock("Postgres", "  requests: []\n"),
            mock("Http", &get("/a", ", header: {Host: 'Api.example.org:80'}")),
            mock("HTTP", &get("/a", "")),
            mock("Http", &get("/a", ", form: [{key: a}]")),
            mock("Http", &get("a", "")),
            mock("Http", "  req: {method: GET, url: /a}\n"),
            "other: 1\n".to_owned(),
        ]
        .concat();
        assert_eq!(
            print_heads(&reading(&text)),
            "11:3 example GET /a exactly -> 200, by api.example.org
  called m
18:3 example GET /a exactly -> 200, stateful
  called m
25:3 example GET /a exactly -> 200, stateful
  called m
unread 1: a document records another protocol than http, it is not read
  so nothing to do; it makes no claim
unread 25: a request was sent as a form of parts, nothing is said about its body
  so keep it; the rest of the recording is compared
unread 32: an interaction has no request with a method and an absolute http address
  so record it again, or take it out
unread 39: an interaction has no answer with a status from 100 to 599
  so record it again, or take it out
"
        );
    }

    #[test]
    fn noise_may_be_a_list_or_everything() {
        let text = TEST.replace("            body.items.ts: []\n", "            body: []\n");
        assert!(print(&reading(&text)).contains("response $: sometimes all, anything beneath"));
    }
}
