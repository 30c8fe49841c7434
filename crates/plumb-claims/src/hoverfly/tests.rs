//! Simulations in miniature and what they say.

use crate::hoverfly::{is_like, read};
use crate::reading::SourceFile;
use crate::tests_print::{print, print_heads};
use plumb_tree::json::parse_json;
use proptest::prelude::*;

fn files(path: &str) -> Option<Vec<u8>> {
    (path == "sims/bodies/a.json").then(|| br#"{"a": 1}"#.to_vec())
}

fn reading(text: &str) -> crate::reading::Reading {
    let documents = parse_json(text.as_bytes()).unwrap().documents;
    assert!(documents.iter().all(is_like), "{text}");
    read(&SourceFile { path: "sims/a.json", bytes: text.as_bytes() }, &documents, &files)
}

fn simulation(version: &str, pairs: &str) -> String {
    format!(r#"{{"data":{{"pairs":[{pairs}]}},"meta":{{"schemaVersion":"{version}"}}}}"#)
}

#[track_caller]
fn check_heads(version: &str, pairs: &str, expected: &str) {
    let printed = print_heads(&reading(&simulation(version, pairs)));
    let lines: Vec<&str> = printed.lines().filter(|line| !line.starts_with("  ")).collect();
    assert_eq!(lines.join("\n"), expected, "{pairs}");
}

/// The places of one side of a pair of the newest schema.
#[track_caller]
fn check_side(request: &str, response: &str, side: &str, expected: &str) {
    let pair = format!(r#"{{"request":{{{request}}},"response":{{"status":200{response}}}}}"#);
    let printed = print(&reading(&simulation("v5.2", &pair)));
    let kept = |line: &&str| line.starts_with(side) || line.starts_with("unread");
    let lines: Vec<&str> = printed.lines().filter(kept).map(str::trim_start).collect();
    assert_eq!(lines.join("\n"), expected, "{pair}");
}

#[test]
fn a_captured_pair_says_what_was_captured() {
    let text = r#"{
  "data": { "pairs": [ {
      "request": {
        "path": [ { "matcher": "exact", "value": "/orders/7" } ],
        "method": [ { "matcher": "exact", "value": "GET" } ],
        "destination": [ { "matcher": "exact", "value": "Orders.example.org:8080" } ],
        "scheme": [ { "matcher": "exact", "value": "http" } ],
        "query": { "fields": [ { "matcher": "exact", "value": "all" } ] },
        "body": [ { "matcher": "exact", "value": "" } ]
      },
      "response": {
        "status": 200, "body": "{\"id\": 7}", "encodedBody": false, "templated": false,
        "headers": { "Content-Type": [ "application/json" ], "Date": [ "now" ] }
      }
    } ], "globalActions": { "delays": [] } },
  "meta": { "schemaVersion": "v5.2", "hoverflyVersion": "v1.10.0" }
}"#;
    let expected = "3:7 example GET /orders/7 includes -> 200, priority -10, by orders.example.org
  called GET /orders/{}
  request query fields: always text in \"all\"
  request $: never
  response media-type application/json: always present
  response $: always record
  response $.id: always int32
";
    assert_eq!(print(&reading(text)), expected);
}

#[test]
fn each_schema_is_read() {
    let response = r#""response":{"status":200,"body":"","encodedBody":false,"headers":{}}"#;
    let pair = |request: &str| format!(r#"{{"request":{{{request}}},{response}}}"#);
    check_heads(
        "v1",
        &pair(
            r#""requestType":"recording","path":"/a","method":"GET","destination":"h","scheme":
             "http","query":"b=1","body":"","headers":{"Accept":["*/*"]}"#,
        ),
        "1:20 example GET /a exactly -> 200, priority -12, by h",
    );
    check_heads(
        "v1",
        &pair(r#""requestType":"template","path":"/a/*","method":null,"query":null"#),
        "1:20 example ANY /a/** -> 200, priority -3",
    );
    check_heads(
        "v3",
        &pair(
            r#""path":{"regexMatch":"^/a/\\d+$"},"method":{"exactMatch":"PUT"},
             "query":{"exactMatch":""}"#,
        ),
        "1:20 example PUT /a/{} exactly -> 200, priority -7",
    );
    check_heads(
        "v4",
        &pair(r#""path":{"globMatch":"/*/x"},"queriesWithMatchers":{"a":{"exactMatch":"1"}}"#),
        "1:20 example ANY /{}/x includes -> 200, priority -4",
    );
    check_heads(
        "v5",
        &pair(r#""query":{},"requiresState":{"a":"b"}"#),
        "1:20 example ANY /** exactly -> 200, priority -3, stateful",
    );
    check_heads(
        "v6",
        &pair(r#""path":[{"value":"/a"}]"#),
        "1:20 example ANY /a -> 200, priority -4\n\
         unread 1: a simulation is of a schema beyond v5, it is read as v5",
    );
}

#[test]
fn what_cannot_be_told_is_said() {
    let response = r#""response":{"status":200}"#;
    let pair = |request: &str| format!(r#"{{"request":{{{request}}},{response}}}"#);
    check_heads(
        "v5",
        &pair(r#""path":[{"matcher":"regex","value":"orders"}]"#),
        "unread 1: a matcher of the path cannot be told as a path, so its pair is not read",
    );
    check_heads(
        "v5",
        &pair(
            r#""path":[{"matcher":"regex","value":"/a$"}],
            "body":[{"matcher":"negate","value":"x"},{"matcher":"hash","value":"x"}]"#,
        ),
        "1:20 example ANY /a -> 200, priority -4, stateful\n\
         unread 1: a `regex` of the path is not anchored, it is taken to begin with the path\n\
         unread 2: a matcher asks for more than a claim says, the pair may answer some requests \
         only\n\
         unread 2: a matcher is not known, so the pair is taken to answer some requests only",
    );
    check_heads(
        "v5",
        r#"{"request":{}}"#,
        "unread 1: a pair has no request or no response, it is not read",
    );
    check_heads(
        "v5",
        r#"{"request":{},"response":{"status":0}}"#,
        "unread 1: a response has no status from 100 to 599, so its pair is not read",
    );
}

#[test]
fn bodies_of_a_request() {
    let check = |matcher: &str, value: &str, expected: &str| {
        let body = format!(r#""body":[{{"matcher":"{matcher}","value":{value}}}]"#);
        check_side(&body, "", "  request", expected);
    };
    check(
        "json",
        r#""{\"a\":\"b\"}""#,
        "request $: always record, closed\nrequest $.a: always text in \"b\"",
    );
    check(
        "jsonPartial",
        r#"{"a":[1]}"#,
        "request $: always record\nrequest $.a: always one element\nrequest $.a[]: always int32",
    );
    check(
        "jsonpath",
        r#""$.a""#,
        "request $: always record, map\nrequest $.a: always all, anything beneath",
    );
    check("glob", r#""*""#, "request $: sometimes all, anything beneath");
    check(
        "xml",
        r#""<a/>""#,
        "request $: always not JSON\nunread 1: a matcher asks for more than \
         a claim says, the pair may answer some requests only",
    );
    check(
        "form",
        r#"{"a":[{"matcher":"exact","value":"b"}],"c":[{"matcher":"regex","value":"^(d|e)$"}]}"#,
        "request $: always record, map\nrequest $.a: always text in \"b\"\n\
         request $.c: always text in \"d\", \"e\"",
    );
}

#[test]
fn headers_of_a_request() {
    check_side(
        r#""headers":{"Content-Type":[{"matcher":"exact","value":"application/json"}],
           "Authorization":[{"matcher":"glob","value":"Bearer *"}],
           "X":[{"matcher":"regex","value":"b"}]}"#,
        "",
        "  request",
        "request header authorization: always any string, withheld\n\
         request header x: always any string\n\
         request media-type application/json: always present\n\
         request $: sometimes all, anything beneath",
    );
}

#[test]
fn bodies_of_an_answer() {
    let check = |response: &str, expected: &str| check_side("", response, "  response", expected);
    check(r#","body":"{\"a\":\"{{x}}\"}""#, "response $: always record\nresponse $.a: always text");
    check(
        r#","body":"{\"a\":\"{{x}}\"}","templated":true"#,
        "response $: always record\nresponse $.a: always any string",
    );
    check(
        r#","body":"eyJhIjoxfQ==","encodedBody":true"#,
        "response $: always record\nresponse $.a: always int32",
    );
    check(
        r#","bodyFile":"./bodies/a.json""#,
        "response $: always record\nresponse $.a: always int32",
    );
    for (name, why) in [
        (
            r#","bodyFile":"http://h/a""#,
            "the file of `bodyFile` is not beside the simulation, nothing is said about the body",
        ),
        (
            r#","bodyFile":"../a""#,
            "the file of `bodyFile` is not beside the simulation, nothing is said about the body",
        ),
        (
            r#","body":"%","encodedBody":true"#,
            "a body marked as encoded is not base64, nothing is said about it",
        ),
        (
            r#","body":"{{#each x}}{{/each}}","templated":true"#,
            "a template with blocks or computed keys is not read, nothing is said about the body",
        ),
    ] {
        check(name, &format!("response $: sometimes all, anything beneath\nunread 1: {why}"));
    }
}

#[test]
fn other_documents_are_not_simulations() {
    for text in [r#"{"data":{"pairs":[]}}"#, r#"{"data":{},"meta":{"schemaVersion":"v5"}}"#, "[]"] {
        let documents = parse_json(text.as_bytes()).unwrap().documents;
        assert!(!documents.iter().any(is_like), "{text}");
    }
}

proptest! {
    #[test]
    fn any_matcher_is_answered(
        version in "v[1-6]",
        field in "path|method|destination|query|deprecatedQuery|body|headers|requiresState",
        kind in "exact|glob|regex|json|jsonpath|form|negate|x",
        value in r#""[a/^$(|*+.]{0,6}"|7|null|\{\}|\[1\]|\{"a":\{"b":\[\{"value":"c"\}\]\}\}"#,
    ) {
        let view = format!(r#"{{"matcher":"{kind}","value":{value}}}"#);
        for field in [view.clone(), format!("[{view}]"), value, format!(r#"{{"a":[{view}]}}"#)]
            .iter().map(|value| format!(r#""{field}":{value}"#))
        {
            let pair = format!(r#"{{"request":{{{field}}},"response":{{"status":200}}}}"#);
            reading(&simulation(&version, &pair));
        }
    }
}
