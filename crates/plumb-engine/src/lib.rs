//! Use cases, configuration and the clock.
//!
//! Where the pure rooms meet disk and time: traffic is observed onto the shelf, a folder is scanned
//! for claims, both are judged, and the gate decides. Refuses to know argv, the terminal, and how a
//! document is written.

pub mod backlogs;
pub mod bundle;
pub mod clock;
pub mod config;
mod excerpt;
pub mod files;
pub mod inventory;
pub mod judge;
pub mod live;
pub mod observe;
pub mod offline;
pub mod releases;
pub mod scan;
pub mod shelf;
pub mod starter;
mod windows;
