//! Spans that wait for the other side of their call or message: a table bounded in number and
//! bytes, from which the oldest goes first. It refuses to know what a call or a message is.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::hash::Hash;

use rapidhash::RapidHashMap;

use super::attribute::{WORDS, Word};
use super::span::{Captured, Outline, Span};
use super::words::Said;
use crate::exchange::{Attribute, Pair};

/// The spans that wait, in order of arrival.
#[derive(Debug)]
pub(crate) struct Waiting<Id> {
    by_id: RapidHashMap<Id, u64>,
    /// Places of spans taken out stay empty until all before them have gone. What waits is large,
    /// and stays where it is while its place moves.
    places: VecDeque<Option<(Id, Box<Kept>)>>,
    /// The number of the first place.
    first: u64,
    /// The number of the place behind those that were there at the last turn.
    turned: u64,
    bytes: usize,
    count_max: usize,
    bytes_max: usize,
}

/// A span that owns what it says: all its words in one text.
#[derive(Debug)]
pub(crate) struct Kept {
    outline: Outline,
    request: Captured<'static>,
    response: Captured<'static>,
    attributes: Vec<Attribute<'static>>,
    text: Box<str>,
    /// Where the words end in it that are there.
    ends: [u32; WORDS],
    said: Said,
    bytes: usize,
    /// It was handed on already, and stays so that it is known again.
    pub(crate) is_told: bool,
}

impl<Id: Copy + Eq + Hash> Waiting<Id> {
    /// Nothing waits. At most `count_max` places and about `bytes_max` bytes are held.
    pub(crate) fn new(count_max: usize, bytes_max: usize) -> Self {
        Self {
            by_id: RapidHashMap::default(),
            places: VecDeque::new(),
            first: 0,
            turned: 0,
            bytes: 0,
            count_max,
            bytes_max,
        }
    }

    /// The span that waits under this id.
    pub(crate) fn get(&self, id: &Id) -> Option<&Kept> {
        let place = usize::try_from(self.by_id.get(id)? - self.first).ok()?;
        self.places.get(place)?.as_ref().map(|(_, kept)| &**kept)
    }

    /// The span that waits under this id, to be marked.
    pub(crate) fn get_mut(&mut self, id: &Id) -> Option<&mut Kept> {
        let place = usize::try_from(self.by_id.get(id)? - self.first).ok()?;
        self.places.get_mut(place)?.as_mut().map(|(_, kept)| &mut **kept)
    }

    /// Takes out the span that waits under this id.
    pub(crate) fn take(&mut self, id: &Id) -> Option<Box<Kept>> {
        let place = usize::try_from(self.by_id.remove(id)? - self.first).ok()?;
        let (_, kept) = self.places.get_mut(place)?.take()?;
        self.bytes -= kept.bytes;
        self.close_up();
        Some(kept)
    }

    /// Lets a span wait. At most one waits under an id.
    pub(crate) fn add(&mut self, id: Id, kept: Box<Kept>) {
        self.bytes += kept.bytes;
        self.by_id.insert(id, self.first + self.places.len() as u64);
        self.places.push_back(Some((id, kept)));
    }

    /// Takes out the oldest while there are too many.
    pub(crate) fn take_excess(&mut self) -> Option<Box<Kept>> {
        let is_over = self.places.len() > self.count_max || self.bytes > self.bytes_max;
        if is_over { self.take_oldest() } else { None }
    }

    /// Takes out the oldest.
    pub(crate) fn take_oldest(&mut self) -> Option<Box<Kept>> {
        // INVARIANT: the first place is never empty.
        let (id, kept) = self.places.pop_front()??;
        self.first += 1;
        self.by_id.remove(&id);
        self.bytes -= kept.bytes;
        self.close_up();
        Some(kept)
    }

    /// Begins a turn: what waits now is taken out by [`Self::take_turned`] before the next one.
    pub(crate) fn turn(&mut self) {
        self.turned = self.first + self.places.len() as u64;
    }

    /// Takes out the oldest while it has waited since before the last turn began.
    pub(crate) fn take_turned(&mut self) -> Option<Box<Kept>> {
        if self.first < self.turned { self.take_oldest() } else { None }
    }

    fn close_up(&mut self) {
        while let Some(None) = self.places.front() {
            self.places.pop_front();
            self.first += 1;
        }
    }
}

impl Kept {
    /// A copy of the span.
    pub(crate) fn new(span: &Span<'_>) -> Box<Self> {
        let mut text = String::with_capacity(span.words.each().map(|(_, word)| word.len()).sum());
        let (mut ends, mut said) = ([0; WORDS], Said::default());
        for (place, word) in span.words.each() {
            // A word that would not fit is dropped; requests are far smaller than 4 GiB.
            if let Ok(end) = u32::try_from(text.len() + word.len()) {
                text.push_str(word);
                ends[place] = end;
                said.add(place);
            }
        }
        let (request, response) = (owned(&span.request), owned(&span.response));
        let own = |(place, text): &Attribute<'_>| (*place, Cow::Owned(text.as_ref().to_owned()));
        let attributes: Vec<Attribute<'static>> = span.attributes.iter().map(own).collect();
        let asked = |(_, text): &Attribute<'_>| size_of::<Attribute<'_>>() + text.len();
        let bytes = size_of::<Self>()
            + text.len()
            + bytes_of(&request)
            + bytes_of(&response)
            + attributes.iter().map(asked).sum::<usize>();
        Box::new(Self {
            outline: span.outline,
            request,
            response,
            attributes,
            text: text.into(),
            ends,
            said,
            bytes,
            is_told: false,
        })
    }

    /// The span as it was; empty words are none.
    pub(crate) fn as_span(&self) -> Span<'_> {
        let mut span = Span {
            outline: self.outline,
            request: self.request.clone(),
            response: self.response.clone(),
            attributes: self.attributes.clone(),
            ..Span::default()
        };
        let mut start = 0;
        for place in self.said.places() {
            let end = self.ends[place] as usize;
            span.words.put_at(place, self.text[start..end].into());
            start = end;
        }
        span
    }

    /// One of its words.
    pub(crate) fn word(&self, word: Word) -> Option<&str> {
        let (place, before) = self.said.place(word)?;
        let start = before.map_or(0, |before| self.ends[before]);
        Some(&self.text[start as usize..self.ends[place] as usize])
    }

    /// Kind and own id, by which a repeated span is told.
    pub(crate) fn is_same_as(&self, span: &Span<'_>) -> bool {
        self.is_same_side_as(span) && self.outline.span_id == span.outline.span_id
    }

    /// True when both have the same role in the call.
    pub(crate) fn is_same_side_as(&self, span: &Span<'_>) -> bool {
        self.outline.kind == span.outline.kind
    }
}

fn owned(captured: &Captured<'_>) -> Captured<'static> {
    let own = |text: &str| Cow::Owned(text.to_owned());
    Captured {
        headers: captured.headers.iter().map(|(name, value)| (own(name), own(value))).collect(),
        body: captured.body.as_deref().map(|body| body.to_vec().into()),
    }
}

fn bytes_of(captured: &Captured<'_>) -> usize {
    let bytes = |(name, value): &Pair<'_>| size_of::<Pair<'_>>() + name.len() + value.len();
    let headers: usize = captured.headers.iter().map(bytes).sum();
    headers + captured.body.as_deref().map_or(0, <[u8]>::len)
}

#[cfg(test)]
mod tests {
    use super::super::attribute::span_slot;
    use super::super::span::{Kind, SpanId, Value};
    use super::*;

    fn span(number: u8) -> Span<'static> {
        let outline = Outline { kind: Kind::Client, span_id: [number; 8], ..Outline::default() };
        let mut span = Span { outline, ..Span::default() };
        for name in
            ["url.full", "http.method", "http.request.header.a", "http.request.body.content"]
        {
            span.put(
                span_slot(name.as_bytes()).unwrap(),
                Value::Text(format!("{name} {number}").into()),
            );
        }
        span.put_asked(3, "de".into());
        span
    }

    fn id(number: u8) -> SpanId {
        ([9; 16], [number; 8])
    }

    fn add(waiting: &mut Waiting<SpanId>, number: u8) {
        waiting.add(id(number), Kept::new(&span(number)));
    }

    #[test]
    fn a_kept_span_is_the_same_span() {
        assert_eq!(Kept::new(&span(1)).as_span(), span(1));
        assert_eq!(Kept::new(&Span::default()).as_span(), Span::default());
        assert_eq!(span(1).word(Word::Method), Some("http.method 1"));
        for word in [Word::Method, Word::Url, Word::Route, Word::Environment] {
            assert_eq!(Kept::new(&span(1)).word(word), span(1).word(word), "{word:?}");
        }
    }

    #[test]
    fn the_oldest_goes_first_whatever_was_taken_between() {
        let mut waiting = Waiting::new(3, usize::MAX);
        (1..=5).for_each(|number| add(&mut waiting, number));
        assert_eq!(waiting.take(&id(2)).unwrap().as_span(), span(2));
        assert!(waiting.take(&id(2)).is_none());
        assert_eq!(waiting.take_excess().unwrap().as_span(), span(1));
        assert!(waiting.take_excess().is_none());
        assert_eq!(waiting.get(&id(4)).unwrap().as_span(), span(4));
        for number in 3..=5 {
            assert_eq!(waiting.take_oldest().unwrap().as_span(), span(number));
        }
        assert!(waiting.take_oldest().is_none());
        assert_eq!((waiting.bytes, waiting.by_id.len(), waiting.places.len()), (0, 0, 0));
        assert_eq!(waiting.first, 5);
    }

    #[test]
    fn what_waited_for_a_whole_turn_goes() {
        let mut waiting = Waiting::new(usize::MAX, usize::MAX);
        (1..=2).for_each(|number| add(&mut waiting, number));
        assert!(waiting.take_turned().is_none());
        waiting.turn();
        add(&mut waiting, 3);
        assert_eq!(waiting.take(&id(1)).unwrap().as_span(), span(1));
        assert_eq!(waiting.take_turned().unwrap().as_span(), span(2));
        assert!(waiting.take_turned().is_none());
        waiting.turn();
        assert_eq!(waiting.take_turned().unwrap().as_span(), span(3));
    }

    #[test]
    fn bytes_are_bounded_too() {
        let each = Kept::new(&span(1)).bytes;
        let mut waiting = Waiting::new(usize::MAX, 2 * each);
        (1..=3).for_each(|number| add(&mut waiting, number));
        assert_eq!(waiting.take_excess().unwrap().as_span(), span(1));
        assert!(waiting.take_excess().is_none());
    }
}
