//! Releases: which version of a component went where, and when.

use crate::evidence::Evidence;
use std::collections::{BTreeMap, BTreeSet};

/// A version of a component that went into an environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// What was released.
    pub component: String,
    /// Its version.
    pub version: String,
    /// Where it went, empty when unknown.
    pub environment: String,
}

/// The version that each writer is at: that of its last release, or one that was seen later and
/// never released. What is released after `now_ms` does not count. Without releases it is the
/// version seen last.
#[must_use]
pub fn newest_versions(
    evidence: &[Evidence],
    releases: &[Release],
    now_ms: i64,
) -> BTreeMap<String, String> {
    let releases: Vec<&Release> = releases.iter().filter(|one| one.at_ms <= now_ms).collect();
    let released: BTreeSet<(&str, &str)> =
        releases.iter().map(|one| (one.component.as_str(), one.version.as_str())).collect();
    let told = releases.iter().map(|one| (one.component.as_str(), one.at_ms, one.version.as_str()));
    // Old replicas answer for a while after a release, so being seen later makes none newer.
    let seen = evidence
        .iter()
        .filter(|item| !item.version.is_empty())
        .filter(|item| !released.contains(&(item.writer.as_str(), item.version.as_str())))
        .map(|item| (item.writer.as_str(), item.last_ms, item.version.as_str()));
    let mut newest: BTreeMap<&str, (i64, &str)> = BTreeMap::new();
    for (writer, at_ms, version) in told.chain(seen) {
        let known = newest.entry(writer).or_insert((at_ms, version));
        *known = (*known).max((at_ms, version));
    }
    let owned =
        |(writer, (_, version)): (&str, (i64, &str))| (writer.to_owned(), version.to_owned());
    newest.into_iter().map(owned).collect()
}

/// For each writer, the consumers that were seen with one of its versions and not with its newest,
/// in order.
pub(crate) fn untested_readers(
    evidence: &[Evidence],
    newest: &BTreeMap<String, String>,
) -> BTreeMap<String, Vec<String>> {
    let mut tested: BTreeMap<(&str, &str), bool> = BTreeMap::new();
    for item in evidence.iter().filter(|item| !item.reader.is_empty()) {
        let Some(version) = newest.get(&item.writer) else { continue };
        *tested.entry((&item.writer, &item.reader)).or_default() |= item.version == *version;
    }
    let mut untested: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for ((writer, reader), _) in tested.into_iter().filter(|(_, is_tested)| !is_tested) {
        untested.entry(writer.to_owned()).or_default().push(reader.to_owned());
    }
    untested
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_shape::operation::Operation;
    use plumb_shape::profile::Profile;

    fn seen(version: &str, last_ms: i64) -> Evidence {
        Evidence {
            writer: "orders".to_owned(),
            reader: String::new(),
            operation: Operation::of_request("GET", "/"),
            version: version.to_owned(),
            profile: Profile::default(),
            last_ms,
        }
    }

    fn released(version: &str, at_ms: i64) -> Release {
        Release {
            at_ms,
            component: "orders".to_owned(),
            version: version.to_owned(),
            environment: String::new(),
        }
    }

    #[track_caller]
    fn check(evidence: &[Evidence], releases: &[Release], expected: Option<&str>) {
        let newest = newest_versions(evidence, releases, 100);
        assert_eq!(newest.get("orders").map(String::as_str), expected);
    }

    #[test]
    fn the_version_seen_last_is_the_newest() {
        check(&[seen("2", 20), seen("1", 10)], &[], Some("2"));
        check(&[seen("", 30), seen("1", 10)], &[], Some("1"));
        check(&[seen("", 30)], &[], None);
    }

    #[test]
    fn a_release_outdates_what_is_still_seen() {
        check(&[seen("1", 30)], &[released("1", 5), released("2", 20)], Some("2"));
    }

    #[test]
    fn going_back_is_a_release_too() {
        let releases = [released("1", 5), released("2", 20), released("1", 30)];
        check(&[seen("2", 40)], &releases, Some("1"));
    }

    #[test]
    fn what_is_yet_to_come_does_not_count() {
        check(&[seen("1", 30)], &[released("1", 5), released("2", 101)], Some("1"));
    }

    #[test]
    fn a_version_that_nobody_released_counts_from_its_sighting() {
        check(&[seen("3", 30)], &[released("2", 20)], Some("3"));
        check(&[seen("3", 10)], &[released("2", 20)], Some("2"));
    }
}
