//! The package budget: how much of other people's code the project may carry.
//!
//! Refuses to know which packages they are; `deny.toml` does.

use crate::complaint::Complaint;
use crate::tree::Tree;

/// Packages in the lockfile, ours included. Each is code to trust, to build and to keep
/// current; raising this is a decision to be written down in the commit that does it.
const PACKAGES_MAX: usize = 472;

const LOCKFILE: &str = "Cargo.lock";

/// Complains if the lockfile holds more packages than the budget, or is not there.
pub(crate) fn budget(tree: &Tree) -> Vec<Complaint> {
    let what = match tree.text(LOCKFILE).map(packages) {
        Some(packages) if packages <= PACKAGES_MAX => return Vec::new(),
        Some(packages) => format!("{packages} packages, at most {PACKAGES_MAX}"),
        None => "there is no lockfile".to_owned(),
    };
    vec![Complaint {
        file: LOCKFILE.to_owned(),
        line: 1,
        what,
        why: "every package is code to trust, to build and to keep current",
        remedy: "drop a dependency or its features, and commit the lockfile",
    }]
}

fn packages(lockfile: &str) -> usize {
    lockfile.lines().filter(|line| *line == "[[package]]").count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    fn check(packages: usize, expected: &[&str]) {
        let lockfile = "[[package]]\nname = \"a\"\n".repeat(packages);
        let found = budget(&planted(&[(LOCKFILE, &lockfile)]));
        assert_eq!(found.iter().map(|it| it.what.as_str()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_budget_holds_up_to_its_limit() {
        check(PACKAGES_MAX, &[]);
        let one_more = format!("{} packages, at most {PACKAGES_MAX}", PACKAGES_MAX + 1);
        check(PACKAGES_MAX + 1, &[&one_more]);
    }

    #[test]
    fn a_missing_lockfile_complains() {
        assert_eq!(budget(&planted(&[])).len(), 1);
    }
}
