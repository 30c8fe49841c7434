//! How strong a saying is: in how many of how many exchanges it was seen.
//!
//! Refuses to know what is said.

use crate::clock::{day_of, day_text};
use crate::infer::asked::{Asked, Counts, MARK};
use plumb_gap::policy::{exceptions_max, to_f64};
use plumb_shape::tally::Tally;
use serde_json::{Map, Value, json};

/// Shares are written in steps of one in 10,000, so that they read well and rarely change.
const SHARE_STEPS: f64 = 10_000.0;

/// The mark of something that was seen `seen` times where it could have been `of` times.
pub(crate) fn strength(seen: u64, of: u64, asked: &Asked<'_>) -> Map<String, Value> {
    let mut mark = Map::new();
    match asked.counts {
        Counts::Exact => drop(mark.insert("seen".to_owned(), seen.into())),
        Counts::Coarse => {
            let often = match seen {
                _ if seen >= of => "always",
                0 => "never",
                _ => "sometimes",
            };
            mark.insert("seen".to_owned(), often.into());
        }
    }
    mark.insert("of".to_owned(), count(of, asked));
    mark
}

/// A count as it is written: itself, or `1000+`.
pub(crate) fn count(count: u64, asked: &Asked<'_>) -> Value {
    match asked.counts {
        Counts::Exact => count.into(),
        Counts::Coarse => format!("{}+", reached(count, asked)).into(),
    }
}

/// Whether two counts are written alike, and coarse, so that one of them is enough.
pub(crate) fn is_same_count(one: u64, two: u64, asked: &Asked<'_>) -> bool {
    asked.counts == Counts::Coarse && reached(one, asked) == reached(two, asked)
}

/// The largest share of exchanges that may lack what so many of them never lacked, at 95 %.
pub(crate) fn absent_max(exchanges: u64, asked: &Asked<'_>) -> Value {
    let exchanges = match asked.counts {
        Counts::Exact => exchanges,
        Counts::Coarse => reached(exchanges, asked),
    };
    json!((exceptions_max(exchanges) * SHARE_STEPS).ceil() / SHARE_STEPS)
}

/// Whether so many exchanges are enough to take what they never lacked as always there.
pub(crate) fn is_enough(exchanges: u64, asked: &Asked<'_>) -> bool {
    exchanges >= asked.samples_min.max(1)
}

/// The mark of an operation: exchanges, days, and the share of behaviours that are still unseen.
pub(crate) fn of_operation(total: Tally, seen_once: u64, asked: &Asked<'_>) -> Map<String, Value> {
    let mut mark = Map::new();
    mark.insert("exchanges".to_owned(), count(total.count, asked));
    if asked.counts == Counts::Exact {
        let day = |ms: Option<i64>| ms.map(|ms| day_text(day_of(ms)));
        mark.insert("first".to_owned(), json!(day(total.first_ms)));
        mark.insert("last".to_owned(), json!(day(total.last_ms)));
        let unseen = to_f64(seen_once) / to_f64(total.count.max(1));
        mark.insert("unseen".to_owned(), json!((unseen * SHARE_STEPS).ceil() / SHARE_STEPS));
    }
    mark
}

/// Puts a mark behind everything else.
pub(crate) fn marked(mut saying: Map<String, Value>, mark: Map<String, Value>) -> Value {
    saying.insert(MARK.to_owned(), mark.into());
    saying.into()
}

/// The power of ten that a count has reached, or the number that is enough.
fn reached(count: u64, asked: &Asked<'_>) -> u64 {
    let ten = count.checked_ilog10().map_or(0, |digits| 10_u64.pow(digits));
    if is_enough(count, asked) { ten.max(asked.samples_min) } else { ten }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(seen: u64, of: u64, counts: Counts, expected: &str) {
        let asked = Asked { title: "", counts, samples_min: 30 };
        assert_eq!(Value::from(strength(seen, of, &asked)).to_string(), expected);
    }

    #[test]
    fn counts_are_coarse_unless_they_are_asked_for() {
        check(980, 1_000, Counts::Exact, r#"{"seen":980,"of":1000}"#);
        check(980, 1_000, Counts::Coarse, r#"{"seen":"sometimes","of":"1000+"}"#);
        check(99, 99, Counts::Coarse, r#"{"seen":"always","of":"30+"}"#);
        check(29, 29, Counts::Coarse, r#"{"seen":"always","of":"10+"}"#);
        check(0, 0, Counts::Coarse, r#"{"seen":"always","of":"0+"}"#);
    }

    #[test]
    fn bounds_are_those_of_what_is_written() {
        let asked = Asked { title: "", counts: Counts::Coarse, samples_min: 30 };
        assert_eq!(absent_max(99, &asked).to_string(), "0.0951");
        assert_eq!(absent_max(5_000, &asked).to_string(), "0.003");
    }
}
