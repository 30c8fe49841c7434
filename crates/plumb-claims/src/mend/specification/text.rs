//! The texts of a specification's files, and edits of any of them.
//!
//! Refuses to know schemas.

use crate::mend::edits::json_node;
use crate::openapi::refs::Spot;
use crate::reading::Beside;
use plumb_tree::Node;
use plumb_tree::edit::Edit;
use plumb_tree::layout::Layout;
use plumb_tree::scalar::in_style;
use std::collections::BTreeMap;

/// The edits of each file, by its path.
pub(crate) type ByFile = BTreeMap<String, Vec<Edit>>;

/// The files of one specification.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    pub(super) beside: Beside<'a>,
}

/// Edits while they are gathered.
pub(super) struct Gathered<'a> {
    texts: Texts<'a>,
    read: BTreeMap<String, String>,
    pub(super) edits: ByFile,
}

impl<'a> Gathered<'a> {
    pub(super) const fn of(texts: Texts<'a>) -> Self {
        Self { texts, read: BTreeMap::new(), edits: ByFile::new() }
    }

    /// Adds what `edits` makes of a node, in the layout and text of its file.
    pub(super) fn add<I: IntoIterator<Item = Edit>>(
        &mut self,
        spot: Spot<'_>,
        edits: impl FnOnce(Layout<'_>, &Node, &str) -> I,
    ) {
        let Texts { file, text, beside } = self.texts;
        let text = if spot.file == file {
            text
        } else {
            let read = self.read.entry(spot.file.to_owned());
            read.or_insert_with(|| {
                beside(spot.file).and_then(|it| String::from_utf8(it).ok()).unwrap_or_default()
            })
        };
        let made: Vec<Edit> = edits(Layout::of(text), spot.node, text).into_iter().collect();
        if !made.is_empty() {
            self.edits.entry(spot.file.to_owned()).or_default().extend(made);
        }
    }

    /// How many edits there are so far.
    pub(super) fn count(&self) -> usize {
        self.edits.values().map(Vec::len).sum()
    }

    /// Writes a member of an object over what stands there, or anew.
    pub(super) fn put(&mut self, object: Spot<'_>, key: &str, json: &str) -> Result<(), String> {
        let json = json_node(json)?;
        self.add(object, |layout, node, _| match node.get(key) {
            Some(known) => Some(layout.replace(known, &json)),
            None => Some(layout.insert_member(node, key, &json)),
        });
        Ok(())
    }

    /// Takes members out of an object.
    pub(super) fn drop(&mut self, object: Spot<'_>, keys: &[&str]) {
        self.add(object, |layout, node, _| {
            let entries = node.entries().iter().enumerate();
            let gone = entries.filter(|(_, (key, _))| keys.contains(&key.text.as_str()));
            layout.remove_members(node, &gone.map(|(at, _)| at).collect::<Vec<usize>>())
        });
    }

    /// Adds an element to a list.
    pub(super) fn append(&mut self, list: Spot<'_>, json: &str) -> Result<(), String> {
        let alone = json_node(&format!("[{json}]"))?;
        self.add(list, |layout, node, _| match node.items() {
            [] => Some(layout.replace(node, &alone)),
            _ => layout.append_element(node, json),
        });
        Ok(())
    }

    /// Adds a text to a list of texts, in the quotes that they have.
    pub(super) fn append_word(&mut self, list: Spot<'_>, word: &str) {
        self.add(list, |layout, node, text| {
            let first = node.items().first().and_then(|it| text.get(it.start..it.end));
            let is_text = node.items().iter().all(|it| it.as_str().is_some());
            let style = first.filter(|_| is_text).unwrap_or("\"");
            layout.append_element(node, &in_style(style, word))
        });
    }

    /// Writes a value over a whole node, however many lines it takes.
    pub(super) fn over(&mut self, spot: Spot<'_>, json: &str) {
        self.add(spot, |_, node, text| {
            let inside = text.get(node.start..node.end).unwrap_or_default();
            let end = node.start + inside.trim_end().len();
            Some(Edit { start: node.start, end, text: json.to_owned() })
        });
    }

    /// Names a member otherwise, in the quotes that it has, and writes its value anew.
    pub(super) fn rename(&mut self, object: Spot<'_>, key: &str, new: (&str, Option<&str>)) {
        self.add(object, |_, node, text| {
            let (known, value) = node.entry(key)?;
            let old = text.get(known.start..known.end)?;
            let name = old.replace(key, new.0);
            let end = if new.1.is_some() { value.end } else { known.end };
            let value = new.1.map(|json| format!(": {json}")).unwrap_or_default();
            Some(Edit { start: known.start, end, text: format!("{name}{value}") })
        });
    }
}
