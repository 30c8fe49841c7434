//! Hears Ctrl-C and being told to end, so that what a rehearsal made can be taken away first.
//!
//! Refuses to know what has to be taken away.

use std::io;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// Calls `heard` on the first signal, on a thread of its own.
///
/// # Errors
/// When no thread or no handler can be had.
pub fn on_signal(heard: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (mut interrupted, mut terminated) = {
        let _entered = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    let wait = move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
        });
        heard();
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait).map(drop)
}
