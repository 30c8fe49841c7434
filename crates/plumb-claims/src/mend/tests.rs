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
    let file = SourceFile { path, bytes: text.as_bytes() };
    let claims = dialect::read(&file, &|_| None).claims;
    let change = |(action, reach): &(Action, Reach)| Change {
        claim: claims[claim].source.clone(),
        action: action.clone(),
        reach: *reach,
    };
    let changes: Vec<Change> = changes.iter().map(change).collect();
    let mended = mend(&file, &changes.iter().collect::<Vec<_>>(), &|_| None);
    for (path, text) in &mended.files {
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
