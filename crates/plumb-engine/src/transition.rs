//! A transition from its file, its contracts, its samples and the evidence, ready to be planned.
//!
//! Refuses to know how a plan is found, and how it is shown.

mod answers;
mod defaults;
mod documents;
pub mod draft;
pub mod error;
mod file;
pub mod known;
mod observed;
pub mod planning;
mod said;
mod samples;
mod seams;
pub mod stages;

use crate::config::error::ConfigError;
use crate::config::table::TEXT_BYTES_MAX;
use crate::transition::error::TransitionError;
use crate::transition::known::Known;
use plumb_plan::transition::Transition;
use std::fs;
use std::path::Path;

/// The name under which a transition is looked for.
pub const TRANSITION_FILE: &str = "transition.toml";

/// Reads a transition.
///
/// # Errors
///
/// When the file, or one that it names, cannot be read, or says what cannot be.
pub fn read(path: &Path, known: &Known<'_>) -> Result<Transition, TransitionError> {
    let failed = |source| TransitionError::Path { path: path.to_owned(), source };
    let length = fs::metadata(path).map_err(failed)?.len();
    if length > TEXT_BYTES_MAX as u64 {
        let bytes = usize::try_from(length).unwrap_or(usize::MAX);
        let file = path.display().to_string();
        let bytes_max = TEXT_BYTES_MAX;
        return Err(ConfigError::TooLarge { file, bytes, bytes_max }.into());
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    let name = path.display().to_string();
    let said = file::read(&name, &text, known)?;
    let components = said.components;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let mut answers = answers::Answers::new(folder, known, &components);
    let mut seams = Vec::new();
    for seam in &said.seams {
        seams.extend(seams::seams(seam, &components, &mut answers)?);
    }
    Ok(Transition::new(components, seams)?)
}
