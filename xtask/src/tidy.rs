//! All structural checks over one reading of the repository.
//!
//! Knows which checks there are; refuses to know what any of them looks for.

use crate::arrows::arrows;
use crate::budget::budget;
use crate::cases::cases;
use crate::circles::circles;
use crate::complaint::Complaint;
use crate::lengths::lengths;
use crate::links::links;
use crate::machine::machine;
use crate::marks::marks;
use crate::names::names;
use crate::outcome::Outcome;
use crate::tree::{Tree, read};
use std::path::Path;

/// The checks; their complaints are sorted, so their order here does not matter.
const CHECKS: [fn(&Tree) -> Vec<Complaint>; 9] =
    [arrows, budget, cases, circles, lengths, links, machine, marks, names];

/// Prints every complaint about the repository at `root`, one to a line.
pub(crate) fn tidy(root: &Path) -> Outcome {
    let tree = match read(root) {
        Ok(tree) => tree,
        Err(unreadable) => {
            eprintln!("{unreadable}");
            return Outcome::Outside;
        }
    };
    let found = complaints(&tree);
    for complaint in &found {
        println!("{complaint}");
    }
    if found.is_empty() {
        return Outcome::Yes;
    }
    eprintln!("{} untidy", found.len());
    Outcome::No
}

fn complaints(tree: &Tree) -> Vec<Complaint> {
    let mut found: Vec<Complaint> = CHECKS.iter().flat_map(|check| check(tree)).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    #[test]
    fn complaints_of_all_checks_come_sorted_by_place() {
        let tree = planted(&[("Cargo.lock", ""), ("b.md", "[x](c.md)"), ("a/util.rs", "")]);
        let files: Vec<String> = complaints(&tree).into_iter().map(|it| it.file).collect();
        assert_eq!(files, ["a/util.rs", "b.md"]);
    }
}
