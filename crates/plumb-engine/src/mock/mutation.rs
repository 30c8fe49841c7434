//! Mutations: one thing about an answer that is other than it was seen, to learn whether a reader
//! takes it.
//!
//! Each changes one trait at one place and nothing else. Refuses to know readers, and which
//! mutation is worth a try.

use crate::mock::call::MockAnswer;
use crate::mock::code::GrpcCode;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_traffic::schema::protobuf_write::NEW_WORD;
use serde_json::{Map, Value};
use std::fmt;
use std::time::Duration;

/// Places of one body that are mutated at most; a larger body is tried at its first places.
const PLACES_MAX: usize = 500;

/// How long a slow answer takes: longer than people wait gladly, shorter than common timeouts.
const SLOW: Duration = Duration::from_secs(2);

/// One change of an operation's answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mutation {
    /// The operation whose answers change.
    pub operation: String,
    /// The status of the answers that change.
    pub status: u16,
    /// Where.
    pub place: Place,
    /// How.
    pub kind: MutationKind,
}

/// How an answer changes, the likeliest to matter first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MutationKind {
    /// A member is not there.
    Missing,
    /// A value is null.
    Null,
    /// A number is text, or anything else is a number.
    OtherType,
    /// An array is empty.
    Empty,
    /// A word is one that was never seen.
    NewValue,
    /// A member is there that was never seen.
    Extra,
    /// The answer is 429, too many requests; RESOURCE_EXHAUSTED of a call of gRPC.
    TooMany,
    /// The body ends in the middle.
    Truncated,
    /// The answer takes two seconds.
    Slow,
}

impl MutationKind {
    /// The word used in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Null => "null",
            Self::OtherType => "other-type",
            Self::Empty => "empty",
            Self::NewValue => "new-value",
            Self::Extra => "extra",
            Self::TooMany => "too-many-requests",
            Self::Truncated => "truncated",
            Self::Slow => "slow",
        }
    }
}

/// How answers are written, which tells what may be other about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// As a document of their own.
    Document,
    /// As messages of gRPC: by a schema, under numbers.
    Message,
}

impl Wire {
    /// False for what cannot be written so. Messages have no null, a number of another type is
    /// another field to their readers, and they pass over fields that they do not know.
    const fn can_write(self, kind: MutationKind) -> bool {
        match kind {
            MutationKind::Null | MutationKind::OtherType | MutationKind::Extra => {
                matches!(self, Self::Document)
            }
            _ => true,
        }
    }
}

impl fmt::Display for Mutation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.at_status(self.status);
        write!(out, "{} {} {place}", self.kind.name(), self.operation)
    }
}

/// Every mutation of an answer, given the body that is answered.
#[must_use]
pub fn mutations(operation: &str, status: u16, (wire, body): (Wire, &str)) -> Vec<Mutation> {
    let root = Place::root(Side::Response, Part::Body);
    let mut found = Vec::new();
    let mut note = |place: &Place, kind| {
        let (operation, place) = (operation.to_owned(), place.clone());
        found.push(Mutation { operation, status, place, kind });
    };
    if let Ok(value) = serde_json::from_str::<Value>(body) {
        let mut places = Vec::new();
        collect(&value, &root, &mut places);
        for (place, value) in places {
            if place.is_member() {
                note(&place, MutationKind::Missing);
            }
            if !value.is_null() && !place.steps.is_empty() {
                note(&place, MutationKind::Null);
            }
            if !matches!(value, Value::Null | Value::Object(_) | Value::Array(_)) {
                note(&place, MutationKind::OtherType);
            }
            match value {
                Value::Array(items) if !items.is_empty() => note(&place, MutationKind::Empty),
                Value::Object(_) => note(&place, MutationKind::Extra),
                Value::String(text) if is_word(text) => note(&place, MutationKind::NewValue),
                _ => {}
            }
        }
    }
    for kind in [MutationKind::TooMany, MutationKind::Truncated, MutationKind::Slow] {
        if kind != MutationKind::Truncated || !body.is_empty() {
            note(&root, kind);
        }
    }
    found.retain(|one| wire.can_write(one.kind));
    found.sort_by(|one, two| (one.kind, &one.place).cmp(&(two.kind, &two.place)));
    found.dedup();
    found
}

/// Text that is a word rather than a format: there another word is what an enumeration brings.
fn is_word(text: &str) -> bool {
    plumb_shape::format::string_traits(text.as_bytes()) == plumb_shape::trait_set::TraitSet::TEXT
}

/// The places of a value, those of elements once, each with the first value that stands there.
fn collect<'a>(value: &'a Value, at: &Place, places: &mut Vec<(Place, &'a Value)>) {
    if places.len() >= PLACES_MAX || places.iter().any(|(known, _)| known == at) {
        return;
    }
    places.push((at.clone(), value));
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            collect(value, &at.child(Step::Key(name.as_str().into())), places);
        }),
        Value::Array(items) => {
            items.iter().for_each(|item| collect(item, &at.child(Step::Item), places));
        }
        _ => {}
    }
}

/// Changes an answer, if it is one of those that are to change.
pub(crate) fn mutate(mutation: &Mutation, wire: Wire, answer: &mut MockAnswer) {
    if answer.operation != mutation.operation || answer.status != mutation.status {
        return;
    }
    match mutation.kind {
        MutationKind::TooMany if wire == Wire::Message => {
            answer.code = Some(GrpcCode::RESOURCE_EXHAUSTED);
            answer.headers.clear();
            answer.body.clear();
        }
        MutationKind::TooMany => {
            answer.status = 429;
            answer.headers = vec![("retry-after".to_owned(), "1".to_owned())];
            answer.body.clear();
        }
        MutationKind::Truncated => answer.is_cut = true,
        MutationKind::Slow => answer.delay = SLOW,
        _ => {
            let Ok(mut value) = serde_json::from_str::<Value>(&answer.body) else { return };
            change(&mut value, &mutation.place.steps, mutation.kind);
            answer.body = value.to_string();
        }
    }
}

fn change(value: &mut Value, steps: &[Step], kind: MutationKind) {
    let Some((step, rest)) = steps.split_first() else { return change_here(value, kind) };
    match (step, value) {
        (Step::Key(name), Value::Object(members)) => {
            if rest.is_empty() && kind == MutationKind::Missing {
                members.retain(|known, _| known.as_str() != &**name);
            } else if let Some(member) = members.get_mut(&**name) {
                change(member, rest, kind);
            }
        }
        (Step::Item, Value::Array(items)) => {
            items.iter_mut().for_each(|item| change(item, rest, kind));
        }
        _ => {}
    }
}

fn change_here(value: &mut Value, kind: MutationKind) {
    match (kind, &mut *value) {
        (MutationKind::Null, _) => *value = Value::Null,
        (MutationKind::OtherType, Value::Number(number)) => {
            *value = Value::from(format!("text {number}"));
        }
        (MutationKind::OtherType, _) => *value = Value::from(7),
        (MutationKind::Empty, Value::Array(items)) => items.clear(),
        (MutationKind::NewValue, Value::String(text)) => NEW_WORD.clone_into(text),
        (MutationKind::Extra, Value::Object(members)) => extend(members),
        _ => {}
    }
}

fn extend(members: &mut Map<String, Value>) {
    members.insert(NEW_WORD.to_owned(), Value::from("text"));
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"id":7,"items":[{"sku":"a b"},{"sku":"c d"}],"note":null}"#;

    fn answer() -> MockAnswer {
        MockAnswer {
            status: 200,
            operation: "GET /a".to_owned(),
            body: BODY.to_owned(),
            ..MockAnswer::default()
        }
    }

    #[test]
    fn each_mutation_changes_one_thing() {
        let all = mutations("GET /a", 200, (Wire::Document, BODY));
        let changed: Vec<String> = all
            .iter()
            .map(|mutation| {
                let mut answer = answer();
                mutate(mutation, Wire::Document, &mut answer);
                assert_ne!(answer, self::answer(), "{mutation}");
                let aside = match (answer.status, answer.is_cut, answer.delay.is_zero()) {
                    (200, false, true) => "",
                    (200, true, true) => " cut",
                    (200, false, false) => " slow",
                    _ => " 429",
                };
                format!("{} {}{aside}", mutation.kind.name(), answer.body)
            })
            .collect();
        let items = r#""items":[{"sku":"a b"},{"sku":"c d"}]"#;
        let (body, new) = (BODY, r#"{"sku":"unheardof"}"#);
        let more = r#"{"sku":"a b","unheardof":"text"},{"sku":"c d","unheardof":"text"}"#;
        assert_eq!(
            changed,
            [
                format!(r#"missing {{{items},"note":null}}"#),
                r#"missing {"id":7,"note":null}"#.to_owned(),
                r#"missing {"id":7,"items":[{},{}],"note":null}"#.to_owned(),
                format!(r#"missing {{"id":7,{items}}}"#),
                format!(r#"null {{"id":null,{items},"note":null}}"#),
                r#"null {"id":7,"items":null,"note":null}"#.to_owned(),
                r#"null {"id":7,"items":[null,null],"note":null}"#.to_owned(),
                r#"null {"id":7,"items":[{"sku":null},{"sku":null}],"note":null}"#.to_owned(),
                format!(r#"other-type {{"id":"text 7",{items},"note":null}}"#),
                r#"other-type {"id":7,"items":[{"sku":7},{"sku":7}],"note":null}"#.to_owned(),
                r#"empty {"id":7,"items":[],"note":null}"#.to_owned(),
                format!(r#"new-value {{"id":7,"items":[{new},{new}],"note":null}}"#),
                format!(r#"extra {{"id":7,{items},"note":null,"unheardof":"text"}}"#),
                format!(r#"extra {{"id":7,"items":[{more}],"note":null}}"#),
                "too-many-requests  429".to_owned(),
                format!("truncated {body} cut"),
                format!("slow {body} slow"),
            ]
        );
    }

    #[test]
    fn messages_differ_as_their_schema_lets_them() {
        let all = mutations("GET /a", 200, (Wire::Message, r#"{"state":"PAID","items":[1]}"#));
        let told: Vec<String> = all.iter().map(Mutation::to_string).collect();
        assert_eq!(
            told,
            [
                "missing GET /a response 200 $.items",
                "missing GET /a response 200 $.state",
                "empty GET /a response 200 $.items",
                "new-value GET /a response 200 $.state",
                "too-many-requests GET /a response 200 $",
                "truncated GET /a response 200 $",
                "slow GET /a response 200 $",
            ]
        );
        let mut answer = answer();
        mutate(&all[4], Wire::Message, &mut answer);
        let MockAnswer { status, code, body, .. } = answer;
        assert_eq!((status, code, &*body), (200, Some(GrpcCode::RESOURCE_EXHAUSTED), ""));
    }

    #[test]
    fn other_answers_stay() {
        for mutation in mutations("GET /b", 200, (Wire::Document, BODY))
            .into_iter()
            .chain(mutations("GET /a", 404, (Wire::Document, BODY)))
        {
            let mut answer = answer();
            mutate(&mutation, Wire::Document, &mut answer);
            assert_eq!(answer, self::answer());
        }
    }
}
