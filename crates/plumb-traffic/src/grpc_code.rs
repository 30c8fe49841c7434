//! The outcomes of calls of gRPC, by number. Refuses to know how one is carried.

/// The names that gRPC gives its outcomes, in the order of their numbers.
pub const NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// True for an outcome, by its number, that is the server's fault, as OpenTelemetry's conventions
/// have it.
#[must_use]
pub fn is_failure(code: &str) -> bool {
    // Unknown, deadline exceeded, unimplemented, internal, unavailable, data loss.
    matches!(code, "2" | "4" | "12" | "13" | "14" | "15")
}
