//! `plumb compat`: what two versions of a contract break.

use crate::arguments::{Format, Global};
use crate::compat_arguments::CompatArguments;
use crate::documents::answer_name;
use crate::failure::{Code, Failure};
use crate::look::Look;
use crate::project::{Project, project};
use crate::render::{self, count, field, name};
use crate::report_file::tell_changes;
use crate::roomy::roomy;
use crate::terminal::Terminal;
use crate::weigh::{Judging, nothing_seen, seen};
use plumb_contract::change::{Change, Direction, Grade, Spot};
use plumb_contract::compare::Asked;
use plumb_contract::compared::Unread;
use plumb_contract::weighed::{Counts, Weighed, counts};
use plumb_engine::clock::{day_of, day_text};
use plumb_engine::contracts::{self, Contracts, Differences, Place};
use plumb_engine::deployed;
use plumb_engine::judge::Answer;
use plumb_engine::revision::Revision;
use plumb_engine::usage::{self, Scales};
use plumb_engine::versions::{self, Versions};
use plumb_gap::finding::Verdict;
use plumb_wire::changed::Changed;
use plumb_wire::compat_v1::{change_entry, compat_answer, compat_document};
use plumb_wire::harmless::harmless_short;
use std::collections::BTreeSet;
use std::path::Path;

/// Letters of a reason or a witness on its line; the document has all of it.
const TEXT_LETTERS_MAX: usize = 400;

/// Places that could not be read and are told unless the person asks for all.
const UNREAD_MAX: usize = 10;

pub(crate) fn compat(
    global: &Global,
    arguments: &CompatArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let asked_of = arguments.deployed.as_deref();
    let evidence = judging(&project, asked_of, arguments.no_evidence)?;
    let component = arguments.component.as_ref().unwrap_or(&project.config.project);
    let found = if arguments.seen {
        seen_versions(&evidence, component, arguments, &project)?
    } else {
        let pairs = pairs(&evidence, component, arguments)?;
        let bar = terminal.progress("comparing contracts", 0);
        let found = of_contracts(&pairs, &evidence, &project, arguments)?;
        bar.finish_and_clear();
        found
    };
    let (answer, reason) =
        contracts::decide(&found.changes, &found.unread, arguments.fail_on.into());
    let changed = Changed {
        old: &found.old,
        new: &found.new,
        contracts: found.contracts,
        changes: &found.changes,
        unread: &found.unread,
        answer: answer_name(answer),
        reason: &reason,
    };
    tell_changes(&arguments.reports, &changed, &project.config.project, terminal)?;
    tell(global.format, answer, &changed, terminal)?;
    Ok(if arguments.exit_zero { Code::Pass } else { answer.into() })
}

/// What came of the comparison, under the names that the person used.
struct Found {
    old: String,
    new: String,
    contracts: usize,
    changes: Vec<Weighed>,
    unread: Vec<Unread>,
}

/// The evidence that weighs changes and tells versions: that of an environment, or of the scope
/// that was asked for; none where it is not wanted.
fn judging(
    project: &Project,
    deployed: Option<&str>,
    is_unwanted: bool,
) -> Result<Judging, Failure> {
    if is_unwanted && deployed.is_none() {
        return Ok(nothing_seen().into_judging());
    }
    let mut project = project.clone();
    if let Some(environment) = deployed {
        project.environment = Some(environment.to_owned());
    }
    Ok(seen(&project)?.into_judging())
}

/// What two versions of a component were seen to write.
fn seen_versions(
    evidence: &Judging,
    component: &str,
    arguments: &CompatArguments,
    project: &Project,
) -> Result<Found, Failure> {
    let Judging { evidence, key, .. } = evidence;
    let named = |version: &Option<String>| version.clone().unwrap_or_default();
    let (old, new) = (named(&arguments.old), named(&arguments.new));
    let known = versions::known(evidence, component);
    for version in [&old, &new] {
        if !known.contains(version) {
            return Err(never_seen(component, version, &known));
        }
    }
    let both = Versions { component, old: &old, new: &new };
    let changes = versions::changes(evidence, both, &project.policy(), key);
    let name = |version: &str| format!("{component} {version}");
    let (old, new) = (name(&old), name(&new));
    Ok(Found { old, new, contracts: 0, changes, unread: Vec::new() })
}

fn never_seen(component: &str, version: &str, known: &BTreeSet<String>) -> Failure {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let help = if known.is_empty() {
        "tell versions while observing: `--release`, a header, or `plumb release record`; \
         another component is named with `--component`"
            .to_owned()
    } else {
        format!("it was seen at: {}", known.join(", "))
    };
    let what = format!("`{component}` was never seen at version `{version}`");
    Failure { code: Code::CannotTell, what, place: None, help: Some(help) }
}

/// The versions that meet, each old one with its name.
struct Pairs {
    old: Vec<(String, Place)>,
    new: (String, Place),
}

fn pairs(
    evidence: &Judging,
    component: &str,
    arguments: &CompatArguments,
) -> Result<Pairs, Failure> {
    let here = Path::new(".");
    let path = arguments.old.clone().unwrap_or_else(|| ".".to_owned());
    let inside = if path == "." { String::new() } else { path.clone() };
    let at = |name: &str, revision| {
        (format!("{name}:{inside}"), Place::Revision(revision, inside.clone()))
    };
    if let Some(base) = &arguments.base {
        let old = vec![at(base, Revision::find(here, base)?)];
        return Ok(Pairs { old, new: (path.clone(), place(&path)?) });
    }
    if let Some(environment) = &arguments.deployed {
        let Judging { evidence, releases, .. } = evidence;
        let versions = deployed::versions(evidence, releases, component);
        if versions.is_empty() {
            let what = format!("no release of `{component}` to `{environment}` is known");
            let help = "record releases with `plumb release record`, or name a revision: `--base`";
            let help = Some(help.to_owned());
            return Err(Failure { code: Code::CannotTell, what, place: None, help });
        }
        let mut old = Vec::new();
        for version in versions {
            let revision = deployed::revision(here, component, &version)?;
            old.push(at(&version, revision));
        }
        return Ok(Pairs { old, new: (path.clone(), place(&path)?) });
    }
    let new = arguments.new.clone().unwrap_or_else(|| ".".to_owned());
    Ok(Pairs { old: vec![(path.clone(), place(&path)?)], new: (new.clone(), place(&new)?) })
}

fn of_contracts(
    pairs: &Pairs,
    evidence: &Judging,
    project: &Project,
    arguments: &CompatArguments,
) -> Result<Found, Failure> {
    let new = contracts::gather(&pairs.new.1)?;
    let asked = asked(project, arguments);
    let mut all = Differences::default();
    for (_, place) in &pairs.old {
        let old = contracts::gather(place)?;
        let found = compared(&old, &new, &asked)?;
        all.contracts = all.contracts.max(found.contracts);
        all.compared.changes.extend(found.compared.changes);
        all.compared.unread.extend(found.compared.unread);
    }
    let mut changes = contracts::in_order(all.compared.changes);
    let mut unread = all.compared.unread;
    unread.sort();
    unread.dedup();
    if !arguments.no_evidence {
        let Judging { evidence, key, .. } = evidence;
        let policy = &project.policy();
        let readers = &arguments.readers;
        usage::weigh(&mut changes, &Scales { evidence, readers, policy, key });
        changes.sort_by_key(|one| one.change.grade);
    }
    let old: Vec<&str> = pairs.old.iter().map(|(name, _)| name.as_str()).collect();
    let new = pairs.new.0.clone();
    if all.contracts == 0 {
        let what = format!("no contract is in `{}` or `{new}`", old.join("`, `"));
        let help = "name a file; known are OpenAPI, JSON Schema, Avro and Protobuf".to_owned();
        return Err(Failure { code: Code::CannotTell, what, place: None, help: Some(help) });
    }
    Ok(Found { old: old.join(", "), new, contracts: all.contracts, changes, unread })
}

/// A path, or a revision and a path in it where no such path is there.
fn place(text: &str) -> Result<Place, Failure> {
    if let Some((revision, path)) = text.split_once(':')
        && !Path::new(text).exists()
    {
        let revision = Revision::find(Path::new("."), revision)?;
        return Ok(Place::Revision(revision, path.to_owned()));
    }
    Ok(Place::Disk(text.into()))
}

fn asked(project: &Project, arguments: &CompatArguments) -> Asked {
    Asked {
        reading: arguments.reading.into(),
        flow: arguments.writer.into(),
        protobuf: arguments.protobuf.into(),
        today: Some(day_text(day_of(project.as_of_ms))),
    }
}

/// Compares where there is room for schemas that lie deep one in another.
fn compared(old: &Contracts, new: &Contracts, asked: &Asked) -> Result<Differences, Failure> {
    roomy("the comparison", || contracts::compare(old, new, asked))
}

fn tell(
    format: Format,
    answer: Answer,
    changed: &Changed<'_>,
    terminal: Terminal,
) -> Result<(), Failure> {
    match format {
        Format::Text => {
            terminal.text(&text(terminal.out, answer, changed, terminal.is_verbose))?;
        }
        Format::Json => {
            terminal.data(format!("{:#}\n", compat_document(changed)).as_bytes())?;
        }
        Format::Ndjson => {
            let mut lines = String::new();
            for one in changed.changes {
                let mut entry = change_entry(one);
                entry["type"] = "change".into();
                lines.push_str(&format!("{entry}\n"));
            }
            let mut last = compat_answer(changed);
            last["type"] = "answer".into();
            terminal.data(format!("{lines}{last}\n").as_bytes())?;
        }
    }
    Ok(())
}

fn text(look: Look, answer: Answer, changed: &Changed<'_>, is_all: bool) -> String {
    let mut out = format!(
        "{}  {}  {}\n",
        render::answer(look, answer),
        look.strong(&format!("{} → {}", name(changed.old), name(changed.new))),
        harmless_short(changed.reason, TEXT_LETTERS_MAX),
    );
    let Counts { breaking, risky, safe } = counts(changed.changes);
    let contracts = match changed.contracts {
        0 => String::new(),
        some => format!("{} · ", count(some, "contract")),
    };
    let hidden = if safe > 0 && !is_all { " (`-v` shows them)" } else { "" };
    out.push_str(&format!(
        "{contracts}{breaking} breaking · {risky} risky · {safe} safe{hidden}\n"
    ));
    let shown = |one: &&Weighed| is_all || one.change.grade != Grade::Safe;
    let mut grade = None;
    for one in changed.changes.iter().filter(shown) {
        if grade != Some(one.change.grade) {
            grade = Some(one.change.grade);
            out.push('\n');
        }
        out.push_str(&line(look, one));
    }
    out.push_str(&not_read(look, changed.unread, is_all));
    out
}

/// One change in one line, with both places and the witness.
fn line(look: Look, weighed: &Weighed) -> String {
    let change = &weighed.change;
    let short = |text: &str| harmless_short(text, TEXT_LETTERS_MAX).into_owned();
    let mut parts = vec![
        grade(look, change.grade),
        look.strong(&name(&change.subject)),
        name(&change.place),
        short(&change.reason),
    ];
    if let Some(witness) = &change.witness {
        parts.push(format!("for example {}", short(witness)));
    }
    if let Some(usage) = weighed.usage {
        parts.push(format!("seen in {} of {} exchanges", usage.seen, usage.of));
    }
    parts.push(look.faint(writes(change.direction)));
    let places = places(change);
    if !places.is_empty() {
        parts.push(look.faint(&places));
    }
    parts.push(look.faint(change.rule));
    format!("{}\n", parts.join("  "))
}

const fn writes(direction: Direction) -> &'static str {
    match direction {
        Direction::OldWrites => "old writes, new reads",
        Direction::NewWrites => "new writes, old reads",
        Direction::Both => "both write, both read",
    }
}

fn places(change: &Change) -> String {
    let at = |spot: &Spot| format!("{}:{}", name(&spot.file), spot.line);
    match (&change.old, &change.new) {
        (Some(old), Some(new)) if old.file == new.file => {
            format!("{} → {}", at(old), new.line)
        }
        (Some(old), Some(new)) => format!("{} → {}", at(old), at(new)),
        (Some(one), None) => format!("{} → gone", at(one)),
        (None, Some(one)) => format!("new → {}", at(one)),
        (None, None) => String::new(),
    }
}

fn grade(look: Look, grade: Grade) -> String {
    let (mark, verdict) = match grade {
        Grade::Breaking => ("✖", Verdict::Broken),
        Grade::Risky => ("▲", Verdict::Drifted),
        Grade::Safe => ("●", Verdict::Holds),
    };
    look.verdict(verdict, &format!("{mark} {}", grade.name()))
}

fn not_read(look: Look, unread: &[Unread], is_all: bool) -> String {
    if unread.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{} could not be read:\n", count(unread.len(), "place"));
    let most = if is_all { usize::MAX } else { UNREAD_MAX };
    for one in unread.iter().take(most) {
        out.push_str(&format!("  {}:{}:{}\n", name(&one.file), one.line, one.column));
        out.push_str(&field(look, "why", &name(&one.reason)));
    }
    let more = unread.len().saturating_sub(most);
    if more > 0 {
        out.push_str(&format!("  and {more} more; `-v` shows all\n"));
    }
    out
}
