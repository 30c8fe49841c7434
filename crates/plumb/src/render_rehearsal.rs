//! What came of a rehearsal, for people: verdicts first.
//!
//! Refuses to print and to decide.

use crate::look::Look;
use crate::render::{self, count, count_u64, field, name};
use plumb_engine::judge;
use plumb_gap::finding::Verdict as Shade;
use plumb_rehearse::back::Back;
use plumb_rehearse::freeze::Freeze;
use plumb_rehearse::report::{Answer, Report, Tried, Written};
use plumb_rehearse::step::{Step, Verdict};
use plumb_rehearse::walk::Break;
use plumb_wire::harmless::harmless_short;

/// Letters of a statement on its line; the document has all of it.
const TEXT_LETTERS_MAX: usize = 160;

/// Breaks of one kind that are told unless the person asks for all.
const BREAKS_MAX: usize = 20;

/// The whole answer.
pub(crate) fn rehearsal(look: Look, report: &Report, is_all: bool) -> String {
    let (answer, reason) = report.answer();
    let answer = match answer {
        Answer::Pass => judge::Answer::Pass,
        Answer::Refuse => judge::Answer::Refuse,
        Answer::CannotTell => judge::Answer::CannotTell,
    };
    let mut out = format!("{}  {}\n", render::answer(look, answer), short(&reason));
    out.push_str(&facts(look, report));
    out.push('\n');
    for step in &report.steps {
        out.push_str(&step_lines(look, step));
    }
    if let Some(freeze) = &report.freeze {
        out.push_str(&frozen(look, freeze));
    }
    if let Some(tried) = &report.tried {
        out.push_str(&statements(look, "old statements", tried, is_all));
    }
    if let Some(tried) = &report.code_first {
        out.push_str(&statements(look, "new statements on the old schema", tried, is_all));
    }
    if let Some(written) = &report.written {
        out.push_str(&new_rows(look, written, is_all));
    }
    out.push_str(&way_back(look, report));
    out.push_str(&old_version(report));
    out.push_str(&no_return(look, report));
    out.push_str(&remarks(report, is_all));
    out
}

fn short(text: &str) -> String {
    harmless_short(text, TEXT_LETTERS_MAX).into_owned()
}

fn facts(look: Look, report: &Report) -> String {
    let rows: u64 = report.tables.iter().map(|table| table.rows).sum();
    let role = report.role.as_deref().map(|role| format!(" · statements as {}", name(role)));
    let text = format!(
        "PostgreSQL {} · {} with {} · time zone {} ({}){}",
        name(&report.server),
        count(report.tables.len(), "table"),
        count_u64(rows, "row"),
        name(&report.timezone),
        report.timezone_from,
        role.unwrap_or_default(),
    );
    format!("{}\n", look.faint(&text))
}

fn step_lines(look: Look, step: &Step) -> String {
    let (mark, shade) = match step.verdict {
        Verdict::Harmless => ("●", Shade::Holds),
        Verdict::Brief => ("▲", Shade::Drifted),
        Verdict::Dangerous | Verdict::Failed => ("✖", Shade::Broken),
        Verdict::NotRun => ("◌", Shade::Unobserved),
    };
    let word = step.verdict.name().replace('-', " ");
    let mut out = format!(
        "{}  {}  {}\n",
        look.verdict(shade, &format!("{mark} {word}")),
        look.strong(&format!("{} {}:{}", step.number, name(&step.file), step.line)),
        short(&step.text),
    );
    if let Some(refused) = &step.failed {
        out.push_str(&field(look, "fails", &short(&refused.to_string())));
    }
    let did = did(step);
    if !did.is_empty() {
        out.push_str(&field(look, "does", &did));
    }
    out
}

/// What a step did, in one line.
fn did(step: &Step) -> String {
    let mut parts = Vec::new();
    for held in step.locks.iter().filter(|held| held.lock.is_blocking()) {
        let from = if held.is_from_before { ", held from before" } else { "" };
        parts.push(format!("{} on {}{from}", held.lock.name(), name(&held.relation)));
    }
    let listed = |names: &[String]| {
        let names = names.iter().filter(|one| !one.contains(':'));
        names.map(|one| name(one)).collect::<Vec<_>>().join(", ")
    };
    for (what, names) in [("rewrites", &step.rewritten), ("reads all of", &step.scanned)] {
        let names = listed(names);
        if !names.is_empty() {
            parts.push(format!("{what} {names}"));
        }
    }
    if !step.emptied.is_empty() {
        parts.push(format!("empties {}", listed(&step.emptied)));
    }
    if step.rows_changed > 0 {
        parts.push(format!("changes {}", count_u64(step.rows_changed, "row")));
    }
    if !step.unseen.is_empty() {
        parts.push(format!("not seen, for want of rows: {}", listed(&step.unseen)));
    }
    if step.is_size_dependent() {
        parts.push(time(step.took_us));
        if let Some(scaled) = step.scaled_us {
            parts.push(format!("about {} with all rows of the source", time(scaled)));
        }
    }
    parts.join(" · ")
}

/// Microseconds for people.
fn time(us: u64) -> String {
    match us {
        0..1_000 => "under 1 ms".to_owned(),
        1_000..10_000_000 => format!("{} ms", us / 1_000),
        _ => format!("{} s", us / 1_000_000),
    }
}

fn frozen(look: Look, freeze: &Freeze) -> String {
    let mut out = format!(
        "\n{}  step {} waits behind an idle transaction that holds {}\n",
        look.strong("freeze"),
        freeze.step,
        name(&freeze.table)
    );
    let idle = time(freeze.idle_us);
    let plain = format!("readers wait {}, as long as that lives ({idle})", time(freeze.frozen_us));
    out.push_str(&field(look, "plain", &plain));
    let given_up = if freeze.is_given_up { ", and the step has to be tried again" } else { "" };
    let careful = format!(
        "{} with lock_timeout {}{given_up}",
        time(freeze.frozen_with_timeout_us),
        time(freeze.lock_timeout_us)
    );
    out.push_str(&field(look, "careful", &careful));
    out
}

fn statements(look: Look, title: &str, tried: &Tried, is_all: bool) -> String {
    let mut out = format!(
        "\n{}  {} tried, {} run with parameters\n",
        look.strong(title),
        tried.tried,
        tried.executed
    );
    out.push_str(&breaks(look, &tried.breaks, is_all));
    if !tried.failing_before.is_empty() {
        out.push_str(&format!(
            "  not counted, since the old schema refuses them too: {}{}\n",
            count(tried.failing_before.len(), "statement"),
            if is_all { ":" } else { " (`-v` shows them)" }
        ));
        if is_all {
            out.push_str(&breaks(look, &tried.failing_before, is_all));
        }
    }
    for one in tried.untried.iter().take(if is_all { usize::MAX } else { 3 }) {
        let what = if one.statement.is_empty() { "line" } else { &one.statement };
        out.push_str(&format!(
            "  not tried: {} (line {}): {}\n",
            short(what),
            one.line,
            short(&one.why)
        ));
    }
    out
}

fn breaks(look: Look, breaks: &[Break], is_all: bool) -> String {
    let mut out = String::new();
    let most = if is_all { usize::MAX } else { BREAKS_MAX };
    for one in breaks.iter().take(most) {
        let who = format!("{} {}", name(&one.component), name(&one.version));
        let calls = one.calls.map(|calls| format!("  {}", count_u64(calls, "call")));
        out.push_str(&format!(
            "{}  {}{}{}\n",
            look.verdict(Shade::Broken, "✖ breaks"),
            if who.trim().is_empty() { String::new() } else { format!("{}  ", who.trim()) },
            short(&one.statement),
            calls.unwrap_or_default(),
        ));
        let level = match one.level as u8 {
            1 => "when it is prepared",
            2 => "when it is planned",
            3 => "when it runs",
            _ => "on connections that were open before",
        };
        let after = one.after.map(|step| format!(" after step {step}")).unwrap_or_default();
        let until = one.until.map(|step| format!(", until step {step}")).unwrap_or_default();
        let why = format!("{level}{after}{until}: {}", short(&one.refusal.to_string()));
        out.push_str(&field(look, "fails", &why));
    }
    if breaks.len() > most {
        out.push_str(&format!("  and {} more; `-v` shows all\n", breaks.len() - most));
    }
    out
}

fn new_rows(look: Look, written: &Written, is_all: bool) -> String {
    let mut out = format!(
        "\n{}  {} of the new version ran\n",
        look.strong("new rows"),
        count(written.ran, "write")
    );
    for one in &written.found {
        let place = format!("{}.{}", name(&one.table), name(&one.column));
        out.push_str(&format!(
            "{}  {}  {} in {}: {}\n",
            look.verdict(Shade::Broken, "✖ never read before"),
            look.strong(&place),
            one.kind,
            count_u64(one.rows, "row"),
            short(&one.exhibit),
        ));
    }
    out.push_str(&breaks(look, &written.breaks, is_all));
    for one in &written.failed {
        out.push_str(&format!("  did not run: {}: {}\n", short(&one.statement), short(&one.why)));
    }
    out
}

fn way_back(look: Look, report: &Report) -> String {
    let back = &report.way_back;
    let told = [
        ("on empty tables", &back.empty),
        ("on old rows", &back.old_rows),
        ("on new rows", &back.new_rows),
    ];
    let mut out = String::new();
    for (title, back) in told {
        if let Some(back) = back {
            let shade = if back.is_restored() { Shade::Holds } else { Shade::Broken };
            let mark = if back.is_restored() { "●" } else { "✖" };
            let head = look.verdict(shade, &format!("{mark} way back"));
            out.push_str(&format!("{head}  {title}: {}\n", outcome(back)));
        }
    }
    if out.is_empty() { out } else { format!("\n{out}") }
}

fn outcome(back: &Back) -> String {
    let listed = |names: &[String]| {
        let names = names.iter().take(6).map(|one| name(one));
        names.collect::<Vec<_>>().join(", ")
    };
    let mut text = match &back.failed {
        Some((file, line, why)) => {
            return format!("fails at {}:{line} with {}", name(file), short(&why.to_string()));
        }
        None if back.is_restored() => "the schema is as it was".to_owned(),
        None => listed(&back.differences.objects),
    };
    if !back.differences.reordered.is_empty() {
        let tables = listed(&back.differences.reordered);
        text.push_str(&format!("; columns stand in another order in {tables}"));
    }
    if !back.changed.is_empty() {
        text.push_str(&format!("; rows are not what they were in {}", listed(&back.changed)));
    }
    text
}

fn old_version(report: &Report) -> String {
    let mut out = String::new();
    if let Some(ledger) = &report.ledger {
        let starts = if ledger.starts { "would start" } else { "would not start" };
        out.push_str(&format!(
            "\nthe old version {starts} on the ledger of {} ({} unknown to it): {}\n",
            ledger.tool.name(),
            count(ledger.unknown.len(), "migration"),
            ledger.why
        ));
    }
    if let Some(boot) = &report.boot {
        let how = match (boot.starts, boot.code) {
            (true, None) => format!("stays up for {}", time(boot.watched_us)),
            (_, Some(code)) => format!("ends with {code} after {}", time(boot.watched_us)),
            (false, None) => "was ended by a signal".to_owned(),
        };
        out.push_str(&format!("\nthe old program, started on the new schema, {how}\n"));
    }
    out
}

fn no_return(look: Look, report: &Report) -> String {
    let Some(open) = report.no_return() else { return String::new() };
    let why = short(open.why.as_deref().unwrap_or_default());
    let head = look.strong(&format!("point of no return: step {}", open.step));
    format!("\n{head}  from here on the old version cannot go on: {why}\n")
}

fn remarks(report: &Report, is_all: bool) -> String {
    let mut out = String::new();
    for one in &report.unfilled {
        out.push_str(&format!("not filled: {}: {}\n", name(&one.table), short(&one.why)));
    }
    if is_all {
        for note in &report.notes {
            out.push_str(&format!("note: {}\n", short(note)));
        }
    }
    let uncovered = report.uncovered();
    if !uncovered.is_empty() {
        out.push_str(&format!("not looked at: {}\n", uncovered.join(", ")));
    }
    if out.is_empty() { out } else { format!("\n{out}") }
}
