//! Lines in, exchanges and account out.

use proptest::prelude::*;

use super::*;

fn told(text: &[u8], limits: &Limits) -> (Vec<String>, Reading) {
    let mut lines = Vec::new();
    let mut sink = |exchange: Exchange<'_>| lines.push(line(&exchange));
    let reading = read(&mut &*text, &mut sink, limits).unwrap();
    (lines, reading)
}

fn line(exchange: &Exchange<'_>) -> String {
    let side = |message: &Message<'_>| {
        let body = match &message.body {
            Body::Absent => "-".to_owned(),
            Body::Withheld(reason) => format!("({reason})"),
            Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Body::Document(json) => String::from_utf8_lossy(json).into_owned(),
        };
        let headers: Vec<_> = message.headers.iter().map(|(k, v)| format!("{k}={v}")).collect();
        format!("[{}] {}", headers.join(" "), body)
    };
    let query: Vec<_> = exchange.query.iter().map(|(k, v)| format!("{k}={v}")).collect();
    format!(
        "{} {}|{}|{}|{} {} -> {} {}",
        exchange.method,
        exchange.scheme,
        exchange.host,
        exchange.path,
        query.join("&"),
        side(&exchange.request),
        exchange.status,
        side(&exchange.response)
    )
}

fn check(keys: &str, expected: &str) {
    let text = format!(r#"{{"v":1,"method":"GET",{keys}}}"#);
    let (lines, reading) = told(text.as_bytes(), &Limits::default());
    assert_eq!(lines, [expected], "{text}: {:?}", reading.unread);
}

fn check_refused(text: &str, expected: &str) {
    let (lines, reading) = told(text.as_bytes(), &Limits::default());
    assert_eq!(lines, [""; 0], "{text}");
    let told: Vec<_> =
        reading.unread.iter().map(|u| format!("{}: {}", u.place, u.reason)).collect();
    assert_eq!(told, [expected], "{text}");
}

#[test]
fn an_address_comes_whole_or_in_parts() {
    let empty = "[] - -> 0 [] -";
    check(r#""url":"https://A.h:443/p%20q?x=1+2""#, &format!("GET https|a.h|/p%20q|x=1 2 {empty}"));
    check(r#""url":"http:\/\/h\/p?a""#, &format!("GET http|h|/p|a= {empty}"));
    check(r#""host":"H:1","path":"/p","query":"a=b""#, &format!("GET |h:1|/p|a=b {empty}"));
    check(r#""path":"/p","host":null"#, &format!("GET ||/p| {empty}"));
    let url = "line 1: needs either `url`, or `path` with `host` and `query`";
    check_refused(r#"{"v":1,"method":"GET"}"#, url);
    check_refused(r#"{"v":1,"method":"GET","url":"/","path":"/"}"#, url);
    check_refused(r#"{"v":1,"method":"GET","url":"/","host":"h"}"#, url);
    let path = "line 1: `path` must begin with `/`, without `?` and `#`";
    check_refused(r#"{"v":1,"method":"GET","path":"/a?b"}"#, path);
    check_refused(r#"{"v":1,"method":"GET","path":"a"}"#, path);
}

#[test]
fn a_json_body_keeps_its_very_bytes() {
    let with = |side: &str| format!(r#""url":"/","status":200,"response":{side}"#);
    let start = "GET ||/| [] - -> 200";
    check(
        &with(r#"{"body": {"b" : 1.50, "a":[ ]} }"#),
        &format!("{start} [] {{\"b\" : 1.50, \"a\":[ ]}}"),
    );
    check(&with(r#"{"body":null}"#), &format!("{start} [] null"));
    check(&with(r#"{"body_text":"x\ny"}"#), &format!("{start} [] x\ny"));
    check(&with(r#"{"body_text":""}"#), &format!("{start} [] -"));
    check(&with(r#"{"body_base64":"e30="}"#), &format!("{start} [] {{}}"));
    check(
        &with(r#"{"body_withheld":true}"#),
        &format!("{start} [] (the recorder did not keep it)"),
    );
    check(&with("{}"), &format!("{start} [] -"));
    check(
        &with(r#"{"headers":{"A":"1","b":["2","3"],":status":"200","c":[]}}"#),
        &format!("{start} [A=1 b=2 b=3] -"),
    );
    let line = |side: &str| format!(r#"{{"v":1,"method":"GET","url":"/","request":{side}}}"#);
    check_refused(&line(r#"{"body_base64":"?"}"#), "line 1: `body_base64` is not base64");
    check_refused(
        &line(r#"{"body":1,"body_text":"1"}"#),
        "line 1: one of `body`, `body_text`, `body_base64`, `body_withheld` at most",
    );
}

#[test]
fn all_keys_arrive() {
    let text = concat!(
        r#"{"v":1,"time":"1970-01-01T01:00:01+01:00","method":"PUT","url":"http://h/","#,
        r#""status":204,"request":{"body":[]},"latency_ms":1.5,"caller":"c","writer":"w","#,
        r#""reader":"r","version":"3.1","environment":"production"}"#
    );
    let mut sink = |exchange: Exchange<'_>| {
        assert_eq!((exchange.time_ms, exchange.latency_ms), (Some(1_000), Some(1.5)));
        assert_eq!(exchange.request.media_type.as_deref(), Some("application/json"));
        let said = [exchange.caller, exchange.writer, exchange.reader, exchange.version];
        assert_eq!(said.map(Option::unwrap_or_default), ["c", "w", "r", "3.1"]);
        assert_eq!(exchange.environment.as_deref(), Some("production"));
    };
    assert_eq!(read(&mut text.as_bytes(), &mut sink, &Limits::default()).unwrap().exchanges, 1);
}

fn check_time(time: &str, expected: Option<i64>) {
    let text = format!(r#"{{"v":1,"method":"GET","url":"/","time":{time}}}"#);
    let mut seen = None;
    let mut sink = |exchange: Exchange<'_>| seen = exchange.time_ms;
    read(&mut text.as_bytes(), &mut sink, &Limits::default()).unwrap();
    assert_eq!(seen, expected, "{time}");
}

#[test]
fn times_are_text_or_milliseconds() {
    check_time("1500", Some(1_500));
    check_time("-1", Some(-1));
    check_time("1500.6", Some(1_501));
    check_time("\"1970-01-01T00:00:01.5Z\"", Some(1_500));
    check_time("null", None);
    check_time("\"then\"", None);
    check_time("1e300", None);
    check_time("18446744073709551615", None);
}

#[test]
fn misfits_are_told_without_their_values() {
    check_refused("{", "line 1: not a JSON object, at column 1");
    check_refused("[1]", "line 1: a value of the wrong kind, at column 1");
    check_refused("null", "line 1: a value of the wrong kind, at column 0");
    check_refused(
        r#"{"v":1,"method":"G","url":"/","request":[]}"#,
        "line 1: a value of the wrong kind, at column 42",
    );
    check_refused(r#"{"v":1}"#, "line 1: missing key `method`");
    check_refused(r#"{"v":1,"v":1}"#, "line 1: duplicate key `v`");
    check_refused(r#"{"v":1,"secret":5}"#, "line 1: unknown key before column 15");
    check_refused(r#"{"v":1,"method":7777}"#, "line 1: a value of the wrong kind, at column 20");
    check_refused("\n \n{\"v\":2,\"new\":[]}", "line 3: version 2; version 1 is read here");
    check_refused(r#"{"v":0,"method":"G","url":"/"}"#, "line 1: version 0; version 1 is read here");
    check_refused(
        r#"{"v":1,"method":"G","url":"/","status":7}"#,
        "line 1: `status` is neither 0 nor 100 to 999",
    );
    check_refused(
        r#"{"v":1,"method":"G","url":"/","latency_ms":-1}"#,
        "line 1: `latency_ms` is negative",
    );
}

#[test]
fn lines_are_bounded_and_counted() {
    let line = r#"{"v":1,"method":"GET","url":"/"}"#;
    let text = format!("\u{feff}{line}\r\n\n{}\n{line}\n\u{1}", "x".repeat(99));
    let text: Vec<_> = text.bytes().map(|byte| if byte == 1 { 0xff } else { byte }).collect();
    let limits = Limits { line_bytes_max: 60, ..Limits::default() };
    let (lines, reading) = told(&text, &limits);
    assert_eq!(lines.len(), 2);
    let told: Vec<_> =
        reading.unread.iter().map(|u| format!("{}: {}", u.place, u.reason)).collect();
    assert_eq!(told, ["line 3: longer than 60 bytes", "line 5: not UTF-8 from column 1 on"]);
}

proptest! {
    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        told(&bytes, &Limits::default());
    }

    #[test]
    fn a_changed_byte_is_survived(at in any::<usize>(), byte in any::<u8>()) {
        let line = concat!(
            r#"{"v":1,"time":1,"method":"GET","url":"/?a=%41","#,
            r#""request":{"headers":{"a":["b"]},"body":{}}}"#
        );
        let mut bytes = line.as_bytes().to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        told(&bytes, &Limits::default());
        told(&bytes[..at], &Limits::default());
    }
}
