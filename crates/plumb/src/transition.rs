//! Reads a transition by what is known.
//!
//! Refuses to plan it.

use crate::failure::Failure;
use crate::learned::Learned;
use crate::roomy::roomy;
use plumb_engine::transition::{self, Read};
use std::path::Path;

/// Reads it where there is room for schemas that lie deep one in another.
pub(crate) fn read(file: &Path, learned: &Learned) -> Result<Read, Failure> {
    let known = learned.known();
    Ok(roomy("reading the transition", || transition::read(file, &known))??)
}
