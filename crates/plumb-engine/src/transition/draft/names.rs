//! Names: under which name of the evidence a workload was seen.
//!
//! Refuses to guess: an alias that two workloads go by names neither.

use crate::manifest::workload::Workload;
use std::collections::{BTreeMap, BTreeSet};

/// The names of workloads as components, by the platform's name for each: that of the evidence
/// where one of its names was seen and no other workload goes by it, else the platform's own.
pub(super) fn names(workloads: &[&Workload], seen: &BTreeSet<String>) -> BTreeMap<String, String> {
    let own: BTreeSet<&str> = workloads.iter().map(|one| one.name.as_str()).collect();
    let mut goes_by: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in workloads {
        for alias in &one.aliases {
            goes_by.entry(alias).or_default().insert(&one.name);
        }
    }
    let mut names = BTreeMap::new();
    for one in workloads {
        let is_its = |alias: &&String| {
            let is_only = goes_by.get(alias.as_str()).is_some_and(|of| of.len() == 1);
            seen.contains(*alias) && is_only && !own.contains(alias.as_str())
        };
        let alias = one.aliases.iter().find(is_its).filter(|_| !seen.contains(&one.name));
        names.insert(one.name.clone(), alias.unwrap_or(&one.name).clone());
    }
    names
}
