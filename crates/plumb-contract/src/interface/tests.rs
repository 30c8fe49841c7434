//! Whole comparisons: where changes point to, what is told once, and what ends in bounded time.

use super::*;
use crate::change::{Change, Direction, Grade};
use crate::compared::File;
use crate::openapi::document::gather;
use crate::openapi::read;
use plumb_schema::answer::Reading;

fn compared(old: &str, new: &str) -> Compared {
    files_compared(&[("api.yaml", old)], &[("api.yaml", new)])
}

fn files_compared(old: &[(&str, &str)], new: &[(&str, &str)]) -> Compared {
    let files = |texts: &[(&str, &str)]| {
        let file = |(name, text): &(&str, &str)| File {
            name: (*name).to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        texts.iter().map(file).collect::<Vec<File>>()
    };
    let (old, new) = (gather("api.yaml", &files(old)), gather("api.yaml", &files(new)));
    let asked = Asked { reading: Reading::MustIgnore, today: None };
    changes(&read(&old), &read(&new), &asked)
}

/// A change without its words.
fn told(change: &Change) -> (Grade, &str, &str, &str, Direction) {
    let Change { grade, rule, subject, place, direction, .. } = change;
    (*grade, rule, subject, place, *direction)
}

/// The line in the old version and the one in the new.
fn lines(change: &Change) -> (Option<u32>, Option<u32>) {
    (change.old.as_ref().map(|spot| spot.line), change.new.as_ref().map(|spot| spot.line))
}

const SHOP: &str = "\
openapi: 3.0.3
paths:
  /orders:
    get:
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema:
                type: array
                items:
                  $ref: '#/components/schemas/Order'
  /orders/{id}:
    get:
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Order'
components:
  schemas:
    Order:
      type: object
      required: [id, price]
      properties:
        id:
          type: string
          readOnly: true
        price:
          type: integer
          nullable: false
        note:
          allOf:
            - type: string
          nullable: true
";

#[test]
fn a_break_in_a_component_points_into_it_from_each_operation() {
    let new = SHOP.replace("type: integer", "type: number");
    let found = compared(SHOP, &new);
    assert_eq!(found.unread, []);
    let expected =
        [("GET /orders", "response 200 $[].price"), ("GET /orders/{id}", "response 200 $.price")];
    assert_eq!(found.changes.len(), expected.len(), "{:#?}", found.changes);
    for (change, (subject, place)) in found.changes.iter().zip(expected) {
        let rule = "response-type-widened";
        let same = (Grade::Breaking, rule, subject, place, Direction::NewWrites);
        assert_eq!(told(change), same);
        assert_eq!(lines(change), (Some(33), Some(33)));
        assert!(change.witness.as_ref().is_some_and(|text| text.contains("\"price\":")));
    }
}

#[test]
fn a_break_beside_nullable_points_to_its_line() {
    let new = SHOP.replace("            - type: string\n", "            - type: boolean\n");
    let found = compared(SHOP, &new);
    let lines: Vec<_> = found.changes.iter().map(lines).collect();
    assert_eq!(lines, [(Some(37), Some(36)), (Some(37), Some(36))], "{:#?}", found.changes);
}

#[test]
fn schemas_in_other_files_point_there() {
    let root = "openapi: 3.1.0\npaths: {/a: {get: {responses: {'200': {description: ok, content: \
                {application/json: {schema: {$ref: 'b.yaml#/T'}}}}}}}}\n";
    let (old, new) = ("\nT:\n  enum: [a]\n", "\nT:\n  enum: [a, b]\n");
    let found = files_compared(
        &[("api.yaml", root), ("b.yaml", old)],
        &[("api.yaml", root), ("b.yaml", new)],
    );
    assert_eq!(found.changes.len(), 1, "{:#?}", found.changes);
    let spot = found.changes[0].new.as_ref().unwrap();
    assert_eq!((spot.file.as_str(), spot.line), ("b.yaml", 3));
}

#[test]
fn the_same_description_changes_nothing() {
    assert_eq!(compared(SHOP, SHOP), Compared::default());
}

#[test]
fn a_version_that_is_not_read_is_told_and_nothing_else() {
    let found = compared(SHOP, "openapi: [");
    assert_eq!((found.changes.len(), found.unread.len()), (0, 1));
    let found = compared("a: 1", SHOP);
    assert_eq!((found.changes.len(), found.unread.len()), (0, 1));
}

#[test]
fn a_reference_that_leads_nowhere_cannot_be_told() {
    let new = SHOP.replace(
        "items:\n                  $ref: '#/components/schemas/Order'",
        "items:\n                  $ref: '#/components/schemas/None'",
    );
    let found = compared(SHOP, &new);
    let told: Vec<_> = found.changes.iter().map(told).collect();
    let place = "response 200 $";
    let expected = (Grade::Risky, "response-undecided", "GET /orders", place, Direction::NewWrites);
    assert_eq!(told, [expected]);
    assert_eq!(found.unread.len(), 1);
    assert_eq!(found.unread[0].reason, "`#/components/schemas/None` leads to nothing");
}

#[test]
fn schemas_that_hold_themselves_end() {
    let reference = "{$ref: '#/components/schemas/A'}";
    let content = format!("{{application/json: {{schema: {reference}}}}}");
    let paths = format!("{{/a: {{post: {{requestBody: {{content: {content}}}}}}}}}");
    let schema = |inner: &str| {
        let schemas = format!("{{A: {inner}, B: {{allOf: [{reference}]}}}}");
        format!("openapi: 3.0.0\npaths: {paths}\ncomponents: {{schemas: {schemas}}}\n")
    };
    for [old, new] in [
        ["{$ref: '#/components/schemas/A'}", "{$ref: '#/components/schemas/B'}"],
        ["{allOf: [{$ref: '#/components/schemas/B'}]}", "{type: string}"],
        ["{anyOf: [{$ref: '#/components/schemas/B'}], readOnly: true}", "{}"],
        [
            "{discriminator: {propertyName: k}, allOf: [{$ref: '#/components/schemas/B'}]}",
            "{discriminator: {propertyName: k}}",
        ],
    ] {
        let found = compared(&schema(old), &schema(new));
        let is_sure = |change: &Change| change.grade == Grade::Breaking;
        assert!(!found.changes.iter().any(is_sure), "{old} {new}: {:#?}", found.changes);
    }
}

#[test]
fn servers_and_security_of_all_are_told_for_all_and_for_each() {
    let head = "openapi: 3.0.0\nservers: [{url: 'https://a.io/v1'}]\n";
    let paths = "paths: {/a: {get: {responses: {}}}, /b: {get: {responses: {}}}}\n";
    let (old, new) = (format!("{head}{paths}"), format!("{head}{paths}"));
    let new = new.replace("/v1", "/v2");
    let found = compared(&old, &new);
    let subjects: Vec<&str> = found.changes.iter().map(|it| it.subject.as_str()).collect();
    assert_eq!(subjects, ["all operations", "all operations"]);
}
