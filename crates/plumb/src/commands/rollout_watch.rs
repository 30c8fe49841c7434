//! `plumb rollout watch`: a rollout as it goes, until its end.
//!
//! Reads what the controller keeps, and asks nobody. Refuses to set anything.

use crate::arguments::{Format, Global};
use crate::failure::{Code, Failure};
use crate::render_rollout;
use crate::render_watch::{Watching, view};
use crate::rollout_arguments::WatchArguments;
use crate::rollout_document::status_document;
use crate::rollout_standing::{LOOK, code, named, tell};
use crate::screen::Screen;
use crate::terminal::Terminal;
use plumb_engine::clock::now_ms;
use plumb_engine::rollout::kept::Kept;
use plumb_engine::rollout::lease::Owner;
use plumb_engine::rollout::room::Room;
use plumb_engine::rollout::spec::Rollout;

pub(crate) fn watch(
    global: &Global,
    arguments: &WatchArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let (rollout, room) = named(global, &arguments.rollout)?;
    let now = || global.as_of.unwrap_or_else(now_ms);
    let look = |room: &Room| Ok::<_, Failure>((room.kept()?, room.owner()?));
    if arguments.once {
        let (kept, owner) = look(&room)?;
        match global.format {
            Format::Text => {
                let watching = watching(&rollout, (kept.as_ref(), owner.as_ref()), now());
                terminal.text(&view(terminal.out, &watching))?;
            }
            _ => tell(global, (&rollout, &room, kept.as_ref()), terminal)?,
        }
        return Ok(kept.as_ref().map_or(Code::CannotTell, code));
    }
    let mut shown = Shown::new(global, &room, terminal)?;
    loop {
        let (kept, owner) = look(&room)?;
        shown.show(&watching(&rollout, (kept.as_ref(), owner.as_ref()), now()), &room)?;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.state().is_end()) {
            match shown {
                Shown::Nothing => tell(global, (&rollout, &room, Some(kept)), terminal)?,
                // What happened last is perhaps not logged yet.
                Shown::Lines { first, .. } => {
                    let watching = watching(&rollout, (Some(kept), owner.as_ref()), now());
                    let last = view(terminal.out, &watching);
                    if last != first {
                        terminal.text(&last)?;
                    }
                }
                Shown::Live { .. } | Shown::Documents { .. } => {}
            }
            return Ok(code(kept));
        }
        std::thread::sleep(LOOK);
    }
}

fn watching<'a>(
    rollout: &'a Rollout,
    (kept, owner): (Option<&'a Kept>, Option<&'a Owner>),
    now_ms: i64,
) -> Watching<'a> {
    Watching { rollout, kept, owner, now_ms }
}

/// How it is shown while it goes.
enum Shown {
    /// On a screen, written anew.
    Live { terminal: Terminal, screen: Screen, last: String },
    /// What it is at first, and then line by line what happens.
    Lines { terminal: Terminal, from: u64, first: String },
    /// A document for each change.
    Documents { terminal: Terminal, last: String },
    /// Nothing before the end.
    Nothing,
}

impl Shown {
    fn new(global: &Global, room: &Room, terminal: Terminal) -> Result<Self, Failure> {
        Ok(match global.format {
            Format::Json => Self::Nothing,
            Format::Ndjson => Self::Documents { terminal, last: String::new() },
            Format::Text if terminal.can_redraw() => {
                Self::Live { terminal, screen: Screen::default(), last: String::new() }
            }
            Format::Text => Self::Lines { terminal, from: room.log_bytes()?, first: String::new() },
        })
    }

    fn show(&mut self, watching: &Watching<'_>, room: &Room) -> Result<(), Failure> {
        match self {
            Self::Nothing => {}
            Self::Live { terminal, screen, last } => {
                let text = view(terminal.out_now(), watching);
                if text != *last {
                    terminal.redraw(screen, &text)?;
                    *last = text;
                }
            }
            Self::Lines { terminal, from, first } => {
                if first.is_empty() {
                    *first = view(terminal.out, watching);
                    terminal.text(first)?;
                }
                let (events, end) = room.logged(*from)?;
                *from = end;
                for event in events {
                    terminal.text(&render_rollout::event(terminal.out, &event))?;
                }
            }
            Self::Documents { terminal, last } => {
                let Watching { rollout, kept, owner, .. } = watching;
                let line = format!("{}\n", status_document(rollout, *kept, *owner));
                if line != *last {
                    terminal.data(line.as_bytes())?;
                    *last = line;
                }
            }
        }
        Ok(())
    }
}
