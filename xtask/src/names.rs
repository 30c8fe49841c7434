//! Names: files, folders and modules that say nothing about what they hold.
//!
//! Refuses to know whether a name is right; only that these are not.

use crate::complaint::Complaint;
use crate::mask::{code, line_at, word_starts};
use crate::tree::Tree;

/// Names that fit anything, and so collect anything.
const BANNED: [&str; 11] = [
    "util", "utils", "common", "helper", "helpers", "misc", "manager", "base", "core", "types",
    "errors",
];

const WHY: &str = "a name that fits anything collects anything";
const REMEDY: &str = "name it after its main type or verb";

/// Complains about every Rust file, folder and module whose name is banned.
pub(crate) fn names(tree: &Tree) -> Vec<Complaint> {
    let mut found = Vec::new();
    for (file, text) in tree.rust() {
        found.extend(banned_path(file));
        found.extend(banned_modules(file, &code(text)));
    }
    found
}

fn banned_path(file: &str) -> Option<Complaint> {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let name = stem.split('/').find(|part| BANNED.contains(part))?;
    Some(complaint(file, 1, name))
}

fn banned_modules(file: &str, code: &str) -> Vec<Complaint> {
    let mut found = Vec::new();
    for at in word_starts(code, "mod") {
        let rest = code.get(at + "mod".len()..).unwrap_or_default().trim_start();
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
        let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        // A module in a file of its own is told by that file's path.
        let inline =
            rest.get(name.len()..).is_some_and(|after| after.trim_start().starts_with('{'));
        if inline && BANNED.contains(&name) {
            found.push(complaint(file, line_at(code, at), name));
        }
    }
    found
}

fn complaint(file: &str, line: usize, name: &str) -> Complaint {
    let what = format!("the name `{name}` is banned");
    Complaint { file: file.to_owned(), line, what, why: WHY, remedy: REMEDY }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    fn check(file: &str, text: &str, expected: &[(usize, &str)]) {
        let found = names(&planted(&[(file, text)]));
        let found: Vec<_> = found.iter().map(|it| (it.line, it.what.as_str())).collect();
        assert_eq!(found, expected, "{file}");
    }

    #[test]
    fn banned_files_folders_and_modules_complain() {
        check("crates/a/src/types.rs", "", &[(1, "the name `types` is banned")]);
        check("crates/a/src/util/b.rs", "", &[(1, "the name `util` is banned")]);
        check("crates/a/src/b.rs", "\nmod core {}", &[(2, "the name `core` is banned")]);
    }

    #[test]
    fn names_that_only_contain_a_banned_word_are_silent() {
        check("crates/a/src/base64.rs", "mod common_log {}\n// mod util {}", &[]);
        check("crates/a/src/b.rs", "fn f() { core::mem::take(x) }", &[]);
    }
}
