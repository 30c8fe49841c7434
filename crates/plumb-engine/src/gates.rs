//! Gates of platforms that cannot fail, found in the files that describe them: analyses of Argo
//! Rollouts and canaries of Flagger.
//!
//! A gate that says yes whatever happens is worse than none, since people trust it. Refuses to ask
//! a cluster, to render templates, and to know how a finding is shown.

mod argo;
mod condition;
pub mod finding;
mod flagger;
mod query;

use crate::gates::finding::{Linted, Linting};
use plumb_tree::read::parse;
use plumb_tree::{Broken, Node};
use std::collections::BTreeSet;

/// Bytes of one file: what a cluster runs, rendered, is far below it.
pub const GATES_BYTES_MAX: u64 = 16 << 20;

/// Looks at files together: a rollout may stand in one and its analysis in another. `files` are
/// their names, for people, and their bytes.
#[must_use]
pub fn lint(files: &[(String, Vec<u8>)]) -> Linted {
    let mut linting = Linting::default();
    let mut documents: Vec<(&str, Node)> = Vec::new();
    for (file, bytes) in files {
        match parse(file, bytes) {
            Ok(parsed) => {
                documents.extend(parsed.documents.into_iter().map(|one| (file.as_str(), one)));
            }
            Err(Broken { line, reason, .. }) => linting.unread(file, line, reason),
        }
    }
    let all: Vec<(&str, &Node)> =
        documents.iter().flat_map(|(file, document)| objects(file, document)).collect();
    let background: BTreeSet<&str> =
        all.iter().flat_map(|(_, object)| argo::background(object)).collect();
    for (file, object) in all {
        linting.file(file);
        let text = |key: &str| object.get(key).and_then(Node::as_str).unwrap_or_default();
        let group = text("apiVersion").split('/').next().unwrap_or_default();
        match (group, text("kind")) {
            ("argoproj.io", "AnalysisTemplate" | "ClusterAnalysisTemplate" | "AnalysisRun") => {
                argo::analysis(object, &background, &mut linting);
            }
            ("argoproj.io", "Rollout") => argo::rollout(object, &mut linting),
            ("flagger.app", "Canary") => flagger::canary(object, &mut linting),
            ("flagger.app", "MetricTemplate") => flagger::template(object, &mut linting),
            _ => {}
        }
    }
    linting.done()
}

/// The objects of a document: itself, or those of a list.
fn objects<'a>(file: &'a str, document: &'a Node) -> Vec<(&'a str, &'a Node)> {
    let is_list = document.get("kind").and_then(Node::as_str) == Some("List");
    match document.get("items").filter(|_| is_list) {
        Some(items) => items.items().iter().map(|item| (file, item)).collect(),
        None => vec![(file, document)],
    }
}

#[cfg(test)]
mod tests;
