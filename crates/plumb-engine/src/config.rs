//! Configuration: what is in force, and where each value comes from.
//!
//! Flags come before variables, then the project's file, the user's, the system's, and the
//! defaults. Refuses to touch the disk and the process's environment itself; both are handed in.

pub mod accept;
pub mod accept_text;
pub mod dependency;
pub mod error;
pub mod file;
pub mod gate;
mod layer;
mod nearest;
pub mod origin;
mod said;
pub mod setting;
pub(crate) mod table;
mod word;

use crate::config::accept::Accept;
use crate::config::dependency::Dependency;
use crate::config::error::ConfigError;
use crate::config::file::{
    FileText, LoadRequest, PROJECT_FILE, SYSTEM_FILE, find_project, named_text, read_text,
    user_file, variable,
};
use crate::config::gate::Gate;
use crate::config::layer::{GateLayer, Layer, StoreAt, read_layer};
use crate::config::origin::{DEFAULT, Origin, Place, Put, quoted};
use crate::config::setting::{
    EVERY_GATE, Flag, PASSWORD_VARIABLE, PASSWORDS_VARIABLE, SETTINGS, STORE_FILE_VARIABLE,
    Setting, settings_layer,
};
use crate::config::table::Source;
use crate::location::Location;
use plumb_claims::fixture::Fixture;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const DEFAULTS: &str = include_str!("default.toml");

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// The project's name; empty when it has none and its folder has none either.
    pub project: String,
    /// Known dependencies, the project's first.
    pub dependencies: Vec<Dependency>,
    /// Where assumptions are looked for.
    pub assumptions: Assumptions,
    /// How evidence is kept and judged.
    pub evidence: Evidence,
    /// What is withheld beside what is always withheld.
    pub redact: Redact,
    /// Gates by environment; `*` stands for every other.
    gates: BTreeMap<String, Gate>,
    /// The default gate, for every environment without its own.
    every_gate: Gate,
    /// Acceptances by the key of their finding, ended ones too.
    pub accepts: BTreeMap<String, Accept>,
    /// Files that are what somebody says of a dependency, in the order of the file.
    pub said: Vec<Fixture>,
}

/// Where assumptions are looked for: patterns for files, relative to the project's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumptions {
    /// Files that are looked at.
    pub include: Vec<String>,
    /// Files that are not, even if they are included.
    pub exclude: Vec<String>,
}

/// How evidence is kept and judged. Only shapes are kept, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Where it is kept.
    pub store: Location,
    /// The age beyond which it is stale, in milliseconds; positive.
    pub max_age_ms: i64,
    /// Fewer exchanges than this never make an assumption hold; at least 1.
    pub samples_min: u64,
    /// Callers that must have shown a value before it could be kept; at least 2.
    pub k: u64,
    /// The environment of traffic that does not say so itself.
    pub environment: Option<String>,
}

/// What is withheld beside what is always withheld, from all layers together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redact {
    /// Names of headers, parameters and members; `*` stands for any characters.
    pub names: Vec<String>,
    /// Places in bodies, each from `$` on.
    pub paths: Vec<String>,
}

/// A configuration and how it came about.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What is in force.
    pub config: Config,
    /// Every value in force, in the order of the keys. Lists that all layers add to have one
    /// origin for each layer.
    pub origins: Vec<Origin>,
    /// The project's folder: that of its file, or the one that was searched from.
    pub folder: PathBuf,
    /// What the person should know, in one line each.
    pub notes: Vec<String>,
}

impl Config {
    /// The dependency that answers on this host, with or without port: the first with a pattern
    /// for it.
    #[must_use]
    pub fn host_name(&self, host: &str) -> Option<&str> {
        let answers = |it: &&Dependency| it.hosts.iter().any(|pattern| pattern.matches(host));
        self.dependencies.iter().find(answers).map(|it| it.name.as_str())
    }

    /// The gate of an environment.
    #[must_use]
    pub fn gate(&self, environment: &str) -> Gate {
        self.gates.get(environment).copied().unwrap_or(self.every_gate)
    }

    /// The acceptance of a finding by its key, whether it has ended or not.
    #[must_use]
    pub fn accepted(&self, key: &str) -> Option<&Accept> {
        self.accepts.get(key)
    }
}

/// The configuration in force.
///
/// # Errors
/// [`ConfigError`]: the first thing that is wrong with any layer, also one that others hide.
pub fn load(request: &LoadRequest<'_>) -> Result<Loaded, ConfigError> {
    let project = find_project(request)?;
    let folder = project.as_ref().map_or_else(|| request.folder.to_owned(), |it| it.folder.clone());
    let mut notes = Vec::new();
    if project.is_none() {
        notes.push(format!("no {PROJECT_FILE} from here upwards; the defaults apply"));
    }
    let mut variables: Vec<_> = SETTINGS
        .iter()
        .filter_map(|it| Some((*it, it.variable(), variable(request, it.variable())?)))
        .collect();
    if !variables.iter().any(|(setting, _, _)| *setting == Setting::Store) {
        let store = named_text(request, STORE_FILE_VARIABLE)?.map(|text| text.trim().to_owned());
        variables.extend(store.map(|store| (Setting::Store, STORE_FILE_VARIABLE, store)));
    }
    let variables =
        variables.iter().map(|(setting, name, value)| Flag { setting: *setting, name, value });
    let defaults = Source { file: DEFAULT, text: DEFAULTS };
    let layers = [
        settings_layer(request.flags.iter().copied(), request.folder)?,
        settings_layer(variables, request.folder)?,
        project.as_ref().map(project_layer).transpose()?.unwrap_or_default(),
        shared_layer(request, user_file(request).as_deref())?,
        shared_layer(request, Some(Path::new(SYSTEM_FILE)))?,
        read_layer(defaults, &folder)?,
    ];
    let (mut config, origins) = resolve(&layers, &folder)?;
    config.evidence.store = admitted(request, config.evidence.store)?;
    Ok(Loaded { config, origins, folder, notes })
}

/// What the project's file says.
fn project_layer(file: &FileText) -> Result<Layer, ConfigError> {
    read_layer(Source { file: &file.name, text: &file.text }, &file.folder)
}

/// What a file says that is not the project's own.
fn shared_layer(request: &LoadRequest<'_>, path: Option<&Path>) -> Result<Layer, ConfigError> {
    let Some(path) = path else { return Ok(Layer::default()) };
    let Some(file) = read_text(request, path, &path.display().to_string())? else {
        return Ok(Layer::default());
    };
    let layer = project_layer(&file)?;
    let accept = layer.accepts.first().map(|put| (&put.place, "[[accept]]"));
    let said = layer.said.first().map(|put| (&put.place, "[[said]]"));
    match accept.or(said) {
        None => Ok(layer),
        Some((place, path)) => Err(ConfigError::NotHere { place: place.clone(), path }),
    }
}

/// What the layers, the highest first, amount to.
fn resolve(layers: &[Layer], folder: &Path) -> Result<(Config, Vec<Origin>), ConfigError> {
    let mut origins = Vec::new();
    let told = &mut origins;
    let named = top(layers, "project", |it| it.project.as_ref(), told);
    let samples_min = needed(layers, "evidence.min_samples", |it| it.samples_min.as_ref(), told)?;
    needed(layers, "evidence.keep", |it| it.keep.as_ref(), told)?;
    let config = Config {
        project: named.unwrap_or_else(|| folder_name(folder, told)),
        dependencies: dependencies(layers, told),
        assumptions: Assumptions {
            include: needed(layers, "assumptions.include", |it| it.include.as_ref(), told)?,
            exclude: needed(layers, "assumptions.exclude", |it| it.exclude.as_ref(), told)?,
        },
        evidence: Evidence {
            store: location(layers, told)?,
            max_age_ms: needed(layers, "evidence.max_age", |it| it.max_age_ms.as_ref(), told)?,
            samples_min: samples_min.unsigned_abs(),
            k: needed(layers, "evidence.k", |it| it.k.as_ref(), told)?.unsigned_abs(),
            environment: top(layers, "evidence.environment", |it| it.environment.as_ref(), told),
        },
        redact: Redact {
            names: union(layers, "redact.names", |it| it.redact_names.as_ref(), told),
            paths: union(layers, "redact.paths", |it| it.redact_paths.as_ref(), told),
        },
        every_gate: gate(layers, EVERY_GATE, told)?,
        gates: gates(layers, told)?,
        accepts: accepts(layers, told),
        said: said(layers, told),
    };
    origins.sort_by(|one, other| one.key.cmp(&other.key));
    Ok((config, origins))
}

/// Where evidence is kept. A folder has its key within it.
fn location(layers: &[Layer], origins: &mut Vec<Origin>) -> Result<Location, ConfigError> {
    let key = needed(layers, "evidence.key", |it| it.key.as_ref(), origins)?;
    Ok(match needed(layers, "evidence.store", |it| it.store.as_ref(), origins)? {
        StoreAt::Folder(folder) => Location::Folder(folder),
        StoreAt::Server(address) => Location::Server { address, key },
    })
}

/// The same location with the password that the process was given for it, if it needs one.
fn admitted(request: &LoadRequest<'_>, location: Location) -> Result<Location, ConfigError> {
    let (address, key) = match location {
        Location::Server { address, key } if !address.has_password() => (address, key),
        other => return Ok(other),
    };
    let password = match variable(request, PASSWORD_VARIABLE) {
        Some(password) => Some(password),
        None => named_text(request, PASSWORDS_VARIABLE)?
            .and_then(|passwords| address.password_in(&passwords)),
    };
    let address = match password {
        Some(password) => Box::new(address.or_password(&password)),
        None => address,
    };
    Ok(Location::Server { address, key })
}

/// The value of the highest that has one.
fn top<L, T: Clone>(
    layers: &[L],
    key: &str,
    of: impl Fn(&L) -> Option<&Put<T>>,
    origins: &mut Vec<Origin>,
) -> Option<T> {
    let put = layers.iter().find_map(of)?;
    origins.push(put.origin(key));
    Some(put.value.clone())
}

/// The same for a key that the defaults always have.
fn needed<L, T: Clone>(
    layers: &[L],
    key: &str,
    of: impl Fn(&L) -> Option<&Put<T>>,
    origins: &mut Vec<Origin>,
) -> Result<T, ConfigError> {
    top(layers, key, of, origins).ok_or_else(|| ConfigError::Required {
        place: Place::Named(DEFAULT.to_owned()),
        path: key.to_owned(),
    })
}

/// The values of all layers together, each once: a layer can withhold more, and never less.
fn union(
    layers: &[Layer],
    key: &str,
    of: impl Fn(&Layer) -> Option<&Put<Vec<String>>>,
    origins: &mut Vec<Origin>,
) -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut values = Vec::new();
    for put in layers.iter().filter_map(of) {
        origins.push(put.origin(key));
        values.extend(put.value.iter().filter(|value| known.insert(*value)).cloned());
    }
    values
}

/// The gates of all environments that any layer names.
fn gates(
    layers: &[Layer],
    origins: &mut Vec<Origin>,
) -> Result<BTreeMap<String, Gate>, ConfigError> {
    let names: BTreeSet<&String> = layers.iter().flat_map(|layer| layer.gates.keys()).collect();
    let own = names.into_iter().filter(|name| *name != EVERY_GATE);
    own.map(|name| Ok((name.clone(), gate(layers, name, origins)?))).collect()
}

/// The gate of an environment. The higher layer comes before the lower, and within a layer the
/// environment's own section before that of all.
fn gate(
    layers: &[Layer],
    environment: &str,
    origins: &mut Vec<Origin>,
) -> Result<Gate, ConfigError> {
    let names = [environment, EVERY_GATE];
    let said: Vec<&GateLayer> =
        layers.iter().flat_map(|it| names.map(|name| it.gates.get(name))).flatten().collect();
    let key = |name: &str| format!("gate.{environment}.{name}");
    Ok(Gate {
        fail_on: needed(&said, &key("fail_on"), |it| it.fail_on.as_ref(), origins)?,
        on_unknown: needed(&said, &key("on_unknown"), |it| it.on_unknown.as_ref(), origins)?,
        on_unavailable: needed(
            &said,
            &key("on_unavailable"),
            |it| it.on_unavailable.as_ref(),
            origins,
        )?,
    })
}

/// The dependencies of all layers; of two with the same name, the one in the higher layer.
fn dependencies(layers: &[Layer], origins: &mut Vec<Origin>) -> Vec<Dependency> {
    let mut known = BTreeSet::new();
    let all = layers.iter().flat_map(|layer| &layer.dependencies);
    let first = all.filter(|put| known.insert(&put.dependency.name));
    first
        .map(|put| {
            origins.extend(put.origins.iter().cloned());
            put.dependency.clone()
        })
        .collect()
}

fn accepts(layers: &[Layer], origins: &mut Vec<Origin>) -> BTreeMap<String, Accept> {
    let all = layers.iter().flat_map(|layer| &layer.accepts);
    all.map(|put| {
        origins.extend(put.origins.iter().cloned());
        (put.accept.finding.clone(), put.accept.clone())
    })
    .collect()
}

fn said(layers: &[Layer], origins: &mut Vec<Origin>) -> Vec<Fixture> {
    let all = layers.iter().flat_map(|layer| &layer.said);
    all.map(|put| {
        origins.extend(put.origins.iter().cloned());
        put.fixture.clone()
    })
    .collect()
}

/// The name of the project's folder, for want of another.
fn folder_name(folder: &Path, origins: &mut Vec<Origin>) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (key, value, from) = ("project".to_owned(), quoted(&name), "folder".to_owned());
    origins.push(Origin { key, value, from });
    name
}

#[cfg(test)]
mod tests;
