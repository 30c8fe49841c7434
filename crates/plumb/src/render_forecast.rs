//! What a canary can show, for people and for scripts.
//!
//! Refuses to work it out.

use crate::look::Look;
use crate::render::{count, name, thousands};
use plumb_engine::analysis::dictionary;
use plumb_engine::analysis::recorded::Recorded;
use plumb_rollout::forecast::Forecast;
use plumb_wire::harmless::harmless;
use serde_json::{Value, json};

/// Groups and seams that are told at most.
const TOLD_MAX: usize = 20;

/// What a canary does not show, by the transition that it is part of.
#[derive(Debug, Default)]
pub(crate) struct Blindness {
    /// What moves for everybody at once.
    pub(crate) moving: Vec<String>,
    /// Seams of which nothing is known.
    pub(crate) unknown: Vec<String>,
}

/// A forecast and what it is of.
#[derive(Debug)]
pub(crate) struct Foreseen<'a> {
    pub(crate) forecast: &'a Forecast,
    pub(crate) recorded: &'a Recorded,
    pub(crate) dimensions: &'a [String],
    pub(crate) share: f64,
    pub(crate) span_ms: i64,
    pub(crate) blindness: &'a Blindness,
}

impl Foreseen<'_> {
    fn group(&self, dimension: usize, value: u16) -> String {
        let value = dictionary::value(&self.recorded.dictionaries, dimension, value);
        let dimension = self.dimensions.get(dimension).map_or("", String::as_str);
        name(&format!("{dimension} is {value}"))
    }
}

/// The forecast for people.
pub(crate) fn text(look: Look, foreseen: &Foreseen<'_>) -> String {
    let Forecast { units, base, told, units_to_promote, cost, blind, groups } = foreseen.forecast;
    let unit = foreseen.recorded.unit();
    let told = told.map_or_else(
        || "no multiple of failures up to fifty".to_owned(),
        |told| format!("failures from {told:.1} times on"),
    );
    let mut out = format!(
        "{}  {:.1} % for {} is {} {unit}s of {}, of which {:.3} % fail anyway\n",
        look.strong(&told),
        100.0 * foreseen.share,
        span(foreseen.span_ms),
        thousands(scaled(*units, foreseen.share)),
        thousands(*units),
        100.0 * base,
    );
    for (ratio, cost) in cost {
        let words = cost.map_or_else(
            || "not told in that time".to_owned(),
            |cost| format!("told, at the cost of about {cost:.0} more {unit}s that fail"),
        );
        out.push_str(&format!("  {ratio:>4} times  {words}\n"));
    }
    let promote = units_to_promote.map_or_else(
        || "never told to be as good: nothing fails that could be compared".to_owned(),
        |needed| {
            let when = if needed <= *units { "in that time" } else { "not in that time" };
            format!("promoted after about {} {unit}s: {when}", thousands(needed))
        },
    );
    out.push_str(&format!("  as good     {promote}\n"));
    if *groups > 0 {
        let counted = count(blind.len(), "group");
        out.push_str(&format!("\n{counted} of {groups} too small to be judged\n"));
        for (dimension, value, units) in blind.iter().take(TOLD_MAX) {
            let group = foreseen.group(*dimension, *value);
            out.push_str(&format!("  {group}  {} {unit}s\n", thousands(*units)));
        }
        if blind.len() > TOLD_MAX {
            let more = format!("  and {} more\n", blind.len() - TOLD_MAX);
            out.push_str(&look.faint(&more));
        }
    }
    let list = |out: &mut String, head: &str, names: &[String]| {
        if !names.is_empty() {
            out.push_str(&format!("\n{head}\n"));
            names.iter().take(TOLD_MAX).for_each(|name| out.push_str(&format!("  {name}\n")));
        }
    };
    let Blindness { moving, unknown } = foreseen.blindness;
    list(&mut out, "moves for everybody at once, so that no canary shows it", moving);
    list(&mut out, "nothing is known of what is said there", unknown);
    out
}

fn span(span_ms: i64) -> String {
    match span_ms / 1_000 {
        seconds if seconds < 120 => format!("{seconds} s"),
        seconds if seconds < 7_200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of a count is one"
)]
fn scaled(units: u64, share: f64) -> u64 {
    (units as f64 * share) as u64
}

/// The forecast for scripts.
pub(crate) fn forecast_document(foreseen: &Foreseen<'_>) -> Value {
    let forecast = foreseen.forecast;
    json!({
        "version": 1,
        "share": foreseen.share,
        "span_ms": foreseen.span_ms,
        "unit": foreseen.recorded.unit(),
        "units": forecast.units,
        "base": forecast.base,
        "told_from": forecast.told,
        "units_to_promote": forecast.units_to_promote,
        "cost": forecast.cost.iter().map(|(ratio, cost)| json!({
            "ratio": ratio,
            "failing_units": cost,
        })).collect::<Vec<_>>(),
        "groups": forecast.groups,
        "blind": forecast.blind.iter().map(|(dimension, value, units)| json!({
            "group": foreseen.group(*dimension, *value),
            "units": units,
        })).collect::<Vec<_>>(),
        "at_once": foreseen.blindness.moving.iter().map(|one| harmless(one)).collect::<Vec<_>>(),
        "unknown": foreseen.blindness.unknown.iter().map(|one| harmless(one)).collect::<Vec<_>>(),
    })
}
