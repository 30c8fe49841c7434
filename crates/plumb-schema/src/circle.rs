//! Schemas that refer to each other in circles, decided pair by pair.
//!
//! A pair of a writer's schema and a reader's comes down to searches that look no further than the
//! pair, and to pairs further inside. Each pair is looked at once, however many questions lead to
//! it. A reader takes whatever its writer may write if nothing is found in any pair that the
//! question leads to: documents end, and those of an inner pair are smaller. Where something is
//! found, the question's document is put together along the way to the pair.

use crate::answer::Reading;
use crate::blame::Blame;
use crate::decide::{Question, Schemas};
use crate::duty::{Duty, duties};
use crate::evaluate::evaluate;
use crate::library::Library;
use crate::literal::{Literal, Side};
use crate::node::{Id, Kind, Kinds, Named, Node};
use crate::nodes::Nodes;
use crate::pair::{Around, Excuse, Found, Inner, Looked, Pairs, Place, Shown, Step};
use crate::place::place;
use crate::reach::{self, Stop};
use crate::read::Excused;
use crate::refusals::{BREAKS_MAX, Refusal, against, excuse, refusals};
use crate::texts::{self, Texts};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// What was found out about a question.
#[derive(Debug, Default)]
pub(crate) struct Circle {
    /// Documents that show what is refused, the nearest first, with what speaks against each.
    pub(crate) shown: Vec<(Value, Vec<Blame>)>,
    /// Why more cannot be told.
    pub(crate) untold: Option<String>,
    /// Whether a document of an inner pair turned out to be none inside the question's.
    pub(crate) is_lost: bool,
}

/// What the pairs that a question leads to say; `None` when it does not lead into circles on both
/// sides, or no further than round in a circle.
pub(crate) fn circle(schemas: &mut Schemas<'_>, question: &Question) -> Option<Circle> {
    let both = [place(schemas, &question.writer)?, place(schemas, &question.reader)?];
    if both.iter().any(|place| !schemas.nodes.is_circular(place.id)) {
        return None;
    }
    let reading = question.reading;
    let [writer, reader] = both;
    let root = schemas.pairs.entry(reading).or_default().number(writer, reader);
    if let Err(why) = explore(schemas, reading, root) {
        return Some(Circle { untold: Some(why), ..Circle::default() });
    }
    let Schemas { nodes, texts, pairs, .. } = schemas;
    let pairs = pairs.entry(reading).or_default();
    let reach = pairs.reach.get(&root).cloned().unwrap_or_default();
    let mut told = BTreeSet::new();
    let mut circle = Circle::default();
    if reach.len() > BREAKS_MAX {
        circle.untold = Some(format!("more than {BREAKS_MAX} breaks"));
    }
    for reach in reach {
        let excuses = match pairs.found.get(reach.what)? {
            Found::Break(excuses) => excuses,
            Found::Untold(why) => {
                circle.untold = Some(why.clone());
                continue;
            }
            Found::Turn => return None,
        };
        let is_new = excuses.iter().any(|excuse| !told.contains(excuse));
        if is_new {
            told.extend(excuses.iter().cloned());
            let whole = whole((nodes, texts), pairs, (root, reach.what));
            circle.is_lost |= whole.is_none();
            circle.shown.extend(whole);
        }
    }
    Some(circle)
}

/// Looks at all pairs that a pair leads to, and notes what each of them leads to.
fn explore(schemas: &mut Schemas<'_>, reading: Reading, root: usize) -> Result<(), String> {
    let pairs = schemas.pairs.entry(reading).or_default();
    if pairs.reach.contains_key(&root) {
        return Ok(());
    }
    let (mut left, mut met) = (VecDeque::from([root]), HashSet::from([root]));
    let mut stops = Vec::new();
    let mut same = HashMap::new();
    while let Some(pair) = left.pop_front() {
        schemas.spend()?;
        let looked = look(schemas, reading, pair);
        let mut stop = Stop { node: pair, own: Vec::new(), steps: Vec::new() };
        let pairs = schemas.pairs.entry(reading).or_default();
        let untold = looked.untold.iter().map(|why| Found::Untold(why.clone()));
        stop.own.extend(untold.map(|found| pairs.found(found)));
        stop.own.extend(looked.shown.iter().map(|shown| pairs.excused(shown.excuses())));
        for (position, inner) in looked.inner.iter().enumerate() {
            match &*around(schemas, reading, (pair, position), inner) {
                Around::Never => continue,
                Around::Document(_) => {}
                Around::Untold(why) => {
                    let pairs = schemas.pairs.entry(reading).or_default();
                    stop.own.push(pairs.found(Found::Untold(why.clone())));
                }
            }
            stop.steps.push((position, inner.pair));
            if inner.step == Step::Same {
                same.entry(pair).or_insert_with(Vec::new).push(inner.pair);
            }
            let is_known = |pairs: &Pairs| pairs.reach.contains_key(&inner.pair);
            if !schemas.pairs.get(&reading).is_some_and(is_known) && met.insert(inner.pair) {
                left.push_back(inner.pair);
            }
        }
        stops.push(stop);
    }
    let pairs = schemas.pairs.entry(reading).or_default();
    for pair in turning(&same) {
        let turn = pairs.found(Found::Turn);
        stops.iter_mut().filter(|stop| stop.node == pair).for_each(|stop| stop.own.push(turn));
    }
    reach::extend(&mut pairs.reach, &stops, BREAKS_MAX + 1);
    Ok(())
}

/// Looks at a pair, once.
fn look(schemas: &mut Schemas<'_>, reading: Reading, pair: usize) -> Arc<Looked> {
    let pairs = schemas.pairs.entry(reading).or_default();
    if let Some(looked) = pairs.looked.get(&pair) {
        return Arc::clone(looked);
    }
    let places = pairs.places(pair).clone();
    let mut looked = Looked::default();
    let mut here = Vec::new();
    for duty in duties(schemas, reading, &places) {
        match duty {
            Duty::Inner(step, [writer, reader]) => {
                let pairs = schemas.pairs.entry(reading).or_default();
                looked.inner.push(Inner { step, pair: pairs.number(writer, reader) });
            }
            Duty::Here(literals) => here.push(literals),
        }
    }
    for literals in here {
        if let Err(why) = settle(schemas, (reading, &places), literals, &mut looked) {
            looked.untold.get_or_insert(why);
        }
    }
    let looked = Arc::new(looked);
    let pairs = schemas.pairs.entry(reading).or_default();
    pairs.looked.insert(pair, Arc::clone(&looked));
    looked
}

/// Searches what has to be searched for a pair.
fn settle(
    schemas: &mut Schemas<'_>,
    (reading, places): (Reading, &[Place; 2]),
    mut literals: Vec<Literal>,
    looked: &mut Looked,
) -> Result<(), String> {
    let [writer, reader] = places.clone().map(|place| place.spot);
    let question = Question { writer, reader, reading };
    for _ in 0..BREAKS_MAX {
        let document = match schemas.find(&literals, reading) {
            texts::Found::None => return Ok(()),
            texts::Found::Unknown(why) => return Err(why.to_string()),
            texts::Found::One(document) => document,
        };
        let next = more(schemas, &literals, &document);
        if next.is_none() && literals.last().is_some_and(|it| is_deep(schemas, *it)) {
            // There may be more than one reason, which only asking again brings out.
            let (mut excused, mut found) = (Excused::default(), Vec::new());
            let told = refusals(schemas, &question, &mut excused, &mut found);
            let shown = found.into_iter().map(|Refusal { witness, blame }| Shown {
                document: witness,
                blames: with_excuses(schemas.library, vec![blame]),
            });
            looked.shown.extend(shown);
            return told;
        }
        let blames = against(schemas.library, &question, &[&document])?.pop().flatten();
        let Some(blames) = blames else {
            return Err(format!("a validator does not agree about {document}"));
        };
        let blames = with_excuses(schemas.library, blames);
        if blames.is_empty() {
            return Err("what the reader refuses cannot be told apart".to_owned());
        }
        let is_named = blames.iter().any(|((_, name), _)| name.is_some());
        looked.shown.push(Shown { document, blames });
        match next {
            Some(next) if is_named => literals = next,
            _ => return Ok(()),
        }
    }
    Err(format!("more than {BREAKS_MAX} breaks"))
}

fn with_excuses(library: &Library, blames: Vec<Blame>) -> Vec<(Excuse, Blame)> {
    let with = |blame| Some((excuse(library, &blame)?, blame));
    blames.into_iter().filter_map(with).collect()
}

/// Whether what a literal says has schemas inside.
fn is_deep(schemas: &Schemas<'_>, literal: Literal) -> bool {
    let mut has_inner = false;
    let _ = schemas.nodes.get(literal.id()).map(|_| has_inner = true);
    has_inner
}

/// What to search next, where a reader that closes its objects refuses one name after the other.
fn more(schemas: &mut Schemas<'_>, literals: &[Literal], shown: &Value) -> Option<Vec<Literal>> {
    let (last, others) = literals.split_last()?;
    let Node::MembersBut(named, of) = schemas.nodes.get(last.id()).clone() else { return None };
    if !matches!(schemas.nodes.get(of), Node::Any(none) if none.is_empty()) {
        return None;
    }
    let mut names: BTreeSet<_> = named.names.iter().cloned().collect();
    names.extend(shown.as_object()?.keys().map(|name| name.as_str().into()));
    let patterns = named.patterns.clone();
    let named = Named { names: names.into_iter().collect(), patterns };
    let node = schemas.nodes.node(Node::MembersBut(Arc::new(named), of));
    let mut next = others.to_vec();
    next.push(last.of(node));
    Some(next)
}

/// A document of a pair's writer around one of an inner pair.
fn around(
    schemas: &mut Schemas<'_>,
    reading: Reading,
    (pair, position): (usize, usize),
    inner: &Inner,
) -> Arc<Around> {
    let pairs = schemas.pairs.entry(reading).or_default();
    if let Some(known) = pairs.around.get(&(pair, position)) {
        return Arc::clone(known);
    }
    let writer = Literal::holds(pairs.places(pair)[0].id, Side::Writer);
    let wanted = match &inner.step {
        Step::Same => None,
        Step::Member(name) => Some((Kind::Object, Node::Required(name.clone()))),
        Step::Element(at) => Some((Kind::Array, Node::CountAtLeast(u64::from(*at) + 1))),
    };
    let around = match wanted {
        None => Around::Document(Value::Null),
        Some((kind, there)) => {
            let kind = schemas.nodes.node(Node::Kinds(Kinds::NONE.with(kind)));
            let there = schemas.nodes.node(there);
            let [kind, there] = [kind, there].map(|id| Literal::holds(id, Side::Reader));
            match schemas.find(&[writer, kind, there], reading) {
                texts::Found::One(document) => Around::Document(document),
                texts::Found::None => Around::Never,
                texts::Found::Unknown(why) => Around::Untold(why.to_string()),
            }
        }
    };
    let around = Arc::new(around);
    let pairs = schemas.pairs.entry(reading).or_default();
    pairs.around.insert((pair, position), Arc::clone(&around));
    around
}

/// The document of a pair that shows something it leads to, and what speaks against it; `None`
/// where what is shown is none of the writer's on the way.
fn whole(
    (nodes, texts): (&Nodes, &mut Texts),
    pairs: &Pairs,
    (root, what): (usize, usize),
) -> Option<(Value, Vec<Blame>)> {
    let mut way = Vec::new();
    let mut pair = root;
    while let Some(position) = pairs.reach.get(&pair)?.iter().find(|it| it.what == what)?.via {
        way.push((pair, position));
        pair = pairs.looked.get(&pair)?.inner.get(position)?.pair;
    }
    let excuses = pairs.found.get(what)?;
    let is_it = |shown: &&Shown| matches!(excuses, Found::Break(it) if *it == shown.excuses());
    let shown = pairs.looked.get(&pair)?.shown.iter().find(is_it)?;
    let (mut document, mut place) = (shown.document.clone(), String::new());
    for (pair, position) in way.into_iter().rev() {
        let Around::Document(outer) = &**pairs.around.get(&(pair, position))? else { return None };
        let step = &pairs.looked.get(&pair)?.inner.get(position)?.step;
        let mut outer = outer.clone();
        match step {
            Step::Same => outer = document,
            Step::Member(name) => {
                *outer.get_mut(&**name)? = document;
                place = format!("/{}{place}", name.replace('~', "~0").replace('/', "~1"));
            }
            Step::Element(at) => {
                *outer.get_mut(*at as usize)? = document;
                place = format!("/{at}{place}");
            }
        }
        document = outer;
        // A validator would also take it by an alternative that names nothing of what it holds.
        let writer = pairs.places(pair)[0].id;
        if !is_plain(nodes, writer) && evaluate(nodes, texts, writer, &document) != Some(true) {
            return None;
        }
    }
    let here = |(_, blame): &(Excuse, Blame)| {
        let place = format!("{place}{}", blame.place);
        Blame { place, ..blame.clone() }
    };
    Some((document, shown.blames.iter().map(here).collect()))
}

/// Whether a document of a writer stays one when what is inside it, or the alternative that it
/// follows, is another that the writer speaks of.
fn is_plain(nodes: &Nodes, writer: Id) -> bool {
    let is_part = |id: &Id| {
        matches!(
            nodes.get(*id),
            Node::Kinds(_)
                | Node::Member(..)
                | Node::MembersBut(..)
                | Node::Required(_)
                | Node::ItemsFrom(..)
        )
    };
    match nodes.get(writer) {
        Node::Any(_) => true,
        Node::If(_, then, _) => matches!(nodes.get(*then), Node::Always),
        Node::All(of) => of.iter().all(is_part),
        _ => is_part(&writer),
    }
}

/// Pairs that lead back to themselves, or that such pairs lead to, without going further into the
/// document.
fn turning(same: &HashMap<usize, Vec<usize>>) -> Vec<usize> {
    let mut into: BTreeMap<usize, usize> = same.keys().map(|pair| (*pair, 0)).collect();
    same.values().flatten().for_each(|to| *into.entry(*to).or_default() += 1);
    let first = into.iter().filter(|(_, count)| **count == 0);
    let mut left: Vec<usize> = first.map(|(pair, _)| *pair).collect();
    while let Some(pair) = left.pop() {
        into.remove(&pair);
        for to in same.get(&pair).into_iter().flatten() {
            if let Some(count) = into.get_mut(to) {
                *count -= 1;
                if *count == 0 {
                    left.push(*to);
                }
            }
        }
    }
    into.into_keys().collect()
}
