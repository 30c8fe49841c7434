//! Taps of Kafka topics: partitions are read from offsets that the tap itself remembers. It joins
//! no group, commits nothing, and asks for no topic that is not there, since asking could make one.
//! It refuses to know how far anybody else is.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::Bytes;
use rskafka::BackoffConfig;
use rskafka::client::error::{Error, ProtocolError};
use rskafka::client::partition::{OffsetAt, PartitionClient, UnknownTopicHandling};
use rskafka::client::{Client, ClientBuilder, Credentials, SaslConfig};
use rskafka::record::RecordAndOffset;
use tokio::task::JoinSet;

use crate::hand::{Ending, Hand};
use crate::kafka_groups::{Tapped, tell_backlogs};
use crate::note::TRIMMED;
use crate::options::{ANSWER, Start};
use crate::source::address;
use crate::taken::{HEADERS_NOT_TEXT, Payload, Taken};

/// Partitions of one topic that are read; each keeps a request under way.
const PARTITIONS_MAX: usize = 1_024;

/// Bytes of one answer: at least one message, and no more than a few of the largest.
const FETCH_BYTES: std::ops::Range<i32> = 1..4 * 1_024 * 1_024;

/// Bytes of one answer beyond which it is refused: the above, and a message that is larger.
const ANSWER_BYTES_MAX: usize = 16 * 1_024 * 1_024;

/// How long the broker waits for messages before it answers that there are none, in milliseconds.
const WAIT_MS: i32 = 500;

/// The offset to read next, partition by partition.
#[derive(Debug, Default)]
pub(crate) struct Position(BTreeMap<i32, i64>);

/// Taps until the tap is to end or the connection breaks.
pub(crate) async fn session(
    tapped: Tapped<'_>,
    hand: &Hand,
    position: &mut Position,
) -> Result<(), Ending> {
    let topic = tapped.topic;
    let Some(client) = hand.step(connect(hand)).await? else { return Ok(()) };
    let Some(topics) = hand.step(client.list_topics()).await? else { return Ok(()) };
    let Some(found) = topics.into_iter().find(|found| found.name == topic) else {
        return Err(Ending::Refused(format!("there is no topic `{topic}`")));
    };
    if found.partitions.len() > PARTITIONS_MAX {
        return Err(Ending::Refused(format!(
            "the topic has more than {PARTITIONS_MAX} partitions"
        )));
    }
    let mut begun = Vec::new();
    for partition in found.partitions {
        let opened = hand.step(open(&client, topic, partition)).await?;
        let Some(opened) = opened else { return Ok(()) };
        let Some(offset) = hand.step(begin(hand, &opened, position)).await? else { return Ok(()) };
        begun.push((Arc::new(opened), offset));
    }
    let partitions: Vec<_> = begun.iter().map(|(opened, _)| Arc::clone(opened)).collect();
    hand.stands();
    tokio::select! {
        ended = read_all(topic, hand, begun, position) => ended,
        () = tell_backlogs(tapped, hand, &partitions) => Ok(()),
    }
}

async fn connect(hand: &Hand) -> Result<Client, Error> {
    let endpoint = &hand.endpoint;
    let mut builder = ClientBuilder::new(endpoint.hosts.iter().map(address).collect())
        .client_id("plumb")
        .max_message_size(ANSWER_BYTES_MAX)
        .backoff_config(BackoffConfig { deadline: Some(ANSWER), ..BackoffConfig::default() });
    if let (true, Some(authority)) = (endpoint.is_tls, &hand.authority) {
        builder = builder.tls_config(Arc::clone(&authority.config));
    }
    if let Some(user) = &endpoint.user {
        let password = endpoint.password.as_ref().map_or("", |password| password.text());
        let login = Credentials::new(user.clone(), password.to_owned());
        builder = builder.sasl_config(SaslConfig::Plain(login));
    }
    builder.build().await
}

async fn open(client: &Client, topic: &str, partition: i32) -> Result<PartitionClient, Error> {
    client.partition_client(topic, partition, UnknownTopicHandling::Error).await
}

async fn begin(
    hand: &Hand,
    partition: &PartitionClient,
    position: &mut Position,
) -> Result<i64, Error> {
    if let Some(offset) = position.0.get(&partition.partition()) {
        return Ok(*offset);
    }
    let at = match hand.options.start {
        Start::Now => OffsetAt::Latest,
        Start::Oldest => OffsetAt::Earliest,
    };
    let offset = partition.get_offset(at).await?;
    position.0.insert(partition.partition(), offset);
    Ok(offset)
}

/// What a partition brought: its number, the offset that was asked for, and the answer.
type Fetched = (Arc<PartitionClient>, i64, Result<(Vec<RecordAndOffset>, i64), Error>);

async fn read_all(
    topic: &str,
    hand: &Hand,
    partitions: Vec<(Arc<PartitionClient>, i64)>,
    position: &mut Position,
) -> Result<(), Ending> {
    let mut under_way = JoinSet::new();
    for (partition, offset) in partitions {
        under_way.spawn(fetch(partition, offset));
    }
    while hand.room().await {
        let fetched = tokio::select! {
            biased;
            () = hand.closing.begun() => return Ok(()),
            fetched = under_way.join_next() => fetched,
        };
        let Some(Ok((partition, asked, fetched))) = fetched else {
            return Err(Ending::Broke("a partition was lost".to_owned()));
        };
        let next = match fetched {
            Ok((records, _)) => match hand_on(topic, hand, asked, records) {
                ControlFlow::Continue(next) => next,
                ControlFlow::Break(()) => return Ok(()),
            },
            Err(err) if is_gone(&err) => {
                hand.note(TRIMMED, None);
                let oldest = hand.step(partition.get_offset(OffsetAt::Earliest)).await?;
                let Some(oldest) = oldest else { return Ok(()) };
                oldest
            }
            Err(err) => return Err(Ending::Broke(hand.words(err))),
        };
        position.0.insert(partition.partition(), next);
        under_way.spawn(fetch(partition, next));
    }
    Ok(())
}

async fn fetch(partition: Arc<PartitionClient>, offset: i64) -> Fetched {
    let fetched = partition.fetch_records(offset, FETCH_BYTES, WAIT_MS).await;
    (partition, offset, fetched)
}

/// Whether an offset was let go of by the broker.
fn is_gone(err: &Error) -> bool {
    matches!(err, Error::ServerError { protocol_error: ProtocolError::OffsetOutOfRange, .. })
}

/// Hands records on. Answers the offset after the last one.
fn hand_on(
    topic: &str,
    hand: &Hand,
    asked: i64,
    records: Vec<RecordAndOffset>,
) -> ControlFlow<(), i64> {
    let mut next = asked;
    for record in records {
        next = next.max(record.offset.saturating_add(1));
        hand.take(taken(topic, hand, record))?;
    }
    ControlFlow::Continue(next)
}

fn taken(topic: &str, hand: &Hand, record: RecordAndOffset) -> Taken {
    let record = record.record;
    let count = record.headers.len();
    let texts = record.headers.into_iter();
    let texts = texts.filter_map(|(name, value)| Some((name, String::from_utf8(value).ok()?)));
    let headers: Vec<(String, String)> = texts.collect();
    let headers_withheld = (headers.len() < count).then_some(HEADERS_NOT_TEXT);
    let first = |name: &str| {
        let mut found = headers.iter().filter(|(it, _)| it.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.clone())
    };
    Taken {
        published_ms: Some(record.timestamp.timestamp_millis()),
        taken_ms: hand.now_ms(),
        broker: hand.broker.clone(),
        destination: vec![topic.to_owned()],
        media_type: first("content-type"),
        encoding: first("content-encoding"),
        headers,
        headers_withheld,
        // A record without a value deletes its key.
        payload: Payload::kept(Bytes::from(record.value.unwrap_or_default())),
    }
}
