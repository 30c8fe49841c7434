//! What a tap says about itself, always in the same words for the same thing. It refuses to know
//! who listens.

/// Something about the tap itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What there is to know; one of the texts of this module.
    pub what: &'static str,
    /// The broker's words, without any password; none if there are none.
    pub why: Option<String>,
}

/// From here on every message is taken.
pub const TAPPING: &str = "tapping";
/// Messages may be missing.
pub const BROKE: &str = "the connection broke; what is published until it is back may be missed";
/// Messages are missing.
pub const TOO_FAST: &str = "messages came too fast for the connection; some were missed";
/// Messages are missing.
pub const TRIMMED: &str = "the broker let go of messages before they could be read";
/// No backlog.
pub const NO_BACKLOG: &str = "how far consumers are behind cannot be told";
