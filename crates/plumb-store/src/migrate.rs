//! The format of the store: which it is, and how an older one becomes the newest.
//!
//! The format stands in the file's own header (`user_version`), under the mark of a Plumb store
//! (`application_id`). Refuses to know paths, and what the tables are used for.

use rusqlite::{Connection, Transaction, TransactionBehavior};
use thiserror::Error;

/// The newest format, the one that is written.
pub const FORMAT: u32 = 1;

/// `PLMB`, so that `file` and we can tell a store from another program's database.
const MARK: i64 = 0x504c_4d42;

/// What makes format `n` out of format `n - 1`, in place `n - 1`. Frozen once released.
const MIGRATIONS: [&str; FORMAT as usize] = [include_str!("migrations/0001.sql")];

/// What a database file is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// It holds nothing yet.
    Empty,
    /// A store of this format.
    Store(u32),
    /// Another program's database.
    Foreign,
}

/// Why a database was not brought to the newest format.
#[derive(Debug, Error)]
pub(crate) enum Unfit {
    #[error(transparent)]
    Engine(#[from] rusqlite::Error),
    #[error("format {0} is newer")]
    Newer(u32),
    #[error("the database is another program's")]
    Foreign,
}

/// What this database is, from one moment.
pub(crate) fn read_format(connection: &mut Connection) -> Result<Format, rusqlite::Error> {
    format_within(&connection.transaction()?)
}

/// Brings the database to the newest format, all or nothing; others may try at the same time.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), Unfit> {
    migrate_through(connection, &MIGRATIONS)
}

fn migrate_through(connection: &mut Connection, migrations: &[&str]) -> Result<(), Unfit> {
    if formats_left(read_format(connection)?, migrations)?.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (number, sql) in formats_left(format_within(&transaction)?, migrations)? {
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", number)?;
    }
    transaction.pragma_update(None, "application_id", MARK)?;
    Ok(transaction.commit()?)
}

/// The formats between `found` and the newest, each with what makes it.
fn formats_left<'a>(found: Format, migrations: &[&'a str]) -> Result<Vec<(u32, &'a str)>, Unfit> {
    let found = match found {
        Format::Empty => 0,
        Format::Store(format) => format,
        Format::Foreign => return Err(Unfit::Foreign),
    };
    let formats: Vec<_> = (1..).zip(migrations.iter().copied()).collect();
    match formats.last() {
        Some((newest, _)) if found > *newest => Err(Unfit::Newer(found)),
        _ => Ok(formats.into_iter().filter(|(number, _)| *number > found).collect()),
    }
}

fn format_within(transaction: &Transaction<'_>) -> Result<Format, rusqlite::Error> {
    let number = |pragma| transaction.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let things = "SELECT count(*) FROM sqlite_schema";
    let things: i64 = transaction.query_row(things, [], |row| row.get(0))?;
    Ok(match (number("application_id")?, u32::try_from(number("user_version")?), things) {
        (MARK, Ok(format @ 1..), _) => Format::Store(format),
        (0, Ok(0), 0) => Format::Empty,
        _ => Format::Foreign,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    fn schema(connection: &Connection) -> Vec<String> {
        let sql = "SELECT name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY name";
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn every_older_format_becomes_the_newest() {
        let mut fresh = database();
        migrate(&mut fresh).unwrap();
        for older in 0..=MIGRATIONS.len() {
            let mut connection = database();
            if older > 0 {
                migrate_through(&mut connection, &MIGRATIONS[..older]).unwrap();
            }
            migrate(&mut connection).unwrap();
            assert_eq!(read_format(&mut connection).unwrap(), Format::Store(FORMAT));
            assert_eq!(schema(&connection), schema(&fresh), "from format {older}");
        }
    }

    #[test]
    fn each_step_runs_once_and_keeps_what_is_there() {
        let steps = ["CREATE TABLE t (a)", "INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)"];
        for older in 1..=steps.len() {
            let mut connection = database();
            migrate_through(&mut connection, &steps[..older]).unwrap();
            connection.execute("INSERT INTO t VALUES (1)", []).unwrap();
            migrate_through(&mut connection, &steps).unwrap();
            migrate_through(&mut connection, &steps).unwrap();
            let sum: i64 = connection.query_row("SELECT sum(a) FROM t", [], |r| r.get(0)).unwrap();
            assert_eq!(sum, 6, "from format {older}");
        }
    }

    #[test]
    fn a_step_that_fails_leaves_the_older_format() {
        let steps = ["CREATE TABLE t (a)", "CREATE TABLE u (a)", "CREATE TABLE t (again)"];
        let mut connection = database();
        migrate_through(&mut connection, &steps[..1]).unwrap();
        let before = schema(&connection);
        assert!(matches!(migrate_through(&mut connection, &steps), Err(Unfit::Engine(_))));
        assert_eq!(read_format(&mut connection).unwrap(), Format::Store(1));
        assert_eq!(schema(&connection), before);
    }

    #[test]
    fn a_newer_format_is_refused() {
        let mut connection = database();
        migrate(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", FORMAT + 6).unwrap();
        let refused = migrate(&mut connection);
        assert!(matches!(refused, Err(Unfit::Newer(found)) if found == FORMAT + 6));
    }

    #[test]
    fn the_database_of_another_program_is_refused() {
        for foreign in ["CREATE TABLE theirs (a)", "PRAGMA user_version = 3"] {
            let mut connection = database();
            connection.execute_batch(foreign).unwrap();
            let before = schema(&connection);
            assert!(matches!(migrate(&mut connection), Err(Unfit::Foreign)), "{foreign}");
            assert_eq!(schema(&connection), before);
        }
    }
}
