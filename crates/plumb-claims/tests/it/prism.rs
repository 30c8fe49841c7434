//! Prism is asked which operation of a description takes a request and whether it is valid there,
//! and what the claims of the same description say of the request is compared with its answer.
//!
//! `cargo xtask match-prism` installs the tool and runs this; without the variable [`PACKAGE`]
//! there is nothing to ask, and the comparison is left out.

mod table;

use crate::decide::{pairs, seen};
use plumb_claims::dialect;
use plumb_claims::reading::SourceFile;
use plumb_shape::claim::Claim;
use plumb_shape::operation::Operation;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::{Beneath, Expected, Presence, Said};
use plumb_shape::trait_set::TraitSet;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Names the folder of the installed package.
const PACKAGE: &str = "PLUMB_PRISM";

/// Asks the tool: its arguments are the package, a table and the host of its servers.
const ASK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/prism/ask.js");

/// Whether a request is what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Valid {
    No,
    /// Claims keep less than the description says at some place.
    CannotTell,
    Yes,
}

fn claims_of(description: &Value) -> Vec<Claim> {
    let text = description.to_string();
    let file = SourceFile { path: "api.json", bytes: text.as_bytes() };
    dialect::read(&file, &|_| None).claims
}

fn asked(package: &str, table: &Value) -> Vec<Vec<Value>> {
    let path = std::env::temp_dir().join(format!("plumb-prism-{}.json", std::process::id()));
    fs::write(&path, table.to_string()).unwrap();
    let mut node = Command::new("node");
    let output = node.arg(ASK).arg(package).arg(&path).arg(table::HOST).output().unwrap();
    fs::remove_file(&path).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn claims_decide_as_prism_does() {
    let Ok(package) = std::env::var(PACKAGE) else { return };
    assert!(Path::new(&package).is_dir(), "{package} is no folder");
    let table = table::table();
    let answers = asked(&package, &table);
    let (mut all, mut taken, mut valid, mut invalid, mut untold) = (0, 0, 0, 0, 0);
    let mut wrong = Vec::new();
    for (row, answers) in table.as_array().unwrap().iter().zip(&answers) {
        let claims = claims_of(&row["description"]);
        for (request, answer) in row["requests"].as_array().unwrap().iter().zip(answers) {
            all += 1;
            let selected = selected(&claims, request);
            let title = selected.map(|claim| claim.source.title.as_str());
            if title != answer["operation"].as_str() {
                wrong.push(format!("{request}\n  told {title:?}\n  right {answer}"));
                continue;
            }
            let Some(claim) = selected else { continue };
            taken += 1;
            let told = validity(claim, request);
            match (told, answer["valid"] == true) {
                (Valid::CannotTell, _) => untold += 1,
                (Valid::Yes, true) => valid += 1,
                (Valid::No, false) => invalid += 1,
                _ => {
                    let said = claim.said.places.iter().filter(|(it, _)| it.side == Side::Request);
                    let said: Vec<String> = said
                        .map(|(at, it)| format!("{at}: {} {:?}", it.traits, it.words))
                        .collect();
                    wrong.push(format!("{request}\n  told {told:?}\n  right {answer}\n  {said:?}"));
                }
            }
        }
    }
    println!(
        "{all} requests: {taken} of an operation, of these {valid} valid, {invalid} not valid, \
         {untold} cannot be told; {} differ",
        wrong.len()
    );
    assert!(all >= 500 && valid >= 100 && invalid >= 100);
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

/// A claim of the operation that the request is for: of those whose path it meets, the one that
/// it meets most literally.
fn selected<'a>(claims: &'a [Claim], request: &Value) -> Option<&'a Claim> {
    let method = request["method"].as_str().unwrap();
    let text = |key: &str| request[key].as_str().unwrap();
    let path = format!("{}{}", text("base"), text("path"));
    let segments = path.split('/').filter(|it| !it.is_empty()).map(|it| Some(it.to_owned()));
    let exact = Operation { method: method.to_owned(), segments: segments.collect(), name: None };
    let of_method = claims.iter().filter(|claim| claim.request.methods.contains(&exact.method));
    let meeting = of_method.filter_map(|claim| Some((claim.request.path.meets(&exact)?, claim)));
    meeting.max_by_key(|(hits, _)| *hits).map(|(_, claim)| claim)
}

fn validity(claim: &Claim, request: &Value) -> Valid {
    let seen = seen(request);
    let is_request = |(place, _): &(&Place, &Expected)| place.side == Side::Request;
    let places = claim.said.places.iter().filter(is_request);
    let of_places = places.map(|(place, expected)| of_place(place, expected, &claim.said, &seen));
    let said = of_places.min().unwrap_or(Valid::Yes);
    let has_body = !request["body"].is_null();
    let all = [said, of_media_type(claim, &seen, has_body), of_others(claim, &seen)];
    let whole = all.into_iter().min().unwrap_or(Valid::Yes);
    // One of several values may be another one, and which is not kept.
    let query = pairs(&request["query"]);
    let comes_again =
        |(name, _): &(String, String)| query.iter().filter(|(other, _)| other == name).count() > 1;
    if query.iter().any(comes_again) { whole.min(Valid::CannotTell) } else { whole }
}

fn of_place(place: &Place, expected: &Expected, said: &Said, seen: &Said) -> Valid {
    if place.part == Part::MediaType {
        return Valid::Yes;
    }
    // Which credentials are needed together, and whether any are, is not kept.
    if expected.traits.intersects(TraitSet::WITHHELD) && expected.presence != Presence::Always {
        return Valid::CannotTell;
    }
    let Some(there) = seen.get(place).filter(|there| there.presence != Presence::Never) else {
        let parent = place.parent().filter(|parent| parent.part == Part::Body);
        let holder = parent.and_then(|parent| seen.get(&parent));
        let could_be = place.part != Part::Body
            || place.steps.is_empty()
            || holder.is_some_and(|holder| holder.traits.intersects(TraitSet::OBJECT));
        let is_element = matches!(place.steps.last(), Some(Step::Item | Step::Any));
        let is_needed = expected.presence == Presence::Always && could_be && !is_element;
        return if is_needed { Valid::No } else { Valid::Yes };
    };
    let is_partly = expected.presence == Presence::Always && there.presence != Presence::Always;
    let is_item = place.steps.contains(&Step::Item);
    if !expected.traits.contains(there.traits.minus(TraitSet::ASIDE)) {
        return Valid::No;
    }
    match (&expected.words, &there.words) {
        (Some(said), Some(seen)) if !said.is_superset(seen) => return Valid::No,
        (Some(_), None) => return Valid::CannotTell,
        _ => {}
    }
    // Which of several elements lacks a member is not kept, nor whether any does.
    if is_partly && is_item {
        return Valid::CannotTell;
    }
    let is_open = place.part == Part::Body
        && place.steps.is_empty()
        && said.get(place).is_some_and(|it| it.beneath == Beneath::Anything);
    if is_open || is_exact(expected, there) { Valid::Yes } else { Valid::CannotTell }
}

/// Whether what is said of a place is all that a description can have said of such a value.
fn is_exact(expected: &Expected, there: &Expected) -> bool {
    let traits = expected.traits;
    let kinds = there.traits.widened_to_kinds().minus(TraitSet::ASIDE);
    let wide = TraitSet::INT32 | TraitSet::INT53 | TraitSet::INT64;
    // A bound may be anywhere within a trait.
    let is_number = traits.contains(wide) && traits.contains(TraitSet::ZERO);
    // The text of a number says neither its bounds nor whether it is whole.
    let unsure = TraitSet::TEXT | TraitSet::EMPTY_STRING | TraitSet::DIGITS;
    let is_format = !there.traits.intersects(unsure) && !traits.intersects(TraitSet::TEXT);
    let is_string = expected.words.is_some() || traits.contains(TraitSet::STRING) || is_format;
    let is_array = traits.contains(TraitSet::ARRAY) || !traits.contains(TraitSet::EMPTY_ARRAY);
    (!kinds.intersects(TraitSet::NUMBER) || is_number)
        && (!kinds.intersects(TraitSet::STRING) || is_string)
        && (!kinds.intersects(TraitSet::ARRAY) || is_array)
}

/// A body is of one of the media types that are said, and is there where one always is.
fn of_media_type(claim: &Claim, seen: &Said, has_body: bool) -> Valid {
    let types = |said: &Said| -> Vec<(Place, Presence)> {
        let is_type = |place: &Place| place.side == Side::Request && place.part == Part::MediaType;
        let all = said.places.iter().filter(|(place, _)| is_type(place));
        all.map(|(place, expected)| (place.clone(), expected.presence)).collect()
    };
    let (said, there) = (types(&claim.said), types(seen));
    // What is said of several is said of all together, also whether there is a body.
    let other = if said.len() > 1 { Valid::CannotTell } else { Valid::Yes };
    match (said.as_slice(), there.first()) {
        ([], _) => Valid::Yes,
        (said, Some((there, _))) if has_body => {
            if said.iter().any(|(place, _)| place == there) {
                other
            } else {
                Valid::No
            }
        }
        ([(_, Presence::Always)], _) => Valid::No,
        _ => other,
    }
}

/// Nothing is there that is not said where what is said is all there may be.
fn of_others(claim: &Claim, seen: &Said) -> Valid {
    let is_refused = |place: &Place| {
        let parent = place.parent().and_then(|parent| claim.said.get(&parent));
        place.part == Part::Body
            && claim.said.get(place).is_none()
            && parent.is_some_and(|parent| parent.beneath == Beneath::Closed)
    };
    if seen.places.keys().any(is_refused) { Valid::No } else { Valid::Yes }
}
