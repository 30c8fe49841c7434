//! Every pair of plain schemas in the catalog is decided as its label says.

use crate::pairs::{Pair, read_pairs};
use plumb_schema::answer::{Answer, Reading};
use plumb_schema::decide::{Question, Schemas, compatible};
use plumb_schema::library::{Draft, Library, Spot};

/// Fewer would mean that a file of the catalog is not found.
const PAIRS_MIN: usize = 60;

#[test]
fn every_pair_of_schemas_is_decided_as_its_label_says() {
    let pairs = read_pairs("json-schema");
    assert!(pairs.len() >= PAIRS_MIN, "{} pairs", pairs.len());
    let wrong: Vec<String> = pairs.iter().filter_map(judged).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), pairs.len(), wrong.join("\n"));
}

/// What is wrong with a pair, if anything.
fn judged(pair: &Pair) -> Option<String> {
    let mut library = Library::default();
    for side in ["writer", "reader"] {
        library.add(side, pair.value[side].clone(), draft(pair));
    }
    let spot = |name: &str| Spot { document: name.to_owned(), pointer: String::new() };
    let reading = match pair.text("reading") {
        None => Reading::MustIgnore,
        Some("strict") => Reading::Strict,
        Some(other) => panic!("{}: no such reading: {other}", pair.name()),
    };
    let question = Question { writer: spot("writer"), reader: spot("reader"), reading };
    let answer = compatible(&mut Schemas::new(&library), &question);
    let label = match answer {
        Answer::Yes => "yes",
        Answer::No(_) => "no",
        Answer::CannotTell(_) => "cannot tell",
    };
    let is_right = pair.text("label") == Some(label);
    (!is_right).then(|| format!("- {}: {} not {answer:?}", pair.name(), pair.value["label"]))
}

fn draft(pair: &Pair) -> Draft {
    let said = pair.value.get("draft").map(|draft| draft.to_string().replace('"', ""));
    match said.as_deref() {
        None | Some("2020-12") => Draft::Twenty,
        Some("2019-09") => Draft::Nineteen,
        Some("7") => Draft::Seven,
        Some("6") => Draft::Six,
        Some("4") => Draft::Four,
        Some(other) => panic!("{}: no such draft: {other}", pair.name()),
    }
}
