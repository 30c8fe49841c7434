//! Insomnia exports: version 4 as one list of resources, version 5 as documents of one kind each.
//!
//! Collections keep requests, and answers hardly ever; what says something are the routes of mock
//! servers, and answers where an export holds them. Both are examples. Refuses to know scripts and
//! specifications kept inside.

use crate::cassette::{Body, Message, Recorded, TOO_MANY, claims_of, scalar_text, status};
use crate::collection_request::{Variables, address};
use crate::reading::{Beside, CLAIMS_MAX, Reading, SourceFile};
use crate::template::{say_headers, say_text};
use crate::unread_tally::{UnreadTally, Why};
use crate::url_pattern::path_of_text;
use plumb_shape::claim::{Claim, Dialect, SaidQuery, SaidRequest, SaidStatus, Source, Strength};
use plumb_shape::place::Side;
use plumb_shape::said::Said;
use plumb_tree::Node;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

const NO_ANSWER: Why = Why {
    reason: "a request is kept without its answer, so it says nothing",
    remedy: "keep the answer as a route of a mock server, or leave it",
};
const NO_REQUEST: Why = Why {
    reason: "an answer is kept without a request that has a method and an address over http",
    remedy: "export it together with its request",
};
const BODY_ELSEWHERE: Why = Why {
    reason: "the body of an answer is not in the export, nothing is said about it",
    remedy: "keep the answer as a route of a mock server",
};
const TEMPLATE: Why = Why {
    reason: "a template in a body changes more than single values, nothing is said about it",
    remedy: "keep it, or give the branches as routes of their own",
};

/// The end of the kinds of version 5.
const KINDS: &str = ".insomnia.rest/5";

/// Longest title in characters: a route beyond it is told apart by its line.
const TITLE_CHARS_MAX: usize = 200;

/// The requests of version 4 by their ids.
type Requests<'a> = BTreeMap<&'a str, &'a Node>;

/// True for an export of version 4, or a document of version 5.
pub(crate) fn is_like(root: &Node) -> bool {
    let of_four = root.get("__export_format").is_some() && root.get("resources").is_some();
    of_four || root.get("type").and_then(Node::as_str).is_some_and(|kind| kind.contains(KINDS))
}

/// Reads the routes and the answers of a file, one claim each.
pub(crate) fn read(file: &SourceFile<'_>, documents: &[Node], _beside: Beside<'_>) -> Reading {
    let mut tally = UnreadTally::default();
    let mut claims = Vec::new();
    for root in documents.iter().filter(|document| is_like(document)) {
        let resources = root.get("resources").map(Node::items).unwrap_or_default();
        let is_a = |resource: &&Node, kind: &str| {
            resource.get("_type").and_then(Node::as_str) == Some(kind)
        };
        let of_four = resources.iter().filter(|it| is_a(it, "mock_route"));
        let of_five = root.get("routes").map(Node::items).unwrap_or_default();
        let routes = of_four.chain(of_five);
        claims.extend(routes.filter_map(|route| route_claim(file.path, route, &mut tally)));
        let requests: Requests<'_> = resources
            .iter()
            .filter(|it| is_a(it, "request"))
            .filter_map(|it| Some((it.get("_id")?.as_str()?, it)))
            .collect();
        let answers: Vec<Recorded<'_>> = resources
            .iter()
            .filter(|it| is_a(it, "response"))
            .filter_map(|response| recorded(&requests, response, &mut tally))
            .collect();
        claims.extend(claims_of(file.path, Dialect::Insomnia, &answers));
        let answered: BTreeSet<&str> = answers_of(resources).collect();
        let alone = requests.iter().filter(|(id, _)| !answered.contains(*id));
        let alone = alone.map(|(_, request)| *request);
        alone.chain(requests_of(root)).for_each(|it| tally.add(it.line, NO_ANSWER));
    }
    if let Some(beyond) = claims.get(CLAIMS_MAX) {
        tally.add(beyond.source.line, TOO_MANY);
        claims.truncate(CLAIMS_MAX);
    }
    Reading { claims, unread: tally.into_unread(file.path) }
}

/// The requests of a document of version 5, whatever folders they are in.
fn requests_of(root: &Node) -> Vec<&Node> {
    let mut requests = Vec::new();
    let mut open: Vec<&Node> = root.get("collection").into_iter().collect();
    while let Some(list) = open.pop() {
        for item in list.items() {
            match item.get("children") {
                Some(children) => open.push(children),
                None => requests.push(item),
            }
        }
    }
    requests
}

/// The ids of the requests that have answers.
fn answers_of(resources: &[Node]) -> impl Iterator<Item = &str> {
    let is_answer = |it: &&Node| it.get("_type").and_then(Node::as_str) == Some("response");
    resources.iter().filter(is_answer).filter_map(|it| it.get("parentId")?.as_str())
}

/// A route of a mock server: its name is a path.
fn route_claim(file: &str, route: &Node, tally: &mut UnreadTally) -> Option<Claim> {
    let text = |key: &str| route.get(key).and_then(Node::as_str).unwrap_or_default();
    let status = match route.get("statusCode") {
        None => 200,
        given => status(given, route.line, tally)?,
    };
    let method = text("method").to_ascii_uppercase();
    let path = path_of_text(text("name").split('?').next().unwrap_or_default());
    let mut said = Said::default();
    said.say_any_body(Side::Request);
    let mut headers = headers_of(route.get("headers"));
    let is_typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if !is_typed && !text("mimeType").is_empty() {
        headers.push(("content-type", text("mimeType").into()));
    }
    let media_type = say_headers(&mut said, &headers);
    let body = text("body");
    let told = !body.contains("{%")
        && say_text(&mut said, Side::Response, media_type.as_deref(), body.as_bytes()).is_ok();
    if !told {
        tally.add(route.line, TEMPLATE);
        said.say_any_body(Side::Response);
    }
    let methods = if method.is_empty() { Vec::new() } else { vec![method] };
    let method = methods.first().map_or("ANY", String::as_str);
    let title: String =
        format!("{method} {}", path.named()).chars().take(TITLE_CHARS_MAX).collect();
    let (line, column) = (route.line, route.column);
    let source = Source { dialect: Dialect::Insomnia, file: file.to_owned(), line, column, title };
    let query = SaidQuery::Any;
    Some(Claim {
        source,
        strength: Strength::Example,
        writer: None,
        reader: None,
        request: SaidRequest { methods, path, query, priority: 0, stateful: false },
        status: SaidStatus::Exactly(status),
        said,
    })
}

/// An answer of version 4, whose request stands elsewhere and whose body is in no export.
fn recorded<'a>(
    requests: &Requests<'a>,
    response: &'a Node,
    tally: &mut UnreadTally,
) -> Option<Recorded<'a>> {
    let line = response.line;
    let parent = response.get("parentId").and_then(Node::as_str);
    let request = parent.and_then(|parent| requests.get(parent)).copied();
    let text = |node: Option<&'a Node>, key: &str| node.and_then(|node| node.get(key)?.as_str());
    let url = text(Some(response), "url").or_else(|| text(request, "url"));
    let variables: Variables<'_> = BTreeMap::new();
    let url = url.and_then(|url| address(&url.replace("{{ _.", "{{"), &variables));
    let (method, url) = tally.need(text(request, "method").zip(url), line, NO_REQUEST)?;
    let status = status(response.get("statusCode"), line, tally)?;
    tally.add(line, BODY_ELSEWHERE);
    let body = Body::Unknown;
    Some(Recorded {
        place: (line, response.column),
        method,
        url,
        recorded_at: None,
        name: text(request, "name").map(str::to_owned),
        status,
        request: Message { headers: Vec::new(), body: body.clone() },
        response: Message { headers: headers_of(response.get("headers")), body },
    })
}

/// Headers that are not switched off.
fn headers_of(headers: Option<&Node>) -> Vec<(&str, Cow<'_, str>)> {
    let items = headers.map(Node::items).unwrap_or_default();
    let enabled = |it: &&Node| it.get("disabled").and_then(Node::as_bool) != Some(true);
    let header = |it| -> Option<(&str, Cow<'_, str>)> {
        let it: &Node = it;
        let name = it.get("name")?.as_str().filter(|name| !name.is_empty())?;
        Some((name, scalar_text(it.get("value")?)?))
    };
    items.iter().filter(enabled).filter_map(header).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_print::print;
    use plumb_tree::read::parse;

    #[track_caller]
    fn check(path: &str, text: &str, expected: &str) {
        let documents = parse(path, text.as_bytes()).unwrap().documents;
        assert!(documents.iter().all(is_like), "{text}");
        let file = SourceFile { path, bytes: text.as_bytes() };
        assert_eq!(print(&read(&file, &documents, &|_| None)), expected);
    }

    #[test]
    fn routes_of_a_mock_server_are_claims() {
        check(
            "mock.yaml",
            r#"type: mock.insomnia.rest/5.0
name: orders
server:
  url: http://localhost:8080
  useInsomniaCloud: false
routes:
  - name: /orders/7
    method: get
    statusCode: 200
    mimeType: application/json
    headers:
      - {name: X-Id, value: "7"}
      - {name: X-Off, value: "7", disabled: true}
    body: '{"id": 7, "at": "{{ now }}"}'
  - {name: /gone, statusCode: 410, body: '{% if a %}b{% endif %}'}
  - {name: /none, statusCode: 0}
"#,
            "7:5 example GET /orders/7 -> 200
  called GET /orders/{}
  request $: sometimes all, anything beneath
  response header x-id: always digits
  response media-type application/json: always present
  response $: always record
  response $.at: always any string
  response $.id: always int32
15:5 example ANY /gone -> 410
  called ANY /gone
  request $: sometimes all, anything beneath
  response $: sometimes all, anything beneath
unread 15: a template in a body changes more than single values, nothing is said about it
  so keep it, or give the branches as routes of their own
unread 16: an interaction has no answer with a status from 100 to 599
  so record it again, or take it out
",
        );
    }

    #[test]
    fn requests_without_answers_are_counted() {
        check(
            "collection.yaml",
            "type: collection.insomnia.rest/5.0
collection:
  - name: folder
    children:
      - {name: a, method: GET, url: http://h/a}
  - {name: b, method: GET, url: http://h/b}
",
            "unread 5: a request is kept without its answer, so it says nothing (2 times)
  so keep the answer as a route of a mock server, or leave it
",
        );
        check("environment.yaml", "type: environment.insomnia.rest/5.0\n", "");
    }

    #[test]
    fn resources_of_version_four() {
        check(
            "insomnia.json",
            r#"{"_type":"export","__export_format":4,"resources":[
  {"_id":"req_1","_type":"request","method":"POST","url":"{{ _.base }}/orders?a=1","name":"create"},
  {"_id":"req_2","_type":"request","method":"GET","url":"{{ _.base }}/a"},
  {"_id":"res_1","_type":"response","parentId":"req_1","statusCode":201,
   "headers":[{"name":"Content-Type","value":"application/json"}],"bodyPath":"/tmp/a"},
  {"_id":"res_2","_type":"response","parentId":"gone","statusCode":200},
  {"_type":"mock_route","name":"/b","method":"GET","statusCode":204,"body":""},
  {"_type":"workspace","name":"w"}
]}"#,
            "7:3 example GET /b -> 204
  called GET /b
  request $: sometimes all, anything beneath
  response $: never
4:3 example POST /orders exactly -> 201
  called create
  request query a: always digits
  request $: sometimes all, anything beneath
  response media-type application/json: always present
  response $: sometimes all, anything beneath
unread 3: a request is kept without its answer, so it says nothing
  so keep the answer as a route of a mock server, or leave it
unread 4: the body of an answer is not in the export, nothing is said about it
  so keep the answer as a route of a mock server
unread 6: an answer is kept without a request that has a method and an address over http
  so export it together with its request
",
        );
    }
}
