//! Taps of RabbitMQ: a queue of our own, bound to the exchange beside the real ones, which brings a
//! copy of what is published. It is gone with the connection, and lets go of its oldest messages
//! before it takes the broker's memory. It refuses to consume, purge or declare any queue but that.

use std::ops::ControlFlow;

use amqprs::callbacks::{DefaultChannelCallback, DefaultConnectionCallback};
use amqprs::channel::{
    BasicAckArguments, BasicConsumeArguments, BasicQosArguments, Channel, ConsumerMessage,
    QueueBindArguments, QueueDeclareArguments,
};
use amqprs::connection::{Connection, OpenConnectionArguments};
use amqprs::error::Error;
use amqprs::tls::TlsAdaptor;
use amqprs::{FieldTable, FieldValue, ShortStr};
use plumb_traffic::backlog::Backlog;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_rustls::TlsConnector;

use crate::amqp_message::taken;
use crate::hand::{Ending, Hand};
use crate::note::NO_BACKLOG;
use crate::options::{PREFETCH, Start};
use crate::source::Subject;

/// The user that RabbitMQ brings along, and its password; it lets them in from its own host only.
const GUEST: &str = "guest";

/// Messages that may wait in our queue, and their bytes: a second of a busy exchange. Beyond it the
/// broker lets go of the oldest.
const WAITING_MAX: i32 = 20_000;
const WAITING_BYTES_MAX: i32 = 32 * 1_024 * 1_024;

/// What is tapped.
#[derive(Debug, Clone, Copy)]
struct Tapped<'a> {
    vhost: &'a str,
    exchange: &'a str,
    keys: &'a [String],
    queues: &'a [String],
}

/// Taps until the tap is to end or the connection breaks.
pub(crate) async fn session(subject: &Subject, hand: &Hand) -> Result<(), Ending> {
    let Subject::Amqp { vhost, exchange, keys, queues } = subject else { return Ok(()) };
    if hand.options.start == Start::Oldest {
        let why = "an exchange keeps nothing; tap what is published from now on";
        return Err(Ending::Refused(why.to_owned()));
    }
    let tapped = Tapped { vhost, exchange, keys, queues };
    let Some(connection) = hand.step(connect(tapped, hand)).await? else { return Ok(()) };
    let ended = tap(tapped, hand, &connection).await;
    // Our queue goes with the connection, however it ends; this only makes it sooner.
    hand.last(connection.close()).await;
    ended
}

async fn tap(tapped: Tapped<'_>, hand: &Hand, connection: &Connection) -> Result<(), Ending> {
    let Some(channel) = hand.step(open(connection)).await? else { return Ok(()) };
    let Some(queue) = hand.step(declare(&channel)).await? else { return Ok(()) };
    for key in tapped.keys {
        let bound = hand.step(bind(tapped, &channel, &queue, key)).await;
        let bound = bound.map_err(|ending| match ending {
            Ending::Broke(_) if connection.is_open() => Ending::Refused(format!(
                "the exchange `{}` is not there, or may not be bound to",
                tapped.exchange
            )),
            ending => ending,
        })?;
        if bound.is_none() {
            return Ok(());
        }
    }
    let Some(messages) = hand.step(consume(&channel, &queue)).await? else { return Ok(()) };
    hand.stands();
    tokio::select! {
        ended = read_all(hand, &channel, messages) => ended,
        _ = connection.listen_network_io_failure() => {
            Err(Ending::Broke("the network failed".to_owned()))
        }
        () = tell_backlogs(tapped, hand, connection) => Ok(()),
    }
}

async fn connect(tapped: Tapped<'_>, hand: &Hand) -> Result<Connection, Error> {
    let endpoint = &hand.endpoint;
    let (host, port) = endpoint.first();
    let user = endpoint.user.as_deref().unwrap_or(GUEST);
    let password = endpoint.password.as_ref().map_or(GUEST, |password| password.text());
    let mut arguments = OpenConnectionArguments::new(host, port, user, password);
    arguments.virtual_host(tapped.vhost).connection_name("plumb");
    if let (true, Some(authority)) = (endpoint.is_tls, &hand.authority) {
        let connector = TlsConnector::from(authority.config.clone());
        arguments.tls_adaptor(TlsAdaptor::new(connector, host.to_owned()));
    }
    let connection = Connection::open(&arguments.finish()).await?;
    connection.register_callback(DefaultConnectionCallback).await?;
    Ok(connection)
}

async fn open(connection: &Connection) -> Result<Channel, Error> {
    let channel = connection.open_channel(None).await?;
    channel.register_callback(DefaultChannelCallback).await?;
    channel.basic_qos(BasicQosArguments::new(0, PREFETCH, false)).await?;
    Ok(channel)
}

/// Declares our own queue. Answers the name that the broker gave it.
async fn declare(channel: &Channel) -> Result<String, Error> {
    let mut limits = FieldTable::new();
    let mut limit = |name: &str, value: FieldValue| {
        ShortStr::try_from(name).map(|name| limits.insert(name, value)).is_ok()
    };
    limit("x-max-length", FieldValue::I(WAITING_MAX));
    limit("x-max-length-bytes", FieldValue::I(WAITING_BYTES_MAX));
    let overflow = "drop-head".to_owned().try_into();
    overflow.map(|overflow| limit("x-overflow", FieldValue::S(overflow))).ok();
    let mut arguments = QueueDeclareArguments::exclusive_server_named();
    let arguments = arguments.auto_delete(true).arguments(limits).finish();
    let declared = channel.queue_declare(arguments).await?;
    let refused = || Error::ChannelUseError("the broker named no queue".to_owned());
    declared.map(|(queue, ..)| queue).ok_or_else(refused)
}

async fn bind(tapped: Tapped<'_>, channel: &Channel, queue: &str, key: &str) -> Result<(), Error> {
    channel.queue_bind(QueueBindArguments::new(queue, tapped.exchange, key)).await
}

async fn consume(
    channel: &Channel,
    queue: &str,
) -> Result<UnboundedReceiver<ConsumerMessage>, Error> {
    // Bounded all the same: no more than were prefetched are on their way.
    let arguments = BasicConsumeArguments::new(queue, "").exclusive(true).finish();
    Ok(channel.basic_consume_rx(arguments).await?.1)
}

async fn read_all(
    hand: &Hand,
    channel: &Channel,
    mut messages: UnboundedReceiver<ConsumerMessage>,
) -> Result<(), Ending> {
    loop {
        let message = tokio::select! {
            biased;
            () = hand.closing.begun() => return Ok(()),
            message = messages.recv() => message,
        };
        let Some(ConsumerMessage { deliver: Some(deliver), basic_properties, content, .. }) =
            message
        else {
            return Err(Ending::Broke("the broker closed the channel".to_owned()));
        };
        let tag = deliver.delivery_tag();
        let (exchange, key) = (deliver.exchange(), deliver.routing_key());
        let properties = basic_properties.unwrap_or_default();
        let handed = hand.take(taken(hand, (exchange, key), &properties, content));
        // What is acknowledged here is our own copy; nobody else's message.
        let is_settled = tag.is_multiple_of(u64::from(PREFETCH / 4)) || messages.is_empty();
        if is_settled {
            let settled = hand.step(channel.basic_ack(BasicAckArguments::new(tag, true))).await?;
            if settled.is_none() {
                return Ok(());
            }
        }
        if handed == ControlFlow::Break(()) {
            return Ok(());
        }
    }
}

/// Tells of backlogs again and again, until the session ends.
async fn tell_backlogs(tapped: Tapped<'_>, hand: &Hand, connection: &Connection) {
    if tapped.queues.is_empty() {
        let why = "no queue is named with `queue=`".to_owned();
        hand.note(NO_BACKLOG, Some(why));
        return std::future::pending().await;
    }
    let mut every = tokio::time::interval(hand.options.backlog_every);
    loop {
        every.tick().await;
        for queue in tapped.queues {
            match hand.step(waiting(connection, queue)).await {
                Ok(Some(waiting)) => hand.tell_backlog(Backlog {
                    destination: tapped.exchange.to_owned(),
                    consumer: queue.clone(),
                    lag: Some(u64::from(waiting)),
                    at_ms: hand.now_ms(),
                    ..Backlog::default()
                }),
                Ok(None) => std::future::pending().await,
                Err(_) => {
                    hand.note(NO_BACKLOG, Some(format!("the queue `{queue}` cannot be asked")));
                }
            }
        }
    }
}

/// Messages that wait in a queue. It is asked for, and never made: the declaration is passive.
async fn waiting(connection: &Connection, queue: &str) -> Result<u32, Error> {
    // A queue that is not there costs the channel, so each question has its own.
    let channel = connection.open_channel(None).await?;
    let asked = QueueDeclareArguments::new(queue).passive(true).finish();
    let declared = channel.queue_declare(asked).await;
    let waiting = declared?.map_or(0, |(_, waiting, _)| waiting);
    channel.close().await?;
    Ok(waiting)
}
