//! A rehearsal as a page for people, in Markdown.

use crate::rehearsal_document::{answer_word, stage_word};
use plumb_rehearse::back::Back;
use plumb_rehearse::report::{Report, Stage};
use plumb_rehearse::walk::Break;
use plumb_wire::markdown_text;

/// Letters of a foreign text; the document has all of it.
const LETTERS_MAX: usize = 300;

/// The page.
pub(crate) fn rehearsal_page(report: &Report) -> String {
    let (answer, reason) = report.answer();
    let mut page = format!("# Rehearsal: {}\n\n{reason}.\n", answer_word(answer));
    if report.stage != Stage::Finished {
        page.push_str(&format!("\nIt came as far as `{}`.\n", stage_word(report.stage)));
    }
    page.push_str(&format!(
        "\nPostgreSQL {}, time zone {} ({}).\n",
        code(&report.server),
        code(&report.timezone),
        report.timezone_from
    ));
    page.push_str(&steps(report));
    if let Some(one) = report.no_return() {
        let why = one.why.as_deref().unwrap_or_default();
        page.push_str(&format!(
            "\nFrom step {} on the old version cannot go on: {}\n",
            one.step,
            code(why)
        ));
    }
    let tried = [("Old statements", &report.tried), ("New statements", &report.code_first)];
    for (title, tried) in tried {
        if let Some(tried) = tried.as_ref().filter(|tried| !tried.breaks.is_empty()) {
            page.push_str(&breaks(title, &tried.breaks));
        }
    }
    if let Some(written) = &report.written {
        if !written.breaks.is_empty() {
            page.push_str(&breaks("Old statements on new rows", &written.breaks));
        }
        for one in &written.found {
            page.push_str(&format!(
                "\n- {}: {} in {} rows, {}",
                code(&format!("{}.{}", one.table, one.column)),
                one.kind,
                one.rows,
                code(&one.exhibit)
            ));
        }
        page.push('\n');
    }
    page.push_str(&way_back(report));
    if let Some(ledger) = &report.ledger {
        let starts = if ledger.starts { "would start" } else { "would not start" };
        page.push_str(&format!(
            "\nThe old version {starts} on the ledger of {}: {}.\n",
            ledger.tool.name(),
            ledger.why
        ));
    }
    for missing in report.uncovered() {
        page.push_str(&format!("\nNot looked at: {missing}\n"));
    }
    page
}

fn steps(report: &Report) -> String {
    let mut out = "\n| step | verdict | statement | locks | rewritten | scanned | took |\n\
                   |---|---|---|---|---|---|---|\n"
        .to_owned();
    for step in &report.steps {
        let locks: Vec<String> = step
            .locks
            .iter()
            .filter(|held| !held.relation.contains(':'))
            .map(|held| format!("{} {}", held.relation, held.lock.name()))
            .collect();
        out.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} ms |\n",
            step.number,
            step.verdict.name(),
            code(&step.text),
            listed(&locks),
            listed(&step.rewritten),
            listed(&step.scanned),
            step.took_us / 1_000,
        ));
    }
    out
}

fn code(text: &str) -> String {
    markdown_text::code(text, LETTERS_MAX)
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ")
}

fn breaks(title: &str, breaks: &[Break]) -> String {
    let mut out = format!(
        "\n## {title}\n\n| component | statement | level | error | after step |\n\
         |---|---|---|---|---|\n"
    );
    for one in breaks {
        let who = format!("{} {}", one.component, one.version);
        out.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            code(who.trim()),
            code(&one.statement),
            one.level as u8,
            code(&one.refusal.to_string()),
            one.after.map(|step| step.to_string()).unwrap_or_default(),
        ));
    }
    out
}

fn way_back(report: &Report) -> String {
    let told = [
        ("on empty tables", &report.way_back.empty),
        ("on old rows", &report.way_back.old_rows),
        ("on new rows", &report.way_back.new_rows),
    ];
    let mut out = String::new();
    for (where_to, back) in told {
        if let Some(back) = back {
            out.push_str(&format!("\nThe way back {where_to}: {}.\n", outcome(back)));
        }
    }
    out
}

fn outcome(back: &Back) -> String {
    match &back.failed {
        Some((file, line, why)) => {
            format!("fails at {} with {}", code(&format!("{file}:{line}")), code(&why.to_string()))
        }
        None if back.is_restored() => "restores the schema".to_owned(),
        None => format!("does not restore the schema: {}", listed(&back.differences.objects)),
    }
}
