//! Everything that pages show of a project, gathered from what was weighed and from the shelf.
//!
//! Refuses to draw anything.

use crate::failure::Failure;
use crate::project::Project;
use crate::weigh::{Judging, Weighed};
use plumb_engine::backlogs::backlogs;
use plumb_engine::coexistence::{Coexistence, pairs};
use plumb_engine::exercised::met;
use plumb_engine::inventory::{self, Line};
use plumb_gap::evidence::Evidence;
use plumb_gap::finding::Seam;
use plumb_gap::template::templated;
use plumb_pages::survey::{Strand, Survey};
use plumb_shape::operation::Operation;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that pages show.
pub(crate) fn survey(
    project: &Project,
    weighed: Weighed,
    judging: Judging,
) -> Result<Survey, Failure> {
    let (lines, backlogs, met) = match project.shelf_if_there()? {
        None => (Vec::new(), Vec::new(), None),
        Some(shelf) => {
            (inventory::lines(&shelf, &project.scope())?, backlogs(&shelf)?, met(&shelf)?)
        }
    };
    let dependencies = project.config.dependencies.iter();
    let owners = dependencies.filter_map(|one| Some((one.name.clone(), one.owner.clone()?)));
    let evidence = templated(judging.evidence, &weighed.claims);
    Ok(Survey {
        project: project.config.project.clone(),
        environment: project.environment.clone(),
        as_of_ms: weighed.as_of_ms,
        owners: owners.collect(),
        strands: strands(lines, &evidence),
        pairs: pairs(&Coexistence {
            claims: &weighed.claims,
            evidence: &evidence,
            policy: project.policy(),
            key: &judging.key,
            name_of: &|host| project.name_of(host),
        }),
        unread: weighed.unread.len(),
        accepted: weighed.accepted,
        claims: weighed.claims,
        key: Some(judging.key),
        report: weighed.report,
        evidence,
        met,
        releases: judging.releases,
        backlogs,
    })
}

/// What lies on the shelf by seam, under the operations that the report names.
fn strands(lines: Vec<Line>, evidence: &[Evidence]) -> BTreeMap<Seam, Vec<Strand>> {
    let mut operations: BTreeMap<(&str, &str), BTreeSet<&Operation>> = BTreeMap::new();
    for one in evidence {
        operations.entry((&one.writer, &one.reader)).or_default().insert(&one.operation);
    }
    let mut strands: BTreeMap<Seam, Vec<Strand>> = BTreeMap::new();
    for Line { key, exchanges, last_ms } in lines {
        let known = operations.get(&(key.writer.as_str(), key.reader.as_str()));
        let operation = Operation::parse(&key.operation)
            .and_then(|one| known.and_then(|known| named(&one, known)))
            .unwrap_or(key.operation);
        let seam = Seam { writer: key.writer, reader: key.reader, operation };
        let (version, environment, day) = (key.version, key.environment, key.day);
        let strand = Strand { version, environment, day, exchanges, last_ms };
        strands.entry(seam).or_default().push(strand);
    }
    strands
}

/// The operation itself where it is known, else the template that takes it.
fn named(one: &Operation, known: &BTreeSet<&Operation>) -> Option<String> {
    if known.contains(one) {
        return Some(one.to_string());
    }
    known.iter().find(|template| template.takes(one)).map(ToString::to_string)
}
