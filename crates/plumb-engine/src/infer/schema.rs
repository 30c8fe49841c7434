//! The schema of one place and all below it, from what was seen there.
//!
//! Admits whatever was seen, and narrows only by what enough exchanges showed. Refuses to know
//! operations, and to write a value.

use crate::infer::asked::{Asked, Counts};
use crate::infer::strength::{absent_max, is_enough, is_same_count, marked, strength};
use plumb_shape::outcome::Outcome;
use plumb_shape::place::{Part, Place, Step};
use plumb_shape::seen::Marginals;
use plumb_shape::trait_set::{Kind, TraitSet};
use serde_json::{Map, Value, json};

/// How many times each literal of a vocabulary was seen at least, on average: fewer show no more
/// than that there were few exchanges.
const TIMES_EACH_MIN: u64 = 3;

/// What one side of some exchanges showed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    /// Everything seen of the exchanges.
    pub(crate) outcome: &'a Outcome,
    /// The counts of those that are meant.
    pub(crate) seen: &'a Marginals,
    /// How to write it.
    pub(crate) asked: &'a Asked<'a>,
}

/// What a mark holds.
pub(crate) type Mark = Map<String, Value>;

/// Formats by their traits: what OpenAPI calls them, and all traits that go by the name.
const FORMATS: [(&str, TraitSet); 8] = [
    ("date", TraitSet::DATE),
    ("time", TraitSet::TIME),
    ("date-time", TraitSet::DATE_TIME),
    ("uuid", TraitSet::UUID),
    ("email", TraitSet::EMAIL),
    ("uri", TraitSet::URI),
    ("ipv4", TraitSet::IPV4),
    ("ipv6", TraitSet::IPV6),
];

/// The schema of a place.
pub(crate) fn schema(view: &View<'_>, place: &Place) -> Value {
    let (schema, mark) = schema_and_mark(view, place);
    marked(schema, mark)
}

/// The schema of a place without its mark, and the mark, for what has a place of its own for it.
pub(crate) fn schema_and_mark(view: &View<'_>, place: &Place) -> (Map<String, Value>, Mark) {
    let traits = view.seen.traits(place);
    let mut mark = mark_of(view, place, traits);
    let mut schema = Map::new();
    if traits.intersects(TraitSet::TOO_DEEP) {
        mark.insert("too_deep".to_owned(), true.into());
        return (schema, mark);
    }
    let kinds: Vec<&str> = traits.kinds().filter_map(|kind| word(kind, traits)).collect();
    match kinds.as_slice() {
        [] => return (schema, mark),
        [kind] => drop(schema.insert("type".to_owned(), json!(kind))),
        kinds => drop(schema.insert("type".to_owned(), json!(kinds))),
    }
    if let Some(format) = format(traits) {
        let is_openapi = FORMATS.iter().any(|(name, _)| *name == format) || format == "int64";
        let is_claimed = is_openapi || format == "int32";
        let seen = view.seen.seen(place).count;
        // The widest integer is claimed by the type alone; anything narrower wants evidence.
        if is_claimed && (format == "int64" || is_enough(seen, view.asked)) {
            schema.insert("format".to_owned(), json!(format));
        } else {
            mark.insert("form".to_owned(), json!(format));
        }
    }
    let is_full = view.outcome.is_full(place);
    if traits.intersects(TraitSet::OBJECT) && !is_full {
        members(view, place, &mut schema);
    }
    if traits.intersects(TraitSet::ARRAY) && !is_full {
        let item = place.child(Step::Item);
        if view.seen.places.contains_key(&item) {
            schema.insert("items".to_owned(), self::schema(view, &item));
        }
    }
    if is_full {
        mark.insert("too_many_members".to_owned(), true.into());
    }
    (schema, mark)
}

/// Whether a member was in every object, of enough of them to say so.
pub(crate) fn is_required(seen: &Marginals, place: &Place, asked: &Asked<'_>) -> bool {
    let (there, possible) = (seen.seen(place).count, seen.possible(place));
    let is_partial = seen.traits(place).intersects(TraitSet::PARTIAL);
    there >= possible && !is_partial && is_enough(possible, asked)
}

/// The mark of a place: how often it was there, and what is known of it beyond its schema.
fn mark_of(view: &View<'_>, place: &Place, traits: TraitSet) -> Mark {
    let View { seen, asked, outcome } = *view;
    let there = seen.seen(place).count;
    let partial = seen.carrying(place, TraitSet::PARTIAL).count;
    let possible = seen.possible(place);
    let mut mark = strength(there.saturating_sub(partial), possible, asked);
    let above = place.parent().filter(|above| above.part == Part::Body);
    // Members below leave their own count and bound to this one.
    let is_base = asked.counts == Counts::Coarse && traits.intersects(TraitSet::OBJECT);
    if above.is_some_and(|above| is_same_count(seen.possible(&above), possible, asked)) {
        // Told once above, so that a count that grows changes one line.
        mark.shift_remove("of");
    } else if is_required(seen, place, asked) || (is_base && is_enough(possible, asked)) {
        mark.insert("absent_max".to_owned(), absent_max(possible, asked));
    }
    if traits.intersects(TraitSet::WITHHELD) {
        mark.insert("withheld".to_owned(), true.into());
    }
    let distinct = seen.places.get(place).map_or(0, |tally| tally.literals.len() as u64);
    let is_told = distinct > 0 && !outcome.is_many(place);
    if is_told && is_enough(there, asked) && there >= distinct.saturating_mul(TIMES_EACH_MIN) {
        mark.insert("distinct".to_owned(), distinct.into());
        mark.insert("literals".to_owned(), "withheld".into());
    }
    mark
}

/// What JSON Schema calls a kind; `None` for what is no JSON.
fn word(kind: Kind, traits: TraitSet) -> Option<&'static str> {
    let number = match traits.intersects(TraitSet::FRACTION | TraitSet::BIG) {
        true => "number",
        false => "integer",
    };
    Some(match kind {
        Kind::Object => "object",
        Kind::Array => "array",
        Kind::String => "string",
        Kind::Number => number,
        Kind::Boolean => "boolean",
        Kind::Null => "null",
        Kind::Opaque => return None,
    })
}

/// The one form that all strings, or all integers, had; `None` where there are several, where both
/// kinds are there, or where the form says nothing.
fn format(traits: TraitSet) -> Option<String> {
    let (text, number) = (traits & TraitSet::STRING, traits & TraitSet::NUMBER);
    match (text.is_empty(), number.is_empty()) {
        (false, true) => format_of_text(text, traits.intersects(TraitSet::WITHHELD)),
        (true, false) if number.intersects(TraitSet::FRACTION | TraitSet::BIG) => None,
        (true, false) if number.intersects(TraitSet::INT53 | TraitSet::INT64) => {
            Some("int64".to_owned())
        }
        (true, false) => Some("int32".to_owned()),
        _ => None,
    }
}

fn format_of_text(text: TraitSet, is_withheld: bool) -> Option<String> {
    if is_withheld || text.intersects(TraitSet::TEXT | TraitSet::EMPTY_STRING) {
        return None;
    }
    let named = FORMATS.iter().find(|(name, traits)| {
        // A long address is an address all the same.
        let rest = text.minus(*traits);
        rest.is_empty() || (*name == "uri" && rest == TraitSet::LONG)
    });
    let plain = || Some(text.names()).filter(|names| !names.contains(','));
    named.map(|(name, _)| (*name).to_owned()).or_else(plain)
}

/// Writes the members of an object: those with names of their own, and the members of maps.
fn members(view: &View<'_>, place: &Place, schema: &mut Map<String, Value>) {
    let (mut properties, mut required, mut any) = (Map::new(), Vec::new(), None);
    for below in children(view.seen, place) {
        match below.steps.last() {
            Some(Step::Key(name)) => {
                properties.insert(name.to_string(), self::schema(view, below));
                if is_required(view.seen, below, view.asked) {
                    required.push(name.to_string());
                }
            }
            Some(Step::Any) => any = Some(self::schema(view, below)),
            Some(Step::Item) | None => {}
        }
    }
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    if !properties.is_empty() {
        schema.insert("properties".to_owned(), properties.into());
    }
    if let Some(any) = any {
        schema.insert("additionalProperties".to_owned(), any);
    }
}

/// The places one step below, in order.
fn children<'a>(seen: &'a Marginals, place: &Place) -> impl Iterator<Item = &'a Place> {
    let (side, part, steps) = (place.side, place.part, place.steps.clone());
    let depth = steps.len() + 1;
    let is_within = move |below: &&Place| {
        below.side == side && below.part == part && below.steps.starts_with(&steps)
    };
    let below = seen.places.range(place.clone()..).map(|(place, _)| place);
    below.take_while(is_within).filter(move |below| below.steps.len() == depth)
}
