//! A service with many operations, whose answers have fields that are there always, often or
//! rarely, are null now and then, and take a rare value from a vocabulary.

use super::chance::Chance;
use serde_json::{Map, Value, json};

const FIELDS_OF_GROUP: usize = 10;

/// How often what is rare happens.
const RARELY: f64 = 0.02;

/// The fields of each operation, by group.
#[derive(Debug)]
pub(super) struct Service {
    operations: Vec<Vec<Vec<Field>>>,
}

/// What one field does.
#[derive(Clone, Copy, Debug)]
enum Field {
    Number,
    Text,
    /// There with this probability.
    Optional(f64),
    Nullable,
    /// Words, the last of them rare.
    Vocabulary,
    /// An array that is rarely empty.
    List,
}

impl Service {
    /// The service of a seed, with so many operations and fields in each.
    pub(super) fn drawn(seed: u64, operations: usize, fields: usize) -> Self {
        let mut chance = Chance::of_seed(seed);
        let mut group = || (0..FIELDS_OF_GROUP).map(|_| field(&mut chance)).collect::<Vec<_>>();
        let mut operation = || (0..fields / FIELDS_OF_GROUP).map(|_| group()).collect::<Vec<_>>();
        Self { operations: (0..operations).map(|_| operation()).collect() }
    }

    /// A capture of so many exchanges, the operations in turn.
    pub(super) fn har(&self, exchanges: usize, chance: &mut Chance) -> String {
        let entries: Vec<Value> = (0..exchanges).map(|at| self.entry(at, chance)).collect();
        let creator = json!({ "name": "recorder", "version": "1" });
        json!({ "log": { "version": "1.2", "creator": creator, "entries": entries } }).to_string()
    }

    fn entry(&self, at: usize, chance: &mut Chance) -> Value {
        let operation = at % self.operations.len();
        let groups = self.operations[operation].iter().enumerate();
        let body: Map<String, Value> =
            groups.map(|(at, group)| (format!("group_{at}"), members(group, chance))).collect();
        let text = Value::Object(body).to_string();
        let headers = json!([{ "name": "content-type", "value": "application/json" }]);
        json!({
            "startedDateTime": "2026-11-21T10:00:00Z",
            "request": {
                "method": "GET",
                "url": format!("http://service/operation-{}", letters(operation)),
                "headers": [],
            },
            "response": {
                "status": 200,
                "headers": headers,
                "content": { "mimeType": "application/json", "size": text.len(), "text": text },
            },
        })
    }
}

/// Two letters: a word, so that the path is no data.
fn letters(number: usize) -> String {
    let letter = |digit: usize| char::from(b'a' + u8::try_from(digit).unwrap());
    [letter(number / 26), letter(number % 26)].iter().collect()
}

fn field(chance: &mut Chance) -> Field {
    match chance.below(100) {
        0..35 => Field::Number,
        35..70 => Field::Text,
        70..78 => Field::Optional(0.5),
        78..83 => Field::Optional(RARELY),
        83..88 => Field::Optional(1.0 - RARELY),
        88..92 => Field::Nullable,
        92..96 => Field::Vocabulary,
        _ => Field::List,
    }
}

fn members(group: &[Field], chance: &mut Chance) -> Value {
    let members = group.iter().enumerate();
    let drawn =
        members.filter_map(|(at, field)| Some((format!("field_{at}"), drawn(*field, chance)?)));
    Value::Object(drawn.collect())
}

fn drawn(field: Field, chance: &mut Chance) -> Option<Value> {
    const WORDS: [&str; 3] = ["open", "closed", "held"];
    match field {
        Field::Number => Some(json!(1 + chance.below(1_000))),
        Field::Text => Some(json!(format!("some text of {} words", chance.below(1_000)))),
        Field::Optional(share) => chance.is(share).then(|| json!("there")),
        Field::Nullable if chance.is(RARELY) => Some(Value::Null),
        Field::Nullable => Some(json!("a name")),
        Field::Vocabulary if chance.is(RARELY) => Some(json!("disputed")),
        Field::Vocabulary => Some(json!(WORDS[chance.below(WORDS.len())])),
        Field::List if chance.is(RARELY) => Some(json!([])),
        Field::List => Some(json!([1, 2])),
    }
}
