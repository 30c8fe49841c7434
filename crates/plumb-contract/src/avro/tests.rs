//! Schemas against an interpreter of the specification that knows nothing of the code: it reads
//! the JSON of both schemas and resolves one datum after the other.

use super::*;
use crate::change::{Grade, Spot};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

mod interpreter;

use interpreter::{Names, data, names, resolves};

fn file(text: &Value) -> File {
    File { name: "a.avsc".to_owned(), bytes: text.to_string().into_bytes() }
}

fn read(text: &Value) -> Schema {
    read::schema(&file(text)).unwrap_or_else(|unread| panic!("{unread:?} in {text}"))
}

/// Asks the code, and the interpreter about every small datum.
fn check_by_force(writer: &Value, reader: &Value) {
    let (written, taken): (Names, Names) = (names(writer), names(reader));
    let sides = ((writer, &written), (reader, &taken));
    let all = data(writer, &written, 4);
    let refused = all.iter().find(|datum| !resolves(sides.0, sides.1, datum));
    match compatible(&read(writer), &read(reader)) {
        Answer::Yes => assert_eq!(refused, None, "{writer} -> {reader}"),
        Answer::No(witness) => {
            assert!(!resolves(sides.0, sides.1, &witness), "{witness}: {writer} -> {reader}");
            assert!(interpreter::admits(writer, &written, &witness), "{witness}: {writer}");
        }
        Answer::CannotTell(why) => panic!("{why}: {writer} -> {reader}"),
    }
    let broken = changes(&file(writer), &file(reader), Flow::OldWrites).changes;
    let is_broken =
        broken.iter().any(|it| it.grade == Grade::Breaking && it.rule != "logical-type-changed");
    assert_eq!(is_broken, refused.is_some() || !is_yes(writer, reader), "{writer} -> {reader}");
}

fn is_yes(writer: &Value, reader: &Value) -> bool {
    compatible(&read(writer), &read(reader)) == Answer::Yes
}

/// Types that hold no names, then records, enums and fixed under two names.
fn any_schema() -> impl Strategy<Value = Value> {
    let primitive = prop::sample::select(vec![
        "null", "boolean", "int", "long", "float", "double", "bytes", "string",
    ]);
    let leaf = prop_oneof![
        8 => primitive.prop_map(|name| json!(name)),
        2 => (prop::sample::subsequence(vec!["A", "B", "C"], 1..=3), 0..3_usize).prop_map(
            |(symbols, default)| match symbols.get(default) {
                Some(default) => json!({"type": "enum", "name": "E", "namespace": "",
                    "symbols": symbols, "default": default}),
                None => json!({"type": "enum", "name": "E", "namespace": "", "symbols": symbols}),
            }
        ),
        1 => (1..3_u8, 0..2_usize).prop_map(|(size, name)| {
            json!({"type": "fixed", "namespace": "", "name": (["F", "G"][name]), "size": size})
        }),
    ];
    leaf.prop_recursive(3, 10, 3, |inner| {
        let field = (0..3_usize, inner.clone(), any::<bool>(), 0..4_usize);
        prop_oneof![
            1 => inner.clone().prop_map(|held| json!({"type": "array", "items": held})),
            1 => inner.clone().prop_map(|held| json!({"type": "map", "values": held})),
            3 => prop::collection::vec(inner, 1..3).prop_map(Value::Array),
            4 => (prop::collection::vec(field, 0..3), 0..6_usize).prop_map(|(fields, name)| {
                let fields: Vec<Value> = fields
                    .into_iter()
                    .enumerate()
                    .map(|(at, (name, held, is_recursive, alias))| {
                        any_field(at, ["a", "b", "c"][name], held, is_recursive, alias)
                    })
                    .collect();
                json!({"type": "record", "namespace": "",
                    "name": (["R", "R", "R", "R", "s.R", "Q"][name]),
                    "fields": fields})
            }),
        ]
    })
}

/// A field's name, type, whether it has a default, and an alias.
fn any_parts() -> impl Strategy<Value = (usize, Value, bool, usize)> {
    (0..3_usize, any_schema(), any::<bool>(), 0..4_usize)
}

fn any_field(at: usize, name: &str, held: Value, has_default: bool, alias: usize) -> Value {
    let mut field = Map::new();
    field.insert("name".into(), if at == 0 { name.into() } else { format!("{name}{at}").into() });
    if has_default && let Some(default) = default_of(&held) {
        field.insert("default".into(), default);
    }
    if let Some(alias) = ["a", "b", "c"].get(alias) {
        field.insert("aliases".into(), json!([alias]));
    }
    field.insert("type".into(), held);
    field.into()
}

fn default_of(held: &Value) -> Option<Value> {
    Some(match held.get("type").unwrap_or(held) {
        Value::String(name) => match name.as_str() {
            "null" => Value::Null,
            "boolean" => json!(false),
            "int" | "long" | "float" | "double" => json!(7),
            "bytes" | "string" => json!("d"),
            "enum" => held["symbols"][0].clone(),
            "array" => json!([]),
            "map" => json!({}),
            _ => return None,
        },
        Value::Array(members) => default_of(members.first()?)?,
        _ => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6000, ..ProptestConfig::default() })]

    #[test]
    fn resolution_agrees_with_an_interpreter(writer in any_schema(), reader in any_schema()) {
        // Some of what is made names a type twice, which no schema may.
        if read::schema(&file(&writer)).is_ok() && read::schema(&file(&reader)).is_ok() {
            check_by_force(&writer, &reader);
        }
    }

    #[test]
    fn a_schema_reads_itself(schema in any_schema()) {
        if read::schema(&file(&schema)).is_ok() {
            check_by_force(&schema, &schema);
            let told = changes(&file(&schema), &file(&schema), Flow::Both).changes;
            prop_assert_eq!(told, Vec::new());
        }
    }

    #[test]
    fn edits_of_one_record_agree_with_an_interpreter(
        fields in prop::collection::vec(any_parts(), 1..4),
        other in any_parts(),
        at in 0..4_usize,
    ) {
        let record = |fields: &[(usize, Value, bool, usize)]| {
            let fields = fields.iter().enumerate().map(|(at, (name, held, default, alias))| {
                any_field(at, ["a", "b", "c"][*name], held.clone(), *default, *alias)
            });
            json!({"type": "record", "name": "T", "fields": fields.collect::<Vec<_>>()})
        };
        let old = record(&fields);
        let mut fields = fields;
        let position = at % fields.len();
        fields[position] = other;
        let new = record(&fields);
        if read::schema(&file(&old)).is_ok() && read::schema(&file(&new)).is_ok() {
            check_by_force(&old, &new);
            check_by_force(&new, &old);
        }
    }
}

#[test]
fn records_that_hold_themselves_are_compared_to_their_end() {
    let list = |held: &str| {
        json!({"type": "record", "name": "L", "fields": [
            {"name": "v", "type": held}, {"name": "next", "type": ["null", "L"]}]})
    };
    check_by_force(&list("int"), &list("long"));
    check_by_force(&list("long"), &list("int"));
    // One that always holds another has no data, and none that could fail.
    let endless = |held: &str| {
        json!({"type": "record", "name": "L", "fields": [
            {"name": "v", "type": held}, {"name": "next", "type": "L"}]})
    };
    assert!(is_yes(&endless("int"), &endless("string")));
}

#[test]
fn a_witness_that_grows_with_the_power_of_its_depth_is_not_written() {
    let mut fields = vec![json!({"type": "record", "name": "R0", "fields": []})];
    for at in 1..60 {
        let (one, other) = (format!("R{}", at - 1), format!("R{}", at - 1));
        fields.push(json!({"type": "record", "name": format!("R{at}"), "fields": [
            {"name": "a", "type": one}, {"name": "b", "type": other}]}));
    }
    let fields: Vec<Value> = fields
        .into_iter()
        .enumerate()
        .map(|(at, held)| json!({"name": format!("f{at}"), "type": held}))
        .collect();
    let old = json!({"type": "record", "name": "T", "fields": fields});
    let answer = compatible(&read(&old), &read(&json!("int")));
    assert!(matches!(answer, Answer::CannotTell(_)), "{answer:?}");
}

#[test]
fn a_change_knows_its_places() {
    let old = "{\"type\": \"record\", \"name\": \"shop.Order\", \"fields\": [\n  \
        {\"name\": \"id\", \"type\": \"long\"}]}";
    let new = "{\"type\": \"record\", \"name\": \"shop.Order\", \"fields\": [\n\n  \
        {\"name\": \"id\", \"type\": \"int\"}]}";
    let as_file = |name: &str, text: &str| File { name: name.into(), bytes: text.into() };
    let (old, new) = (as_file("old.avsc", old), as_file("new.avsc", new));
    let told = changes(&old, &new, Flow::OldWrites).changes;
    let [change] = told.as_slice() else { panic!("{told:?}") };
    let spot = |file: &str, line| Some(Spot { file: file.into(), line, column: 26 });
    assert_eq!((change.rule, change.grade), ("type-narrowed", Grade::Breaking));
    assert_eq!((change.subject.as_str(), change.place.as_str()), ("record shop.Order", "field id"));
    assert_eq!((&change.old, &change.new), (&spot("old.avsc", 2), &spot("new.avsc", 3)));
    assert_eq!(change.witness.as_deref(), Some(r#"{"id":2147483648}"#));
}

#[test]
fn what_is_no_schema_is_unread_with_its_place() {
    let check = |text: &str, expected: (u32, u32, &str)| {
        let file = File { name: "a.avsc".into(), bytes: text.into() };
        let unread = read::contents(&file).unwrap_err();
        assert_eq!((unread.line, unread.column, unread.reason.as_str()), expected, "{text}");
    };
    check("{", (1, 2, "the file ends where a key in double quotes is expected"));
    check("\"Nothing\"", (1, 1, "the type `Nothing` is not defined"));
    check("[\"int\",\n \"int\"]", (2, 2, "the union has `int` twice"));
    check("[[\"int\"]]", (1, 2, "a union directly within a union"));
    check("[{\"type\": [\"int\"]}]", (1, 2, "a union directly within a union"));
    check("7", (1, 1, "a type is text, an array or an object, not number"));
    check(r#"{"type":"array"}"#, (1, 1, "`items` is missing"));
    check(r#"{"type":"fixed","name":"F","size":-1}"#, (1, 35, "the size is no number of bytes"));
    let twice = r#"[{"type":"fixed","name":"F","size":1},{"type":"fixed","name":"F","size":1}]"#;
    check(twice, (1, 62, "the type `F` is defined twice"));
}

#[test]
fn what_readers_pass_over_is_told() {
    let check = |text: Value, expected: &str| {
        let contents = read::contents(&file(&text)).unwrap();
        let told: Vec<_> = contents.unread.iter().map(|it| it.reason.as_str()).collect();
        assert_eq!(told, [expected], "{text}");
    };
    let field = |held: Value, default: Value| {
        json!({"type": "record", "name": "R", "fields": [
            {"name": "a", "type": held, "default": default}]})
    };
    check(field(json!("int"), json!("x")), "the default of `a` does not fit its type");
    check(
        field(json!(["null", "int"]), json!(1)),
        "the default of `a` fits a later branch of its union, not the first: readers older than \
         Avro 1.12 refuse the schema",
    );
    check(
        json!({"type": "string", "logicalType": "date"}),
        "the logical type `date` does not go with its type, and readers ignore it",
    );
    check(
        json!({"type": "bytes", "logicalType": "decimal", "precision": 2, "scale": 3}),
        "the decimal has no precision and scale that go with its type, and readers ignore it",
    );
    check(
        json!({"type": "fixed", "name": "a-b", "size": 1}),
        "`a-b` is no name that every reader \
        takes",
    );
}

#[test]
fn a_protocol_is_judged_call_by_call() {
    let protocol = |request: Value, response: &str| {
        json!({"protocol": "Shop", "namespace": "shop", "types": [], "messages": {
            "get": {"request": [request], "response": response}}})
    };
    let old = protocol(json!({"name": "id", "type": "int"}), "int");
    let new = protocol(json!({"name": "id", "type": "long"}), "long");
    let told = changes(&file(&old), &file(&new), Flow::OldWrites).changes;
    let told: Vec<_> = told.iter().map(|it| (it.grade, it.rule, it.direction)).collect();
    let expected = [
        (Grade::Safe, "type-widened", Flow::OldWrites),
        (Grade::Breaking, "type-widened", Flow::NewWrites),
    ];
    assert_eq!(
        {
            let mut told = told;
            told.sort_by_key(|it| it.2);
            told
        },
        expected
    );
    let none = json!({"protocol": "Shop", "messages": {}});
    let told = changes(&file(&old), &file(&none), Flow::OldWrites).changes;
    assert_eq!((told[0].rule, told[0].grade), ("message-removed", Grade::Breaking));
}

/// Names the Python that has fastavro and Apache's library; set by `cargo xtask match-avro`.
const PYTHON: &str = "PLUMB_FASTAVRO";

#[test]
fn answers_stand_in_other_implementations() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    use std::io::Write;
    use std::process::{Command, Stdio};
    let Ok(python) = std::env::var(PYTHON) else { return };
    let mut runner = TestRunner::deterministic();
    let mut lines = String::new();
    let mut asked = 0;
    while asked < 4_000 {
        let pair = (any_schema(), any_schema()).new_tree(&mut runner).unwrap().current();
        let (writer, reader) = pair;
        if read::schema(&file(&writer)).is_err() || read::schema(&file(&reader)).is_err() {
            continue;
        }
        asked += 1;
        let line = match compatible(&read(&writer), &read(&reader)) {
            Answer::Yes => json!({"writer": writer, "reader": reader, "answer": "yes"}),
            Answer::No(witness) => {
                json!({"writer": writer, "reader": reader, "answer": "no", "witness": witness})
            }
            Answer::CannotTell(why) => panic!("{why}"),
        };
        lines += &format!("{line}\n");
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/avro/tests/resolved.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writing = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    println!("{told}");
    assert!(output.status.success());
    assert!(!told.contains("fastavro no: "), "a witness that fastavro takes");
}
