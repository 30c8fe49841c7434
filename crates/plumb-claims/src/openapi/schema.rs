//! Schemas of a specification to forms: types, members, composition and recursion, in the dialects
//! of 3.0 and 3.1.
//!
//! Refuses to know operations, parameters and media types, and where a form is laid out.

use crate::openapi::form::{Form, Member, Purse, either, intersection, union};
use crate::openapi::keyword::{
    additional, beneath_of, is_free, is_true, kinds_of, note_discriminator, note_uninterpreted,
};
use crate::openapi::notes::Notes;
use crate::openapi::refs::{Library, Spot, follow, resolve};
use crate::openapi::traits::{enumerated, traits_of_any_kind, traits_of_kind};
use crate::unread_tally::Why;
use plumb_shape::place::Side;
use plumb_shape::said::Presence;
use plumb_shape::trait_set::TraitSet;
use plumb_tree::{Node, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The dialect of schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// 3.0: `nullable`, and nothing counts beside `$ref`.
    V30,
    /// 3.1: JSON Schema 2020-12.
    V31,
}

/// What a reading of one specification works with.
#[derive(Debug)]
pub(crate) struct Work<'l> {
    /// The specification and the files it refers to.
    pub(crate) library: &'l Library<'l>,
    /// Its dialect of schemas.
    pub(crate) version: Version,
    /// What was met and not read.
    pub(crate) notes: Notes,
    forms: BTreeMap<FormKey, Rc<Form>>,
    /// What was paid for so far.
    pub(crate) visits: u64,
}

/// A schema by its node, the side it is read for and the levels still to go.
type FormKey = (*const Node, Side, usize);

/// One attempt to turn a schema into a form.
#[derive(Debug)]
pub(crate) struct Attempt<'w, 'l> {
    /// What the reading works with.
    pub(crate) work: &'w mut Work<'l>,
    /// What pays for it.
    pub(crate) purse: Purse,
    /// The side the schema is read for.
    pub(crate) side: Side,
}

/// Schemas joined at one place at most, one inside the other: `allOf` in `allOf` in `$ref`.
const NESTING_MAX: usize = 24;

const NULL_BESIDE_ENUM: Why = Why {
    reason: "`nullable` stands beside an `enum` without null: null counts as admitted",
    remedy: "add null to the `enum`, or drop `nullable`",
};

const UNKNOWN_TYPE: Why = Why {
    reason: "a `type` is none of JSON Schema's: anything counts as admitted",
    remedy: "write one of null, boolean, integer, number, string, array, object",
};

const NOT_A_SCHEMA: Why = Why {
    reason: "what stands where a schema is expected is no schema: anything counts as admitted",
    remedy: "write an object there",
};

/// Told where a schema is not followed to its end.
pub(crate) const TOO_LARGE: Why = Why {
    reason: "a schema is too large to be followed to its end: what lies deeper counts as covered",
    remedy: "nothing to do if the depth is not used; else split the schema by operation",
};

impl<'l> Work<'l> {
    /// The work on one specification, with nothing read yet.
    pub(crate) fn new(library: &'l Library<'l>, version: Version) -> Self {
        Self { library, version, notes: Notes::default(), forms: BTreeMap::new(), visits: 0 }
    }

    /// Where `spot` leads; tells of a reference that leads nowhere.
    pub(crate) fn resolve(&mut self, spot: Spot<'l>) -> Option<Spot<'l>> {
        resolve(self.library, spot).map_err(|unread| self.notes.tell(unread)).ok()
    }
}

/// The form of the schema at `spot` alone, one level deep: for values that are text on the wire.
pub(crate) fn shallow_form<'l>(work: &mut Work<'l>, side: Side, spot: Spot<'l>) -> Rc<Form> {
    form_at(&mut Attempt { work, purse: Purse::default(), side }, spot, 2)
}

/// The form of a schema that begins a place of its own, with `left` levels still to go.
pub(crate) fn form_at<'l>(attempt: &mut Attempt<'_, 'l>, spot: Spot<'l>, left: usize) -> Rc<Form> {
    let spot = definition(attempt.work, spot);
    let key = (std::ptr::from_ref(spot.node), attempt.side, left);
    if let Some(known) = attempt.work.forms.get(&key) {
        return Rc::clone(known);
    }
    note_discriminator(&mut attempt.work.notes, spot);
    let mut form = compose(attempt, spot, left, &mut Vec::new()).unwrap_or_else(|| {
        // References in a circle: resolving tells where.
        attempt.work.resolve(spot);
        Form::anything()
    });
    if left == 0 && (form.holds_members() || form.holds_elements()) {
        form.cut_off();
    }
    let form = Rc::new(form);
    if !attempt.purse.is_empty() {
        attempt.work.forms.insert(key, Rc::clone(&form));
    }
    form
}

/// The schema that a plain reference stands for, so that whoever refers to it shares one form;
/// itself for any other schema, also for a reference that leads nowhere.
fn definition<'l>(work: &Work<'l>, spot: Spot<'l>) -> Spot<'l> {
    let mut at = spot;
    for _ in 0..NESTING_MAX {
        if !is_plain_reference(work, at) {
            return at;
        }
        let Some(Ok(next)) = follow(work.library, at) else { return spot };
        at = next;
    }
    spot
}

/// True for a `$ref` beside which nothing counts.
fn is_plain_reference(work: &Work<'_>, spot: Spot<'_>) -> bool {
    let is_reference = spot.get("$ref").is_some_and(|at| at.node.as_str().is_some());
    is_reference && (work.version == Version::V30 || spot.node.entries().len() == 1)
}

/// The form of a schema with all it is composed of. `trail` holds the schemas being composed at
/// this place; one that comes up again adds nothing and gives `None`.
fn compose<'l>(
    attempt: &mut Attempt<'_, 'l>,
    spot: Spot<'l>,
    left: usize,
    trail: &mut Vec<*const Node>,
) -> Option<Form> {
    let node = std::ptr::from_ref(spot.node);
    if trail.contains(&node) {
        return None;
    }
    if trail.len() >= NESTING_MAX {
        attempt.work.notes.count(spot, TOO_LARGE);
        return Some(Form::anything());
    }
    if !attempt.purse.pay() {
        return Some(Form::anything());
    }
    match spot.node.value {
        Value::Bool(true) => return Some(Form::anything()),
        Value::Bool(false) => return Some(Form::of(TraitSet::NONE)),
        Value::Object(_) => {}
        _ => {
            attempt.work.notes.count(spot, NOT_A_SCHEMA);
            return Some(Form::anything());
        }
    }
    trail.push(node);
    let form = composed(attempt, spot, left, trail);
    trail.pop();
    form
}

fn composed<'l>(
    attempt: &mut Attempt<'_, 'l>,
    spot: Spot<'l>,
    left: usize,
    trail: &mut Vec<*const Node>,
) -> Option<Form> {
    let referred = match follow(attempt.work.library, spot) {
        None => None,
        Some(Ok(target)) => compose(attempt, target, left, trail),
        Some(Err(unread)) => {
            attempt.work.notes.tell(unread);
            Some(Form::anything())
        }
    };
    if is_plain_reference(attempt.work, spot) {
        return referred;
    }
    let mut form = own_keywords(attempt, spot, left);
    if let Some(referred) = referred {
        form = intersection(&mut attempt.purse, form, referred);
    }
    for branch in spot.get("allOf").into_iter().flat_map(Spot::items) {
        if let Some(too) = compose(attempt, branch, left, trail) {
            form = intersection(&mut attempt.purse, form, too);
        }
    }
    for key in ["oneOf", "anyOf"] {
        let Some(branches) = spot.get(key) else { continue };
        let mut joined: Option<Form> = None;
        for branch in branches.items() {
            let Some(too) = compose(attempt, branch, left, trail) else { continue };
            joined = Some(match joined {
                None => too,
                Some(before) => union(&mut attempt.purse, before, too),
            });
        }
        if let Some(joined) = joined {
            form = intersection(&mut attempt.purse, form, joined);
        }
    }
    if is_nullable(attempt.work, spot) {
        // What it is composed of may not know null; whoever wrote this meant to admit it.
        form.traits |= TraitSet::NULL;
    }
    Some(form)
}

fn is_nullable(work: &Work<'_>, spot: Spot<'_>) -> bool {
    work.version == Version::V30 && is_true(spot, "nullable")
}

/// What the keywords of one schema object say, without what it is composed of.
fn own_keywords<'l>(attempt: &mut Attempt<'_, 'l>, spot: Spot<'l>, left: usize) -> Form {
    note_uninterpreted(&mut attempt.work.notes, spot);
    let mut form = match kinds_of(spot.node) {
        None => Form::of(traits_of_any_kind(spot.node)),
        Some(kinds) => {
            let mut traits = TraitSet::NONE;
            for kind in kinds {
                traits |= traits_of_kind(kind, spot.node).unwrap_or_else(|| {
                    attempt.work.notes.count(spot, UNKNOWN_TYPE);
                    TraitSet::ALL
                });
            }
            Form::of(traits)
        }
    };
    let is_nullable = is_nullable(attempt.work, spot);
    if is_nullable {
        form.traits |= TraitSet::NULL;
    }
    if let Some((traits, words)) = enumerated(spot.node, form.traits) {
        if is_nullable && !traits.intersects(TraitSet::NULL) {
            attempt.work.notes.count(spot, NULL_BESIDE_ENUM);
        }
        form.traits = traits;
        form.words = words;
    }
    if form.holds_members() {
        say_members(attempt, spot, left, &mut form);
    }
    if form.holds_elements() && left > 0 {
        form.item = element_of(attempt, spot, left);
    }
    form
}

fn say_members<'l>(attempt: &mut Attempt<'_, 'l>, spot: Spot<'l>, left: usize, form: &mut Form) {
    let listed = |key: &str| spot.get(key).into_iter().flat_map(Spot::entries);
    let required: BTreeSet<&str> = spot
        .get("required")
        .map(|names| names.node.items().iter().filter_map(Node::as_str).collect())
        .unwrap_or_default();
    form.beneath = beneath_of(spot);
    for (name, _) in listed("properties").filter(|(_, schema)| is_unsaid(attempt, *schema)) {
        form.unsaid.insert(name.to_owned());
    }
    if required.iter().any(|name| !form.unsaid.contains(*name)) {
        form.traits = form.traits.minus(TraitSet::EMPTY_OBJECT);
    }
    if left == 0 {
        return;
    }
    let others = listed("patternProperties").map(|(_, schema)| schema);
    let others = others.chain(additional(spot).filter(|schema| !is_free(schema.node)));
    for schema in others {
        let any = form_at(attempt, schema, left - 1);
        form.any = Some(match form.any.take() {
            None => any,
            Some(too) => either(&mut attempt.purse, &too, &any),
        });
    }
    for (name, schema) in listed("properties") {
        let presence = match required.contains(name) {
            _ if schema.node.as_bool() == Some(false) => Presence::Never,
            true => Presence::Always,
            false => Presence::Sometimes,
        };
        let below = form_at(attempt, schema, left - 1);
        form.members.insert(name.to_owned(), Member { presence, form: below });
    }
    for name in required {
        let any = form.any.clone().unwrap_or_else(|| Rc::new(Form::anything()));
        let undescribed = Member { presence: Presence::Always, form: any };
        form.members.entry(name.to_owned()).or_insert(undescribed);
    }
}

/// The form of an array's elements; `None` when any will do.
fn element_of<'l>(attempt: &mut Attempt<'_, 'l>, spot: Spot<'l>, left: usize) -> Option<Rc<Form>> {
    let items = spot.get("items");
    let is_tuple = items.is_some_and(|at| matches!(at.node.value, Value::Array(_)));
    let (tuple, rest) = match spot.get("prefixItems") {
        None if is_tuple => (items, spot.get("additionalItems")),
        tuple => (tuple, items),
    };
    let mut schemas: Vec<Spot<'l>> = tuple.into_iter().flat_map(Spot::items).collect();
    match rest {
        None => return None,
        Some(rest) if is_free(rest.node) && rest.node.as_bool() != Some(false) => return None,
        Some(rest) if rest.node.as_bool() == Some(false) => {}
        Some(rest) => schemas.push(rest),
    }
    let mut joined: Option<Rc<Form>> = None;
    for schema in schemas {
        let element = form_at(attempt, schema, left - 1);
        joined = Some(match joined {
            None => element,
            Some(too) => either(&mut attempt.purse, &too, &element),
        });
    }
    joined
}

/// True when a property does not belong on the side the schema is read for.
fn is_unsaid<'l>(attempt: &Attempt<'_, 'l>, property: Spot<'l>) -> bool {
    let key = match attempt.side {
        Side::Request => "readOnly",
        Side::Response => "writeOnly",
    };
    let at_target = || resolve(attempt.work.library, property).is_ok_and(|at| is_true(at, key));
    is_true(property, key) || at_target()
}
