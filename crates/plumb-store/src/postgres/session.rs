//! A session with the server: connecting, what holds for all of it, and how transactions end.
//!
//! Refuses to know windows, deltas and documents.

use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, Config, Error, IsolationLevel, NoTls};

use crate::address::Address;
use crate::bounds::{
    ANSWER_WAIT, BUSY_WAIT, CONNECT_WAIT, SILENCE_WAIT, STATEMENT_WAIT, TRIES_MAX,
};
use crate::place::StorePlace;
use crate::postgres::explain::{Stop, explain, explain_connecting};
use crate::postgres::migrate::{self, FORMAT, Format};
use crate::postgres::tls::{Tls, tls_to};
use crate::postgres::work::{Line, Prepared, Work};
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
    // INVARIANT: behind the client, so that it goes last and can still tell the server.
    line: Line,
}

/// A session with the store at this address, in the newest format.
pub(crate) fn connect(address: &Address, access: Access) -> Result<Session, StoreError> {
    let place = StorePlace::Server(address.to_string());
    let met = |stop| explain(&place, stop);
    let mut session = session(address, access)?;
    let found = session.look(migrate::read_format).map_err(met)?;
    match (found, access) {
        (Format::Empty, Access::Read) => return Err(StoreError::NotThere { place }),
        (Format::Store(found), Access::Read) if found < FORMAT => {
            return Err(StoreError::OlderFormat { place, found, known: FORMAT });
        }
        _ => {}
    }
    let is_older = match found {
        Format::Empty => true,
        Format::Store(found) => found < FORMAT,
        Format::Foreign => false,
    };
    let found = if is_older { session.change(&mut migrate::migrate).map_err(met)? } else { found };
    match found {
        Format::Foreign => {
            Err(StoreError::NotAStore { place, why: "something else lies in its schema `plumb`" })
        }
        Format::Store(found) if found > FORMAT => {
            Err(StoreError::NewerFormat { place, found, known: FORMAT })
        }
        Format::Store(_) | Format::Empty => Ok(session),
    }
}

/// A session with whatever is at this address.
pub(crate) fn session(address: &Address, access: Access) -> Result<Session, StoreError> {
    let place = StorePlace::Server(address.to_string());
    let met = |stop| explain(&place, stop);
    let tls = tls_to(address).map_err(|error| met(Stop::Tls(error)))?;
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| met(Stop::NoThread(error)))?;
    let config = configured(address);
    let connecting = async { timeout(CONNECT_WAIT, speak(&config, tls)).await };
    let Ok(connected) = runtime.block_on(connecting) else {
        let detail = format!("it did not answer within {} s", CONNECT_WAIT.as_secs());
        // A name that nobody answers for may still be asked for; it is not waited for.
        runtime.shutdown_background();
        return Err(StoreError::Unreachable { place, detail });
    };
    let (client, speaking) = connected.map_err(|answer| explain_connecting(&place, &answer))?;
    let line = Line { runtime, speaking, patience: ANSWER_WAIT };
    line.wait(client.batch_execute(&settings(access))).map_err(met)?;
    Ok(Session { client, prepared: Prepared::new(), line })
}

/// How to connect: of several hosts each has its part of the time.
fn configured(address: &Address) -> Config {
    let mut config = address.config.clone();
    let hosts = config.get_hosts().len().max(config.get_hostaddrs().len()).max(1);
    let hosts = u32::try_from(hosts).unwrap_or(u32::MAX);
    config
        .application_name(APPLICATION)
        .connect_timeout(CONNECT_WAIT / hosts)
        .tcp_user_timeout(SILENCE_WAIT)
        .keepalives_idle(SIGN_OF_LIFE_EVERY)
        .keepalives_interval(SIGN_OF_LIFE_EVERY)
        .keepalives_retries(SIGNS_OF_LIFE_MAX);
    config
}

async fn speak(config: &Config, tls: Option<Tls>) -> Result<(Client, JoinHandle<()>), Error> {
    // How a connection ends is told to whoever waits for an answer on it.
    match tls {
        None => {
            let (client, connection) = config.connect(NoTls).await?;
            Ok((client, tokio::spawn(async { drop(connection.await) })))
        }
        Some(tls) => {
            let (client, connection) = config.connect(tls).await?;
            Ok((client, tokio::spawn(async { drop(connection.await) })))
        }
    }
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

impl Session {
    /// Whether the connection is known to be gone.
    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// A change: all of it is durable when this returns, or nothing. It is done again, a bounded
    /// number of times, when others collide with it.
    pub(crate) fn change<T>(
        &mut self,
        work: &mut dyn FnMut(&mut Work<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        for tried in 1..TRIES_MAX {
            match self.transaction(IsolationLevel::ReadCommitted, &mut *work) {
                Err(stop) if stop.is_collision() => thread::sleep(COLLISION_PAUSE * tried),
                ended => return ended,
            }
        }
        self.transaction(IsolationLevel::ReadCommitted, work)
    }

    /// A look: everything in it is from one moment, however long it takes.
    pub(crate) fn look<T>(
        &mut self,
        work: impl FnOnce(&mut Work<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        self.transaction(IsolationLevel::RepeatableRead, |within| {
            within.batch("SET LOCAL idle_in_transaction_session_timeout TO 0")?;
            work(within)
        })
    }

    fn transaction<T>(
        &mut self,
        level: IsolationLevel,
        work: impl FnOnce(&mut Work<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let (line, prepared) = (&self.line, &mut self.prepared);
        let transaction =
            line.wait(self.client.build_transaction().isolation_level(level).start())?;
        let mut within = Work { line, transaction, prepared };
        match work(&mut within) {
            Ok(done) => line.wait(within.transaction.commit()).map(|()| done),
            Err(stop) if stop.is_loss() => Err(stop),
            Err(stop) => {
                // What ended the work is told; a connection that fails here tells so next time.
                let _gone = line.wait(within.transaction.rollback());
                Err(stop)
            }
        }
    }
}

#[cfg(test)]
impl Session {
    /// Waits less long for answers, for tests in which none comes.
    pub(crate) fn set_patience(&mut self, patience: Duration) {
        self.line.patience = patience;
    }

    /// Statements as they are, for tests that narrow its limits or stand in others' way.
    pub(crate) fn settings(&mut self, sql: &str) -> Result<(), Stop> {
        self.line.wait(self.client.batch_execute(sql))
    }
}
