//! The media types of one side's body, with the schema of each.
//!
//! Refuses to know operations, statuses and parameters.

use crate::infer::schema::{View, schema};
use crate::infer::strength::{marked, strength};
use plumb_shape::example::is_json_type;
use plumb_shape::ladder::Level;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::trait_set::TraitSet;
use serde_json::{Map, Value};

/// The media type of forms.
const FORM: &str = "application/x-www-form-urlencoded";

/// Any media type: where bodies were seen and none told what they are.
const ANY: &str = "*/*";

/// What one side has for a body: each media type with its schema; nothing where no body was seen.
pub(crate) fn content(view: &View<'_>, side: Side) -> Map<String, Value> {
    let body = Place::root(side, Part::Body);
    let types =
        view.seen.places.keys().filter(|place| {
            place.side == side && place.part == Part::MediaType && place.is_member()
        });
    let types: Vec<&Place> = types.collect();
    let mut content = Map::new();
    for place in &types {
        let Some(name) = place.name() else { continue };
        content.insert(name.to_owned(), media_type(view, place, types.len()));
    }
    if content.is_empty() && is_described(view.seen.traits(&body)) {
        let mut media = Map::new();
        media.insert("schema".to_owned(), schema(view, &body));
        let mark = strength(view.seen.seen(&body).count, view.seen.total.count, view.asked);
        content.insert(ANY.to_owned(), marked(media, mark));
    }
    content
}

/// How many bodies of this side were said to be JSON and were none.
pub(crate) fn malformed(view: &View<'_>, side: Side) -> u64 {
    view.seen.carrying(&Place::root(side, Part::Body), TraitSet::MALFORMED).count
}

/// One media type. Where there are others, the schema is that of its own bodies, as long as
/// behaviours are told apart.
fn media_type(view: &View<'_>, place: &Place, of: usize) -> Value {
    let body = Place::root(place.side, Part::Body);
    let name = place.name().unwrap_or_default();
    let own = (of > 1 && view.outcome.level() == Level::FULL)
        .then(|| view.outcome.marginals_of(|one| one.traits(place).is_some()));
    let own = View { seen: own.as_ref().unwrap_or(view.seen), ..*view };
    let mark = strength(view.seen.seen(place).count, view.seen.total.count, view.asked);
    let mut media = Map::new();
    let has_schema = is_json_type(name) || name == FORM;
    if has_schema && is_described(own.seen.traits(&body)) {
        media.insert("schema".to_owned(), schema(&own, &body));
    }
    marked(media, mark)
}

/// Whether a schema can say anything of a body with these traits.
fn is_described(body: TraitSet) -> bool {
    !body.minus(TraitSet::UNREADABLE | TraitSet::ASIDE).is_empty()
}
