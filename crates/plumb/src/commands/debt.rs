//! `plumb debt`: what is kept for somebody old, and what of it can go.

use crate::answer::{Written, document, next};
use crate::arguments::{DebtArguments, Global};
use crate::failure::{Code, Failure, outside, usage};
use crate::look::Look;
use crate::project::project;
use crate::render::{count, count_u64, moment, name, name_or};
use crate::terminal::Terminal;
use crate::weigh::seen_where;
use plumb_engine::debt::file::{DEBT_FILE, Debt, Use, read};
use plumb_engine::debt::{Owed, State, judge};
use plumb_gap::finding::Verdict;
use plumb_wire::harmless::harmless;
use plumb_wire::rfc3339::rfc3339;
use serde_json::{Value, json};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The version of the document.
const VERSION: u32 = 1;

/// Bytes of a file of debts; people write a few thousand.
const BYTES_MAX: u64 = 1 << 20;

pub(crate) fn debt(
    global: &Global,
    arguments: &DebtArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let path = arguments.file.as_deref().unwrap_or_else(|| Path::new(DEBT_FILE));
    let debts = debts(path, arguments.file.is_some())?;
    let evidence = seen_where(&project, &arguments.server)?.into_evidence();
    let policy = project.policy();
    let mut all: Vec<(Debt, Owed)> = debts
        .into_iter()
        .map(|debt| {
            let owed = judge(&debt, &evidence, &policy);
            (debt, owed)
        })
        .collect();
    all.sort_by_key(|(_, owed)| owed.state);
    let entries = || -> Vec<Value> { all.iter().map(|(debt, owed)| entry(debt, owed)).collect() };
    let whole = || json!({ "version": VERSION, "debts": entries() });
    if document(terminal, global.format, whole)? == Written::Done {
        return Ok(Code::Pass);
    }
    if all.is_empty() {
        terminal.note(&format!("Nothing is owed: there is no entry in `{}`.\n", path.display()));
        next(terminal, "plumb plan --help");
        return Ok(Code::Pass);
    }
    let removable = all.iter().filter(|(_, owed)| owed.state == State::Removable).count();
    let mut out = format!("{} of {} can go now\n", removable, count(all.len(), "debt"));
    for (debt, owed) in &all {
        out.push_str(&lines(terminal.out, debt, owed));
    }
    terminal.text(&out)?;
    Ok(Code::Pass)
}

/// The debts of a file; none where nobody named one and there is none.
fn debts(path: &Path, is_named: bool) -> Result<Vec<Debt>, Failure> {
    let shown = path.display();
    let failed = |err: std::io::Error| {
        outside(format!("cannot read `{shown}`: {err}"), Some("name a file of debts"))
    };
    match fs::metadata(path) {
        Err(err) if err.kind() == ErrorKind::NotFound && !is_named => return Ok(Vec::new()),
        Err(err) => return Err(failed(err)),
        Ok(metadata) if metadata.len() > BYTES_MAX => {
            let what = format!("`{shown}` has more than {BYTES_MAX} bytes");
            return Err(usage(what, "is it a file of debts at all? one has a few lines"));
        }
        Ok(_) => {}
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    Ok(read(&shown.to_string(), &text)?)
}

const fn state_word(state: State) -> &'static str {
    match state {
        State::Removable => "removable",
        State::Waiting => "waiting",
        State::InUse => "in-use",
        State::Unobserved => "unobserved",
    }
}

fn entry(debt: &Debt, owed: &Owed) -> Value {
    let (version, operation, place) = match &debt.used {
        Use::Version(version) => (Some(version), None, None),
        Use::Operation(operation) => (None, Some(operation), None),
        Use::Place(operation, place) => (None, Some(operation), Some(place)),
    };
    let text = |text: Option<&String>| text.map(|text| harmless(text).into_owned());
    json!({
        "what": harmless(&debt.what),
        "state": state_word(owed.state),
        "component": harmless(&debt.component),
        "used_version": text(version),
        "operation": text(operation),
        "place": text(place),
        "owner": harmless(&debt.owner),
        "because": text(debt.because.as_ref()),
        "unused_for_s": debt.unused_for_ms / 1_000,
        "opened": debt.opened_ms.map(rfc3339),
        "last_used": owed.used_ms.map(rfc3339),
        "due": owed.due_ms.map(rfc3339),
        "uses": owed.uses,
        "of": owed.of,
        "users": owed.users.iter().map(|user| harmless(user)).collect::<Vec<_>>(),
    })
}

/// One debt: its state and what it is, then what is known of its use.
fn lines(look: Look, debt: &Debt, owed: &Owed) -> String {
    let (mark, verdict, word) = match owed.state {
        State::Removable => ("●", Verdict::Holds, "can go"),
        State::Waiting => ("▲", Verdict::Drifted, "not yet"),
        State::InUse => ("✖", Verdict::Broken, "in use"),
        State::Unobserved => ("◌", Verdict::Unobserved, "nobody looks"),
    };
    let state = look.verdict(verdict, &format!("{mark} {word}"));
    let mut out = format!("\n{state}  {}  {}\n", look.strong(&name(&debt.what)), name(&debt.owner));
    let used = match owed.used_ms {
        None => format!("never used in {}", count_u64(owed.of, "exchange")),
        Some(used) => {
            let users: Vec<String> =
                owed.users.iter().map(|user| name_or(user, "callers without a name")).collect();
            format!(
                "used in {} of {}, last {} by {}",
                owed.uses,
                count_u64(owed.of, "exchange"),
                moment(used),
                users.join(", "),
            )
        }
    };
    out.push_str(&format!("  {used}\n"));
    if let (State::Waiting | State::InUse, Some(due)) = (owed.state, owed.due_ms) {
        let due = moment(due);
        out.push_str(&format!("  may go when nobody is seen to use it until {due}\n"));
    }
    if let Some(because) = &debt.because {
        out.push_str(&format!("  {}\n", look.faint(&name(because))));
    }
    out
}
