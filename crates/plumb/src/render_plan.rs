//! A plan for people, or what leaves none.
//!
//! Refuses to decide.

use crate::look::Look;
use crate::render;
use plumb_engine::judge::Answer;
use plumb_plan::constraint::Clash;
use plumb_plan::event::Event;
use plumb_plan::explore::{Act, Refutation};
use plumb_plan::held::Held;
use plumb_plan::order::Obstacle;
use plumb_plan::plan::{Plan, Wave};
use plumb_plan::proposal::Proposal;
use plumb_plan::transition::Transition;
use plumb_wire::harmless::harmless;
use plumb_wire::planned::{
    Planned, back_words, change_words, clash_words, closed_words, closing_words, seam_name,
    version, window_words,
};

/// Obstacles and pairs of one of them that are told at most.
const TOLD_MAX: usize = 20;

/// The whole answer.
pub(crate) fn text(look: Look, answer: Answer, planned: &Planned<'_>) -> String {
    let mut out = format!("{}  {}\n", render::answer(look, answer), harmless(planned.reason));
    match planned.outcome {
        Ok(plan) => {
            for at in 0..plan.waves.len() {
                out.push_str(&wave(look, planned.transition, (plan, at)));
            }
        }
        Err(obstacles) => out.push_str(&no_order(look, planned, obstacles)),
    }
    out
}

fn wave(look: Look, transition: &Transition, (plan, at): (&Plan, usize)) -> String {
    let wave = &plan.waves[at];
    let mut out = format!("\n{}", look.strong(&format!("wave {}", at + 1)));
    if plan.point_of_no_return() == Some(at) {
        out.push_str("  point of no return");
    } else if plan.point_of_waiting() == Some(at) {
        out.push_str("  point of no return for a while");
    }
    out.push('\n');
    for window in &wave.windows {
        out.push_str(&format!("  wait  until {}\n", window_words(transition, window)));
        let because = format!("or {}", clash_words(transition, window.because));
        out.push_str(&format!("        {}\n", look.faint(&because)));
    }
    for step in &wave.steps {
        let Event { component, version: to } = step.event;
        let from = version(transition, Event { component, version: to - 1 });
        let to = harmless(&transition.components()[component].versions[to]).into_owned();
        out.push_str(&format!("  move  {}\n", look.strong(&format!("{from} → {to}"))));
        for clash in &step.because {
            let because = format!("not before: {}", clash_words(transition, *clash));
            out.push_str(&format!("        {}\n", look.faint(&because)));
        }
    }
    out.push_str(&format!("  back  {}\n", back(transition, plan, wave)));
    if plan.point_of_no_return() == Some(at) {
        for why in closing_words(transition, wave) {
            out.push_str(&format!("        {}\n", look.faint(&why)));
        }
    }
    out
}

/// The way back, and where there is none, whether at least this wave can be undone.
fn back(transition: &Transition, plan: &Plan, wave: &Wave) -> String {
    let words = back_words(transition, plan, wave);
    if matches!(wave.back, plumb_plan::plan::Back::Open(_)) {
        return words;
    }
    match &wave.undo {
        Ok(windows) if windows.is_empty() => format!("{words}; this wave alone can be undone"),
        Ok(windows) => {
            let waits: Vec<String> =
                windows.iter().map(|one| window_words(transition, one)).collect();
            format!("{words}; this wave alone can be undone once {}", waits.join(" and "))
        }
        Err(why) => match why.first() {
            Some(why) => {
                format!("{words}; nor can it be undone: {}", closed_words(transition, why))
            }
            None => words,
        },
    }
}

fn no_order(look: Look, planned: &Planned<'_>, obstacles: &[Obstacle]) -> String {
    let transition = planned.transition;
    let mut out = String::new();
    for obstacle in obstacles.iter().take(TOLD_MAX) {
        let (head, clashes): (&str, &[Clash]) = match obstacle {
            Obstacle::Always(clash) => ("in whatever order", std::slice::from_ref(clash)),
            Obstacle::Circle(clashes) => ("each of these has to come before the other", clashes),
            Obstacle::Tangle(clashes) => ("not all of these can be kept apart", clashes),
            Obstacle::TooLarge => ("too many ways to choose between to try them all", &[]),
        };
        out.push_str(&format!("\n{}\n", look.strong(head)));
        for clash in clashes.iter().take(TOLD_MAX) {
            out.push_str(&format!("  {}\n", clash_words(transition, *clash)));
        }
    }
    if obstacles.len() > TOLD_MAX {
        out.push_str(&format!("\nand {} more\n", obstacles.len() - TOLD_MAX));
    }
    for (at, (proposal, plan)) in planned.proposals.iter().enumerate() {
        out.push_str(&proposed(look, transition, (at, proposal, plan)));
    }
    out
}

fn proposed(
    look: Look,
    transition: &Transition,
    (at, proposal, plan): (usize, &Proposal, &Plan),
) -> String {
    let mut out = format!("\n{}\n", look.strong(&format!("what would open one ({})", at + 1)));
    for change in &proposal.changes {
        out.push_str(&format!("  {}\n", change_words(transition, change)));
    }
    let named = |wave: &Wave| {
        let steps = wave.steps.iter().map(|step| version(&proposal.transition, step.event));
        steps.collect::<Vec<_>>().join(" and ")
    };
    let order: Vec<String> = plan.waves.iter().map(named).collect();
    out.push_str(&format!("  then  {}\n", order.join(", then ")));
    let last = match (plan.point_of_no_return(), plan.point_of_waiting()) {
        (Some(at), _) => format!("point of no return at {}", named(&plan.waves[at])),
        (None, Some(at)) => format!(
            "point of no return at {} for a while: {}",
            named(&plan.waves[at]),
            back_words(&proposal.transition, plan, &plan.waves[at])
        ),
        (None, None) => "there is a way back at once from everywhere".to_owned(),
    };
    out.push_str(&format!("  back  {last}\n"));
    out
}

/// What the explorer found.
pub(crate) fn refuted(
    look: Look,
    transition: &Transition,
    found: Option<&Refutation>,
    waves: usize,
) -> String {
    let Some(refutation) = found else {
        let waves = render::count(waves, "wave");
        let what = format!("no interleaving of {waves} brings together what must not meet");
        return format!("{}  {what}\n", render::answer(look, Answer::Pass));
    };
    let head = render::answer(look, Answer::Refuse);
    match refutation {
        Refutation::Clash { clash, acts } => {
            let mut out = format!("{head}  {}\n\n", clash_words(transition, *clash));
            for (at, act) in acts.iter().enumerate() {
                out.push_str(&format!("  {}. {}\n", at + 1, act_words(transition, *act)));
            }
            out.push_str(&format!("  {}. and both meet\n", acts.len() + 1));
            out
        }
        Refutation::Move(at, event) => {
            let name = version(transition, *event);
            format!("{head}  wave {}: {name} cannot be entered there\n", at + 1)
        }
        Refutation::Endless(at, held, old) => {
            let what = held_words(transition, *held, *old);
            format!("{head}  wave {} waits until {what}, which never ends\n", at + 1)
        }
        Refutation::Unfinished(component) => {
            let last = Event { component: *component, version: transition.last(*component) };
            format!("{head}  the plan never comes to {}\n", version(transition, last))
        }
    }
}

fn act_words(transition: &Transition, act: Act) -> String {
    let name = |event| version(transition, event);
    match act {
        Act::Begins(event) => format!("{} starts", name(event)),
        Act::Ends(event) => format!("nothing but {} runs", name(event)),
        Act::Fails(event) => format!("{} stops half way and is taken back", name(event)),
        Act::Passes(held, old) => held_words(transition, held, old),
    }
}

fn held_words(transition: &Transition, held: Held, old: usize) -> String {
    match held {
        Held::Instances(component) => {
            format!("{} is gone", version(transition, Event { component, version: old }))
        }
        Held::Data(seam) => {
            let component = transition.seams()[seam].writer;
            let writer = version(transition, Event { component, version: old });
            format!("what {writer} wrote is gone from {}", seam_name(transition, seam))
        }
    }
}
