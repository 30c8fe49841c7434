//! One type in two versions: its fields, values, members and interfaces.
//!
//! Refuses to know which types meet.

use crate::graphql::findings::{Findings, Told};
use crate::graphql::held::{Answered, answered};
use crate::graphql::input::{ARGUMENTS, INPUTS, Seam, compare};
use crate::graphql::model::{Field, Kind, Place, Type};
use crate::graphql::rule;
use crate::graphql::sample::{call, called, value_with, whole};

/// A type in both versions.
#[derive(Clone, Copy)]
pub(super) struct Pair<'s> {
    /// Its name in the old version.
    pub(super) name: &'s str,
    pub(super) old: &'s Type,
    pub(super) new: &'s Type,
}

impl Pair<'_> {
    fn told(&self, place: String, is_met: bool) -> Told {
        Told {
            subject: subject(self.old.kind, self.name),
            place,
            old: Some(self.old.at),
            new: Some(self.new.at),
            witness: None,
            is_met,
        }
    }
}

/// What a type is called in output.
pub(super) fn subject(kind: Kind, name: &str) -> String {
    format!("{} {name}", kind.name())
}

/// Whether any operation comes to a type, or can name it.
pub(super) fn is_met(findings: &Findings<'_>, name: &str, kind: Kind) -> bool {
    let ways = &findings.ways;
    ways.is_written(name) || kind.is_composite() && ways.is_answered(name)
}

/// Compares one type.
pub(super) fn types(findings: &mut Findings<'_>, pair: Pair<'_>) {
    let Pair { name, old, new } = pair;
    let is_met = is_met(findings, name, old.kind) || findings.ways.is_answered(name);
    let told = pair.told(String::new(), is_met);
    if old.kind != new.kind {
        let what = format!("{} became {}", old.kind.name(), new.kind.name());
        let shown = if old.kind.is_composite() {
            findings.ways.operation(name, "__typename")
        } else {
            format!("query ($v: {name}) {{ __typename }}")
        };
        let rule = if (old.kind, new.kind) == (Kind::Object, Kind::Interface) {
            &rule::TYPE_KIND_NEAR
        } else {
            &rule::TYPE_KIND
        };
        return findings.tell(rule, told.witness(shown), &what);
    }
    findings.applied(&told, &old.applied, &new.applied);
    match old.kind {
        Kind::Object | Kind::Interface => {
            fields(findings, pair);
            interfaces(findings, pair);
        }
        Kind::Union => members(findings, pair),
        Kind::Enum => values(findings, pair),
        Kind::Input => {
            let schema = findings.old;
            let show = |with: Option<(&str, String)>| value_with(schema, &old.inputs, with);
            let is_met = findings.ways.is_written(name);
            let told = pair.told(String::new(), is_met);
            compare(
                findings,
                &Seam { told, rules: &INPUTS, show: &show },
                &old.inputs,
                &new.inputs,
            );
        }
        Kind::Scalar => {}
    }
}

fn fields(findings: &mut Findings<'_>, pair: Pair<'_>) {
    let Pair { name, old, new } = pair;
    let is_met = findings.ways.is_answered(name);
    let is_root = findings.old.roots.values().any(|root| root == name);
    let at = |field: &str, places: (Option<Place>, Option<Place>)| Told {
        old: places.0,
        new: places.1,
        ..pair.told(format!("field {field}"), is_met)
    };
    for (field_name, field) in &old.fields {
        let Some(other) = new.fields.get(field_name) else {
            let (removed, what) = if is_root {
                (&rule::OPERATION_REMOVED, "the operation is gone")
            } else {
                (&rule::FIELD_REMOVED, "the field is gone")
            };
            let asked = whole(findings.old, field, &call(findings.old, field_name, field));
            let told = at(field_name, (Some(field.at), None));
            let told = told.witness(findings.ways.operation(name, &asked));
            findings.tell(removed, told, what);
            continue;
        };
        let told = at(field_name, (Some(field.at), Some(other.at)));
        one_field(findings, (name, field_name), &told, (field, other));
    }
    for (field_name, field) in new.fields.iter().filter(|(it, _)| !old.fields.contains_key(*it)) {
        let told = at(field_name, (None, Some(field.at)));
        let (added, what) = if is_root {
            (&rule::OPERATION_ADDED, "the operation is new")
        } else {
            (&rule::FIELD_ADDED, "the field is new")
        };
        findings.tell(added, told, what);
    }
}

fn one_field(
    findings: &mut Findings<'_>,
    (holder, name): (&str, &str),
    told: &Told,
    (old, new): (&Field, &Field),
) {
    let schema = findings.old;
    let what = format!("`{}` became `{}`", old.held.text(), new.held.text());
    let differs = match answered(&old.held, &new.held) {
        Answered::Same => None,
        Answered::NonNull => Some(&rule::FIELD_NON_NULL),
        Answered::Near => Some(&rule::FIELD_TYPE_NEAR),
        Answered::Nullable => Some(&rule::FIELD_NULLABLE),
        Answered::Other => Some(&rule::FIELD_TYPE),
    };
    if let Some(differs) = differs {
        let asked = whole(schema, old, &call(schema, name, old));
        let shown = findings.ways.operation(holder, &asked);
        findings.tell(differs, told.clone().witness(shown), &what);
    }
    findings.applied(told, &old.applied, &new.applied);
    // The ways of the old version are asked while changes are added.
    let ways = std::mem::take(&mut findings.ways);
    let show = |with: Option<(&str, String)>| {
        ways.operation(holder, &whole(schema, old, &called(schema, name, old, with)))
    };
    let seam = Seam { told: told.clone(), rules: &ARGUMENTS, show: &show };
    compare(findings, &seam, &old.arguments, &new.arguments);
    findings.ways = ways;
}

fn interfaces(findings: &mut Findings<'_>, pair: Pair<'_>) {
    let Pair { name, old, new } = pair;
    for interface in old.implements.difference(&new.implements) {
        let is_met = findings.ways.is_answered(interface) && findings.ways.is_answered(name);
        let fragment = format!("... on {name} {{ __typename }}");
        let shown = findings.ways.operation(interface, &fragment);
        let told = pair.told(format!("interface {interface}"), is_met).witness(shown);
        findings.tell(&rule::INTERFACE_REMOVED, told, "it is no longer implemented");
    }
    for interface in new.implements.difference(&old.implements) {
        let is_known = findings.old.types.contains_key(interface);
        let is_met = is_known && findings.ways.is_answered(interface);
        let told = pair.told(format!("interface {interface}"), is_met);
        findings.tell(&rule::INTERFACE_ADDED, told, "it is implemented now");
    }
}

fn members(findings: &mut Findings<'_>, pair: Pair<'_>) {
    let Pair { name, old, new } = pair;
    let is_met = findings.ways.is_answered(name);
    for member in old.members.difference(&new.members) {
        let fragment = format!("... on {member} {{ __typename }}");
        let shown = findings.ways.operation(name, &fragment);
        let told = pair.told(format!("member {member}"), is_met).witness(shown);
        findings.tell(&rule::MEMBER_REMOVED, told, "it is no longer a member");
    }
    for member in new.members.difference(&old.members) {
        let told = pair.told(format!("member {member}"), is_met);
        findings.tell(&rule::MEMBER_ADDED, told, "it is a member now");
    }
}

fn values(findings: &mut Findings<'_>, pair: Pair<'_>) {
    let Pair { name, old, new } = pair;
    let (is_written, is_answered) =
        (findings.ways.is_written(name), findings.ways.is_answered(name));
    let at = |value: &str, places: (Option<Place>, Option<Place>)| Told {
        old: places.0,
        new: places.1,
        ..pair.told(format!("value {value}"), is_written || is_answered)
    };
    for (word, value) in &old.values {
        match new.values.get(word) {
            Some(other) => {
                let told = at(word, (Some(value.at), Some(other.at)));
                findings.applied(&told, &value.applied, &other.applied);
            }
            None => {
                let removed = if is_written { &rule::VALUE_REMOVED } else { &rule::VALUE_NOT_SENT };
                let told = at(word, (Some(value.at), None)).witness(word.clone());
                findings.tell(removed, told, "the value is gone");
            }
        }
    }
    for (word, value) in new.values.iter().filter(|(word, _)| !old.values.contains_key(*word)) {
        let added = if is_answered { &rule::VALUE_SENT } else { &rule::VALUE_TAKEN };
        findings.tell(added, at(word, (None, Some(value.at))), "the value is new");
    }
}
