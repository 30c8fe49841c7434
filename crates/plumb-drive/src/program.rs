//! A program of somebody else's: run for a bounded time, and heard up to a bound.
//!
//! Refuses to know what it is for.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Bytes of what a program says that are read; an answer is one line, and a reason a few.
pub const OUTPUT_BYTES_MAX: u64 = 64 * 1024;

/// How long to wait for the rest of what was said, once the program has ended. Something that it
/// started may hold its output open for ever.
const REST: Duration = Duration::from_secs(1);

/// A program and what it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// Its name and its arguments.
    pub words: Vec<String>,
    /// Variables that it gets besides those of this process.
    pub variables: Vec<(String, String)>,
    /// How long it may take.
    pub patience: Duration,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it said on its standard output, up to [`OUTPUT_BYTES_MAX`].
    pub stdout: String,
    /// The same of its standard error.
    pub stderr: String,
}

/// Why a program has no end to tell of.
#[derive(Debug, thiserror::Error)]
pub enum NotRun {
    /// It cannot be started.
    #[error("`{0}` cannot be started: {1}")]
    Start(String, io::Error),
    /// It took too long, and was ended.
    #[error("`{0}` did not end within {1:?} and was stopped")]
    Late(String, Duration),
}

/// Runs it to its end, or ends it, and everything that it started beside it, when it takes too
/// long.
///
/// # Errors
/// [`NotRun`].
pub fn run(program: &Program) -> Result<Ran, NotRun> {
    let name = program.words.first().cloned().unwrap_or_default();
    let mut command = Command::new(&name);
    command.args(program.words.iter().skip(1));
    command.envs(program.variables.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let not_started = |err| NotRun::Start(name.clone(), err);
    let mut child = command.spawn().map_err(not_started)?;
    let (stdout, stderr) = (heard(child.stdout.take()), heard(child.stderr.take()));
    let process = child.id();
    let ended = waited(child);
    match ended.recv_timeout(program.patience) {
        Ok(status) => {
            let status = status.map_err(not_started)?;
            let said = |heard: Receiver<Vec<u8>>| {
                let bytes = heard.recv_timeout(REST).unwrap_or_default();
                String::from_utf8_lossy(&bytes).into_owned()
            };
            Ok(Ran { code: status.code(), stdout: said(stdout), stderr: said(stderr) })
        }
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            stop(process);
            // So that it is no zombie; it has been killed.
            ended.recv_timeout(REST).ok();
            Err(NotRun::Late(name, program.patience))
        }
    }
}

/// Reads to the end beside everything else, keeping no more than the bound.
fn heard(stream: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (telling, heard) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What was read before a failure counts; the rest is let go, so that nobody blocks.
            stream.by_ref().take(OUTPUT_BYTES_MAX).read_to_end(&mut bytes).ok();
            telling.send(bytes).ok();
            io::copy(&mut stream, &mut io::sink()).ok();
        }
    });
    heard
}

fn waited(mut child: Child) -> Receiver<io::Result<ExitStatus>> {
    let (telling, ended) = channel();
    thread::spawn(move || {
        // Nobody listens once it was late.
        telling.send(child.wait()).ok();
    });
    ended
}

#[cfg(unix)]
fn stop(process: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(group) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        // It may have ended this very moment.
        kill_process_group(group, Signal::KILL).ok();
    }
}

#[cfg(not(unix))]
fn stop(process: u32) {
    // It may have ended this very moment.
    Command::new("taskkill").args(["/F", "/T", "/PID", &process.to_string()]).output().ok();
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(text: &str, patience: Duration) -> Result<Ran, NotRun> {
        let words = ["sh", "-c", text].map(str::to_owned).to_vec();
        run(&Program { words, variables: vec![("SAID".to_owned(), "5".to_owned())], patience })
    }

    #[test]
    fn what_it_says_is_heard_and_bounded() {
        let ran = shell("echo $SAID; echo no >&2; exit 3", Duration::from_secs(60)).unwrap();
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(3), "5\n", "no\n"));
        let much = "head -c 1000000 /dev/zero | tr '\\0' x";
        let ran = shell(much, Duration::from_secs(60)).unwrap();
        assert_eq!(ran.stdout.len() as u64, OUTPUT_BYTES_MAX);
    }

    #[test]
    fn what_never_ends_is_ended_with_what_it_started() {
        let late = shell("sleep 1000 | sleep 1000", Duration::from_millis(50)).unwrap_err();
        assert!(late.to_string().starts_with("`sh` did not end within"), "{late}");
        let missing =
            run(&Program { words: vec!["/nowhere/at/all".to_owned()], ..Program::default() });
        assert!(matches!(missing, Err(NotRun::Start(..))));
    }
}
