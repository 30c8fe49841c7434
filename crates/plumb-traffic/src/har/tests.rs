//! HAR text in, exchanges and account out.

use proptest::prelude::*;

use super::*;

/// One line per exchange, then the account, as the tests compare them.
fn told(text: &[u8]) -> (Vec<String>, Reading) {
    let mut lines = Vec::new();
    let mut sink = |exchange: Exchange<'_>| lines.push(line(&exchange));
    let reading = read(&mut &*text, &mut sink, &Limits::default()).unwrap();
    assert_eq!(reading.exchanges, lines.len() as u64);
    (lines, reading)
}

fn line(exchange: &Exchange<'_>) -> String {
    let body = |message: &Message<'_>| match &message.body {
        Body::Absent => "-".to_owned(),
        Body::Withheld(reason) => format!("({reason})"),
        Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Body::Document(json) => String::from_utf8_lossy(json).into_owned(),
    };
    let url = format!("{}|{}|{}", exchange.scheme, exchange.host, exchange.path);
    let query: Vec<_> = exchange.query.iter().map(|(k, v)| format!("{k}={v}")).collect();
    format!(
        "{} {url}|{} {} -> {} {}",
        exchange.method,
        query.join("&"),
        body(&exchange.request),
        exchange.status,
        body(&exchange.response)
    )
}

fn har(entries: &str) -> String {
    format!(r#"{{"log":{{"version":"1.2","entries":[{entries}]}}}}"#)
}

fn entry(request: &str, response: &str) -> String {
    let request = format!(r#"{{"method":"GET","url":"http://h/"{request}}}"#);
    let rest = format!(r#""time":2.5,"request":{request},"response":{{"status":200{response}}}"#);
    format!(r#"{{"startedDateTime":"1970-01-01T00:00:01Z",{rest}}}"#)
}

/// Expects one exchange, and these notes.
fn check(entry: &str, expected: &str, notes: &[&str]) {
    let (lines, reading) = told(har(entry).as_bytes());
    assert_eq!(lines, [expected], "{entry}: {:?}", reading.unread);
    assert_eq!(reading.notes.keys().copied().collect::<Vec<_>>(), notes, "{entry}");
}

/// Expects no exchange, and this reason or note.
fn check_refused(entry: &str, expected: &str) {
    let (lines, reading) = told(har(entry).as_bytes());
    assert!(lines.is_empty(), "{lines:?}");
    let reasons = reading.unread.iter().map(|unread| unread.reason.as_str());
    let reasons: Vec<_> = reasons.chain(reading.notes.keys().copied()).collect();
    assert_eq!(reasons, [expected], "{entry}");
}

#[test]
fn an_entry_becomes_an_exchange() {
    let text = har(r#"{"startedDateTime":"1970-01-01T02:00:01.25+02:00","time":17.5,
        "request":{"method":"POST","url":"https://u:p@API.h:443/a%20b?x=1+2#f","headers":[
            {"name":"Accept","value":"a"},{"name":"accept","value":"b","comment":"c"}],
            "postData":{"mimeType":"application/json","text":"{\"a\":\"\u00fc\"}"}},
        "response":{"status":201,"headers":[{"name":"Content-Type","value":"application/json"}],
            "content":{"size":2,"mimeType":"text/x","text":"{}"}}}"#);
    let mut seen = false;
    let mut sink = |exchange: Exchange<'_>| {
        seen = true;
        assert_eq!((exchange.time_ms, exchange.latency_ms), (Some(1_250), Some(17.5)));
        assert_eq!(line(&exchange), r#"POST https|api.h|/a%20b|x=1 2 {"a":"ü"} -> 201 {}"#);
        let pairs = [("Accept", "a"), ("accept", "b")];
        assert_eq!(exchange.request.headers, pairs.map(|(k, v)| (k.into(), v.into())));
        assert_eq!(exchange.request.media_type.as_deref(), Some("application/json"));
        assert_eq!(exchange.response.media_type.as_deref(), Some("application/json"));
        assert!(exchange.writer.is_none() && exchange.caller.is_none());
    };
    let reading = read(&mut text.as_bytes(), &mut sink, &Limits::default()).unwrap();
    assert!(seen);
    assert_eq!((reading.exchanges, reading.unread_total, reading.bytes), (1, 0, text.len() as u64));
    assert!(reading.notes.is_empty());
}

#[test]
fn bodies_left_out_are_withheld_not_absent() {
    let check_content = |content: &str, expected: &str| {
        let response = format!(r#","content":{content}"#);
        check(&entry("", &response), &format!("GET http|h|/| - -> 200 {expected}"), &[]);
    };
    let evicted = "(the recorder did not keep it)";
    check_content(r#"{"size":9}"#, evicted);
    check_content(r#"{"size":9,"text":""}"#, evicted);
    check_content(r#"{"size":0}"#, "-");
    check_content(r#"{"size":-1}"#, "-");
    check_content("null", "-");
    check_content(r#"{"size":-1},"bodySize":5"#, evicted);
    check_content(r#"{},"headers":[{"name":"content-length","value":"5"}]"#, evicted);
    check_content(r#"{"text":"e30","encoding":"base64"}"#, "{}");
    check_content(r#"{"text":"e30=","encoding":"base64"}"#, "{}");
    check_content(r#"{"text":"!","encoding":"base64"}"#, "(does not decode)");
    check_content(r#"{"text":"x","encoding":"rot13"}"#, "(unknown content encoding)");
    check_content(
        r#"{"text":"6Q==","encoding":"base64","mimeType":"text/plain; charset=latin1"}"#,
        "é",
    );
    check(&entry(r#","bodySize":7"#, ""), &format!("GET http|h|/| {evicted} -> 200 -"), &[]);
    let not_modified = entry("", r#","status":304,"content":{"size":9}"#);
    check(&not_modified, "GET http|h|/| - -> 304 -", &[NOTE_REPEATED_KEY]);
}

#[test]
fn forms_are_rebuilt_from_their_fields() {
    let check_post = |data: &str, expected: &str| {
        let request = format!(r#","postData":{data}"#);
        check(&entry(&request, ""), &format!("GET http|h|/| {expected} -> 200 -"), &[]);
    };
    let params = r#""params":[{"name":"a b","value":"1&2"},{"name":"c"}]"#;
    check_post(
        &format!(r#"{{"mimeType":"application/x-www-form-urlencoded",{params}}}"#),
        "a%20b=1%262&c=",
    );
    check_post(&format!(r#"{{"mimeType":"text/plain","text":"raw",{params}}}"#), "raw");
    check_post(
        &format!(r#"{{"mimeType":"multipart/form-data; boundary=x","text":"",{params}}}"#),
        "(multipart form kept only as parts)",
    );
    check_post(r#"{"text":"e30=","encoding":"base64"}"#, "{}");
}

#[test]
fn authority_and_host_are_found() {
    let headers = r#","headers":[{"name":":authority","value":"Real.h"},
        {"name":":path","value":"/"},{"name":"a","value":"b"}]"#;
    check(&entry(headers, ""), "GET http|real.h|/| - -> 200 -", &[]);
    let relative = r#","url":"/x?a","headers":[{"name":"HOST","value":"H:80"}]"#;
    check(&entry(relative, ""), "GET |h:80|/x|a= - -> 200 -", &[NOTE_REPEATED_KEY]);
    let listed = r#","queryString":[{"name":"q","value":"1"}]"#;
    check(&entry(listed, ""), "GET http|h|/|q=1 - -> 200 -", &[]);
    let both = r#","url":"http://h/?r=2","queryString":[{"name":"q","value":"1"}]"#;
    check(&entry(both, ""), "GET http|h|/|r=2 - -> 200 -", &[NOTE_REPEATED_KEY]);
}

#[test]
fn what_is_no_exchange_is_left_out_with_a_reason() {
    check_refused(&entry("", "").replace("http://h/", "data:text/plain,x"), NOTE_LOCAL);
    check_refused(&entry("", "").replace("http://h/", "blob:http://h/1"), NOTE_LOCAL);
    check_refused(&entry("", "").replace("http://h/", "chrome-extension://x/y"), NOTE_LOCAL);
    check_refused(&entry("", "").replace("http://h/", "wss://h/"), NOTE_WEB_SOCKET);
    check_refused(
        &entry("", "").replace("\"time\"", "\"_webSocketMessages\":[{}],\"time\""),
        NOTE_WEB_SOCKET,
    );
    check_refused(
        &entry("", "").replace("\"time\"", "\"_resourceType\":\"websocket\",\"time\""),
        NOTE_WEB_SOCKET,
    );
    check_refused(
        &entry("", "").replace("\"time\"", "\"_fromCache\":\"disk\",\"time\""),
        NOTE_CACHED,
    );
}

#[test]
fn broken_entries_are_unread_with_a_reason() {
    let status = |with: &str| entry("", "").replace("\"status\":200", with);
    check_refused(&status("\"status\":0"), "no response: aborted, blocked or failed");
    check_refused(
        &status("\"status\":0,\"_error\":\"net::ERR_ABORTED\""),
        "no response: aborted, blocked or failed: `net::ERR_ABORTED`",
    );
    check_refused(&status("\"status\":7"), "`response.status` is no status code");
    check_refused(&status("\"status\":[]"), "`response.status` is no status code");
    check(&status("\"status\":\"404\""), "GET http|h|/| - -> 404 -", &[]);
    check_refused("{}", "no `request`");
    check_refused(r#"{"request":null,"response":{}}"#, "no `request`");
    check_refused(r#"{"request":{}}"#, "no `response`");
    check_refused(r#"{"request":{},"response":{}}"#, "no `request.method`");
    check_refused(r#"{"request":{"method":"GET","url":5},"response":{}}"#, "no `request.url`");
    check_refused(
        r#"{"request":"secret"}"#,
        "a part of the wrong kind, at line 1 column 19 of the entry",
    );
    check_refused(r#"{"a" 1}"#, "not valid JSON, at line 1 column 6 of the entry");
    check_refused("3", "a number, where an object was expected");
}

#[test]
fn times_are_read_or_noted() {
    let at = |time: &str| entry("", "").replace("\"1970-01-01T00:00:01Z\"", time);
    let line = "GET http|h|/| - -> 200 -";
    check(&at("\"2026-11-21T00:26:06.318728-03:30\""), line, &[]);
    check(&at("\"2026-11-21T00:26:06\""), line, &[crate::reading::NOTE_NO_OFFSET]);
    check(&at("\"soon\""), line, &[NOTE_NO_TIME]);
    check(&at("null"), line, &[NOTE_NO_TIME]);
}

#[test]
fn custom_and_repeated_keys_are_survived() {
    let custom = r#","_x":{"y":[1,{"z":"}"}]},"cookies":[],"_initiator":null"#;
    check(&entry(custom, custom), "GET http|h|/| - -> 200 -", &[]);
    check(&entry(r#","method":"PUT""#, ""), "PUT http|h|/| - -> 200 -", &[NOTE_REPEATED_KEY]);
    check(
        &entry(r#","headers":[{"value":"nameless"},{"name":"a","value":null}]"#, ""),
        "GET http|h|/| - -> 200 -",
        &[NOTE_PAIRS_LOST],
    );
}

#[test]
fn text_that_is_not_utf8_is_read_and_noted() {
    let text = har(&entry("", r#","content":{"text":"a?b"}"#)).replace('?', "\u{1}");
    let bytes: Vec<_> = text.bytes().map(|byte| if byte == 1 { 0xff } else { byte }).collect();
    let (lines, reading) = told(&bytes);
    assert_eq!(lines, ["GET http|h|/| - -> 200 a\u{fffd}b"]);
    assert_eq!(reading.notes[NOTE_NOT_UTF8], 1);
}

#[test]
fn an_empty_har_is_no_error() {
    let (lines, reading) = told(har("").as_bytes());
    assert_eq!((lines.len(), reading.unread_total), (0, 0));
}

#[test]
fn gzip_is_undone() {
    use std::io::Write;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(har(&entry("", "")).as_bytes()).unwrap();
    assert_eq!(told(&gzip.finish().unwrap()).0, ["GET http|h|/| - -> 200 -"]);
}

#[test]
fn memory_is_bounded_by_the_longest_entry() {
    let long = entry("", &format!(r#","content":{{"text":"{}"}}"#, "x".repeat(300)));
    let text = har(&[entry("", ""), long, entry("", "")].join(","));
    let mut count = 0;
    let limits = Limits { entry_bytes_max: 200, ..Limits::default() };
    let reading = read(&mut text.as_bytes(), &mut |_| count += 1, &limits).unwrap();
    assert_eq!((count, reading.unread_total), (2, 1));
    assert_eq!(reading.unread[0].reason, "longer than 200 bytes");
}

/// A HAR of three entries, and where each ends.
fn three() -> (String, Vec<usize>) {
    let entries: Vec<_> = (0..3)
        .map(|n| {
            entry(
                &format!(r#","n":"\"}}{n}""#),
                &format!(r#","content":{{"text":"{{\"n\":{n}}}"}}"#),
            )
        })
        .collect();
    let text = har(&entries.join(","));
    let ends = entries.iter().map(|entry| text.find(entry.as_str()).unwrap() + entry.len());
    let ends = ends.collect();
    (text, ends)
}

#[test]
fn a_cut_anywhere_leaves_the_whole_entries_before_it() {
    let (text, ends) = three();
    let (whole, _) = told(text.as_bytes());
    for cut in 0..text.len() {
        let (lines, reading) = told(&text.as_bytes()[..cut]);
        let expected = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(lines, whole[..expected], "cut at {cut}");
        assert_eq!(reading.unread_total, 1, "cut at {cut}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        told(&bytes);
    }

    #[test]
    fn any_entry_is_taken(text in "[\\[\\]{},:\"\\\\a-z0-9 .-]{0,80}") {
        told(har(&text).as_bytes());
        told(har(&entry(&text, &text)).as_bytes());
    }

    #[test]
    fn a_changed_byte_is_survived(at in 0..900_usize, byte in any::<u8>()) {
        let mut bytes = three().0.into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        told(&bytes);
    }
}
