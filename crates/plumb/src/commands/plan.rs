//! `plumb plan`: a safe order for a transition, and what refutes one.

use crate::answer::{Written, document};
use crate::arguments::Global;
use crate::commands::plan_draft::draft;
use crate::documents::answer_name;
use crate::failure::{Code, Failure, outside};
use crate::learned::learned;
use crate::plan_arguments::{PlanArguments, PlanCommand, TransitionArguments, VerifyArguments};
use crate::render_plan;
use crate::terminal::Terminal;
use crate::transition::read;
use plumb_engine::files;
use plumb_engine::judge::Answer;
use plumb_engine::transition::planning::{Planning, planning};
use plumb_engine::transition::{Read, TRANSITION_FILE, stages};
use plumb_plan::explore::refute;
use plumb_plan::transition::Transition;
use plumb_wire::plan_diagram::{mermaid, svg};
use plumb_wire::plan_v1::plan_document;
use plumb_wire::planned::Planned;
use plumb_wire::refutation_v1::refutation_document;
use plumb_wire::runbook::runbook;
use std::path::Path;

pub(crate) fn plan(
    global: &Global,
    arguments: &PlanArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    match &arguments.command {
        Some(PlanCommand::Draft(arguments)) => return draft(global, arguments, terminal),
        Some(PlanCommand::Verify(arguments)) => return verify(global, arguments, terminal),
        None => {}
    }
    let transition = transition(global, &arguments.transition)?.transition;
    let found = planning(&transition);
    let planned = planned(&transition, &found);
    write(arguments, &planned)?;
    if document(terminal, global.format, || plan_document(&planned))? == Written::NotYet {
        terminal.text(&render_plan::text(terminal.out, found.answer, &planned))?;
    }
    Ok(found.answer.into())
}

fn planned<'a>(transition: &'a Transition, found: &'a Planning) -> Planned<'a> {
    Planned {
        transition,
        outcome: &found.outcome,
        proposals: &found.proposals,
        answer: answer_name(found.answer),
        reason: &found.reason,
    }
}

/// The runbook and the picture, where they are wanted and there is a plan.
fn write(arguments: &PlanArguments, planned: &Planned<'_>) -> Result<(), Failure> {
    let Ok(plan) = planned.outcome else { return Ok(()) };
    let put = |path: &Path, text: &str| {
        files::write_whole(path, text.as_bytes())
            .map_err(|err| outside(format!("nothing is written: {err}"), None))
    };
    if let (Some(path), Some(text)) = (&arguments.runbook, runbook(planned)) {
        put(path, &text)?;
    }
    let Some(path) = &arguments.diagram else { return Ok(()) };
    let is_mermaid = path.extension().is_some_and(|end| end == "mmd" || end == "mermaid");
    let draw = if is_mermaid { mermaid } else { svg };
    put(path, &draw(planned.transition, plan))
}

fn verify(
    global: &Global,
    arguments: &VerifyArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let transition = transition(global, &arguments.transition)?.transition;
    let stages = stages::read(&arguments.plan, &transition)?;
    let found = refute(&transition, &stages);
    let answer = if found.is_some() { Answer::Refuse } else { Answer::Pass };
    let document_of =
        || refutation_document(&transition, found.as_ref(), (answer_name(answer), stages.len()));
    if document(terminal, global.format, document_of)? == Written::NotYet {
        let look = terminal.out;
        terminal.text(&render_plan::refuted(look, &transition, found.as_ref(), stages.len()))?;
    }
    Ok(answer.into())
}

fn transition(global: &Global, arguments: &TransitionArguments) -> Result<Read, Failure> {
    let learned = learned(global, arguments.no_evidence, &arguments.server)?;
    let file = arguments.file.as_deref().unwrap_or_else(|| Path::new(TRANSITION_FILE));
    read(file, &learned)
}
