//! How long a decision takes: pairs of schemas of the shapes that real contracts have.

use criterion::{Criterion, criterion_group, criterion_main};
use plumb_schema::answer::{Answer, Reading};
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

criterion_group!(benches, decisions);
criterion_main!(benches);
