//! What the `content` of a specification says about a body and its media types.
//!
//! Knows media types and how deep schemas are followed; refuses to know keywords, operations and
//! parameters.

use crate::openapi::form::{Form, Member, Purse, either, pay_for_places, say_form};
use crate::openapi::refs::Spot;
use crate::openapi::schema::{Attempt, TOO_LARGE, Work, form_at, shallow_form};
use crate::openapi::traits::as_text;
use plumb_shape::example::is_json_type;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::said::{Expected, Presence, Said, media_type_essence};
use plumb_shape::trait_set::TraitSet;
use std::borrow::Cow;
use std::rc::Rc;

/// Levels to which a schema is followed. Documents that people read end before; a schema that holds
/// itself goes on for ever. The smaller ones are tried when the larger takes too much.
const DEPTHS: [usize; 5] = [12, 8, 5, 3, 1];

/// Visits paid for all bodies of one specification, attempts given up included: some seconds.
/// The largest public specifications need a fiftieth.
const ALL_VISITS_MAX: u64 = 20_000_000;

/// One of the ways in which a body may be written.
#[derive(Clone, Copy, Debug)]
enum Body<'l> {
    /// JSON that this schema admits.
    Json(Spot<'l>),
    /// A form whose fields this schema admits, each as text.
    Fields(Spot<'l>),
    /// Something that is not JSON.
    Opaque,
    /// Whatever it is, it is covered.
    Anything,
}

/// Says the body and the media types of one side, given its `content`. `presence` tells whether
/// there always is a body.
pub(crate) fn say_content<'l>(
    work: &mut Work<'l>,
    said: &mut Said,
    side: Side,
    content: Spot<'l>,
    presence: Presence,
) {
    let types: Vec<(Cow<'l, str>, Spot<'l>)> = content
        .entries()
        .map(|(name, spot)| (media_type_essence(name), spot))
        .filter(|(name, _)| !name.is_empty() && !name.starts_with("x-"))
        .collect();
    say_media_types(said, side, &types, presence);
    let mut bodies = Vec::new();
    for (name, spot) in types {
        let Some(media) = work.resolve(spot) else {
            bodies.push(Body::Anything);
            continue;
        };
        bodies.extend(bodies_of(work, side, &name, media.get("schema")));
    }
    if bodies.is_empty() {
        return said.say_any_body(side);
    }
    // An empty text is no body, so one that need not be JSON need not be there.
    let is_certain = bodies.iter().all(|body| matches!(body, Body::Json(_)));
    let presence = if is_certain { presence } else { Presence::Sometimes };
    say_bodies(work, said, &Place::root(side, Part::Body), presence, &bodies);
}

/// Says nothing when a range such as `*/*` admits types that have no name here.
fn say_media_types<T>(
    said: &mut Said,
    side: Side,
    types: &[(Cow<'_, str>, T)],
    presence: Presence,
) {
    if types.iter().any(|(name, _)| name.contains('*')) {
        return;
    }
    let presence = if types.len() == 1 { presence } else { Presence::Sometimes };
    for (name, _) in types {
        let there = Expected::always(TraitSet::PRESENT).with_presence(presence);
        said.say(Place::named(side, Part::MediaType, name), there);
    }
}

fn bodies_of<'l>(
    work: &mut Work<'l>,
    side: Side,
    media_type: &str,
    schema: Option<Spot<'l>>,
) -> Vec<Body<'l>> {
    let is_range = media_type.contains('*');
    let holds_json = is_json_type(media_type) || matches!(media_type, "*/*" | "application/*");
    match schema {
        None if holds_json || is_range => vec![Body::Anything],
        Some(schema) if is_range && holds_json => {
            // A text under a range is as likely to be sent as it is as in quotes.
            let traits = shallow_form(work, side, schema).traits;
            if traits.intersects(TraitSet::STRING) {
                vec![Body::Json(schema), Body::Opaque]
            } else {
                vec![Body::Json(schema)]
            }
        }
        Some(schema) if holds_json => vec![Body::Json(schema)],
        Some(schema) if media_type == "application/x-www-form-urlencoded" => {
            vec![Body::Fields(schema)]
        }
        _ => vec![Body::Opaque],
    }
}

impl<'l> Body<'l> {
    /// The schema that describes it.
    fn schema(&self) -> Option<Spot<'l>> {
        match self {
            Self::Json(spot) | Self::Fields(spot) => Some(*spot),
            Self::Opaque | Self::Anything => None,
        }
    }
}

/// Says what any of several bodies admits at `place` and below, as deep as there is room.
fn say_bodies<'l>(
    work: &mut Work<'l>,
    said: &mut Said,
    place: &Place,
    presence: Presence,
    bodies: &[Body<'l>],
) {
    for depth in DEPTHS {
        if work.visits > ALL_VISITS_MAX {
            break;
        }
        let mut attempt = Attempt { work, purse: Purse::default(), side: place.side };
        let mut joined = Rc::new(Form::of(TraitSet::NONE));
        for body in bodies {
            let form = form_of_body(&mut attempt, *body, depth);
            joined = either(&mut attempt.purse, &joined, &form);
        }
        let fits = pay_for_places(&mut attempt.purse, &joined);
        work.visits += attempt.purse.spent();
        if fits {
            return say_form(said, place.clone(), presence, &joined);
        }
        note_too_large(work, bodies);
    }
    note_too_large(work, bodies);
    said.say_any_body(place.side);
}

fn note_too_large<'l>(work: &mut Work<'l>, bodies: &[Body<'l>]) {
    for spot in bodies.iter().filter_map(Body::schema) {
        work.notes.count(spot, TOO_LARGE);
    }
}

fn form_of_body<'l>(attempt: &mut Attempt<'_, 'l>, body: Body<'l>, depth: usize) -> Rc<Form> {
    match body {
        Body::Json(spot) => form_at(attempt, spot, depth),
        Body::Fields(spot) => Rc::new(fields_as_text(&form_at(attempt, spot, depth))),
        Body::Opaque => Rc::new(Form::of(TraitSet::OPAQUE)),
        Body::Anything => Rc::new(Form::anything()),
    }
}

/// The same members, each as the text that stands for it on the wire.
fn fields_as_text(form: &Form) -> Form {
    let text = |form: &Rc<Form>| {
        let (traits, words) = as_text(form.traits, form.words.clone());
        Rc::new(Form { words, ..Form::of(traits) })
    };
    let member = |(name, member): (&String, &Member)| {
        let presence = member.presence;
        (name.clone(), Member { presence, form: text(&member.form) })
    };
    Form {
        members: form.members.iter().map(member).collect(),
        unsaid: form.unsaid.clone(),
        any: form.any.as_ref().map(text),
        beneath: form.beneath,
        ..Form::of(form.traits & TraitSet::OBJECT)
    }
}
