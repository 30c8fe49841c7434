//! The way back as the plan of a transition tells it.
//!
//! Refuses to plan by itself.

use crate::arguments::Global;
use crate::failure::{Failure, usage};
use crate::learned::learned;
use crate::server_arguments::ServerArguments;
use crate::transition::read;
use plumb_engine::rollout::spec::TransitionSpec;
use plumb_engine::rollout::way_back::Ways;
use plumb_engine::transition::planning::planning;
use plumb_plan::plan::Back;
use plumb_rollout::judgement::WayBack;
use plumb_wire::planned::back_words;
use std::fmt;

/// A transition that is read anew whenever the way back matters: its file, the evidence and the
/// rehearsals beside it change while a rollout runs.
pub(crate) struct ByPlan<'a> {
    global: &'a Global,
    server: &'a ServerArguments,
    spec: TransitionSpec,
    /// What was known last. A file that cannot be read any more opens no way and closes none.
    last: WayBack,
}

impl fmt::Debug for ByPlan<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ByPlan({:?}, {:?})", self.spec, self.last)
    }
}

impl<'a> ByPlan<'a> {
    /// The way back of this transition.
    ///
    /// # Errors
    /// When it cannot be read now.
    pub(crate) fn new(
        global: &'a Global,
        server: &'a ServerArguments,
        spec: TransitionSpec,
    ) -> Result<Self, Failure> {
        let last = way_back(global, server, &spec)?;
        Ok(Self { global, server, spec, last })
    }
}

impl Ways for ByPlan<'_> {
    fn way_back(&mut self) -> WayBack {
        if let Ok(found) = way_back(self.global, self.server, &self.spec) {
            self.last = found;
        }
        self.last.clone()
    }
}

/// Whether the plan of a transition leaves a way back.
///
/// # Errors
/// When it cannot be read, or has not so many waves.
pub(crate) fn way_back(
    global: &Global,
    server: &ServerArguments,
    spec: &TransitionSpec,
) -> Result<WayBack, Failure> {
    let learned = learned(global, false, server)?;
    let transition = read(&spec.file, &learned)?.transition;
    let found = planning(&transition);
    let Ok(plan) = &found.outcome else {
        return Ok(WayBack::Unknown(found.reason.clone()));
    };
    let waves = &plan.waves;
    let done = spec.waves.unwrap_or(waves.len());
    if done > waves.len() {
        let help = "count those that are done, or leave the number out for all";
        return Err(usage(format!("the plan has {} waves, not {done}", waves.len()), help));
    }
    let Some(wave) = done.checked_sub(1).and_then(|at| waves.get(at)) else {
        return Ok(WayBack::Open);
    };
    Ok(match &wave.back {
        Back::Open(windows) if windows.is_empty() => WayBack::Open,
        _ => WayBack::Closed(back_words(&transition, plan, wave)),
    })
}
