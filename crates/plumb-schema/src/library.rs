//! The documents that schemas are read from. Refuses to know where they came from.

use serde_json::Value;
use std::collections::BTreeMap;

/// Documents by name, between which references are resolved.
#[derive(Clone, Debug, Default)]
pub struct Library {
    documents: BTreeMap<String, Held>,
}

/// One document and the draft it is written in, unless its `$schema` says another.
#[derive(Clone, Debug)]
struct Held {
    value: Value,
    draft: Draft,
}

/// The drafts of JSON Schema that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Draft {
    /// Draft 4: `exclusiveMaximum` is a flag, `id` names a schema.
    Four,
    /// Draft 6: `const`, `contains`, `propertyNames`.
    Six,
    /// Draft 7: `if`, `then`, `else`.
    Seven,
    /// 2019-09: `$defs`, `dependentRequired`, `unevaluatedProperties`, siblings of `$ref`.
    Nineteen,
    /// 2020-12: `prefixItems`, `$dynamicRef`.
    Twenty,
}

/// A place in one of the documents.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// The document's name.
    pub document: String,
    /// Where in it, as a JSON pointer (RFC 6901); empty for the whole.
    pub pointer: String,
}

impl Library {
    /// Adds a document, or takes the place of one of that name.
    pub fn add(&mut self, name: &str, value: Value, draft: Draft) {
        self.documents.insert(name.to_owned(), Held { value, draft });
    }

    /// What stands at a spot.
    #[must_use]
    pub fn get(&self, spot: &Spot) -> Option<&Value> {
        self.documents.get(&spot.document)?.value.pointer(&spot.pointer)
    }

    /// The draft that a document is read in.
    #[must_use]
    pub fn draft(&self, document: &str) -> Option<Draft> {
        self.documents.get(document).map(|held| held.draft)
    }
}
