//! Bodies of a rollout: captures of both versions, folded a little time at a time, so that what
//! they answer can be compared fact by fact.
//!
//! Refuses to know formats, and how facts are compared.

use crate::analysis::exchanged::Exchanged;
use crate::analysis::glance::Glance;
use crate::analysis::intake::{Arms, Intake};
use crate::observe::{ObserveError, exchanges};
use plumb_rollout::body::Answers;
use plumb_rollout::tick::Arm;
use plumb_shape::literal::LiteralKey;
use plumb_shape::profile::Profile;
use plumb_traffic::exchange::Exchange;
use plumb_traffic::fold::Folds;
use plumb_traffic::reading::Reading;
use plumb_traffic::redact::Redaction;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

/// The shortest time that is compared at once: as long as a burst, and short enough that a rate
/// hardly changes within.
const SPAN_MS: i64 = 10_000;

/// The most spans that are kept. A longer rollout has longer ones.
const SPANS_MAX: usize = 720;

/// What each operation answered in one span, by arm.
type Span = BTreeMap<String, [Option<Profile>; 2]>;

/// Folds captures.
#[derive(Debug)]
pub struct Captured<'r> {
    arms: Arms,
    redaction: &'r Redaction,
    exchanged: Exchanged,
    spans: BTreeMap<i64, Span>,
    span_ms: i64,
}

impl<'r> Captured<'r> {
    /// Nothing folded yet. Exchanges are made rows of by `exchanged`.
    #[must_use]
    pub fn new(arms: Arms, redaction: &'r Redaction, exchanged: Exchanged) -> Self {
        Self { arms, redaction, exchanged, spans: BTreeMap::new(), span_ms: SPAN_MS }
    }

    /// Reads a capture; all of it is of one arm where `arm` says so, else each exchange says its
    /// version. What every exchange shows beside its body is counted as well.
    ///
    /// # Errors
    ///
    /// When it cannot be read, is in no known format, or nothing of it can be read.
    pub fn read(
        &mut self,
        (name, arm): (&str, Option<Arm>),
        input: &mut dyn Read,
        intake: &mut Intake,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Reading, ObserveError> {
        let mut open: Option<(i64, Folds<'_>)> = None;
        let exchanged = self.exchanged.clone();
        let reading = exchanges(
            (name, exchanged.wanted()),
            input,
            &mut |mut exchange| {
                let row = exchanged.row(&exchange);
                if !intake.take(&row, arm) {
                    return;
                }
                let version = row.version.map(Cow::into_owned);
                // What was told to be the version is not what the format holds for it.
                exchange.version = version.map(Cow::Owned);
                let at_ms = exchanged.at_ms(&exchange);
                let is_other = |from_ms: i64| !(from_ms..from_ms + SPAN_MS).contains(&at_ms);
                if open.as_ref().is_some_and(|(from_ms, _)| is_other(*from_ms))
                    && let Some((from_ms, folds)) = open.take()
                {
                    self.keep(from_ms, folds, arm);
                }
                let from_ms = at_ms - at_ms.rem_euclid(SPAN_MS);
                let (_, folds) = open.get_or_insert_with(|| (from_ms, self.folds()));
                folds.observe(&exchange);
            },
            progress,
        )?;
        if let Some((from_ms, folds)) = open {
            self.keep(from_ms, folds, arm);
        }
        Ok(reading)
    }

    fn folds(&self) -> Folds<'static> {
        // No literal leaves this process, so that any key will do.
        let key = LiteralKey::new([0; 32]);
        Folds::new(key, self.redaction.as_denied(), self.exchanged.origin(), &|_| None)
    }

    fn keep(&mut self, from_ms: i64, folds: Folds<'_>, arm: Option<Arm>) {
        let span = self.spans.entry(from_ms.div_euclid(self.span_ms)).or_default();
        for (window, profile) in folds.seal() {
            let Some(arm) = arm.or_else(|| self.arms.arm(&window.version)) else { continue };
            let both = span.entry(window.operation).or_default();
            let slot = &mut both[usize::from(arm == Arm::Canary)];
            *slot = Some(slot.take().map_or_else(|| profile.clone(), |one| one.merge(&profile)));
        }
        if self.spans.len() > SPANS_MAX {
            self.lengthen();
        }
    }

    /// Joins spans two by two.
    fn lengthen(&mut self) {
        self.span_ms *= 2;
        for (at, span) in std::mem::take(&mut self.spans) {
            let joined = self.spans.entry(at.div_euclid(2)).or_default();
            for (operation, both) in span {
                let slots = joined.entry(operation).or_default();
                for (slot, profile) in slots.iter_mut().zip(both) {
                    *slot = match (slot.take(), profile) {
                        (Some(one), Some(two)) => Some(one.merge(&two)),
                        (one, two) => one.or(two),
                    };
                }
            }
        }
    }

    /// Hands everything folded to the judge, in order of time.
    pub fn tell(&self, intake: &mut Intake) {
        for (at, span) in &self.spans {
            let answers: Answers<'_> = span
                .iter()
                .map(|(operation, [control, canary])| {
                    (operation.as_str(), [control.as_ref(), canary.as_ref()])
                })
                .collect();
            intake.judge_mut().answers(at * self.span_ms, &answers);
        }
    }
}

/// What the beginning of a capture shows of a component; what cannot be read of it is told when all
/// is read.
pub(crate) fn glance(
    name: &str,
    beginning: &[u8],
    exchanged: &Exchanged,
    component: Option<&str>,
) -> Glance {
    let mut glance = Glance::default();
    let mut see = |exchange: Exchange<'_>| {
        let row = exchanged.row(&exchange);
        if row.is_of(component) {
            glance.see(&row);
        }
    };
    let mut input = beginning;
    drop(exchanges((name, exchanged.wanted()), &mut input, &mut see, &mut |_| {}));
    glance
}
