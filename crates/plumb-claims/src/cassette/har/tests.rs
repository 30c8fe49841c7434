//! Tests of `har_claims`, over entries as proxies and browsers really wrote them.

use super::*;
use crate::tests_print::print;
use plumb_tree::read::parse;

#[track_caller]
fn check(text: &str, expected: &str) {
    let documents = parse("t.har", text.as_bytes()).unwrap().documents;
    let file = SourceFile { path: "tests/t.har", bytes: text.as_bytes() };
    assert!(is_like(&documents[0]), "{text}");
    assert_eq!(print(&read(&file, &documents, &|_| None)), expected);
}

/// Entries, each given from its `request` on, in a file of their own lines.
#[track_caller]
fn check_entries(entries: &[&str], expected: &str) {
    check(&format!("{{\"log\":{{\"entries\":[\n{}\n]}}}}", entries.join(",\n")), expected);
}

/// Two exchanges as they were recorded by a proxy, on one line.
const RECORDED: &str = concat!(
    r#"{"log":{"version":"1.2","creator":{"name":"mitmproxy","version":"11.0.2","comment":""},"#,
    r#""pages":[],"entries":[{"startedDateTime":"2026-11-21T00:15:22.800143+00:00","#,
    r#""time":2585.268259048462,"request":{"method":"POST","#,
    r#""url":"http://127.0.0.1:6111/api/2.0/mlflow/experiments/create","httpVersion":"HTTP/1.1","#,
    r#""cookies":[],"headers":[{"name":"Host","value":"127.0.0.1:6111"},"#,
    r#"{"name":"Accept","value":"*/*"},{"name":"Content-Type","value":"application/json"}],"#,
    r#""queryString":[],"headersSize":247,"bodySize":33,"postData":{"mimeType":"#,
    r#""application/json","text":"{\"name\": \"churn-0-1795220122785\"}","params":[]}},"#,
    r#""response":{"status":200,"statusText":"OK","httpVersion":"HTTP/1.1","cookies":[],"#,
    r#""headers":[{"name":"Server","value":"gunicorn"},"#,
    r#"{"name":"Date","value":"Sat, 21 Nov 2026 00:15:25 GMT"},"#,
    r#"{"name":"Connection","value":"close"},{"name":"Content-Type","value":"application/json"},"#,
    r#"{"name":"Content-Length","value":"26"}],"content":{"size":26,"compression":0,"#,
    r#""mimeType":"application/json","text":"{\n  \"experiment_id\": \"1\"\n}"},"#,
    r#""redirectURL":"","headersSize":173,"bodySize":26},"cache":{},"#,
    r#""timings":{"connect":9.7,"ssl":-1.0,"send":0.4,"receive":0.6,"wait":2574.4},"#,
    r#""serverIPAddress":"127.0.0.1"},{"startedDateTime":"2026-11-21T00:15:25.381327+00:00","#,
    r#""time":26.6,"request":{"method":"GET","url":"http://127.0.0.1:6111/api/2.0/mlflow/"#,
    r#"experiments/get-by-name?experiment_name=churn-0","httpVersion":"HTTP/1.1","cookies":[],"#,
    r#""headers":[],"queryString":[{"name":"experiment_name","value":"churn-0"}],"#,
    r#""headersSize":179,"bodySize":0},"response":{"status":404,"statusText":"NOT FOUND","#,
    r#""headers":[{"name":"Content-Type","value":"text/html; charset=utf-8"}],"#,
    r#""content":{"size":15,"mimeType":"text/html; charset=utf-8","text":"<h1>Gone</h1>\r\n"}},"#,
    r#""cache":{},"timings":{}}]}}"#,
);

#[test]
fn a_real_har_says_what_was_recorded() {
    check(
        RECORDED,
        r#"1:110 example POST /api/2.0/mlflow/experiments/create exactly -> 200
  called POST http://127.0.0.1:6111/api/2.0/mlflow/experiments/create
  request media-type application/json: always present
  request $: always record
  request $.name: always text
  response header server: always text
  response media-type application/json: always present
  response $: always record
  response $.experiment_id: always digits
1:1198 example GET /api/2.0/mlflow/experiments/get-by-name exactly -> 404
  called GET http://127.0.0.1:6111/api/2.0/mlflow/experiments/get-by-name
  request query experiment_name: always text in "churn-0"
  request $: never
  response media-type text/html: always present
  response $: always not JSON
"#,
    );
}

#[test]
fn what_browsers_leave_out_is_unknown_and_counted() {
    check_entries(
        &[
            // Evicted body; pseudo-headers; own fields.
            r#"{"request":{"method":"GET","url":"https://h/a","headers":[{"name":":path","value":"/a"}],"bodySize":-1},"response":{"status":200,"headers":[{"name":":status","value":"200"}],"content":{"size":9,"mimeType":"image/png"},"_error":null},"_initiator":{}}"#,
            // An unknown size says as little.
            r#"{"request":{"method":"GET","url":"https://h/b"},"response":{"status":200,"content":{"size":-1}}}"#,
            r#"{"request":{"method":"POST","url":"https://h/c","bodySize":12},"response":{"status":200,"content":{"size":0,"mimeType":"x-unknown"}}}"#,
        ],
        "2:1 example GET /a exactly -> 200, by h
  called GET https://h/a
  request $: never
  response media-type image/png: always present
  response $: sometimes all, anything beneath
3:1 example GET /b exactly -> 200, by h
  called GET https://h/b
  request $: never
  response $: sometimes all, anything beneath
4:1 example POST /c exactly -> 200, by h
  called POST https://h/c
  request $: sometimes all, anything beneath
  response $: never
unread 2: a body is not in the file, nothing is said about it (3 times)
  so export again with content, in DevTools before the page is left
",
    );
}

#[test]
fn bodies_are_found_where_they_are_kept() {
    check_entries(
        &[
            r#"{"request":{"method":"POST","url":"https://h/form","postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"a&b","value":"c=d"},{"name":"n","value":"1"}]}},"response":{"status":200,"content":{"size":8,"mimeType":"application/json","encoding":"base64","text":"eyJhIjoxfQ=="}}}"#,
            r#"{"request":{"method":"POST","url":"https://h/file","postData":{"mimeType":"multipart/form-data","params":[{"name":"f"}]}},"response":{"status":200,"headers":[{"name":"Content-Encoding","value":"br"}],"content":{"encoding":"base64","text":"/w=="}}}"#,
            r#"{"request":{"method":"HEAD","url":"https://h/"},"response":{"status":200,"content":{"size":9}}}"#,
            r#"{"request":{"method":"GET","url":"https://h/"},"response":{"status":304,"content":{"size":2,"mimeType":"text/css","text":"a{"}}}"#,
        ],
        r#"2:1 example POST /form exactly -> 200, by h
  called POST https://h/form
  request media-type application/x-www-form-urlencoded: always present
  request $: always record
  request $["a&b"]: always text
  request $.n: always digits
  response media-type application/json: always present
  response $: always record
  response $.a: always int32
3:1 example POST /file exactly -> 200, by h
  called POST https://h/file
  request media-type multipart/form-data: always present
  request $: sometimes all, anything beneath
  response header content-encoding: always text
  response $: always not JSON
4:1 example HEAD / exactly -> 200, by h
  called HEAD https://h/
  request $: never
  response $: never
5:1 example GET / exactly -> 304, by h
  called GET https://h/
  request $: never
  response $: never
unread 3: a body is not in the file, nothing is said about it
  so export again with content, in DevTools before the page is left
"#,
    );
}

#[test]
fn entries_without_an_exchange_are_counted() {
    check_entries(
        &[
            r#"{"request":{"method":"GET","url":"https://h/"},"response":{"status":0}}"#,
            r#"{"request":{"method":"GET","url":"https://h/"},"response":{"status":0}}"#,
            r#"{"request":{"method":"GET","url":"data:text/plain,a"},"response":{"status":200}}"#,
            r#"{"request":{"url":"https://h/"},"response":{"status":200}}"#,
            r#"{"request":{"method":"GET","url":"https://h/"},"response":{"status":999}}"#,
            "7",
        ],
        "unread 2: an entry has status 0: blocked, cancelled or failed, with no answer (2 times)
  so record the request again, or leave it
unread 4: an entry's address is not an absolute http address
  so leave it: nothing went over the network
unread 5: an interaction has no request with a method and an absolute http address (2 times)
  so record it again, or take it out
unread 6: an interaction has no answer with a status from 100 to 599
  so record it again, or take it out
",
    );
    let missing = "unread 1: `log.entries` is missing or not a list\n  so export the file again\n";
    check(r#"{"log":{"creator":{},"version":"1.2"}}"#, missing);
    check(r#"{"log":{"entries":{}}}"#, missing);
}

#[test]
fn other_logs_are_not_hars() {
    let like = |text: &str| is_like(&parse("t.json", text.as_bytes()).unwrap().documents[0]);
    assert!(!like(r#"{"log":{"level":"info","version":1}}"#));
    assert!(!like(r#"{"log":"entries"}"#));
    assert!(!like("[]"));
}
