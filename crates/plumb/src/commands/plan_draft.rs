//! `plumb plan draft`: the file of a transition from what is known.
//!
//! Refuses to overwrite what people wrote unless they say so.

use crate::answer::{Written, document, next};
use crate::arguments::Global;
use crate::empty::no_evidence;
use crate::failure::{Code, Failure, outside, usage};
use crate::learned::learned;
use crate::plan_arguments::DraftArguments;
use crate::render::count;
use crate::terminal::Terminal;
use crate::weigh::Grounds;
use plumb_engine::config::origin::Place;
use plumb_engine::files;
use plumb_engine::manifest::workload::{Manifest, Unread};
use plumb_engine::manifest::{self, MANIFEST_BYTES_MAX};
use plumb_engine::transition::draft::asked::Asked;
use plumb_engine::transition::draft::{Draft, draft as draft_of};
use plumb_tree::Broken;
use plumb_wire::draft_v1::{Drafted, Passed, draft_document};
use plumb_wire::harmless::harmless;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Places that were not read and are named on the screen; the draft names more.
const UNREAD_TOLD_MAX: usize = 10;

pub(crate) fn draft(
    global: &Global,
    arguments: &DraftArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let output = arguments.output.as_deref();
    if let Some(path) = output.filter(|path| !arguments.force && path.exists()) {
        let what = format!("`{}` is there, and people may have written in it", path.display());
        return Err(usage(what, "name another file, or overwrite it with `--force`"));
    }
    let from = manifests(&arguments.from)?;
    let to = manifests(&arguments.to)?;
    let learned = learned(global, arguments.no_evidence, &arguments.server)?;
    let known = learned.known();
    let unread: Vec<_> =
        [&from, &to].into_iter().flatten().flat_map(|one| one.unread.clone()).collect();
    let side = |side: &Option<Manifest>| side.as_ref().map(|one| one.workloads.clone());
    let (from, to) = (side(&from), side(&to));
    let (from, to) = (from.as_deref(), to.as_deref());
    let drafted = draft_of(&Asked { known: &known, from, to, unread: &unread })?;
    if drafted.components == 0 {
        tell_unread(&unread, terminal);
        if from.is_none() && to.is_none() {
            let environment = global.environment.as_deref();
            terminal.note(&no_evidence(terminal.err, &Grounds::Nothing, environment));
        }
        return Ok(Code::CannotTell);
    }
    write(global, output, (&drafted, &unread), terminal)?;
    tell_unread(&unread, terminal);
    if let Some(path) = output {
        next(terminal, &format!("look into {0}, then plumb plan {0}", path.display()));
    }
    Ok(Code::Pass)
}

/// Puts the draft where it is wanted, and tells what is in it.
fn write(
    global: &Global,
    output: Option<&Path>,
    (draft, unread): (&Draft, &[Unread]),
    terminal: Terminal,
) -> Result<(), Failure> {
    let shown = output.map(|path| path.display().to_string());
    if let Some(path) = output {
        files::write_whole(path, draft.text.as_bytes())?;
    }
    let Draft { text, components, moving, seams } = draft;
    let unread: Vec<Passed<'_>> = unread
        .iter()
        .map(|one| Passed { file: &one.file, line: one.line, reason: &one.reason })
        .collect();
    let drafted = Drafted {
        text,
        written: shown.as_deref(),
        components: *components,
        moving: *moving,
        seams: *seams,
        unread: &unread,
    };
    if document(terminal, global.format, || draft_document(&drafted))? == Written::Done {
        return Ok(());
    }
    let Some(shown) = shown else { return Ok(terminal.data(text.as_bytes())?) };
    let (components, seams) = (count(*components, "component"), count(*seams, "seam"));
    let shown = harmless(&shown);
    Ok(terminal
        .text(&format!("{components}, {moving} moving, and {seams} written to {shown}\n"))?)
}

/// Names what was not read, as the draft itself does.
fn tell_unread(unread: &[Unread], terminal: Terminal) {
    let mut text = String::new();
    for one in unread.iter().take(UNREAD_TOLD_MAX) {
        let line = format!("{}:{}: {}", one.file, one.line, one.reason);
        text.push_str(&format!("not read: {}\n", harmless(&line)));
    }
    if unread.len() > UNREAD_TOLD_MAX {
        text.push_str(&format!("not read: {} more\n", unread.len() - UNREAD_TOLD_MAX));
    }
    terminal.note(&text);
}

/// The workloads of all files; `None` where none was named.
fn manifests(paths: &[PathBuf]) -> Result<Option<Manifest>, Failure> {
    let mut all = Manifest::default();
    for path in paths {
        let Manifest { workloads, unread } = one(path)?;
        all.workloads.extend(workloads);
        all.unread.extend(unread);
    }
    Ok((!paths.is_empty()).then_some(all))
}

fn one(path: &Path) -> Result<Manifest, Failure> {
    let file = path.display().to_string();
    let mut bytes = Vec::new();
    let read = files::open(path)?.take(MANIFEST_BYTES_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|err| outside(format!("cannot read `{file}`: {err}"), Some("check the path")))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MANIFEST_BYTES_MAX {
        let what = format!("`{file}` has more than {MANIFEST_BYTES_MAX} bytes");
        return Err(usage(what, "name files with what you run alone"));
    }
    manifest::read(&file, &bytes).map_err(|broken| {
        let Broken { line, column, reason } = broken;
        let what = format!("`{file}` cannot be read at line {line}, column {column}: {reason}");
        let place = Some(Place::Text { file, line, column, width: 1 });
        let help = "mend the file; render templates first, as `helm template` does";
        Failure { code: Code::Usage, what, place, help: Some(help.to_owned()) }
    })
}
