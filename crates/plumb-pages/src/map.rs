//! The map of seams: what is near, where it stands, how it is drawn.
//!
//! Refuses to know pages.

pub(crate) mod draw;
pub(crate) mod graph;
pub(crate) mod layers;
