//! Files of OTLP/JSON, in every form that exporters give them.

use super::super::note::*;
use super::encode::json;
use super::*;

#[test]
fn files_hold_a_request_a_line_or_one_over_many_lines() {
    let (one, two) = (json(&[client(1)]), json(&[server(2, 1)]));
    let lines = format!("\u{feff}\n{one}\r\n\n{two}");
    assert_eq!(of_file(lines.as_bytes(), &Limits::default()).0, [BOTH]);
    let both: serde_json::Value = serde_json::from_str(&json(&[client(1), server(2, 1)])).unwrap();
    let pretty = format!("\u{feff}{both:#}\n");
    let (lines, reading) = of_file(pretty.as_bytes(), &Limits::default());
    assert_eq!((lines, reading.bytes), (vec![BOTH.to_owned()], pretty.len() as u64));
    let small = Limits { entry_bytes_max: 100, ..Limits::default() };
    let (lines, reading) = of_file(pretty.as_bytes(), &small);
    assert_eq!((lines.len(), &*reading.unread[0].reason), (0, "longer than 100 bytes"));
    let snake = pretty
        .replace("resourceSpans", "resource_spans")
        .replace("scopeSpans", "scope_spans")
        .replace("stringValue", "string_value")
        .replace("startTimeUnixNano", "start_time_unix_nano")
        .replace("endTimeUnixNano", "end_time_unix_nano")
        .replace("parentSpanId", "parent_span_id")
        .replace("spanId", "span_id")
        .replace("traceId", "trace_id")
        .replace("intValue", "int_value")
        .replace("arrayValue", "array_value");
    assert_eq!(of_file(snake.as_bytes(), &Limits::default()).0, [BOTH]);
}

#[test]
fn broken_lines_are_told_alone() {
    let good = json(&[client(1)]);
    let odd_span = good.replace("\"kind\":3", "\"kind\":{}");
    let cut = &good[..good.len() - 9];
    let text = format!("{good}\nnot json\n{odd_span}\n[1]\n{{\"resourceSpans\":7}}\n{cut}");
    let (lines, reading) = of_file(text.as_bytes(), &Limits::default());
    assert_eq!(lines.len(), 1);
    let told: Vec<String> =
        reading.unread.iter().map(|u| format!("{}: {}", u.place, u.reason)).collect();
    let wrong = "not a request of OTLP: a value of the wrong kind";
    assert_eq!(
        told,
        [
            "line 2, column 1: not a JSON object".to_owned(),
            "line 3, span 1: a value of the wrong kind".to_owned(),
            "line 4, column 1: not a JSON object".to_owned(),
            format!("line 5, column 1: {wrong}"),
            format!("line 6, column {}: the JSON ends early", cut.len()),
        ]
    );
    let (_, reading) = of_file(b"\n{\"resourceMetrics\":[]}\n{}\n", &Limits::default());
    assert_eq!(reading.notes, [(NOTE_NO_SPANS, 2)].into());
    let small = Limits { line_bytes_max: 20, ..Limits::default() };
    let (_, reading) = of_file(format!("{{}}\n{good}\n\u{fe}").as_bytes(), &small);
    assert_eq!((&*reading.unread[0].place, reading.unread_total), ("line 2", 2));
}

#[test]
fn json_is_read_as_exporters_write_it() {
    let of = |from: &str, to: &str| {
        let text = json(&[client(1), server(2, 1)]).replace(from, to);
        let (lines, reading) = of_file(text.as_bytes(), &Limits::default());
        assert_eq!(lines, [BOTH], "{from}: {:?}", reading.unread);
        reading.notes
    };
    let plain = || std::collections::BTreeMap::from([(NOTE_NO_BODY, 1)]);
    let beside = |note, count| {
        let mut notes = plain();
        notes.insert(note, count);
        notes
    };
    assert_eq!(of("\"1000000000\"", "1000000000"), plain());
    assert_eq!(of("\"1000000000\"", "1.0e9"), plain());
    assert_eq!(of("\"intValue\":\"200\"", "\"intValue\":200"), plain());
    assert_eq!(of("\"scope\":{}", "\"new\":[{}],\"scope\":null"), plain());
    assert_eq!(of("\"kind\":3", "\"kind\":\"SPAN_KIND_CLIENT\""), beside(NOTE_ENUM_NAMES, 1));
    assert_eq!(of("{\"code\":0}", "{\"code\":\"STATUS_CODE_OK\"}"), beside(NOTE_ENUM_NAMES, 2));
    assert_eq!(of("{\"code\":0}", "null"), plain());
    let upper = "07".repeat(16);
    assert_eq!(of(&upper, "BwcHBwcHBwcHBwcHBwcHBw=="), beside(NOTE_BASE64_IDS, 2));
    let odd = json(&[client(1)]).replace(&upper, "xyz");
    let (_, reading) = of_file(odd.as_bytes(), &Limits::default());
    assert_eq!(reading.notes.get(NOTE_ODD_ID), Some(&1));
}

/// What the fixture shows, and what the same capture as HAR and the notes beside it say.
#[test]
fn the_fixture_is_read_whole() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/otlp/");
    let of = |file: &str| {
        let text = std::fs::read(format!("{path}{file}")).unwrap();
        of_file(&text, &Limits::default())
    };
    let (lines, reading) = of("json-server-017.ndjson");
    assert_eq!((lines.len(), reading.unread_total), (14, 0));
    assert!(lines.iter().all(|line| line.starts_with("admin-ui > catalog-api 017 ? ")));
    assert_eq!(reading.notes, [(NOTE_INTERNAL, 252), (NOTE_NO_BODY, 14)].into());
    let starts = "admin-ui > catalog-api 017 ? GET http|127.0.0.1:5201|/posts|\
                  _end=5&_order=DESC&_sort=views&_start=0|? ";
    assert!(lines[0].starts_with(starts), "{}", lines[0]);
    // The server's instrumentation went silent with the new version.
    let (lines, reading) = of("json-server-1b15.ndjson");
    assert_eq!((lines.len(), reading.unread_total), (14, 0));
    assert!(lines.iter().all(|line| line.starts_with("admin-ui > ? ? ? ")));
    assert_eq!(reading.notes, [(NOTE_CALLER_ONLY, 14), (NOTE_NO_BODY, 14)].into());
}
