//! The components of a draft: who was seen, and what manifests run, with their versions.
//!
//! Refuses to know how any of it is written down.

use crate::clock::{day_of, day_text};
use crate::deployed;
use crate::excerpt::excerpt;
use crate::manifest::image::Role;
use crate::manifest::workload::{Runs, Workload};
use crate::transition::draft::asked::Asked;
use crate::transition::draft::names::names;
use crate::transition::draft::seam::{Carries, Joint};
use crate::transition::known::Known;
use crate::transition::observed;
use plumb_gap::release::newest_versions;
use std::collections::{BTreeMap, BTreeSet};

/// What stands for a version that nobody told.
pub(super) const UNTOLD: &str = "now";

/// Older versions that still answer, and that are told.
const OLDER_MAX: usize = 5;

/// The components, and what became none.
#[derive(Debug, Default)]
pub(super) struct Components {
    pub(super) parts: Vec<Part>,
    /// What is told of workloads that are no components, one line for each.
    pub(super) left_out: Vec<String>,
}

/// One component.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) name: String,
    /// Comments before everything else.
    pub(super) notes: Vec<String>,
    /// The kind with the reason, unless it is a service for all that is known.
    pub(super) kind: Option<(&'static str, String)>,
    pub(super) versions: Vec<String>,
    /// How it moves, with the reason.
    pub(super) moves: Option<(&'static str, String)>,
    /// How long old instances stay, with the reason.
    pub(super) lingers: Option<(String, String)>,
}

/// A component on both sides.
#[derive(Debug, Default)]
struct Sides<'a> {
    from: Option<&'a Workload>,
    to: Option<&'a Workload>,
}

impl<'a> Sides<'a> {
    fn each(&self) -> impl Iterator<Item = &'a Workload> {
        self.from.into_iter().chain(self.to)
    }
}

/// The components, by name.
pub(super) fn components(asked: &Asked<'_>) -> Components {
    let seen = seen(asked.known);
    let sides = [asked.from, asked.to].map(Option::unwrap_or_default);
    let all: Vec<&Workload> = sides[0].iter().chain(sides[1]).collect();
    let names = names(&all, &seen);
    let mut by_name: BTreeMap<String, Sides<'_>> =
        seen.iter().map(|name| (name.clone(), Sides::default())).collect();
    let mut found = Components::default();
    for (at, workloads) in sides.iter().enumerate() {
        for one in *workloads {
            let sides = by_name.entry(names[&one.name].clone()).or_default();
            let side = if at == 0 { &mut sides.from } else { &mut sides.to };
            if let Some(first) = side {
                let line = format!(
                    "{} and {} run the same name; the first counts",
                    place(first),
                    place(one)
                );
                found.left_out.push(line);
            } else {
                *side = Some(one);
            }
        }
    }
    let now_ms = asked.known.policy.now_ms;
    let newest = newest_versions(asked.known.evidence, asked.known.releases, now_ms);
    for (name, sides) in by_name {
        // Who was seen stands at a seam, whatever its image.
        match left_out(&sides).filter(|_| !seen.contains(&name)) {
            Some(line) => found.left_out.push(line),
            None => found.parts.push(part(asked, name, &sides, &newest)),
        }
    }
    found
}

/// A reader of messages that answers nobody is a worker, unless a manifest says what it is.
pub(super) fn tell_kind(components: &mut Components, seam: &Joint) {
    let is_reader = |part: &&mut Part| part.name == seam.reader && part.kind.is_none();
    let Some(part) = components.parts.iter_mut().find(is_reader) else { return };
    if seam.carries == Carries::Messages && !seam.answers_calls {
        part.kind =
            Some(("worker", "it was seen to take messages and to answer no calls".to_owned()));
    }
}

/// Everybody who was seen, by name.
fn seen(known: &Known<'_>) -> BTreeSet<String> {
    let both = known.evidence.iter().flat_map(|one| [&one.writer, &one.reader]);
    both.filter(|name| !name.trim().is_empty()).cloned().collect()
}

/// What is told of a workload that others meet by what lies in it, and not by its version.
fn left_out(sides: &Sides<'_>) -> Option<String> {
    let first = sides.each().next()?;
    let what = match first.image.role() {
        Role::Component => return None,
        Role::Database => {
            "a database: others meet its tables; add them by hand as a component with \
             kind = \"schema\""
        }
        Role::Carrier => "it carries what others write, and is no reader itself",
    };
    let versions: Vec<String> = sides.each().map(told).collect();
    Some(format!("`{}` is {}: {what}", excerpt(&first.name), versions.join(", then ")))
}

fn told(one: &Workload) -> String {
    let version = one.image.version.as_deref().unwrap_or("without a version");
    format!("{} {} ({})", one.image.name, excerpt(version), place(one))
}

/// The file and the line of a workload.
pub(super) fn place(one: &Workload) -> String {
    format!("{}:{}", excerpt(&one.file), one.line)
}

fn part(
    asked: &Asked<'_>,
    name: String,
    sides: &Sides<'_>,
    newest: &BTreeMap<String, String>,
) -> Part {
    let mut part = Part { name, ..Part::default() };
    let running = evidence_of(asked.known, &mut part, newest);
    versions(asked, &mut part, sides, running);
    for one in sides.each() {
        let also = one.aliases.iter().chain([&one.name]).filter(|name| **name != part.name);
        let also: String = also.map(|name| format!(", also `{}`", excerpt(name))).collect();
        part.notes.push(format!("{}{also}", told(one)));
    }
    // What is wanted says how it is moved, and what it runs with.
    let Some(last) = sides.to.or(sides.from) else {
        part.lingers = lingers(asked.known, &part, sides);
        return part;
    };
    part.notes.extend(company(last));
    part.kind = match last.runs {
        Runs::Always => None,
        Runs::Working => Some(("worker", format!("it is labelled so, {}", place(last)))),
        Runs::NowAndThen => Some(("job", format!("it runs now and then, {}", place(last)))),
    };
    let stops = last.stops_first.map(|words| format!("{words}, {}", place(last)));
    part.moves = stops.map(|words| ("at-once", words));
    part.lingers = lingers(asked.known, &part, sides);
    part
}

/// What a workload runs beside and after, which says nothing of versions that meet.
fn company(one: &Workload) -> Vec<String> {
    let listed =
        |texts: &[String]| texts.iter().map(|text| excerpt(text)).collect::<Vec<_>>().join(", ");
    let mut notes = Vec::new();
    if !one.beside.is_empty() {
        notes.push(format!("beside it runs {} ({})", listed(&one.beside), place(one)));
    }
    if !one.after.is_empty() {
        let (after, place) = (listed(&one.after), place(one));
        notes.push(format!(
            "it is started after {after} ({place}), which says nothing of the order of moves"
        ));
    }
    notes
}

/// Tells what the evidence knows of a component's versions, and gives the one that runs.
fn evidence_of(
    known: &Known<'_>,
    part: &mut Part,
    newest: &BTreeMap<String, String>,
) -> Option<String> {
    let running = newest.get(&part.name).filter(|version| !version.trim().is_empty()).cloned();
    let out = deployed::versions(known.evidence, known.releases, &part.name);
    if let Some(version) = &running {
        let is_it = |component: &str, one: &str| component == part.name && one == version;
        let released = known.releases.iter().filter(|one| is_it(&one.component, &one.version));
        let seen = known.evidence.iter().filter(|one| is_it(&one.writer, &one.version));
        let day = |moment_ms: i64| day_text(day_of(moment_ms));
        let what = match (released.map(|one| one.at_ms).max(), seen.map(|one| one.last_ms).max()) {
            (Some(at_ms), _) => format!("{} was released on {}", excerpt(version), day(at_ms)),
            (None, Some(at_ms)) => format!("{} was last seen on {}", excerpt(version), day(at_ms)),
            (None, None) => return running,
        };
        part.notes.push(what);
    }
    let older = out.iter().filter(|version| Some(*version) != running.as_ref());
    let older: Vec<String> = older.take(OLDER_MAX).map(|version| excerpt(version)).collect();
    if !older.is_empty() {
        part.notes.push(format!("{} still answered after that", older.join(", ")));
    }
    running
}

/// From what runs to what is wanted.
fn versions(asked: &Asked<'_>, part: &mut Part, sides: &Sides<'_>, running: Option<String>) {
    let of = |side: Option<&Workload>| side.and_then(|one| one.image.version.clone());
    let (from, to) = (of(sides.from), of(sides.to));
    if let (Some(from), Some(running)) = (&from, &running)
        && from != running
    {
        let (from, running) = (excerpt(from), excerpt(running));
        part.notes.push(format!("the manifest says {from}, and {running} is what was seen"));
    }
    let is_new = asked.from.is_some() && sides.from.is_none() && sides.to.is_some();
    let is_gone = asked.to.is_some() && sides.to.is_none() && sides.from.is_some();
    if is_new && running.is_none() {
        part.notes.push("it is new: nothing of it runs before".to_owned());
    } else if is_new {
        part.notes.push("no manifest has it among what runs".to_owned());
    }
    if is_gone {
        part.notes
            .push("no manifest has it among what is wanted; its end is not planned".to_owned());
    }
    let untold = sides.each().filter(|one| one.image.version.is_none());
    for one in untold {
        part.notes.push(format!("no tag and no digest tells its version, {}", place(one)));
    }
    let old = from.or(running).or_else(|| (!is_new).then(|| UNTOLD.to_owned()));
    part.versions = old.into_iter().chain(to).collect();
    if part.versions.is_empty() {
        part.versions.push(UNTOLD.to_owned());
    }
    part.versions.dedup();
    if part.versions.iter().any(|version| version == UNTOLD) {
        part.notes.push(format!("no version of it was told; `{UNTOLD}` stands for it"));
    }
}

/// How long old instances stay: as it was seen, or as the platform lets them.
fn lingers(known: &Known<'_>, part: &Part, sides: &Sides<'_>) -> Option<(String, String)> {
    let seen = observed::lingers(known, &part.name);
    if seen.limit.is_some() {
        return Some(("observed".to_owned(), seen.basis));
    }
    // Where the old version stops first, nobody meets those that are still stopping.
    let is_met = part.versions.len() > 1 && part.moves.is_none();
    let stops = sides.each().find(|one| one.grace_s.is_some_and(|seconds| seconds > 0))?;
    let words = format!("it may go on so long once it is told to stop, {}", place(stops));
    is_met.then(|| (format!("{}s", stops.grace_s.unwrap_or_default()), words))
}
