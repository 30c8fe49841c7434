//! Mocks made of what others say of a dependency: stubs, cassettes, contracts and specifications
//! of any dialect, as their claims.
//!
//! Refuses to know disk and dialects, and to hide what has no place in a mock.

use crate::mock::behaviour::{MockBehaviour, of_profile};
use crate::mock::exemplar::{Exemplar, Made};
use crate::mock::pace::Pace;
use crate::mock::stub::{Stub, where_said};
use crate::mock::tally::LossTally;
use crate::mock::vocabulary::Vocabulary;
use crate::mock::{Mock, MockOperation};
use crate::shelf::hex;
use plumb_claims::mend::verbatim::Verbatim;
use plumb_claims::reading::Unread;
use plumb_gap::evidence::{Evidence, Gathered};
use plumb_shape::claim::{Claim, Dialect, SaidStatus, Source};
use plumb_shape::literal::LiteralKey;
use plumb_shape::operation::{Operation, Segment, is_data};
use plumb_shape::profile::Profile;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Digits of the id of a behaviour that somebody said: enough to tell those of a large suite apart.
const ID_DIGITS: usize = 10;

/// The method of what is said of any.
pub(crate) const ANY: &str = "ANY";

/// The last segment of a path below which anything may stand, as patterns are written.
const REST: &str = "**";

/// Whether anything may stand below the path of an operation, which few formats have room for.
pub(crate) fn is_open(operation: &Operation) -> bool {
    operation.segments.last().is_some_and(|last| last.as_deref() == Some(REST))
}

/// What to make mocks of.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    /// What is said. Hosts have their dependencies' names already.
    pub claims: &'a [Arc<Claim>],
    /// The answers as they stand in their files, claim by claim.
    pub verbatim: &'a [Option<Verbatim>],
    /// What could not be read beside them.
    pub unread: &'a [Unread],
    /// The dependency of claims that name none.
    pub unnamed: &'a str,
    /// Whether values of recordings are taken as they stand. They came from traffic; those of
    /// other mocks were written by hand, and always are.
    pub keeps_values: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// The mocks by dependency.
    pub mocks: BTreeMap<String, Mock>,
    /// What has no place in a mock, each kind once, with how often it was met and where first.
    pub lost: Vec<String>,
    /// The same of what mocks do otherwise than the tools that the files were written for.
    pub otherwise: Vec<String>,
}

/// Makes mocks of claims.
#[must_use]
pub fn import(asked: &Import<'_>) -> Imported {
    let key = literal_key();
    let mut mocks: BTreeMap<String, BTreeMap<Operation, Vec<MockBehaviour>>> = BTreeMap::new();
    let (mut lost, mut otherwise) = (LossTally::default(), LossTally::default());
    for at in 0..asked.claims.len() {
        let one = match asked.answer(at) {
            Ok(one) => one,
            Err(why) => {
                lost.add(why, || where_said(&asked.claims[at]));
                continue;
            }
        };
        if !one.stub.keeps_values {
            lost.add(WITHHELD, || where_said(&one.stub.claim));
        }
        if one.stub.claim.request.stateful {
            otherwise.add(STATEFUL, || where_said(&one.stub.claim));
        }
        let known = vocabulary(&key, &one.stub);
        let made = one.exchanges(&key, false);
        let of_writer = mocks.entry(one.writer.to_owned()).or_default();
        for operation in &one.operations {
            for (variant, made) in made.iter().enumerate() {
                let stub = Stub { variant, ..one.stub.clone() };
                let behaviour = behaviour((operation, one.status), made, (&known, stub));
                of_writer.entry(operation.clone()).or_default().extend(behaviour);
            }
        }
    }
    for Unread { file, line, reason, .. } in asked.unread {
        lost.add(UNREAD, || format!("{file}:{line}: {reason}"));
    }
    let mocks = mocks.into_iter().map(|(writer, operations)| (writer, mock_of(operations)));
    Imported { mocks: mocks.collect(), lost: lost.into_lines(), otherwise: otherwise.into_lines() }
}

/// What would be seen of a dependency that answers just so.
#[must_use]
pub fn as_seen(asked: &Import<'_>, dependency: &str) -> Vec<Evidence> {
    let key = literal_key();
    let answers = (0..asked.claims.len()).filter_map(|at| asked.answer(at).ok());
    let mut evidence = Gathered::default();
    for one in answers.filter(|one| one.writer == dependency) {
        let whole = one.exchanges(&key, true);
        for operation in one.operations.iter().filter(|operation| !is_open(operation)) {
            let each = whole.iter().map(|made| seen(dependency, operation, one.status, made));
            each.for_each(|part| evidence.add(part));
        }
    }
    evidence.into_evidence()
}

/// What one claim answers.
struct Answer<'a> {
    writer: &'a str,
    status: u16,
    operations: Vec<Operation>,
    verbatim: Option<&'a Verbatim>,
    stub: Stub,
}

impl Answer<'_> {
    fn exchanges(&self, key: &LiteralKey, is_whole: bool) -> Vec<Made> {
        Exemplar { stub: &self.stub, verbatim: self.verbatim, is_whole }.exchanges(key)
    }
}

impl<'a> Import<'a> {
    fn answer(&self, at: usize) -> Result<Answer<'a>, &'static str> {
        let claim = &self.claims[at];
        let (status, operations) = (status(claim)?, operations(claim));
        let keeps_values = self.keeps_values || !is_recorded(&claim.source);
        let stands = self.verbatim.get(at).and_then(Option::as_ref);
        // What tells requests apart stays in this process, whatever may be told.
        let sent = stands.and_then(|verbatim| verbatim.asked.clone());
        Ok(Answer {
            writer: claim.writer.as_deref().unwrap_or(self.unnamed),
            status,
            operations,
            verbatim: stands.filter(|_| keeps_values),
            stub: Stub { claim: Arc::clone(claim), at, variant: 0, asked: sent, keeps_values },
        })
    }
}

/// Nothing is kept under it.
fn literal_key() -> LiteralKey {
    LiteralKey::new([0; 32])
}

const WITHHELD: &str = "values of recordings: others of their form stand for them, unless asked \
                        for with `--values`";
const STATEFUL: &str = "what decides beside the request (scenarios, turns, code): answers come in \
                        turn";
const NO_ANSWER: &str = "what tells of requests or messages and of no answers";
const UNREAD: &str = "what could not be read";
const NO_STATUS: &str = "answers to every other status";

/// The status of an answer, where a claim tells one.
fn status(claim: &Claim) -> Result<u16, &'static str> {
    let has_answers = claim.source.dialect.has_answers() && claim.source.dialect != Dialect::Kombu;
    match claim.status {
        _ if !has_answers => Err(NO_ANSWER),
        SaidStatus::Exactly(status) if status >= 100 => Ok(status),
        SaidStatus::Class(class) => Ok(u16::from(class) * 100),
        SaidStatus::Exactly(_) => Err(NO_ANSWER),
        SaidStatus::Default => Err(NO_STATUS),
    }
}

/// The operations that a claim speaks of. Ids in its path stay: a mock answers for one thing and
/// not for all of its kind.
fn operations(claim: &Claim) -> Vec<Operation> {
    let segment = |segment: &Segment| match segment {
        Segment::Literal(text) => Some(text.clone()),
        Segment::Param => None,
        Segment::Rest => Some(REST.to_owned()),
    };
    let path = &claim.request.path;
    let segments: Vec<Option<String>> = path.segments.iter().map(segment).collect();
    let any = [ANY.to_owned()];
    let methods = if claim.request.methods.is_empty() { &any } else { &claim.request.methods[..] };
    let operation = |method: &String| Operation {
        method: method.clone(),
        segments: segments.clone(),
        name: path.name.clone(),
    };
    methods.iter().map(operation).collect()
}

/// Whether a file is written by a tool that records traffic. Stubs that WireMock recorded look as
/// those that people write.
fn is_recorded(source: &Source) -> bool {
    match source.dialect {
        Dialect::Har
        | Dialect::Vcr
        | Dialect::Vcrpy
        | Dialect::Polly
        | Dialect::Keploy
        | Dialect::Hoverfly => true,
        // The same is written by hand in scripts.
        Dialect::Nock => source.file.ends_with(".json"),
        _ => false,
    }
}

/// The words that may be told.
fn vocabulary(key: &LiteralKey, stub: &Stub) -> Vocabulary {
    let places = stub.claim.said.places.keys();
    let words = places.filter_map(|place| stub.words(place)).flatten().cloned();
    Vocabulary::new(key, words)
}

fn behaviour(
    (operation, status): (&Operation, u16),
    made: &Made,
    (known, stub): (&Vocabulary, Stub),
) -> Option<MockBehaviour> {
    let profile = Profile { outcomes: BTreeMap::from([(status, made.outcome.clone())]) };
    let mut one = of_profile(operation, &profile, known).into_iter().next()?;
    one.id = id_of(operation, &stub);
    one.seen = 0;
    if let Some(headers) = &made.headers {
        one.headers.clone_from(headers);
    }
    if let Some(body) = &made.body {
        one.body.clone_from(body);
    }
    one.stub = Some(stub);
    Some(one)
}

fn id_of(operation: &Operation, stub: &Stub) -> String {
    let source = &stub.claim.source;
    let place = (source.line, source.column, stub.variant);
    let text = format!("{operation}\n{}\n{place:?}\n{}", source.file, stub.claim.status);
    hex(&Sha256::digest(text)).chars().take(ID_DIGITS).collect()
}

fn seen(writer: &str, operation: &Operation, status: u16, made: &Made) -> Evidence {
    let templated = |segment: &Option<String>| segment.clone().filter(|text| !is_data(text));
    let segments = operation.segments.iter().map(templated).collect();
    Evidence {
        writer: writer.to_owned(),
        reader: String::new(),
        operation: Operation { segments, ..operation.clone() },
        version: String::new(),
        last_ms: 0,
        profile: Profile { outcomes: BTreeMap::from([(status, made.outcome.clone())]) },
    }
}

fn mock_of(operations: BTreeMap<Operation, Vec<MockBehaviour>>) -> Mock {
    let operations = operations.into_iter().map(|(operation, mut behaviours)| {
        behaviours.sort_by_key(|one| one.stub.as_ref().map(precedence));
        MockOperation { operation, behaviours, pace: Pace::default() }
    });
    Mock { operations: operations.collect(), is_said: true, ..Mock::default() }
}

/// The order in which an operation's behaviours are listed: as they answer.
fn precedence(stub: &Stub) -> (i32, isize, usize) {
    let at = isize::try_from(stub.at).unwrap_or(isize::MAX);
    let turn = if stub.claim.request.stateful { at } else { -at };
    (stub.claim.request.priority, turn, stub.variant)
}

#[cfg(test)]
mod tests;
