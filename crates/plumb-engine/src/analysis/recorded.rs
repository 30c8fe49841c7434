//! A rollout that was recorded: files of events and captures of both versions, all of them read and
//! given to one judge.
//!
//! Refuses to know how a judgement is shown.

use crate::analysis::captured::{Captured, glance};
use crate::analysis::columns::Columns;
use crate::analysis::counters::Counters;
use crate::analysis::dictionary::Dictionary;
use crate::analysis::error::AnalysisError;
use crate::analysis::events::Events;
use crate::analysis::exchanged::Exchanged;
use crate::analysis::glance::Glance;
use crate::analysis::intake::{Account, Arms, Intake};
use crate::analysis::metrics::{Metrics, VERSION};
use crate::analysis::metrics_json::is_metrics;
use crate::analysis::parquet::footer::MAGIC;
use crate::analysis::parquet::{Input, Parquet};
use crate::analysis::unread::{Unread, is_much};
use crate::observe::ObserveError;
use plumb_rollout::judge::{Judge, Settings};
use plumb_rollout::judgement::WayBack;
use plumb_rollout::tick::Arm;
use plumb_rollout::watch::Counting;
use plumb_traffic::reading::{HEAD_BYTES, Reading, recognise};
use plumb_traffic::redact::Redaction;
use std::fmt;
use std::io::{Cursor, Read};
use thiserror::Error;

/// Bytes of a capture in which its versions are looked for before anything is counted.
const GLANCE_BYTES: u64 = 8 << 20;

/// One file.
pub struct Source<'s> {
    /// Its name, for people.
    pub name: &'s str,
    /// The arm that all of it is of; none where each event says it.
    pub arm: Option<Arm>,
    /// Its bytes.
    pub input: Box<dyn Input + 's>,
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Source({}, {:?})", self.name, self.arm)
    }
}

/// What is known about the files.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// What is asked for; units and dimensions are filled in.
    pub settings: Settings,
    /// Who is who among columns.
    pub columns: Columns,
    /// The versions, where the person says them.
    pub arms: Option<Arms>,
    /// The header of an answer that tells its version.
    pub version_header: Option<String>,
    /// What of captures is never looked at.
    pub redaction: &'a Redaction,
    /// Since when the new version runs, Unix milliseconds, where the person says so.
    pub began_ms: Option<i64>,
    /// The length of a tick, milliseconds.
    pub tick_ms: i64,
    /// The moment of exchanges that tell none, Unix milliseconds.
    pub received_ms: i64,
}

/// What came of reading them.
#[derive(Debug)]
pub struct Recorded {
    /// What knows everything.
    pub judge: Judge,
    /// The values of the dimensions.
    pub dictionaries: Vec<Dictionary>,
    /// Who is who.
    pub arms: Arms,
    /// What was taken in.
    pub account: Account,
    /// What could not be read, by file.
    pub unread: Vec<(String, Unread)>,
    /// The accounts of captures, by file.
    pub readings: Vec<(String, Reading)>,
    /// What this cannot see, whatever it holds.
    pub unseen: &'static [&'static str],
    /// Why a yes would rest on too little of what there is.
    pub caution: Option<String>,
}

impl Recorded {
    /// What was counted, as people call one of them.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        self.judge.counting().noun()
    }
}

/// Why recorded files cannot be analysed.
#[derive(Debug, Error)]
pub enum RecordedError {
    /// Events.
    #[error(transparent)]
    Events(#[from] AnalysisError),
    /// A capture.
    #[error(transparent)]
    Capture(#[from] ObserveError),
}

/// Reads all files, one after the other. `progress` is called with the file's name and the bytes
/// that were read of it since the last time.
///
/// # Errors
///
/// When a file cannot be read or holds nothing, or it is not clear which versions are compared.
pub fn recorded(
    asked: &Asked<'_>,
    sources: Vec<Source<'_>>,
    progress: &mut dyn FnMut(&str, u64),
) -> Result<Recorded, RecordedError> {
    let is_one = sources.len() == 1;
    let mut state = State {
        asked,
        intake: None,
        captured: None,
        metrics: None,
        found: Found::default(),
        is_one,
    };
    for source in sources {
        state.read(source, progress)?;
    }
    state.finish()
}

#[derive(Default)]
struct Found {
    arms: Option<Arms>,
    unread: Vec<(String, Unread)>,
    readings: Vec<(String, Reading)>,
}

impl Found {
    /// Why a yes would rest on too little of what the files hold.
    fn caution(&self) -> Option<String> {
        let of_lines = self.unread.iter().filter_map(|(name, unread)| unread.caution(name));
        let of_captures = self.readings.iter().filter_map(|(name, reading)| {
            let unread = reading.unread_total;
            let caution = || format!("{unread} places of {name} could not be read");
            is_much(unread, reading.exchanges).then(caution)
        });
        of_lines.chain(of_captures).next()
    }
}

struct State<'a> {
    asked: &'a Asked<'a>,
    intake: Option<Intake>,
    captured: Option<Captured<'a>>,
    metrics: Option<Metrics>,
    found: Found,
    is_one: bool,
}

impl State<'_> {
    fn read(
        &mut self,
        mut source: Source<'_>,
        progress: &mut dyn FnMut(&str, u64),
    ) -> Result<(), RecordedError> {
        let name = source.name.to_owned();
        let mut head = Vec::new();
        source.input.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(|err| {
            AnalysisError::Unreadable { name: name.clone(), reason: err.to_string() }
        })?;
        if head.starts_with(MAGIC) {
            return self.read_parquet(source, progress);
        }
        let is_capture = recognise(&head, &name).is_some();
        let has_metrics = is_metrics(&head);
        let is_mixed = if has_metrics { self.intake.is_some() } else { self.metrics.is_some() };
        if is_mixed {
            return Err(AnalysisError::Mixed { name }.into());
        }
        let input = Cursor::new(head).chain(source.input);
        if has_metrics {
            self.read_metrics((&name, source.arm), input, progress)
        } else if is_capture {
            self.read_capture((&name, source.arm), input, progress)
        } else {
            self.read_events((&name, source.arm), input, progress)
        }
    }

    fn read_events(
        &mut self,
        (name, arm): (&str, Option<Arm>),
        input: impl Read,
        progress: &mut dyn FnMut(&str, u64),
    ) -> Result<(), RecordedError> {
        let events = Events::open(name, input, self.asked.columns.clone())?;
        let glance = events.glance();
        let counts_units = glance.names_units();
        self.find_arms(glance)?;
        let intake = self.intake(counts_units)?;
        let unread = events.of(arm).read(intake, &mut |bytes| progress(name, bytes))?;
        self.found.unread.push((name.to_owned(), unread));
        Ok(())
    }

    fn read_metrics(
        &mut self,
        (name, arm): (&str, Option<Arm>),
        input: impl Read,
        progress: &mut dyn FnMut(&str, u64),
    ) -> Result<(), RecordedError> {
        let component = self.asked.columns.component.as_deref();
        let arms = self.asked.arms.clone().unwrap_or_else(words);
        let version = arm.map(|arm| match arm {
            Arm::Control => arms.control.as_str(),
            Arm::Canary => arms.canary.as_str(),
        });
        let metrics = self.metrics.get_or_insert_default();
        let unread = metrics.read(input, (component, version), &mut |bytes| progress(name, bytes));
        let unread = unread.map_err(|err| AnalysisError::Unreadable {
            name: name.to_owned(),
            reason: err.to_string(),
        })?;
        self.found.unread.push((name.to_owned(), unread));
        Ok(())
    }

    fn read_parquet(
        &mut self,
        source: Source<'_>,
        progress: &mut dyn FnMut(&str, u64),
    ) -> Result<(), RecordedError> {
        let name = source.name.to_owned();
        let mut events = Parquet::open(&name, source.input, &self.asked.columns)?;
        let unread = Unread::of_lists(events.lists());
        let glance = events.glance()?;
        let counts_units = glance.names_units();
        self.find_arms(glance)?;
        let intake = self.intake(counts_units)?;
        // What writers of tables call an order need not be that of time.
        intake.wait();
        events.read(source.arm, intake, &mut |bytes| progress(&name, bytes))?;
        self.found.unread.push((name, unread));
        Ok(())
    }

    /// The versions, as the person says or as the first file of events names them.
    fn find_arms(&mut self, glance: Glance) -> Result<(), AnalysisError> {
        if self.found.arms.is_none() {
            self.found.arms = Some(match &self.asked.arms {
                Some(arms) => arms.clone(),
                None => glance.arms()?,
            });
        }
        Ok(())
    }

    fn read_capture(
        &mut self,
        source: (&str, Option<Arm>),
        mut input: impl Read,
        progress: &mut dyn FnMut(&str, u64),
    ) -> Result<(), RecordedError> {
        let asked = self.asked;
        let exchanged = Exchanged::new(&asked.columns, asked.received_ms)
            .with_version_header(asked.version_header.clone());
        let mut beginning = Vec::new();
        input.by_ref().take(GLANCE_BYTES).read_to_end(&mut beginning).map_err(|err| {
            AnalysisError::Unreadable { name: source.0.to_owned(), reason: err.to_string() }
        })?;
        let component = asked.columns.component.as_deref();
        let glance = glance(source.0, &beginning, &exchanged, component);
        let mut input = Cursor::new(beginning).chain(input);
        let counts_units = glance.names_units();
        if self.found.arms.is_none() {
            self.found.arms = Some(match &asked.arms {
                Some(arms) => arms.clone(),
                None if source.1.is_some() || glance.names_only(&words()) => words(),
                None => glance.arms()?,
            });
        }
        self.intake(counts_units)?;
        let (Some(intake), Some(arms)) = (self.intake.as_mut(), self.found.arms.clone()) else {
            return Ok(());
        };
        // A call is told when both of its sides are known, so that calls come in any order.
        intake.wait();
        let new = || Captured::new(arms, asked.redaction, exchanged);
        let captured = self.captured.get_or_insert_with(new);
        let mut told = 0;
        let reading = captured.read(source, &mut input, intake, &mut |bytes| {
            progress(source.0, bytes.saturating_sub(told));
            told = bytes;
        })?;
        self.found.readings.push((source.0.to_owned(), reading));
        Ok(())
    }

    /// The intake, which the first file says how to make.
    fn intake(&mut self, counts_units: bool) -> Result<&mut Intake, RecordedError> {
        let Some(arms) = self.found.arms.clone() else { return Err(nothing().into()) };
        let asked = self.asked;
        let is_one = self.is_one;
        Ok(self.intake.get_or_insert_with(|| {
            let counting = if counts_units { Counting::Units } else { Counting::Requests };
            let dimensions = asked.columns.dimensions.len();
            let settings = Settings { counting, dimensions, ..asked.settings.clone() };
            let component = asked.columns.component.clone();
            let mut intake = Intake::new(settings, arms, asked.tick_ms).of_component(component);
            asked.began_ms.into_iter().for_each(|at_ms| intake.judge_mut().begin(at_ms));
            if !is_one {
                intake.wait();
            }
            intake
        }))
    }

    fn finish(self) -> Result<Recorded, RecordedError> {
        if let Some(metrics) = &self.metrics {
            return Ok(of_metrics(self.asked, metrics, self.found)?);
        }
        let caution = self.found.caution();
        let (Some(mut intake), Some(arms)) = (self.intake, self.found.arms) else {
            return Err(nothing().into());
        };
        if let Some(captured) = &self.captured {
            captured.tell(&mut intake);
        }
        let (judge, dictionaries, account) = intake.finish();
        let Found { unread, readings, .. } = self.found;
        Ok(Recorded { judge, dictionaries, arms, account, unread, readings, unseen: &[], caution })
    }
}

/// The arms where nobody names versions: which file is which says it.
fn words() -> Arms {
    Arms { control: "control".to_owned(), canary: "canary".to_owned() }
}

/// What metrics tell, judged by what grew between moments.
fn of_metrics(
    asked: &Asked<'_>,
    metrics: &Metrics,
    found: Found,
) -> Result<Recorded, AnalysisError> {
    let mut glance = Glance::default();
    for (version, requests) in metrics.versions() {
        glance.see_version(version, requests);
    }
    let arms = match &asked.arms {
        Some(arms) => arms.clone(),
        None => glance.arms()?,
    };
    let settings = Settings { dimensions: 0, ..asked.settings.clone() };
    let mut counters = Counters::new(VERSION, arms, settings).since(asked.began_ms);
    counters.take(&metrics.told());
    let counted = counters.judge().judge(asked.received_ms, WayBack::Open).failures;
    let account = Account {
        taken: counted.control.units + counted.canary.units,
        elsewhere: metrics.elsewhere,
        nameless: metrics.nameless,
        ..Account::default()
    };
    let (arms, caution) = (counters.arms().clone(), found.caution().or(counters.caution()));
    let judge = counters.judge().clone();
    let Found { unread, readings, .. } = found;
    let dictionaries = Vec::new();
    Ok(Recorded { judge, dictionaries, arms, account, unread, readings, unseen: UNSEEN, caution })
}

/// What metrics do not hold.
const UNSEEN: &[&str] = &[
    "users, and groups of them: each request counts",
    "what is answered, beyond its status and how long it took",
    "retries, and work that is handed over",
];

fn nothing() -> AnalysisError {
    AnalysisError::NoEvents { name: "-".to_owned(), reason: "no file was named".to_owned() }
}
