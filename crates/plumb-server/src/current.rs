//! Keeping the judgement current: again whenever evidence came, now and then because evidence ages,
//! and telling whoever asked to be told when a verdict changes class.
//!
//! Refuses to know how a judgement is reached.

use crate::daemon::Daemon;
use crate::hook::{Hook, announce};
use crate::meter::OfVerdict;
use crate::project::Project;
use crate::standing::{Judge, Standing, Subject, changes};
use plumb_engine::history::{self, Point};
use plumb_engine::shelf::{self, ShelfError};
use plumb_pages::survey::Survey;
use plumb_tap::shutdown::Closing;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often to see whether evidence came.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// After so many looks without news it is judged all the same, every five minutes: evidence goes
/// stale by itself.
const LOOKS_MAX: u32 = 150;

/// The kind and the key under which the verdicts told last are kept.
const STANDING: (&str, &str) = ("standing", "verdicts");

/// Judges again and again until the daemon closes.
pub(crate) async fn keep_current(
    daemon: Arc<Daemon>,
    judge: Judge,
    hooks: Arc<[Hook]>,
    mut closing: Closing,
) {
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut judged, mut looks, mut complained) = ((0, None), LOOKS_MAX, String::new());
    loop {
        tokio::select! {
            () = closing.begun() => return,
            _ = look.tick() => {}
        }
        let own = Arc::clone(&daemon.projects.own);
        let changes = tokio::task::spawn_blocking(move || changed(&own)).await.unwrap_or(judged);
        looks += 1;
        if changes == judged && looks < LOOKS_MAX {
            continue;
        }
        (judged, looks) = (changes, 0);
        let (shared, judge, hooks) = (Arc::clone(&daemon), Arc::clone(&judge), Arc::clone(&hooks));
        let work = move || judged_once(&shared, &judge, &hooks);
        let said = tokio::task::spawn_blocking(work).await;
        let said = said.unwrap_or_else(|_| Err("judging failed for a bug".to_owned()));
        let said = said.err().unwrap_or_default();
        if !said.is_empty() && said != complained {
            (daemon.complain)(&said);
        }
        daemon.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&said);
        complained = said;
    }
}

/// What changes when evidence comes: through the server, or into its store beside it.
fn changed(project: &Project) -> (u64, Option<[u8; 32]>) {
    let newest = project.shelf().store.deltas(1).ok().and_then(|mut all| all.pop());
    (project.changes.load(Ordering::Relaxed), newest.map(|delta| delta.id))
}

fn judged_once(daemon: &Daemon, judge: &Judge, hooks: &[Hook]) -> Result<(), String> {
    let standing = judge()?;
    for (verdict, count) in &standing.counts {
        let gauge = daemon.meter.claims.get_or_create(&OfVerdict { verdict });
        gauge.set(i64::try_from(*count).unwrap_or(i64::MAX));
    }
    daemon.meter.gap.set(standing.gap.unwrap_or(f64::NAN));
    daemon.meter.unseen.set(standing.unseen.unwrap_or(f64::NAN));
    daemon.meter.judged.set(Duration::from_millis(standing.at_ms.unsigned_abs()).as_secs_f64());
    let told = told(daemon).map_err(|err| err.to_string())?;
    let changes = told.map(|told| changes(&told, &standing)).unwrap_or_default();
    for change in &changes {
        for hook in hooks {
            if let Err(err) = announce(hook, change) {
                daemon.meter.hook_failures.inc();
                (daemon.complain)(&format!("a verdict could not be announced: {err}"));
            }
        }
    }
    // Kept only now: what a crash cut short is announced again, never skipped.
    keep(daemon, &standing).map_err(|err| err.to_string())?;
    let at_ms = standing.at_ms;
    history::note(&mut daemon.projects.own.shelf(), point(&standing))
        .map_err(|err| err.to_string())?;
    let newest = Some(Arc::new(standing));
    *daemon.standing.lock().unwrap_or_else(PoisonError::into_inner) = newest;
    daemon.judged.send_replace(at_ms);
    Ok(())
}

fn point(standing: &Standing) -> Point {
    let Survey { report, accepted, .. } = &*standing.survey;
    Point {
        accepted: u64::try_from(accepted.len()).unwrap_or(u64::MAX),
        gap: standing.gap,
        unseen: standing.unseen,
        ..Point::of(standing.at_ms, report.summary())
    }
}

/// The verdicts told last; none when nothing was ever told.
fn told(daemon: &Daemon) -> Result<Option<BTreeMap<Subject, String>>, ShelfError> {
    let told: Option<Vec<(Subject, String)>> = shelf::kept(&daemon.projects.own.shelf(), STANDING)?;
    Ok(told.map(|told| told.into_iter().collect()))
}

fn keep(daemon: &Daemon, standing: &Standing) -> Result<(), ShelfError> {
    let verdicts: Vec<(&Subject, &String)> = standing.verdicts.iter().collect();
    shelf::keep(&mut daemon.projects.own.shelf(), STANDING, &verdicts)
}
