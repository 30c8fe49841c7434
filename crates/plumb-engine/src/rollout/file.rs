//! The file of a rollout.
//!
//! Refuses to reach any router.

use crate::config::error::ConfigError;
use crate::config::origin::Put;
use crate::config::table::{Source, TEXT_BYTES_MAX, Table, parse};
use crate::excerpt::excerpt;
use crate::rollout::driver_file::{is_driver, region};
use crate::rollout::error::RolloutError;
use crate::rollout::forms::{command, form, span};
use crate::rollout::hours::{Hours, zone};
use crate::rollout::metrics_file::prometheus;
use crate::rollout::spec::{JudgeSpec, Region, Rollout, StageSpec, TransitionSpec};
use jiff::tz::TimeZone;
use plumb_drive::driver::Cohort;
use plumb_rollout::share::Share;
use plumb_rollout::walk::{Aim, Brings, Stage, Then};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The name under which a rollout is looked for.
pub const ROLLOUT_FILE: &str = "rollout.toml";

const ROOT_KEYS: &[&str] =
    &["name", "control", "canary", "every", "state", "driver", "judge", "transition", "stage"];
const JUDGE_KEYS: &[&str] =
    &["command", "patience", "events", "by", "unit", "failed", "prometheus"];
const TRANSITION_KEYS: &[&str] = &["plan", "waves"];
const STAGE_KEYS: &[&str] =
    &["name", "share", "cohort", "region", "at_least", "at_most", "hours", "zone", "then"];
const THEN_WORDS: &[&str] = &["promote", "hold"];

/// How long to wait between two looks where nobody says.
const EVERY: Duration = Duration::from_secs(10);

/// How long a judge may take where nobody says.
const JUDGE_PATIENCE: Duration = Duration::from_secs(30);

/// Waves that can be said to be done: more than any plan has.
const WAVES_MAX: i64 = 10_000;

/// Characters of a rollout's name: it is a folder's.
const NAME_CHARS_MAX: usize = 64;

/// Reads the file of a rollout; what it names lies below its folder.
///
/// # Errors
/// When it cannot be read, or says what cannot be.
pub fn read(path: &Path) -> Result<Rollout, RolloutError> {
    let failed = |source| RolloutError::Path { path: path.to_owned(), source };
    let file = path.display().to_string();
    let bytes = usize::try_from(fs::metadata(path).map_err(failed)?.len()).unwrap_or(usize::MAX);
    if bytes > TEXT_BYTES_MAX {
        return Err(ConfigError::TooLarge { file, bytes, bytes_max: TEXT_BYTES_MAX }.into());
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    Ok(of_text((&file, &text), folder)?)
}

/// The same of a file's name and text.
///
/// # Errors
/// As [`read`].
pub fn of_text((file, text): (&str, &str), folder: &Path) -> Result<Rollout, ConfigError> {
    let source = Source { file, text };
    let entries = parse(source)?;
    let root = Table::root(source, &entries);
    root.expect(ROOT_KEYS, &[])?;
    let name = root.required("name", root.text("name")?)?;
    if !is_name(&name.value) {
        return Err(form(&root, "name", &name, "`shop-2`: letters, digits, `-`, `_` and `.`"));
    }
    let version = |key: &str| Ok(root.required(key, root.text(key)?)?.value);
    let regions = regions(&root, folder)?;
    let tables = root.tables("stage")?;
    let stages: Vec<StageSpec> = tables
        .iter()
        .enumerate()
        .map(|(at, table)| stage(table, at, &regions))
        .collect::<Result<_, ConfigError>>()?;
    let judge = root.required("judge", root.table("judge")?)?;
    let rollout = Rollout {
        name: name.value,
        control: version("control")?,
        canary: version("canary")?,
        every: span(&root, "every")?.unwrap_or(EVERY),
        folder: root.text("state")?.map(|put| folder.join(PathBuf::from(put.value))),
        regions,
        judge: judge_of(&judge, folder)?,
        transition: root.table("transition")?.map(|it| transition(&it, folder)).transpose()?,
        stages,
    };
    check_whole(&root, &rollout, &tables)?;
    Ok(rollout)
}

/// The routers of all regions: one `[driver]`, or one section below it for each region.
fn regions(root: &Table<'_>, folder: &Path) -> Result<Vec<Region>, ConfigError> {
    let driver = root.required("driver", root.table("driver")?)?;
    if is_driver(&driver) {
        return Ok(vec![Region { name: None, driver: region(&driver, folder)? }]);
    }
    let named = driver.named()?;
    let all = named.iter().map(|(name, table)| {
        Ok(Region { name: Some((*name).to_owned()), driver: region(table, folder)? })
    });
    let all = all.collect::<Result<Vec<_>, ConfigError>>()?;
    if all.is_empty() {
        return driver.required("kind", None);
    }
    Ok(all)
}

fn judge_of(table: &Table<'_>, folder: &Path) -> Result<JudgeSpec, ConfigError> {
    table.expect(JUDGE_KEYS, &[])?;
    if let Some(metrics) = table.table("prometheus")? {
        let beside = ["command", "events"].into_iter().find(|key| table.entries.contains_key(*key));
        if let Some(other) = beside {
            let (place, path) = (table.source.place(&metrics.span), table.path_of("prometheus"));
            return Err(ConfigError::Beside { place, path, other });
        }
        return Ok(JudgeSpec::Prometheus(prometheus(&metrics, folder)?));
    }
    if let Some(events) = table.texts("events")? {
        if table.text("command").is_ok_and(|put| put.is_none()) && !events.value.is_empty() {
            let text = |key: &str| Ok(table.text(key)?.map(|put| put.value));
            let by = table.texts("by")?.map_or_else(Vec::new, |put| put.value);
            return Ok(JudgeSpec::Events {
                files: events.value.into_iter().map(|put| folder.join(put.value)).collect(),
                by: by.into_iter().map(|put| put.value).collect(),
                unit: text("unit")?,
                failed: text("failed")?,
            });
        }
        let place = table.source.place(&table.span);
        let path = table.path_of("events");
        return Err(ConfigError::Beside { place, path, other: "command" });
    }
    let words = table.required("command", command(table, "command")?)?;
    let patience = span(table, "patience")?.unwrap_or(JUDGE_PATIENCE);
    Ok(JudgeSpec::Command { words, patience })
}

fn transition(table: &Table<'_>, folder: &Path) -> Result<TransitionSpec, ConfigError> {
    table.expect(TRANSITION_KEYS, &[])?;
    let file = folder.join(table.required("plan", table.text("plan")?)?.value);
    let waves = table.number("waves", &(0..WAVES_MAX + 1))?;
    Ok(TransitionSpec { file, waves: waves.and_then(|put| usize::try_from(put.value).ok()) })
}

fn stage(table: &Table<'_>, at: usize, regions: &[Region]) -> Result<StageSpec, ConfigError> {
    table.expect(STAGE_KEYS, &[])?;
    let share = table.text("share")?.map(|put| share(table, &put)).transpose()?;
    let cohort = table.text("cohort")?.map(|put| cohort(table, &put)).transpose()?;
    let brings = match (share, &cohort) {
        (Some(_), Some(_)) => {
            let place = table.source.place(&table.span);
            let path = table.path_of("cohort");
            return Err(ConfigError::Beside { place, path, other: "share" });
        }
        (Some(share), None) => Brings::Share(share),
        (None, Some(_)) => Brings::Cohort,
        (None, None) => return table.required("share", None),
    };
    let region = match table.text("region")? {
        None => None,
        Some(put) => {
            let found = regions.iter().position(|one| one.name.as_ref() == Some(&put.value));
            let missing = || {
                let (path, name) = (table.path_of("region"), excerpt(&put.value));
                ConfigError::NotThere { place: put.place.clone(), path, name }
            };
            Some(found.ok_or_else(missing)?)
        }
    };
    let ms = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    let then = table.text("then")?;
    let then = match then.as_ref().map(|put| put.value.as_str()) {
        None | Some("promote") => Then::Promote,
        Some("hold") => Then::Hold,
        Some(word) => {
            let place = then
                .as_ref()
                .map_or_else(|| table.source.place(&table.span), |put| put.place.clone());
            let (path, word) = (table.path_of("then"), excerpt(word));
            return Err(ConfigError::Word { place, path, word, words: THEN_WORDS });
        }
    };
    let name = table.text("name")?.map(|put| put.value);
    Ok(StageSpec {
        name: name.unwrap_or_else(|| match brings {
            Brings::Share(share) => share.to_string(),
            Brings::Cohort => format!("stage {}", at + 1),
        }),
        stage: Stage {
            brings,
            region,
            at_least_ms: span(table, "at_least")?.map_or(0, ms),
            at_most_ms: span(table, "at_most")?.map(ms),
            then,
        },
        cohort,
        hours: hours(table)?,
    })
}

fn share(table: &Table<'_>, put: &Put<String>) -> Result<Share, ConfigError> {
    let share = Share::parse(&put.value);
    share.ok_or_else(|| form(table, "share", put, "`\"5%\"` or `\"0.5%\"`, up to `\"100%\"`"))
}

/// A header and its value. Both reach files and commands of routers, so nothing in them may end a
/// line or a quotation there.
fn cohort(table: &Table<'_>, put: &Put<String>) -> Result<Cohort, ConfigError> {
    let refused = || form(table, "cohort", put, "`\"x-group: internal\"`, a header and its value");
    let (header, value) = put.value.split_once(':').ok_or_else(refused)?;
    let (header, value) = (header.trim(), value.trim());
    let is_plain = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.@=".contains(&letter);
    let is_token = |text: &str| !text.is_empty() && text.bytes().all(is_plain);
    let is_header = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-';
    if !is_token(value) || header.is_empty() || !header.bytes().all(is_header) {
        return Err(refused());
    }
    Ok(Cohort { header: header.to_ascii_lowercase(), value: value.to_owned() })
}

fn hours(table: &Table<'_>) -> Result<Option<Hours>, ConfigError> {
    let in_zone = match table.text("zone")? {
        None => TimeZone::UTC,
        Some(put) => {
            let model = "`\"+02:00\"`, or `\"Europe/Berlin\"` where this machine knows zones";
            zone(&put.value).ok_or_else(|| form(table, "zone", &put, model))?
        }
    };
    let Some(put) = table.text("hours")? else { return Ok(None) };
    let hours = Hours::parse(&put.value, in_zone);
    hours.map(Some).ok_or_else(|| form(table, "hours", &put, "`\"22:00-05:00\"`"))
}

/// The last stage of each region has to bring all traffic: what ends before that is no rollout.
fn check_whole(
    root: &Table<'_>,
    rollout: &Rollout,
    tables: &[Table<'_>],
) -> Result<(), ConfigError> {
    let Some(last) = tables.last() else { return root.required("stage", None) };
    let aim = Aim::Stage(tables.len() - 1);
    for region in 0..rollout.regions.len() {
        let share = rollout.wanted(aim, region).ppm;
        if share < Share::WHOLE.ppm() {
            let found = Share::from_ppm(share).map_or_else(String::new, |share| share.to_string());
            return Err(ConfigError::Form {
                place: last.source.place(&last.span),
                path: last.path_of("share"),
                text: found,
                model: "`\"100%\"` in the last stage of every region",
            });
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let is_fine = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.".contains(&letter);
    name.len() <= NAME_CHARS_MAX && name.bytes().all(is_fine) && !name.starts_with('.')
}
