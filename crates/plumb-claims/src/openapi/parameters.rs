//! What parameters, security requirements and response headers say about the query and the headers
//! of an exchange, where every value is text.
//!
//! Refuses to know bodies, and which operation is spoken of.

use crate::header_name::{is_transport, is_withheld};
use crate::openapi::form::Form;
use crate::openapi::refs::Spot;
use crate::openapi::schema::{Work, shallow_form};
use crate::openapi::traits::as_text;
use crate::unread_tally::Why;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::said::{Expected, Presence, Said};
use plumb_shape::trait_set::TraitSet;
use std::collections::{BTreeMap, BTreeSet};

/// Headers that have a place of their own (media type, security) or that a specification must not
/// describe as parameters.
const ELSEWHERE_IN_REQUESTS: [&str; 3] = ["accept", "authorization", "content-type"];

const COOKIE: Why = Why {
    reason: "parameters in cookies are not read",
    remedy: "nothing to do if the cookie is not what the comparison is about",
};

const NESTED: Why = Why {
    reason: "a query parameter is an object that holds more than plain values: its inner names are \
             written differently by every library and are not read",
    remedy: "describe the names as they are sent as parameters of their own",
};

/// The parameters of an operation: those of its path, and its own in their stead.
pub(crate) fn parameters<'l>(
    work: &mut Work<'l>,
    path_item: Spot<'l>,
    operation: Spot<'l>,
) -> Vec<Spot<'l>> {
    let mut merged = BTreeMap::new();
    for level in [path_item, operation] {
        for spot in level.get("parameters").into_iter().flat_map(Spot::items) {
            let Some(parameter) = work.resolve(spot) else { continue };
            let text = |key: &str| parameter.get(key).and_then(|at| at.node.as_str());
            match (text("in"), text("name")) {
                (Some(part), Some(name)) => {
                    merged.insert((part, name), parameter);
                }
                _ => {
                    let reason = "a parameter has no `name` or no `in`";
                    work.notes.tell_at(parameter, reason, "write both");
                }
            }
        }
    }
    merged.into_values().collect()
}

/// Says the parameters of an operation.
pub(crate) fn say_parameters<'l>(work: &mut Work<'l>, said: &mut Said, parameters: &[Spot<'l>]) {
    for parameter in parameters {
        let text = |key: &str| parameter.get(key).and_then(|at| at.node.as_str());
        let name = text("name").unwrap_or_default();
        match text("in").unwrap_or_default() {
            "path" => {}
            "query" => say_query(work, said, name, *parameter),
            "header" => say_request_header(work, said, name, *parameter),
            "cookie" => work.notes.count(*parameter, COOKIE),
            other => {
                let reason = format!("a parameter is in `{other}`, which is not read");
                let remedy = "write query, header, path or cookie";
                work.notes.tell_at(*parameter, &reason, remedy);
            }
        }
    }
}

/// Says the headers of a response.
pub(crate) fn say_response_headers<'l>(work: &mut Work<'l>, said: &mut Said, response: Spot<'l>) {
    for (name, spot) in response.get("headers").into_iter().flat_map(Spot::entries) {
        let name = name.to_ascii_lowercase();
        if name == "content-type" || is_transport(&name) {
            continue;
        }
        if let Some(header) = work.resolve(spot) {
            say_header(work, said, Side::Response, &name, header);
        }
    }
}

/// Says the headers and query parameters that carry what the security requirements ask for: always
/// when every alternative needs them, else sometimes.
pub(crate) fn say_security<'l>(work: &mut Work<'l>, said: &mut Said, operation: Spot<'l>) {
    let root = work.library.root();
    let Some(required) = operation.get("security").or_else(|| root.get("security")) else {
        return;
    };
    let alternatives: Vec<BTreeSet<Place>> =
        required.items().map(|alternative| places_of_security(work, alternative)).collect();
    let needed: BTreeSet<&Place> = alternatives.iter().flatten().collect();
    for place in needed {
        let is_always = alternatives.iter().all(|alternative| alternative.contains(place));
        let presence = if is_always { Presence::Always } else { Presence::Sometimes };
        // Whether the value is withheld is for the redaction of the traffic to decide.
        let secret = Expected::always(TraitSet::STRING | TraitSet::WITHHELD);
        said.say(place.clone(), secret.with_presence(presence));
    }
}

/// A value as it stands in a query or a header.
struct Text {
    traits: TraitSet,
    words: Option<BTreeSet<String>>,
}

impl Text {
    const ANY: Self = Self { traits: TraitSet::STRING, words: None };

    fn of(form: &Form) -> Self {
        let is_number = |item: &Form| {
            let kinds = item.traits.minus(TraitSet::NULL);
            !kinds.is_empty() && TraitSet::NUMBER.contains(kinds)
        };
        let is_list = !form.traits.intersects(TraitSet::STRING | TraitSet::OBJECT);
        if is_list && form.holds_elements() && form.item.as_deref().is_some_and(is_number) {
            // Numbers joined to one text are never a date, an address or an id.
            let joined = TraitSet::DIGITS | TraitSet::TEXT | TraitSet::LONG;
            return Self { traits: joined | TraitSet::EMPTY_STRING, words: None };
        }
        let (traits, words) = as_text(form.traits, form.words.clone());
        Self { traits, words }
    }

    fn expected(self, presence: Presence) -> Expected {
        let Self { traits, words } = self;
        Expected { presence, words, ..Expected::always(traits) }
    }
}

/// The text of a parameter or header that is written as one value.
fn text_of<'l>(work: &mut Work<'l>, side: Side, described: Spot<'l>) -> Text {
    match described.get("schema") {
        Some(schema) => Text::of(&shallow_form(work, side, schema)),
        None => Text::ANY,
    }
}

fn say_request_header<'l>(work: &mut Work<'l>, said: &mut Said, name: &str, spot: Spot<'l>) {
    let name = name.to_ascii_lowercase();
    if !ELSEWHERE_IN_REQUESTS.contains(&name.as_str()) && !is_transport(&name) {
        say_header(work, said, Side::Request, &name, spot);
    }
}

/// Says a header by its name in lower case.
fn say_header<'l>(work: &mut Work<'l>, said: &mut Said, side: Side, name: &str, spot: Spot<'l>) {
    let mut text = text_of(work, side, spot);
    if is_withheld(name) {
        text = Text { traits: TraitSet::STRING | TraitSet::WITHHELD, words: None };
    }
    said.say(Place::named(side, Part::Header, name), text.expected(presence_of(spot)));
}

fn say_query<'l>(work: &mut Work<'l>, said: &mut Said, name: &str, spot: Spot<'l>) {
    let presence = presence_of(spot);
    let style = spot.get("style").and_then(|at| at.node.as_str()).unwrap_or("form");
    let is_form = style == "form";
    let is_exploded = spot.get("explode").and_then(|at| at.node.as_bool()).unwrap_or(is_form);
    let form = spot.get("schema").map(|schema| shallow_form(work, Side::Request, schema));
    let is_object = |form: &Form| form.traits.minus(TraitSet::NULL | TraitSet::OBJECT).is_empty();
    let mut text = match &form {
        Some(form) if is_object(form) && (style == "deepObject" || (is_form && is_exploded)) => {
            let inner = |member: &str| match style {
                "deepObject" => format!("{name}[{member}]"),
                _ => member.to_owned(),
            };
            return say_members(work, said, spot, form, inner);
        }
        // One name for each element.
        Some(form) if is_form && is_exploded && !form.traits.intersects(TraitSet::OBJECT) => {
            let element = form.item.as_deref().filter(|_| form.holds_elements());
            element.map_or_else(|| Text::of(form), Text::of)
        }
        Some(form) => Text::of(form),
        None => Text::ANY,
    };
    if spot.get("allowEmptyValue").and_then(|at| at.node.as_bool()) == Some(true) {
        text.traits |= TraitSet::EMPTY_STRING;
    }
    said.say(Place::named(Side::Request, Part::Query, name), text.expected(presence));
}

/// Says each member of an object under a name of its own.
fn say_members<'l>(
    work: &mut Work<'l>,
    said: &mut Said,
    spot: Spot<'l>,
    form: &Form,
    name_of: impl Fn(&str) -> String,
) {
    let is_required = presence_of(spot) == Presence::Always;
    for (name, member) in &form.members {
        if member.form.traits != TraitSet::ALL && member.form.traits.intersects(TraitSet::OBJECT) {
            work.notes.count(spot, NESTED);
            continue;
        }
        let presence = if is_required { member.presence } else { Presence::Sometimes };
        let element = member.form.item.as_deref().filter(|_| member.form.holds_elements());
        let text = Text::of(element.unwrap_or(&member.form));
        let place = Place::named(Side::Request, Part::Query, &name_of(name));
        said.say(place, text.expected(presence));
    }
}

fn presence_of(spot: Spot<'_>) -> Presence {
    match spot.get("required").and_then(|at| at.node.as_bool()) {
        Some(true) => Presence::Always,
        _ => Presence::Sometimes,
    }
}

/// The places that one alternative needs: all of its schemes together.
fn places_of_security<'l>(work: &mut Work<'l>, alternative: Spot<'l>) -> BTreeSet<Place> {
    let schemes = work.library.root().get("components").and_then(|at| at.get("securitySchemes"));
    let mut places = BTreeSet::new();
    for (name, _) in alternative.entries() {
        let Some(found) = schemes.and_then(|schemes| schemes.get(name)) else {
            let reason = format!("the security scheme `{name}` is not defined");
            let remedy = "define it under `components` and `securitySchemes`";
            work.notes.tell_at(alternative, &reason, remedy);
            continue;
        };
        let Some(scheme) = work.resolve(found) else { continue };
        let text = |key: &str| scheme.get(key).and_then(|at| at.node.as_str());
        let header =
            |name: &str| Place::named(Side::Request, Part::Header, &name.to_ascii_lowercase());
        match (text("type"), text("in"), text("name")) {
            (Some("apiKey"), Some("header"), Some(name)) => places.insert(header(name)),
            (Some("apiKey"), Some("query"), Some(name)) => {
                places.insert(Place::named(Side::Request, Part::Query, name))
            }
            (Some("apiKey"), Some("cookie"), _) => places.insert(header("cookie")),
            (Some("http" | "oauth2" | "openIdConnect"), ..) => {
                places.insert(header("authorization"))
            }
            (Some("mutualTLS"), ..) => false,
            _ => {
                let reason = format!("the security scheme `{name}` is of no known type");
                work.notes.tell_at(scheme, &reason, "write its `type`, and `in` with `name`");
                false
            }
        };
    }
    places
}
