//! `plumb run`: runs a command whose calls are looked at, or answered by what was seen.
//!
//! The command comes first: it has the standard input and output, and its exit code is the answer.

use super::cover::cover;
use crate::answer::document_in;
use crate::arguments::{Against, AgainstArguments, Global};
use crate::bug;
use crate::child::{self, Running};
use crate::empty::no_evidence;
use crate::failure::{Code, Failure};
use crate::grpc::services;
use crate::mocks::{Staging, check_idle, check_telling, mocked, mocked_document, mocks, staged};
use crate::project::project;
use crate::render::name;
use crate::terminal::Terminal;
use crate::trusting::Trusting;
use crate::weigh::Grounds;
use plumb_engine::mock::call::Wanted;
use plumb_server::mock::Mocked;
use std::process::ExitCode;
use std::sync::Arc;

pub(crate) fn run(
    global: &Global,
    arguments: &AgainstArguments,
    terminal: Terminal,
) -> Result<ExitCode, Failure> {
    let project = project(global)?;
    if arguments.against.is_none() {
        check_idle(&arguments.meeting.telling(), "`--against today` mocks what was seen")?;
    }
    let services = arguments.grpc_schema.as_deref().map(services).transpose()?;
    let mocks = mocks(&project, (&[], services.as_ref()), &arguments.server)?;
    if mocks.is_empty() {
        let environment = global.environment.as_deref();
        terminal.complain(&no_evidence(terminal.err, &Grounds::Nothing, environment));
        return Ok(Code::CannotTell.into());
    }
    let Some(Against::Today) = arguments.against else {
        return cover(global, (&project, arguments), &mocks, terminal);
    };
    let telling = arguments.meeting.telling();
    check_telling(&telling, &mocks)?;
    // From here on a bug costs one request its answer, and the command nothing.
    std::panic::set_hook(Box::new(bug::note_request));
    let running = Arc::new(Running::default());
    let told = Arc::clone(&running);
    let trusting = Trusting::wanted(&arguments.meeting.trust)?;
    let staging = Staging {
        mocks,
        services,
        trusting: trusting.as_ref(),
        telling,
        wanted: arguments.only.as_deref().map_or(Wanted::AsSeen, Wanted::of),
        heard: Box::new(move |signal| told.tell(signal)),
    };
    let (code, mocked) = staged(&project, staging, |proxy, told| {
        let direct = arguments.no_proxy.as_deref();
        child::run(&running, &child::command(&arguments.command, proxy, direct).told(told))
    })?;
    let code = code?;
    if let Some(trusting) = &trusting {
        trusting.tell(terminal);
    }
    tell(global, arguments, &mocked, terminal)?;
    Ok(ExitCode::from(code))
}

fn tell(
    global: &Global,
    arguments: &AgainstArguments,
    served: &Mocked,
    terminal: Terminal,
) -> Result<(), Failure> {
    let program = arguments.command.first().map_or("", String::as_str);
    let look = terminal.err;
    terminal.note(&format!("{}  {}", look.strong(&name(program)), mocked(served)));
    document_in(arguments.answer.as_deref(), global.format, || mocked_document(served))
}
