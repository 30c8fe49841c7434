//! Collections in miniature and what they say.

use crate::postman::{is_like, read};
use crate::reading::SourceFile;
use crate::tests_print::{print, print_heads};
use plumb_tree::json::parse_json;
use proptest::prelude::*;

fn reading(text: &str) -> crate::reading::Reading {
    let documents = parse_json(text.as_bytes()).unwrap().documents;
    assert!(documents.iter().all(is_like), "{text}");
    read(
        &SourceFile { path: "a.postman_collection.json", bytes: text.as_bytes() },
        &documents,
        &|_| None,
    )
}

/// A collection of items, on lines of their own.
fn collection(items: &str) -> String {
    let schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
    let base = r#"[{"key":"base","value":"https://api.example.org"}]"#;
    format!("{{\"info\":{{\"schema\":\"{schema}\"}},\"variable\":{base},\"item\":[\n{items}\n]}}")
}

/// An item with one request and one example of status 200.
fn item(request: &str) -> String {
    format!(r#"{{"name":"r","request":{{{request}}},"response":[{{"name":"ok","code":200}}]}}"#)
}

#[track_caller]
fn check_request(request: &str, expected: &str) {
    let printed = print(&reading(&collection(&item(request))));
    let kept = |line: &&str| {
        line.starts_with("  request")
            || line.starts_with("unread")
            || line.contains(" example ") && !line.starts_with("  ")
    };
    // Where the example stands is told by another test.
    let placed = |line: &'_ str| line.find("example ").filter(|_| !line.contains("unread"));
    let lines = printed.lines().filter(kept).map(|line| line[placed(line).unwrap_or(0)..].trim());
    let lines: Vec<&str> = lines.collect();
    assert_eq!(lines.join("\n"), expected, "{request}");
}

#[test]
fn a_saved_example_says_its_request_and_answer() {
    let text = collection(
        r#"{ "name": "Orders", "item": [ { "name": "Admin", "item": [
  { "name": "create", "request": "https://ignored/",
    "response": [
      { "name": "created", "originalRequest": { "method": "POST",
          "header": [{ "key": "Content-Type", "value": "application/json" },
                     { "key": "X-Off", "value": "1", "disabled": true }],
          "body": { "mode": "raw", "raw": "{\"sku\": \"{{sku}}\", \"count\": {{n}}}" },
          "url": { "raw": "{{base}}/shops/:shop/orders?dry=1", "host": ["{{base}}"],
                   "path": ["shops", ":shop", "orders"],
                   "query": [{ "key": "dry", "value": "1" },
                             { "key": "off", "value": "1", "disabled": true }],
                   "variable": [{ "key": "shop", "value": "berlin" }] } },
        "status": "Created", "code": 201, "_postman_previewlanguage": "json",
        "header": [{ "key": "Content-Type", "value": "application/json" },
                   { "key": "Location", "value": "/orders/7" }, { "key": "Date", "value": "now" }],
        "cookie": [], "body": "{\"id\": 7, \"state\": \"open\"}" } ] } ] },
  { "name": "list", "request": { "url": "{{base}}/orders" }, "response": [] } ] }"#,
    );
    assert_eq!(
        print(&reading(&text)),
        "5:7 example POST /shops/{}/orders exactly -> 201, by api.example.org
  called create: created
  request query dry: always digits
  request media-type application/json: always present
  request $: always record
  request $.count: always any string, any number, any boolean, null
  request $.sku: always any string
  response header location: always text
  response media-type application/json: always present
  response $: always record
  response $.id: always int32
  response $.state: always text in \"open\"
unread 18: a request has no saved example, so it says nothing
  so save an answer as an example in Postman, or leave it
"
    );
}

#[test]
fn addresses_are_texts_or_parts() {
    let check = |url: &str, expected: &str| {
        let printed = print_heads(&reading(&collection(&item(&format!(r#""url":{url}"#)))));
        let first = printed.lines().next().unwrap();
        assert_eq!(first.split_once(':').unwrap().1.split_once(' ').unwrap().1, expected, "{url}");
    };
    check(r#""{{base}}/a/:id?q={{x}}""#, "example GET /a/{} exactly -> 200, by api.example.org");
    check(r#""{{other}}/a""#, "example GET /a exactly -> 200");
    check(
        r#"{"protocol":"https","host":["api","example","com"],"port":"80","path":"/a/b"}"#,
        "example GET /a/b exactly -> 200, by api.example.com",
    );
    check(
        r#"{"raw":"http://h/x","path":[{"type":"string","value":"y"}]}"#,
        "example GET /x exactly -> 200, by h",
    );
    check(r#""""#, "an example has no address over http, it is not read");
}

#[test]
fn bodies_of_a_request() {
    check_request(
        r#""url":"h/a","method":"PUT","body":{"mode":"urlencoded","urlencoded":[{"key":"a","value":
            "{{b}}"},{"key":"c","value":"d e"},{"key":"e","value":"f","disabled":true}]}"#,
        "example PUT /a exactly -> 200, by h
request media-type application/x-www-form-urlencoded: always present
request $: always record\nrequest $.a: always any string\nrequest $.c: always text in \"d e\"",
    );
    check_request(
        r#""url":"h","body":{"mode":"graphql","graphql":{"query":"{a}","variables":"{\"b\":1}"}}"#,
        "example GET / exactly -> 200, by h
request media-type application/json: always present\nrequest $: always record
request $.query: always text\nrequest $.variables: always record
request $.variables.b: always int32",
    );
    check_request(
        r#""url":"h","header":"Content-Type: text/csv\nX: y","body":{"mode":"raw","raw":"a,b"}"#,
        "example GET / exactly -> 200, by h
request media-type text/csv: always present\nrequest $: always not JSON",
    );
    check_request(
        r#""url":"h","body":{"mode":"formdata","formdata":[]}"#,
        "example GET / exactly -> 200, by h\nrequest $: sometimes all, anything beneath
unread 2: a request sends a file or a form of parts, nothing is said about its body",
    );
    check_request(
        r#""url":"h","body":{"mode":"raw","raw":"{\"{{a}}\":1}","options":{"raw":{"language":"json"}}}"#,
        "example GET / exactly -> 200, by h\nrequest media-type application/json: always present
request $: sometimes all, anything beneath
unread 2: variables in a body change more than single values, nothing is said about it",
    );
}

#[test]
fn other_documents_are_not_collections() {
    for text in [r#"{"info":{"title":"a"},"item":[]}"#, r#"{"info":{"_postman_id":"a"}}"#, "[]"] {
        let documents = parse_json(text.as_bytes()).unwrap().documents;
        assert!(!documents.iter().any(is_like), "{text}");
    }
}

proptest! {
    #[test]
    fn any_item_is_answered(
        key in "url|method|header|body|description",
        value in r#""[a:/{}?=]{0,8}"|null|7|\{"mode":"(raw|graphql|file)","raw":\[\]\}|\{"host":\["a",\{\}\],"query":\[\{"key":7\}\]\}"#,
        example in r#"\{\}|7|\{"code":200,"body":(null|"\{\{"|7),"header":(null|"a:b"|\[7\])\}"#,
    ) {
        let item = format!(r#"{{"request":{{"{key}":{value}}},"response":[{example}]}}"#);
        reading(&collection(&item));
        reading(&collection(&format!(r#"{{"request":{value},"response":[{example}]}}"#)));
    }
}
