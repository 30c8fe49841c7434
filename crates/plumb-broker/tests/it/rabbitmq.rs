//! RabbitMQ.

use crate::server::{Server, free_port, until};
use crate::tapping::{check_numbered, numbered, options, tapping, trusting, unready};
use crate::tls::{AUTHORITY, write_pki};
use amqprs::BasicProperties;
use amqprs::channel::{
    BasicAckArguments, BasicConsumeArguments, BasicPublishArguments, BasicQosArguments, Channel,
    ExchangeDeclareArguments, QueueBindArguments, QueueDeclareArguments,
};
use amqprs::connection::{Connection, OpenConnectionArguments};
use plumb_broker::note::{BROKE, TAPPING};
use plumb_broker::options::{Options, Start};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Messages of one test: several times what is prefetched.
const COUNT: usize = 1_000;

/// How often the daemon that knows nodes is asked to end; each question takes milliseconds.
const MAPPER_LOOKS: usize = 500;

/// A broker under a name of its own, so that many run on one machine.
struct Rabbit {
    server: Server,
    node: String,
    folder: PathBuf,
    /// Where the daemon listens that knows this node; it would outlive the test.
    mapper: u16,
    /// Where the broker listens for TLS.
    secure: u16,
}

impl Rabbit {
    fn start() -> Self {
        let (distribution, mapper, secure) = (free_port(), free_port(), free_port());
        let mut folder = PathBuf::new();
        let server = Server::start(|port, home| {
            folder = home.to_owned();
            let mut command = Command::new("/usr/lib/rabbitmq/bin/rabbitmq-server");
            surround(&mut command, home, &node(port), mapper);
            std::fs::write(home.join("plugins"), "[].").unwrap();
            let at = |name: &str| home.join(name).display().to_string();
            let config = format!(
                "listeners.ssl.1 = 127.0.0.1:{secure}\nssl_options.cacertfile = {}\n\
                 ssl_options.certfile = {}\nssl_options.keyfile = {}\n",
                at("authority"),
                at("certificate"),
                at("key")
            );
            std::fs::write(home.join("rabbitmq.conf"), config).unwrap();
            write_pki(home);
            command
                .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
                .env("RABBITMQ_NODE_PORT", port.to_string())
                .env("RABBITMQ_DIST_PORT", distribution.to_string())
                .env("RABBITMQ_ENABLED_PLUGINS_FILE", home.join("plugins"))
                .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+S 1:1 +sbwt none");
            command
        });
        let node = node(server.port);
        let rabbit = Self { server, node, folder, mapper, secure };
        rabbit.wait();
        rabbit
    }

    fn wait(&self) {
        until("it is ready", || self.ask(&["await_startup"]).is_some());
    }

    /// What `rabbitmqctl` answers.
    fn ask(&self, words: &[&str]) -> Option<String> {
        let mut command = Command::new("/usr/lib/rabbitmq/bin/rabbitmqctl");
        surround(&mut command, &self.folder, &self.node, self.mapper);
        let output = command.args(["-q", "--node", &self.node]).args(words).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }

    fn url(&self, rest: &str) -> String {
        format!("amqp://127.0.0.1:{}/{rest}", self.server.port)
    }

    async fn connect(&self) -> Connection {
        let arguments =
            OpenConnectionArguments::new("127.0.0.1", self.server.port, "guest", "guest");
        Connection::open(&arguments).await.unwrap()
    }

    /// Nothing of a tap is left: one queue with one consumer, and its binding.
    #[track_caller]
    fn check_clean(&self) {
        until("the tap's queue is gone", || {
            let queues =
                self.ask(&["list_queues", "name", "messages", "consumers", "--no-table-headers"]);
            queues.is_some_and(|queues| queues.trim() == "billing\t0\t1")
        });
        let bindings =
            self.ask(&["list_bindings", "source_name", "destination_name", "--no-table-headers"]);
        let bindings = bindings.unwrap();
        let mut bindings: Vec<&str> = bindings.lines().map(str::trim).collect();
        bindings.sort_unstable();
        assert_eq!(bindings, ["billing", "orders\tbilling"]);
    }
}

impl Drop for Rabbit {
    fn drop(&mut self) {
        self.server.kill();
        // The daemon stays as long as it thinks that the node is there.
        let (port, address) = (self.mapper.to_string(), (Ipv4Addr::LOCALHOST, self.mapper));
        for _ in 0..MAPPER_LOOKS {
            let mut ended = Command::new("epmd");
            ended.args(["-port", &port, "-kill"]).stdout(Stdio::null()).stderr(Stdio::null());
            if ended.status().is_err() || TcpStream::connect(address).is_err() {
                return;
            }
        }
    }
}

fn node(port: u16) -> String {
    format!("plumb{port}@localhost")
}

/// Everything in a folder of its own, whoever runs the test.
fn surround(command: &mut Command, home: &Path, node: &str, mapper: u16) {
    let cookie = home.join(".erlang.cookie");
    if !cookie.exists() {
        use std::os::unix::fs::PermissionsExt as Mode;
        std::fs::write(&cookie, "PLUMB").unwrap();
        std::fs::set_permissions(&cookie, Mode::from_mode(0o400)).unwrap();
    }
    command
        .env("HOME", home)
        .env("RABBITMQ_NODENAME", node)
        .env("RABBITMQ_MNESIA_BASE", home.join("mnesia"))
        .env("RABBITMQ_LOG_BASE", home.join("log"))
        .env("RABBITMQ_CONFIG_FILE", home.join("rabbitmq.conf"))
        .env("ERL_EPMD_ADDRESS", "127.0.0.1")
        .env("ERL_EPMD_PORT", mapper.to_string())
        .stderr(Stdio::null());
}

/// An exchange, a durable queue, and its binding.
async fn orders(connection: &Connection) -> Channel {
    let channel = connection.open_channel(None).await.unwrap();
    let exchange = ExchangeDeclareArguments::new("orders", "topic").durable(true).finish();
    channel.exchange_declare(exchange).await.unwrap();
    channel.queue_declare(QueueDeclareArguments::durable_client_named("billing")).await.unwrap();
    channel.queue_bind(QueueBindArguments::new("billing", "orders", "created.#")).await.unwrap();
    channel
}

async fn publish(channel: &Channel, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let properties = BasicProperties::default()
            .with_content_type("application/json")
            .with_delivery_mode(2)
            .finish();
        let arguments = BasicPublishArguments::new("orders", "created.eu");
        channel.basic_publish(properties, numbered(number).into(), arguments).await.unwrap();
    }
}

/// Takes so many messages as a real consumer does, and acknowledges each.
async fn consume(channel: &Channel, count: usize) -> Vec<String> {
    channel.basic_qos(BasicQosArguments::new(0, 10, false)).await.unwrap();
    let arguments = BasicConsumeArguments::new("billing", "real");
    let (_, mut messages) = channel.basic_consume_rx(arguments).await.unwrap();
    let mut consumed = Vec::new();
    while consumed.len() < count {
        let message = messages.recv().await.unwrap();
        let tag = message.deliver.unwrap().delivery_tag();
        consumed.push(String::from_utf8(message.content.unwrap()).unwrap());
        channel.basic_ack(BasicAckArguments::new(tag, false)).await.unwrap();
    }
    // The consumer goes on, as real ones do.
    std::mem::forget(messages);
    consumed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_takes_nothing_from_the_queue() {
    let rabbit = Rabbit::start();
    let connection = rabbit.connect().await;
    let producer = orders(&connection).await;
    let consumer = connection.open_channel(None).await.unwrap();
    let url = rabbit.url("?exchange=orders&key=created.%23&queue=billing");
    let tapping = tapping(&url, options());
    let ((), consumed) = tokio::join!(publish(&producer, 0..COUNT), consume(&consumer, COUNT));
    tapping.until_taken(COUNT);
    tapping.until("a backlog", |seen| {
        seen.backlogs.last().is_some_and(|backlog| backlog.lag == Some(0))
    });
    let ended = tapping.end();
    check_numbered(&ended.seen.taken, 0..COUNT);
    assert_eq!(consumed, (0..COUNT).map(numbered).collect::<Vec<_>>());
    let first = &ended.seen.taken[0];
    assert_eq!(first.destination, ["orders", "created", "eu"]);
    assert_eq!(first.media_type.as_deref(), Some("application/json"));
    assert_eq!(ended.seen.backlogs[0].consumer, "billing");
    rabbit.check_clean();
    what_is_traced_is_taken(&rabbit, &consumer).await;
    a_missing_exchange_is_refused(&rabbit);
    the_broker_is_tapped_over_tls(&rabbit, &producer).await;
}

async fn the_broker_is_tapped_over_tls(rabbit: &Rabbit, producer: &Channel) {
    let url = format!("amqps://127.0.0.1:{}/?exchange=orders", rabbit.secure);
    let tapping = trusting(&url, options(), AUTHORITY);
    publish(producer, 0..5).await;
    tapping.until_taken(5);
    check_numbered(&tapping.end().seen.taken, 0..5);
}

/// What is published to the default exchange is seen through the broker's own tracer.
async fn what_is_traced_is_taken(rabbit: &Rabbit, channel: &Channel) {
    rabbit.ask(&["trace_on"]).unwrap();
    let url = rabbit.url("?exchange=amq.rabbitmq.trace&key=publish.%23");
    let tapping = tapping(&url, options());
    let arguments = BasicPublishArguments::new("", "billing");
    let properties = BasicProperties::default().with_content_type("application/json").finish();
    channel.basic_publish(properties, numbered(0).into(), arguments).await.unwrap();
    tapping.until_taken(1);
    rabbit.ask(&["trace_off"]).unwrap();
    let ended = tapping.end();
    check_numbered(&ended.seen.taken, 0..1);
    assert_eq!(ended.seen.taken[0].destination, ["billing"]);
    assert_eq!(ended.seen.taken[0].media_type.as_deref(), Some("application/json"));
}

fn a_missing_exchange_is_refused(rabbit: &Rabbit) {
    let refused = unready(&rabbit.url("?exchange=nowhere"), options()).ended();
    let refused = refused.err().unwrap().to_string();
    assert!(refused.contains("the exchange `nowhere` is not there"), "{refused}");
}

#[test]
fn an_exchange_is_not_read_from_its_start() {
    let options = Options { start: Start::Oldest, ..options() };
    let refused = unready("amqp://127.0.0.1:1/?exchange=orders", options).ended();
    let refused = refused.err().unwrap().to_string();
    assert!(refused.contains("an exchange keeps nothing"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_was_killed_is_tapped_again() {
    let mut rabbit = Rabbit::start();
    let before = rabbit.connect().await;
    let producer = orders(&before).await;
    let tapping = tapping(&rabbit.url("?exchange=orders&queue=billing"), options());
    publish(&producer, 0..10).await;
    tapping.until_taken(10);
    rabbit.server.kill();
    tapping.until("the break", |seen| seen.notes.contains(&BROKE));
    rabbit.server.restart();
    rabbit.wait();
    tapping.until("it taps again", |seen| {
        seen.notes.iter().filter(|note| **note == TAPPING).count() == 2
    });
    let connection = rabbit.connect().await;
    publish(&connection.open_channel(None).await.unwrap(), 10..20).await;
    tapping.until_taken(20);
    check_numbered(&tapping.end().seen.taken, 0..20);
    until("the tap's queue is gone", || {
        let queues = rabbit.ask(&["list_queues", "name", "--no-table-headers"]);
        queues.is_some_and(|queues| queues.trim() == "billing")
    });
}
