//! What a verdict rests on, as far as people want to watch it: each question with the interval that
//! its answer lies in, and what is missing.
//!
//! Refuses to know how any of it was found.

use serde::{Deserialize, Serialize};

/// Questions that are kept at most: more than a screen has lines for.
pub const WATCHED_MAX: usize = 20;

/// Kinds of work that are kept at most, those with most that is not finished.
pub const WORK_MAX: usize = 20;

/// What a verdict rests on. Empty for a judge that tells nothing but its verdict.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rests {
    /// What is watched, the worst first; at most [`WATCHED_MAX`].
    pub watched: Vec<Watched>,
    /// About how many more units both versions need until the new one can be given more; null
    /// where that is not known.
    pub needed: Option<u64>,
    /// What is counted: `request`, `user`.
    pub unit: String,
    /// Work of both versions by its kind, the one with most that is not finished first; at most
    /// [`WORK_MAX`]. Empty for a judge that sees no jobs.
    #[serde(default)]
    pub work: Vec<Work>,
}

/// How much of one kind of work was accepted and finished since the judge's events begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// The kind: a queue, a task.
    pub flow: String,
    /// Jobs that were accepted.
    pub accepted: u64,
    /// How many of them were finished, by now.
    pub finished: u64,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    /// What is asked, as what happens on the new version: `users on 2.0 fail`.
    pub words: String,
    /// Whom it hits, as `locale is pt`; empty for everybody.
    pub cohort: String,
    /// How it stands.
    pub standing: Standing,
    /// How many times as often it happens at least.
    pub at_least: f64,
    /// How many times as often at most; null where no such number is known.
    pub at_most: Option<f64>,
}

/// How a question stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The new version is worse.
    Worse,
    /// It differs, and people should look.
    Differs,
    /// Nothing is certain.
    Open,
}
