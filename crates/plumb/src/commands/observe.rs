//! `plumb observe`: looks at captured traffic and keeps its shape.

use super::observe_broker::observe_broker;
use super::observe_proxy::observe_proxy;
use crate::answer::{Written, document, next};
use crate::arguments::Global;
use crate::documents;
use crate::failure::{Code, Failure};
use crate::look::Look;
use crate::observe_arguments::{FileArguments, ObserveCommand};
use crate::project::{Project, project};
use crate::render::{count, count_u64, field, name, span};
use crate::render_failure::failure;
use crate::terminal::Terminal;
use plumb_engine::files;
use plumb_engine::observe::{Observe, Observed, observe as look_at};
use plumb_engine::shelf::Shelf;
use plumb_store::store::Applied;
use plumb_traffic::fold::Origin;
use plumb_traffic::reading::Format;
use plumb_traffic::redact::Redaction;
use std::io::{self, Read};
use std::path::Path;

/// Unread places told of one input unless the person asks for all that were kept.
const UNREAD_MAX: usize = 3;

/// The name of what comes from the standard input.
const STANDARD_INPUT: &str = "standard input";

pub(crate) fn observe(
    global: &Global,
    command: &ObserveCommand,
    terminal: Terminal,
) -> Result<Code, Failure> {
    match command {
        ObserveCommand::Har(files) => observe_files(global, Some(Format::Har), files, terminal),
        ObserveCommand::Gor(files) => observe_files(global, Some(Format::Gor), files, terminal),
        ObserveCommand::Otlp(files) => observe_files(global, Some(Format::Otlp), files, terminal),
        ObserveCommand::File(files) => observe_files(global, None, files, terminal),
        ObserveCommand::Broker(broker) => observe_broker(global, broker, terminal),
        ObserveCommand::Proxy(proxy) => observe_proxy(global, proxy, terminal),
    }
}

fn observe_files(
    global: &Global,
    format: Option<Format>,
    arguments: &FileArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let redaction = project.redaction();
    let origin = project.origin(&arguments.known);
    let mut shelf = project.shelf()?;
    let mut inputs = Vec::new();
    let mut code = Code::Pass;
    for path in &arguments.paths {
        let one = Input { project: &project, format, origin: &origin, redaction: &redaction, path };
        match one.observe(&mut shelf, terminal) {
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

    fn observe(&self, shelf: &mut Shelf, terminal: Terminal) -> Result<Observed, Failure> {
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
        let observed =
            look_at(shelf, &request, &|host| self.project.name_of(host), &mut input, &mut |done| {
                bar.set_position(done)
            });
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
    let most = if terminal.is_verbose { usize::MAX } else { UNREAD_MAX };
    for one in reading.unread.iter().take(most) {
        let text = format!("{}: {}; {}", name(&one.place), name(&one.reason), one.remedy);
        out.push_str(&field(look, "not read", &text));
    }
    let shown = u64::try_from(reading.unread.len().min(most)).unwrap_or_default();
    let more = reading.unread_total.saturating_sub(shown);
    if more > 0 {
        out.push_str(&field(look, "", &format!("and {} more", count_u64(more, "place"))));
    }
    for (what, times) in reading.notes.iter().filter(|_| terminal.is_verbose) {
        out.push_str(&field(look, "note", &format!("{} {what}", count_u64(*times, "time"))));
    }
    out
}
