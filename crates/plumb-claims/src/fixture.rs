//! Files that say nothing by themselves, and whose owner says what they are: an example of an
//! answer, or the JSON Schema of it. Refuses to know who says so, and to guess.

use crate::openapi;
use crate::reading::{Beside, Reading, SourceFile, Unread};
use plumb_shape::claim::{Claim, Dialect, SaidQuery, SaidRequest, SaidStatus, Source, Strength};
use plumb_shape::example::{say_body, say_json};
use plumb_shape::operation::{Operation, PathPattern, Segment};
use plumb_shape::place::{Part, Side};
use plumb_shape::said::Said;
use plumb_tree::json::parse_json;
use plumb_tree::read::parse;
use plumb_tree::{FILE_BYTES_MAX, quoted};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixtureKind {
    /// An answer as it may be.
    Example,
    /// What every answer has to meet, in JSON Schema.
    Schema,
}

/// What somebody says a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixture {
    /// The file, relative to the scanned folder, with `/` between parts.
    pub file: String,
    /// What it is.
    pub kind: FixtureKind,
    /// The dependency that answers so.
    pub writer: String,
    /// What it answers.
    pub operation: Operation,
    /// The status of the answer.
    pub status: u16,
}

const MEND: &str = "mend the file, or take its entry out of the configuration";

/// The claim that a file makes, given what it is. A file that is not there, or not what it is said
/// to be, is told as unread.
#[must_use]
pub fn read(fixture: &Fixture, beside: Beside<'_>) -> Reading {
    let unread = |line: u32, reason: String| Reading {
        claims: Vec::new(),
        unread: vec![Unread { file: fixture.file.clone(), line, reason, remedy: MEND.to_owned() }],
    };
    let Some(bytes) = beside(&fixture.file) else {
        return unread(1, "the configuration names it, and it is not there".to_owned());
    };
    if bytes.len() > FILE_BYTES_MAX {
        return unread(1, "it is too large for an answer".to_owned());
    }
    let documents = match parse(&fixture.file, &bytes) {
        Ok(parsed) => parsed.documents,
        Err(broken) => {
            let (column, reason) = (broken.column, broken.reason);
            return unread(broken.line, format!("cannot be parsed at column {column}: {reason}"));
        }
    };
    let [document] = documents.as_slice() else {
        return unread(1, "it holds more than one document, or none".to_owned());
    };
    match fixture.kind {
        FixtureKind::Schema => schema(fixture, beside),
        FixtureKind::Example => {
            let mut said = Said::default();
            match say_json(&mut said, Side::Response, document.to_json_text().as_bytes()) {
                Ok(()) => Reading { claims: vec![claim(fixture, said)], unread: Vec::new() },
                Err(broken) => unread(1, format!("it is no JSON: {broken}")),
            }
        }
    }
}

/// What a schema says is what it would say in a specification, which is one more file beside it.
fn schema(fixture: &Fixture, beside: Beside<'_>) -> Reading {
    let (folder, name) = fixture.file.rsplit_once('/').unwrap_or(("", &fixture.file));
    let status = fixture.status;
    let text = format!(
        "{{\"openapi\":\"3.1.0\",\"info\":{{\"title\":\"\",\"version\":\"\"}},\"paths\":{{\"/\":{{\
         \"get\":{{\"responses\":{{\"{status}\":{{\"description\":\"\",\"content\":{{\
         \"application/json\":{{\"schema\":{{\"$ref\":{}}}}}}}}}}}}}}}}}}}",
        quoted(&format!("./{name}")),
    );
    let Ok(parsed) = parse_json(text.as_bytes()) else { return Reading::default() };
    let path = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let path = format!("{path}{name}.said");
    let file = SourceFile { path: &path, bytes: text.as_bytes() };
    let mut reading = openapi::read(&file, &parsed.documents, beside);
    for unread in reading.unread.iter_mut().filter(|unread| unread.file == path) {
        unread.file.clone_from(&fixture.file);
        unread.line = 1;
    }
    let read = std::mem::take(&mut reading.claims);
    reading.claims = read.into_iter().map(|one| claim(fixture, one.said)).collect();
    reading
}

fn claim(fixture: &Fixture, said: Said) -> Claim {
    let Fixture { operation, .. } = fixture;
    let segment = |it: &Option<String>| it.clone().map_or(Segment::Param, Segment::Literal);
    let segments = operation.segments.iter().map(segment).collect();
    let mut said = said;
    said.places.retain(|place, _| place.side == Side::Response);
    said.say_any_body(Side::Request);
    if !said.speaks_of(Side::Response, Part::Body) {
        say_body(&mut said, Side::Response, None, b"");
    }
    let (dialect, strength) = match fixture.kind {
        FixtureKind::Example => (Dialect::Example, Strength::Example),
        FixtureKind::Schema => (Dialect::JsonSchema, Strength::Constraint),
    };
    Claim {
        source: Source {
            dialect,
            file: fixture.file.clone(),
            line: 1,
            column: 1,
            title: operation.to_string(),
        },
        strength,
        writer: Some(fixture.writer.clone()),
        reader: None,
        request: SaidRequest {
            methods: vec![operation.method.clone()],
            path: PathPattern { segments, name: operation.name.clone() },
            query: SaidQuery::Any,
            priority: 0,
            stateful: false,
        },
        status: SaidStatus::Exactly(fixture.status),
        said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_print::print;

    #[track_caller]
    fn check(kind: FixtureKind, text: Option<&str>, expected: &str) {
        let fixture = Fixture {
            file: "api/order.json".to_owned(),
            kind,
            writer: "orders".to_owned(),
            operation: Operation::parse("GET /orders/{}").unwrap(),
            status: 200,
        };
        let beside = |path: &str| {
            let text = match path {
                "api/order.json" => text?,
                "api/money.json" => {
                    r#"{"type":"object","properties":{"amount":{"type":"integer"}}}"#
                }
                _ => return None,
            };
            Some(text.as_bytes().to_vec())
        };
        assert_eq!(print(&read(&fixture, &beside)), expected);
    }

    #[test]
    fn an_example_says_its_places() {
        check(
            FixtureKind::Example,
            Some(r#"{"id": 7, "note": null}"#),
            "1:1 example GET /orders/{} -> 200, by orders
  called GET /orders/{}
  request $: sometimes all, anything beneath
  response $: always record
  response $.id: always int32
  response $.note: always null
",
        );
    }

    #[test]
    fn a_schema_says_what_it_admits() {
        let schema = r##"{
          "$schema": "http://json-schema.org/draft-07/schema#",
          "type": "object",
          "required": ["id"],
          "properties": {
            "id": { "$ref": "#/definitions/id" },
            "total": { "$ref": "money.json" }
          },
          "definitions": { "id": { "type": "integer" } }
        }"##;
        check(
            FixtureKind::Schema,
            Some(schema),
            "1:1 constraint GET /orders/{} -> 200, by orders
  called GET /orders/{}
  request $: sometimes all, anything beneath
  response media-type application/json: always present
  response $: always record, map
  response $.id: always zero, int32, beyond int32, beyond 2^53, negative
  response $.total: sometimes any object
  response $.total.amount: sometimes zero, int32, beyond int32, beyond 2^53, negative
",
        );
    }

    #[test]
    fn what_is_not_there_is_told() {
        let remedy = "  so mend the file, or take its entry out of the configuration\n";
        let gone = "unread 1: the configuration names it, and it is not there\n";
        check(FixtureKind::Example, None, &format!("{gone}{remedy}"));
        let broken = "unread 1: cannot be parsed at column 4: expected nothing more, not `{`\n";
        check(FixtureKind::Schema, Some("{} {}"), &format!("{broken}{remedy}"));
    }
}
