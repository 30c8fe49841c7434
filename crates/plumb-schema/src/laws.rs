//! Laws of the decision, held against a validator of others on all small documents.

use crate::answer::{Answer, Reading};
use crate::decide::{Question, STACK_BYTES, Schemas, compatible};
use crate::library::{Draft, Library, Spot};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};
use serde_json::{Value, json};
use std::cell::Cell;
use std::panic::resume_unwind;
use std::thread;

const CASES: u32 = 4_000;

fn spot(document: &str) -> Spot {
    Spot { document: document.to_owned(), pointer: String::new() }
}

fn ask(writer: &Value, reader: &Value, reading: Reading) -> Answer {
    let mut library = Library::default();
    library.add("writer", writer.clone(), Draft::Twenty);
    library.add("reader", reader.clone(), Draft::Twenty);
    let mut schemas = Schemas::new(&library);
    let question = Question { writer: spot("writer"), reader: spot("reader"), reading };
    compatible(&mut schemas, &question)
}

fn validator(schema: &Value) -> jsonschema::Validator {
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(schema).unwrap()
}

/// Every small document that the schemas of these tests can tell apart.
fn documents() -> Vec<Value> {
    let scalars = [
        json!(null),
        json!(true),
        json!(false),
        json!(-1),
        json!(0),
        json!(1),
        json!(2),
        json!(3),
        json!(4),
        json!(6),
        json!(0.5),
        json!(7),
        json!(""),
        json!("a"),
        json!("b"),
        json!("ab"),
        json!("abc"),
        json!("c"),
    ];
    let few = [json!(null), json!(0), json!(1), json!(2), json!("a"), json!("ab"), json!(true)];
    let mut all: Vec<Value> = scalars.to_vec();
    all.push(json!([]));
    all.push(json!({}));
    for one in &scalars {
        all.push(json!([one]));
        all.push(json!({"a": one}));
        all.push(json!({"b": one}));
        all.push(json!({"x": one}));
        all.push(json!({"a": {"a": one}}));
        all.push(json!({"a": [one]}));
    }
    for one in &few {
        for two in &few {
            all.push(json!([one, two]));
            all.push(json!({"a": one, "b": two}));
            all.push(json!({"a": one, "x": two}));
            all.push(json!({"a": {"a": one, "b": two}}));
            for three in &few[..3] {
                all.push(json!([one, two, three]));
                all.push(json!({"a": one, "b": two, "x": three}));
            }
        }
    }
    all
}

/// Schemas that may refer to themselves, one step further into the document.
fn recursive() -> impl Strategy<Value = Value> {
    schema().prop_map(|schema| json!({"$ref": "#/$defs/all", "$defs": {"all": schema}}))
}

fn leaf() -> impl Strategy<Value = Value> {
    let again = json!({"$ref": "#/$defs/all"});
    let (items, member) = (json!({"items": again}), json!({"properties": {"a": again}}));
    let both = json!({"type": "object", "properties": {"a": again}, "required": ["a"]});
    let values = vec![json!(0), json!(1), json!("a"), json!(null), json!({"a": 1}), json!([1])];
    let kinds = ["null", "boolean", "integer", "number", "string", "array", "object"];
    prop_oneof![
        2 => Just(json!(true)),
        1 => proptest::sample::select(vec![items, member, both]),
        1 => Just(json!(false)),
        6 => proptest::sample::select(kinds.to_vec()).prop_map(|kind| json!({"type": kind})),
        1 => Just(json!({"type": ["string", "null"]})),
        2 => proptest::sample::subsequence(values, 1..4)
            .prop_map(|values| json!({"enum": values})),
        1 => (0..4_i64).prop_map(|value| json!({"const": value})),
        2 => (-1..4_i64).prop_map(|bound| json!({"minimum": bound})),
        2 => (-1..4_i64).prop_map(|bound| json!({"maximum": bound})),
        1 => (-1..4_i64).prop_map(|bound| json!({"exclusiveMinimum": bound})),
        1 => (1..4_i64).prop_map(|step| json!({"multipleOf": step})),
        1 => (0..3_u64).prop_map(|bound| json!({"minLength": bound})),
        1 => (0..3_u64).prop_map(|bound| json!({"maxLength": bound})),
        2 => proptest::sample::select(vec!["^a", "b$", "^[ab]*$", "c", "^.$"])
            .prop_map(|pattern| json!({"pattern": pattern})),
        1 => (0..3_u64).prop_map(|bound| json!({"minItems": bound})),
        1 => (0..3_u64).prop_map(|bound| json!({"maxItems": bound})),
        1 => Just(json!({"uniqueItems": true})),
        1 => (0..3_u64).prop_map(|bound| json!({"minProperties": bound})),
        1 => (0..3_u64).prop_map(|bound| json!({"maxProperties": bound})),
        2 => proptest::sample::subsequence(vec!["a", "b"], 1..3)
            .prop_map(|names| json!({"required": names})),
    ]
}

fn schema() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        let list = proptest::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            2 => list.clone().prop_map(|of| json!({"allOf": of})),
            2 => list.clone().prop_map(|of| json!({"anyOf": of})),
            2 => list.clone().prop_map(|of| json!({"oneOf": of})),
            1 => inner.clone().prop_map(|of| json!({"not": of})),
            1 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(test, then, other)| json!({"if": test, "then": then, "else": other})),
            2 => inner.clone().prop_map(|of| json!({"items": of})),
            1 => (list.clone(), inner.clone())
                .prop_map(|(first, rest)| json!({"prefixItems": first, "items": rest})),
            1 => (inner.clone(), 0..3_u64, 1..3_u64)
                .prop_map(|(of, least, most)| {
                    json!({"contains": of, "minContains": least, "maxContains": most})
                }),
            4 => (inner.clone(), inner.clone())
                .prop_map(|(a, b)| json!({"type": "object", "properties": {"a": a, "b": b}})),
            2 => (inner.clone(), inner.clone())
                .prop_map(|(a, rest)| {
                    let only = json!({"a": a});
                    json!({"properties": only, "additionalProperties": rest, "required": ["a"]})
                }),
            1 => (inner.clone(), inner.clone())
                .prop_map(|(like, rest)| {
                    let like = json!({"^[ab]$": like});
                    json!({"patternProperties": like, "additionalProperties": rest})
                }),
            1 => inner.clone().prop_map(|names| json!({"propertyNames": names})),
            1 => inner.clone().prop_map(|of| json!({"dependentSchemas": {"a": of}})),
            1 => Just(json!({"dependentRequired": {"a": ["b"]}})),
            1 => (inner.clone(), list)
                .prop_map(|(a, any)| {
                    let only = json!({"a": a});
                    json!({"properties": only, "anyOf": any, "unevaluatedProperties": false})
                }),
        ]
    })
}

/// How often each answer was given.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) yes: Cell<u32>,
    pub(crate) no: Cell<u32>,
    pub(crate) untold: Cell<u32>,
}

pub(crate) fn count(tally: &Cell<u32>) {
    tally.set(tally.get() + 1);
}

/// The decision held against the validator, on every small document.
fn holds(writer: &Value, reader: &Value, documents: &[Value], tally: &Tally) -> TestCaseResult {
    let (writes, reads) = (validator(writer), validator(reader));
    match ask(writer, reader, Reading::Strict) {
        Answer::Yes => {
            let refused = documents.iter().find(|it| writes.is_valid(it) && !reads.is_valid(it));
            prop_assert!(refused.is_none(), "yes, but {:?}", refused);
            count(&tally.yes);
        }
        Answer::No(witness) => {
            prop_assert!(writes.is_valid(&witness), "{witness} is not written");
            prop_assert!(!reads.is_valid(&witness), "{witness} is read");
            count(&tally.no);
        }
        Answer::CannotTell(_) => count(&tally.untold),
    }
    Ok(())
}

/// Runs a law with the stack that a decision is promised: schemas in circles take more than a
/// test's thread has.
pub(crate) fn roomy(law: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, law);
        worker.unwrap().join().unwrap_or_else(|failed| resume_unwind(failed));
    });
}

#[test]
fn the_answer_agrees_with_trying_every_small_document() {
    roomy(agreement);
}

fn agreement() {
    let documents = documents();
    let tally = Tally::default();
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let cases = cases.unwrap_or(CASES);
    let mut runner = TestRunner::new(Config { cases, ..Config::default() });
    runner
        .run(&(recursive(), recursive()), |(writer, reader)| {
            holds(&writer, &reader, &documents, &tally)?;
            let either = json!({"anyOf": [reader["$defs"]["all"], writer["$defs"]["all"]]});
            let either = json!({"$ref": "#/$defs/all", "$defs": {"all": either}});
            holds(&writer, &either, &documents, &tally)
        })
        .unwrap();
    let (yes, no, untold) = (tally.yes.get(), tally.no.get(), tally.untold.get());
    assert!(untold * 50 < yes + no, "{tally:?}: too many could not be told");
    assert!(yes > cases / 10 && no > cases / 10, "{tally:?}: one answer is hardly tried");
}

#[test]
fn a_writer_that_leaves_out_what_it_does_not_name_breaks_nothing_more() {
    roomy(leaving_out);
}

fn leaving_out() {
    let mut runner = TestRunner::new(Config { cases: CASES, ..Config::default() });
    runner
        .run(&(recursive(), recursive()), |(writer, reader)| {
            let strict = ask(&writer, &reader, Reading::Strict);
            if let Answer::No(witness) = ask(&writer, &reader, Reading::MustIgnore) {
                prop_assert!(strict != Answer::Yes, "{witness}");
                prop_assert!(validator(&writer).is_valid(&witness), "{witness} is not written");
                prop_assert!(!validator(&reader).is_valid(&witness), "{witness} is read");
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn keys_that_are_not_named_are_no_part_of_the_contract() {
    let check = |writer: Value, reader: Value, strict: bool, must_ignore: bool| {
        let is_yes = |reading| ask(&writer, &reader, reading) == Answer::Yes;
        assert_eq!(is_yes(Reading::Strict), strict, "strict: {writer} {reader}");
        assert_eq!(is_yes(Reading::MustIgnore), must_ignore, "must ignore: {writer} {reader}");
    };
    let object = |members: Value| json!({"type": "object", "properties": members});
    let a = json!({"a": true});
    let but =
        |rest: Value| json!({"type": "object", "properties": a, "additionalProperties": rest});
    let open = object(json!({"a": {"type": "string"}}));
    let more = object(json!({"a": {"type": "string"}, "b": {"type": "integer"}}));
    let closed = but(json!(false));
    let map = but(json!({"type": "string"}));
    check(open.clone(), more.clone(), false, true);
    check(more.clone(), open.clone(), true, true);
    check(more.clone(), closed.clone(), false, false);
    check(open.clone(), closed, false, true);
    check(map, more.clone(), false, false);
    check(json!({"type": "object"}), more.clone(), false, false);
    let split = json!({"allOf": [open, object(json!({"b": {"type": "integer"}}))]});
    check(split.clone(), more.clone(), true, true);
    check(more, split, true, true);
    // An alternative that names nothing is no leave to write what the others name.
    let issue = json!({"type": "object", "properties": {"issue": {"type": "string"}}});
    let either = json!({"oneOf": [issue, {"type": "object"}]});
    check(json!({"anyOf": [issue, {"type": "object"}]}), issue.clone(), false, true);
    check(either, issue, false, true);
    // Nor is that another alternative shall not hold.
    let one = |name: &str, kind: &str| {
        let members = json!({ name: { "type": kind } });
        json!({"type": "object", "required": [name], "properties": members})
    };
    let old = json!({"oneOf": [one("n", "number"), one("b", "string")]});
    let new = json!({"oneOf": [one("n", "integer"), one("b", "string")]});
    check(new, old, false, true);
}
