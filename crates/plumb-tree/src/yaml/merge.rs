//! YAML's merge keys: `<<` entries replaced by what they merge in.
//!
//! It refuses to know events, anchors and files.

use std::collections::BTreeSet;

use crate::{Key, Node, Notes, Value};

/// Puts merged entries where the `<<` entries at `merges` (ascending) stand.
///
/// A key written in the mapping itself wins over merged ones, an earlier source over a later one.
/// A `<<` with anything but mappings stays as it is, with a note.
pub(crate) fn merge_entries(
    entries: Vec<(Key, Node)>,
    merges: &[usize],
    notes: &mut Notes,
) -> Vec<(Key, Node)> {
    let own = entries.iter().enumerate().filter(|(at, _)| merges.binary_search(at).is_err());
    let mut taken: BTreeSet<String> = own.map(|(_, (key, _))| key.text.clone()).collect();
    let mut merged = Vec::with_capacity(entries.len());
    for (at, (key, node)) in entries.into_iter().enumerate() {
        if merges.binary_search(&at).is_err() {
            merged.push((key, node));
        } else if !is_source(&node) {
            notes.add(key.line, key.column, "`<<` merges something else than mappings, kept as is");
            merged.push((key, node));
        } else {
            for source in sources(node) {
                // From behind, since the last of doubled keys counts.
                let mut fresh: Vec<(Key, Node)> = source.into_iter().rev().collect();
                fresh.retain(|(key, _)| taken.insert(key.text.clone()));
                merged.extend(fresh.into_iter().rev());
            }
        }
    }
    merged
}

fn is_source(node: &Node) -> bool {
    match &node.value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().all(|item| matches!(item.value, Value::Object(_))),
        _ => false,
    }
}

fn sources(node: Node) -> Vec<Vec<(Key, Node)>> {
    match node.value {
        Value::Object(entries) => vec![entries],
        Value::Array(items) => items.into_iter().flat_map(sources).collect(),
        _ => Vec::new(),
    }
}
