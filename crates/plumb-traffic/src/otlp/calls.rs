//! Spans to exchanges: which spans show a call, a statement or a message, and which two show the
//! same call. The order in which the two come does not matter. It refuses to know how spans are
//! encoded.

use super::attribute::Word;
use super::database::{self, is_database};
use super::grpc::is_grpc;
use super::messages::{Messages, is_message};
use super::note::{
    NOTE_CALLEE_ONLY, NOTE_CALLER_ONLY, NOTE_CROWDED, NOTE_INTERNAL, NOTE_NO_KIND, NOTE_OTHER,
    NOTE_OTHER_RPC, NOTE_TWICE,
};
use super::sides::{Sides, exchange};
use super::span::{Kind, Outline, Span, SpanId};
use super::waiting::{Kept, Waiting};
use super::wanted::Wanted;
use crate::exchange::Exchange;
use crate::reading::{Limits, Reading};

/// Calls and messages of which one side is known, across any number of requests.
///
/// A span of a client waits for the span of the server that it called, and the other way round: the
/// server's parent is the client's span. Both become one exchange. A span that stays alone becomes
/// an exchange when room is needed ([`Limits::waiting_max`], [`Limits::waiting_bytes_max`], for
/// calls and for messages each; the oldest goes first), when it has waited for a whole
/// [`Calls::turn`], or with [`Calls::finish`].
#[derive(Debug)]
pub struct Calls {
    waiting: Waiting<SpanId>,
    messages: Messages,
    wanted: Wanted,
}

impl Calls {
    /// No call yet.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let waiting = Waiting::new(limits.waiting_max, limits.waiting_bytes_max);
        Self { waiting, messages: Messages::new(limits), wanted: Wanted::default() }
    }

    /// Hands on these attributes with each exchange.
    #[must_use]
    pub fn asking(self, wanted: Wanted) -> Self {
        Self { wanted, ..self }
    }

    /// What is asked for by name.
    pub(crate) fn wanted(&self) -> Wanted {
        self.wanted.clone()
    }

    /// Takes a span and hands on what is complete with it. Spans that show no call are noted.
    pub fn take(
        &mut self,
        span: &Span<'_>,
        sink: &mut dyn FnMut(Exchange<'_>),
        reading: &mut Reading,
    ) {
        match shown(span) {
            Shown::Call => {}
            Shown::Message => return self.messages.take(span, sink, reading),
            Shown::Statement => {
                if let Some(exchange) = database::exchange(span, reading) {
                    reading.exchanges += 1;
                    sink(exchange);
                }
                return;
            }
            Shown::Nothing(note) => return reading.note(note),
        }
        let Some(id) = call_id(&span.outline) else { return hand_on_alone(span, sink, reading) };
        match self.waiting.get(&id) {
            None => {
                self.waiting.add(id, Kept::new(span));
                while let Some(oldest) = self.waiting.take_excess() {
                    reading.note(NOTE_CROWDED);
                    hand_on_alone(&oldest.as_span(), sink, reading);
                }
            }
            Some(waiting) if waiting.is_same_as(span) => reading.note(NOTE_TWICE),
            // A call that reached two servers, as behind a proxy that tries again.
            Some(waiting) if waiting.is_same_side_as(span) => hand_on_alone(span, sink, reading),
            Some(_) => {
                let Some(kept) = self.waiting.take(&id) else { return };
                let other = kept.as_span();
                let sides = match span.outline.kind {
                    Kind::Client => Sides { client: Some(span), server: Some(&other) },
                    _ => Sides { client: Some(&other), server: Some(span) },
                };
                hand_on(sides, sink, reading);
            }
        }
    }

    /// Hands on the spans that have waited since before the last turn, and begins the next one. The
    /// other side of a call comes seconds later, since exporters batch, or never.
    pub fn turn(&mut self, sink: &mut dyn FnMut(Exchange<'_>), reading: &mut Reading) {
        while let Some(oldest) = self.waiting.take_turned() {
            hand_on_alone(&oldest.as_span(), sink, reading);
        }
        self.waiting.turn();
        self.messages.turn(sink, reading);
    }

    /// Hands on all spans that still wait, in the order in which they came. Nothing waits then, and
    /// further spans may be taken.
    pub fn finish(&mut self, sink: &mut dyn FnMut(Exchange<'_>), reading: &mut Reading) {
        while let Some(oldest) = self.waiting.take_oldest() {
            hand_on_alone(&oldest.as_span(), sink, reading);
        }
        self.messages.finish(sink, reading);
    }
}

/// What a span shows.
enum Shown {
    Call,
    Message,
    Statement,
    /// Nothing that is read here, for this reason.
    Nothing(&'static str),
}

fn shown(span: &Span<'_>) -> Shown {
    let kind = span.outline.kind;
    let is_side = matches!(kind, Kind::Client | Kind::Server);
    if is_side && (span.word(Word::Method).is_some() || is_grpc(span)) {
        Shown::Call
    } else if is_message(span) {
        Shown::Message
    } else if is_database(span) {
        Shown::Statement
    } else if kind == Kind::Internal {
        Shown::Nothing(NOTE_INTERNAL)
    } else if !is_side {
        Shown::Nothing(NOTE_NO_KIND)
    } else if span.word(Word::RpcSystem).is_some() {
        Shown::Nothing(NOTE_OTHER_RPC)
    } else {
        Shown::Nothing(NOTE_OTHER)
    }
}

/// What the other side of the call would know it by; none if there can be no other side.
fn call_id(outline: &Outline) -> Option<SpanId> {
    let id = match outline.kind {
        Kind::Client => outline.span_id,
        _ => outline.parent_id,
    };
    let is_known = outline.trace_id != [0; 16] && id != [0; 8];
    is_known.then_some((outline.trace_id, id))
}

fn hand_on_alone(span: &Span<'_>, sink: &mut dyn FnMut(Exchange<'_>), reading: &mut Reading) {
    let sides = match span.outline.kind {
        Kind::Client => {
            reading.note(NOTE_CALLER_ONLY);
            Sides { client: Some(span), server: None }
        }
        _ => {
            reading.note(NOTE_CALLEE_ONLY);
            Sides { client: None, server: Some(span) }
        }
    };
    hand_on(sides, sink, reading);
}

fn hand_on(sides: Sides<'_>, sink: &mut dyn FnMut(Exchange<'_>), reading: &mut Reading) {
    if let Some(exchange) = exchange(sides, reading) {
        reading.exchanges += 1;
        sink(exchange);
    }
}
