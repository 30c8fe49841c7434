//! One connection to a server, behind a synchronous face.
//!
//! What a server refuses is an answer and comes back as [`Refusal`]; its message is kept without
//! the values it may quote. Refuses to know what is asked.

use crate::trouble::Trouble;
use plumb_store::postgres::tls::Tls;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

/// How the server calls us in its own lists.
const APPLICATION: &str = "plumb rehearse";

/// How long a connection may take to come about.
const CONNECT_WAIT: Duration = Duration::from_secs(10);

/// How long one answer may take: a rewrite of a large copy is slow, a lost server is not waited for
/// for ever.
const ANSWER_WAIT: Duration = Duration::from_secs(3_600);

/// Classes of errors whose message quotes values: data exceptions, and what functions raise.
const QUOTING_CLASSES: [&str; 2] = ["22", "P0"];

/// What the connections of one server run on.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    runtime: Arc<Runtime>,
    config: Config,
    tls: Option<Tls>,
}

/// One connection.
pub(crate) struct Link {
    runtime: Arc<Runtime>,
    client: Client,
}

/// A row as text; a null is `None`.
pub(crate) type Line = Vec<Option<String>>;

/// What a server, or the way to it, said no with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code of the error; empty when the connection failed.
    pub sqlstate: String,
    /// What it said, without values.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sqlstate.is_empty() {
            return out.write_str(&self.message);
        }
        write!(out, "{} {}", self.sqlstate, self.message)
    }
}

impl Refusal {
    /// The same as the reason why a rehearsal cannot go on.
    pub(crate) fn while_doing(self, doing: &str) -> Trouble {
        Trouble::Server { doing: doing.to_owned(), why: self.to_string() }
    }
}

impl Lines {
    /// Connections to the server that `config` leads to, encrypted where that is wanted.
    pub(crate) fn new(config: Config, tls: Option<Tls>) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        Ok(Self { runtime: Arc::new(runtime), config, tls })
    }

    /// A connection to a database of it.
    pub(crate) fn connect(&self, database: &str) -> Result<Link, Refusal> {
        let mut config = self.config.clone();
        config.dbname(database).application_name(APPLICATION).connect_timeout(CONNECT_WAIT);
        let tls = self.tls.clone();
        let connecting = async { timeout(CONNECT_WAIT, speak(&config, tls)).await };
        let connected = self.runtime.block_on(connecting).map_err(|_late| Refusal {
            sqlstate: String::new(),
            message: format!("no answer within {} s", CONNECT_WAIT.as_secs()),
        })?;
        let client = connected.map_err(|error| refusal(&error))?;
        Ok(Link { runtime: Arc::clone(&self.runtime), client })
    }

    /// Where it leads, for programs that are told by arguments.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }
}

impl Link {
    /// Runs statements, one behind the other, and gives every row of the last that gave any.
    pub(crate) fn lines(&self, sql: &str) -> Result<Vec<Line>, Refusal> {
        let mut lines = Vec::new();
        for message in self.messages(sql)? {
            match message {
                SimpleQueryMessage::RowDescription(_) => lines.clear(),
                SimpleQueryMessage::Row(row) => {
                    lines.push((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect());
                }
                _ => {}
            }
        }
        Ok(lines)
    }

    /// Runs statements, one behind the other, and gives how many rows they gave or changed.
    pub(crate) fn count(&self, sql: &str) -> Result<u64, Refusal> {
        let counts = self.messages(sql)?.into_iter().map(|message| match message {
            SimpleQueryMessage::CommandComplete(rows) => rows,
            _ => 0,
        });
        Ok(counts.sum())
    }

    fn messages(&self, sql: &str) -> Result<Vec<SimpleQueryMessage>, Refusal> {
        let asking = async { timeout(ANSWER_WAIT, self.client.simple_query(sql)).await };
        let answered = self.runtime.block_on(asking).map_err(|_late| Refusal {
            sqlstate: String::new(),
            message: format!("no answer within {} s", ANSWER_WAIT.as_secs()),
        })?;
        answered.map_err(|error| refusal(&error))
    }

    /// Runs statements whose rows nobody needs.
    pub(crate) fn run(&self, sql: &str) -> Result<(), Refusal> {
        self.lines(sql).map(drop)
    }

    /// The first field of the first row.
    pub(crate) fn one(&self, sql: &str) -> Result<Option<String>, Refusal> {
        Ok(self.lines(sql)?.into_iter().next().and_then(|line| line.into_iter().next().flatten()))
    }

    /// The names of the types that the server gives the parameters of a statement.
    pub(crate) fn parameters(&self, sql: &str) -> Result<Vec<String>, Refusal> {
        let asking = async { timeout(ANSWER_WAIT, self.client.prepare(sql)).await };
        let answered = self.runtime.block_on(asking).map_err(|_late| Refusal {
            sqlstate: String::new(),
            message: "no answer".to_owned(),
        })?;
        let statement = answered.map_err(|error| refusal(&error))?;
        let named = statement.params().iter().map(|one| match one.schema() {
            "pg_catalog" => one.name().to_owned(),
            schema => crate::quote::qualified(schema, one.name()),
        });
        Ok(named.collect())
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Link").finish_non_exhaustive()
    }
}

async fn speak(config: &Config, tls: Option<Tls>) -> Result<Client, tokio_postgres::Error> {
    // How a connection ends is told to whoever waits for an answer on it.
    match tls {
        None => {
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(async { drop(connection.await) });
            Ok(client)
        }
        Some(tls) => {
            let (client, connection) = config.connect(tls).await?;
            tokio::spawn(async { drop(connection.await) });
            Ok(client)
        }
    }
}

/// A field of a row as a text; a null is empty.
pub(crate) fn text_at(line: &Line, at: usize) -> String {
    line.get(at).cloned().flatten().unwrap_or_default()
}

/// A field of a row as a number; what is none is 0.
pub(crate) fn number_at(line: &Line, at: usize) -> u64 {
    line.get(at).and_then(|field| field.as_deref()?.parse().ok()).unwrap_or_default()
}

/// A field of a row as yes or no.
pub(crate) fn flag_at(line: &Line, at: usize) -> bool {
    line.get(at).is_some_and(|field| field.as_deref() == Some("t"))
}

fn refusal(error: &tokio_postgres::Error) -> Refusal {
    let Some(told) = error.as_db_error() else {
        let mut message = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(inner) = source {
            message = format!("{message}: {inner}");
            source = inner.source();
        }
        return Refusal { sqlstate: String::new(), message };
    };
    let sqlstate = told.code().code().to_owned();
    let is_quoting = QUOTING_CLASSES.iter().any(|class| sqlstate.starts_with(class));
    let message = if is_quoting { without_values(told.message()) } else { told.message().into() };
    Refusal { sqlstate, message }
}

/// The message without what stands in quotes, and without numbers.
fn without_values(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let mut is_inside = false;
    let mut is_number = false;
    for letter in message.chars() {
        if letter == '"' {
            is_inside = !is_inside;
            out.push_str(if is_inside { "\"…" } else { "\"" });
        } else if letter.is_ascii_digit() && !is_inside {
            if !is_number {
                out.push('…');
            }
        } else if !is_inside {
            out.push(letter);
        }
        is_number = letter.is_ascii_digit();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_lose_their_values() {
        let told = "value \"9999999999\" is out of range for type integer";
        assert_eq!(without_values(told), "value \"…\" is out of range for type integer");
        assert_eq!(without_values("order 4711 of ada"), "order … of ada");
    }
}
