//! The outcomes of calls of gRPC: numbers on the wire, names for people. Refuses to know which was
//! seen.

use plumb_traffic::grpc_code::NAMES;
use std::fmt;

/// The outcome of a call of gRPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrpcCode(u8);

impl GrpcCode {
    /// The call went well.
    pub const OK: Self = Self(0);
    /// The call failed, and nobody knows how.
    pub const UNKNOWN: Self = Self(2);
    /// There were too many calls.
    pub const RESOURCE_EXHAUSTED: Self = Self(8);
    /// Nobody answers such calls.
    pub const UNIMPLEMENTED: Self = Self(12);

    /// Each of them, by number.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..).take(NAMES.len()).map(Self)
    }

    /// The one that a word means: its number, or its name.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::all().find(|code| code.name() == word || code.number().to_string() == word)
    }

    /// As it stands in `grpc-status`.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    fn name(self) -> &'static str {
        NAMES.get(usize::from(self.0)).copied().unwrap_or_default()
    }
}

impl fmt::Display for GrpcCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_by_number_and_name() {
        assert_eq!(GrpcCode::of("5").map(|code| code.to_string()).as_deref(), Some("NOT_FOUND"));
        assert_eq!(GrpcCode::of("UNAUTHENTICATED").map(GrpcCode::number), Some(16));
        assert_eq!(["17", "05", "OKAY", ""].map(GrpcCode::of), [None; 4]);
    }
}
