//! `plumb scan`: what a repository takes for granted, dependency by dependency.

use crate::answer::{Written, document, next};
use crate::arguments::{Global, ScanArguments};
use crate::empty::no_claims;
use crate::failure::{Code, Failure};
use crate::look::Look;
use crate::project::project;
use crate::render::{Column, count, field, name, table};
use crate::render_finding::{said, title};
use crate::terminal::Terminal;
use crate::weigh::{Weighed, seen, weigh};
use plumb_gap::finding::Finding;
use plumb_gap::judged::ClaimReport;
use plumb_gap::rule::Rule;
use plumb_shape::claim::{Claim, Dialect};
use plumb_wire::scan_v1::{Scanned, scan_document};
use std::collections::{BTreeMap, BTreeSet};

/// Contradictions told unless the person asks for all.
const CONTRADICTIONS_MAX: usize = 10;

/// Places that could not be read and are told unless the person asks for all.
const UNREAD_MAX: usize = 5;

/// Dependencies in the table unless the person asks for all.
const ROWS_MAX: usize = 40;

pub(crate) fn scan(
    global: &Global,
    arguments: &ScanArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let folder = arguments.folder.as_ref().unwrap_or(&project.folder);
    let weighed = weigh(&project, folder, seen(&project)?, terminal)?;
    let is_judged = weighed.grounds.is_any_in_scope();
    let contradictions = contradictions(&weighed);
    let written = document(terminal, global.format, || {
        let unread = weighed.unread();
        let scanned = Scanned {
            claims: &weighed.claims,
            judged: is_judged.then_some(weighed.report.claims.as_slice()),
            unread: &unread,
            contradictions: &contradictions,
            accepted: &weighed.accepted,
        };
        serde_json::to_value(scan_document(&scanned)).unwrap_or_default()
    })?;
    if weighed.claims.is_empty() {
        terminal.note(&no_claims(terminal.err, &weighed, folder));
        return Ok(Code::Pass);
    }
    if written == Written::NotYet {
        terminal.text(&text(terminal.out, &weighed, &contradictions, terminal.is_verbose))?;
    }
    next(terminal, if is_judged { "plumb gap" } else { "plumb observe har FILE" });
    Ok(Code::Pass)
}

fn contradictions(weighed: &Weighed) -> Vec<Finding> {
    let findings = weighed.report.findings.iter();
    findings.filter(|one| one.rule == Rule::ClaimsContradict).cloned().collect()
}

fn text(look: Look, weighed: &Weighed, contradictions: &[Finding], is_all: bool) -> String {
    let rows = rows(weighed);
    let claims = count(weighed.claims.len(), "assumption");
    let title_line = format!(
        "{} about {} in {} (no network used)",
        look.strong(&claims),
        count(rows.len(), "dependency"),
        count(weighed.files, "file"),
    );
    let heading = [
        ("DEPENDENCY", Column::Left),
        ("SOURCES", Column::Left),
        ("ASSUMPTIONS", Column::Right),
        ("OBSERVED", Column::Right),
    ];
    let most = if is_all { usize::MAX } else { ROWS_MAX };
    let shown: Vec<Vec<String>> = rows.iter().take(most).map(Row::cells).collect();
    let mut out = format!("{title_line}\n\n{}", table(look, &heading, &shown));
    let more = rows.len().saturating_sub(most);
    if more > 0 {
        out.push_str(&format!("  and {more} more; `-v` shows all\n"));
    }
    out.push_str(&contradictions_text(look, contradictions, is_all));
    out.push_str(&unread_text(look, weighed, is_all));
    out
}

/// What is said about one dependency.
struct Row<'a> {
    writer: Option<&'a str>,
    dialects: BTreeMap<Dialect, BTreeSet<&'a str>>,
    claims: usize,
    observed: usize,
}

impl Row<'_> {
    fn cells(&self) -> Vec<String> {
        let sources = self.dialects.iter();
        let sources = sources.map(|(dialect, files)| format!("{} {}", dialect.name(), files.len()));
        let observed = match self.observed {
            0 => "never".to_owned(),
            some => format!("{some} of {}", self.claims),
        };
        vec![
            self.writer.map_or_else(|| "(not named)".to_owned(), name),
            sources.collect::<Vec<_>>().join(" · "),
            self.claims.to_string(),
            observed,
        ]
    }
}

/// Dependencies, those with the most assumptions first.
fn rows(weighed: &Weighed) -> Vec<Row<'_>> {
    let mut rows: BTreeMap<Option<&str>, Row<'_>> = BTreeMap::new();
    let judged: &[ClaimReport] = &weighed.report.claims;
    for (claim, judged) in weighed.claims.iter().zip(judged) {
        let Claim { writer, source, .. } = claim;
        let writer = writer.as_deref();
        let row = rows.entry(writer).or_insert_with(|| Row {
            writer,
            dialects: BTreeMap::new(),
            claims: 0,
            observed: 0,
        });
        row.dialects.entry(source.dialect).or_default().insert(&source.file);
        row.claims += 1;
        row.observed += usize::from(judged.exchanges > 0);
    }
    let mut rows: Vec<Row<'_>> = rows.into_values().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.claims));
    rows
}

fn contradictions_text(look: Look, all: &[Finding], is_all: bool) -> String {
    if all.is_empty() {
        return String::new();
    }
    let verb = if all.len() == 1 { "contradicts another" } else { "contradict each other" };
    let many = count(all.len(), "assumption");
    let mut out = format!("\n{many} {verb} already, no traffic needed:\n");
    let most = if is_all { usize::MAX } else { CONTRADICTIONS_MAX };
    for one in all.iter().take(most) {
        out.push_str(&title(look, one));
        out.push_str(&field(look, "at", &name(&one.place)));
        out.push_str(&field(look, "one", &said(&one.said)));
        let other = one.affects().first().map_or(String::new(), |place| format!("  {place}"));
        out.push_str(&field(look, "other", &format!("{}{}", name(&one.seen.text), name(&other))));
    }
    let more = all.len().saturating_sub(most);
    if more > 0 {
        out.push_str(&format!("and {more} more; `-v` shows all\n"));
    }
    out
}

fn unread_text(look: Look, weighed: &Weighed, is_all: bool) -> String {
    let all = &weighed.unread;
    if all.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{} could not be read:\n", count(all.len(), "place"));
    let most = if is_all { usize::MAX } else { UNREAD_MAX };
    for one in all.iter().take(most) {
        out.push_str(&format!("  {}:{}\n", name(&one.file), one.line));
        out.push_str(&field(look, "why", &name(&one.reason)));
        out.push_str(&field(look, "fix", &name(&one.remedy)));
    }
    let more = all.len().saturating_sub(most);
    if more > 0 {
        out.push_str(&format!("  and {more} more; `-v` shows all\n"));
    }
    out
}
