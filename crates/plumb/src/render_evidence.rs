//! Windows of evidence for people: what was seen at a seam, place by place, without a value.
//!
//! Refuses to choose which windows are shown.

use crate::look::Look;
use crate::render::{Column, count_u64, name, name_or, span, table};
use plumb_engine::clock::day_text;
use plumb_engine::inventory::Kept;
use plumb_shape::outcome::Outcome;

/// Places told of one status unless the person asks for all.
const PLACES_MAX: usize = 12;

/// One window.
pub(crate) fn window(look: Look, kept: &Kept, is_all: bool) -> String {
    let key = &kept.key;
    let writer = name_or(&key.writer, "(not named)");
    let title = look.strong(&format!("{writer}  {}", name(&key.operation)));
    let mut parts = vec![day_text(key.day)];
    let named = [("to", &key.reader), ("version", &key.version), ("in", &key.environment)];
    let named = named.into_iter().filter(|(_, text)| !text.is_empty());
    parts.extend(named.map(|(word, text)| format!("{word} {}", name(text))));
    let mut out = format!("{title}  {}\n", look.faint(&parts.join(" · ")));
    for (status, outcome) in &kept.profile.outcomes {
        out.push_str(&outcome_text(look, *status, outcome, is_all));
    }
    out
}

fn outcome_text(look: Look, status: u16, outcome: &Outcome, is_all: bool) -> String {
    let total = outcome.total();
    let status = if status == 0 { "no answer".to_owned() } else { status.to_string() };
    let times = match (total.first_ms, total.last_ms) {
        (Some(first), Some(last)) => format!(", {}", span(first, last)),
        _ => String::new(),
    };
    let mut out = format!("  {status}  {}{times}\n", count_u64(total.count, "exchange"));
    let marginals = outcome.marginals();
    let most = if is_all { usize::MAX } else { PLACES_MAX };
    let rows: Vec<Vec<String>> = marginals
        .places
        .iter()
        .take(most)
        .map(|(place, tally)| {
            let traits: Vec<String> = tally.traits.keys().map(|bit| bit.names()).collect();
            vec![
                String::new(),
                name(&place.to_string()),
                format!("{} of {}", tally.seen.count, marginals.possible(place)),
                name(&traits.join(", ")),
            ]
        })
        .collect();
    let heading = [
        ("", Column::Left),
        ("PLACE", Column::Left),
        ("SEEN", Column::Right),
        ("AS", Column::Left),
    ];
    out.push_str(&table(look, &heading, &rows));
    let more = marginals.places.len().saturating_sub(most);
    if more > 0 {
        out.push_str(&format!("      and {more} more; `-v` shows all\n"));
    }
    out
}
