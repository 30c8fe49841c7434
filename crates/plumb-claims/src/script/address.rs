//! Addresses in scripts: texts in which single parts may be computed.
//!
//! Refuses to know which library asked, and never guesses how an address begins.

use crate::cassette::url::{COMPUTED, RecordedUrl};
use plumb_shape::operation::{PathPattern, Segment, split};
use plumb_tree::script::expression::{Expression, Piece};

/// Longest title in characters: an address beyond it is told apart by its line.
const TITLE_CHARS_MAX: usize = 200;

/// The text of an expression, with [`COMPUTED`] for each part that only running would tell.
pub(crate) fn text_of(expression: Expression<'_>) -> Option<String> {
    let pieces = expression.text()?;
    let piece = |piece: Piece| match piece {
        Piece::Text(text) => text,
        Piece::Computed => COMPUTED.to_string(),
    };
    Some(pieces.into_iter().map(piece).collect())
}

/// The requests that an address of MSW matches.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Matched {
    /// The host, where one is named.
    pub(crate) writer: Option<String>,
    /// The path.
    pub(crate) path: PathPattern,
}

/// Reads an address of MSW: absolute, of this origin, or of any (`*`). `None` when it begins with
/// something computed or cannot be told as one path pattern.
pub(crate) fn matched(address: &str) -> Option<Matched> {
    let address = without_query(address);
    let (writer, path) = match address.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let is_told = !authority.contains('*') && !scheme.contains('*');
            let cut = RecordedUrl::cut(&format!("http://{authority}/")).filter(|_| is_told);
            let is_http = ["http", "https", "*"].contains(&scheme);
            (is_http && !authority.starts_with(COMPUTED)).then_some(())?;
            (cut.and_then(|cut| cut.writer()), path)
        }
        None if address == "*" => (None, "/*"),
        None => (None, address.strip_prefix('*').unwrap_or(address)),
    };
    (path.is_empty() || path.starts_with('/')).then_some(())?;
    Some(Matched { writer, path: pattern(path)? })
}

/// What people call a mock: method and address without credentials, `{}` for what is computed.
pub(crate) fn title(method: &str, address: &str) -> String {
    let address = without_query(address);
    let shown = match address.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{path}")
        }
        None => address.to_owned(),
    };
    format!("{method} {shown}").replace(COMPUTED, "{}").chars().take(TITLE_CHARS_MAX).collect()
}

/// The address up to its query; a question mark behind a parameter makes that one optional.
fn without_query(address: &str) -> &str {
    let is_query = |at: usize| {
        let segment = address[..at].rsplit('/').next().unwrap_or_default();
        let ends = matches!(address.as_bytes().get(at + 1), None | Some(b'/'));
        !(ends && segment.starts_with(':') && segment.len() > 1)
    };
    let marks = address.match_indices(['?', '#']);
    let query = marks.map(|(at, _)| at).find(|at| is_query(*at));
    &address[..query.unwrap_or(address.len())]
}

fn pattern(path: &str) -> Option<PathPattern> {
    let mut segments = Vec::new();
    let mut parts = split(path).peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        match part {
            "*" | "**" if is_last => segments.push(Segment::Rest),
            _ if part.starts_with(':') && part.ends_with(['*', '+', '?']) => {
                // Any number of segments cannot stand in the middle of a pattern.
                is_last.then_some(())?;
                segments.extend(part.ends_with('+').then_some(Segment::Param));
                segments.push(Segment::Rest);
            }
            _ if part.contains(['*', ':', '(', COMPUTED]) => segments.push(Segment::Param),
            _ => segments.push(Segment::Literal(part.to_owned())),
        }
    }
    Some(PathPattern::of_segments(segments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, expected: &str) {
        let found = matched(address)
            .map(|Matched { writer, path }| format!("{} {path}", writer.as_deref().unwrap_or("-")));
        assert_eq!(found.as_deref().unwrap_or("none"), expected, "{address}");
    }

    #[test]
    fn addresses_match_as_msw_does() {
        check("/users/:id", "- /users/{}");
        check("https://api.example.org:8443/users/:id/orders?x=1#top", {
            "api.example.org /users/{}/orders"
        });
        check("http://localhost:3000/users", "- /users");
        check("https://API", "api /");
        check("*/users/:id", "- /users/{}");
        check("*", "- /**");
        check("/files/*", "- /files/**");
        check("/files/*/raw", "- /files/{}/raw");
        check("https://*.example.org/a", "- /a");
        check("/files/:name.:type", "- /files/{}");
        check("/a/:rest*", "- /a/**");
        check("/a/:rest+", "- /a/{}/**");
        check("/a/:id?", "- /a/**");
        check("/a/\u{f8ff}/b", "- /a/{}/b");
        check("https://\u{f8ff}.example.org/b", "none");
    }

    #[test]
    fn what_is_no_path_pattern_is_none() {
        for address in ["\u{f8ff}/users", "users", "./users", "/a/:rest*/b", "ftp://h/", ""] {
            let expected = if address.is_empty() { "- /" } else { "none" };
            check(address, expected);
        }
    }

    #[test]
    fn titles_show_no_credentials() {
        assert_eq!(title("GET", "https://me:secret@h/a?token=x"), "GET https://h/a");
        assert_eq!(title("GET", "/a/\u{f8ff}/:id?"), "GET /a/{}/:id?");
    }
}
