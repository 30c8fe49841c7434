//! What is known beside the file of a transition: evidence, releases, backlogs, and how they are
//! judged.
//!
//! Refuses to plan.

use crate::arguments::Global;
use crate::failure::Failure;
use crate::project::{Project, project};
use crate::server_arguments::ServerArguments;
use crate::weigh::{Judging, nothing_seen, seen_where};
use plumb_engine::backlogs::{self, KeptBacklog};
use plumb_engine::transition::known::Known;
use plumb_gap::policy::Policy;

/// What is known.
#[derive(Debug)]
pub(crate) struct Learned {
    judging: Judging,
    backlogs: Vec<KeptBacklog>,
    policy: Policy,
}

/// What the store knows, or the server that was named; nothing where no evidence is wanted.
pub(crate) fn learned(
    global: &Global,
    no_evidence: bool,
    server: &ServerArguments,
) -> Result<Learned, Failure> {
    let project = project(global)?;
    if no_evidence {
        let judging = nothing_seen().into_judging();
        return Ok(Learned { judging, backlogs: Vec::new(), policy: project.policy() });
    }
    beside(&project, seen_where(&project, server)?.into_judging(), server)
}

/// The same beside evidence that is at hand.
pub(crate) fn beside(
    project: &Project,
    judging: Judging,
    server: &ServerArguments,
) -> Result<Learned, Failure> {
    // A server does not send backlogs.
    let is_here = server.server.is_none();
    let backlogs = if is_here { measured(project)? } else { Vec::new() };
    Ok(Learned { judging, backlogs, policy: project.policy() })
}

/// How far consumers were behind. What was measured later than the moment of judgement was not
/// known then.
fn measured(project: &Project) -> Result<Vec<KeptBacklog>, Failure> {
    let Some(shelf) = project.shelf_if_there()? else { return Ok(Vec::new()) };
    let mut backlogs = backlogs::backlogs(&shelf)?;
    let environment = project.scope().environment;
    backlogs.retain(|one| {
        one.last.at_ms <= project.as_of_ms
            && environment.as_ref().is_none_or(|name| *name == one.environment)
    });
    Ok(backlogs)
}

impl Learned {
    /// As the engine takes it.
    pub(crate) fn known(&self) -> Known<'_> {
        let Judging { evidence, sightings, releases, key } = &self.judging;
        let (backlogs, policy) = (self.backlogs.as_slice(), &self.policy);
        Known { evidence, sightings, backlogs, releases, policy, key }
    }
}
