//! Stubs in miniature and what they say.

use crate::reading::SourceFile;
use crate::tests_print::{print, print_heads};
use crate::wiremock::{PART, is_like, read};
use plumb_tree::json::parse_json;
use proptest::prelude::*;

fn files(path: &str) -> Option<Vec<u8>> {
    let body: &[u8] = match path {
        "mock/__files/posts.json" => br#"{"title": "edited", "id": 26}"#,
        "__files/greeting.txt" => b"hello",
        _ => return None,
    };
    Some(body.to_vec())
}

fn reading(path: &str, text: &str) -> crate::reading::Reading {
    let documents = parse_json(text.as_bytes()).unwrap().documents;
    assert!(documents.iter().all(is_like), "{text}");
    read(&SourceFile { path, bytes: text.as_bytes() }, &documents, &files)
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(print(&reading("mock/mappings/stub.json", text)), expected, "{text}");
}

#[track_caller]
fn check_heads(text: &str, expected: &str) {
    assert_eq!(print_heads(&reading("mock/mappings/stub.json", text)), expected, "{text}");
}

/// A stub around one request that answers 204.
fn stub(request: &str) -> String {
    format!(r#"{{"name":"s","request":{{{request}}},"response":{{"status":204}}}}"#)
}

/// Only the places of the request.
#[track_caller]
fn check_request(request: &str, expected: &str) {
    let printed = print(&reading("mock/mappings/stub.json", &stub(request)));
    let kept = |line: &&str| line.starts_with("  request") || line.starts_with("unread");
    let lines: Vec<&str> = printed.lines().filter(kept).map(str::trim_start).collect();
    assert_eq!(lines.join("\n"), expected, "{request}");
}

/// Only the places of the answer.
#[track_caller]
fn check_response(response: &str, expected: &str) {
    let text = format!(r#"{{"name":"s","request":{{"url":"/a"}},"response":{{{response}}}}}"#);
    let printed = print(&reading("mappings/a/stub.json", &text));
    let kept = |line: &&str| line.starts_with("  response") || line.starts_with("unread");
    let lines: Vec<&str> = printed.lines().filter(kept).map(str::trim_start).collect();
    assert_eq!(lines.join("\n"), expected, "{response}");
}

#[test]
fn a_recorded_stub_with_its_body_file() {
    let text = r#"{
  "id" : "beda17db",
  "request" : {
    "url" : "/posts/26?_sort=id&q=a%20b",
    "method" : "PUT",
    "bodyPatterns" : [ {
      "equalToJson" : "{\"title\":\"edited\",\"views\":2}",
      "ignoreArrayOrder" : true,
      "ignoreExtraElements" : true
    } ]
  },
  "response" : {
    "status" : 200,
    "bodyFileName" : "posts.json",
    "headers" : {
      "Keep-Alive" : "timeout=5",
      "Date" : "Sat, 21 Nov 2026 01:13:26 GMT",
      "Expires" : "-1",
      "Content-Type" : "application/json; charset=utf-8"
    }
  },
  "uuid" : "beda17db"
}"#;
    check(
        text,
        "3:3 example PUT /posts/26 exactly -> 200, priority 5
  called beda17db
  request query _sort: always text in \"id\"
  request query q: always text in \"a b\"
  request $: always record
  request $.title: always text in \"edited\"
  request $.views: always int32
  response header expires: always digits
  response media-type application/json: always present
  response $: always record
  response $.id: always int32
  response $.title: always text in \"edited\"
",
    );
}

#[test]
fn many_stubs_with_priorities_and_scenarios() {
    check_heads(
        r#"{"mappings":[
  {"priority":1,"request":{"method":"ANY","urlPathPattern":"/users/[^/]+"},"response":{}},
  {"scenarioName":"s","request":{"method":{"oneOf":["GET","HEAD"]},"urlPathTemplate":"/a/{x}/{y}",
    "pathParameters":{"y":{"equalTo":"me"}}},"response":{"status":404}},
  {"request":{"host":{"equalTo":"Api.example.org"},"urlPath":"/b%20c"},"response":{"status":"503"}}
],"meta":{"total":3}}"#,
        "2:17 example ANY /users/{} -> 200, priority 1
  called ANY /users/[^/]+
3:23 example GET|HEAD /a/{}/me -> 404, priority 5, stateful
  called ANY /a/{x}/{y}
5:4 example ANY /b c -> 503, priority 5, by api.example.org
  called ANY /b%20c
",
    );
}

#[test]
fn url_patterns() {
    let check = |request: &str, expected: &str| {
        let printed = print_heads(&reading("mappings/s.json", &stub(request)));
        assert_eq!(printed.lines().next().unwrap_or_default(), expected, "{request}");
    };
    check(
        r#""urlPattern":"/a\\?b=\\d+""#,
        "1:13 example ANY /a includes -> 204, priority 5, stateful",
    );
    check(r#""urlPattern":"/a/[^/]+""#, "1:13 example ANY /a/{} -> 204, priority 5");
    check(
        r#""urlPattern":"/a/[a-z]+""#,
        "1:13 example ANY /a/{} exactly -> 204, priority 5, stateful",
    );
    check(r#""urlPattern":"/a(\\?.*)?""#, "1:13 example ANY /a -> 204, priority 5");
    check(r#""urlPattern":"/a/.*""#, "1:13 example ANY /a/** -> 204, priority 5");
    check(r#""urlPattern":"/a""#, "1:13 example ANY /a exactly -> 204, priority 5");
    check("", "1:13 example ANY /** -> 204, priority 5");
    check(
        r#""url":"/a","customMatcher":{"name":"mine"}"#,
        "1:13 example ANY /a exactly -> 204, priority 5, stateful",
    );
    check(
        r#""method":"get","url":"/a""#,
        "unread 1: a method in lower case is no request's, so its stub never answers and is \
         not read",
    );
    let unclear = "unread 1: a url pattern cannot be told as a path, so its stub is not read";
    check(r#""urlPattern":"/(a|b/c)""#, unclear);
}

#[test]
fn predicates_on_query_and_headers() {
    check_request(
        r#""urlPath":"/a","method":"GET",
        "queryParameters":{"a":{"equalTo":"open"},"b":{"absent":true},"c":{"matches":"x|y"},
          "d":{"or":[{"absent":true},{"contains":"z"}]},"e":{"hasExactly":[{"equalTo":"1"}]},
          "f":{"like":"1"},"g":{"equalTo":"On","caseInsensitive":true}},
        "headers":{"X-Kind":{"and":[{"contains":"a"},{"equalTo":"ab"}]},
          "Authorization":{"equalTo":"Bearer abc"},"Content-Type":{"contains":"application/json"},
          "If-Modified-Since":{"before":"now"}},
        "cookies":{"session":{"matches":".*"}},"basicAuthCredentials":{"username":"u"}"#,
        "request query a: always text in \"open\"
request query b: never
request query c: always text in \"x\", \"y\"
request query d: sometimes any string
request query e: always digits
request query f: always any string
request query g: always text
request header authorization: always any string, withheld
request header cookie: always any string, withheld
request header if-modified-since: always date, date-time
request header x-kind: always text in \"ab\"
request media-type application/json: always present
request $: sometimes all, anything beneath
unread 4: a predicate is not known, any text is taken to do",
    );
}

#[test]
fn json_body_patterns() {
    check_request(
        r#""bodyPatterns":[{"equalToJson":{"id":"${json-unit.any-number}",
        "at":"${json-unit.ignore}","state":"open","tags":["a",1]}}]"#,
        "request $: always record, closed
request $.at: always all, anything beneath
request $.id: always any number
request $.state: always text in \"open\"
request $.tags: always many elements
request $.tags[]: always int32, text in \"a\"",
    );
    check_request(
        r#""bodyPatterns":[{"matchesJsonPath":"$.a.b"},{"matchesJsonPath":{"expression":"$['a'].c",
        "equalTo":"5"}},{"matchesJsonPath":"$.l[*].x"},{"matchesJsonPath":"$.l[?(@.x == 1)]"},
        {"matchesJsonPath":{"expression":"$.gone","absent":true}}]"#,
        "request $: always record, map
request $.a: always record, map
request $.a.b: always any string, any number, any boolean, any something that is not JSON, \
one element, many elements, record, map, absent in some elements, too deep, withheld, present, as \
asked for, beside those asked for, \
anything beneath
request $.a.c: always any number, digits
request $.gone: sometimes null
request $.l: always one element, many elements
request $.l[]: sometimes record, map
request $.l[].x: sometimes any string, any number, any boolean, any something that is not JSON, \
one element, many elements, record, map, absent in some elements, too deep, withheld, present, as \
asked for, beside those asked for, \
anything beneath
unread 2: a JSONPath that chooses by value is not read, nothing is said by it",
    );
    check_request(
        r#""bodyPatterns":[{"equalToJson":"{broken"},{"matchesJsonSchema":"{}"},{"odd":1}]"#,
        "request $: sometimes all, anything beneath
unread 1: `equalToJson` holds no JSON, nothing is said about the request body
unread 1: `matchesJsonSchema` in a body pattern is not read, nothing is said by it
unread 1: a body pattern is not known, nothing is said by it",
    );
}

#[test]
fn other_body_patterns() {
    let form = r#""headers":{"Content-Type":{"equalTo":"application/x-www-form-urlencoded"}},"#;
    check_request(
        &format!(r#"{form}"bodyPatterns":[{{"equalTo":"a=1&b=on"}}]"#),
        "request media-type application/x-www-form-urlencoded: always present
request $: always record
request $.a: always digits
request $.b: always text in \"on\"",
    );
    check_request(
        r#""formParameters":{"a":{"equalTo":"1"}}"#,
        "request media-type application/x-www-form-urlencoded: always present
request $: always record, map\nrequest $.a: always digits",
    );
    check_request(r#""bodyPatterns":[{"equalToXml":"<a/>"}]"#, "request $: always not JSON");
    check_request(
        r#""bodyPatterns":[{"or":[{"equalToJson":"1"},{"equalToJson":"\"a\""}]}]"#,
        "request $: always int32, text",
    );
    check_request(
        r#""bodyPatterns":[{"or":[{"equalToJson":"1"},{"contains":"a"}]}]"#,
        "request $: sometimes all, anything beneath",
    );
    check_request(
        r#""bodyPatterns":[{"equalToJson":{"l":["a"]},"ignoreExtraElements":true}]"#,
        "request $: always record
request $.l: always one element, many elements
request $.l[]: always all, anything beneath",
    );
    check_request(
        r#""multipartPatterns":[{"name":"x"}]"#,
        "request $: sometimes all, anything beneath
unread 1: multipart patterns are not read, nothing is said about the request body",
    );
}

#[test]
fn bodies_wherever_they_are_kept() {
    check_response("", "response $: never");
    check_response(
        r#""headers":{"Content-Type":["text/plain"],"X":["a","1"]},
        "bodyFileName":"./greeting.txt""#,
        "response header x: always text, digits
response media-type text/plain: always present
response $: always not JSON",
    );
    check_response(
        r#""jsonBody":[1]"#,
        "response $: always one element\nresponse $[]: always int32",
    );
    check_response(r#""base64Body":"e30=""#, "response $: always empty object");
    for (response, reason) in [
        (r#""base64Body":"*""#, "`base64Body` is not base64, nothing is said about the body"),
        (
            r#""bodyFileName":"../secret""#,
            "the file of `bodyFileName` is not in `__files`, nothing is said about the body",
        ),
        (r#""body":{"a":1}"#, "a body is not text, nothing is said about it"),
        (
            r#""transformers":["mine"],"body":"{}""#,
            "a custom transformer changes the answer, nothing is said about its body",
        ),
    ] {
        let expected = format!("response $: sometimes all, anything beneath\nunread 1: {reason}");
        check_response(response, &expected);
    }
    let nothing = "unread 1: the stub proxies or breaks the connection, so it says nothing about \
                   the answer";
    check_response(r#""fault":"EMPTY_RESPONSE""#, nothing);
    check_response(r#""proxyBaseUrl":"http://x""#, nothing);
    let status = "unread 1: the status of an answer is no number, so its stub is not read";
    check_response(r#""status":"many""#, status);
}

#[test]
fn templates_stand_for_any_scalar() {
    check_response(
        r#""transformers":["response-template"],"headers":{"Location":"/a/{{request.path.[1]}}"},
        "body":"{\"id\":{{randomValue length=3 type='NUMERIC'}},\"at\":\"on {{now}}\",\"n\":[1]}""#,
        "response header location: always any string
response $: always record
response $.at: always any string
response $.id: always any string, any number, any boolean, null
response $.n: always one element
response $.n[]: always int32",
    );
    check_response(
        r#""jsonBody":{"id":"{{request.query.id}}"}"#,
        "response $: always record\nresponse $.id: always any string",
    );
    check_response(
        r#""headers":{"Content-Type":"text/html"},"body":"<p>{{#if a}}x{{/if}}""#,
        "response media-type text/html: always present\nresponse $: always not JSON",
    );
    check_response(r#""body":"{{{request.body}}}""#, "response $: always all, anything beneath");
    check_response(
        r#""body":"[{{#each a}}1{{/each}}]""#,
        "response $: sometimes all, anything beneath
unread 1: a template with blocks or computed keys is not read, nothing is said about the body",
    );
}

#[test]
fn other_documents_are_not_stubs() {
    for text in [
        "[]",
        "1",
        r#"{"mappings":{"properties":{}}}"#,
        r#"{"request":{},"response":1}"#,
        r#"{"request":"GET /","response":{}}"#,
        r#"{"mappings":[{"a":1}]}"#,
        r#"{"request":{"uri":"/"},"response":{}}"#,
    ] {
        assert!(!is_like(&parse_json(text.as_bytes()).unwrap().documents[0]), "{text}");
    }
    check(
        r#"{"mappings":[{"request":{},"response":{}},{"request":{}}]}"#,
        "1:15 example ANY /** -> 200, priority 5
  called ANY any url
  request $: sometimes all, anything beneath
  response $: never
unread 1: a stub has no `response`, so it says nothing
  so give it a response, or take it out
",
    );
}

/// Documents made of the words of the dialect, most of them misplaced.
fn documents() -> impl Strategy<Value = serde_json::Value> {
    let texts =
        ["/a/{b}?c=d", "/a/[^/]+(.*)?", "{{a}}", "{\"a\":{{b}}}", "$.a[*]", "e30=", "x.json"];
    let scalar = prop_oneof![
        prop::sample::select(texts.to_vec()).prop_map(serde_json::Value::from),
        any::<i8>().prop_map(serde_json::Value::from),
        any::<bool>().prop_map(serde_json::Value::from),
    ];
    let keys = [
        "url",
        "urlPattern",
        "urlPathPattern",
        "urlPathTemplate",
        "pathParameters",
        "method",
        "headers",
        "queryParameters",
        "bodyPatterns",
        "equalTo",
        "equalToJson",
        "matchesJsonPath",
        "expression",
        "and",
        "or",
        "absent",
        "matches",
        "body",
        "jsonBody",
        "base64Body",
        "bodyFileName",
        "status",
        "{b}",
        "b",
    ];
    scalar.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(prop::sample::select(keys.to_vec()), inner, 0..6)
                .prop_map(|map| map.into_iter().map(|(key, it)| (key.to_owned(), it)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_stub_is_answered(request in documents(), response in documents()) {
        let text = format!(r#"{{"request":{request},"response":{response}}}"#);
        let documents = parse_json(text.as_bytes()).unwrap().documents;
        let file = SourceFile { path: "a/stub.json", bytes: text.as_bytes() };
        let reading = read(&file, &documents, &files);
        prop_assert!(reading.claims.len() + reading.unread.len() > 0);
    }
}

#[test]
fn requests_that_look_alike_leave_a_stub_stateful() {
    let check = |request: &str, expected: bool| {
        let reading = reading("mappings/s.json", &stub(request));
        let stateful = reading.claims.first().map(|claim| claim.request.stateful);
        assert_eq!(stateful, Some(expected), "{request}");
    };
    let query =
        |predicate: &str| format!(r#""urlPath":"/a","queryParameters":{{"q":{predicate}}}"#);
    check(&query(r#"{"equalTo":"a"}"#), false);
    check(&query(r#"{"matches":"a|b"}"#), false);
    check(&query(r#"{"matches":".*"}"#), false);
    check(&query(r#"{"absent":false}"#), false);
    check(&query(r#"{"matches":"[a-z]+"}"#), true);
    check(&query(r#"{"contains":"a"}"#), true);
    check(&query(r#"{"hasExactly":[{"equalTo":"a"},{"equalTo":"b"}]}"#), true);
    check(r#""urlPath":"/a","headers":{"Content-Type":{"contains":"application/json"}}"#, false);
    check(r#""urlPath":"/a","headers":{"Content-Type":{"contains":"json"}}"#, true);
    check(r#""bodyPatterns":[{"equalToJson":{"a":[1]}}]"#, false);
    check(r#""bodyPatterns":[{"absent":true}]"#, false);
    check(r#""bodyPatterns":[{"equalToJson":{"a":1}},{"equalToJson":{"a":"b"}}]"#, true);
    check(r#""bodyPatterns":[{"contains":"a"}]"#, true);
    check(r#""bodyPatterns":[{"matchesJsonPath":"$.l[*]"}]"#, true);
}

#[test]
fn many_stubs_are_told_in_their_order_and_what_is_unread_once() {
    let stub = |at: usize| match at % 100 {
        7 => r#"{"request":{"url":"/x"}}"#.to_owned(),
        _ => stub(&format!(r#""url":"/{at}""#)).replace(r#""s""#, &format!(r#""{at}""#)),
    };
    let stubs: Vec<String> = (0..3 * PART).map(stub).collect();
    let read = reading("a.json", &format!("{{\"mappings\":[\n{}]}}", stubs.join(",\n")));
    let titles: Vec<&str> = read.claims.iter().map(|one| one.source.title.as_str()).collect();
    let expected = (0..3 * PART).filter(|at| at % 100 != 7).map(|at| at.to_string());
    assert_eq!(titles, expected.collect::<Vec<_>>());
    let unread: Vec<(u32, &str)> =
        read.unread.iter().map(|one| (one.line, one.reason.as_str())).collect();
    assert_eq!(unread, [(9, "a stub has no `response`, so it says nothing (4 times)")]);
}
