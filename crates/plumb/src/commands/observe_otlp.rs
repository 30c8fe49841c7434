//! `plumb observe otlp --listen`: receives telemetry and keeps the shape of what it tells.
//!
//! Whoever can write here decides what is taken for real, so nobody else is let in unasked.

use crate::answer::{document, next};
use crate::arguments::{Format, Global};
use crate::bug;
use crate::documents;
use crate::failure::{Code, Failure, outside, usage};
use crate::listening::{certificate, listen, small_file};
use crate::observe_arguments::OtlpArguments;
use crate::project::{Project, project};
use crate::receiving::{Received, fold_all};
use crate::remote::remote;
use crate::render::count_u64;
use crate::render_reading;
use crate::terminal::Terminal;
use plumb_engine::keeper::Keeper;
use plumb_engine::live::{Live, Watch};
use plumb_tap::otlp::options::Options;
use plumb_tap::otlp::queue::{Bounds, Taking, bounded};
use plumb_tap::otlp::receiver::Receiver;
use plumb_tap::otlp::token::{Token, token};
use plumb_tap::run::receive;
use plumb_tap::shutdown::shutdown;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

pub(crate) fn observe_otlp(
    global: &Global,
    arguments: &OtlpArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let ways = ways(arguments)?;
    guarded(arguments, &ways)?;
    let tls = certificate(arguments.cert.as_deref(), arguments.key.as_deref())?;
    let token = arguments.token_file.as_deref().map(shown).transpose()?;
    let keeper = project.keeper(remote(&arguments.server)?, terminal);
    let (listeners, addresses) = opened(&ways)?;
    let (queue, taking) = bounded(Bounds::default());
    let receiver = Receiver { tls, token, options: Options::default(), queue: queue.clone() };
    // From here on a bug costs a request its evidence, and no exporter its answer.
    std::panic::set_hook(Box::new(bug::note));
    let (_open, closing) = shutdown();
    let received = std::thread::scope(|scope| {
        let listening = Listening { ways: &ways, addresses: &addresses, keeper, terminal };
        let folding = scope.spawn(|| fold(&project, arguments, taking, listening));
        let closed = receive(listeners, receiver, closing);
        let counts = queue.counts();
        drop(queue);
        let received = folding.join().unwrap_or_default();
        closed.map(|_| Received { counts, ..received })
    });
    let received = received.map_err(|err| outside(err.to_string(), None))?;
    tell(global, terminal, &addresses, &received)
}

/// A flag that asks to listen, what is mostly spoken there, and where.
struct Way {
    flag: &'static str,
    protocol: &'static str,
    address: SocketAddr,
}

/// Where it is listened, who keeps what comes, and who is told.
struct Listening<'a> {
    ways: &'a [Way],
    addresses: &'a [String],
    keeper: Box<dyn Keeper>,
    terminal: Terminal,
}

fn ways(arguments: &OtlpArguments) -> Result<Vec<Way>, Failure> {
    let grpc = arguments.listen.map(|address| Way { flag: "--listen", protocol: "gRPC", address });
    let http = arguments.listen_http;
    let http = http.map(|address| Way { flag: "--listen-http", protocol: "HTTP", address });
    let ways: Vec<Way> = grpc.into_iter().chain(http).collect();
    if ways.is_empty() {
        return Err(usage(
            "there is nothing to observe: no file, and no address to listen on",
            "name files, as in `plumb observe otlp traces.jsonl`, or receive, as in `plumb \
             observe otlp --listen --listen-http`",
        ));
    }
    Ok(ways)
}

/// Refuses to be reachable from elsewhere without showing who it is and asking who comes.
fn guarded(arguments: &OtlpArguments, ways: &[Way]) -> Result<(), Failure> {
    let is_guarded = arguments.cert.is_some() && arguments.token_file.is_some();
    match ways.iter().find(|way| !way.address.ip().is_loopback()) {
        Some(way) if !is_guarded => Err(usage(
            format!("{} can be reached from elsewhere, where anybody could send", way.address),
            format!(
                "give `--cert`, `--key` and `--token-file`, or listen on loopback: `{} \
                 127.0.0.1:{}`",
                way.flag,
                way.address.port()
            ),
        )),
        _ => Ok(()),
    }
}

fn shown(path: &Path) -> Result<Token, Failure> {
    token(&small_file(path)?).map_err(|err| {
        let help = format!("write one into `{}`: `openssl rand -hex 32`", path.display());
        usage(err.to_string(), help)
    })
}

fn opened(ways: &[Way]) -> Result<(Vec<TcpListener>, Vec<String>), Failure> {
    let listening = ways.iter().map(|way| {
        listen(way.address, way.flag).map(|(listener, address)| (listener, address.to_string()))
    });
    listening.collect()
}

/// Folds what the receiver hands over, until it hands over nothing any more.
fn fold(
    project: &Project,
    arguments: &OtlpArguments,
    taking: Taking,
    listening: Listening<'_>,
) -> Received {
    let Listening { ways, addresses, keeper, terminal } = listening;
    let redaction = project.redaction();
    let name_of = |host: &str| project.name_of(host);
    let live = Live::new(Watch {
        keeper,
        name: format!("otlp on {}", addresses.join(", ")),
        origin: project.origin(&arguments.known),
        redaction: &redaction,
        name_of: &name_of,
    });
    let spoken = ways.iter().zip(addresses).map(|(way, at)| format!("{at} ({})", way.protocol));
    let spoken: Vec<String> = spoken.collect();
    // Said last, so that whoever waits for it finds all of this in force.
    let strong = terminal.err.strong("listening");
    terminal.note(&format!("{strong} {}; Ctrl-C ends\n", spoken.join(", ")));
    match live {
        Ok(live) => fold_all(taking, live, terminal),
        Err(err) => {
            terminal.complain(&format!("error: {err}; nothing is observed\n"));
            Received::default()
        }
    }
}

fn tell(
    global: &Global,
    terminal: Terminal,
    addresses: &[String],
    received: &Received,
) -> Result<Code, Failure> {
    let Received { progress, counts, left_out, reading } = received;
    let not_written = progress.waiting + progress.lost;
    document(terminal, global.format, || documents::received(addresses, received))?;
    if global.format == Format::Text {
        let mut parts = vec![
            count_u64(counts.spans, "span"),
            count_u64(progress.written, "exchange"),
            format!("{} rejected", count_u64(counts.rejected, "span")),
            "values not kept (shape only)".to_owned(),
        ];
        if not_written > 0 {
            parts.insert(2, format!("{not_written} not written"));
        }
        let look = terminal.out;
        let head = format!("{}  {}\n", look.strong(&addresses.join(", ")), parts.join(" · "));
        terminal.text(&(head + &render_reading::account(look, reading, terminal)))?;
        next(terminal, "plumb gap");
    }
    Ok(if not_written + left_out == 0 { Code::Pass } else { Code::Outside })
}
