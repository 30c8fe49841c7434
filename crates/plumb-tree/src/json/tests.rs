//! Tests of the JSON reader: spans, tolerance, errors, bounds and laws over generated documents.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn check(input: &str, expected: Result<&str, &str>) {
    let found = parse_json(input.as_bytes());
    let found = found.map(|parsed| parsed.documents[0].to_json_text()).map_err(|e| e.to_string());
    assert_eq!(found.as_deref().map_err(String::as_str), expected, "{input}");
}

fn check_notes(input: &str, expected: &[&str]) {
    let notes = parse_json(input.as_bytes()).unwrap().notes;
    let found: Vec<String> = (notes.kept.iter())
        .map(|note| format!("{}:{} {} x{}", note.line, note.column, note.reason, note.times))
        .collect();
    assert_eq!(found, expected, "{input}");
}

#[test]
fn documents() {
    check(" [1, -0.50, 1E+2, true, false, null] ", Ok("[1,-0.50,1E+2,true,false,null]"));
    check(r#"{"a":{"b":[]},"a":{}}"#, Ok(r#"{"a":{"b":[]},"a":{}}"#));
    check(r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#, Ok(r#""\"\\/\b\f\n\r\té😀""#));
    check("\u{feff}1", Ok("1"));
}

#[test]
fn errors_say_where_and_what() {
    check("", Err("line 1, column 1: the file ends where a value is expected"));
    check("{\n  'a': 1}", Err("line 2, column 3: expected a key in double quotes, not `'`"));
    check("[\"ü\" 1]", Err("line 1, column 6: expected `,` or `]`, not `1`"));
    check("[012]", Err("line 1, column 3: expected `,` or `]`, not `1`"));
    check("[1.]", Err("line 1, column 4: expected a digit, not `]`"));
    check("[1,,2]", Err("line 1, column 4: expected a value, not `,`"));
    check("{\"a\" 1}", Err("line 1, column 6: expected `:` after the key, not `1`"));
    check("[\n \"a", Err("line 2, column 2: the string that begins here is never closed"));
    let control = "line 1, column 3: a control character must be escaped in a string";
    check("\"a\n\"", Err(control));
    check(r#""\x""#, Err("line 1, column 2: a backslash begins no known escape here"));
    let digits = "line 1, column 2: `\\u` must be followed by four hexadecimal digits";
    check(r#""\u+123""#, Err(digits));
    check("1 2", Err("line 1, column 3: expected nothing more, not `2`"));
    check("[1 /* x", Err("line 1, column 4: the comment that begins here is never closed"));
    check("nul", Err("line 1, column 1: expected a value, not `n`"));
    check("[1/2]", Err("line 1, column 3: expected a value, a comma or a bracket, not `/`"));
}

#[test]
fn tolerated_habits_are_noted() {
    let comment = "a comment is skipped, strict JSON has none";
    let comma = "a trailing comma is tolerated, strict JSON has none";
    check_notes(
        "// one\n{\n \"a\": [1, /* two\n */ ],\n}",
        &[&format!("1:1 {comment} x2"), &format!("4:5 {comma} x2")],
    );
    check_notes(
        r#"["\ud800", "\ud800\u0041"]"#,
        &["1:3 half of a surrogate pair is read as U+FFFD x2"],
    );
    check_notes("{\"a\": [1]}", &[]);
}

#[test]
fn spans_are_the_bytes_of_the_token() {
    let source = "\u{feff}{ \"kéy\" : [ -1.5e3 , \"ü\\n\" , {} ],\n\t\"kéy\": null }\n";
    let document = parse_json(source.as_bytes()).unwrap().documents.remove(0);
    let slice = |start: usize, end: usize| &source[start..end];
    let entries = document.entries();
    let (key, list) = &entries[0];
    assert_eq!(slice(key.start, key.end), "\"kéy\"");
    assert_eq!(slice(list.start, list.end), "[ -1.5e3 , \"ü\\n\" , {} ]");
    let tokens: Vec<_> = list.items().iter().map(|item| slice(item.start, item.end)).collect();
    assert_eq!(tokens, ["-1.5e3", "\"ü\\n\"", "{}"]);
    let places: Vec<_> = list.items().iter().map(|item| (item.line, item.column)).collect();
    assert_eq!(places, [(1, 13), (1, 22), (1, 30)]);
    let (key, nothing) = &entries[1];
    assert_eq!((key.line, key.column, nothing.line, nothing.column), (2, 2, 2, 9));
    assert_eq!(slice(document.start, document.end), source[3..].trim_end());
}

#[test]
fn bounds_end_with_a_reason() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(parse_json(nested(DEPTH_MAX).as_bytes()).is_ok());
    check(&nested(DEPTH_MAX + 1), Err("line 1, column 129: nested deeper than 128 levels"));
    let broken = parse_json("[".repeat(1 << 20).as_bytes()).unwrap_err();
    assert_eq!(broken.column, 129);
    let many = format!("[{}0]", "0,".repeat(NODES_MAX));
    let broken = parse_json(many.as_bytes()).unwrap_err();
    assert_eq!(broken.reason, "the file has more than 2000000 values");
    let large = vec![b' '; crate::FILE_BYTES_MAX + 1];
    assert_eq!(parse_json(&large).unwrap_err().reason, "the file is larger than 64 MiB");
}

/// Any JSON value of moderate size, floats included.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|truth| json!(truth)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(|items| json!(items)),
            prop::collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|entries| json!(entries)),
        ]
    })
}

/// Every value and key must be found again, alone, at its own bytes.
fn assert_spans(source: &str, node: &Node) {
    let alone = parse_json(&source.as_bytes()[node.start..node.end]).unwrap();
    assert_eq!(alone.documents[0].to_json_text(), node.to_json_text());
    for item in node.items() {
        assert_spans(source, item);
    }
    for (key, child) in node.entries() {
        let alone = parse_json(&source.as_bytes()[key.start..key.end]).unwrap();
        assert_eq!(alone.documents[0].as_str(), Some(key.text.as_str()));
        assert_spans(source, child);
    }
}

/// Text that is often nearly JSON.
const JSON_LIKE: &str = r#"[\[\]{},:"\\0-9.eE+a-z \n-]{0,24}"#;

proptest! {
    #[test]
    fn compact_json_comes_back_byte_for_byte(value in any_json()) {
        let source = value.to_string();
        let parsed = parse_json(source.as_bytes()).unwrap();
        prop_assert_eq!(parsed.documents[0].to_json_text(), source);
        prop_assert_eq!(parsed.notes, Notes::default());
    }

    #[test]
    fn every_span_holds_its_own_value(value in any_json()) {
        let source = format!("{value:#}");
        let parsed = parse_json(source.as_bytes()).unwrap();
        assert_spans(&source, &parsed.documents[0]);
    }

    #[test]
    fn any_bytes_are_a_result(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_json(&bytes);
    }

    #[test]
    fn what_looks_like_json_agrees_with_the_standard(source in JSON_LIKE) {
        let ours = parse_json(source.as_bytes());
        let standard = serde_json::from_str::<serde_json::Value>(&source);
        if let Ok(parsed) = &ours && parsed.notes == Notes::default() {
            let finite = parsed.documents[0].to_json_text();
            prop_assert!(standard.is_ok() || finite.contains(['e', 'E']), "{source}");
        }
        prop_assert!(ours.is_ok() || standard.is_err(), "{source}");
    }
}
