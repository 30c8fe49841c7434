//! Paths that tie the project to one person's machine.
//!
//! Looks for absolute paths into the folders where people and build machines keep their work.
//! Refuses to know what the file is for.

use crate::complaint::Complaint;
use crate::mask::line_at;
use crate::tree::Tree;

/// Where such paths begin; written in halves, so that this file is not its own first finding.
const PRIVATE: [&str; 3] = [concat!("/", "work/"), concat!("/", "root/"), concat!("/", "home/")];

/// Complains about every private path in a text file.
pub(crate) fn machine(tree: &Tree) -> Vec<Complaint> {
    tree.texts().flat_map(|(file, text)| private_paths(file, text)).collect()
}

fn private_paths(file: &str, text: &str) -> Vec<Complaint> {
    let starts = PRIVATE.iter().flat_map(|root| {
        text.match_indices(root).filter(|(at, _)| begins_path(text, *at)).map(move |(at, _)| at)
    });
    let complaint = |at| Complaint {
        file: file.to_owned(),
        line: line_at(text, at),
        what: format!("`{}` is a path on one machine", path_at(text, at)),
        why: "it is wrong everywhere else and may tell who worked there",
        remedy: "write it relative to the repository, or make up a neutral one",
    };
    starts.map(complaint).collect()
}

/// Whether a path begins here, rather than going on from a folder, a host or a template.
fn begins_path(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    !before.is_some_and(|letter| letter.is_alphanumeric() || "._-~*}>)/".contains(letter))
}

fn path_at(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or_default();
    let is_path = |letter: char| letter.is_alphanumeric() || "/._-".contains(letter);
    rest.split(|letter| !is_path(letter)).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    fn check(text: &str, expected: &[(usize, &str)]) {
        let found = machine(&planted(&[("a.md", text)]));
        let found: Vec<_> = found.iter().map(|it| (it.line, it.what.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn private_paths_complain() {
        let path = concat!("/", "home/me/a.rs");
        let what = format!("`{path}` is a path on one machine");
        check(&format!("b\nsee `{path}`"), &[(2, &what)]);
        check(&format!("file={path}"), &[(1, &what)]);
    }

    #[test]
    fn routes_and_relative_paths_are_silent() {
        check("https://example.org/home/feed, ./work/a, {base}/root/x, homework/", &[]);
    }
}
