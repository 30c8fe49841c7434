//! A profile: everything seen at one seam in one window, for one writer version and environment.

use crate::latency::Latencies;
use crate::outcome::Outcome;
use crate::tally::Tally;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything seen at a seam in a window, by the status that exchanges ended with. Status 0 stands
/// for exchanges whose end was not seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// What was seen, by status.
    pub outcomes: BTreeMap<u16, Outcome>,
}

impl Profile {
    /// Joins a profile of other exchanges at the same seam.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let mut outcomes = self.outcomes.clone();
        for (status, outcome) in &other.outcomes {
            let merged = outcomes.get(status).map(|known| known.merge(outcome));
            outcomes.insert(*status, merged.unwrap_or_else(|| outcome.clone()));
        }
        Self { outcomes }
    }

    /// How long the exchanges took, by status, where that is known of any: what the serialized form
    /// leaves out.
    #[must_use]
    pub fn latencies(&self) -> BTreeMap<u16, &Latencies> {
        let known = self.outcomes.iter().filter(|(_, outcome)| outcome.latencies.count() > 0);
        known.map(|(status, outcome)| (*status, &outcome.latencies)).collect()
    }

    /// The same profile with these latencies; `None` when one is of a status that was not seen.
    #[must_use]
    pub fn with_latencies(mut self, latencies: BTreeMap<u16, Latencies>) -> Option<Self> {
        for (status, known) in latencies {
            self.outcomes.get_mut(&status)?.latencies = known;
        }
        Some(self)
    }

    /// All exchanges.
    #[must_use]
    pub fn total(&self) -> Tally {
        self.outcomes.values().fold(Tally::EMPTY, |mut total, outcome| {
            total.merge(outcome.total());
            total
        })
    }

    /// The exchanges that ended with this status.
    #[must_use]
    pub fn outcome(&self, status: u16) -> Option<&Outcome> {
        self.outcomes.get(&status)
    }
}
