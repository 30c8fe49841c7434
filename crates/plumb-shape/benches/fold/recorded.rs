//! What real servers were sent and answered, as documents for measuring.
//!
//! Each document is written on one line, since some of what is measured reads nothing else, and
//! stands beside documents of every other operation. Refuses to know what is measured.

use crate::corpus::{CORPUS_BYTES, Corpus};
use sonic_rs::{JsonContainerTrait as _, JsonValueTrait as _, Value};
use std::collections::BTreeSet;

/// Tests of MLflow and calls of json-server, several versions of each.
const RECORDINGS: [&str; 8] = [
    include_str!("../../../../fixtures/json-server-0.17-1.0beta/017.har"),
    include_str!("../../../../fixtures/json-server-0.17-1.0beta/1b15.har"),
    include_str!("../../../../fixtures/mlflow-1.30-2.22-3.17/client1-server1.har"),
    include_str!("../../../../fixtures/mlflow-1.30-2.22-3.17/client1-server2.har"),
    include_str!("../../../../fixtures/mlflow-1.30-2.22-3.17/client2-server2.har"),
    include_str!("../../../../fixtures/mlflow-1.30-2.22-3.17/client2-server3.har"),
    include_str!("../../../../fixtures/mlflow-1.30-2.22-3.17/long/client1-server1a.har"),
    include_str!("../../../../fixtures/mlflow-1.30-2.22-3.17/long/client1-server1b.har"),
];

/// A stride through the documents that leaves no two alike beside each other.
const STRIDE: usize = 7_919;

/// Every distinct object, in turns until there is enough.
pub(crate) fn recorded() -> Corpus {
    let distinct: BTreeSet<String> = RECORDINGS.iter().flat_map(|har| objects(har)).collect();
    let distinct = Vec::from_iter(distinct);
    let mut bytes = 0;
    let enough = |document: &&String| {
        bytes += document.len();
        bytes < CORPUS_BYTES
    };
    let in_turn = (0..).map(|turn| &distinct[turn * STRIDE % distinct.len()]);
    let documents = in_turn.take_while(enough).cloned().collect();
    Corpus { name: "recorded", documents }
}

/// The bodies of a recording that are objects.
fn objects(har: &str) -> Vec<String> {
    let har: Value = sonic_rs::from_str(har).unwrap_or_default();
    let entries = har["log"]["entries"].as_array().into_iter().flat_map(|entries| entries.iter());
    let bodies = entries.flat_map(|entry| {
        [&entry["request"]["postData"]["text"], &entry["response"]["content"]["text"]]
    });
    bodies
        .filter_map(|body| sonic_rs::from_str::<Value>(body.as_str()?).ok())
        .filter(Value::is_object)
        .map(|object| object.to_string())
        .collect()
}
