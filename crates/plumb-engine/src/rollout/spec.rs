//! A rollout as people wrote it.
//!
//! Refuses to know how it is written, and how it is walked.

use crate::rollout::hours::Hours;
use plumb_drive::driver::Cohort;
use plumb_drive::nginx;
use plumb_drive::socket::At;
use plumb_drive::{flagd, gateway};
use plumb_rollout::walk::{Aim, Stage, wanted};
use sha2::{Digest as _, Sha256};
use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;

/// A rollout.
#[derive(Clone, Debug)]
pub struct Rollout {
    /// Its name, which is also that of the folder in which it is kept.
    pub name: String,
    /// The version that is there.
    pub control: String,
    /// The version that comes.
    pub canary: String,
    /// How long to wait between two looks.
    pub every: Duration,
    /// The folder in which it is kept; `None` for the project's own.
    pub folder: Option<PathBuf>,
    /// The regions, at least one.
    pub regions: Vec<Region>,
    /// Who judges.
    pub judge: JudgeSpec,
    /// The transition that it is part of, if it is said.
    pub transition: Option<TransitionSpec>,
    /// The stages, at least one.
    pub stages: Vec<StageSpec>,
}

/// The transition that tells whether there is a way back.
#[derive(Clone, Debug)]
pub struct TransitionSpec {
    /// Its file.
    pub file: PathBuf,
    /// How many waves of its plan are done; `None` for all.
    pub waves: Option<usize>,
}

/// A region and the driver of its routers.
#[derive(Clone, Debug)]
pub struct Region {
    /// Its name; `None` where there is but one.
    pub name: Option<String>,
    /// What drives its routers.
    pub driver: DriverSpec,
}

/// What drives routers.
#[derive(Clone, Debug)]
pub enum DriverSpec {
    /// HAProxy's runtime API.
    Haproxy {
        /// Where it listens.
        at: At,
        /// The backend.
        backend: String,
        /// Servers of the new version.
        canary: Vec<String>,
        /// Servers of the old one.
        control: Vec<String>,
    },
    /// A file that nginx includes.
    Nginx(nginx::Asked),
    /// The tap between two versions.
    Tap {
        /// Its socket.
        socket: PathBuf,
    },
    /// A route of the Gateway API.
    Gateway(gateway::Asked),
    /// A flag in a file of flagd's.
    Flagd(flagd::Asked),
    /// A program.
    Command {
        /// Its name and arguments.
        words: Vec<String>,
        /// How long it may take.
        patience: Duration,
    },
}

/// Who judges.
#[derive(Clone, Debug)]
pub enum JudgeSpec {
    /// A program.
    Command {
        /// Its name and arguments.
        words: Vec<String>,
        /// How long it may take.
        patience: Duration,
    },
    /// Events that others write to files, weighed by Plumb itself.
    Events {
        /// The files, read anew at each look.
        files: Vec<PathBuf>,
        /// The columns by which to look for the group that is hit.
        by: Vec<String>,
        /// The column that names the user, session or job.
        unit: Option<String>,
        /// The column that says whether it failed.
        failed: Option<String>,
    },
    /// Counters that a Prometheus keeps, weighed by Plumb itself.
    Prometheus(PrometheusSpec),
}

/// Counters that a Prometheus keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrometheusSpec {
    /// Where it is, perhaps with user and password.
    pub url: Address,
    /// What asks for everything that happened.
    pub total: String,
    /// What asks for what failed.
    pub bad: String,
    /// What asks for the buckets of how long it took.
    pub latency: Option<String>,
    /// The label that names the version.
    pub label: String,
    /// How far apart the moments lie.
    pub step: Duration,
}

/// An address, or where it stands.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// The address itself.
    Url(String),
    /// A file with it.
    File(PathBuf),
}

// An address may hold a password, so that it is shown nowhere.
impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Address")
    }
}

/// A stage with what the walk need not know.
#[derive(Clone, Debug)]
pub struct StageSpec {
    /// Its name.
    pub name: String,
    /// What the walk knows of it.
    pub stage: Stage,
    /// The cohort that it brings, if it brings one.
    pub cohort: Option<Cohort>,
    /// The hours in which it may begin; `None` for all.
    pub hours: Option<Hours>,
}

impl Rollout {
    /// The stages as the walk knows them.
    #[must_use]
    pub fn walked(&self) -> Vec<Stage> {
        self.stages.iter().map(|one| one.stage.clone()).collect()
    }

    /// The stage that an aim goes up to.
    #[must_use]
    pub fn stage(&self, aim: Aim) -> Option<&StageSpec> {
        match aim {
            Aim::Nothing => None,
            Aim::Stage(at) => self.stages.get(at),
        }
    }

    /// What a region's routers should be for an aim.
    #[must_use]
    pub fn wanted(&self, aim: Aim, region: usize) -> plumb_drive::driver::Wanted {
        let wanted = wanted(&self.walked(), aim, region);
        let cohorts = wanted.cohorts.iter().filter_map(|at| self.stages.get(*at)?.cohort.clone());
        plumb_drive::driver::Wanted { ppm: wanted.share.ppm(), cohorts: cohorts.collect() }
    }

    /// Whether the stage after an aim may begin now.
    #[must_use]
    pub fn is_hour(&self, aim: Aim, now_ms: i64) -> bool {
        let next = match aim {
            Aim::Nothing => 0,
            Aim::Stage(at) => at + 1,
        };
        let hours = self.stages.get(next).and_then(|stage| stage.hours.as_ref());
        hours.is_none_or(|hours| hours.is_open(now_ms))
    }

    /// What tells this rollout from every other one, also from itself with other stages. How often
    /// it looks, who judges and what tells the way back may change under way.
    #[must_use]
    pub fn digest(&self) -> String {
        let whole = (&self.name, &self.control, &self.canary, &self.regions, &self.stages);
        let hash = Sha256::digest(format!("{whole:?}").as_bytes());
        hash.iter().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            write!(text, "{byte:02x}").ok();
            text
        })
    }
}
