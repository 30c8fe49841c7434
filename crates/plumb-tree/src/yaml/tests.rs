//! Tests of the YAML reader: values, spans, notes, bounds, and agreement with the JSON reader.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::json::parse_json;

fn check(input: &str, expected: Result<&str, &str>) {
    let found = parse_yaml(input.as_bytes()).map_err(|broken| broken.to_string());
    let texts = |parsed: Parsed| {
        let documents = parsed.documents.iter();
        documents.map(Node::to_json_text).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found.map(texts).as_deref().map_err(String::as_str), expected, "{input}");
}

fn check_notes(input: &str, expected: &[&str]) {
    let notes = parse_yaml(input.as_bytes()).unwrap().notes;
    let found: Vec<String> = (notes.kept.iter())
        .map(|note| format!("{}:{} {} x{}", note.line, note.column, note.reason, note.times))
        .collect();
    assert_eq!(found, expected, "{input}");
}

/// `expected` lists the bytes of every key and value, outermost first, with line and column.
fn check_spans(source: &str, expected: &[&str]) {
    let parsed = parse_yaml(source.as_bytes()).unwrap();
    let mut found = Vec::new();
    for document in &parsed.documents {
        list_spans(source, document, &mut found);
    }
    assert_eq!(found, expected, "{source}");
}

fn list_spans(source: &str, node: &Node, found: &mut Vec<String>) {
    found.push(format!("{}:{} {}", node.line, node.column, &source[node.start..node.end]));
    for item in node.items() {
        list_spans(source, item, found);
    }
    for (key, child) in node.entries() {
        found.push(format!("{}:{} {}", key.line, key.column, &source[key.start..key.end]));
        list_spans(source, child, found);
    }
}

#[test]
fn documents() {
    check("", Ok(""));
    check("a: 1\nb: [x, 'y', \"z\\n\", ~]\n", Ok(r#"{"a":1,"b":["x","y","z\n",null]}"#));
    check("---\n1\n---\n2\n...\n", Ok("1 2"));
    check("country: no\nquoted: '1'\n200: ok\n", Ok(r#"{"country":"no","quoted":"1","200":"ok"}"#));
    check("a: 1\na: 2\n", Ok(r#"{"a":1,"a":2}"#));
    check("a: |\n  x\n  y\nb: >-\n  x\n  y\n", Ok(r#"{"a":"x\ny\n","b":"x y"}"#));
    check("\u{feff}a: 1", Ok(r#"{"a":1}"#));
}

#[test]
fn aliases_and_merge_keys_are_expanded() {
    check("a: &x {b: 1}\nc: *x\n", Ok(r#"{"a":{"b":1},"c":{"b":1}}"#));
    let base = "- &b {x: 1, y: 2}\n- &c {y: 3, z: 4}\n";
    check(
        &format!("{base}- {{x: 0, <<: *b}}"),
        Ok(r#"[{"x":1,"y":2},{"y":3,"z":4},{"x":0,"y":2}]"#),
    );
    let both = format!("{base}- {{<<: [*b, *c], z: 5}}");
    check(&both, Ok(r#"[{"x":1,"y":2},{"y":3,"z":4},{"x":1,"y":2,"z":5}]"#));
    check("{'<<': {a: 1}}", Ok(r#"{"<<":{"a":1}}"#));
    check("&k a: *k", Ok(r#"{"a":"a"}"#));
    let incomplete = "line 1, column 5: the alias names no complete value of this document";
    check("&a [*a]", Err(incomplete));
    check(
        "- &a 1\n---\n- *a\n",
        Err("line 3, column 3: the alias names no complete value of this document"),
    );
}

#[test]
fn cassettes_of_python_and_ruby() {
    check(
        "body:\n  string: !!binary |\n    aGVs\n    bG8=\n",
        Ok(r#"{"body":{"string":"hello"}}"#),
    );
    check(
        "? !binary |-\n  VXNlci1BZ2VudA==\n: - !binary |-\n    YQ==\n",
        Ok(r#"{"User-Agent":["a"]}"#),
    );
    check(
        "uri: !!python/unicode '1'\nat: 2026-11-21 10:00:00 Z\n",
        Ok(r#"{"uri":"1","at":"2026-11-21 10:00:00 Z"}"#),
    );
    let gzip = parse_yaml(b"!!binary H4sIAA==").unwrap();
    assert_eq!(gzip.documents[0].value, Value::Binary(vec![0x1f, 0x8b, 8, 0]));
}

#[test]
fn spans_are_the_bytes_of_the_token() {
    check_spans(
        "é: \"ü\"   # c\nb: !!str 'it''s'  # d\nc: plain\n  more\n",
        &[
            "1:1 é: \"ü\"   # c\nb: !!str 'it''s'  # d\nc: plain\n  more",
            "1:1 é",
            "1:4 \"ü\"",
            "2:1 b",
            "2:4 !!str 'it''s'",
            "3:1 c",
            "3:4 plain\n  more",
        ],
    );
    check_spans(
        "c: # x - y\n- -1\n- \n- k: v\n  l:\nd: [ 1 , {x: } ] # z\n",
        &[
            "1:1 c: # x - y\n- -1\n- \n- k: v\n  l:\nd: [ 1 , {x: } ]",
            "1:1 c",
            "2:1 - -1\n- \n- k: v\n  l:",
            "2:3 -1",
            "3:3 ",
            "4:3 k: v\n  l:",
            "4:3 k",
            "4:6 v",
            "5:3 l",
            "5:5 ",
            "6:1 d",
            "6:4 [ 1 , {x: } ]",
            "6:6 1",
            "6:10 {x: }",
            "6:11 x",
            "6:13 ",
        ],
    );
}

#[test]
fn spans_of_block_scalars_begin_at_their_header() {
    check_spans(
        "a: |- # a|b\n\n  |x  \n  y\n\nb: >\n\nc:\n  - !t |\n    z\n  - |+\n",
        &[
            "1:1 a: |- # a|b\n\n  |x  \n  y\n\nb: >\n\nc:\n  - !t |\n    z\n  - |+",
            "1:1 a",
            "1:4 |- # a|b\n\n  |x  \n  y",
            "6:1 b",
            "6:4 >",
            "8:1 c",
            "9:3 - !t |\n    z\n  - |+",
            "9:5 !t |\n    z",
            "11:5 |+",
        ],
    );
    check_spans("--- # x\n|\n text\n", &["2:1 |\n text"]);
}

#[test]
fn an_alias_stands_where_it_is_used_and_its_content_where_it_was_written() {
    let source = "\u{feff}a: &x\n  b: 1\nc: *x\n";
    let parsed = parse_yaml(source.as_bytes()).unwrap();
    let used = parsed.documents[0].get("c").unwrap();
    assert_eq!((used.line, &source[used.start..used.end]), (3, "*x"));
    let inner = used.get("b").unwrap();
    assert_eq!((inner.line, inner.column, &source[inner.start..inner.end]), (2, 6, "1"));
}

#[test]
fn what_is_ignored_is_noted() {
    check_notes(
        "a: !ruby/object:Foo {x: 1}\nb: !ruby/object:Foo {x: 0755}\n",
        &[
            "1:4 the tag `!ruby/object:Foo` is ignored x2",
            "2:25 a whole number with a leading zero is read as decimal, YAML 1.1 reads octal x1",
        ],
    );
    check_notes(
        "? [a]\n: .inf\n<<: 3\n",
        &[
            "1:3 a key that is no text is kept as it is written x1",
            "2:3 `.inf` is no JSON number and is kept as text x1",
            "3:1 `<<` merges something else than mappings, kept as is x1",
        ],
    );
    check_notes("a: 1\nb: '<%= id %>'\n", &["2:5 ERB (`<%`) is not evaluated and kept as text x1"]);
    check("? [a]\n: 1\n", Ok(r#"{"[a]":1}"#));
}

#[test]
fn errors_say_where_and_whether_a_template_may_be_why() {
    check("a: b: c", Err("line 1, column 5: mapping values are not allowed in this context"));
    let broken = parse_yaml(b"<% if x %>\na: [1\n<% end %>\n").unwrap_err();
    assert!(broken.reason.ends_with("the file holds ERB (`<%`), which is not evaluated"));
    let broken = parse_yaml(b"a: \xff").unwrap_err();
    assert_eq!((broken.line, broken.column), (1, 4));
}

#[test]
fn deep_nesting_ends_with_a_reason() {
    let flow = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(parse_yaml(flow(DEPTH_MAX).as_bytes()).is_ok());
    let too_deep = "nested deeper than 128 levels, aliases expanded";
    assert_eq!(parse_yaml(flow(DEPTH_MAX + 1).as_bytes()).unwrap_err().reason, too_deep);
    assert_eq!(parse_yaml("- ".repeat(100_000).as_bytes()).unwrap_err().reason, too_deep);
    assert!(parse_yaml("[".repeat(1 << 20).as_bytes()).is_err());
    assert!(parse_yaml("{".repeat(1 << 20).as_bytes()).is_err());
    let mut chain = format!("- &a0 {}\n", flow(100));
    for step in 1..50 {
        chain += &format!("- &a{step} {}*a{}{}\n", "[".repeat(20), step - 1, "]".repeat(20));
    }
    assert_eq!(parse_yaml(chain.as_bytes()).unwrap_err().reason, too_deep);
}

#[test]
fn expansion_bombs_end_with_a_reason() {
    let mut laughs = "- &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for step in 1..20 {
        laughs += &format!("- &a{step} [{}]\n", vec![format!("*a{}", step - 1); 10].join(", "));
    }
    let broken = parse_yaml(laughs.as_bytes()).unwrap_err();
    assert_eq!(broken.reason, "the file has more than 2000000 values, aliases expanded");
    let nested: String =
        (0..60).map(|step| format!("- &a{step}\n{}", " ".repeat(step + 1))).collect();
    assert!(parse_yaml(nested.as_bytes()).is_ok(), "anchors in anchors alone are no bomb");
    let long = format!("- &a {}\n{}", "x".repeat(1 << 20), "- *a\n".repeat(1000));
    let broken = parse_yaml(long.as_bytes()).unwrap_err();
    assert_eq!(broken.reason, "the file has more than 128 MiB of text when expanded");
    let broken = parse_yaml(format!("[{}", ",".repeat(8 << 20)).as_bytes()).unwrap_err();
    assert_eq!(broken.reason, "the collection or text after this place is too large");
}

/// Any JSON value of moderate size with text that both readers must agree on.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|truth| json!(truth)),
        any::<i64>().prop_map(|number| json!(number)),
        (-1e9..1e9f64).prop_map(|number| json!(number)),
        "[ -~éü😀]{0,12}".prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(|items| json!(items)),
            prop::collection::btree_map("[ -~é]{0,12}", inner, 0..8)
                .prop_map(|entries| json!(entries)),
        ]
    })
}

/// `value` in block style: every key and every text in double quotes.
fn block_style(value: &serde_json::Value, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        serde_json::Value::Array(items) if !items.is_empty() => {
            for item in items {
                *out += &format!("\n{pad}-");
                block_style(item, indent + 2, out);
            }
        }
        serde_json::Value::Object(entries) if !entries.is_empty() => {
            for (key, item) in entries {
                *out += &format!("\n{pad}{}:", json!(key));
                block_style(item, indent + 1, out);
            }
        }
        other => *out += &format!(" {other}"),
    }
}

/// Kinds, texts and own bytes of all scalars and keys: equal places need equal bytes.
fn scalars(source: &str, node: &Node, out: &mut Vec<String>) {
    if node.items().is_empty() && node.entries().is_empty() {
        out.push(source[node.start..node.end].to_owned());
    }
    for item in node.items() {
        scalars(source, item, out);
    }
    for (key, child) in node.entries() {
        out.push(source[key.start..key.end].to_owned());
        scalars(source, child, out);
    }
}

/// Pieces that make text which is often nearly YAML.
const YAML_PIECES: &[&str] = &[
    "a", "b", "1", "é", " ", "\n", "\t", "- ", ": ", "? ", "[", "]", "{", "}", ",", "\"", "'", "|",
    ">", "&a ", "*a", "!t ", "!!str ", "#", "%", "<<", "~", ".", "-", "\n  ", "---\n", "\r\n",
    "\\",
];

proptest! {
    #[test]
    fn json_is_read_as_by_the_json_reader(value in any_json()) {
        let source = format!("{value:#}");
        let yaml = parse_yaml(source.as_bytes()).unwrap();
        let json = parse_json(source.as_bytes()).unwrap();
        prop_assert_eq!(yaml.documents, json.documents);
    }

    #[test]
    fn block_style_is_the_same_document(value in any_json()) {
        let mut block = String::new();
        block_style(&value, 0, &mut block);
        let flow = value.to_string();
        let yaml = parse_yaml(block.as_bytes()).unwrap();
        let json = parse_json(flow.as_bytes()).unwrap();
        prop_assert_eq!(yaml.documents[0].to_json_text(), json.documents[0].to_json_text());
        let (mut in_block, mut in_flow) = (Vec::new(), Vec::new());
        scalars(&block, &yaml.documents[0], &mut in_block);
        scalars(&flow, &json.documents[0], &mut in_flow);
        prop_assert_eq!(in_block, in_flow);
    }

    #[test]
    fn any_bytes_are_a_result(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_yaml(&bytes);
    }

    #[test]
    fn what_looks_like_yaml_is_a_result_within_its_bytes(
        pieces in prop::collection::vec(prop::sample::select(YAML_PIECES), 0..40)
    ) {
        let source = pieces.concat();
        if let Ok(parsed) = parse_yaml(source.as_bytes()) {
            let mut found = Vec::new();
            for document in &parsed.documents {
                list_spans(&source, document, &mut found);
            }
        }
    }
}
