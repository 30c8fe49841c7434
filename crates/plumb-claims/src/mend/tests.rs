//! Changes to claims as lines that go and come.

use super::*;
use crate::dialect;
use plumb_shape::place::{Place, Side, Step};

const STUBS: &str = r#"{
  "mappings": [
    {
      "name": "order", // the one that all tests use
      "request": { "method": "GET", "urlPath": "/v1/orders/1" },
      "response": {
        "status": 200,
        "headers": { "Content-Type": "application/json", "X-Total": "1" },
        "jsonBody": {
          "id": 1,
          "state": "pending",
          "items": [{ "sku": "A-1", "gift": null }]
        }
      }
    },
    {
      "id": "7f9c24e5-2b0a-4c59-8a3d-9d0d1f3c2b11",
      "request": { "method": "GET", "url": "/v1/stock" },
      "response": { "body": "{\"left\": 3, \"at\": \"{{now}}\"}" }
    }
  ]
}
"#;

const CASSETTE: &str = "http_interactions:
- request:
    method: get
    uri: https://api.example.org/v1/me
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - application/json
      Content-Length:
      - '20'
    body:
      string: '{\"id\":1,\"name\":\"Ann\"}'
  recorded_at: Fri, 20 Nov 2026 10:00:00 GMT
recorded_with: VCR 6.2.0
";

fn body(steps: &[&str]) -> Place {
    let step = |name: &&str| match *name {
        "[]" => Step::Item,
        key => Step::Key(key.into()),
    };
    Place { side: Side::Response, part: Part::Body, steps: steps.iter().map(step).collect() }
}

fn set(steps: &[&str], json: &str) -> Action {
    Action::Set(body(steps), json.to_owned())
}

fn mended(text: &str, claim: usize, changes: &[(Action, Reach)]) -> Mended {
    let path = if text.starts_with('{') { "stubs.json" } else { "cassette.yml" };
    let beside = |path: &str| (path == "order.json").then(|| b"{\"id\":1}".to_vec());
    let file = SourceFile { path, bytes: text.as_bytes() };
    let claims = dialect::read(&file, &beside).claims;
    let change = |(action, reach): &(Action, Reach)| Change {
        claim: claims[claim].source.clone(),
        action: action.clone(),
        reach: *reach,
    };
    let changes: Vec<Change> = changes.iter().map(change).collect();
    let mended = mend(&file, &changes.iter().collect::<Vec<_>>(), &beside);
    for (path, text) in mended.files.iter().filter(|(other, _)| *other == path) {
        let file = SourceFile { path, bytes: text.as_bytes() };
        assert!(dialect::read(&file, &|_| None).claims.len() >= claims.len(), "{text}");
    }
    mended
}

/// Applies one change to one claim, and prints the lines that differ.
#[track_caller]
fn check(text: &str, claim: usize, change: (Action, Reach), expected: &str) {
    let mended = mended(text, claim, &[change]);
    assert_eq!(mended.done, [Done::Written]);
    let new = mended.files.values().next().unwrap();
    let gone = text.lines().filter(|line| !new.lines().any(|other| other == *line));
    let come = new.lines().filter(|line| !text.lines().any(|other| other == *line));
    let gone = gone.map(|line| format!("-{line}\n"));
    assert_eq!(gone.chain(come.map(|line| format!("+{line}\n"))).collect::<String>(), expected);
}

#[test]
fn a_member_changes_and_nothing_else() {
    let everywhere = |action| (action, Reach::Everywhere);
    let id = "-          \"id\": 1,\n";
    check(STUBS, 0, everywhere(Action::Remove(body(&["id"]))), id);
    check(STUBS, 0, everywhere(set(&["id"], "\"1\"")), &format!("{id}+          \"id\": \"1\",\n"));
    check(
        STUBS,
        0,
        everywhere(set(&["items", "[]", "price"], "{\"amount\":1}")),
        "-          \"items\": [{ \"sku\": \"A-1\", \"gift\": null }]\n\
         +          \"items\": [{ \"sku\": \"A-1\", \"gift\": null, \"price\": {\"amount\":1} }]\n",
    );
    check(
        STUBS,
        1,
        everywhere(Action::Remove(body(&["left"]))),
        "-      \"response\": { \"body\": \"{\\\"left\\\": 3, \\\"at\\\": \\\"{{now}}\\\"}\" }\n\
         +      \"response\": { \"body\": \"{\\\"at\\\": \\\"{{now}}\\\"}\" }\n",
    );
    check(
        CASSETTE,
        0,
        everywhere(set(&["name"], "null")),
        "-      string: '{\"id\":1,\"name\":\"Ann\"}'\n\
         +      string: '{\"id\":1,\"name\":null}'\n",
    );
}

#[test]
fn one_element_changes_beside_the_others() {
    check(
        STUBS,
        0,
        (Action::Remove(body(&["items", "[]", "gift"])), Reach::OneElement),
        "-          \"items\": [{ \"sku\": \"A-1\", \"gift\": null }]\n\
         +          \"items\": [{ \"sku\": \"A-1\", \"gift\": null }, { \"sku\": \"A-1\" }]\n",
    );
}

#[test]
fn headers_change_however_they_are_listed() {
    let header = |name| Place::named(Side::Response, Part::Header, name);
    check(
        STUBS,
        0,
        (Action::Remove(header("x-total")), Reach::Everywhere),
        "-        \"headers\": { \"Content-Type\": \"application/json\", \"X-Total\": \"1\" },\n\
         +        \"headers\": { \"Content-Type\": \"application/json\" },\n",
    );
    check(
        CASSETTE,
        0,
        (Action::Set(header("etag"), "\"text\"".to_owned()), Reach::Everywhere),
        "+      etag: [\"text\"]\n",
    );
}

#[test]
fn an_answer_is_written_in_full() {
    let answer = Answer {
        status: 404,
        media_type: Some("text/html".to_owned()),
        body: Some("text".to_owned()),
        asked: None,
    };
    check(
        CASSETTE,
        0,
        (Action::Answer(answer), Reach::Everywhere),
        "-      code: 200\n-      message: OK\n-      - application/json\n-      - '20'\n\
         -      string: '{\"id\":1,\"name\":\"Ann\"}'\n\
         +      code: 404\n+      message: Not Found\n+      - text/html\n+      - '4'\n\
         +      string: 'text'\n",
    );
}

#[test]
fn a_new_case_stands_beside_the_claim() {
    check(
        STUBS,
        0,
        (set(&["state"], "null"), Reach::NewCase),
        "+          \"state\": null,\n+      },\n+      \"scenarioName\": \"order\",\n\
         +      \"requiredScenarioState\": \"case 1\",\n+      \"priority\": 4\n",
    );
    let mended = mended(CASSETTE, 0, &[(set(&["name"], "null"), Reach::NewCase)]);
    assert_eq!(mended.files.values().next().unwrap().matches("- request:").count(), 2);
}

#[test]
fn changes_that_touch_each_other_wait() {
    let remove = |name| (Action::Remove(body(&[name])), Reach::Everywhere);
    let mended = mended(CASSETTE, 0, &[remove("id"), remove("name")]);
    assert_eq!(mended.done, [Done::Written, Done::Later]);
}

#[test]
fn what_cannot_be_written_says_why() {
    let place = body(&["no", "such"]);
    let mended = mended(STUBS, 0, &[(Action::Remove(place), Reach::Everywhere)]);
    let reason = "the claim's body has nothing at this place, or above it".to_owned();
    assert_eq!(mended.done, [Done::Refused(reason)]);
    assert!(mended.files.is_empty());
}

const COLLECTION: &str = r#"{
  "info": { "_postman_id": "1", "name": "orders" },
  "item": [{
    "name": "one",
    "request": { "method": "GET", "url": "https://h/orders/1" },
    "response": [{
      "id": "2",
      "originalRequest": {
        "method": "GET",
        "url": { "raw": "https://h/orders/1", "host": ["h"], "path": ["orders", "1"] }
      },
      "status": "OK", "code": 200,
      "header": [{ "key": "X-Total", "value": "1" }],
      "body": "{\"id\": 1}"
    }]
  }]
}
"#;

#[test]
fn an_example_of_postman_is_edited() {
    let header = |name| Place::named(Side::Response, Part::Header, name);
    check(
        COLLECTION,
        0,
        (Action::Set(header("x-total"), "\"text\"".to_owned()), Reach::Everywhere),
        "-      \"header\": [{ \"key\": \"X-Total\", \"value\": \"1\" }],\n\
         +      \"header\": [{ \"key\": \"X-Total\", \"value\": \"text\" }],\n",
    );
    check(
        COLLECTION,
        0,
        (Action::Set(header("etag"), "\"text\"".to_owned()), Reach::Everywhere),
        "-      \"header\": [{ \"key\": \"X-Total\", \"value\": \"1\" }],\n\
         +      \"header\": [{ \"key\": \"X-Total\", \"value\": \"1\" }, \
         {\"key\": \"etag\", \"value\": \"text\"}],\n",
    );
    let query = Place::named(Side::Request, Part::Query, "page");
    let mended =
        mended(COLLECTION, 0, &[(Action::Set(query, "\"text\"".to_owned()), Reach::NewCase)]);
    let text = &mended.files["stubs.json"];
    assert!(text.contains("orders/1?page=text"), "{text}");
    assert!(
        text.contains(r#""key":"page""#) && text.matches("\"id\": \"2\"").count() == 1,
        "{text}"
    );
}

const SIMULATION: &str = r#"{
  "data": { "pairs": [{
    "request": { "path": [{ "matcher": "exact", "value": "/orders/1" }] },
    "response": { "status": 200, "bodyFile": "order.json" }
  }] },
  "meta": { "schemaVersion": "v5" }
}
"#;

#[test]
fn a_pair_of_hoverfly_is_chosen_by_its_state() {
    let everywhere = mended(SIMULATION, 0, &[(set(&["id"], "\"1\""), Reach::Everywhere)]);
    assert_eq!(everywhere.done, [Done::Written]);
    assert_eq!(everywhere.files["order.json"], "{\"id\":\"1\"}");
    let case = mended(SIMULATION, 0, &[(set(&["id"], "null"), Reach::NewCase)]);
    assert_eq!(case.files["order-case-1.json"], "{\"id\":null}");
    let text = &case.files["stubs.json"];
    assert!(text.contains("\"requiresState\"") && text.contains("order-case-1.json"), "{text}");
    let flowing = SIMULATION.replace("\"bodyFile\"", "\"transitionsState\": {}, \"bodyFile\"");
    let refused = mended(&flowing, 0, &[(set(&["id"], "null"), Reach::NewCase)]);
    let reason = "the pair is part of a flow of states: add the case to it by hand".to_owned();
    assert_eq!((refused.done, refused.files.len()), (vec![Done::Refused(reason)], 0));
}

const TESTS: &str = "version: api.keploy.io/v1beta1
kind: Http
name: mock-0
spec:
    req: {method: GET, url: http://h/orders/1}
    resp:
        status_code: 200
        body: '{\"id\": 1}'
---
version: api.keploy.io/v1beta1
kind: Http
name: mock-1
spec:
    req: {method: GET, url: http://h/orders}
    resp: {status_code: 200, body: '[]'}
";

#[test]
fn a_case_of_keploy_is_one_more_document() {
    check(
        TESTS,
        0,
        (set(&["id"], "\"1\""), Reach::Everywhere),
        "-        body: '{\"id\": 1}'\n+        body: '{\"id\": \"1\"}'\n",
    );
    let case = mended(TESTS, 0, &[(set(&["id"], "null"), Reach::NewCase)]);
    let text = &case.files["cassette.yml"];
    let (before, new) = text.rsplit_once("---\n").unwrap();
    assert_eq!(before, TESTS);
    assert!(
        new.contains("name: mock-0-case-1\n") && new.contains("body: '{\"id\": null}'"),
        "{new}"
    );
}

const IMPOSTER: &str = r#"{
  "protocol": "http", "port": 4545,
  "stubs": [{ "responses": [
    { "is": { "body": { "id": 1 } } },
    { "proxy": { "to": "http://h" } },
    { "is": { "statusCode": "201", "body": "{\"id\": 1}" } }
  ] }]
}
"#;

#[test]
fn a_response_of_mountebank_is_edited_and_not_copied() {
    let everywhere = |action| (action, Reach::Everywhere);
    check(
        IMPOSTER,
        0,
        everywhere(set(&["id"], "\"1\"")),
        "-    { \"is\": { \"body\": { \"id\": 1 } } },\n\
         +    { \"is\": { \"body\": { \"id\": \"1\" } } },\n",
    );
    let answer = Answer { status: 404, media_type: None, body: Some("{}".to_owned()), asked: None };
    check(
        IMPOSTER,
        0,
        everywhere(Action::Answer(answer)),
        "-    { \"is\": { \"body\": { \"id\": 1 } } },\n\
         +    { \"is\": { \"body\": {}, \"statusCode\": 404 } },\n",
    );
    check(
        IMPOSTER,
        1,
        everywhere(set(&["id"], "null")),
        "-    { \"is\": { \"statusCode\": \"201\", \"body\": \"{\\\"id\\\": 1}\" } }\n\
         +    { \"is\": { \"statusCode\": \"201\", \"body\": \"{\\\"id\\\": null}\" } }\n",
    );
    let case = mended(IMPOSTER, 0, &[(set(&["id"], "null"), Reach::NewCase)]);
    assert!(matches!(&case.done[..], [Done::Refused(why)] if why.contains("in turn")));
}

const ROUTES: &str = "type: mock.insomnia.rest/5.0
name: orders
routes:
  - name: /orders/1
    method: get
    statusCode: 200
    mimeType: application/json
    body: '{\"id\": 1}'
";

#[test]
fn a_route_of_insomnia_is_edited() {
    let header = Place::named(Side::Response, Part::Header, "etag");
    check(
        ROUTES,
        0,
        (set(&["id"], "\"1\""), Reach::Everywhere),
        "-    body: '{\"id\": 1}'\n+    body: '{\"id\": \"1\"}'\n",
    );
    check(
        ROUTES,
        0,
        (Action::Set(header, "\"text\"".to_owned()), Reach::Everywhere),
        "+    headers: [{\"name\":\"etag\",\"value\":\"text\"}]\n",
    );
}

const CALLS: &str = "# asked for by every test
service: shop.Orders
method: Get
input: { equals: { id: 1 } }
output:
  data:
    order_id: 7 # as in the ledger
    lines: [{ unit_price: 5 }]
";

#[test]
fn a_message_is_edited_by_the_names_of_its_fields() {
    let everywhere = |action| (action, Reach::Everywhere);
    let line = "    order_id: 7 # as in the ledger";
    check(
        CALLS,
        0,
        everywhere(set(&["orderId"], "\"7\"")),
        &format!("-{line}\n+{}\n", line.replace('7', "\"7\"")),
    );
    check(
        CALLS,
        0,
        everywhere(set(&["lines", "[]", "unitPrice"], "null")),
        "-    lines: [{ unit_price: 5 }]\n+    lines: [{ unit_price: null }]\n",
    );
    check(CALLS, 0, everywhere(Action::Remove(body(&["orderId"]))), &format!("-{line}\n"));
    check(CALLS, 0, everywhere(set(&["note"], "\"x\"")), "+    note: x\n");
    let case = mended(CALLS, 0, &[(set(&["orderId"], "null"), Reach::NewCase)]);
    assert!(matches!(&case.done[..], [Done::Refused(why)] if why.contains("the first answers")));
    let answer = Answer { status: 404, media_type: None, body: None, asked: None };
    let other = mended(CALLS, 0, &[(Action::Answer(answer), Reach::Everywhere)]);
    assert!(matches!(&other.done[..], [Done::Refused(why)] if why.contains("how a call ends")));
}
