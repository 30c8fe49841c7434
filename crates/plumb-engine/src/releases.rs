//! Releases as the shelf keeps them.

use crate::judge::Scope;
use crate::shelf::{self, Shelf, ShelfError};
use plumb_gap::release::Release;
use plumb_traffic::timeline::{Step, Timeline};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The kind under which releases are kept.
const RELEASE_KIND: &str = "release";

/// A release as it is written.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Written {
    component: String,
    version: String,
    environment: String,
    at_ms: i64,
}

/// Keeps a release. The same one told twice is one.
///
/// # Errors
///
/// When the store cannot be written.
pub fn record(shelf: &mut Shelf, release: &Release) -> Result<(), ShelfError> {
    let text = serde_json::to_vec(&Written::from(release.clone()))
        .map_err(|err| ShelfError::Release(err.to_string()))?;
    let key = shelf::hex(&Sha256::digest(&text));
    Ok(shelf.store.document_put(RELEASE_KIND, &key, &text)?)
}

/// Every release within the scope, oldest first.
///
/// # Errors
///
/// When the store or what it keeps cannot be read.
pub fn releases(shelf: &Shelf, scope: &Scope) -> Result<Vec<Release>, ShelfError> {
    let mut releases = Vec::new();
    for key in shelf.store.document_list(RELEASE_KIND)? {
        let Some(text) = shelf.store.document_get(RELEASE_KIND, &key)? else { continue };
        let written: Written =
            serde_json::from_slice(&text).map_err(|err| ShelfError::Release(err.to_string()))?;
        releases.extend(Some(Release::from(written)).filter(|it| scope.takes_release(it)));
    }
    releases.sort();
    Ok(releases)
}

/// Every release, for traffic that does not say its version.
///
/// # Errors
///
/// When the store or what it keeps cannot be read.
pub fn timeline(shelf: &Shelf) -> Result<Timeline, ShelfError> {
    Ok(timeline_of(releases(shelf, &Scope::default())?))
}

/// Releases, for traffic that does not say its version.
#[must_use]
pub fn timeline_of(releases: Vec<Release>) -> Timeline {
    let mut timeline = Timeline::default();
    for Release { at_ms, component, version, environment } in releases {
        timeline.add(&component, Step { at_ms, version, environment });
    }
    timeline
}

impl From<Written> for Release {
    fn from(written: Written) -> Self {
        let Written { component, version, environment, at_ms } = written;
        Self { at_ms, component, version, environment }
    }
}

impl From<Release> for Written {
    fn from(release: Release) -> Self {
        let Release { component, version, environment, at_ms } = release;
        Self { component, version, environment, at_ms }
    }
}
