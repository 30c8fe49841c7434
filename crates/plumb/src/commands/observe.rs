//! `plumb observe`: looks at captured traffic and keeps its shape.

use super::observe_broker::observe_broker;
use super::observe_otlp::observe_otlp;
use super::observe_proxy::observe_proxy;
use super::observe_run::observe_run;
use crate::answer::{Written, document, next};
use crate::arguments::Global;
use crate::documents;
use crate::failure::{Code, Failure};
use crate::look::Look;
use crate::observe_arguments::{FileArguments, Known, ObserveCommand, OtlpArguments};
use crate::project::{Project, project};
use crate::remote::remote;
use crate::render::{count, count_u64, name, span};
use crate::render_failure::failure;
use crate::render_reading;
use crate::server_arguments::ServerArguments;
use crate::terminal::Terminal;
use plumb_engine::files;
use plumb_engine::keeper::Keeper;
use plumb_engine::observe::{Observe, Observed, observe as look_at};
use plumb_store::store::Applied;
use plumb_traffic::fold::Origin;
use plumb_traffic::reading::Format;
use plumb_traffic::redact::Redaction;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

/// The name of what comes from the standard input.
const STANDARD_INPUT: &str = "standard input";

pub(crate) fn observe(
    global: &Global,
    command: &ObserveCommand,
    terminal: Terminal,
) -> Result<ExitCode, Failure> {
    let code = match command {
        ObserveCommand::Har(har) => observe_files(global, &files(Some(Format::Har), har), terminal),
        ObserveCommand::Gor(gor) => observe_files(global, &files(Some(Format::Gor), gor), terminal),
        ObserveCommand::Otlp(otlp) if !otlp.paths.is_empty() => {
            let OtlpArguments { paths, known, server, .. } = &**otlp;
            let files = Files { format: Some(Format::Otlp), paths, known, server };
            observe_files(global, &files, terminal)
        }
        ObserveCommand::Otlp(otlp) => observe_otlp(global, otlp, terminal),
        ObserveCommand::File(any) => observe_files(global, &files(None, any), terminal),
        ObserveCommand::Broker(broker) => observe_broker(global, broker, terminal),
        ObserveCommand::Proxy(proxy) => observe_proxy(global, proxy, terminal),
        ObserveCommand::Run(run) => return observe_run(global, run, terminal),
    };
    Ok(code?.into())
}

/// What to read, and as what.
struct Files<'a> {
    format: Option<Format>,
    paths: &'a [String],
    known: &'a Known,
    server: &'a ServerArguments,
}

fn files(format: Option<Format>, arguments: &FileArguments) -> Files<'_> {
    let FileArguments { paths, known, server } = arguments;
    Files { format, paths, known, server }
}

fn observe_files(global: &Global, files: &Files<'_>, terminal: Terminal) -> Result<Code, Failure> {
    let project = project(global)?;
    let redaction = project.redaction();
    let origin = project.origin(files.known);
    let mut keeper = project.keeper(remote(files.server)?, terminal);
    let mut inputs = Vec::new();
    let mut code = Code::Pass;
    for path in files.paths {
        let format = files.format;
        let one = Input { project: &project, format, origin: &origin, redaction: &redaction, path };
        match one.observe(&mut *keeper, terminal) {
            Ok(observed) => {
                inputs.push(documents::observed_input(one.name(), &observed));
                if global.format == crate::arguments::Format::Text {
                    terminal.text(&text(terminal.out, one.name(), &observed, terminal))?;
                }
            }
            Err(err) => {
                code = code.max(err.code);
                inputs.push(documents::failed_input(one.name(), &err.what));
                terminal.complain(&failure(terminal.err, &err, &|_| None));
            }
        }
    }
    let written = document(terminal, global.format, || documents::observe(inputs))?;
    if code == Code::Pass && written == Written::NotYet {
        next(terminal, "plumb gap");
    }
    Ok(code)
}

/// One input on its way to the shelf.
struct Input<'a> {
    project: &'a Project,
    format: Option<Format>,
    origin: &'a Origin,
    redaction: &'a Redaction,
    path: &'a str,
}

impl Input<'_> {
    fn name(&self) -> &str {
        if self.path == "-" { STANDARD_INPUT } else { self.path }
    }

    fn observe(&self, keeper: &mut dyn Keeper, terminal: Terminal) -> Result<Observed, Failure> {
        let (mut input, bytes): (Box<dyn Read>, u64) = if self.path == "-" {
            (Box::new(io::stdin().lock()), 0)
        } else {
            let file = files::open(Path::new(self.path))?;
            let bytes = file.metadata().map_or(0, |meta| meta.len());
            (Box::new(file), bytes)
        };
        let request = Observe {
            name: self.name(),
            format: self.format,
            origin: self.origin.clone(),
            redaction: self.redaction,
        };
        let bar = terminal.progress(self.name(), bytes);
        let observed = look_at(
            keeper,
            &request,
            &|host| self.project.name_of(host),
            &mut input,
            &mut |done| bar.set_position(done),
        );
        bar.finish_and_clear();
        Ok(observed?)
    }
}

fn text(look: Look, input: &str, observed: &Observed, terminal: Terminal) -> String {
    let reading = &observed.reading;
    let mut parts = vec![
        count_u64(reading.exchanges, "exchange"),
        count(observed.writers.len(), "dependency"),
        count(observed.seams, "seam"),
    ];
    parts.extend(observed.span_ms.map(|(first, last)| span(first, last)));
    parts.push(
        match observed.applied {
            Applied::New { entries_late: 0 } => "values not kept (shape only)",
            Applied::New { .. } => "days that were pruned before are left out",
            Applied::Already => "known already, counted once",
            Applied::Late => "of days that were pruned before, left out",
        }
        .to_owned(),
    );
    let mut out = format!("{}  {}\n", look.strong(&name(input)), parts.join(" · "));
    out.push_str(&render_reading::account(look, reading, terminal));
    out
}
