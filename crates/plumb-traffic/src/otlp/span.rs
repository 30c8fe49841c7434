//! A span as Plumb needs it: flat, borrowed, with the few attributes that say something about a
//! call. It refuses to know how spans are encoded and what becomes of them.

use std::borrow::Cow;

use super::attribute::{Era, Half, NUMBERS, Number, Slot, Word};
use super::words::Words;
use crate::exchange::{Attribute, Pair};

/// Headers and metadata kept for each side of a span. Capture lists name a handful; servers refuse
/// more than about a hundred.
pub const HEADERS_MAX: usize = 256;

/// Links kept of one span; SDKs keep as many.
pub const LINKS_MAX: usize = 128;

/// A trace and a span in it.
pub type SpanId = ([u8; 16], [u8; 8]);

/// What a span says of a call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Span<'a> {
    /// All that is neither text nor payload.
    pub outline: Outline,
    /// Headers and bodies, as far as telemetry carries them.
    pub request: Captured<'a>,
    /// Headers and bodies, as far as telemetry carries them.
    pub response: Captured<'a>,
    /// The spans it says it follows from, beside its parent; at most [`LINKS_MAX`].
    pub links: Vec<SpanId>,
    /// What was asked for by name.
    pub attributes: Vec<Attribute<'a>>,
    pub(super) words: Words<'a>,
}

/// The part of a span that is made of numbers. Zero stands for none in ids and times.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Outline {
    /// Its kind.
    pub kind: Kind,
    /// The trace it belongs to.
    pub trace_id: [u8; 16],
    /// Its own id, unique in the trace.
    pub span_id: [u8; 8],
    /// The id of the span that caused it.
    pub parent_id: [u8; 8],
    /// Nanoseconds since 1970-01-01T00:00Z.
    pub start_ns: u64,
    /// Nanoseconds since 1970-01-01T00:00Z.
    pub end_ns: u64,
    /// The span's own status is an error.
    pub is_error: bool,
    /// Some text in it was no UTF-8 and was replaced.
    pub is_lossy: bool,
    /// It had more headers than are kept.
    pub is_cut: bool,
    pub(super) numbers: [Option<i64>; NUMBERS],
}

/// What telemetry carries of one side of a call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Captured<'a> {
    /// The headers that the SDK was told to capture; at most [`HEADERS_MAX`].
    pub headers: Vec<Pair<'a>>,
    /// The body, possibly cut off by the SDK.
    pub body: Option<Cow<'a, [u8]>>,
}

/// What role the span's process had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// Not said.
    #[default]
    Unspecified,
    /// Nobody outside the process took part.
    Internal,
    /// It answered a call.
    Server,
    /// It made a call.
    Client,
    /// It sent a message.
    Producer,
    /// It took a message.
    Consumer,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Text(Cow<'a, str>),
    Whole(i64),
    Texts(Vec<Cow<'a, str>>),
    Bytes(Cow<'a, [u8]>),
    /// A kind of value that nothing here is made of.
    Other,
}

impl Kind {
    /// The kind that a number on the wire stands for.
    pub(crate) fn of_number(number: u64) -> Self {
        match number {
            1 => Self::Internal,
            2 => Self::Server,
            3 => Self::Client,
            4 => Self::Producer,
            5 => Self::Consumer,
            _ => Self::Unspecified,
        }
    }
}

impl Outline {
    /// The id of the trace as people see it.
    pub(crate) fn trace_hex(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.trace_id))
    }
}

impl<'a> Span<'a> {
    /// Text it carries; empty text counts as none.
    pub fn word(&self, word: Word) -> Option<&str> {
        self.words.get(word)
    }

    /// A number it carries.
    pub fn number(&self, number: Number) -> Option<i64> {
        self.outline.numbers[number as usize]
    }

    /// Makes it a span that says no more than its resource.
    pub(crate) fn begin(&mut self, resource: &Self) {
        self.outline = resource.outline;
        self.words.renew(&resource.words);
        for captured in [&mut self.request, &mut self.response] {
            captured.headers.clear();
            captured.body = None;
        }
        self.links.clear();
        self.attributes.clone_from(&resource.attributes);
    }

    /// Keeps what was asked for by name; the last value of a place counts.
    pub(crate) fn put_asked(&mut self, place: usize, text: Cow<'a, str>) {
        match self.attributes.iter_mut().find(|(known, _)| *known == place) {
            Some((_, known)) => *known = text,
            None => self.attributes.push((place, text)),
        }
    }

    /// Text with another kind of slot, or in a form that does not fit it, is left out.
    pub(crate) fn put(&mut self, slot: Slot<'a>, value: Value<'a>) {
        match slot {
            Slot::Word(word, era) => {
                let text = match value {
                    Value::Text(text) => text,
                    Value::Whole(number) => number.to_string().into(),
                    _ => return,
                };
                self.words.put(word, era, text);
            }
            Slot::Number(number, era) => {
                let whole = match value {
                    Value::Whole(whole) => Some(whole),
                    Value::Text(text) => text.trim().parse().ok(),
                    _ => None,
                };
                let Some(whole) = whole else { return };
                renew(&mut self.outline.numbers[number as usize], era, whole);
            }
            Slot::Header(half, name) => self.put_header(half, name, value),
            Slot::Body(half) => {
                let body = match value {
                    Value::Text(Cow::Borrowed(text)) => Cow::Borrowed(text.as_bytes()),
                    Value::Text(Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
                    Value::Bytes(bytes) => bytes,
                    _ => return,
                };
                self.captured_mut(half).body = Some(body);
            }
        }
    }

    /// Links to a span; beyond [`LINKS_MAX`] they are left out.
    pub(crate) fn link(&mut self, id: SpanId) {
        if self.links.len() < LINKS_MAX {
            self.links.push(id);
        }
    }

    /// What it carries of one side.
    pub fn captured(&self, half: Half) -> &Captured<'a> {
        match half {
            Half::Request => &self.request,
            Half::Response => &self.response,
        }
    }

    fn captured_mut(&mut self, half: Half) -> &mut Captured<'a> {
        match half {
            Half::Request => &mut self.request,
            Half::Response => &mut self.response,
        }
    }

    fn put_header(&mut self, half: Half, name: Cow<'a, str>, value: Value<'a>) {
        let headers = &mut self.captured_mut(half).headers;
        if headers.iter().any(|(known, _)| *known == name) {
            // The same header by the other convention.
            return;
        }
        let values = match value {
            Value::Text(text) => vec![text],
            Value::Texts(texts) => texts,
            Value::Whole(_) | Value::Bytes(_) | Value::Other => return,
        };
        let room = HEADERS_MAX.saturating_sub(headers.len());
        let is_cut = values.len() > room;
        headers.extend(values.into_iter().take(room).map(|text| (name.clone(), text)));
        self.outline.is_cut |= is_cut;
    }
}

/// A stable name takes the place of a previous one, whichever comes first.
fn renew<T>(slot: &mut Option<T>, era: Era, value: T) {
    if era == Era::Stable || slot.is_none() {
        *slot = Some(value);
    }
}

#[cfg(test)]
mod tests {
    use super::super::attribute::span_slot;
    use super::*;

    fn span(attributes: &[(&'static str, Value<'static>)]) -> Span<'static> {
        let mut span = Span::default();
        for (name, value) in attributes {
            span.put(span_slot(name.as_bytes()).unwrap(), value.clone());
        }
        span
    }

    fn check(attributes: &[(&'static str, Value<'static>)], expected: &Span<'_>) {
        let mut reversed = attributes.to_vec();
        reversed.reverse();
        assert_eq!(&span(attributes), expected, "{attributes:?}");
        assert_eq!(&span(&reversed), expected, "{reversed:?}");
    }

    #[test]
    fn both_conventions_at_once_count_once_and_the_stable_one_wins() {
        let text = |text: &'static str| Value::Text(text.into());
        check(
            &[
                ("http.request.method", text("GET")),
                ("http.method", text("get")),
                ("http.status_code", text("201")),
                ("http.response.status_code", Value::Whole(200)),
                ("http.request.header.x-a", Value::Texts(vec!["1".into(), "2".into()])),
            ],
            &span(&[
                ("http.method", text("GET")),
                ("http.status_code", Value::Whole(200)),
                ("http.request.header.x_a", Value::Texts(vec!["1".into(), "2".into()])),
            ]),
        );
        let twice = span(&[
            ("http.request.header.x-a", Value::Texts(vec!["1".into(), "2".into()])),
            ("http.request.header.x_a", text("1")),
        ]);
        assert_eq!(twice.request.headers.len(), 2);
    }

    #[test]
    fn values_of_another_kind_are_left_out() {
        let odd = [
            ("http.method", Value::Other),
            ("http.status_code", Value::Text("ok".into())),
            ("http.request.header.x", Value::Whole(1)),
            ("http.request.body.content", Value::Whole(1)),
        ];
        check(&odd, &Span::default());
    }

    #[test]
    fn headers_are_bounded() {
        let many = Value::Texts(vec!["v".into(); HEADERS_MAX + 1]);
        let span = span(&[("http.response.header.x", many)]);
        assert_eq!((span.response.headers.len(), span.outline.is_cut), (HEADERS_MAX, true));
    }
}
