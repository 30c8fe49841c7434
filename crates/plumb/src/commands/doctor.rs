//! `plumb doctor`: what is there of a project's wiring, and what is missing.

use crate::answer::{Written, document, next};
use crate::arguments::Global;
use crate::doctor_arguments::{CollectorArguments, DoctorArguments, DoctorCommand};
use crate::failure::{Code, Failure, usage};
use crate::project::{Project, project};
use crate::remote::{patience, remote};
use crate::render_doctor::{doctor_document, doctor_text, names_max};
use crate::server_arguments::ServerArguments;
use crate::terminal::Terminal;
use crate::weigh::scan_folder;
use plumb_engine::clock::now_ms;
use plumb_engine::config::dependency::Dependency;
use plumb_engine::config::origin::quoted;
use plumb_engine::doctor::canary::canary;
use plumb_engine::doctor::fact::{Fact, Health, Subject};
use plumb_engine::doctor::names::{self, is_host};
use plumb_engine::doctor::room;
use plumb_engine::doctor::sources::{self, Sources, sources};
use plumb_engine::shelf::Shelf;
use plumb_engine::{audit, backlogs, inventory, releases};
use plumb_server::client::RemoteError;
use plumb_shape::claim::Claim;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;

pub(crate) fn doctor(
    global: &Global,
    arguments: &DoctorArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    match &arguments.about {
        None => {}
        Some(DoctorCommand::Collector(arguments)) => return collector(arguments, terminal),
        Some(DoctorCommand::Server(arguments)) => return ready(global, arguments, terminal),
    }
    let project = project(global)?;
    let mut facts = facts(&project, None, terminal);
    facts.extend(server(&arguments.server)?);
    tell(global, &facts, project.as_of_ms, terminal)
}

/// Claims that were read before, and how many places of files were not.
type Known<'a> = (&'a [Claim], usize);

/// Everything that can be found without the network. Files are read for their claims where none
/// are known.
pub(crate) fn facts(project: &Project, known: Option<Known<'_>>, terminal: Terminal) -> Vec<Fact> {
    let is_there = project.file.exists();
    let file = project.file.file_name().map(|name| name.to_string_lossy().into_owned());
    let named = project.config.dependencies.len();
    let file = file.filter(|_| is_there);
    let mut facts = vec![Fact::Configured { file, dependencies: named }];
    let (shelf, store) = match project.shelf_if_there() {
        Ok(Some(shelf)) => (Some(shelf), None),
        Ok(None) => (None, Some(Fact::NoStore(project.store().to_string()))),
        Err(err) => (None, Some(broken(Subject::Store, err.into()))),
    };
    let read;
    let (claims, said) = match known {
        Some((claims, unread)) => (claims, assumed(claims, 0, unread)),
        None => {
            let (claims, said) = said(project, shelf.as_ref(), terminal);
            read = claims;
            (read.as_slice(), said)
        }
    };
    facts.extend(said);
    let is_nothing_seen = matches!(store, Some(Fact::NoStore(_)));
    facts.extend(store);
    facts.extend(room::facts(project.store()));
    if is_nothing_seen {
        facts.extend(dependencies(project, &Sources::new(), claims));
    }
    if let Some(shelf) = &shelf {
        match seen(project, shelf, claims) {
            Ok(seen) => facts.extend(seen),
            Err(failure) => facts.push(broken(Subject::Store, failure)),
        }
    }
    facts.push(Fact::Redacted(canary(&project.redaction(), &project.config.redact.names)));
    match audit::read(project.store().folder()) {
        Ok(entries) if entries.is_empty() => {}
        Ok(entries) => facts.push(Fact::AuditWhole(entries.len())),
        Err(err) => facts.push(broken(Subject::Audit, err.into())),
    }
    facts
}

/// The claims of the folder, and what is to be said about them.
fn said(project: &Project, shelf: Option<&Shelf>, terminal: Terminal) -> (Vec<Claim>, Vec<Fact>) {
    let observed = shelf.map(inventory::observed_files).and_then(Result::ok).unwrap_or_default();
    let scanned = match scan_folder(project, &project.folder, observed, terminal) {
        Ok(scanned) => scanned,
        Err(failure) => return (Vec::new(), vec![broken(Subject::Assumptions, failure)]),
    };
    let facts = assumed(&scanned.claims, scanned.files, scanned.unread.len());
    (scanned.claims, facts)
}

/// What is to be said about claims of so many files, of which so many places were not read.
fn assumed(claims: &[Claim], files: usize, unread: usize) -> Vec<Fact> {
    let mut dialects: BTreeMap<&'static str, usize> = BTreeMap::new();
    for claim in claims {
        *dialects.entry(claim.source.dialect.name()).or_default() += 1;
    }
    let assumed = match claims.len() {
        0 => Fact::NothingAssumed(files),
        claims => Fact::Assumed { claims, dialects: dialects.into_iter().collect() },
    };
    std::iter::once(assumed).chain((unread > 0).then_some(Fact::Unread(unread))).collect()
}

/// What is to be said about what lies on the shelf.
fn seen(project: &Project, shelf: &Shelf, claims: &[Claim]) -> Result<Vec<Fact>, Failure> {
    let extent = inventory::extent(shelf)?;
    let place = project.store().to_string();
    let (windows, exchanges) = (extent.windows, extent.exchanges);
    let mut facts = vec![Fact::Stored { place, windows, exchanges }];
    let known = sources(shelf, &project.scope())?;
    facts.extend(sources::facts(&known, &project.policy()));
    facts.extend(dependencies(project, &known, claims));
    let backlogs = backlogs::backlogs(shelf)?;
    let behind = |one: &backlogs::KeptBacklog| {
        let who = format!("{} on {}", one.consumer, one.destination);
        one.last.lag.map(|lag| (who, lag))
    };
    if !backlogs.is_empty() {
        let worst = backlogs.iter().filter_map(behind).max_by_key(|(_, lag)| *lag);
        facts.push(Fact::Backlogs { consumers: backlogs.len(), worst });
    }
    facts.push(Fact::Releases(releases::releases(shelf, &project.scope())?.len()));
    Ok(facts)
}

fn dependencies(project: &Project, known: &Sources, claims: &[Claim]) -> Vec<Fact> {
    let seen: BTreeSet<&str> = known.keys().map(String::as_str).collect();
    let host_of = |name: &str| {
        let named = |one: &&Dependency| one.name == name;
        let hosts = project.config.dependencies.iter().filter(named).flat_map(|one| &one.hosts);
        // A pattern is no address.
        let mut addresses = hosts.map(|host| host.as_str()).filter(|host| is_host(host));
        addresses.find(|host| !host.contains(['*', '?', '{', '['])).map(str::to_owned)
    };
    names::facts(claims, &seen, &|host| project.name_of(host), &host_of)
}

/// Whether the server is ready, if one was named.
fn server(arguments: &ServerArguments) -> Result<Option<Fact>, Failure> {
    let Some(remote) = remote(arguments)? else { return Ok(None) };
    let before_ms = now_ms();
    let fact = match remote.ready(patience(arguments)) {
        Ok(there_ms) => {
            // The answer was written about half way between.
            let here_ms = before_ms.midpoint(now_ms());
            let ahead_ms = there_ms.map(|there_ms| there_ms.saturating_sub(here_ms));
            Fact::ServerReady { url: remote.url, ahead_ms }
        }
        Err(err) => away(err),
    };
    Ok(Some(fact))
}

/// Why the server is not ready, and what to look at.
fn away(err: RemoteError) -> Fact {
    let help = match &err {
        RemoteError::Unreachable { why, .. } if why.contains("certificate") => Some(
            "name the authority that signed its certificate with `--server-ca`, and the server as \
             the certificate does",
        ),
        RemoteError::Unreachable { .. } => Some("see that `plumb serve` runs there and listens"),
        _ => None,
    };
    let failure = Failure::from(err);
    let help = help.map(str::to_owned).or(failure.help);
    Fact::Broken { subject: Subject::Server, why: failure.what, help }
}

fn ready(
    global: &Global,
    arguments: &ServerArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let fact = server(arguments)?;
    let none = || usage("no server was named", "name it with `--server` or `PLUMB_SERVER`");
    tell(global, &[fact.ok_or_else(none)?], now_ms(), terminal)
}

fn tell(
    global: &Global,
    facts: &[Fact],
    as_of_ms: i64,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let written = document(terminal, global.format, || doctor_document(facts, as_of_ms))?;
    if written == Written::NotYet {
        terminal.text(&doctor_text(terminal.out, facts, names_max(terminal.is_verbose)))?;
    }
    Ok(match facts.iter().map(Fact::health).max() {
        None | Some(Health::Fine | Health::Aside) => Code::Pass,
        Some(Health::Missing) => Code::CannotTell,
        Some(Health::Failed) => Code::Outside,
    })
}

fn broken(subject: Subject, failure: Failure) -> Fact {
    Fact::Broken { subject, why: failure.what, help: failure.help }
}

fn collector(arguments: &CollectorArguments, terminal: Terminal) -> Result<Code, Failure> {
    terminal.text(&collector_text(arguments.to, arguments.token_file.as_deref()))?;
    if !arguments.print {
        next(terminal, &format!("plumb observe otlp --listen {}", arguments.to));
    }
    Ok(Code::Pass)
}

/// What a collector needs to know of a receiver, in its own words.
pub(crate) fn collector_text(to: SocketAddr, token_file: Option<&Path>) -> String {
    let tls = match to.ip().is_loopback() {
        true => "insecure: true",
        false => "ca_file: /etc/otelcol/plumb-ca.pem",
    };
    let (mut auth, mut extensions, mut uses) = (String::new(), String::new(), "");
    if let Some(file) = token_file {
        let file = quoted(&file.display().to_string());
        "    auth:\n      authenticator: bearertokenauth/plumb\n".clone_into(&mut auth);
        extensions = format!(
            "extensions:\n  bearertokenauth/plumb:\n    scheme: Bearer\n    filename: {file}\n"
        );
        uses = "  extensions: [bearertokenauth/plumb] # beside those that are there\n";
    }
    format!(
        "# Add this to the collector's configuration. `plumb observe otlp --listen {to}` \
         receives.\n\
         {extensions}exporters:\n  otlp/plumb:\n    endpoint: {to}\n    compression: gzip\n    \
         tls:\n      {tls}\n{auth}    sending_queue:\n      queue_size: 1000\n    \
         retry_on_failure:\n      max_elapsed_time: 60s\nservice:\n{uses}  pipelines:\n    \
         traces:\n      exporters: [otlp/plumb] # beside those that are there\n"
    )
}
