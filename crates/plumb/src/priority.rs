//! Which work goes first where processors are few.
//!
//! Refuses to know the work.

/// Steps by which a thread stands back: to Linux's scheduler it weighs a third of the others then,
/// which leaves it enough to get through what is handed to it while they do what they must.
#[cfg(target_os = "linux")]
const STEPS: i32 = 5;

/// From here on the calling thread lets the other threads of its process go first, wherever there
/// are not processors enough for all. Only Linux knows such a thing for a thread by itself;
/// elsewhere nothing changes.
pub(crate) fn stand_back() {
    // A system that refuses treats all threads alike, which is no reason to do nothing.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(STEPS);
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use rustix::process::getpriority_process;
    use std::thread;

    #[test]
    fn one_thread_stands_back_and_no_other() {
        let before = getpriority_process(None).unwrap();
        let behind = || {
            stand_back();
            getpriority_process(None).unwrap()
        };
        let (there, here) = thread::scope(|scope| {
            (scope.spawn(behind).join().unwrap(), getpriority_process(None).unwrap())
        });
        assert_eq!((there, here), ((before + STEPS).min(19), before));
    }
}
