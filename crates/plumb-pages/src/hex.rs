//! Short names for what is too long to be one. Refuses to know what for.

use sha2::{Digest, Sha256};

/// Bytes of a short hash: enough to tell versions of one file apart.
const BYTES: usize = 8;

/// A short hash in hexadecimal digits.
pub(crate) fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect()
}
