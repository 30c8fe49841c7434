//! Specifications made of a project's evidence, and how they get into a file.
//!
//! Refuses to know how a document comes about, and which command asked for it.

use crate::answer::{Written, document};
use crate::arguments::Format;
use crate::failure::{Failure, outside, usage};
use crate::mocks::{known, lost_lines};
use crate::render::{count, name};
use crate::terminal::Terminal;
use plumb_engine::files;
use plumb_engine::infer::asked::{Asked, Counts};
use plumb_engine::infer::keep::{gone, has_comments, keep, read_inferred};
use plumb_engine::infer::said::is_as_said;
use plumb_engine::infer::yaml::yaml;
use plumb_engine::infer::{Inferred, infer, newest};
use plumb_gap::evidence::Evidence;
use plumb_wire::harmless::harmless;
use serde_json::{Value, json};
use std::path::Path;

/// The version of the document.
const VERSION: u32 = 1;

/// What to describe.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    /// The dependency.
    pub(crate) dependency: &'a str,
    /// The title, where the person gave one.
    pub(crate) title: Option<&'a str>,
    /// How counts are written.
    pub(crate) counts: Counts,
    /// Exchanges from which on never absent is taken as always there.
    pub(crate) samples_min: u64,
}

/// The one dependency that is meant; `None` where nothing was seen.
///
/// # Errors
///
/// When several are.
pub(crate) fn only<'a>(
    evidence: &'a [Evidence],
    named: &'a [String],
) -> Result<Option<&'a str>, Failure> {
    let known = match named {
        [] => known(evidence),
        named => named.iter().map(String::as_str).collect(),
    };
    if known.len() > 1 {
        let names: Vec<String> = known.iter().map(|one| format!("`{}`", name(one))).collect();
        let help = format!("name one of {}", names.join(", "));
        return Err(usage("several dependencies do not fit into one document", help));
    }
    Ok(known.first().copied())
}

/// Describes a dependency by what was seen of it.
pub(crate) fn specification(evidence: &[Evidence], wanted: Wanted<'_>) -> Inferred {
    let asked = Asked {
        title: wanted.title.unwrap_or(wanted.dependency),
        counts: wanted.counts,
        samples_min: wanted.samples_min,
    };
    infer(&newest(evidence, wanted.dependency), &asked)
}

/// Writes a specification into a file, with what people wrote into the one that is there, and tells
/// what is lost.
///
/// # Errors
///
/// When the file is there and is something else, or cannot be read or written.
pub(crate) fn write(
    path: &Path,
    inferred: Inferred,
    title: Option<&str>,
    (format, terminal): (Format, Terminal),
) -> Result<(), Failure> {
    let Inferred { document: mut written, mut lost } = inferred;
    let shown = path.display().to_string();
    if let Some(text) = there(path)? {
        let Ok(Some(old)) = read_inferred(&shown, &text) else {
            let what = format!("`{shown}` is there and was not written by `plumb spec infer`");
            return Err(usage(what, "name another file, or take this one away"));
        };
        if !is_json(path) && has_comments(&text) {
            lost.push("comments in the file that was there".to_owned());
        }
        written = keep(&old, written);
        let gone = gone(&old, &written).into_iter();
        lost.extend(gone.map(|operation| format!("{operation}: it was not seen any more")));
        if let Some(title) = title {
            written["info"]["title"] = title.into();
        }
    }
    put(path, &written, &lost, (format, terminal))
}

/// Writes a specification that somebody said, and tells what is lost. One that was written so
/// before is replaced.
///
/// # Errors
///
/// When the file is there and is something else, or cannot be read or written.
pub(crate) fn write_said(
    path: &Path,
    document: &Value,
    lost: &[String],
    (format, terminal): (Format, Terminal),
) -> Result<(), Failure> {
    let shown = path.display().to_string();
    if let Some(text) = there(path)? {
        let old = read_inferred(&shown, &text).ok().flatten();
        if !old.as_ref().is_some_and(is_as_said) {
            let what = format!("`{shown}` is there and was not written by `plumb mock --import`");
            return Err(usage(what, "name another file, or take this one away"));
        }
    }
    put(path, document, lost, (format, terminal))
}

/// What a file holds, where it holds anything.
fn there(path: &Path) -> Result<Option<String>, Failure> {
    let text = files::read_text(path)
        .map_err(|err| outside(format!("cannot read `{}`: {err}", path.display()), None))?;
    Ok(text.filter(|text| !text.trim().is_empty()))
}

fn put(
    path: &Path,
    written: &Value,
    lost: &[String],
    (format, terminal): (Format, Terminal),
) -> Result<(), Failure> {
    let text = if is_json(path) { format!("{written:#}\n") } else { yaml(written) };
    if let Some(folder) = path.parent() {
        files::make_folder(folder)?;
    }
    files::write_whole(path, text.as_bytes())?;
    let shown = path.display().to_string();
    let as_document = || {
        let lost: Vec<_> = lost.iter().map(|what| harmless(what)).collect();
        json!({ "version": VERSION, "written": [&shown], "lost": lost })
    };
    if document(terminal, format, as_document)? == Written::NotYet {
        let mut text = format!("{} written to {shown}\n", count(operations(written), "operation"));
        text.push_str(&lost_lines(lost));
        terminal.text(&text)?;
    }
    Ok(())
}

fn operations(document: &Value) -> usize {
    let paths = document["paths"].as_object().into_iter().flat_map(|paths| paths.values());
    let methods = paths.filter_map(Value::as_object).flat_map(|path_item| path_item.values());
    methods.filter(|operation| operation.get("responses").is_some()).count()
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}
