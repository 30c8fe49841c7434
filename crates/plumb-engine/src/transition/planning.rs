//! A transition decided: the plan, or why there is none, what would open one, and a gate's answer.

use crate::judge::Answer;
use plumb_plan::constraint::Clash;
use plumb_plan::order::Obstacle;
use plumb_plan::plan::{Plan, plan};
use plumb_plan::proposal::{Proposal, proposals};
use plumb_plan::transition::{Answer as Takes, Transition};

/// What came of planning.
#[derive(Clone, Debug)]
pub struct Planning {
    /// The plan, or what leaves none.
    pub outcome: Result<Plan, Vec<Obstacle>>,
    /// What would open an order, with the plan that there would be.
    pub proposals: Vec<(Proposal, Plan)>,
    /// The answer of a gate.
    pub answer: Answer,
    /// Why, in one line.
    pub reason: String,
}

/// Plans a transition. Where only unobserved pairs leave no order, nobody can tell whether there is
/// one; where it takes real breaks, the answer is no.
#[must_use]
pub fn planning(transition: &Transition) -> Planning {
    let outcome = plan(transition);
    match &outcome {
        Ok(plan) => {
            let (answer, reason) = match alone(transition) {
                None => (Answer::Pass, ordered(plan)),
                Some(name) => {
                    let what = "nothing is known of who meets it";
                    (Answer::CannotTell, format!("`{name}` moves, and {what}: it has no seam"))
                }
            };
            Planning { outcome, proposals: Vec::new(), answer, reason }
        }
        Err(obstacles) => {
            let is_unknown = obstacles.iter().all(|one| is_unknown(transition, one));
            let proposed = proposals(transition, obstacles).into_iter();
            let planned =
                proposed.filter_map(|it| plan(&it.transition).ok().map(|plan| (it, plan)));
            let proposals: Vec<_> = planned.collect();
            let (answer, reason) = if is_unknown {
                (Answer::CannotTell, "nobody has seen whether versions that would meet can")
            } else {
                (Answer::Refuse, "no order is safe")
            };
            Planning { outcome, proposals, answer, reason: reason.to_owned() }
        }
    }
}

/// The name of a component that moves and stands at no seam: any order would look safe to it.
fn alone(transition: &Transition) -> Option<&str> {
    let mut components = transition.components().iter().enumerate();
    let is_alone = |at: usize| transition.last(at) > 0 && transition.seams_at(at).is_empty();
    components.find(|(at, _)| is_alone(*at)).map(|(_, component)| component.name.as_str())
}

fn ordered(plan: &Plan) -> String {
    let windows: usize = plan.waves.iter().map(|wave| wave.windows.len()).sum();
    let count = |number: usize, noun: &str| {
        let plural = if number == 1 { "" } else { "s" };
        format!("{number} {noun}{plural}")
    };
    if plan.waves.is_empty() {
        return "nothing moves".to_owned();
    }
    let waves = count(plan.waves.len(), "wave");
    let windows =
        if windows == 0 { String::new() } else { format!(" with {}", count(windows, "window")) };
    let back = plan.point_of_no_return().map_or_else(
        || "there is a way back from everywhere".to_owned(),
        |at| format!("there is no way back from wave {}", at + 1),
    );
    format!("a safe order in {waves}{windows}; {back}")
}

/// Whether an obstacle would be none if everything unobserved were fine.
fn is_unknown(transition: &Transition, obstacle: &Obstacle) -> bool {
    let is_open =
        |clash: &Clash| transition.pair(clash.seam, clash.meeting).answer == Takes::Unobserved;
    match obstacle {
        Obstacle::Always(clash) => is_open(clash),
        Obstacle::Circle(clashes) | Obstacle::Tangle(clashes) => clashes.iter().any(is_open),
        Obstacle::TooLarge => true,
    }
}
