//! The document of `plumb plan`, version 1: what meets what, the order, the way back from each
//! wave, or what leaves no order and what would open one.

use crate::harmless::harmless;
use crate::planned::{
    Planned, answer_name, basis_name, change_words, closed_words, kind_name, moves_name, seam_name,
    version,
};
use plumb_plan::closing::Closed;
use plumb_plan::constraint::Clash;
use plumb_plan::event::Event;
use plumb_plan::held::Held;
use plumb_plan::order::Obstacle;
use plumb_plan::plan::{Back, Plan, Step, Wave};
use plumb_plan::proposal::Proposal;
use plumb_plan::transition::{Component, Meeting, Transition};
use plumb_plan::window::Window;
use serde_json::{Value, json};

/// The whole document.
#[must_use]
pub fn plan_document(planned: &Planned<'_>) -> Value {
    let Planned { transition, outcome, proposals, answer, reason } = planned;
    let (plan, obstacles) = match outcome {
        Ok(plan) => (Some(plan), &[][..]),
        Err(obstacles) => (None, obstacles.as_slice()),
    };
    let number = |at: Option<usize>| at.map(|at| at + 1);
    json!({
        "version": 1,
        "answer": answer,
        "reason": harmless(reason),
        "components": transition.components().iter().map(component_entry).collect::<Vec<_>>(),
        "pairs": pairs(transition),
        "waves": plan.map_or_else(Vec::new, |plan| waves(transition, plan)),
        "point_of_no_return": number(plan.and_then(Plan::point_of_no_return)),
        "point_of_waiting": number(plan.and_then(Plan::point_of_waiting)),
        "obstacles": obstacles.iter().map(|one| obstacle(transition, one)).collect::<Vec<_>>(),
        "proposals": proposals.iter().map(|one| proposal(transition, one)).collect::<Vec<_>>(),
    })
}

fn component_entry(component: &Component) -> Value {
    let versions = component.versions.iter().map(|version| harmless(version));
    json!({
        "name": harmless(&component.name),
        "kind": kind_name(component.kind),
        "moves": moves_name(component.moves),
        "versions": versions.collect::<Vec<_>>(),
    })
}

/// The matrix: every pair of versions that may meet, with its answer and how it is known.
fn pairs(transition: &Transition) -> Vec<Value> {
    let mut all = Vec::new();
    for (at, seam) in transition.seams().iter().enumerate() {
        for written in 0..transition.components()[seam.writer].versions.len() {
            for reading in 0..transition.components()[seam.reader].versions.len() {
                let meeting = Meeting { written, reading };
                all.push(pair(transition, Clash { seam: at, meeting }));
            }
        }
    }
    all
}

fn pair(transition: &Transition, clash: Clash) -> Value {
    let seam = &transition.seams()[clash.seam];
    let end = |component: usize, version: usize| {
        let component = &transition.components()[component];
        json!({
            "component": harmless(&component.name),
            "version": harmless(&component.versions[version]),
        })
    };
    let known = transition.pair(clash.seam, clash.meeting);
    json!({
        "seam": seam_name(transition, clash.seam),
        "writer": end(seam.writer, clash.meeting.written),
        "reader": end(seam.reader, clash.meeting.reading),
        "answer": answer_name(known.answer),
        "basis": basis_name(known.basis),
        "because": harmless(&known.because),
    })
}

fn waves(transition: &Transition, plan: &Plan) -> Vec<Value> {
    let wave = |(at, wave): (usize, &Wave)| {
        let windows = wave.windows.iter().map(|window| window_entry(transition, window));
        json!({
            "number": at + 1,
            "windows": windows.collect::<Vec<_>>(),
            "steps": wave.steps.iter().map(|one| step(transition, one)).collect::<Vec<_>>(),
            "way_back": back(transition, &wave.back),
            "undo": undo(transition, &wave.undo),
        })
    };
    plan.waves.iter().enumerate().map(wave).collect()
}

fn step(transition: &Transition, step: &Step) -> Value {
    let component = &transition.components()[step.event.component];
    json!({
        "component": harmless(&component.name),
        "from": harmless(&component.versions[step.event.version - 1]),
        "to": harmless(&component.versions[step.event.version]),
        "because": step.because.iter().map(|one| pair(transition, *one)).collect::<Vec<_>>(),
        "closes": closed(transition, &step.closes),
    })
}

fn window_entry(transition: &Transition, window: &Window) -> Value {
    let (component, seam) = match window.held {
        Held::Instances(component) => (component, None),
        Held::Data(seam) => (transition.seams()[seam].writer, Some(seam_name(transition, seam))),
    };
    let component = &transition.components()[component];
    json!({
        "component": harmless(&component.name),
        "version": harmless(&component.versions[window.version]),
        "seam": seam,
        "limit_s": window.limit.map(|limit| limit.as_secs()),
        "limit_basis": (!window.basis.is_empty()).then(|| harmless(&window.basis)),
        "because": pair(transition, window.because),
    })
}

fn back(transition: &Transition, back: &Back) -> Value {
    match back {
        Back::Open(windows) => {
            let windows = windows.iter().map(|(before, window)| {
                let mut entry = window_entry(transition, window);
                entry["before_undoing"] = (before + 1).into();
                entry
            });
            json!({ "is_open": true, "windows": windows.collect::<Vec<_>>(), "closed_since": null })
        }
        Back::Closed(since) => {
            json!({ "is_open": false, "windows": [], "closed_since": since + 1 })
        }
    }
}

fn undo(transition: &Transition, undo: &Result<Vec<Window>, Vec<Closed>>) -> Value {
    let entry = |window| window_entry(transition, window);
    match undo {
        Ok(windows) => {
            let windows: Vec<Value> = windows.iter().map(entry).collect();
            json!({ "is_open": true, "windows": windows, "because": [] })
        }
        Err(why) => json!({ "is_open": false, "windows": [], "because": closed(transition, why) }),
    }
}

fn closed(transition: &Transition, why: &[Closed]) -> Vec<Value> {
    why.iter().map(|one| closed_words(transition, one).into()).collect()
}

fn obstacle(transition: &Transition, obstacle: &Obstacle) -> Value {
    let (kind, clashes) = match obstacle {
        Obstacle::Always(clash) => ("always", std::slice::from_ref(clash)),
        Obstacle::Circle(clashes) => ("circle", clashes.as_slice()),
        Obstacle::Tangle(clashes) => ("tangle", clashes.as_slice()),
        Obstacle::TooLarge => ("too-large", &[][..]),
    };
    let pairs = clashes.iter().map(|clash| pair(transition, *clash));
    json!({ "kind": kind, "pairs": pairs.collect::<Vec<_>>() })
}

fn proposal(transition: &Transition, (proposal, plan): &(Proposal, Plan)) -> Value {
    let changes = proposal.changes.iter().map(|change| {
        json!({
            "component": harmless(&transition.components()[change.component].name),
            "what": change_words(transition, change),
        })
    });
    let named = |event: Event| version(&proposal.transition, event);
    let order = plan
        .waves
        .iter()
        .map(|wave| wave.steps.iter().map(|step| named(step.event)).collect::<Vec<_>>());
    json!({
        "cost": proposal.cost,
        "changes": changes.collect::<Vec<_>>(),
        "order": order.collect::<Vec<_>>(),
        "point_of_no_return": plan.point_of_no_return().map(|at| at + 1),
        "point_of_waiting": plan.point_of_waiting().map(|at| at + 1),
    })
}
