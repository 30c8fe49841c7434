//! A window as one line of JSON: how it travels in bundles and deltas.
//!
//! Refuses to know what the lines before and after say.

use crate::shelf;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plumb_store::store::{Entry, WindowKey};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    writer: String,
    reader: String,
    operation: String,
    version: String,
    environment: String,
    day: i32,
    last_ms: i64,
    exchanges: u64,
    profile: String,
}

/// Whether the values that a profile mentions can be compared with ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// They were hashed under the key at hand.
    Ours,
    /// They were hashed under another: equality with ours would be an accident, so they are left
    /// out.
    Foreign,
}

/// A window, lent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lent<'a> {
    pub(crate) key: &'a WindowKey,
    pub(crate) value: &'a [u8],
    pub(crate) last_ms: i64,
    pub(crate) exchanges: u64,
}

/// Writes anything as one line.
pub(crate) fn write_line(out: &mut dyn Write, line: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string(line).map_err(io::Error::other)?;
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")
}

/// Writes a window.
pub(crate) fn write(out: &mut dyn Write, window: Lent<'_>) -> io::Result<()> {
    let key = window.key;
    write_line(
        out,
        &Line {
            writer: key.writer.clone(),
            reader: key.reader.clone(),
            operation: key.operation.clone(),
            version: key.version.clone(),
            environment: key.environment.clone(),
            day: key.day,
            last_ms: window.last_ms,
            exchanges: window.exchanges,
            profile: STANDARD.encode(window.value),
        },
    )
}

/// Reads a window; says what is wrong with the line otherwise. What the line says of its number of
/// exchanges is not believed: the profile tells.
pub(crate) fn read(text: &[u8], values: Values) -> Result<Entry, String> {
    let line: Line = serde_json::from_slice(text).map_err(|err| err.to_string())?;
    let bytes = STANDARD.decode(line.profile).map_err(|err| err.to_string())?;
    let mut profile = shelf::decode(&bytes).map_err(|err| err.to_string())?;
    if values == Values::Foreign {
        profile.outcomes.values_mut().for_each(plumb_shape::outcome::Outcome::forget_literals);
    }
    Ok(Entry {
        key: WindowKey {
            writer: line.writer,
            reader: line.reader,
            operation: line.operation,
            version: line.version,
            environment: line.environment,
            day: line.day,
        },
        value: shelf::encode(&profile).map_err(|err| err.to_string())?,
        last_ms: line.last_ms,
        exchanges: profile.total().count,
    })
}
