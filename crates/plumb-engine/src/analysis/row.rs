//! One event as it stands in a file: a request that was answered, or a step of a job.
//!
//! Refuses to know the format of the file, and which version is new.

use plumb_rollout::cohort::DIMENSIONS_MAX;
use rapidhash::v3::rapidhash_v3;
use std::borrow::Cow;

/// One event, borrowed from the bytes it was read from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row<'a> {
    /// When, Unix milliseconds; none where it is not said, or not understood.
    pub at_ms: Option<i64>,
    /// The version that answered, or `control` and `canary`.
    pub version: Option<Cow<'a, str>>,
    /// The component that answered, where the source says it.
    pub component: Option<Cow<'a, str>>,
    /// The user, session or job that it counts for, as a hash.
    pub unit: Option<u64>,
    /// The status that it ended with.
    pub status: Option<u16>,
    /// Whether it failed, where the source says so itself.
    pub failed: Option<bool>,
    /// How long it took, in milliseconds.
    pub latency_ms: Option<f64>,
    /// Whether it was asked again, where the source says so.
    pub retry: Option<bool>,
    /// The job that this is a step of, as a hash.
    pub job: Option<u64>,
    /// What kind of work the job is.
    pub flow: Option<Cow<'a, str>>,
    /// Which step of the job.
    pub step: Option<Cow<'a, str>>,
    /// The values of the dimensions that were asked for, in their order.
    pub values: [Option<Cow<'a, str>>; DIMENSIONS_MAX],
}

impl Row<'_> {
    /// Whether this component answered, by its name with or without its namespace; always where
    /// none is asked for.
    #[must_use]
    pub fn is_of(&self, component: Option<&str>) -> bool {
        let Some(asked) = component else { return true };
        self.component.as_deref().is_some_and(|name| {
            name == asked || name.rsplit_once('/').is_some_and(|(_, name)| name == asked)
        })
    }

    /// The same, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> Row<'static> {
        let own = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        Row {
            at_ms: self.at_ms,
            version: own(self.version),
            component: own(self.component),
            unit: self.unit,
            status: self.status,
            failed: self.failed,
            latency_ms: self.latency_ms,
            retry: self.retry,
            job: self.job,
            flow: own(self.flow),
            step: own(self.step),
            values: self.values.map(own),
        }
    }

    /// Whether it failed: as the source says, else by a status of 500 and above.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.failed.unwrap_or_else(|| self.status.is_some_and(|status| status >= 500))
    }
}

/// A name that is only told apart, never kept: the same for the same text, for one run.
#[must_use]
pub fn hashed(text: &str) -> u64 {
    rapidhash_v3(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_told_apart_with_or_without_their_namespace() {
        let is_of = |name: Option<&'static str>, asked| {
            Row { component: name.map(Cow::Borrowed), ..Row::default() }.is_of(asked)
        };
        assert!(is_of(Some("shop"), Some("shop")) && is_of(Some("eu/shop"), Some("shop")));
        assert!(is_of(Some("orders"), None) && is_of(None, None));
        assert!(!is_of(Some("orders"), Some("shop")) && !is_of(None, Some("shop")));
    }
}
