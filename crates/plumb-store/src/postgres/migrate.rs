//! The format of a store on a server: which it is, and how an older one becomes the newest.
//!
//! Everything lies in a schema of its own, `plumb`, and the formats it went through stand in
//! `plumb.formats`. Refuses to know addresses, and what the tables are used for.

use postgres::error::SqlState;
use postgres::{Client, Error, Transaction};

/// The newest format, the one that is written.
pub(crate) const FORMAT: u32 = 1;

/// What makes format `n` out of format `n - 1`, in place `n - 1`. Frozen once released.
const MIGRATIONS: [&str; FORMAT as usize] = [include_str!("migrations/0001.sql")];

/// Held while a database is brought to the newest format: `PLMB`, a number nobody else takes.
const LOCK: i64 = 0x504c_4d42;

/// What a database is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Nothing lies under our name yet.
    Empty,
    /// A store of this format.
    Store(u32),
    /// Something else lies under our name.
    Foreign,
}

/// What the database is, from one moment.
pub(crate) fn read_format(client: &mut Client) -> Result<Format, Error> {
    format_within(&mut client.transaction()?)
}

/// Brings the database to the newest format, all or nothing, and answers what it was before.
/// Others may try at the same time: one works, the rest wait for it. What is newer or foreign is
/// left alone.
pub(crate) fn migrate(client: &mut Client) -> Result<Format, Error> {
    migrate_through(client, &MIGRATIONS)
}

fn migrate_through(client: &mut Client, migrations: &[&str]) -> Result<Format, Error> {
    let mut transaction = client.transaction()?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
    let found = format_within(&mut transaction)?;
    let older = match found {
        Format::Empty => 0,
        Format::Store(format) => format,
        Format::Foreign => return Ok(found),
    };
    let left: Vec<_> = (1..).zip(migrations).filter(|(format, _)| *format > older).collect();
    if left.is_empty() {
        return Ok(found);
    }
    let there = "SELECT to_regnamespace('plumb') IS NOT NULL";
    if !transaction.query_one(there, &[])?.try_get::<_, bool>(0)? {
        transaction.batch_execute("CREATE SCHEMA plumb")?;
    }
    for (format, sql) in left {
        transaction.batch_execute(sql)?;
        let format: i32 = format.try_into().unwrap_or(i32::MAX);
        transaction.execute("INSERT INTO plumb.formats (format) VALUES ($1)", &[&format])?;
    }
    transaction.commit()?;
    Ok(found)
}

fn format_within(transaction: &mut Transaction<'_>) -> Result<Format, Error> {
    let row = transaction.query_one(
        "SELECT count(*), count(*) FILTER (WHERE relname = 'formats' AND relkind = 'r') \
         FROM pg_catalog.pg_class WHERE relnamespace = to_regnamespace('plumb')",
        &[],
    )?;
    match (row.try_get::<_, i64>(0)?, row.try_get::<_, i64>(1)?) {
        (0, _) => return Ok(Format::Empty),
        (_, 0) => return Ok(Format::Foreign),
        _ => {}
    }
    let newest = transaction.query_one("SELECT max(format)::bigint FROM plumb.formats", &[]);
    let newest: Option<i64> = match newest {
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_COLUMN) => {
            return Ok(Format::Foreign);
        }
        newest => newest?.try_get(0)?,
    };
    Ok(match newest.and_then(|format| u32::try_from(format).ok()) {
        Some(format @ 1..) => Format::Store(format),
        _ => Format::Foreign,
    })
}
