//! Messages of the new version, taken by the old worker from a real queue: how many it finished.
//!
//! A queue that is empty and a worker that lives say nothing: a worker may delete what it cannot
//! read. So what counts is what was finished, beside what the new worker finishes of the same
//! messages. Refuses to know what a message holds.

use crate::clock::started;
use crate::queue::Queue;
use crate::trouble::Trouble;
use crate::worker::Worker;
use std::path::PathBuf;
use std::time::Duration;

/// Messages of one rehearsal at most.
pub const MESSAGES_MAX: usize = 10_000;

/// How often to look.
const LOOK: Duration = Duration::from_millis(50);

/// What is to be rehearsed.
#[derive(Clone, Debug)]
pub struct MessagePlan {
    /// The messages, as they lie on the queue, oldest first.
    pub messages: Vec<String>,
    /// The list that workers take them from.
    pub queue: String,
    /// Where Redis' server is; found in the search path where nobody says it.
    pub redis_server: Option<PathBuf>,
    /// The old worker, as a command of the shell.
    pub old_worker: String,
    /// The new one, which says how much there is to finish; without it each message counts once.
    pub new_worker: Option<String>,
    /// What a line of a worker's output holds when a piece of work was finished.
    pub done: String,
    /// A worker that has said nothing for so long, with nothing left on the queue, is done.
    pub quiet: Duration,
    /// How long a worker is watched at most.
    pub wait: Duration,
}

/// What one worker did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worked {
    /// Messages that were laid on the queue.
    pub laid: usize,
    /// Messages that are left there.
    pub left: usize,
    /// Pieces of work that it finished.
    pub finished: usize,
    /// Whether it ended before it was told to.
    pub has_ended: bool,
    /// How long it was watched, in milliseconds.
    pub watched_ms: u64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageReport {
    /// The old worker.
    pub old: Worked,
    /// The new one, where there was one.
    pub new: Option<Worked>,
}

impl MessageReport {
    /// Pieces of work that there were to finish.
    #[must_use]
    pub fn expected(&self) -> usize {
        self.new.map_or(self.old.laid, |new| new.finished)
    }

    /// Pieces of work that were lost with the old worker.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.expected().saturating_sub(self.old.finished)
    }

    /// Whether the new worker itself did nothing, so that there is nothing to compare with.
    #[must_use]
    pub fn is_without_measure(&self) -> bool {
        self.expected() == 0
    }
}

/// Lets the workers take the messages, each from a server and a queue of its own.
///
/// # Errors
///
/// When the server or a worker cannot be started, or does not answer.
pub fn rehearse_messages(plan: &MessagePlan) -> Result<MessageReport, Trouble> {
    let new = plan.new_worker.as_deref().map(|command| worked(plan, command)).transpose()?;
    Ok(MessageReport { old: worked(plan, &plan.old_worker)?, new })
}

fn worked(plan: &MessagePlan, command: &str) -> Result<Worked, Trouble> {
    let mut queue = Queue::start(plan.redis_server.as_deref())?;
    queue.lay(&plan.queue, &plan.messages)?;
    let mut worker = Worker::start(command, &queue.url(), &plan.done)?;
    let begun = started();
    loop {
        std::thread::sleep(LOOK);
        let left = queue.left(&plan.queue)?;
        let has_ended = worker.has_ended();
        let is_done = left == 0 && worker.silent_for() >= plan.quiet;
        if has_ended || is_done || begun.ago() >= plan.wait {
            let finished = worker.end();
            let watched_ms = begun.micros() / 1_000;
            return Ok(Worked { laid: plan.messages.len(), left, finished, has_ended, watched_ms });
        }
    }
}
