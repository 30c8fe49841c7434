//! The store in a PostgreSQL database: for several daemons, on any number of machines, at once.
//!
//! Everything lies in a schema of its own, `plumb`. Refuses to know how a connection is made and
//! kept safe, and what the bytes it keeps mean.

mod apply;
mod explain;
mod migrate;
mod row;
mod session;
pub mod tls;
mod visit;
mod work;

use std::cell::Cell;
use std::fmt;

use crate::address::Address;
use crate::bounds;
use crate::column::from_column;
use crate::place::StorePlace;
use crate::postgres::apply::apply;
use crate::postgres::explain::{Stop, explain};
use crate::postgres::row::{document_hash, hash_at, horizon, text_at};
use crate::postgres::session::{Access, Session, connect};
use crate::postgres::visit::visit_windows;
use crate::postgres::work::Work;
use crate::store::{
    self, Applied, Delta, DeltaRecord, Filter, Merge, Pruned, Store, StoreError, Visit,
};

/// Taken by whoever adds a document, so that they are counted one after the other.
const DOCUMENTS_LOCK: i64 = 0x504c_4d44;

/// A store in a database. Each thread opens its own.
pub struct PostgresStore {
    address: Address,
    access: Access,
    /// `None` while it is at work, and from when a connection was lost until the next call.
    session: Cell<Option<Session>>,
}

/// Opens the store at `address` for reading and writing. One that is not there is made in the
/// database, which must be there; an older one is brought to the newest format.
///
/// # Errors
/// [`StoreError::NotAStore`], [`StoreError::NewerFormat`], [`StoreError::Unreachable`],
/// [`StoreError::Refused`], [`StoreError::Lost`], [`StoreError::Busy`], [`StoreError::Full`].
pub fn open(address: &Address) -> Result<PostgresStore, StoreError> {
    open_for(address, Access::Write)
}

/// Opens the store at `address` for reading: nothing is made and nothing is brought up to date,
/// and what would change it is refused. A standby server is enough.
///
/// # Errors
/// [`StoreError::NotThere`], [`StoreError::OlderFormat`], or as for [`open`].
pub fn open_read_only(address: &Address) -> Result<PostgresStore, StoreError> {
    open_for(address, Access::Read)
}

fn open_for(address: &Address, access: Access) -> Result<PostgresStore, StoreError> {
    let session = Cell::new(Some(connect(address, access)?));
    Ok(PostgresStore { address: address.clone(), access, session })
}

impl PostgresStore {
    /// Works in the session, in a new one where the last was lost or is at work. A panic ends the
    /// session, and with it what the server holds for it.
    fn within<T>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, Stop>,
    ) -> Result<T, StoreError> {
        let kept = self.session.take();
        let mut session = kept.map_or_else(|| connect(&self.address, self.access), Ok)?;
        let worked = work(&mut session);
        let is_gone = session.is_closed() || worked.as_ref().is_err_and(Stop::is_loss);
        if !is_gone {
            self.session.set(Some(session));
        }
        let place = || StorePlace::Server(self.address.to_string());
        worked.map_err(|stop| explain(&place(), stop))
    }
}

impl Store for PostgresStore {
    fn apply(&mut self, delta: &Delta<'_>, merge: &Merge<'_>) -> Result<Applied, StoreError> {
        store::check_delta(delta)?;
        self.within(|session| session.change(&mut |work| apply(work, delta, merge)))
    }

    fn windows(&self, filter: &Filter, visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.within(|session| session.look(|work| visit_windows(work, filter, visit)))
    }

    fn deltas(&self, count_max: u32) -> Result<Vec<DeltaRecord>, StoreError> {
        self.within(|session| session.look(|work| list_deltas(work, count_max)))
    }

    fn prune(&mut self, before_day: i32) -> Result<Pruned, StoreError> {
        self.within(|session| session.change(&mut |work| prune(work, before_day)))
    }

    fn document_put(&mut self, kind: &str, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
        store::check_document(kind, key, bytes)?;
        self.within(|session| session.change(&mut |work| put_document(work, kind, key, bytes)))
    }

    fn document_claim(
        &mut self,
        kind: &str,
        key: &str,
        bytes: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        store::check_document(kind, key, bytes)?;
        self.within(|session| session.change(&mut |work| claim_document(work, kind, key, bytes)))
    }

    fn document_get(&self, kind: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.within(|session| session.look(|work| get_document(work, kind, key)))
    }

    fn document_list(&self, kind: &str) -> Result<Vec<String>, StoreError> {
        self.within(|session| session.look(|work| list_documents(work, kind)))
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = out.debug_struct("PostgresStore");
        shown.field("address", &self.address).field("access", &self.access).finish_non_exhaustive()
    }
}

fn list_deltas(work: &mut Work<'_>, count_max: u32) -> Result<Vec<DeltaRecord>, Stop> {
    let rows = work.query(
        "SELECT id, source, received_ms, exchanges, windows FROM plumb.deltas \
         ORDER BY arrival DESC LIMIT $1",
        &[&i64::from(count_max)],
    )?;
    let records = rows.iter().rev().map(|row| {
        Ok(DeltaRecord {
            id: hash_at(row, 0)?,
            source: text_at(row, 1)?,
            received_ms: row.try_get(2)?,
            exchanges: from_column(row.try_get(3)?),
            windows: from_column(row.try_get(4)?),
        })
    });
    records.collect()
}

fn prune(work: &mut Work<'_>, before_day: i32) -> Result<Pruned, Stop> {
    // Nobody applies from here on: each holds the horizon while they do.
    let forward = "UPDATE plumb.horizon SET day = greatest(day, $1)";
    work.execute(forward, &[&before_day])?;
    let horizon = horizon(work, "SELECT day FROM plumb.horizon")?;
    let windows = work.execute("DELETE FROM plumb.windows WHERE day < $1", &[&horizon])?;
    let deltas = work.execute("DELETE FROM plumb.deltas WHERE newest_day < $1", &[&horizon])?;
    let count = |rows| usize::try_from(rows).unwrap_or(usize::MAX);
    Ok(Pruned { windows: count(windows), deltas: count(deltas) })
}

fn put_document(work: &mut Work<'_>, kind: &str, key: &str, bytes: &[u8]) -> Result<(), Stop> {
    write_document(work, kind, key, bytes)?;
    check_documents(work, kind)
}

fn claim_document(
    work: &mut Work<'_>,
    kind: &str,
    key: &str,
    bytes: &[u8],
) -> Result<Vec<u8>, Stop> {
    lock_documents(work)?;
    if let Some(there) = get_document(work, kind, key)? {
        return Ok(there);
    }
    write_document(work, kind, key, bytes)?;
    check_documents(work, kind)?;
    Ok(bytes.into())
}

fn lock_documents(work: &mut Work<'_>) -> Result<(), Stop> {
    work.execute("SELECT pg_advisory_xact_lock($1)", &[&DOCUMENTS_LOCK])?;
    Ok(())
}

fn write_document(work: &mut Work<'_>, kind: &str, key: &str, bytes: &[u8]) -> Result<(), Stop> {
    lock_documents(work)?;
    work.execute(
        "INSERT INTO plumb.documents (id, kind, key, bytes) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes",
        &[&document_hash(kind, key).as_slice(), &kind.as_bytes(), &key.as_bytes(), &bytes],
    )?;
    Ok(())
}

/// Refuses when there are too many of the kind now.
fn check_documents(work: &mut Work<'_>, kind: &str) -> Result<(), Stop> {
    let count = "SELECT count(*) FROM plumb.documents WHERE kind = $1";
    let rows = work.query(count, &[&kind.as_bytes()])?;
    let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0))?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    bounds::check_count("one kind", "documents", count, bounds::DOCUMENTS_PER_KIND_MAX)?;
    Ok(())
}

fn get_document(work: &mut Work<'_>, kind: &str, key: &str) -> Result<Option<Vec<u8>>, Stop> {
    let hash = document_hash(kind, key);
    let sql = "SELECT bytes FROM plumb.documents WHERE id = $1";
    let rows = work.query(sql, &[&hash.as_slice()])?;
    Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
}

fn list_documents(work: &mut Work<'_>, kind: &str) -> Result<Vec<String>, Stop> {
    let sql = "SELECT key FROM plumb.documents WHERE kind = $1 ORDER BY key";
    let rows = work.query(sql, &[&kind.as_bytes()])?;
    rows.iter().map(|row| text_at(row, 0)).collect()
}

#[cfg(test)]
mod faults;
#[cfg(test)]
mod tests;
