//! Cases that cannot do their work: rules without a page or a case on either side, and golden
//! runs without the output they are compared with.
//!
//! Refuses to run any of them.

use crate::complaint::Complaint;
use crate::tree::Tree;
use std::collections::BTreeSet;

/// What each rule's folder in the catalog must hold.
const RULE_PARTS: [&str; 3] = ["page.md", "fires", "silent"];

/// The folders of the catalog that hold no rule: pairs of versions, which a test of
/// `plumb-contract` decides, and what statements do to tables, which one of `plumb-rehearse`
/// measures.
const OTHER_FOLDERS: [&str; 2] = ["catalog/compat", "catalog/postgres"];

/// The file that makes a folder a golden case, and the file that it is compared with.
const RUN_FILE: &str = "run.toml";
const EXPECTED_FILE: &str = "stdout";

/// Complains about every rule and golden case that is not whole.
pub(crate) fn cases(tree: &Tree) -> Vec<Complaint> {
    let mut found = Vec::new();
    for rule in rule_folders(tree) {
        let missing = RULE_PARTS.iter().filter(|part| !tree.holds(&format!("{rule}/{part}")));
        found.extend(missing.map(|part| Complaint {
            file: rule.to_owned(),
            line: 1,
            what: format!("`{part}` is missing"),
            why: "a rule is known by its page, a case that fires and one that stays silent",
            remedy: "add it, or remove the rule's folder",
        }));
    }
    for folder in golden_folders(tree) {
        if !tree.holds(&format!("{folder}/{EXPECTED_FILE}")) {
            found.push(Complaint {
                file: format!("{folder}/{RUN_FILE}"),
                line: 1,
                what: format!("`{EXPECTED_FILE}` is missing"),
                why: "a case without an expected output proves nothing",
                remedy: "run the golden tests with `UPDATE=1` and read what they wrote",
            });
        }
    }
    found
}

fn rule_folders(tree: &Tree) -> BTreeSet<&str> {
    let folder = |path: &'_ str| -> Option<usize> {
        let rest = path.strip_prefix("catalog/")?;
        Some("catalog/".len() + rest.find('/')?)
    };
    let folders = tree.paths().filter_map(|path| path.get(..folder(path)?));
    folders.filter(|folder| !OTHER_FOLDERS.contains(folder)).collect()
}

fn golden_folders(tree: &Tree) -> BTreeSet<&str> {
    let golden = tree.paths().filter(|path| path.starts_with("golden/"));
    golden.filter_map(|path| path.strip_suffix(RUN_FILE)?.strip_suffix('/')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    fn check(paths: &[&str], expected: &[(&str, &str)]) {
        let files: Vec<(&str, &str)> = paths.iter().map(|path| (*path, "")).collect();
        let found = cases(&planted(&files));
        let found: Vec<_> = found.iter().map(|it| (it.file.as_str(), it.what.as_str())).collect();
        assert_eq!(found, expected, "{paths:?}");
    }

    #[test]
    fn a_rule_needs_its_three_parts() {
        let whole = ["catalog/r/page.md", "catalog/r/fires/a.json", "catalog/r/silent/a.json"];
        check(&whole, &[]);
        check(&whole[..2], &[("catalog/r", "`silent` is missing")]);
        check(&["catalog/README.md"], &[]);
        check(&["catalog/compat/avro/fields.toml", "catalog/postgres/locks.toml"], &[]);
    }

    #[test]
    fn a_golden_case_needs_its_output() {
        check(&["golden/gap/a/run.toml", "golden/gap/a/stdout"], &[]);
        let lone = [("golden/gap/a/run.toml", "`stdout` is missing")];
        check(&["golden/gap/a/run.toml", "golden/gap/b/stdout"], &lone);
        check(&["xtask/run.toml"], &[]);
    }
}
