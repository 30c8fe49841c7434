//! Crowds: so many words beside each other in a path, or names at one path, that they can only be
//! data.
//!
//! The bound on the number of operations. Which words are a crowd depends only on the set of
//! operations, and a crowd in a part is a crowd in the whole.

use crate::operation::Operation;
use std::collections::{BTreeMap, BTreeSet};

/// More distinct words than this at one place of a path are a crowd. Large interfaces have some
/// tens of resources beside each other; names of customers soon come in hundreds.
pub const SIBLINGS_MAX: usize = 256;

/// More distinct names at one path than this are a crowd, and the path stands for all of them. The
/// largest applications have some hundreds of operations of GraphQL.
pub const NAMES_MAX: usize = 1_024;

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
    join_names(&mut named);
    named
        .into_iter()
        .filter(|(operation, name)| *operation != name)
        .map(|(operation, name)| (operation.clone(), name))
        .collect()
}

/// Leaves out the names at each path that has too many.
fn join_names(named: &mut BTreeMap<&Operation, Operation>) {
    let mut names: BTreeMap<Operation, BTreeSet<&str>> = BTreeMap::new();
    for operation in named.values() {
        if let Some(name) = &operation.name {
            names.entry(operation.without_name()).or_default().insert(name);
        }
    }
    names.retain(|_, names| names.len() > NAMES_MAX);
    let crowds: BTreeSet<Operation> = names.into_keys().collect();
    if crowds.is_empty() {
        return;
    }
    for operation in named.values_mut().filter(|operation| operation.name.is_some()) {
        let joined = operation.without_name();
        if crowds.contains(&joined) {
            *operation = joined;
        }
    }
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

    #[test]
    fn a_crowd_of_names_is_one_operation() {
        let called = |number: usize| Operation {
            name: Some(format!("Get{number}")),
            ..Operation::of_request("POST", "/graphql")
        };
        let many: Vec<Operation> = (0..=NAMES_MAX).map(called).collect();
        assert_eq!(crowded(&many[1..]), BTreeMap::new());
        let joined = crowded(&many);
        assert_eq!(joined.len(), many.len());
        assert!(joined.values().all(|name| name.to_string() == "POST /graphql"));
    }
}
