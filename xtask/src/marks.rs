//! Marks of unfinished work, tests that are switched off, and files that do not say what they
//! are for.
//!
//! Refuses to judge what a header says; only that there is one.

use crate::complaint::Complaint;
use crate::mask::{code, line_at, prose, word_starts};
use crate::tree::Tree;

/// Words that put work off; written in halves, so that this file is not its own first finding.
const PUT_OFF: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];

/// The attribute that switches a test off, with and without a reason.
const SWITCHED_OFF: [&str; 2] = ["#[ignore]", "#[ignore ="];

/// Complains about every mark in the project's Rust code.
pub(crate) fn marks(tree: &Tree) -> Vec<Complaint> {
    let mut found = Vec::new();
    for (file, text) in tree.rust() {
        found.extend(put_off(file, &prose(text)));
        found.extend(switched_off(file, &code(text)));
        found.extend(headless(file, text));
    }
    found
}

fn put_off(file: &str, prose: &str) -> Vec<Complaint> {
    let starts = PUT_OFF.iter().flat_map(|word| word_starts(prose, word).map(move |at| (word, at)));
    let complaint = |(word, at): (&&str, usize)| Complaint {
        file: file.to_owned(),
        line: line_at(prose, at),
        what: format!("`{word}` in the source"),
        why: "work put off in a comment is never found again",
        remedy: "do it now, or open an entry where work is planned",
    };
    starts.map(complaint).collect()
}

fn switched_off(file: &str, code: &str) -> Vec<Complaint> {
    let starts = SWITCHED_OFF.iter().flat_map(|mark| code.match_indices(mark));
    let complaint = |(at, _)| Complaint {
        file: file.to_owned(),
        line: line_at(code, at),
        what: "a test is switched off".to_owned(),
        why: "a test that does not run proves nothing",
        remedy: "mend it or delete it",
    };
    starts.map(complaint).collect()
}

fn headless(file: &str, text: &str) -> Option<Complaint> {
    let in_crate = file.starts_with("crates/") && file.contains("/src/");
    let headed = text.starts_with("//!");
    (in_crate && !headed).then(|| Complaint {
        file: file.to_owned(),
        line: 1,
        what: "no header".to_owned(),
        why: "a file should say what it is for and what it refuses to know",
        remedy: "begin it with `//!`",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    fn check(file: &str, text: &str, expected: &[(usize, &str)]) {
        let found = marks(&planted(&[(file, text)]));
        let found: Vec<_> = found.iter().map(|it| (it.line, it.what.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn work_put_off_complains_in_comments_and_not_in_strings() {
        let word = PUT_OFF[0];
        let what = format!("`{word}` in the source");
        check("xtask/src/a.rs", &format!("a\n// {word}: b"), &[(2, &what)]);
        check("xtask/src/a.rs", &format!("let a = \"{word}\"; // {word}S"), &[]);
    }

    #[test]
    fn switched_off_tests_complain() {
        check("xtask/src/a.rs", "#[ignore]\nfn a() {}", &[(1, "a test is switched off")]);
        check("xtask/src/a.rs", "#[ignore = \"b\"]", &[(1, "a test is switched off")]);
        check("xtask/src/a.rs", "// #[ignore]", &[]);
    }

    #[test]
    fn crate_sources_need_a_header() {
        check("crates/a/src/b.rs", "fn c() {}", &[(1, "no header")]);
        check("crates/a/src/b.rs", "//! For c.\nfn c() {}", &[]);
        check("crates/a/tests/b.rs", "fn c() {}", &[]);
    }
}
