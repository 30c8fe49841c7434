//! The document of `plumb plan verify`, version 1: whether a plan was refuted, and how.

use crate::harmless::harmless;
use crate::planned::{clash_words, seam_name};
use plumb_plan::event::Event;
use plumb_plan::explore::{Act, Refutation};
use plumb_plan::held::Held;
use plumb_plan::transition::Transition;
use serde_json::{Value, json};

/// The whole document, with the answer and the number of waves that were walked through.
#[must_use]
pub fn refutation_document(
    transition: &Transition,
    found: Option<&Refutation>,
    (answer, waves): (&str, usize),
) -> Value {
    json!({
        "version": 1,
        "answer": answer,
        "waves": waves,
        "refutation": found.map(|found| refutation(transition, found)),
    })
}

fn refutation(transition: &Transition, refutation: &Refutation) -> Value {
    let entry = |kind: &str, wave: Option<usize>, who: Option<Value>| {
        let wave = wave.map(|at| at + 1);
        json!({ "kind": kind, "wave": wave, "who": who, "reason": null, "acts": [] })
    };
    match refutation {
        Refutation::Clash { clash, acts } => {
            let mut found = entry("clash", None, None);
            found["reason"] = clash_words(transition, *clash).into();
            found["acts"] = acts.iter().map(|one| act(transition, *one)).collect();
            found
        }
        Refutation::Move(at, event) => entry("move", Some(*at), Some(who(transition, *event))),
        Refutation::Endless(at, held, version) => {
            entry("endless", Some(*at), Some(held_entry(transition, *held, *version)))
        }
        Refutation::Unfinished(component) => {
            let last = Event { component: *component, version: transition.last(*component) };
            entry("unfinished", None, Some(who(transition, last)))
        }
    }
}

fn act(transition: &Transition, act: Act) -> Value {
    let (what, who) = match act {
        Act::Begins(event) => ("begins", who(transition, event)),
        Act::Ends(event) => ("ends", who(transition, event)),
        Act::Fails(event) => ("fails", who(transition, event)),
        Act::Passes(held, version) => ("passes", held_entry(transition, held, version)),
    };
    json!({ "what": what, "who": who })
}

fn who(transition: &Transition, event: Event) -> Value {
    let component = &transition.components()[event.component];
    json!({
        "component": harmless(&component.name),
        "version": harmless(&component.versions[event.version]),
        "seam": null,
    })
}

fn held_entry(transition: &Transition, held: Held, version: usize) -> Value {
    match held {
        Held::Instances(component) => who(transition, Event { component, version }),
        Held::Data(seam) => {
            let component = transition.seams()[seam].writer;
            let mut entry = who(transition, Event { component, version });
            entry["seam"] = seam_name(transition, seam).into();
            entry
        }
    }
}
