//! One command that plumb runs: told where its proxy is, told to end when plumb is, and asked how
//! it ended. Refuses to know what is observed meanwhile.

use crate::failure::{Failure, outside};
use plumb_engine::clock::since_epoch;
use plumb_tap::run::Signal;
use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Where programs look for the proxy to use. Some know small letters only, some capitals.
const PROXY_VARIABLES: [&str; 6] =
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Where programs look for hosts to call directly.
const DIRECT_VARIABLES: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Without it Node.js looks at none of the others.
const NODE_VARIABLE: &str = "NODE_USE_ENV_PROXY";

/// What a shell answers for a command that a signal ended, before the signal's number.
const BY_SIGNAL: i32 = 128;

/// What a command answers that left no code, and for one too large to pass on.
const NO_CODE: u8 = 255;

/// The command while it runs, as whoever has to tell it something needs it.
#[derive(Debug, Default)]
pub(crate) struct Running(Mutex<Progress>);

/// How far a command is.
#[derive(Clone, Copy, Debug, Default)]
enum Progress {
    #[default]
    NotStarted,
    /// With its process id.
    Running(u32),
    Ended,
}

/// A command and what it is told.
#[derive(Debug)]
pub(crate) struct Commanded {
    program: String,
    arguments: Vec<String>,
    proxy: String,
    direct: Option<String>,
    told: Vec<(String, String)>,
    voice: Voice,
}

/// Who hears a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voice {
    /// It has the standard input and output.
    Own,
    /// Nobody, and it has nothing to read.
    Silent,
    /// People: all it says goes to the standard error, since the standard output is another's.
    Aside,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Its code as a shell would give it; `None` when it was ended because it took too long.
    pub(crate) code: Option<u8>,
    /// How long it took.
    pub(crate) took: Duration,
}

/// How long a command that is told to end may take to do so.
const GRACE: Duration = if cfg!(unix) { Duration::from_secs(5) } else { Duration::ZERO };

/// How often to look whether a command has ended.
const LOOK: Duration = Duration::from_millis(20);

/// The command, told to use the proxy at this address for all hosts but those to call directly.
pub(crate) fn command(words: &[String], proxy: SocketAddr, direct: Option<&str>) -> Commanded {
    Commanded {
        program: words.first().cloned().unwrap_or_default(),
        arguments: words.iter().skip(1).cloned().collect(),
        proxy: format!("http://{proxy}"),
        direct: direct.map(str::to_owned),
        told: Vec::new(),
        voice: Voice::Own,
    }
}

impl Commanded {
    /// The same command, told something more by variables.
    pub(crate) fn told(self, told: Vec<(String, String)>) -> Self {
        Self { told, ..self }
    }
}

impl Commanded {
    /// The same command with nothing to read and nobody to read it.
    pub(crate) fn quietly(self) -> Self {
        Self { voice: Voice::Silent, ..self }
    }

    /// The same command beside somebody else's answer.
    pub(crate) fn aside(self) -> Self {
        Self { voice: Voice::Aside, ..self }
    }
}

/// Runs it to its end, or ends it when that takes longer than `patience`.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn run_within(
    running: &Running,
    told: &Commanded,
    patience: Duration,
) -> Result<Ended, Failure> {
    let begun = since_epoch();
    let took = || since_epoch().saturating_sub(begun);
    let mut child = started(running, told)?;
    let lost = |err| outside(format!("cannot wait for it: {err}"), None);
    loop {
        if let Some(status) = child.try_wait().map_err(lost)? {
            running.set(Progress::Ended);
            return Ok(Ended { code: Some(code(status)), took: took() });
        }
        if took() > patience {
            // It may have ended this very moment.
            child.kill().ok();
            child.wait().map_err(lost)?;
            running.set(Progress::Ended);
            return Ok(Ended { code: None, took: took() });
        }
        std::thread::sleep(LOOK);
    }
}

/// Runs it while `act` does its work, and ends it afterwards. `act` is told how to find out whether
/// it has ended by itself.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn run_beside<T>(
    running: &Running,
    told: &Commanded,
    act: impl FnOnce(&dyn Fn() -> bool) -> T,
) -> Result<T, Failure> {
    let beside = Beside { running, child: RefCell::new(started(running, told)?) };
    let acted = act(&|| beside.has_ended());
    drop(beside);
    Ok(acted)
}

/// A command that ends when this does.
struct Beside<'a> {
    running: &'a Running,
    child: RefCell<Child>,
}

impl Beside<'_> {
    fn has_ended(&self) -> bool {
        self.child.borrow_mut().try_wait().is_ok_and(|status| status.is_some())
    }
}

impl Drop for Beside<'_> {
    fn drop(&mut self) {
        self.running.tell(Signal::Terminate);
        let begun = since_epoch();
        while !self.has_ended() && since_epoch().saturating_sub(begun) < GRACE {
            std::thread::sleep(LOOK);
        }
        // It may have ended this very moment.
        self.child.borrow_mut().kill().ok();
        self.child.borrow_mut().wait().ok();
        self.running.set(Progress::Ended);
    }
}

/// Runs it to its end; gives its code as a shell would.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn run(running: &Running, told: &Commanded) -> Result<u8, Failure> {
    let mut child = started(running, told)?;
    let status = child.wait();
    running.set(Progress::Ended);
    let status = status.map_err(|err| outside(format!("cannot wait for it: {err}"), None))?;
    Ok(code(status))
}

fn started(running: &Running, told: &Commanded) -> Result<Child, Failure> {
    let mut command = Command::new(&told.program);
    command.args(&told.arguments).env(NODE_VARIABLE, "1");
    for name in PROXY_VARIABLES {
        command.env(name, &told.proxy);
    }
    command.envs(told.told.iter().map(|(name, value)| (name, value)));
    for name in DIRECT_VARIABLES {
        match &told.direct {
            Some(hosts) => command.env(name, hosts),
            None => command.env_remove(name),
        };
    }
    match told.voice {
        Voice::Own => &mut command,
        Voice::Silent => command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()),
        Voice::Aside => command.stdin(Stdio::null()).stdout(io::stderr()),
    };
    let child = command.spawn().map_err(|err| not_started(&told.program, &err))?;
    running.set(Progress::Running(child.id()));
    Ok(child)
}

impl Running {
    /// Tells the command what plumb was told. From a terminal Ctrl-C reaches both by itself.
    pub(crate) fn tell(&self, signal: Signal) {
        let running = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Progress::Running(process) = running {
            send(process, signal);
        }
    }

    fn set(&self, progress: Progress) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }
}

fn not_started(program: &str, err: &io::Error) -> Failure {
    outside(
        format!("cannot start `{program}`: {err}"),
        Some("name a program that is there, as in `-- npm test`"),
    )
}

#[cfg(unix)]
fn send(process: u32, signal: Signal) {
    use rustix::process::{Pid, Signal as Sent, kill_process};
    use std::io::IsTerminal as _;
    let sent = match signal {
        Signal::Interrupt if io::stdin().is_terminal() => return,
        Signal::Interrupt => Sent::INT,
        Signal::Terminate => Sent::TERM,
    };
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    if let Some(process) = process {
        // A command that has just ended needs no telling.
        kill_process(process, sent).ok();
    }
}

/// Elsewhere the console tells both.
#[cfg(not(unix))]
fn send(_process: u32, _signal: Signal) {}

fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| by_signal(status));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(NO_CODE)
}

#[cfg(unix)]
fn by_signal(status: ExitStatus) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal().map(|signal| BY_SIGNAL + signal)
}

#[cfg(not(unix))]
fn by_signal(_status: ExitStatus) -> Option<i32> {
    None
}
