//! What a store promises: windows merged from deltas, each delta once, and documents by key.
//!
//! Refuses to know what the bytes mean, which engine keeps them, and what time it is.

use std::fmt::{self, Debug};
use std::io;

use thiserror::Error;

use crate::bounds::{self, OutOfBounds};
use crate::place::StorePlace;

/// Where a window belongs: one seam, one version of its writer, one environment, one day. The order
/// is field by field, texts by their bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowKey {
    /// The component that writes.
    pub writer: String,
    /// The component that reads.
    pub reader: String,
    /// What happens between them.
    pub operation: String,
    /// The version of the writer.
    pub version: String,
    /// Where it was seen.
    pub environment: String,
    /// Days since 1970-01-01.
    pub day: i32,
}

/// What one delta adds to one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The window it belongs to. The same key may stand in several entries of a delta.
    pub key: WindowKey,
    /// What is merged into the window, at most [`bounds::VALUE_BYTES_MAX`].
    pub value: Vec<u8>,
    /// The newest exchange in it, milliseconds since 1970-01-01 UTC.
    pub last_ms: i64,
    /// How many exchanges it holds.
    pub exchanges: u64,
}

/// A part of what was seen, with an identity, so that it can be sent twice and count once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta<'a> {
    /// The identity: equal for equal content, different for all else.
    pub id: [u8; 32],
    /// What was read, for people.
    pub source: &'a str,
    /// When it came, milliseconds since 1970-01-01 UTC.
    pub received_ms: i64,
    /// At most [`bounds::DELTA_ENTRIES_MAX`].
    pub entries: Vec<Entry>,
}

/// What became of a delta. Each of the three is durable when it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It was merged, but for `entries_late` entries whose day lies before the horizon.
    New {
        /// Entries left out because their day has been pruned.
        entries_late: usize,
    },
    /// It had been applied before; nothing changed.
    Already,
    /// Every day it covers lies before the horizon; nothing changed and nothing was recorded.
    Late,
}

/// One window, lent to a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window<'a> {
    /// Where it belongs.
    pub key: &'a WindowKey,
    /// The merge of everything applied to it.
    pub value: &'a [u8],
    /// The newest exchange in it, milliseconds since 1970-01-01 UTC.
    pub last_ms: i64,
    /// How many exchanges it holds, up to `i64::MAX`.
    pub exchanges: u64,
}

/// Which windows to visit. What is `None` does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The first day wanted, in days since 1970-01-01.
    pub since_day: Option<i32>,
    /// Only this writer.
    pub writer: Option<String>,
    /// Only this operation.
    pub operation: Option<String>,
    /// Only this environment.
    pub environment: Option<String>,
}

/// What is remembered of a delta while at least one of its days is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeltaRecord {
    /// Its identity.
    pub id: [u8; 32],
    /// What was read, for people.
    pub source: String,
    /// When it came, milliseconds since 1970-01-01 UTC.
    pub received_ms: i64,
    /// How many exchanges it carried, up to `i64::MAX`.
    pub exchanges: u64,
    /// How many entries it carried.
    pub windows: u64,
}

/// What pruning removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Windows whose day lay before the horizon.
    pub windows: usize,
    /// Deltas all of whose days lay before the horizon.
    pub deltas: usize,
}

/// Why two values could not be merged.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct MergeRefused {
    /// Lower case, no full stop.
    pub reason: String,
}

/// Why a visitor wanted to see no more.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct VisitRefused {
    /// Lower case, no full stop.
    pub reason: String,
}

/// The value there and the value that came, to the value that holds both. Associative and
/// commutative, or the promises of [`Store::apply`] are void.
pub type Merge<'a> = dyn Fn(&[u8], &[u8]) -> Result<Vec<u8>, MergeRefused> + 'a;

/// Called once for each window.
pub type Visit<'a> = dyn FnMut(&Window<'_>) -> Result<(), VisitRefused> + 'a;

/// A place that keeps windows, the deltas they came from, and documents.
///
/// Every method answers [`StoreError`]; after an error nothing has changed, with one exception:
/// when a disk or a connection fails while a change is being made durable, the change may be there
/// or not. Applying the same delta again is always right.
pub trait Store: Debug + Send {
    /// Merges every entry into its window and records the delta, all or nothing, durable when it
    /// returns. The same delta a second time changes nothing. A window not there yet takes the
    /// value as it is. Entries before the horizon (see [`Store::prune`]) are left out and counted.
    ///
    /// # Errors
    /// [`StoreError::OutOfBounds`], [`StoreError::MergeRefused`], or what the engine met.
    fn apply(&mut self, delta: &Delta<'_>, merge: &Merge<'_>) -> Result<Applied, StoreError>;

    /// Visits windows in the order of their keys, one at a time, all from one moment.
    ///
    /// # Errors
    /// [`StoreError::VisitRefused`] as soon as `visit` refuses, or what the engine met.
    fn windows(&self, filter: &Filter, visit: &mut Visit<'_>) -> Result<(), StoreError>;

    /// The newest deltas, at most `count_max`, in the order they came, the newest last.
    ///
    /// # Errors
    /// What the engine met.
    fn deltas(&self, count_max: u32) -> Result<Vec<DeltaRecord>, StoreError>;

    /// Moves the horizon to `before_day` (days since 1970-01-01), never back, and removes the
    /// windows before it and the deltas that have no day left. From then on days before the
    /// horizon are not taken in, from any delta: pruning first or applying first gives the same
    /// windows, and a day once pruned never comes back as a fragment of itself.
    ///
    /// # Errors
    /// What the engine met.
    fn prune(&mut self, before_day: i32) -> Result<Pruned, StoreError>;

    /// Keeps `bytes` under `kind` and `key` in place of what was there; durable when it returns.
    ///
    /// # Errors
    /// [`StoreError::OutOfBounds`], or what the engine met.
    fn document_put(&mut self, kind: &str, key: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// Keeps `bytes` under `kind` and `key` unless something is there already, and answers what is
    /// there then; durable when it returns. Of several who claim at once, one is answered its own.
    ///
    /// # Errors
    /// [`StoreError::OutOfBounds`], or what the engine met.
    fn document_claim(
        &mut self,
        kind: &str,
        key: &str,
        bytes: &[u8],
    ) -> Result<Vec<u8>, StoreError>;

    /// The document under `kind` and `key`.
    ///
    /// # Errors
    /// What the engine met.
    fn document_get(&self, kind: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// The keys of all documents of a kind, by their bytes, at most
    /// [`bounds::DOCUMENTS_PER_KIND_MAX`].
    ///
    /// # Errors
    /// What the engine met.
    fn document_list(&self, kind: &str) -> Result<Vec<String>, StoreError>;
}

/// Why a store could not do what it was asked. [`help`] says what to do about it.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Nothing has been stored there yet.
    #[error("there is no store at `{place}`")]
    NotThere {
        /// Where it was looked for.
        place: StorePlace,
    },
    /// The file belongs to something else. It was left as it is.
    #[error("`{place}` is not a store: {why}")]
    NotAStore {
        /// Where it lies.
        place: StorePlace,
        /// What it is instead.
        why: &'static str,
    },
    /// The store was written by a newer program.
    #[error("the store `{place}` has format {found}, and this program knows up to {known}")]
    NewerFormat {
        /// Where it lies.
        place: StorePlace,
        /// Its format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// The store is older and was opened for reading only, so it could not be brought up to date.
    #[error("the store `{place}` has format {found}, and reading needs {known}")]
    OlderFormat {
        /// Where it lies.
        place: StorePlace,
        /// Its format.
        found: u32,
        /// The format it would be brought to.
        known: u32,
    },
    /// The file contradicts itself.
    #[error("the store `{place}` is damaged: {detail}")]
    Damaged {
        /// Where it lies.
        place: StorePlace,
        /// What contradicts what.
        detail: String,
    },
    /// There is no room. What was acknowledged is kept, and the store works again with room.
    #[error("no room is left for the store `{place}`")]
    Full {
        /// Where it lies.
        place: StorePlace,
    },
    /// Others kept the store locked for the whole time we were willing to wait.
    #[error("the store `{place}` stayed locked by another process for {waited_s} s")]
    Busy {
        /// Where it lies.
        place: StorePlace,
        /// How long we waited, in seconds.
        waited_s: u64,
    },
    /// The server was still at work when our patience ended; the change was given up.
    #[error("the store `{place}` did not answer within {waited_s} s")]
    Slow {
        /// Where it lies.
        place: StorePlace,
        /// How long we waited, in seconds.
        waited_s: u64,
    },
    /// No connection to the server came about.
    #[error("cannot reach the store `{place}`: {detail}")]
    Unreachable {
        /// Where it lies.
        place: StorePlace,
        /// What was in the way.
        detail: String,
    },
    /// The connection broke. A change in flight may be there or not; the next call connects anew.
    #[error("the connection to the store `{place}` was lost: {detail}")]
    Lost {
        /// Where it lies.
        place: StorePlace,
        /// How it ended.
        detail: String,
    },
    /// The system or the server does not let us at the store, or not for writing.
    #[error("the store `{place}` cannot be opened or written: {detail}")]
    Refused {
        /// Where it lies.
        place: StorePlace,
        /// What was refused.
        detail: String,
    },
    /// The disk failed a read or a write for a reason other than room.
    #[error("the disk failed the store `{place}`: {detail}")]
    Disk {
        /// Where it lies.
        place: StorePlace,
        /// What failed.
        detail: String,
    },
    /// A new store could not be made.
    #[error("cannot make the store `{place}`: {doing}")]
    Create {
        /// Where it was to be.
        place: StorePlace,
        /// The step that failed.
        doing: &'static str,
        /// Why.
        source: io::Error,
    },
    /// Something is larger than the store takes.
    #[error(transparent)]
    OutOfBounds(#[from] OutOfBounds),
    /// The merge brought by the caller refused; the whole delta was left out.
    #[error("cannot merge into the window {key}: {refused}")]
    MergeRefused {
        /// The window.
        key: Box<WindowKey>,
        /// Why.
        refused: MergeRefused,
    },
    /// The visitor brought by the caller refused.
    #[error("cannot read the window {key}: {refused}")]
    VisitRefused {
        /// The window.
        key: Box<WindowKey>,
        /// Why.
        refused: VisitRefused,
    },
    /// The engine answered in a way that is our mistake.
    #[error("the store `{place}` failed: {detail}")]
    Unforeseen {
        /// Where it lies.
        place: StorePlace,
        /// The engine's words.
        detail: String,
    },
}

impl fmt::Display for WindowKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { writer, reader, operation, version, environment, day } = self;
        write!(
            out,
            "`{writer}` to `{reader}`, `{operation}`, version `{version}`, in `{environment}`, \
             day {day}"
        )
    }
}

/// What a person can do about an error; nothing when the error says it all.
#[must_use]
pub fn help(error: &StoreError) -> Option<&'static str> {
    use StorePlace::{File, Server};
    Some(match error {
        StoreError::NotThere { .. } => "observe something first, or name another store",
        StoreError::NotAStore { place: File(_), .. } => {
            "name another path; the file was left as it is"
        }
        StoreError::NotAStore { place: Server(_), .. } => {
            "name another database; what is there was left as it is"
        }
        StoreError::NewerFormat { .. } => "use the program that wrote it, or a newer one",
        StoreError::OlderFormat { .. } => "any command that writes brings it up to date",
        StoreError::Damaged { place: File(_), .. } => {
            "move the file and its `-wal` away together and read the sources in again; \
             `sqlite3 FILE .recover` saves what is readable"
        }
        StoreError::Damaged { place: Server(_), .. } => {
            "restore the database from a backup, or read the sources into a new one"
        }
        StoreError::Full { .. } => "make room and run it again; nothing acknowledged is lost",
        StoreError::Busy { .. } => "run it again when the other process is done",
        StoreError::Slow { .. } => "run it again when the server has less to do",
        StoreError::Unreachable { .. } => {
            "check the address and that the server runs; `sslmode` and `sslrootcert` stand behind \
             the `?` of the address"
        }
        StoreError::Lost { .. } => "run it again; what was sent twice counts once",
        StoreError::Refused { place: File(_), .. } => {
            "check who owns the file and its folder, and their modes"
        }
        StoreError::Refused { place: Server(_), .. } => {
            "check user, database and password (`PGPASSWORD`, `PGPASSFILE`), and what the user may \
             do: making the store needs `GRANT CREATE ON DATABASE`"
        }
        StoreError::Disk { .. } => "check the disk and its quota, then run it again",
        StoreError::Create { .. } => "check who owns the folder, and that it is on a local disk",
        StoreError::OutOfBounds(_)
        | StoreError::MergeRefused { .. }
        | StoreError::VisitRefused { .. }
        | StoreError::Unforeseen { .. } => return None,
    })
}

/// Whether a delta is within the bounds; every engine asks this before it changes anything.
///
/// # Errors
/// [`OutOfBounds`] for the first part that is too large.
pub fn check_delta(delta: &Delta<'_>) -> Result<(), OutOfBounds> {
    let entries = delta.entries.len();
    bounds::check_count("a delta", "entries", entries, bounds::DELTA_ENTRIES_MAX)?;
    bounds::check_bytes("the source", delta.source.len(), bounds::SOURCE_BYTES_MAX)?;
    delta.entries.iter().try_for_each(|entry| {
        check_key(&entry.key)?;
        check_value(&entry.value)
    })
}

/// Whether a window's value is within the bounds; asked again of every merged value.
///
/// # Errors
/// [`OutOfBounds`] when it is not.
pub fn check_value(value: &[u8]) -> Result<(), OutOfBounds> {
    bounds::check_bytes("the value of a window", value.len(), bounds::VALUE_BYTES_MAX)
}

/// Whether a document is within the bounds, but for how many there are.
///
/// # Errors
/// [`OutOfBounds`] for the first part that is too large.
pub fn check_document(kind: &str, key: &str, bytes: &[u8]) -> Result<(), OutOfBounds> {
    check_field("the kind of a document", kind)?;
    check_field("the key of a document", key)?;
    bounds::check_bytes("a document", bytes.len(), bounds::DOCUMENT_BYTES_MAX)
}

fn check_key(key: &WindowKey) -> Result<(), OutOfBounds> {
    check_field("the writer of a window", &key.writer)?;
    check_field("the reader of a window", &key.reader)?;
    check_field("the operation of a window", &key.operation)?;
    check_field("the version of a window", &key.version)?;
    check_field("the environment of a window", &key.environment)
}

fn check_field(what: &'static str, field: &str) -> Result<(), OutOfBounds> {
    bounds::check_bytes(what, field.len(), bounds::KEY_FIELD_BYTES_MAX)
}
