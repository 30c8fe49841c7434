//! The terminal: the only place that prints. The standard output is data, the standard error is
//! for people.
//!
//! Refuses to know what it prints.

use crate::arguments::Global;
use crate::look::{Look, Stream, WIDTH_MIN, look};
use crate::screen::{Room, Screen};
use anstream::{AutoStream, ColorChoice};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;
use terminal_size::{Height, Width, terminal_size_of};
use thiserror::Error;

/// Where the program speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    /// How the standard output may look.
    pub(crate) out: Look,
    /// How the standard error may look.
    pub(crate) err: Look,
    /// Whether the person wants more.
    pub(crate) is_verbose: bool,
    is_quiet: bool,
    is_watched: bool,
    can_redraw: bool,
}

/// The standard output could not be written.
#[derive(Debug, Error)]
#[error("cannot write the answer: {0}")]
pub(crate) struct OutputError(#[from] io::Error);

/// How often a bar moves by itself; slower looks stuck.
const TICK: Duration = Duration::from_millis(120);

/// The terminal as the person wants it.
pub(crate) fn terminal(global: &Global) -> Terminal {
    let variable = |name: &str| std::env::var(name).ok();
    let out = Stream { is_terminal: io::stdout().is_terminal(), columns: columns(io::stdout()) };
    let err = Stream { is_terminal: io::stderr().is_terminal(), columns: columns(io::stderr()) };
    Terminal {
        out: look(global.color, out, &variable),
        err: look(global.color, err, &variable),
        is_verbose: global.verbose,
        is_quiet: global.quiet,
        is_watched: err.is_terminal,
        can_redraw: out.is_terminal && variable("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// The room on a terminal; a common one where it does not tell.
#[cfg(unix)]
fn room(stream: impl std::os::fd::AsFd) -> Room {
    room_of(terminal_size_of(stream))
}

#[cfg(windows)]
fn room(stream: impl std::os::windows::io::AsHandle) -> Room {
    room_of(terminal_size_of(stream))
}

fn room_of(size: Option<(Width, Height)>) -> Room {
    let size = size.filter(|(width, height)| width.0 > 0 && height.0 > 0);
    let (columns, rows) = size.map_or((80, 24), |(width, height)| (width.0, height.0));
    Room { columns: usize::from(columns), rows: usize::from(rows) }
}

#[cfg(unix)]
fn columns(stream: impl std::os::fd::AsFd) -> Option<usize> {
    terminal_size_of(stream).map(|(width, _)| usize::from(width.0))
}

#[cfg(windows)]
fn columns(stream: impl std::os::windows::io::AsHandle) -> Option<usize> {
    terminal_size_of(stream).map(|(width, _)| usize::from(width.0))
}

impl Terminal {
    /// Writes text for people to the standard output.
    ///
    /// # Errors
    /// When it cannot be written; a reader that went away is no error.
    pub(crate) fn text(self, text: &str) -> Result<(), OutputError> {
        self.data(self.out.letters(text).as_bytes())
    }

    /// Whether what stands on the standard output can be written anew: a person looks at it, on a
    /// terminal that can move.
    pub(crate) fn can_redraw(self) -> bool {
        self.can_redraw
    }

    /// How the standard output may look now: people change the width of a terminal.
    pub(crate) fn out_now(self) -> Look {
        let columns = columns(io::stdout());
        // The last column stays free: terminals do not agree on when a line that fills it breaks.
        let width = columns.map(|columns| columns.max(WIDTH_MIN) - 1);
        Look { width: width.unwrap_or(self.out.width), ..self.out }
    }

    /// Puts a text in the place of the one that was put there last.
    ///
    /// # Errors
    /// As [`Terminal::text`].
    pub(crate) fn redraw(self, screen: &mut Screen, text: &str) -> Result<(), OutputError> {
        self.data(screen.anew(&self.out.letters(text), room(io::stdout())).as_bytes())
    }

    /// Writes data to the standard output as it is.
    ///
    /// # Errors
    /// As [`Terminal::text`].
    pub(crate) fn data(self, bytes: &[u8]) -> Result<(), OutputError> {
        let mut stream = AutoStream::new(io::stdout().lock(), ColorChoice::AlwaysAnsi);
        match stream.write_all(bytes).and_then(|()| stream.flush()) {
            Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        }
    }

    /// Says something to the person, unless they asked for quiet.
    pub(crate) fn note(self, text: &str) {
        if !self.is_quiet {
            self.complain(text);
        }
    }

    /// The same terminal without notes and bars.
    pub(crate) fn hushed(self) -> Self {
        Self { is_quiet: true, ..self }
    }

    /// Says something to the person in any case.
    pub(crate) fn complain(self, text: &str) {
        let mut stream = AutoStream::new(io::stderr().lock(), ColorChoice::AlwaysAnsi);
        // Without a standard error there is nobody to tell.
        drop(stream.write_all(self.err.letters(text).as_bytes()));
    }

    /// A bar for long work, where somebody watches. `total` is what 100 % is, 0 if unknown.
    pub(crate) fn progress(self, what: &str, total: u64) -> ProgressBar {
        if !self.is_watched || self.is_quiet {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(
            (total > 0).then_some(total),
            ProgressDrawTarget::stderr(),
        );
        let form =
            if total > 0 { "{msg} {wide_bar} {percent} %" } else { "{spinner} {msg} {human_pos}" };
        // INVARIANT: both forms are well-formed; the plain bar would do otherwise.
        let style =
            ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style);
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(TICK);
        bar
    }
}

/// Says something to the person before anything is known of the terminal.
pub(crate) fn complain_plainly(text: &str) {
    let mut stream = AutoStream::new(io::stderr().lock(), ColorChoice::Never);
    // Without a standard error there is nobody to tell.
    drop(stream.write_all(text.as_bytes()));
}

/// Shows what is wrong with the command line, or the help that was asked for.
pub(crate) fn print_usage(err: &clap::Error) {
    // Without anybody to read it there is nothing else to do.
    drop(err.print());
}
