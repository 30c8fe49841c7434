//! Windows of evidence for people: what was seen at a seam, place by place, without a value.
//!
//! Refuses to choose which windows are shown.

use crate::look::Look;
use crate::render::{Column, count_u64, moment, name, name_or, span, table, thousands};
use plumb_engine::backlogs::KeptBacklog;
use plumb_engine::clock::day_text;
use plumb_engine::inventory::Kept;
use plumb_shape::outcome::Outcome;
use plumb_traffic::record::METHOD;

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
        let status = status_text(&key.operation, *status);
        out.push_str(&outcome_text(look, &status, outcome, is_all));
    }
    out
}

/// How far consumers are behind.
pub(crate) fn backlogs(look: Look, backlogs: &[KeptBacklog]) -> String {
    let heading = [
        ("DESTINATION", Column::Left),
        ("CONSUMER", Column::Left),
        ("BEHIND", Column::Right),
        ("OLDEST", Column::Right),
        ("HIGHEST", Column::Right),
        ("MEASURED", Column::Left),
    ];
    let number = |number: Option<u64>| number.map_or_else(|| "?".to_owned(), thousands);
    let rows = backlogs.iter().map(|one| {
        vec![
            name(&one.destination),
            name(&one.consumer),
            number(one.last.lag),
            one.last.oldest_age_ms.map(age).unwrap_or_default(),
            number(one.highest.lag),
            moment(one.last.at_ms),
        ]
    });
    table(look, &heading, &rows.collect::<Vec<_>>())
}

/// An age in its largest whole unit.
fn age(milliseconds: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let unit = UNITS.iter().find(|(unit, _)| milliseconds >= *unit);
    unit.map_or_else(
        || "0s".to_owned(),
        |(unit, letter)| format!("{}{letter}", milliseconds / unit),
    )
}

/// A message has no status; a call without one had no answer.
fn status_text(operation: &str, status: u16) -> String {
    let method = operation.split(' ').next();
    match status {
        0 if method == Some(METHOD) => "message".to_owned(),
        0 => "no answer".to_owned(),
        status => status.to_string(),
    }
}

fn outcome_text(look: Look, status: &str, outcome: &Outcome, is_all: bool) -> String {
    let total = outcome.total();
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
                format!(
                    "{} of {}",
                    tally.seen.count,
                    marginals.possible(place).max(tally.seen.count)
                ),
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
