//! Lengths: files, functions and lines that outgrew a reader's patience.
//!
//! Refuses to know what the code does. Tests and benchmarks are exempt from the length of
//! functions, since a table of cases is read line by line. A line is exempt if it holds a long
//! literal without a space: nothing can break it without changing it.

use crate::complaint::Complaint;
use crate::functions::{functions, name_of, test_ranges};
use crate::mask::{Part, code, line_at, parts};
use crate::tree::Tree;

/// Lines of a file; past this it is two files.
const FILE_LINES_MAX: usize = 1_000;

/// Lines of a function with its signature; more do not fit on one screen.
const FUNCTION_LINES_MAX: usize = 70;

/// Characters of a line; `rustfmt` keeps the same width where it can.
const LINE_CHARS_MAX: usize = 100;

/// Characters from which a literal without a space excuses the line it stands on.
const UNBREAKABLE_CHARS_MIN: usize = 40;

const WHY: &str = "a reader should hold it in mind at once";

/// Complains about every file, function and line that is too long.
pub(crate) fn lengths(tree: &Tree) -> Vec<Complaint> {
    tree.rust()
        .flat_map(|(file, text)| {
            let mut found = long_file(file, text);
            found.extend(long_lines(file, text));
            if !is_test_file(file) {
                found.extend(long_functions(file, text));
            }
            found
        })
        .collect()
}

fn is_test_file(file: &str) -> bool {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    stem.split('/').any(|part| part == "tests" || part == "benches" || part.ends_with("_tests"))
}

fn long_file(file: &str, text: &str) -> Vec<Complaint> {
    let lines = text.lines().count();
    if lines <= FILE_LINES_MAX {
        return Vec::new();
    }
    vec![Complaint {
        file: file.to_owned(),
        line: FILE_LINES_MAX + 1,
        what: format!("{lines} lines in one file, at most {FILE_LINES_MAX}"),
        why: WHY,
        remedy: "give one of its ideas a file of its own",
    }]
}

fn long_functions(file: &str, text: &str) -> Vec<Complaint> {
    let code = code(text);
    let tests = test_ranges(&code);
    let mut found = Vec::new();
    for function in functions(&code) {
        let first = line_at(&code, function.start);
        let lines = line_at(&code, function.end.saturating_sub(1)) - first + 1;
        let in_test = tests.iter().any(|range| range.contains(&function.start));
        if lines > FUNCTION_LINES_MAX && !in_test {
            let name = name_of(&code, &function);
            found.push(Complaint {
                file: file.to_owned(),
                line: first,
                what: format!("`{name}` has {lines} lines, at most {FUNCTION_LINES_MAX}"),
                why: WHY,
                remedy: "keep the branches here and move the leaves into functions",
            });
        }
    }
    found
}

fn long_lines(file: &str, text: &str) -> Vec<Complaint> {
    let excused = unbreakable_lines(text);
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let chars = line.chars().count();
        if chars > LINE_CHARS_MAX && !excused.contains(&(index + 1)) {
            found.push(Complaint {
                file: file.to_owned(),
                line: index + 1,
                what: format!("{chars} characters in one line, at most {LINE_CHARS_MAX}"),
                why: WHY,
                remedy: "break the line, or the string in it with a `\\`",
            });
        }
    }
    found
}

fn unbreakable_lines(text: &str) -> Vec<usize> {
    let unbreakable = |(part, range): &(Part, std::ops::Range<usize>)| {
        let literal = text.get(range.clone()).unwrap_or_default();
        *part == Part::Literal
            && literal.chars().count() >= UNBREAKABLE_CHARS_MIN
            && !literal.contains(char::is_whitespace)
    };
    parts(text).iter().filter(|it| unbreakable(it)).map(|it| line_at(text, it.1.start)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    fn check(text: &str, expected: &[&str]) {
        let tree = planted(&[("crates/a/src/b.rs", text)]);
        let found: Vec<String> = lengths(&tree).into_iter().map(|it| it.what).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn long_files_complain() {
        check(&"//\n".repeat(1_000), &[]);
        check(&"//\n".repeat(1_001), &["1001 lines in one file, at most 1000"]);
    }

    #[test]
    fn long_functions_complain_outside_tests() {
        let body = |lines: usize| format!("fn f() {{\n{}}}\n", "// {\n".repeat(lines - 2));
        check(&body(70), &[]);
        check(&body(71), &["`f` has 71 lines, at most 70"]);
        check(&format!("#[cfg(test)]\nmod tests {{\n{}}}\n", body(90)), &[]);
    }

    #[test]
    fn files_of_tests_are_told_by_their_names() {
        for file in ["crates/a/src/tests.rs", "crates/a/src/b_tests.rs", "crates/a/tests/it/b.rs"] {
            assert!(is_test_file(file), "{file}");
        }
        assert!(!is_test_file("crates/a/src/attests.rs"));
    }

    #[test]
    fn long_lines_complain_unless_unbreakable() {
        let sentence = "word ".repeat(30);
        check(&format!("// {}", "a".repeat(97)), &[]);
        check(&format!("// {}", "a".repeat(98)), &["101 characters in one line, at most 100"]);
        check(&format!("\"{sentence}\""), &["152 characters in one line, at most 100"]);
        check(&format!("\"{}\"", sentence.replace(' ', "-")), &[]);
    }
}
