//! `plumb rollout lint`: gates of platforms that cannot fail.
//!
//! Refuses to know any platform.

use crate::answer::{Written, document};
use crate::arguments::Global;
use crate::failure::{Code, Failure, outside};
use crate::look::Look;
use crate::rollout_arguments::LintArguments;
use crate::terminal::Terminal;
use plumb_engine::files;
use plumb_engine::gates::finding::{Finding, Linted};
use plumb_engine::gates::{GATES_BYTES_MAX, lint as look_at};
use plumb_wire::harmless::harmless;
use serde_json::{Value, json};
use std::io::Read as _;

pub(crate) fn lint(
    global: &Global,
    arguments: &LintArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let mut read = Vec::new();
    for path in &arguments.files {
        let name = path.display().to_string();
        let mut bytes = Vec::new();
        files::open(path)?
            .take(GATES_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(|err| outside(format!("cannot read `{name}`: {err}"), None))?;
        if bytes.len() as u64 > GATES_BYTES_MAX {
            let help = "name the files that hold gates one by one";
            let what = format!("`{name}` has more than {} MiB", GATES_BYTES_MAX >> 20);
            return Err(outside(what, Some(help)));
        }
        read.push((name, bytes));
    }
    let linted = look_at(&read);
    if document(terminal, global.format, || linted_document(&linted))? == Written::NotYet {
        terminal.text(&text(terminal.out, &linted))?;
    }
    Ok(if !linted.findings.is_empty() {
        Code::Refuse
    } else if linted.gates == 0 || !linted.unread.is_empty() {
        Code::CannotTell
    } else {
        Code::Pass
    })
}

fn linted_document(linted: &Linted) -> Value {
    let finding = |one: &Finding| {
        json!({
            "file": harmless(&one.file),
            "line": one.line,
            "column": one.column,
            "rule": one.rule,
            "subject": harmless(&one.subject),
            "what": harmless(&one.what),
            "why": one.why,
            "help": one.help,
        })
    };
    let unread = |(file, line, reason): &(String, u32, String)| {
        json!({
            "file": harmless(file),
            "line": line,
            "reason": harmless(reason),
        })
    };
    json!({
        "version": 1,
        "gates": linted.gates,
        "findings": linted.findings.iter().map(finding).collect::<Vec<_>>(),
        "left_out": linted.left_out,
        "unread": linted.unread.iter().map(unread).collect::<Vec<_>>(),
    })
}

fn text(look: Look, linted: &Linted) -> String {
    let mut out = String::new();
    for one in &linted.findings {
        let place = format!("{}:{}:{}", harmless(&one.file), one.line, one.column);
        out.push_str(&format!(
            "{place}: {}: {}\n  {}\n  {}\n  help: {}\n",
            look.strong(one.rule),
            harmless(&one.subject),
            harmless(&one.what),
            one.why,
            one.help
        ));
    }
    if linted.left_out > 0 {
        out.push_str(&format!("and {} more\n", linted.left_out));
    }
    for (file, line, reason) in &linted.unread {
        out.push_str(&format!(
            "{}:{line}: could not be read: {}\n",
            harmless(file),
            harmless(reason)
        ));
    }
    let (gates, found) = (linted.gates, linted.findings.len());
    let told = match (gates, found) {
        (0, _) => "no gate was found: no analysis of Argo and no canary of Flagger".to_owned(),
        (_, 0) => format!("{gates} gates were looked at, and each can fail"),
        _ => format!("{gates} gates were looked at, with {found} findings"),
    };
    out.push_str(&format!("{told}\n"));
    out
}
