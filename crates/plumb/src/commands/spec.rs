//! `plumb spec`: specifications made of what was seen.

use crate::answer::{Written, document};
use crate::arguments::Global;
use crate::empty::no_evidence;
use crate::failure::{Code, Failure};
use crate::mocks::{lost_lines, seen_of};
use crate::project::project;
use crate::spec_arguments::{InferArguments, SpecCommand};
use crate::specification::{Wanted, only, specification, write};
use crate::terminal::Terminal;
use crate::weigh::Grounds;
use plumb_engine::infer::Inferred;
use plumb_engine::infer::asked::Counts;
use plumb_engine::infer::yaml::yaml;

pub(crate) fn spec(
    global: &Global,
    command: &SpecCommand,
    terminal: Terminal,
) -> Result<Code, Failure> {
    match command {
        SpecCommand::Infer(arguments) => infer(global, arguments, terminal),
    }
}

fn infer(global: &Global, arguments: &InferArguments, terminal: Terminal) -> Result<Code, Failure> {
    let project = project(global)?;
    let named = arguments.dependency.as_slice();
    let evidence = seen_of(&project, named, &arguments.server)?;
    let Some(dependency) = only(&evidence, named)? else {
        let environment = global.environment.as_deref();
        terminal.note(&no_evidence(terminal.err, &Grounds::Nothing, environment));
        return Ok(Code::CannotTell);
    };
    let title = arguments.title.as_deref();
    let counts = if arguments.counts { Counts::Exact } else { Counts::Coarse };
    let samples_min = project.policy().samples_min;
    let wanted = Wanted { dependency, title, counts, samples_min };
    let inferred = specification(&evidence, wanted);
    if let Some(path) = &arguments.output {
        write(path, inferred, title, (global.format, terminal))?;
        return Ok(Code::Pass);
    }
    let Inferred { document: inferred, lost } = inferred;
    if document(terminal, global.format, || inferred.clone())? == Written::NotYet {
        terminal.data(yaml(&inferred).as_bytes())?;
    }
    terminal.note(&lost_lines(&lost));
    Ok(Code::Pass)
}
