//! `plumb observe proxy`: passes traffic on and keeps its shape.
//!
//! The traffic comes first. Once it flows, nothing here ends it but the person.

use crate::answer::{document, next};
use crate::arguments::{Format, Global};
use crate::bug;
use crate::documents;
use crate::failure::{Code, Failure, outside, usage};
use crate::grpc::{Calls, services};
use crate::listening::{certificate, listen, small_file};
use crate::observe_arguments::{Called, CanaryArguments, ProxyArguments, Spoken};
use crate::project::{Project, project};
use crate::remote::remote;
use crate::render::{count_u64, name};
use crate::tapping::{Tapped, fold_all};
use crate::terminal::Terminal;
use plumb_engine::clock::since_epoch;
use plumb_engine::keeper::Keeper;
use plumb_engine::live::{Live, Watch};
use plumb_tap::options::{HostHeader, Options};
use plumb_tap::proxy::Tap;
use plumb_tap::queue::{Bounds, bounded};
use plumb_tap::routes::Second;
use plumb_tap::run::{reflect, run};
use plumb_tap::shutdown::shutdown;
use plumb_tap::split::Split;
use plumb_tap::tls::{self, ClientTls};
use plumb_tap::upstream::{Protocol, Upstream, upstream};
use plumb_traffic::schema::grpc::Services;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) fn observe_proxy(
    global: &Global,
    arguments: &ProxyArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let upstream = aimed(&arguments.upstream, arguments)?;
    let second = second(arguments)?;
    let known = arguments.grpc_schema.as_deref().map(services).transpose()?;
    let tls = certificate(arguments.cert.as_deref(), arguments.key.as_deref())?;
    let (listener, address) = listen(arguments.listen, "--listen")?;
    let steering = steering(arguments, second.as_ref())?;
    let keeper = project.keeper(remote(&arguments.server)?, terminal);
    let (queue, taking) = bounded(Bounds::default());
    let off = Arc::new(AtomicBool::new(false));
    let tap = Tap {
        upstream: upstream.clone(),
        second,
        tls,
        options: Options { host: called(arguments.host), ..Options::default() },
        queue: queue.clone(),
        off: Arc::clone(&off),
        clock: since_epoch,
    };
    // From here on a bug costs an exchange its evidence, and no exchange its answer.
    std::panic::set_hook(Box::new(bug::note));
    let (_open, closing) = shutdown();
    let listening = format!("{address} -> {}", name(&arguments.upstream));
    let tapped = std::thread::scope(|scope| {
        let folding = scope.spawn(|| {
            let told = Told { project: &project, arguments, off: &off, listening };
            let services = known.or_else(|| reflected(arguments, &upstream, terminal));
            fold(Calls { taking, services, unread: 0 }, keeper, &told, terminal)
        });
        let closed = run(listener, tap, closing);
        let counts = queue.counts();
        drop(queue);
        let tapped = folding.join().unwrap_or_default();
        closed.map(|_| Tapped { dropped: counts.dropped, ..tapped })
    });
    steering.end();
    let tapped = tapped.map_err(|err| outside(err.to_string(), None))?;
    tell(global, terminal, &address, &tapped)
}

/// What folding is told.
struct Told<'a> {
    project: &'a Project,
    arguments: &'a ProxyArguments,
    off: &'a AtomicBool,
    listening: String,
}

/// Folds what the tap hands over, until it hands over nothing any more.
fn fold(mut calls: Calls, keeper: Box<dyn Keeper>, told: &Told<'_>, terminal: Terminal) -> Tapped {
    let Told { project, arguments, off, listening } = told;
    let redaction = project.redaction();
    let mut origin = project.origin(&arguments.known);
    let host = arguments.upstream.split_once("://").map_or("", |(_, host)| host);
    let host = host.trim_end_matches('/');
    origin.writer = origin.writer.or_else(|| project.name_of(host)).or(Some(host.to_owned()));
    let name_of = |host: &str| project.name_of(host);
    let live = Live::new(Watch {
        keeper,
        name: format!("proxy to {}", arguments.upstream),
        origin,
        redaction: &redaction,
        name_of: &name_of,
    });
    let switch = arguments.off.as_deref();
    off.store(switch.is_some_and(Path::exists), Ordering::Relaxed);
    // Said last, so that whoever waits for it finds all of this in force.
    terminal.note(&format!("{} {listening}; Ctrl-C ends\n", terminal.err.strong("listening")));
    match live {
        Ok(live) => {
            let tapped = fold_all(&mut calls, live, switch, off, terminal);
            Tapped { calls_without_schema: calls.unread, ..tapped }
        }
        Err(err) => {
            terminal.complain(&format!("error: {err}; nothing is observed\n"));
            Tapped::default()
        }
    }
}

/// The provider's own services, if it is to be asked for them. Without an answer traffic goes on.
fn reflected(
    arguments: &ProxyArguments,
    upstream: &Upstream,
    terminal: Terminal,
) -> Option<Services> {
    if !arguments.grpc_reflection {
        return None;
    }
    let services = reflect(upstream);
    let complain = |err| {
        terminal.complain(&format!("warning: {err}; bodies of gRPC are not read\n"));
    };
    services.map_err(complain).ok()
}

fn aimed(address: &str, arguments: &ProxyArguments) -> Result<Upstream, Failure> {
    let protocol = match arguments.protocol {
        Spoken::Auto => Protocol::Auto,
        Spoken::Http1 => Protocol::Http1,
        Spoken::Http2 => Protocol::Http2,
    };
    let trust =
        if address.starts_with("https:") { Some(trusted(arguments.ca.as_deref())?) } else { None };
    upstream(address, protocol, trust.as_ref())
        .map_err(|err| usage(err.to_string(), "write it like `http://127.0.0.1:3000`"))
}

/// The new version, if one is named.
fn second(arguments: &ProxyArguments) -> Result<Option<Second>, Failure> {
    let CanaryArguments { canary, canary_release, sticky, .. } = &arguments.canary;
    let Some((address, release)) = canary.as_deref().zip(canary_release.as_deref()) else {
        return Ok(None);
    };
    let upstream = aimed(address, arguments)?;
    let split = Arc::new(Split::new(sticky.clone()));
    Ok(Some(Second { upstream, version: release.into(), split }))
}

/// Hears drivers, if there is a new version.
fn steering(arguments: &ProxyArguments, second: Option<&Second>) -> Result<Steered, Failure> {
    let Some((second, path)) = second.zip(arguments.canary.steering.as_deref()) else {
        return Ok(Steered::default());
    };
    steered(path, second)
}

/// Where drivers are heard, if they are.
#[derive(Default)]
struct Steered {
    #[cfg(unix)]
    steering: Option<Arc<plumb_tap::steering::Steering>>,
}

impl Steered {
    /// Takes the socket away, so that a driver finds nobody.
    fn end(&self) {
        #[cfg(unix)]
        if let Some(steering) = &self.steering {
            steering.end();
        }
    }
}

#[cfg(unix)]
fn steered(path: &Path, second: &Second) -> Result<Steered, Failure> {
    use plumb_tap::steering::{listen, spawn};
    let failed = |err: std::io::Error| {
        let what = format!("cannot listen at `{}`: {err}", path.display());
        outside(what, Some("name a file that is not there yet, in a folder that is"))
    };
    let steering = Arc::new(listen(path).map_err(failed)?);
    spawn(Arc::clone(&steering), Arc::clone(&second.split)).map_err(failed)?;
    Ok(Steered { steering: Some(steering) })
}

#[cfg(not(unix))]
fn steered(path: &Path, _second: &Second) -> Result<Steered, Failure> {
    let what =
        format!("cannot listen at `{}`: a socket in the file system needs Unix", path.display());
    Err(usage(what, "leave the new version out"))
}

fn trusted(authorities: Option<&Path>) -> Result<ClientTls, Failure> {
    let authorities = authorities.map(small_file).transpose()?;
    tls::client(authorities.as_deref())
        .map_err(|err| usage(err.to_string(), "name the authorities to trust with `--ca`"))
}

const fn called(host: Called) -> HostHeader {
    match host {
        Called::AsSent => HostHeader::AsSent,
        Called::Upstream => HostHeader::Upstream,
    }
}

fn tell(
    global: &Global,
    terminal: Terminal,
    address: &SocketAddr,
    tapped: &Tapped,
) -> Result<Code, Failure> {
    let progress = tapped.progress;
    let not_written = progress.waiting + progress.lost + tapped.left_out;
    document(terminal, global.format, || documents::tapped(&address.to_string(), tapped))?;
    if global.format == Format::Text {
        let mut parts = vec![
            count_u64(progress.written, "exchange"),
            format!("{} dropped", tapped.dropped),
            "values not kept (shape only)".to_owned(),
        ];
        if not_written > 0 {
            parts.insert(1, format!("{not_written} not written"));
        }
        let look = terminal.out;
        terminal.text(&format!(
            "{}  {}\n",
            look.strong(&address.to_string()),
            parts.join(" · ")
        ))?;
        if tapped.calls_without_schema > 0 {
            let calls = count_u64(tapped.calls_without_schema, "call");
            let hint = "`--grpc-schema` and `--grpc-reflection` read them";
            terminal.note(&format!("{calls} of gRPC without a schema: bodies not read; {hint}\n"));
        }
        next(terminal, "plumb gap");
    }
    Ok(if not_written == 0 { Code::Pass } else { Code::Outside })
}
