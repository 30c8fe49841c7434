//! Schemas before and after, in both versions.

use super::*;
use crate::dialect;
use crate::mend::{Done, Mended, mend};
use plumb_shape::trait_set::TraitSet;

/// A specification of one answer whose member `a` has this schema, beside what else it holds.
fn specification(version: &str, schema: &str) -> String {
    format!(
        r##"openapi: {version}
info: {{ title: t, version: "1" }}
paths:
  /:
    get:
      responses:
        "200":
          description: d
          content:
            application/json:
              schema:
                type: object
                required: [a, b]
                properties:
                  a: {schema}
                  b: {{ $ref: "#/components/schemas/B" }}
                  c: {{ $ref: "#/components/schemas/B" }}
              example: {{ "a": 1, "b": "x" }}
components:
  schemas:
    B: {{ type: string }} # two refer to it
"##
    )
}

fn place(steps: &[&str]) -> Place {
    let step = |name: &&str| match *name {
        "[]" => Step::Item,
        key => Step::Key(key.into()),
    };
    Place { side: Side::Response, part: Part::Body, steps: steps.iter().map(step).collect() }
}

fn changed(text: &str, action: Action) -> Mended {
    let file = SourceFile { path: "api.yaml", bytes: text.as_bytes() };
    let claims = dialect::read(&file, &beside).claims;
    let change = Change { claim: claims[0].source.clone(), action, reach: Reach::Everywhere };
    mend(&file, &[&change], &beside)
}

fn beside(path: &str) -> Option<Vec<u8>> {
    (path == "parts.yaml").then(|| b"Order:\n  required: [a] # all\n  properties: {}\n".to_vec())
}

fn admit(kind: DifferenceKind, traits: TraitSet, json: &str) -> Beyond {
    let json = (!json.is_empty()).then(|| json.to_owned());
    Beyond { kind, traits, json, words: Vec::new(), is_required: false }
}

/// Checks the schema of `a` afterwards, and that nothing else changed.
#[track_caller]
fn check(version: &str, schema: &str, beyond: Beyond, expected: &str) {
    let mended = changed(&specification(version, schema), Action::Admit(place(&["a"]), beyond));
    assert_eq!(mended.done, [Done::Written], "{schema}");
    let text = mended.files["api.yaml"].clone();
    // The example follows where a value is another one now.
    let text = text.replace("{ \"a\": \"x\", ", "{ \"a\": 1, ");
    assert_eq!(text, specification(version, expected));
}

#[track_caller]
fn check_refused(schema: &str, beyond: Beyond, why: &str) {
    let mended = changed(&specification("3.0.3", schema), Action::Admit(place(&["a"]), beyond));
    let Done::Refused(reason) = &mended.done[0] else { panic!("{:?}", mended.files) };
    assert!(reason.contains(why) && mended.files.is_empty(), "{reason}");
}

#[test]
fn null_is_let_in_as_the_version_has_it() {
    let null = || admit(DifferenceKind::NullNew, TraitSet::NULL, "null");
    check("3.0.3", "{ type: string }", null(), "{ type: string, nullable: true }");
    check(
        "3.0.3",
        "{ type: string, nullable: false } # x",
        null(),
        "{ type: string, nullable: true } # x",
    );
    check(
        "3.0.3",
        "{ type: string, enum: [x, y] }",
        null(),
        "{ type: string, enum: [x, y, null], nullable: true }",
    );
    check("3.1.0", "{ type: string }", null(), "{ type: [\"string\", \"null\"] }");
    check("3.1.0", "{ type: [string] }", null(), "{ type: [string,\"null\"] }");
    check(
        "3.1.0",
        "{ anyOf: [{ type: string }] }",
        null(),
        "{ anyOf: [{ type: string },{\"type\": \"null\"}] }",
    );
    check(
        "3.1.0",
        "{ $ref: \"#/components/schemas/B\" }",
        null(),
        "{\"anyOf\": [{\"$ref\":\"#/components/schemas/B\"}, {\"type\": \"null\"}]}",
    );
    check_refused("{ const: 1 }", null(), "`const` stands there");
}

#[test]
fn another_kind_stands_beside_the_one_before_or_in_its_place() {
    let text = |kind| admit(kind, TraitSet::TEXT, "\"x\"");
    let beside = DifferenceKind::KindNew;
    check("3.1.0", "{ type: integer }", text(beside), "{ type: [\"integer\", \"string\"] }");
    check(
        "3.0.3",
        "{ type: integer, minimum: 1 }",
        text(beside),
        "{ anyOf: [{\"type\": \"integer\"}, {\"type\":\"string\"}], minimum: 1 }",
    );
    let instead = DifferenceKind::KindChanged;
    check("3.0.3", "{ type: integer }", text(instead), "{ type: string }");
    check(
        "3.0.3",
        "{ type: integer, format: int32, title: t }",
        text(instead),
        "{\"type\": \"string\", \"title\": \"t\"}",
    );
    // What others refer to goes on being what it was.
    check(
        "3.0.3",
        "{ $ref: \"#/components/schemas/B\" }",
        admit(instead, TraitSet::INT32, "1"),
        "{\"anyOf\": [{\"$ref\":\"#/components/schemas/B\"}, {\"type\":\"integer\"}]}",
    );
    check_refused("{ type: integer, enum: [1] }", text(beside), "`enum` or `const`");
}

#[test]
fn bounds_and_formats_give_way() {
    let wide = |traits| admit(DifferenceKind::NumberWidened, traits, "1");
    check(
        "3.0.3",
        "{ type: integer, format: int32 }",
        wide(TraitSet::INT53),
        "{ type: integer, format: int64 }",
    );
    check(
        "3.0.3",
        "{ type: integer, format: int32 }",
        wide(TraitSet::FRACTION),
        "{ type: number }",
    );
    check(
        "3.0.3",
        "{ minimum: 0, type: integer, maximum: 9 }",
        wide(TraitSet::NEGATIVE),
        "{ type: integer, maximum: 9 }",
    );
    let other = admit(DifferenceKind::FormatChanged, TraitSet::TEXT, "\"x\"");
    check("3.0.3", "{ type: string, format: date }", other, "{ type: string }");
    let empty = |traits| admit(DifferenceKind::EmptyNew, traits, "[]");
    check(
        "3.0.3",
        "{ type: array, minItems: 2, items: {} }",
        empty(TraitSet::EMPTY_ARRAY),
        "{ type: array, minItems: 0, items: {} }",
    );
    check_refused("{ type: string, pattern: x }", empty(TraitSet::EMPTY_STRING), "`pattern`");
}

#[test]
fn an_enum_gains_the_words_that_are_known() {
    let value = || admit(DifferenceKind::ValueNew, TraitSet::TEXT, "\"x\"");
    let known = Beyond { words: vec!["paid".to_owned(), "due".to_owned()], ..value() };
    check("3.0.3", "{ enum: ['open'] } # x", known, "{ enum: ['open','paid','due'] } # x");
    check_refused("{ enum: [open] }", value(), "withheld");
}

#[test]
fn a_member_is_optional_or_gone_or_new() {
    let gone = || admit(DifferenceKind::Gone, TraitSet::NONE, "");
    let text = specification("3.1.0", "{ type: integer }");
    let mended = changed(&text, Action::Admit(place(&["a"]), gone()));
    let expected = text
        .replace("required: [a, b]", "required: [b]")
        .replace("                  a: { type: integer }\n", "")
        .replace("{ \"a\": 1, \"b\": \"x\" }", "{ \"b\": \"x\" }");
    assert_eq!(mended.files["api.yaml"], expected);
    let absent = admit(DifferenceKind::SometimesAbsent, TraitSet::NONE, "");
    let mended = changed(&text, Action::Admit(place(&["a"]), absent));
    assert_eq!(mended.files["api.yaml"], text.replace("required: [a, b]", "required: [b]"));
    let new = Beyond { is_required: true, ..admit(DifferenceKind::New, TraitSet::INT32, "[1]") };
    let mended = changed(&text, Action::Admit(place(&["d"]), new));
    let last = "                  c: { $ref: \"#/components/schemas/B\" }\n";
    let below = "                  d:\n                    type: array\n                    \
                 items:\n                      type: integer\n";
    let expected = text.replace("required: [a, b]", "required: [a, b, \"d\"]");
    assert_eq!(mended.files["api.yaml"], expected.replace(last, &format!("{last}{below}")));
    check_refused(
        "{ type: integer }",
        admit(DifferenceKind::NeverSeen, TraitSet::NONE, ""),
        "may allow what is not seen",
    );
}

#[test]
fn what_stands_in_a_file_beside_is_changed_there() {
    let text = specification("3.0.3", "{ type: integer }");
    let at = text.find("type: object").unwrap();
    let end = text.find("              example").unwrap();
    let text = format!("{}$ref: \"parts.yaml#/Order\"\n{}", &text[..at], &text[end..]);
    let gone = admit(DifferenceKind::SometimesAbsent, TraitSet::NONE, "");
    let mended = changed(&text, Action::Admit(place(&["a"]), gone));
    assert_eq!(mended.done, [Done::Written]);
    assert_eq!(mended.files["parts.yaml"], "Order:\n  properties: {}\n");
    assert_eq!(mended.files.len(), 1);
}

#[test]
fn statuses_parameters_and_headers_are_described() {
    let text = specification("3.0.3", "{ type: integer }");
    let answer = |status| Answer { status, media_type: None, body: None, asked: None };
    let mended = changed(&text, Action::Answer(answer(202)));
    assert_eq!(mended.files["api.yaml"], text.replace("\"200\":", "\"202\":"));
    let mended = changed(&text, Action::AnswerOther(answer(429)));
    let more = "        \"429\":\n          description: Too Many Requests\ncomponents:\n";
    assert_eq!(mended.files["api.yaml"], text.replace("components:\n", more));
    let new = || admit(DifferenceKind::New, TraitSet::TEXT, "\"x\"");
    let query = Place::named(Side::Request, Part::Query, "page");
    let mended = changed(&text, Action::Admit(query, new()));
    let one = "[{\"name\":\"page\",\"in\":\"query\",\"schema\":{\"type\":\"string\"}}]";
    assert!(mended.files["api.yaml"].contains(&format!("\n      parameters: {one}\n")));
    let header = Place::named(Side::Response, Part::Header, "etag");
    let mended = changed(&text, Action::Admit(header, new()));
    let described = "\n          headers:\n            etag:\n              schema:\n";
    assert!(mended.files["api.yaml"].contains(described), "{}", mended.files["api.yaml"]);
}

#[test]
fn a_schema_is_found_through_what_it_is_composed_of() {
    let variants = "{ oneOf: [{ properties: { x: { type: integer } } }, { type: object }] }";
    let new = admit(DifferenceKind::New, TraitSet::INT32, "1");
    let mended = changed(&specification("3.0.3", variants), Action::Admit(place(&["a", "y"]), new));
    assert!(matches!(&mended.done[..], [Done::Refused(why)] if why.contains("which variant")));
    let all = "{ allOf: [{ type: object }, { properties: { x: { type: integer } } }] }";
    let text = specification("3.0.3", all);
    let null = admit(DifferenceKind::NullNew, TraitSet::NULL, "null");
    let mended = changed(&text, Action::Admit(place(&["a", "x"]), null));
    let x = "x: { type: integer, nullable: true }";
    assert_eq!(mended.files["api.yaml"], text.replace("x: { type: integer }", x));
}
