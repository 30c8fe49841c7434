//! How two versions are to be compared.
//!
//! Refuses to know what is compared.

use plumb_schema::answer::Reading;

/// How two versions are compared.
#[derive(Clone, Debug)]
pub struct Asked {
    /// How keys that no schema names are taken, and parameters that nothing describes.
    pub reading: Reading,
    /// Today as `2026-11-21`, against which days of sunset are held; none is passed without it.
    pub today: Option<String>,
}
