//! How two descriptions are compared. Refuses to know what they say.

use crate::compared::Flow;
use plumb_schema::answer::Reading;

/// How two descriptions are compared.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// How keys that no schema names are taken.
    pub reading: Reading,
    /// Who writes on channels of which the description says neither that it sends nor receives.
    pub flow: Flow,
}
