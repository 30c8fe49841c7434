//! A judged rollout for people.
//!
//! Refuses to decide.

use crate::look::Look;
use crate::render::{count, count_u64, name};
use plumb_engine::analysis::recorded::Recorded;
use plumb_gap::finding;
use plumb_rollout::body::Meaning;
use plumb_rollout::judgement::Difference;
use plumb_rollout::verdict::Verdict;
use plumb_traffic::reading::Unread;
use plumb_wire::harmless::harmless;
use plumb_wire::judged::{Judged, difference, doubt, fact_words, sentence};

/// Differences and places of noise that are told at most.
const TOLD_MAX: usize = 20;

/// Places of a capture that are told at most.
const UNREAD_TOLD: usize = 20;

/// The whole answer, the sentence first.
pub(crate) fn text(look: Look, judged: &Judged<'_>) -> String {
    let judgement = judged.judgement;
    let mut out = format!("{}  {}\n", word(look, judgement.verdict), sentence(judged));
    for one in &judgement.doubts {
        out.push_str(&format!("  careful   {}\n", doubt(judged, one)));
    }
    let lines = |out: &mut String, head: &str, all: &[&Difference]| {
        for one in all.iter().take(TOLD_MAX) {
            out.push_str(&format!("  {head:<8}  {}\n", difference(judged, one)));
        }
        if all.len() > TOLD_MAX {
            out.push_str(&look.faint(&format!("            and {} more\n", all.len() - TOLD_MAX)));
        }
    };
    let of = |meaning: Meaning| -> Vec<&Difference> {
        judgement.differs.iter().filter(|one| one.meaning == meaning).collect()
    };
    // The first one stands in the sentence.
    lines(&mut out, "worse", &judgement.worse.iter().skip(1).collect::<Vec<_>>());
    lines(&mut out, "harm?", &of(Meaning::Harm));
    lines(&mut out, "changed", &of(Meaning::Change));
    lines(&mut out, "added", &of(Meaning::Addition));
    out.push_str(&circumstances(look, judged));
    out
}

/// What was not looked at, and could not be.
pub(crate) fn unseen(look: Look, recorded: &Recorded) -> String {
    let line = |what: &&str| look.faint(&format!("  not seen  {what}\n"));
    recorded.unseen.iter().map(line).collect()
}

/// What the answer rests on.
fn circumstances(look: Look, judged: &Judged<'_>) -> String {
    let judgement = judged.judgement;
    let mut out = String::new();
    let (asked, (low, high)) = judgement.share;
    let asked =
        asked.map_or_else(String::new, |share| format!(", of {:.1} % asked", 100.0 * share));
    if judgement.failures.canary.units > 0 {
        out.push_str(&format!(
            "  share     {:.1} to {:.1} % of {}s{asked}\n",
            100.0 * low,
            100.0 * high,
            judged.unit
        ));
    }
    if judgement.dispersion > 1.0 {
        out.push_str(&format!(
            "  bursts    failures come {:.1} at a time, and each counts that much less\n",
            judgement.dispersion
        ));
    }
    for (operation, fact) in judgement.noise.iter().take(TOLD_MAX) {
        let line = format!("  noise     {} at {}\n", fact_words(fact), harmless(operation));
        out.push_str(&look.faint(&line));
    }
    out
}

/// Mark and word of a verdict.
pub(crate) fn word(look: Look, verdict: Verdict) -> String {
    let (mark, as_finding) = match verdict {
        Verdict::Promote => ("●", finding::Verdict::Holds),
        Verdict::CannotTell => ("◌", finding::Verdict::Unobserved),
        Verdict::Hold => ("◐", finding::Verdict::Drifted),
        Verdict::RollBack | Verdict::Freeze => ("✖", finding::Verdict::Broken),
    };
    look.verdict(as_finding, &format!("{mark} {}", verdict.word()))
}

/// What was read, and what could not be.
pub(crate) fn account(look: Look, recorded: &Recorded) -> String {
    let account = recorded.account;
    let mut parts = vec![count_u64(account.taken, "event")];
    let mut part = |number: u64, words: &str| {
        if number > 0 {
            parts.push(format!("{number} {words}"));
        }
    };
    part(account.others, "of other versions");
    part(account.nameless, "that name no version");
    part(account.elsewhere, "of other components");
    part(account.alone, "where only one of both versions was seen");
    part(account.without_time, "without a time that is understood");
    part(account.late, "too late for their moment");
    let mut out = format!("{}\n", look.faint(&parts.join(" · ")));
    for (file, unread) in recorded.unread.iter().filter(|(_, unread)| unread.lines > 0) {
        let lines = usize::try_from(unread.lines).unwrap_or(usize::MAX);
        out.push_str(&format!("{} of {} not read\n", count(lines, "line"), name(file)));
        for (line, reason) in &unread.first {
            out.push_str(&format!("  line {line}: {}\n", harmless(reason)));
        }
    }
    for (file, reading) in recorded.readings.iter().filter(|(_, one)| one.unread_total > 0) {
        let pieces = usize::try_from(reading.unread_total).unwrap_or(usize::MAX);
        out.push_str(&format!("{} of {} not read\n", count(pieces, "place"), name(file)));
        for unread in reading.unread.iter().take(UNREAD_TOLD) {
            let Unread { place, reason, remedy } = unread;
            out.push_str(&format!("  {place}: {}; {remedy}\n", harmless(reason)));
        }
    }
    for (what, times) in recorded.readings.iter().flat_map(|(_, reading)| &reading.notes) {
        let times = usize::try_from(*times).unwrap_or(usize::MAX);
        out.push_str(&look.faint(&format!("{} {what}\n", count(times, "time"))));
    }
    out
}
