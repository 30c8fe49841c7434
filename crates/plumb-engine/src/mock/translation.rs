//! What is lost when a mock that somebody wrote for one tool is written for another: the texts that
//! were written are read again, and what they say is compared with what was said.
//!
//! Nothing is foretold, so that nothing is forgotten. Refuses to know what any format has room for.

use crate::mock::Mock;
use crate::mock::stub::where_said;
use crate::mock::tally::LossTally;
use plumb_claims::dialect;
use plumb_claims::reading::SourceFile;
use plumb_shape::claim::{Claim, SaidStatus};
use plumb_shape::place::{Place, Side};
use plumb_shape::said::{Expected, Said};
use std::collections::{BTreeMap, BTreeSet};

const GONE: &str = "whole answers: the format has no room for them";
const NAME: &str = "what the dependency is called";
const UNREAD: &str = "what its own reader does not read";
const METHODS: &str = "which methods are meant";
const IDS: &str = "which ids in the path are meant";
const STATUSES: &str = "a range of statuses: the first stands for all";
const QUERY: &str = "whether other query parameters may be there";
const ORDER: &str = "which of several answers comes first";
const SCENARIO: &str = "one request has several answers: all but one stand behind a scenario";
const BESIDE: &str = "what decides beside the request (scenarios, turns, code)";
const STRENGTH: &str = "whether it is an example, a rule or an expectation";
const READER: &str = "who relies on it";
const REQUEST: &str = "what a request has to hold";
const RESPONSE: &str = "what an answer holds";
const MORE: &str = "that nothing was said of it: now something is";
const NARROWER: &str = "what else a value may be: less is taken than was said";
const WIDER: &str = "how narrow a value is: more is taken than was said";
const PRESENCE: &str = "whether it may be absent";
const WORDS: &str = "which words a value is one of";
const BENEATH: &str = "what may stand beside what is named";

/// What the texts of a mock say no more, or otherwise, each kind once.
#[must_use]
pub fn lost_in_translation(
    dependency: &str,
    mock: &Mock,
    written: &BTreeMap<String, String>,
) -> Vec<String> {
    let mut lost = LossTally::default();
    let mut after = Vec::new();
    for (path, text) in written {
        let file = SourceFile { path, bytes: text.as_bytes() };
        let reading = dialect::read(&file, &|_| None);
        for unread in &reading.unread {
            lost.add(UNREAD, || format!("{path}:{}: {}", unread.line, unread.reason));
        }
        let mut writers = reading.claims.iter().filter_map(|claim| claim.writer.as_deref());
        if let Some(other) = writers.find(|writer| *writer != dependency) {
            lost.add(NAME, || format!("{path}, as `{other}`"));
        }
        after.extend(reading.claims);
    }
    let mut by_path: BTreeMap<String, Vec<&Claim>> = BTreeMap::new();
    for claim in &after {
        by_path.entry(claim.request.path.named()).or_default().push(claim);
    }
    let before = said_by(mock);
    let priorities: BTreeSet<i32> = before.iter().map(|claim| claim.request.priority).collect();
    for claim in before {
        let like = by_path.get(&claim.request.path.named()).map(Vec::as_slice).unwrap_or_default();
        let like: Vec<&Claim> =
            like.iter().copied().filter(|other| is_about_the_same(claim, other)).collect();
        let Some(Nearest { claim: other, said }) = nearest(claim, &like) else {
            lost.add(GONE, || told(claim, None));
            continue;
        };
        compare_requests(claim, other, priorities.len() > 1, &mut lost);
        compare_said(claim, &said, &mut lost);
    }
    lost.into_lines()
}

/// What a mock was taken from, in order.
fn said_by(mock: &Mock) -> Vec<&Claim> {
    let behaviours = mock.operations().iter().flat_map(|operation| &operation.behaviours);
    let stubs = behaviours.filter_map(|one| one.stub.as_ref());
    let claims: BTreeMap<usize, &Claim> = stubs.map(|stub| (stub.at, &*stub.claim)).collect();
    claims.into_values().collect()
}

fn is_about_the_same(claim: &Claim, other: &Claim) -> bool {
    let (said, found) = (&claim.request.methods, &other.request.methods);
    let is_method = said.is_empty() || found.is_empty() || said.iter().any(|it| found.contains(it));
    let is_status = match claim.status {
        SaidStatus::Class(class) => {
            other.status == claim.status
                || other.status == SaidStatus::Exactly(u16::from(class) * 100)
        }
        _ => other.status == claim.status,
    };
    is_method && is_status
}

/// What comes nearest to a claim.
struct Nearest<'a> {
    claim: &'a Claim,
    said: Said,
}

/// The one that says most alike, or all together, since rules become one example for each thing
/// that they allow.
fn nearest<'a>(claim: &Claim, like: &[&'a Claim]) -> Option<Nearest<'a>> {
    let apart = |said: &Said| differences(&claim.said, said).len();
    let of_request = |said: &Said| {
        let all = differences(&claim.said, said).into_iter();
        all.filter(|(place, _)| place.side == Side::Request).count()
    };
    let mut one = like.iter().copied().min_by_key(|other| {
        let is_elsewhere = other.request.path != claim.request.path;
        let is_another = other.request.stateful != claim.request.stateful;
        (is_elsewhere, of_request(&other.said), apart(&other.said), is_another)
    })?;
    let joined = like.iter().map(|other| other.said.clone()).reduce(|all, said| all.or(&said))?;
    let is_better = apart(&joined) < apart(&one.said);
    if is_better {
        let mut same = like.iter().copied();
        one = same.find(|other| other.request.path == claim.request.path).unwrap_or(one);
    }
    Some(Nearest { claim: one, said: if is_better { joined } else { one.said.clone() } })
}

fn compare_requests(claim: &Claim, other: &Claim, is_ordered: bool, lost: &mut LossTally) {
    let (said, found) = (&claim.request, &other.request);
    let is_range = matches!(claim.status, SaidStatus::Class(_)) && claim.status != other.status;
    let others = [
        (METHODS, said.methods.is_empty() && !found.methods.is_empty()),
        (METHODS, found.methods.is_empty() && !said.methods.is_empty()),
        (IDS, said.path != found.path),
        (STATUSES, is_range),
        (QUERY, said.query != found.query),
        (ORDER, is_ordered && said.priority != found.priority),
        (SCENARIO, found.stateful && !said.stateful),
        (BESIDE, said.stateful && !found.stateful),
        (STRENGTH, claim.strength != other.strength),
        (READER, claim.reader.is_some() && claim.reader != other.reader),
    ];
    for (what, _) in others.into_iter().filter(|(_, is_so)| *is_so) {
        lost.add(what, || told(claim, None));
    }
}

fn compare_said(claim: &Claim, found: &Said, lost: &mut LossTally) {
    for (place, what) in differences(&claim.said, found) {
        lost.add(what, || told(claim, Some(place)));
    }
}

/// Places of which something else is said, with what is lost there.
fn differences<'a>(said: &'a Said, found: &'a Said) -> Vec<(&'a Place, &'static str)> {
    let mut all = Vec::new();
    for (place, expected) in &said.places {
        let gone = if place.side == Side::Request { REQUEST } else { RESPONSE };
        match found.get(place) {
            None => all.push((place, gone)),
            Some(found) => all.extend(of_place(expected, found).map(|what| (place, what))),
        }
    }
    let more = found.places.keys().filter(|place| said.get(place).is_none());
    all.extend(more.map(|place| (place, MORE)));
    all
}

fn of_place(said: &Expected, found: &Expected) -> impl Iterator<Item = &'static str> {
    let kinds = [
        (NARROWER, !found.traits.contains(said.traits)),
        (WIDER, !said.traits.contains(found.traits)),
        (PRESENCE, said.presence != found.presence),
        (WORDS, said.words != found.words),
        (BENEATH, said.beneath != found.beneath),
    ];
    kinds.into_iter().filter(|(_, is_so)| *is_so).map(|(what, _)| what)
}

/// Where something was said: `GET /orders/{} 200 response $.total, stubs/a.json:3`.
fn told(claim: &Claim, place: Option<&Place>) -> String {
    let method = claim.request.methods.first().map_or("ANY", String::as_str);
    let place = place.map(|place| format!(" {place}")).unwrap_or_default();
    let path = claim.request.path.named();
    format!("{method} {path} {}{place}, {}", claim.status, where_said(claim))
}
