//! Markdown: the step summary of a CI job and the comment under a pull request.
//!
//! Both stay within what their hosts take, by leaving out whole rows and sections from the end and
//! saying so. Refuses to decide whether anything is posted, and to know where.

use crate::headline::{counts_line, gap_line, headline, mark};
use crate::markdown_text::{code, plain};
use crate::reported::{Reported, Unread};
use crate::rfc3339::rfc3339;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use plumb_gap::finding::Finding;

/// Bytes of a step summary: beyond 1,024 KiB GitHub drops all of it.
const SUMMARY_BYTES_MAX: usize = 900_000;

/// Bytes of a comment, which hold at most as many characters: GitHub takes 65,536 of those.
const COMMENT_BYTES_MAX: usize = 60_000;

/// Rows of the table; who needs more reads the document.
const ROWS_MAX: usize = 50;

/// Unread places told one by one.
const UNREAD_MAX: usize = 50;

/// Characters of a table cell.
const CELL_MAX: usize = 120;

/// Characters of a text in the details.
const TEXT_MAX: usize = 500;

/// Affected places told of one finding.
const AFFECTS_MAX: usize = 20;

/// Characters of the conclusion.
const CONCLUSION_MAX: usize = 300;

/// Characters of a comment's marker, so that it always fits.
const MARKER_MAX: usize = 200;

/// Bytes kept free for what is said of the parts left out.
const LEFT_OUT_BYTES: usize = 400;

/// The summary of a job. `conclusion` is what was made of the report, in a few words; empty when
/// nothing was.
#[must_use]
pub fn summary(reported: &Reported<'_>, conclusion: &str) -> String {
    page(reported, conclusion, String::new(), SUMMARY_BYTES_MAX)
}

/// The comment under a pull request, beginning with [`comment_marker`].
#[must_use]
pub fn comment(reported: &Reported<'_>, conclusion: &str, place: &str) -> String {
    page(reported, conclusion, comment_marker(place) + "\n", COMMENT_BYTES_MAX)
}

/// The hidden line by which a comment is found again. `place` tells projects and jobs apart.
#[must_use]
pub fn comment_marker(place: &str) -> String {
    let place: String = place.chars().take(MARKER_MAX).collect();
    format!("<!-- plumb {} -->", utf8_percent_encode(&place, NON_ALPHANUMERIC))
}

fn page(reported: &Reported<'_>, conclusion: &str, mut page: String, bytes_max: usize) -> String {
    page.push_str(&opening(reported, conclusion));
    let room = bytes_max.saturating_sub(LEFT_OUT_BYTES);
    let open: Vec<&Finding> = reported.open().collect();
    if !open.is_empty() {
        page.push_str("\n| | rule | seam | place | assumed | observed |\n");
        page.push_str("|---|---|---|---|---|---|\n");
        let rows = fill(&mut page, room, open.iter().take(ROWS_MAX).map(|one| row(one)));
        say_left_out(&mut page, open.len() - rows, "findings not in the table");
        page.push('\n');
        let told = fill(&mut page, room, open.iter().map(|one| details(one)));
        say_left_out(&mut page, open.len() - told, "findings without details");
    }
    let unread = unread_section(reported.unread);
    let told = fill(&mut page, room, unread.into_iter());
    if told == 0 && !reported.unread.is_empty() {
        say_left_out(&mut page, reported.unread.len(), "places could not be read");
    }
    page
}

/// Verdict, headline, and what they do not cover.
fn opening(reported: &Reported<'_>, conclusion: &str) -> String {
    let headline = headline(reported.report);
    let verdict = headline.verdict;
    let conclusion = if conclusion.is_empty() {
        String::new()
    } else {
        format!(": {}", plain(conclusion, CONCLUSION_MAX))
    };
    let (counts, gap) = (counts_line(&headline), gap_line(&headline));
    let accepted = reported.report.findings.len() - reported.open().count();
    let beside = [
        (headline.exchanges_unclaimed, "exchanges of operations that nothing is said of"),
        (reported.unread.len() as u64, "places in files that were not read"),
        (accepted as u64, "accepted findings, not shown"),
    ];
    let beside: Vec<String> = beside
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{what}: {count}"))
        .collect();
    let beside = if beside.is_empty() {
        String::new()
    } else {
        format!("\nBeside this: {}\n", beside.join(" · "))
    };
    format!("## {} {verdict}{conclusion}\n\n{counts}\n\n{gap}\n{beside}", mark(verdict))
}

/// Adds pieces as long as they fit; how many did.
fn fill(page: &mut String, room: usize, pieces: impl Iterator<Item = String>) -> usize {
    let mut filled = 0;
    for piece in pieces {
        if page.len() + piece.len() > room {
            break;
        }
        page.push_str(&piece);
        filled += 1;
    }
    filled
}

fn say_left_out(page: &mut String, count: usize, what: &str) {
    if count > 0 {
        page.push_str(&format!("\nand {count} {what}\n"));
    }
}

fn row(finding: &Finding) -> String {
    let cells = [
        format!("{} {}", mark(finding.verdict), finding.verdict),
        code(finding.rule.id(), CELL_MAX),
        code(&seam_text(finding), CELL_MAX),
        code(&finding.place, CELL_MAX),
        plain(&finding.said.text, CELL_MAX),
        plain(&finding.seen.text, CELL_MAX),
    ];
    format!("| {} |\n", cells.join(" | "))
}

fn seam_text(finding: &Finding) -> String {
    format!("{} {}", finding.seam.writer, finding.seam.operation).trim().to_owned()
}

fn details(finding: &Finding) -> String {
    let mut text = format!(
        "<details><summary>{} {} {}</summary>\n\n",
        mark(finding.verdict),
        finding.verdict,
        code(&finding.key(), TEXT_MAX),
    );
    for (name, told) in [
        ("assumed", assumed(finding)),
        ("observed", observed(finding)),
        ("affects", affects(finding)),
        ("do", plain(&finding.fix, TEXT_MAX)),
        ("more", code(&format!("plumb explain {}", finding.rule.id()), TEXT_MAX)),
    ] {
        if !told.is_empty() {
            text.push_str(&format!("- {name}: {told}\n"));
        }
    }
    text + "\n</details>\n"
}

fn assumed(finding: &Finding) -> String {
    let said = &finding.said;
    let text = plain(&said.text, TEXT_MAX);
    if said.file.is_empty() {
        return text;
    }
    format!("{text}, {}", code(&format!("{}:{}", said.file, said.line), TEXT_MAX))
}

fn observed(finding: &Finding) -> String {
    let seen = &finding.seen;
    let moment = |name: &str, time_ms: Option<i64>| {
        time_ms.and_then(rfc3339).map(|time| format!("{name} {time}"))
    };
    let version = seen.writer_version.as_deref().filter(|version| !version.is_empty());
    let since = seen.since_version.as_deref().filter(|since| Some(*since) != version);
    let parts = [
        Some(plain(&seen.text, TEXT_MAX)),
        moment("first", seen.first_ms),
        moment("last", seen.last_ms),
        moment("last good", seen.last_good_ms),
        since.map(|version| format!("since version {}", code(version, CELL_MAX))),
        version.map(|version| format!("version {}", code(version, CELL_MAX))),
        seen.are_literals_withheld.then(|| "values withheld".to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn affects(finding: &Finding) -> String {
    let all = finding.affects();
    let told = all.iter().take(AFFECTS_MAX).map(|place| code(place, TEXT_MAX));
    let mut told: Vec<String> = told.collect();
    let more = all.len().saturating_sub(AFFECTS_MAX);
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    told.join(", ")
}

/// What could not be read, as one section; nothing when all was.
fn unread_section(unread: &[Unread<'_>]) -> Option<String> {
    if unread.is_empty() {
        return None;
    }
    let mut text = format!("<details><summary>{} not read</summary>\n\n", unread.len());
    for one in unread.iter().take(UNREAD_MAX) {
        let place = code(&format!("{}:{}", one.file, one.line), TEXT_MAX);
        let (reason, remedy) = (plain(one.reason, TEXT_MAX), plain(one.remedy, TEXT_MAX));
        text.push_str(&format!("- {place}: {reason}; {remedy}\n"));
    }
    say_left_out(&mut text, unread.len().saturating_sub(UNREAD_MAX), "more");
    Some(text + "\n</details>\n")
}
