//! A queue of its own: a Redis that keeps nothing, listens on this machine alone, and is gone with
//! the process that started it.
//!
//! Refuses to know who takes from it.

use crate::clock::started;
use crate::trouble::Trouble;
use crate::watched::Watched;
use redis::{Client, Commands as _, Connection};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

/// How long the server may take until it answers, and between two looks.
const START_WAIT: Duration = Duration::from_secs(20);
const START_PAUSE: Duration = Duration::from_millis(20);

/// A private queue.
pub(crate) struct Queue {
    port: u16,
    connection: Connection,
    /// Ends the server when it goes.
    _server: Watched,
}

impl Queue {
    /// Starts a server and waits until it answers.
    pub(crate) fn start(program: Option<&Path>) -> Result<Self, Trouble> {
        let port = free_port().map_err(|error| failed(&error))?;
        let program = program.unwrap_or_else(|| Path::new("redis-server"));
        let port_text = port.to_string();
        let words =
            ["--port", &port_text, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let mut server = Watched::program(program, &words).map_err(|error| failed(&error))?;
        let client = Client::open(address(port)).map_err(|error| failed(&error))?;
        let begun = started();
        loop {
            if let Ok(connection) = client.get_connection() {
                return Ok(Self { port, connection, _server: server });
            }
            if server.has_ended() || begun.ago() > START_WAIT {
                let why = "it does not answer; install `redis-server`, or name it".to_owned();
                return Err(Trouble::Program { program: "redis-server", why });
            }
            std::thread::sleep(START_PAUSE);
        }
    }

    /// Where it is, as workers are told it.
    pub(crate) fn url(&self) -> String {
        address(self.port)
    }

    /// Lays messages on a list so that the first is taken first: workers take from its end.
    pub(crate) fn lay(&mut self, list: &str, messages: &[String]) -> Result<(), Trouble> {
        for message in messages {
            let laid: redis::RedisResult<usize> = self.connection.lpush(list, message);
            laid.map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    /// How many are left.
    pub(crate) fn left(&mut self, list: &str) -> Result<usize, Trouble> {
        self.connection.llen(list).map_err(|error| failed(&error))
    }
}

fn address(port: u16) -> String {
    format!("redis://127.0.0.1:{port}/0")
}

fn failed(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::Program { program: "redis-server", why: error.to_string() }
}

/// A port that nobody listens on; somebody may take it in between, and then the server says so.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
