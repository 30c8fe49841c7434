//! The files of a description as trees, and where a `$ref` in one of them leads: by JSON pointer
//! (RFC 6901) or anchor within a file, and across the files that were given.
//!
//! Refuses to know what stands at the places it finds, and to fetch anything.

use crate::change;
use crate::compared::{File, Unread};
use percent_encoding::percent_decode_str;
use plumb_tree::{Node, Value, read};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// References that lead to references: real chains have two or three links.
const CHAIN_MAX: usize = 32;

/// Files of one description: the most finely split public ones hold a few thousand.
const FILES_MAX: usize = 10_000;

/// Bytes of all files of one description together: four times the bound of a single one.
const BYTES_MAX: usize = 256 << 20;

/// The files of one version of a description, read as far as they are referred to.
#[derive(Debug, Default)]
pub struct Documents {
    files: BTreeMap<String, Result<Node, Unread>>,
    root: String,
}

/// A node and the file it stands in, against which its references are resolved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot<'t> {
    /// The file's name.
    pub(crate) file: &'t str,
    /// The node.
    pub(crate) node: &'t Node,
}

/// What references lead to, by the file and the text of each, or why they lead nowhere.
type Found<'t> = HashMap<(&'t str, &'t str), Result<Spot<'t>, String>>;

/// Where references lead, each looked up once.
#[derive(Debug)]
pub(crate) struct Links<'t> {
    documents: &'t Documents,
    found: RefCell<Found<'t>>,
}

impl<'t> Spot<'t> {
    /// The member `key`, in the same file.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        self.node.get(key).map(|node| self.at(node))
    }

    /// Another node of the same file.
    pub(crate) fn at(self, node: &'t Node) -> Self {
        Self { file: self.file, node }
    }

    /// The text of the member `key`.
    pub(crate) fn text(self, key: &str) -> Option<&'t str> {
        self.node.get(key)?.as_str()
    }

    /// Whether the member `key` is true.
    pub(crate) fn is_set(self, key: &str) -> bool {
        self.node.get(key).and_then(Node::as_bool) == Some(true)
    }

    /// The elements of an array; none for anything else.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        self.node.items().iter().map(move |node| self.at(node))
    }

    /// The keys and values of an object; none for anything else.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'t str, Self)> {
        self.node.entries().iter().map(move |(key, node)| (key.text.as_str(), self.at(node)))
    }

    /// The place as changes tell it.
    pub(crate) fn place(self) -> change::Spot {
        let Node { line, column, .. } = *self.node;
        change::Spot { file: self.file.to_owned(), line, column }
    }

    /// That what stands here is not read.
    pub(crate) fn unread(self, reason: String) -> Unread {
        let Node { line, column, .. } = *self.node;
        Unread { file: self.file.to_owned(), line, column, reason }
    }
}

/// Reads the file `root` and, of the others, those that it refers to, directly or through others.
///
/// What cannot be read is told when something needs it.
#[must_use]
pub fn gather(root: &str, files: &[File]) -> Documents {
    let given: BTreeMap<&str, &File> = files.iter().map(|file| (&*file.name, file)).collect();
    let mut documents = Documents { files: BTreeMap::new(), root: root.to_owned() };
    let mut bytes_left = BYTES_MAX;
    let mut wanted = VecDeque::from([root.to_owned()]);
    while let Some(name) = wanted.pop_front() {
        if documents.files.contains_key(&name) || documents.files.len() >= FILES_MAX {
            continue;
        }
        let Some(file) = given.get(&*name) else { continue };
        let parsed = parse(file, &mut bytes_left);
        if let Ok(node) = &parsed {
            wanted.extend(files_named(&name, node));
        }
        documents.files.insert(name, parsed);
    }
    documents
}

impl Documents {
    /// The root of the description.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn root(&self) -> Result<Spot<'_>, Unread> {
        self.file(&self.root).unwrap_or_else(|| {
            let reason = format!("`{}` is not among the files", self.root);
            Err(Unread { file: self.root.clone(), line: 1, column: 1, reason })
        })
    }

    /// A file as a whole; `None` when it is not there.
    fn file(&self, name: &str) -> Option<Result<Spot<'_>, Unread>> {
        let (file, read) = self.files.get_key_value(name)?;
        Some(match read {
            Ok(node) => Ok(Spot { file, node }),
            Err(unread) => Err(unread.clone()),
        })
    }

    /// Every file that could be read.
    pub(crate) fn whole(&self) -> impl Iterator<Item = Spot<'_>> {
        self.files.iter().filter_map(|(file, read)| Some(Spot { file, node: read.as_ref().ok()? }))
    }
}

impl<'t> Links<'t> {
    /// Nothing looked up yet.
    pub(crate) fn new(documents: &'t Documents) -> Self {
        Self { documents, found: RefCell::default() }
    }

    /// The files behind the references.
    pub(crate) fn documents(&self) -> &'t Documents {
        self.documents
    }

    /// Where `spot` leads after following its `$ref`, and that one's, to the end; itself without.
    ///
    /// # Errors
    /// What is missing, at the reference that leads to it.
    pub(crate) fn resolve(&self, spot: Spot<'t>) -> Result<Spot<'t>, Unread> {
        let mut at = spot;
        for _ in 0..CHAIN_MAX {
            match self.follow(at) {
                None => return Ok(at),
                Some(next) => at = next?,
            }
        }
        Err(at.unread("a reference leads only to other references".to_owned()))
    }

    /// One step along the `$ref` at `spot`; `None` when there is none.
    pub(crate) fn follow(&self, spot: Spot<'t>) -> Option<Result<Spot<'t>, Unread>> {
        let at = spot.get("$ref")?;
        let text = at.node.as_str()?;
        Some(self.lead(spot.file, text).map_err(|reason| at.unread(reason)))
    }

    /// Where the text of a reference in `file` leads.
    ///
    /// # Errors
    /// Why it leads nowhere.
    pub(crate) fn lead(&self, file: &'t str, text: &'t str) -> Result<Spot<'t>, String> {
        if let Some(found) = self.found.borrow().get(&(file, text)) {
            return found.clone();
        }
        let found = self.look(file, text);
        self.found.borrow_mut().insert((file, text), found.clone());
        found
    }

    fn look(&self, file: &str, text: &str) -> Result<Spot<'t>, String> {
        let (path, fragment) = text.split_once('#').unwrap_or((text, ""));
        let name = if path.is_empty() {
            Some(file.to_owned())
        } else if path.contains("://") {
            return Err(format!("`{text}` is not fetched"));
        } else {
            joined(file, &decoded(path))
        };
        let name = name.ok_or_else(|| format!("`{text}` leaves the folder of the files"))?;
        let start = match self.documents.file(&name) {
            Some(Ok(start)) => start,
            Some(Err(unread)) => return Err(format!("`{text}` cannot be read: {}", unread.reason)),
            None => return Err(format!("`{text}` leads to a file that is not there")),
        };
        let fragment = decoded(fragment);
        let found = match fragment.as_str() {
            "" => Some(start.node),
            pointer if pointer.starts_with('/') => point(start.node, pointer),
            anchor => anchored(start.node, anchor),
        };
        let node = found.ok_or_else(|| format!("`{text}` leads to nothing"))?;
        Ok(start.at(node))
    }
}

/// The node that a JSON pointer leads to.
fn point<'t>(start: &'t Node, pointer: &str) -> Option<&'t Node> {
    pointer.split('/').skip(1).try_fold(start, |node, part| {
        let part = part.replace("~1", "/").replace("~0", "~");
        match &node.value {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            _ => node.get(&part),
        }
    })
}

/// The one schema that names itself by `anchor`; none when several do.
fn anchored<'t>(start: &'t Node, anchor: &str) -> Option<&'t Node> {
    let mut left = vec![start];
    let mut found = None;
    while let Some(node) = left.pop() {
        let named = |key| node.get(key).and_then(Node::as_str) == Some(anchor);
        if named("$anchor") || named("$dynamicAnchor") {
            if found.is_some() {
                return None;
            }
            found = Some(node);
        }
        left.extend(node.items());
        left.extend(node.entries().iter().map(|(_, member)| member));
    }
    found
}

fn parse(file: &File, bytes_left: &mut usize) -> Result<Node, Unread> {
    let unread = |line, column, reason: String| {
        Err(Unread { file: file.name.clone(), line, column, reason })
    };
    let Some(left) = bytes_left.checked_sub(file.bytes.len()) else {
        return unread(1, 1, "the files together are larger than is read at once".to_owned());
    };
    *bytes_left = left;
    match read::parse(&file.name, &file.bytes) {
        Ok(parsed) => match parsed.documents.into_iter().next() {
            Some(node) => Ok(node),
            None => unread(1, 1, "the file is empty".to_owned()),
        },
        Err(broken) => unread(broken.line, broken.column, broken.reason),
    }
}

/// The files that references anywhere in `node` lead to.
fn files_named(file: &str, node: &Node) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        left.extend(node.items());
        for (key, member) in node.entries() {
            left.push(member);
            let text = if key.text == "$ref" { member.as_str() } else { None };
            let path = text.map(|text| text.split('#').next().unwrap_or_default());
            let path = path.filter(|path| !path.is_empty() && !path.contains("://"));
            named.extend(path.and_then(|path| joined(file, &decoded(path))));
        }
    }
    named
}

/// A path as seen from the folder of `file`; `None` when it leaves the outermost folder.
fn joined(file: &str, path: &str) -> Option<String> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let from = if path.starts_with('/') { "" } else { folder };
    let mut parts: Vec<&str> = Vec::new();
    for part in from.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Text with `%20` and the like replaced.
fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> File {
        File { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    #[track_caller]
    fn check(reference: &str, expected: Result<&str, &str>) {
        let root =
            format!("at: {{$ref: '{reference}'}}\n'a b': {{'/': 1}}\nx: {{$ref: '#/a b'}}\n");
        let more = "deep: [{$anchor: here, n: 2}]\nup: {$ref: '../root.yaml#/a%20b'}\n\
                    loop: {$ref: '#/loop'}\n";
        let files = [file("root.yaml", &root), file("sub/more.yaml", more)];
        let documents = gather("root.yaml", &files);
        let links = Links::new(&documents);
        let found = links.resolve(documents.root().unwrap().get("at").unwrap());
        let found = found.map(|spot| spot.node.to_json_text()).map_err(|unread| unread.reason);
        assert_eq!(found.as_deref().map_err(String::as_str), expected, "{reference}");
    }

    #[test]
    fn references_lead_within_and_across_files() {
        check("#/a%20b/~1", Ok("1"));
        check("#/x", Ok(r#"{"/":1}"#));
        check("sub/more.yaml#/deep/0/n", Ok("2"));
        check("./sub/more.yaml#here", Ok(r#"{"$anchor":"here","n":2}"#));
        check("sub/more.yaml#/up", Ok(r#"{"/":1}"#));
    }

    #[test]
    fn references_that_lead_nowhere_say_why() {
        check("#/none", Err("`#/none` leads to nothing"));
        check("../a.yaml", Err("`../a.yaml` leaves the folder of the files"));
        check("b.yaml", Err("`b.yaml` leads to a file that is not there"));
        check("https://a.io/b", Err("`https://a.io/b` is not fetched"));
        check("#/at", Err("a reference leads only to other references"));
        check("sub/more.yaml#/loop", Err("a reference leads only to other references"));
    }
}
