//! What is said when there is nothing to show: what is missing, where it was looked for, and the
//! command that mends it.
//!
//! Refuses to call nothing a good sign.

use crate::look::Look;
use crate::render::{count, count_u64, field, name_or};
use crate::weigh::{Grounds, Weighed};
use plumb_wire::harmless::harmless;
use std::path::Path;

/// What is read as claims, for people.
const DIALECTS: &str = "WireMock, Mountebank, Hoverfly, Insomnia and GripMock mocks, handlers of \
                        MSW and interceptors of nock, OpenAPI 3.0 and 3.1, Pact, VCR, vcrpy, \
                        Keploy and Polly.JS recordings, HAR files used as fixtures, examples of \
                        Postman and Bruno, recorded messages of kombu; by content, whatever they \
                        are called";

/// What is never scanned.
const LEFT_OUT: &str = ".git, .plumb, and what .gitignore names";

/// Files left out as evidence that are named; the rest is counted.
const NAMED_MAX: usize = 3;

/// Nothing in the folder says anything.
pub(crate) fn no_claims(look: Look, weighed: &Weighed, folder: &Path) -> String {
    let title = format!("No assumptions found in {}.", count(weighed.files, "file"));
    let mut out = format!("{}\n", look.strong(&title));
    out.push_str(&field(look, "folder", &harmless(&folder.display().to_string())));
    out.push_str(&field(look, "looked", DIALECTS));
    out.push_str(&field(look, "left out", &left_out(&weighed.evidence_files)));
    if !weighed.unread.is_empty() {
        let text = format!("{}; `plumb scan -v` tells which", count(weighed.unread.len(), "place"));
        out.push_str(&field(look, "not read", &text));
    }
    let mend = "plumb scan FOLDER, or `include` and `exclude` under [assumptions] in plumb.toml";
    out.push_str(&field(look, "next", mend));
    out
}

fn left_out(evidence: &[String]) -> String {
    if evidence.is_empty() {
        return LEFT_OUT.to_owned();
    }
    let named: Vec<String> =
        evidence.iter().take(NAMED_MAX).map(|file| name_or(file, "a file")).collect();
    format!(
        "{LEFT_OUT}; and {} that were observed as evidence: {}",
        count(evidence.len(), "file"),
        named.join(", ")
    )
}

/// No evidence counts: none at all, or none within what was asked for.
pub(crate) fn no_evidence(look: Look, grounds: &Grounds, environment: Option<&str>) -> String {
    match grounds {
        Grounds::Nothing => {
            let title = "No evidence yet, so nothing can be said about any assumption.";
            let mut out = format!("{}\n", look.strong(title));
            out.push_str(&field(look, "next", "plumb observe har FILE"));
            let how = "a browser saves one under Network, and so do most proxies and test runners";
            out.push_str(&field(look, "", how));
            out
        }
        Grounds::Store { extent, .. } => {
            let all = count_u64(extent.exchanges, "exchange");
            let mut out = outside_scope(look, environment, &format!("the store holds {all}"));
            let names = extent.environments.keys().map(|name| name_or(name, "(not said)"));
            let names: Vec<String> = names.collect();
            out.push_str(&field(look, "there", &format!("environments: {}", names.join(", "))));
            out.push_str(&field(look, "next", &mend(environment)));
            out
        }
        Grounds::Bundle { windows, .. } => {
            let all = count_u64(*windows, "window");
            let mut out = outside_scope(look, environment, &format!("the bundle holds {all}"));
            out.push_str(&field(look, "next", &mend(environment)));
            out
        }
    }
}

fn outside_scope(look: Look, environment: Option<&str>, there: &str) -> String {
    let of = environment.map_or(String::new(), |name| format!(" of `{}`", harmless(name)));
    let title = format!("No evidence{of} within what was asked for; {there}.");
    format!("{}\n", look.strong(&title))
}

fn mend(environment: Option<&str>) -> String {
    match environment {
        Some(name) => {
            format!("plumb observe har FILE --env {}", plumb_wire::harmless::shell_word(name))
        }
        None => "leave out `--since`, or observe something newer".to_owned(),
    }
}
