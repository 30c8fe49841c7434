//! Two versions of a contract: what cannot be read is told at its place, a version changes nothing
//! of itself, and what breaks is shown.

use crate::promise::compared;
use plumb_contract::change::Grade;
use plumb_contract::compared::{Compared, File, Flow};
use plumb_contract::protobuf::Reading;
use plumb_contract::{avro, protobuf};

/// Reads the bytes as two versions of a schema of Avro.
///
/// # Panics
/// When a promise is broken.
pub fn avro_versions(bytes: &[u8]) {
    let (old, new) = versions("a.avsc", bytes);
    for flow in [Flow::OldWrites, Flow::Both] {
        check(&avro::changes(&old, &new, flow), &[&old, &new]);
    }
    let same = avro::changes(&old, &old, Flow::Both);
    assert!(same.changes.is_empty(), "{same:?}");
}

/// Reads the bytes as two versions of a source of Protobuf, and whole as a set of descriptors.
///
/// # Panics
/// When a promise is broken.
pub fn protobuf_versions(bytes: &[u8]) {
    let (old, new) = versions("a.proto", bytes);
    let (old, new) = ([old], [new]);
    let whole = [File { name: "a.binpb".to_owned(), bytes: bytes.to_vec() }];
    for reading in [Reading::Wire, Reading::Json, Reading::Code] {
        check(&protobuf::changes(&old, &new, Flow::Both, reading), &[&old[0], &new[0]]);
        for files in [&old, &whole] {
            let same = protobuf::changes(files, files, Flow::Both, reading);
            assert!(same.changes.is_empty(), "{same:?}");
        }
    }
}

/// Reads the bytes as two versions of a schema of GraphQL: as definitions, or as servers tell of
/// theirs.
///
/// # Panics
/// When a promise is broken.
pub fn graphql_versions(bytes: &[u8]) {
    let name = if bytes.starts_with(b"{") { "a.json" } else { "a.graphql" };
    compared(name, bytes);
}

fn versions(name: &str, bytes: &[u8]) -> (File, File) {
    let at = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let file = |bytes: &[u8]| File { name: name.to_owned(), bytes: bytes.to_vec() };
    let (old, new) = bytes.split_at(at);
    (file(old), file(new.strip_prefix(&[0]).unwrap_or(old)))
}

fn check(compared: &Compared, files: &[&File]) {
    let lines = |file: &&File| file.bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    let most = files.iter().map(lines).max().unwrap_or(1);
    for unread in &compared.unread {
        assert!((1..=most).contains(&(unread.line as usize)), "{unread:?}");
        assert!(unread.column >= 1 && !unread.reason.is_empty(), "{unread:?}");
    }
    for change in &compared.changes {
        let is_shown = change.witness.is_some() || change.reason.contains("too large");
        assert!(change.grade != Grade::Breaking || is_shown, "{change:?}");
    }
}
