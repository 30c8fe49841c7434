//! Parameters of requests: which come and go, which are required, and how they are written.
//!
//! Refuses to know bodies, and what schemas admit.

use crate::interface::findings::{Findings, Schemas, Told, Writing};
use crate::interface::meeting::Meeting;
use crate::interface::model::{Location, Parameter, Schema};
use crate::interface::rule::{self, Rule};
use crate::interface::same::same_value;
use crate::interface::wire::{differing, kinds};
use crate::openapi::document::Spot;
use crate::openapi::schema::Side;
use plumb_schema::answer::Reading;

/// Compares the parameters of both sides.
pub(crate) fn compare<'t>(findings: &mut Findings<'_, 't>, meeting: &Meeting<'_, 't>) {
    let (client, server) = (meeting.client, meeting.server);
    for sent in &client.parameters {
        match partner(meeting, sent) {
            Some(read) => both(findings, meeting, (sent, read)),
            None if sent.location == Location::Path => {}
            None => unread(findings, meeting, sent),
        }
    }
    for read in &server.parameters {
        let is_known = |sent: &Parameter<'_>| {
            partner(meeting, sent).is_some_and(|found| std::ptr::eq(found, read))
                || moved(meeting, sent).is_some_and(|found| std::ptr::eq(found, read))
        };
        if read.location != Location::Path && !client.parameters.iter().any(is_known) {
            unsent(findings, meeting, read);
        }
    }
}

/// The server's parameter that takes what the client sends; of a path by its position.
fn partner<'m, 't>(meeting: &Meeting<'m, 't>, sent: &Parameter<'t>) -> Option<&'m Parameter<'t>> {
    let (client, server) = (meeting.client, meeting.server);
    let mut name = sent.name.as_str();
    if sent.location == Location::Path && client.path.form == server.path.form {
        let at = client.path.names.iter().position(|it| it == name)?;
        name = server.path.names.get(at)?;
    }
    server.parameters.iter().find(|it| it.location == sent.location && it.name == name)
}

/// The server's parameter of the same name in another place, where the client sends none.
fn moved<'m, 't>(meeting: &Meeting<'m, 't>, sent: &Parameter<'t>) -> Option<&'m Parameter<'t>> {
    let same_name = |it: &&Parameter<'_>| {
        it.name.eq_ignore_ascii_case(&sent.name) && it.location != sent.location
    };
    let found = meeting.server.parameters.iter().find(same_name)?;
    let is_sent = |it: &Parameter<'_>| (it.location, &it.name) == (found.location, &found.name);
    let is_path = found.location == Location::Path || sent.location == Location::Path;
    (!is_path && !meeting.client.parameters.iter().any(is_sent)).then_some(found)
}

fn unread<'t>(findings: &mut Findings<'_, 't>, meeting: &Meeting<'_, 't>, sent: &Parameter<'t>) {
    let place = place_of(sent);
    if let Some(read) = moved(meeting, sent) {
        let rule =
            if read.is_required { &rule::PARAMETER_MOVED } else { &rule::PARAMETER_MOVED_OPTIONAL };
        let (old, new) = meeting.by_age(sent.location.text(), read.location.text());
        let what = format!("the parameter moved from {old} to {new}");
        return tell(findings, meeting, (Some(sent), Some(read)), (rule, place, what));
    }
    let rule = match findings.asked.reading {
        Reading::MustIgnore => &rule::PARAMETER_IGNORED,
        Reading::Strict => &rule::PARAMETER_REFUSED,
    };
    let what = "the parameter is not described where it is read".to_owned();
    tell(findings, meeting, (Some(sent), None), (rule, place, what));
}

fn unsent<'t>(findings: &mut Findings<'_, 't>, meeting: &Meeting<'_, 't>, read: &Parameter<'t>) {
    let (rule, what) = if read.is_required {
        (&rule::PARAMETER_REQUIRED_ADDED, "the parameter is required, and clients know none")
    } else {
        (&rule::PARAMETER_ADDED, "clients know no such parameter")
    };
    tell(findings, meeting, (None, Some(read)), (rule, place_of(read), what.to_owned()));
}

fn both<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    (sent, read): (&Parameter<'t>, &Parameter<'t>),
) {
    let place = place_of(read);
    let mut say = |rule: &'static Rule, what: String| {
        tell(findings, meeting, (Some(sent), Some(read)), (rule, place.clone(), what));
    };
    if sent.location != Location::Path {
        match (sent.is_required, read.is_required) {
            (false, true) => say(&rule::PARAMETER_REQUIRED, "clients may leave it out".to_owned()),
            (true, false) => {
                say(&rule::PARAMETER_OPTIONAL, "it may be left out".to_owned());
            }
            _ => {}
        }
    }
    let (old, new) = meeting.by_age(sent, read);
    if !old.is_deprecated && new.is_deprecated {
        say(&rule::PARAMETER_DEPRECATED, "it is deprecated".to_owned());
    }
    if sent.carriage.allows_empty && !read.carriage.allows_empty {
        say(&rule::PARAMETER_EMPTY, "clients may send it without a value".to_owned());
    }
    if sent.carriage.allows_reserved && !read.carriage.allows_reserved {
        let what = "reserved characters are expected to be encoded".to_owned();
        say(&rule::PARAMETER_RESERVED, what);
    }
    if sent.media != read.media {
        let name = |media: &Option<String>| media.clone().unwrap_or_else(|| "text".to_owned());
        let what = format!("it was {} and is {}", name(&old.media), name(&new.media));
        return say(&rule::PARAMETER_MEDIA_TYPE, what);
    }
    carried(findings, meeting, (sent, read), &place);
}

/// Compares how the value is written, what it may be, and what it is when it is left out.
fn carried<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    (sent, read): (&Parameter<'t>, &Parameter<'t>),
    place: &str,
) {
    let interface = if meeting.is_called() { findings.new } else { findings.old };
    let written = kinds(interface, sent.schema.as_ref());
    let both = (Some(sent), Some(read));
    let styled = differing(sent.location, [sent.carriage, read.carriage], written);
    if let Some(kind) = styled.filter(|_| sent.media.is_none()) {
        let what = format!("{kind} is read in another style than it is written");
        tell(findings, meeting, both, (&rule::PARAMETER_STYLE, place.to_owned(), what));
    }
    let (old, new) = meeting.by_age(sent, read);
    let (before, after) = (default_of(findings.old, old), default_of(findings.new, new));
    let changed = match (before, after) {
        (Some(before), Some(after)) if same_value(before.node, after.node) => None,
        (Some(before), Some(after)) => {
            let texts = (before.node.to_json_text(), after.node.to_json_text());
            let what = format!("the default was `{}` and is `{}`", texts.0, texts.1);
            Some((&rule::PARAMETER_DEFAULT, what))
        }
        (Some(before), None) => {
            let text = before.node.to_json_text();
            Some((&rule::PARAMETER_DEFAULT, format!("the default `{text}` is gone")))
        }
        (None, Some(after)) => {
            let what = format!("the default is `{}`", after.node.to_json_text());
            Some((&rule::PARAMETER_DEFAULT_ADDED, what))
        }
        (None, None) => None,
    };
    if let Some((rule, what)) = changed.filter(|_| !read.is_required) {
        tell(findings, meeting, both, (rule, place.to_owned(), what));
    }
    let writing = if sent.media.is_some() { Writing::Json } else { Writing::Text };
    let (client, server) = (sent.schema.as_ref(), read.schema.as_ref());
    let schemas = Schemas { client, server, spots: (sent.at, read.at), writing };
    findings.ask(meeting, Side::Request, place.to_owned(), &schemas);
}

fn default_of<'t>(
    interface: &crate::interface::model::Interface<'t>,
    parameter: &Parameter<'t>,
) -> Option<Spot<'t>> {
    let Some(Schema::At(spot)) = parameter.schema else { return None };
    let own = spot.get("default");
    own.or_else(|| interface.links.resolve(spot).ok()?.get("default"))
}

/// `request query page`.
fn place_of(parameter: &Parameter<'_>) -> String {
    format!("request {} {}", parameter.location.text(), parameter.name)
}

fn tell<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    (client, server): (Option<&Parameter<'t>>, Option<&Parameter<'t>>),
    (rule, place, what): (&'static Rule, String, String),
) {
    let (client, server) = (client.map(|it| it.at), server.map(|it| it.at));
    findings.tell(meeting, Told { rule, side: Side::Request, place, client, server, what });
}
