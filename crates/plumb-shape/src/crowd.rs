//! Crowds: so many words beside each other in a path that they can only be data.
//!
//! The bound on the number of operations. Which words are a crowd depends only on the set of
//! operations, and a crowd in a part is a crowd in the whole.

use crate::operation::Operation;
use std::collections::{BTreeMap, BTreeSet};

/// More distinct words than this at one place of a path are a crowd. Large interfaces have some
/// tens of resources beside each other; names of customers soon come in hundreds.
pub const SIBLINGS_MAX: usize = 256;

/// The new name of every operation that has a crowded word in its path.
#[must_use]
pub fn crowded<'a>(
    operations: impl IntoIterator<Item = &'a Operation>,
) -> BTreeMap<Operation, Operation> {
    let mut named: BTreeMap<&Operation, Operation> =
        operations.into_iter().map(|operation| (operation, operation.clone())).collect();
    let longest = named.keys().map(|operation| operation.segments.len()).max().unwrap_or_default();
    for at in 0..longest {
        let mut words: BTreeMap<(String, Vec<Option<String>>), BTreeSet<String>> = BTreeMap::new();
        for name in named.values() {
            if let Some(Some(word)) = name.segments.get(at) {
                words.entry(place(name, at)).or_default().insert(word.clone());
            }
        }
        words.retain(|_, words| words.len() > SIBLINGS_MAX);
        if words.is_empty() {
            continue;
        }
        for name in named.values_mut() {
            if name.segments.len() > at && words.contains_key(&place(name, at)) {
                name.segments[at] = None;
            }
        }
    }
    named
        .into_iter()
        .filter(|(operation, name)| *operation != name)
        .map(|(operation, name)| (operation.clone(), name))
        .collect()
}

/// A method and the path before a segment.
fn place(name: &Operation, at: usize) -> (String, Vec<Option<String>>) {
    (name.method.clone(), name.segments[..at].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_is_data_and_a_few_are_words() {
        let letters = |n: usize| -> String {
            [n / 26 / 26, n / 26, n]
                .map(|n| char::from(b'a' + u8::try_from(n % 26).unwrap()))
                .iter()
                .collect()
        };
        let get = |path: &str| Operation::of_request("GET", path);
        let few: Vec<Operation> = (0..200).map(|n| get(&format!("/u/{}/x", letters(n)))).collect();
        assert_eq!(crowded(&few), BTreeMap::new());
        let mut many: Vec<Operation> =
            (0..300).map(|n| get(&format!("/u/{}/x", letters(n)))).collect();
        many.push(get("/v/other"));
        let renamed = crowded(&many);
        assert_eq!(renamed.len(), 300);
        assert!(renamed.values().all(|name| name.to_string() == "GET /u/{}/x"));
    }
}
