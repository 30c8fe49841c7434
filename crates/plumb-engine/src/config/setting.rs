//! Settings that a variable or a flag can give, as a layer above all files.
//!
//! Refuses to know argv and the process's environment; names and texts are handed in.

use crate::config::error::ConfigError;
use crate::config::layer::{GateLayer, K_RANGE, Layer, SAMPLES_RANGE, span, store};
use crate::config::origin::{Place, Put, quoted};
use crate::config::table::in_range;
use crate::config::word::word;
use std::fmt;
use std::ops::Range;
use std::path::Path;

/// A setting that can be given outside of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// The project's name.
    Project,
    /// The folder of the store, relative to the one in which the command runs, or the address of a
    /// database.
    Store,
    /// The file with the key of a database, relative to the folder in which the command runs.
    Key,
    /// The age beyond which evidence is stale.
    MaxAge,
    /// The exchanges without which nothing holds.
    MinSamples,
    /// The callers that must have shown a value.
    K,
    /// The environment that traffic comes from when it does not say so.
    Environment,
    /// What the gates of all environments refuse.
    FailOn,
    /// What the gates of all environments do without enough evidence.
    OnUnknown,
    /// What the gates of all environments do without a store.
    OnUnavailable,
}

/// A setting given by a flag.
#[derive(Clone, Copy)]
pub struct Flag<'a> {
    /// Which.
    pub setting: Setting,
    /// The flag as people write it, `--max-age`.
    pub name: &'a str,
    /// Its value.
    pub value: &'a str,
}

/// Its value may be an address with a password.
impl fmt::Debug for Flag<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Flag").field("name", &self.name).finish_non_exhaustive()
    }
}

/// All settings, in the order of the documentation.
pub const SETTINGS: [Setting; 10] = [
    Setting::Project,
    Setting::Store,
    Setting::Key,
    Setting::MaxAge,
    Setting::MinSamples,
    Setting::K,
    Setting::Environment,
    Setting::FailOn,
    Setting::OnUnknown,
    Setting::OnUnavailable,
];

/// The variable that names a file with the store's address, for one that carries a password.
pub const STORE_FILE_VARIABLE: &str = "PLUMB_STORE_FILE";

/// The variable that gives a database's password, as for every program that speaks to one.
pub const PASSWORD_VARIABLE: &str = "PGPASSWORD";

/// The variable that names a file with the passwords of databases.
pub const PASSWORDS_VARIABLE: &str = "PGPASSFILE";

/// Every gate, in the place of an environment's name.
pub(crate) const EVERY_GATE: &str = "*";

impl Setting {
    /// The key in a file, with its sections.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Store => "evidence.store",
            Self::Key => "evidence.key",
            Self::MaxAge => "evidence.max_age",
            Self::MinSamples => "evidence.min_samples",
            Self::K => "evidence.k",
            Self::Environment => "evidence.environment",
            Self::FailOn => "gate.*.fail_on",
            Self::OnUnknown => "gate.*.on_unknown",
            Self::OnUnavailable => "gate.*.on_unavailable",
        }
    }

    /// The variable of the process's environment.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Project => "PLUMB_PROJECT",
            Self::Store => "PLUMB_STORE",
            Self::Key => "PLUMB_KEY",
            Self::MaxAge => "PLUMB_MAX_AGE",
            Self::MinSamples => "PLUMB_MIN_SAMPLES",
            Self::K => "PLUMB_K",
            Self::Environment => "PLUMB_ENV",
            Self::FailOn => "PLUMB_FAIL_ON",
            Self::OnUnknown => "PLUMB_ON_UNKNOWN",
            Self::OnUnavailable => "PLUMB_ON_UNAVAILABLE",
        }
    }
}

/// What these settings say; of two for the same, the last. Relative paths start from `folder`.
///
/// # Errors
/// The first thing that is wrong with one of them.
pub(crate) fn settings_layer<'a>(
    given: impl Iterator<Item = Flag<'a>>,
    folder: &Path,
) -> Result<Layer, ConfigError> {
    let mut layer = Layer::default();
    for flag in given {
        set(&mut layer, flag, folder)?;
    }
    Ok(layer)
}

fn set(layer: &mut Layer, flag: Flag<'_>, folder: &Path) -> Result<(), ConfigError> {
    let path = flag.setting.key();
    let place = Place::Named(flag.name.to_owned());
    if flag.value.trim().is_empty() {
        return Err(ConfigError::Empty { place, path: path.to_owned() });
    }
    let put = Put { value: flag.value.to_owned(), text: quoted(flag.value), place };
    match flag.setting {
        Setting::Project => layer.project = Some(put),
        Setting::Store => layer.store = Some(store(put, folder)?),
        Setting::Key => layer.key = Some(put.map(|path| folder.join(path))),
        Setting::MaxAge => layer.max_age_ms = Some(span(path, put)?),
        Setting::MinSamples => layer.samples_min = Some(number(path, put, &SAMPLES_RANGE)?),
        Setting::K => layer.k = Some(number(path, put, &K_RANGE)?),
        Setting::Environment => layer.environment = Some(put),
        Setting::FailOn => every_gate(layer).fail_on = Some(word(path, put)?),
        Setting::OnUnknown => every_gate(layer).on_unknown = Some(word(path, put)?),
        Setting::OnUnavailable => every_gate(layer).on_unavailable = Some(word(path, put)?),
    }
    Ok(())
}

fn every_gate(layer: &mut Layer) -> &mut GateLayer {
    layer.gates.entry(EVERY_GATE.to_owned()).or_default()
}

fn number(path: &str, put: Put<String>, range: &Range<i64>) -> Result<Put<i64>, ConfigError> {
    match put.value.trim().parse() {
        Ok(number) => {
            in_range(path, Put { value: number, text: put.value, place: put.place }, range)
        }
        Err(_) => Err(ConfigError::WrongKind {
            place: put.place,
            path: path.to_owned(),
            expected: "a whole number",
            found: "a text",
        }),
    }
}
