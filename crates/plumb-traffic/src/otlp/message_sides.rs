//! The two sides of a message, sender and taker, as one exchange. It refuses to know how the two
//! found each other.

use std::borrow::Cow;

use super::attribute::Word;
use super::note::{NOT_IN_TELEMETRY, NOTE_NO_DESTINATION};
use super::sides::{asked_of, host, latency_ms, service, time_ms};
use super::span::Span;
use crate::exchange::{Body, Exchange, Message};
use crate::reading::Reading;
use crate::record::{self, Record};

/// One message as far as it was reported. One side is there at least.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MessageSides<'s> {
    pub(crate) sender: Option<&'s Span<'s>>,
    pub(crate) taker: Option<&'s Span<'s>>,
}

impl<'s> MessageSides<'s> {
    fn each(self) -> impl Iterator<Item = &'s Span<'s>> {
        self.sender.into_iter().chain(self.taker)
    }

    /// What the sender says, or else the taker.
    fn word(self, word: Word) -> Option<&'s str> {
        self.each().find_map(|span| span.word(word))
    }
}

/// The message as an exchange; none if nothing says where it went.
pub(crate) fn exchange<'s>(sides: MessageSides<'s>, reading: &mut Reading) -> Option<Exchange<'s>> {
    let Some(destination) = destination(sides) else {
        reading.note(NOTE_NO_DESTINATION);
        return None;
    };
    let group = || sides.taker.and_then(|taker| taker.word(Word::Group)).map(Cow::from);
    let [sent_ns, taken_ns] =
        [sides.sender, sides.taker].map(|span| span.map_or(0, |span| span.outline.start_ns));
    let is_failure = sides.each().any(|span| span.outline.is_error);
    let exchange = record::exchange(Record {
        time_ms: time_ms(if sent_ns == 0 { taken_ns } else { sent_ns }),
        broker: broker(sides),
        destination,
        message: Message {
            headers_withheld: Some(NOT_IN_TELEMETRY),
            body: Body::Withheld(NOT_IN_TELEMETRY),
            ..Message::default()
        },
        writer: sides.sender.and_then(|sender| service(sender, reading)),
        reader: sides.taker.and_then(|taker| service(taker, reading)).or_else(group),
        version: sides.sender.and_then(|sender| sender.word(Word::Version)).map(Cow::from),
        environment: sides.word(Word::Environment).map(Cow::from),
        age_ms: latency_ms(sent_ns, taken_ns),
    });
    let (failed, attributes) = (is_failure.then_some(true), asked_of(sides.each()));
    Some(Exchange { failed, attributes, ..exchange })
}

fn destination<'s>(sides: MessageSides<'s>) -> Option<Vec<Cow<'s, str>>> {
    const TOKENS: [char; 2] = ['.', '/'];
    if let Some(template) = sides.word(Word::DestinationTemplate) {
        let is_data = template.contains('{');
        let parts = |text: &'s str| text.split(TOKENS).filter(|part| !part.is_empty());
        return Some(if is_data {
            parts(template).map(Cow::from).collect()
        } else {
            vec![template.into()]
        });
    }
    let name = sides.word(Word::Destination)?;
    // Of these systems each token of a name may be data; elsewhere a name is one word.
    let token = match sides.word(Word::Broker) {
        Some("nats") => '.',
        Some("mqtt") => '/',
        _ => return Some(vec![name.into()]),
    };
    Some(name.split(token).filter(|part| !part.is_empty()).map(Cow::from).collect())
}

/// The broker's address, or else the name of its system.
fn broker<'s>(sides: MessageSides<'s>) -> Cow<'s, str> {
    let address = sides.each().map(|span| host(span, "")).find(|host| !host.is_empty());
    address.or_else(|| sides.word(Word::Broker).map(Cow::from)).unwrap_or_default()
}
