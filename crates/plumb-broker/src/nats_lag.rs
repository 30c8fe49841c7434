//! How far the durable consumers of a stream of NATS are behind. It only asks: nothing is created,
//! and nothing acknowledged.

use async_nats::jetstream::Context;
use async_nats::jetstream::consumer::Info;
use async_nats::jetstream::stream::Stream;
use futures_util::TryStreamExt as _;
use plumb_traffic::backlog::Backlog;

use crate::hand::{Ending, Hand};
use crate::nats_stream::{Tapped, milliseconds, stream};
use crate::note::NO_BACKLOG;

/// Consumers of one stream that are told of; a stream with more is fanned out by machines.
const CONSUMERS_MAX: usize = 1_000;

/// Tells of backlogs again and again, until the session ends.
pub(crate) async fn tell_backlogs(tapped: Tapped<'_>, hand: &Hand, context: &Context) {
    match stream(tapped, hand, context).await {
        Ok(Some(stream)) => tell_all(hand, &stream).await,
        Ok(None) => {}
        Err(Ending::Refused(why) | Ending::Broke(why)) => hand.note(NO_BACKLOG, Some(why)),
    }
    // The reading decides when the session ends.
    std::future::pending().await
}

async fn tell_all(hand: &Hand, stream: &Stream) {
    let mut every = tokio::time::interval(hand.options.backlog_every);
    loop {
        every.tick().await;
        match hand.step(consumers(stream)).await {
            Ok(Some(consumers)) => {
                for consumer in consumers {
                    hand.tell_backlog(backlog(hand, stream, &consumer).await);
                }
            }
            Ok(None) => return,
            Err(Ending::Refused(why) | Ending::Broke(why)) => hand.note(NO_BACKLOG, Some(why)),
        }
    }
}

type Listed = Result<Vec<Info>, async_nats::jetstream::stream::ConsumersError>;

async fn consumers(stream: &Stream) -> Listed {
    let mut found = Vec::new();
    let mut listed = stream.consumers();
    while let Some(consumer) = listed.try_next().await? {
        if consumer.config.durable_name.is_some() && found.len() < CONSUMERS_MAX {
            found.push(consumer);
        }
    }
    Ok(found)
}

async fn backlog(hand: &Hand, stream: &Stream, consumer: &Info) -> Backlog {
    let unacknowledged = u64::try_from(consumer.num_ack_pending).unwrap_or(u64::MAX);
    let is_behind = consumer.num_pending > 0 || unacknowledged > 0;
    let oldest = consumer.ack_floor.stream_sequence + 1;
    // What was deleted in between cannot be asked for; then the age stays unknown.
    let found = if is_behind { hand.step(stream.get_raw_message(oldest)).await.ok() } else { None };
    let oldest_ms = found.flatten().and_then(|message| milliseconds(message.time));
    Backlog {
        destination: consumer.stream_name.clone(),
        consumer: consumer.name.clone(),
        lag: Some(consumer.num_pending),
        unacknowledged: Some(unacknowledged),
        oldest_age_ms: oldest_ms.map(|published| hand.age_ms(published)),
        at_ms: hand.now_ms(),
    }
}
