//! The words of the command line: commands, flags, and what is said about them in help.
//!
//! Refuses to do anything with them.

use crate::compat_arguments::CompatArguments;
use crate::doctor_arguments::DoctorArguments;
use crate::meeting_arguments::MeetingArguments;
use crate::observe_arguments::ObserveCommand;
use crate::plan_arguments::PlanArguments;
use crate::rehearse_arguments::RehearseWords;
use crate::replay_arguments::ReplayArguments;
use crate::report_request::ReportRequest;
use crate::rollout_arguments::RolloutCommand;
use crate::server_arguments::{AuditCommand, ServeArguments, ServerArguments, TokenCommand};
use crate::spec_arguments::SpecCommand;
use crate::values::{ExportAs, day, export, moment, span};
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

const AFTER: &str = "\
First steps:
  plumb demo                         the whole story on real traffic, offline
  plumb scan                         what this repository takes for granted
  plumb observe har checkout.har     one look at reality
  plumb gap                          where the two differ

Exit codes: 0 pass, 1 refuse, 2 usage or configuration, 3 cannot tell, 4 something outside
could not be read or written, 70 a bug in plumb.";

/// Are the assumptions this change depends on still true?
///
/// Plumb compares what components really say to each other (seen) with what mocks, contracts,
/// cassettes and specifications take for granted (said). It works offline, keeps shapes instead of
/// values, and never takes missing evidence for a good sign.
#[derive(Debug, Parser)]
#[command(name = "plumb", version, after_help = AFTER, disable_help_subcommand = true)]
#[command(max_term_width = 100, propagate_version = false, subcommand_required = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Run as if started in this folder
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(crate) start: Option<PathBuf>,
    /// The configuration to use instead of the nearest plumb.toml
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// The folder that keeps the evidence, or a database: postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "DIR|URL", global = true)]
    pub(crate) store: Option<String>,
    /// The environment: where traffic comes from, or which evidence counts
    #[arg(long = "env", value_name = "NAME", global = true)]
    pub(crate) environment: Option<String>,
    /// Only evidence of the last while counts: 36h, 14d, 2w
    #[arg(long, value_name = "SPAN", global = true, value_parser = span)]
    pub(crate) since: Option<i64>,
    /// Judge as at this moment instead of now: 2026-11-21 or 2026-11-21T08:00:00Z
    #[arg(long = "as-of", value_name = "MOMENT", global = true, value_parser = moment)]
    pub(crate) as_of: Option<i64>,
    /// How to write the answer
    #[arg(long, value_name = "FORMAT", global = true, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Whether to colour
    #[arg(long, value_name = "WHEN", global = true, value_enum, default_value_t = When::Auto)]
    pub(crate) color: When,
    /// Say only what was asked for
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say more: every finding, every place that could not be read
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// Never ask anything; plumb never does, so this changes nothing
    #[arg(long, global = true)]
    pub(crate) no_input: bool,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people; never to be parsed
    Text,
    /// One document, as its schema says
    Json,
    /// One record to a line
    Ndjson,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless NO_COLOR or TERM=dumb says otherwise
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List what this repository takes for granted
    ///
    /// Reads every mock, contract, cassette and specification in the folder, by content, and lists
    /// the assumptions they make about each dependency, with how often each was observed. Uses no
    /// network and needs no configuration.
    #[command(after_help = "Example:\n  plumb scan\n  plumb scan tests --format json")]
    Scan(ScanArguments),
    /// Look at traffic and keep its shape
    ///
    /// Folds exchanges into profiles and forgets them: names, types, formats and counts are kept,
    /// values are not. The same file read twice counts once.
    #[command(subcommand, after_help = "Example:\n  plumb observe har checkout.har")]
    Observe(ObserveCommand),
    /// Show where what is seen and what is said differ
    ///
    /// Compares all claims with all evidence: five counts, the share of real exchanges that carry
    /// something no claim covers, and every finding, worst first. Answers 0 whenever it could
    /// compare; `plumb check` is the gate.
    #[command(after_help = "Example:\n  plumb gap\n  plumb gap --since 14d --format json")]
    Gap(GapArguments),
    /// Explain a finding or a rule
    ///
    /// With the key of a finding: what is assumed and where, what was seen and since when, who is
    /// affected, what to do, and how to look at it again. With the id of a rule: its page.
    #[command(after_help = "Example:\n  plumb explain response-field-gone\n  \
                      plumb explain 'status-new:payments-api:POST /charges:response 402'")]
    Explain(ExplainArguments),
    /// Decide whether a change may go on: the gate
    ///
    /// Exit 0 is pass, 1 refuse, 3 cannot tell. Missing, old or too little evidence is never a
    /// pass. Works from a bundle without a store, writes reports for other tools, and annotates
    /// code on GitHub when it runs there.
    #[command(
        after_help = "Example:\n  plumb check --env production --report sarif=plumb.sarif\n  \
                      plumb check --evidence evidence.jsonl --report junit=plumb.xml"
    )]
    Check(CheckArguments),
    /// Make mocks and cassettes say what is seen
    ///
    /// Prints the smallest patch as a diff, or writes it. Only what is wrong changes: matchers,
    /// templates, comments, order, layout and values that still hold stay. What is written behaves
    /// as the evidence does and holds no value of it. Says of everything else why it stays. Exit 0
    /// when nothing is left to mend, 1 when something is.
    #[command(after_help = "Example:\n  plumb fix | git apply\n  plumb fix --write --cases=5")]
    Fix(FixArguments),
    /// Decide what two versions of a contract break
    ///
    /// Reads OpenAPI, AsyncAPI, GraphQL, SQL, JSON Schema, Avro and Protobuf by content, from
    /// files, folders or revisions of the repository, and decides for every place whether a reader
    /// can still take what is written there. Each break comes with both places and what shows it.
    /// Exit 0 is pass, 1 refuse, 3 cannot tell. Uses no network.
    #[command(after_help = "Example:\n  plumb compat old.yaml new.yaml\n  \
                      plumb compat --base main api/\n  \
                      plumb compat main:api/openapi.yaml api/openapi.yaml --format json\n  \
                      plumb compat v1 v2 --report markdown=CHANGES.md")]
    Compat(CompatArguments),
    /// Find a safe order for a transition, and where there is no way back
    ///
    /// From a file that names components, their versions and who reads what whom writes: waves of
    /// steps, the windows between them, the way back from each, and the point of no return, as late
    /// as can be. Where no order is safe: the versions that cannot meet, and the smallest changes
    /// that open one. What nobody has seen is never a pass. Exit 0 is a plan, 1 no order is safe,
    /// 3 cannot tell. Changes nothing.
    #[command(after_help = "Example:\n  plumb plan\n  \
                      plumb plan release.toml --runbook RUNBOOK.md --diagram plan.svg\n  \
                      plumb plan --format json > plan.json && plumb plan verify plan.json")]
    Plan(PlanArguments),
    /// List what is kept for somebody old, and what of it can go now
    ///
    /// Reads debt.toml: an endpoint, a field, a version that somebody keeps until nobody uses it.
    /// What nobody has used for as long as its entry says, while somebody looked, can go; what
    /// nobody looked at is never said to be unused. Exit 0 whenever it could look.
    #[command(after_help = "Example:\n  plumb debt\n  plumb debt --env production --format json")]
    Debt(DebtArguments),
    /// Rehearse a migration on a copy, in a real PostgreSQL
    ///
    /// Starts a private server, makes the old schema with rows or copies a database, and runs the
    /// migration statement by statement: which locks each takes, what it rewrites and reads from
    /// end to end, how long. Then who breaks: statements of the old version prepared, planned, run
    /// and rolled back, and held open across every step; rows of the new version read by the old
    /// one; the way back; the ledger of the migration tool. A source is only read. Exit 0 when
    /// nothing breaks, 1 when something does, 3 when it cannot tell.
    #[command(after_help = "Example:\n  plumb rehearse --schema old.sql --migrate new.sql\n  \
                      plumb rehearse --schema migrations/old --migrate migrations/new \
                      --statements statements.sql --down down.sql\n  \
                      plumb rehearse --copy postgres://reader@localhost/shop \
                      --statements-from postgres://reader@localhost/shop --migrate new.sql")]
    Rehearse(Box<RehearseWords>),
    /// Answer as a dependency was seen to
    ///
    /// A stub server made of evidence: each answer is a behaviour that was really seen, written as
    /// a synthetic document, in the proportions seen or as asked for. Resources that a caller
    /// creates are found again. What was never seen is answered with 501. A request may ask for one
    /// answer itself, with the header `x-plumb-answer: 503`. With `--import` it answers as files of
    /// mocks say instead, as far as the tool would that they were written for. Asks nobody and
    /// keeps nothing.
    #[command(after_help = "Example:\n  plumb mock payments-api --listen 127.0.0.1:9090\n  \
                      plumb mock payments-api --list\n  \
                      plumb mock payments-api --only 503\n  \
                      plumb mock payments-api --export wiremock=stubs\n  \
                      plumb mock payments-api --import stubs --export pact=payments.json")]
    Mock(MockArguments),
    /// Write specifications from what was seen
    #[command(subcommand, after_help = "Example:\n  plumb spec infer payments-api -o openapi.yaml")]
    Spec(SpecCommand),
    /// Run tests: which behaviours of production they meet, or how they do against today
    ///
    /// Without `--against`: the command runs as ever, its calls pass through a proxy, and what they
    /// are answered is compared with what was seen in production. Behaviour coverage is the share
    /// of exchanges whose behaviour some test met; the rest is listed, the most frequent first.
    /// With `--against today` a mock of what was seen answers, and the command's exit code is the
    /// answer: tests that are green against their own mocks and red here rely on something that is
    /// not so any more.
    #[command(after_help = "Example:\n  plumb run -- npm test\n  \
                      plumb run --against today -- npm test\n  \
                      plumb run --against today --as ORDERS_URL=orders -- pytest")]
    Run(AgainstArguments),
    /// Learn which changes of its dependencies a command's tests take
    ///
    /// Runs the tests again and again, each time with one thing changed in what is answered: a
    /// field missing, null, of another type, an unheard-of value, a member more, an empty array,
    /// too many requests, half a body, a slow answer. What fails twice is not taken; what fails
    /// once is flaky. A probe that was interrupted goes on where it was.
    #[command(after_help = "Example:\n  plumb probe -- npm test\n  \
                      plumb probe --as ORDERS_URL=orders --runs 50 -- pytest")]
    Probe(ProbeArguments),
    /// Ask a candidate what was asked before, and compare its answers
    ///
    /// Sends captured requests to the deployed version twice and to the candidate once. What
    /// differs between the two answers of the deployed version is noise; what differs in the
    /// candidate more often than chance allows is a difference: in status, in headers by name, in
    /// the form of each place, in values, in the order of elements. Without `--deployed` the
    /// recorded answers stand for it, which says less. Requests that may change something are left
    /// out unless `--unsafe` says otherwise. Recorded credentials are never sent, and values are
    /// never shown. With a command behind `--`, that is started as the candidate and its
    /// dependencies are answered by mocks, as in `plumb run --against today`. Exit 0 is the same,
    /// 1 different, 3 cannot tell.
    #[command(after_help = "Example:\n  plumb replay day.har --deployed http://127.0.0.1:8080 \
                      --candidate http://127.0.0.1:8081\n  \
                      plumb replay day.gor --candidate http://127.0.0.1:8081 -- npm start")]
    Replay(ReplayArguments),
    /// Give traffic to a new version stage by stage, and take it back
    ///
    /// From a file that names stages, what drives the routers, and who judges: internal users
    /// first, percentages, regions, hours; or all at once with a time to bake. Only evidence or
    /// people give the new version more. Where it stands outlives its controller.
    #[command(subcommand, after_help = "Example:\n  plumb rollout run\n  plumb rollout status")]
    Rollout(RolloutCommand),
    /// Live with findings until a day, for a reason
    ///
    /// Writes the findings into the project's plumb.toml. Every acceptance ends. With
    /// `--all-current` everything found today becomes the baseline, so that the gate refuses only
    /// what is new.
    #[command(
        after_help = "Example:\n  plumb accept 'status-new:orders:POST /orders:response 402' \
                      --reason 'see PAY-812' --until 2026-12-31\n  plumb accept --all-current"
    )]
    Accept(AcceptArguments),
    /// List, show, carry and let go of evidence
    #[command(subcommand, after_help = "Example:\n  plumb evidence export evidence.jsonl")]
    Evidence(EvidenceCommand),
    /// Record which version of a component went where, and list what was recorded
    ///
    /// A new version makes what was seen of the versions before it stale. Telemetry and flags of
    /// `observe` tell versions too; a release tells them from its moment on, before any traffic.
    #[command(
        subcommand,
        after_help = "Example:\n  \
                      plumb release record payments-api 2026.11.3 --env production"
    )]
    Release(ReleaseCommand),
    /// Keep the gap current for many, and show it: the daemon and its dashboard
    ///
    /// Takes in evidence from any number of collectors, judges it again whenever some came, and
    /// tells verdicts, metrics and changes. Its pages in a browser show what would break, since
    /// when, and what to do. Whoever is on this machine may use it; anything but
    /// loopback needs TLS and tokens.
    #[command(after_help = "Example:\n  plumb serve\n  \
                      plumb serve --listen 0.0.0.0:7070 --cert plumb.pem --key plumb.key\n  \
                      plumb observe proxy http://127.0.0.1:3000 --server http://127.0.0.1:7070")]
    Serve(ServeArguments),
    /// Write the server's pages as one file, for a build's artefacts or an incident
    ///
    /// What would break, every seam, the worst findings, the map, which versions may live together,
    /// plans, rollouts, rehearsals, freshness and releases: as one HTML file that runs no script,
    /// asks nobody for anything, and holds no value that was seen. Exit 0 whatever it says.
    #[command(after_help = "Example:\n  plumb report --html plumb.html\n  \
                      plumb report --env production > plumb.html\n  \
                      plumb report --grafana plumb.json --alerts plumb.rules.yml")]
    Report(ReportArguments),
    /// Say who may do what at the server, and for how long
    #[command(
        subcommand,
        after_help = "Example:\n  plumb token new collector --allow ingest --for 90d"
    )]
    Token(TokenCommand),
    /// Show what was done at the server, and prove that the log is whole
    #[command(subcommand, after_help = "Example:\n  plumb audit verify")]
    Audit(AuditCommand),
    /// Prove the wiring, and name what is missing
    ///
    /// Looks at the configuration, the assumptions, the store, and at what the evidence does not
    /// tell: versions, environments, consumers, bodies, dependencies that nobody has seen. Says for
    /// each the very command or setting that mends it. Plants secrets in memory and looks for them
    /// in what would be kept. Uses no network unless a server is named. Exit 0 when nothing is
    /// missing, 3 when something is, 4 when something does not work.
    #[command(after_help = "Example:\n  plumb doctor\n  \
                      plumb doctor --server https://plumb.internal:7070\n  \
                      plumb doctor collector --print")]
    Doctor(DoctorArguments),
    /// Tell the whole story on real traffic, offline
    ///
    /// Takes a real server's traffic of today and mocks that were recorded two major versions
    /// earlier, both built in, and shows what a smoke test does not.
    #[command(after_help = "Example:\n  plumb demo\n  plumb demo --keep here")]
    Demo(DemoArguments),
    /// Write a first plumb.toml
    ///
    /// Everything in it is optional; plumb works without one.
    #[command(after_help = "Example:\n  plumb init")]
    Init,
    /// Show the configuration in force
    #[command(subcommand, after_help = "Example:\n  plumb config show --origin")]
    Config(ConfigCommand),
    /// Write completions for a shell
    #[command(after_help = "Example:\n  plumb completions bash > ~/.local/share/bash-completion/\
                            completions/plumb")]
    Completions(CompletionsArguments),
    /// Write the manual pages
    #[command(after_help = "Example:\n  plumb man | man -l -\n  plumb man --out share/man/man1")]
    Man(ManArguments),
}

/// What `scan` takes.
#[derive(Debug, Args)]
pub(crate) struct ScanArguments {
    /// The folder to scan instead of the project's
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
}

/// What `release` does.
#[derive(Debug, Subcommand)]
pub(crate) enum ReleaseCommand {
    /// Record that a version of a component went live
    ///
    /// The same release told twice counts once. Going back to an earlier version is a release too.
    #[command(
        after_help = "Example:\n  plumb release record payments-api 2026.11.3 --env production\n  \
                      plumb release record orders 17 --at 2026-11-20T10:00:00Z"
    )]
    Record(RecordArguments),
    /// List the releases, oldest first
    #[command(after_help = "Example:\n  plumb release ls --env production")]
    Ls,
}

/// What `release record` takes.
#[derive(Debug, Args)]
pub(crate) struct RecordArguments {
    /// The component, as the evidence names it
    #[arg(value_name = "COMPONENT", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) component: String,
    /// Its version
    #[arg(value_name = "VERSION", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) version: String,
    /// When it went live, if not now
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub(crate) at: Option<i64>,
}

/// What `gap` takes.
#[derive(Debug, Args)]
pub(crate) struct GapArguments {
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What `report` takes.
#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// Where to write it; the standard output without
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write a Grafana dashboard over the server's `/metrics` here instead
    #[arg(long, value_name = "FILE", conflicts_with = "html")]
    pub(crate) grafana: Option<PathBuf>,
    /// Write alert rules for Prometheus over the server's `/metrics` here instead
    #[arg(long, value_name = "FILE", conflicts_with = "html")]
    pub(crate) alerts: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What `explain` takes.
#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// The key of a finding, or the id of a rule
    #[arg(value_name = "KEY|RULE")]
    pub(crate) key: String,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What `check` takes.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// Also write a report: sarif, junit, gitlab, markdown or json, and where to
    #[arg(long = "report", value_name = "KIND=PATH")]
    pub(crate) reports: Vec<ReportRequest>,
    /// Judge by this bundle instead of the store
    #[arg(long, value_name = "BUNDLE", conflicts_with = "server")]
    pub(crate) evidence: Option<PathBuf>,
    /// Also judge the transition of this file: whether an order is safe, and whether a point of no
    /// return was rehearsed lately
    #[arg(long, value_name = "FILE")]
    pub(crate) transition: Option<PathBuf>,
    /// Answer 0 even when it is not a pass, for the first weeks
    #[arg(long)]
    pub(crate) exit_zero: bool,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What `debt` takes.
#[derive(Debug, Args)]
pub(crate) struct DebtArguments {
    /// The file of debts; by default debt.toml in this folder
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What `fix` takes.
#[derive(Debug, Args)]
pub(crate) struct FixArguments {
    /// Keys of findings; every finding that is not accepted if none is named
    #[arg(value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// Write the files instead of a diff
    #[arg(long)]
    pub(crate) write: bool,
    /// Also add cases for what no example shows: new statuses, nulls, absent fields. At most so
    /// many, those that most exchanges show first
    #[arg(long, value_name = "COUNT", num_args = 0..=1, require_equals = true,
          default_missing_value = "1000")]
    pub(crate) cases: Option<usize>,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What `mock` takes.
#[derive(Debug, Args)]
pub(crate) struct MockArguments {
    /// The dependencies to answer as; all that were seen if none is named. Several are told apart
    /// by the request's host
    #[arg(value_name = "DEPENDENCY")]
    pub(crate) dependencies: Vec<String>,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7171")]
    pub(crate) listen: SocketAddr,
    /// List what can be answered instead of answering
    #[arg(long)]
    pub(crate) list: bool,
    /// Write the mock for another tool instead of answering, and tell what is lost: stubs for
    /// WireMock into a folder, or a HAR file, a pact or an OpenAPI document
    #[arg(long, value_name = "wiremock|har|pact|openapi=PATH", conflicts_with = "list",
          value_parser = export)]
    pub(crate) export: Option<(ExportAs, PathBuf)>,
    /// Answer as a file of mocks says, or all files of a folder, instead of as it was seen: stubs,
    /// cassettes, contracts and specifications of every kind that `plumb scan` reads
    #[arg(long, value_name = "PATH", conflicts_with = "latency")]
    pub(crate) import: Vec<PathBuf>,
    /// Take the values of recordings as they stand; without, others of their form stand for them
    #[arg(long, requires = "import")]
    pub(crate) values: bool,
    /// Answer only so: a status, an outcome of gRPC (`NOT_FOUND`), or the id of a behaviour as
    /// `--list` shows it
    #[arg(long, value_name = "STATUS|ID")]
    pub(crate) only: Option<String>,
    /// Answer calls of gRPC by this schema: a source (`.proto`) with what it imports beside it, or
    /// a set of descriptors. Needs evidence that was observed with one
    #[arg(long, value_name = "FILE", conflicts_with = "export")]
    pub(crate) grpc_schema: Option<PathBuf>,
    /// A file of answers to give first, one to a line: `GET /orders/{} 503`
    #[arg(long, value_name = "FILE", conflicts_with = "only")]
    pub(crate) script: Option<PathBuf>,
    /// How long each answer takes, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) delay: u64,
    /// How long answers take: as long as they were seen to, by operation and status
    #[arg(long, value_name = "HOW", value_enum, conflicts_with = "delay")]
    pub(crate) latency: Option<Latency>,
    /// The certificate to show to callers, with its chain, in PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// The certificate's key, in PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// How long a mock's answers take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Latency {
    /// As long as they were seen to
    Observed,
}

/// What `run` takes.
#[derive(Debug, Args)]
pub(crate) struct AgainstArguments {
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, last = true)]
    pub(crate) command: Vec<String>,
    /// What its calls are answered with, instead of what they are answered with anyway
    #[arg(long, value_name = "WHAT", value_enum)]
    pub(crate) against: Option<Against>,
    #[command(flatten)]
    pub(crate) meeting: MeetingArguments,
    /// Answer calls of gRPC by this schema: a source (`.proto`) with what it imports beside it, or
    /// a set of descriptors. Needs evidence that was observed with one
    #[arg(long, value_name = "FILE", requires = "against")]
    pub(crate) grpc_schema: Option<PathBuf>,
    /// Answer only so: a status, an outcome of gRPC (`NOT_FOUND`), or the id of a behaviour
    #[arg(long, value_name = "STATUS|ID", requires = "against")]
    pub(crate) only: Option<String>,
    /// Hosts that the command calls directly: what it finds in `NO_PROXY`, which is taken away
    /// otherwise
    #[arg(long, value_name = "HOSTS")]
    pub(crate) no_proxy: Option<String>,
    /// Write how it went into this file, in JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) answer: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What `probe` takes.
#[derive(Debug, Args)]
pub(crate) struct ProbeArguments {
    /// The command and its arguments; it ends with 0 when the tests pass
    #[arg(value_name = "COMMAND", required = true, last = true)]
    pub(crate) command: Vec<String>,
    #[command(flatten)]
    pub(crate) meeting: MeetingArguments,
    /// Answer calls of gRPC by this schema: a source (`.proto`) with what it imports beside it, or
    /// a set of descriptors. Needs evidence that was observed with one
    #[arg(long, value_name = "FILE")]
    pub(crate) grpc_schema: Option<PathBuf>,
    /// Run the tests so often at most; what is left is tried the next time
    #[arg(long, value_name = "COUNT", default_value_t = 500)]
    pub(crate) runs: u64,
    /// Forget what was learned of this command before
    #[arg(long)]
    pub(crate) again: bool,
    /// Hosts that the command calls directly: what it finds in `NO_PROXY`, which is taken away
    /// otherwise
    #[arg(long, value_name = "HOSTS")]
    pub(crate) no_proxy: Option<String>,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What a command's calls are answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Against {
    /// What was seen of each dependency, at its newest version
    Today,
}

/// What `accept` takes.
#[derive(Debug, Args)]
pub(crate) struct AcceptArguments {
    /// Keys of findings
    #[arg(value_name = "KEY", required_unless_present = "all_current")]
    pub(crate) keys: Vec<String>,
    /// Accept every finding there is now
    #[arg(long, conflicts_with = "keys")]
    pub(crate) all_current: bool,
    /// Why it can be lived with
    #[arg(long, value_name = "TEXT", required_unless_present = "all_current")]
    pub(crate) reason: Option<String>,
    /// The last day it can: 2026-12-31. For the baseline, 90 days from now if not said
    #[arg(long, value_name = "DATE", required_unless_present = "all_current", value_parser = day)]
    pub(crate) until: Option<i32>,
    /// Who says so
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

/// What `evidence` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum EvidenceCommand {
    /// List the sources that were read
    #[command(after_help = "Example:\n  plumb evidence ls")]
    Ls,
    /// Show what was seen, seam by seam
    #[command(after_help = "Example:\n  plumb evidence show --writer payments-api")]
    Show(ShowArguments),
    /// Write all evidence into one file, to carry to where there is no store
    #[command(after_help = "Example:\n  plumb evidence export evidence.jsonl")]
    Export(ExportArguments),
    /// Put the evidence of a bundle on this store
    #[command(after_help = "Example:\n  plumb evidence import evidence.jsonl")]
    Import(ImportArguments),
    /// Let go of old evidence for good
    #[command(after_help = "Example:\n  plumb evidence prune --older-than 90d")]
    Prune(PruneArguments),
}

/// What `evidence show` takes.
#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// Only this provider
    #[arg(long, value_name = "NAME")]
    pub(crate) writer: Option<String>,
    /// Only this operation, as `GET /users/{}`
    #[arg(long, value_name = "OPERATION")]
    pub(crate) operation: Option<String>,
}

/// What `evidence export` takes.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// The bundle to write; `-` is the standard output
    #[arg(value_name = "BUNDLE")]
    pub(crate) bundle: String,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What `evidence import` takes.
#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// Bundles to read; `-` is the standard input
    #[arg(value_name = "BUNDLE", required = true)]
    pub(crate) bundles: Vec<String>,
}

/// What `evidence prune` takes.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct PruneArguments {
    /// Let go of days before this one: 2026-12-31
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) before: Option<i32>,
    /// Let go of days longer ago than this: 90d
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(crate) older_than: Option<i64>,
}

/// What `demo` takes.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Keep the files of the demo in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

/// What `config` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show every value in force
    #[command(after_help = "Example:\n  plumb config show --origin")]
    Show(ConfigShowArguments),
}

/// What `config show` takes.
#[derive(Debug, Args)]
pub(crate) struct ConfigShowArguments {
    /// Also say where each value comes from
    #[arg(long)]
    pub(crate) origin: bool,
}

/// What `completions` takes.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// What `man` takes.
#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// Write one page for each command into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_words_fit_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example() {
        fn check(command: &clap::Command) {
            for one in command.get_subcommands() {
                let after = one.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(after.contains("Example:\n  plumb "), "{}", one.get_name());
                check(one);
            }
        }
        check(&Arguments::command());
    }
}
