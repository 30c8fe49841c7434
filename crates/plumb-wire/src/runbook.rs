//! The runbook of a plan: what to do, what to look at before going on, and how to go back, as
//! Markdown for the people who do it.

use crate::markdown_text::{code, plain};
use crate::planned::{
    Planned, back_words, clash_words, closed_words, closing_words, version, window_words,
};
use plumb_plan::event::Event;
use plumb_plan::plan::{Plan, Wave};
use plumb_plan::transition::{Moves, Transition};

/// Letters of one line.
const LETTERS_MAX: usize = 1_000;

/// The whole runbook; `None` where there is no plan.
#[must_use]
pub fn runbook(planned: &Planned<'_>) -> Option<String> {
    let Planned { transition, outcome, reason, .. } = planned;
    let plan = outcome.as_ref().ok()?;
    let mut out = format!("# Runbook\n\nThe order: {}.\n", escaped(reason));
    if let Some(at) = plan.point_of_no_return() {
        out.push_str(&format!(
            "\n**Point of no return: wave {}.** Before it, make sure that everything so far does \
             what it should. {}\n",
            at + 1,
            escaped(&closing_words(transition, &plan.waves[at]).join("; ")),
        ));
    }
    for (at, wave) in plan.waves.iter().enumerate() {
        out.push_str(&section(transition, plan, (at, wave)));
    }
    out.push_str(
        "\n## When something goes wrong\n\nA move that stops half way may stay so: old and new \
         versions of it were shown to bear each other. Try it again, or undo the wave.\n",
    );
    Some(out)
}

fn section(transition: &Transition, plan: &Plan, (at, wave): (usize, &Wave)) -> String {
    let steps: Vec<String> =
        wave.steps.iter().map(|step| version(transition, step.event)).collect();
    let mut out = format!("\n## Wave {}: {}\n", at + 1, escaped(&steps.join(", ")));
    if !wave.windows.is_empty() {
        out.push_str("\nWait until\n\n");
        for window in &wave.windows {
            let words = window_words(transition, window);
            let because = clash_words(transition, window.because);
            out.push_str(&format!("- [ ] {}: {}\n", escaped(&words), code(&because, LETTERS_MAX)));
        }
    }
    let side = if wave.steps.len() > 1 { ", in any order or side by side" } else { "" };
    out.push_str(&format!("\nDo{side}\n\n"));
    for step in &wave.steps {
        let Event { component, version: to } = step.event;
        let moved = &transition.components()[component];
        let how = match moved.moves {
            Moves::Rolling => "roll out",
            Moves::AtOnce => "switch",
            Moves::ByItself => "wait for",
        };
        let from = version(transition, Event { component, version: to - 1 });
        let to = version(transition, step.event);
        out.push_str(&format!("- [ ] {how} {} in place of {}\n", escaped(&to), escaped(&from)));
        for clash in &step.because {
            let words = clash_words(transition, *clash);
            let words = code(&words, LETTERS_MAX);
            out.push_str(&format!("  - not before, since {words}\n"));
        }
    }
    out.push_str("\nGo on when\n\n");
    for step in &wave.steps {
        let Event { component, version: to } = step.event;
        let (old, new) = (Event { component, version: to - 1 }, step.event);
        let (old, new) = (version(transition, old), version(transition, new));
        out.push_str(&format!(
            "- [ ] {} is seen at work, and {} no longer\n",
            escaped(&new),
            escaped(&old),
        ));
    }
    out.push_str(&undo(transition, wave));
    out.push_str(&format!("\nFrom here: {}.\n", escaped(&back_words(transition, plan, wave))));
    out
}

/// How to undo one wave, right after it or half way through it.
fn undo(transition: &Transition, wave: &Wave) -> String {
    let windows = match &wave.undo {
        Ok(windows) => windows,
        Err(why) => {
            let why: Vec<String> = why.iter().map(|one| closed_words(transition, one)).collect();
            return format!("\n**This wave cannot be undone:** {}.\n", escaped(&why.join("; ")));
        }
    };
    let mut out = "\nTo undo this wave\n\n".to_owned();
    for window in windows {
        let words = window_words(transition, window);
        out.push_str(&format!("- [ ] wait until {}\n", escaped(&words)));
    }
    for step in &wave.steps {
        let Event { component, version: to } = step.event;
        let old = escaped(&version(transition, Event { component, version: to - 1 }));
        let new = escaped(&version(transition, step.event));
        out.push_str(&format!("- [ ] bring back {old} in place of {new}\n"));
    }
    out
}

fn escaped(text: &str) -> String {
    plain(text, LETTERS_MAX)
}
