//! The form of a value that a schema admits, as a tree that can be joined and narrowed before it is
//! laid out as places: `oneOf` is a union, `allOf` an intersection.
//!
//! Refuses to know keywords, references and files.

use plumb_shape::format::string_traits;
use plumb_shape::place::{Place, Step};
use plumb_shape::said::{Beneath, Expected, Presence, Said};
use plumb_shape::trait_set::TraitSet;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What a schema admits at one place and below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// The traits that a value may carry.
    pub(crate) traits: TraitSet,
    /// The strings that a value may be; `None` when any will do.
    pub(crate) words: Option<BTreeSet<String>>,
    /// Members of an object that have a name.
    pub(crate) members: BTreeMap<String, Member>,
    /// Names that do not belong on this side (`readOnly` in a request), even where required.
    pub(crate) unsaid: BTreeSet<String>,
    /// Every other member of an object; `None` when `beneath` says what they are.
    pub(crate) any: Option<Rc<Form>>,
    /// Every element of an array; `None` when any will do.
    pub(crate) item: Option<Rc<Form>>,
    /// Members of an object that have no form of their own; meaningless without object traits.
    pub(crate) beneath: Beneath,
}

/// One named member of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Whether it is there whenever the object is.
    pub(crate) presence: Presence,
    /// What it may be.
    pub(crate) form: Rc<Form>,
}

/// How many forms one attempt may still visit. Joining trees takes time that grows with the product
/// of what a schema repeats, so every visit is paid for and an attempt that cannot pay is given up.
#[derive(Debug)]
pub(crate) struct Purse(u32);

/// Places that one attempt may lay out or join; a body with more is no longer read by anyone, and
/// the time stays in the range of a few milliseconds.
const VISITS_MAX: u32 = 20_000;

impl Default for Purse {
    fn default() -> Self {
        Self(VISITS_MAX)
    }
}

impl Purse {
    /// Pays for one visit; false when nothing is left.
    pub(crate) fn pay(&mut self) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 > 0
    }

    /// How much was paid so far.
    pub(crate) fn spent(&self) -> u64 {
        u64::from(VISITS_MAX - self.0)
    }

    /// True when the attempt has to be given up.
    pub(crate) fn is_empty(&self) -> bool {
        self.0 == 0
    }
}

impl Form {
    /// Admits everything.
    pub(crate) fn anything() -> Self {
        Self { beneath: Beneath::Anything, ..Self::of(TraitSet::ALL) }
    }

    /// Admits values with these traits, and objects with any members.
    pub(crate) fn of(traits: TraitSet) -> Self {
        Self {
            traits,
            words: None,
            members: BTreeMap::new(),
            unsaid: BTreeSet::new(),
            any: None,
            item: None,
            beneath: Beneath::Open,
        }
    }

    /// True when a value may be an object with members.
    pub(crate) fn holds_members(&self) -> bool {
        self.traits.intersects(TraitSet::RECORD | TraitSet::MAP)
    }

    /// True when a value may be an array with elements.
    pub(crate) fn holds_elements(&self) -> bool {
        self.traits.intersects(TraitSet::ONE_ELEMENT | TraitSet::MANY_ELEMENTS)
    }

    /// Takes out what does not belong on this side.
    fn settle_unsaid(&mut self) {
        for name in std::mem::take(&mut self.unsaid) {
            self.members.remove(&name);
        }
    }

    /// Forgets what is below: whatever stands there is covered.
    pub(crate) fn cut_off(&mut self) {
        self.members.clear();
        self.any = None;
        self.item = None;
        self.beneath = Beneath::Anything;
    }
}

/// The form of values that either form admits.
pub(crate) fn union(purse: &mut Purse, mut one: Form, mut two: Form) -> Form {
    if !purse.pay() {
        return Form::anything();
    }
    one.settle_unsaid();
    two.settle_unsaid();
    let words = words_of_either(&one, &two);
    let item = match (one.holds_elements(), two.holds_elements()) {
        (true, true) => both(&one.item, &two.item, |one, two| either(purse, one, two)),
        (true, false) => one.item.take(),
        _ => two.item.take(),
    };
    let mut joined = match (one.holds_members(), two.holds_members()) {
        (true, true) => union_of_members(purse, &one, &two),
        (true, false) => Form {
            beneath: one.beneath,
            any: one.any,
            members: one.members,
            ..Form::of(TraitSet::NONE)
        },
        _ => Form {
            beneath: two.beneath,
            any: two.any,
            members: two.members,
            ..Form::of(TraitSet::NONE)
        },
    };
    joined.traits = one.traits | two.traits;
    joined.words = words;
    joined.item = item;
    joined
}

/// The same for forms that are shared.
pub(crate) fn either(purse: &mut Purse, one: &Rc<Form>, two: &Rc<Form>) -> Rc<Form> {
    if Rc::ptr_eq(one, two) {
        return Rc::clone(one);
    }
    Rc::new(union(purse, Form::clone(one), Form::clone(two)))
}

/// The form of values that both forms admit.
pub(crate) fn intersection(purse: &mut Purse, mut one: Form, two: Form) -> Form {
    if !purse.pay() {
        return Form::anything();
    }
    one.traits = one.traits & two.traits;
    one.words = match (one.words, two.words) {
        (Some(some), Some(too)) => Some(some.intersection(&too).cloned().collect()),
        (some, too) => some.or(too),
    };
    one.unsaid.extend(two.unsaid);
    one.any = narrowed(purse, one.any, two.any);
    one.item = narrowed(purse, one.item, two.item);
    one.beneath = one.beneath.min(two.beneath);
    for (name, member) in two.members {
        let merged = match one.members.remove(&name) {
            None => member,
            Some(before) => Member {
                presence: stricter(before.presence, member.presence),
                form: narrow(purse, &before.form, &member.form),
            },
        };
        one.members.insert(name, merged);
    }
    one
}

/// Pays for every place that a form takes; false when it cannot be paid for.
pub(crate) fn pay_for_places(purse: &mut Purse, form: &Form) -> bool {
    let members = form.members.values().map(|member| &member.form);
    let mut below = form.item.iter().chain(&form.any).chain(members);
    purse.pay() && below.all(|form| pay_for_places(purse, form))
}

/// Lays a form out as places, from `place` down.
pub(crate) fn say_form(said: &mut Said, place: Place, presence: Presence, form: &Form) {
    let free_elements = form.holds_elements() && form.item.is_none();
    let beneath = match (form.holds_members(), free_elements) {
        (true, _) => form.beneath,
        (false, true) => Beneath::Anything,
        (false, false) => Beneath::Open,
    };
    if let Some(item) = &form.item {
        say_form(said, place.child(Step::Item), Presence::Always, item);
    } else if free_elements && beneath != Beneath::Anything {
        say_form(said, place.child(Step::Item), Presence::Always, &Form::anything());
    }
    if form.holds_members() {
        if let Some(any) = &form.any {
            say_form(said, place.child(Step::Any), Presence::Sometimes, any);
        }
        for (name, member) in &form.members {
            if !form.unsaid.contains(name) {
                say_form(said, place.child(step_of(name)), member.presence, &member.form);
            }
        }
    }
    let words = form.words.clone();
    said.say(place, Expected { presence, words, beneath, ..Expected::always(form.traits) });
}

/// A member whose name has the form of data meets the members of a map, as it does in traffic.
fn step_of(name: &str) -> Step {
    let form = string_traits(name.as_bytes()).minus(TraitSet::NON_ASCII);
    if form == TraitSet::TEXT { Step::Key(name.into()) } else { Step::Any }
}

fn union_of_members(purse: &mut Purse, one: &Form, two: &Form) -> Form {
    let mut joined = Form { beneath: one.beneath.max(two.beneath), ..Form::of(TraitSet::NONE) };
    if joined.beneath == Beneath::Anything {
        // Whatever only one of them names is covered by the other.
        for (name, member) in &one.members {
            if let Some(too) = two.members.get(name) {
                joined.members.insert(name.clone(), either_member(purse, member, too));
            }
        }
        return joined;
    }
    joined.any = match (&one.any, &two.any) {
        (Some(any), Some(too)) => Some(either(purse, any, too)),
        (any, too) => any.clone().or_else(|| too.clone()),
    };
    for (name, member) in &one.members {
        let merged = match two.members.get(name) {
            Some(too) => either_member(purse, member, too),
            None => Member { presence: Presence::Sometimes, form: Rc::clone(&member.form) },
        };
        joined.members.insert(name.clone(), merged);
    }
    for (name, member) in &two.members {
        let form = Rc::clone(&member.form);
        let alone = || Member { presence: Presence::Sometimes, form };
        joined.members.entry(name.clone()).or_insert_with(alone);
    }
    joined
}

fn either_member(purse: &mut Purse, one: &Member, two: &Member) -> Member {
    let presence = if one.presence == two.presence { one.presence } else { Presence::Sometimes };
    Member { presence, form: either(purse, &one.form, &two.form) }
}

fn narrow(purse: &mut Purse, one: &Rc<Form>, two: &Rc<Form>) -> Rc<Form> {
    if Rc::ptr_eq(one, two) {
        return Rc::clone(one);
    }
    Rc::new(intersection(purse, Form::clone(one), Form::clone(two)))
}

fn narrowed(purse: &mut Purse, one: Option<Rc<Form>>, two: Option<Rc<Form>>) -> Option<Rc<Form>> {
    match (one, two) {
        (Some(one), Some(two)) => Some(narrow(purse, &one, &two)),
        (one, two) => one.or(two),
    }
}

fn both(
    one: &Option<Rc<Form>>,
    two: &Option<Rc<Form>>,
    join: impl FnOnce(&Rc<Form>, &Rc<Form>) -> Rc<Form>,
) -> Option<Rc<Form>> {
    Some(join(one.as_ref()?, two.as_ref()?))
}

fn stricter(one: Presence, two: Presence) -> Presence {
    match (one, two) {
        (Presence::Never, _) | (_, Presence::Never) => Presence::Never,
        _ => one.max(two),
    }
}

/// Words survive a union with what has no scalars, such as null.
fn words_of_either(one: &Form, two: &Form) -> Option<BTreeSet<String>> {
    let scalar = TraitSet::BOOLEAN | TraitSet::NUMBER | TraitSet::STRING;
    match (&one.words, &two.words) {
        (Some(some), Some(too)) => Some(some.union(too).cloned().collect()),
        (Some(some), None) if !two.traits.intersects(scalar) => Some(some.clone()),
        (None, Some(too)) if !one.traits.intersects(scalar) => Some(too.clone()),
        _ => None,
    }
}
