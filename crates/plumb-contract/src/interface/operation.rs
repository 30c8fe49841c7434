//! What happens to an operation as a whole: that it comes, goes, is announced to go, or gives its
//! path another name.
//!
//! Refuses to know its parts.

use crate::change::{Change, Direction};
use crate::interface::findings::{Findings, Told};
use crate::interface::matching::Way;
use crate::interface::meeting::Meeting;
use crate::interface::model::{Operation, Role};
use crate::interface::rule::{self, Rule};
use crate::interface::{content, parameter, response, security, server};
use crate::openapi::schema::Side;

/// Compares one operation in both versions, part by part.
pub(crate) fn compare<'t>(findings: &mut Findings<'_, 't>, meeting: &Meeting<'_, 't>, way: Way) {
    path(findings, meeting, way);
    life(findings, meeting);
    parameter::compare(findings, meeting);
    content::compare_bodies(findings, meeting);
    response::compare(findings, meeting);
    security::compare(findings, meeting);
    if way == Way::Path {
        server::compare(findings, meeting);
    }
}

/// Tells that only the old version has an operation.
pub(crate) fn removed(findings: &mut Findings<'_, '_>, old: &Operation<'_>) {
    let rule = match old.role {
        Role::Served => &rule::OPERATION_REMOVED,
        Role::Called if old.within.starts_with("webhook ") => &rule::WEBHOOK_REMOVED,
        Role::Called => &rule::CALLBACK_REMOVED,
    };
    let announced = match &old.sunset {
        Some(day) => format!("the operation is gone, as announced for {day}"),
        None if old.is_deprecated => "the operation is gone after it was deprecated".to_owned(),
        None => "the operation is gone".to_owned(),
    };
    lone(findings, old, rule, announced);
}

/// Tells that only the new version has an operation.
pub(crate) fn added(findings: &mut Findings<'_, '_>, new: &Operation<'_>) {
    let rule = match new.role {
        Role::Served => &rule::OPERATION_ADDED,
        Role::Called if new.within.starts_with("webhook ") => &rule::WEBHOOK_ADDED,
        Role::Called => &rule::CALLBACK_ADDED,
    };
    lone(findings, new, rule, "the operation is new".to_owned());
}

fn lone(findings: &mut Findings<'_, '_>, it: &Operation<'_>, rule: &Rule, what: String) {
    let is_new = rule.id.ends_with("-added");
    let place = Some(it.at.place());
    let (old, new) = if is_new { (None, place) } else { (place, None) };
    let direction = match it.role {
        Role::Served => Direction::OldWrites,
        Role::Called => Direction::NewWrites,
    };
    findings.changes.push(Change {
        grade: rule.grade,
        rule: rule.id,
        subject: it.subject(),
        place: "operation".to_owned(),
        direction,
        old,
        new,
        reason: format!("{what}: {}", rule.why),
        witness: None,
    });
}

fn path<'t>(findings: &mut Findings<'_, 't>, meeting: &Meeting<'_, 't>, way: Way) {
    let (client, server) = (&meeting.client.path, &meeting.server.path);
    if way == Way::Covered {
        let what = format!("`{}` is gone, and `{}` covers it", client.text, server.text);
        tell(findings, meeting, &rule::OPERATION_TEMPLATED, what);
    } else {
        for (client, server) in client.names.iter().zip(&server.names) {
            if client != server {
                let (old, new) = meeting.by_age(client, server);
                let what = format!("`{{{old}}}` is called `{{{new}}}` now");
                tell(findings, meeting, &rule::PATH_PARAMETER_RENAMED, what);
            }
        }
    }
}

fn life<'t>(findings: &mut Findings<'_, 't>, meeting: &Meeting<'_, 't>) {
    let (old, new) = meeting.by_age(meeting.client, meeting.server);
    match (old.is_deprecated, new.is_deprecated) {
        (false, true) => {
            let until = new.sunset.as_ref().map(|day| format!(" until {day}"));
            let what = format!("it is deprecated{}", until.unwrap_or_default());
            tell(findings, meeting, &rule::OPERATION_DEPRECATED, what);
        }
        (true, false) => {
            let what = "it is not deprecated any more".to_owned();
            tell(findings, meeting, &rule::OPERATION_RESTORED, what);
        }
        _ => {}
    }
    let Some(day) = &new.sunset else { return };
    if findings.asked.today.as_ref().is_some_and(|today| is_before(day, today)) {
        let what = format!("its sunset on {day} has passed");
        tell(findings, meeting, &rule::OPERATION_SUNSET_PASSED, what);
    }
    if let Some(told) = old.sunset.as_ref().filter(|told| is_before(day, told)) {
        let what = format!("its sunset moved from {told} to {day}");
        tell(findings, meeting, &rule::OPERATION_SUNSET_EARLIER, what);
    }
}

/// Whether one day as `2026-11-21`, with or without a time behind it, comes before another.
fn is_before(one: &str, other: &str) -> bool {
    let day = |text: &str| {
        let day: String = text.trim().chars().take(10).collect();
        let shape = day.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
        (shape.collect::<Vec<u8>>() == b"0000-00-00").then_some(day)
    };
    matches!((day(one), day(other)), (Some(one), Some(other)) if one < other)
}

fn tell<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    rule: &'static Rule,
    what: String,
) {
    let (client, server) = (Some(meeting.client.at), Some(meeting.server.at));
    let place = "operation".to_owned();
    findings.tell(meeting, Told { rule, side: Side::Request, place, client, server, what });
}
