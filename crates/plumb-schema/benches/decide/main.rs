//! How long a decision takes: pairs of schemas of the shapes that real contracts have.

use criterion::{Criterion, criterion_group, criterion_main};
use plumb_schema::answer::{Answer, Reading};
use plumb_schema::breaks::breaks;
use plumb_schema::decide::{Question, Schemas, compatible};
use plumb_schema::library::{Draft, Library, Spot};
use serde_json::{Map, Value, json};
use std::hint::black_box;

fn decided(library: &Library) -> Answer {
    let spot = |name: &str| Spot { document: name.to_owned(), pointer: String::new() };
    let (writer, reader) = (spot("writer"), spot("reader"));
    let question = Question { writer, reader, reading: Reading::MustIgnore };
    compatible(&mut Schemas::new(library), &question)
}

/// Measures a pair, after making sure that it is answered as it should be.
fn pair(bench: &mut Criterion, name: &str, writer: Value, reader: Value, is_yes: bool) {
    let mut library = Library::default();
    library.add("writer", writer, Draft::Twenty);
    library.add("reader", reader, Draft::Twenty);
    let answer = decided(&library);
    assert_eq!(answer == Answer::Yes, is_yes, "{name}: {answer:?}");
    bench.bench_function(name, |bencher| bencher.iter(|| decided(black_box(&library))));
}

fn object(members: usize, of: &dyn Fn(usize) -> Value) -> Value {
    let members: Map<String, Value> = (0..members).map(|at| (format!("m{at}"), of(at))).collect();
    let required: Vec<&String> = members.keys().collect();
    json!({"type": "object", "required": required, "properties": members})
}

/// A union of objects that a tag tells apart.
fn union(branches: usize, of: &dyn Fn(usize) -> Value) -> Value {
    let branch = |at: usize| {
        let members = json!({"kind": {"const": format!("k{at}")}, "value": of(at)});
        json!({"type": "object", "required": ["kind", "value"], "properties": members})
    };
    json!({"oneOf": (0..branches).map(branch).collect::<Vec<_>>()})
}

fn decisions(bench: &mut Criterion) {
    let word = json!({"type": "string"});
    let number = json!({"type": "integer"});
    let small = |last: &Value| object(5, &|at| if at == 4 { last.clone() } else { word.clone() });
    pair(bench, "five members, one changed", small(&word), small(&number), false);
    let wide =
        |last: &Value| object(300, &|at| if at == 299 { last.clone() } else { word.clone() });
    pair(bench, "300 members, one changed", wide(&word), wide(&number), false);
    let wider = json!({"type": ["string", "null"]});
    pair(bench, "300 members, one wider", wide(&word), wide(&wider), true);
    let tagged =
        |count, last: &Value| union(count, &|at| if at == 0 { last.clone() } else { word.clone() });
    pair(bench, "union of 50, one branch wider", tagged(50, &word), tagged(50, &wider), true);
    pair(bench, "union of 50, one branch new", tagged(50, &word), tagged(49, &word), false);
    let tree = |leaf: &Value| {
        let members = json!({"leaf": leaf, "next": {"$ref": "#"}, "all": {"items": {"$ref": "#"}}});
        json!({"type": "object", "properties": members})
    };
    pair(bench, "a recursive tree, its leaf wider", tree(&word), tree(&wider), true);
    let pattern = |pattern: &str| json!({"type": "string", "pattern": pattern, "maxLength": 64});
    let (hex, letters) = (pattern("^[0-9a-f]{8}(-[0-9a-f]{4})*$"), pattern("^[0-9a-z-]+$"));
    pair(bench, "a pattern within another", hex, letters, true);
}

/// Schemas that refer to each other, each to some of the others, as those of large interfaces do:
/// a member is the id of an object or the object itself. `edited` is the number of the one whose
/// last member is an integer and no text.
fn circles(count: usize, edited: Option<usize>) -> Value {
    let object = |number: usize| {
        let mut members = Map::new();
        for at in 0..4 {
            // A sequence without structure, the same for both versions.
            let to = (number * 7_919 + at * 104_729 + 13) % count;
            let either = json!([{"type": "string"}, {"$ref": format!("#/$defs/s{to}")}]);
            members.insert(format!("r{at}"), json!({ "anyOf": either }));
        }
        for at in 0..6 {
            let is_edited = at == 5 && edited == Some(number);
            let kind = if is_edited { "integer" } else { "string" };
            members.insert(format!("m{at}"), json!({ "type": kind }));
        }
        json!({"type": "object", "properties": members, "required": ["m0", "m1"]})
    };
    let all = (0..count).map(|number| (format!("s{number}"), object(number)));
    json!({"$defs": all.collect::<Map<String, Value>>()})
}

/// Every schema of a description asked about, as every operation asks about what it answers.
fn all_told(library: &Library, count: usize) -> usize {
    let mut schemas = Schemas::new(library);
    let mut told = 0;
    for number in 0..count {
        let spot =
            |name: &str| Spot { document: name.to_owned(), pointer: format!("/$defs/s{number}") };
        let (writer, reader) = (spot("writer"), spot("reader"));
        let question = Question { writer, reader, reading: Reading::MustIgnore };
        let breaks = breaks(&mut schemas, &question);
        assert_eq!(breaks.untold, None, "s{number}");
        told += breaks.found.len();
    }
    told
}

fn in_circles(bench: &mut Criterion) {
    const COUNT: usize = 900;
    let mut group = bench.benchmark_group("900 schemas in circles");
    group.sample_size(10);
    for (name, edited, told) in [("the same", None, 0), ("one changed", Some(450), COUNT)] {
        let mut library = Library::default();
        library.add("writer", circles(COUNT, edited), Draft::Twenty);
        library.add("reader", circles(COUNT, None), Draft::Twenty);
        assert_eq!(all_told(&library, COUNT), told, "{name}");
        group.bench_function(name, |bencher| {
            bencher.iter(|| all_told(black_box(&library), COUNT));
        });
    }
    group.finish();
}

criterion_group!(benches, decisions, in_circles);
criterion_main!(benches);
