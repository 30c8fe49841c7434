//! Laws of schemas in circles: what is told pair by pair is what the search as a whole says.

use crate::answer::{Answer, Reading};
use crate::breaks::{Breaks, breaks};
use crate::decide::{Question, Schemas, compatible};
use crate::laws::{Tally, count, roomy};
use crate::library::{Draft, Library, Spot};
use crate::read::Excused;
use crate::refusals::{excuse, refusals};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};
use serde_json::{Map, Value, json};

const CASES: u32 = 300;

/// Schemas that refer to each other, in each description.
const SCHEMAS: usize = 3;

fn library(writer: &Value, reader: &Value) -> Library {
    let mut library = Library::default();
    library.add("writer", writer.clone(), Draft::Twenty);
    library.add("reader", reader.clone(), Draft::Twenty);
    library
}

fn question(reading: Reading) -> Question {
    let spot =
        |document: &str| Spot { document: document.to_owned(), pointer: "/$defs/s0".to_owned() };
    Question { writer: spot("writer"), reader: spot("reader"), reading }
}

fn scalar() -> impl Strategy<Value = Value> {
    proptest::sample::select(vec![
        json!({"type": "string"}),
        json!({"type": ["string", "null"]}),
        json!({"enum": ["a"]}),
        json!({"enum": ["a", "b"]}),
        json!({"type": "integer"}),
        json!({"type": "number", "minimum": 1}),
        json!({"type": "null"}),
        json!({"type": "object"}),
    ])
}

fn reference() -> impl Strategy<Value = Value> {
    (0..SCHEMAS).prop_map(|number| json!({"$ref": format!("#/$defs/s{number}")}))
}

/// What a member is: most of it as interfaces have it.
fn member() -> impl Strategy<Value = Value> {
    let list = |of: Value| json!({"type": "array", "items": of});
    let either = |keyword: &'static str| {
        (scalar(), reference(), reference(), any::<bool>()).prop_map(
            move |(one, two, three, is_more)| {
                let more = if is_more { vec![one, two, three] } else { vec![one, two] };
                json!({ keyword: more })
            },
        )
    };
    let leaf = prop_oneof![
        3 => scalar(),
        3 => reference(),
        4 => either("anyOf"),
        2 => either("oneOf"),
    ];
    leaf.prop_recursive(2, 4, 1, move |inner| {
        prop_oneof![
            2 => inner.clone().prop_map(list),
            1 => inner.clone().prop_map(|of| json!({"if": {"type": "null"}, "else": of})),
            1 => inner.clone().prop_map(|of| json!({"allOf": [of]})),
            1 => inner.prop_map(|of| json!({"type": "object", "additionalProperties": of})),
        ]
    })
}

fn object() -> impl Strategy<Value = Value> {
    let names = || proptest::sample::subsequence(vec!["a", "b", "t"], 0..3);
    let tag = proptest::sample::select(vec![None, Some("x"), Some("y")]);
    let members = proptest::collection::vec(member(), 2);
    (members, names(), tag, 0..8_u8).prop_map(|(members, required, tag, odd)| {
        let named = ["a", "b"].into_iter().map(ToOwned::to_owned).zip(members);
        let mut properties: Map<String, Value> = named.collect();
        if let Some(tag) = tag {
            properties.insert("t".to_owned(), json!({"const": tag}));
        }
        let mut object = json!({"type": "object", "properties": properties, "required": required});
        match odd {
            0 => object["additionalProperties"] = json!(false),
            1 => drop(object["properties"].as_object_mut().map(|named| named.remove("b"))),
            2 => object["minProperties"] = json!(2),
            _ => {}
        }
        object
    })
}

fn description() -> impl Strategy<Value = Value> {
    let either = proptest::sample::select(vec!["anyOf", "oneOf", "allOf"]);
    let all = (proptest::collection::vec(object(), SCHEMAS), 0..12_u8, either);
    all.prop_map(|(mut objects, odd, either)| {
        if odd == 0 {
            let of = [json!({"$ref": "#/$defs/s1"}), json!({"$ref": "#/$defs/s2"})];
            objects[0] = json!({ either: of });
        }
        let named = objects.into_iter().enumerate().map(|(at, it)| (format!("s{at}"), it));
        json!({"$defs": named.collect::<Map<String, Value>>()})
    })
}

/// A description and the same with a few of its parts from another.
fn versions() -> impl Strategy<Value = (Value, Value)> {
    let edit = (0..SCHEMAS, proptest::sample::select(vec!["a", "b"]), member());
    (description(), proptest::collection::vec(edit, 0..3)).prop_map(|(old, edits)| {
        let mut new = old.clone();
        for (number, name, member) in edits {
            let schema = &mut new["$defs"][format!("s{number}")];
            if let Some(there) = schema.get_mut("properties").and_then(|it| it.get_mut(name)) {
                *there = member;
            }
        }
        (old, new)
    })
}

fn validator(description: &Value) -> jsonschema::Validator {
    let mut schema = description.clone();
    schema["$ref"] = json!("#/$defs/s0");
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap()
}

fn agrees(writer: &Value, reader: &Value, reading: Reading, tally: &Tally) -> TestCaseResult {
    let library = library(writer, reader);
    let question = question(reading);
    let Breaks { found, untold } = breaks(&mut Schemas::new(&library), &question);
    let (writes, reads) = (validator(writer), validator(reader));
    for one in &found {
        prop_assert!(writes.is_valid(&one.witness), "{} is not written", one.witness);
        prop_assert!(!reads.is_valid(&one.witness), "{} is read", one.witness);
    }
    let whole = compatible(&mut Schemas::new(&library), &question);
    match &whole {
        Answer::Yes => prop_assert!(found.is_empty(), "yes, but {found:?}"),
        Answer::No(witness) => {
            prop_assert!(!found.is_empty() || untold.is_some(), "nothing told of {witness}");
        }
        Answer::CannotTell(_) => {}
    }
    if untold.is_some() || matches!(whole, Answer::CannotTell(_)) {
        count(&tally.untold);
        return Ok(());
    }
    count(if found.is_empty() { &tally.yes } else { &tally.no });
    // Without all that was told, nothing is left to tell.
    let mut excused = Excused { is_either_enough: true, ..Excused::default() };
    for one in &found {
        let blame = crate::blame::Blame {
            place: one.place.clone(),
            keyword: one.keyword.clone(),
            spot: one.reader.clone(),
            member: one.member.clone(),
        };
        excused.keywords.extend(excuse(&library, &blame));
    }
    let mut more = Vec::new();
    let _ = refusals(&mut Schemas::new(&library), &question, &mut excused, &mut more);
    prop_assert!(more.is_empty(), "{found:?} and not {more:?}");
    Ok(())
}

#[test]
fn what_is_told_pair_by_pair_is_all_and_only_what_the_search_finds() {
    roomy(agreement);
}

fn agreement() {
    let tally = Tally::default();
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let cases = cases.unwrap_or(CASES);
    let mut runner =
        TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let readings = [Reading::Strict, Reading::MustIgnore];
    runner
        .run(&(versions(), description()), |((old, new), other)| {
            for reading in readings {
                agrees(&old, &new, reading, &tally)?;
                agrees(&new, &old, reading, &tally)?;
                agrees(&old, &other, reading, &tally)?;
            }
            Ok(())
        })
        .unwrap();
    let (yes, no, untold) = (tally.yes.get(), tally.no.get(), tally.untold.get());
    assert!(untold * 20 < yes + no, "{tally:?}: too many could not be told");
    assert!(yes > cases / 10 && no > cases / 10, "{tally:?}: one answer is hardly tried");
}
