//! Messages of queues, topics and streams, as exchanges. A message goes one way: whoever published
//! it is the writer, whoever takes it is the reader, and what was published stands where a response
//! stands, with status 0. It refuses to know any broker.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::exchange::{Exchange, Message};

/// The method of an exchange that is a message: `MESSAGE /orders.created`.
pub const METHOD: &str = "MESSAGE";

/// What would end a segment, or could be taken for something encoded.
const NOT_IN_A_SEGMENT: &AsciiSet = &CONTROLS.add(b'/').add(b'?').add(b'#').add(b'%').add(b' ');

/// One message as a broker handed it over.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record<'a> {
    /// When it was published, in milliseconds since 1970-01-01T00:00Z; none if unknown.
    pub time_ms: Option<i64>,
    /// The broker, as its address without credentials; empty if unknown.
    pub broker: Cow<'a, str>,
    /// Where it was published to, in parts. A topic is one part; a subject whose tokens carry data
    /// (`orders.42.paid`) has one for each token.
    pub destination: Vec<Cow<'a, str>>,
    /// What was published, with its headers.
    pub message: Message<'a>,
    /// Who published it, when that is known.
    pub writer: Option<Cow<'a, str>>,
    /// Who takes it, when that is known.
    pub reader: Option<Cow<'a, str>>,
    /// The writer's version, when that is known.
    pub version: Option<Cow<'a, str>>,
    /// The environment, when that is known.
    pub environment: Option<Cow<'a, str>>,
    /// Milliseconds from publishing to taking, not negative; none if unknown.
    pub age_ms: Option<f64>,
}

/// The message as an exchange.
#[must_use]
pub fn exchange(record: Record<'_>) -> Exchange<'_> {
    Exchange {
        time_ms: record.time_ms,
        host: record.broker,
        method: Cow::Borrowed(METHOD),
        path: path(&record.destination).into(),
        response: record.message,
        latency_ms: record.age_ms,
        writer: record.writer,
        reader: record.reader,
        version: record.version,
        environment: record.environment,
        ..Exchange::default()
    }
}

/// Names as a path, each of them one segment.
pub(crate) fn path(names: &[Cow<'_, str>]) -> String {
    let path = names.iter().fold(String::new(), |path, part| {
        path + "/" + &utf8_percent_encode(part, NOT_IN_A_SEGMENT).to_string()
    });
    if path.is_empty() { "/".to_owned() } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(destination: &[&'static str], path: &str) {
        let destination = destination.iter().map(|part| Cow::Borrowed(*part)).collect();
        let exchange = exchange(Record { destination, ..Record::default() });
        assert_eq!((&*exchange.method, &*exchange.path, exchange.status), (METHOD, path, 0));
    }

    #[test]
    fn each_part_of_a_destination_is_a_segment() {
        check(&["orders.created"], "/orders.created");
        check(&["orders", "42", "paid"], "/orders/42/paid");
        check(&["a/b c"], "/a%2Fb%20c");
        check(&[], "/");
    }
}
