//! Descriptions of interfaces in two versions: what changed stands at a line that is there, and no
//! version breaks itself.

use plumb_contract::change::{Grade, Spot};
use plumb_contract::compared::{Compared, File};
use plumb_contract::interface::asked::Asked;
use plumb_contract::openapi::document::gather;
use plumb_contract::{interface, openapi};
use plumb_schema::answer::Reading;
use std::thread;

/// The version that inputs without another are compared with.
const SHOP: &str = r##"{"openapi":"3.1.0","paths":{"/orders/{id}":{"get":{
    "parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
    "responses":{"200":{"description":"ok","content":{"application/json":{
        "schema":{"$ref":"#/components/schemas/Order"}}}}}}}},
    "components":{"schemas":{"Order":{"type":"object","required":["id"],"properties":{
        "id":{"type":"string"},"next":{"$ref":"#/components/schemas/Order"}}}}}}"##;

/// The name under which each version is read.
const NAME: &str = "api.yaml";

/// Bytes of stack for schemas that lie deep one in another.
const STACK_BYTES: usize = 32 << 20;

/// Reads the bytes up to their first zero byte as one version and the rest as the other.
///
/// # Panics
/// When a version breaks itself, or something is told of a line that no version has.
pub fn descriptions(bytes: &[u8]) {
    let at = bytes.iter().position(|byte| *byte == 0);
    let (old, new) = bytes.split_at(at.unwrap_or(bytes.len()));
    let new = new.get(1..).unwrap_or(SHOP.as_bytes());
    thread::scope(|scope| {
        let builder = thread::Builder::new().stack_size(STACK_BYTES);
        builder.spawn_scoped(scope, || hold(old, new)).expect("a thread starts");
    });
}

fn hold(old: &[u8], new: &[u8]) {
    let lines = line_count(old).max(line_count(new));
    for (old, new) in [(old, new), (new, old)] {
        let found = compared(old, new);
        for unread in &found.unread {
            assert!((1..=lines).contains(&unread.line), "unread at line {}", unread.line);
        }
        let spots = found.changes.iter().flat_map(|change| [&change.old, &change.new]);
        for Spot { line, .. } in spots.flatten() {
            assert!((1..=lines).contains(line), "a change at line {line} of {lines}");
        }
    }
    let same = compared(old, old);
    let breaks = same.changes.iter().find(|change| change.grade == Grade::Breaking);
    assert!(breaks.is_none(), "a version breaks itself: {breaks:?}");
}

fn compared(old: &[u8], new: &[u8]) -> Compared {
    let files =
        |bytes: &[u8]| gather(NAME, &[File { name: NAME.to_owned(), bytes: bytes.to_vec() }]);
    let (old, new) = (files(old), files(new));
    let asked = Asked { reading: Reading::MustIgnore, today: Some("2026-11-21".to_owned()) };
    interface::changes(&openapi::read(&old), &openapi::read(&new), &asked)
}

/// Lines, where every break that YAML knows begins another.
fn line_count(bytes: &[u8]) -> u32 {
    let breaks = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
    u32::try_from(breaks + 2).expect("the input is small")
}
