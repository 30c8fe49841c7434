//! What a document is asked to be: its title, how it counts, and how much evidence is enough.
//!
//! Refuses to know what was seen.

/// The key under which a document tells how often what it says was seen.
pub const MARK: &str = "x-plumb";

/// How counts are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counts {
    /// As powers of ten that are reached, so that a document kept in git changes when the shape
    /// does and not with every exchange.
    #[default]
    Coarse,
    /// As they are, with the days of the first and the last exchange.
    Exact,
}

/// What to write.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The title of the document.
    pub title: &'a str,
    /// How counts are written.
    pub counts: Counts,
    /// Exchanges from which on never absent is taken as always there.
    pub samples_min: u64,
}
