//! Reads a transition by what is known.
//!
//! Refuses to plan it.

use crate::failure::{Failure, outside};
use crate::learned::Learned;
use plumb_engine::transition::{self, Read};
use plumb_schema::decide::STACK_BYTES;
use std::path::Path;
use std::thread;

/// Reads it where there is room for schemas that lie deep one in another.
pub(crate) fn read(file: &Path, learned: &Learned) -> Result<Read, Failure> {
    let known = learned.known();
    let read = || transition::read(file, &known);
    let no_thread = |err| outside(format!("no thread can be started: {err}"), None);
    let gone = |_| outside("the transition was not read to its end".to_owned(), None);
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, read);
        // A panic ends the process where it happens.
        Ok(worker.map_err(no_thread)?.join().map_err(gone)??)
    })
}
