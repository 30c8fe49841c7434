//! Taps of NATS: a plain subscription, which is a copy, or a consumer of a stream that lives as
//! long as the tap and acknowledges nothing. It refuses to join queue groups, and to touch streams
//! that let go of what was acknowledged.

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::stream::RetentionPolicy;
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, Event, HeaderMap, Message, Subscriber};
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::unconstrained;
use tokio::time::timeout;

use crate::hand::{Ending, Hand};
use crate::nats_lag::tell_backlogs;
use crate::nats_stream::{Tapped, milliseconds, stream};
use crate::note::TOO_FAST;
use crate::options::{ANSWER, PREFETCH, Start};
use crate::source::{Subject, address};
use crate::taken::{Payload, Taken};

/// Events of the connection that may wait; beyond it they tell nothing new.
const EVENTS_MAX: usize = 64;

/// Messages that the client may hold between the socket and us.
const HELD_MAX: usize = 4_096;

/// How long the broker keeps our consumer without hearing of us: the time of a restart.
const FORGOTTEN: Duration = Duration::from_secs(30);

/// How long to wait for the broker to answer what nobody else can: a round through the network.
const HEARD: Duration = Duration::from_secs(1);

/// How long the broker waits for messages before it answers that there are none.
const WAIT: Duration = Duration::from_secs(1);

/// How subjects begin that belong to the broker and its clients, not to any application.
const INTERNAL: [&str; 2] = ["$", "_INBOX."];

/// Taps until the tap is to end or the connection breaks. `position` is the last message of the
/// stream that was taken.
pub(crate) async fn session(
    subject: &Subject,
    hand: &Hand,
    position: &mut Option<u64>,
) -> Result<(), Ending> {
    let Subject::Nats { subject, stream } = subject else { return Ok(()) };
    let tapped = Tapped { subject, stream: stream.as_deref() };
    let (events, mut happened) = mpsc::channel(EVENTS_MAX);
    let Some(client) = hand.step(connect(hand, events.clone())).await? else { return Ok(()) };
    // What is asked and answered has a connection of its own, so that messages can be counted.
    let Some(asker) = hand.step(connect(hand, events)).await? else { return Ok(()) };
    let context = jetstream::new(asker);
    let came = AtomicU64::new(0);
    let reading = async {
        match hand.options.start {
            Start::Now => copies(tapped, hand, &client, &came).await,
            Start::Oldest => kept(tapped, hand, &context, position).await,
        }
    };
    let ended = tokio::select! {
        biased;
        broken = watch(hand, &mut happened) => Err(broken),
        ended = reading => ended,
        () = tell_backlogs(tapped, hand, &context) => Ok(()),
    };
    // What the client had no room for, it counted and let go of. Of a stream nothing is let go of.
    // INVARIANT: the client runs on this thread, so that nothing came since the reading ended.
    if hand.options.start == Start::Now {
        let arrived = client.statistics().in_messages.load(Relaxed);
        hand.queue.lose(arrived.saturating_sub(came.load(Relaxed)));
    }
    ended
}

async fn connect(
    hand: &Hand,
    events: mpsc::Sender<Event>,
) -> Result<Client, async_nats::ConnectError> {
    let endpoint = &hand.endpoint;
    let mut options = ConnectOptions::new()
        .name("plumb")
        .connection_timeout(ANSWER)
        .request_timeout(Some(ANSWER))
        .subscription_capacity(HELD_MAX)
        .max_reconnects(1)
        .event_callback(move |event| {
            let events = events.clone();
            async move { drop(events.try_send(event)) }
        });
    if let Some(user) = &endpoint.user {
        let password = endpoint.password.as_ref().map(|it| it.text().to_owned());
        options = match password {
            Some(password) => options.user_and_password(user.clone(), password),
            None => options.token(user.clone()),
        };
    }
    if let (true, Some(authority)) = (endpoint.is_tls, &hand.authority) {
        options = options.require_tls(true).tls_client_config((*authority.config).clone());
    }
    let scheme = if endpoint.is_tls { "tls" } else { "nats" };
    let hosts = endpoint.hosts.iter().map(|host| format!("{scheme}://{}", address(host)));
    options.connect(hosts.collect::<Vec<_>>().join(",")).await
}

/// Why the connection is no longer of use.
async fn watch(hand: &Hand, happened: &mut mpsc::Receiver<Event>) -> Ending {
    loop {
        match happened.recv().await {
            Some(Event::SlowConsumer(_)) => hand.note(TOO_FAST, None),
            Some(Event::ServerError(err)) if is_refusal(&err.to_string()) => {
                return Ending::Refused(hand.words(err));
            }
            Some(event @ (Event::Disconnected | Event::Closed)) => {
                return Ending::Broke(hand.words(event));
            }
            Some(_) => {}
            None => return Ending::Broke("closed".to_owned()),
        }
    }
}

fn is_refusal(words: &str) -> bool {
    words.to_ascii_lowercase().contains("permissions violation for subscription")
}

/// Copies of what is published from now on.
async fn copies(
    tapped: Tapped<'_>,
    hand: &Hand,
    client: &Client,
    came: &AtomicU64,
) -> Result<(), Ending> {
    let subscribed = hand.step(client.subscribe(tapped.subject.to_owned())).await?;
    let Some(mut messages) = subscribed else { return Ok(()) };
    came.fetch_add(heard(client).await, Relaxed);
    hand.stands();
    let ended = take_all(tapped, hand, &mut messages, came).await;
    // What had come already when the tap was told to end. The budget of the runtime must not make
    // the client look as if it held nothing more.
    while let Some(Some(message)) = unconstrained(messages.next()).now_or_never() {
        came.fetch_add(1, Relaxed);
        // Once enough were taken, the others only count as come.
        let _enough = take(tapped, hand, message);
    }
    ended
}

/// Waits until the broker has heard all that was said to it: it answers a question that nobody else
/// can. The number of answers; none if the user may not ask, for which nobody waits long.
async fn heard(client: &Client) -> u64 {
    let asked = timeout(HEARD, client.request(client.new_inbox(), Bytes::new())).await;
    u64::from(asked.is_ok())
}

async fn take_all(
    tapped: Tapped<'_>,
    hand: &Hand,
    messages: &mut Subscriber,
    came: &AtomicU64,
) -> Result<(), Ending> {
    loop {
        let message = tokio::select! {
            biased;
            () = hand.closing.begun() => return Ok(()),
            message = messages.next() => message,
        };
        let Some(message) = message else { return Err(Ending::Broke("closed".to_owned())) };
        came.fetch_add(1, Relaxed);
        if take(tapped, hand, message) == ControlFlow::Break(()) {
            return Ok(());
        }
    }
}

fn take(tapped: Tapped<'_>, hand: &Hand, message: Message) -> ControlFlow<()> {
    if is_internal(&message.subject, tapped.subject) {
        return ControlFlow::Continue(());
    }
    hand.take(taken(hand, &message.subject, message.headers.as_ref(), message.payload))
}

/// What the stream keeps, oldest first, and then what is published.
async fn kept(
    tapped: Tapped<'_>,
    hand: &Hand,
    context: &Context,
    position: &mut Option<u64>,
) -> Result<(), Ending> {
    let Some(stream) = stream(tapped, hand, context).await? else { return Ok(()) };
    if stream.cached_info().config.retention != RetentionPolicy::Limits {
        return Err(Ending::Refused(
            "the stream lets go of what was acknowledged, so that reading it from the start would \
             touch it; tap what is published from now on"
                .to_owned(),
        ));
    }
    let start = position.map_or(DeliverPolicy::All, |last| DeliverPolicy::ByStartSequence {
        start_sequence: last + 1,
    });
    let config = pull::Config {
        deliver_policy: start,
        ack_policy: AckPolicy::None,
        filter_subject: tapped.subject.to_owned(),
        inactive_threshold: FORGOTTEN,
        memory_storage: true,
        num_replicas: 1,
        ..pull::Config::default()
    };
    let Some(consumer) = hand.step(stream.create_consumer(config)).await? else { return Ok(()) };
    hand.stands();
    let name = consumer.cached_info().name.clone();
    let read = read_all(hand, &consumer, position).await;
    // The broker would forget it by itself, only later.
    hand.last(stream.delete_consumer(&name)).await;
    read
}

async fn read_all(
    hand: &Hand,
    consumer: &jetstream::consumer::Consumer<pull::Config>,
    position: &mut Option<u64>,
) -> Result<(), Ending> {
    while hand.room().await {
        let asked = consumer.batch().max_messages(PREFETCH.into()).expires(WAIT).messages();
        let Some(mut batch) = hand.step(asked).await? else { return Ok(()) };
        // A batch ends by itself, so that the end of the tap needs not to be waited for here.
        while let Some(message) = batch.next().await {
            let message = message.map_err(|err| Ending::Broke(hand.words(err)))?;
            let (sequence, published_ms) = match message.info() {
                Ok(info) => (info.stream_sequence, milliseconds(info.published)),
                Err(err) => return Err(Ending::Broke(hand.words(err))),
            };
            let headers = message.headers.as_ref();
            let mut taken = taken(hand, &message.subject, headers, message.payload.clone());
            taken.published_ms = published_ms;
            if hand.take(taken) == ControlFlow::Break(()) {
                return Ok(());
            }
            *position = Some(sequence);
        }
    }
    Ok(())
}

/// Whether a message is none of the application's, though a wildcard let it in.
fn is_internal(subject: &str, tapped: &str) -> bool {
    INTERNAL.iter().any(|begin| subject.starts_with(begin) && !tapped.starts_with(begin))
}

fn taken(hand: &Hand, subject: &str, headers: Option<&HeaderMap>, payload: Bytes) -> Taken {
    let mut named: Vec<(String, String)> = headers
        .into_iter()
        .flat_map(HeaderMap::iter)
        .flat_map(|(name, values)| {
            values.iter().map(move |value| (name.to_string(), value.to_string()))
        })
        .collect();
    // The client keeps them in no order.
    named.sort();
    let first = |name: &str| {
        let mut found = named.iter().filter(|(it, _)| it.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.clone())
    };
    Taken {
        taken_ms: hand.now_ms(),
        broker: hand.broker.clone(),
        destination: subject.split('.').map(str::to_owned).collect(),
        media_type: first("content-type"),
        encoding: first("content-encoding"),
        headers: named,
        payload: Payload::kept(payload),
        ..Taken::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_brokers_say_to_themselves_is_passed_over() {
        assert!(is_internal("_INBOX.a.b", ">"));
        assert!(is_internal("$JS.API.INFO", ">"));
        assert!(!is_internal("$JS.API.INFO", "$JS.>"));
        assert!(!is_internal("orders.created", ">"));
    }
}
