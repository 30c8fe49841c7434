//! Mending: from a finding to the changes by which its claims would say what is seen.
//!
//! Nothing that holds is changed. What holds at times stays, and what else is seen goes beside it:
//! into one element of an array, or into a case of its own. Values are synthetic, since those of
//! traffic are not kept. Refuses to know how any dialect writes an answer down.

use crate::finding::{Cause, Finding};
use crate::widening::{Known, SaidBy, answering, widening};
use plumb_shape::change::{Action, Answer, Change, Reach};
use plumb_shape::claim::Source;
use plumb_shape::difference::{Difference, DifferenceKind};
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::seen::Marginals;
use plumb_shape::synthetic::{WordAt, document, typical};
use plumb_shape::trait_set::TraitSet;
use std::collections::{BTreeMap, BTreeSet};

/// What to do about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mending {
    /// These changes, each to one claim.
    Changes(Vec<Change>),
    /// Nothing that can be done by rule; why, in lower case without full stop.
    ByHand(&'static str),
}

const VALUES: &str = "the new values are withheld: look one up, and write a case for it";
const SELECTION: &str = "the filter may be ignored: ask the provider, and take out the case if so";
const REQUEST: &str = "what requests are matched by stays as it is written: change it by hand";
const CONTRADICTION: &str = "which of the claims is right is for people to say";
const NOTHING: &str = "nothing was kept of what is answered now";
const FAILING: &str = "what succeeded fails now: ask as the provider wants to be asked, or take \
                       the operation out if it is gone";

/// What to do about a finding: rules take what is seen beside what they took, examples become it.
#[must_use]
pub fn mending(finding: &Finding, known: Known<'_>) -> Mending {
    let word_at = known.word_at;
    match &finding.cause {
        Cause::Contradiction => Mending::ByHand(CONTRADICTION),
        Cause::StatusGone { said, by_status } => {
            let Some((status, seen)) = successor(*said, by_status) else {
                return Mending::ByHand(NOTHING);
            };
            let answer = answer(status, seen, None, word_at);
            let gone = |claim: &Source| answering(claim, &answer, false);
            let is_failing = *said < 400 && status >= 400;
            let is_left = |claim: &&Source| !(is_failing && claim.dialect.states_rules());
            let changes: Vec<Change> = finding.claims.iter().filter(is_left).map(gone).collect();
            if changes.is_empty() { Mending::ByHand(FAILING) } else { Mending::Changes(changes) }
        }
        Cause::StatusNew { status, seen } => {
            let answer = answer(*status, seen, None, word_at);
            let first = finding.claims.first().filter(|claim| claim.dialect.states_rules());
            if let Some(rule) = first {
                return Mending::Changes(vec![answering(rule, &answer, true)]);
            }
            let action = Action::AnswerOther(answer);
            changes(finding.claims.get(..1).unwrap_or_default(), &action, Reach::NewCase)
        }
        Cause::Difference { .. } => of_examples(finding, known),
    }
}

/// What to do about a difference: what rules take and what examples say are changed at once.
fn of_examples(finding: &Finding, known: Known<'_>) -> Mending {
    let Cause::Difference { difference, status, seen, about } = &finding.cause else {
        return Mending::Changes(Vec::new());
    };
    let mut all = widening(finding, known);
    let examples = |claims: &[Source]| {
        let own = claims.iter().filter(|claim| !claim.dialect.states_rules());
        own.cloned().collect::<Vec<Source>>()
    };
    let (told, about) = (examples(&finding.claims), examples(about));
    let (action, reach) = match of_difference(difference, *status, seen, known.word_at) {
        Ok(found) => found,
        Err(reason) if all.is_empty() => return Mending::ByHand(reason),
        Err(_) => return Mending::Changes(all),
    };
    let is_of_all = matches!(difference.kind, DifferenceKind::New | DifferenceKind::NeverSeen);
    let is_for_all = is_of_all && reach == Reach::Everywhere;
    let one = speaking_of(&difference.place, (&told, &about), known.said_by);
    let claims = match reach {
        _ if is_for_all => about.as_slice(),
        Reach::Everywhere => &told,
        // A rule that takes it speaks for the examples beside it.
        _ if told.is_empty() && !all.is_empty() => &[],
        Reach::OneElement | Reach::NewCase => one.map(std::slice::from_ref).unwrap_or_default(),
    };
    all.extend(claims.iter().map(|claim| change(claim, &action, reach)));
    Mending::Changes(all)
}

/// The first claim that says something of a place, or of what is above it, so that there is room
/// for it.
fn speaking_of<'a>(
    place: &Place,
    (told, about): (&'a [Source], &'a [Source]),
    said_by: SaidBy<'_>,
) -> Option<&'a Source> {
    let all = told.iter().chain(about);
    let says = |claim: &Source| said_by(claim).is_some_and(|said| said.get(place).is_some());
    let has_room = |claim: &Source| {
        let above = place.parent().and_then(|above| said_by(claim)?.get(&above));
        let holds = if place.is_member() { TraitSet::OBJECT } else { TraitSet::ARRAY };
        place.part != Part::Body || above.is_some_and(|above| above.traits.intersects(holds))
    };
    let speaks = all.clone().find(|claim| says(claim));
    speaks.or_else(|| all.clone().find(|claim| has_room(claim))).or_else(|| told.first())
}

/// What is answered now in place of a status: another success before any failure, and the most
/// frequent before others.
fn successor(said: u16, by_status: &BTreeMap<u16, Marginals>) -> Option<(u16, &Marginals)> {
    let is_success = |status: u16| (200..400).contains(&status);
    let rank = |(status, seen): &(&u16, &Marginals)| {
        (is_success(said) && is_success(**status), seen.total.count)
    };
    let answered = by_status.iter().filter(|(status, _)| **status != 0);
    answered.max_by_key(rank).map(|(status, seen)| (*status, seen))
}

fn changes(claims: &[Source], action: &Action, reach: Reach) -> Mending {
    Mending::Changes(claims.iter().map(|claim| change(claim, action, reach)).collect())
}

fn change(claim: &Source, action: &Action, reach: Reach) -> Change {
    Change { claim: claim.clone(), action: action.clone(), reach }
}

/// The typical answer of a status, with a body of one of these traits where they are given.
fn answer(status: u16, seen: &Marginals, among: Option<TraitSet>, word_at: WordAt<'_>) -> Answer {
    let is_type = |place: &&Place| place.side == Side::Response && place.part == Part::MediaType;
    let types = seen.places.keys().filter(is_type);
    let mostly = types.max_by_key(|place| seen.seen(place).count);
    let media_type = mostly.and_then(Place::name).map(str::to_owned);
    let root = Place::root(Side::Response, Part::Body);
    let facts = typical(seen, &root, among);
    let is_mostly_there =
        among.is_some() || seen.seen(&root).count.saturating_mul(2) >= seen.total.count;
    let body = facts.get(&root).filter(|_| is_mostly_there).map(|traits| {
        // A body of another kind than JSON was not kept at all.
        let opaque = || if traits.is_empty() { String::new() } else { "text".to_owned() };
        document(&facts, &root, word_at).unwrap_or_else(opaque)
    });
    let asked = Place::root(Side::Request, Part::Body);
    let asked = document(&typical(seen, &asked, None), &asked, word_at);
    Answer { status, media_type, body, asked }
}

fn of_difference(
    difference: &Difference,
    status: u16,
    seen: &Marginals,
    word_at: WordAt<'_>,
) -> Result<(Action, Reach), &'static str> {
    use DifferenceKind as Kind;
    let place = &difference.place;
    let is_always = difference.seen.count >= difference.of;
    let at_times = if place.is_repeated() { Reach::OneElement } else { Reach::NewCase };
    let is_whole = place.part == Part::MediaType || place.steps.is_empty();
    match (place.side, place.part, difference.kind) {
        (Side::Request, Part::Query | Part::Body, Kind::New | Kind::Refused) => {
            return Ok((written(place.clone(), seen, None, word_at)?, Reach::NewCase));
        }
        (Side::Request, ..) => return Err(REQUEST),
        (_, _, Kind::ValueNew) => return Err(VALUES),
        (_, _, Kind::Unselected) => return Err(SELECTION),
        (_, _, kind) if is_whole => {
            let is_all = matches!(kind, Kind::Gone | Kind::KindChanged | Kind::Emptied)
                || (kind == Kind::Refused && is_always);
            let reach = if is_all { Reach::Everywhere } else { Reach::NewCase };
            let is_body = place.part == Part::Body && !matches!(kind, Kind::Gone);
            let among = (is_body && kind != Kind::SometimesAbsent).then_some(difference.found);
            let mut answer = answer(status, seen, among, word_at);
            if kind == Kind::SometimesAbsent {
                answer.body = None;
            }
            return Ok((Action::Answer(answer), reach));
        }
        _ => {}
    }
    let reach = match difference.kind {
        Kind::Gone | Kind::NeverSeen | Kind::KindChanged | Kind::Emptied => Reach::Everywhere,
        // An array that was said empty may well be: elsewhere it has elements.
        Kind::New if matches!(place.steps.last(), Some(Step::Item)) => Reach::NewCase,
        Kind::New | Kind::Refused if is_in_every_element(place, seen) && is_always => {
            Reach::Everywhere
        }
        Kind::FormatChanged | Kind::NumberWidened if is_always && !place.is_repeated() => {
            Reach::Everywhere
        }
        _ => at_times,
    };
    let action = match difference.kind {
        Kind::Gone | Kind::NeverSeen | Kind::SometimesAbsent => Action::Remove(place.clone()),
        Kind::New | Kind::Refused | Kind::KindChanged => {
            written(place.clone(), seen, None, word_at)?
        }
        _ => written(place.clone(), seen, Some(difference.found), word_at)?,
    };
    Ok((action, reach))
}

fn is_in_every_element(place: &Place, seen: &Marginals) -> bool {
    !seen.traits(place).intersects(TraitSet::PARTIAL)
}

/// Writes a typical value at a place, with these traits rather than others where they are given.
fn written(
    place: Place,
    seen: &Marginals,
    among: Option<TraitSet>,
    word_at: WordAt<'_>,
) -> Result<Action, &'static str> {
    let facts = typical(seen, &place, among);
    let json = document(&facts, &place, word_at).ok_or(NOTHING)?;
    Ok(Action::Set(place, json))
}

/// A word seen at a place, among those that claims say there: the one that is seen most.
#[must_use]
pub fn known_word<'a>(
    words: impl Iterator<Item = &'a String>,
    place: &Place,
    seen: &Marginals,
    key: &plumb_shape::literal::LiteralKey,
) -> Option<String> {
    let counts = &seen.places.get(place)?.literals;
    let counted = words.filter_map(|word| Some((*counts.get(&key.hash(word))?, word)));
    counted.max().map(|(_, word)| word.clone())
}

/// Every word seen at a place among those that claims say there.
#[must_use]
pub fn known_words<'a>(
    words: impl Iterator<Item = &'a String>,
    place: &Place,
    seen: &Marginals,
    key: &plumb_shape::literal::LiteralKey,
) -> BTreeSet<String> {
    let Some(tally) = seen.places.get(place) else { return BTreeSet::new() };
    words.filter(|word| tally.literals.contains_key(&key.hash(word))).cloned().collect()
}
