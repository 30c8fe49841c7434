//! Kafka's protocol, spoken by the cluster of stand-ins that librdkafka brings along for tests.

use crate::server::PATIENCE;
use crate::tapping::{Tapping, numbered, options, tapping, unready};
use plumb_broker::note::NO_BACKLOG;
use plumb_broker::options::{Options, Start};
use plumb_broker::taken::{Payload, Taken};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::message::Message as _;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer as _};
use std::time::Duration;

/// Messages of one test, over all partitions.
const COUNT: usize = 1_000;

const PARTITIONS: i32 = 3;

/// How long one question for a message takes when there is none.
const POLL: Duration = Duration::from_millis(100);

/// A cluster with one broker and one topic.
struct Kafka {
    cluster: MockCluster<'static, DefaultProducerContext>,
}

impl Kafka {
    fn start() -> Self {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic("orders", PARTITIONS, 1).unwrap();
        Self { cluster }
    }

    fn url(&self, topic: &str) -> String {
        format!("kafka://{}/{topic}", self.cluster.bootstrap_servers())
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.cluster.bootstrap_servers());
        config.set("group.id", "billing").set("enable.auto.commit", "false");
        config.set("auto.offset.reset", "earliest").set("allow.auto.create.topics", "false");
        config
    }

    fn publish(&self, numbers: std::ops::Range<usize>) {
        publish(&self.config(), numbers);
    }

    /// Takes so many messages as a real consumer does, and commits each.
    fn consume(&self, count: usize) -> (BaseConsumer, Vec<String>) {
        let consumer: BaseConsumer = self.config().create().unwrap();
        consumer.subscribe(&["orders"]).unwrap();
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
        (consumer, consumed)
    }

    fn topics(&self) -> Vec<String> {
        let consumer: BaseConsumer = self.config().create().unwrap();
        let metadata = consumer.fetch_metadata(None, PATIENCE).unwrap();
        metadata.topics().iter().map(|topic| topic.name().to_owned()).collect()
    }
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
    assert!(ended.seen.notes.contains(&NO_BACKLOG));
    assert!(ended.seen.taken.iter().all(|taken| taken.published_ms.is_some()));
}

#[test]
fn partitions_are_read_beside_the_group() {
    let kafka = Kafka::start();
    let tapping = tapping(&kafka.url("orders"), options());
    let config = kafka.config();
    let (consumer, consumed) = std::thread::scope(|scope| {
        scope.spawn(|| publish(&config, 0..COUNT));
        kafka.consume(COUNT)
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
    let kafka = Kafka::start();
    let tapping = tapping(&kafka.url("orders"), options());
    kafka.publish(0..10);
    tapping.until_taken(10);
    kafka.cluster.broker_down(1).unwrap();
    kafka.cluster.broker_up(1).unwrap();
    kafka.publish(10..20);
    check_taken(tapping, 20);
}
