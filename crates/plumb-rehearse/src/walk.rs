//! Walks a copy through a migration step by step, and tries the old statements after each: who
//! breaks, at which level, and which statement of the migration it was.
//!
//! Refuses to know what the steps lock.

use crate::column::{Tables, tables};
use crate::link::{Lines, Link, Refusal};
use crate::migration::{Placed, Unit};
use crate::script::words;
use crate::trial::{FRESH, Level, Trial, held, hold};

/// First words of statements that only mean something inside a transaction.
const FRAMED: [&str; 3] = ["LOCK", "SAVEPOINT", "RELEASE"];

/// A statement that broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Who runs it; empty where nobody said.
    pub component: String,
    /// At which version; empty where nobody said.
    pub version: String,
    /// The statement without values.
    pub statement: String,
    /// Its line in the file of statements; 0 where it came from a server.
    pub line: usize,
    /// How often it ran, where somebody counted.
    pub calls: Option<u64>,
    /// The first level at which it fails.
    pub level: Level,
    /// What the server said.
    pub refusal: Refusal,
    /// The step after which it first failed, by its number; none where no step did it.
    pub after: Option<usize>,
    /// The step after which it worked again.
    pub until: Option<usize>,
    /// Whether connections that are opened afterwards fail as well.
    pub is_for_all: bool,
}

/// A database to walk through, and how its sessions begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ground<'a> {
    /// Connections.
    pub(crate) lines: &'a Lines,
    /// The database.
    pub(crate) database: &'a str,
    /// How sessions of the migration begin.
    pub(crate) migrating: &'a str,
    /// How sessions of the application begin.
    pub(crate) asking: &'a str,
    /// The first step that changes rows itself: from there on fewer answers are no wonder.
    pub(crate) changing_from: Option<usize>,
}

/// What a walk brought.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walked {
    /// Breaks in the order of the steps.
    pub(crate) breaks: Vec<Break>,
    /// The tables after each step, by its number.
    pub(crate) states: Vec<(usize, Tables)>,
    /// Why the migration did not go on, where it did not.
    pub(crate) failed: Option<(usize, Refusal)>,
}

/// Runs the migration and tries every statement after each step.
pub(crate) fn walk(
    ground: Ground<'_>,
    units: &[Unit],
    trials: &[Trial],
) -> Result<Walked, Refusal> {
    let connect = |settings: &str| -> Result<Link, Refusal> {
        let link = ground.lines.connect(ground.database)?;
        link.run(settings)?;
        Ok(link)
    };
    let (migrating, open) = (connect(ground.migrating)?, connect(ground.asking)?);
    for trial in trials {
        hold(&open, trial)?;
    }
    let mut trials = trials.to_vec();
    let mut walked = Walked::default();
    for step in steps(units) {
        if let Err(refused) = take(&migrating, &step) {
            let number = step.first().map_or(0, |placed| placed.number);
            walked.failed = Some((number, refused));
            break;
        }
        // Whoever connects now sees the new schema from the start.
        let fresh = connect(ground.asking)?;
        let number = step.last().map_or(0, |placed| placed.number);
        walked.states.push((number, tables(&migrating)?));
        if ground.changing_from.is_some_and(|first| number >= first) {
            trials.iter_mut().for_each(|trial| trial.answered.clear());
        }
        for trial in &trials {
            let found = failing(&fresh, &open, trial);
            note(&mut walked.breaks, trial, found, number);
        }
    }
    Ok(walked)
}

/// The statements as they can be committed: one by one where that means the same.
fn steps(units: &[Unit]) -> Vec<Vec<Placed>> {
    let mut steps = Vec::new();
    for unit in units {
        let is_framed = unit.statements.iter().any(|placed| {
            let words = words(&placed.statement.text, 2);
            let first = words.first().map_or("", String::as_str);
            let is_local = first == "SET" && words.get(1).is_some_and(|word| word == "LOCAL");
            FRAMED.contains(&first) || is_local
        });
        if is_framed {
            steps.push(unit.statements.clone());
        } else {
            steps.extend(unit.statements.iter().map(|placed| vec![placed.clone()]));
        }
    }
    steps
}

fn take(link: &Link, step: &[Placed]) -> Result<(), Refusal> {
    if let [placed] = step {
        return link.run(&placed.statement.text);
    }
    link.run("BEGIN")?;
    for placed in step {
        if let Err(refused) = link.run(&placed.statement.text) {
            link.run("ROLLBACK")?;
            return Err(refused);
        }
    }
    link.run("COMMIT")
}

/// The first level at which it fails, and what the server says there.
pub(crate) fn failing(fresh: &Link, open: &Link, trial: &Trial) -> Option<(Level, Refusal)> {
    let first = FRESH.iter().find_map(|(level, attempt)| {
        let refused = attempt(fresh, trial).err()?;
        Some((*level, refused))
    });
    first.or_else(|| Some((Level::Held, held(open, trial).err()?)))
}

/// Keeps what is new: the first break, one that comes earlier in the levels than all before, and
/// where it ends.
fn note(breaks: &mut Vec<Break>, trial: &Trial, found: Option<(Level, Refusal)>, number: usize) {
    let is_same = |one: &Break| one.line == trial.asked.line && one.statement == trial.shown();
    let earlier: Vec<usize> =
        (0..breaks.len()).filter(|at| breaks.get(*at).is_some_and(is_same)).collect();
    let least = earlier.iter().filter_map(|at| breaks.get(*at)).map(|one| one.level).min();
    let now = found.as_ref().map(|(level, _)| *level);
    for at in earlier {
        if let Some(one) = breaks.get_mut(at) {
            // A break at a later level is still there when an earlier one comes.
            if now.is_none_or(|level| level > one.level) && one.until.is_none() {
                one.until = Some(number);
            }
        }
    }
    if let Some((level, refusal)) = found
        && least.is_none_or(|least| level < least)
    {
        breaks.push(told(trial, (level, refusal), Some(number)));
    }
}

/// A break in the words of the report.
pub(crate) fn told(
    trial: &Trial,
    (level, refusal): (Level, Refusal),
    after: Option<usize>,
) -> Break {
    Break {
        component: trial.asked.component.clone(),
        version: trial.asked.version.clone(),
        statement: trial.shown(),
        line: trial.asked.line,
        calls: trial.asked.calls,
        level,
        refusal,
        after,
        until: None,
        is_for_all: level != Level::Held,
    }
}
