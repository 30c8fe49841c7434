//! Judging: the claims of a folder against the evidence on the shelf, and the gate over the result.

use crate::config::gate::OnUnknown;
use crate::shelf::{self, Shelf, ShelfError};
use crate::sighting::{Sighting, Sightings};
use plumb_gap::evidence::{Evidence, Gathered};
use plumb_gap::finding::{Finding, Verdict};
use plumb_gap::policy::Policy;
use plumb_gap::release::Release;
use plumb_gap::report::{self, Report};
use plumb_shape::claim::Claim;
use plumb_shape::literal::LiteralKey;
use plumb_shape::operation::Operation;
use plumb_store::store::{Filter, VisitRefused, WindowKey};

/// Which evidence counts.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Only exchanges of this day (since the Unix epoch) and later.
    pub since_day: Option<i32>,
    /// Only exchanges of this day and earlier: what was not seen yet does not count.
    pub until_day: Option<i32>,
    /// Only this environment; all when `None`.
    pub environment: Option<String>,
}

impl Scope {
    /// True when the exchanges of a window count.
    #[must_use]
    pub fn takes(&self, window: &WindowKey) -> bool {
        self.since_day.is_none_or(|day| window.day >= day)
            && self.until_day.is_none_or(|day| window.day <= day)
            && self.environment.as_ref().is_none_or(|name| *name == window.environment)
    }

    /// True when a release counts. One to nowhere in particular counts everywhere.
    #[must_use]
    pub fn takes_release(&self, release: &Release) -> bool {
        let is_same = |name: &String| *name == release.environment;
        release.environment.is_empty() || self.environment.as_ref().is_none_or(is_same)
    }
}

/// Everything on the shelf within the scope, by seam and writer version.
///
/// # Errors
///
/// When the store or a stored profile cannot be read.
pub fn evidence(shelf: &Shelf, scope: &Scope) -> Result<Vec<Evidence>, ShelfError> {
    Ok(sighted(shelf, scope)?.0)
}

/// The same, and on which days each version was seen.
///
/// # Errors
///
/// When the store or a stored profile cannot be read.
pub fn sighted(shelf: &Shelf, scope: &Scope) -> Result<(Vec<Evidence>, Vec<Sighting>), ShelfError> {
    let (mut gathered, mut sightings) = (Gathered::default(), Sightings::default());
    let filter = Filter {
        since_day: scope.since_day,
        environment: scope.environment.clone(),
        ..Filter::default()
    };
    shelf
        .store
        .windows(&filter, &mut |window| {
            if !scope.takes(window.key) {
                return Ok(());
            }
            sightings.add(window.key, window.last_ms);
            let part = part(window.key, window.value, window.last_ms);
            gathered.add(part.map_err(|err| VisitRefused { reason: err.to_string() })?);
            Ok(())
        })
        .map_err(ShelfError::Store)?;
    Ok((gathered.into_evidence(), sightings.into_sightings()))
}

/// The evidence of one window. `last_ms` is when it was last seen, unless its exchanges tell.
///
/// # Errors
///
/// When its profile or its operation cannot be read.
pub(crate) fn part(key: &WindowKey, value: &[u8], last_ms: i64) -> Result<Evidence, ShelfError> {
    let operation = Operation::parse(&key.operation)
        .ok_or_else(|| ShelfError::Profile(format!("`{}` is no operation", key.operation)))?;
    let profile = shelf::decode(value)?;
    Ok(Evidence {
        writer: key.writer.clone(),
        reader: key.reader.clone(),
        operation,
        version: key.version.clone(),
        last_ms: profile.total().last_ms.unwrap_or(last_ms),
        profile,
    })
}

/// Compares claims with evidence. Hosts in claims are given their dependencies' names first, so
/// that both sides speak of the same provider.
#[must_use]
pub fn judge(
    claims: &mut [Claim],
    evidence: Vec<Evidence>,
    releases: &[Release],
    policy: &Policy,
    key: &LiteralKey,
    name_of: &dyn Fn(&str) -> Option<String>,
) -> Report {
    for claim in &mut *claims {
        if let Some(name) = claim.writer.as_deref().and_then(name_of) {
            claim.writer = Some(name);
        }
    }
    report::report(claims, evidence, releases, policy, key)
}

/// What the gate answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing stands against it.
    Pass,
    /// Findings at or above the threshold.
    Refuse,
    /// Not enough evidence to say.
    CannotTell,
}

/// The gate's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateRules {
    /// The least bad verdict that refuses: drifted or broken.
    pub fail_on: Verdict,
    /// What to do about unobserved and stale assumptions.
    pub on_unknown: OnUnknown,
}

/// The gate's decision.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The answer.
    pub answer: Answer,
    /// Why, in one line.
    pub reason: String,
    /// Keys of the findings that refuse.
    pub refusing: Vec<String>,
    /// Findings that would refuse and are accepted.
    pub accepted: usize,
    /// What the decision did not cover, in one line.
    pub uncovered: String,
}

/// Decides. A finding is set aside when `is_accepted` says so. Without any assumption that
/// evidence decides, the answer is never a pass, whatever the rules say.
#[must_use]
pub fn decide(
    report: &Report,
    rules: &GateRules,
    is_accepted: &dyn Fn(&Finding) -> bool,
) -> Decision {
    let bad = report.findings.iter().filter(|finding| finding.verdict >= rules.fail_on);
    let (accepted, refusing): (Vec<&Finding>, Vec<&Finding>) =
        bad.partition(|finding| is_accepted(finding));
    let summary = report.summary();
    let unknown = summary.unobserved + summary.stale;
    let decided = summary.all() - unknown;
    let uncovered = format!(
        "not covered: {} of {} assumptions unobserved, {} stale",
        summary.unobserved,
        summary.all(),
        summary.stale
    );
    let (answer, reason) = if !refusing.is_empty() {
        let count = refusing.len();
        let noun = if count == 1 { "finding" } else { "findings" };
        (Answer::Refuse, format!("{count} {noun} at or above `{}`", rules.fail_on))
    } else if decided == 0 {
        (Answer::CannotTell, "no assumption has enough fresh evidence".to_owned())
    } else if unknown > 0 && rules.on_unknown == OnUnknown::Fail {
        let subject = if unknown == 1 { "assumption lacks" } else { "assumptions lack" };
        (Answer::CannotTell, format!("{unknown} {subject} fresh evidence"))
    } else {
        let noun = if decided == 1 { "assumption" } else { "assumptions" };
        (Answer::Pass, format!("{decided} {noun} judged, none refused"))
    };
    let refusing = refusing.into_iter().map(Finding::key).collect();
    Decision { answer, reason, refusing, accepted: accepted.len(), uncovered }
}
