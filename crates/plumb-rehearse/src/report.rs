//! What came of a rehearsal, and the answer that follows from it.
//!
//! Refuses to know how it is written, and to hold any value of a row.

use crate::asked::Untried;
use crate::back::Back;
use crate::fill::Unfilled;
use crate::freeze::Freeze;
use crate::ledger::Ledger;
use crate::probe::Found;
use crate::step::{Step, Verdict};
use crate::walk::Break;

/// How far a rehearsal came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Nothing was done yet.
    #[default]
    Begun,
    /// The old schema and its rows stand.
    Copied,
    /// Each statement of the migration was measured.
    Measured,
    /// Readers were frozen, or there was nothing to freeze them.
    Frozen,
    /// The old statements were tried.
    Tried,
    /// The new version's statements were tried on the old schema.
    CodeFirst,
    /// The new version's rows were read by the old one.
    Written,
    /// The way back was gone.
    Back,
    /// The ledger was read, and the old program started.
    Started,
    /// Everything that was asked for was done.
    Finished,
}

/// A table of the copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRows {
    /// Its name.
    pub table: String,
    /// Its rows in the copy.
    pub rows: u64,
    /// Its rows in the source, where statistics told.
    pub true_rows: Option<u64>,
}

/// The old statements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// How many were tried.
    pub tried: usize,
    /// How many of them ran with parameters, so that the last two levels say something.
    pub executed: usize,
    /// Those that break.
    pub breaks: Vec<Break>,
    /// Those that fail on the old schema already.
    pub failing_before: Vec<Break>,
    /// Those that could not be tried.
    pub untried: Vec<Untried>,
}

/// What the new version wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Statements that ran.
    pub ran: usize,
    /// Statements that did not, and why.
    pub failed: Vec<Untried>,
    /// What the old version never had to read.
    pub found: Vec<Found>,
    /// Old statements that break on these rows alone.
    pub breaks: Vec<Break>,
}

/// The way back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WayBack {
    /// Whether there is a down migration.
    pub is_given: bool,
    /// On empty tables.
    pub empty: Option<Back>,
    /// On old rows.
    pub old_rows: Option<Back>,
    /// On rows that the new version wrote.
    pub new_rows: Option<Back>,
}

/// How the old program started on the migrated copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boot {
    /// Whether it ended well or stayed up.
    pub starts: bool,
    /// Its exit code, where it ended.
    pub code: Option<i32>,
    /// How long it was watched, in microseconds.
    pub watched_us: u64,
}

/// Whether the way back is open after a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The step, by its number.
    pub step: usize,
    /// Whether the old version can still go on.
    pub is_open: bool,
    /// What stands in its way.
    pub why: Option<String>,
}

/// What came of a rehearsal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// How far it came.
    pub stage: Stage,
    /// The server's version, in its own words.
    pub server: String,
    /// The time zone of the sessions.
    pub timezone: String,
    /// Where that comes from.
    pub timezone_from: &'static str,
    /// The role that the old statements ran as; none where it was the owner.
    pub role: Option<String>,
    /// Tables with their rows.
    pub tables: Vec<TableRows>,
    /// Tables that stayed empty or were filled otherwise than asked.
    pub unfilled: Vec<Unfilled>,
    /// The migration.
    pub steps: Vec<Step>,
    /// What waiting does to readers.
    pub freeze: Option<Freeze>,
    /// The old statements, where some were given.
    pub tried: Option<Tried>,
    /// The new statements on the old schema, where some were given.
    pub code_first: Option<Tried>,
    /// What the new version wrote, where that was given.
    pub written: Option<Written>,
    /// The way back.
    pub way_back: WayBack,
    /// The ledger, where there is one.
    pub ledger: Option<Ledger>,
    /// The old program, where it was given.
    pub boot: Option<Boot>,
    /// For each step, whether the way back is open after it.
    pub open: Vec<Open>,
    /// What a person should know of how this came about.
    pub notes: Vec<String>,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing breaks.
    Pass,
    /// Something does.
    Refuse,
    /// Not enough was seen to say.
    CannotTell,
}

impl Report {
    /// The answer, and why in one line.
    #[must_use]
    pub fn answer(&self) -> (Answer, String) {
        let broken = self.broken();
        if !broken.is_empty() {
            return (Answer::Refuse, broken.join(", "));
        }
        if self.stage != Stage::Finished {
            return (Answer::CannotTell, "the rehearsal did not come to its end".to_owned());
        }
        let unseen = self.unseen();
        if !unseen.is_empty() {
            return (Answer::CannotTell, unseen.join(", "));
        }
        (Answer::Pass, "nothing that was tried breaks".to_owned())
    }

    /// The first step after which the old version cannot go on, with what shows it.
    #[must_use]
    pub fn no_return(&self) -> Option<&Open> {
        self.open.iter().find(|one| !one.is_open)
    }

    /// What was not looked at, in a few words each.
    #[must_use]
    pub fn uncovered(&self) -> Vec<&'static str> {
        let mut found = Vec::new();
        let mut missing = |is_missing: bool, what| {
            if is_missing {
                found.push(what);
            }
        };
        missing(self.tried.is_none(), "statements of the old version (`--statements`)");
        missing(self.written.is_none(), "rows of the new version (`--new-writes`)");
        missing(!self.way_back.is_given, "a way back (`--down`)");
        missing(
            self.ledger.is_none() && self.boot.is_none(),
            "the start of the old version (`--old-migrations`, `--old-command`)",
        );
        found
    }

    fn broken(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut many = |count: usize, one: &str, several: &str| match count {
            0 => {}
            1 => found.push(format!("1 {one}")),
            more => found.push(format!("{more} {several}")),
        };
        let with = |verdict| self.steps.iter().filter(|step| step.verdict == verdict).count();
        many(
            with(Verdict::Failed),
            "statement of the migration fails",
            "statements of the migration fail",
        );
        many(with(Verdict::Dangerous), "dangerous statement", "dangerous statements");
        let breaks = |tried: &Option<Tried>| {
            let breaks = tried.iter().flat_map(|tried| &tried.breaks);
            let mut asked: Vec<_> = breaks.map(|one| (one.line, &one.statement)).collect();
            asked.sort();
            asked.dedup();
            asked.len()
        };
        many(breaks(&self.tried), "old statement breaks", "old statements break");
        many(
            breaks(&self.code_first),
            "new statement fails on the old schema",
            "new statements fail on the old schema",
        );
        let written = self.written.as_ref();
        many(
            written.map_or(0, |written| written.breaks.len()),
            "old statement breaks on new rows",
            "old statements break on new rows",
        );
        many(
            written.map_or(0, |written| written.found.len()),
            "column holds what the old version never had",
            "columns hold what the old version never had",
        );
        let backs = [&self.way_back.empty, &self.way_back.old_rows, &self.way_back.new_rows];
        let closed = backs.into_iter().flatten().filter(|back| !back.is_restored()).count();
        many(usize::from(closed > 0), "way back does not restore the schema", "");
        let refused = self.ledger.as_ref().is_some_and(|ledger| !ledger.starts)
            || self.boot.as_ref().is_some_and(|boot| !boot.starts);
        many(usize::from(refused), "old version would not start", "");
        found
    }

    fn unseen(&self) -> Vec<String> {
        let mut found = Vec::new();
        let empty = self.steps.iter().filter(|step| !step.unseen.is_empty()).count();
        if empty > 0 {
            found.push(format!("{empty} locked tables hold no row to be read"));
        }
        let tried = self.tried.iter().chain(&self.code_first);
        let untried: usize = tried.clone().map(|tried| tried.untried.len()).sum();
        if untried > 0 {
            found.push(format!("{untried} statements could not be tried"));
        }
        let unrun: usize = tried.map(|tried| tried.tried - tried.executed).sum();
        if unrun > 0 {
            found.push(format!("{unrun} statements were not run, for want of parameters"));
        }
        let failed = self.written.as_ref().map_or(0, |written| written.failed.len());
        if failed > 0 {
            found.push(format!("{failed} writes of the new version did not run"));
        }
        found
    }
}
