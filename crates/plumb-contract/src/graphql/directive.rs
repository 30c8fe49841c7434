//! Definitions of directives that clients may write in their operations.
//!
//! Refuses to know directives of schemas: they are for tools on the server.

use crate::graphql::findings::{Findings, Told};
use crate::graphql::input::{ARGUMENTS, Seam, compare};
use crate::graphql::model::Directive;
use crate::graphql::rule;

/// Compares all definitions.
pub(super) fn directives(findings: &mut Findings<'_>) {
    let (old, new) = (findings.old, findings.new);
    for (name, directive) in &old.directives {
        match new.directives.get(name) {
            Some(other) => one(findings, name, (directive, other)),
            None => {
                let told = Told { old: Some(directive.at), ..told(name, directive) };
                findings.tell(&rule::DIRECTIVE_REMOVED, told, "the directive is gone");
            }
        }
    }
    for (name, directive) in
        new.directives.iter().filter(|(it, _)| !old.directives.contains_key(*it))
    {
        let told = Told { new: Some(directive.at), ..told(name, directive) };
        findings.tell(&rule::DIRECTIVE_ADDED, told, "the directive is new");
    }
}

fn told(name: &str, directive: &Directive) -> Told {
    Told {
        subject: format!("directive @{name}"),
        place: String::new(),
        old: None,
        new: None,
        witness: Some(format!("@{name}")),
        is_met: !directive.locations.is_empty(),
    }
}

fn one(findings: &mut Findings<'_>, name: &str, (old, new): (&Directive, &Directive)) {
    let told = Told { old: Some(old.at), new: Some(new.at), ..told(name, old) };
    for location in old.locations.difference(&new.locations) {
        let what = format!("it may no longer stand at {location}");
        let place = format!("location {location}");
        findings.tell(&rule::DIRECTIVE_LOCATION, Told { place, ..told.clone() }, &what);
    }
    if old.is_repeatable && !new.is_repeatable {
        let twice = told.clone().witness(format!("@{name} @{name}"));
        findings.tell(&rule::DIRECTIVE_ONCE, twice, "it may stand once");
    }
    let show = |with: Option<(&str, String)>| match with {
        Some((argument, value)) => format!("@{name}({argument}: {value})"),
        None => format!("@{name}"),
    };
    let seam = Seam { told, rules: &ARGUMENTS, show: &show };
    compare(findings, &seam, &old.arguments, &new.arguments);
}
