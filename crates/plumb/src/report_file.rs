//! Writes the reports that `check` was asked for, and what GitHub reads while it runs there.
//!
//! Refuses to decide anything.

use crate::failure::Failure;
use crate::report_request::{ReportKind, ReportRequest};
use crate::terminal::Terminal;
use plumb_engine::files;
use plumb_wire::changed::Changed;
use plumb_wire::changelog::changelog;
use plumb_wire::changes_report;
use plumb_wire::compat_v1::compat_document;
use plumb_wire::gap_v1::gap_document;
use plumb_wire::github::annotations;
use plumb_wire::gitlab::code_quality;
use plumb_wire::junit::junit;
use plumb_wire::markdown::summary;
use plumb_wire::reported::Reported;
use plumb_wire::sarif::{SarifRun, sarif};
use std::path::Path;

/// What stands beside a report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beside<'a> {
    /// The decision in a few words.
    pub(crate) conclusion: &'a str,
    /// Tells projects and environments apart.
    pub(crate) category: &'a str,
}

/// Writes one report, all of it or nothing.
pub(crate) fn write(
    request: &ReportRequest,
    reported: &Reported<'_>,
    beside: Beside<'_>,
) -> Result<(), Failure> {
    let text = match request.kind {
        ReportKind::Sarif => {
            let tool_version = env!("CARGO_PKG_VERSION");
            sarif(reported, &SarifRun { tool_version, category: beside.category })
        }
        ReportKind::Junit => junit(reported),
        ReportKind::Gitlab => code_quality(reported),
        ReportKind::Markdown => summary(reported, beside.conclusion),
        ReportKind::Json => gap_document(reported).to_json(),
    };
    Ok(files::write_whole(&request.path, text.as_bytes())?)
}

/// Writes every report on changes of contracts that was asked for, and tells GitHub.
pub(crate) fn tell_changes(
    requests: &[ReportRequest],
    changed: &Changed<'_>,
    category: &str,
    terminal: Terminal,
) -> Result<(), Failure> {
    for request in requests {
        let text = match request.kind {
            ReportKind::Sarif => {
                let tool_version = env!("CARGO_PKG_VERSION");
                changes_report::sarif(changed, &SarifRun { tool_version, category })
            }
            ReportKind::Junit => changes_report::junit(changed),
            ReportKind::Gitlab => changes_report::code_quality(changed),
            ReportKind::Markdown => changelog(changed),
            ReportKind::Json => format!("{:#}\n", compat_document(changed)),
        };
        files::write_whole(&request.path, text.as_bytes())?;
    }
    github(|| changes_report::annotations(changed), || changelog(changed), terminal)
}

/// Annotates code and adds to the summary of the job, where GitHub runs this.
pub(crate) fn tell_github(
    reported: &Reported<'_>,
    beside: Beside<'_>,
    terminal: Terminal,
) -> Result<(), Failure> {
    github(|| annotations(reported), || summary(reported, beside.conclusion), terminal)
}

/// Gives GitHub its annotations and the page for the summary of the job, where it runs this.
fn github(
    annotations: impl FnOnce() -> String,
    page: impl FnOnce() -> String,
    terminal: Terminal,
) -> Result<(), Failure> {
    if std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true") {
        terminal.complain(&annotations());
    }
    match std::env::var("GITHUB_STEP_SUMMARY") {
        Ok(path) if !path.is_empty() => Ok(files::append(Path::new(&path), page().as_bytes())?),
        _ => Ok(()),
    }
}
