//! One layer of configuration: what a single file says, checked in full.
//!
//! Refuses to know the other layers. A file is checked even where a higher layer would hide it.

use crate::clock::{parse_day, parse_span};
use crate::config::accept::Accept;
use crate::config::dependency::{Dependency, HostPattern};
use crate::config::error::ConfigError;
use crate::config::gate::{FailOn, OnUnavailable, OnUnknown, Word};
use crate::config::origin::{Origin, Place, Put, quoted};
use crate::config::said::{SaidPut, read_said};
use crate::config::table::{Source, Table, parse};
use crate::config::word::{no_word, word};
use crate::excerpt::excerpt;
use globset::{GlobBuilder, GlobSet};
use plumb_store::address::{Address, is_address};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What one source says; what it does not say is left to the layers below.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layer {
    pub(crate) project: Option<Put<String>>,
    pub(crate) dependencies: Vec<DependencyPut>,
    pub(crate) include: Option<Put<Vec<String>>>,
    pub(crate) exclude: Option<Put<Vec<String>>>,
    pub(crate) store: Option<Put<StoreAt>>,
    pub(crate) key: Option<Put<PathBuf>>,
    pub(crate) max_age_ms: Option<Put<i64>>,
    pub(crate) samples_min: Option<Put<i64>>,
    pub(crate) keep: Option<Put<String>>,
    pub(crate) k: Option<Put<i64>>,
    pub(crate) environment: Option<Put<String>>,
    pub(crate) redact_names: Option<Put<Vec<String>>>,
    pub(crate) redact_paths: Option<Put<Vec<String>>>,
    pub(crate) gates: BTreeMap<String, GateLayer>,
    pub(crate) accepts: Vec<AcceptPut>,
    pub(crate) said: Vec<SaidPut>,
}

/// Where one source says that evidence is kept.
#[derive(Clone, Debug)]
pub(crate) enum StoreAt {
    Folder(PathBuf),
    Server(Box<Address>),
}

/// What one source says about a gate.
#[derive(Clone, Debug, Default)]
pub(crate) struct GateLayer {
    pub(crate) fail_on: Option<Put<FailOn>>,
    pub(crate) on_unknown: Option<Put<OnUnknown>>,
    pub(crate) on_unavailable: Option<Put<OnUnavailable>>,
}

/// A dependency with the place of its name.
#[derive(Clone, Debug)]
pub(crate) struct DependencyPut {
    pub(crate) dependency: Dependency,
    pub(crate) place: Place,
    pub(crate) origins: Vec<Origin>,
}

/// An acceptance with the place of its finding.
#[derive(Clone, Debug)]
pub(crate) struct AcceptPut {
    pub(crate) accept: Accept,
    pub(crate) place: Place,
    pub(crate) origins: Vec<Origin>,
}

/// Exchanges without which nothing holds. None at all would make no evidence enough.
pub(crate) const SAMPLES_RANGE: Range<i64> = 1..1_000_000_001;

/// Callers that must have shown a value. One would hide nobody.
pub(crate) const K_RANGE: Range<i64> = 2..1_001;

/// Bytes of a pattern for files; a path has at most 4,096, and few are that long.
const GLOB_BYTES_MAX: usize = 1_024;

/// Every key with its sections. `gate.*` stands for a gate of any name.
pub(crate) const KEYS: [&str; 27] = [
    "project",
    "dependency.name",
    "dependency.hosts",
    "dependency.owner",
    "assumptions.include",
    "assumptions.exclude",
    "evidence.store",
    "evidence.key",
    "evidence.max_age",
    "evidence.min_samples",
    "evidence.keep",
    "evidence.k",
    "evidence.environment",
    "redact.names",
    "redact.paths",
    "gate.*.fail_on",
    "gate.*.on_unknown",
    "gate.*.on_unavailable",
    "accept.finding",
    "accept.reason",
    "accept.until",
    "accept.by",
    "said.file",
    "said.is",
    "said.dependency",
    "said.operation",
    "said.status",
];

const ROOT: &[&str] =
    &["project", "dependency", "assumptions", "evidence", "redact", "gate", "accept", "said"];
const DEPENDENCY: &[&str] = &["name", "hosts", "owner"];
const ASSUMPTIONS: &[&str] = &["include", "exclude"];
const EVIDENCE: &[&str] = &["store", "key", "max_age", "min_samples", "keep", "k", "environment"];
const REDACT: &[&str] = &["names", "paths"];
const GATE: &[&str] = &["fail_on", "on_unknown", "on_unavailable"];
const ACCEPT: &[&str] = &["finding", "reason", "until", "by"];

/// What a file says. Its relative paths start from `folder`.
///
/// # Errors
/// The first thing that is wrong with it.
pub(crate) fn read_layer(source: Source<'_>, folder: &Path) -> Result<Layer, ConfigError> {
    let entries = parse(source)?;
    let root = Table::root(source, &entries);
    root.expect(ROOT, &KEYS)?;
    let mut layer = Layer { project: root.text("project")?, ..Layer::default() };
    for table in root.tables("dependency")? {
        let put = read_dependency(&table)?;
        let same = layer.dependencies.iter().find(|it| it.dependency.name == put.dependency.name);
        is_once(&put.place, &put.dependency.name, same.map(|it| &it.place))?;
        layer.dependencies.push(put);
    }
    if let Some(table) = root.table("assumptions")? {
        read_assumptions(&table, &mut layer)?;
    }
    if let Some(table) = root.table("evidence")? {
        read_evidence(&table, folder, &mut layer)?;
    }
    if let Some(table) = root.table("redact")? {
        read_redact(&table, &mut layer)?;
    }
    if let Some(gates) = root.table("gate")? {
        read_gates(&gates, &mut layer)?;
    }
    layer.accepts = read_accepts(&root.tables("accept")?)?;
    layer.said = root.tables("said")?.iter().map(read_said).collect::<Result<_, _>>()?;
    Ok(layer)
}

/// The acceptances in these sections.
///
/// # Errors
/// The first thing that is wrong with them.
pub(crate) fn read_accepts(tables: &[Table<'_>]) -> Result<Vec<AcceptPut>, ConfigError> {
    let mut accepts: Vec<AcceptPut> = Vec::with_capacity(tables.len());
    for table in tables {
        let put = read_accept(table)?;
        let same = accepts.iter().find(|it| it.accept.finding == put.accept.finding);
        is_once(&put.place, &put.accept.finding, same.map(|it| &it.place))?;
        accepts.push(put);
    }
    Ok(accepts)
}

fn read_accept(table: &Table<'_>) -> Result<AcceptPut, ConfigError> {
    table.expect(ACCEPT, &[])?;
    let finding = table.required("finding", table.text("finding")?)?;
    let reason = table.required("reason", table.text("reason")?)?;
    let until = table.required("until", table.date("until")?)?;
    let by = table.text("by")?;
    let path = |key: &str| format!("accept.{}.{key}", finding.value);
    let mut origins = vec![reason.origin(&path("reason")), until.origin(&path("until"))];
    origins.extend(by.as_ref().map(|by| by.origin(&path("by"))));
    // INVARIANT: what TOML takes for a date without time is a day of the calendar.
    let until_day = table.required("until", parse_day(&until.value))?;
    let accept = Accept {
        finding: finding.value,
        reason: reason.value,
        until_day,
        by: by.map(|by| by.value),
    };
    Ok(AcceptPut { accept, place: finding.place, origins })
}

fn read_dependency(table: &Table<'_>) -> Result<DependencyPut, ConfigError> {
    table.expect(DEPENDENCY, &KEYS)?;
    let name = table.required("name", table.text("name")?)?;
    let hosts = table.texts("hosts")?;
    let owner = table.text("owner")?;
    let path = |key: &str| format!("dependency.{}.{key}", name.value);
    let mut origins = vec![name.origin(&path("name"))];
    origins.extend(hosts.as_ref().map(|hosts| hosts.origin(&path("hosts"))));
    origins.extend(owner.as_ref().map(|owner| owner.origin(&path("owner"))));
    let patterns = hosts.map(|hosts| hosts.value).unwrap_or_default();
    let pattern = |host: Put<String>| {
        let pattern = HostPattern::parse(&host.value);
        pattern.map_err(|detail| no_pattern(&table.path_of("hosts"), host, &detail))
    };
    let hosts = patterns.into_iter().map(pattern).collect::<Result<_, _>>()?;
    let owner = owner.map(|owner| owner.value);
    let dependency = Dependency { name: name.value, hosts, owner };
    Ok(DependencyPut { dependency, place: name.place, origins })
}

fn read_assumptions(table: &Table<'_>, layer: &mut Layer) -> Result<(), ConfigError> {
    table.expect(ASSUMPTIONS, &KEYS)?;
    layer.include = patterns(table, "include", why_no_glob)?;
    layer.exclude = patterns(table, "exclude", why_no_glob)?;
    Ok(())
}

fn read_evidence(table: &Table<'_>, folder: &Path, layer: &mut Layer) -> Result<(), ConfigError> {
    table.expect(EVIDENCE, &KEYS)?;
    layer.store = table.text("store")?.map(|put| store(put, folder)).transpose()?;
    layer.key = table.text("key")?.map(|put| put.map(|path| folder.join(path)));
    layer.max_age_ms =
        table.text("max_age")?.map(|put| span("evidence.max_age", put)).transpose()?;
    layer.samples_min = table.number("min_samples", &SAMPLES_RANGE)?;
    layer.keep = table.text("keep")?.map(keep).transpose()?;
    layer.k = table.number("k", &K_RANGE)?;
    layer.environment = table.text("environment")?;
    Ok(())
}

fn read_redact(table: &Table<'_>, layer: &mut Layer) -> Result<(), ConfigError> {
    table.expect(REDACT, &KEYS)?;
    layer.redact_names = patterns(table, "names", |_| None)?;
    layer.redact_paths = patterns(table, "paths", why_no_path)?;
    Ok(())
}

fn read_gates(gates: &Table<'_>, layer: &mut Layer) -> Result<(), ConfigError> {
    for (name, table) in gates.named()? {
        table.expect(GATE, &KEYS)?;
        let gate = GateLayer {
            fail_on: word_at(&table, "fail_on")?,
            on_unknown: word_at(&table, "on_unknown")?,
            on_unavailable: word_at(&table, "on_unavailable")?,
        };
        layer.gates.insert(name.to_owned(), gate);
    }
    Ok(())
}

fn word_at<W: Word>(table: &Table<'_>, key: &str) -> Result<Option<Put<W>>, ConfigError> {
    table.text(key)?.map(|put| word(&table.path_of(key), put)).transpose()
}

/// A length of time, in milliseconds.
///
/// # Errors
/// [`ConfigError::Time`].
pub(crate) fn span(path: &str, put: Put<String>) -> Result<Put<i64>, ConfigError> {
    match parse_span(&put.value) {
        Ok(ms) => Ok(put.map(|_| ms)),
        Err(cause) => Err(ConfigError::Time { place: put.place, path: path.to_owned(), cause }),
    }
}

/// Where evidence is kept: a folder, relative to `folder`, or a database.
///
/// # Errors
/// [`ConfigError::Address`] for an address that cannot be used, [`ConfigError::Password`] for one
/// that carries a password in a file.
pub(crate) fn store(put: Put<String>, folder: &Path) -> Result<Put<StoreAt>, ConfigError> {
    if !is_address(&put.value) {
        return Ok(put.map(|text| StoreAt::Folder(folder.join(text))));
    }
    let path = "evidence.store".to_owned();
    let is_file = matches!(put.place, Place::Text { .. });
    match Address::parse(&put.value) {
        Err(cause) => Err(ConfigError::Address { place: hidden(put.place), path, cause }),
        Ok(address) if is_file && address.has_password() => {
            Err(ConfigError::Password { place: hidden(put.place), path })
        }
        Ok(address) => Ok(Put {
            text: quoted(&address.to_string()),
            value: StoreAt::Server(Box::new(address)),
            place: put.place,
        }),
    }
}

/// The same place with nothing to show but where it begins: a password may stand there.
fn hidden(place: Place) -> Place {
    match place {
        Place::Text { file, line, column, .. } => Place::Text { file, line, column, width: 1 },
        named @ Place::Named(_) => named,
    }
}

fn keep(put: Put<String>) -> Result<Put<String>, ConfigError> {
    let what = match put.value.as_str() {
        "shape" => return Ok(put),
        "vetted" => "`vetted`",
        "samples" => "`samples`",
        _ => return Err(no_word("evidence.keep", put, &["shape"])),
    };
    Err(ConfigError::NotYet {
        place: put.place,
        path: "evidence.keep".to_owned(),
        what,
        instead: "write `shape`: shapes are kept, values are not",
    })
}

fn patterns(
    table: &Table<'_>,
    key: &str,
    why_not: fn(&str) -> Option<String>,
) -> Result<Option<Put<Vec<String>>>, ConfigError> {
    let Some(list) = table.texts(key)? else { return Ok(None) };
    let (text, place) = (list.text, list.place);
    let checked = list.value.into_iter().map(|item| match why_not(&item.value) {
        None => Ok(item.value),
        Some(detail) => Err(no_pattern(&table.path_of(key), item, &detail)),
    });
    let value = checked.collect::<Result<_, _>>()?;
    Ok(Some(Put { value, text, place }))
}

fn why_no_glob(text: &str) -> Option<String> {
    if text.starts_with("./") || text.starts_with("../") {
        return Some("it starts from the project's folder and stays in it".to_owned());
    }
    if text.len() > GLOB_BYTES_MAX {
        return Some(format!("it has more than {GLOB_BYTES_MAX} bytes"));
    }
    // Compiled as well, so that whoever matches with it need not fear what the compiler refuses.
    let glob = GlobBuilder::new(text).literal_separator(true).build();
    let set = glob.and_then(|glob| GlobSet::builder().add(glob).build());
    set.err().map(|error| error.kind().to_string())
}

fn why_no_path(text: &str) -> Option<String> {
    (!text.starts_with('$')).then(|| "it starts with `$`, the whole body".to_owned())
}

fn no_pattern(path: &str, put: Put<String>, detail: &str) -> ConfigError {
    let (path, pattern, detail) = (path.to_owned(), excerpt(&put.value), excerpt(detail));
    ConfigError::Pattern { place: put.place, path, pattern, detail }
}

fn is_once(place: &Place, name: &str, first: Option<&Place>) -> Result<(), ConfigError> {
    match first {
        None => Ok(()),
        Some(_) => Err(ConfigError::Duplicate {
            place: place.clone(),
            path: excerpt(name),
            first: first.cloned(),
        }),
    }
}
