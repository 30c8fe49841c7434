//! Mountebank imposters: a file of one, or of many under `imposters`.
//!
//! A stub is an example: the tests exercise just this. The first stub whose predicates hold
//! answers, so a stub's priority is its position; where it has several responses in turn, each of
//! them is expected. Refuses to know how predicates and responses are written.

mod body;
mod field;
mod predicate;
mod request;
mod response;
mod settle;

use crate::mountebank::predicate::alternatives;
use crate::mountebank::request::{Asked, Told, say_conditions};
use crate::mountebank::response::{Answer, Answers, answers_of, say_answer};
use crate::reading::{Beside, CLAIMS_MAX, Reading, SourceFile};
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::claim::{Claim, Dialect, SaidRequest, SaidStatus, Source, Strength};
use plumb_shape::operation::PathPattern;
use plumb_shape::place::{Part, Side};
use plumb_tree::{Node, Value};

const PROTOCOL: Why = Why {
    reason: "an imposter speaks neither http nor https, it is not read",
    remedy: "nothing to do; it makes no claim",
};
const TOO_MANY: Why = Why {
    reason: "the file holds more than 200000 responses, or more places than that many fill, the \
             rest is not read",
    remedy: "split it",
};
const NEVER: Why = Why {
    reason: "the predicates of a stub exclude each other, so it never answers and is not read",
    remedy: "remove it, or mend its predicates",
};
const TOO_MANY_WAYS: Why = Why {
    reason: "the predicates of a stub can be met in more than 64 ways, the stub is not read",
    remedy: "give the alternatives as stubs of their own",
};

/// Protocols that an imposter may speak: one of them tells a single imposter from other documents.
const PROTOCOLS: [&str; 4] = ["http", "https", "tcp", "smtp"];

/// Places in all claims of one file: those of a stub are said again for each of its responses, and
/// a file of ordinary stubs stays below what its values alone may be.
const PLACES_MAX: usize = 2_000_000;

/// Longest title in characters: a stub beyond it is told apart by its line.
const TITLE_CHARS_MAX: usize = 200;

/// True when this document is an imposter or a list of them.
pub(crate) fn is_like(root: &Node) -> bool {
    match root.get("imposters") {
        Some(Node { value: Value::Array(imposters), .. }) => {
            imposters.first().is_none_or(is_imposter)
        }
        _ => is_imposter(root),
    }
}

fn is_imposter(node: &Node) -> bool {
    let protocol = node.get("protocol").and_then(Node::as_str);
    let known = protocol.is_some_and(|protocol| PROTOCOLS.contains(&protocol));
    known && ["stubs", "port"].iter().any(|key| node.get(key).is_some())
}

/// Reads the stubs of a file: a claim for each response of each way to meet its predicates.
pub(crate) fn read(file: &SourceFile<'_>, documents: &[Node], _beside: Beside<'_>) -> Reading {
    let mut tally = UnreadTally::default();
    let mut gathered = Gathered::default();
    for imposter in documents.iter().flat_map(imposters_of) {
        let protocol = imposter.get("protocol").and_then(Node::as_str);
        if !matches!(protocol, Some("http" | "https")) {
            tally.add(imposter.line, PROTOCOL);
            continue;
        }
        let stubs = imposter.get("stubs").map(Node::items).unwrap_or_default();
        for (position, stub) in stubs.iter().enumerate() {
            if gathered.is_full() {
                tally.add(stub.line, TOO_MANY);
                break;
            }
            let read = Stub { imposter, stub, position };
            gather(&mut gathered, file.path, &read, &mut tally);
        }
    }
    Reading { claims: gathered.claims, unread: tally.into_unread(file.path) }
}

/// The claims so far.
#[derive(Default)]
struct Gathered {
    claims: Vec<Claim>,
    /// Places that they say in all.
    places: usize,
}

impl Gathered {
    fn is_full(&self) -> bool {
        self.claims.len() >= CLAIMS_MAX || self.places >= PLACES_MAX
    }
}

fn imposters_of(document: &Node) -> &[Node] {
    match document.get("imposters") {
        Some(imposters) => imposters.items(),
        None => std::slice::from_ref(document),
    }
}

struct Stub<'a> {
    imposter: &'a Node,
    stub: &'a Node,
    /// Its place among the stubs of its imposter, from 0.
    position: usize,
}

/// Gathers a claim for each response of each way to meet the predicates of a stub.
fn gather(gathered: &mut Gathered, file: &str, read: &Stub<'_>, tally: &mut UnreadTally) {
    let Answers { answers, in_turn } = answers_of(read.stub, tally);
    if answers.is_empty() {
        return;
    }
    let predicates = read.stub.get("predicates").map(Node::items).unwrap_or_default();
    let Some(ways) = alternatives(predicates) else {
        return tally.add(read.stub.line, TOO_MANY_WAYS);
    };
    let told: Vec<Told<Asked>> = ways.iter().map(|way| say_conditions(way, tally)).collect();
    if told.iter().all(|told| matches!(told, Told::Never)) {
        return tally.add(read.stub.line, NEVER);
    }
    for told in told {
        let Told::Asked(asked) = told else { continue };
        for answer in &answers {
            if gathered.is_full() {
                return tally.add(answer.line, TOO_MANY);
            }
            if let Some(mut claim) = claim_of(file, read, &asked, answer, tally) {
                claim.request.stateful |= in_turn;
                gathered.places += claim.said.places.len();
                gathered.claims.push(claim);
            }
        }
    }
}

fn claim_of(
    file: &str,
    read: &Stub<'_>,
    asked: &Asked,
    answer: &Answer<'_>,
    tally: &mut UnreadTally,
) -> Option<Claim> {
    let mut said = asked.said.clone();
    if !said.speaks_of(Side::Request, Part::Body) {
        said.say_any_body(Side::Request);
    }
    let status = say_answer(&mut said, answer, read.imposter.get("defaultResponse"), tally)?;
    let path = asked.path.clone().unwrap_or(PathPattern::any());
    let methods = asked.methods.clone().unwrap_or_default();
    let method = if methods.is_empty() { "ANY".to_owned() } else { methods.join("|") };
    let title = format!("{method} {}", path.named());
    Some(Claim {
        source: Source {
            dialect: Dialect::Mountebank,
            file: file.to_owned(),
            line: answer.line,
            column: answer.column,
            title: title.chars().take(TITLE_CHARS_MAX).collect(),
        },
        strength: Strength::Example,
        writer: asked.writer.clone().or_else(|| name_of(read.imposter)),
        reader: None,
        request: SaidRequest {
            methods,
            path,
            query: asked.query,
            priority: i32::try_from(read.position).unwrap_or(i32::MAX),
            stateful: asked.is_unclear,
        },
        status: SaidStatus::Exactly(status),
        said,
    })
}

/// The imposter's own name, where it is one word: longer ones are descriptions.
fn name_of(imposter: &Node) -> Option<String> {
    let name = imposter.get("name")?.as_str()?;
    let is_word = !name.is_empty() && !name.contains(char::is_whitespace);
    is_word.then(|| name.to_owned())
}

#[cfg(test)]
mod tests;
