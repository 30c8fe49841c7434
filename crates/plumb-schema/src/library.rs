//! The documents that schemas are read from, and what references between them lead to. Refuses to
//! know where documents came from, and to fetch any.

use serde_json::Value;
use std::collections::BTreeMap;

/// Documents by name, between which references are resolved. A name is a path with `/` between
/// parts, against which relative references are taken.
#[derive(Clone, Debug, Default)]
pub struct Library {
    documents: BTreeMap<String, Held>,
}

/// One document and the draft it is written in, unless its `$schema` says another.
#[derive(Clone, Debug)]
struct Held {
    value: Value,
    draft: Draft,
    /// Pointers to what has an identifier of its own (`$id`, `id`, `$anchor`), by the identifier:
    /// anchors begin with `#`.
    named: BTreeMap<String, String>,
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

/// A value in one of the documents.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'l> {
    /// The document's name.
    pub(crate) document: &'l str,
    /// The draft it is written in.
    pub(crate) draft: Draft,
    /// The value.
    pub(crate) value: &'l Value,
}

/// Values looked through for identifiers, per document: a description of a whole interface has
/// about a million.
const NAMED_VALUES_MAX: usize = 4_000_000;

impl Library {
    /// Adds a document, or takes the place of one of that name.
    pub fn add(&mut self, name: &str, value: Value, draft: Draft) {
        let draft = said_draft(&value).unwrap_or(draft);
        let mut named = BTreeMap::new();
        let mut left = NAMED_VALUES_MAX;
        gather(&value, &mut String::new(), &mut named, &mut left);
        self.documents.insert(name.to_owned(), Held { value, draft, named });
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

    /// The value at a spot, with what is needed to read on from there.
    pub(crate) fn at(&self, spot: &Spot) -> Option<At<'_>> {
        let (name, held) = self.documents.get_key_value(&spot.document)?;
        let value = held.value.pointer(&spot.pointer)?;
        Some(At { document: name, draft: held.draft, value })
    }

    /// What a reference in a document leads to.
    pub(crate) fn follow(&self, document: &str, reference: &str) -> Option<At<'_>> {
        self.at(&self.locate(document, reference)?)
    }

    /// Where a reference in a document leads.
    pub(crate) fn locate(&self, document: &str, reference: &str) -> Option<Spot> {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let (name, inner) = if file.is_empty() {
            (document.to_owned(), String::new())
        } else {
            self.find(document, file)?
        };
        let held = self.documents.get(&name)?;
        let fragment = unescaped(fragment)?;
        let pointer = if fragment.is_empty() || fragment.starts_with('/') {
            format!("{inner}{fragment}")
        } else {
            held.named.get(&format!("#{fragment}"))?.clone()
        };
        Some(Spot { document: name, pointer })
    }

    /// The document that a reference's file names, and where in it.
    fn find(&self, from: &str, file: &str) -> Option<(String, String)> {
        let beside = joined(from, file);
        if self.documents.contains_key(&beside) {
            return Some((beside, String::new()));
        }
        // Identifiers are absolute in one file and relative in another: by the whole, else by the
        // last part, which is what their authors keep apart.
        let last = file.rsplit('/').next()?;
        let named = |wanted: &dyn Fn(&str) -> bool| {
            self.documents.iter().find_map(|(name, held)| {
                let found = held.named.iter().find(|(id, _)| wanted(id.trim_end_matches('#')))?;
                Some((name.clone(), found.1.clone()))
            })
        };
        named(&|id| id == file)
            .or_else(|| named(&|id| !id.starts_with('#') && id.rsplit('/').next() == Some(last)))
    }
}

/// The draft that `$schema` says.
fn said_draft(value: &Value) -> Option<Draft> {
    let said = value.get("$schema")?.as_str()?;
    let drafts = [
        ("draft-04", Draft::Four),
        ("draft-06", Draft::Six),
        ("draft-07", Draft::Seven),
        ("2019-09", Draft::Nineteen),
        ("2020-12", Draft::Twenty),
    ];
    drafts.into_iter().find(|(name, _)| said.contains(name)).map(|(_, draft)| draft)
}

/// Gathers identifiers below a value.
fn gather(
    value: &Value,
    pointer: &mut String,
    named: &mut BTreeMap<String, String>,
    left: &mut usize,
) {
    let Some(now) = left.checked_sub(1) else { return };
    *left = now;
    let length = pointer.len();
    match value {
        Value::Object(members) => {
            for key in ["$id", "id", "$anchor", "$dynamicAnchor"] {
                let Some(id) = members.get(key).and_then(Value::as_str) else { continue };
                let is_anchor = key.ends_with("nchor");
                let id = if is_anchor { format!("#{id}") } else { id.to_owned() };
                named.entry(id).or_insert_with(|| pointer.clone());
            }
            for (name, member) in members {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                gather(member, pointer, named, left);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer.push_str(&format!("/{index}"));
                gather(item, pointer, named, left);
                pointer.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A relative path taken against the path of a file.
fn joined(from: &str, to: &str) -> String {
    if to.contains("://") {
        return to.to_owned();
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in to.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A fragment without percent signs; `None` when it is no text.
fn unescaped(fragment: &str) -> Option<String> {
    percent_encoding::percent_decode_str(fragment).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn library() -> Library {
        let mut library = Library::default();
        let a = json!({"$defs": {"x~y/z": {"$anchor": "here", "type": "null"}}, "$id": "urn:a"});
        library.add("dir/a.json", a, Draft::Twenty);
        library.add(
            "b.json",
            json!({"$schema": "http://json-schema.org/draft-04/schema#"}),
            Draft::Twenty,
        );
        library
    }

    #[test]
    fn references_lead_by_pointer_file_anchor_and_identifier() {
        let library = library();
        let check = |from: &str, reference: &str, expected: Option<Value>| {
            let found = library.follow(from, reference).map(|at| at.value.clone());
            assert_eq!(found.is_some(), expected.is_some(), "{reference}");
            if let (Some(found), Some(expected)) = (found, expected) {
                assert_eq!(found["type"], expected["type"], "{reference}");
            }
        };
        let null = Some(json!({"type": "null"}));
        check("dir/a.json", "#/$defs/x~0y~1z", null.clone());
        check("dir/a.json", "#/$defs/x~0y%7E1z", null.clone());
        check("dir/a.json", "#here", null.clone());
        check("b.json", "dir/a.json#/$defs/x~0y~1z", null.clone());
        check("dir/a.json", "../b.json", Some(json!({})));
        check("b.json", "urn:a#here", null);
        check("b.json", "#there", None);
        check("b.json", "c.json", None);
    }

    #[test]
    fn the_draft_is_what_the_document_says() {
        assert_eq!(library().draft("b.json"), Some(Draft::Four));
        assert_eq!(library().draft("dir/a.json"), Some(Draft::Twenty));
    }
}
