//! YAML 1.2 into a positioned tree, with the habits of recorded cassettes.
//!
//! Built on the events of `saphyr-parser`. Aliases and merge keys are expanded within the tree's
//! bounds, tags of other languages are ignored with a note, templates are not evaluated. It
//! refuses to know any dialect.

mod merge;
mod place;
mod scalar;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;

use saphyr_parser::{BufferedInput, Event, Parser, ScalarStyle, Span, Tag};

use crate::text::{Text, decode, place_after};
use crate::yaml::merge::merge_entries;
use crate::yaml::place::{AHEAD_MAX, Ahead, Extent, Places};
use crate::yaml::scalar::{ignored_tag, resolve};
use crate::{Broken, DEPTH_MAX, FILE_BYTES_MAX, Key, NODES_MAX, Node, Parsed, Value};

/// Bytes of text in one tree at most: a few aliases of a long text must not fill the memory.
const TEXT_BYTES_MAX: usize = 2 * FILE_BYTES_MAX;

/// Reads every document of a YAML stream.
///
/// # Errors
/// The first place that is not YAML, an alias without anchor, or where a bound is passed.
pub fn parse_yaml(bytes: &[u8]) -> Result<Parsed, Broken> {
    let decoded = decode(bytes)?;
    let template = decoded.text.find("<%");
    match (documents(decoded), template) {
        (Err(mut broken), Some(_)) => {
            broken.reason += "; the file holds ERB (`<%`), which is not evaluated";
            Err(broken)
        }
        (Ok(mut parsed), Some(at)) => {
            let (line, column) = place_after(decoded.text.get(..at).unwrap_or_default());
            parsed.notes.add(line, column, "ERB (`<%`) is not evaluated and kept as text");
            Ok(parsed)
        }
        (result, None) => result,
    }
}

/// The tree as far as it is built.
struct Growth<'a> {
    places: Places<'a>,
    /// Bytes before the text in the file.
    skipped: usize,
    /// Collections that are still open, outermost first.
    open: Vec<Frame>,
    /// Complete values with an anchor, in the current document.
    anchors: BTreeMap<usize, Anchored>,
    /// Where the last token ended.
    previous: usize,
    /// What the documents take so far.
    grown: Size,
    /// What the copies kept for the anchors of the current document take.
    kept: Size,
    parsed: Parsed,
}

/// A collection that is still open.
struct Frame {
    extent: Extent,
    anchor: usize,
    content: Content,
    /// Levels of collections, this one included.
    height: usize,
    /// What the documents took before it was opened.
    before: Size,
}

enum Content {
    Array(Vec<Node>),
    Object {
        entries: Vec<(Key, Node)>,
        pending: Option<Pending>,
        /// Which entries are merge keys.
        merges: Vec<usize>,
    },
}

/// A key whose value has not come yet.
struct Pending {
    key: Key,
    merges: bool,
}

/// What values take in memory.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    nodes: usize,
    /// Bytes of text in the values and their keys.
    text_bytes: usize,
}

/// How many levels a value has and what copying it takes.
#[derive(Debug, Clone, Copy)]
struct Weight {
    height: usize,
    size: Size,
}

/// A value that aliases may repeat.
struct Anchored {
    value: Value,
    weight: Weight,
}

/// A scalar as its event tells it.
struct Scalar<'a> {
    text: Cow<'a, str>,
    style: ScalarStyle,
    anchor: usize,
    tag: Option<Cow<'a, Tag>>,
}

fn documents(decoded: Text<'_>) -> Result<Parsed, Broken> {
    let indicators = Cell::new(0);
    let input = Ahead { chars: decoded.text.chars(), indicators: &indicators };
    let mut growth = Growth {
        places: Places::new(decoded.text),
        skipped: decoded.skipped,
        open: Vec::new(),
        anchors: BTreeMap::new(),
        previous: 0,
        grown: Size::default(),
        kept: Size::default(),
        parsed: Parsed::default(),
    };
    for event in Parser::new(BufferedInput::new(input)) {
        if indicators.get() > AHEAD_MAX {
            let (line, column) = place_after(growth.places.slice(0, growth.previous));
            let reason = "the collection or text after this place is too large".to_owned();
            return Err(Broken { line, column, reason });
        }
        let (event, span) = event.map_err(|error| {
            let extent = growth.places.exact(Span::empty(*error.marker()));
            broken(extent, error.info())
        })?;
        indicators.set(0);
        grow(&mut growth, event, span)?;
    }
    Ok(growth.parsed)
}

fn grow(growth: &mut Growth<'_>, event: Event<'_>, span: Span) -> Result<(), Broken> {
    match event {
        Event::DocumentStart(explicit) => {
            let marker = if explicit { span.end } else { span.start };
            growth.previous = growth.places.offset(marker);
            Ok(())
        }
        Event::DocumentEnd => {
            growth.anchors.clear();
            growth.kept = Size::default();
            Ok(())
        }
        Event::Scalar(text, style, anchor, tag) => {
            scalar(growth, Scalar { text, style, anchor, tag }, span)
        }
        Event::Alias(anchor) => alias(growth, anchor, span),
        Event::SequenceStart(anchor, tag) => {
            let extent = match growth.open.last() {
                Some(frame) if frame.awaits_value() => {
                    growth.places.sequence_value(span, growth.previous)
                }
                _ => growth.places.exact(span),
            };
            open(growth, Frame::new(extent, anchor, Content::Array(Vec::new())), tag, span)
        }
        Event::MappingStart(anchor, tag) => {
            let content =
                Content::Object { entries: Vec::new(), pending: None, merges: Vec::new() };
            open(growth, Frame::new(growth.places.exact(span), anchor, content), tag, span)
        }
        Event::SequenceEnd | Event::MappingEnd => close(growth, span),
        Event::StreamStart | Event::StreamEnd | Event::Nothing => Ok(()),
    }
}

fn scalar(growth: &mut Growth<'_>, scalar: Scalar<'_>, span: Span) -> Result<(), Broken> {
    let Scalar { text, style, anchor, tag } = scalar;
    let awaits_key = growth.open.last().is_some_and(Frame::awaits_key);
    let untagged = tag.is_none() && anchor == 0;
    let extent = match style {
        ScalarStyle::Plain if text.is_empty() && untagged => growth.places.empty(span),
        ScalarStyle::Plain => growth.places.exact(span),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => growth.places.quoted(span),
        ScalarStyle::Literal | ScalarStyle::Folded => {
            growth.places.block_scalar(span, growth.previous)
        }
    };
    growth.previous = extent.end;
    let size = Size { nodes: 1, text_bytes: text.len() };
    let weight = Weight { height: 0, size };
    growth.count(size, extent)?;
    if awaits_key && tag.is_none() {
        let merges = style == ScalarStyle::Plain && text == "<<";
        let key = growth.key(extent, text.clone().into_owned());
        if anchor != 0 {
            growth.keep(anchor, &resolve(text, style, None).value, weight, extent)?;
        }
        growth.await_value(Pending { key, merges });
        return Ok(());
    }
    let resolved = resolve(text, style, tag.as_deref());
    if let Some(note) = resolved.note {
        growth.parsed.notes.add(extent.line, extent.column, note);
    }
    growth.keep(anchor, &resolved.value, weight, extent)?;
    let node = growth.node(extent, resolved.value);
    growth.attach(node, 0);
    Ok(())
}

fn alias(growth: &mut Growth<'_>, anchor: usize, span: Span) -> Result<(), Broken> {
    let extent = growth.places.exact(span);
    growth.previous = extent.end;
    let Some(anchored) = growth.anchors.get(&anchor) else {
        let reason = "the alias names no complete value of this document";
        return Err(broken(extent, reason));
    };
    let Weight { height, size } = anchored.weight;
    if growth.open.len() + height > DEPTH_MAX {
        return Err(too_deep(extent));
    }
    growth.count(size, extent)?;
    let value = growth.anchors.get(&anchor).map(|anchored| anchored.value.clone());
    let node = growth.node(extent, value.unwrap_or(Value::Null));
    growth.attach(node, height);
    Ok(())
}

fn open(
    growth: &mut Growth<'_>,
    mut frame: Frame,
    tag: Option<Cow<'_, Tag>>,
    span: Span,
) -> Result<(), Broken> {
    if growth.open.len() >= DEPTH_MAX {
        return Err(too_deep(frame.extent));
    }
    frame.before = growth.grown;
    growth.count(Size { nodes: 1, text_bytes: 0 }, frame.extent)?;
    if let Some(note) = tag.as_deref().and_then(ignored_tag) {
        growth.parsed.notes.add(frame.extent.line, frame.extent.column, note);
    }
    growth.previous = growth.places.offset(span.end);
    growth.open.push(frame);
    Ok(())
}

fn close(growth: &mut Growth<'_>, span: Span) -> Result<(), Broken> {
    let Some(frame) = growth.open.pop() else { return Ok(()) };
    growth.previous = growth.places.closing(span, growth.previous);
    let extent = Extent { end: growth.previous.max(frame.extent.start), ..frame.extent };
    let value = match frame.content {
        Content::Array(items) => Value::Array(items),
        Content::Object { entries, merges, .. } if merges.is_empty() => Value::Object(entries),
        Content::Object { entries, merges, .. } => {
            Value::Object(merge_entries(entries, &merges, &mut growth.parsed.notes))
        }
    };
    let size = Size {
        nodes: growth.grown.nodes - frame.before.nodes,
        text_bytes: growth.grown.text_bytes - frame.before.text_bytes,
    };
    growth.keep(frame.anchor, &value, Weight { height: frame.height, size }, extent)?;
    let node = growth.node(extent, value);
    growth.attach(node, frame.height);
    Ok(())
}

impl Frame {
    fn new(extent: Extent, anchor: usize, content: Content) -> Self {
        Self { extent, anchor, content, height: 1, before: Size::default() }
    }

    fn awaits_key(&self) -> bool {
        matches!(self.content, Content::Object { pending: None, .. })
    }

    fn awaits_value(&self) -> bool {
        matches!(self.content, Content::Object { pending: Some(_), .. })
    }
}

impl Growth<'_> {
    fn node(&self, extent: Extent, value: Value) -> Node {
        let Extent { line, column, start, end } = extent;
        Node { value, line, column, start: start + self.skipped, end: end + self.skipped }
    }

    fn key(&self, extent: Extent, text: String) -> Key {
        let Extent { line, column, start, end } = extent;
        Key { text, line, column, start: start + self.skipped, end: end + self.skipped }
    }

    /// Adds to what the documents take; an error once everything takes too much.
    fn count(&mut self, size: Size, at: Extent) -> Result<(), Broken> {
        self.grown.nodes += size.nodes;
        self.grown.text_bytes += size.text_bytes;
        self.check_size(at)
    }

    /// Keeps a copy of `value` for the aliases of `anchor`; anchor 0 is none.
    fn keep(
        &mut self,
        anchor: usize,
        value: &Value,
        weight: Weight,
        at: Extent,
    ) -> Result<(), Broken> {
        if anchor == 0 {
            return Ok(());
        }
        self.kept.nodes += weight.size.nodes;
        self.kept.text_bytes += weight.size.text_bytes;
        self.check_size(at)?;
        self.anchors.insert(anchor, Anchored { value: value.clone(), weight });
        Ok(())
    }

    fn check_size(&self, at: Extent) -> Result<(), Broken> {
        if self.grown.nodes + self.kept.nodes > NODES_MAX {
            let reason = format!("the file has more than {NODES_MAX} values, aliases expanded");
            return Err(broken(at, &reason));
        }
        if self.grown.text_bytes + self.kept.text_bytes > TEXT_BYTES_MAX {
            let mebibytes = TEXT_BYTES_MAX >> 20;
            let reason = format!("the file has more than {mebibytes} MiB of text when expanded");
            return Err(broken(at, &reason));
        }
        Ok(())
    }

    /// Puts a complete value where it belongs: a document, an item, a key or a value.
    fn attach(&mut self, node: Node, height: usize) {
        let key_text =
            self.open.last().is_some_and(Frame::awaits_key).then(|| self.key_text(&node));
        let Some(frame) = self.open.last_mut() else {
            self.parsed.documents.push(node);
            return;
        };
        frame.height = frame.height.max(height + 1);
        match &mut frame.content {
            Content::Array(items) => items.push(node),
            Content::Object { entries, pending, merges } => match pending.take() {
                Some(waiting) => {
                    if waiting.merges {
                        merges.push(entries.len());
                    }
                    entries.push((waiting.key, node));
                }
                None => {
                    let Node { line, column, start, end, .. } = node;
                    let text = key_text.unwrap_or_default();
                    let key = Key { text, line, column, start, end };
                    *pending = Some(Pending { key, merges: false });
                }
            },
        }
    }

    fn await_value(&mut self, key: Pending) {
        if let Some(Frame { content: Content::Object { pending, .. }, .. }) = self.open.last_mut() {
            *pending = Some(key);
        }
    }

    /// The text of a key that is not simply a scalar: its own, or else as it is written.
    fn key_text(&mut self, node: &Node) -> String {
        match &node.value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.as_text().to_owned(),
            _ => {
                let note = "a key that is no text is kept as it is written";
                self.parsed.notes.add(node.line, node.column, note);
                self.places.slice(node.start - self.skipped, node.end - self.skipped).to_owned()
            }
        }
    }
}

fn broken(at: Extent, reason: &str) -> Broken {
    Broken { line: at.line, column: at.column, reason: reason.to_owned() }
}

fn too_deep(at: Extent) -> Broken {
    broken(at, &format!("nested deeper than {DEPTH_MAX} levels, aliases expanded"))
}

#[cfg(test)]
mod tests;
