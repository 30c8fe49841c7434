//! Many rollouts of one setting, each judged by everybody on the same counts.
//!
//! Refuses to know how results are shown.

use crate::peers::{Series, Textbook, Threshold};
use crate::random::Random;
use crate::traffic::{Failures, Setting, Traffic, WATCHED};
use plumb_rollout::tick::Count;
use plumb_rollout::watch::{Counting, Watch};
use std::thread;

/// The level at which a rollout is stopped.
pub(crate) const ALPHA: f64 = 0.01;

/// The smallest ratio that is worth a stop.
pub(crate) const RATIO_MIN: f64 = 1.1;

/// How many minutes Kayenta sees: what its documentation asks for at least, and as many as it is
/// said to need. The second is longer than the others watch.
pub(crate) const POINTS: [u32; 2] = [50, 180];

/// How many seconds the old version runs alone before a rollout, in which Plumb learns how much
/// its failures hang together.
pub(crate) const BEFORE: i32 = 3_600;

/// Who stopped one rollout, and after how many seconds. Kayenta looks once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stops {
    pub(crate) plumb: Option<u32>,
    /// The same without the hour before.
    pub(crate) at_once: Option<u32>,
    pub(crate) textbook: Option<u32>,
    pub(crate) three_minutes: Option<u32>,
    pub(crate) argo: Option<u32>,
    pub(crate) kayenta: [Option<u32>; 2],
}

/// Whether a watch says to stop.
pub(crate) fn is_stopped(watch: &Watch) -> bool {
    watch.log_more() >= -ALPHA.ln() && watch.ratio(ALPHA).0 >= RATIO_MIN
}

/// Judges one rollout.
pub(crate) fn judge(setting: &Setting, random: Random) -> Stops {
    let counting = match setting.failures {
        Failures::Users { .. } => Counting::Units,
        Failures::OneByOne | Failures::Bursts { .. } => Counting::Requests,
    };
    let mut traffic = Traffic::new(setting, random, -BEFORE);
    let (mut watch, mut textbook) = (Watch::new(counting, 1.5), Textbook::default());
    let mut at_once = watch.clone();
    (0..BEFORE).for_each(|_| watch.observe(&traffic.second().tick));
    let (mut threshold, mut series) = (Threshold::default(), Series::default());
    let mut minute = (Count::default(), Count::default());
    let mut stops = Stops::default();
    for at in 1..=60 * POINTS[1] {
        let second = traffic.second();
        if at <= WATCHED {
            if stops.plumb.is_none() {
                watch.observe(&second.tick);
                stops.plumb = is_stopped(&watch).then_some(at);
            }
            if stops.at_once.is_none() {
                at_once.observe(&second.tick);
                stops.at_once = is_stopped(&at_once).then_some(at);
            }
            if stops.textbook.is_none() {
                stops.textbook = textbook.observe(&second.tick).then_some(at);
            }
        }
        minute.0.add(second.tick.canary);
        minute.1.add(second.baseline);
        if at % 60 == 0 {
            let (canary, baseline) = std::mem::take(&mut minute);
            stops.minute(at, threshold.observe(canary));
            series.push(real(canary.hits), real(baseline.hits));
            stops.look(at, &series);
        }
    }
    stops
}

impl Stops {
    /// What the rules of thumb said at the end of a minute.
    pub(crate) fn minute(&mut self, at: u32, (in_a_row, in_all): (bool, bool)) {
        if at <= WATCHED {
            self.three_minutes = self.three_minutes.or(in_a_row.then_some(at));
            self.argo = self.argo.or(in_all.then_some(at));
        }
    }

    /// Lets Kayenta look where its time has come.
    pub(crate) fn look(&mut self, at: u32, series: &Series) {
        for (points, found) in POINTS.iter().zip(&mut self.kayenta) {
            if at == 60 * points && series.is_high() {
                *found = Some(at);
            }
        }
    }
}

/// Judges `runs` rollouts on all cores. The answer does not depend on how many there are.
pub(crate) fn many(runs: u64, judge: impl Fn(u64) -> Stops + Sync) -> Vec<Stops> {
    let threads = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    thread::scope(|scope| {
        let judge = &judge;
        let begun: Vec<_> = (0..threads)
            .map(|first| {
                scope.spawn(move || {
                    (first..runs)
                        .step_by(usize::try_from(threads).unwrap_or(1))
                        .map(judge)
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        begun.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
fn real(count: u64) -> f64 {
    count as f64
}
