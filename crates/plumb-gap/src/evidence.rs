//! Evidence as the comparison takes it: profiles by seam and version.

use plumb_shape::operation::Operation;
use plumb_shape::profile::Profile;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What was seen at one seam by one writer version.
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
    /// When it was last seen, Unix milliseconds: the last exchange, or the moment of reading where
    /// exchanges tell no time.
    pub last_ms: i64,
}

/// Evidence that comes in parts: what stands under one name becomes one.
#[derive(Debug, Default)]
pub struct Gathered(BTreeMap<Name, (Profile, i64)>);

type Name = (String, String, Operation, String);

impl Gathered {
    /// Adds a part.
    pub fn add(&mut self, part: Evidence) {
        let name = (part.writer, part.reader, part.operation, part.version);
        match self.0.entry(name) {
            Entry::Vacant(slot) => {
                slot.insert((part.profile, part.last_ms));
            }
            Entry::Occupied(mut slot) => {
                let (profile, last_ms) = slot.get_mut();
                *profile = profile.merge(&part.profile);
                *last_ms = part.last_ms.max(*last_ms);
            }
        }
    }

    /// All of it, by name.
    #[must_use]
    pub fn into_evidence(self) -> Vec<Evidence> {
        let evidence = self.0.into_iter().map(|(name, (profile, last_ms))| {
            let (writer, reader, operation, version) = name;
            Evidence { writer, reader, operation, version, profile, last_ms }
        });
        evidence.collect()
    }
}
