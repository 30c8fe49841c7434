//! Where in a repository a finding is shown, for tools that know nothing but files and lines.
//!
//! Refuses to know whether the file exists.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use plumb_gap::finding::Finding;
use std::collections::BTreeSet;

/// Where findings are shown that no file is behind: such tools drop what has no file.
const WITHOUT_FILE: &str = "plumb.toml";

/// What a path in a URI may hold as it is: RFC 3986's unreserved characters, and the slash.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A file and a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Location<'a> {
    /// Relative to the repository, never empty, without `./` in front.
    pub(crate) file: &'a str,
    /// From 1.
    pub(crate) line: u32,
}

/// The place of the claim that a finding is about.
pub(crate) fn location(finding: &Finding) -> Location<'_> {
    place_in(&finding.said.file, finding.said.line)
}

/// The places of the other claims that a finding is about, each once.
pub(crate) fn also_said(finding: &Finding) -> BTreeSet<Location<'_>> {
    let others = finding.claims.iter().map(|source| place_in(&source.file, source.line));
    let mut others: BTreeSet<Location<'_>> = others.collect();
    others.remove(&location(finding));
    others
}

/// A file as a relative URI reference.
pub(crate) fn uri(file: &str) -> String {
    utf8_percent_encode(file, PATH).to_string()
}

/// A file and line as they can be shown.
pub(crate) fn place_in(file: &str, line: u32) -> Location<'_> {
    let file = file.trim_start_matches("./").trim_start_matches('/');
    Location { file: if file.is_empty() { WITHOUT_FILE } else { file }, line: line.max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, line: u32, expected_file: &str, expected_line: u32) {
        let expected = Location { file: expected_file, line: expected_line };
        assert_eq!(place_in(file, line), expected);
    }

    #[test]
    fn places_are_relative_and_never_empty() {
        check("mocks/a.json", 12, "mocks/a.json", 12);
        check("./a:b.json", 3, "a:b.json", 3);
        check("/a.json", 0, "a.json", 1);
        check("", 0, "plumb.toml", 1);
    }

    #[test]
    fn uris_hold_nothing_but_what_they_may() {
        assert_eq!(uri("mocks/a b#1%.json"), "mocks/a%20b%231%25.json");
        assert_eq!(uri("a:\u{202e}é"), "a%3A%E2%80%AE%C3%A9");
    }
}
