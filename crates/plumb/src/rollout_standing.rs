//! Which rollout is meant, and where it stands: what its commands share.
//!
//! Refuses to set anything.

use crate::answer::{Written, document};
use crate::arguments::Global;
use crate::failure::{Code, Failure};
use crate::project::project;
use crate::render_rollout;
use crate::rollout_arguments::RolloutArguments;
use crate::rollout_document::status_document;
use crate::terminal::Terminal;
use plumb_engine::rollout::file::{ROLLOUT_FILE, read};
use plumb_engine::rollout::kept::{Kept, PhaseWord};
use plumb_engine::rollout::room::{ROLLOUTS_FOLDER, Room};
use plumb_engine::rollout::spec::Rollout;
use std::path::Path;
use std::time::Duration;

/// How often to look at what a controller keeps.
pub(crate) const LOOK: Duration = Duration::from_millis(200);

/// The rollout that is meant, and its room.
pub(crate) fn named(
    global: &Global,
    arguments: &RolloutArguments,
) -> Result<(Rollout, Room), Failure> {
    let path = arguments.file.as_deref().unwrap_or_else(|| Path::new(ROLLOUT_FILE));
    let rollout = read(path)?;
    let folder = match &rollout.folder {
        Some(folder) => folder.clone(),
        None => project(global)?.folder.join(ROLLOUTS_FOLDER),
    };
    let room = Room::new(&folder, &rollout.name);
    Ok((rollout, room))
}

/// Tells where it stands, in the form that was asked for.
pub(crate) fn tell(
    global: &Global,
    (rollout, room, kept): (&Rollout, &Room, Option<&Kept>),
    terminal: Terminal,
) -> Result<(), Failure> {
    let owner = room.owner()?;
    let owner = owner.as_ref();
    if document(terminal, global.format, || status_document(rollout, kept, owner))?
        == Written::NotYet
    {
        terminal.text(&render_rollout::status(terminal.out, rollout, kept, owner))?;
    }
    Ok(())
}

/// What the state of a rollout answers.
pub(crate) fn code(kept: &Kept) -> Code {
    match kept.phase {
        PhaseWord::Promoted => Code::Pass,
        PhaseWord::RolledBack | PhaseWord::RollingBack | PhaseWord::Frozen => Code::Refuse,
        PhaseWord::Walking
        | PhaseWord::HeldAsked
        | PhaseWord::HeldLate
        | PhaseWord::HeldElsewhere => Code::CannotTell,
    }
}
