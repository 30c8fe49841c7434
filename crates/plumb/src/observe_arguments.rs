//! The words of `plumb observe`: where traffic comes from, and what is known about it.
//!
//! Refuses to do anything with them.

use crate::server_arguments::ServerArguments;
use crate::trust_arguments::TrustArguments;
use crate::values::span;
use clap::{Args, Subcommand, ValueEnum};
use plumb_tap::split::Sticky;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Where traffic comes from.
#[derive(Debug, Subcommand)]
pub(crate) enum ObserveCommand {
    /// HTTP Archives, from browsers and proxies
    #[command(after_help = "Example:\n  plumb observe har checkout.har")]
    Har(FileArguments),
    /// Records of GoReplay
    #[command(after_help = "Example:\n  plumb observe gor capture.gor.gz\n  \
                      gor --input-file capture.gor --output-stdout | plumb observe gor -")]
    Gor(FileArguments),
    /// Traces of OpenTelemetry, from files or as exporters send them
    ///
    /// Files are in OTLP/JSON. With `--listen` or `--listen-http` plumb receives instead, until
    /// Ctrl-C. Both sides of one call, and of one message, count once. What telemetry does not
    /// carry, bodies and most headers as a rule, is taken for unknown, never for absent.
    #[command(after_help = "Example:\n  plumb observe otlp traces.jsonl\n  \
                      plumb observe otlp --listen --listen-http --env staging\n  \
                      plumb observe otlp --listen 0.0.0.0:4317 --cert tap.pem --key tap.key \
                      --token-file tap.token")]
    Otlp(Box<OtlpArguments>),
    /// Files of any kind, exchanges in NDJSON among them
    #[command(after_help = "Example:\n  plumb observe file captures/* --env staging")]
    File(FileArguments),
    /// Live traffic, through a reverse proxy
    ///
    /// Stands between callers and one provider and passes every exchange on untouched. A bounded
    /// copy is folded behind a queue that never waits: whatever happens there, traffic goes on.
    /// What finds no room is dropped and counted.
    #[command(after_help = "Example:\n  plumb observe proxy http://127.0.0.1:3000\n  \
                      plumb observe proxy https://api.example.com --listen 127.0.0.1:8443 \
                      --cert tap.pem --key tap.key")]
    Proxy(Box<ProxyArguments>),
    /// What one command asks of others, through a proxy it is told to use
    ///
    /// Runs the command with `HTTP_PROXY` and its like naming a proxy that passes every exchange on
    /// untouched. The command keeps the standard input and output, and its exit code is the answer.
    /// What goes through TLS passes unseen and is counted, unless `--intercept-tls` looks into it.
    #[command(after_help = "Example:\n  plumb observe run -- npm test\n  \
                      plumb observe run --reader checkout --answer run.json -- pytest -q")]
    Run(Box<RunArguments>),
    /// Messages of a broker: NATS, RabbitMQ, Redis streams or Kafka
    ///
    /// Takes copies beside the real consumers: it acknowledges nothing of theirs, joins no group
    /// and leaves nothing behind. How far consumers are behind is asked for every few seconds.
    #[command(after_help = "Example:\n  plumb observe broker nats://host:4222/orders.>\n  \
                      plumb observe broker 'amqp://host/shop?exchange=orders&queue=billing'\n  \
                      plumb observe broker 'redis://host/0?stream=orders' --from start\n  \
                      plumb observe broker kafka://host:9092/orders --for 5m")]
    Broker(Box<BrokerArguments>),
}

/// What the tap of a broker takes.
#[derive(Debug, Args)]
pub(crate) struct BrokerArguments {
    /// The broker, and what to tap there. A password belongs into a file (`--url-file`) or into
    /// `PLUMB_BROKER_PASSWORD`, since other processes can read the command line
    #[arg(value_name = "URL", required_unless_present = "url_file", conflicts_with = "url_file")]
    pub(crate) url: Option<String>,
    /// A file with the URL, password and all
    #[arg(long, value_name = "FILE")]
    pub(crate) url_file: Option<PathBuf>,
    /// Where to begin
    #[arg(long, value_name = "WHERE", value_enum, default_value_t = From::Now)]
    pub(crate) from: From,
    /// End after this time: `30s`, `5m`
    #[arg(long = "for", value_name = "SPAN", value_parser = span)]
    pub(crate) time_ms_max: Option<i64>,
    /// End after so many messages
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
    /// The schema of payloads that are not JSON: Avro (`.avsc`), or Protobuf as a source
    /// (`.proto`) or as a set of descriptors
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: Option<PathBuf>,
    /// The message that payloads are, with its package; Protobuf only
    #[arg(long, value_name = "NAME", requires = "schema")]
    pub(crate) message: Option<String>,
    /// Further authorities to trust for the broker, in PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) known: Known,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// Where to begin with a broker's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum From {
    /// With what is published from now on
    Now,
    /// With the oldest message that the broker keeps
    Start,
}

/// What running a command takes.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, last = true)]
    pub(crate) command: Vec<String>,
    /// Hosts that the command calls directly, unseen: what it finds in `NO_PROXY`, which is taken
    /// away otherwise
    #[arg(long, value_name = "HOSTS")]
    pub(crate) no_proxy: Option<String>,
    #[command(flatten)]
    pub(crate) trust: TrustArguments,
    /// Write how it went into this file, in JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) answer: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) known: Known,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

impl RunArguments {
    /// The program to start.
    pub(crate) fn program(&self) -> &str {
        // INVARIANT: the command line asks for one word at least.
        self.command.first().map_or("", String::as_str)
    }
}

/// What the reverse proxy takes.
#[derive(Debug, Args)]
pub(crate) struct ProxyArguments {
    /// The provider's address: scheme, host and port
    #[arg(value_name = "UPSTREAM")]
    pub(crate) upstream: String,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// What to speak with the provider
    #[arg(long, value_name = "PROTOCOL", value_enum, default_value_t = Spoken::Auto)]
    pub(crate) protocol: Spoken,
    /// What the provider is told it was called
    #[arg(long, value_name = "HOST", value_enum, default_value_t = Called::AsSent)]
    pub(crate) host: Called,
    /// The certificate to show to callers, with its chain, in PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// The certificate's key, in PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// Further authorities to trust for the provider, in PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// The services of gRPC: a Protobuf source (`.proto`) with what it imports beside it, or a set
    /// of descriptors
    #[arg(long, value_name = "FILE", conflicts_with = "grpc_reflection")]
    pub(crate) grpc_schema: Option<PathBuf>,
    /// Ask the provider for its services of gRPC, once at the start
    #[arg(long)]
    pub(crate) grpc_reflection: bool,
    /// While this file is there, nothing is copied; traffic goes on
    #[arg(long, value_name = "FILE")]
    pub(crate) off: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) known: Known,
    #[command(flatten)]
    pub(crate) canary: CanaryArguments,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// A new version beside the provider, which gets a part of the traffic.
#[derive(Debug, Args)]
#[command(next_help_heading = "New version")]
pub(crate) struct CanaryArguments {
    /// The address of a new version, which gets the share that a driver says; nothing at first
    #[arg(long, value_name = "URL", requires = "canary_release", requires = "steering")]
    pub(crate) canary: Option<String>,
    /// What its answers are known as in the evidence
    #[arg(long, value_name = "VERSION", requires = "canary")]
    pub(crate) canary_release: Option<String>,
    /// The socket at which a driver says the share; it is made, for its owner alone
    #[arg(long, value_name = "FILE", requires = "canary")]
    pub(crate) steering: Option<PathBuf>,
    /// Keep callers with their version by a header or a cookie: header:x-user, cookie:visitor
    #[arg(long, value_name = "KIND:NAME", requires = "canary", value_parser = sticky)]
    pub(crate) sticky: Option<Sticky>,
}

/// What keeps a caller with one version.
fn sticky(text: &str) -> Result<Sticky, String> {
    let help = || "write a header or a cookie: `header:x-user` or `cookie:visitor`".to_owned();
    Sticky::parse(text).ok_or_else(help)
}

/// What is spoken with the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Spoken {
    /// With TLS what both sides prefer; without, HTTP/1.1
    Auto,
    /// HTTP/1.1
    Http1,
    /// HTTP/2; without TLS by prior knowledge, as gRPC does
    Http2,
}

/// What the provider is told it was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Called {
    /// What the caller called
    AsSent,
    /// The provider's own address
    Upstream,
}

/// What reading and receiving traces takes.
#[derive(Debug, Args)]
pub(crate) struct OtlpArguments {
    /// Files with traces, also gzipped; `-` is the standard input. One that cannot be read does
    /// not keep the others from being read
    #[arg(value_name = "PATH", conflicts_with_all = ["listen", "listen_http"])]
    pub(crate) paths: Vec<String>,
    /// Where to listen for gRPC; port 0 takes a free one [without an address: 127.0.0.1:4317]
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:4317")]
    pub(crate) listen: Option<SocketAddr>,
    /// Where to listen for HTTP; port 0 takes a free one [without an address: 127.0.0.1:4318]
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:4318")]
    pub(crate) listen_http: Option<SocketAddr>,
    /// The certificate to show to exporters, with its chain, in PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// The certificate's key, in PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// A file with the token that exporters have to send: `authorization: Bearer TOKEN`
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) known: Known,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What the commands that read files take.
#[derive(Debug, Args)]
pub(crate) struct FileArguments {
    /// Files with captured traffic, also gzipped; `-` is the standard input. One that cannot be
    /// read does not keep the others from being read
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<String>,
    #[command(flatten)]
    pub(crate) known: Known,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What the person knows about the traffic.
#[derive(Debug, Args)]
pub(crate) struct Known {
    /// The provider that answered, where the traffic does not say it better than by its host
    #[arg(long, value_name = "NAME")]
    pub(crate) writer: Option<String>,
    /// The consumer that asked
    #[arg(long, value_name = "NAME")]
    pub(crate) reader: Option<String>,
    /// The version of the provider that answered
    #[arg(long, value_name = "VERSION")]
    pub(crate) release: Option<String>,
    /// The header of responses that tells the provider's version
    #[arg(long, value_name = "NAME")]
    pub(crate) version_header: Option<String>,
}
