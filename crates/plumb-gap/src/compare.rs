//! Compares the claims about one operation with everything seen of it.

use crate::context::{Context, seen_by};
use crate::coverage::{Covering, Gap, Vocabulary, gap};
use crate::finding::{Cause, Finding, SaidText, SeenText, Verdict};
use crate::header::{HeaderClass, header_class};
use crate::peers::{Peers, all_said, peers};
use crate::rule::Rule;
use crate::sample::is_left_to_chance;
use crate::select::{Likeness, select};
use crate::severity::severity;
use crate::status::{replaced_by, status_finding};
use crate::wording::{said_text, seen_text};
use plumb_shape::claim::{Claim, SaidStatus, Source, Strength};
use plumb_shape::difference::{Difference, DifferenceKind, diff};
use plumb_shape::example::is_json_type;
use plumb_shape::literal::LiteralKey;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::profile::Profile;
use plumb_shape::said::Beneath;
use plumb_shape::seen::Marginals;
use plumb_shape::trait_set::TraitSet;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// What comes of comparing one operation.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    pub(crate) findings: Vec<Finding>,
    /// For each claim, in order: the exchanges that could show what it says.
    pub(crate) exchanges: Vec<u64>,
    pub(crate) gap: Gap,
    /// Housekeeping headers of responses that are seen and that no claim mentions.
    pub(crate) headers_new: BTreeSet<String>,
}

/// A finding before it has words: claim, difference, verdict.
struct Fired<'a> {
    claim: &'a Claim,
    status: u16,
    difference: Difference,
    rule: Rule,
    verdict: Verdict,
    seen: Arc<Marginals>,
    about: Arc<Vec<Source>>,
}

/// Compares.
pub(crate) fn compare(claims: &[&Claim], profile: &Profile, context: &Context<'_>) -> Compared {
    let mut compared = Compared::default();
    let mut fired = Vec::new();
    let mut explained = BTreeSet::new();
    let selections = select(claims, profile);
    let (peers, of_claims) = peers(claims, &selections, context.key);
    let answers: Vec<Answers> =
        peers.iter().map(|one| Answers::of(one.status, &one.marginals, &one.claims)).collect();
    for (claim, at) in claims.iter().zip(of_claims) {
        let peers = &peers[at];
        compared.exchanges.push(showing(claim, &peers.marginals));
        if peers.marginals.total.count > 0 {
            fired.extend(differences(claim, peers, &answers[at], context));
        } else if let Some(finding) = status_finding(claim, claims, peers.selection, context) {
            explained.extend(replaced_by(claim, peers.selection));
            push_joined(&mut compared.findings, finding);
        }
    }
    for (status, outcome) in &profile.outcomes {
        let novelties = novelties(claims, *status, profile, context);
        compared.gap.merge(gap(outcome, novelties.covering.as_ref(), context.key));
        compared.headers_new.extend(novelties.headers_new);
        fired.extend(novelties.fired);
        // A status that took another's place is told with it: one cause, one finding.
        if !explained.contains(status) {
            compared.findings.extend(new_status(claims, *status, profile, context));
        }
    }
    drop_replacements(&mut fired);
    fired.iter_mut().for_each(|one| note_required(one, profile));
    compared.findings.extend(worded(fired, context));
    compared
}

/// A media type that took another's place is told with it: one cause, one finding.
fn drop_replacements(fired: &mut Vec<Fired<'_>>) {
    let is_type =
        |one: &Fired<'_>, kind| one.rule == Rule::MediaTypeChanged && one.difference.kind == kind;
    let replaced = fired.iter().filter(|one| is_type(one, DifferenceKind::Gone));
    let replaced: BTreeSet<u16> = replaced.map(|one| one.status).collect();
    fired.retain(|one| !(replaced.contains(&one.status) && is_type(one, DifferenceKind::New)));
}

/// Adds a finding; one that tells the same of another claim becomes one with it.
fn push_joined(findings: &mut Vec<Finding>, finding: Finding) {
    let same = |known: &&mut Finding| known.rule == finding.rule && known.place == finding.place;
    let Some(known) = findings.iter_mut().find(same) else { return findings.push(finding) };
    if known.verdict < finding.verdict {
        let claims = std::mem::replace(known, finding).claims;
        known.claims.extend(claims);
    } else {
        known.claims.extend(finding.claims);
    }
}

/// How many of a claim's exchanges could show what it says: one whose body was withheld shows
/// nothing of the body.
fn showing(claim: &Claim, marginals: &Marginals) -> u64 {
    let root = Place::root(Side::Response, Part::Body);
    let says_body = claim.said.get(&root).is_some_and(|said| said.beneath != Beneath::Anything);
    let withheld = if says_body { marginals.carrying(&root, TraitSet::WITHHELD).count } else { 0 };
    marginals.total.count.saturating_sub(withheld)
}

/// The differences that a claim makes by itself, that its peers do not lift and that chance does
/// not explain.
fn differences<'a>(
    claim: &'a Claim,
    peers: &Peers<'_>,
    answers: &Answers,
    context: &Context<'_>,
) -> Vec<Fired<'a>> {
    let mut found = diff(&claim.said, &peers.marginals, context.key);
    if let Some(standing) = &peers.standing {
        found.retain(|one| standing.contains(&(one.place.clone(), one.kind)));
    }
    found.retain(|one| !is_left_to_chance(one, &peers.claims, context.captures));
    let is_json = |place: &Place| place.name().is_some_and(is_json_type);
    // Under another name of JSON it is still documents that are compared.
    let body_replaced = found.iter().any(|difference| {
        difference.place.part == Part::MediaType
            && difference.kind == DifferenceKind::Gone
            && !(is_json(&difference.place) && has_json(&peers.marginals))
    });
    let alone = |difference: &Difference| {
        speaks_alone(claim, peers.selection.likeness, difference)
            && !(body_replaced && difference.place.part == Part::Body)
            && (difference.kind != DifferenceKind::NeverSeen
                || difference.of >= context.samples_min)
    };
    found
        .into_iter()
        .filter(alone)
        .filter_map(|difference| fire(claim, answers, difference))
        .collect()
}

/// True when answers of some type of JSON are among those seen.
fn has_json(seen: &Marginals) -> bool {
    let is_type = |place: &&Place| place.side == Side::Response && place.part == Part::MediaType;
    seen.places.keys().filter(is_type).filter_map(Place::name).any(is_json_type)
}

/// True when a difference counts against this claim whatever other claims say.
fn speaks_alone(claim: &Claim, likeness: Likeness, difference: &Difference) -> bool {
    use DifferenceKind as Kind;
    let place = &difference.place;
    if place.side == Side::Request {
        return claim.strength == Strength::Constraint && claim.status.is_success();
    }
    if place.part == Part::MediaType && difference.kind == Kind::New {
        return claim.strength == Strength::Constraint;
    }
    match claim.strength {
        Strength::Constraint => true,
        Strength::Expectation => matches!(
            difference.kind,
            Kind::Gone | Kind::KindChanged | Kind::KindNew | Kind::NullNew | Kind::SometimesAbsent
        ),
        Strength::Example => match difference.kind {
            Kind::Gone | Kind::KindChanged | Kind::Refused => true,
            // Which requests are meant is clear enough only when the claim's query is met.
            Kind::SometimesAbsent | Kind::Emptied | Kind::Unselected => {
                likeness >= Likeness::Query && !claim.request.stateful
            }
            _ => false,
        },
    }
}

/// The answers that were compared.
struct Answers {
    status: u16,
    seen: Arc<Marginals>,
    about: Arc<Vec<Source>>,
}

impl Answers {
    fn of(status: u16, seen: &Arc<Marginals>, about: &[&Claim]) -> Self {
        let about = Arc::new(about.iter().map(|claim| claim.source.clone()).collect());
        Self { status, seen: Arc::clone(seen), about }
    }
}

fn fire<'a>(claim: &'a Claim, answers: &Answers, difference: Difference) -> Option<Fired<'a>> {
    let rule = Rule::of_difference(&difference.place, difference.kind)?;
    let verdict = severity(claim.strength, &difference)?;
    let (seen, about) = (Arc::clone(&answers.seen), Arc::clone(&answers.about));
    Some(Fired { claim, status: answers.status, difference, rule, verdict, seen, about })
}

/// What the claims about a status cover together, and what the examples among them never exercised.
#[derive(Default)]
struct Novelties<'a> {
    covering: Option<Covering>,
    fired: Vec<Fired<'a>>,
    headers_new: BTreeSet<String>,
}

fn novelties<'a>(
    claims: &[&'a Claim],
    status: u16,
    profile: &Profile,
    context: &Context<'_>,
) -> Novelties<'a> {
    let exercised: Vec<&Claim> =
        claims.iter().filter(|claim| claim.strength != Strength::Constraint).copied().collect();
    let (judged, vocabulary) = if exercised.is_empty() {
        (claims.to_vec(), Vocabulary::Closed)
    } else {
        (exercised, Vocabulary::Open)
    };
    let about: Vec<&Claim> = speaking_of(&judged, status);
    let (Some(first), Some(outcome)) = (about.first().copied(), profile.outcome(status)) else {
        return Novelties::default();
    };
    let Some(said) = all_said(&about) else { return Novelties::default() };
    let marginals = Arc::new(outcome.marginals());
    let differences = diff(&said, &marginals, context.key);
    let answers = Answers::of(status, &marginals, &about);
    let (mut fired, mut headers_new) = (Vec::new(), BTreeSet::new());
    for difference in differences.iter().filter(|_| vocabulary == Vocabulary::Open) {
        if let Some(name) = new_housekeeping(difference) {
            if !is_left_to_chance(difference, &about, context.captures) {
                headers_new.insert(name.to_owned());
            }
            continue;
        }
        if !is_novelty(difference, status, &about, &marginals, context) {
            continue;
        }
        fired.extend(fire(first, &answers, difference.clone()));
    }
    let differences = differences.into_iter().filter(counts_for_gap).collect();
    let covering = Some(Covering { said, vocabulary, differences });
    Novelties { covering, fired, headers_new }
}

/// The name of a header that keeps house and is new in responses: told, and no finding.
fn new_housekeeping(difference: &Difference) -> Option<&str> {
    let place = &difference.place;
    let is_header = place.side == Side::Response && place.part == Part::Header;
    let name = place.name().filter(|_| is_header && difference.kind == DifferenceKind::New);
    name.filter(|name| header_class(name) == HeaderClass::Housekeeping)
}

/// The claims that speak of a status: those that name it, else its class, else the default.
fn speaking_of<'a>(claims: &[&'a Claim], status: u16) -> Vec<&'a Claim> {
    let named: Vec<SaidStatus> =
        claims.iter().map(|claim| claim.status).filter(|said| said.admits(status)).collect();
    let Some(best) = named.iter().min() else { return Vec::new() };
    let is_best = |claim: &&&Claim| {
        claim.status.admits(status)
            && std::mem::discriminant(&claim.status) == std::mem::discriminant(best)
    };
    claims.iter().filter(is_best).copied().collect()
}

fn counts_for_gap(difference: &Difference) -> bool {
    difference.place.side == Side::Response && difference.kind != DifferenceKind::NeverSeen
}

/// True when a difference is news beyond all examples, and more than chance between two samples.
fn is_novelty(
    difference: &Difference,
    status: u16,
    about: &[&Claim],
    marginals: &Marginals,
    context: &Context<'_>,
) -> bool {
    use DifferenceKind as Kind;
    let place = &difference.place;
    if is_left_to_chance(difference, about, context.captures) {
        return false;
    }
    match (place.side, place.part, difference.kind) {
        (Side::Request, Part::Header | Part::MediaType, _) => false,
        // What a refused request carried is the caller's mistake, not news about the seam.
        (Side::Request, _, kind) => {
            status < 400
                && matches!(kind, Kind::New | Kind::Refused | Kind::KindChanged | Kind::NullNew)
        }
        (_, Part::Header, Kind::New) => says_headers(about),
        (_, _, Kind::ValueNew) => is_vocabulary(difference, about, marginals, context.key),
        (_, Part::MediaType, Kind::New) => true,
        (_, Part::MediaType, _) => false,
        // A claim that is met this closely speaks for itself.
        (_, _, Kind::Gone | Kind::KindChanged | Kind::Refused | Kind::Unselected) => false,
        (_, _, Kind::NeverSeen) => place.part == Part::Body && difference.of >= context.samples_min,
        _ => true,
    }
}

/// True when the examples record headers at all: a hand-written stub rarely does, and then a new
/// header is no news. Some recordings say that they hold all, even if there are none.
fn says_headers(about: &[&Claim]) -> bool {
    const RECORDED_MIN: usize = 3;
    let all = Place::root(Side::Response, Part::Header);
    if about.iter().any(|claim| claim.said.get(&all).is_some()) {
        return true;
    }
    let headers = |claim: &&Claim| {
        let places = claim.said.places.keys();
        places.filter(|p| p.side == Side::Response && p.part == Part::Header).count()
    };
    about.iter().map(headers).max().unwrap_or_default() >= RECORDED_MIN
}

/// True when the values at a place are a vocabulary that the examples speak: few distinct ones,
/// each seen often, the examples' own among them.
fn is_vocabulary(
    difference: &Difference,
    about: &[&Claim],
    marginals: &Marginals,
    key: &LiteralKey,
) -> bool {
    const TIMES_EACH_MIN: u64 = 3;
    let Some(tally) = marginals.places.get(&difference.place) else { return false };
    let distinct = tally.literals.len() as u64;
    let often = distinct > 0 && tally.seen.count >= distinct * TIMES_EACH_MIN;
    let words = about.iter().filter_map(|claim| claim.said.get(&difference.place)?.words.as_ref());
    often && words.flatten().any(|word| tally.literals.contains_key(&key.hash(word)))
}

/// A new field of requests without which they fail is more than new.
fn note_required(fired: &mut Fired<'_>, profile: &Profile) {
    if fired.rule == Rule::RequestFieldNew && is_required(&fired.difference, profile) {
        fired.rule = Rule::RequestFieldRequired;
        fired.verdict = Verdict::Broken;
    }
}

/// True when every successful request carries the field and some refused one does not.
fn is_required(difference: &Difference, profile: &Profile) -> bool {
    if difference.seen.count < difference.of {
        return false;
    }
    let refused = profile.outcomes.range(400..500).map(|(_, outcome)| outcome.marginals());
    refused.into_iter().any(|marginals| {
        marginals.possible(&difference.place) > marginals.seen(&difference.place).count
    })
}

/// A status that no claim speaks of.
fn new_status(
    claims: &[&Claim],
    status: u16,
    profile: &Profile,
    context: &Context<'_>,
) -> Option<Finding> {
    let first = claims.first()?;
    if status == 0 || claims.iter().any(|claim| claim.status.admits(status)) {
        return None;
    }
    let total = profile.outcome(status)?.total();
    let mut said: Vec<String> = claims.iter().map(|claim| claim.status.to_string()).collect();
    said.sort();
    said.dedup();
    Some(Finding {
        rule: Rule::StatusNew,
        verdict: Verdict::Drifted,
        seam: context.seam.clone(),
        place: format!("response {status}"),
        said: SaidText::of(&first.source, format!("answers {}", said.join(", "))),
        seen: SeenText {
            count: total.count,
            of: profile.total().count,
            first_ms: total.first_ms,
            last_ms: total.last_ms,
            text: format!("{status} in {} of {}", total.count, profile.total().count),
            ..seen_by(context)
        },
        claims: vec![first.source.clone()],
        fix: Rule::StatusNew.remedy().to_owned(),
        cause: Cause::StatusNew { status, seen: Arc::new(profile.outcome(status)?.marginals()) },
    })
}

/// Gives words to what fired, one finding for each rule and place; further claims are affected.
fn worded(fired: Vec<Fired<'_>>, context: &Context<'_>) -> Vec<Finding> {
    let mut findings: BTreeMap<(Rule, String), (Finding, HashSet<&Source>)> = BTreeMap::new();
    for one in fired {
        if is_transport(&one.difference) {
            continue;
        }
        let place = one.difference.place.at_status(one.status);
        if let Some((known, affected)) = findings.get_mut(&(one.rule, place.clone())) {
            known.verdict = known.verdict.max(one.verdict);
            if affected.insert(&one.claim.source) {
                known.claims.push(one.claim.source.clone());
            }
            continue;
        }
        let finding = Finding {
            rule: one.rule,
            verdict: one.verdict,
            seam: context.seam.clone(),
            place: place.clone(),
            said: SaidText::of(&one.claim.source, said_text(&one.difference)),
            seen: SeenText {
                count: one.difference.seen.count,
                of: one.difference.of,
                first_ms: one.difference.seen.first_ms,
                last_ms: one.difference.seen.last_ms,
                are_literals_withheld: one.difference.kind == DifferenceKind::ValueNew,
                text: seen_text(&one.difference),
                ..seen_by(context)
            },
            claims: vec![one.claim.source.clone()],
            fix: one.rule.remedy().to_owned(),
            cause: Cause::Difference {
                difference: one.difference,
                status: one.status,
                seen: one.seen,
                about: one.about,
            },
        };
        findings.insert((one.rule, place), (finding, HashSet::from([&one.claim.source])));
    }
    findings.into_values().map(|(finding, _)| finding).collect()
}

fn is_transport(difference: &Difference) -> bool {
    difference.place.part == Part::Header
        && difference.place.name().is_some_and(|n| header_class(n) == HeaderClass::Transport)
}
