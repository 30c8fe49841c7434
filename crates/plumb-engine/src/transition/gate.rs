//! What a gate says of a transition: its plan, and whether whoever crosses its point of no return
//! has tried that before.
//!
//! Refuses to plan.

use crate::judge::Answer;
use crate::transition::planning::Planning;
use crate::transition::rehearsed::Rehearsed;
use plumb_plan::event::Event;
use plumb_plan::transition::Transition;

/// A gate's answer about a transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gated {
    /// The answer.
    pub answer: Answer,
    /// Why, in one line.
    pub reason: String,
    /// The wave from which there is no way back, from 1.
    pub point_of_no_return: Option<usize>,
    /// Steps that close the way back and that no fresh rehearsal has tried, with why not.
    pub unrehearsed: Vec<(Event, String)>,
}

/// Decides about a transition.
#[must_use]
pub fn gate(transition: &Transition, planning: &Planning, rehearsals: &[Rehearsed]) -> Gated {
    let Ok(plan) = &planning.outcome else {
        let (answer, reason) = (planning.answer, planning.reason.clone());
        return Gated { answer, reason, point_of_no_return: None, unrehearsed: Vec::new() };
    };
    let steps = plan.waves.iter().flat_map(|wave| &wave.steps);
    let closing = steps.filter(|step| !step.closes.is_empty()).map(|step| step.event);
    let unrehearsed: Vec<(Event, String)> =
        closing.filter_map(|event| Some((event, missing(rehearsals, event)?))).collect();
    let point_of_no_return = plan.point_of_no_return().map(|at| at + 1);
    let (answer, reason) = match unrehearsed.first() {
        None => (planning.answer, planning.reason.clone()),
        Some((Event { component, version }, why)) => {
            let component = &transition.components()[*component];
            let name = format!("{} {}", component.name, component.versions[*version]);
            let reason = format!("{name} is a point of no return that nobody rehearsed: {why}");
            (Answer::Refuse, reason)
        }
    };
    Gated { answer, reason, point_of_no_return, unrehearsed }
}

/// Why an event has no rehearsal that counts; `None` where it has one.
fn missing(rehearsals: &[Rehearsed], event: Event) -> Option<String> {
    let is_it = |one: &&Rehearsed| (one.component, one.version) == (event.component, event.version);
    match rehearsals.iter().find(is_it) {
        Some(one) if one.is_evidence => None,
        Some(one) => Some(one.why.clone()),
        None => Some("no rehearsal of it is named under `rehearsed`".to_owned()),
    }
}
