//! Kafka's protocol, spoken by the stand-in that librdkafka brings along for tests, or by Tansu, a
//! broker that takes minutes to build: `cargo xtask kafka` runs the same tests with that.

use crate::server::{PATIENCE, Server};
use crate::tapping::{Tapping, numbered, options, tapping, unready};
use plumb_broker::note::NO_BACKLOG;
use plumb_broker::options::{Options, Start};
use plumb_broker::taken::{Payload, Taken};
use plumb_traffic::backlog::Backlog;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::message::Message as _;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer as _};
use std::ffi::OsStr;
use std::process::Command;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Messages of one test, over all partitions.
const COUNT: usize = 1_000;

const PARTITIONS: i32 = 3;

/// How long one question for a message takes when there is none.
const POLL: Duration = Duration::from_millis(100);

/// Where Tansu's program lies; the stand-in is meant where this is not set.
const TANSU: &str = "PLUMB_TANSU";

/// A cluster with one broker and one topic.
enum Kafka {
    StandIn(MockCluster<'static, DefaultProducerContext>),
    Tansu(Box<Server>),
}

impl Kafka {
    fn start() -> Self {
        match std::env::var_os(TANSU) {
            Some(program) => Self::tansu(&program),
            None => Self::stand_in(),
        }
    }

    fn stand_in() -> Self {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic("orders", PARTITIONS, 1).unwrap();
        Self::StandIn(cluster)
    }

    fn tansu(program: &OsStr) -> Self {
        // Kept in memory, it tells the offset that comes next wrongly.
        let kafka = Self::Tansu(Box::new(Server::start(|port, folder| {
            let address = format!("tcp://127.0.0.1:{port}");
            let mut command = Command::new(program);
            command.args(["broker", "--listener-url", &address]);
            command.args(["--advertised-listener-url", &address]);
            command.args(["--storage-engine", "sqlite://tansu.db"]).current_dir(folder);
            command
        })));
        let admin: AdminClient<DefaultClientContext> = kafka.config().create().unwrap();
        let topics = [NewTopic::new("orders", PARTITIONS, TopicReplication::Fixed(1))];
        let options = AdminOptions::new();
        let made = admin.create_topics(&topics, &options);
        Runtime::new().unwrap().block_on(made).unwrap()[0].as_ref().unwrap();
        kafka
    }

    fn servers(&self) -> String {
        match self {
            Self::StandIn(cluster) => cluster.bootstrap_servers(),
            Self::Tansu(server) => format!("127.0.0.1:{}", server.port),
        }
    }

    /// Ends the broker, and starts it again where it was.
    fn restart(&mut self) {
        match self {
            Self::StandIn(cluster) => {
                cluster.broker_down(1).unwrap();
                cluster.broker_up(1).unwrap();
            }
            Self::Tansu(server) => {
                server.kill();
                server.restart();
            }
        }
    }

    fn url(&self, topic: &str) -> String {
        format!("kafka://{}/{topic}", self.servers())
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.servers());
        config.set("group.id", "billing").set("enable.auto.commit", "false");
        config.set("auto.offset.reset", "earliest").set("allow.auto.create.topics", "false");
        config
    }

    fn publish(&self, numbers: std::ops::Range<usize>) {
        publish(&self.config(), numbers);
    }

    /// A real consumer of the group.
    fn consumer(&self) -> BaseConsumer {
        let consumer: BaseConsumer = self.config().create().unwrap();
        consumer.subscribe(&["orders"]).unwrap();
        consumer
    }

    fn topics(&self) -> Vec<String> {
        let consumer: BaseConsumer = self.config().create().unwrap();
        let metadata = consumer.fetch_metadata(None, PATIENCE).unwrap();
        metadata.topics().iter().map(|topic| topic.name().to_owned()).collect()
    }
}

/// Takes so many messages as a real consumer does, and commits each.
fn consume(consumer: &BaseConsumer, count: usize) -> Vec<String> {
    let mut consumed = Vec::new();
    let mut in_vain = 0;
    while consumed.len() < count {
        // Nothing comes, too, while the group finds together.
        let Some(message) = consumer.poll(POLL) else {
            in_vain += 1;
            assert!(POLL * in_vain < PATIENCE, "it never came");
            continue;
        };
        let message = message.unwrap();
        consumed.push(String::from_utf8(message.payload().unwrap().to_vec()).unwrap());
        consumer.commit_message(&message, CommitMode::Async).unwrap();
    }
    consumer.commit_consumer_state(CommitMode::Sync).unwrap();
    consumed
}

fn publish(config: &ClientConfig, numbers: std::ops::Range<usize>) {
    let producer: BaseProducer = config.create().unwrap();
    for number in numbers {
        let (payload, key) = (numbered(number), number.to_string());
        let partition = i32::try_from(number).unwrap() % PARTITIONS;
        let record = BaseRecord::to("orders").payload(&payload).key(&key).partition(partition);
        producer.send(record).map_err(|(err, _)| err).unwrap();
    }
    producer.flush(PATIENCE).unwrap();
}

/// These are all messages of a producer, each once, and in order within each partition.
#[track_caller]
fn check_all(texts: &[String], count: usize) {
    let mut expected: Vec<Vec<String>> = vec![Vec::new(); PARTITIONS as usize];
    (0..count).for_each(|number| expected[number % PARTITIONS as usize].push(numbered(number)));
    let mut found: Vec<Vec<String>> = vec![Vec::new(); PARTITIONS as usize];
    for text in texts {
        let partition = expected.iter().position(|partition| partition.contains(text)).unwrap();
        found[partition].push(text.clone());
    }
    assert!(found == expected, "not each once and in order");
}

fn texts(taken: &[Taken]) -> Vec<String> {
    let text = |taken: &Taken| match &taken.payload {
        Payload::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        other => panic!("{other:?}"),
    };
    taken.iter().map(text).collect()
}

fn check_taken(tapping: Tapping, count: usize) {
    tapping.until_taken(count);
    let ended = tapping.end();
    check_all(&texts(&ended.seen.taken), count);
    assert!(ended.seen.taken.iter().all(|taken| taken.published_ms.is_some()));
}

/// A tap of this source tells how far the group is behind, and since when.
fn check_backlog(kafka: &Kafka, source: &str) {
    let behind = |backlog: &Backlog, count: usize| {
        assert_eq!((&*backlog.destination, &*backlog.consumer), ("orders", "billing"));
        assert_eq!(backlog.oldest_age_ms.is_some(), backlog.lag != Some(0));
        backlog.lag == Some(u64::try_from(count).unwrap())
    };
    kafka.publish(0..10);
    let consumer = kafka.consumer();
    consume(&consumer, 10);
    let tapping = tapping(&kafka.url(source), options());
    tapping.until("all is read", |seen| seen.backlogs.last().is_some_and(|it| behind(it, 0)));
    kafka.publish(10..17);
    tapping.until("some is left", |seen| seen.backlogs.last().is_some_and(|it| behind(it, 7)));
    consume(&consumer, 7);
    tapping.until("all is read", |seen| seen.backlogs.last().is_some_and(|it| behind(it, 0)));
    assert!(!tapping.end().seen.notes.contains(&NO_BACKLOG));
}

#[test]
fn partitions_are_read_beside_the_group() {
    let kafka = Kafka::start();
    let tapping = tapping(&kafka.url("orders"), options());
    let config = kafka.config();
    let consumer = kafka.consumer();
    let consumed = std::thread::scope(|scope| {
        scope.spawn(|| publish(&config, 0..COUNT));
        consume(&consumer, COUNT)
    });
    check_all(&consumed, COUNT);
    check_taken(tapping, COUNT);
    let committed = consumer.committed(Duration::from_secs(10)).unwrap();
    let offsets = committed.elements().into_iter();
    let committed: i64 = offsets.filter_map(|it| it.offset().to_raw()).sum();
    assert_eq!(usize::try_from(committed).unwrap(), COUNT);
    assert_eq!(kafka.topics(), ["orders"]);
}

#[test]
fn a_group_that_is_named_is_asked_for() {
    check_backlog(&Kafka::start(), "orders?group=billing");
}

#[test]
fn groups_are_listed_or_it_is_said_that_they_cannot_be() {
    let kafka = Kafka::start();
    // The stand-in lists none.
    if let Kafka::Tansu(_) = &kafka {
        return check_backlog(&kafka, "orders");
    }
    let tapping = tapping(&kafka.url("orders"), options());
    tapping.until("it is said", |seen| seen.notes.contains(&NO_BACKLOG));
    kafka.publish(0..10);
    check_taken(tapping, 10);
}

#[test]
fn a_topic_is_read_from_its_start() {
    let kafka = Kafka::start();
    kafka.publish(0..100);
    let options = Options { start: Start::Oldest, ..options() };
    check_taken(tapping(&kafka.url("orders"), options), 100);
}

#[test]
fn a_topic_that_is_not_there_is_not_made() {
    let kafka = Kafka::start();
    let refused = unready(&kafka.url("nowhere"), options()).ended().err().unwrap().to_string();
    assert_eq!(refused, "the broker refuses: there is no topic `nowhere`");
    assert_eq!(kafka.topics(), ["orders"]);
}

#[test]
fn a_broker_that_was_away_is_read_from_where_it_was() {
    let mut kafka = Kafka::start();
    let tapping = tapping(&kafka.url("orders"), options());
    kafka.publish(0..10);
    tapping.until_taken(10);
    kafka.restart();
    kafka.publish(10..20);
    check_taken(tapping, 20);
}
