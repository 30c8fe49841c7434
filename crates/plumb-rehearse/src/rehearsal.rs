//! A whole rehearsal: copies, steps, statements, rows, the way back, the start of the old version.
//!
//! Refuses to know how it is told.

use crate::asked::{self, Asked, Statements};
use crate::back;
use crate::boot::boot;
use crate::column::{Tables, tables};
use crate::freeze::{Stage as FreezeStage, freeze};
use crate::host::{Host, Server, Stop, host};
use crate::ledger::{self, Tool};
use crate::link::{Link, Refusal, number_at, text_at};
use crate::measure::{Place, measure};
use crate::migration::{Direction, Part, Unit, read, units};
use crate::origin;
use crate::probe::{keys, probe};
use crate::quote::literal;
use crate::report::{Open, Report, Stage, TableRows, Tried, Written};
use crate::script::words;
use crate::snapshot::shown;
use crate::source::Source;
use crate::step::{Step, Verdict};
use crate::trial::{FRESH, Trial, settings, trial};
use crate::trouble::Trouble;
use crate::walk::{Break, Ground, told, walk};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What is to be rehearsed.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the copies live.
    pub server: Server,
    /// The old schema: a script, or a folder of migrations.
    pub schema: Option<PathBuf>,
    /// The database to copy instead.
    pub copy: Option<String>,
    /// Rows of each table.
    pub rows: u64,
    /// The migration.
    pub migrate: PathBuf,
    /// The way back.
    pub down: Option<PathBuf>,
    /// Whether all of a file is one transaction.
    pub is_single_transaction: bool,
    /// The time zone of the application.
    pub timezone: Option<String>,
    /// The old version's statements.
    pub statements: Option<PathBuf>,
    /// A database whose `pg_stat_statements` tells them.
    pub statements_from: Option<String>,
    /// The new version's statements, for the old schema.
    pub new_statements: Option<PathBuf>,
    /// What the new version writes.
    pub new_writes: Option<PathBuf>,
    /// The role that statements run as.
    pub role: Option<String>,
    /// Whether to look at what waiting does to readers.
    pub has_freeze: bool,
    /// The `lock_timeout` to try.
    pub lock_timeout: Duration,
    /// The migrations that the old version ships.
    pub old_migrations: Option<PathBuf>,
    /// Whose ledger it is.
    pub ledger: Option<Tool>,
    /// A command that starts the old program.
    pub old_command: Option<String>,
    /// How long it is watched.
    pub old_command_wait: Duration,
}

/// Holds the rehearsal. `tell` hears after each stage how far it came.
///
/// # Errors
/// [`Trouble`]; what breaks in the rehearsal is in the report.
pub fn rehearse(
    plan: &Plan,
    stop: &Stop,
    tell: &mut dyn FnMut(&Report),
) -> Result<Report, Trouble> {
    let mut report = Report::default();
    let mut room = open(plan, stop, &mut report)?;
    let stages: [(Stage, Doing); 8] = [
        (Stage::Copied, copied),
        (Stage::Measured, measured),
        (Stage::Frozen, frozen),
        (Stage::Tried, tried),
        (Stage::CodeFirst, code_first),
        (Stage::Written, written),
        (Stage::Back, gone_back),
        (Stage::Started, started),
    ];
    tell(&report);
    for (stage, doing) in stages {
        doing(&mut room, &mut report)?;
        report.stage = stage;
        tell(&report);
    }
    report.open = open_steps(&room, &report);
    report.stage = Stage::Finished;
    tell(&report);
    stop.forget();
    room.host.end();
    Ok(report)
}

/// What one stage does.
type Doing = fn(&mut Room<'_>, &mut Report) -> Result<(), Trouble>;

/// What the stages share.
struct Room<'a> {
    plan: &'a Plan,
    host: Arc<Host>,
    up: Vec<Unit>,
    down: Vec<Unit>,
    migrating: String,
    asking: String,
    old: Tables,
    true_rows: BTreeMap<String, u64>,
    trials: Vec<Trial>,
    states: Vec<(usize, Tables)>,
}

fn failed(doing: &'static str) -> impl Fn(Refusal) -> Trouble {
    move |refused| refused.while_doing(doing)
}

fn open<'a>(plan: &'a Plan, stop: &Stop, report: &mut Report) -> Result<Room<'a>, Trouble> {
    let up = units(&new_parts(plan)?, plan.is_single_transaction);
    if up.is_empty() {
        return Err(Trouble::Empty {
            path: plan.migrate.clone(),
            what: "statement to migrate with",
        });
    }
    let down = units(&down_parts(plan)?, plan.is_single_transaction);
    report.way_back.is_given = !down.is_empty();
    let source =
        plan.copy.as_deref().map(|address| Source::new(address, "`--copy`")).transpose()?;
    let (timezone, from) = match (&plan.timezone, &source) {
        (Some(timezone), _) => (timezone.clone(), "the command line"),
        (None, Some(source)) => (source.timezone()?, "the source"),
        (None, None) => ("UTC".to_owned(), "the default of a rehearsal"),
    };
    (report.timezone, report.timezone_from) = (timezone.clone(), from);
    let host = Arc::new(host(&plan.server, &timezone)?);
    stop.watch(&host);
    if host.swept > 0 {
        report
            .notes
            .push(format!("{} left over from rehearsals that died were taken away", host.swept));
    }
    let migrating = format!("SET timezone = {}", literal(&timezone));
    Ok(Room {
        plan,
        host,
        up,
        down,
        asking: migrating.clone(),
        migrating,
        old: Tables::new(),
        true_rows: BTreeMap::new(),
        trials: Vec::new(),
        states: Vec::new(),
    })
}

/// The files of the migration that the old version does not have already.
fn new_parts(plan: &Plan) -> Result<Vec<Part>, Trouble> {
    let mut known: BTreeSet<String> = BTreeSet::new();
    for folder in [&plan.schema, &plan.old_migrations].into_iter().flatten() {
        if folder.is_dir() && plan.migrate.is_dir() {
            known.extend(crate::migration::names(folder)?);
        }
    }
    let parts = read(&plan.migrate, Direction::Up)?;
    Ok(parts.into_iter().filter(|part| !known.contains(&part.file)).collect())
}

/// The way back: what is named, or what the folder of the migration has beside it.
fn down_parts(plan: &Plan) -> Result<Vec<Part>, Trouble> {
    if let Some(down) = &plan.down {
        let parts = read(down, Direction::Down)?;
        // A folder that tells no directions is itself the way back.
        return if parts.is_empty() { read(down, Direction::Up) } else { Ok(parts) };
    }
    if plan.migrate.is_dir() {
        let folder = |name: &str| name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let new: Vec<String> = new_parts(plan)?.into_iter().map(|part| part.file).collect();
        let stem = |name: &str| {
            let file = name.rsplit('/').next().unwrap_or_default();
            let file = file.strip_suffix(".sql").unwrap_or(file);
            let stem = file.split('.').next().unwrap_or_default();
            stem.trim_start_matches(['V', 'U']).to_owned()
        };
        let is_ours = |part: &Part| {
            new.iter().any(|file| {
                let same_folder = folder(file) == folder(&part.file);
                same_folder && (stem(file) == stem(&part.file) || !folder(file).is_empty())
            })
        };
        return Ok(read(&plan.migrate, Direction::Down)?.into_iter().filter(is_ours).collect());
    }
    let text = crate::migration::read_text(&plan.migrate)?;
    let has_marks = ["goose down", "migrate:down", "+migrate down"]
        .iter()
        .any(|mark| text.to_lowercase().contains(mark));
    if has_marks { read(&plan.migrate, Direction::Down) } else { Ok(Vec::new()) }
}

fn copied(room: &mut Room<'_>, report: &mut Report) -> Result<(), Trouble> {
    let wanted = origin::Wanted {
        schema: room.plan.schema.as_deref(),
        copy: room.plan.copy.as_deref(),
        rows: room.plan.rows,
        role: room.plan.role.as_deref(),
    };
    let made = origin::make(&room.host, &wanted)?;
    report.unfilled = made.unfilled;
    report.notes.extend(made.notes);
    room.true_rows = made.true_rows;
    report.role = made.role;
    if report.role.is_none() {
        report.notes.push("statements run as who connects; `--role` names another".to_owned());
    }
    room.asking = settings(report.role.as_deref(), &room.migrating);
    let link = room.host.connect("origin")?;
    report.server = link.one("SHOW server_version").map_err(failed("reading"))?.unwrap_or_default();
    room.old = tables(&link).map_err(failed("reading the copy"))?;
    let lines = link.lines(
        "SELECT n.nspname, c.relname, greatest(c.reltuples, 0)::bigint FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.oid >= 16384 \
         AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1, 2",
    );
    for line in lines.map_err(failed("reading the copy"))? {
        let table = shown(&text_at(&line, 0), &text_at(&line, 1));
        let true_rows = room.true_rows.get(&table).copied();
        report.tables.push(TableRows { table, rows: number_at(&line, 2), true_rows });
    }
    Ok(())
}

fn measured(room: &mut Room<'_>, report: &mut Report) -> Result<(), Trouble> {
    let database = room.host.make("measured", Some("origin"))?;
    let place = Place {
        lines: room.host.lines(),
        database: &database,
        settings: &room.migrating,
        true_rows: &room.true_rows,
    };
    report.steps = measure(&place, &room.up).map_err(failed("measuring the migration"))?;
    room.host.unmake("measured")
}

fn frozen(room: &mut Room<'_>, report: &mut Report) -> Result<(), Trouble> {
    if !room.plan.has_freeze {
        return Ok(());
    }
    let Some((step, table)) = freezing(&report.steps) else { return Ok(()) };
    let placed = room.up.iter().flat_map(|unit| &unit.statements);
    let Some(placed) = placed.clone().find(|placed| placed.number == step) else { return Ok(()) };
    let database = room.host.make("frozen", Some("origin"))?;
    let link = room.host.connect("frozen")?;
    link.run(&room.migrating).map_err(failed("preparing the freeze"))?;
    let is_before = |unit: &&Unit| unit.statements.iter().all(|one| one.number < step);
    let before: Vec<Unit> = room.up.iter().filter(is_before).cloned().collect();
    if back::run(&link, &before).is_ok() {
        let quoted = room.old.get(&table).map(|table| table.quoted.clone()).unwrap_or_default();
        let stage =
            FreezeStage { lines: room.host.lines(), database: &database, table: &quoted, placed };
        match freeze(stage, room.plan.lock_timeout) {
            Ok(mut seen) => {
                seen.table = table;
                report.freeze = Some(seen);
            }
            Err(refused) => report.notes.push(format!("the freeze could not be played: {refused}")),
        }
    }
    drop(link);
    room.host.unmake("frozen")
}

/// The first step that only locks for a moment, and the table on which readers would wait.
fn freezing(steps: &[Step]) -> Option<(usize, String)> {
    let held = |step: &Step| {
        let mut tables = step.locks.iter().filter(|held| !held.relation.contains(':'));
        tables.find(|held| held.lock.is_blocking_reads() && !held.is_from_before).cloned()
    };
    let found = |verdict: Verdict| {
        let mut steps =
            steps.iter().filter(move |step| step.verdict == verdict && !step.is_outside);
        steps.find_map(|step| Some((step.number, held(step)?.relation)))
    };
    found(Verdict::Brief).or_else(|| found(Verdict::Dangerous))
}

fn tried(room: &mut Room<'_>, report: &mut Report) -> Result<(), Trouble> {
    let statements = old_statements(room.plan)?;
    let link = asking(room, "old")?;
    let mut found = Tried::default();
    if let Some(statements) = &statements {
        found.untried.clone_from(&statements.untried);
        room.trials = trials(&link, &room.old, statements, &mut found);
    }
    drop(link);
    room.host.unmake("old")?;
    let database = room.host.make("walked", Some("origin"))?;
    let ground = Ground {
        lines: room.host.lines(),
        database: &database,
        migrating: &room.migrating,
        asking: &room.asking,
        changing_from: report.steps.iter().find(|step| changes_rows(step)).map(|step| step.number),
    };
    let walked = walk(ground, &room.up, &room.trials).map_err(failed("trying the statements"))?;
    room.states = walked.states;
    if let Some((step, refused)) = walked.failed
        && report.steps.iter().all(|one| one.failed.is_none())
    {
        report.notes.push(format!("step {step} fails when it is committed by itself: {refused}"));
    }
    found.breaks = walked.breaks;
    report.tried = statements.is_some().then_some(found);
    room.host.unmake("walked")
}

/// Whether a step makes other rows of those that were there.
fn changes_rows(step: &Step) -> bool {
    let is_converted = words(&step.text, 400).iter().any(|word| word == "USING");
    step.rows_changed > 0 || !step.emptied.is_empty() || is_converted
}

/// A copy of the old database, and a connection to it as the application.
fn asking(room: &Room<'_>, copy: &str) -> Result<Link, Trouble> {
    room.host.make(copy, Some("origin"))?;
    let link = room.host.connect(copy)?;
    link.run(&room.asking).map_err(failed("connecting as the application"))?;
    Ok(link)
}

fn old_statements(plan: &Plan) -> Result<Option<Statements>, Trouble> {
    let mut all: Option<Statements> = None;
    if let Some(path) = &plan.statements {
        all = Some(asked::read(path)?);
    }
    if let Some(address) = &plan.statements_from {
        let source = Source::new(address, "`--statements-from`")?;
        let counted = source.statements(asked::STATEMENTS_MAX)?;
        let listed = counted
            .into_iter()
            .map(|(text, calls)| Ok(Asked { text, calls: Some(calls), ..Asked::default() }));
        let mut more = asked::sorted_out(listed.collect());
        // The server counts what frames transactions as well, and that is nobody's loss.
        more.untried.retain(|one| !one.why.contains("frames a transaction"));
        let all = all.get_or_insert_default();
        all.asked.extend(more.asked);
        all.untried.extend(more.untried);
    }
    Ok(all)
}

/// Those that work on the schema as it is; the others are told.
fn trials(link: &Link, tables: &Tables, statements: &Statements, found: &mut Tried) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (number, one) in statements.asked.iter().enumerate() {
        match trial(link, tables, one, number) {
            Ok(trial) => {
                found.tried += 1;
                found.executed += usize::from(!trial.sets.is_empty());
                trials.push(trial);
            }
            Err((level, refused)) => {
                let bare = Trial::bare(one);
                found.failing_before.push(told(&bare, (level, refused), None));
            }
        }
    }
    trials
}

fn code_first(room: &mut Room<'_>, report: &mut Report) -> Result<(), Trouble> {
    let Some(path) = &room.plan.new_statements else { return Ok(()) };
    let statements = asked::read(path)?;
    let link = asking(room, "ahead")?;
    let mut found = Tried { untried: statements.untried.clone(), ..Tried::default() };
    trials(&link, &room.old, &statements, &mut found);
    found.breaks = std::mem::take(&mut found.failing_before);
    found.tried += found.breaks.len();
    found.executed += found.breaks.len();
    report.code_first = Some(found);
    drop(link);
    room.host.unmake("ahead")
}

fn written(room: &mut Room<'_>, report: &mut Report) -> Result<(), Trouble> {
    let Some(path) = &room.plan.new_writes else { return Ok(()) };
    let writes = asked::read(path)?;
    room.host.make("new", Some("origin"))?;
    let link = room.host.connect("new")?;
    link.run(&room.migrating).map_err(failed("migrating the copy"))?;
    let seen = keys(&link, &room.old).map_err(failed("looking for keys"))?;
    if back::run(&link, &room.up).is_err() {
        return Ok(());
    }
    let now = tables(&link).map_err(failed("reading the copy"))?;
    let mut found = Written { failed: writes.untried.clone(), ..Written::default() };
    for (number, one) in writes.asked.iter().enumerate() {
        match trial(&link, &now, one, number).and_then(|trial| {
            crate::trial::keep(&link, &trial).map_err(|it| (crate::trial::Level::Run, it))
        }) {
            Ok(()) => found.ran += 1,
            Err((_, refused)) => found.failed.push(Trial::untried(one, refused.to_string())),
        }
    }
    let questions = probe(&link, (&room.old, &now), &seen);
    found.found = questions.map_err(failed("looking at what was written"))?;
    let fresh = room.host.connect("new")?;
    fresh.run(&room.asking).map_err(failed("connecting as the application"))?;
    let broken: Vec<&Break> = report.tried.iter().flat_map(|tried| &tried.breaks).collect();
    for trial in &room.trials {
        // The new version may have changed what was there.
        let trial = &Trial { answered: Vec::new(), ..trial.clone() };
        let is_known = broken
            .iter()
            .any(|one| one.statement == trial.shown() && one.is_for_all && one.until.is_none());
        let failing =
            FRESH.iter().find_map(|(level, attempt)| Some((*level, attempt(&fresh, trial).err()?)));
        if let (Some(failing), false) = (failing, is_known) {
            found.breaks.push(told(trial, failing, None));
        }
    }
    report.written = Some(found);
    Ok(())
}

fn gone_back(room: &mut Room<'_>, report: &mut Report) -> Result<(), Trouble> {
    if room.down.is_empty() || report.steps.iter().any(|step| step.failed.is_some()) {
        return Ok(());
    }
    for (copy, from) in [("empty_back", "empty"), ("rows_back", "origin")] {
        room.host.make(copy, Some(from))?;
        let link = room.host.connect(copy)?;
        link.run(&room.migrating).map_err(failed("going back"))?;
        let was = back::was(&link, &room.old).map_err(failed("describing the schema"))?;
        if back::run(&link, &room.up).is_ok() {
            let gone = back::go(&link, &room.down, &was, from == "origin");
            let gone = Some(gone.map_err(failed("going back"))?);
            match from {
                "empty" => report.way_back.empty = gone,
                _ => report.way_back.old_rows = gone,
            }
        }
        drop(link);
        room.host.unmake(copy)?;
    }
    if report.written.is_some() {
        let origin = room.host.connect("origin")?;
        let was = back::was(&origin, &room.old).map_err(failed("describing the schema"))?;
        let link = room.host.connect("new")?;
        link.run(&room.migrating).map_err(failed("going back"))?;
        let gone = back::go(&link, &room.down, &was, false);
        report.way_back.new_rows = Some(gone.map_err(failed("going back"))?);
    }
    Ok(())
}

fn started(room: &mut Room<'_>, report: &mut Report) -> Result<(), Trouble> {
    if room.plan.old_migrations.is_none() && room.plan.old_command.is_none() {
        return Ok(());
    }
    let database = room.host.make("started", Some("origin"))?;
    let link = room.host.connect("started")?;
    link.run(&room.migrating).map_err(failed("migrating the copy"))?;
    let ran = back::run(&link, &room.up);
    if let Some(folder) = &room.plan.old_migrations {
        let found = ledger::found(&link).map_err(failed("looking for the ledger"))?;
        match room.plan.ledger.or(found) {
            Some(tool) => {
                let mut applied = ledger::applied(&link, tool);
                applied.extend(ledger::shipped(&room.plan.migrate, tool)?);
                report.ledger =
                    Some(ledger::judge(tool, &ledger::shipped(folder, tool)?, &applied));
            }
            None => report.notes.push(
                "no ledger of a migration tool is in the copy; name the tool with `--ledger`"
                    .to_owned(),
            ),
        }
    }
    drop(link);
    if let (Some(command), Ok(())) = (&room.plan.old_command, ran) {
        report.boot = Some(boot(&room.host, &database, command, room.plan.old_command_wait)?);
    }
    Ok(())
}

/// For each step, whether the old version can still go on after it.
fn open_steps(room: &Room<'_>, report: &Report) -> Vec<Open> {
    let mut open = Vec::new();
    let mut why: Option<String> = None;
    for step in &report.steps {
        let numbered = room.states.iter().find(|(number, _)| *number == step.number);
        why = why
            .or_else(|| broken_by(report, step))
            .or_else(|| numbered.and_then(|(_, now)| gone(&room.old, now)))
            .or_else(|| numbered.and_then(|(_, now)| widened(room, report, now)))
            .or_else(|| {
                let emptied = step.emptied.first()?;
                Some(format!("the rows of {emptied} are gone"))
            });
        open.push(Open { step: step.number, is_open: why.is_none(), why: why.clone() });
    }
    open
}

fn broken_by(report: &Report, step: &Step) -> Option<String> {
    let lasting = report.tried.iter().flat_map(|tried| &tried.breaks);
    let mut lasting = lasting.filter(|one| one.is_for_all && one.until.is_none());
    let one = lasting.find(|one| one.after == Some(step.number))?;
    Some(format!("{}: {}", one.statement, one.refusal))
}

/// A table or column of the old version that is no longer there.
fn gone(old: &Tables, now: &Tables) -> Option<String> {
    old.iter().find_map(|(table, told)| {
        let Some(after) = now.get(table) else { return Some(format!("{table} is gone")) };
        let is_gone = |name: &str| !after.columns.iter().any(|one| one.name == name);
        let column = told.columns.iter().find(|column| is_gone(&column.name))?;
        Some(format!("{table}.{} is gone", column.name))
    })
}

/// A column that takes more than the old one did, where the new version made use of that.
fn widened(room: &Room<'_>, report: &Report, now: &Tables) -> Option<String> {
    let found = report.written.iter().flat_map(|written| &written.found);
    found.into_iter().find_map(|one| {
        let column = |tables: &Tables| {
            let columns = &tables.get(&one.table)?.columns;
            columns.iter().find(|column| column.name == one.column).cloned()
        };
        let is_other = column(&room.old) != column(now);
        is_other.then(|| {
            format!(
                "{}.{} holds what the old version never had: {}",
                one.table, one.column, one.exhibit
            )
        })
    })
}
