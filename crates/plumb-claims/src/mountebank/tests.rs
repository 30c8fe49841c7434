//! Imposters in miniature and what they say.

use crate::mountebank::{is_like, read};
use crate::reading::SourceFile;
use crate::tests_print::{print, print_heads};
use plumb_tree::json::parse_json;
use proptest::prelude::*;

fn reading(text: &str) -> crate::reading::Reading {
    let documents = parse_json(text.as_bytes()).unwrap().documents;
    assert!(documents.iter().all(is_like), "{text}");
    read(&SourceFile { path: "imposters.json", bytes: text.as_bytes() }, &documents, &|_| None)
}

#[track_caller]
fn check_heads(text: &str, expected: &str) {
    assert_eq!(print_heads(&reading(text)), expected, "{text}");
}

/// An imposter of stubs.
fn imposter(stubs: &str) -> String {
    format!(r#"{{"port":1,"protocol":"http","stubs":[{stubs}]}}"#)
}

#[track_caller]
fn check_kept(text: &str, start: &str, expected: &str) {
    let printed = print(&reading(text));
    let kept = |line: &&str| line.starts_with(start) || line.starts_with("unread");
    let lines: Vec<&str> = printed.lines().filter(kept).map(str::trim_start).collect();
    assert_eq!(lines.join("\n"), expected, "{text}");
}

/// Only the places of the request that these predicates ask for.
#[track_caller]
fn check_request(predicates: &str, expected: &str) {
    check_kept(&imposter(&format!(r#"{{"predicates":[{predicates}]}}"#)), "  request", expected);
}

/// Only the places of the answer that this response gives.
#[track_caller]
fn check_response(response: &str, expected: &str) {
    let text = format!(r#"{{"responses":[{{{response}}}]}}"#);
    check_kept(&imposter(&text), "  response", expected);
}

#[test]
fn saved_imposters_are_read_in_order() {
    let text = r#"{"imposters":[{
  "protocol": "http", "port": 4545, "name": "orders", "recordRequests": false,
  "stubs": [
    { "predicates": [{ "equals": { "method": "POST", "path": "/orders" } },
                     { "deepEquals": { "query": {} } }],
      "responses": [{ "is": { "statusCode": 201, "headers": { "Content-Type": "application/json" },
                              "body": { "id": 7, "state": "open" } } },
                    { "is": { "statusCode": "503" }, "repeat": 3 }] },
    { "predicates": [{ "startsWith": { "path": "/users/" }, "caseSensitive": true }],
      "responses": [{ "proxy": { "to": "http://api" } }] },
    { "predicates": [{ "matches": { "method": "^(GET|HEAD)$", "path": "^/users/\\d+$" } },
                     { "equals": { "headers": { "Host": "API.example.org:80" } } }],
      "responses": [{ "is": { "body": "gone" } }] },
    { "responses": [{ "is": { "statusCode": 404 } }] }
  ] },
  { "protocol": "tcp", "port": 1, "mode": "text" }
]}"#;
    check_heads(
        text,
        "6:23 example POST /orders exactly -> 201, stateful, by orders
  called POST /orders
8:23 example POST /orders exactly -> 503, stateful, by orders
  called POST /orders
13:23 example GET|HEAD /users/{} -> 200, priority 2, by api.example.org
  called GET|HEAD /users/{}
14:23 example ANY /** -> 404, priority 3, by orders
  called ANY /**
unread 10: a response is proxied, injected or breaks the connection, so it says nothing
  so nothing to do; save a proxied imposter with `mb save --removeProxies` to read it
unread 16: an imposter speaks neither http nor https, it is not read
  so nothing to do; it makes no claim
",
    );
}

#[test]
fn ways_to_meet_predicates_are_claims() {
    check_heads(
        &imposter(
            r#"{"predicates":[{"or":[{"equals":{"path":"/a"}},{"equals":{"path":"/b"}}]},
              {"not":{"exists":{"query":{"q":true}}}}]}"#,
        ),
        "1:38 example ANY /a includes -> 200\n  called ANY /a\n\
         1:38 example ANY /b includes -> 200\n  called ANY /b\n",
    );
}

#[test]
fn conditions_on_one_text_are_taken_together() {
    let check = |predicates: &str, expected: &str| {
        let text = imposter(&format!(r#"{{"predicates":[{predicates}]}}"#));
        let printed = print_heads(&reading(&text));
        let head = printed.lines().next().unwrap_or_default();
        let head = head.rsplit_once("example ").map_or("never", |(_, head)| head);
        assert_eq!(head, expected, "{predicates}");
    };
    let path = |operator: &str, text: &str| format!(r#"{{"{operator}":{{"path":"{text}"}}}}"#);
    let cased = |operator: &str, text: &str| {
        format!(r#"{{"{operator}":{{"path":"{text}"}},"caseSensitive":true}}"#)
    };
    let not = |inside: &str| format!(r#"{{"not":{inside}}}"#);
    let both = |one: &str, two: &str| format!("{one},{two}");
    let equal = path("equals", "/users/3");
    check(&both(&equal, &path("endsWith", "/3")), "ANY /users/3 -> 200");
    check(&both(&path("startsWith", "/users"), &equal), "ANY /users/3 -> 200");
    check(&both(&path("matches", "^/users/\\\\d+$"), &equal), "ANY /users/3 -> 200");
    check(&both(&equal, &path("matches", "^/orders")), "never");
    check(&both(&equal, &path("matches", "(?=/)")), "ANY /users/3 -> 200, stateful");
    check(&both(&equal, &path("equals", "/users/4")), "never");
    check(&both(&equal, &not(&path("equals", "/users/4"))), "ANY /users/3 -> 200");
    check(&both(&equal, &not(&path("contains", "USERS"))), "never");
    // `/Users/3` is met by both of these, and `/users/3` by the first alone.
    check(&both(&equal, &cased("contains", "Users")), "ANY /users/3 -> 200, stateful");
    check(&both(&cased("equals", "/users/3"), &cased("contains", "Users")), "never");
    check(&both(&equal, r#"{"exists":{"path":false}}"#), "never");
    check(&not(&equal), "ANY /** -> 200, stateful");

    let get_or_put = r#"{"matches":{"method":"^(GET|PUT)$"}}"#;
    check(get_or_put, "GET|PUT /** -> 200");
    check(&both(get_or_put, r#"{"equals":{"method":"put"}}"#), "PUT /** -> 200");
    check(&both(get_or_put, &not(r#"{"equals":{"method":"PUT"}}"#)), "GET /** -> 200");
    check(&both(get_or_put, r#"{"equals":{"method":"POST"}}"#), "never");
    let or = format!(r#"{{"or":[{},{equal}]}}"#, path("equals", "/users/4"));
    check(&both(&equal, &or), "ANY /users/3 -> 200");
}

#[test]
fn what_cannot_be_said_makes_a_stub_unclear() {
    check_heads(
        &imposter(
            r#"{"predicates":[{"inject":"() => true"}]},
               {"predicates":[{"not":{"equals":{"path":"/a"}}}]},
               {"predicates":[{"contains":{"body":"x"},"except":"y"}]},
               {"predicates":[{"matches":{"path":"/a/b"}}]},
               {"predicates":[{"endsWith":{"path":"/b"}}]},
               {"predicates":[{"equals":{"path":"/b"},"except":"^/a"}]},
               {"predicates":[{"equals":{"path":"/b"}},{"contains":{"path":"b"}}]}"#,
        ),
        "1:38 example ANY /** -> 200, stateful\n  called ANY /**
2:16 example ANY /** -> 200, priority 1, stateful\n  called ANY /**
3:16 example ANY /** -> 200, priority 2, stateful\n  called ANY /**
4:16 example ANY /a/b/** -> 200, priority 3\n  called ANY /a/b/**
7:16 example ANY /b -> 200, priority 6\n  called ANY /b
unread 1: an `inject` predicate is code, so the stub is taken to answer some requests only
  so express it with the other predicates
unread 2: a `not` says what a request is not, so the stub is taken to answer some requests only
  so say what the request is, or keep it; the rest of the stub is compared
unread 4: a `matches` on the path is not anchored, it is taken to begin with the path
  so begin it with `^`
unread 5: a predicate on the path cannot be told as a path, so its stub is not read (2 times)
  so use `equals`, `startsWith`, or a `matches` of whole segments such as `^/users/[^/]+$`
",
    );
}

#[test]
fn texts_of_a_request() {
    check_request(
        r#"{"equals":{"query":{"q":"Word","n":[1,2]},"headers":{"X-Kind":"a","Content-Type":
            "application/json","Authorization":"Bearer x"}},"caseSensitive":true}"#,
        "request query n: always digits\nrequest query q: always text in \"Word\"\n\
         request header authorization: always text, withheld\n\
         request header x-kind: always text in \"a\"\n\
         request media-type application/json: always present\n\
         request $: sometimes all, anything beneath",
    );
    check_request(
        r#"{"equals":{"query":{"q":"word"}}},{"exists":{"headers":{"X":false},"query":{"n":true}}}"#,
        "request query n: always any string\nrequest query q: always text\n\
         request header x: never\nrequest $: sometimes all, anything beneath",
    );
    check_request(
        r#"{"deepEquals":{"form":{"a":"1"}}}"#,
        "request $: always record, map, closed\nrequest $.a: always digits",
    );
}

#[test]
fn bodies_of_a_request() {
    check_request(
        r#"{"equals":{"body":{"id":5,"name":"x","tags":["a"],"paid":"true"}}}"#,
        "request $: always record\nrequest $.id: always int32, digits\n\
         request $.name: always text\nrequest $.paid: always true, text\n\
         request $.tags: always one element\nrequest $.tags[]: always text",
    );
    check_request(
        r#"{"deepEquals":{"body":"{\"a\":\"b\"}"}}"#,
        "request $: always record\nrequest $.a: always text in \"b\"",
    );
    check_request(
        r#"{"exists":{"body":{"a":true,"b":{"c":false}}}}"#,
        "request $: always record, map\nrequest $.a: always all, anything beneath\n\
         request $.b: always record, map\nrequest $.b.c: never, anything beneath",
    );
    check_request(r#"{"exists":{"body":false}}"#, "request $: never");
    check_request(
        r#"{"jsonpath":{"selector":"$.a.b"},"equals":{"body":"x"}}"#,
        "request $: always record, map\nrequest $.a: always record, map\n\
         request $.a.b: always all, anything beneath",
    );
    check_request(
        r#"{"jsonpath":{"selector":"$..b"},"equals":{"body":"x"}}"#,
        "request $: sometimes all, anything beneath\n\
         unread 1: a JSONPath that chooses by value is not read, the stub is taken to answer some \
         requests only",
    );
    check_request(
        r#"{"xpath":{"selector":"//a"},"equals":{"body":"x"}}"#,
        "request $: always not JSON",
    );
}

#[test]
fn answers_as_they_stand() {
    check_response(
        r#""is":{"headers":{"Connection":"close","Set-Cookie":["a","b"]},"body":"{\"a\":1}"}"#,
        "response header set-cookie: always text, withheld\nresponse $: always record\n\
         response $.a: always int32",
    );
    check_response(r#""is":{}"#, "response $: never");
    check_response(
        r#""is":{"_mode":"binary","body":"eyJh\nIjoxfQ=="}"#,
        "response $: always record\nresponse $.a: always int32",
    );
    check_response(
        r#""is":{"headers":{"location":"/x/${id}"},"body":{"id":"${id}[0]","b":"c"}},
           "behaviors":[{"copy":{"from":"path","into":"${id}","using":{}}},{"wait":5}]"#,
        "response header location: always any string\nresponse $: always record\n\
         response $.b: always text in \"c\"\nresponse $.id: always any string",
    );
    check_response(
        r#""is":{"body":"x"},"_behaviors":{"decorate":"() => {}","copy":[]}"#,
        "response $: sometimes all, anything beneath\n\
         unread 1: code changes a response (`decorate`), nothing is said about its body",
    );
    check_response(
        r#""is":{"body":"<%- stringify(filename, 'a.json') %>"}"#,
        "response $: sometimes all, anything beneath\n\
         unread 1: a body is an EJS template, which is not run, nothing is said about it",
    );
}

#[test]
fn the_default_response_fills_what_a_response_leaves_out() {
    let default = r#""defaultResponse":{"statusCode":404,"headers":{"X-A":"b"},"body":"no"}"#;
    let stubs = r#""stubs":[{"responses":[{"is":{"body":""}}]}]"#;
    let printed = print(&reading(&format!(r#"{{"protocol":"https",{default},{stubs}}}"#)));
    assert!(printed.contains("-> 404"), "{printed}");
    assert!(printed.contains("response header x-a"), "{printed}");
    assert!(printed.contains("response $: always not JSON"), "{printed}");
}

#[test]
fn other_documents_are_not_imposters() {
    for text in [r#"{"imposters":[{"a":1}]}"#, r#"{"protocol":"ftp","port":1}"#, "[1]", "{}"] {
        let documents = parse_json(text.as_bytes()).unwrap().documents;
        assert!(!documents.iter().any(is_like), "{text}");
    }
}

proptest! {
    #[test]
    fn any_predicate_is_answered(
        operator in "equals|deepEquals|contains|matches|exists|not|or|and|startsWith",
        field in "method|path|query|headers|body|form|ip",
        value in r#""[a/^$(|*+.]{0,6}"|true|7|null|\{\}|\[1,\{\}\]|\{"a":(true|\{"b":false\}|"x")\}"#,
        beside in r#"|,"except":"a"|,"jsonpath":\{"selector":"[$]\.a"\}|,"xpath":\{"selector":"/"\}"#,
    ) {
        let text = format!(r#"{{"predicates":[{{"{operator}":{{"{field}":{value}}}{beside}}}]}}"#);
        reading(&imposter(&text));
    }
}
