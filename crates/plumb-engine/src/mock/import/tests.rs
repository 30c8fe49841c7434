//! Mocks made of small files, and what becomes of them in other formats.

use super::*;
use crate::infer::asked::{Asked, Counts};
use crate::infer::{infer, newest};
use crate::mock::call::{MockRequest, Unanswered, Wanted};
use crate::mock::export::{ExportFormat, Exported, export};
use crate::mock::tests::documents;
use plumb_claims::dialect;
use plumb_claims::mend::verbatim::verbatim;
use plumb_claims::reading::SourceFile;
use proptest::prelude::*;

/// What one file says.
struct Read {
    claims: Vec<Arc<Claim>>,
    verbatim: Vec<Option<Verbatim>>,
}

fn read(path: &str, text: &str) -> Read {
    let file = SourceFile { path, bytes: text.as_bytes() };
    let reading = dialect::read(&file, &|_| None);
    assert_eq!(reading.unread, [], "{text}");
    let claims: Vec<&Claim> = reading.claims.iter().collect();
    let verbatim = verbatim(&file, &claims, &|_| None);
    Read { claims: reading.claims.into_iter().map(Arc::new).collect(), verbatim }
}

impl Read {
    fn asked(&self) -> Import<'_> {
        let Self { claims, verbatim } = self;
        Import { claims, verbatim, unread: &[], unnamed: "orders", keeps_values: false }
    }

    fn imported(&self) -> Imported {
        import(&self.asked())
    }
}

fn mock(path: &str, text: &str) -> Mock {
    read(path, text).imported().mocks.into_values().next().unwrap()
}

fn stubs(stubs: &[&str]) -> Mock {
    mock("mappings/all.json", &format!("{{\"mappings\": [{}]}}", stubs.join(",")))
}

/// Asks; headers are `name: value`, and one behind another.
fn ask(mock: &mut Mock, request: &str, headers: &[&str], body: &str) -> String {
    let (method, target) = request.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |line: &&str| line.split_once(": ").map(|(a, b)| (a.to_owned(), b.to_owned()));
    let headers: Vec<(String, String)> = headers.iter().map(|line| pair(line).unwrap()).collect();
    let json = ("content-type".to_owned(), "application/json".to_owned());
    let headers = if body.is_empty() { headers } else { [headers, vec![json]].concat() };
    let answer = mock.answer(&MockRequest {
        method,
        path,
        query,
        headers: &headers,
        media_type: if body.is_empty() { "" } else { "application/json" },
        body: body.as_bytes(),
        is_message: false,
        wanted: &Wanted::AsSeen,
    });
    match answer {
        Ok(answer) => format!("{} {}", answer.status, answer.body),
        Err(Unanswered::Unsaid(operation)) => format!("nothing said of {operation}"),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn what_a_request_gets_is_what_its_tool_would_answer() {
    let mut mock = stubs(&[
        r#"{"request": {"method": "GET", "urlPath": "/orders/7"},
            "response": {"status": 200, "jsonBody": {"id": 7, "price": 12.50}}}"#,
        r#"{"priority": 6, "request": {"method": "GET", "urlPathPattern": "/orders/[0-9]+"},
            "response": {"status": 200, "jsonBody": {"id": 1}}}"#,
        r#"{"request": {"urlPath": "/find", "queryParameters": {"id": {"equalTo": "41"}}},
            "response": {"status": 200, "body": "one"}}"#,
        r#"{"request": {"urlPath": "/find", "queryParameters": {"id": {"equalTo": "42"}}},
            "response": {"status": 200, "body": "two"}}"#,
        r#"{"request": {"method": "POST", "urlPath": "/orders",
                        "headers": {"X-Tenant": {"equalTo": "a"}}},
            "response": {"status": 201}}"#,
        r#"{"priority": 10, "request": {"method": "GET", "urlPattern": "/orders/.*"},
            "response": {"status": 404}}"#,
    ]);
    let mut get = |request| ask(&mut mock, request, &[], "");
    assert_eq!(get("GET /orders/7"), "200 {\"id\":7,\"price\":12.50}");
    assert_eq!(get("GET /orders/8"), "200 {\"id\":1}");
    assert_eq!(get("GET /orders/8/items"), "404 ");
    assert_eq!([get("GET /find?id=42"), get("GET /find?id=41")], ["200 two", "200 one"]);
    assert_eq!(get("GET /find?id=43"), "nothing said of GET /find");
    assert_eq!(ask(&mut mock, "POST /orders", &["x-tenant: a"], "{}"), "201 ");
    assert_eq!(
        ask(&mut mock, "POST /orders", &["x-tenant: b"], "{}"),
        "nothing said of POST /orders"
    );
}

#[test]
fn answers_that_only_a_body_tells_apart_are_told_apart() {
    let stub = |body: &str, status: u16| {
        format!(
            r#"{{"request": {{"method": "POST", "urlPath": "/orders",
                "bodyPatterns": [{{"equalToJson": {body}}}]}},
                "response": {{"status": {status}}}}}"#
        )
    };
    let mut mock = stubs(&[&stub(r#"{"id": 12345}"#, 201), &stub(r#"{"id": 54321}"#, 409)]);
    for _ in 0..2 {
        assert_eq!(ask(&mut mock, "POST /orders", &[], r#"{"id": 12345}"#), "201 ");
        assert_eq!(ask(&mut mock, "POST /orders", &[], r#"{"id": 54321}"#), "409 ");
    }
}

#[test]
fn cases_of_a_scenario_come_in_turn() {
    let stub = |state: &str, status: u16| {
        format!(
            r#"{{"scenarioName": "s", "requiredScenarioState": "{state}",
                "request": {{"method": "GET", "urlPath": "/a"}},
                "response": {{"status": {status}}}}}"#
        )
    };
    let text = format!("{{\"mappings\": [{}, {}]}}", stub("Started", 200), stub("gone", 410));
    let Imported { mut mocks, otherwise, .. } = read("mappings/a.json", &text).imported();
    let mock = mocks.get_mut("orders").unwrap();
    let got: Vec<String> = (0..4).map(|_| ask(mock, "GET /a", &[], "")).collect();
    assert_eq!(got, ["200 ", "410 ", "200 ", "410 "]);
    let told = "come in turn (2 times, first at mappings/a.json:2)";
    assert!(otherwise[0].contains(told), "{otherwise:?}");
}

const SPECIFICATION: &str = r#"{"openapi": "3.1.0", "info": {"title": "a", "version": "1"},
    "paths": {"/orders/{id}": {"get": {
      "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}},
                     {"name": "expand", "in": "query", "schema": {"type": "string"}}],
      "responses": {"200": {"description": "ok", "content": {"application/json": {"schema":
        {"type": "object", "required": ["id"], "properties": {
          "id": {"type": "integer"}, "state": {"enum": ["open", "paid"]},
          "note": {"type": ["string", "null"]}}}}}},
        "404": {"description": "none"}}}}}}"#;

#[test]
fn a_specification_answers_with_the_fullest_of_what_it_allows() {
    let mut mock = mock("api.json", SPECIFICATION);
    for _ in 0..2 {
        let got = ask(&mut mock, "GET /orders/8", &[], "");
        assert_eq!(got, "200 {\"id\":1,\"note\":\"text\",\"state\":\"open\"}");
    }
    let bodies: Vec<&str> =
        mock.operations()[0].behaviours.iter().map(|one| one.body.as_str()).collect();
    assert!(bodies.contains(&"{\"id\":1}"), "{bodies:?}");
}

#[test]
fn a_specification_that_is_written_again_says_the_same_but_for_its_words() {
    let read = read("api.json", SPECIFICATION);
    let evidence = as_seen(&read.asked(), "orders");
    let asked = Asked { title: "orders", counts: Counts::Coarse, samples_min: 1 };
    let document = infer(&newest(&evidence, "orders"), &asked).document;
    let files = BTreeMap::from([("again.json".to_owned(), document.to_string())]);
    let mock = &read.imported().mocks["orders"];
    let lost = crate::mock::translation::lost_in_translation("orders", mock, &files);
    let kinds: Vec<&str> = lost.iter().map(|line| line.split([':', '(']).next().unwrap()).collect();
    assert_eq!(kinds, ["how narrow a value is", "which words a value is one of "], "{lost:?}");
}

#[test]
fn where_alternatives_are_larger_than_any_document_the_fullest_is_answered() {
    let letters = |mut number: usize| {
        let mut word = "member_of_an_order_that_nobody_ever_reads_to_its_end_".to_owned();
        while number > 0 {
            word.push(char::from(b"abcdefghij"[number % 10]));
            number /= 10;
        }
        word
    };
    let named = |count: usize, schema: &str| -> String {
        let each = (1..=count).map(|at| format!("\"{}\": {schema}", letters(at)));
        each.collect::<Vec<_>>().join(", ")
    };
    let required = |count: usize| {
        (1..=count).map(|at| format!("\"{}\"", letters(at))).collect::<Vec<_>>().join(", ")
    };
    let inner = format!(
        "{{\"type\": \"object\", \"required\": [{}], \"properties\": {{{}}}}}",
        required(300),
        named(300, "{\"type\": [\"string\", \"null\", \"boolean\", \"number\"]}"),
    );
    let members = named(20, &inner);
    let text = SPECIFICATION
        .replace("\"note\": {", &format!("{members}, \"note\": {{"))
        .replace("[\"id\"]", &format!("[\"id\", {}]", required(20)));
    let got = ask(&mut mock("api.json", &text), "GET /orders/8", &[], "");
    assert!(got.len() > 300_000 && got.contains("\"note\":\"text\""), "{}", got.len());
}

const SECRET: &str = "hunter2-swordfish";

fn archive() -> String {
    format!(
        r#"{{"log": {{"version": "1.2", "entries": [{{"startedDateTime": "2026-11-20T10:00:00Z",
          "request": {{"method": "POST", "url": "https://orders.internal/login?key={SECRET}",
            "headers": [{{"name": "x-key", "value": "{SECRET}"}}],
            "postData": {{"mimeType": "application/json", "text": "{{\"p\": \"{SECRET}\"}}"}}}},
          "response": {{"status": 200, "headers": [{{"name": "x-token", "value": "{SECRET}"}}],
            "content": {{"mimeType": "application/json",
                         "text": "{{\"token\": \"{SECRET}\", \"state\": \"open\"}}"}}}}}}]}}}}"#
    )
}

#[test]
fn values_of_recordings_are_in_no_mock_unless_asked_for() {
    let read = read("day.har", &archive());
    let Imported { mocks, lost, .. } = read.imported();
    let mock = &mocks["orders.internal"];
    assert!(lost[0].starts_with("values of recordings"), "{lost:?}");
    for format in [ExportFormat::WireMock, ExportFormat::Har, ExportFormat::Pact] {
        let Exported { files, lost } = export(format, "orders", mock);
        let text = format!("{files:?} {lost:?}");
        assert!(!text.contains(SECRET) && text.contains("token"), "{text}");
    }
    let behaviour = format!("{:?}", mock.operations()[0].behaviours[0].body);
    assert!(!behaviour.contains(SECRET), "{behaviour}");
    let kept = import(&Import { keeps_values: true, ..read.asked() });
    let Exported { files, .. } =
        export(ExportFormat::WireMock, "orders", &kept.mocks["orders.internal"]);
    assert!(format!("{files:?}").contains(SECRET));
}

#[test]
fn what_a_format_has_no_room_for_is_told() {
    let mock = stubs(&[
        r#"{"request": {"method": "GET", "urlPattern": "/a/.*"}, "response": {"status": 404}}"#,
        r#"{"request": {"method": "GET", "urlPath": "/b"}, "response": {"status": 200}}"#,
    ]);
    let Exported { lost, .. } = export(ExportFormat::Har, "orders", &mock);
    assert_eq!(
        lost[0],
        "whole answers: the format has no room for them (at GET /a/** 404, mappings/all.json:1)"
    );
}

#[test]
fn a_name_that_no_host_has_is_told_as_lost() {
    let mock = stubs(&[r#"{"request": {"urlPath": "/b"}, "response": {"status": 200}}"#]);
    let Exported { files, lost } = export(ExportFormat::Har, "Our Orders", &mock);
    assert!(files["mock.har"].contains("\"https://our-orders/b\""), "{files:?}");
    assert_eq!(lost[0], "what the dependency is called (at mock.har, as `our-orders`)");
}

#[test]
fn stubs_and_contracts_are_written_again_without_loss() {
    let mock = stubs(&[
        r#"{"name": "one", "request": {"method": "GET", "url": "/orders?state=open"},
            "response": {"status": 200, "jsonBody": [{"id": 12345678901234567890}]}}"#,
        r#"{"name": "two", "request": {"method": "PUT", "urlPathTemplate": "/orders/{id}",
              "headers": {"Content-Type": {"equalTo": "application/json"}, "X-A": {"absent": true}},
              "bodyPatterns": [{"equalToJson": {"n": 3}, "ignoreExtraElements": true}]},
            "response": {"status": 200, "headers": {"X-Rate": "7"}, "body": "fine"}}"#,
    ]);
    assert_eq!(export(ExportFormat::WireMock, "orders", &mock).lost, Vec::<String>::new());
    let pact = r#"{"consumer": {"name": "shop"}, "provider": {"name": "orders"}, "interactions": [
        {"description": "an order", "request": {"method": "GET", "path": "/orders/7"},
         "response": {"status": 200, "headers": {"Content-Type": "application/json"},
           "body": {"id": 7, "state": "open"},
           "matchingRules": {"$.body": {"match": "type"}}}}],
        "metadata": {"pactSpecification": {"version": "2.0.0"}}}"#;
    let mock = self::mock("pact.json", pact);
    assert_eq!(export(ExportFormat::Pact, "orders", &mock).lost, Vec::<String>::new());
}

fn body() -> impl Strategy<Value = String> {
    let scalars = vec![
        "null",
        "true",
        "0",
        "-7",
        "3000000000",
        "1.50",
        "\"\"",
        "\"x y\"",
        "\"open\"",
        "\"12\"",
        "\"2026-11-21\"",
        "[]",
        "{}",
    ];
    documents(scalars, vec!["a", "b c", "1042"])
}

proptest! {
    /// Whatever stubs answer is what is said of them once they were written again, to the byte.
    #[test]
    fn stubs_say_the_same_when_written_again(
        answers in prop::collection::vec((body(), 200_u16..500), 1..5),
    ) {
        let stub = |(at, (body, status)): (usize, &(String, u16))| format!(
            r#"{{"request": {{"method": "GET", "urlPath": "/a/{at}"}},
                "response": {{"status": {status}, "jsonBody": [{body}]}}}}"#
        );
        let all: Vec<String> = answers.iter().enumerate().map(stub).collect();
        let first = stubs(&all.iter().map(String::as_str).collect::<Vec<_>>());
        let Exported { files, lost } = export(ExportFormat::WireMock, "orders", &first);
        prop_assert_eq!(&lost, &Vec::<String>::new());
        for (at, (body, status)) in answers.iter().enumerate() {
            let request = format!("GET /a/{at}");
            let mut again: Vec<String> = files
                .iter()
                .map(|(path, text)| ask(&mut mock(path, text), &request, &[], ""))
                .filter(|answer| !answer.starts_with("nothing"))
                .collect();
            prop_assert_eq!(again.len(), 1);
            let told = ask(&mut first.clone(), &request, &[], "");
            prop_assert_eq!(&again.remove(0), &told);
            prop_assert_eq!(told, format!("{status} [{body}]"));
        }
    }
}
