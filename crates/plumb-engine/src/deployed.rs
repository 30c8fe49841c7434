//! What is deployed: the version of a component that went out last, and older ones that still
//! answered after it.
//!
//! Refuses to know contracts, and where their files are.

use crate::revision::{Revision, RevisionError};
use plumb_gap::evidence::Evidence;
use plumb_gap::release::Release;
use std::path::Path;

/// How versions are tagged, with `{}` for the version; `{c}` stands for the component.
const TAGS: [&str; 6] = ["{}", "v{}", "{c}-{}", "{c}-v{}", "{c}/v{}", "{c}@{}"];

/// The versions of a component that are out, the last release first, then those that were seen
/// after it was released. Empty when no release of it is known.
#[must_use]
pub fn versions(evidence: &[Evidence], releases: &[Release], component: &str) -> Vec<String> {
    let of = releases.iter().filter(|one| one.component == component);
    let Some(last) = of.max_by_key(|one| (one.at_ms, &one.version)) else { return Vec::new() };
    let mut versions = vec![last.version.clone()];
    let is_out = |one: &&Evidence| {
        one.writer == component && !one.version.is_empty() && one.last_ms >= last.at_ms
    };
    for one in evidence.iter().filter(is_out) {
        if !versions.contains(&one.version) {
            versions.push(one.version.clone());
        }
    }
    versions
}

/// The revision of the repository that a version was built from: one of the tags in use, or the
/// commit itself.
///
/// # Errors
///
/// When git knows none of them; the error names the plainest.
pub fn revision(folder: &Path, component: &str, version: &str) -> Result<Revision, RevisionError> {
    let mut first = None;
    for tag in TAGS {
        let name = tag.replace("{c}", component).replace("{}", version);
        match Revision::find(folder, &name) {
            Ok(revision) => return Ok(revision),
            Err(err @ RevisionError::NoGit { .. }) => return Err(err),
            Err(err) => first = first.or(Some(err)),
        }
    }
    let unknown = || RevisionError::Unknown {
        revision: version.to_owned(),
        said: "it was never tagged".to_owned(),
    };
    Err(first.unwrap_or_else(unknown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_shape::operation::Operation;
    use plumb_shape::profile::Profile;

    #[test]
    fn the_last_release_and_those_still_seen_are_out() {
        let release = |at_ms, version: &str| Release {
            at_ms,
            component: "api".to_owned(),
            version: version.to_owned(),
            environment: "production".to_owned(),
        };
        let seen = |version: &str, last_ms| Evidence {
            writer: "api".to_owned(),
            reader: String::new(),
            operation: Operation::of_request("GET", "/"),
            version: version.to_owned(),
            profile: Profile::default(),
            last_ms,
        };
        let releases = [release(10, "1"), release(30, "3"), release(20, "2")];
        let evidence = [seen("1", 29), seen("2", 35), seen("3", 40)];
        assert_eq!(versions(&evidence, &releases, "api"), ["3", "2"]);
        assert!(versions(&evidence, &[], "api").is_empty());
        assert!(versions(&evidence, &releases, "web").is_empty());
    }
}
