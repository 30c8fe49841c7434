//! The texts that several automata accept or refuse together, shortest first.

use super::automaton::{Automaton, State};
use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::rc::Rc;

/// States of all automata together that are met at most: about 100 MB.
const MET_MAX: usize = 400_000;

/// An automaton, and whether it shall accept.
pub(super) type Side = (Rc<Automaton>, bool);

/// What to do after a text was offered.
pub(super) enum Next {
    Take,
    Go,
    Stop,
}

/// How a walk ended.
pub(super) enum Walked {
    /// This text was taken.
    Taken(String),
    /// Every text was looked at, up to those that lead to the same states.
    Done,
    /// It was told to stop.
    Stopped,
    /// There was no room to go on.
    TooMuch,
}

/// One step of the walk: where it stands, and how it came there.
struct Step {
    states: Box<[State]>,
    length: u64,
    from: usize,
    byte: u8,
}

/// Offers texts of these lengths in code points, shortest first, one for each way to stand.
pub(super) fn shortest(
    sides: &[Side],
    lengths: RangeInclusive<u64>,
    mut offer: impl FnMut(&str) -> Next,
) -> Walked {
    // Any text at all: where nothing else is asked, and so that no half character is accepted.
    let Ok(any) = Automaton::new("") else { return Walked::TooMuch };
    let mut sides = sides.to_vec();
    sides.push((Rc::new(any), true));
    let bytes = representatives(&sides);
    let Some(start) = sides.iter().map(|(it, _)| it.start()).collect::<Option<Box<[_]>>>() else {
        return Walked::TooMuch;
    };
    // Beyond the most there is nothing to tell apart, nor beyond the least where any length goes.
    let (least, most) = (*lengths.start(), *lengths.end());
    let cap = if most == u64::MAX { least } else { most };
    let mut met = HashSet::from([(start.clone(), 0)]);
    let mut steps = vec![Step { states: start, length: 0, from: 0, byte: 0 }];
    let mut at = 0;
    while at < steps.len() {
        if steps[at].length >= least {
            match all_end(&sides, &steps[at].states) {
                None => return Walked::TooMuch,
                Some(false) => {}
                Some(true) => {
                    let text = text(&steps, at);
                    match offer(&text) {
                        Next::Take => return Walked::Taken(text),
                        Next::Go => {}
                        Next::Stop => return Walked::Stopped,
                    }
                }
            }
        }
        for byte in &bytes {
            // A byte that continues a character adds none to the length.
            let added = u64::from(byte & 0xc0 != 0x80);
            let length = steps[at].length + added;
            if length > most {
                continue;
            }
            let Some(states) = advance(&sides, &steps[at].states, *byte) else {
                return Walked::TooMuch;
            };
            let is_dead = states.iter().zip(&sides).any(|(state, side)| side.1 && state.is_dead());
            let length = length.min(cap);
            if !is_dead && met.insert((states.clone(), length)) {
                steps.push(Step { states, length, from: at, byte: *byte });
            }
        }
        if met.len() > MET_MAX {
            return Walked::TooMuch;
        }
        at += 1;
    }
    Walked::Done
}

fn all_end(sides: &[Side], states: &[State]) -> Option<bool> {
    for ((automaton, expected), state) in sides.iter().zip(states) {
        if automaton.ends(*state)? != *expected {
            return Some(false);
        }
    }
    Some(true)
}

fn advance(sides: &[Side], states: &[State], byte: u8) -> Option<Box<[State]>> {
    sides.iter().zip(states).map(|((automaton, _), state)| automaton.next(*state, byte)).collect()
}

/// One byte for each class that no automaton tells apart, those first that people like to read.
fn representatives(sides: &[Side]) -> Vec<u8> {
    let liked = (b'a'..=b'z').chain(b'0'..=b'9').chain(b'A'..=b'Z').chain(*b"-_.:/@ ");
    let mut met = HashSet::new();
    let mut chosen = Vec::new();
    for byte in liked.chain(0..=255) {
        let classes: Vec<u8> = sides.iter().map(|(automaton, _)| automaton.class(byte)).collect();
        // Continuing bytes count differently, whatever the automata say.
        if met.insert((classes, byte & 0xc0 == 0x80)) {
            chosen.push(byte);
        }
    }
    chosen
}

/// The text that led to a step; it is whole, since one of the automata accepts only whole texts.
fn text(steps: &[Step], mut at: usize) -> String {
    let mut bytes = Vec::new();
    while at != 0 {
        bytes.push(steps[at].byte);
        at = steps[at].from;
    }
    bytes.reverse();
    String::from_utf8_lossy(&bytes).into_owned()
}
