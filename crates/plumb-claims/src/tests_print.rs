//! Prints a reading in a compact text form that tests compare with what they expect.
//!
//! One line for each claim and for each thing unread, with what belongs to it indented below. What
//! is as usual (priority 0, any query, open beneath) is left out. Refuses to know any dialect.

use crate::reading::{Reading, Unread};
use plumb_shape::claim::{Claim, SaidQuery};
use plumb_shape::place::Place;
use plumb_shape::said::{Beneath, Expected, Presence};
use plumb_shape::trait_set::{KINDS, Kind, TraitSet};
use std::fmt::Write;

/// The whole reading: claims with their places, then what was not read.
pub(crate) fn print(reading: &Reading) -> String {
    let mut out = String::new();
    for claim in &reading.claims {
        print_claim(&mut out, claim);
        for (place, expected) in &claim.said.places {
            print_place(&mut out, place, expected);
        }
    }
    out + &print_unread(&reading.unread)
}

/// The claims without their places, then what was not read.
pub(crate) fn print_heads(reading: &Reading) -> String {
    let mut out = String::new();
    reading.claims.iter().for_each(|claim| print_claim(&mut out, claim));
    out + &print_unread(&reading.unread)
}

/// `4:3 example POST /users/{} exactly -> 201, priority 5, stateful, by api, for web`, and below it
/// `  called the title`
fn print_claim(out: &mut String, claim: &Claim) {
    let Claim { source, request, .. } = claim;
    let methods =
        if request.methods.is_empty() { "ANY".to_owned() } else { request.methods.join("|") };
    let query = match request.query {
        SaidQuery::Any => "",
        SaidQuery::Includes => " includes",
        SaidQuery::Exactly => " exactly",
    };
    let (line, column) = (source.line, source.column);
    let strength = claim.strength.name();
    let (path, status) = (&request.path, claim.status);
    let _ = write!(out, "{line}:{column} {strength} {methods} {path}{query} -> {status}");
    if request.priority != 0 {
        let _ = write!(out, ", priority {}", request.priority);
    }
    if request.stateful {
        out.push_str(", stateful");
    }
    if let Some(writer) = &claim.writer {
        let _ = write!(out, ", by {writer}");
    }
    if let Some(reader) = &claim.reader {
        let _ = write!(out, ", for {reader}");
    }
    let _ = write!(out, "\n  called {}\n", source.title);
}

/// `  response $.state: always text in "done", "open", closed`
fn print_place(out: &mut String, place: &Place, expected: &Expected) {
    let presence = match expected.presence {
        Presence::Never => "never",
        Presence::Sometimes => "sometimes",
        Presence::Always => "always",
    };
    let _ = write!(out, "  {place}: {presence}");
    let traits = trait_names(expected.traits);
    if !traits.is_empty() {
        let _ = write!(out, " {traits}");
    }
    if let Some(words) = &expected.words {
        let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
        let _ = write!(out, " in {}", words.join(", "));
    }
    out.push_str(match expected.beneath {
        Beneath::Closed => ", closed",
        Beneath::Open => "",
        Beneath::Anything => ", anything beneath",
    });
    out.push('\n');
}

/// `any string, null`: a kind in full by its name, other traits by theirs.
fn trait_names(traits: TraitSet) -> String {
    if traits == TraitSet::ALL {
        return "all".to_owned();
    }
    // Null is a kind of one trait, and its own name.
    let full =
        KINDS.into_iter().filter(|kind| *kind != Kind::Null && traits.contains(kind.traits()));
    let mut names: Vec<String> = Vec::new();
    let mut rest = traits;
    for kind in full {
        names.push(format!("any {}", kind.name()));
        rest = rest.minus(kind.traits());
    }
    names.extend(rest.iter().map(|one| one.names()));
    names.join(", ")
}

/// `unread 7: the reason`, and below it `  so the remedy`
fn print_unread(unread: &[Unread]) -> String {
    let line = |it: &Unread| format!("unread {}: {}\n  so {}\n", it.line, it.reason, it.remedy);
    unread.iter().map(line).collect()
}
