//! Writes the reports that `check` was asked for, and what GitHub reads while it runs there.
//!
//! Refuses to decide anything.

use crate::failure::Failure;
use crate::report_request::{ReportKind, ReportRequest};
use crate::terminal::Terminal;
use plumb_engine::files;
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

/// Annotates code and adds to the summary of the job, where GitHub runs this.
pub(crate) fn tell_github(
    reported: &Reported<'_>,
    beside: Beside<'_>,
    terminal: Terminal,
) -> Result<(), Failure> {
    if std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true") {
        terminal.complain(&annotations(reported));
    }
    match std::env::var("GITHUB_STEP_SUMMARY") {
        Ok(path) if !path.is_empty() => {
            let page = summary(reported, beside.conclusion);
            Ok(files::append(Path::new(&path), page.as_bytes())?)
        }
        _ => Ok(()),
    }
}
