//! A judged rollout, and the words for its parts that every answer shares.
//!
//! Names of people's making are made harmless here. Refuses to know how anything is laid out, and
//! decides nothing.

use crate::harmless::{harmless, harmless_short};
use crate::rfc3339::rfc3339;
use plumb_rollout::body::Fact;
use plumb_rollout::cohort::Cohort;
use plumb_rollout::flow::Beside;
use plumb_rollout::judgement::{About, Difference, Doubt, Judgement, WayBack};
use plumb_rollout::tick::{Arm, Count};
use plumb_rollout::verdict::Verdict;
use std::fmt;

/// Letters of a foreign name in a sentence.
const NAME_LETTERS_MAX: usize = 120;

/// The value of a dimension by its number.
pub type ValueOf<'a> = &'a dyn Fn(usize, u16) -> String;

/// A judgement, and the names that go with it.
#[derive(Clone, Copy)]
pub struct Judged<'a> {
    /// The known version.
    pub control: &'a str,
    /// The new version.
    pub canary: &'a str,
    /// What is counted: `request`, `user`, ...
    pub unit: &'a str,
    /// The names of the dimensions.
    pub dimensions: &'a [String],
    /// Their values.
    pub value_of: ValueOf<'a>,
    /// What is known.
    pub judgement: &'a Judgement,
}

impl fmt::Debug for Judged<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Judged({:?} beside {:?}: {:?})", self.canary, self.control, self.judgement)
    }
}

/// Everything that a person needs to know, in one sentence: what to do, what is wrong, for whom,
/// how sure that is, how many were hit, since when, and whether going back is safe.
#[must_use]
pub fn sentence(judged: &Judged<'_>) -> String {
    let judgement = judged.judgement;
    match judgement.verdict {
        Verdict::RollBack | Verdict::Freeze => {
            let worst = judgement.worse.first().map(|one| difference(judged, one));
            let others = judgement.worse.len().saturating_sub(1);
            let more = if others == 0 { String::new() } else { format!(" (and {others} more)") };
            format!("{}{more}; {}", worst.unwrap_or_default(), way_back(&judgement.way_back))
        }
        Verdict::Hold => {
            let doubts = judgement.doubts.iter().map(|one| doubt(judged, one));
            let told = judgement.differs.iter().map(|one| difference(judged, one));
            doubts.chain(told).next().unwrap_or_default()
        }
        Verdict::CannotTell => match judgement.units_needed {
            Some(needed) if needed > 0 => format!(
                "nothing is worse so far, and it takes about {needed} more {}s to say that it \
                 is not",
                judged.unit
            ),
            _ => {
                "nothing is worse so far, and there is too little to say that it is not".to_owned()
            }
        },
        Verdict::Promote => format!(
            "in nothing that was compared is {} worse than is bearable: {}",
            harmless_short(judged.canary, NAME_LETTERS_MAX),
            counts(judged, judged.unit, (judgement.failures.canary, judgement.failures.control))
        ),
    }
}

/// What a difference is about and whom it hits, as what happens on the new version.
#[must_use]
pub fn clause(judged: &Judged<'_>, one: &Difference) -> (String, String) {
    let whom = one.cohort.as_ref().map_or_else(String::new, |found| cohort(judged, found));
    (about(judged, &one.about).trim_end_matches(',').to_owned(), whom)
}

/// One difference, in a clause.
#[must_use]
pub fn difference(judged: &Judged<'_>, one: &Difference) -> String {
    let whom = one.cohort.as_ref().map_or_else(String::new, |found| match cohort(judged, found) {
        whom if whom.is_empty() => whom,
        whom => format!(" where {whom}"),
    });
    let often = often(one.ratio);
    let unit = match &one.about {
        About::Unfinished(..) => "job",
        About::Failures => judged.unit,
        _ => "request",
    };
    let since = one.since_ms.and_then(rfc3339);
    let since = since.map_or_else(String::new, |since| format!(", since {since}"));
    format!(
        "{}{whom} {often}: {}{since}; {}",
        about(judged, &one.about),
        counts(judged, unit, (one.tick.canary, one.tick.control)),
        sureness(one.log_e),
    )
}

/// What a difference is about, as what happens on the new version.
fn about(judged: &Judged<'_>, about: &About) -> String {
    let canary = harmless_short(judged.canary, NAME_LETTERS_MAX);
    match about {
        About::Failures => format!("{}s on {canary} fail", judged.unit),
        About::Slower(border_ms) => format!("answers of {canary} take longer than {border_ms} ms"),
        About::Retries => format!("callers of {canary} ask again"),
        About::Body(operation, fact, is_lack) => body(operation, fact, (&canary, *is_lack)),
        About::Unfinished(flow, beside, deadline_ms) => {
            let flow = harmless_short(flow, NAME_LETTERS_MAX);
            let span = format!("within {} s", deadline_ms / 1_000);
            match beside {
                Beside::Producer => {
                    format!("`{flow}` accepted by {canary} is not finished {span},")
                }
                Beside::Handler => format!("`{flow}` taken up by {canary} is not finished {span},"),
                Beside::Before => {
                    format!("since {canary} came, `{flow}` is not finished {span},")
                }
            }
        }
        About::Measure(name) => {
            format!("`{}` on {canary} counts", harmless_short(name, NAME_LETTERS_MAX))
        }
    }
}

fn body(operation: &str, fact: &Fact, (canary, is_lack): (&str, bool)) -> String {
    let operation = harmless_short(operation, NAME_LETTERS_MAX);
    let has = if is_lack { "lacks" } else { "answers with" };
    match fact {
        Fact::Status(status) => format!("{canary} {has} status {status} at {operation}"),
        Fact::There(status, place) => {
            let place = place.at_status(*status);
            format!("{canary} {has} `{}` at {operation}", harmless(&place))
        }
        Fact::Trait(status, place, found) => {
            let place = place.at_status(*status);
            format!("{canary} {has} {} in `{}` at {operation}", found.names(), harmless(&place))
        }
    }
}

/// What a fact says, by itself.
#[must_use]
pub fn fact_words(fact: &Fact) -> String {
    match fact {
        Fact::Status(status) => format!("status {status}"),
        Fact::There(status, place) => harmless(&place.at_status(*status)).into_owned(),
        Fact::Trait(status, place, found) => {
            format!("{}: {}", harmless(&place.at_status(*status)), found.names())
        }
    }
}

/// Whom a cohort is made of; empty for everybody.
#[must_use]
pub fn cohort(judged: &Judged<'_>, cohort: &Cohort) -> String {
    let fixed = cohort.fixed.iter().map(|(dimension, value)| {
        let name = judged.dimensions.get(*dimension).map_or("", String::as_str);
        let value = (judged.value_of)(*dimension, *value);
        harmless_short(&format!("{name} is {value}"), NAME_LETTERS_MAX).into_owned()
    });
    fixed.collect::<Vec<_>>().join(" and ")
}

/// How many times as often something happens. Beyond the largest ratio that is kept, only a lower
/// limit is known.
fn often((times, (low, high)): (f64, (f64, f64))) -> String {
    if high > 49.0 {
        return format!("at least {low:.1} times as often");
    }
    let digits = if times >= 1.0 { 1 } else { 2 };
    format!("{times:.digits$} times as often ({low:.digits$} to {high:.digits$})")
}

fn counts(judged: &Judged<'_>, unit: &str, (canary, control): (Count, Count)) -> String {
    format!(
        "{} of {} {unit}s, and {} of {} on {}",
        canary.hits,
        canary.units,
        control.hits,
        control.units,
        harmless_short(judged.control, NAME_LETTERS_MAX)
    )
}

/// How sure something is: at most so many healthy rollouts show as much, at any moment.
fn sureness(log_e: f64) -> String {
    const TOLD_MAX: f64 = 1e9;
    let times = log_e.exp();
    if times < 2.0 {
        "which is no evidence yet".to_owned()
    } else if times < TOLD_MAX {
        format!("at most one in {times:.0} alike versions ever shows as much")
    } else {
        "fewer than one in a thousand million alike versions ever show as much".to_owned()
    }
}

/// Whether going back is safe.
#[must_use]
pub fn way_back(way_back: &WayBack) -> String {
    match way_back {
        WayBack::Open => "going back is safe".to_owned(),
        WayBack::Closed(why) => format!("going back is not safe: {}", harmless(why)),
        WayBack::Unknown(why) if why.is_empty() => {
            "whether going back is safe is not known".to_owned()
        }
        WayBack::Unknown(why) => {
            format!("whether going back is safe is not known: {}", harmless(why))
        }
    }
}

/// Why to be careful.
#[must_use]
pub fn doubt(judged: &Judged<'_>, doubt: &Doubt) -> String {
    let version = |arm: &Arm| match arm {
        Arm::Control => harmless_short(judged.control, NAME_LETTERS_MAX),
        Arm::Canary => harmless_short(judged.canary, NAME_LETTERS_MAX),
    };
    match doubt {
        Doubt::Split(meant, (low, high)) => format!(
            "traffic is split in another way than was meant: {} was meant to get {:.1} % and gets \
             {:.1} to {:.1} %",
            version(&Arm::Canary),
            100.0 * meant,
            100.0 * low,
            100.0 * high
        ),
        Doubt::Silent(arm, None) => format!("nothing was ever heard of {}", version(arm)),
        Doubt::Silent(arm, Some(last_ms)) => {
            let last = rfc3339(*last_ms).unwrap_or_default();
            format!("nothing has been heard of {} since {last}", version(arm))
        }
        Doubt::Missing(why) => harmless(why).into_owned(),
        Doubt::LeftOut(count) => {
            format!("{count} facts or users were not compared, because there were too many kinds")
        }
    }
}
