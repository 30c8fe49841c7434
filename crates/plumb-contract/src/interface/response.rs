//! Answers by status: which description stands for which status, and what clients do with one that
//! they never met.
//!
//! Refuses to know media types and headers.

use crate::interface::findings::{Findings, Told};
use crate::interface::meeting::Meeting;
use crate::interface::model::{Operation, Response, Status};
use crate::interface::rule::{self, Rule};
use crate::interface::{content, header};
use crate::openapi::schema::Side;
use std::collections::BTreeSet;

/// Compares the answers that a server writes with those that its clients read.
pub(crate) fn compare<'t>(findings: &mut Findings<'_, 't>, meeting: &Meeting<'_, 't>) {
    let (client, server) = (meeting.client, meeting.server);
    let both = client.responses.keys().chain(server.responses.keys());
    let statuses: BTreeSet<Status> = both.copied().collect();
    let has_new_success = statuses.iter().any(|status| {
        is_success(*status)
            && governing(client, *status).is_none()
            && governing(server, *status).is_some()
    });
    for status in statuses {
        let place = format!("response {status}");
        match (governing(client, status), governing(server, status)) {
            (Some(read), Some(written)) => {
                header::compare(findings, meeting, &place, (read, written));
                content::compare_answers(findings, meeting, &place, (read, written));
            }
            (None, Some(written)) => added(findings, meeting, status, written),
            (Some(_), None) if is_success(status) && has_new_success => {}
            (Some(read), None) => removed(findings, meeting, status, read),
            (None, None) => {}
        }
    }
}

/// The description that stands for a status: its own, its class's, or the default.
fn governing<'o, 't>(operation: &'o Operation<'t>, status: Status) -> Option<&'o Response<'t>> {
    let class = match status {
        Status::Exactly(code) => Some(Status::Class(code / 100)),
        _ => None,
    };
    let ways = [Some(status), class, Some(Status::Default)];
    ways.into_iter().flatten().find_map(|status| operation.responses.get(&status))
}

fn is_success(status: Status) -> bool {
    matches!(status, Status::Exactly(200..=299) | Status::Class(2))
}

fn added<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    status: Status,
    written: &Response<'t>,
) {
    let rule = match status {
        _ if is_success(status) => &rule::STATUS_SUCCESS_ADDED,
        Status::Exactly(100..=199) | Status::Class(1) => &rule::STATUS_INTERIM_ADDED,
        _ => &rule::STATUS_ADDED,
    };
    let what = format!("nothing that clients know stands for {}", shown(status));
    let (client, server) = (meeting.client.at, written.at);
    tell(findings, meeting, (rule, status, what), Some(client), Some(server));
}

fn removed<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    status: Status,
    read: &Response<'t>,
) {
    let left = meeting.server.responses.keys();
    let is_success_left = left.copied().any(|it| is_success(it) || it == Status::Default);
    let rule = match (is_success(status), is_success_left) {
        (false, _) => &rule::STATUS_REMOVED,
        (true, true) => &rule::STATUS_SUCCESS_REMOVED,
        (true, false) => &rule::STATUS_SUCCESS_GONE,
    };
    let what = format!("{} is not answered any more", shown(status));
    let (client, server) = (read.at, meeting.server.at);
    tell(findings, meeting, (rule, status, what), Some(client), Some(server));
}

fn shown(status: Status) -> String {
    match status {
        Status::Default => "any other status".to_owned(),
        status => format!("status {status}"),
    }
}

fn tell<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    (rule, status, what): (&'static Rule, Status, String),
    client: Option<crate::openapi::document::Spot<'t>>,
    server: Option<crate::openapi::document::Spot<'t>>,
) {
    let place = format!("response {status}");
    findings.tell(meeting, Told { rule, side: Side::Response, place, client, server, what });
}
