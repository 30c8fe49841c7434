//! What pages ask for when they are opened, because no judgement holds it.
//!
//! Refuses to know where it lies.

use crate::survey::Survey;
use plumb_engine::audit::Entry;
use plumb_engine::history::Point;
use plumb_engine::rehearsals::Kept;
use serde_json::Value;

/// Looks things up for a page. A failure is told on the page, in a line.
pub trait Desk: Send + Sync {
    /// How the gap was, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn history(&self) -> Result<Vec<Point>, String>;

    /// What was done, oldest first.
    ///
    /// # Errors
    /// When the log cannot be read, or is not what was written.
    fn audit(&self) -> Result<Vec<Entry>, String>;

    /// The diff that mends a finding of what was judged, or why there is none.
    ///
    /// # Errors
    /// When the project cannot be read.
    fn mending(&self, survey: &Survey, key: &str) -> Result<Mending, String>;

    /// The transitions of the project.
    ///
    /// # Errors
    /// When the project cannot be read.
    fn plans(&self) -> Result<Vec<PlanEntry>, String>;

    /// The rollouts of the project.
    ///
    /// # Errors
    /// When the project cannot be read.
    fn rollouts(&self) -> Result<Vec<RolloutEntry>, String>;

    /// Orders a rollout to go on or back.
    ///
    /// # Errors
    /// When it is not under way, or the order cannot be written.
    fn order(&self, order: &RolloutOrder) -> Result<(), String>;

    /// The rehearsals that were kept, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn rehearsals(&self) -> Result<Vec<Kept>, String>;

    /// What is there of the project's wiring, and what is missing, by the claims that were judged.
    ///
    /// # Errors
    /// When the project cannot be read.
    fn doctor(&self, survey: &Survey) -> Result<Value, String>;
}

/// What mends a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mending {
    /// A unified diff; empty where nothing can be mended.
    pub diff: String,
    /// Why it is not mended, in words; empty where it is.
    pub why_not: String,
}

/// A transition of the project.
#[derive(Clone, Debug, Default)]
pub struct PlanEntry {
    /// The file, relative to the project's folder.
    pub file: String,
    /// The document of `plumb plan`, or nothing where it cannot be read.
    pub document: Option<Value>,
    /// Why it cannot be read; empty where it can.
    pub error: String,
}

/// A rollout of the project.
#[derive(Clone, Debug, Default)]
pub struct RolloutEntry {
    /// The file, relative to the project's folder.
    pub file: String,
    /// The document of `plumb rollout status`, or nothing where it cannot be read.
    pub document: Option<Value>,
    /// The names and shares of its stages, in order.
    pub stages: Vec<String>,
    /// What happened, oldest first: the lines of its log.
    pub events: Vec<Value>,
    /// Why it cannot be read; empty where it can.
    pub error: String,
}

/// What somebody orders of a rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolloutOrder {
    /// The file, as [`RolloutEntry::file`] names it.
    pub file: String,
    /// Whether to go on; otherwise back.
    pub is_promotion: bool,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
    /// The new version, typed out, so that no click by accident orders anything.
    pub confirmed: String,
}
