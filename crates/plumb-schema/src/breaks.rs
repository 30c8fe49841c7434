//! Every break between a writer and a reader, one at a time: what the reader refuses, where it says
//! so, and a document that shows it.
//!
//! A break that was found is excused, and the question asked again, until the reader takes whatever
//! is written. So breaks are told apart by what refuses, however the two schemas are written.

use crate::blame::Blame;
use crate::circle::circle;
use crate::decide::{Question, Schemas};
use crate::library::Spot;
use crate::read::Excused;
use crate::refusals::{Refusal, are_refused, refusals, tell};
use crate::speaks::speaks_of;
use serde_json::Value;

/// All that was found out about one question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Breaks {
    /// The breaks, each at its own place or by its own keyword.
    pub found: Vec<Break>,
    /// Why no more can be told, in lower case without full stop; `None` when `found` is all.
    pub untold: Option<String>,
}

/// One way in which a reader refuses what a writer may write.
#[derive(Clone, Debug, PartialEq)]
pub struct Break {
    /// A whole document that the writer may write and the reader refuses. A validator of others
    /// agrees on both.
    pub witness: Value,
    /// Where in the witness the reader refuses it, as a JSON pointer.
    pub place: String,
    /// The keyword of the reader's schema that refuses it, as JSON Schema calls it; `falseSchema`
    /// where the schema is just `false`.
    pub keyword: String,
    /// The member that is missing there, or one too many, where it is about one.
    pub member: Option<String>,
    /// Where the reader's schema says so.
    pub reader: Spot,
    /// The nearest place of the writer's schema that speaks of `place`.
    pub writer: Spot,
}

/// Every break that can be told apart, in the order in which they were found.
///
/// Needs [`STACK_BYTES`](crate::decide::STACK_BYTES) of stack at most.
pub fn breaks(schemas: &mut Schemas<'_>, question: &Question) -> Breaks {
    let mut found = Vec::new();
    let untold = search(schemas, question, &mut found).err();
    let told = |refusal: Refusal| {
        let writer = speaks_of(schemas.library, &question.writer, &refusal.blame.place);
        let Blame { place, keyword, spot: reader, member } = refusal.blame;
        Break { witness: refusal.witness, place, keyword, member, reader, writer }
    };
    Breaks { found: found.into_iter().map(told).collect(), untold }
}

/// Adds refusals to `found` until there are no more; an error tells why more cannot be told.
fn search(
    schemas: &mut Schemas<'_>,
    question: &Question,
    found: &mut Vec<Refusal>,
) -> Result<(), String> {
    let mut excused = Excused::default();
    if schemas.read(&question.writer)? == schemas.read(&question.reader)? {
        return Ok(());
    }
    if let Some(circle) = circle(schemas, question) {
        let documents: Vec<&Value> = circle.shown.iter().map(|(document, _)| document).collect();
        let refused = match documents[..] {
            [] => Vec::new(),
            _ => are_refused(schemas.library, question, &documents)?,
        };
        let is_agreed = !circle.is_lost && refused.iter().all(|is_refused| *is_refused);
        for ((document, blames), is_refused) in circle.shown.into_iter().zip(refused) {
            if is_refused {
                tell(schemas.library, (&document, blames), &mut excused, found)?;
            }
        }
        if is_agreed {
            return circle.untold.map_or(Ok(()), Err);
        }
    }
    // A document of a pair inside may be none of the question's: another alternative takes it.
    refusals(schemas, question, &mut excused, found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Reading;
    use crate::library::{Draft, Library};
    use serde_json::json;

    fn all(writer: Value, reader: Value) -> (Vec<String>, Option<String>) {
        let mut library = Library::default();
        library.add("old", writer, Draft::Twenty);
        library.add("new", reader, Draft::Twenty);
        let mut schemas = Schemas::new(&library);
        let spot = |name: &str| Spot { document: name.to_owned(), pointer: String::new() };
        let (writer, reader) = (spot("old"), spot("new"));
        let question = Question { writer, reader, reading: Reading::MustIgnore };
        let breaks = breaks(&mut schemas, &question);
        let line = |one: &Break| {
            let member = one.member.as_deref().unwrap_or("-");
            let (reader, writer) = (&one.reader.pointer, &one.writer.pointer);
            format!("{} {} {member} {reader} {writer}", one.place, one.keyword)
        };
        (breaks.found.iter().map(line).collect(), breaks.untold)
    }

    fn check(writer: Value, reader: Value, expected: &[&str]) {
        let (mut found, untold) = all(writer, reader);
        found.sort();
        assert_eq!(found, expected);
        assert_eq!(untold, None);
    }

    #[test]
    fn each_break_is_told_by_what_refuses() {
        let old = json!({"type": "object", "required": ["a"], "properties": {
            "a": {"type": ["string", "null"]},
            "b": {"type": "array", "items": {"enum": ["x", "y"]}},
            "c": {"type": "integer", "format": "int64"}}});
        let new = json!({"type": "object", "required": ["a", "d", "b"], "properties": {
            "a": {"$ref": "#/$defs/a"},
            "b": {"type": "array", "items": {"enum": ["x"]}},
            "c": {"type": "integer", "format": "int32"}}, "$defs": {"a": {"type": "string"}}});
        check(
            old,
            new,
            &[
                " required b /required ",
                " required d /required ",
                "/a type - /$defs/a/type /properties/a",
                "/b/0 enum - /properties/b/items/enum /properties/b/items",
                "/c format - /properties/c/format /properties/c",
            ],
        );
    }

    #[test]
    fn inside_alternatives_the_one_that_is_meant_is_told() {
        let member = |kind: &str| json!({"type": "object", "properties": {"n": {"type": kind}}});
        let old = json!({"anyOf": [{"type": "null"}, member("string")]});
        let new = json!({"anyOf": [member("integer"), {"type": "null"}]});
        check(old, new, &["/n type - /anyOf/0/properties/n/type /anyOf/1/properties/n"]);
    }

    #[test]
    fn members_that_a_closed_reader_refuses_are_told_one_by_one() {
        let old = json!({"type": "object", "properties": {"a": true, "b": true, "c": true}});
        let new =
            json!({"type": "object", "properties": {"a": true}, "additionalProperties": false});
        check(
            old,
            new,
            &[
                " additionalProperties b /additionalProperties ",
                " additionalProperties c /additionalProperties ",
            ],
        );
    }

    #[test]
    fn what_is_excused_from_one_alternative_does_not_speak_against_another() {
        let tagged = |tag: &str, required: Value, more: Value| {
            let mut members = json!({"kind": {"const": tag}});
            members["more"] = more;
            json!({"type": "object", "required": required, "properties": members})
        };
        let inner = json!({"type": "object", "required": ["x"], "properties": {"x": true}});
        let plain = json!({"type": "object", "properties": {"x": true}});
        let both = |more: Value, required: Value| {
            let other = tagged("b", json!(["kind"]), json!(true));
            json!({"oneOf": [tagged("a", required, more), other]})
        };
        let old = both(plain, json!(["kind"]));
        let new = both(inner, json!(["kind", "more"]));
        check(
            old,
            new,
            &[
                " required more /oneOf/0/required ",
                "/more required x /oneOf/0/properties/more/required /oneOf/0/properties/more",
            ],
        );
    }

    #[test]
    fn names_that_no_schema_knows_are_told_as_one() {
        let open = json!({"type": "object"});
        let closed =
            json!({"type": "object", "properties": {"a": true}, "additionalProperties": false});
        check(open, closed, &[" additionalProperties - /additionalProperties "]);
    }

    #[test]
    fn a_schema_that_is_its_own_opposite_ends() {
        let odd = json!({"not": {"$ref": "#"}});
        let (found, untold) = all(odd, json!({"type": "string"}));
        assert!(found.is_empty() || untold.is_some(), "{found:?} {untold:?}");
    }

    #[test]
    fn what_one_schema_says_through_references_in_circles_is_the_same() {
        let tree = json!({"$ref": "#/$defs/t", "$defs": {"t": {"type": "object",
            "properties": {"next": {"$ref": "#/$defs/t"}}}}});
        let same = json!({"type": "object", "properties": {"next": {"$ref": "#"}}});
        check(tree.clone(), same, &[]);
        let other = json!({"type": "object", "properties": {"next": {"type": "object",
            "properties": {"next": {"type": "string"}}}}});
        check(
            tree,
            other,
            &["/next/next type - /properties/next/properties/next/type /$defs/t/properties/next"],
        );
    }
}
