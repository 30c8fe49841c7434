//! Use cases, configuration and the clock.
//!
//! Where the pure rooms meet disk and time: traffic is observed onto the shelf, a folder is scanned
//! for claims, both are judged, and the gate decides. Refuses to know argv, the terminal, and how a
//! document is written.

pub mod analysis;
pub mod audit;
pub mod backlogs;
pub mod bundle;
pub mod clock;
pub mod coexistence;
pub mod config;
pub mod contracts;
pub mod debt;
pub mod delta;
pub mod deploy_event;
pub mod deployed;
pub mod doctor;
mod excerpt;
pub mod exercise;
pub mod exercised;
pub mod files;
pub mod fix;
pub mod gates;
pub mod history;
pub mod imports;
pub mod infer;
pub mod inventory;
pub mod judge;
pub mod keeper;
pub mod live;
pub mod location;
pub mod manifest;
pub mod mock;
pub mod observe;
pub mod offline;
pub mod probe;
pub mod rehearsals;
pub mod releases;
pub mod replay;
pub mod residence;
pub mod revision;
pub mod rollout;
pub mod scan;
pub mod shelf;
pub mod sighting;
pub mod starter;
pub mod survival;
pub mod tokens;
pub mod tolerance;
pub mod transition;
pub mod usage;
pub mod versions;
mod window_line;
mod windows;
