//! Home: what would break? Refuses to know what else there is to see.

use crate::address::{Address, View};
use crate::parts::{count, empty, percent, plural, since, table, text, verdict};
use crate::row::FindingRow;
use crate::shown::{Asked, Shown, data};
use maud::{Markup, html};
use plumb_gap::finding::Verdict;
use plumb_wire::headline::headline;
use serde::Serialize;

/// Findings that are shown at once.
const WORST_MAX: usize = 10;

/// The classes of age, each with the days that it ends before.
const AGES: [(i64, &str); 4] =
    [(1, "within a day"), (7, "within a week"), (30, "within a month"), (i64::MAX, "older")];

const DAY_MS: i64 = 86_400_000;

#[derive(Serialize)]
struct Home {
    sentence: String,
    verdict: &'static str,
    holds: usize,
    drifted: usize,
    broken: usize,
    stale: usize,
    unobserved: usize,
    gap: Option<f64>,
    unseen: Option<f64>,
    exchanges: u64,
    exchanges_unclaimed: u64,
    accepted: usize,
    unread: usize,
    findings: usize,
    worst: Vec<FindingRow>,
    ages: Vec<AgeClass>,
}

#[derive(Serialize)]
struct AgeClass {
    age: &'static str,
    seams: usize,
}

/// What would break?
pub(crate) fn home(asked: Asked<'_>) -> Shown {
    let home = gather(asked);
    Shown {
        view: View::Home,
        title: "What would break?".to_owned(),
        how: "Every assumption that the project's files hold was compared with the newest evidence \
              of what it speaks of. The gap is the share of exchanges that carry something no \
              assumption covers; unseen is Good and Turing's estimate of the share of behaviour \
              that nobody has met yet.",
        command: "plumb gap".to_owned(),
        data: data(&home),
        body: draw(&home, asked),
    }
}

fn gather(asked: Asked<'_>) -> Home {
    let survey = asked.survey;
    let headline = headline(&survey.report);
    let summary = headline.summary;
    let findings = &survey.report.findings;
    let open = findings.iter().filter(|one| !survey.accepted.contains_key(&one.key()));
    let worst: Vec<FindingRow> =
        open.take(WORST_MAX).map(|one| FindingRow::of(one, survey)).collect();
    let seams = &survey.report.seams;
    let class_of = |last_ms: i64| {
        let days = survey.as_of_ms.saturating_sub(last_ms) / DAY_MS;
        AGES.iter().position(|(up_to, _)| days < *up_to).unwrap_or(AGES.len() - 1)
    };
    let mut ages = AGES.map(|(_, age)| AgeClass { age, seams: 0 });
    for last_ms in seams.iter().filter_map(|one| one.total.last_ms) {
        ages[class_of(last_ms)].seams += 1;
    }
    let worst_verdict = [
        (summary.broken, Verdict::Broken),
        (summary.drifted, Verdict::Drifted),
        (summary.stale, Verdict::Stale),
        (summary.unobserved, Verdict::Unobserved),
        (summary.holds, Verdict::Holds),
    ];
    let verdict = worst_verdict.iter().find(|(count, _)| *count > 0);
    Home {
        sentence: sentence(&worst_verdict),
        verdict: verdict.map_or(Verdict::Unobserved, |(_, verdict)| *verdict).name(),
        holds: summary.holds,
        drifted: summary.drifted,
        broken: summary.broken,
        stale: summary.stale,
        unobserved: summary.unobserved,
        gap: headline.gap.map(|gap| gap.share),
        unseen: headline.gap.map(|gap| gap.unseen),
        exchanges: survey.report.gap.exchanges,
        exchanges_unclaimed: survey.report.exchanges_unclaimed,
        accepted: survey.accepted.len(),
        unread: survey.unread,
        findings: findings.len(),
        worst,
        ages: ages.into(),
    }
}

/// One sentence about all of it. What nobody has seen is never told as good.
fn sentence(counts: &[(usize, Verdict)]) -> String {
    let all: usize = counts.iter().map(|(count, _)| count).sum();
    let of = |verdict| counts.iter().find(|(_, it)| *it == verdict).map_or(0, |(count, _)| *count);
    let assumptions = plural(all, "assumption");
    match (of(Verdict::Broken), of(Verdict::Drifted), of(Verdict::Holds)) {
        _ if all == 0 => "Nothing is taken for granted here that could be compared.".to_owned(),
        (0, 0, 1) if all == 1 => "The only assumption holds.".to_owned(),
        (0, 0, holds) if holds == all => format!("All of {assumptions} hold."),
        (0, 0, holds) => {
            format!("Nothing is known to be broken; {holds} of {assumptions} are known to hold.")
        }
        (0, drifted, _) => format!("{drifted} of {assumptions} have drifted; none is broken."),
        (broken, 0, _) => format!("{broken} of {assumptions} are broken."),
        (broken, drifted, _) => {
            format!("{broken} of {assumptions} are broken, and {drifted} have drifted.")
        }
    }
}

fn draw(home: &Home, asked: Asked<'_>) -> Markup {
    let survey = asked.survey;
    if survey.is_empty() {
        let what = "Nothing was observed and nothing is taken for granted yet. Bring a capture, \
                    or put Plumb beside your tests:";
        return empty(what, "plumb observe har traffic.har\nplumb observe run -- npm test");
    }
    let counts = [
        ("broken", home.broken),
        ("drifted", home.drifted),
        ("stale", home.stale),
        ("unobserved", home.unobserved),
        ("holds", home.holds),
    ];
    html! {
        p.headline { (verdict(home.verdict)) " " (home.sentence) }
        ul.counts {
            @for (word, count_of) in counts {
                li { b { (count(u64::try_from(count_of).unwrap_or(0))) } (verdict(word)) }
            }
        }
        (gap_line(home))
        h2 { "Worst first" }
        (worst(home, asked))
        h2 { "How old is the evidence?" }
        (ages(home))
    }
}

fn gap_line(home: &Home) -> Markup {
    html! {
        p {
            @match (home.gap, home.unseen) {
                (Some(gap), Some(unseen)) => {
                    "Gap " b { (percent(gap)) } " of " (count(home.exchanges))
                    " exchanges; about " b { (percent(unseen)) }
                    " of what happens has not been seen at all."
                }
                _ => { "No exchange was seen of anything that is taken for granted." }
            }
            @if home.exchanges_unclaimed > 0 {
                " " (count(home.exchanges_unclaimed))
                    " exchanges are of seams that nothing is said of."
            }
        }
        @if home.accepted > 0 || home.unread > 0 {
            p.quiet {
                @if home.accepted > 0 { (plural(home.accepted, "finding")) " lived with. " }
                @if home.unread > 0 { (plural(home.unread, "place")) " in files could not be read: "
                    code { "plumb scan" } " tells which." }
            }
        }
    }
}

fn worst(home: &Home, asked: Asked<'_>) -> Markup {
    if home.worst.is_empty() {
        return html! { p { "There is no open finding." } };
    }
    let head = html! {
        th scope="col" { "Verdict" } th scope="col" { "What" } th scope="col" { "Where" }
        th scope="col" { "Since" }
    };
    let rows = html! {
        @for row in &home.worst {
            tr {
                td { (verdict(row.verdict)) }
                th scope="row" {
                    a href=(Address::finding(&row.key).href(asked.links)) { (text(&row.seen)) }
                    br; span.quiet { (row.rule) }
                }
                td { (text(&row.operation)) br; span.quiet { (text(&row.place)) } }
                td { (since(asked.survey.as_of_ms, row.first_ms)) }
            }
        }
    };
    html! {
        (table("The worst open findings", head, rows))
        p { a href=(View::Findings.plain().href(asked.links)) {
            "All findings (" (count(u64::try_from(home.findings).unwrap_or(0))) ")"
        } }
    }
}

fn ages(home: &Home) -> Markup {
    let head = html! {
        @for class in &home.ages { th scope="col" { (class.age) } }
    };
    let rows = html! {
        tr { @for class in &home.ages { td { (plural(class.seams, "seam")) } } }
    };
    table("Seams by the age of their newest exchange", head, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_has_seen_is_not_told_as_good() {
        let of = |broken, drifted, unobserved, holds| {
            sentence(&[
                (broken, Verdict::Broken),
                (drifted, Verdict::Drifted),
                (unobserved, Verdict::Unobserved),
                (holds, Verdict::Holds),
            ])
        };
        assert_eq!(of(0, 0, 0, 3), "All of 3 assumptions hold.");
        let unknown = "Nothing is known to be broken; 2 of 3 assumptions are known to hold.";
        assert_eq!(of(0, 0, 1, 2), unknown);
        assert_eq!(of(1, 0, 1, 1), "1 of 3 assumptions are broken.");
        assert!(of(0, 0, 0, 0).starts_with("Nothing is taken for granted"));
    }
}
