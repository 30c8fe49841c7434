//! A draft of a transition's file: components, versions and seams from the evidence and from
//! manifests, each line with where it comes from.
//!
//! What is only guessed stands in a comment, for people to decide. Refuses to know where the draft
//! goes, and to answer for pairs of versions.

pub mod asked;
mod component;
mod names;
mod seam;
mod text;

use crate::config::table::TEXT_BYTES_MAX;
use crate::transition::draft::asked::Asked;
use thiserror::Error;

/// Manifests on each side, and workloads in all of them; beyond it, name fewer.
pub const WORKLOADS_MAX: usize = 20_000;

/// Seams of a draft: as many as one file of a transition may hold.
pub const SEAMS_MAX: usize = 10_000;

/// A draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The file, in TOML, as `plumb plan` reads it.
    pub text: String,
    /// Components in it.
    pub components: usize,
    /// Those that move.
    pub moving: usize,
    /// Seams in it.
    pub seams: usize,
}

/// Why there is no draft.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DraftError {
    /// More workloads than are taken.
    #[error("the manifests hold {0} workloads, at most {WORKLOADS_MAX} are taken at once")]
    Workloads(usize),
    /// More seams than a file of a transition may hold.
    #[error("{0} seams were seen, and a transition holds {SEAMS_MAX} at most")]
    Seams(usize),
    /// A longer file than is read.
    #[error("the draft would have {0} bytes, and a transition has {TEXT_BYTES_MAX} at most")]
    Length(usize),
}

/// Drafts a transition. The same evidence and manifests give the same bytes.
///
/// # Errors
///
/// When there is more than the file of a transition may hold.
pub fn draft(asked: &Asked<'_>) -> Result<Draft, DraftError> {
    let sides = [asked.from, asked.to].map(Option::unwrap_or_default);
    let workloads = sides[0].len() + sides[1].len();
    if workloads > WORKLOADS_MAX {
        return Err(DraftError::Workloads(workloads));
    }
    let mut components = component::components(asked);
    let seams = seam::seams(asked.known);
    if seams.len() > SEAMS_MAX {
        return Err(DraftError::Seams(seams.len()));
    }
    for seam in &seams {
        component::tell_kind(&mut components, seam);
    }
    let text = text::text(asked, &components, &seams);
    if text.len() > TEXT_BYTES_MAX {
        return Err(DraftError::Length(text.len()));
    }
    let moving = components.parts.iter().filter(|part| part.versions.len() > 1).count();
    Ok(Draft { text, components: components.parts.len(), moving, seams: seams.len() })
}

#[cfg(test)]
mod tests;
