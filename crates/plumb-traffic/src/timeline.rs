//! Which version of a component was live at a moment, for traffic that does not say.
//!
//! Refuses to know who told of the releases.

use std::collections::BTreeMap;

/// Releases by component, in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    by_component: BTreeMap<String, Vec<Step>>,
}

/// A release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// From when on, Unix milliseconds.
    pub at_ms: i64,
    /// The version that went live.
    pub version: String,
    /// Where; empty for everywhere.
    pub environment: String,
}

impl Timeline {
    /// Adds a release of a component.
    pub fn add(&mut self, component: &str, step: Step) {
        let steps = self.by_component.entry(component.to_owned()).or_default();
        let at = steps.partition_point(|known| known <= &step);
        steps.insert(at, step);
    }

    /// The version that was live; none before the first release that is known.
    #[must_use]
    pub fn version_at(&self, component: &str, environment: &str, time_ms: i64) -> Option<&str> {
        let steps = self.by_component.get(component)?;
        let begun = &steps[..steps.partition_point(|step| step.at_ms <= time_ms)];
        let is_here = |step: &&Step| step.environment.is_empty() || step.environment == environment;
        begun.iter().rev().find(is_here).map(|step| step.version.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(environment: &str, time_ms: i64, expected: Option<&str>) {
        let mut timeline = Timeline::default();
        for (at_ms, version, environment) in
            [(20, "2", ""), (10, "1", "production"), (30, "3", "staging")]
        {
            let [version, environment] = [version, environment].map(str::to_owned);
            timeline.add("orders", Step { at_ms, version, environment });
        }
        let found = timeline.version_at("orders", environment, time_ms);
        assert_eq!(found, expected, "{environment} {time_ms}");
        assert_eq!(timeline.version_at("payments", environment, time_ms), None);
    }

    #[test]
    fn the_last_release_before_the_moment_counts() {
        check("production", 9, None);
        check("production", 10, Some("1"));
        check("production", 20, Some("2"));
        check("production", 31, Some("2"));
        check("staging", 10, None);
        check("staging", 30, Some("3"));
        check("", 40, Some("2"));
    }
}
