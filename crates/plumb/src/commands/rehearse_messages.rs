//! `plumb rehearse messages`: messages of the new version, taken by the old worker.

use crate::answer::{Written, document, document_in};
use crate::arguments::Global;
use crate::documents::answer_name;
use crate::failure::{Code, Failure, outside, usage};
use crate::rehearse_arguments::MessageArguments;
use crate::render::{answer, count};
use crate::terminal::Terminal;
use plumb_engine::clock::now_ms;
use plumb_engine::judge::Answer;
use plumb_rehearse::messages::{
    MESSAGES_MAX, MessagePlan, MessageReport, Worked, rehearse_messages,
};
use plumb_wire::rfc3339::rfc3339;
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;

/// The version of the document.
const VERSION: u32 = 1;

/// Bytes of a file of messages at most.
const BYTES_MAX: u64 = 256 << 20;

pub(crate) fn messages(
    global: &Global,
    arguments: &MessageArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let plan = MessagePlan {
        messages: read(arguments)?,
        queue: arguments.queue.clone(),
        redis_server: arguments.redis_server.clone(),
        old_worker: arguments.old.clone(),
        new_worker: arguments.new.clone(),
        done: arguments.done.clone(),
        quiet: Duration::from_secs(arguments.silence),
        wait: Duration::from_secs(arguments.wait),
    };
    let bar = terminal.progress("rehearsing", 0);
    let report = rehearse_messages(&plan)?;
    bar.finish_and_clear();
    let (decided, reason) = decide(&report);
    let at_ms = global.as_of.unwrap_or_else(now_ms);
    let whole = || {
        json!({
            "version": VERSION,
            "at": rfc3339(at_ms),
            "answer": answer_name(decided),
            "reason": reason,
            "expected": report.expected(),
            "lost": report.lost(),
            "old": worked(&report.old),
            "new": report.new.as_ref().map(worked),
        })
    };
    document_in(arguments.answer.as_deref(), global.format, whole)?;
    if document(terminal, global.format, whole)? == Written::NotYet {
        let mut out = format!("{}  {reason}\n", answer(terminal.out, decided));
        out.push_str(&line("the old worker", &report.old));
        if let Some(new) = &report.new {
            out.push_str(&line("the new worker", new));
        }
        terminal.text(&out)?;
    }
    Ok(decided.into())
}

/// The messages of a file, one on each line.
fn read(arguments: &MessageArguments) -> Result<Vec<String>, Failure> {
    let shown = arguments.messages.display();
    let failed = |err| outside(format!("cannot read `{shown}`: {err}"), Some("check the path"));
    if fs::metadata(&arguments.messages).map_err(failed)?.len() > BYTES_MAX {
        let what = format!("`{shown}` has more than {BYTES_MAX} bytes");
        return Err(usage(what, "take fewer messages"));
    }
    let text = fs::read_to_string(&arguments.messages).map_err(failed)?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let messages: Vec<String> = lines.map(ToOwned::to_owned).collect();
    match messages.len() {
        0 => Err(usage(format!("`{shown}` holds no message"), "write one on each line")),
        more if more > MESSAGES_MAX => {
            let what = format!("`{shown}` holds more than {MESSAGES_MAX} messages");
            Err(usage(what, "take fewer messages"))
        }
        _ => Ok(messages),
    }
}

fn decide(report: &MessageReport) -> (Answer, String) {
    let expected = report.expected();
    let (lost, left) = (report.lost(), report.old.left);
    if report.is_without_measure() {
        let reason = "the new worker finished nothing of it, so there is nothing to compare with";
        return (Answer::CannotTell, reason.to_owned());
    }
    if report.new.is_some_and(|new| new.left > 0) {
        let reason = "the new worker did not take all messages, so there is too little to compare";
        return (Answer::CannotTell, reason.to_owned());
    }
    if lost > 0 {
        let of = count(expected, "piece of work");
        let emptied = if left == 0 { ", and the queue is empty" } else { "" };
        return (Answer::Refuse, format!("the old worker loses {lost} of {of}{emptied}"));
    }
    if left > 0 {
        let reason = format!("the old worker left {} on the queue", count(left, "message"));
        return (Answer::Refuse, reason);
    }
    (Answer::Pass, format!("the old worker finishes all of {}", count(expected, "piece of work")))
}

fn worked(worked: &Worked) -> Value {
    json!({
        "laid": worked.laid,
        "left": worked.left,
        "finished": worked.finished,
        "has_ended": worked.has_ended,
        "watched_ms": worked.watched_ms,
    })
}

fn line(who: &str, worked: &Worked) -> String {
    let ended = if worked.has_ended { ", and ended" } else { "" };
    format!(
        "  {who} took {} of {}, finished {}{ended}\n",
        worked.laid - worked.left,
        count(worked.laid, "message"),
        count(worked.finished, "piece of work"),
    )
}
