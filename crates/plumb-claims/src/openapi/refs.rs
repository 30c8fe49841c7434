//! Follows `$ref` in a specification: by JSON pointer (RFC 6901) within a file, and across files
//! beside it, which are gathered before anything is read.
//!
//! Refuses to know what stands at the places it finds, and to fetch anything over a network.

use crate::reading::{Beside, Unread, normalised};
use percent_encoding::percent_decode_str;
use plumb_tree::read;
use plumb_tree::{Node, Value};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A node and the file it stands in, against which its references are resolved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot<'l> {
    /// The file, relative to the scanned root.
    pub(crate) file: &'l str,
    /// The node.
    pub(crate) node: &'l Node,
}

/// A specification with every file that it refers to.
#[derive(Debug)]
pub(crate) struct Library<'a> {
    root_file: &'a str,
    root: &'a Node,
    others: BTreeMap<String, Result<Node, String>>,
}

/// Files that one specification may refer to. The most finely split public ones hold a few
/// thousand; each is parsed once.
const FILES_MAX: usize = 10_000;

/// Bytes of all files beside a specification together, for the same reason as the bound of one.
const GATHERED_BYTES_MAX: usize = 256 << 20;

/// References that lead to references: real chains have two or three links.
const CHAIN_MAX: usize = 32;

/// Where a reference leads, by its text alone.
enum Target {
    File { file: String, pointer: String },
    Remote,
    Anchor,
    Outside,
}

impl<'l> Spot<'l> {
    /// The member `key`, in the same file.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        self.node.get(key).map(|node| self.at(node))
    }

    /// Another node of the same file.
    pub(crate) fn at(self, node: &'l Node) -> Self {
        Self { file: self.file, node }
    }

    /// The elements of an array; none for anything else.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        self.node.items().iter().map(move |node| self.at(node))
    }

    /// The keys and values of an object; none for anything else.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'l str, Self)> {
        self.node.entries().iter().map(move |(key, node)| (key.text.as_str(), self.at(node)))
    }
}

/// Loads every file that `root`, standing in `file`, refers to, directly or through others.
pub(crate) fn gather<'a>(file: &'a str, root: &'a Node, beside: Beside<'_>) -> Library<'a> {
    let mut others = BTreeMap::new();
    let mut bytes_left = GATHERED_BYTES_MAX;
    let mut wanted: VecDeque<String> = files_named(file, root).into();
    while let Some(name) = wanted.pop_front() {
        if name == file || others.contains_key(&name) || others.len() >= FILES_MAX {
            continue;
        }
        let loaded = load(&name, beside, &mut bytes_left);
        if let Ok(node) = &loaded {
            wanted.extend(files_named(&name, node));
        }
        others.insert(name, loaded);
    }
    Library { root_file: file, root, others }
}

impl<'l> Library<'l> {
    /// The specification itself.
    pub(crate) fn root(&self) -> Spot<'l> {
        Spot { file: self.root_file, node: self.root }
    }

    /// The whole of every file.
    pub(crate) fn spots(&'l self) -> impl Iterator<Item = Spot<'l>> {
        let read = |(file, node): (&'l String, &'l Result<Node, String>)| {
            Some(Spot { file, node: node.as_ref().ok()? })
        };
        std::iter::once(self.root()).chain(self.others.iter().filter_map(read))
    }
}

/// Where `spot` leads after following its `$ref`, and that one's, to the end; itself without one.
///
/// # Errors
/// What is missing, at the line of the reference that leads to it.
pub(crate) fn resolve<'l>(library: &'l Library<'_>, spot: Spot<'l>) -> Result<Spot<'l>, Unread> {
    let mut at = spot;
    for _ in 0..CHAIN_MAX {
        match follow(library, at) {
            None => return Ok(at),
            Some(next) => at = next?,
        }
    }
    let remedy = "let one of the references lead to a definition";
    Err(lost(at, "a reference leads only to other references".to_owned(), remedy))
}

/// One step along the `$ref` at `spot`; `None` when there is none.
pub(crate) fn follow<'l>(
    library: &'l Library<'_>,
    spot: Spot<'l>,
) -> Option<Result<Spot<'l>, Unread>> {
    let at = spot.get("$ref")?;
    let text = at.node.as_str()?;
    let (file, pointer) = match target(spot.file, text) {
        Target::File { file, pointer } => (file, pointer),
        Target::Remote => {
            let remedy = "keep a copy beside the specification and refer to it by its path";
            return Some(Err(lost(at, format!("`{text}` is not fetched"), remedy)));
        }
        Target::Anchor => {
            let remedy = "refer to it by its path, such as `#/components/schemas/Name`";
            return Some(Err(lost(at, format!("the anchor `{text}` is not followed"), remedy)));
        }
        Target::Outside => {
            let remedy = "scan from a folder that holds both files";
            return Some(Err(lost(at, format!("`{text}` leaves the scanned folder"), remedy)));
        }
    };
    let found = match find_file(library, &file) {
        Ok(start) => point(start, &pointer).ok_or_else(|| {
            let remedy = "define it, or correct the reference";
            lost(at, format!("`{text}` leads to nothing"), remedy)
        }),
        Err(reason) => Err(lost(at, format!("`{text}` {reason}"), "put the file right")),
    };
    Some(found)
}

fn find_file<'l>(library: &'l Library<'_>, name: &str) -> Result<Spot<'l>, &'l str> {
    if name == library.root_file {
        return Ok(Spot { file: library.root_file, node: library.root });
    }
    match library.others.get_key_value(name) {
        Some((file, Ok(node))) => Ok(Spot { file, node }),
        Some((_, Err(reason))) => Err(reason),
        None => Err("is one file too many"),
    }
}

fn lost(at: Spot<'_>, reason: String, remedy: &str) -> Unread {
    Unread { file: at.file.to_owned(), line: at.node.line, reason, remedy: remedy.to_owned() }
}

fn load(name: &str, beside: Beside<'_>, bytes_left: &mut usize) -> Result<Node, String> {
    let bytes = beside(name).ok_or("is not there")?;
    *bytes_left = bytes_left.checked_sub(bytes.len()).ok_or("is beyond what is read at once")?;
    let parsed = read::parse(name, &bytes);
    let parsed = parsed.map_err(|broken| format!("cannot be parsed: {broken}"))?;
    parsed.documents.into_iter().next().ok_or_else(|| "is empty".to_owned())
}

/// The files that references anywhere in `node` lead to.
fn files_named(file: &str, node: &Node) -> Vec<String> {
    let mut named = BTreeSet::new();
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        match &node.value {
            Value::Array(items) => left.extend(items),
            Value::Object(entries) => {
                for (key, value) in entries {
                    match value.as_str() {
                        Some(text) if key.text == "$ref" && !text.starts_with('#') => {
                            if let Target::File { file, .. } = target(file, text) {
                                named.insert(file);
                            }
                        }
                        _ => left.push(value),
                    }
                }
            }
            _ => {}
        }
    }
    named.into_iter().collect()
}

fn target(from: &str, text: &str) -> Target {
    let (path, fragment) = text.split_once('#').unwrap_or((text, ""));
    if path.contains("://") || path.starts_with("//") {
        return Target::Remote;
    }
    let path = percent_decode_str(path).decode_utf8_lossy();
    let pointer = percent_decode_str(fragment).decode_utf8_lossy().into_owned();
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Target::Anchor;
    }
    match normalised(from, &path) {
        Some(file) => Target::File { file, pointer },
        None => Target::Outside,
    }
}

/// The node at a JSON pointer that is percent-decoded already.
fn point<'l>(start: Spot<'l>, pointer: &str) -> Option<Spot<'l>> {
    pointer.split('/').skip(1).try_fold(start, |at, part| match &at.node.value {
        Value::Array(items) => Some(at.at(items.get(part.parse::<usize>().ok()?)?)),
        _ => at.get(&part.replace("~1", "/").replace("~0", "~")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reference: &str, expected: Result<&str, &str>) {
        let main = format!(
            "x:\n  $ref: '{reference}'\na/b: {{c~d: here}}\nlist: [zero, one]\n\
             loop: {{$ref: '#/loop'}}\nhop: {{$ref: '#/list/1'}}\n"
        );
        let beside = |path: &str| -> Option<Vec<u8>> {
            match path {
                "api/parts.yaml" => {
                    Some(b"back: {$ref: './main.yaml#/list/0'}\nname: part".to_vec())
                }
                "shared.json" => Some(br#"{"a b":"shared"}"#.to_vec()),
                "api/torn.json" => Some(b"{".to_vec()),
                _ => None,
            }
        };
        let parsed = read::parse("main.yaml", main.as_bytes()).unwrap();
        let library = gather("api/main.yaml", &parsed.documents[0], &beside);
        let spot = library.root().get("x").unwrap();
        let found = resolve(&library, spot).map(|spot| spot.node.as_str().unwrap_or_default());
        let found =
            found.map_err(|unread| format!("{}:{} {}", unread.file, unread.line, unread.reason));
        assert_eq!(found, expected.map_err(|reason| format!("api/main.yaml:{reason}")));
    }

    #[test]
    fn pointers_lead_through_escapes_arrays_and_chains() {
        check("#/a~1b/c~0d", Ok("here"));
        check("#/a%2Fb/c~0d", Err("2 `#/a%2Fb/c~0d` leads to nothing"));
        check("#/%61~1b/c%7E0d", Ok("here"));
        check("#/list/1", Ok("one"));
        check("#/hop", Ok("one"));
        check("#/list/2", Err("2 `#/list/2` leads to nothing"));
        check("#/loop", Err("5 a reference leads only to other references"));
    }

    #[test]
    fn files_are_found_from_where_the_reference_stands() {
        check("parts.yaml#/name", Ok("part"));
        check("./parts.yaml#/back", Ok("zero"));
        check("../shared.json#/a%20b", Ok("shared"));
        check("parts.yaml#/gone", Err("2 `parts.yaml#/gone` leads to nothing"));
        check("none.yaml#/a", Err("2 `none.yaml#/a` is not there"));
        check("../../x.yaml", Err("2 `../../x.yaml` leaves the scanned folder"));
        check(
            "https://example.org/a.json#/b",
            Err("2 `https://example.org/a.json#/b` is not fetched"),
        );
        check("#name", Err("2 the anchor `#name` is not followed"));
        let torn = "2 `torn.json#/a` cannot be parsed: line 1, column 2: \
                    the file ends where a key in double quotes is expected";
        check("torn.json#/a", Err(torn));
    }
}
