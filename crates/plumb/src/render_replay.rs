//! What came of a replay, for people.
//!
//! Refuses to judge, and to print.

use crate::look::Look;
use crate::mocks::mocked;
use crate::render::{Column, count, count_u64, name, table, thousands};
use crate::replay_document::Told;
use crate::terminal::Terminal;
use plumb_engine::replay::latency::Latency;
use plumb_engine::replay::report::{Basis, Difference, Doubt, Noise, Report, Verdict};
use plumb_gap::finding::Verdict as Coloured;
use std::collections::BTreeMap;

/// Differences that are shown unless more is asked for.
const DIFFERENCES_MAX: usize = 30;

/// Everything in words.
pub(crate) fn replayed(told: &Told<'_>, terminal: Terminal) -> String {
    let Told { reel, turns, report, mocked: dependencies } = told;
    let look = terminal.out;
    let mut text = headline(look, report);
    text.push_str(&differences(report, terminal));
    text.push_str(&quiet(report));
    text.push_str(&format!(
        "{} replayed, asked {} · latency deployed {} · candidate {}\n",
        count(reel.requests.len(), "request"),
        times(*turns),
        latency(&report.deployed),
        latency(&report.candidate),
    ));
    if reel.without_credentials > 0 {
        let requests = count_u64(reel.without_credentials, "request");
        text.push_str(&format!(
            "recorded credentials were left out of {requests}; `--header` brings fresh ones\n"
        ));
    }
    text.push_str(&reasons("left out", &reel.left_out));
    text.push_str(&reasons("not compared", &report.not_compared));
    for full in report.operations.iter().filter(|one| one.is_full) {
        let operation = name(&full.operation);
        text.push_str(&format!("compared by status alone, with too many places: {operation}\n"));
    }
    if let Some(served) = dependencies {
        text.push_str(&format!("dependencies: {}", mocked(served)));
    }
    text
}

fn headline(look: Look, report: &Report) -> String {
    let (mark, words) = match report.verdict {
        Verdict::Same => (Coloured::Holds, "● same"),
        Verdict::Different => (Coloured::Broken, "✖ different"),
        Verdict::CannotTell(_) => (Coloured::Unobserved, "◌ cannot tell"),
    };
    let mut parts = vec![
        count(report.differences.len(), "difference"),
        format!("{} compared", count_u64(report.compared, "answer")),
    ];
    parts.extend(match report.verdict {
        Verdict::CannotTell(Doubt::TooFew) => Some("too few to say".to_owned()),
        Verdict::CannotTell(Doubt::Refused) => {
            Some("most were 401 or 403, so nothing was seen behind the door".to_owned())
        }
        Verdict::CannotTell(Doubt::Interrupted) => Some("interrupted".to_owned()),
        Verdict::Same | Verdict::Different => None,
    });
    let mut text = format!("{}  {}\n", look.verdict(mark, words), parts.join(" · "));
    if report.basis == Basis::Recorded {
        text.push_str(
            "weaker: recorded answers stand for the deployed version, whose noise nobody knows; \
             values do not decide\n",
        );
    }
    text
}

fn differences(report: &Report, terminal: Terminal) -> String {
    if report.differences.is_empty() {
        return String::new();
    }
    let heading = [
        ("DIFFERENCE", Column::Left),
        ("OPERATION", Column::Left),
        ("PLACE", Column::Left),
        ("DEPLOYED", Column::Left),
        ("CANDIDATE", Column::Left),
        ("IN", Column::Right),
        ("OF", Column::Right),
    ];
    let row = |one: &Difference| {
        let aside = if one.decides(report.basis) { "" } else { " (aside)" };
        vec![
            format!("{}{aside}", one.kind.name()),
            name(&one.operation),
            name(&one.place),
            one.deployed.clone(),
            one.candidate.clone(),
            thousands(one.alone),
            thousands(one.of),
        ]
    };
    let most = if terminal.is_verbose { usize::MAX } else { DIFFERENCES_MAX };
    let rows: Vec<Vec<String>> = report.differences.iter().take(most).map(row).collect();
    let mut text = table(terminal.out, &heading, &rows);
    if report.differences.len() > most {
        text.push_str(&format!("and {} more; `-v` shows all\n", report.differences.len() - most));
    }
    text
}

/// What is no difference, and was not the same either.
fn quiet(report: &Report) -> String {
    let mut text = String::new();
    let worst = |noise: &Noise| {
        let (operation, place) = (name(&noise.operation), name(&noise.place));
        format!("{operation} {place} ({})", noise.aspect)
    };
    if let Some(first) = report.noise.first() {
        text.push_str(&format!(
            "{} left out as noise, worst {}: {} of {}\n",
            count(report.noise.len(), "place"),
            worst(first),
            thousands(first.unsteady),
            thousands(first.of),
        ));
    }
    if let Some(first) = report.undecided.iter().max_by_key(|noise| noise.alone) {
        text.push_str(&format!(
            "{} differed in the candidate alone, and too rarely to tell, most {}: {} of {}\n",
            count(report.undecided.len(), "place"),
            worst(first),
            thousands(first.alone),
            thousands(first.of),
        ));
    }
    text
}

fn reasons(head: &str, reasons: &BTreeMap<&'static str, u64>) -> String {
    let line = |(reason, count): (&&str, &u64)| format!("{head}: {} {reason}\n", thousands(*count));
    reasons.iter().map(line).collect()
}

fn times(turns: u64) -> String {
    if turns == 1 { "once".to_owned() } else { format!("{} times", thousands(turns)) }
}

fn latency(latency: &Latency) -> String {
    match (latency.percentile_ms(50), latency.percentile_ms(95)) {
        (Some(median), Some(p95)) => format!("{median:.1} ms, p95 {p95:.1} ms"),
        _ => "unknown".to_owned(),
    }
}
