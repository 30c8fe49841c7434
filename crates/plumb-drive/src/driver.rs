//! What every driver of a router does.
//!
//! Refuses to know any router.

use crate::trouble::Trouble;
use std::fmt;

/// All traffic, in the millionths in which shares are told.
pub const WHOLE_PPM: u32 = 1_000_000;

/// What is left by rounding shares to millionths.
const ROUNDING_PPM: u32 = 2;

/// A router whose division of traffic between two versions can be set.
///
/// Setting is idempotent: doing it twice does what doing it once does.
pub trait Driver: fmt::Debug {
    /// The router, for people: `haproxy at /run/haproxy.sock, backend shop`.
    fn name(&self) -> String;

    /// The share nearest to this one that the router can divide by, in millionths.
    fn nearest(&self, ppm: u32) -> u32;

    /// How far, in millionths, what the router says may lie from what it was told: what rounding
    /// leaves.
    fn tolerance_ppm(&self) -> u32 {
        ROUNDING_PPM
    }

    /// Whether cohorts can be sent to the new version by a header of their requests.
    fn has_cohorts(&self) -> bool {
        false
    }

    /// Makes the router what is wanted. Nothing else of it is changed.
    ///
    /// # Errors
    /// [`Trouble`]. The router may then be as before, as wanted, or between the two, but never
    /// beyond them.
    fn set(&mut self, wanted: &Wanted) -> Result<(), Trouble>;

    /// What the router says of itself.
    ///
    /// # Errors
    /// [`Trouble`].
    fn read(&mut self) -> Result<Told, Trouble>;
}

/// What a router should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The new version's share, in millionths, at most [`WHOLE_PPM`].
    pub ppm: u32,
    /// Cohorts that it gets besides.
    pub cohorts: Vec<Cohort>,
}

/// Requests that are known by a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// The header's name.
    pub header: String,
    /// The value it has.
    pub value: String,
}

/// What a router says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The share it divides by, in millionths; `None` where it does not tell.
    pub ppm: Option<u32>,
    /// What it sent where since it started, where it tells.
    pub counts: Option<Counts>,
    /// What a person should know besides, as a server that is down.
    pub notes: Vec<String>,
}

/// Requests by the version they were sent to, counted by the router since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those of the new version.
    pub canary: u64,
    /// Those of the old one.
    pub control: u64,
}
