//! Where YAML's events stand in the file, byte for byte.
//!
//! The event parser counts characters, starts a block scalar at its content and lets a quoted one
//! reach to the next token. Here such markers become the bytes of the token itself. It also bounds
//! how far the parser may run ahead of its events. It refuses to know values, tags and trees.

use std::cell::Cell;
use std::str::Chars;

use saphyr_parser::{Marker, Span};

use crate::text::{column_after, narrow};

/// Indicators the scanner may take in without giving an event: it holds a whole outermost flow
/// collection in memory, about 100 bytes for each indicator.
pub(crate) const AHEAD_MAX: usize = 4_000_000;

/// Characters between two known byte offsets: a walk this short costs less than the memory.
const STRIDE: usize = 64;

/// Where a token stands; offsets count from the beginning of the text.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extent {
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The text and what is needed to find a character in it.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    text: &'a str,
    /// The byte offset of every [`STRIDE`]th character.
    known: Vec<usize>,
}

/// The characters of a text, which end early when the scanner runs too far ahead.
#[derive(Debug)]
pub(crate) struct Ahead<'a> {
    pub(crate) chars: Chars<'a>,
    /// Indicators given since the last event; whoever takes the events sets it back.
    pub(crate) indicators: &'a Cell<usize>,
}

impl Iterator for Ahead<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let next = self.chars.next()?;
        if matches!(next, ',' | ':' | '?' | '[' | ']' | '{' | '}' | '"' | '\'' | '&' | '*' | '!') {
            self.indicators.set(self.indicators.get() + 1);
        }
        (self.indicators.get() <= AHEAD_MAX).then_some(next)
    }
}

impl<'a> Places<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let known = text.char_indices().step_by(STRIDE).map(|(offset, _)| offset).collect();
        Self { text, known }
    }

    /// The text between two offsets.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The byte offset of a marker.
    pub(crate) fn offset(&self, marker: Marker) -> usize {
        let Some(from) = self.known.get(marker.index() / STRIDE) else { return self.text.len() };
        let mut walk = self.slice(*from, self.text.len()).char_indices();
        walk.nth(marker.index() % STRIDE).map_or(self.text.len(), |(ahead, _)| from + ahead)
    }

    /// The bytes of `span` as they are: right for plain scalars, aliases and opening brackets.
    pub(crate) fn exact(&self, span: Span) -> Extent {
        let (start, end) = (self.offset(span.start), self.offset(span.end));
        let (line, column) = (narrow(span.start.line()), narrow(span.start.col() + 1));
        Extent { line, column, start, end: end.max(start) }
    }

    /// A value left empty: no bytes, right after the `:` if that is where it was noticed.
    pub(crate) fn empty(&self, span: Span) -> Extent {
        let mut extent = self.exact(span);
        if self.slice(extent.start, self.text.len()).starts_with(':') {
            extent.start += 1;
            extent.column += 1;
        }
        extent.end = extent.start;
        extent
    }

    /// A quoted scalar with its tag and anchor, up to the closing quote.
    pub(crate) fn quoted(&self, span: Span) -> Extent {
        let mut extent = self.exact(span);
        let open = self.skip(extent.start, extent.end, properties);
        let mut bytes = self.slice(open, extent.end).bytes().enumerate();
        let quote = bytes.next().map(|(_, byte)| byte);
        while let Some((index, byte)) = bytes.next() {
            if byte == b'\\' && quote == Some(b'"') {
                bytes.next();
            } else if Some(byte) == quote {
                let doubled = self.slice(open + index + 1, extent.end).starts_with('\'');
                if quote != Some(b'\'') || !doubled {
                    extent.end = open + index + 1;
                    break;
                }
                bytes.next();
            }
        }
        extent
    }

    /// A block scalar from its `|` or `>`, or its tag, to the end of its last line that is not
    /// blank; `previous` is where the token before it ended.
    pub(crate) fn block_scalar(&self, span: Span, previous: usize) -> Extent {
        let mut extent = self.exact(span);
        let header = self.skip(previous, extent.start, between);
        if self.slice(header, extent.start).starts_with(['|', '>']) {
            extent = self.moved_back(extent, header);
        }
        let written = self.slice(extent.start, extent.end);
        let inked = written.trim_end().len();
        let line_rest = written.get(inked..).unwrap_or_default();
        extent.end = extent.start + inked + line_rest.find(['\n', '\r']).unwrap_or(line_rest.len());
        extent
    }

    /// The opening of a block sequence that is a mapping's value: at its first `-`, which the
    /// parser has already passed when the sequence is not indented.
    pub(crate) fn sequence_value(&self, span: Span, previous: usize) -> Extent {
        let extent = self.exact(span);
        let dash = self.skip(previous, extent.start, before_dash);
        let found = extent.start == extent.end && self.slice(dash, extent.start).starts_with('-');
        if found { self.moved_back(extent, dash) } else { extent }
    }

    /// The end of a collection: its closing bracket, or else the end of what it holds.
    pub(crate) fn closing(&self, span: Span, previous: usize) -> usize {
        let extent = self.exact(span);
        let bracket = self.slice(extent.start, extent.end).starts_with([']', '}']);
        if bracket { extent.start + 1 } else { previous }
    }

    fn moved_back(&self, extent: Extent, start: usize) -> Extent {
        let passed = self.slice(start, extent.start);
        let breaks = passed.bytes().filter(|byte| *byte == b'\n').count()
            + passed.replace("\r\n", "\n").bytes().filter(|byte| *byte == b'\r').count();
        let line = extent.line.saturating_sub(narrow(breaks));
        Extent { line, column: column_after(self.slice(0, start)), start, end: extent.end }
    }

    /// The first offset from `from` on that is neither space, nor in a comment, nor in a word
    /// that `skipped` knows the length of.
    fn skip(&self, from: usize, to: usize, skipped: fn(&str) -> usize) -> usize {
        let mut at = from;
        loop {
            let rest = self.slice(at, to);
            let space = rest.len() - rest.trim_start().len();
            let word = match rest.get(space..).unwrap_or_default() {
                comment if comment.starts_with('#') => {
                    comment.find(['\n', '\r']).unwrap_or(comment.len())
                }
                other => skipped(other),
            };
            if space + word == 0 {
                return at;
            }
            at += space + word;
        }
    }
}

/// The length of a tag or an anchor.
fn properties(text: &str) -> usize {
    let begins = text.starts_with(['!', '&']);
    if begins { text.find(char::is_whitespace).unwrap_or(text.len()) } else { 0 }
}

/// The length of an indicator that may stand between two values.
fn between(text: &str) -> usize {
    usize::from(text.starts_with([':', '?', '-', ',']))
}

/// The length of an indicator that may stand between a key and its sequence.
fn before_dash(text: &str) -> usize {
    usize::from(text.starts_with(':'))
}
