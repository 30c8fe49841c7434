//! All that must pass before a change is taken, in order, stopping at the first failure.
//!
//! Knows the steps; refuses to know what they check.

use crate::cargo::cargo;
use crate::outcome::{Outcome, outcome_of};
use crate::servers::servers;
use crate::tidy::tidy;
use std::path::Path;
use std::time::Instant;

/// One step: its name and what it does.
#[derive(Debug)]
struct Step {
    name: &'static str,
    work: Work,
}

/// What a step does.
#[derive(Debug)]
enum Work {
    /// The structural checks of this program.
    Tidy,
    /// Installing the servers that the tests start.
    Servers,
    /// Cargo, with these arguments.
    Cargo(&'static [&'static str]),
    /// The documentation, with its warnings denied.
    Documentation(&'static [&'static str]),
}

/// The steps, cheapest first as far as one does not need another.
const STEPS: [Step; 6] = [
    Step { name: "format", work: Work::Cargo(&["fmt", "--all", "--check"]) },
    Step {
        name: "lints",
        work: Work::Cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]),
    },
    Step { name: "tidy", work: Work::Tidy },
    Step { name: "servers", work: Work::Servers },
    Step { name: "tests", work: Work::Cargo(&["test", "--workspace", "--locked"]) },
    Step {
        name: "documentation",
        work: Work::Documentation(&["doc", "--workspace", "--no-deps", "--locked"]),
    },
];

/// The variable that carries rustdoc's flags, and the flags.
const DOCUMENTATION_FLAGS: (&str, &str) = ("RUSTDOCFLAGS", "-D warnings");

/// Runs every step in the repository at `root`, printing its command and its time.
pub(crate) fn ci(root: &Path) -> Outcome {
    for step in &STEPS {
        eprintln!("{}: {}", step.name, shown(&step.work));
        let started = now();
        let outcome = run(root, &step.work);
        let seconds = started.elapsed().as_secs_f64();
        if outcome != Outcome::Yes {
            eprintln!("{}: failed after {seconds:.1} s", step.name);
            return outcome;
        }
        eprintln!("{}: passed in {seconds:.1} s", step.name);
    }
    eprintln!("all {} steps passed", STEPS.len());
    Outcome::Yes
}

#[expect(clippy::disallowed_methods, reason = "a person waits for these steps; nothing is kept")]
fn now() -> Instant {
    Instant::now()
}

fn shown(work: &Work) -> String {
    match work {
        Work::Tidy => "cargo xtask tidy".to_owned(),
        Work::Servers => "cargo xtask servers".to_owned(),
        Work::Cargo(arguments) => format!("cargo {}", arguments.join(" ")),
        Work::Documentation(arguments) => {
            let (variable, flags) = DOCUMENTATION_FLAGS;
            format!("{variable}=\"{flags}\" cargo {}", arguments.join(" "))
        }
    }
}

fn run(root: &Path, work: &Work) -> Outcome {
    match work {
        Work::Tidy => tidy(root),
        Work::Servers => servers(root),
        Work::Cargo(arguments) => outcome_of(cargo(root).args(*arguments)),
        Work::Documentation(arguments) => {
            let (variable, flags) = DOCUMENTATION_FLAGS;
            outcome_of(cargo(root).args(*arguments).env(variable, flags))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_as_a_person_would_type_them() {
        let shown: Vec<String> = STEPS.iter().map(|step| shown(&step.work)).collect();
        assert_eq!(
            shown,
            [
                "cargo fmt --all --check",
                "cargo clippy --workspace --all-targets --locked -- -D warnings",
                "cargo xtask tidy",
                "cargo xtask servers",
                "cargo test --workspace --locked",
                "RUSTDOCFLAGS=\"-D warnings\" cargo doc --workspace --no-deps --locked",
            ]
        );
    }
}
