//! Reads cassettes of vcrpy (Python): `interactions` of a `request` and a `response`, in YAML or
//! JSON, without any times.
//!
//! Knows the shapes that the tool and its older stubs have written over the years; refuses to know
//! what a recording means, which is `cassette`'s business.

use crate::cassette::url::RecordedUrl;
use crate::cassette::{
    Body, Message, Recorded, headers_by_name, method_and_url, place_of, reading_of, status,
};
use crate::reading::{Beside, Reading, SourceFile};
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::claim::Dialect;
use plumb_tree::{Node, Value};

const OTHER_VERSION: Why = Why {
    reason: "the cassette's version is not 1, it is read as if it were",
    remedy: "record it again with a current version of the tool",
};
const PYTHON_OBJECT: Why = Why {
    reason: "a body was recorded as a Python object, nothing is said about it",
    remedy: "record it again from text or bytes instead of a stream",
};

/// True for a list of interactions that have an address; a pact's interactions have a path.
pub(crate) fn is_like(root: &Node) -> bool {
    let Some(interactions) = root.get("interactions") else { return false };
    let is_pact = root.get("consumer").is_some() || root.get("provider").is_some();
    let recorded = |interaction: &Node| interaction.path(&["request", "uri"]).is_some();
    let listed = match interactions.items() {
        [] => root.get("version").is_some(),
        items => items.iter().any(recorded),
    };
    listed && !is_pact
}

/// Reads every interaction of the documents that are cassettes.
pub(crate) fn read(file: &SourceFile<'_>, documents: &[Node], _beside: Beside<'_>) -> Reading {
    let Some(root) = documents.iter().find(|document| is_like(document)) else {
        return Reading::default();
    };
    let mut tally = UnreadTally::default();
    if let Some(version) = root.get("version").filter(|version| version.as_u16() != Some(1)) {
        tally.add(version.line, OTHER_VERSION);
    }
    let interactions = root.get("interactions").map(Node::items).unwrap_or_default();
    reading_of(file, Dialect::Vcrpy, interactions, tally, recorded)
}

fn recorded<'a>(interaction: &'a Node, tally: &mut UnreadTally) -> Option<Recorded<'a>> {
    let place = place_of(interaction);
    let (line, _) = place;
    let request = interaction.get("request");
    let url = request.and_then(|request| RecordedUrl::cut(request.get("uri")?.as_str()?));
    let (method, url) = method_and_url(request, url, line, tally)?;
    let response = interaction.get("response");
    // The stubs of another client once wrote `status_code` and `content`.
    let code = response.and_then(|it| it.path(&["status", "code"]).or(it.get("status_code")));
    Some(Recorded {
        place,
        method,
        url,
        recorded_at: None,
        name: None,
        status: status(code, line, tally)?,
        request: message(request, tally),
        response: message(response, tally),
    })
}

fn message<'a>(side: Option<&'a Node>, tally: &mut UnreadTally) -> Message<'a> {
    let written = side.and_then(|side| side.get("body").or(side.get("content")));
    let line = written.map_or(0, |body| body.line);
    let message = Message {
        headers: headers_by_name(side.and_then(|side| side.get("headers"))),
        body: written.map_or(Body::Unknown, |written| body(written, tally)),
    };
    message.without_compression(line, tally)
}

/// A body stands there itself, or inside an object as `string` or `base64_string`.
fn body<'a>(written: &'a Node, tally: &mut UnreadTally) -> Body<'a> {
    if let Some(text) = written.get("base64_string").and_then(Node::as_str) {
        return Body::of_base64(text, written.line, tally);
    }
    let written = written.get("string").unwrap_or(written);
    match (&written.value, written.as_bytes()) {
        (_, Some(bytes)) => Body::of_bytes(bytes),
        (Value::Null, _) => Body::none(),
        _ => {
            tally.add(written.line, PYTHON_OBJECT);
            Body::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_print::{print, print_heads};
    use plumb_tree::read::parse;

    fn reading(text: &str) -> Reading {
        let name = if text.starts_with('{') { "c.json" } else { "c.yaml" };
        let documents = parse(name, text.as_bytes()).unwrap().documents;
        let file = SourceFile { path: "tests/c.yaml", bytes: text.as_bytes() };
        assert!(is_like(&documents[0]), "{text}");
        read(&file, &documents, &|_| None)
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(print(&reading(text)), expected);
    }

    #[track_caller]
    fn check_heads(text: &str, expected: &str) {
        assert_eq!(print_heads(&reading(text)), expected);
    }

    /// Three interactions as they were really recorded from a tracking server.
    const RECORDED: &str = r#"interactions:
- request:
    body: '{"name": "churn-0-1795223626062"}'
    headers:
      Accept:
      - '*/*'
      Accept-Encoding:
      - gzip, deflate
      Connection:
      - keep-alive
      Content-Length:
      - '33'
      Content-Type:
      - application/json
      User-Agent:
      - mlflow-python-client/1.30.0
    method: POST
    uri: http://127.0.0.1:5101/api/2.0/mlflow/experiments/create
  response:
    body:
      string: "{\n  \"experiment_id\": \"2\"\n}"
    headers:
      Connection:
      - close
      Content-Length:
      - '26'
      Content-Type:
      - application/json
      Date:
      - Sat, 21 Nov 2026 01:13:46 GMT
      Server:
      - gunicorn
    status:
      code: 200
      message: OK
- request:
    body: null
    headers:
      User-Agent:
      - mlflow-python-client/1.30.0
    method: GET
    uri: http://127.0.0.1:5101/api/2.0/mlflow/experiments/list?view_type=ACTIVE_ONLY
  response:
    body:
      string: "{\n  \"experiments\": [\n    {\n      \"experiment_id\": \"0\",\n      \"name\":
        \"Default\",\n      \"last_update_time\": 1795223615600\n    },\n    {\n
        \     \"experiment_id\": \"2\",\n      \"name\": \"churn-0\",\n
        \     \"tags\": []\n    }\n  ]\n}"
    headers:
      Content-Type:
      - application/json
    status:
      code: 200
      message: OK
- request:
    body: null
    headers: {}
    method: GET
    uri: http://127.0.0.1:5101/api/2.0/mlflow/experiments/get-by-name?experiment_name=nope
  response:
    body:
      string: '{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Could not find
        experiment with name ''nope''"}'
    headers:
      Content-Type:
      - application/json
    status:
      code: 404
      message: NOT FOUND
version: 1
"#;

    #[test]
    fn a_real_cassette_says_what_was_recorded() {
        check(
            RECORDED,
            r#"2:3 example POST /api/2.0/mlflow/experiments/create exactly -> 200
  called POST http://127.0.0.1:5101/api/2.0/mlflow/experiments/create
  request media-type application/json: always present
  request $: always record
  request $.name: always text
  response header server: always text
  response media-type application/json: always present
  response $: always record
  response $.experiment_id: always digits
36:3 example GET /api/2.0/mlflow/experiments/list exactly -> 200
  called GET http://127.0.0.1:5101/api/2.0/mlflow/experiments/list
  request query view_type: always text in "ACTIVE_ONLY"
  request $: never
  response media-type application/json: always present
  response $: always record
  response $.experiments: always many elements
  response $.experiments[]: always record
  response $.experiments[].experiment_id: always digits
  response $.experiments[].last_update_time: sometimes beyond int32
  response $.experiments[].name: always text in "Default", "churn-0"
  response $.experiments[].tags: sometimes empty array
55:3 example GET /api/2.0/mlflow/experiments/get-by-name exactly -> 404
  called GET http://127.0.0.1:5101/api/2.0/mlflow/experiments/get-by-name
  request query experiment_name: always text in "nope"
  request $: never
  response media-type application/json: always present
  response $: always record
  response $.error_code: always text in "RESOURCE_DOES_NOT_EXIST"
  response $.message: always text
"#,
        );
    }

    #[test]
    fn json_cassettes_are_read_alike() {
        check(
            r#"{"version": 1, "interactions": [
                {"request": {"method": "GET", "uri": "https://api.example.org/v1/me",
                             "body": null, "headers": {"accept": "*/*"}},
                 "response": {"status": {"code": "200", "message": null},
                              "headers": {"x-ratelimit-limit": 60},
                              "body": {"base64_string": "eyJp\nZCI6MX0=\n"}}}
            ]}"#,
            "2:18 example GET /v1/me exactly -> 200, by api.example.org
  called GET https://api.example.org/v1/me
  request $: never
  response header x-ratelimit-limit: always digits
  response $: always record
  response $.id: always int32
",
        );
    }

    #[test]
    fn odd_bodies_are_read_or_counted() {
        check(
            r#"interactions:
- response:
    status: {code: 200}
    headers: {content-encoding: [gzip]}
    body: {string: !!binary H4sIAAAA}
  request: {method: get, uri: http://a/1, body: !!python/unicode 'x'}
- request:
    method: PUT
    uri: http://a/2
    body: !!python/object/new:_io.BytesIO
      state: !!python/tuple
      - !!binary YQ==
      - 0
  response: {status_code: 201, content: '{"ok":true}', headers: {content-encoding: gzip}}
- request: {method: PUT, uri: http://a/3, body: {string: !!binary AP8=}}
  response: {status: {code: 204}, body: {base64_string: '?'}}
- request: {method: GET, uri: /relative}
- request: {method: GET, uri: http://a/}
  response: {status: {code: 0}}
- {}
version: 2
"#,
            "6:3 example GET /1 exactly -> 200, by a
  called GET http://a/{}
  request $: always not JSON
  response header content-encoding: always text
  response $: sometimes all, anything beneath
7:3 example PUT /2 exactly -> 201, by a
  called PUT http://a/{}
  request $: sometimes all, anything beneath
  response header content-encoding: always text
  response $: always record
  response $.ok: always true
15:3 example PUT /3 exactly -> 204, by a
  called PUT http://a/{}
  request $: always not JSON
  response $: sometimes all, anything beneath
unread 5: a body was recorded in an encoding that is not undone, nothing is said about it
  so record with decoding switched on (`decode_compressed_response` in vcr tools)
unread 10: a body was recorded as a Python object, nothing is said about it
  so record it again from text or bytes instead of a stream
unread 16: a body marked as base64 is not base64, nothing is said about it
  so record it again
unread 17: an interaction has no request with a method and an absolute http address (2 times)
  so record it again, or take it out
unread 18: an interaction has no answer with a status from 100 to 599
  so record it again, or take it out
unread 21: the cassette's version is not 1, it is read as if it were
  so record it again with a current version of the tool
",
        );
    }

    #[test]
    fn identical_requests_are_told_apart_by_order_only() {
        let one = |uri: &str, body: &str, code: u16| {
            format!(
                "- request: {{method: POST, uri: 'http://a{uri}', body: '{body}'}}\n  \
                 response: {{status: {{code: {code}}}, body: {{string: ''}}}}\n"
            )
        };
        let parts =
            [one("/x", "1", 202), one("/x", "2", 200), one("/x", "1", 200), one("/y", "1", 201)];
        check_heads(
            &format!("interactions:\n{}version: 1\n", parts.concat()),
            "2:3 example POST /x exactly -> 202, stateful, by a
  called POST http://a/x
4:3 example POST /x exactly -> 200, by a
  called POST http://a/x
6:3 example POST /x exactly -> 200, stateful, by a
  called POST http://a/x
8:3 example POST /y exactly -> 201, by a
  called POST http://a/y
",
        );
    }

    #[test]
    fn a_cassette_cut_anywhere_is_read_as_far_as_it_parses() {
        let cuts = (0..RECORDED.len()).filter_map(|end| RECORDED.get(..end));
        for documents in cuts.filter_map(|cut| parse("c.yaml", cut.as_bytes()).ok()) {
            let file = SourceFile { path: "c.yaml", bytes: &[] };
            assert!(read(&file, &documents.documents, &|_| None).claims.len() <= 3);
        }
    }

    #[test]
    fn pacts_and_empty_cassettes_are_told_apart() {
        let like = |text: &str| is_like(&parse("c.yaml", text.as_bytes()).unwrap().documents[0]);
        assert!(like("{interactions: [], version: 1}"));
        assert!(!like("{interactions: []}"));
        assert!(!like("{interactions: [{request: {path: /a}}], version: 1}"));
        assert!(!like("{interactions: [{request: {uri: /a}}], consumer: {name: a}}"));
        assert!(!like("[]"));
        check_heads("interactions: []\nversion: 1\n", "");
    }
}
