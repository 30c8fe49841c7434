//! A transition from its file, its contracts, its samples and the evidence, ready to be planned.
//!
//! Refuses to know how a plan is found, and how it is shown.

mod answers;
mod defaults;
mod documents;
pub mod draft;
pub mod error;
mod file;
pub mod gate;
pub mod known;
mod observed;
pub mod planning;
pub mod rehearsed;
mod said;
mod samples;
mod seams;
pub mod stages;
mod told;

use crate::config::error::ConfigError;
use crate::config::table::TEXT_BYTES_MAX;
use crate::transition::error::TransitionError;
use crate::transition::known::Known;
use crate::transition::rehearsed::Rehearsed;
use plumb_plan::transition::Transition;
use std::fs;
use std::path::Path;

/// The name under which a transition is looked for.
pub const TRANSITION_FILE: &str = "transition.toml";

/// A transition and the rehearsals of its steps.
#[derive(Clone, Debug)]
pub struct Read {
    /// The transition.
    pub transition: Transition,
    /// The rehearsals that its file names.
    pub rehearsals: Vec<Rehearsed>,
}

/// Reads a transition.
///
/// # Errors
///
/// When the file, or one that it names, cannot be read, or says what cannot be.
pub fn read(path: &Path, known: &Known<'_>) -> Result<Read, TransitionError> {
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    of_text((&path.display().to_string(), &text(path)?), folder, known)
}

/// The same of a file's name and text; what it names lies below the folder.
///
/// # Errors
///
/// As [`read`].
pub fn of_text(
    (name, text): (&str, &str),
    folder: &Path,
    known: &Known<'_>,
) -> Result<Read, TransitionError> {
    let said = file::read(name, text, known)?;
    let mut components = said.components;
    let ages = (known.policy.now_ms, known.policy.max_age_ms);
    let mut rehearsals = Vec::new();
    for ((component, version), path) in &said.rehearsed {
        let rehearsed = Rehearsed::read(&folder.join(path), (*component, *version), ages)?;
        let one_way = &mut components[*component].one_way[version - 1];
        // What somebody says of the way back stands.
        *one_way = one_way.take().or_else(|| rehearsed.no_way_back());
        rehearsals.push(rehearsed);
    }
    let mut answers = answers::Answers::new(folder, known, (&components, &rehearsals));
    let mut seams = Vec::new();
    for seam in &said.seams {
        seams.extend(seams::seams(seam, &components, &mut answers)?);
    }
    Ok(Read { transition: Transition::new(components, seams)?, rehearsals })
}

fn text(path: &Path) -> Result<String, TransitionError> {
    let failed = |source| TransitionError::Path { path: path.to_owned(), source };
    let length = fs::metadata(path).map_err(failed)?.len();
    if length > TEXT_BYTES_MAX as u64 {
        let bytes = usize::try_from(length).unwrap_or(usize::MAX);
        let file = path.display().to_string();
        let bytes_max = TEXT_BYTES_MAX;
        return Err(ConfigError::TooLarge { file, bytes, bytes_max }.into());
    }
    fs::read_to_string(path).map_err(failed)
}
