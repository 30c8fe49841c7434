//! The stream of NATS that keeps a subject. It refuses to read it.

use async_nats::datetime::DateTime;
use async_nats::jetstream::Context;
use async_nats::jetstream::stream::Stream;

use crate::hand::{Ending, Hand};

/// A subject, and the stream that keeps it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tapped<'a> {
    pub(crate) subject: &'a str,
    pub(crate) stream: Option<&'a str>,
}

/// The stream that keeps a subject; none if the tap is to end.
pub(crate) async fn stream(
    tapped: Tapped<'_>,
    hand: &Hand,
    context: &Context,
) -> Result<Option<Stream>, Ending> {
    let name = match tapped.stream {
        Some(name) => Some(name.to_owned()),
        None => {
            let found = hand.step(context.stream_by_subject(tapped.subject)).await;
            found.map_err(|ending| match ending {
                Ending::Broke(why) => {
                    Ending::Refused(format!("no stream keeps the subject: {why}"))
                }
                refused @ Ending::Refused(_) => refused,
            })?
        }
    };
    let Some(name) = name else { return Ok(None) };
    hand.step(context.get_stream(&name)).await
}

/// Milliseconds since 1970-01-01T00:00Z.
pub(crate) fn milliseconds(moment: DateTime) -> Option<i64> {
    const NANOS_PER_MS: i128 = 1_000_000;
    i64::try_from(moment.unix_timestamp_nanos() / NANOS_PER_MS).ok()
}
