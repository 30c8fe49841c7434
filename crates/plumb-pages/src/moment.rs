//! Moments in documents: Unix milliseconds within, RFC 3339 on the wire, null where unknown.
//!
//! Refuses to know whose moment it is.

use plumb_wire::rfc3339::rfc3339;
use serde::{Serialize, Serializer};

/// For `#[serde(with = "crate::moment")]`.
pub(crate) fn serialize<S: Serializer>(at_ms: &Option<i64>, out: S) -> Result<S::Ok, S::Error> {
    at_ms.and_then(rfc3339).serialize(out)
}
