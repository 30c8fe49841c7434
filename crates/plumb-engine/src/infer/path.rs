//! Paths with named parameters: a data segment is called after the word before it.
//!
//! Refuses to know what the segments were: they are data.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use plumb_shape::operation::Operation;
use std::collections::BTreeSet;

/// What a literal segment keeps as it is: everything that stands for itself in a path.
const LITERAL: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

/// A path as OpenAPI writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PathTemplate {
    /// The path: `/orders/{orderId}`.
    pub(crate) text: String,
    /// The names of its parameters, in order.
    pub(crate) names: Vec<String>,
}

impl PathTemplate {
    /// The template of an operation's path.
    pub(crate) fn of(operation: &Operation) -> Self {
        let (mut text, mut names) = (String::new(), Vec::new());
        let mut taken = BTreeSet::new();
        let mut before = "";
        for segment in &operation.segments {
            text.push('/');
            match segment {
                Some(word) => {
                    before = word;
                    text.extend(utf8_percent_encode(word, LITERAL));
                }
                None => {
                    let name = free(&name_after(before), &mut taken);
                    text.push_str(&format!("{{{name}}}"));
                    names.push(name);
                }
            }
        }
        if text.is_empty() {
            text.push('/');
        }
        Self { text, names }
    }
}

/// The name of what stands after a word: `orders` gives `orderId`.
fn name_after(word: &str) -> String {
    let parts = word.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let mut name = String::new();
    for part in parts {
        let (first, rest) = part.split_at(1);
        match name.is_empty() {
            true => name.push_str(&first.to_ascii_lowercase()),
            false => name.push_str(&first.to_ascii_uppercase()),
        }
        name.push_str(rest);
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, 'n');
    }
    let one = singular(&name);
    if one.is_empty() { "id".to_owned() } else { format!("{one}Id") }
}

/// One of many, by the commonest endings of English; other words stay as they are.
fn singular(word: &str) -> String {
    let stem = |end: &str| word.strip_suffix(end).filter(|stem| stem.len() > 2);
    if let Some(stem) = stem("ies") {
        return format!("{stem}y");
    }
    if let Some(end) = ["sses", "shes", "ches", "xes"].into_iter().find(|end| word.ends_with(end)) {
        return word[..word.len() - end.len()].to_owned() + &end[..end.len() - 2];
    }
    let is_one = ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    stem("s").filter(|_| !is_one).unwrap_or(word).to_owned()
}

/// The name itself, or with the first number that no other one of the path has.
fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number: u32| format!("{name}{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    let free = names.find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &str) {
        let operation = Operation::parse(&format!("GET {path}")).unwrap();
        assert_eq!(PathTemplate::of(&operation).text, expected);
    }

    #[test]
    fn parameters_are_called_after_the_word_before_them() {
        check("/", "/");
        check("/orders/{}", "/orders/{orderId}");
        check(
            "/v1/categories/{}/sub-items/{}",
            "/v1/categories/{categoryId}/sub-items/{subItemId}",
        );
        check("/addresses/{}/boxes/{}", "/addresses/{addressId}/boxes/{boxId}");
        check("/status/{}/news/{}/{}", "/status/{statusId}/news/{newId}/{newId2}");
        check("/{}", "/{id}");
        check("/2.0/{}", "/2.0/{n20Id}");
        check("/a b/{}", "/a%20b/{aBId}");
    }
}
