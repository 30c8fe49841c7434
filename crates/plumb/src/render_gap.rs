//! The headline and the findings of a report, for people.
//!
//! Refuses to boil a report down to one number.

use crate::look::Look;
use crate::render::{count, count_u64, field, name_or, thousands, verdict};
use crate::render_finding::finding;
use crate::weigh::Weighed;
use plumb_gap::finding::{Finding, Verdict};
use plumb_gap::judged::SeamReport;
use plumb_wire::headline::{Headline, percent};
use std::collections::{BTreeMap, BTreeSet};

/// Findings told in full unless the person asks for all.
pub(crate) const FINDINGS_MAX: usize = 20;

/// The two lines of the headline: five counts; the gap, never without what is unseen.
pub(crate) fn headline(look: Look, headline: &Headline) -> String {
    let summary = &headline.summary;
    let counts = [
        (Verdict::Broken, summary.broken),
        (Verdict::Drifted, summary.drifted),
        (Verdict::Holds, summary.holds),
        (Verdict::Stale, summary.stale),
        (Verdict::Unobserved, summary.unobserved),
    ];
    let counts = counts.map(|(word, number)| {
        let text = format!("{} {number}", verdict(Look { is_coloured: false, ..look }, word));
        if number == 0 { look.faint(&text) } else { look.verdict(word, &text) }
    });
    format!("{}\n{}\n", counts.join("   "), gap_line(headline))
}

fn gap_line(headline: &Headline) -> String {
    let unclaimed = match headline.exchanges_unclaimed {
        0 => String::new(),
        some => format!(" · {} at seams nobody speaks of", count_u64(some, "exchange")),
    };
    let Some(gap) = headline.gap else {
        return format!("gap unknown: no exchange seen that a claim speaks of{unclaimed}");
    };
    let interval = if gap.low < gap.high {
        format!(" ({} to {})", percent(gap.low), percent(gap.high))
    } else {
        String::new()
    };
    format!(
        "gap {}{interval} of {} {} something no claim covers · about {} of behaviours \
         unseen{unclaimed}",
        percent(gap.share),
        count_u64(headline.exchanges, "exchange"),
        if headline.exchanges == 1 { "carries" } else { "carry" },
        percent(gap.unseen),
    )
}

/// The findings, worst first, at most so many; accepted ones only when all are asked for.
pub(crate) fn findings(look: Look, weighed: &Weighed, most: usize) -> String {
    let is_all = most == usize::MAX;
    let accepted = &weighed.accepted;
    let (lived_with, open): (Vec<&Finding>, Vec<&Finding>) =
        weighed.report.findings.iter().partition(|one| accepted.contains_key(&one.key()));
    let mut out = String::new();
    for one in open.iter().take(most) {
        out.push('\n');
        out.push_str(&finding(look, one, None));
    }
    if is_all {
        for one in &lived_with {
            out.push('\n');
            out.push_str(&finding(look, one, accepted.get(&one.key())));
        }
    }
    if is_all {
        out.push_str(&headers_new(look, &weighed.report.seams));
    }
    let more = open.len().saturating_sub(most);
    if more > 0 {
        let more = u64::try_from(more).unwrap_or(u64::MAX);
        out.push_str(&format!("\nand {} more; `-v` shows all\n", thousands(more)));
    }
    if !lived_with.is_empty() && !is_all {
        out.push_str(&format!(
            "\n{} accepted; `-v` shows them\n",
            count(lived_with.len(), "finding")
        ));
    }
    if !weighed.ended.is_empty() {
        let ended = count(weighed.ended.len(), "acceptance");
        out.push_str(&format!("\n{ended} ended and counted again\n"));
    }
    out
}

/// For each provider, the housekeeping headers that no claim mentions: no findings, and no secret.
fn headers_new(look: Look, seams: &[SeamReport]) -> String {
    let mut by_writer: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in seams.iter().filter(|one| !one.headers_new.is_empty()) {
        let names = by_writer.entry(&one.seam.writer).or_default();
        names.extend(one.headers_new.iter().map(String::as_str));
    }
    let told = by_writer.into_iter().map(|(writer, names)| {
        let writer = name_or(writer, "responses");
        let title = format!("{writer}: {} no claim mentions", count(names.len(), "header"));
        let names: Vec<String> = names.into_iter().map(|name| name_or(name, "-")).collect();
        format!("\n{}\n{}", title, field(look, "headers", &names.join(", ")))
    });
    told.collect()
}
