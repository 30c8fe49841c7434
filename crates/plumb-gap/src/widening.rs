//! Widening: from a finding to what the rules among its claims have to take beyond what they take.
//!
//! A rule (of a specification, of a contract) says what answers may be, so it goes on taking what
//! it took: what else is seen is added. Refuses to know examples, and how any dialect writes a rule
//! down.

use crate::finding::{Cause, Finding};
use crate::rule::Rule;
use plumb_shape::change::{Action, Answer, Beyond, Change, Reach};
use plumb_shape::claim::{Dialect, Source};
use plumb_shape::difference::{Difference, DifferenceKind};
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::said::Said;
use plumb_shape::seen::Marginals;
use plumb_shape::synthetic::{WordAt, document, typical};
use std::collections::BTreeSet;

/// What is known beside a finding.
#[expect(missing_debug_implementations, reason = "it holds closures")]
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// A word that is known to be seen at a place.
    pub word_at: WordAt<'a>,
    /// Every word that is known to be seen at a place, by what claims say there.
    pub words_at: &'a dyn Fn(&Place) -> BTreeSet<String>,
    /// What a claim says.
    pub said_by: SaidBy<'a>,
}

/// Gives what the claim at a place says.
pub type SaidBy<'a> = &'a dyn Fn(&Source) -> Option<&'a Said>;

/// The changes to the rules among a finding's claims by which they take what is seen.
pub(crate) fn widening(finding: &Finding, known: Known<'_>) -> Vec<Change> {
    let Cause::Difference { difference, seen, about, .. } = &finding.cause else {
        return Vec::new();
    };
    let beyond = |claim: &Source| Beyond {
        kind: difference.kind,
        traits: difference.found,
        json: typical_at(difference, seen, known.word_at),
        words: words(claim, difference, seen, known),
        is_required: finding.rule == Rule::RequestFieldRequired,
    };
    let change = |claim: &Source| Change {
        claim: claim.clone(),
        action: Action::Admit(difference.place.clone(), beyond(claim)),
        reach: Reach::Everywhere,
    };
    concerned(finding, difference, about, known).into_iter().map(change).collect()
}

/// The rules that have to take it. Specifications speak for themselves, each alone; of contracts
/// one that takes it will do, unless it is told of each.
fn concerned<'a>(
    finding: &'a Finding,
    difference: &Difference,
    about: &'a [Source],
    known: Known<'_>,
) -> BTreeSet<&'a Source> {
    use DifferenceKind as Kind;
    let is = |dialect: Dialect| move |claim: &&Source| claim.dialect == dialect;
    let own = finding.claims.iter();
    let mut concerned: BTreeSet<&Source> = own
        .clone()
        .filter(|claim| claim.dialect.states_rules() && !is(Dialect::Pact)(claim))
        .collect();
    let pacts: Vec<&Source> = own.filter(is(Dialect::Pact)).collect();
    if pacts.is_empty() {
        return concerned;
    }
    let says = |claim: &&&Source| {
        (known.said_by)(claim).is_some_and(|it| it.get(&difference.place).is_some())
    };
    let beside = about.iter().filter(is(Dialect::Pact));
    match difference.kind {
        Kind::New | Kind::NeverSeen => concerned.extend(beside),
        Kind::Gone | Kind::KindChanged | Kind::KindNew | Kind::NullNew | Kind::SometimesAbsent => {
            let told = pacts.iter().filter(says).copied().collect::<Vec<_>>();
            concerned.extend(if told.is_empty() { pacts } else { told });
        }
        _ => {
            let all: Vec<&Source> = pacts.iter().copied().chain(beside).collect();
            let alike = all.iter().find(|claim| says_alike(claim, difference, known));
            concerned.extend(alike.or_else(|| all.iter().find(says)).or(pacts.first()).copied());
        }
    }
    concerned
}

/// True when a claim says values of the kind that was found, so that its rules have room for more.
fn says_alike(claim: &Source, difference: &Difference, known: Known<'_>) -> bool {
    let said = (known.said_by)(claim).and_then(|said| said.get(&difference.place));
    said.is_some_and(|said| said.traits.intersects(difference.found.widened_to_kinds()))
}

/// A typical value that is seen at the place; of a media type the body that has it.
fn typical_at(difference: &Difference, seen: &Marginals, word_at: WordAt<'_>) -> Option<String> {
    use DifferenceKind as Kind;
    let place = &difference.place;
    let root = Place::root(place.side, Part::Body);
    let (at, among) = match (place.part, difference.kind) {
        (Part::MediaType, _) => (&root, None),
        (_, Kind::Gone | Kind::NeverSeen) => return None,
        (_, Kind::New | Kind::Refused) => (place, None),
        _ => (place, Some(difference.found)),
    };
    document(&typical(seen, at, among), at, word_at)
}

/// The words that a claim does not say and that are known to be seen, where all are known.
fn words(
    claim: &Source,
    difference: &Difference,
    seen: &Marginals,
    known: Known<'_>,
) -> Vec<String> {
    let place = &difference.place;
    if place.part == Part::MediaType {
        let new = (difference.kind == DifferenceKind::New).then(|| place.name()).flatten();
        return new
            .or_else(|| media_type(seen, place.side))
            .map(str::to_owned)
            .into_iter()
            .collect();
    }
    let literals = seen.places.get(place).map_or(0, |tally| tally.literals.len());
    let seen_words = (known.words_at)(place);
    if difference.kind != DifferenceKind::ValueNew || seen_words.len() < literals {
        return Vec::new();
    }
    let said = (known.said_by)(claim).and_then(|said| said.get(place)?.words.clone());
    let said = said.unwrap_or_default();
    seen_words.into_iter().filter(|word| !said.contains(word)).collect()
}

/// The media type that is seen most.
fn media_type(seen: &Marginals, side: Side) -> Option<&str> {
    let is_type = |place: &&Place| place.side == side && place.part == Part::MediaType;
    let types = seen.places.keys().filter(is_type);
    types.max_by_key(|place| seen.seen(place).count)?.name()
}

/// The change of a rule about which answers there are: one more, or another one instead.
pub(crate) fn answering(claim: &Source, answer: &Answer, is_more: bool) -> Change {
    let action = match is_more {
        true => Action::AnswerOther(answer.clone()),
        false => Action::Answer(answer.clone()),
    };
    // A contract's answer needs a state of the provider, so it is a case there.
    let is_case = is_more && claim.dialect == Dialect::Pact;
    let reach = if is_case { Reach::NewCase } else { Reach::Everywhere };
    Change { claim: claim.clone(), action, reach }
}
