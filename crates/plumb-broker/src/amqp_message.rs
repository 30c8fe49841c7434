//! A message of RabbitMQ, and what its tracer says of one. It refuses to know how messages come.

use amqprs::{BasicProperties, FieldTable, FieldValue};
use bytes::Bytes;

use crate::hand::Hand;
use crate::taken::{HEADERS_NOT_TEXT, Payload, Taken};

/// The exchange on which RabbitMQ publishes what it was told to trace.
const TRACER: &str = "amq.rabbitmq.trace";

/// A message as it was delivered to our queue: exchange, routing key, properties and content.
pub(crate) fn taken(
    hand: &Hand,
    (exchange, key): (&str, &str),
    properties: &BasicProperties,
    content: Option<Vec<u8>>,
) -> Taken {
    let headers = properties.headers();
    let mut taken = Taken {
        // The publisher's own clock, in seconds; few publishers set it.
        published_ms: properties.timestamp().and_then(milliseconds),
        taken_ms: hand.now_ms(),
        broker: hand.broker.clone(),
        destination: destination(exchange, key),
        headers: headers.map(texts).unwrap_or_default(),
        headers_withheld: headers.and_then(withheld),
        media_type: properties.content_type().cloned(),
        encoding: properties.content_encoding().cloned(),
        payload: Payload::kept(Bytes::from(content.unwrap_or_default())),
    };
    if let (TRACER, Some(traced)) = (exchange, headers) {
        untrace(&mut taken, traced);
    }
    taken
}

/// Puts what was traced in the place of what the tracer published.
fn untrace(taken: &mut Taken, traced: &FieldTable) {
    let exchange = text_of(traced, "exchange_name").unwrap_or_default();
    let keys = match field(traced, "routing_keys") {
        Some(FieldValue::A(keys)) => Vec::from(keys.clone()),
        _ => Vec::new(),
    };
    let key = keys.first().and_then(text).unwrap_or_default();
    taken.destination = destination(&exchange, &key);
    let Some(FieldValue::F(properties)) = field(traced, "properties") else { return };
    taken.media_type = text_of(properties, "content_type");
    taken.encoding = text_of(properties, "content_encoding");
    taken.published_ms = match field(properties, "timestamp") {
        Some(FieldValue::T(seconds)) => milliseconds(*seconds),
        _ => None,
    };
    (taken.headers, taken.headers_withheld) = match field(properties, "headers") {
        Some(FieldValue::F(headers)) => (texts(headers), withheld(headers)),
        _ => (Vec::new(), None),
    };
}

/// The exchange, and the words of the key; the default exchange has no name.
fn destination(exchange: &str, key: &str) -> Vec<String> {
    let words = key.split('.').filter(|word| !word.is_empty());
    let exchange = Some(exchange).filter(|exchange| !exchange.is_empty());
    exchange.into_iter().chain(words).map(str::to_owned).collect()
}

fn milliseconds(seconds: u64) -> Option<i64> {
    i64::try_from(seconds).ok().and_then(|seconds| seconds.checked_mul(1_000))
}

fn field<'t>(table: &'t FieldTable, name: &str) -> Option<&'t FieldValue> {
    let mut found = table.as_ref().iter().filter(|(key, _)| key.as_ref() == name);
    found.next().map(|(_, value)| value)
}

fn text_of(table: &FieldTable, name: &str) -> Option<String> {
    field(table, name).and_then(text)
}

/// Headers that are text or numbers, by name; the client keeps no order, and tables within tables
/// are no headers that an exchange could have.
fn texts(table: &FieldTable) -> Vec<(String, String)> {
    let fields = table.as_ref().iter();
    let mut texts: Vec<_> =
        fields.filter_map(|(name, value)| Some((name.as_ref().clone(), text(value)?))).collect();
    texts.sort();
    texts
}

fn withheld(table: &FieldTable) -> Option<&'static str> {
    table.as_ref().values().any(|value| text(value).is_none()).then_some(HEADERS_NOT_TEXT)
}

fn text(value: &FieldValue) -> Option<String> {
    match value {
        FieldValue::A(_) | FieldValue::F(_) | FieldValue::V | FieldValue::x(_) => None,
        scalar => Some(scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(exchange: &str, key: &str, expected: &[&str]) {
        assert_eq!(destination(exchange, key), expected, "{exchange} {key}");
    }

    #[test]
    fn the_exchange_comes_before_the_words_of_the_key() {
        check("orders", "created.eu", &["orders", "created", "eu"]);
        check("orders", "", &["orders"]);
        check("", "billing", &["billing"]);
    }
}
