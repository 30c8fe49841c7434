//! Two versions of a contract in whichever format they are.
//!
//! Refuses to know what any format says.

use crate::asyncapi;
use crate::avro;
use crate::compared::{Compared, File, Flow, Unread};
use crate::graphql;
use crate::interface::{self, asked};
use crate::json_schema::{self, Rooted};
use crate::kind::{Kind, kind};
use crate::openapi::{self, document::gather};
use crate::protobuf;
use crate::sql;
use plumb_schema::answer::Reading;

/// How two versions are compared.
#[derive(Clone, Debug)]
pub struct Asked {
    /// How keys that no schema names are taken.
    pub reading: Reading,
    /// Which version writes, for formats that do not say so themselves.
    pub flow: Flow,
    /// What is at stake for messages of Protobuf.
    pub protobuf: protobuf::Reading,
    /// Today as `2026-11-21`, against which days of sunset are held; none is passed without it.
    pub today: Option<String>,
}

/// One version of a contract: the file that was asked about, among those that it may refer to.
pub type Version<'f> = Rooted<'f>;

/// What `new` changes of what `old` promised. What is no contract, or in another format than the
/// other version, is told as unread.
#[must_use]
pub fn changes(old: Version<'_>, new: Version<'_>, asked: &Asked) -> Compared {
    let kinds = (kind_of(old), kind_of(new));
    match kinds {
        (Some(Kind::OpenApi), Some(Kind::OpenApi)) => {
            let (old, new) = (gather(old.root, old.files), gather(new.root, new.files));
            let (reading, today) = (asked.reading, asked.today.clone());
            let asked = asked::Asked { reading, today };
            interface::changes(&openapi::read(&old), &openapi::read(&new), &asked)
        }
        (Some(Kind::JsonSchema), Some(Kind::JsonSchema)) => {
            json_schema::changes(old, new, asked.flow, asked.reading)
        }
        (Some(Kind::Avro), Some(Kind::Avro)) => match (root(old), root(new)) {
            (Some(old), Some(new)) => avro::changes(old, new, asked.flow),
            _ => Compared::default(),
        },
        (Some(Kind::Protobuf), Some(Kind::Protobuf)) => {
            protobuf::changes(&reached(old), &reached(new), asked.flow, asked.protobuf)
        }
        (Some(Kind::AsyncApi), Some(Kind::AsyncApi)) => {
            let asked = asyncapi::asked::Asked { reading: asked.reading, flow: asked.flow };
            asyncapi::changes(old, new, asked)
        }
        (Some(Kind::GraphQl), Some(Kind::GraphQl)) => match (root(old), root(new)) {
            (Some(old), Some(new)) => graphql::changes(old, new),
            _ => Compared::default(),
        },
        (Some(Kind::Sql), Some(Kind::Sql)) => sql::changes(&beside(old), &beside(new), asked.flow),
        (one, other) => unlike(old, new, [one, other]),
    }
}

/// The format of a version.
#[must_use]
pub fn kind_of(version: Version<'_>) -> Option<Kind> {
    kind(root(version)?)
}

fn root<'f>(version: Version<'f>) -> Option<&'f File> {
    version.files.iter().find(|file| file.name == version.root)
}

/// Sources first that were asked about: the others are there to be imported.
fn reached(version: Version<'_>) -> Vec<File> {
    let is_source = |file: &&File| kind(file) == Some(Kind::Protobuf);
    let mut files: Vec<File> = version.files.iter().filter(is_source).cloned().collect();
    files.sort_by_key(|file| file.name != version.root);
    files
}

/// The files of statements in the folder of the one that was asked about: they follow each other.
fn beside(version: Version<'_>) -> Vec<&File> {
    let is_beside =
        |file: &&File| folder(&file.name) == folder(version.root) && kind(file) == Some(Kind::Sql);
    version.files.iter().filter(is_beside).collect()
}

/// The folder that a file is in.
#[must_use]
pub fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// What is said of versions that cannot be compared.
fn unlike(old: Version<'_>, new: Version<'_>, kinds: [Option<Kind>; 2]) -> Compared {
    let unread = |version: Version<'_>, reason: String| Unread {
        file: version.root.to_owned(),
        line: 1,
        column: 1,
        reason,
    };
    let no_contract = "no contract that is known: OpenAPI, AsyncAPI, GraphQL, SQL, JSON Schema, \
                       Avro or Protobuf";
    let unread = match kinds {
        [Some(one), Some(other)] => {
            vec![unread(new, format!("{} cannot be compared with {}", other.name(), one.name()))]
        }
        _ => {
            let mut unread_of = Vec::new();
            for (version, kind) in [old, new].into_iter().zip(kinds) {
                if kind.is_none() {
                    unread_of.push(unread(version, no_contract.to_owned()));
                }
            }
            unread_of
        }
    };
    Compared { changes: Vec::new(), unread }
}
