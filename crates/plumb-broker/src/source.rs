//! Where to tap: the URL of a broker and of what is published there. It refuses to connect to
//! anything, and never shows a password.

use std::fmt;

use crate::url::{Malformed, Parts, parts};

/// Where messages are tapped. It is shown as its URL without user and password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// How the broker is reached.
    pub endpoint: Endpoint,
    /// What is tapped there.
    pub subject: Subject,
}

/// What is tapped, broker by broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Subjects of NATS.
    Nats {
        /// The subject, with its wildcards.
        subject: String,
        /// The stream that keeps it, where the person says so.
        stream: Option<String>,
    },
    /// What passes an exchange of RabbitMQ.
    Amqp {
        /// The virtual host.
        vhost: String,
        /// The exchange.
        exchange: String,
        /// The keys to bind with; at least one.
        keys: Vec<String>,
        /// The queues whose backlogs are asked for.
        queues: Vec<String>,
    },
    /// Streams of Redis.
    Redis {
        /// The number of the database.
        database: i64,
        /// The keys of the streams; at least one.
        streams: Vec<String>,
        /// The field that holds the payload; none if all fields are it.
        field: Option<String>,
    },
    /// A topic of Kafka.
    Kafka {
        /// The topic.
        topic: String,
        /// The groups whose backlogs are asked for; all that read the topic if none is named.
        groups: Vec<String>,
    },
}

/// How a broker is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The scheme as written.
    pub scheme: &'static str,
    /// Hosts and ports; at least one.
    pub hosts: Vec<(String, u16)>,
    /// Whether TLS is spoken.
    pub is_tls: bool,
    /// The user, where one is named.
    pub user: Option<String>,
    /// The password, where one is known.
    pub password: Option<Password>,
}

/// A password, which nothing shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why nothing can be tapped there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Not the URL of a broker.
    #[error("{0}")]
    Malformed(&'static str),
    /// A scheme that no broker here has.
    #[error("the scheme `{0}` belongs to no broker that can be tapped")]
    Scheme(String),
    /// The URL does not say enough.
    #[error("the URL does not say {0}")]
    Missing(&'static str),
    /// A parameter that this source does not have.
    #[error("`{0}` is no parameter of this source")]
    Parameter(String),
    /// Messages of RabbitMQ's default exchange go to their queue alone.
    #[error("what is published to the default exchange cannot be copied")]
    DefaultExchange,
}

impl SourceError {
    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::DefaultExchange => {
                "let the broker trace (`rabbitmqctl trace_on`) and tap \
                 `exchange=amq.rabbitmq.trace&key=deliver.QUEUE`, with `#` written as `%23`"
            }
            _ => {
                "write it like `nats://host:4222/orders.>`, \
                 `amqp://host/vhost?exchange=orders&key=%23&queue=billing`, \
                 `redis://host/0?stream=orders` or `kafka://host:9092/orders`"
            }
        }
    }
}

impl Password {
    /// A password as it is.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Password(***)")
    }
}

impl From<Malformed> for SourceError {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed.0)
    }
}

/// A scheme: its name, its broker's usual port, and whether it means TLS.
#[derive(Debug, Clone, Copy)]
struct Scheme {
    name: &'static str,
    port: u16,
    is_tls: bool,
    read: fn(&mut Parameters, Option<String>) -> Result<Subject, SourceError>,
}

const SCHEMES: [Scheme; 8] = [
    Scheme { name: "nats", port: 4_222, is_tls: false, read: nats },
    Scheme { name: "tls", port: 4_222, is_tls: true, read: nats },
    Scheme { name: "amqp", port: 5_672, is_tls: false, read: amqp },
    Scheme { name: "amqps", port: 5_671, is_tls: true, read: amqp },
    Scheme { name: "redis", port: 6_379, is_tls: false, read: redis },
    Scheme { name: "rediss", port: 6_379, is_tls: true, read: redis },
    Scheme { name: "kafka", port: 9_092, is_tls: false, read: kafka },
    Scheme { name: "kafka+tls", port: 9_093, is_tls: true, read: kafka },
];

/// Reads a source out of its URL.
///
/// # Errors
/// [`SourceError`], which never holds the password.
pub fn source(url: &str) -> Result<Source, SourceError> {
    let Parts { scheme, user, password, hosts, path, parameters } = parts(url.trim())?;
    let Some(known) = SCHEMES.iter().find(|known| known.name == scheme) else {
        return Err(SourceError::Scheme(scheme));
    };
    let mut parameters = Parameters(parameters);
    let subject = (known.read)(&mut parameters, path)?;
    if let Some((name, _)) = parameters.0.pop() {
        return Err(SourceError::Parameter(name));
    }
    let hosts = hosts.into_iter().map(|(host, port)| (host, port.unwrap_or(known.port))).collect();
    let endpoint = Endpoint {
        scheme: known.name,
        hosts,
        is_tls: known.is_tls,
        user,
        password: password.map(Password),
    };
    Ok(Source { endpoint, subject })
}

impl Endpoint {
    /// The first host with its port.
    #[must_use]
    pub fn address(&self) -> String {
        self.hosts.first().map(address).unwrap_or_default()
    }

    /// The first host and its port.
    pub(crate) fn first(&self) -> (&str, u16) {
        self.hosts.first().map_or(("", 0), |(host, port)| (host, *port))
    }
}

pub(crate) fn address((host, port): &(String, u16)) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<String> = self.endpoint.hosts.iter().map(address).collect();
        write!(out, "{}://{}/", self.endpoint.scheme, hosts.join(","))?;
        match &self.subject {
            Subject::Nats { subject, .. } => out.write_str(subject),
            Subject::Amqp { vhost, exchange, keys, .. } => {
                let vhost = if vhost == "/" { "" } else { vhost };
                write!(out, "{vhost}?exchange={exchange}&key={}", keys.join("&key="))
            }
            Subject::Redis { database, streams, .. } => {
                write!(out, "{database}?stream={}", streams.join("&stream="))
            }
            Subject::Kafka { topic, .. } => out.write_str(topic),
        }
    }
}

/// Parameters that nobody has taken yet.
#[derive(Debug)]
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn all(&mut self, name: &str) -> Vec<String> {
        let (named, rest) = std::mem::take(&mut self.0).into_iter().partition(|it| it.0 == name);
        self.0 = rest;
        let named: Vec<(String, String)> = named;
        named.into_iter().map(|(_, value)| value).filter(|value| !value.is_empty()).collect()
    }

    fn last(&mut self, name: &str) -> Option<String> {
        self.all(name).pop()
    }
}

fn nats(parameters: &mut Parameters, path: Option<String>) -> Result<Subject, SourceError> {
    let subject = named(path, "which subject to tap")?;
    Ok(Subject::Nats { subject, stream: parameters.last("stream") })
}

fn amqp(parameters: &mut Parameters, path: Option<String>) -> Result<Subject, SourceError> {
    let exchange = parameters.last("exchange").ok_or(SourceError::DefaultExchange)?;
    let keys = parameters.all("key");
    Ok(Subject::Amqp {
        vhost: path.filter(|path| !path.is_empty()).unwrap_or_else(|| "/".to_owned()),
        exchange,
        // Takes everything of a topic exchange, and is passed over by a fanout.
        keys: if keys.is_empty() { vec!["#".to_owned()] } else { keys },
        queues: parameters.all("queue"),
    })
}

fn redis(parameters: &mut Parameters, path: Option<String>) -> Result<Subject, SourceError> {
    let streams = parameters.all("stream");
    if streams.is_empty() {
        return Err(SourceError::Missing("which stream to tap"));
    }
    let database = match path.as_deref() {
        None | Some("") => 0,
        Some(text) => {
            text.parse().map_err(|_| SourceError::Missing("the number of the database"))?
        }
    };
    Ok(Subject::Redis { database, streams, field: parameters.last("field") })
}

fn kafka(parameters: &mut Parameters, path: Option<String>) -> Result<Subject, SourceError> {
    let topic = named(path, "which topic to tap")?;
    Ok(Subject::Kafka { topic, groups: parameters.all("group") })
}

fn named(path: Option<String>, what: &'static str) -> Result<String, SourceError> {
    path.filter(|path| !path.is_empty()).ok_or(SourceError::Missing(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<&str, &str>) {
        let found = source(url).map(|source| source.to_string()).map_err(|err| err.to_string());
        let found = found.as_ref().map(String::as_str).map_err(String::as_str);
        assert_eq!(found, expected, "{url}");
    }

    #[test]
    fn sources_are_shown_without_credentials() {
        check("nats://me:secret@host/orders.>", Ok("nats://host:4222/orders.>"));
        check("tls://host:1/a?stream=S", Ok("tls://host:1/a"));
        check("amqps://me@host?exchange=orders", Ok("amqps://host:5671/?exchange=orders&key=#"));
        check(
            "amqp://host/shop?exchange=o&key=a&key=b&queue=q",
            Ok("amqp://host:5672/shop?exchange=o&key=a&key=b"),
        );
        check("redis://:secret@host/2?stream=orders", Ok("redis://host:6379/2?stream=orders"));
        check("kafka+tls://a,b:1/t?group=g&group=h", Ok("kafka+tls://a:9093,b:1/t"));
    }

    #[test]
    fn what_does_not_say_enough_is_refused() {
        check("nats://host", Err("the URL does not say which subject to tap"));
        check("kafka://host/", Err("the URL does not say which topic to tap"));
        check("redis://host/0", Err("the URL does not say which stream to tap"));
        check("redis://h/x?stream=a", Err("the URL does not say the number of the database"));
        check("amqp://host/v", Err("what is published to the default exchange cannot be copied"));
        check("kafka://host/t?queue=q", Err("`queue` is no parameter of this source"));
        check("http://h/x", Err("the scheme `http` belongs to no broker that can be tapped"));
    }

    #[test]
    fn nothing_shows_a_password() {
        let source = source("redis://me:hunter2@host/0?stream=a").unwrap();
        assert!(!format!("{source:?}").contains("hunter2"));
    }
}
