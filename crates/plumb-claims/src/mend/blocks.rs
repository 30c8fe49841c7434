//! Answers of Bruno's examples as trees that know their bytes, so that they are edited as others
//! are.
//!
//! Refuses to know what their parts mean, and what is changed.

use crate::bruno::block::{Entry, Lines};
use crate::bruno::{Example, examples};
use crate::mend::edits::json_node;
use crate::mend::site::{Among, Asked, AskedQuery, BodySite, Headers, Site, Values};
use plumb_tree::json::parse_json;
use plumb_tree::{Key, Node, Value};

/// One example: its claim was read where the whole begins.
pub(crate) struct Blocks {
    pub(crate) whole: Node,
    response: Node,
    status: Node,
    reason: Option<Node>,
    headers: Option<Node>,
    body: Kept,
    sent: Kept,
}

/// A body.
enum Kept {
    Json(Node),
    /// Not as JSON, so that no place in it is edited.
    Otherwise,
    Nowhere,
}

/// Every example that has an answer.
pub(crate) fn blocks(text: &str) -> Vec<Blocks> {
    let lines: Vec<&str> = text.lines().collect();
    let mut starts = vec![0];
    starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
    let file = File { text, lines: &lines, starts: &starts };
    examples(&Lines::of(&lines).entries()).filter_map(|example| file.blocks(&example)).collect()
}

/// True when each answer is still there, with its body where it had one.
pub(crate) fn is_sound(before: &[Blocks], text: &str) -> bool {
    let after = blocks(text);
    let bodies = |all: &[Blocks]| all.iter().filter(|it| matches!(it.body, Kept::Json(_))).count();
    after.len() >= before.len() && bodies(&after) >= bodies(before)
}

/// A file in lines, and where each line begins.
struct File<'a> {
    text: &'a str,
    lines: &'a [&'a str],
    starts: &'a [usize],
}

impl File<'_> {
    fn blocks(&self, example: &Example<'_>) -> Option<Blocks> {
        let (code, at) = example.status()?;
        let status = Node { value: json_node(&code.to_string()).ok()?.value, ..self.node(at) };
        let codes = example.response.get("status")?.inside.entries();
        let other = codes.into_iter().find(|it| it.line != at.line && !it.text.is_empty());
        Some(Blocks {
            whole: self.block(example.whole),
            response: self.block(example.whole.inside.get("response")?),
            status,
            reason: other.map(|it| self.node(it)),
            headers: example.response.get("headers").map(|it| self.block(it)),
            body: self.body(example.answered),
            sent: example.sent.map_or(Kept::Nowhere, |sent| self.body(sent.inside)),
        })
    }

    /// A block and what stands right in it.
    fn block(&self, entry: Entry<'_>) -> Node {
        let entries = entry.inside.entries();
        let entries: Vec<_> = entries.iter().map(|it| (self.key(*it), self.node(*it))).collect();
        Node { value: Value::Object(entries), ..self.extent(entry) }
    }

    /// The text of an entry, or the extent of what stands in its braces.
    fn node(&self, entry: Entry<'_>) -> Node {
        if entry.last != entry.line || entry.text.is_empty() {
            return self.extent(entry);
        }
        let end = self.end(entry.line);
        let value = Value::String(entry.text.to_owned());
        Node { value, start: end - entry.text.len(), end, ..self.extent(entry) }
    }

    /// From where an entry begins to where its last line ends.
    fn extent(&self, entry: Entry<'_>) -> Node {
        let (line, column) = (entry.line, entry.column);
        let start = self.start(line) + (column as usize).saturating_sub(1);
        Node { value: Value::Computed, line, column, start, end: self.end(entry.last) }
    }

    fn key(&self, entry: Entry<'_>) -> Key {
        let Node { line, column, start, .. } = self.extent(entry);
        let end = start + entry.key.len();
        Key { text: entry.key.to_owned(), line, column, start, end }
    }

    /// What stands in lines, as JSON.
    fn body(&self, inside: Lines<'_>) -> Kept {
        let (first, count) = inside.extent();
        let last = first.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        let (start, end) = (self.start(first), self.start(last));
        let text = self.text.get(start..end).unwrap_or_default();
        if text.trim().is_empty() {
            return Kept::Nowhere;
        }
        let document =
            parse_json(text.as_bytes()).ok().and_then(|it| it.documents.into_iter().next());
        document.map_or(Kept::Otherwise, |document| Kept::Json(document.behind(start)))
    }

    /// Where a line begins, counted from 1.
    fn start(&self, line: u32) -> usize {
        let at = (line as usize).saturating_sub(1);
        self.starts.get(at).copied().unwrap_or(self.text.len())
    }

    /// Where what stands on a line ends.
    fn end(&self, line: u32) -> usize {
        let at = (line as usize).saturating_sub(1);
        self.start(line) + self.lines.get(at).map_or(0, |line| line.trim_end().len())
    }
}

impl Blocks {
    /// Where the parts of the answer are.
    pub(crate) fn site(&self) -> Site<'_> {
        let nowhere = BodySite::Nowhere(&self.response, "content");
        Site {
            whole: &self.whole,
            among: Among::Blocks,
            response: &self.response,
            status: Some(&self.status),
            keys: ("status", "headers"),
            reason: self.reason.as_ref(),
            headers: Headers::ByName(self.headers.as_ref(), Values::One),
            body: match &self.body {
                Kept::Json(node) => BodySite::Tree(node),
                Kept::Otherwise | Kept::Nowhere => nowhere,
            },
            query: AskedQuery::Nowhere,
            asked: match &self.sent {
                Kept::Json(node) => Asked::Recorded(BodySite::Tree(node)),
                Kept::Otherwise => Asked::Recorded(nowhere),
                Kept::Nowhere => Asked::Any,
            },
        }
    }
}

#[cfg(test)]
mod tests;
