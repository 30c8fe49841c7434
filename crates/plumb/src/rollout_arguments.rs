//! The words of `plumb rollout`.
//!
//! Refuses to do anything with them.

use crate::server_arguments::{DoorArguments, ServerArguments};
use crate::values::{moment, span};
use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use plumb_engine::rollout::metrics_file::{LABEL, STEP_MIN};
use std::net::SocketAddr;
use std::path::PathBuf;

/// What `rollout` does.
#[derive(Debug, Subcommand)]
pub(crate) enum RolloutCommand {
    /// Walk through the stages, and roll back by itself
    ///
    /// Sets what routers send to the new version, reads it back from what they say, asks the judge,
    /// and goes on to the next stage only when that says so and the stage's time and hours allow
    /// it. Whatever ends it, started again it goes on where it was. Only one runs a rollout at a
    /// time. When it has to wait for people, it keeps looking, and still rolls back. Exit 0 is
    /// promoted, 1 rolled back or frozen, 3 not decided (with `--no-wait`), 4 routers that cannot
    /// be set.
    #[command(after_help = "Example:\n  plumb rollout run\n  \
                      plumb rollout run shop.toml --format ndjson\n  \
                      plumb rollout run shop.toml --no-wait")]
    Run(Box<RunArguments>),
    /// Show where a rollout stands
    ///
    /// Reads what its controller keeps, and asks nobody. Exit 0 is promoted, 1 rolled back, on the
    /// way back or frozen, 3 anything else.
    #[command(after_help = "Example:\n  plumb rollout status\n  \
                      plumb rollout status shop.toml --format json")]
    Status(RolloutArguments),
    /// Take all traffic away from the new version, for a reason
    ///
    /// The controller does it at its next look; where none runs, this command does it itself. Exit
    /// 0 once no traffic goes there.
    #[command(
        after_help = "Example:\n  plumb rollout abort --reason 'carts are empty, see SHOP-7'"
    )]
    Abort(OrderArguments),
    /// Go on to the next stage without the judge, for a reason
    ///
    /// Overrules the judge, times and hours, once, from the stage that the rollout is in now.
    /// Where no controller runs, the next one takes it.
    #[command(after_help = "Example:\n  plumb rollout promote --reason 'looked at it with Kim'")]
    Promote(OrderArguments),
    /// Judge a rollout by what was recorded of it
    ///
    /// Reads events (lines of JSON, or a table in CSV) and captures of traffic (HAR, GoReplay,
    /// OTLP, exchanges in NDJSON) of two versions, and says what to do and why: failures,
    /// latencies, retries, what the answers hold, work that was never finished, and which group of
    /// users is hit. Columns are known by the names that logs and traces use: at, version, user_id,
    /// status, failed, latency_ms, job and step. Exit 0 is promote, 1 roll back or freeze, 3 hold
    /// or cannot tell yet.
    #[command(after_help = "Example:\n  plumb rollout analyze events.ndjson.gz\n  \
                      plumb rollout analyze --control 4.1 --canary 4.2 --by locale --by region \
                      events.csv\n  \
                      plumb rollout analyze --control-from old.har --canary-from new.har\n  \
                      plumb rollout analyze --control 4.1 --canary 4.2 --prometheus \
                      http://prometheus:9090 --total 'requests_total' --bad \
                      'requests_total{code=~\"5..\"} or 0 * requests_total'")]
    Analyze(Box<AnalyzeArguments>),
    /// Say before a rollout what its canary can show, and what it cannot
    ///
    /// Reads events of what runs now, and works out what a canary of some share shows in some
    /// time: from how many times as many failures on it is told, how many users that costs until
    /// then, and which groups of users are too small to be judged. With `--transition` also what a
    /// canary does not show at all. Exit 0 is done, 3 that nothing up to fifty times is told.
    #[command(after_help = "Example:\n  plumb rollout forecast yesterday.ndjson.gz --share 5% \
                      --for 30m --by locale --by tenant")]
    Forecast(Box<ForecastArguments>),
    /// Answer the gates of platforms with what is known of a rollout now
    ///
    /// Follows files of events (lines of JSON), takes more by `POST /v1/events`, and judges again
    /// every second. Argo Rollouts, Kargo, Flagger, Spinnaker, Kayenta and whatever asks Prometheus
    /// get the verdict in the form that they know, from what was judged before they asked. Without
    /// events, with old ones or too few, it is neither a yes nor a no. On loopback whoever is on
    /// this machine may ask; anything else needs TLS and tokens.
    #[command(after_help = "Example:\n  plumb rollout gate --events access.ndjson --control 4.1 \
                      --canary 4.2\n  \
                      plumb rollout gate --listen 0.0.0.0:7443 --cert gate.pem --key gate.key \
                      --label service=shop --events access.ndjson --by region")]
    Gate(Box<GateArguments>),
    /// Write the file by which a platform asks a gate
    ///
    /// For Argo Rollouts an AnalysisTemplate, also one that runs a job instead, for Kargo the stage
    /// beside it, for Flagger a MetricTemplate and the hooks of a canary, for Prometheus rules that
    /// are tighter while a version is new, for Grafana an annotation. They are made to be read and
    /// changed.
    #[command(after_help = "Example:\n  plumb rollout generate argo --name shop --url \
                      https://gate.example.com:7443")]
    Generate(GenerateArguments),
    /// Find gates of platforms that cannot fail
    ///
    /// Reads analyses and rollouts of Argo Rollouts and canaries of Flagger, in YAML or JSON as it
    /// is given to a cluster, and tells each gate that says yes whatever happens, with its line,
    /// why, and what to do. Name all files at once: a rollout may ask an analysis of another file.
    /// Exit 1 with findings, 3 where there is no gate or something could not be read.
    #[command(after_help = "Example:\n  plumb rollout lint deploy/*.yaml")]
    Lint(LintArguments),
    /// Watch a rollout as it goes, until its end
    ///
    /// Shows its stages with the one that is reached, what routers were asked and really do, what
    /// the judge says with the interval of each question and the groups that are hit, and what is
    /// still needed. On a terminal it is written anew whenever something changes; elsewhere, what
    /// happens comes line by line. It only reads what the controller keeps, so that Ctrl-C ends
    /// the watching and nothing else. Exit 0 is promoted, 1 rolled back.
    #[command(
        after_help = "Example:\n  plumb rollout watch\n  plumb rollout watch shop.toml --once"
    )]
    Watch(WatchArguments),
    /// Wait until a rollout ends or needs people
    ///
    /// Exit 0 is promoted, 1 rolled back or frozen, 3 that it waits for people, that nobody runs
    /// it, or that the time is over.
    #[command(after_help = "Example:\n  plumb rollout wait --timeout 2h")]
    Wait(WaitArguments),
}

/// Which rollout.
#[derive(Debug, Args)]
pub(crate) struct RolloutArguments {
    /// The file of the rollout; by default rollout.toml in this folder
    #[arg(value_name = "ROLLOUT")]
    pub(crate) file: Option<PathBuf>,
}

/// What `rollout run` takes.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) rollout: RolloutArguments,
    /// End as soon as there is nothing to do at once, instead of waiting and looking again
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Begin anew what has ended
    #[arg(long)]
    pub(crate) again: bool,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What `rollout abort` and `rollout promote` take.
#[derive(Debug, Args)]
pub(crate) struct OrderArguments {
    #[command(flatten)]
    pub(crate) rollout: RolloutArguments,
    /// Why; it is kept with the rollout
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) reason: String,
    /// How long to wait for the controller to take it: 30s, 2m
    #[arg(long, value_name = "SPAN", value_parser = span, default_value = "60s")]
    pub(crate) timeout: i64,
}

/// What `rollout watch` takes.
#[derive(Debug, Args)]
pub(crate) struct WatchArguments {
    #[command(flatten)]
    pub(crate) rollout: RolloutArguments,
    /// Show it once, as it is now; exit 1 is then also frozen or on the way back, 3 not decided
    #[arg(long)]
    pub(crate) once: bool,
}

/// What `rollout wait` takes.
#[derive(Debug, Args)]
pub(crate) struct WaitArguments {
    #[command(flatten)]
    pub(crate) rollout: RolloutArguments,
    /// How long to wait at most: 10m, 2h
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(crate) timeout: Option<i64>,
}

/// What `rollout analyze` takes.
#[derive(Debug, Args)]
pub(crate) struct AnalyzeArguments {
    /// Files of events, captures or metrics of OTLP in which everything names its version
    #[arg(
        value_name = "FILE",
        required_unless_present_any = ["control_from", "canary_from", "address", "seen"]
    )]
    pub(crate) files: Vec<PathBuf>,
    /// Compare two versions of this component by the evidence, instead of files
    #[arg(
        long,
        value_name = "COMPONENT",
        conflicts_with_all = [
            "files", "control_from", "canary_from", "by", "unit", "component", "failed",
            "version_column", "version_header", "tick", "began"
        ]
    )]
    pub(crate) seen: Option<String>,
    /// Files of the known version alone
    #[arg(long, value_name = "FILE")]
    pub(crate) control_from: Vec<PathBuf>,
    /// Files of the new version alone
    #[arg(long, value_name = "FILE")]
    pub(crate) canary_from: Vec<PathBuf>,
    /// The known version; by default the one that the events name first
    #[arg(long, value_name = "VERSION", requires = "canary")]
    pub(crate) control: Option<String>,
    /// The new version
    #[arg(long, value_name = "VERSION", requires = "control")]
    pub(crate) canary: Option<String>,
    #[command(flatten)]
    pub(crate) judging: JudgingArguments,
    #[command(flatten)]
    pub(crate) metrics: MetricsArguments,
}

/// Counters of a Prometheus instead of files.
#[derive(Debug, Args)]
#[command(next_help_heading = "Prometheus, instead of files")]
#[command(group = ArgGroup::new("address").args(["prometheus", "prometheus_url_file"]))]
pub(crate) struct MetricsArguments {
    /// Where it is: http://prometheus:9090. An address with a password belongs into a file
    #[arg(long, value_name = "URL", requires = "total", conflicts_with_all = FILES)]
    pub(crate) prometheus: Option<String>,
    /// A file with its address, user and password and all
    #[arg(long, value_name = "FILE", requires = "total", conflicts_with_all = FILES)]
    pub(crate) prometheus_url_file: Option<PathBuf>,
    /// What asks for the counters of everything that happened: a selector, without `rate` or `sum`
    #[arg(long, value_name = "QUERY", requires_all = ["address", "bad", "canary"])]
    pub(crate) total: Option<String>,
    /// What asks for the counters of what failed, so that it tells zero where nothing did
    #[arg(long, value_name = "QUERY", requires = "total")]
    pub(crate) bad: Option<String>,
    /// What asks for the buckets of how long it took, in seconds
    #[arg(long, value_name = "QUERY", requires = "total")]
    pub(crate) latency: Option<String>,
    /// The label that names the version
    #[arg(long, value_name = "NAME", default_value = LABEL, requires = "address")]
    pub(crate) label: String,
    /// How far apart the moments lie that are compared
    #[arg(long, value_name = "SPAN", value_parser = step, default_value = "15s")]
    pub(crate) step: i64,
    /// How far to look back
    #[arg(long, value_name = "SPAN", value_parser = span, default_value = "1h")]
    pub(crate) over: i64,
}

/// What counters are instead of, and what they cannot tell.
const FILES: [&str; 11] = [
    "files",
    "control_from",
    "canary_from",
    "by",
    "unit",
    "version_column",
    "failed",
    "version_header",
    "tick",
    "share",
    "began",
];

/// What `rollout generate` takes.
#[derive(Debug, Args)]
pub(crate) struct GenerateArguments {
    /// For whom
    #[arg(value_name = "PLATFORM", value_enum)]
    pub(crate) platform: PlatformName,
    /// Where the gate listens; for `argo-job`, where Prometheus is
    #[arg(long, value_name = "URL")]
    pub(crate) url: String,
    /// The name of the service, as Kubernetes allows it
    #[arg(long, value_name = "NAME", value_parser = object_name)]
    pub(crate) name: String,
}

/// The platforms that files are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlatformName {
    /// Argo Rollouts
    Argo,
    /// Argo Rollouts without a gate: a job that asks Prometheus
    ArgoJob,
    /// Kargo
    Kargo,
    /// Flagger
    Flagger,
    /// Rules for alerts of Prometheus
    Alerts,
    /// An annotation of Grafana
    Grafana,
}

/// What `rollout lint` takes.
#[derive(Debug, Args)]
pub(crate) struct LintArguments {
    /// Files in YAML or JSON
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
}

/// What `rollout gate` takes.
#[derive(Debug, Args)]
pub(crate) struct GateArguments {
    /// Where to listen; port 0 takes a free one. Anything but loopback needs TLS and tokens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7071")]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) door: DoorArguments,
    /// Follow this file of events, as it grows and is replaced; each event names its version
    #[arg(long, value_name = "FILE")]
    pub(crate) events: Vec<PathBuf>,
    /// Follow this file, of the known version alone
    #[arg(long, value_name = "FILE")]
    pub(crate) control_from: Vec<PathBuf>,
    /// Follow this file, of the new version alone
    #[arg(long, value_name = "FILE")]
    pub(crate) canary_from: Vec<PathBuf>,
    /// The known version, as events name it
    #[arg(long, value_name = "VERSION", default_value = "control")]
    pub(crate) control: String,
    /// The new version, as events name it
    #[arg(long, value_name = "VERSION", default_value = "canary")]
    pub(crate) canary: String,
    /// How often to judge
    #[arg(long, value_name = "SPAN", value_parser = span, default_value = "1s")]
    pub(crate) every: i64,
    /// What tells this rollout from others, for whoever asks in PromQL: service=shop
    #[arg(long, value_name = "NAME=VALUE", value_parser = label)]
    pub(crate) label: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) judging: JudgingArguments,
}

/// How both versions are compared.
#[derive(Debug, Args)]
pub(crate) struct JudgingArguments {
    #[command(flatten)]
    pub(crate) columns: ColumnArguments,
    #[command(flatten)]
    pub(crate) sureness: SurenessArguments,
    /// The share of traffic that the new version was meant to get, to check the real one: 5%
    #[arg(long, value_name = "SHARE", value_parser = part)]
    pub(crate) share: Option<f64>,
    /// When the new version began to run, where its workers say nothing themselves
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) began: Option<i64>,
    /// Whether going back is safe, by the plan of this transition; freeze where it is not
    #[arg(long, value_name = "FILE")]
    pub(crate) transition: Option<PathBuf>,
    /// How many waves of that plan are done; by default all
    #[arg(long, value_name = "WAVES", requires = "transition")]
    pub(crate) waves: Option<usize>,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What `rollout forecast` takes.
#[derive(Debug, Args)]
pub(crate) struct ForecastArguments {
    /// Files of events of what runs now
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) columns: ColumnArguments,
    #[command(flatten)]
    pub(crate) sureness: SurenessArguments,
    /// The share of traffic that the new version is to get: 5%
    #[arg(long, value_name = "SHARE", value_parser = part)]
    pub(crate) share: f64,
    /// For how long: 30m, 2h
    #[arg(long = "for", value_name = "SPAN", value_parser = span)]
    pub(crate) span: i64,
    /// Also tell what moves at once and which seams nothing is known of, by this transition
    #[arg(long, value_name = "FILE")]
    pub(crate) transition: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// Which column says what.
#[derive(Debug, Args)]
pub(crate) struct ColumnArguments {
    /// Look for the group of users that is hit by this column; up to eight of them
    #[arg(long = "by", value_name = "COLUMN")]
    pub(crate) by: Vec<String>,
    /// The column that names the user, session or job that an event counts for
    #[arg(long, value_name = "COLUMN")]
    pub(crate) unit: Option<String>,
    /// The column that names the version
    #[arg(long, value_name = "COLUMN")]
    pub(crate) version_column: Option<String>,
    /// The column that says whether it failed
    #[arg(long, value_name = "COLUMN")]
    pub(crate) failed: Option<String>,
    /// Count only what this component answered, where events tell of several
    #[arg(long, value_name = "COMPONENT")]
    pub(crate) component: Option<String>,
    /// The header of an answer that names its version
    #[arg(long, value_name = "NAME")]
    pub(crate) version_header: Option<String>,
    /// The length of the moments in which both versions are compared
    #[arg(long, value_name = "SPAN", value_parser = span, default_value = "1s")]
    pub(crate) tick: i64,
}

/// How sure an answer has to be.
#[derive(Debug, Args)]
pub(crate) struct SurenessArguments {
    /// How many of healthy rollouts may ever be called worse
    #[arg(long, value_name = "SHARE", value_parser = part, default_value = "1%")]
    pub(crate) alpha: f64,
    /// From how many times as many failures on a version must not be promoted
    #[arg(long, value_name = "TIMES", value_parser = times, default_value = "1.5")]
    pub(crate) bearable: f64,
    /// The share of failures below which nobody minds
    #[arg(long, value_name = "SHARE", value_parser = part, default_value = "0.1%")]
    pub(crate) negligible: f64,
}

/// A length of time that is enough between two moments.
fn step(text: &str) -> Result<i64, String> {
    let least = i64::try_from(STEP_MIN.as_millis()).unwrap_or(i64::MAX);
    let step = span(text)?;
    if step >= least { Ok(step) } else { Err("write at least ten seconds: `15s`".to_owned()) }
}

/// A name of Kubernetes that has room for what is put behind it.
fn object_name(text: &str) -> Result<String, String> {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_name = text.bytes().all(is_letter)
        && (1..=50).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && !text.ends_with('-');
    let help = || "write at most 50 small letters, digits and hyphens: `shop`".to_owned();
    is_name.then(|| text.to_owned()).ok_or_else(help)
}

/// A label of Prometheus: `service=shop`.
fn label(text: &str) -> Result<(String, String), String> {
    let is_name = |name: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        name.bytes().all(is_letter) && name.starts_with(|first: char| !first.is_ascii_digit())
    };
    let label = text.split_once('=').filter(|(name, _)| is_name(name));
    let label = label.map(|(name, value)| (name.to_owned(), value.to_owned()));
    label.ok_or_else(|| "write a name and a value: `service=shop`".to_owned())
}

/// A share between nothing and all: `5%`, `0.05`.
fn part(text: &str) -> Result<f64, String> {
    let (number, whole) = match text.strip_suffix('%') {
        Some(number) => (number.trim_end(), 100.0),
        None => (text, 1.0),
    };
    let part = number.parse::<f64>().map(|number| number / whole);
    part.ok()
        .filter(|part| *part > 0.0 && *part < 1.0)
        .ok_or_else(|| "write a share between 0 and 100 %: `5%` or `0.05`".to_owned())
}

/// A factor above 1.
fn times(text: &str) -> Result<f64, String> {
    let times = text.parse::<f64>().ok().filter(|times| *times > 1.0 && times.is_finite());
    times.ok_or_else(|| "write a number above 1: `1.5`".to_owned())
}
