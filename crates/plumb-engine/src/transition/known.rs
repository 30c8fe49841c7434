//! What is known beside the file of a transition.

use crate::backlogs::KeptBacklog;
use crate::sighting::Sighting;
use plumb_gap::evidence::Evidence;
use plumb_gap::policy::Policy;
use plumb_gap::release::Release;
use plumb_shape::literal::LiteralKey;

/// What is known beside the file.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Everything that was seen.
    pub evidence: &'a [Evidence],
    /// On which days each version was seen.
    pub sightings: &'a [Sighting],
    /// How far consumers of messages are behind.
    pub backlogs: &'a [KeptBacklog],
    /// What went out when.
    pub releases: &'a [Release],
    /// When evidence is enough.
    pub policy: &'a Policy,
    /// The key under which values are hashed.
    pub key: &'a LiteralKey,
}
