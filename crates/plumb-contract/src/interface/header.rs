//! Headers of answers: which of them clients may rely on.
//!
//! Refuses to know bodies, and what schemas admit.

use crate::interface::findings::{Findings, Schemas, Told, Writing};
use crate::interface::meeting::Meeting;
use crate::interface::model::{Parameter, Response};
use crate::interface::rule::{self, Rule};
use crate::interface::wire::{differing, kinds};
use crate::openapi::schema::Side;

/// Compares the headers that a server writes with those that its clients read.
pub(crate) fn compare<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    place: &str,
    (read, written): (&Response<'t>, &Response<'t>),
) {
    for known in &read.headers {
        let place = format!("{place} header {}", known.name);
        let same = |it: &&Parameter<'_>| it.name == known.name;
        let Some(sent) = written.headers.iter().find(same) else {
            let (rule, what) = if known.is_required {
                (&rule::HEADER_REMOVED, "the header is gone")
            } else {
                (&rule::HEADER_UNSENT, "the header, which could be absent, is gone")
            };
            let (client, server) = (Some(known.at), Some(written.at));
            let what = what.to_owned();
            findings
                .tell(meeting, Told { rule, side: Side::Response, place, client, server, what });
            continue;
        };
        both(findings, meeting, place, (known, sent));
    }
    for sent in &written.headers {
        if !read.headers.iter().any(|it| it.name == sent.name) {
            let (client, server) = (Some(read.at), Some(sent.at));
            let place = format!("{place} header {}", sent.name);
            let (rule, what) = (&rule::HEADER_ADDED, "clients know no such header".to_owned());
            findings
                .tell(meeting, Told { rule, side: Side::Response, place, client, server, what });
        }
    }
}

fn both<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    place: String,
    (known, sent): (&Parameter<'t>, &Parameter<'t>),
) {
    let mut say = |rule: &'static Rule, what: String| {
        let (client, server) = (Some(known.at), Some(sent.at));
        let place = place.clone();
        findings.tell(meeting, Told { rule, side: Side::Response, place, client, server, what });
    };
    match (known.is_required, sent.is_required) {
        (true, false) => say(&rule::HEADER_OPTIONAL, "the header may be absent".to_owned()),
        (false, true) => say(&rule::HEADER_REQUIRED, "the header is always there".to_owned()),
        _ => {}
    }
    let interface = if meeting.is_called() { findings.old } else { findings.new };
    let written = kinds(interface, sent.schema.as_ref());
    let carriages = [known.carriage, sent.carriage];
    if known.media != sent.media {
        let what = "the header's value is in another format".to_owned();
        let (client, server) = (Some(known.at), Some(sent.at));
        let rule = &rule::HEADER_STYLE;
        findings.tell(meeting, Told { rule, side: Side::Response, place, client, server, what });
        return;
    }
    if let Some(kind) = differing(sent.location, carriages, written) {
        let what = format!("{kind} is written in another style than it is read");
        let (client, server) = (Some(known.at), Some(sent.at));
        let (rule, place) = (&rule::HEADER_STYLE, place.clone());
        findings.tell(meeting, Told { rule, side: Side::Response, place, client, server, what });
    }
    let writing = if sent.media.is_some() { Writing::Json } else { Writing::Text };
    let (client, server) = (known.schema.as_ref(), sent.schema.as_ref());
    let schemas = Schemas { client, server, spots: (known.at, sent.at), writing };
    findings.ask(meeting, Side::Response, place, &schemas);
}
