//! The file of a transition: components, seams, and what somebody says of pairs of versions.
//!
//! Refuses to read the files that it names.

use crate::clock::parse_span;
use crate::config::error::ConfigError;
use crate::config::origin::Put;
use crate::config::table::{Source, Table, parse};
use crate::excerpt::excerpt;
use crate::residence::Residence;
use crate::transition::known::Known;
use crate::transition::said::{Said, SaidPair, SaidSeam, SaidTransition, Way};
use crate::transition::{defaults, observed};
use plumb_plan::transition::{Answer, Component, Kind, Moves, Stay};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

const ROOT_KEYS: &[&str] = &["component", "seam"];
const COMPONENT_KEYS: &[&str] =
    &["kind", "versions", "from", "to", "moves", "lingers", "no_way_back", "rehearsed"];
const SEAM_KEYS: &[&str] = &[
    "name",
    "kind",
    "writer",
    "reader",
    "client",
    "server",
    "keeps",
    "writes",
    "reads",
    "offers",
    "built_against",
    "pair",
];
const PAIR_KEYS: &[&str] = &["writer", "reader", "client", "server", "way", "answer", "because"];

/// What `keeps` and `lingers` can be beside a length of time.
const STAYS: &[&str] = &["none", "passing", "forever"];

/// Words that a text can be, and what each of them means.
struct Words<T: 'static> {
    words: &'static [&'static str],
    meant: &'static [T],
}

const KINDS: Words<Kind> = Words {
    words: &[
        "flag",
        "config",
        "service",
        "worker",
        "job",
        "cache",
        "bundle",
        "schema",
        "third-party",
    ],
    meant: &[
        Kind::Flag,
        Kind::Config,
        Kind::Service,
        Kind::Worker,
        Kind::Job,
        Kind::Cache,
        Kind::Bundle,
        Kind::Schema,
        Kind::ThirdParty,
    ],
};
const MOVES: Words<Moves> = Words {
    words: &["rolling", "at-once", "by-itself"],
    meant: &[Moves::Rolling, Moves::AtOnce, Moves::ByItself],
};
const SEAMS: Words<Said> = Words {
    words: &["calls", "statements", "queue", "rows", "cache", "config"],
    meant: &[Said::Calls, Said::Statements, Said::Queue, Said::Rows, Said::Cache, Said::Config],
};
const ANSWERS: Words<Answer> = Words {
    words: &["yes", "no", "unobserved"],
    meant: &[Answer::Yes, Answer::No, Answer::Unobserved],
};
const WAYS: Words<Way> =
    Words { words: &["request", "answer"], meant: &[Way::Request, Way::Answer] };

/// Reads the text of a file; what is known is asked where the file leaves it to what was seen.
pub(super) fn read(
    name: &str,
    text: &str,
    known: &Known<'_>,
) -> Result<SaidTransition, ConfigError> {
    let source = Source { file: name, text };
    let entries = parse(source)?;
    let root = Table::root(source, &entries);
    root.expect(ROOT_KEYS, &[])?;
    let named = root.table("component")?.map_or(Ok(Vec::new()), |table| table.named())?;
    let components: Vec<Component> = named
        .iter()
        .map(|(name, table)| component(name, table, known))
        .collect::<Result<_, _>>()?;
    let mut rehearsed = BTreeMap::new();
    for (at, (_, table)) in named.iter().enumerate() {
        for (version, put) in by_version(table, "rehearsed", &components[at])? {
            if version == 0 {
                return Err(not_there(table, "rehearsed", &put));
            }
            rehearsed.insert((at, version), PathBuf::from(put.value));
        }
    }
    let tables = root.tables("seam")?;
    let seam = |table: &Table<'_>| seam(table, &components, known);
    let seams = tables.iter().map(seam).collect::<Result<_, _>>()?;
    Ok(SaidTransition { components, rehearsed, seams })
}

fn component(name: &str, table: &Table<'_>, known: &Known<'_>) -> Result<Component, ConfigError> {
    table.expect(COMPONENT_KEYS, &[])?;
    let kind = word(table, "kind", &KINDS)?.unwrap_or(Kind::Service);
    let versions = match table.texts("versions")? {
        Some(versions) => versions.value.into_iter().map(|one| one.value).collect(),
        None => {
            let from =
                table.text("from")?.map(|put| put.value).or_else(|| observed::current(known, name));
            let from = table.required("from", from)?;
            let to = table.text("to")?.map(|put| put.value);
            [from].into_iter().chain(to).collect::<Vec<String>>()
        }
    };
    let mut one_way = vec![None; versions.len().saturating_sub(1)];
    if let Some(reasons) = table.table("no_way_back")? {
        for version in reasons.entries.keys() {
            let version = version.get_ref().as_ref();
            let at = versions.iter().position(|one| one == version).filter(|at| *at > 0);
            let why = reasons.text(version)?;
            let at = at.ok_or_else(|| unknown(&reasons, version))?;
            one_way[at - 1] = why.map(|put| put.value);
        }
    }
    let moves = word(table, "moves", &MOVES)?.unwrap_or(defaults::moves(kind));
    let seen = || Some(observed::lingers(known, name));
    let lingers = stay(table, "lingers", &seen)?;
    let (lingers, lingers_basis) = lingers.unwrap_or((defaults::lingers(kind), String::new()));
    let name = name.to_owned();
    Ok(Component { name, kind, versions, moves, lingers, lingers_basis, one_way })
}

fn seam(
    table: &Table<'_>,
    components: &[Component],
    known: &Known<'_>,
) -> Result<SaidSeam, ConfigError> {
    table.expect(SEAM_KEYS, &[])?;
    let kind = table.required("kind", word(table, "kind", &SEAMS)?)?;
    let (writer_key, reader_key) = match kind {
        Said::Calls | Said::Statements => ("client", "server"),
        _ => ("writer", "reader"),
    };
    let end = |key: &str| {
        let name = table.required(key, table.text(key)?)?;
        let at = components.iter().position(|one| one.name == name.value);
        at.ok_or_else(|| not_there(table, key, &name))
    };
    let (writer, reader) = (end(writer_key)?, end(reader_key)?);
    let (writers, readers) = (&components[writer], &components[reader]);
    let name = table.text("name")?.map(|put| put.value);
    let name = name.unwrap_or_else(|| match kind {
        Said::Calls => format!("{} of {}", writers.name, readers.name),
        _ => format!("{} to {}", writers.name, readers.name),
    });
    let read_key = if writer_key == "client" { "offers" } else { "reads" };
    let against = by_version(table, "built_against", writers)?;
    let mut built_against = BTreeMap::new();
    for (at, put) in against {
        built_against.insert(at, version_of(table, "built_against", &put, readers)?);
    }
    let path = |(at, put): (usize, Put<String>)| (at, PathBuf::from(put.value));
    let pairs = table.tables("pair")?;
    let keys = (writer_key, reader_key);
    let pair = |one: &Table<'_>| pair(one, keys, (writers, readers));
    let ends = (writers.name.as_str(), readers.name.as_str());
    let seen = || (kind == Said::Queue).then(|| observed::keeps(known, &name, ends));
    let keeps = stay(table, "keeps", &seen)?;
    let (keeps, keeps_basis) = keeps.unwrap_or((defaults::keeps(kind), String::new()));
    Ok(SaidSeam {
        name,
        kind,
        writer,
        reader,
        keeps,
        keeps_basis,
        writes: by_version(table, "writes", writers)?.into_iter().map(path).collect(),
        reads: by_version(table, read_key, readers)?.into_iter().map(path).collect(),
        built_against,
        pairs: pairs.iter().map(pair).collect::<Result<_, _>>()?,
    })
}

fn pair(
    table: &Table<'_>,
    (writer_key, reader_key): (&str, &str),
    (writers, readers): (&Component, &Component),
) -> Result<SaidPair, ConfigError> {
    table.expect(PAIR_KEYS, &[])?;
    let version = |key: &str, component: &Component| {
        let put = table.text(key)?;
        put.map(|put| version_of(table, key, &put, component)).transpose()
    };
    Ok(SaidPair {
        writer: version(writer_key, writers)?,
        reader: version(reader_key, readers)?,
        way: word(table, "way", &WAYS)?,
        answer: table.required("answer", word(table, "answer", &ANSWERS)?)?,
        because: table.text("because")?.map(|put| put.value).unwrap_or_default(),
    })
}

/// The entries of a section whose keys are versions of a component.
fn by_version(
    table: &Table<'_>,
    key: &str,
    component: &Component,
) -> Result<Vec<(usize, Put<String>)>, ConfigError> {
    let Some(section) = table.table(key)? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for version in section.entries.keys() {
        let version = version.get_ref().as_ref();
        let at = component.versions.iter().position(|one| one == version);
        let at = at.ok_or_else(|| unknown(&section, version))?;
        found.extend(section.text(version)?.map(|put| (at, put)));
    }
    Ok(found)
}

fn version_of(
    table: &Table<'_>,
    key: &str,
    put: &Put<String>,
    component: &Component,
) -> Result<usize, ConfigError> {
    let at = component.versions.iter().position(|one| *one == put.value);
    at.ok_or_else(|| not_there(table, key, put))
}

fn unknown(section: &Table<'_>, version: &str) -> ConfigError {
    let place = section.source.place(&section.span);
    ConfigError::NotThere { place, path: section.path.clone(), name: excerpt(version) }
}

fn not_there(table: &Table<'_>, key: &str, put: &Put<String>) -> ConfigError {
    let (path, name) = (table.path_of(key), excerpt(&put.value));
    ConfigError::NotThere { place: put.place.clone(), path, name }
}

fn word<T: Copy>(table: &Table<'_>, key: &str, words: &Words<T>) -> Result<Option<T>, ConfigError> {
    let Some(put) = table.text(key)? else { return Ok(None) };
    let at = words.words.iter().position(|word| *word == put.value);
    let refused = || ConfigError::Word {
        place: put.place.clone(),
        path: table.path_of(key),
        word: excerpt(&put.value),
        words: words.words,
    };
    at.map(|at| Some(words.meant[at])).ok_or_else(refused)
}

/// How long something stays: `none`, `passing`, `forever`, a length of time, or `observed`, where
/// that can be observed; and how it is known.
fn stay(
    table: &Table<'_>,
    key: &str,
    seen: &dyn Fn() -> Option<Residence>,
) -> Result<Option<(Stay, String)>, ConfigError> {
    let Some(put) = table.text(key)? else { return Ok(None) };
    if put.value == "observed" {
        let (path, word) = (table.path_of(key), excerpt(&put.value));
        let place = put.place.clone();
        let refused = || ConfigError::Word { place, path, word, words: STAYS };
        let Residence { limit, basis } = seen().ok_or_else(refused)?;
        return Ok(Some((Stay::Passing(limit), basis)));
    }
    let stay = match put.value.as_str() {
        "none" => Stay::Gone,
        "passing" => Stay::Passing(None),
        "forever" => Stay::Forever,
        span => {
            let refused = |cause| ConfigError::Time {
                place: put.place.clone(),
                path: table.path_of(key),
                cause,
            };
            let ms = parse_span(span).map_err(refused)?;
            Stay::Passing(Some(Duration::from_millis(ms.unsigned_abs())))
        }
    };
    Ok(Some((stay, String::new())))
}
