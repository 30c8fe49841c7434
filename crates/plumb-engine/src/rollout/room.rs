//! The folder of a rollout: its lease, where it stands, what happened, and what people ordered.
//!
//! Refuses to decide anything.

use crate::files;
use crate::rollout::error::RolloutError;
use crate::rollout::event::Event;
use crate::rollout::kept::{FORMAT, Kept};
use crate::rollout::lease::{self, Asked, Lease, Owner};
use crate::rollout::orders::{self, Ordered, Word};
use std::path::{Path, PathBuf};

/// Where rollouts are kept, below a project's folder.
pub const ROLLOUTS_FOLDER: &str = ".plumb/rollouts";

/// Bytes of the log that are read at once: some thousand lines, which is hours of a rollout.
const LOG_BYTES_MAX: u64 = 1 << 20;

const STATE_FILE: &str = "state.json";
const LOG_FILE: &str = "log.ndjson";
const ORDERS_FILE: &str = "orders.ndjson";
const LEASE_FILE: &str = "lease";

/// The folder of a rollout.
#[derive(Clone, Debug)]
pub struct Room {
    name: String,
    folder: PathBuf,
}

impl Room {
    /// The room of a rollout of this name, in a folder of rollouts.
    #[must_use]
    pub fn new(folder: &Path, name: &str) -> Self {
        Self { name: name.to_owned(), folder: folder.join(name) }
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes the lease, and makes the folder where it is not there.
    ///
    /// # Errors
    /// [`RolloutError::Taken`] with who has it, or when the folder cannot be used.
    pub fn lease(&self, now_ms: i64) -> Result<Lease, RolloutError> {
        files::make_folder(&self.folder)?;
        match lease::ask(&self.folder.join(LEASE_FILE), now_ms)? {
            Asked::Ours(lease) => Ok(lease),
            Asked::Taken(owner) => Err(RolloutError::Taken { name: self.name.clone(), owner }),
        }
    }

    /// Who runs it now.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn owner(&self) -> Result<Option<Owner>, RolloutError> {
        Ok(lease::taken(&self.folder.join(LEASE_FILE))?)
    }

    /// Where it stands; `None` when it was never begun.
    ///
    /// # Errors
    /// [`RolloutError::Kept`] for what cannot be understood, or when it cannot be read.
    pub fn kept(&self) -> Result<Option<Kept>, RolloutError> {
        let path = self.folder.join(STATE_FILE);
        let text = files::read_text(&path);
        let text = text.map_err(|source| RolloutError::Path { path: path.clone(), source })?;
        let Some(text) = text else { return Ok(None) };
        let broken = |what| RolloutError::Kept { path: path.clone(), what };
        let value: serde_json::Value =
            serde_json::from_str(&text).map_err(|_| broken("is damaged"))?;
        let format = value.get("format").and_then(serde_json::Value::as_u64);
        if format.is_some_and(|format| format > u64::from(FORMAT)) {
            return Err(broken("was written by a newer plumb"));
        }
        serde_json::from_value(value).map(Some).map_err(|_| broken("is damaged"))
    }

    /// Keeps where it stands: all of it or nothing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, kept: &Kept) -> Result<(), RolloutError> {
        let path = self.folder.join(STATE_FILE);
        let text = serde_json::to_string_pretty(kept);
        let text =
            text.map_err(|err| RolloutError::Path { path: path.clone(), source: err.into() })?;
        Ok(files::write_whole(&path, format!("{text}\n").as_bytes())?)
    }

    /// Adds to the log.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn log(&self, event: &Event) -> Result<(), RolloutError> {
        let path = self.folder.join(LOG_FILE);
        let line = serde_json::to_string(event);
        let line =
            line.map_err(|err| RolloutError::Path { path: path.clone(), source: err.into() })?;
        Ok(files::append(&path, format!("{line}\n").as_bytes())?)
    }

    /// What was logged from this byte on, and the byte to go on from. A line that has no end yet is
    /// being written; one that is none is left out.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn logged(&self, from: u64) -> Result<(Vec<Event>, u64), RolloutError> {
        let path = self.folder.join(LOG_FILE);
        let bytes = files::read_from(&path, from, LOG_BYTES_MAX);
        let bytes = bytes.map_err(|source| RolloutError::Path { path, source })?;
        let is_full = bytes.len() as u64 == LOG_BYTES_MAX;
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        // What fills a whole part without an end is no line of ours.
        let end = if end == 0 && is_full { bytes.len() } else { end };
        let lines = bytes[..end].split(|byte| *byte == b'\n');
        let events = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
        Ok((events, from + end as u64))
    }

    /// How long the log is, in bytes.
    ///
    /// # Errors
    /// When it is there and cannot be looked at.
    pub fn log_bytes(&self) -> Result<u64, RolloutError> {
        let path = self.folder.join(LOG_FILE);
        files::bytes(&path).map_err(|source| RolloutError::Path { path, source })
    }

    /// Adds an order of people.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn order(&self, ordered: &Ordered) -> Result<(), RolloutError> {
        Ok(orders::give(&self.folder.join(ORDERS_FILE), ordered)?)
    }

    /// Adds an order of people to a rollout that is under way. Gives how many there were before.
    ///
    /// # Errors
    /// [`RolloutError::NotBegun`], [`RolloutError::Ended`], or when it cannot be written.
    pub fn command(
        &self,
        (order, reason): (Word, &str),
        (by, now_ms): (String, i64),
    ) -> Result<usize, RolloutError> {
        let name = || self.name.clone();
        let kept = self.kept()?.ok_or_else(|| RolloutError::NotBegun { name: name() })?;
        if kept.state().is_end() {
            return Err(RolloutError::Ended { name: name(), how: kept.phase.words() });
        }
        let before = self.orders()?.len();
        self.order(&Ordered {
            order,
            reason: reason.to_owned(),
            by,
            at_ms: now_ms,
            stage: kept.stage,
            began_ms: kept.began_ms,
        })?;
        Ok(before)
    }

    /// The orders of people, all of them.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn orders(&self) -> Result<Vec<Option<Ordered>>, RolloutError> {
        Ok(orders::all(&self.folder.join(ORDERS_FILE))?)
    }
}
