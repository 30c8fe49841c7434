//! Observing: a file of captured traffic is read, folded, and put on the shelf as one delta.
//!
//! The delta's identity is the hash of the bytes and of what was told about them, so the same file
//! observed twice counts once.

use crate::keeper::{KeepError, Keeper, Terms};
use crate::shelf::{self, ShelfError};
use crate::windows::entries;
use plumb_shape::profile::Profile;
use plumb_store::store::{Applied, Delta};
use plumb_traffic::exchange::Exchange;
use plumb_traffic::fold::{Folds, NameOf, Origin, Window};
use plumb_traffic::otlp::wanted::Wanted;
use plumb_traffic::reading::{Format, HEAD_BYTES, Limits, Reading, TrafficError, recognise};
use plumb_traffic::redact::Redaction;
use plumb_traffic::{gor, har, kombu, ndjson, otlp};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{self, BufRead, Cursor, Read};
use thiserror::Error;

/// The kind under which the hashes of observed files are kept, so that a scan can tell evidence
/// from fixtures.
pub(crate) const SOURCE_KIND: &str = "source";

/// Bytes read at a time: large enough that hashing and reading are cheap, small enough for cache.
const CHUNK_BYTES: usize = 256 * 1024;

/// What to observe and what is known about it.
#[derive(Clone, Debug)]
pub struct Observe<'a> {
    /// The name of the source, for people.
    pub name: &'a str,
    /// The format; `None` to recognise it.
    pub format: Option<Format>,
    /// What the person knows about the traffic.
    pub origin: Origin,
    /// What is withheld.
    pub redaction: &'a Redaction,
}

/// What came of observing.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The account of the input.
    pub reading: Reading,
    /// Its format.
    pub format: Format,
    /// Seams it touched.
    pub seams: usize,
    /// Providers it touched.
    pub writers: Vec<String>,
    /// The first and last exchange, Unix milliseconds.
    pub span_ms: Option<(i64, i64)>,
    /// Whether the store took it.
    pub applied: Applied,
}

/// What goes wrong while observing.
#[derive(Debug, Error)]
pub enum ObserveError {
    /// The input is in no format that is read.
    #[error("`{name}` is in no format that plumb reads: {found}")]
    Unknown {
        /// The source.
        name: String,
        /// What stands there instead.
        found: String,
    },
    /// Nothing of the input could be read.
    #[error("nothing of `{name}` could be read: {place}: {reason}")]
    NothingRead {
        /// The source.
        name: String,
        /// The first place that could not be read.
        place: String,
        /// Why.
        reason: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The input failed.
    #[error("`{name}`: {source}")]
    Input {
        /// The source.
        name: String,
        /// What the reader said.
        source: TrafficError,
    },
    /// The evidence could not be kept.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The evidence could not be written down.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
}

/// Reads traffic, folds it, and puts it on the shelf. `progress` is called with the bytes read so
/// far.
///
/// # Errors
///
/// When the format is unknown, nothing could be read, or input or shelf failed. Parts that could
/// not be read are in [`Observed::reading`].
pub fn observe(
    keeper: &mut dyn Keeper,
    request: &Observe<'_>,
    name_of: NameOf<'_>,
    input: &mut dyn Read,
    progress: &mut dyn FnMut(u64),
) -> Result<Observed, ObserveError> {
    let failed = |source: io::Error| ObserveError::Input {
        name: request.name.to_owned(),
        source: TrafficError::Input(source),
    };
    let mut head = Vec::new();
    input.take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(failed)?;
    let format = match request.format.or_else(|| recognise(&head, request.name)) {
        Some(format) => format,
        None => return Err(unknown(request.name, &head)),
    };
    let counted = Counted { input: Cursor::new(head).chain(input), bytes: 0, progress };
    let mut hashed = Hashed { input: counted, hasher: Sha256::new() };
    let Terms { key, timeline, .. } = keeper.terms()?;
    let origin = Origin { timeline, ..request.origin.clone() };
    let mut folds = Folds::new(key, request.redaction.as_denied(), origin, name_of);
    let reading = {
        let mut buffered = io::BufReader::with_capacity(CHUNK_BYTES, &mut hashed);
        let reading = read((format, &Wanted::default()), &mut buffered, &mut |exchange| {
            folds.observe(&exchange);
        });
        let reading = reading
            .map_err(|source| ObserveError::Input { name: request.name.to_owned(), source })?;
        // What a reader leaves unread still belongs to the identity.
        io::copy(&mut buffered, &mut io::sink()).map_err(failed)?;
        reading
    };
    something(request.name, &reading)?;
    let source: [u8; 32] = hashed.hasher.finalize().into();
    finish(keeper, request, format, reading, &folds.seal(), source)
}

/// Hands every exchange of an input to `sink`, in whatever format it is, with what is wanted of
/// telemetry. `progress` is called with
/// the bytes read so far.
///
/// # Errors
///
/// When the format is unknown, nothing could be read, or the input failed.
pub(crate) fn exchanges(
    (name, wanted): (&str, &Wanted),
    input: &mut dyn Read,
    sink: &mut dyn FnMut(Exchange<'_>),
    progress: &mut dyn FnMut(u64),
) -> Result<Reading, ObserveError> {
    let failed = |source| ObserveError::Input { name: name.to_owned(), source };
    let mut head = Vec::new();
    let taken = input.take(HEAD_BYTES as u64).read_to_end(&mut head);
    taken.map_err(|source| failed(TrafficError::Input(source)))?;
    let format = recognise(&head, name).ok_or_else(|| unknown(name, &head))?;
    let counted = Counted { input: Cursor::new(head).chain(input), bytes: 0, progress };
    let mut buffered = io::BufReader::with_capacity(CHUNK_BYTES, counted);
    let reading = read((format, wanted), &mut buffered, sink).map_err(failed)?;
    something(name, &reading)?;
    Ok(reading)
}

fn read(
    (format, wanted): (Format, &Wanted),
    input: &mut dyn BufRead,
    sink: &mut dyn FnMut(Exchange<'_>),
) -> Result<Reading, TrafficError> {
    let limits = Limits::default();
    match format {
        Format::Har => har::read(input, sink, &limits),
        Format::Gor => gor::read(input, sink, &limits),
        Format::Ndjson => ndjson::read(input, sink, &limits),
        Format::Kombu => kombu::read(input, sink, &limits),
        Format::Otlp => otlp::read_asking(input, sink, &limits, wanted),
    }
}

/// Complains of an input of which nothing could be read.
fn something(name: &str, reading: &Reading) -> Result<(), ObserveError> {
    match (reading.exchanges, reading.unread.first()) {
        (0, Some(first)) => Err(ObserveError::NothingRead {
            name: name.to_owned(),
            place: first.place.clone(),
            reason: first.reason.clone(),
            remedy: first.remedy,
        }),
        _ => Ok(()),
    }
}

fn finish(
    keeper: &mut dyn Keeper,
    request: &Observe<'_>,
    format: Format,
    reading: Reading,
    profiles: &BTreeMap<Window, Profile>,
    source: [u8; 32],
) -> Result<Observed, ObserveError> {
    let delta = Delta {
        id: identity(&source, &request.origin),
        source: request.name,
        received_ms: request.origin.received_ms,
        entries: entries(profiles, request.origin.received_ms)?,
    };
    let applied = keeper.keep(&delta)?;
    keeper.put(SOURCE_KIND, &shelf::hex(&source), request.name.as_bytes())?;
    let mut writers: Vec<String> = profiles.keys().map(|window| window.writer.clone()).collect();
    writers.sort();
    writers.dedup();
    let mut seams: Vec<(&str, &str)> =
        profiles.keys().map(|window| (window.writer.as_str(), window.operation.as_str())).collect();
    seams.sort_unstable();
    seams.dedup();
    let totals = profiles.values().map(Profile::total);
    let span_ms = totals
        .filter_map(|total| Some((total.first_ms?, total.last_ms?)))
        .reduce(|one, two| (one.0.min(two.0), one.1.max(two.1)));
    Ok(Observed { reading, format, seams: seams.len(), writers, span_ms, applied })
}

/// The identity of a delta: what was read, and what was told about it. The moment of receipt is no
/// part of it.
fn identity(source: &[u8; 32], origin: &Origin) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(source);
    let Origin { writer, reader, version, version_header, environment, .. } = origin;
    for told in [writer, reader, version, version_header, environment] {
        let told = told.as_deref().unwrap_or_default();
        hasher.update((told.len() as u64).to_le_bytes());
        hasher.update(told);
    }
    hasher.finalize().into()
}

fn unknown(name: &str, head: &[u8]) -> ObserveError {
    let found = match head {
        [] => "it is empty".to_owned(),
        _ if head.contains(&0) => "it is binary".to_owned(),
        _ => {
            "it begins like neither HAR, GoReplay, OTLP, messages of kombu nor exchanges in NDJSON"
                .to_owned()
        }
    };
    ObserveError::Unknown { name: name.to_owned(), found }
}

/// A reader that hashes what passes.
struct Hashed<R> {
    input: R,
    hasher: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}

/// A reader that says how far it is.
struct Counted<'a, R> {
    input: R,
    bytes: u64,
    progress: &'a mut dyn FnMut(u64),
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.bytes += count as u64;
        (self.progress)(self.bytes);
        Ok(count)
    }
}
