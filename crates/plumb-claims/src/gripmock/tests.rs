//! Stubs in miniature and what they say.

use crate::gripmock::{is_like, json_name, read};
use crate::reading::SourceFile;
use crate::tests_print::{print, print_heads};
use plumb_tree::read::parse;
use proptest::prelude::*;

fn reading(text: &str) -> crate::reading::Reading {
    let documents = parse("stubs/a.yaml", text.as_bytes()).unwrap().documents;
    assert!(documents.iter().any(is_like), "{text}");
    read(&SourceFile { path: "stubs/a.yaml", bytes: text.as_bytes() }, &documents, &|_| None)
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(print(&reading(text)), expected, "{text}");
}

#[test]
fn a_stub_is_a_call_and_its_answer() {
    check(
        r#"service: shop.v1.Orders
method: GetOrder
priority: 100
headers: {equals: {X-Tenant: acme}}
input:
  equals: {order_id: "7", deep: {is_open: true}}
output:
  headers: {X-Cache: hit}
  data:
    order_id: "7"
    state: OPEN
    at: "{{ now }}"
    by_shop: {"a.b": 1}
"#,
        "1:1 example POST /shop.v1.Orders/GetOrder -> 200, priority -100000000
  called shop.v1.Orders/GetOrder
  request header x-tenant: always text in \"acme\"
  request $: always record, closed
  request $.deep: always record, closed
  request $.deep.isOpen: always true
  request $.orderId: always zero, int32, beyond int32, beyond 2^53, beyond int64, digits
  response header x-cache: always text
  response $: always record
  response $.at: always any string, any number, any boolean, null
  response $.byShop: always record
  response $.byShop[\"a.b\"]: always int32, digits
  response $.orderId: always zero, int32, beyond int32, beyond 2^53, beyond int64, digits
  response $.state: always text in \"OPEN\"
",
    );
}

#[test]
fn stubs_are_told_apart_by_priority_and_order() {
    let text = r#"- {service: a.B, method: C, name: first, output: {data: {}}}
- {service: a.B, method: C, id: x, priority: -1, output: {error: gone, code: 5}}
- {service: a.B, method: C, input: {contains: {a: b}}, output: {stream: [{a: 1}, {a: 2}]}}
- {service: a.B, method: C, input: {contains: {a: 1}, anyOf: []}, output: {code: 3}}
- {service: B, method: C, inputs: [{equals: {a: 1}}], output: {data: {a: 1}}, options: {times: 2}}
- {service: a.B, method: C, output: {delay: 1s}}
"#;
    assert_eq!(
        print_heads(&reading(text)),
        "1:3 example POST /a.B/C -> 200
  called first
2:3 example POST /a.B/C -> 200, priority 1000001
  called x
3:3 example POST /a.B/C -> 200, priority 2, stateful
  called a.B/C
4:3 example POST /a.B/C -> 200, priority 3, stateful
  called a.B/C
5:3 example POST /B/C -> 200, priority 4, stateful
  called B/C
unread 3: a rule asks for more than a claim says, the stub may answer some calls only (2 times)
  so keep it; the rest of the stub is compared
unread 5: a service is named without its package, it is taken to have none
  so name it as on the wire: `package.Service`
unread 5: the messages of a stream of requests are not read, nothing is said about them
  so keep it; the rest of the stub is compared
unread 6: a stub has no `output` with data, a stream, an error or a code, so it is not read
  so give it one, or take it out
"
    );
}

#[test]
fn failures_and_streams_say_what_comes() {
    check(
        r#"[{"service":"a.B","method":"C","input":{"matches":{"a":"x+","n":1}},
             "output":{"error":"gone","code":5}}]"#,
        "1:2 example POST /a.B/C -> 200, stateful
  called a.B/C
  request $: always record
  request $.a: always any string, any number, any boolean
  request $.n: always int32, digits
  response header grpc-status: always digits
  response $: never
unread 1: a rule asks for more than a claim says, the stub may answer some calls only
  so keep it; the rest of the stub is compared
",
    );
    check(
        "{service: a.B, method: C, output: {stream: [{a: x}], code: 13}}",
        "1:1 example POST /a.B/C -> 200
  called a.B/C
  request $: sometimes all, anything beneath
  response header grpc-status: always digits
  response $: always one element
  response $[]: always record
  response $[].a: always text in \"x\"
",
    );
}

#[test]
fn names_are_those_of_json() {
    for (name, expected) in
        [("user_id", "userId"), ("a__b_", "aB"), ("_a", "_a"), ("A_b", "A_b"), ("a.b_c", "a.b_c")]
    {
        assert_eq!(json_name(name), expected);
    }
}

#[test]
fn other_documents_are_not_stubs() {
    for text in ["{service: a, method: b}", "[1]", "{service: 1, method: b, output: {}}", "a"] {
        let documents = parse("a.yaml", text.as_bytes()).unwrap().documents;
        assert!(!documents.iter().any(is_like), "{text}");
    }
}

proptest! {
    #[test]
    fn any_stub_is_answered(
        key in "input|headers|output|inputs|priority|options|name",
        value in r#"7|"a"|null|\{\}|\[1\]|\{"equals":(1|\{"a_b":\[null\]\})\}|\{"data":"x","code":70000\}"#,
    ) {
        reading(&format!(r#"[{{"service":"a","method":"b","output":{{}}}},
            {{"service":"a/b","method":"b","output":{{"data":1}},"{key}":{value}}}]"#));
    }
}
