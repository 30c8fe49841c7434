//! From a path to a connection: making a store, opening one, and what must hold before use.
//!
//! Refuses to know windows, deltas and documents.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{process, thread};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::bounds::BUSY_WAIT;
use crate::explain::{Stop, explain};
use crate::migrate::{self, FORMAT, Format, Unfit};
use crate::store::StoreError;

/// Bytes the log file keeps between uses: 64 MiB, so that one very large delta does not hold its
/// room for ever.
const LOG_BYTES_KEPT: u32 = 64 * 1024 * 1024;

/// How often an empty file is asked to keep a log, and how long between: 1 s in all, where the
/// switch takes milliseconds.
const SWITCH_TRIES_MAX: u32 = 50;
const SWITCH_PAUSE: Duration = Duration::from_millis(20);

/// Names tried for the draft of a new store; more only fail when drafts pile up in the folder.
const DRAFT_NAMES_MAX: u32 = 64;

/// A connection that reads and writes the newest format, to the store at an absolute `path`.
pub(crate) fn to_write(path: &Path) -> Result<Connection, StoreError> {
    to_write_file(path, path)
}

/// The same for a store that lies in another `file` for now; errors speak of `path`.
fn to_write_file(file: &Path, path: &Path) -> Result<Connection, StoreError> {
    let met = |answer| explain(path, Stop::Engine(answer));
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags).map_err(met)?;
    connection.busy_timeout(BUSY_WAIT).map_err(met)?;
    // Before anything is set that would be written into a file that is not ours to write.
    match migrate::read_format(&mut connection).map_err(met)? {
        Format::Foreign => return Err(foreign(path)),
        Format::Store(found) if found > FORMAT => return Err(newer(path, found)),
        Format::Store(_) | Format::Empty => {}
    }
    set_to_write(&connection).map_err(met)?;
    migrate::migrate(&mut connection).map_err(|unfit| match unfit {
        Unfit::Engine(answer) => met(answer),
        Unfit::Foreign => foreign(path),
        Unfit::Newer(found) => newer(path, found),
    })?;
    Ok(connection)
}

/// A connection that only reads, to the store at an absolute `path`.
pub(crate) fn to_read(path: &Path) -> Result<Connection, StoreError> {
    let met = |answer| explain(path, Stop::Engine(answer));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(met)?;
    connection.busy_timeout(BUSY_WAIT).map_err(met)?;
    connection.pragma_update(None, "trusted_schema", false).map_err(met)?;
    match migrate::read_format(&mut connection).map_err(met)? {
        Format::Store(FORMAT) => Ok(connection),
        Format::Store(found) if found > FORMAT => Err(newer(path, found)),
        Format::Store(found) => {
            Err(StoreError::OlderFormat { place: path.into(), found, known: FORMAT })
        }
        Format::Empty => Err(StoreError::NotThere { place: path.into() }),
        Format::Foreign => Err(foreign(path)),
    }
}

/// Makes an empty store at an absolute `path`. It appears there whole or not at all, and when
/// another process was faster, theirs stays.
pub(crate) fn create(path: &Path) -> Result<(), StoreError> {
    let failed = |doing| move |source| refused(path, doing, source);
    let folder = path.parent().unwrap_or(path);
    create_folder(folder).map_err(failed("making its folder"))?;
    let draft = create_draft(path).map_err(failed("making its file"))?;
    let placed = to_write_file(&draft, path)
        .and_then(|connection| {
            connection.close().map_err(|(_, answer)| explain(path, Stop::Engine(answer)))
        })
        .and_then(|()| place(&draft, path).map_err(failed("putting it in place")));
    let removed = remove_draft(&draft).map_err(failed("removing the draft"));
    sync_folder(folder);
    placed.and(removed)
}

fn set_to_write(connection: &Connection) -> Result<(), rusqlite::Error> {
    switch_to_log(connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES_KEPT)
}

/// A store made here has its log from the start. Only where several processes find the same empty
/// file do they switch at once, and meet a lock that the engine does not wait for.
fn switch_to_log(connection: &Connection) -> Result<(), rusqlite::Error> {
    let switch = || connection.pragma_update(None, "journal_mode", "WAL");
    for _ in 1..SWITCH_TRIES_MAX {
        match switch() {
            Err(busy) if busy.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                thread::sleep(SWITCH_PAUSE);
            }
            switched => return switched,
        }
    }
    switch()
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<_> = folder.ancestors().take_while(|place| !place.exists()).collect();
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    missing.into_iter().filter_map(Path::parent).for_each(sync_folder);
    Ok(())
}

/// An empty file beside `path` that only its owner can read, under a name nobody else uses.
fn create_draft(path: &Path) -> io::Result<PathBuf> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    for number in 0..DRAFT_NAMES_MAX {
        let draft = beside(path, &format!(".new-{}-{number}", process::id()));
        match options.open(&draft) {
            Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|_| draft),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A second name for a finished file fails when the name is taken, where a rename would replace.
fn place(draft: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(draft, path) {
        Err(faster) if faster.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

fn remove_draft(draft: &Path) -> io::Result<()> {
    for side in ["-wal", "-shm", "-journal", ""] {
        match fs::remove_file(beside(draft, side)) {
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => {}
            removed => removed?,
        }
    }
    Ok(())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// A new name survives a power cut only once its folder is synced. Some systems and file systems
/// offer no such thing, and there, as for SQLite itself, that is no reason to refuse the store.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _unsupported = folder.sync_all();
    }
}

fn refused(path: &Path, doing: &'static str, source: io::Error) -> StoreError {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            StoreError::Full { place: path.into() }
        }
        _ => StoreError::Create { place: path.into(), doing, source },
    }
}

fn foreign(path: &Path) -> StoreError {
    StoreError::NotAStore { place: path.into(), why: "it is the database of another program" }
}

fn newer(path: &Path, found: u32) -> StoreError {
    StoreError::NewerFormat { place: path.into(), found, known: FORMAT }
}
