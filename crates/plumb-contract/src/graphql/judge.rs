//! Where two schemas meet: where operations begin, types by name, directives by name.
//!
//! Refuses to know how schemas are written.

use crate::change::Change;
use crate::graphql::directive::directives;
use crate::graphql::findings::{Findings, Told};
use crate::graphql::model::{Schema, Type};
use crate::graphql::pair::{Pair, is_met, subject, types};
use crate::graphql::rule;
use crate::graphql::sample::Ways;
use plumb_graphql::schema::ROOTS;

/// Everything that two schemas change.
pub(super) fn judged(old: &Schema, new: &Schema) -> Vec<Change> {
    let mut findings = Findings { old, new, ways: Ways::new(old), changes: Vec::new() };
    roots(&mut findings);
    for (name, each) in &old.types {
        match new.types.get(name) {
            Some(other) => types(&mut findings, Pair { name, old: each, new: other }),
            None if is_renamed_root(&findings, name) => {}
            None => removed(&mut findings, name, each),
        }
    }
    let is_new = |(name, _): &(&String, &Type)| !old.types.contains_key(*name);
    for (name, each) in new.types.iter().filter(is_new) {
        let told = Told { new: Some(each.at), ..whole(subject(each.kind, name)) };
        findings.tell(&rule::TYPE_ADDED, told, "the type is new");
    }
    directives(&mut findings);
    findings.changes
}

fn whole(subject: String) -> Told {
    Told { subject, place: String::new(), old: None, new: None, witness: None, is_met: true }
}

fn removed(findings: &mut Findings<'_>, name: &str, each: &Type) {
    let shown = if each.kind.is_composite() {
        findings.ways.operation(name, "__typename")
    } else {
        format!("query ($v: {name}) {{ __typename }}")
    };
    let is_met = is_met(findings, name, each.kind);
    let told = Told { old: Some(each.at), is_met, ..whole(subject(each.kind, name)) };
    findings.tell(&rule::TYPE_REMOVED, told.witness(shown), "the type is gone");
}

/// The types at which operations begin; one under another name is compared all the same.
fn roots(findings: &mut Findings<'_>) {
    let (old, new) = (findings.old, findings.new);
    for (operation, _) in ROOTS {
        let Some(was) = old.roots.get(operation) else { continue };
        let Some(each) = old.types.get(was) else { continue };
        let told = Told { old: Some(each.at), ..whole(format!("schema {operation}")) };
        let Some(is) = new.roots.get(operation) else {
            let told = told.witness(format!("{operation} {{ __typename }}"));
            findings.tell(&rule::ROOT_REMOVED, told, "no operation begins there any more");
            continue;
        };
        if let Some(other) = new.types.get(is)
            && was != is
        {
            let what = format!("`{was}` became `{is}`");
            let told = Told { new: Some(other.at), ..told };
            findings.tell(&rule::ROOT_RENAMED, told, &what);
            types(findings, Pair { name: was, old: each, new: other });
        }
    }
}

fn is_renamed_root(findings: &Findings<'_>, name: &str) -> bool {
    let mut roots = findings.old.roots.iter();
    roots.any(|(operation, root)| root == name && findings.new.roots.contains_key(operation))
}
