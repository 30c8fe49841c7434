//! What the evidence tells of a component or a seam where the file leaves it to what was seen: the
//! version that runs, how long old ones stay, how long messages lie.
//!
//! Refuses to know how long that is where too little was seen.

use crate::deployed;
use crate::residence::{Residence, of_messages, residence, spells};
use crate::transition::known::Known;
use plumb_shape::operation::Operation;
use plumb_traffic::record::METHOD;
use std::collections::BTreeSet;

/// The version of a component that was released last.
pub(super) fn current(known: &Known<'_>, component: &str) -> Option<String> {
    deployed::versions(known.evidence, known.releases, component).into_iter().next()
}

/// How long old versions of a component stay.
pub(super) fn lingers(known: &Known<'_>, component: &str) -> Residence {
    residence(&spells(component, known.releases, known.sightings))
}

/// How long messages lie at a seam of this name, between a writer and a reader.
pub(super) fn keeps(known: &Known<'_>, name: &str, (writer, reader): (&str, &str)) -> Residence {
    let messages = known.evidence.iter().filter(|one| {
        one.operation.method == METHOD && one.writer == writer && one.reader == reader
    });
    let mut destinations: BTreeSet<String> =
        messages.map(|one| destination(&one.operation)).collect();
    // Who names a destination means that one.
    let is_named = known.backlogs.iter().any(|one| one.destination == name);
    if is_named || destinations.contains(name) {
        destinations.clear();
    }
    destinations.insert(name.to_owned());
    of_messages(known.backlogs, &destinations, reader)
}

/// Where messages are published to, as brokers write it; `/` where nobody told.
pub(super) fn destination(operation: &Operation) -> String {
    let parts = operation.segments.iter().map(|part| part.as_deref().unwrap_or("{}"));
    let name = parts.collect::<Vec<_>>().join(".");
    if name.trim().is_empty() { "/".to_owned() } else { name }
}
