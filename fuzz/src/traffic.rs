//! Readers of traffic: what they hand on is what they count, and all of it folds.

use plumb_engine::shelf;
use plumb_shape::literal::LiteralKey;
use plumb_shape::operation::Operation;
use plumb_tap::otlp::frame::{PREFIX_BYTES, only_message};
use plumb_traffic::called::name_of;
use plumb_traffic::exchange::Exchange;
use plumb_traffic::fold::{Folds, Origin};
use plumb_traffic::otlp::calls::Calls;
use plumb_traffic::otlp::wanted::Wanted;
use plumb_traffic::reading::{Format, Limits, Reading, UNREAD_KEPT, recognise};
use plumb_traffic::redact::Redaction;
use plumb_traffic::{gor, har, kombu, ndjson, otlp};

/// Reads and folds the bytes as traffic.
///
/// # Panics
/// When exchanges are lost or counted twice on the way, the account outgrows its bound, or a
/// profile does not survive its encoding.
pub fn observed(format: Format, bytes: &[u8]) {
    let _ = recognise(bytes, "a");
    let key = LiteralKey::new([7; 32]);
    let denied = Redaction::default().as_denied();
    let mut folds = Folds::new(key, denied, Origin::default(), &|_| None);
    let mut handed_on = 0;
    let mut sink = |exchange: Exchange<'_>| {
        handed_on += 1;
        folds.observe(&exchange);
    };
    let (mut input, limits) = (bytes, Limits::default());
    let reading = match format {
        Format::Har => har::read(&mut input, &mut sink, &limits),
        Format::Gor => gor::read(&mut input, &mut sink, &limits),
        Format::Ndjson => ndjson::read(&mut input, &mut sink, &limits),
        Format::Kombu => kombu::read(&mut input, &mut sink, &limits),
        Format::Otlp => {
            let wanted = Wanted::new(vec!["service.name".to_owned(), "trace_id".to_owned()]);
            otlp::read_asking(&mut input, &mut sink, &limits, &wanted)
        }
    };
    let reading = reading.expect("bytes in memory do not fail");
    assert_eq!(reading.exchanges, handed_on);
    assert!(reading.unread.len() <= UNREAD_KEPT);
    let profiles = folds.seal();
    let folded: u64 = profiles.values().map(|profile| profile.total().count).sum();
    assert_eq!(folded, handed_on);
    for profile in profiles.values() {
        let encoded = shelf::encode(profile).expect("a profile is encoded");
        assert_eq!(&shelf::decode(&encoded).expect("what was encoded is decoded"), profile);
    }
}

/// Takes the bytes as a request of OTLP in binary form.
///
/// # Panics
/// When exchanges are lost or counted twice on the way, or the bytes have no such end.
pub fn exported(bytes: &[u8]) {
    let mut reading = Reading::default();
    let mut calls = Calls::new(&Limits::default());
    let mut handed_on = 0;
    let mut sink = |_: Exchange<'_>| handed_on += 1;
    if let Err(broken) = otlp::request_proto(bytes, &mut calls, &mut sink, &mut reading) {
        assert!(broken.at <= bytes.len(), "broken at {} of {}", broken.at, bytes.len());
    }
    calls.finish(&mut sink, &mut reading);
    assert_eq!(reading.exchanges, handed_on);
}

/// Takes the bytes as the body of a request of GraphQL: JSON, a document, a parameter.
///
/// # Panics
/// When what is called is given a name that is none, or that its operation is not read back with.
pub fn named(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let asked = [
        name_of("POST", [], "application/json", bytes),
        name_of("POST", [], "application/graphql", bytes),
        name_of("GET", [("query", text.as_ref())], "", &[]),
    ];
    for name in asked.into_iter().flatten() {
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{name}");
        let operation = Operation { name: Some(name), ..Operation::of_request("POST", "/graphql") };
        assert_eq!(Operation::parse(&operation.to_string()), Some(operation));
    }
}

/// Takes the bytes as a call of gRPC, as a receiver does: what it counts is taken whole.
///
/// # Panics
/// When a message is not the end of the bytes, or what was counted breaks later.
pub fn called(bytes: &[u8]) {
    let Some((_, message)) = only_message(bytes) else { return };
    assert_eq!(bytes[PREFIX_BYTES..], *message);
    let mut taken = 0;
    let (mut calls, mut reading) = (Calls::new(&Limits::default()), Reading::default());
    let mut sink = |_: Exchange<'_>| taken += 1;
    if otlp::count_proto(message).is_ok() {
        let whole = otlp::request_proto(message, &mut calls, &mut sink, &mut reading);
        assert_eq!(whole, Ok(()));
    }
    if otlp::count_json(message).is_ok() {
        let whole = otlp::request_json(message, &mut calls, &mut sink, &mut reading);
        assert_eq!(whole, Ok(()));
    }
    calls.turn(&mut sink, &mut reading);
    calls.finish(&mut sink, &mut reading);
    assert_eq!(reading.exchanges, taken);
}
