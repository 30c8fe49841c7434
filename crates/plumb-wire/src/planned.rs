//! A planned transition, and the words for its parts that every document shares.
//!
//! Names of people's making are made harmless here. Refuses to know how anything is laid out.

use crate::harmless::{harmless, harmless_short};
use plumb_plan::closing::Closed;
use plumb_plan::constraint::Clash;
use plumb_plan::event::Event;
use plumb_plan::held::Held;
use plumb_plan::order::Obstacle;
use plumb_plan::plan::{Back, Plan, Wave};
use plumb_plan::proposal::{Change, Proposal, What};
use plumb_plan::transition::{Answer, Basis, Kind, Meeting, Moves, Transition};
use plumb_plan::window::Window;
use std::time::Duration;

/// Letters of a reason on its line.
const REASON_LETTERS_MAX: usize = 400;

/// What came of planning.
#[derive(Clone, Copy, Debug)]
pub struct Planned<'a> {
    /// The transition.
    pub transition: &'a Transition,
    /// The plan, or what leaves none.
    pub outcome: &'a Result<Plan, Vec<Obstacle>>,
    /// What would open an order, with the plan that there would be.
    pub proposals: &'a [(Proposal, Plan)],
    /// The answer of a gate: `pass`, `refuse`, `cannot-tell`.
    pub answer: &'a str,
    /// Why, in one line.
    pub reason: &'a str,
}

/// A component and one of its versions.
#[must_use]
pub fn version(transition: &Transition, event: Event) -> String {
    let component = &transition.components()[event.component];
    harmless(&format!("{} {}", component.name, component.versions[event.version])).into_owned()
}

/// The name of a seam.
#[must_use]
pub fn seam_name(transition: &Transition, seam: usize) -> String {
    harmless(&transition.seams()[seam].name).into_owned()
}

/// Who writes and who reads, where two versions meet.
#[must_use]
pub fn ends(transition: &Transition, clash: Clash) -> (String, String) {
    let seam = &transition.seams()[clash.seam];
    let Meeting { written, reading } = clash.meeting;
    let writer = version(transition, Event { component: seam.writer, version: written });
    let reader = version(transition, Event { component: seam.reader, version: reading });
    (writer, reader)
}

/// What stands between two versions, with how it is known.
#[must_use]
pub fn clash_words(transition: &Transition, clash: Clash) -> String {
    let (writer, reader) = ends(transition, clash);
    let pair = transition.pair(clash.seam, clash.meeting);
    let verb = match pair.answer {
        Answer::Yes => "takes",
        Answer::No => "does not take",
        Answer::Unobserved => "was never seen to take",
    };
    let seam = seam_name(transition, clash.seam);
    let mut words = format!("{reader} {verb} what {writer} writes ({seam})");
    if !pair.because.is_empty() {
        words.push_str(": ");
        words.push_str(&harmless_short(&pair.because, REASON_LETTERS_MAX));
    }
    if pair.basis != Basis::Nothing {
        words.push_str(&format!(" [{}]", basis_name(pair.basis)));
    }
    words
}

/// What a window waits for.
#[must_use]
pub fn window_words(transition: &Transition, window: &Window) -> String {
    let limit = limit_words(window);
    match window.held {
        Held::Instances(component) => {
            let old = version(transition, Event { component, version: window.version });
            format!("nothing of {old} runs any more{limit}")
        }
        Held::Data(seam) => {
            let component = transition.seams()[seam].writer;
            let old = version(transition, Event { component, version: window.version });
            format!("nothing that {old} wrote lies in {}{limit}", seam_name(transition, seam))
        }
    }
}

/// How long a window takes at most and how that is known, in brackets; nothing where somebody left
/// it open.
fn limit_words(window: &Window) -> String {
    let basis = harmless_short(&window.basis, REASON_LETTERS_MAX);
    match window.limit.map(span) {
        Some(limit) if basis.is_empty() => format!(" (within {limit})"),
        Some(limit) => format!(" (within {limit}: {basis})"),
        None if basis.is_empty() => String::new(),
        None => format!(" (nobody knows how long: {basis})"),
    }
}

/// Why there is no way back.
#[must_use]
pub fn closed_words(transition: &Transition, closed: &Closed) -> String {
    match closed {
        Closed::OneWay { why } => harmless_short(why, REASON_LETTERS_MAX).into_owned(),
        Closed::Stays(clash) => format!("it stays, and {}", clash_words(transition, *clash)),
    }
}

/// What closes the way back in a wave, by its version.
#[must_use]
pub fn closing_words(transition: &Transition, wave: &Wave) -> Vec<String> {
    let step = |step: &plumb_plan::plan::Step| {
        let name = version(transition, step.event);
        let why = step.closes.iter().map(|one| closed_words(transition, one));
        why.map(|why| format!("{name}: {why}")).collect::<Vec<_>>()
    };
    wave.steps.iter().flat_map(step).collect()
}

/// A change that is proposed.
#[must_use]
pub fn change_words(transition: &Transition, change: &Change) -> String {
    let component = change.component;
    let at = |at: usize| version(transition, Event { component, version: at });
    let others = |is_writer: bool| {
        let other = |clash: &Clash| {
            let (writer, reader) = ends(transition, *clash);
            if is_writer { reader } else { writer }
        };
        let mut names: Vec<String> = change.resolves.iter().map(other).collect();
        names.sort();
        names.dedup();
        names.join(" and ")
    };
    // What has to be met is what is refused now.
    let refused = change.resolves.first().map_or_else(String::new, |clash| {
        let because = &transition.pair(clash.seam, clash.meeting).because;
        let because = harmless_short(because, REASON_LETTERS_MAX);
        if because.is_empty() { String::new() } else { format!("; now {because}") }
    });
    match change.what {
        What::Reads(version) => {
            let (reader, writer) = (at(version), others(false));
            format!("let {reader} also take what {writer} writes, until that has gone{refused}")
        }
        What::Writes(version) => {
            let (writer, reader) = (at(version), others(true));
            format!("let {writer} write so that {reader} takes it too{refused}")
        }
        What::Switch(version) => {
            let (old, new) = (at(version), at(version + 1));
            format!(
                "bring {new} with its writing behind a switch: it writes what {old} writes until \
                 the switch is turned, when everyone takes the new form"
            )
        }
        What::Between(version) => {
            let (from, to) = (at(version), at(version + 1));
            let name = harmless(&transition.components()[component].name).into_owned();
            format!(
                "put a version of {name} between {from} and {to} that takes what both sides write \
                 and writes what both sides take: expand there, contract with {to}"
            )
        }
    }
}

/// The way back in one line.
#[must_use]
pub fn back_words(transition: &Transition, plan: &Plan, wave: &Wave) -> String {
    match &wave.back {
        Back::Closed(at) => format!("there is no way back to the start since wave {}", at + 1),
        Back::Open(windows) if windows.is_empty() => "back to the start at once".to_owned(),
        Back::Open(windows) => {
            let waits: Vec<String> = windows
                .iter()
                .map(|(at, window)| {
                    let steps: Vec<String> = plan.waves[*at]
                        .steps
                        .iter()
                        .map(|step| version(transition, step.event))
                        .collect();
                    let words = window_words(transition, window);
                    format!("until {words}, before {} is undone", steps.join(" and "))
                })
                .collect();
            format!("back to the start after waiting {}", waits.join("; "))
        }
    }
}

/// A length of time as people write it.
#[must_use]
pub fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [(604_800, "w"), (86_400, "d"), (3_600, "h"), (60, "m")];
    let fits = units.iter().find(|(unit, _)| seconds >= *unit && seconds.is_multiple_of(*unit));
    fits.map_or_else(|| format!("{seconds}s"), |(unit, name)| format!("{}{name}", seconds / unit))
}

/// The word for how an answer is known.
#[must_use]
pub const fn basis_name(basis: Basis) -> &'static str {
    match basis {
        Basis::Observed => "observed",
        Basis::Rehearsed => "rehearsed",
        Basis::Decided => "decided",
        Basis::Declared => "declared",
        Basis::Assumed => "assumed",
        Basis::Nothing => "nothing",
    }
}

/// The word for an answer.
#[must_use]
pub const fn answer_name(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "yes",
        Answer::No => "no",
        Answer::Unobserved => "unobserved",
    }
}

/// The word for a kind of component.
#[must_use]
pub const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Flag => "flag",
        Kind::Config => "config",
        Kind::Service => "service",
        Kind::Worker => "worker",
        Kind::Job => "job",
        Kind::Cache => "cache",
        Kind::Bundle => "bundle",
        Kind::Schema => "schema",
        Kind::ThirdParty => "third-party",
    }
}

/// The word for how a component moves.
#[must_use]
pub const fn moves_name(moves: Moves) -> &'static str {
    match moves {
        Moves::Rolling => "rolling",
        Moves::AtOnce => "at-once",
        Moves::ByItself => "by-itself",
    }
}
