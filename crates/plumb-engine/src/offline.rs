//! Evidence straight from a bundle, for a gate that has no store.
//!
//! Refuses to change anything: nothing is merged into a shelf.

use crate::bundle::{self, BundleError};
use crate::judge::{self, Scope};
use crate::shelf;
use crate::sighting::{Sighting, Sightings};
use plumb_gap::evidence::{Evidence, Gathered};
use plumb_gap::release::Release;
use std::io::BufRead;

/// What a bundle holds.
#[derive(Clone, Debug)]
pub struct Offline {
    /// Everything within the scope, by seam and writer version.
    pub evidence: Vec<Evidence>,
    /// On which days each version was seen, within the scope.
    pub sightings: Vec<Sighting>,
    /// Releases within the scope.
    pub releases: Vec<Release>,
    /// Windows in the bundle, also those outside the scope.
    pub windows: u64,
    /// True when the bundle was made under another key, so that values cannot be compared.
    pub is_foreign: bool,
    /// The hash of its bytes, in hexadecimal: what was judged can be told later.
    pub digest: String,
}

/// Reads a bundle. `key_id` names the key that is at hand, if there is one; the values of a bundle
/// made under another are left out.
///
/// # Errors
///
/// When it cannot be read, is broken, or is newer.
pub fn evidence(
    input: &mut dyn BufRead,
    scope: &Scope,
    key_id: Option<&str>,
) -> Result<Offline, BundleError> {
    let (mut gathered, mut sightings) = (Gathered::default(), Sightings::default());
    let bundle = bundle::read(input, key_id, &mut |entry| {
        if scope.takes(&entry.key) {
            sightings.add(&entry.key, entry.last_ms);
            gathered.add(judge::part(&entry.key, &entry.value, entry.last_ms)?);
        }
        Ok(())
    })?;
    let releases = bundle.header.releases.into_iter().map(Release::from);
    Ok(Offline {
        evidence: gathered.into_evidence(),
        sightings: sightings.into_sightings(),
        releases: releases.filter(|release| scope.takes_release(release)).collect(),
        windows: bundle.windows,
        is_foreign: bundle.is_foreign,
        digest: shelf::hex(&bundle.digest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{observe, releases};
    use plumb_store::store::Filter;

    const EXCHANGE: &str = concat!(
        r#"{"v":1,"method":"GET","url":"http://orders.test/orders/7","#,
        r#""time":"2026-11-20T10:00:00Z","status":200,"#,
        r#""response":{"headers":{"content-type":"application/json"},"#,
        r#""body":{"id":7,"state":"open"}}}"#,
        "\n",
    );

    #[test]
    fn a_bundle_says_what_the_shelf_says() {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = shelf::open(&folder.path().into()).unwrap();
        let request = observe::Observe {
            name: "a.ndjson",
            format: None,
            origin: plumb_traffic::fold::Origin::default(),
            redaction: &plumb_traffic::redact::Redaction::default(),
        };
        let input = &mut EXCHANGE.as_bytes();
        observe::observe(&mut shelf, &request, &|_| None, input, &mut |_| {}).unwrap();
        let release = Release {
            at_ms: 1,
            component: "orders.test".to_owned(),
            version: "2".to_owned(),
            environment: "staging".to_owned(),
        };
        releases::record(&mut shelf, &release).unwrap();
        let mut bytes = Vec::new();
        bundle::export(&shelf, &Filter::default(), &mut bytes).unwrap();
        let kept = judge::evidence(&shelf, &Scope::default()).unwrap();
        let known = evidence(&mut &*bytes, &Scope::default(), Some(&shelf.key_id)).unwrap();
        assert_eq!(format!("{kept:?}"), format!("{:?}", known.evidence));
        assert!(!known.is_foreign);
        let sightings = judge::sighted(&shelf, &Scope::default()).unwrap().1;
        assert_eq!(known.sightings, sightings);
        assert_eq!(known.releases, std::slice::from_ref(&release));
        let foreign = evidence(&mut &*bytes, &Scope::default(), None).unwrap();
        assert!(foreign.is_foreign && foreign.windows == 1);
        let elsewhere = Scope { environment: Some("production".to_owned()), ..Scope::default() };
        let nothing = evidence(&mut &*bytes, &elsewhere, None).unwrap();
        assert!(nothing.evidence.is_empty() && nothing.releases.is_empty());
        let other = tempfile::tempdir().unwrap();
        let mut other = shelf::open(&other.path().into()).unwrap();
        bundle::import(&mut other, "bundle", 0, &mut &*bytes).unwrap();
        assert_eq!(releases::releases(&other, &Scope::default()).unwrap(), [release]);
        let cut = &bytes[..bytes.len() / 2];
        assert!(evidence(&mut &*cut, &Scope::default(), None).is_err());
        assert!(evidence(&mut &b""[..], &Scope::default(), None).is_err());
    }
}
