//! The seams of a draft: who was seen to call whom, and who takes whose messages.
//!
//! Refuses to know components that were not seen.

use crate::transition::known::Known;
use crate::transition::observed;
use plumb_gap::evidence::Evidence;
use plumb_traffic::record::METHOD;
use std::collections::{BTreeMap, BTreeSet};

/// What a seam carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Carries {
    /// Calls, there and back.
    Calls,
    /// Messages.
    Messages,
}

/// One seam. For calls the reader is who calls, and the writer who answers.
#[derive(Debug)]
pub(super) struct Joint {
    pub(super) carries: Carries,
    /// The destination of messages, and between whom where it has several; empty for calls.
    pub(super) name: String,
    pub(super) writer: String,
    pub(super) reader: String,
    /// What was seen there.
    pub(super) operations: BTreeSet<String>,
    /// When it was last seen, Unix milliseconds.
    pub(super) last_ms: i64,
    /// Whether the reader was seen to answer calls, which makes it more than a worker.
    pub(super) answers_calls: bool,
    /// What tells how long messages lie, where that was seen.
    pub(super) keeps_basis: Option<String>,
}

/// Every seam that was seen with both ends: calls first, in the order of names.
pub(super) fn seams(known: &Known<'_>) -> Vec<Joint> {
    let mut seams: BTreeMap<(Carries, &str, &str, String), Joint> = BTreeMap::new();
    let carries = |one: &Evidence| {
        if one.operation.method == METHOD { Carries::Messages } else { Carries::Calls }
    };
    let calls = known.evidence.iter().filter(|one| carries(one) == Carries::Calls);
    let answering: BTreeSet<&str> = calls.map(|one| one.writer.as_str()).collect();
    for one in known.evidence.iter().filter(|one| has_ends(one)) {
        let carries = carries(one);
        let name = match carries {
            Carries::Calls => String::new(),
            Carries::Messages => observed::destination(&one.operation),
        };
        let key = (carries, one.writer.as_str(), one.reader.as_str(), name.clone());
        let seam = seams.entry(key).or_insert_with(|| Joint {
            carries,
            keeps_basis: None,
            name,
            writer: one.writer.clone(),
            reader: one.reader.clone(),
            operations: BTreeSet::new(),
            last_ms: one.last_ms,
            answers_calls: answering.contains(one.reader.as_str()),
        });
        seam.operations.insert(one.operation.to_string());
        seam.last_ms = seam.last_ms.max(one.last_ms);
    }
    let mut seams: Vec<Joint> = seams.into_values().collect();
    tell_apart(&mut seams);
    for seam in seams.iter_mut().filter(|seam| seam.carries == Carries::Messages) {
        let kept = observed::keeps(known, &seam.name, (&seam.writer, &seam.reader));
        seam.keeps_basis = kept.limit.map(|_| kept.basis);
    }
    seams
}

/// A destination with several writers or readers is several seams, each with a name of its own: a
/// window is told by the name of its seam.
fn tell_apart(seams: &mut [Joint]) {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for seam in &*seams {
        *times.entry(seam.name.clone()).or_default() += 1;
    }
    let is_message = |seam: &&mut Joint| seam.carries == Carries::Messages;
    for seam in seams.iter_mut().filter(is_message) {
        if times.get(&seam.name).is_some_and(|count| *count > 1) {
            seam.name = format!("{} from {} to {}", seam.name, seam.writer, seam.reader);
        }
    }
}

/// Seams of which one end was never told, as people name them.
pub(super) fn without_ends(known: &Known<'_>) -> BTreeSet<String> {
    let open = known.evidence.iter().filter(|one| !has_ends(one));
    open.map(|one| format!("{} {}", one.writer, one.operation).trim().to_owned()).collect()
}

fn has_ends(one: &Evidence) -> bool {
    !one.writer.trim().is_empty() && !one.reader.trim().is_empty()
}
