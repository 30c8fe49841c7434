//! Routes: the template that a server's own router matched, laid over the path that was asked for.
//!
//! A route only ever adds parameters to what the form of a segment tells; it never makes a word of
//! data, since some instrumentation reports the path itself as the route. It refuses to know where
//! the route comes from.

use plumb_shape::operation::{Operation, SEGMENTS_MAX, is_data, split, write_method};

/// Writes the operation of a request behind what `out` holds, as
/// [`Operation::write_of_request`] would, with the parameters of its route.
///
/// A route that does not fit the end of the path, or that has no word in it (`/:resource/:id`,
/// `/**`) and so does not tell one operation from another, is not used.
pub(crate) fn write_operation(out: &mut String, method: &str, path: &str, route: &str) {
    let pieces = pieces(route);
    if !pieces.iter().any(|piece| matches!(piece, Piece::Word(_))) {
        return Operation::write_of_request(out, method, path);
    }
    let segments: Vec<&str> = split(path).take(SEGMENTS_MAX + 1).collect();
    let Some(mask) = parameters(&segments, &pieces) else {
        return Operation::write_of_request(out, method, path);
    };
    write_method(out, method);
    for (at, segment) in segments.iter().take(mask.shown).enumerate() {
        let is_parameter = mask.bits >> at & 1 == 1 || is_data(segment);
        out.push('/');
        out.push_str(if is_parameter { "{}" } else { segment });
    }
}

/// Which segments of a path are parameters.
struct Mask {
    bits: u32,
    /// Segments after these are part of the last one shown.
    shown: usize,
}

/// A segment of a route.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Word(&'a str),
    Parameter,
    /// Whatever follows, as one parameter.
    Rest,
}

fn parameters(segments: &[&str], pieces: &[Piece<'_>]) -> Option<Mask> {
    let count = segments.len();
    if count > SEGMENTS_MAX || pieces.len() > SEGMENTS_MAX {
        return None;
    }
    let is_open = pieces.last() == Some(&Piece::Rest);
    // Routers below a mount point, and those behind a proxy that cuts prefixes, see the end only.
    let before = if is_open { 0 } else { count.checked_sub(pieces.len())? };
    let mut bits = 0;
    for (at, piece) in (before..).zip(pieces) {
        match (piece, segments.get(at)) {
            (Piece::Word(word), Some(segment)) if word.eq_ignore_ascii_case(segment) => {}
            (Piece::Parameter | Piece::Rest, Some(_)) => bits |= 1 << at,
            (Piece::Rest, None) => {}
            _ => return None,
        }
        if *piece == Piece::Rest {
            return Some(Mask { bits, shown: at + 1 });
        }
    }
    Some(Mask { bits, shown: count })
}

/// The segments of a route in any of the usual styles: `:id`, `{id}`, `<int:id>`, `*`, `[id]`,
/// Rails' `(.:format)` at the end, Django's `^` and `$`. One more than [`SEGMENTS_MAX`] at most.
fn pieces(route: &str) -> Vec<Piece<'_>> {
    let route = route.strip_suffix("(.:format)").unwrap_or(route);
    let route = route.strip_prefix('^').unwrap_or(route);
    let mut rest = route.strip_suffix('$').unwrap_or(route);
    let mut pieces = Vec::new();
    while !rest.is_empty() && pieces.len() <= SEGMENTS_MAX {
        let (segment, after) = rest.split_at(segment_end(rest));
        rest = after.strip_prefix('/').unwrap_or(after);
        if !segment.is_empty() {
            let piece = piece(segment);
            let is_rest = rest.is_empty() && piece == Piece::Parameter && takes_more(segment);
            pieces.push(if is_rest { Piece::Rest } else { piece });
        }
    }
    pieces
}

/// Slashes within brackets belong to a pattern.
fn segment_end(route: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in route.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' | b'<' => depth += 1,
            b')' | b']' | b'}' | b'>' => depth = depth.saturating_sub(1),
            b'/' if depth == 0 => return at,
            _ => {}
        }
    }
    route.len()
}

fn takes_more(last: &str) -> bool {
    const SIGNS: [&str; 4] = ["*", "+}", "<path:", "[..."];
    SIGNS.iter().any(|sign| last.contains(sign))
}

fn piece(segment: &str) -> Piece<'_> {
    let is_sign = |byte| matches!(byte, b'{' | b'<' | b'*' | b'(' | b'[' | b'\\');
    if segment.starts_with(':') || segment.bytes().any(is_sign) {
        Piece::Parameter
    } else {
        Piece::Word(segment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(route: &str, path: &str, expected: &str) {
        let mut out = String::from("-");
        write_operation(&mut out, "get", path, route);
        assert_eq!(out, format!("-GET {expected}"), "{route}");
    }

    #[test]
    fn parameters_of_every_style_are_one_segment() {
        for id in [
            ":id",
            "{id}",
            "{id:int}",
            "<id>",
            "<int:id>",
            "*",
            "[id]",
            ":id(\\d+)",
            "(?P<id>[^/]+)",
            ":id(.:format)",
            "{id?}",
            ":id?",
        ] {
            check(&format!("/users/{id}"), "/users/ann", "/users/{}");
        }
        check("^users/(?P<id>[^/]+)/notes/$", "/users/ann/notes/", "/users/{}/notes");
        check("api/Users/{id}/*/x", "/api/users/ann/b/x", "/api/users/{}/{}/x");
        check("/posts(.:format)", "/posts", "/posts");
    }

    #[test]
    fn the_rest_of_a_path_is_one_segment() {
        for rest in ["*", "**", "{*rest}", "{rest+}", "<path:rest>", ":rest*", "[...rest]"] {
            check(&format!("/files/{rest}"), "/files/a/b/c", "/files/{}");
            check(&format!("/files/{rest}"), "/files", "/files");
        }
    }

    #[test]
    fn a_route_below_a_mount_point_is_laid_over_the_end() {
        check("/users/:id", "/api/7/users/ann", "/api/{}/users/{}");
        check("/:id/notes", "/users/ann/notes", "/users/{}/notes");
    }

    #[test]
    fn a_route_that_tells_nothing_is_not_used() {
        check("/:resource/:id", "/posts/ann", "/posts/ann");
        check("/**", "/posts/ann", "/posts/ann");
        check("/", "/posts/3", "/posts/{}");
        check("", "/", "/");
        check("/other/:id", "/posts/ann", "/posts/ann");
        check("/a/b/:id", "/b/ann", "/b/ann");
        let deep = "/a".repeat(SEGMENTS_MAX + 1);
        check(&format!("{deep}/:id"), &format!("{deep}/b"), &format!("{}/{{}}", &deep[2..]));
    }

    #[test]
    fn a_route_makes_no_word_of_data() {
        check("/users/1234", "/users/1234", "/users/{}");
        check("/days/2026-11-21/:id", "/days/2026-11-21/ann", "/days/{}/{}");
    }
}
