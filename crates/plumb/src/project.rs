//! The project that a command works on: its configuration, its folder, its store, and the moment
//! of judgement.
//!
//! Refuses to compare anything.

use crate::arguments::Global;
use crate::failure::{Failure, usage};
use crate::observe_arguments::Known;
use crate::terminal::Terminal;
use plumb_engine::clock::{DAY_MS, day_of, now_ms};
use plumb_engine::config::file::LoadRequest;
use plumb_engine::config::setting::{Flag, Setting};
use plumb_engine::config::{self, Config, Loaded};
use plumb_engine::files;
use plumb_engine::judge::Scope;
use plumb_engine::keeper::{Keeper, ShelfKeeper};
use plumb_engine::location::Location;
use plumb_engine::shelf::{self, Shelf, ShelfError};
use plumb_gap::policy::Policy;
use plumb_server::client::{Remote, RemoteKeeper};
use plumb_traffic::fold::Origin;
use plumb_traffic::redact::Redaction;
use plumb_traffic::timeline::Timeline;
use std::path::PathBuf;

/// A project with its configuration.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    /// What is in force.
    pub(crate) config: Config,
    /// Where each value comes from, and what there is to know about it.
    pub(crate) loaded: Loaded,
    /// The folder that is scanned, and in which the configuration lies.
    pub(crate) folder: PathBuf,
    /// The configuration's file, whether it is there or not.
    pub(crate) file: PathBuf,
    /// The moment of judgement, Unix milliseconds.
    pub(crate) as_of_ms: i64,
    /// The environment that was asked for.
    pub(crate) environment: Option<String>,
    since_ms: Option<i64>,
    /// The moment of judgement where it was asked for: what came later was not known then.
    until_ms: Option<i64>,
}

/// The project that the flags and the current folder mean.
///
/// # Errors
///
/// When the configuration is wrong or the current folder is gone.
pub(crate) fn project(global: &Global) -> Result<Project, Failure> {
    let here = std::env::current_dir().map_err(|err| {
        usage(format!("the current folder cannot be used: {err}"), "go to a folder that exists")
    })?;
    let named = |setting, name, value| Flag { setting, name, value };
    let store = global.store.as_deref().map(|value| named(Setting::Store, "--store", value));
    let place =
        global.environment.as_deref().map(|value| named(Setting::Environment, "--env", value));
    let flags: Vec<Flag<'_>> = store.into_iter().chain(place).collect();
    let loaded = config::load(&LoadRequest {
        folder: &here,
        file: global.config.as_deref(),
        flags: &flags,
        variables: &|name| std::env::var(name).ok(),
        read: &files::read_text,
    })?;
    let named = global.config.as_ref().map(|file| here.join(file));
    let file =
        named.unwrap_or_else(|| loaded.folder.join(plumb_engine::config::file::PROJECT_FILE));
    Ok(Project {
        config: loaded.config.clone(),
        folder: loaded.folder.clone(),
        loaded,
        file,
        as_of_ms: global.as_of.unwrap_or_else(now_ms),
        environment: global.environment.clone(),
        since_ms: global.since,
        until_ms: global.as_of,
    })
}

impl Project {
    /// Which evidence counts.
    pub(crate) fn scope(&self) -> Scope {
        Scope {
            since_day: self.since_ms.map(|span| day_of(self.as_of_ms.saturating_sub(span))),
            until_day: self.until_ms.map(day_of),
            environment: self.environment.clone(),
        }
    }

    /// How evidence is judged.
    pub(crate) fn policy(&self) -> Policy {
        Policy {
            now_ms: self.as_of_ms,
            max_age_ms: self.config.evidence.max_age_ms,
            samples_min: self.config.evidence.samples_min,
        }
    }

    /// What the person and the project know about traffic.
    pub(crate) fn origin(&self, known: &Known) -> Origin {
        Origin {
            writer: known.writer.clone(),
            reader: known.reader.clone(),
            version: known.release.clone(),
            version_header: known.version_header.as_deref().map(str::to_lowercase),
            timeline: Timeline::default(),
            environment: self.config.evidence.environment.clone(),
            received_ms: self.as_of_ms,
        }
    }

    /// What is withheld of traffic.
    pub(crate) fn redaction(&self) -> Redaction {
        let redact = &self.config.redact;
        Redaction::with_names(&redact.names).and_places(&redact.paths)
    }

    /// Where the evidence is kept.
    pub(crate) fn store(&self) -> &Location {
        &self.config.evidence.store
    }

    /// The shelf, if anything has been observed yet.
    pub(crate) fn shelf_if_there(&self) -> Result<Option<Shelf>, ShelfError> {
        shelf::open_existing(self.store())
    }

    /// The shelf, made when it is not there.
    pub(crate) fn shelf(&self) -> Result<Shelf, ShelfError> {
        shelf::open(self.store())
    }

    /// Who keeps what is observed: the server that was named, else the store.
    pub(crate) fn keeper(&self, remote: Option<Remote>, terminal: Terminal) -> Box<dyn Keeper> {
        let location = self.store().clone();
        match remote {
            None => Box::new(ShelfKeeper::new(location)),
            Some(remote) => {
                let complain = move |text: &str| terminal.complain(&format!("warning: {text}\n"));
                Box::new(RemoteKeeper::new(remote, location, Box::new(complain)))
            }
        }
    }

    /// The same project, judged at another moment.
    pub(crate) fn as_of(&self, as_of_ms: i64) -> Self {
        Self { as_of_ms, ..self.clone() }
    }

    /// The dependency's name for a host.
    pub(crate) fn name_of(&self, host: &str) -> Option<String> {
        self.config.host_name(host).map(str::to_owned)
    }

    /// The day so many milliseconds before the moment of judgement.
    pub(crate) fn day_before(&self, span_ms: i64) -> i32 {
        day_of(self.as_of_ms.saturating_sub(span_ms))
    }

    /// The day so many days after the moment of judgement.
    pub(crate) fn day_after(&self, days: i64) -> i32 {
        day_of(self.as_of_ms.saturating_add(days.saturating_mul(DAY_MS)))
    }
}
