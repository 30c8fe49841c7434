//! Hoverfly simulations: pairs of a request and a response, in the schemas v1 to v5.
//!
//! A pair is an example: the tests exercise just this. Hoverfly answers with the strongest match,
//! so a claim's priority is its strength, negated. Refuses to know how matchers and answers are
//! written, and the disk: body files are asked of the caller.

mod body;
mod matcher;
mod request;
pub(crate) mod response;

use crate::hoverfly::request::{Asked, say_request};
use crate::hoverfly::response::{Files, say_response};
use crate::reading::{Beside, CLAIMS_MAX, Reading, SourceFile};
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::claim::{Claim, Dialect, SaidStatus, Source, Strength};
use plumb_shape::said::Said;
use plumb_tree::{Node, Value};

const VERSION: Why = Why {
    reason: "a simulation is of a schema beyond v5, it is read as v5",
    remedy: "look whether its pairs are listed as you expect",
};
const TOO_MANY: Why = Why {
    reason: "the file holds more than 200000 pairs, the rest is not read",
    remedy: "split it",
};
const NOT_A_PAIR: Why = Why {
    reason: "a pair has no request or no response, it is not read",
    remedy: "give it both, or take it out",
};

/// Longest title in characters: a pair beyond it is told apart by its line.
const TITLE_CHARS_MAX: usize = 200;

/// The newest schema that is read.
const NEWEST: u32 = 5;

/// True for a document with pairs and the version of their schema.
pub(crate) fn is_like(root: &Node) -> bool {
    let pairs = root.path(&["data", "pairs"]);
    let listed = pairs.is_some_and(|it| matches!(it.value, Value::Array(_) | Value::Null));
    listed && version_of(root).is_some()
}

/// Reads the pairs of a file, one claim each.
pub(crate) fn read(file: &SourceFile<'_>, documents: &[Node], beside: Beside<'_>) -> Reading {
    let mut tally = UnreadTally::default();
    let files = Files { simulation_path: file.path, beside };
    let mut claims = Vec::new();
    for document in documents.iter().filter(|document| is_like(document)) {
        let version = version_of(document).unwrap_or(NEWEST);
        if version > NEWEST {
            tally.add(document.line, VERSION);
        }
        let pairs = document.path(&["data", "pairs"]).map(Node::items).unwrap_or_default();
        for pair in pairs {
            if claims.len() >= CLAIMS_MAX {
                tally.add(pair.line, TOO_MANY);
                break;
            }
            claims.extend(claim_of(pair, version, &files, &mut tally));
        }
    }
    Reading { claims, unread: tally.into_unread(file.path) }
}

/// The number of the schema: `v5.2` is 5.
fn version_of(document: &Node) -> Option<u32> {
    let version = document.path(&["meta", "schemaVersion"])?.as_str()?;
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn claim_of(
    pair: &Node,
    version: u32,
    files: &Files<'_>,
    tally: &mut UnreadTally,
) -> Option<Claim> {
    let both = pair.get("request").zip(pair.get("response"));
    let (request, response) = tally.need(both, pair.line, NOT_A_PAIR)?;
    let (line, column) =
        pair.entry("request").map_or((pair.line, pair.column), |(key, _)| (key.line, key.column));
    let mut said = Said::default();
    let Asked { request, writer } = say_request(&mut said, request, version, tally)?;
    let mut request = request;
    let status = say_response(&mut said, response, files, tally)?;
    let changes = ["transitionsState", "removesState"];
    let is_given = |key: &&str| response.get(key).is_some_and(|it| it.value != Value::Null);
    request.stateful |= changes.iter().any(is_given);
    let method =
        if request.methods.is_empty() { "ANY".to_owned() } else { request.methods.join("|") };
    let title = format!("{method} {}", request.path.named());
    Some(Claim {
        source: Source {
            dialect: Dialect::Hoverfly,
            file: files.simulation_path.to_owned(),
            line,
            column,
            title: title.chars().take(TITLE_CHARS_MAX).collect(),
        },
        strength: Strength::Example,
        writer,
        reader: None,
        request,
        status: SaidStatus::Exactly(status),
        said,
    })
}

#[cfg(test)]
mod tests;
