//! `plumb run`: runs a command whose calls are answered by what was seen.
//!
//! The command comes first: it has the standard input and output, and its exit code is the answer.

use crate::arguments::{Against, AgainstArguments, Format, Global};
use crate::bug;
use crate::child::{self, Running};
use crate::failure::{Failure, outside, usage};
use crate::listening::listen;
use crate::mocks::{mocked, mocked_document, mocks};
use crate::project::project;
use crate::render::name;
use crate::terminal::Terminal;
use plumb_engine::files;
use plumb_engine::mock::call::Wanted;
use plumb_server::mock::{Listening, Mocked, Mocking, mock as serve};
use plumb_tap::shutdown::shutdown;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Any free port, for this machine alone.
const ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

pub(crate) fn run(
    global: &Global,
    arguments: &AgainstArguments,
    terminal: Terminal,
) -> Result<ExitCode, Failure> {
    let project = project(global)?;
    let Against::Today = arguments.against;
    let mocks = mocks(&project, &[], &arguments.server)?;
    if let Some((_, unknown)) = arguments.named.iter().find(|(_, it)| !mocks.contains_key(it)) {
        return Err(usage(
            format!("nothing was seen of `{unknown}`"),
            "`plumb mock --list` shows what was seen",
        ));
    }
    let (listener, proxy) = listen(ADDRESS, "--listen")?;
    let mut listeners = vec![Listening { listener, dependency: None }];
    let mut command = child::command(&arguments.command, proxy, arguments.no_proxy.as_deref());
    let mut own = BTreeMap::new();
    for (variable, dependency) in &arguments.named {
        let (listener, address) = listen(ADDRESS, "--listen")?;
        own.insert(address.to_string(), dependency.clone());
        listeners.push(Listening { listener, dependency: Some(dependency.clone()) });
        command = command.with(variable.clone(), format!("http://{address}"));
    }
    // From here on a bug costs one request its answer, and the command nothing.
    std::panic::set_hook(Box::new(bug::note_request));
    let (open, closing) = shutdown();
    let running = Arc::new(Running::default());
    let told = Arc::clone(&running);
    let mocking = Mocking {
        listeners,
        tls: None,
        mocks,
        // Who is told of an address may still go through the proxy to it.
        name_of: Box::new(move |host| own.get(host).cloned().or_else(|| project.name_of(host))),
        wanted: arguments.only.as_deref().map_or(Wanted::AsSeen, Wanted::of),
        delay: Duration::ZERO,
        heard: Some(Box::new(move |signal| told.tell(signal))),
        ready: Box::new(|| ()),
    };
    let (code, served) = std::thread::scope(|scope| {
        let serving = scope.spawn(move || serve(mocking, closing));
        let code = child::run(&running, &command);
        open.begin();
        (code, serving.join())
    });
    let code = code?;
    match served {
        Ok(Ok(mocked)) => tell(global, arguments, &mocked, terminal)?,
        Ok(Err(err)) => terminal.complain(&format!("warning: nothing was answered: {err}\n")),
        Err(_) => terminal.complain("warning: mocking ended by a bug\n"),
    }
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
    let Some(path) = &arguments.answer else { return Ok(()) };
    let document = mocked_document(served);
    let text = match global.format {
        Format::Ndjson => format!("{document}\n"),
        Format::Text | Format::Json => format!("{document:#}\n"),
    };
    files::write_whole(path, text.as_bytes())
        .map_err(|err| outside(format!("the answer is not written: {err}"), None))
}
