//! Spans to exchanges: which spans show a call, and which two show the same one. The order in which
//! the two come does not matter. It refuses to know how spans are encoded.

use super::attribute::Word;
use super::grpc::is_grpc;
use super::note::{
    NOTE_CALLEE_ONLY, NOTE_CALLER_ONLY, NOTE_CONSUMER, NOTE_CROWDED, NOTE_DATABASE, NOTE_INTERNAL,
    NOTE_NO_KIND, NOTE_OTHER, NOTE_OTHER_RPC, NOTE_PRODUCER, NOTE_TWICE,
};
use super::sides::{Sides, exchange};
use super::span::{Kind, Outline, Span};
use super::waiting::{CallId, Kept, Waiting};
use crate::exchange::Exchange;
use crate::reading::{Limits, Reading};

/// Calls of which one side is known, across any number of requests.
///
/// A span of a client waits for the span of the server that it called, and the other way round: the
/// server's parent is the client's span. Both become one exchange. A span that stays alone becomes
/// an exchange when room is needed ([`Limits::waiting_max`], [`Limits::waiting_bytes_max`]; the
/// oldest goes first), or with [`Calls::finish`].
#[derive(Debug)]
pub struct Calls {
    waiting: Waiting,
}

impl Calls {
    /// No call yet.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self { waiting: Waiting::new(limits.waiting_max, limits.waiting_bytes_max) }
    }

    /// Takes a span and hands on what is complete with it. Spans that show no call are noted.
    pub fn take(
        &mut self,
        span: &Span<'_>,
        sink: &mut dyn FnMut(Exchange<'_>),
        reading: &mut Reading,
    ) {
        if let Some(note) = no_call(span) {
            return reading.note(note);
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

    /// Hands on all spans that still wait, in the order in which they came. Nothing waits then, and
    /// further spans may be taken.
    pub fn finish(&mut self, sink: &mut dyn FnMut(Exchange<'_>), reading: &mut Reading) {
        while let Some(oldest) = self.waiting.take_oldest() {
            hand_on_alone(&oldest.as_span(), sink, reading);
        }
    }
}

/// Why a span shows no call that is read here.
fn no_call(span: &Span<'_>) -> Option<&'static str> {
    match span.outline.kind {
        Kind::Client | Kind::Server => {}
        Kind::Internal => return Some(NOTE_INTERNAL),
        Kind::Unspecified => return Some(NOTE_NO_KIND),
        Kind::Producer => return Some(NOTE_PRODUCER),
        Kind::Consumer => return Some(NOTE_CONSUMER),
    }
    if span.word(Word::Method).is_some() || is_grpc(span) {
        None
    } else if span.outline.is_database {
        Some(NOTE_DATABASE)
    } else if span.word(Word::RpcSystem).is_some() {
        Some(NOTE_OTHER_RPC)
    } else {
        Some(NOTE_OTHER)
    }
}

/// What the other side of the call would know it by; none if there can be no other side.
fn call_id(outline: &Outline) -> Option<CallId> {
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
