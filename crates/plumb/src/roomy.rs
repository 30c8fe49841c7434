//! Work that goes as deep as schemas lie one in another, where there is room for it.
//!
//! Refuses to know the work.

use crate::failure::{Failure, outside};
use plumb_schema::decide::STACK_BYTES;
use std::thread;

/// Does it on a thread with a stack that is large enough.
pub(crate) fn roomy<T: Send>(what: &str, work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        let no_thread = |err| outside(format!("no thread can be started: {err}"), None);
        // A panic ends the process where it happens.
        let gone = |_| outside(format!("{what} did not come to an end"), None);
        worker.map_err(no_thread)?.join().map_err(gone)
    })
}
