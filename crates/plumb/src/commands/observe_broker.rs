//! `plumb observe broker`: takes copies of messages and keeps their shape.

use crate::answer::{document, next};
use crate::arguments::{Format, Global};
use crate::broker_tapping::{TappedBroker, messages};
use crate::bug;
use crate::documents;
use crate::failure::{Code, Failure, outside, usage};
use crate::observe_arguments::{BrokerArguments, From};
use crate::project::{Project, project};
use crate::remote::remote;
use crate::render::{count_u64, field, name};
use crate::tapping::fold_all;
use crate::terminal::Terminal;
use plumb_broker::attempt::TapError;
use plumb_broker::authority::{Authority, authority};
use plumb_broker::options::{Options, Start};
use plumb_broker::queue::{Bounds, Taking, bounded};
use plumb_broker::run::{Tap, run};
use plumb_broker::shutdown::shutdown;
use plumb_broker::source::{Password, Source, source};
use plumb_broker::taken::Decode;
use plumb_engine::clock::since_epoch;
use plumb_engine::files;
use plumb_engine::keeper::Keeper;
use plumb_engine::live::{Live, Watch};
use plumb_traffic::schema::Schema;
use plumb_traffic::schema::avro::avro;
use plumb_traffic::schema::protobuf::{ReadFile, from_descriptors, from_source};
use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Where a password may stand that belongs to the URL.
const PASSWORD_VARIABLE: &str = "PLUMB_BROKER_PASSWORD";

/// A file with a URL holds one line.
const URL_BYTES_MAX: u64 = 16 * 1_024;

/// A PEM file is a few kilobytes; one with every authority of a system half a megabyte.
const PEM_BYTES_MAX: u64 = 4 * 1_024 * 1_024;

pub(crate) fn observe_broker(
    global: &Global,
    arguments: &BrokerArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let source = aimed(arguments)?;
    let authority = trusted(&source, arguments.ca.as_deref())?;
    let schema = schema(arguments)?;
    let keeper = project.keeper(remote(&arguments.server)?, terminal);
    let shown = source.to_string();
    let (queue, taking) = bounded(Bounds::default());
    let options = options(arguments);
    let tap = Tap { source, authority, options, queue: queue.clone(), clock: since_epoch };
    let folding = Folding { project: &project, arguments, schema, shown: &shown };
    std::panic::set_hook(Box::new(bug::note));
    let (_open, closing) = shutdown();
    let tapped = std::thread::scope(|scope| {
        let folded = scope.spawn(|| fold(&folding, taking, keeper, terminal));
        let ended = run(tap, closing);
        let counts = queue.counts();
        drop(queue);
        let mut went = folded.join().unwrap_or_default();
        went.tapped.dropped = counts.dropped;
        ended.map(|()| went)
    });
    tell(global, terminal, &shown, &tapped.map_err(refused)?)
}

/// What messages are folded with.
struct Folding<'a> {
    project: &'a Project,
    arguments: &'a BrokerArguments,
    schema: Option<Schema>,
    shown: &'a str,
}

/// Folds what the tap hands over, until it hands over nothing any more.
fn fold(
    to: &Folding<'_>,
    taking: Taking,
    keeper: Box<dyn Keeper>,
    terminal: Terminal,
) -> TappedBroker {
    let project = to.project;
    let redaction = project.redaction();
    let name_of = |host: &str| project.name_of(host);
    let live = Live::new(Watch {
        keeper,
        name: to.shown.to_owned(),
        origin: project.origin(&to.arguments.known),
        redaction: &redaction,
        name_of: &name_of,
    });
    let decode = |bytes: &[u8]| match &to.schema {
        Some(schema) => schema.to_json(bytes),
        None => Ok(bytes.to_vec()),
    };
    let decode: Option<Decode<'_>> = if to.schema.is_some() { Some(&decode) } else { None };
    let mut messages = messages(taking, to.shown, decode, terminal);
    match live {
        Ok(live) => {
            let always_on = AtomicBool::new(false);
            let tapped = fold_all(&mut messages, live, None, &always_on, terminal);
            TappedBroker { tapped, ..messages.went }
        }
        Err(err) => {
            terminal.complain(&format!("error: {err}; nothing is observed\n"));
            TappedBroker::default()
        }
    }
}

fn aimed(arguments: &BrokerArguments) -> Result<Source, Failure> {
    let is_on_the_command_line = arguments.url.is_some();
    let url = match (&arguments.url, &arguments.url_file) {
        (Some(url), _) => url.clone(),
        (None, Some(file)) => read_text(file, URL_BYTES_MAX)?,
        // INVARIANT: the command line asks for one of both.
        (None, None) => String::new(),
    };
    let mut source = source(&url).map_err(|err| usage(err.to_string(), err.help()))?;
    if is_on_the_command_line && source.endpoint.password.is_some() {
        return Err(usage(
            "a password on the command line can be read by other processes",
            format!("name a file with the URL with `--url-file`, or set {PASSWORD_VARIABLE}"),
        ));
    }
    if source.endpoint.password.is_none() {
        source.endpoint.password = std::env::var(PASSWORD_VARIABLE).ok().map(Password::new);
    }
    Ok(source)
}

fn trusted(source: &Source, file: Option<&Path>) -> Result<Option<Authority>, Failure> {
    if !source.endpoint.is_tls {
        return Ok(None);
    }
    let pem = file.map(|file| read_text(file, PEM_BYTES_MAX)).transpose()?;
    let trusted = authority(pem.map(String::into_bytes));
    let help = "name the authorities to trust with `--ca`";
    trusted.map(Some).map_err(|err| usage(err.to_string(), help))
}

/// Sources and sets of descriptors are at most some megabytes, generated ones included.
const SCHEMA_BYTES_MAX: u64 = 64 * 1_024 * 1_024;

fn schema(arguments: &BrokerArguments) -> Result<Option<Schema>, Failure> {
    let Some(path) = &arguments.schema else { return Ok(None) };
    let message = || {
        let help = "name it with its package: `--message shop.Order`";
        arguments
            .message
            .as_deref()
            .ok_or_else(|| usage("payloads need their message's name", help))
    };
    let read = match path.extension().and_then(|extension| extension.to_str()) {
        Some("avsc") => avro(&read_text(path, SCHEMA_BYTES_MAX)?).map(Schema::Avro),
        Some("proto") => {
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let read: ReadFile =
                Box::new(move |name| read_text(&folder.join(name), SCHEMA_BYTES_MAX).ok());
            from_source(name, read, message()?).map(Schema::Protobuf)
        }
        _ => {
            from_descriptors(&read_bytes(path, SCHEMA_BYTES_MAX)?, message()?).map(Schema::Protobuf)
        }
    };
    let help = "give an Avro schema (`.avsc`), a Protobuf source (`.proto`) with what it imports \
                beside it, or a set of descriptors (`protoc --include_imports -o`)";
    read.map(Some).map_err(|err| usage(err.to_string(), help))
}

fn read_text(path: &Path, bytes_max: u64) -> Result<String, Failure> {
    let text = String::from_utf8(read_bytes(path, bytes_max)?);
    let help = "name a file of text";
    text.map_err(|_| usage(format!("`{}` is not UTF-8", path.display()), help))
}

fn read_bytes(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = files::open(path)?.take(bytes_max).read_to_end(&mut bytes);
    read.map_err(|err| outside(format!("cannot read `{}`: {err}", path.display()), None))?;
    Ok(bytes)
}

fn options(arguments: &BrokerArguments) -> Options {
    let milliseconds = arguments.time_ms_max.map(i64::unsigned_abs);
    Options {
        start: match arguments.from {
            From::Now => Start::Now,
            From::Start => Start::Oldest,
        },
        count_max: arguments.count,
        time_max: milliseconds.map(Duration::from_millis),
        ..Options::default()
    }
}

fn refused(err: TapError) -> Failure {
    let help = match err {
        TapError::Refused(_) => "see the chapter on live traffic for what each broker needs",
        TapError::Unreachable { .. } => "check the address, the user and the password",
        TapError::Start(_) => return outside(err.to_string(), None),
    };
    outside(err.to_string(), Some(help))
}

fn tell(
    global: &Global,
    terminal: Terminal,
    shown: &str,
    went: &TappedBroker,
) -> Result<Code, Failure> {
    let progress = went.tapped.progress;
    let not_written = progress.waiting + progress.lost + went.tapped.left_out;
    document(terminal, global.format, || documents::broker(shown, went))?;
    if global.format == Format::Text {
        let mut parts = vec![
            count_u64(progress.written, "message"),
            format!("{} dropped", went.tapped.dropped),
            "values not kept (shape only)".to_owned(),
        ];
        if not_written > 0 {
            parts.insert(1, format!("{not_written} not written"));
        }
        let look = terminal.out;
        terminal.text(&format!("{}  {}\n", look.strong(&name(shown)), parts.join(" · ")))?;
        for (why, messages) in &went.withheld {
            let text = format!("{}: {why}", count_u64(*messages, "message"));
            terminal.text(&field(look, "withheld", &text))?;
        }
        next(terminal, "plumb gap");
    }
    Ok(if not_written == 0 { Code::Pass } else { Code::Outside })
}
