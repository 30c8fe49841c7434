//! Descriptions as files: where what is found stands, and what cannot be read.

use super::*;
use crate::change::Change;
use crate::compared::{File, Flow};
use plumb_schema::answer::Reading;

const OLD: &str = "asyncapi: 3.0.0
channels:
  orders:
    address: orders
    messages:
      placed:
        payload:
          type: object
          properties:
            id: {type: string}
operations:
  take:
    action: receive
    channel: {$ref: '#/channels/orders'}
";

fn files(name: &str, text: &str) -> Vec<File> {
    vec![File { name: name.to_owned(), bytes: text.as_bytes().to_vec() }]
}

fn compared(old: &[File], new: &[File]) -> Compared {
    let asked = Asked { reading: Reading::MustIgnore, flow: Flow::Both };
    let rooted = |files| Rooted { root: "a.yaml", files };
    changes(rooted(old), rooted(new), asked)
}

#[track_caller]
fn check_unread(text: &str, expected: &[(u32, u32, &str)]) {
    let found = compared(&files("a.yaml", text), &files("a.yaml", text));
    let told: Vec<(u32, u32, &str)> =
        found.unread.iter().map(|one| (one.line, one.column, one.reason.as_str())).collect();
    assert_eq!(told, expected, "{text}");
    assert_eq!(found.changes, [], "{text}");
}

#[test]
fn a_break_stands_at_the_lines_that_make_it() {
    let new = OLD.replace("type: string", "type: integer");
    let found = compared(&files("a.yaml", OLD), &files("a.yaml", &new));
    assert_eq!(found.unread, []);
    let broken = found.changes.iter().find(|change| change.rule == "payload-type").unwrap();
    let Change { subject, place, old, new, witness, .. } = broken;
    assert_eq!(subject, "receive orders");
    assert_eq!(place, "message placed payload $.id");
    assert_eq!(old.as_ref().map(|spot| (spot.line, spot.column)), Some((10, 17)));
    assert_eq!(new.as_ref().map(|spot| spot.line), Some(10));
    assert_eq!(witness.as_deref(), Some(r#"{"id":""}"#));
}

#[test]
fn a_payload_may_stand_in_another_file() {
    let here = OLD.split("        payload:").next().unwrap();
    let operations = OLD.split_once("operations:").unwrap().1;
    let root = format!("{here}        payload: {{$ref: 's.json#/d'}}\noperations:{operations}");
    let with = |schema: &str| {
        let mut all = files("a.yaml", &root);
        all.extend(files("s.json", &format!(r#"{{"d": {schema}}}"#)));
        all
    };
    let found = compared(&with(r#"{"type": "string"}"#), &with(r#"{"type": "null"}"#));
    let broken = found.changes.iter().find(|change| change.rule == "payload-type").unwrap();
    assert_eq!(broken.new.as_ref().map(|spot| spot.file.as_str()), Some("s.json"));
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    check_unread("asyncapi: 2.6.0\nchannels: {}\n", &[]);
    check_unread(
        "asyncapi: 1.2.0\nchannels: {}\n",
        &[(1, 11, "version \"1.2.0\" of AsyncAPI is not read, only 2 and 3")],
    );
    check_unread(
        "asyncapi: 3.0.0\nchannels: 1\n",
        &[(2, 11, "`channels` is number, not an object")],
    );
    check_unread(
        "asyncapi: 3.0.0\nchannels:\n  a: {$ref: '#/none'}\n",
        &[(3, 13, "`#/none` leads to nothing")],
    );
    check_unread(
        "asyncapi: 3.0.0\noperations:\n  a: {action: wait}\n",
        &[(3, 6, "an operation neither sends nor receives")],
    );
    check_unread(
        "asyncapi: 3.0.0\noperations:\n  a: {action: send, channel: {$ref: '#/channels/b'}}\n",
        &[(3, 6, "the channel of an operation is not among `channels`")],
    );
}
