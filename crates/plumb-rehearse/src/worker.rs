//! A worker beside a queue: what it says, and when it last said something.
//!
//! Refuses to keep what it says: lines are counted and forgotten.

use crate::clock::{Started, started};
use crate::trouble::Trouble;
use crate::watched::Watched;
use std::io::{BufRead as _, BufReader, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Variables in which workers look for their queue.
const VARIABLES: [&str; 4] = ["BROKER", "BROKER_URL", "CELERY_BROKER_URL", "REDIS_URL"];

/// Bytes of one line that are looked at; the rest of it is passed over.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// A worker that runs.
pub(crate) struct Worker {
    watched: Watched,
    listening: Option<JoinHandle<()>>,
    heard: Arc<Heard>,
}

struct Heard {
    finished: AtomicUsize,
    last: Mutex<Started>,
}

impl Worker {
    /// Starts a command of the shell, which is told where the queue is.
    pub(crate) fn start(command: &str, url: &str, done: &str) -> Result<Self, Trouble> {
        let variables: Vec<(&str, &str)> = VARIABLES.iter().map(|name| (*name, url)).collect();
        let failed =
            |error: std::io::Error| Trouble::Program { program: "sh", why: error.to_string() };
        let (watched, said) = Watched::command(command, &variables).map_err(failed)?;
        let heard = Arc::new(Heard { finished: AtomicUsize::new(0), last: Mutex::new(started()) });
        let listening = said.map(|said| {
            let (heard, done) = (Arc::clone(&heard), done.as_bytes().to_vec());
            std::thread::spawn(move || listen(said, &done, &heard))
        });
        Ok(Self { watched, listening, heard })
    }

    /// How long it has said nothing.
    pub(crate) fn silent_for(&self) -> Duration {
        self.heard.last.lock().unwrap_or_else(PoisonError::into_inner).ago()
    }

    /// Whether it ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.watched.has_ended()
    }

    /// Ends it, and gives how much it finished.
    pub(crate) fn end(&mut self) -> usize {
        self.watched.end();
        if let Some(listening) = self.listening.take() {
            drop(listening.join());
        }
        self.heard.finished.load(Ordering::Relaxed)
    }
}

fn listen(said: impl Read, done: &[u8], heard: &Heard) {
    let mut said = BufReader::new(said);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut said).take(LINE_BYTES_MAX).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        *heard.last.lock().unwrap_or_else(PoisonError::into_inner) = started();
        if line.windows(done.len().max(1)).any(|part| part == done) {
            heard.finished.fetch_add(1, Ordering::Relaxed);
        }
    }
}
