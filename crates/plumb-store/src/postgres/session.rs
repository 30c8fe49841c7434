//! A session with the server: connecting, what holds for all of it, and work within transactions.
//!
//! Refuses to know windows, deltas and documents.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use postgres::types::ToSql;
use postgres::{Client, IsolationLevel, NoTls, Row, Statement, Transaction};

use crate::address::{Address, Safety};
use crate::bounds::{BUSY_WAIT, CONNECT_WAIT, SILENCE_WAIT, STATEMENT_WAIT, TRIES_MAX};
use crate::place::StorePlace;
use crate::postgres::explain::{Stop, explain, explain_connecting};
use crate::postgres::migrate::{self, FORMAT, Format};
use crate::postgres::tls::tls;
use crate::store::StoreError;

/// How the server calls us in its own lists.
const APPLICATION: &str = "plumb";

/// How long to wait before a change that collided is tried again, times the tries so far.
const COLLISION_PAUSE: Duration = Duration::from_millis(20);

/// How often a silent connection is asked whether it is still there, and how often before that
/// counts as lost: within the bound on silence.
const SIGN_OF_LIFE_EVERY: Duration = Duration::from_secs(5);
const SIGNS_OF_LIFE_MAX: u32 = 3;

/// What a session may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// A connection and the statements that it prepared.
pub(crate) struct Session {
    client: Client,
    prepared: Prepared,
}

/// Statements by their text; there are a few dozen.
type Prepared = BTreeMap<String, Statement>;

/// A transaction that has not ended. Dropped, it changes nothing.
pub(crate) struct Work<'a> {
    transaction: Transaction<'a>,
    prepared: &'a mut Prepared,
}

/// A session with the store at this address, in the newest format.
pub(crate) fn connect(address: &Address, access: Access) -> Result<Session, StoreError> {
    let place = StorePlace::Server(address.to_string());
    let mut client = client(address, &place)?;
    let met = |answer| explain(&place, Stop::Engine(answer));
    client.batch_execute(&settings(access)).map_err(met)?;
    let found = migrate::read_format(&mut client).map_err(met)?;
    let found = match (found, access) {
        (Format::Empty, Access::Write) => migrate::migrate(&mut client).map_err(met)?,
        (Format::Store(older), Access::Write) if older < FORMAT => {
            migrate::migrate(&mut client).map_err(met)?
        }
        _ => found,
    };
    match (found, access) {
        (Format::Foreign, _) => {
            Err(StoreError::NotAStore { place, why: "something else lies in its schema `plumb`" })
        }
        (Format::Store(found), _) if found > FORMAT => {
            Err(StoreError::NewerFormat { place, found, known: FORMAT })
        }
        (Format::Empty, Access::Read) => Err(StoreError::NotThere { place }),
        (Format::Store(found), Access::Read) if found < FORMAT => {
            Err(StoreError::OlderFormat { place, found, known: FORMAT })
        }
        _ => Ok(Session { client, prepared: Prepared::new() }),
    }
}

fn client(address: &Address, place: &StorePlace) -> Result<Client, StoreError> {
    let mut config = address.config.clone();
    let connect_wait = config.get_connect_timeout().copied().unwrap_or(CONNECT_WAIT);
    config
        .application_name(APPLICATION)
        .connect_timeout(connect_wait.clamp(Duration::from_secs(1), CONNECT_WAIT))
        .tcp_user_timeout(SILENCE_WAIT)
        .keepalives_idle(SIGN_OF_LIFE_EVERY)
        .keepalives_interval(SIGN_OF_LIFE_EVERY)
        .keepalives_retries(SIGNS_OF_LIFE_MAX);
    let client = if address.safety == Safety::Plain {
        config.connect(NoTls)
    } else {
        let tls = tls(address.safety, address.authorities.as_deref())
            .map_err(|error| explain(place, Stop::Tls(error)))?;
        config.connect(tls)
    };
    client.map_err(|answer| explain_connecting(place, &answer))
}

/// What holds for a session: bounded waits, names that nobody else gives a meaning to, and
/// acknowledged is durable, also where the server is set to answer earlier.
fn settings(access: Access) -> String {
    let read_only = match access {
        Access::Read => "on",
        Access::Write => "off",
    };
    format!(
        "SET search_path TO pg_catalog; SET lock_timeout TO {}; SET statement_timeout TO {}; \
         SET idle_in_transaction_session_timeout TO {}; \
         SET default_transaction_read_only TO {read_only}; \
         SELECT set_config('synchronous_commit', 'on', false) \
         WHERE current_setting('synchronous_commit') IN ('off', 'local')",
        BUSY_WAIT.as_millis(),
        STATEMENT_WAIT.as_millis(),
        STATEMENT_WAIT.as_millis(),
    )
}

/// Called once for each batch of rows.
pub(crate) type EachBatch<'a> = dyn FnMut(&mut Work<'_>, Vec<Row>) -> Result<(), Stop> + 'a;

impl Session {
    /// Whether the connection is known to be gone.
    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// A change: `work` must commit it. It is done again, a bounded number of times, when others
    /// collide with it.
    pub(crate) fn change<T>(
        &mut self,
        work: &mut dyn FnMut(Work<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        for tried in 1..TRIES_MAX {
            match self.begin(IsolationLevel::ReadCommitted).and_then(&mut *work) {
                Err(stop) if stop.is_collision() => thread::sleep(COLLISION_PAUSE * tried),
                ended => return ended,
            }
        }
        work(self.begin(IsolationLevel::ReadCommitted)?)
    }

    /// A look: everything in it is from one moment, however long it takes.
    pub(crate) fn look(&mut self) -> Result<Work<'_>, Stop> {
        let mut work = self.begin(IsolationLevel::RepeatableRead)?;
        work.transaction.batch_execute("SET LOCAL idle_in_transaction_session_timeout TO 0")?;
        Ok(work)
    }

    fn begin(&mut self, level: IsolationLevel) -> Result<Work<'_>, Stop> {
        let transaction = self.client.build_transaction().isolation_level(level).start()?;
        Ok(Work { transaction, prepared: &mut self.prepared })
    }
}

impl Work<'_> {
    pub(crate) fn query(
        &mut self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Stop> {
        let statement = self.statement(sql)?;
        Ok(self.transaction.query(&statement, values)?)
    }

    pub(crate) fn execute(
        &mut self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, Stop> {
        let statement = self.statement(sql)?;
        Ok(self.transaction.execute(&statement, values)?)
    }

    /// Asks once and gives the answer in batches of at most `rows` rows.
    pub(crate) fn in_batches(
        &mut self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
        rows: usize,
        each: &mut EachBatch<'_>,
    ) -> Result<(), Stop> {
        let statement = self.statement(sql)?;
        let portal = self.transaction.bind(&statement, values)?;
        let rows = i32::try_from(rows).unwrap_or(i32::MAX);
        loop {
            let batch = self.transaction.query_portal(&portal, rows)?;
            if batch.is_empty() {
                return Ok(());
            }
            each(self, batch)?;
        }
    }

    pub(crate) fn commit(self) -> Result<(), Stop> {
        Ok(self.transaction.commit()?)
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, Stop> {
        if let Some(known) = self.prepared.get(sql) {
            return Ok(known.clone());
        }
        let statement = self.transaction.prepare(sql)?;
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

#[cfg(test)]
impl Session {
    /// Statements as they are, for tests that narrow its limits or stand in others' way.
    pub(crate) fn settings(&mut self, sql: &str) -> Result<(), Stop> {
        Ok(self.client.batch_execute(sql)?)
    }
}
