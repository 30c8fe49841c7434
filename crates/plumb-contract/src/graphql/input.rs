//! What clients write: arguments of fields and directives, and fields of inputs.
//!
//! Refuses to know whose they are.

use crate::graphql::findings::{Findings, Told};
use crate::graphql::held::{Written, written};
use crate::graphql::model::Input;
use crate::graphql::rule;
use crate::graphql::sample::value;
use crate::rule::Rule;
use std::collections::BTreeMap;

/// The rules of one sort of input.
pub(super) struct Rules {
    name: &'static str,
    removed: Rule,
    added: Rule,
    required_added: Rule,
    required: Rule,
    optional: Rule,
    other_type: Rule,
    non_null: Rule,
    default: Rule,
}

/// Of arguments.
pub(super) const ARGUMENTS: Rules = Rules {
    name: "argument",
    removed: rule::ARGUMENT_REMOVED,
    added: rule::ARGUMENT_ADDED,
    required_added: rule::ARGUMENT_REQUIRED_ADDED,
    required: rule::ARGUMENT_REQUIRED,
    optional: rule::ARGUMENT_OPTIONAL,
    other_type: rule::ARGUMENT_TYPE,
    non_null: rule::ARGUMENT_NON_NULL,
    default: rule::ARGUMENT_DEFAULT,
};

/// Of fields of inputs.
pub(super) const INPUTS: Rules = Rules {
    name: "field",
    removed: rule::INPUT_REMOVED,
    added: rule::INPUT_ADDED,
    required_added: rule::INPUT_REQUIRED_ADDED,
    required: rule::INPUT_REQUIRED,
    optional: rule::INPUT_OPTIONAL,
    other_type: rule::INPUT_TYPE,
    non_null: rule::INPUT_NON_NULL,
    default: rule::INPUT_DEFAULT,
};

/// Shows what clients wrote, with this input or without any that is not needed.
pub(super) type Show<'s> = &'s dyn Fn(Option<(&str, String)>) -> String;

/// Whose inputs they are.
pub(super) struct Seam<'s> {
    /// Where; the places are those of the whole.
    pub(super) told: Told,
    pub(super) rules: &'static Rules,
    pub(super) show: Show<'s>,
}

/// Compares all inputs of one seam.
pub(super) fn compare(
    findings: &mut Findings<'_>,
    seam: &Seam<'_>,
    old: &BTreeMap<String, Input>,
    new: &BTreeMap<String, Input>,
) {
    for (name, input) in old {
        match new.get(name) {
            Some(other) => one(findings, seam, name, (input, other)),
            None => {
                let told = Told { old: Some(input.at), ..seam.told(name) };
                let given = (seam.show)(Some((name, value(findings.old, &input.held))));
                findings.tell(&seam.rules.removed, told.witness(given), "it is gone");
            }
        }
    }
    for (name, input) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        let told = Told { new: Some(input.at), ..seam.told(name) };
        if input.is_required() {
            let told = told.witness((seam.show)(None));
            findings.tell(&seam.rules.required_added, told, "it is new and must be given");
        } else {
            findings.tell(&seam.rules.added, told, "it is new");
        }
    }
}

impl Seam<'_> {
    fn told(&self, name: &str) -> Told {
        let place = format!("{} {} {name}", self.told.place, self.rules.name);
        Told { place: place.trim_start().to_owned(), ..self.told.clone() }
    }
}

fn one(findings: &mut Findings<'_>, seam: &Seam<'_>, name: &str, (old, new): (&Input, &Input)) {
    let told = Told { old: Some(old.at), new: Some(new.at), ..seam.told(name) };
    let what = format!("`{}` became `{}`", old.held.text(), new.held.text());
    let is_newly_required = !old.is_required() && new.is_required();
    let is_newly_optional = old.is_required() && !new.is_required();
    if is_newly_required {
        let told = told.clone().witness((seam.show)(None));
        findings.tell(&seam.rules.required, told, "it must be given now");
    }
    if is_newly_optional {
        findings.tell(&seam.rules.optional, told.clone(), "it need not be given any more");
    }
    match written(&old.held, &new.held) {
        Written::Same => {}
        Written::Nullable if is_newly_optional => {}
        Written::Nullable => findings.tell(&seam.rules.optional, told.clone(), &what),
        Written::NonNull if is_newly_required => {}
        Written::NonNull => {
            let given = (seam.show)(Some((name, "null".to_owned())));
            findings.tell(&seam.rules.non_null, told.clone().witness(given), &what);
        }
        Written::Other => {
            let given = (seam.show)(Some((name, "$v".to_owned())));
            let given = given.replacen(' ', &format!(" ($v: {}) ", old.held.text()), 1);
            findings.tell(&seam.rules.other_type, told.clone().witness(given), &what);
        }
    }
    if old.default != new.default && !is_newly_required {
        let name = |input: &Input| input.default.clone().unwrap_or_else(|| "none".to_owned());
        let what = format!("the default `{}` became `{}`", name(old), name(new));
        findings.tell(&seam.rules.default, told.clone(), &what);
    }
    findings.applied(&told, &old.applied, &new.applied);
}
