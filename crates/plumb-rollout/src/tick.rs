//! What happened on both arms in one short time.
//!
//! Refuses to know what was counted, and where.

/// Which of the two versions that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Arm {
    /// The version that is known.
    Control,
    /// The version that is new.
    Canary,
}

/// How many units one arm met, and how many of them were hit by what is asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Users, jobs or requests.
    pub units: u64,
    /// Those of them that were hit. Never more than `units`: see [`Count::new`].
    pub hits: u64,
}

impl Count {
    /// A count, with at least as many units as hits: a source that tells more hits than units has
    /// lost units, and a hit is a unit that was met.
    #[must_use]
    pub fn new(units: u64, hits: u64) -> Self {
        Self { units: units.max(hits), hits }
    }

    /// The share that was hit, between 0 and 1; 0 where there are no units.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
    pub fn share(self) -> f64 {
        if self.units == 0 { 0.0 } else { self.hits as f64 / self.units as f64 }
    }

    /// Adds another count of the same arm.
    pub fn add(&mut self, other: Self) {
        self.units = self.units.saturating_add(other.units);
        self.hits = self.hits.saturating_add(other.hits);
    }
}

/// Both arms in the same short time, so that whatever changes with time changes for both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tick {
    /// The known version.
    pub control: Count,
    /// The new version.
    pub canary: Count,
}

impl Tick {
    /// The count of one arm.
    #[must_use]
    pub fn arm(&self, arm: Arm) -> Count {
        match arm {
            Arm::Control => self.control,
            Arm::Canary => self.canary,
        }
    }

    /// The count of one arm, to be changed.
    pub fn arm_mut(&mut self, arm: Arm) -> &mut Count {
        match arm {
            Arm::Control => &mut self.control,
            Arm::Canary => &mut self.canary,
        }
    }

    /// Adds what happened in another time.
    pub fn add(&mut self, other: &Self) {
        self.control.add(other.control);
        self.canary.add(other.canary);
    }

    /// The canary's share of the units, between 0 and 1; none where nothing was met.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
    pub fn canary_share(&self) -> Option<f64> {
        let all = self.control.units.saturating_add(self.canary.units);
        (all > 0).then(|| self.canary.units as f64 / all as f64)
    }
}
