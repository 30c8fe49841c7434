//! The headline: five counts, and the gap with how much has not been seen at all. Shared by text
//! and Markdown, so that both say the same.
//!
//! Refuses to boil a report down to one number: no gap is written without the unseen share.

use plumb_gap::coverage::Gap;
use plumb_gap::finding::Verdict;
use plumb_gap::report::{Report, Summary};

/// What is said first of a report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Headline {
    /// The worst verdict of any claim or finding; unobserved when there is neither.
    pub verdict: Verdict,
    /// How many claims have each verdict.
    pub summary: Summary,
    /// The gap; `None` when no exchange of a claimed seam was seen.
    pub gap: Option<GapShares>,
    /// Exchanges that the gap is measured over.
    pub exchanges: u64,
    /// Exchanges of seams that nothing is said of.
    pub exchanges_unclaimed: u64,
}

/// The gap in shares of exchanges, each 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GapShares {
    /// The middle of the interval.
    pub share: f64,
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
    /// The estimated share of exchanges whose behaviour has not been seen at all.
    pub unseen: f64,
}

/// Every verdict, in the order in which counts are told: worst first.
pub const WORST_FIRST: [Verdict; 5] =
    [Verdict::Broken, Verdict::Drifted, Verdict::Holds, Verdict::Stale, Verdict::Unobserved];

/// The headline of a report.
#[must_use]
pub fn headline(report: &Report) -> Headline {
    let claims = report.claims.iter().map(|claim| claim.verdict);
    let findings = report.findings.iter().map(|finding| finding.verdict);
    Headline {
        verdict: claims.chain(findings).max().unwrap_or(Verdict::Unobserved),
        summary: report.summary(),
        gap: gap_shares(report.gap),
        exchanges: report.gap.exchanges,
        exchanges_unclaimed: report.exchanges_unclaimed,
    }
}

/// The shares of a gap; `None` without exchanges, since nothing seen is not nothing missing.
#[must_use]
pub fn gap_shares(gap: Gap) -> Option<GapShares> {
    let (share, low, high, unseen) = gap.shares();
    (gap.exchanges > 0).then_some(GapShares { share, low, high, unseen })
}

/// `✖ broken 1 · ▲ drifted 2 · ● holds 38 · ◷ stale 0 · ◌ unobserved 173`.
#[must_use]
pub fn counts_line(headline: &Headline) -> String {
    let count = |verdict: Verdict| {
        let count = count_of(&headline.summary, verdict);
        format!("{} {verdict} {count}", mark(verdict))
    };
    WORST_FIRST.map(count).join(" · ")
}

/// `gap 22 % of 41 exchanges carry something that no claim covers · unseen 4.9 %`, with the
/// interval where there is one.
#[must_use]
pub fn gap_line(headline: &Headline) -> String {
    let Some(gap) = headline.gap else {
        return "gap unknown: no exchange seen that a claim speaks of · unseen unknown".to_owned();
    };
    let interval = if gap.low < gap.high {
        format!(" ({} to {})", percent(gap.low), percent(gap.high))
    } else {
        String::new()
    };
    let noun = if headline.exchanges == 1 { "exchange" } else { "exchanges" };
    format!(
        "gap {}{interval} of {} {noun} carry something that no claim covers · unseen {}",
        percent(gap.share),
        headline.exchanges,
        percent(gap.unseen),
    )
}

/// The mark that stands beside a verdict's word, so that colour never carries it alone.
#[must_use]
pub const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Broken => "✖",
        Verdict::Drifted => "▲",
        Verdict::Holds => "●",
        Verdict::Stale => "◷",
        Verdict::Unobserved => "◌",
    }
}

/// A share as people read it, to a tenth of a percent. What is not nothing is never written as
/// `0 %`, and what is not all never as `100 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    const TENTH: f64 = 0.001;
    if share > 0.0 && share < TENTH {
        return "under 0.1 %".to_owned();
    }
    if share < 1.0 && share > 1.0 - TENTH {
        return "over 99.9 %".to_owned();
    }
    let written = format!("{:.1}", share * 100.0);
    format!("{} %", written.strip_suffix(".0").unwrap_or(&written))
}

const fn count_of(summary: &Summary, verdict: Verdict) -> usize {
    match verdict {
        Verdict::Broken => summary.broken,
        Verdict::Drifted => summary.drifted,
        Verdict::Holds => summary.holds,
        Verdict::Stale => summary.stale,
        Verdict::Unobserved => summary.unobserved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_gap::judged::ClaimReport;

    #[track_caller]
    fn check(gap: Gap, expected: &str) {
        let report = Report { gap, ..Report::default() };
        assert_eq!(gap_line(&headline(&report)), expected);
    }

    #[test]
    fn the_gap_never_stands_without_the_unseen() {
        check(
            Gap { low: 9, high: 9, exchanges: 41, seen_once: 2 },
            "gap 22 % of 41 exchanges carry something that no claim covers · unseen 4.9 %",
        );
        check(
            Gap { low: 1, high: 3, exchanges: 4, seen_once: 0 },
            "gap 50 % (25 % to 75 %) of 4 exchanges carry something that no claim covers \
             · unseen 0 %",
        );
        check(
            Gap::default(),
            "gap unknown: no exchange seen that a claim speaks of · unseen unknown",
        );
    }

    #[test]
    fn rounding_never_makes_nothing_or_all_of_something() {
        for (share, expected) in [
            (0.0, "0 %"),
            (0.000_1, "under 0.1 %"),
            (0.222, "22.2 %"),
            (0.999_9, "over 99.9 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(share), expected);
        }
    }

    #[test]
    fn nothing_known_is_unobserved() {
        let mut report = Report::default();
        assert_eq!(headline(&report).verdict, Verdict::Unobserved);
        let reason = String::new();
        report.claims = vec![ClaimReport { verdict: Verdict::Holds, reason, exchanges: 40 }];
        let all_well = headline(&report);
        assert_eq!(all_well.verdict, Verdict::Holds);
        let expected = "✖ broken 0 · ▲ drifted 0 · ● holds 1 · ◷ stale 0 · ◌ unobserved 0";
        assert_eq!(counts_line(&all_well), expected);
    }
}
