//! Evidence as the comparison takes it: profiles by seam, version and window.

use plumb_shape::operation::Operation;
use plumb_shape::profile::Profile;

/// What was seen at one seam by one writer version in one environment and window.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The provider's name.
    pub writer: String,
    /// The consumer's name.
    pub reader: String,
    /// Method and path template.
    pub operation: Operation,
    /// The writer's version, empty when unknown.
    pub version: String,
    /// What was seen.
    pub profile: Profile,
}
