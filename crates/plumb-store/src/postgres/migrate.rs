//! The format of a store on a server: which it is, and how an older one becomes the newest.
//!
//! Everything lies in a schema of its own, `plumb`, and the formats it went through stand in
//! `plumb.formats`. Refuses to know addresses, and what the tables are used for.

use tokio_postgres::error::SqlState;

use crate::postgres::explain::Stop;
use crate::postgres::work::Work;

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

/// Brings the database to the newest format, and answers what it was before. Others may try at the
/// same time: one works, the rest wait for it. What is newer or foreign is left alone.
pub(crate) fn migrate(work: &mut Work<'_>) -> Result<Format, Stop> {
    migrate_through(work, &MIGRATIONS)
}

fn migrate_through(work: &mut Work<'_>, migrations: &[&str]) -> Result<Format, Stop> {
    work.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
    let found = read_format(work)?;
    let older = match found {
        Format::Empty => 0,
        Format::Store(format) => format,
        Format::Foreign => return Ok(found),
    };
    let left: Vec<_> = (1..).zip(migrations).filter(|(format, _)| *format > older).collect();
    if left.is_empty() {
        return Ok(found);
    }
    let there = work.query("SELECT 1 WHERE to_regnamespace('plumb') IS NOT NULL", &[])?;
    if there.is_empty() {
        work.batch("CREATE SCHEMA plumb")?;
    }
    for (format, sql) in left {
        work.batch(sql)?;
        let format: i32 = format.try_into().unwrap_or(i32::MAX);
        work.execute("INSERT INTO plumb.formats (format) VALUES ($1)", &[&format])?;
    }
    Ok(found)
}

/// What the database is.
pub(crate) fn read_format(work: &mut Work<'_>) -> Result<Format, Stop> {
    let things = work.query(
        "SELECT relname = 'formats' AND relkind = 'r' FROM pg_catalog.pg_class \
         WHERE relnamespace = to_regnamespace('plumb')",
        &[],
    )?;
    if things.is_empty() {
        return Ok(Format::Empty);
    }
    let is_formats = things.iter().map(|row| row.try_get::<_, bool>(0));
    if !is_formats.collect::<Result<Vec<_>, _>>()?.contains(&true) {
        return Ok(Format::Foreign);
    }
    let newest = match work.query("SELECT max(format)::bigint FROM plumb.formats", &[]) {
        Err(Stop::Engine(answer)) if answer.code() == Some(&SqlState::UNDEFINED_COLUMN) => {
            return Ok(Format::Foreign);
        }
        newest => newest?,
    };
    let newest: Option<i64> = newest.first().map_or(Ok(None), |row| row.try_get(0))?;
    Ok(match newest.and_then(|format| u32::try_from(format).ok()) {
        Some(format @ 1..) => Format::Store(format),
        _ => Format::Foreign,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Address;
    use crate::postgres::session::{Access, Session, session};
    use crate::server;

    /// The first step makes what the others are recorded in.
    const STEPS: [&str; 3] = [
        "CREATE TABLE plumb.formats (format int); CREATE TABLE plumb.t (a bigint)",
        "INSERT INTO plumb.t VALUES (2)",
        "INSERT INTO plumb.t VALUES (3)",
    ];

    fn fresh() -> Session {
        let address = Address::parse(&server::shared().database()).unwrap();
        session(&address, Access::Write).unwrap()
    }

    fn number(session: &mut Session, sql: &str) -> i64 {
        let rows = session.change(&mut |work| work.query(sql, &[])).unwrap();
        rows[0].get(0)
    }

    #[test]
    fn each_step_runs_once_and_keeps_what_is_there() {
        for older in 1..=STEPS.len() {
            let mut session = fresh();
            session.change(&mut |work| migrate_through(work, &STEPS[..older])).unwrap();
            session.change(&mut |work| work.batch("INSERT INTO plumb.t VALUES (1)")).unwrap();
            for _ in 0..2 {
                session.change(&mut |work| migrate_through(work, &STEPS)).unwrap();
            }
            let sum = number(&mut session, "SELECT sum(a)::bigint FROM plumb.t");
            assert_eq!(sum, 6, "from format {older}");
        }
    }

    #[test]
    fn a_step_that_fails_leaves_the_older_format() {
        let mut session = fresh();
        session.change(&mut |work| migrate_through(work, &STEPS[..1])).unwrap();
        let broken = [STEPS[0], STEPS[1], "CREATE TABLE plumb.t (again int)"];
        assert!(session.change(&mut |work| migrate_through(work, &broken)).is_err());
        let format = session.change(&mut |work| read_format(work)).unwrap();
        assert_eq!(format, Format::Store(1));
        assert_eq!(number(&mut session, "SELECT count(*) FROM plumb.t"), 0);
    }
}
