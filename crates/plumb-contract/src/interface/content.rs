//! Bodies: in which media types they are written and read, and how the members of forms are.
//!
//! Refuses to know what schemas admit.

use crate::interface::findings::{Findings, Schemas, Told, Writing};
use crate::interface::meeting::Meeting;
use crate::interface::model::{Body, Carriage, Encoding, Location, Media, Response, Style};
use crate::interface::rule::{self, Rule};
use crate::interface::wire::{Kinds, differing};
use crate::openapi::document::Spot;
use crate::openapi::schema::Side;

/// How members of forms are written where nothing is said of them.
const USUAL: Carriage =
    Carriage { style: Style::Form, is_exploded: true, allows_reserved: false, allows_empty: false };

/// Compares the body that clients send with the one that the server reads.
pub(crate) fn compare_bodies<'t>(findings: &mut Findings<'_, 't>, meeting: &Meeting<'_, 't>) {
    match (&meeting.client.body, &meeting.server.body) {
        (Some(sent), Some(read)) => bodies(findings, meeting, (sent, read)),
        (None, Some(read)) => {
            let (rule, what) = if read.is_required {
                (&rule::BODY_REQUIRED_ADDED, "a body is required, and clients know none")
            } else {
                (&rule::BODY_ADDED, "clients know of no body")
            };
            let spots = (Some(meeting.client.at), Some(read.at));
            tell(
                findings,
                meeting,
                (Side::Request, "request body"),
                (rule, what.to_owned()),
                spots,
            );
        }
        (Some(sent), None) => {
            let what = "no body is described where it is read".to_owned();
            let spots = (Some(sent.at), Some(meeting.server.at));
            let (rule, at) = (&rule::BODY_REMOVED, (Side::Request, "request body"));
            tell(findings, meeting, at, (rule, what), spots);
        }
        (None, None) => {}
    }
}

/// Compares the body that a server answers with the one that its clients read.
pub(crate) fn compare_answers<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    place: &str,
    (read, written): (&Response<'t>, &Response<'t>),
) {
    let at = (Side::Response, place);
    let spots = (Some(read.at), Some(written.at));
    if read.content.is_empty() && !written.content.is_empty() {
        let what = "clients know of no body".to_owned();
        return tell(findings, meeting, at, (&rule::RESPONSE_BODY_ADDED, what), spots);
    }
    if written.content.is_empty() && !read.content.is_empty() {
        let what = "the answer has no body".to_owned();
        return tell(findings, meeting, at, (&rule::RESPONSE_BODY_REMOVED, what), spots);
    }
    for known in &read.content {
        match best(&written.content, &known.name) {
            Some(sent) => {
                media(findings, meeting, at, (known, sent));
                if !covers(&known.name, &sent.name) {
                    let (old, new) = meeting.by_age(&known.name, &sent.name);
                    let what = format!("`{old}` became `{new}`");
                    let rule = &rule::RESPONSE_MEDIA_TYPE_WIDENED;
                    tell(findings, meeting, at, (rule, what), (Some(known.at), Some(sent.at)));
                }
            }
            None if written.content.iter().any(|sent| covers(&known.name, &sent.name)) => {
                for sent in written.content.iter().filter(|it| covers(&known.name, &it.name)) {
                    media(findings, meeting, at, (known, sent));
                }
            }
            None => {
                let what = format!("`{}` is not written any more", known.name);
                let spots = (Some(known.at), Some(written.at));
                tell(findings, meeting, at, (&rule::RESPONSE_MEDIA_TYPE_REMOVED, what), spots);
            }
        }
    }
    for sent in &written.content {
        let is_known =
            |known: &Media<'_>| covers(&known.name, &sent.name) || covers(&sent.name, &known.name);
        if !read.content.iter().any(is_known) {
            let what = format!("`{}` is written as well", sent.name);
            let spots = (Some(read.at), Some(sent.at));
            tell(findings, meeting, at, (&rule::RESPONSE_MEDIA_TYPE_ADDED, what), spots);
        }
    }
}

fn bodies<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    (sent, read): (&Body<'t>, &Body<'t>),
) {
    let at = (Side::Request, "request body");
    let spots = (Some(sent.at), Some(read.at));
    match (sent.is_required, read.is_required) {
        (false, true) => {
            let what = "clients may leave the body out".to_owned();
            tell(findings, meeting, at, (&rule::BODY_REQUIRED, what), spots);
        }
        (true, false) => {
            let what = "the body may be left out".to_owned();
            tell(findings, meeting, at, (&rule::BODY_OPTIONAL, what), spots);
        }
        _ => {}
    }
    for known in &sent.content {
        match best(&read.content, &known.name) {
            Some(taken) => media(findings, meeting, (Side::Request, "request"), (known, taken)),
            None => {
                let what = format!("`{}` is not read", known.name);
                let spots = (Some(known.at), Some(read.at));
                tell(findings, meeting, at, (&rule::REQUEST_MEDIA_TYPE_REMOVED, what), spots);
            }
        }
    }
    for taken in &read.content {
        if !sent.content.iter().any(|known| covers(&known.name, &taken.name)) {
            let what = format!("`{}` is read as well", taken.name);
            let spots = (Some(sent.at), Some(taken.at));
            tell(findings, meeting, at, (&rule::REQUEST_MEDIA_TYPE_ADDED, what), spots);
        }
    }
}

/// Compares what stands in a body under a media type of both sides.
fn media<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    (side, place): (Side, &str),
    (client, server): (&Media<'t>, &Media<'t>),
) {
    if is_opaque(&server.name) {
        return;
    }
    let writing = writing_of(&server.name);
    let spots = (client.at, server.at);
    for (path, from, to) in
        [("$", &client.schema, &server.schema), ("$[]", &client.item, &server.item)]
    {
        let schemas = Schemas { client: from.as_ref(), server: to.as_ref(), spots, writing };
        findings.ask(meeting, side, format!("{place} {path}"), &schemas);
    }
    if side == Side::Request {
        encodings(findings, meeting, (client, server));
    }
}

fn encodings<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    (client, server): (&Media<'t>, &Media<'t>),
) {
    let names = client.encoding.keys().chain(server.encoding.keys());
    let names: std::collections::BTreeSet<&String> = names.collect();
    for name in names {
        let (sent, read) = (client.encoding.get(name), server.encoding.get(name));
        let place = format!("request $.{name}");
        let at = (Side::Request, place.as_str());
        let spots =
            (Some(sent.map_or(client.at, |it| it.at)), Some(read.map_or(server.at, |it| it.at)));
        let carriage = |it: Option<&Encoding<'_>>| it.map_or(USUAL, |it| it.carriage);
        let kinds = Kinds { scalar: true, list: true, object: true };
        if let Some(kind) = differing(Location::Query, [carriage(sent), carriage(read)], kinds) {
            let what = format!("{kind} is read in another style than it is written");
            tell(findings, meeting, at, (&rule::ENCODING_STYLE, what), spots);
        }
        let (from, to) =
            (sent.and_then(|it| it.media.as_ref()), read.and_then(|it| it.media.as_ref()));
        if let (Some(from), Some(to)) = (from, to)
            && !to.split(',').any(|to| covers(to.trim(), from))
        {
            let what = format!("`{from}` is read as `{to}`");
            tell(findings, meeting, at, (&rule::ENCODING_MEDIA_TYPE, what), spots);
        }
        let known = sent.map_or(&[][..], |it| &it.headers);
        for header in read.map_or(&[][..], |it| &it.headers) {
            let same = known.iter().find(|it| it.name == header.name);
            if header.is_required && !same.is_some_and(|it| it.is_required) {
                let what = format!("the header `{}` of the part is required", header.name);
                tell(findings, meeting, at, (&rule::ENCODING_HEADER, what), spots);
            }
        }
    }
}

/// The narrowest of several media types that covers a name.
fn best<'m, 't>(content: &'m [Media<'t>], name: &str) -> Option<&'m Media<'t>> {
    let covering = content.iter().filter(|media| covers(&media.name, name));
    covering.min_by_key(|media| {
        (media.name != name, media.name.matches('*').count(), !media.name.contains(';'))
    })
}

/// Whether a media type or range covers another: `*/*` all, `text/*` all text, one without
/// parameters those with any.
fn covers(wide: &str, narrow: &str) -> bool {
    if wide == narrow || wide == "*/*" || wide == "*" {
        return true;
    }
    let essence = narrow.split(';').next().unwrap_or_default();
    if wide == essence {
        return true;
    }
    wide.strip_suffix('*').is_some_and(|start| start.ends_with('/') && essence.starts_with(start))
}

/// Whether a body is bytes of a format that no schema describes, whatever stands there: the
/// versions of OpenAPI say that they are bytes in different ways.
fn is_opaque(name: &str) -> bool {
    let essence = name.split(';').next().unwrap_or_default();
    let is_media = |class: &str| essence.starts_with(class);
    (["audio/", "font/", "image/", "video/"].into_iter().any(is_media)
        && !essence.ends_with("+xml"))
        || matches!(
            essence,
            "application/gzip" | "application/octet-stream" | "application/pdf" | "application/zip"
        )
}

fn writing_of(name: &str) -> Writing {
    let essence = name.split(';').next().unwrap_or_default();
    if essence.ends_with("/xml") || essence.ends_with("+xml") {
        Writing::Xml
    } else if essence == "application/x-www-form-urlencoded"
        || essence.starts_with("multipart/")
        || essence.starts_with("text/")
    {
        Writing::Text
    } else {
        Writing::Json
    }
}

fn tell<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    (side, place): (Side, &str),
    (rule, what): (&'static Rule, String),
    (client, server): (Option<Spot<'t>>, Option<Spot<'t>>),
) {
    let place = place.to_owned();
    findings.tell(meeting, Told { rule, side, place, client, server, what });
}
