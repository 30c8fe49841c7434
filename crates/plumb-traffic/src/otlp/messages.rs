//! Spans of messages to exchanges: which span sent the message that another one took. The taker
//! names the sender by a link, or else as its parent; either may come first, and a message may be
//! taken by many. It refuses to know how spans are encoded.

use super::attribute::Word;
use super::message_sides::{MessageSides, exchange};
use super::note::{
    NOTE_BATCH, NOTE_CROWDED, NOTE_POLL, NOTE_SENT_ONLY, NOTE_SETTLED, NOTE_TAKEN_ONLY,
    NOTE_TAKEN_TWICE, NOTE_TWICE,
};
use super::span::{Kind, Outline, Span, SpanId};
use super::waiting::{Kept, Waiting};
use crate::exchange::Exchange;
use crate::reading::{Limits, Reading};

/// Services that may take one message and be told apart. Topics fan out to a handful; further ones
/// are exchanges of unknown writers unless the sender's span came before them.
const TAKERS_MAX: u8 = 8;

/// The sender's place beside those of its takers, which are counted from 1.
const SENDER: u8 = 0;

/// The sender's span, and a place of those who know of it.
type Place = (SpanId, u8);

/// Messages of which one side is known, across any number of requests.
///
/// Spans stay after they were handed on, since more takers may come, until room is needed or their
/// time has passed. Those that nobody matched become exchanges then.
#[derive(Debug)]
pub(crate) struct Messages {
    waiting: Waiting<Place>,
}

/// What a span tells of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Sender,
    Taker,
    /// Nothing, for this reason.
    None(&'static str),
}

/// Where exchanges and the account go.
struct Out<'o, 's> {
    sink: &'o mut (dyn FnMut(Exchange<'_>) + 's),
    reading: &'o mut Reading,
}

/// True for a span of a message.
pub(crate) fn is_message(span: &Span<'_>) -> bool {
    let is_told = || span.word(Word::MessageOperation).is_some();
    match span.outline.kind {
        Kind::Producer | Kind::Consumer => true,
        Kind::Client => span.word(Word::Broker).is_some() && is_told(),
        Kind::Server | Kind::Internal | Kind::Unspecified => false,
    }
}

impl Messages {
    /// No message yet.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { waiting: Waiting::new(limits.waiting_max, limits.waiting_bytes_max) }
    }

    /// Takes a span and hands on what is complete with it.
    pub(crate) fn take(
        &mut self,
        span: &Span<'_>,
        sink: &mut dyn FnMut(Exchange<'_>),
        reading: &mut Reading,
    ) {
        let mut out = Out { sink, reading };
        match role(span) {
            Role::None(note) => out.reading.note(note),
            Role::Sender => self.sent(span, &mut out),
            Role::Taker if span.links.is_empty() => {
                self.taken((span.outline.trace_id, span.outline.parent_id), span, &mut out);
            }
            Role::Taker => span.links.iter().for_each(|id| self.taken(*id, span, &mut out)),
        }
    }

    /// Hands on what has waited since before the last turn, and begins the next one.
    pub(crate) fn turn(&mut self, sink: &mut dyn FnMut(Exchange<'_>), reading: &mut Reading) {
        while let Some(oldest) = self.waiting.take_turned() {
            let_go(&oldest, &mut Out { sink, reading });
        }
        self.waiting.turn();
    }

    /// Hands on all that still waits.
    pub(crate) fn finish(&mut self, sink: &mut dyn FnMut(Exchange<'_>), reading: &mut Reading) {
        while let Some(oldest) = self.waiting.take_oldest() {
            let_go(&oldest, &mut Out { sink, reading });
        }
    }

    fn sent(&mut self, span: &Span<'_>, out: &mut Out<'_, '_>) {
        let id = (span.outline.trace_id, span.outline.span_id);
        if !is_known(id) {
            return alone(span, out);
        }
        if self.waiting.get(&(id, SENDER)).is_some() {
            return out.reading.note(NOTE_TWICE);
        }
        let mut sender = Kept::new(span);
        for place in 1..=TAKERS_MAX {
            let Some(taker) = self.waiting.get_mut(&(id, place)) else { continue };
            if !taker.is_told {
                hand_on(MessageSides { sender: Some(span), taker: Some(&taker.as_span()) }, out);
                (taker.is_told, sender.is_told) = (true, true);
            }
        }
        self.keep((id, SENDER), sender, out);
    }

    /// Makes room with each span that is kept: one may stand for as many messages as it has links.
    fn keep(&mut self, place: Place, kept: Box<Kept>, out: &mut Out<'_, '_>) {
        self.waiting.add(place, kept);
        while let Some(oldest) = self.waiting.take_excess() {
            if !oldest.is_told {
                out.reading.note(NOTE_CROWDED);
            }
            let_go(&oldest, out);
        }
    }

    fn taken(&mut self, id: SpanId, span: &Span<'_>, out: &mut Out<'_, '_>) {
        if !is_known(id) {
            return alone(span, out);
        }
        let mut free = None;
        for place in 1..=TAKERS_MAX {
            match self.waiting.get(&(id, place)) {
                Some(taker) if is_same_taker(taker, span) => {
                    return out.reading.note(NOTE_TAKEN_TWICE);
                }
                Some(_) => {}
                None => free = free.or(Some(place)),
            }
        }
        let mut taker = Kept::new(span);
        if let Some(sender) = self.waiting.get_mut(&(id, SENDER)) {
            hand_on(MessageSides { sender: Some(&sender.as_span()), taker: Some(span) }, out);
            (taker.is_told, sender.is_told) = (true, true);
        }
        match free {
            Some(place) => self.keep((id, place), taker, out),
            None if taker.is_told => {}
            None => alone(span, out),
        }
    }
}

fn role(span: &Span<'_>) -> Role {
    let Outline { kind, parent_id, .. } = span.outline;
    match span.word(Word::MessageOperation) {
        Some("settle") => Role::None(NOTE_SETTLED),
        // Each of its messages has a span of its own, which it links to.
        Some("send" | "publish") if !span.links.is_empty() => Role::None(NOTE_BATCH),
        Some("create" | "send" | "publish") => Role::Sender,
        Some("receive") if span.links.is_empty() && parent_id == [0; 8] => Role::None(NOTE_POLL),
        Some("receive" | "process" | "deliver") => Role::Taker,
        _ if kind == Kind::Consumer => Role::Taker,
        _ => Role::Sender,
    }
}

fn is_known((trace, span): SpanId) -> bool {
    trace != [0; 16] && span != [0; 8]
}

/// A service takes a message once, however many of its spans tell of it.
fn is_same_taker(taker: &Kept, span: &Span<'_>) -> bool {
    [Word::Service, Word::Namespace, Word::Group]
        .into_iter()
        .all(|word| taker.word(word) == span.word(word))
}

fn let_go(kept: &Kept, out: &mut Out<'_, '_>) {
    if !kept.is_told {
        alone(&kept.as_span(), out);
    }
}

fn alone(span: &Span<'_>, out: &mut Out<'_, '_>) {
    let (sides, note) = match role(span) {
        Role::Taker => (MessageSides { sender: None, taker: Some(span) }, NOTE_TAKEN_ONLY),
        _ => (MessageSides { sender: Some(span), taker: None }, NOTE_SENT_ONLY),
    };
    out.reading.note(note);
    hand_on(sides, out);
}

fn hand_on(sides: MessageSides<'_>, out: &mut Out<'_, '_>) {
    if let Some(exchange) = exchange(sides, out.reading) {
        out.reading.exchanges += 1;
        (out.sink)(exchange);
    }
}
