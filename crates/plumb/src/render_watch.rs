//! A rollout that people watch: its stages with the one that is reached, what routers do, what the
//! judge says and how far each question is, and what is still needed.
//!
//! Refuses to decide, and to know how it gets to a screen.

use crate::look::Look;
use crate::render::{count_u64, field, hanging, moment};
use crate::render_judgement::word;
use crate::render_rollout::{traffic, work};
use plumb_engine::rollout::kept::{Kept, PhaseWord};
use plumb_engine::rollout::lease::Owner;
use plumb_engine::rollout::rests::{Standing, Watched};
use plumb_engine::rollout::spec::{Rollout, StageSpec};
use plumb_gap::finding;
use plumb_rollout::verdict::Verdict;
use plumb_rollout::walk::{Brings, Then};
use plumb_wire::harmless::harmless;

/// Below this an interval says nothing: the smallest ratio that is asked for is a fiftieth.
const RATIO_MIN: f64 = 0.03;

/// What is watched, at a moment in Unix milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watching<'a> {
    pub(crate) rollout: &'a Rollout,
    pub(crate) kept: Option<&'a Kept>,
    pub(crate) owner: Option<&'a Owner>,
    pub(crate) now_ms: i64,
}

/// The whole view.
pub(crate) fn view(look: Look, watching: &Watching<'_>) -> String {
    let Watching { rollout, kept, owner, .. } = watching;
    let versions = format!("{} to {}", rollout.control, rollout.canary);
    let phase = kept.map_or("never begun", |kept| kept.phase.words());
    let name = harmless(&rollout.name);
    let mut out = format!("{name}: {}, {}\n", harmless(&versions), look.strong(phase));
    for (at, stage) in rollout.stages.iter().enumerate() {
        out.push_str(&stage_line(look, watching, (at, stage)));
    }
    let Some(kept) = kept else { return out };
    for region in &kept.regions {
        out.push_str(&field(look, "traffic", &traffic(region)));
    }
    out.push_str(&judged(look, kept));
    for one in &kept.rests.watched {
        out.push_str(&question(look, one));
    }
    for one in &kept.rests.work {
        out.push_str(&field(look, "work", &work(one)));
    }
    if let Some(needs) = needs(watching, kept) {
        out.push_str(&field(look, "needs", &needs));
    }
    if !kept.state().is_end() {
        let by = owner.map_or("nobody; `plumb rollout run` goes on".to_owned(), |owner| {
            harmless(&owner.to_string()).into_owned()
        });
        out.push_str(&field(look, "run by", &by));
    }
    out
}

fn stage_line(look: Look, watching: &Watching<'_>, (at, stage): (usize, &StageSpec)) -> String {
    let kept = watching.kept;
    let reached = kept.and_then(|kept| kept.stage);
    let has_all = kept.is_some_and(|kept| kept.phase == PhaseWord::Promoted);
    let mark = match reached {
        Some(reached) if at < reached || has_all => "✔",
        Some(reached) if at == reached => "●",
        _ => "◌",
    };
    let mut parts = vec![brings(watching.rollout, stage)];
    let is_here = mark == "●";
    if let Some(kept) = kept.filter(|_| is_here) {
        match kept.since_ms.filter(|_| kept.is_done) {
            Some(since_ms) => {
                let span = span(watching.now_ms.saturating_sub(since_ms));
                parts.push(format!("since {}, {span}", moment(since_ms)));
            }
            None => parts.push("routers are not set yet".to_owned()),
        }
    }
    if stage.stage.at_least_ms > 0 {
        parts.push(format!("at least {}", span(stage.stage.at_least_ms)));
    }
    if let Some(at_most_ms) = stage.stage.at_most_ms {
        parts.push(format!("at most {}", span(at_most_ms)));
    }
    parts.extend(stage.hours.as_ref().map(|hours| format!("only {hours}")));
    if stage.stage.then == Then::Hold {
        parts.push("then people decide".to_owned());
    }
    let head = format!("{mark} {:>2}", at + 1);
    let head = if is_here { look.strong(&head) } else { look.faint(&head) };
    hanging(look, &format!("  {head}  "), &parts.join(" · "))
}

/// The name of a stage, and what it brings where the name does not say so.
fn brings(rollout: &Rollout, stage: &StageSpec) -> String {
    let what = match (&stage.cohort, stage.stage.brings) {
        (Some(cohort), _) => format!("{}: {}", cohort.header, cohort.value),
        (None, Brings::Share(share)) => share.to_string(),
        (None, Brings::Cohort) => String::new(),
    };
    let region = stage.stage.region.and_then(|at| rollout.regions.get(at)?.name.as_deref());
    let place = region.map_or_else(String::new, |name| format!(" of {}", harmless(name)));
    if stage.name == what {
        return format!("{what}{place}");
    }
    format!("{} · {}{place}", harmless(&stage.name), harmless(&what))
}

fn judged(look: Look, kept: &Kept) -> String {
    let Some(code) = &kept.verdict else {
        return field(look, "judge", "was not asked yet");
    };
    let said = match Verdict::of_code(code) {
        Some(verdict) => word(look, verdict),
        None => harmless(code).into_owned(),
    };
    let why = if kept.sentence.is_empty() { "" } else { ": " };
    field(look, "judge", &format!("{said}{why}{}", harmless(&kept.sentence)))
}

/// One question with its interval, and whom it hits.
fn question(look: Look, one: &Watched) -> String {
    let (label, standing) = match one.standing {
        Standing::Worse => ("worse", Some(finding::Verdict::Broken)),
        Standing::Differs => ("differs", Some(finding::Verdict::Drifted)),
        Standing::Open => ("watched", None),
    };
    let often = match one.at_most {
        None if one.at_least < RATIO_MIN => "nothing to compare yet".to_owned(),
        None => format!("at least {:.1} times as often", one.at_least),
        Some(at_most) => format!("{:.2} to {at_most:.2} times as often", one.at_least),
    };
    let often = standing.map_or_else(|| often.clone(), |it| look.verdict(it, &often));
    let whom = match one.cohort.as_str() {
        "" => String::new(),
        cohort => format!(" where {}", harmless(cohort)),
    };
    field(look, label, &format!("{}{whom}: {often}", harmless(&one.words)))
}

/// What has to come until it goes on; nothing at the end.
fn needs(watching: &Watching<'_>, kept: &Kept) -> Option<String> {
    let of_people = "people: `plumb rollout promote` goes on, `plumb rollout abort` goes back";
    match kept.phase {
        PhaseWord::Promoted | PhaseWord::RolledBack => return None,
        PhaseWord::Frozen | PhaseWord::HeldAsked | PhaseWord::HeldLate => {
            return Some(of_people.to_owned());
        }
        PhaseWord::HeldElsewhere => {
            return Some(format!("{of_people}; somebody else gave it less"));
        }
        PhaseWord::RollingBack => return Some("routers that do what they are told".to_owned()),
        PhaseWord::Walking => {}
    }
    if !kept.is_done {
        return Some("routers that do what they are told".to_owned());
    }
    let hours = |at: usize| watching.rollout.stages.get(at).and_then(|it| it.hours.as_ref());
    let waits_for = |at: usize| {
        let hours = hours(at).filter(|hours| !hours.is_open(watching.now_ms))?;
        Some(format!("the hours of the next stage, {hours}"))
    };
    let look = || Some("the next look".to_owned());
    let Some(at) = kept.stage else { return waits_for(0).or_else(look) };
    let stage = watching.rollout.stages.get(at)?;
    let since_ms = kept.since_ms.unwrap_or(watching.now_ms);
    let left_ms = since_ms.saturating_add(stage.stage.at_least_ms) - watching.now_ms;
    match kept.verdict.as_deref().and_then(Verdict::of_code) {
        None => Some("a first judgement".to_owned()),
        Some(Verdict::CannotTell) => Some(match kept.rests.needed {
            Some(needed) if needed > 0 => {
                format!("about {} more of each version", count_u64(needed, &kept.rests.unit))
            }
            _ => "evidence enough".to_owned(),
        }),
        Some(Verdict::Hold) => Some("an end of the doubt".to_owned()),
        Some(Verdict::Promote) if left_ms > 0 => {
            Some(format!("{} of its least time", span(left_ms)))
        }
        Some(Verdict::Promote) => waits_for(at + 1).or_else(look),
        Some(Verdict::RollBack | Verdict::Freeze) => look(),
    }
}

/// A length of time as people say it, in its two largest units.
fn span(span_ms: i64) -> String {
    let seconds = span_ms.max(0) / 1_000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, ..) if minutes % 60 == 0 => format!("{hours} h"),
        (0, ..) => format!("{hours} h {} min", minutes % 60),
        _ if hours % 24 == 0 => format!("{days} d"),
        _ => format!("{days} d {} h", hours % 24),
    }
}
