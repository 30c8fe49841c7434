//! `plumb mock`: answers as a dependency was seen to.

use crate::answer::{Written, document};
use crate::arguments::{Global, Latency, MockArguments};
use crate::bug;
use crate::empty::no_evidence;
use crate::failure::{Code, Failure, outside, usage};
use crate::grpc::services;
use crate::imported::{Said, imported};
use crate::listening::{certificate, listen};
use crate::mocks::{listed, listed_document, lost_lines, mocked, mocked_document, mocks, seen_of};
use crate::project::{Project, project};
use crate::render::count;
use crate::specification::{Wanted as Described, only, specification, write, write_said};
use crate::terminal::Terminal;
use crate::values::ExportAs;
use crate::weigh::Grounds;
use plumb_engine::files;
use plumb_engine::infer::asked::Counts;
use plumb_engine::infer::said::as_said;
use plumb_engine::infer::yaml::yaml;
use plumb_engine::mock::Mock;
use plumb_engine::mock::call::Wanted;
use plumb_engine::mock::export::{ExportFormat, Exported, export as exported};
use plumb_engine::mock::script::Script;
use plumb_engine::mock::translation::lost_in_translation;
use plumb_server::mock::{Listening, Mocking, mock as serve};
use plumb_tap::shutdown::shutdown;
use plumb_traffic::schema::grpc::Services;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

pub(crate) fn mock(
    global: &Global,
    arguments: &MockArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let said = match arguments.import.as_slice() {
        [] => None,
        paths => {
            let asked = (arguments.dependencies.as_slice(), arguments.values);
            Some(imported(&project, paths, asked)?)
        }
    };
    if let Some((ExportAs::OpenApi, path)) = &arguments.export {
        return match said {
            Some(said) => describe_said(global, said, path, terminal),
            None => describe(global, (&project, arguments), path, terminal),
        };
    }
    let services = arguments.grpc_schema.as_deref().map(services).transpose()?;
    let asked = (arguments.dependencies.as_slice(), services.as_ref());
    let (mut mocks, lost, otherwise) = match said {
        Some(Said { mocks, lost, otherwise, .. }) => (mocks, lost, otherwise),
        None => (mocks(&project, asked, &arguments.server)?, Vec::new(), Vec::new()),
    };
    if mocks.is_empty() {
        let environment = global.environment.as_deref();
        terminal.note(&no_evidence(terminal.err, &Grounds::Nothing, environment));
        return Ok(Code::CannotTell);
    }
    if let Some((ExportAs::Mock(format), path)) = &arguments.export {
        return export(global, *format, (path, &mocks, lost), terminal);
    }
    terminal.note(&lost_lines(&[lost, otherwise].concat()));
    if arguments.list {
        if document(terminal, global.format, || listed_document(&mocks))? == Written::NotYet {
            terminal.text(&listed(terminal.out, &mocks))?;
        }
        return Ok(Code::Pass);
    }
    prepare(arguments, &mut mocks)?;
    answer(global, (project, arguments), (mocks, services), terminal)
}

/// Answers until it is told to end.
fn answer(
    global: &Global,
    (project, arguments): (Project, &MockArguments),
    (mocks, services): (BTreeMap<String, Mock>, Option<Services>),
    terminal: Terminal,
) -> Result<Code, Failure> {
    let tls = certificate(arguments.cert.as_deref(), arguments.key.as_deref())?;
    let (listener, address) = listen(arguments.listen, "--listen")?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let operations: usize = mocks.values().map(|mock| mock.operations().len()).sum();
    let what = format!(
        "{} of {}",
        count(operations, "operation"),
        if mocks.len() == 1 {
            "1 dependency".to_owned()
        } else {
            format!("{} dependencies", mocks.len())
        },
    );
    // From here on a bug costs one request its answer, and no other.
    std::panic::set_hook(Box::new(bug::note_request));
    let (_open, closing) = shutdown();
    let told = serve(
        Mocking {
            listeners: vec![Listening { listener, dependency: None }],
            tls,
            issuer: None,
            mocks,
            services,
            name_of: Box::new(move |host| project.name_of(host)),
            wanted: arguments.only.as_deref().map_or(Wanted::AsSeen, Wanted::of),
            delay: Duration::from_millis(arguments.delay),
            heard: None,
            ready: Box::new(move || {
                let word = terminal.err.strong("answering");
                terminal.note(&format!("{word} {scheme}://{address} as {what}; Ctrl-C ends\n"));
            }),
        },
        closing,
    );
    let told = told.map_err(|err| outside(format!("the mock cannot begin: {err}"), None))?;
    if document(terminal, global.format, || mocked_document(&told))? == Written::NotYet {
        terminal.text(&mocked(&told))?;
    }
    Ok(Code::Pass)
}

/// Lets mocks answer as the arguments say.
fn prepare(arguments: &MockArguments, mocks: &mut BTreeMap<String, Mock>) -> Result<(), Failure> {
    if let Some(path) = &arguments.script {
        let script = script(path)?;
        mocks.values_mut().for_each(|mock| mock.follow(script.clone()));
    }
    if arguments.latency == Some(Latency::Observed) {
        mocks.values_mut().for_each(Mock::keep_pace);
    }
    Ok(())
}

/// Writes the mock of one dependency for another tool, and tells what is lost.
fn export(
    global: &Global,
    format: ExportFormat,
    (path, mocks, told): (&Path, &BTreeMap<String, Mock>, Vec<String>),
    terminal: Terminal,
) -> Result<Code, Failure> {
    let (dependency, mock) = only_mock(mocks)?;
    let Exported { files: texts, lost } = exported(format, dependency, mock);
    let lost = [told, lost].concat();
    let mut written = Vec::new();
    for (name, text) in &texts {
        let is_folder = format == ExportFormat::WireMock;
        let at = if is_folder { path.join(name) } else { path.to_owned() };
        if let Some(folder) = at.parent() {
            fs::create_dir_all(folder).map_err(|err| {
                outside(format!("cannot make `{}`: {err}", folder.display()), None)
            })?;
        }
        files::write_whole(&at, text.as_bytes())?;
        written.push(at.display().to_string());
    }
    let as_document = || json!({ "version": 1, "written": written, "lost": lost });
    if document(terminal, global.format, as_document)? == Written::NotYet {
        let mut text = format!("{} written to {}\n", count(texts.len(), "file"), path.display());
        text.push_str(&lost_lines(&lost));
        terminal.text(&text)?;
    }
    Ok(Code::Pass)
}

/// Writes the interface of one dependency, as `plumb spec infer` does.
fn describe(
    global: &Global,
    (project, arguments): (&Project, &MockArguments),
    path: &Path,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let evidence = seen_of(project, &arguments.dependencies, &arguments.server)?;
    let Some(dependency) = only(&evidence, &arguments.dependencies)? else {
        let environment = global.environment.as_deref();
        terminal.note(&no_evidence(terminal.err, &Grounds::Nothing, environment));
        return Ok(Code::CannotTell);
    };
    let samples_min = project.policy().samples_min;
    let wanted = Described { dependency, title: None, counts: Counts::Coarse, samples_min };
    let inferred = specification(&evidence, wanted);
    write(path, inferred, None, (global.format, terminal))?;
    Ok(Code::Pass)
}

/// Writes the interface that others say one dependency has.
fn describe_said(
    global: &Global,
    said: Said,
    path: &Path,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let (dependency, mock) = only_mock(&said.mocks)?;
    // What somebody says once is meant.
    let wanted = Described { dependency, title: None, counts: Counts::Coarse, samples_min: 1 };
    let document = as_said(specification(&said.as_seen(dependency), wanted).document);
    let texts = BTreeMap::from([("openapi.yaml".to_owned(), yaml(&document))]);
    let lost = lost_in_translation(dependency, mock, &texts);
    write_said(path, &document, &[said.lost, lost].concat(), (global.format, terminal))?;
    Ok(Code::Pass)
}

/// The one dependency that there is.
fn only_mock(mocks: &BTreeMap<String, Mock>) -> Result<(&str, &Mock), Failure> {
    match (mocks.iter().next(), mocks.len()) {
        (Some((dependency, mock)), 1) => Ok((dependency, mock)),
        _ => {
            let help = "name one of those that `plumb mock --list` shows";
            Err(usage("several dependencies do not fit into one export".to_owned(), help))
        }
    }
}

fn script(path: &Path) -> Result<Script, Failure> {
    let shown = path.display();
    let text = files::read_text(path)
        .map_err(|err| outside(format!("cannot read `{shown}`: {err}"), None))?
        .ok_or_else(|| outside(format!("`{shown}` is not there"), None))?;
    text.parse::<Script>().map_err(|err| {
        usage(format!("`{shown}`: {err}"), "write it like `GET /orders/{} 503`, one to a line")
    })
}
