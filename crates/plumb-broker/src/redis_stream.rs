//! Taps of Redis streams: entries are read without a group, so that no consumer group knows of it.
//! It refuses to claim, to acknowledge and to write.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use plumb_traffic::backlog::Backlog;
use redis::aio::MultiplexedConnection;
use redis::streams::{
    StreamInfoGroupsReply, StreamPendingReply, StreamRangeReply, StreamReadReply,
};
use redis::{AsyncConnectionConfig, Client, RedisError, RedisResult, TlsCertificates, cmd};
use rustls::crypto::ring::default_provider;

use crate::hand::{Ending, Hand};
use crate::note::{NO_BACKLOG, TRIMMED};
use crate::options::{ANSWER, PREFETCH, Start};
use crate::redis_entry::{milliseconds, sequence, taken};
use crate::source::Subject;

/// How long the broker waits for entries before it answers that there are none, in milliseconds.
const WAIT_MS: u64 = 1_000;

/// Before every entry.
const BEGINNING: &str = "0-0";

/// The last entry that was read, stream by stream.
#[derive(Debug, Default)]
pub(crate) struct Position(BTreeMap<String, String>);

/// Streams, and the field that holds the payload.
#[derive(Debug, Clone, Copy)]
struct Tapped<'a> {
    database: i64,
    streams: &'a [String],
    field: Option<&'a str>,
}

/// Taps until the tap is to end or the connection breaks.
pub(crate) async fn session(
    subject: &Subject,
    hand: &Hand,
    position: &mut Position,
) -> Result<(), Ending> {
    let Subject::Redis { database, streams, field } = subject else { return Ok(()) };
    let tapped = Tapped { database: *database, streams, field: field.as_deref() };
    let client = client(hand, tapped).map_err(|err| Ending::Refused(hand.words(err)))?;
    let Some(mut reader) = hand.step(connect(&client)).await? else { return Ok(()) };
    // A connection that waits for entries answers nothing else.
    let Some(asker) = hand.step(connect(&client)).await? else { return Ok(()) };
    for stream in streams {
        if hand.step(begin(hand, &mut reader, stream, position)).await?.is_none() {
            return Ok(());
        }
    }
    hand.stands();
    tokio::select! {
        ended = read_all(tapped, hand, reader, position) => ended,
        () = tell_backlogs(tapped, hand, asker) => Ok(()),
    }
}

fn client(hand: &Hand, tapped: Tapped<'_>) -> RedisResult<Client> {
    let endpoint = &hand.endpoint;
    let scheme = if endpoint.is_tls { "rediss" } else { "redis" };
    let url = format!("{scheme}://{}/{}", endpoint.address(), tapped.database);
    let client = match (endpoint.is_tls, &hand.authority) {
        (true, Some(authority)) => {
            // The client asks the process which cryptography to use; whoever said it first counts.
            default_provider().install_default().ok();
            let root_cert = authority.pem.clone();
            Client::build_with_tls(url, TlsCertificates { client_tls: None, root_cert })?
        }
        _ => Client::open(url)?,
    };
    let info = client.get_connection_info().clone();
    let mut settings = info.redis_settings().clone().set_skip_set_lib_name();
    if let Some(user) = endpoint.user.as_ref().filter(|user| !user.is_empty()) {
        settings = settings.set_username(user);
    }
    if let Some(password) = &endpoint.password {
        settings = settings.set_password(password.text());
    }
    Client::open(info.set_redis_settings(settings))
}

async fn connect(client: &Client) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(ANSWER))
        .set_response_timeout(Some(ANSWER));
    client.get_multiplexed_async_connection_with_config(&config).await
}

/// Finds out where to begin with a stream, and whether anything was missed since.
async fn begin(
    hand: &Hand,
    reader: &mut MultiplexedConnection,
    stream: &str,
    position: &mut Position,
) -> RedisResult<()> {
    if let Some(last) = position.0.get(stream) {
        let first: StreamRangeReply = cmd("XRANGE")
            .arg(stream)
            .arg("-")
            .arg("+")
            .arg("COUNT")
            .arg(1)
            .query_async(reader)
            .await?;
        // Where the oldest entry left is newer than the last one read, others may be gone.
        if first.ids.first().is_some_and(|first| sequence(&first.id) > sequence(last)) {
            hand.note(TRIMMED, None);
        }
        return Ok(());
    }
    let last = match hand.options.start {
        Start::Oldest => None,
        Start::Now => {
            let reversed =
                cmd("XREVRANGE").arg(stream).arg("+").arg("-").arg("COUNT").arg(1).clone();
            let newest: StreamRangeReply = reversed.query_async(reader).await?;
            newest.ids.into_iter().next().map(|newest| newest.id)
        }
    };
    position.0.insert(stream.to_owned(), last.unwrap_or_else(|| BEGINNING.to_owned()));
    Ok(())
}

async fn read_all(
    tapped: Tapped<'_>,
    hand: &Hand,
    mut reader: MultiplexedConnection,
    position: &mut Position,
) -> Result<(), Ending> {
    while hand.room().await {
        let mut command = cmd("XREAD");
        command.arg("COUNT").arg(PREFETCH).arg("BLOCK").arg(WAIT_MS);
        command.arg("STREAMS").arg(tapped.streams);
        for stream in tapped.streams {
            command.arg(position.0.get(stream).map_or(BEGINNING, String::as_str));
        }
        let read = hand.step(command.query_async::<Option<StreamReadReply>>(&mut reader)).await?;
        let Some(read) = read else { return Ok(()) };
        for stream in read.into_iter().flat_map(|read| read.keys) {
            for entry in stream.ids {
                let id = entry.id.clone();
                if hand.take(taken(hand, &stream.key, entry, tapped.field))
                    == ControlFlow::Break(())
                {
                    return Ok(());
                }
                position.0.insert(stream.key.clone(), id);
            }
        }
    }
    Ok(())
}

/// Tells of backlogs again and again, until the session ends.
async fn tell_backlogs(tapped: Tapped<'_>, hand: &Hand, mut asker: MultiplexedConnection) {
    let mut every = tokio::time::interval(hand.options.backlog_every);
    loop {
        every.tick().await;
        for stream in tapped.streams {
            match hand.step(backlogs(hand, &mut asker, stream)).await {
                Ok(Some(backlogs)) => backlogs.into_iter().for_each(|it| hand.tell_backlog(it)),
                // The reading decides when the session ends.
                Ok(None) => std::future::pending().await,
                Err(Ending::Refused(why) | Ending::Broke(why)) => hand.note(NO_BACKLOG, Some(why)),
            }
        }
    }
}

async fn backlogs(
    hand: &Hand,
    asker: &mut MultiplexedConnection,
    stream: &str,
) -> RedisResult<Vec<Backlog>> {
    let groups = cmd("XINFO").arg("GROUPS").arg(stream).query_async(asker).await;
    let groups: StreamInfoGroupsReply = match groups {
        // Nothing was published there yet.
        Err(err) if is_no_such_key(&err) => return Ok(Vec::new()),
        groups => groups?,
    };
    let mut backlogs = Vec::new();
    for group in groups.groups {
        let next: StreamRangeReply = cmd("XRANGE")
            .arg(stream)
            .arg(format!("({}", group.last_delivered_id))
            .arg("+")
            .arg("COUNT")
            .arg(1)
            .query_async(asker)
            .await?;
        let pending = cmd("XPENDING").arg(stream).arg(&group.name).clone();
        let pending: StreamPendingReply = pending.query_async(asker).await?;
        let first_pending = match &pending {
            StreamPendingReply::Data(data) => milliseconds(&data.start_id),
            _ => None,
        };
        let next = next.ids.first().and_then(|next| milliseconds(&next.id));
        let oldest = [first_pending, next].into_iter().flatten().min();
        backlogs.push(Backlog {
            destination: stream.to_owned(),
            consumer: group.name,
            lag: group.lag.and_then(|lag| u64::try_from(lag).ok()),
            unacknowledged: u64::try_from(group.pending).ok(),
            oldest_age_ms: oldest.map(|published| hand.age_ms(published)),
            at_ms: hand.now_ms(),
        });
    }
    Ok(backlogs)
}

fn is_no_such_key(err: &RedisError) -> bool {
    err.to_string().contains("no such key")
}
