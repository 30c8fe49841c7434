//! Interactions in miniature and what they say.

use crate::pact::{is_like, read};
use crate::reading::SourceFile;
use crate::tests_print::print;
use plumb_tree::json::parse_json;
use proptest::prelude::*;

fn printed(text: &str) -> String {
    let documents = parse_json(text.as_bytes()).unwrap().documents;
    assert!(documents.iter().all(is_like), "{text}");
    let file = SourceFile { path: "pacts/web-api.json", bytes: text.as_bytes() };
    print(&read(&file, &documents, &|_| None))
}

fn pact(version: &str, interactions: &str) -> String {
    let parties = r#""consumer":{"name":"web"},"provider":{"name":"api"}"#;
    let metadata = format!(r#""metadata":{{"pactSpecification":{{"version":"{version}"}}}}"#);
    format!("{{{parties},\"interactions\":[{interactions}],\n{metadata}}}")
}

#[track_caller]
fn check(version: &str, interactions: &str, expected: &str) {
    assert_eq!(printed(&pact(version, interactions)), expected, "{interactions}");
}

/// Only the lines that begin with `kept`, and what was not read.
#[track_caller]
fn check_part(version: &str, interaction: &str, kept: &str, expected: &str) {
    let printed = printed(&pact(version, interaction));
    let is_kept = |line: &&str| line.trim_start().starts_with(kept) || line.starts_with("unread");
    let lines: Vec<&str> = printed.lines().filter(is_kept).map(str::trim_start).collect();
    assert_eq!(lines.join("\n"), expected, "{interaction}");
}

/// The body of a response of version 3, with its rules.
#[track_caller]
fn check_body(body: &str, rules: &str, expected: &str) {
    let interaction = format!(
        r#"{{"request":{{"path":"/"}},"response":{{"body":{body},
        "matchingRules":{{"body":{{{rules}}}}}}}}}"#
    );
    check_part("3.0.0", &interaction, "response $", expected);
}

#[test]
fn version_1_is_equality() {
    check(
        "1.0.0",
        r#"{"description":"a user","provider_state":"ann exists",
  "request":{"method":"post","path":"/users/12","headers":{"Accept":"text/x, text/y"},
    "body":{"name":"ann","tags":[]}},
  "response":{"status":201,"headers":{"Content-Type":"application/json; charset=utf-8"},
    "body":{"id":12,"state":"open"}}}"#,
        "1:70 expectation POST /users/12 exactly -> 201, stateful, by api, for web
  called a user, given ann exists
  request header accept: always text
  request $: always record, closed
  request $.name: always text in \"ann\"
  request $.tags: always empty array
  response media-type application/json: always present
  response $: always record, map
  response $.id: always int32
  response $.state: always text in \"open\"
",
    );
}

#[test]
fn version_2_rules_are_keyed_by_path() {
    check(
        "2.0.0",
        r#"{"description":"all","request":{"path":"/a/1","query":"q=x+y&n=1&ids[]=7",
    "headers":{"X-Id":"12","Authorization":"Bearer x"},
    "matchingRules":{"$.path":{"match":"regex","regex":"^/a/\\d+$"},"$.query.q":{"match":"type"},
      "$.query['n'][0]":{"regex":"\\d+"},"$.headers['X-Id']":{"match":"type"}}},
  "response":{"body":{"list":[{"id":1,"at":"2026-11-21","odd name":"a"}]},
    "matchingRules":{"$.body.list":{"min":1,"match":"type"},"$.body.list[*].*":{"match":"type"},
      "$.body.list[*]['at']":{"match":"date","date":"yyyy-MM-dd"}}}}"#,
        "1:70 expectation GET /a/{} exactly -> 200, by api, for web
  called all
  request query ids[]: always digits
  request query n: always any string
  request query q: always any string
  request header authorization: always any string, withheld
  request header x-id: always any string
  request $: sometimes all, anything beneath
  response $: always record, map
  response $.list: always one element, many elements
  response $.list[]: always record, map
  response $.list[].at: always date
  response $.list[].id: always any number
  response $.list[][\"odd name\"]: always any string
",
    );
}

#[test]
fn version_3_sections_and_combinations() {
    check_part(
        "3.0.0",
        r#"{"request":{"path":"/a","query":{"q":["x","1"],"r":"y","s":["z"]},
    "headers":{"X":["a","b"]},"matchingRules":{
    "query":{"q":{"matchers":[{"match":"integer"}]},"s[0]":{"matchers":[
      {"match":"regex","regex":"z|w"}]}},"header":{"x":{"combine":"OR","matchers":[
      {"match":"equality"},{"match":"boolean"}]}},"path":{"matchers":[{"match":"regex",
      "regex":"/a|/b"}]}}},
  "response":{}}"#,
        "request",
        "request query q: always digits
request query r: always text in \"y\"
request query s: always text in \"w\", \"z\"
request header x: always text
request $: sometimes all, anything beneath
unread 5: the matching rule of a path cannot be told as a path, the example is taken for it",
    );
    check_body(
        r#"{"a":null,"b":"x","c":"x","d":1}"#,
        r#""$.b":{"combine":"OR","matchers":[{"match":"type"},{"match":"null"}]},
        "$.c":{"combine":"AND","matchers":[{"match":"type"},{"match":"null"}]},
        "$.d":{"matchers":[{"match":"number"},{"match":"integer"}]}"#,
        "response $: always record, map
response $.a: always null
response $.b: always any string, null
response $.c: always any string, null
response $.d: always zero, int32, beyond int32, beyond 2^53, beyond int64, negative
unread 3: the matchers of a rule cannot all hold, any of them is taken to do",
    );
}

#[test]
fn every_matcher_on_scalars() {
    check_body(
        r#"{"a":"x","b":1.5,"c":true,"d":"10:02","e":"2026-11-21T10:02:33Z","f":"ab","g":"1.2.3",
        "h":"full","i":"on","j":"on","k":"on","l":"9","m":"q"}"#,
        r#""$.a":{"matchers":[{"match":"include","value":"x"}]},
        "$.b":{"matchers":[{"match":"decimal"}]},"$.c":{"matchers":[{"match":"boolean"}]},
        "$.d":{"matchers":[{"match":"time","format":"HH:mm"}]},
        "$.e":{"matchers":[{"match":"timestamp","timestamp":"yyyy-MM-dd'T'HH:mm:ssX"}]},
        "$.f":{"matchers":[{"match":"regex","regex":"[a-z]+"}]},
        "$.g":{"matchers":[{"match":"semver"}]},"$.h":{"matchers":[{"match":"notEmpty"}]},
        "$.i":{"matchers":[{"match":"regex","regex":"^(on|off)$"}]},
        "$.j":{"matchers":[{"match":"equality"}]},"$.k":{"matchers":[{"match":"odd"}]},
        "$.l":{"matchers":[{"match":"regex","regex":"9|10"}]},
        "$.m":{"matchers":[{"match":"contentType","value":"image/png"}]}"#,
        "response $: always record, map
response $.a: always any string
response $.b: always fraction, negative
response $.c: always any boolean
response $.d: always time
response $.e: always date-time
response $.f: always any string
response $.g: always text
response $.h: always text, date, time, date-time, uuid, e-mail, uri, ipv4, ipv6, hex, digits, \
non-ascii, long
response $.i: always text in \"off\", \"on\"
response $.j: always text in \"on\"
response $.k: always all, anything beneath
response $.l: always digits
response $.m: always any string
unread 10: a matcher is not known, anything is taken to match",
    );
}

#[test]
fn arrays_and_maps() {
    check_body(
        r#"{"a":[1,2],"b":[],"c":[{"x":1}],"d":["k"]}"#,
        r#""$.a":{"matchers":[{"match":"type","max":1}]},"$.b":{"matchers":[{"match":"type"}]},
        "$.c":{"matchers":[{"match":"arrayContains","variants":[{"index":0,"rules":{}}]}]},
        "$.d":{"matchers":[{"match":"eachValue","rules":[{"match":"type"}],"value":"[\"k\"]"}]}"#,
        "response $: always record, map
response $.a: always empty array, one element
response $.a[]: always any number
response $.b: always any array, anything beneath
response $.c: always one element, many elements, anything beneath
response $.d: always any array
response $.d[]: always any string",
    );
    check_body(
        r#"{"m":{"en":{"n":"x","o":1},"fr":{"n":"y"}},"v":{"a":1,"b":2.5},"k":{"a":1}}"#,
        r#""$.m":{"matchers":[{"match":"eachKey","rules":[{"match":"regex","regex":"[a-z]+"}]},
          {"match":"eachValue","rules":[{"match":"type"}]}]},
        "$.v":{"matchers":[{"match":"values"}]},"$.v.*":{"matchers":[{"match":"number"}]},
        "$.k":{"matchers":[{"match":"eachKey","rules":[{"match":"type"}]}]}"#,
        "response $: always record, map
response $.k: always any object, anything beneath
response $.m: always any object
response $.m.{*}: sometimes record, map
response $.m.{*}.n: always any string
response $.m.{*}.o: always any number
response $.v: always any object
response $.v.{*}: sometimes any number",
    );
}

#[test]
fn the_most_specific_rule_wins_and_rules_cascade() {
    check_body(
        r#"{"a":{"b":[{"c":"x","d":{"e":2}}]},"0":"x"}"#,
        r#""$":{"matchers":[{"match":"type"}]},"$.a.*":{"matchers":[{"match":"type","min":2}]},
        "$.a.b[0].c":{"matchers":[{"match":"regex","regex":"x|y"}]},
        "$.*.b[*].c":{"matchers":[{"match":"null"}]},
        "$.a.b[*].d":{"matchers":[{"match":"notEmpty"}]},
        "$..e":{"matchers":[{"match":"null"}]}"#,
        "response $: always record, map
response $.a: always record, map
response $.a.b: always many elements
response $.a.b[]: always record, map
response $.a.b[].c: always text in \"x\", \"y\"
response $.a.b[].d: always record, map
response $.a.b[].d.e: always any number
response $.{*}: always any string
unread 6: the path of a matching rule is not read, its place is taken to equal the example",
    );
}

#[test]
fn missing_empty_and_null_bodies() {
    let body = |body: &str| format!(r#"{{"request":{{"path":"/"}},"response":{{{body}}}}}"#);
    let kept = "response $";
    check_part("3.0.0", &body(""), kept, "response $: sometimes all, anything beneath");
    check_part("3.0.0", &body(r#""body":"""#), kept, "response $: never");
    check_part("3.0.0", &body(r#""body":null"#), kept, "response $: sometimes null");
    let text = r#""headers":{"Content-Type":"text/plain"},"body":"#;
    check_part("3.0.0", &body(&format!("{text}null")), kept, "response $: never");
    check_part("3.0.0", &body(&format!(r#"{text}"hello""#)), kept, "response $: always not JSON");
    let json = r#""headers":{"content-type":"application/json"},"body":"#;
    check_part(
        "3.0.0",
        &body(&format!(r#"{json}"hello""#)),
        kept,
        "response $: always text in \"hello\"",
    );
    check_part(
        "3.0.0",
        &body(&format!(r#"{json}"[1]""#)),
        kept,
        "response $: always one element\nresponse $[]: always int32",
    );
    check_part(
        "3.0.0",
        &body(&format!(r#"{text}"a","matchingRules":{{"body":{{"$":{{"match":"type"}}}}}}"#)),
        kept,
        "response $: always not JSON
unread 1: matching rules for a body that is not JSON are not read",
    );
}

#[test]
fn version_4_bodies_statuses_and_kinds() {
    let http = |response: &str| {
        format!(
            r#"{{"type":"Synchronous/HTTP","pending":true,"description":"d",
"request":{{"path":"/"}},"response":{{{response}}}}}"#
        )
    };
    let pending = "unread 1: an interaction is pending: the provider has not agreed to it yet";
    let check_v4 = |response: &str, expected: &str| {
        check_part("4.0", &http(response), "response", &format!("{expected}{pending}"));
    };
    check_v4(
        r#""body":{"content":{"a":1},"contentType":"application/json","encoded":false}"#,
        "response media-type application/json: always present
response $: always record, map
response $.a: always int32
",
    );
    check_v4(
        r#""body":{"content":"e30=","contentType":"application/json","encoded":"base64"}"#,
        "response media-type application/json: always present\nresponse $: always empty object\n",
    );
    check_v4(
        r#""body":{"content":"[]","contentType":"application/json","encoded":"JSON"}"#,
        "response media-type application/json: always present\nresponse $: always empty array\n",
    );
    check_v4(r#""body":{"content":""}"#, "response $: never\n");
    check_v4(r#""body":null"#, "response $: sometimes null\n");
    check_v4(r#""body":{}"#, "response $: sometimes all, anything beneath\n");
    let status = |status: &str| {
        let rule = format!(r#"{{"matchers":[{{"match":"statusCode","status":{status}}}]}}"#);
        let text = http(&format!(r#""status":200,"matchingRules":{{"status":{rule}}}"#));
        let printed = printed(&pact("4.0", &text));
        let found = printed.lines().filter_map(|line| line.split(" -> ").nth(1));
        found.map(|it| it.replace(", by api, for web", "")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(status(r#""success""#), "2XX");
    assert_eq!(status(r#""error""#), "4XX 5XX");
    assert_eq!(status("[200,201]"), "200 201");
    assert_eq!(status(r#""odd""#), "200");
    check_v4(
        r#""body":null,"matchingRules":{"status":{},"header":{},"path":{},"body":{}}"#,
        "response $: sometimes null\n",
    );
}

#[test]
fn messages_plugins_and_broken_interactions_are_counted() {
    check(
        "4.0",
        r#"{"type":"Asynchronous/Messages","description":"m","contents":{}},
{"type":"Synchronous/Messages","description":"m"},{"type":"Synchronous/HTTP","description":"x"},
{"type":"Synchronous/HTTP","description":"p","pluginConfiguration":{"csv":{}},
"providerStates":[{"name":"a"},{"name":"b","params":{}}],"request":{},"response":{}}"#,
        "3:1 expectation GET / exactly -> 200, stateful, by api, for web
  called p, given a and b
  request $: sometimes all, anything beneath
  response $: sometimes all, anything beneath
unread 1: messages are not compared yet (2 times)
  so keep them; interactions over HTTP are compared
unread 2: an interaction has no request or no response, so it says nothing
  so write the pact again
unread 3: content that a plugin describes is not read, nothing is said about the bodies (2 times)
  so keep it; method, path and status are compared
",
    );
    let messages = r#"{"consumer":{"name":"a"},"provider":{"name":"b"},"messages":[{},
{}]}"#;
    let reason = "unread 1: messages are not compared yet (2 times)\n";
    assert!(printed(messages).starts_with(reason));
}

#[test]
fn other_documents_are_not_pacts() {
    for text in [
        "{}",
        r#"{"consumer":"a","provider":"b","interactions":[]}"#,
        r#"{"consumer":{"name":"a"},"provider":{"name":"b"}}"#,
        r#"{"consumer":{"name":"a"},"interactions":[]}"#,
    ] {
        assert!(!is_like(&parse_json(text.as_bytes()).unwrap().documents[0]), "{text}");
    }
}

/// Documents made of the words of the dialect, most of them misplaced.
fn documents() -> impl Strategy<Value = serde_json::Value> {
    let texts =
        ["type", "regex", "$.a[*]", "a|b", "eachValue", "{", "", "base64", "application/json"];
    let scalar = prop_oneof![
        prop::sample::select(texts.to_vec()).prop_map(serde_json::Value::from),
        any::<i8>().prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
    ];
    let keys = [
        "body",
        "content",
        "matchingRules",
        "$.body",
        "$",
        "$.a",
        "path",
        "query",
        "header",
        "headers",
        "status",
        "matchers",
        "match",
        "regex",
        "rules",
        "min",
        "combine",
        "a",
        "encoded",
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
    fn any_interaction_is_answered(request in documents(), response in documents()) {
        let interaction = format!(r#"{{"request":{request},"response":{response}}}"#);
        let v3 = printed(&pact("3.0.0", &interaction));
        let v4 = printed(&pact("4.0", &interaction));
        prop_assert!(!v3.is_empty() && !v4.is_empty());
    }
}
