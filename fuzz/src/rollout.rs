//! What must hold of files of rollouts, and of what routers and flags say.

use plumb_drive::driver::WHOLE_PPM;
use plumb_drive::flagd::{Asked, share_of, with_share};
use plumb_drive::haproxy::tables::{servers, totals};
use plumb_engine::analysis::columns::Columns;
use plumb_engine::analysis::events::Events;
use plumb_engine::analysis::intake::{Arms, Intake};
use plumb_engine::analysis::parquet::Parquet;
use plumb_engine::analysis::recorded;
use plumb_engine::rollout::file::of_text;
use plumb_rollout::judge::Settings;
use plumb_rollout::judgement::{Judgement, WayBack};
use plumb_rollout::verdict::Verdict;
use plumb_rollout::walk::Aim;
use plumb_traffic::redact::Redaction;
use std::io::Cursor;
use std::path::Path;
use std::str::from_utf8;

/// Reads bytes as a rollout: the last stage brings everything everywhere, and the same text means
/// the same.
///
/// # Panics
/// When that does not hold.
pub fn rollout(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    let read = || of_text(("rollout.toml", text), Path::new("/nonexistent"));
    let Ok(rollout) = read() else { return };
    let last = Aim::Stage(rollout.stages.len() - 1);
    for region in 0..rollout.regions.len() {
        assert_eq!(rollout.wanted(last, region).ppm, WHOLE_PPM);
        assert_eq!(rollout.wanted(Aim::Nothing, region).ppm, 0);
    }
    assert!(read().is_ok_and(|again| again.digest() == rollout.digest()));
}

/// Reads bytes as both tables of HAProxy's.
///
/// # Panics
/// When a server has no name.
pub fn haproxy(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    assert!(servers(text).unwrap_or_default().iter().all(|server| !server.name.is_empty()));
    drop(totals(text));
}

/// Reads bytes as a file of flags: one that can be given a share has that share then, and given
/// the same again it stays as it is.
///
/// # Panics
/// When that does not hold.
pub fn flags(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    let word = str::to_owned;
    let asked =
        Asked { flag: word("shop"), canary: word("new"), control: word("old"), ..Asked::default() };
    for ppm in [0, 50_000, 123_456, WHOLE_PPM] {
        let Ok(written) = with_share(text, &asked, ppm) else { return };
        assert_eq!(share_of(&written, &asked), Ok(Some(ppm)));
        assert_eq!(with_share(&written, &asked, ppm).as_ref(), Ok(&written));
    }
}

/// Reads bytes as events of two versions: the same bytes are judged alike, nothing that was counted
/// is not a number, and fewer than a thousand requests promote nothing, but where the known version
/// hardly answers any.
///
/// # Panics
/// When that does not hold.
pub fn events(bytes: &[u8]) {
    let one = judged(bytes);
    assert_eq!(one, judged(bytes));
    let Some((judgement, taken)) = one else { return };
    assert!(judgement.worse.iter().chain(&judgement.differs).all(|found| found.log_e.is_finite()));
    assert!(judgement.dispersion >= 1.0);
    assert!(is_earned(&judgement, taken), "promoted by {taken}");
}

/// The same of a table in Parquet.
///
/// # Panics
/// When that does not hold.
pub fn parquet(bytes: &[u8]) {
    let one = judged_table(bytes);
    assert_eq!(one, judged_table(bytes));
    let Some((judgement, taken)) = one else { return };
    assert!(is_earned(&judgement, taken), "promoted by {taken}");
}

/// The same of metrics of OTLP, or whatever else a file that was recorded may be.
///
/// # Panics
/// When that does not hold.
pub fn recorded(bytes: &[u8]) {
    let one = judged_record(bytes);
    assert_eq!(one, judged_record(bytes));
    let Some((judgement, taken)) = one else { return };
    assert!(judgement.worse.iter().chain(&judgement.differs).all(|found| found.log_e.is_finite()));
    assert!(is_earned(&judgement, taken), "promoted by {taken}");
}

/// Whether a yes has enough to rest on.
fn is_earned(judgement: &Judgement, taken: u64) -> bool {
    let known = judgement.failures.control;
    let hardly_answers = known.hits * 10 > known.units;
    judgement.verdict != Verdict::Promote || taken >= 1_000 || hardly_answers
}

fn judged_record(bytes: &[u8]) -> Option<(Judgement, u64)> {
    let redaction = Redaction::default();
    let asked = recorded::Asked {
        settings: Settings { dimensions: 1, ..Settings::default() },
        columns: columns(),
        arms: None,
        version_header: None,
        redaction: &redaction,
        began_ms: None,
        tick_ms: 1_000,
        received_ms: 0,
    };
    let input = Box::new(Cursor::new(bytes));
    let sources = vec![recorded::Source { name: "record", arm: None, input }];
    let recorded = recorded::recorded(&asked, sources, &mut |_, _| {}).ok()?;
    let now_ms = recorded.judge.last_ms().unwrap_or_default();
    let judgement = recorded.judge.judge(now_ms, WayBack::Open);
    let judgement = match recorded.caution {
        Some(why) => judgement.without(why),
        None => judgement,
    };
    Some((judgement, recorded.account.taken))
}

fn judged(bytes: &[u8]) -> Option<(Judgement, u64)> {
    let events = Events::open("events", bytes, columns()).ok()?;
    let mut intake = intake(events.glance().arms().ok()?);
    drop(events.read(&mut intake, &mut |_| {}).ok()?);
    Some(answer(intake))
}

fn judged_table(bytes: &[u8]) -> Option<(Judgement, u64)> {
    let mut events = Parquet::open("events", Box::new(Cursor::new(bytes)), &columns()).ok()?;
    let mut intake = intake(events.glance().ok()?.arms().ok()?);
    intake.wait();
    events.read(None, &mut intake, &mut |_| {}).ok()?;
    Some(answer(intake))
}

fn columns() -> Columns {
    Columns { dimensions: vec!["locale".to_owned()], ..Columns::default() }
}

fn intake(arms: Arms) -> Intake {
    Intake::new(Settings { dimensions: 1, ..Settings::default() }, arms, 1_000)
}

fn answer(intake: Intake) -> (Judgement, u64) {
    let (judge, _, account) = intake.finish();
    let now_ms = judge.last_ms().unwrap_or_default();
    (judge.judge(now_ms, WayBack::Open), account.taken)
}
