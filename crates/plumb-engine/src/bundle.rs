//! Bundles: evidence as one plain file, to carry to where there is no store.
//!
//! A bundle is JSON lines: a header, then one line for each window with its profile in base64. It
//! holds shapes and counts; the hashes of literals in it mean nothing without the project's key.

use crate::judge::Scope;
use crate::releases::{Written, record, releases};
use crate::shelf::{self, Shelf, ShelfError};
use crate::window_line::{self, Lent, Values, write_line};
use plumb_store::store::{Applied, Delta, Entry, Filter, StoreError, VisitRefused};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::io::{self, BufRead, Write};
use thiserror::Error;

/// The version of the bundle format.
pub const BUNDLE_VERSION: u32 = 1;

/// A line of a bundle longer than this is refused: a stored profile is at most 16 MiB.
const LINE_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// How many deltas a bundle names, so that importing can tell what is there already.
const DELTAS_MAX: u32 = 100_000;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Header {
    plumb_evidence: u32,
    key_id: String,
    deltas: Vec<String>,
    /// True when there are more deltas than are named.
    #[serde(default, skip_serializing_if = "is_false")]
    deltas_cut: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) releases: Vec<Written>,
}

/// What goes wrong with a bundle.
#[derive(Debug, Error)]
pub enum BundleError {
    /// The file cannot be read or written.
    #[error("cannot use the bundle: {0}")]
    File(#[from] io::Error),
    /// The file is no bundle, or a damaged one.
    #[error("line {line} of the bundle: {reason}")]
    Broken {
        /// The line, from 1.
        line: u64,
        /// What is wrong there.
        reason: String,
    },
    /// The bundle is of a newer version.
    #[error("the bundle is of version {0}, this plumb reads up to {BUNDLE_VERSION}")]
    Newer(u32),
    /// Part of the bundle's evidence is on the shelf already, so that adding it would count twice.
    #[error("{0} of the bundle's sources are in the store already, and others are not")]
    Overlaps(usize),
    /// The bundle does not name all of its sources, so that nobody can tell what would count twice.
    #[error("the bundle comes of more than {DELTAS_MAX} deltas, and the store is not empty")]
    TooMany,
    /// The shelf failed.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "this is how serde asks")]
fn is_false(said: &bool) -> bool {
    !said
}

/// Writes everything on the shelf within the filter; gives the number of windows.
///
/// # Errors
///
/// When the store cannot be read or the output not written.
pub fn export(shelf: &Shelf, filter: &Filter, out: &mut dyn Write) -> Result<u64, BundleError> {
    let deltas = shelf.store.deltas(DELTAS_MAX).map_err(ShelfError::Store)?;
    let header = Header {
        plumb_evidence: BUNDLE_VERSION,
        key_id: shelf.key_id.clone(),
        deltas: deltas.iter().map(|delta| shelf::hex(&delta.id)).collect(),
        deltas_cut: u32::try_from(deltas.len()).is_ok_and(|count| count >= DELTAS_MAX),
        releases: releases(shelf, &Scope::default())?.into_iter().map(Written::from).collect(),
    };
    write_line(out, &header)?;
    let mut count = 0;
    let visited = shelf.store.windows(filter, &mut |window| {
        let (key, value) = (window.key, window.value);
        let (last_ms, exchanges) = (window.last_ms, window.exchanges);
        count += 1;
        window_line::write(out, Lent { key, value, last_ms, exchanges })
            .map_err(|err| VisitRefused { reason: err.to_string() })
    });
    visited.map_err(|err| match err {
        StoreError::VisitRefused { refused, .. } => {
            BundleError::File(io::Error::other(refused.reason))
        }
        other => BundleError::Shelf(ShelfError::Store(other)),
    })?;
    out.flush()?;
    Ok(count)
}

/// Puts a bundle's evidence on the shelf, all or nothing. A bundle that was imported before, or
/// whose sources are all there already, changes nothing.
///
/// # Errors
///
/// When the bundle is broken or newer, overlaps with what is there, or the shelf fails.
pub fn import(
    shelf: &mut Shelf,
    name: &str,
    now_ms: i64,
    input: &mut dyn BufRead,
) -> Result<Applied, BundleError> {
    let mut entries = Vec::new();
    let key_id = Some(shelf.key_id.as_str());
    let Bundle { header, digest: id, .. } = read(input, key_id, &mut |entry| {
        entries.push(entry);
        Ok(())
    })?;
    let known = shelf.store.deltas(DELTAS_MAX).map_err(ShelfError::Store)?;
    let known: HashSet<String> = known.iter().map(|delta| shelf::hex(&delta.id)).collect();
    let there = header.deltas.iter().filter(|delta| known.contains(*delta)).count();
    // Where not all of them are named, none of those that are may prove anything.
    if header.deltas_cut && !known.is_empty() && !known.contains(&shelf::hex(&id)) {
        return Err(BundleError::TooMany);
    }
    if there > 0 && there == header.deltas.len() {
        return Ok(Applied::Already);
    }
    if there > 0 {
        return Err(BundleError::Overlaps(there));
    }
    for written in header.releases {
        record(shelf, &written.into())?;
    }
    let delta = Delta { id, source: name, received_ms: now_ms, entries };
    Ok(shelf.store.apply(&delta, &shelf::merge).map_err(ShelfError::Store)?)
}

/// What a bundle says of itself, once it was read to its end.
pub(crate) struct Bundle {
    pub(crate) header: Header,
    /// How many windows it holds.
    pub(crate) windows: u64,
    /// True when its key is not the one at hand.
    pub(crate) is_foreign: bool,
    /// The hash of its bytes.
    pub(crate) digest: [u8; 32],
}

/// Reads a bundle window by window. `key_id` names the key that is at hand, if there is one; the
/// values of a bundle made under another are left out.
pub(crate) fn read(
    input: &mut dyn BufRead,
    key_id: Option<&str>,
    each: &mut dyn FnMut(Entry) -> Result<(), BundleError>,
) -> Result<Bundle, BundleError> {
    let mut hasher = Sha256::new();
    let mut header: Option<Header> = None;
    let mut lines = 0;
    loop {
        let mut text = Vec::new();
        if io::Read::take(&mut *input, LINE_BYTES_MAX).read_until(b'\n', &mut text)? == 0 {
            break;
        }
        hasher.update(&text);
        lines += 1;
        let Some(header) = &header else {
            header = Some(read_header(&text)?);
            continue;
        };
        let is_ours = key_id == Some(header.key_id.as_str());
        let values = if is_ours { Values::Ours } else { Values::Foreign };
        let entry = window_line::read(&text, values);
        each(entry.map_err(|reason| BundleError::Broken { line: lines, reason })?)?;
    }
    let header =
        header.ok_or_else(|| BundleError::Broken { line: 1, reason: "it is empty".to_owned() })?;
    Ok(Bundle {
        is_foreign: key_id != Some(header.key_id.as_str()),
        header,
        windows: lines - 1,
        digest: hasher.finalize().into(),
    })
}

fn read_header(text: &[u8]) -> Result<Header, BundleError> {
    let broken = |_| BundleError::Broken {
        line: 1,
        reason: "it is no evidence bundle; `plumb evidence export` writes one".to_owned(),
    };
    let header: Header = serde_json::from_slice(text).map_err(broken)?;
    if header.plumb_evidence > BUNDLE_VERSION {
        return Err(BundleError::Newer(header.plumb_evidence));
    }
    Ok(header)
}
