//! What the comparison of one operation needs beside claims and profile.

use crate::finding::{Seam, SeenText};
use plumb_shape::literal::LiteralKey;
use std::collections::{BTreeMap, BTreeSet};

/// What one operation's comparison needs beside claims and profile.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) seam: &'a Seam,
    pub(crate) version: &'a str,
    pub(crate) samples_min: u64,
    pub(crate) key: &'a LiteralKey,
    /// Bodies of errors that the provider is known to answer with, by status: their member names.
    pub(crate) known_errors: &'a BTreeMap<u16, BTreeSet<Vec<String>>>,
    /// Files of claims that are captures of traffic rather than chosen examples.
    pub(crate) captures: &'a BTreeSet<&'a str>,
}

/// What every observation of this seam has in common.
pub(crate) fn seen_by(context: &Context<'_>) -> SeenText {
    let version = (!context.version.is_empty()).then(|| context.version.to_owned());
    SeenText { writer_version: version, ..SeenText::default() }
}
