//! Lines on their way from whoever sent them to whoever renews the judgement.
//!
//! Refuses to read them.

/// Events that were sent here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Lines of JSON.
    pub lines: Vec<u8>,
    /// `control` or `canary` where all of them are of one version.
    pub arm: Option<String>,
}
