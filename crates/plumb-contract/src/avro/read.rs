//! Files of Avro into tables of types: schemas, arrays of schemas and protocols.
//!
//! What no reader of Avro would take is refused with its place; what readers commonly pass over is
//! passed over and told. Refuses to know a second version.

use plumb_tree::json::parse_json;
use plumb_tree::{Broken, Node, Value as Tree};

use crate::avro::fits::{Fit, fit};
use crate::avro::schema::{Index, Schema, Types};
use crate::compared::{File, Unread};
use entry::{Call, Entry, entries};
use table::Reading;

pub mod entry;
mod logical;
mod table;

/// Bytes of one file at most: generated schemas of whole companies stay below a tenth.
pub const BYTES_MAX: usize = 16 << 20;

/// What was read from one file.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The file's name.
    pub file: String,
    /// All its types.
    pub types: Types,
    /// What data or calls may begin with.
    pub entries: Vec<Entry>,
    /// The calls of a protocol.
    pub calls: Vec<Call>,
    /// What was passed over.
    pub unread: Vec<Unread>,
}

/// Reads a schema (`.avsc`): what its data are.
///
/// # Errors
/// The first place that is no schema. A protocol has no schema of its own, and is refused.
pub fn schema(file: &File) -> Result<Schema, Unread> {
    let contents = contents(file)?;
    match contents.entries.as_slice() {
        [entry] if entry.label.is_empty() => Ok(Schema { root: entry.root, types: contents.types }),
        _ => {
            let reason = "a protocol, which has many schemas".to_owned();
            Err(Unread { file: contents.file, line: 1, column: 1, reason })
        }
    }
}

/// Reads a schema or a protocol.
///
/// # Errors
/// The first place that is neither.
pub fn contents(file: &File) -> Result<Contents, Unread> {
    let unread = |broken: Broken| Unread {
        file: file.name.clone(),
        line: broken.line,
        column: broken.column,
        reason: broken.reason,
    };
    if file.bytes.len() > BYTES_MAX {
        let reason = format!("the file is larger than {} MiB", BYTES_MAX >> 20);
        return Err(unread(Broken { line: 1, column: 1, reason }));
    }
    let parsed = parse_json(&file.bytes).map_err(unread)?;
    let nothing = Node { value: Tree::Null, line: 1, column: 1, start: 0, end: 0 };
    let root = parsed.documents.first().unwrap_or(&nothing);
    let mut reading = Reading::default();
    let (entries, calls) = entries(&mut reading, root).map_err(unread)?;
    let (mut types, mut passed_over) = reading.finished().map_err(unread)?;
    check_defaults(&mut types, &mut passed_over);
    let unread = passed_over.into_iter().map(unread).collect();
    Ok(Contents { file: file.name.clone(), types, entries, calls, unread })
}

/// Drops defaults that do not fit their field, so that no reader is thought to take them.
fn check_defaults(types: &mut Types, passed_over: &mut Vec<Broken>) {
    let mut unfit: Vec<(Index, usize)> = Vec::new();
    for (index, each) in types.table.iter().enumerate() {
        let fields = each.fields().iter().enumerate();
        for (position, field) in fields {
            let Some(default) = &field.default else { continue };
            let (line, column) = field.place;
            let name = &field.name;
            match fit(types, field.held, default) {
                Fit::Yes => {}
                Fit::LaterBranch => passed_over.push(Broken {
                    line,
                    column,
                    reason: format!(
                        "the default of `{name}` fits a later branch of its union, not the first: \
                         readers older than Avro 1.12 refuse the schema"
                    ),
                }),
                Fit::No => {
                    let reason = format!("the default of `{name}` does not fit its type");
                    passed_over.push(Broken { line, column, reason });
                    unfit.push((index, position));
                }
            }
        }
    }
    for (index, position) in unfit {
        types.drop_default(index, position);
    }
}
