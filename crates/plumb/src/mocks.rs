//! Mocks made of a project's evidence, and how mocking went, in words and as a document.
//!
//! Refuses to know how an answer is chosen, and who calls.

use crate::failure::{Failure, outside, usage};
use crate::listening::listen_anywhere;
use crate::look::Look;
use crate::meeting_arguments::Telling;
use crate::project::Project;
use crate::render::{Column, count_u64, name, table};
use crate::server_arguments::ServerArguments;
use crate::trusting::Trusting;
use crate::weigh::seen_where;
use plumb_engine::mock::behaviour::MockBehaviour;
use plumb_engine::mock::call::Wanted;
use plumb_engine::mock::vocabulary::Vocabulary;
use plumb_engine::mock::{Mock, mock_with};
use plumb_gap::evidence::Evidence;
use plumb_server::mock::{Listening, Mocked, Mocking, mock as serve};
use plumb_tap::run::Signal;
use plumb_tap::shutdown::shutdown;
use plumb_traffic::schema::grpc::Services;
use plumb_tree::json::parse_json;
use plumb_wire::harmless::harmless;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

/// The version of the documents.
const VERSION: u32 = 1;

/// Requests without an answer that are told of at most.
const UNANSWERED_MAX: usize = 10;

/// The evidence, given that all of these dependencies were seen.
///
/// # Errors
///
/// When the evidence cannot be read, or one of them was never seen.
pub(crate) fn seen_of(
    project: &Project,
    dependencies: &[String],
    server: &ServerArguments,
) -> Result<Vec<Evidence>, Failure> {
    checked(seen_where(project, server)?.into_evidence(), dependencies)
}

fn checked(evidence: Vec<Evidence>, dependencies: &[String]) -> Result<Vec<Evidence>, Failure> {
    let known = known(&evidence);
    for wanted in dependencies {
        if !known.contains(wanted.as_str()) {
            let names: Vec<String> =
                known.iter().map(|known| format!("`{}`", name(known))).collect();
            let help = match names.is_empty() {
                true => "nothing was observed yet: `plumb observe har FILE`".to_owned(),
                false => format!("seen were {}", names.join(", ")),
            };
            return Err(usage(format!("nothing was seen of `{wanted}`"), help));
        }
    }
    Ok(evidence)
}

/// The dependencies that something was seen of.
pub(crate) fn known(evidence: &[Evidence]) -> BTreeSet<&str> {
    evidence.iter().map(|one| one.writer.as_str()).collect()
}

/// The mocks of these dependencies, or of all that were seen, with the words of the schema that
/// describes calls of gRPC.
///
/// # Errors
///
/// When the evidence cannot be read, or one of them was never seen.
pub(crate) fn mocks(
    project: &Project,
    (dependencies, services): (&[String], Option<&Services>),
    server: &ServerArguments,
) -> Result<BTreeMap<String, Mock>, Failure> {
    let seen = seen_where(project, server)?.into_judging();
    let evidence = checked(seen.evidence, dependencies)?;
    let vocabulary = Vocabulary::new(&seen.key, services.map(Services::words).unwrap_or_default());
    let is_wanted = |one: &&str| dependencies.is_empty() || dependencies.iter().any(|it| it == one);
    let wanted = known(&evidence).into_iter().filter(is_wanted);
    let mock = |writer: &str| mock_with(&evidence, writer, &vocabulary);
    Ok(wanted.map(|writer| (writer.to_owned(), mock(writer))).collect())
}

/// What a command meets.
pub(crate) struct Staging<'a> {
    /// The mocks by dependency.
    pub(crate) mocks: BTreeMap<String, Mock>,
    /// What describes calls of gRPC; without, none is answered.
    pub(crate) services: Option<Services>,
    /// The authority by which it is answered through TLS.
    pub(crate) trusting: Option<&'a Trusting>,
    /// Variables by which it is told where a dependency is.
    pub(crate) telling: Vec<Telling<'a>>,
    /// What is answered.
    pub(crate) wanted: Wanted,
    /// Who hears what the process is told meanwhile.
    pub(crate) heard: Box<dyn Fn(Signal) + Send>,
}

/// Lets `act` meet the mocks: as a proxy at the address it is given, and at the addresses that it
/// is to tell by variables. Gives what came of it, and how mocking went.
///
/// # Errors
///
/// When there is no address to listen on, or mocking cannot begin.
pub(crate) fn staged<T>(
    project: &Project,
    staging: Staging<'_>,
    act: impl FnOnce(SocketAddr, Vec<(String, String)>) -> T,
) -> Result<(T, Mocked), Failure> {
    let Staging { mocks, services, trusting, telling, wanted, heard } = staging;
    let (listener, proxy) = listen_anywhere()?;
    let mut listeners = vec![Listening { listener, dependency: None }];
    let mut told = trusting.map(Trusting::variables).unwrap_or_default();
    let mut own = BTreeMap::new();
    for one in telling {
        let (listener, address) = listen_anywhere()?;
        let dependency = one.dependency.to_owned();
        own.insert(address.to_string(), dependency.clone());
        listeners.push(Listening { listener, dependency: Some(dependency) });
        told.push((one.variable.to_owned(), one.value(address)));
    }
    let (open, closing) = shutdown();
    let project = project.clone();
    let mocking = Mocking {
        listeners,
        tls: None,
        issuer: trusting.map(Trusting::issuer),
        mocks,
        services,
        // Who is told of an address may still go through the proxy to it.
        name_of: Box::new(move |host| own.get(host).cloned().or_else(|| project.name_of(host))),
        wanted,
        delay: Duration::ZERO,
        heard: Some(heard),
        ready: Box::new(|| ()),
    };
    let (acted, served) = std::thread::scope(|scope| {
        let serving = scope.spawn(move || serve(mocking, closing));
        let acted = act(proxy, told);
        open.begin();
        (acted, serving.join())
    });
    match served {
        Ok(Ok(mocked)) => Ok((acted, mocked)),
        Ok(Err(err)) => Err(outside(format!("the mock cannot begin: {err}"), None)),
        Err(_) => Err(outside("mocking ended by a bug".to_owned(), None)),
    }
}

/// Complains of variables that tell of mocks where nothing is mocked.
///
/// # Errors
///
/// When there is one; what to do about it is told with it.
pub(crate) fn check_idle(telling: &[Telling<'_>], help: &str) -> Result<(), Failure> {
    if telling.is_empty() {
        return Ok(());
    }
    Err(usage("`--as` and `--at` tell of mocks, and nothing is mocked here".to_owned(), help))
}

/// Complains of a variable that is to tell of a dependency nobody has seen.
///
/// # Errors
///
/// When there is one.
pub(crate) fn check_telling(
    telling: &[Telling<'_>],
    mocks: &BTreeMap<String, Mock>,
) -> Result<(), Failure> {
    match telling.iter().find(|one| !mocks.contains_key(one.dependency)) {
        None => Ok(()),
        Some(unknown) => Err(usage(
            format!("nothing was seen of `{}`", name(unknown.dependency)),
            "`plumb mock --list` shows what was seen",
        )),
    }
}

/// What is lost on the way into a mock or out of it, for people, a line for each.
pub(crate) fn lost_lines(lost: &[String]) -> String {
    lost.iter().map(|what| format!("lost: {}\n", harmless(what))).collect()
}

/// What can be answered, as a table.
pub(crate) fn listed(look: Look, mocks: &BTreeMap<String, Mock>) -> String {
    let is_said = mocks.values().any(Mock::is_said);
    let heading = [
        ("DEPENDENCY", Column::Left),
        ("OPERATION", Column::Left),
        ("STATUS", Column::Right),
        if is_said { ("SAID AT", Column::Left) } else { ("SEEN", Column::Right) },
        ("ID", Column::Left),
    ];
    let row = |writer: &str, operation: &str, one: &MockBehaviour| {
        vec![
            name(writer),
            name(operation),
            one.code.map_or_else(|| one.status.to_string(), |code| code.to_string()),
            one.said().map_or_else(|| one.seen.to_string(), |said| name(&said)),
            one.id.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = mocks
        .iter()
        .flat_map(|(writer, mock)| mock.operations().iter().map(move |one| (writer, one)))
        .flat_map(|(writer, operation)| {
            let text = operation.operation.to_string();
            operation.behaviours.iter().map(move |one| row(writer, &text, one))
        })
        .collect();
    table(look, &heading, &rows)
}

/// What can be answered, as a document.
pub(crate) fn listed_document(mocks: &BTreeMap<String, Mock>) -> Value {
    let behaviour = |one: &MockBehaviour| {
        let headers: BTreeMap<_, _> =
            one.headers.iter().map(|(name, value)| (harmless(name), harmless(value))).collect();
        let mut shown = json!({
            "id": one.id,
            "status": one.status,
            "seen": one.seen,
            "headers": headers,
            "body": harmless(&dense(&one.body)),
        });
        if let Some(said) = one.said() {
            shown["said"] = harmless(&said).into();
        }
        shown
    };
    let dependency = |(writer, mock): (&String, &Mock)| {
        let operations = mock.operations().iter().map(|one| {
            let behaviours: Vec<Value> = one.behaviours.iter().map(behaviour).collect();
            let operation = one.operation.to_string();
            json!({ "operation": harmless(&operation), "behaviours": behaviours })
        });
        let operations: Vec<Value> = operations.collect();
        json!({ "dependency": harmless(writer), "operations": operations })
    };
    let dependencies: Vec<Value> = mocks.iter().map(dependency).collect();
    json!({ "version": VERSION, "dependencies": dependencies })
}

/// A body in one line, where it is JSON.
fn dense(body: &str) -> Cow<'_, str> {
    let parsed = parse_json(body.as_bytes()).ok();
    let document = parsed.as_ref().and_then(|parsed| parsed.documents.first());
    document.map_or(Cow::Borrowed(body), |document| Cow::Owned(document.to_json_text()))
}

/// How mocking went, as a document.
pub(crate) fn mocked_document(mocked: &Mocked) -> Value {
    let answered = mocked.answered.iter().map(|((dependency, operation, behaviour), count)| {
        json!({
            "dependency": harmless(dependency),
            "operation": harmless(operation),
            "behaviour": behaviour,
            "count": count,
        })
    });
    let unanswered = mocked.unanswered.iter();
    let unanswered =
        unanswered.map(|(what, count)| json!({ "reason": harmless(what), "count": count }));
    json!({
        "version": VERSION,
        "answered": answered.collect::<Vec<_>>(),
        "unanswered": unanswered.collect::<Vec<_>>(),
    })
}

/// How mocking went, for people.
pub(crate) fn mocked(mocked: &Mocked) -> String {
    let answered: u64 = mocked.answered.values().sum();
    let unanswered: u64 = mocked.unanswered.values().sum();
    let mut out = format!("{} answered · {unanswered} not\n", count_u64(answered, "request"));
    for (what, count) in mocked.unanswered.iter().take(UNANSWERED_MAX) {
        out.push_str(&format!("not answered: {} ({count})\n", name(what)));
    }
    let more = mocked.unanswered.len().saturating_sub(UNANSWERED_MAX);
    if more > 0 {
        out.push_str(&format!("and {more} more\n"));
    }
    out
}
