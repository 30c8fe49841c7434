//! How the doctor's facts are told: a line each with its mark, and below it what mends it.
//!
//! Refuses to look for anything.

use crate::doctor_words::{Told, told};
use crate::look::Look;
use crate::render::hanging;
use plumb_engine::doctor::fact::{Fact, Health};
use plumb_wire::rfc3339::rfc3339;
use serde_json::{Value, json};

/// The version of the document.
const VERSION: u32 = 1;

/// Letters of the longest subject.
const SUBJECT_LETTERS: usize = 13;

/// Names that are told unless the person asks for all.
const NAMES_MAX: usize = 5;

/// The facts for people. `names_max` names are told with each.
pub(crate) fn doctor_text(look: Look, facts: &[Fact], names_max: usize) -> String {
    facts.iter().map(|fact| fact_text(look, fact, names_max)).collect()
}

/// How many names are told with each fact.
pub(crate) const fn names_max(is_verbose: bool) -> usize {
    if is_verbose { usize::MAX } else { NAMES_MAX }
}

/// The facts as a document.
pub(crate) fn doctor_document(facts: &[Fact], as_of_ms: i64) -> Value {
    let checks = facts.iter().map(|fact| {
        let Told { what, names, means, remedies } = told(fact);
        json!({
            "subject": fact.subject().name(),
            "health": fact.health().name(),
            "fact": fact.id(),
            "what": what,
            "names": names,
            "means": Some(means).filter(|means| !means.is_empty()),
            "remedies": remedies,
        })
    });
    let checks: Vec<Value> = checks.collect();
    let health = facts.iter().map(Fact::health).max().unwrap_or(Health::Fine);
    json!({
        "version": VERSION,
        "as_of": rfc3339(as_of_ms),
        "health": health.name(),
        "checks": checks,
    })
}

fn fact_text(look: Look, fact: &Fact, names_max: usize) -> String {
    let Told { what, names, means, remedies } = told(fact);
    let mut text = what;
    if !names.is_empty() {
        let shown: Vec<&str> = names.iter().take(names_max).map(String::as_str).collect();
        text.push_str(&format!(": {}", shown.join(", ")));
        let more = names.len().saturating_sub(names_max);
        if more > 0 {
            text.push_str(&format!(" and {more} more"));
        }
    }
    if !means.is_empty() {
        text.push_str(&format!(" → {means}"));
    }
    let health = fact.health();
    let mark = look.health(health, mark(health));
    let subject = format!("{:<SUBJECT_LETTERS$}", fact.subject().name());
    let mut out = hanging(look, &format!("{mark} {subject}  "), &text);
    let whole = Look { width: usize::MAX, ..look };
    for (at, remedy) in remedies.iter().enumerate() {
        let label = look.faint(match (at, health) {
            (0, Health::Aside) => "tip",
            (0, _) => "fix",
            // Each of these mends another dependency.
            _ if matches!(fact, Fact::Unseen(_) | Fact::Alike(_)) => "and",
            _ => "or ",
        });
        // Never broken, so that it can be copied.
        out.push_str(&hanging(whole, &format!("  {:SUBJECT_LETTERS$}  {label} ", ""), remedy));
    }
    out
}

const fn mark(health: Health) -> &'static str {
    match health {
        Health::Fine => "✔",
        Health::Aside => "·",
        Health::Missing => "▲",
        Health::Failed => "✖",
    }
}
