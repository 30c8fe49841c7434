//! How far consumers are behind, as the shelf keeps it: for each consumer the last measure and the
//! highest ones. It lies beside the evidence and is no part of it: nothing is judged by it here.
//!
//! Refuses to know which broker told it.

use crate::keeper::{KeepError, Keeper};
use crate::shelf::{self, Shelf, ShelfError};
use plumb_traffic::backlog::Backlog;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The kind under which backlogs are kept.
const BACKLOG_KIND: &str = "backlog";

/// Consumers told of by one run. A broker with more is asked for them by machines, which have
/// better means; and the shelf takes 10,000 documents of one kind.
pub(crate) const CONSUMERS_MAX: usize = 2_000;

/// How far one consumer is behind, in all measures that were taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBacklog {
    /// The stream, topic or queue.
    pub destination: String,
    /// The consumer, group or queue that is behind.
    pub consumer: String,
    /// The environment, empty when unknown.
    pub environment: String,
    /// The last measure.
    pub last: Measure,
    /// The highest of each measure; its time is that of the first one taken.
    pub highest: Measure,
}

/// One measure. What the broker did not tell is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Messages that the consumer had not been given.
    pub lag: Option<u64>,
    /// Messages that it had been given and not acknowledged.
    pub unacknowledged: Option<u64>,
    /// Milliseconds since the oldest of both was published.
    pub oldest_age_ms: Option<u64>,
    /// When it was taken, Unix milliseconds.
    pub at_ms: i64,
}

/// Backlogs by the key they are kept under.
pub(crate) type Backlogs = BTreeMap<String, KeptBacklog>;

/// Every backlog, in the order of destinations and consumers.
///
/// # Errors
///
/// When the store or what it keeps cannot be read.
pub fn backlogs(shelf: &Shelf) -> Result<Vec<KeptBacklog>, ShelfError> {
    let mut kept = Vec::new();
    for key in shelf.store.document_list(BACKLOG_KIND)? {
        kept.extend(read(shelf.store.document_get(BACKLOG_KIND, &key)?)?);
    }
    kept.sort_by(|one, two| names(one).cmp(&names(two)));
    Ok(kept)
}

/// Adds a measure to those of this run. One that finds no room is left out.
pub(crate) fn note(backlogs: &mut Backlogs, backlog: &Backlog, environment: &str) {
    let kept = KeptBacklog::from((backlog, environment));
    let key = key_of(&kept);
    let has_room = backlogs.len() < CONSUMERS_MAX;
    match backlogs.get_mut(&key) {
        Some(known) => *known = merge(known, &kept),
        None if has_room => drop(backlogs.insert(key, kept)),
        None => {}
    }
}

/// Puts the measures of a run on the shelf, beside those of other runs. Two runs that write at once
/// may cost one of them a highest measure, never a last one.
pub(crate) fn write(keeper: &mut dyn Keeper, backlogs: &Backlogs) -> Result<(), KeepError> {
    for (key, backlog) in backlogs {
        let there = read(keeper.get(BACKLOG_KIND, key)?)?;
        let merged = there.as_ref().map_or_else(|| backlog.clone(), |it| merge(it, backlog));
        if there.as_ref() != Some(&merged) {
            let text = serde_json::to_vec(&merged);
            let text = text.map_err(|err| ShelfError::Backlog(err.to_string()))?;
            keeper.put(BACKLOG_KIND, key, &text)?;
        }
    }
    Ok(())
}

fn read(text: Option<Vec<u8>>) -> Result<Option<KeptBacklog>, ShelfError> {
    let kept = text.map(|text| serde_json::from_slice(&text)).transpose();
    kept.map_err(|err| ShelfError::Backlog(err.to_string()))
}

/// Both measures of one consumer, whichever was taken first.
fn merge(one: &KeptBacklog, two: &KeptBacklog) -> KeptBacklog {
    let later = if one.last.at_ms > two.last.at_ms { one } else { two };
    let (low, high) = (one.highest, two.highest);
    let highest = Measure {
        lag: low.lag.max(high.lag),
        unacknowledged: low.unacknowledged.max(high.unacknowledged),
        oldest_age_ms: low.oldest_age_ms.max(high.oldest_age_ms),
        at_ms: low.at_ms.min(high.at_ms),
    };
    KeptBacklog { highest, ..later.clone() }
}

fn key_of(backlog: &KeptBacklog) -> String {
    let mut hasher = Sha256::new();
    for name in [&backlog.destination, &backlog.consumer, &backlog.environment] {
        hasher.update(name.len().to_le_bytes());
        hasher.update(name);
    }
    shelf::hex(&hasher.finalize())
}

fn names(backlog: &KeptBacklog) -> (&str, &str, &str) {
    (&backlog.destination, &backlog.consumer, &backlog.environment)
}

impl From<(&Backlog, &str)> for KeptBacklog {
    fn from((backlog, environment): (&Backlog, &str)) -> Self {
        let Backlog { destination, consumer, lag, unacknowledged, oldest_age_ms, at_ms } =
            backlog.clone();
        let measure = Measure { lag, unacknowledged, oldest_age_ms, at_ms };
        let environment = environment.to_owned();
        Self { destination, consumer, environment, last: measure, highest: measure }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(at_ms: i64, lag: Option<u64>, oldest_age_ms: Option<u64>) -> Backlog {
        let (destination, consumer) = ("ORDERS".to_owned(), "billing".to_owned());
        Backlog { destination, consumer, lag, unacknowledged: None, oldest_age_ms, at_ms }
    }

    fn check(measures: &[Backlog], last: (i64, Option<u64>), highest: (Option<u64>, Option<u64>)) {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = shelf::open(&folder.path().into()).unwrap();
        // Written one by one, as several runs do, and all at once, as one does.
        for measure in measures {
            let mut backlogs = Backlogs::new();
            note(&mut backlogs, measure, "live");
            write(&mut shelf, &backlogs).unwrap();
        }
        let kept = backlogs(&shelf).unwrap();
        let mut at_once = Backlogs::new();
        measures.iter().for_each(|measure| note(&mut at_once, measure, "live"));
        assert_eq!(kept, at_once.into_values().collect::<Vec<_>>());
        let [kept] = kept.as_slice() else { panic!("{kept:?}") };
        assert_eq!((kept.last.at_ms, kept.last.lag), last);
        assert_eq!((kept.highest.lag, kept.highest.oldest_age_ms), highest);
    }

    #[test]
    fn the_last_and_the_highest_measures_are_kept() {
        check(&[measured(1, Some(7), None)], (1, Some(7)), (Some(7), None));
        let (one, two) = (measured(1, Some(7), Some(3)), measured(2, Some(5), Some(9)));
        check(&[one.clone(), two.clone()], (2, Some(5)), (Some(7), Some(9)));
        check(&[two, one], (2, Some(5)), (Some(7), Some(9)));
        let untold = measured(2, None, None);
        check(&[measured(1, Some(7), None), untold], (2, None), (Some(7), None));
    }

    #[test]
    fn consumers_of_one_run_are_bounded() {
        let mut backlogs = Backlogs::new();
        for number in 0..CONSUMERS_MAX + 5 {
            let consumer = number.to_string();
            note(&mut backlogs, &Backlog { consumer, ..measured(1, None, None) }, "");
        }
        assert_eq!(backlogs.len(), CONSUMERS_MAX);
    }
}
