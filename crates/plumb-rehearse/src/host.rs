//! Where copies live: the private server, or a server on which databases may be made.
//!
//! Whatever was made is taken away again, also when a rehearsal is cut short. Refuses to know what
//! is in the copies.

use crate::link::{Lines, Link, Refusal, text_at};
use crate::private_server::{PrivateServer, sweep};
use crate::programs::{Programs, Wanted, find};
use crate::quote::{literal, name};
use crate::trouble::Trouble;
use plumb_store::address::{Address, AddressError};
use plumb_store::postgres::tls::tls_to;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How the databases of rehearsals begin.
const DATABASE_PREFIX: &str = "plumb_rehearsal_";

/// How the session that says "this rehearsal lives" calls itself.
const KEEPER_PREFIX: &str = "plumb rehearsal ";

/// Where a password stands, and where a file of passwords does.
const PASSWORD_VARIABLE: &str = "PGPASSWORD";
const PASSWORDS_VARIABLE: &str = "PGPASSFILE";

/// Where databases are made from.
const MAINTENANCE: &str = "postgres";

/// Which server.
#[derive(Clone, Debug)]
pub enum Server {
    /// A private one, from programs of this machine.
    Private(Wanted),
    /// One that is there: its address.
    At(String),
}

/// Where the copies of one rehearsal live.
#[derive(Debug)]
pub(crate) struct Host {
    lines: Lines,
    private: Option<PrivateServer>,
    /// The programs of the server's version or a newer one, where some are here.
    pub(crate) programs: Option<Programs>,
    keeper: Mutex<Option<Link>>,
    identity: String,
    /// What was left over and taken away.
    pub(crate) swept: usize,
}

/// Lets a rehearsal be cut short from another thread.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Mutex<Stopping>>);

#[derive(Debug, Default)]
struct Stopping {
    is_stopped: bool,
    host: Option<Arc<Host>>,
}

impl Stop {
    /// Ends the rehearsal: whatever it made on a server is gone when this returns.
    pub fn stop(&self) {
        let mut stopping = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stopping.is_stopped = true;
        if let Some(host) = stopping.host.take() {
            host.end();
        }
    }

    /// Whether it was cut short.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_stopped
    }

    /// Says what has to be taken away.
    pub(crate) fn watch(&self, host: &Arc<Host>) {
        let mut stopping = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if stopping.is_stopped {
            host.end();
        } else {
            stopping.host = Some(Arc::clone(host));
        }
    }

    /// Says that nothing is left to take away.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).host = None;
    }
}

/// Starts a private server, or connects to the one that is named.
pub(crate) fn host(server: &Server, timezone: &str) -> Result<Host, Trouble> {
    match server {
        Server::Private(wanted) => {
            let swept = sweep();
            let programs = find(wanted)?;
            let private = PrivateServer::start(&programs, timezone)?;
            let lines = private.lines()?;
            let (private, programs) = (Some(private), Some(programs));
            let keeper = Mutex::new(None);
            let identity = "own".to_owned();
            Ok(Host { lines, private, programs, keeper, identity, swept })
        }
        Server::At(address) => {
            let what = "`--server`";
            let lines = lines_to(&address_of(address, what)?, what)?;
            let failed = |refused: Refusal| refused.while_doing("connecting to the server");
            let keeper = lines.connect(MAINTENANCE).map_err(failed)?;
            let identity = keeper
                .one("SELECT pg_backend_pid() || '_' || (extract(epoch FROM now()) * 1000)::bigint")
                .map_err(failed)?
                .unwrap_or_default();
            let told = literal(&format!("{KEEPER_PREFIX}{identity}"));
            keeper.run(&format!("SET application_name = {told}")).map_err(failed)?;
            let swept = sweep_databases(&keeper).map_err(failed)?;
            let keeper = Mutex::new(Some(keeper));
            let programs = find(&Wanted::default()).ok();
            Ok(Host { lines, private: None, programs, keeper, identity, swept })
        }
    }
}

/// Reads an address, with the password that the environment has for it where it carries none.
/// Over a network only what is encrypted is used.
pub(crate) fn address_of(text: &str, what: &'static str) -> Result<Address, Trouble> {
    let bad =
        |error: AddressError| Trouble::Address { what, why: error.to_string(), help: error.help() };
    let address = Address::parse(text).map_err(bad)?;
    if address.has_password() {
        return Ok(address);
    }
    let password = std::env::var(PASSWORD_VARIABLE).ok().or_else(|| {
        let file = std::env::var_os(PASSWORDS_VARIABLE)?;
        address.password_in(&std::fs::read_to_string(file).ok()?)
    });
    Ok(match password {
        Some(password) => address.or_password(&password),
        None => address,
    })
}

/// Connections to an address.
pub(crate) fn lines_to(address: &Address, what: &'static str) -> Result<Lines, Trouble> {
    let bad = |why: String| Trouble::Server { doing: format!("connecting to {what}"), why };
    let tls = tls_to(address).map_err(|error| bad(error.to_string()))?;
    Lines::new(address.config().clone(), tls).map_err(|error| bad(error.to_string()))
}

impl Host {
    /// Connections to it.
    pub(crate) fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Whether it is our own.
    pub(crate) const fn is_private(&self) -> bool {
        self.private.is_some()
    }

    /// The private server.
    pub(crate) const fn private(&self) -> Option<&PrivateServer> {
        self.private.as_ref()
    }

    /// The name of a database of this rehearsal.
    pub(crate) fn database(&self, what: &str) -> String {
        format!("{DATABASE_PREFIX}{}_{what}", self.identity)
    }

    /// Makes a database, empty or as a copy of another one of this rehearsal.
    pub(crate) fn make(&self, what: &str, template: Option<&str>) -> Result<String, Trouble> {
        let _held = self.held()?;
        let made = self.database(what);
        let from = template.map_or_else(|| "template0".to_owned(), |one| self.database(one));
        let admin = self.admin()?;
        let failed = |refused: Refusal| refused.while_doing("making a copy");
        drop_database(&admin, &made).map_err(failed)?;
        let sql = format!("CREATE DATABASE {} TEMPLATE {}", name(&made), name(&from));
        admin.run(&sql).map_err(failed)?;
        Ok(made)
    }

    /// Takes a database of this rehearsal away.
    pub(crate) fn unmake(&self, what: &str) -> Result<(), Trouble> {
        let _held = self.held()?;
        let admin = self.admin()?;
        let dropped = drop_database(&admin, &self.database(what));
        dropped.map_err(|refused| refused.while_doing("taking a copy away"))
    }

    /// Holds off whoever would end all of it while a copy is made or taken away.
    fn held(&self) -> Result<MutexGuard<'_, Option<Link>>, Trouble> {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if self.private.is_none() && keeper.is_none() {
            let why = "the rehearsal has ended".to_owned();
            return Err(Trouble::Server { doing: "making a copy".to_owned(), why });
        }
        Ok(keeper)
    }

    /// A connection to a database of this rehearsal.
    pub(crate) fn connect(&self, what: &str) -> Result<Link, Trouble> {
        let connected = self.lines.connect(&self.database(what));
        connected.map_err(|refused| refused.while_doing("connecting to a copy"))
    }

    /// Takes everything away; once is enough.
    pub(crate) fn end(&self) {
        if let Some(private) = &self.private {
            private.end();
            return;
        }
        let mut kept = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keeper) = kept.take() {
            let ours = format!("{DATABASE_PREFIX}{}_", self.identity);
            // What cannot be dropped now is swept by the next rehearsal.
            for database in databases(&keeper).unwrap_or_default() {
                if database.starts_with(&ours) {
                    // Somebody who is still at work there must not come back.
                    let closed =
                        format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", name(&database));
                    drop(keeper.run(&closed));
                    drop(drop_database(&keeper, &database));
                }
            }
        }
    }

    fn admin(&self) -> Result<Link, Trouble> {
        let connected = self.lines.connect(MAINTENANCE);
        connected.map_err(|refused| refused.while_doing("connecting to the server"))
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.end();
    }
}

fn databases(link: &Link) -> Result<Vec<String>, Refusal> {
    let pattern = literal(&format!("{DATABASE_PREFIX}%"));
    let sql = format!("SELECT datname FROM pg_database WHERE datname LIKE {pattern} ORDER BY 1");
    Ok(link.lines(&sql)?.iter().map(|line| text_at(line, 0)).collect())
}

/// Drops the databases of rehearsals that no session keeps any more.
fn sweep_databases(keeper: &Link) -> Result<usize, Refusal> {
    let sql = "SELECT application_name FROM pg_stat_activity WHERE application_name LIKE \
               'plumb rehearsal %'";
    let alive: Vec<String> = keeper.lines(sql)?.iter().map(|line| text_at(line, 0)).collect();
    let mut swept = 0;
    for database in databases(keeper)? {
        let inner = database.strip_prefix(DATABASE_PREFIX).unwrap_or_default();
        let is_kept = alive.iter().any(|name| {
            let identity = name.strip_prefix(KEEPER_PREFIX).unwrap_or_default();
            inner.strip_prefix(identity).is_some_and(|rest| rest.starts_with('_'))
        });
        if !is_kept {
            swept += usize::from(drop_database(keeper, &database).is_ok());
        }
    }
    Ok(swept)
}

/// Drops a database with whoever is connected to it.
fn drop_database(link: &Link, database: &str) -> Result<(), Refusal> {
    link.run(&format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}",
        literal(database)
    ))?;
    link.run(&format!("DROP DATABASE IF EXISTS {}", name(database)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_a_network_nothing_is_sent_in_the_clear() {
        for good in ["postgres://a@localhost/d", "postgres://a@db.test/d"] {
            assert!(address_of(good, "x").is_ok(), "{good}");
        }
        for bad in ["postgres://a:hunter2@db.test/d?sslmode=disable", "host=localhost", "x"] {
            let told = address_of(bad, "x").unwrap_err().to_string();
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}
