//! From a full-match regular expression over a URL to the path pattern that it means.
//!
//! Whatever cannot be told as a path pattern is `None`, never a guess. Refuses to know which
//! dialect asked and how expressions are written, and never runs one.

use crate::url_regex::{Piece, pieces_of};
use percent_encoding::percent_decode_str;
use plumb_shape::example::decode_form;
use plumb_shape::operation::{PathPattern, Segment, split};
use std::collections::BTreeSet;

/// The query part of an expression over a whole URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum QueryPattern {
    /// The expression ends with the path: no query at all.
    None,
    /// Anything may follow.
    Any,
    /// These names are there.
    Names(Vec<String>),
    /// There is a query part, and it could not be told.
    Unclear,
}

/// Alternatives that are still a vocabulary.
const WORDS_MAX: usize = 64;

/// The pattern of one concrete path, percent-decoded segment by segment.
pub(crate) fn path_of_text(path: &str) -> PathPattern {
    PathPattern::of_segments(split(path).map(literal).collect())
}

/// The names and values of a query as it stands in a URL, decoded, in order.
pub(crate) fn query_pairs(query: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode_form(name), decode_form(value))
    };
    query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

/// The path pattern that a full-match expression over a path means, or `None` when a pattern cannot
/// tell it. A wildcard in the middle is taken for one segment.
pub(crate) fn path_of_regex(regex: &str) -> Option<PathPattern> {
    pattern_of(&pieces_of(anchors_off(regex))?)
}

/// Where an expression that is searched for in a path must be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rooted {
    /// At the path's beginning.
    Yes,
    /// Anywhere: it is only taken to begin with the path.
    Taken,
}

/// The path pattern of an expression that need not match the whole path: without `$` whatever is
/// below follows. `None` as for [`path_of_regex`], and where it may begin anywhere.
pub(crate) fn path_of_search(regex: &str) -> Option<(PathPattern, Rooted)> {
    let rooted = if regex.starts_with('^') { Rooted::Yes } else { Rooted::Taken };
    if rooted == Rooted::Taken && !regex.starts_with(['/', '\\']) {
        return None;
    }
    let is_whole = regex.ends_with('$') && !regex.ends_with("\\$");
    let path = path_of_regex(&format!("{regex}{}", if is_whole { "" } else { ".*" }))?;
    Some((path, rooted))
}

/// True for an expression over a whole text.
pub(crate) fn is_anchored(regex: &str) -> bool {
    regex.starts_with('^') && regex.ends_with('$') && !regex.ends_with("\\$")
}

/// Classes of data that traffic tells as well: whatever else stands for data may refuse some.
const PLAIN_DATA: [&str; 12] = [
    "[^/]+",
    "[^/]*",
    "[^/?]+",
    "[^/?]*",
    ".*",
    ".+",
    r"\d+",
    "[0-9]+",
    r"\w+",
    "[0-9a-f-]+",
    "[a-f0-9-]+",
    "[a-zA-Z0-9]+",
];

/// True when the path pattern of an expression tells all that the expression asks for, as far as
/// traffic tells data from words.
pub(crate) fn is_plain(regex: &str) -> bool {
    let mut rest = anchors_off(regex).to_owned();
    for class in PLAIN_DATA {
        for group in [format!("({class})"), class.to_owned()] {
            rest = rest.replace(&group, "");
        }
    }
    rest.is_empty() || plain_word(&rest).is_some_and(|word| !word.contains('|'))
}

/// Splits an expression over a whole URL into its path part and what it says of the query.
pub(crate) fn split_query(regex: &str) -> (&str, QueryPattern) {
    let regex = anchors_off(regex);
    let Some((at, length)) = question_mark(regex) else {
        // What stands for all but a slash stands for a question mark, too.
        let wild = [".*", ".+", ".*?", "[^/]*", "[^/]+"];
        let open = wild.iter().any(|wild| regex.trim_end_matches(')').ends_with(wild));
        return (regex, if open { QueryPattern::Any } else { QueryPattern::None });
    };
    let (path, query) = (&regex[..at], &regex[at + length..]);
    let path_alone = ["(?:", "("].iter().find_map(|open| path.strip_suffix(open));
    let query_alone = [")?", ")*"].iter().find_map(|close| query.strip_suffix(close));
    match (path_alone, query_alone) {
        (Some(path), Some(_)) => (path, QueryPattern::Any),
        (Some(path), None) => (path, QueryPattern::Unclear),
        (None, _) => (path, query_names(query)),
    }
}

/// The words among which an expression chooses (`a|b`, `^(a|b)$`), or `None` when it says more.
pub(crate) fn words_of_regex(regex: &str) -> Option<BTreeSet<String>> {
    let mut inside = anchors_off(regex);
    for open in ["(?:", "("] {
        let stripped = inside.strip_prefix(open).and_then(|rest| rest.strip_suffix(')'));
        inside = stripped.unwrap_or(inside);
    }
    let words: Option<BTreeSet<String>> = inside.split('|').map(plain_word).collect();
    words.filter(|words| words.len() <= WORDS_MAX)
}

fn pattern_of(pieces: &[Piece]) -> Option<PathPattern> {
    let mut segments = Vec::new();
    let mut current: Option<Current> = None;
    for (index, piece) in pieces.iter().enumerate() {
        let last = pieces[index + 1..].iter().all(|piece| *piece == Piece::Slash);
        match piece {
            Piece::Slash => segments.extend(current.take().map(Current::into_segment)),
            Piece::Char(c) => current.get_or_insert_default().text.push(*c),
            Piece::Data => current.get_or_insert_default().has_data = true,
            Piece::Wild | Piece::WildSome if last => {
                segments.extend(tail(current.take(), piece));
                return Some(PathPattern::of_segments(segments));
            }
            // Nothing can be told of a path that may begin with anything.
            Piece::Wild | Piece::WildSome if segments.is_empty() && current.is_none() => {
                let rooted = pieces.first() == Some(&Piece::Slash);
                rooted.then_some(())?;
                current.get_or_insert_default().has_data = true;
            }
            Piece::Wild | Piece::WildSome => current.get_or_insert_default().has_data = true,
        }
    }
    segments.extend(current.map(Current::into_segment));
    Some(PathPattern::of_segments(segments))
}

/// The segments that a wildcard at the end makes of the segment it stands in.
fn tail(current: Option<Current>, wild: &Piece) -> Vec<Segment> {
    match current {
        None if *wild == Piece::WildSome => vec![Segment::Param, Segment::Rest],
        None => vec![Segment::Rest],
        // `/users.*` is written for `/users`, what is below it and its query.
        Some(segment) if segment.ends_as_word() => vec![segment.into_segment(), Segment::Rest],
        Some(_) => vec![Segment::Param, Segment::Rest],
    }
}

#[derive(Default)]
struct Current {
    text: String,
    has_data: bool,
}

impl Current {
    fn into_segment(self) -> Segment {
        if self.has_data { Segment::Param } else { literal(&self.text) }
    }

    fn ends_as_word(&self) -> bool {
        !self.has_data && self.text.ends_with(|c: char| c.is_alphanumeric())
    }
}

fn literal(segment: &str) -> Segment {
    Segment::Literal(percent_decode_str(segment).decode_utf8_lossy().into_owned())
}

fn anchors_off(regex: &str) -> &str {
    let start = regex.strip_prefix('^').unwrap_or(regex);
    match start.strip_suffix('$') {
        Some(end) if !end.ends_with('\\') => end,
        _ => start,
    }
}

/// Where a literal question mark stands, and how long it is written.
fn question_mark(regex: &str) -> Option<(usize, usize)> {
    let escaped = regex.find("\\?").map(|at| (at, 2));
    let class = regex.find("[?]").map(|at| (at, 3));
    escaped.into_iter().chain(class).min()
}

fn query_names(query: &str) -> QueryPattern {
    if matches!(query, ".*" | ".+" | "(.*)" | ".*?") {
        return QueryPattern::Any;
    }
    let name = |pair: &str| {
        let (name, _) = pair.split_once('=')?;
        plain_word(name)
    };
    let mut in_class = false;
    let pairs = query.split(|c: char| {
        in_class = (in_class || c == '[') && c != ']';
        c == '&' && !in_class
    });
    let names: Option<Vec<String>> = pairs.map(name).collect();
    names.map_or(QueryPattern::Unclear, QueryPattern::Names)
}

/// The word that an expression of plain characters and escapes stands for.
fn plain_word(regex: &str) -> Option<String> {
    let mut word = String::new();
    let mut chars = regex.chars();
    while let Some(c) = chars.next() {
        let plain = match c {
            '\\' => chars.next().filter(|c| c.is_ascii_punctuation())?,
            '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' => return None,
            other => other,
        };
        word.push(plain);
    }
    (!word.is_empty()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(regex: &str, expected: &str) {
        let found = path_of_regex(regex).map_or_else(|| "-".to_owned(), |path| path.to_string());
        assert_eq!(found, expected, "{regex}");
    }

    #[test]
    fn literals_and_data_segments() {
        check("/users", "/users");
        check("^/users/[^/]+$", "/users/{}");
        check(r"/users/\d+/orders", "/users/{}/orders");
        check(r"/users/([0-9a-f-]+)/orders/?", "/users/{}/orders");
        check(r"/v1\.0/files/\w{3,8}\.json", "/v1.0/files/{}");
        check(r"/\Qa.b/c\E/(?<id>[a-z]+)", "/a.b/c/{}");
        check(r"\/users\/(?:\d+)", "/users/{}");
        check("/(users|orders)/(?i)all", "/{}/all");
        check("/a b%20c/s?", "/a b c/{}");
        check("/users/[^/?]+", "/users/{}");
        check("/pay[a-z]*/x", "/{}/x");
    }

    #[test]
    fn wildcards_at_the_end_are_the_rest() {
        check("/.*", "/**");
        check(".*", "/**");
        check("/users/.*", "/users/**");
        check("/users/.+", "/users/{}/**");
        check("/users.*", "/users/**");
        check("/user-.*", "/{}/**");
        check("/users(/.*)?", "/users/**");
        check("/users(?:/[^/]+)*", "/users/**");
        check("/users/(.*)", "/users/**");
        check("/a/[^?]*", "/a/**");
        check("/a/.*/b", "/a/{}/b");
        check("/.*/b", "/{}/b");
    }

    #[test]
    fn what_a_pattern_cannot_tell_is_none() {
        for regex in [
            "/a|/b",
            "/(a/b|c)",
            "/users(/[0-9]+)?",
            ".*/b",
            "/a/(?!b).*",
            "/a[",
            "/a(",
            "/a)",
            "*",
            r"/\p{L}+",
            r"/a\",
            "/[[a]]",
            "/a{2",
            r"/(\w+)/\1",
            "/a^b",
        ] {
            check(regex, "-");
        }
        check(&"/a".repeat(2_001), "-");
        check(&"(".repeat(2_001), "-");
    }

    #[test]
    fn expressions_that_are_searched_for() {
        let check = |regex: &str, expected: &str| {
            let found = path_of_search(regex).map(|(path, rooted)| format!("{path} {rooted:?}"));
            assert_eq!(found.as_deref().unwrap_or("-"), expected, "{regex}");
        };
        check("^/a/[^/]+$", "/a/{} Yes");
        check("^/a", "/a/** Yes");
        check(r"/a/\d+", "/a/{}/** Taken");
        check("a$", "-");
    }

    #[test]
    fn queries_are_split_off() {
        let names = |names: &[&str]| {
            QueryPattern::Names(names.iter().map(|name| (*name).to_owned()).collect())
        };
        assert_eq!(split_query("/a"), ("/a", QueryPattern::None));
        assert_eq!(split_query("/a.*"), ("/a.*", QueryPattern::Any));
        assert_eq!(split_query("/a/[^/]+"), ("/a/[^/]+", QueryPattern::Any));
        assert_eq!(split_query("/a/([^/?]+)"), ("/a/([^/?]+)", QueryPattern::None));
        assert_eq!(split_query(r"/a\?.*"), ("/a", QueryPattern::Any));
        assert_eq!(split_query(r"/a(\?.*)?"), ("/a", QueryPattern::Any));
        assert_eq!(split_query(r"^/a\?b=\d+&c\.d=[^&]+$"), ("/a", names(&["b", "c.d"])));
        assert_eq!(split_query("/a[?]b=1"), ("/a", names(&["b"])));
        assert_eq!(split_query(r"/a\?(b|c)=1"), ("/a", QueryPattern::Unclear));
    }

    #[test]
    fn alternatives_of_words_are_a_vocabulary() {
        let words = |regex: &str| {
            words_of_regex(regex).map(|words| words.into_iter().collect::<Vec<_>>().join(","))
        };
        assert_eq!(words("^(paid|open)$").as_deref(), Some("open,paid"));
        assert_eq!(words(r"(?:a\.b|c)").as_deref(), Some("a.b,c"));
        assert_eq!(words("[a-z]+"), None);
        assert_eq!(words("(a|b)?"), None);
        assert_eq!(words(""), None);
    }

    proptest::proptest! {
        #[test]
        fn any_expression_is_answered(regex in "[a/.*+?(){}\\[\\]|\\\\^$:<dQE&=]{0,24}") {
            let (path, _) = split_query(&regex);
            let _ = path_of_regex(path);
            let _ = words_of_regex(&regex);
        }
    }
}
