//! Finds the seams that a claim may speak of without asking every one of them.
//!
//! Refuses to decide: what it gives is a superset, in the order in which the seams were given.

use plumb_shape::operation::{Operation, PathPattern, Segment};
use std::collections::BTreeMap;

/// Positions of operations by what their paths hold.
#[derive(Debug, Default)]
pub(crate) struct SeamIndex<'a> {
    count: usize,
    by_shape: BTreeMap<Shape<'a>, Vec<usize>>,
    /// By one word of the path; none where the segment is data.
    by_word: BTreeMap<(Shape<'a>, usize, Option<&'a str>), Vec<usize>>,
}

/// Method and number of segments.
type Shape<'a> = (&'a str, usize);

/// An index of these operations.
pub(crate) fn seam_index<'a>(operations: impl Iterator<Item = &'a Operation>) -> SeamIndex<'a> {
    let mut index = SeamIndex::default();
    for (position, operation) in operations.enumerate() {
        index.count += 1;
        let shape = (operation.method.as_str(), operation.segments.len());
        index.by_shape.entry(shape).or_default().push(position);
        for (at, word) in operation.segments.iter().enumerate() {
            index.by_word.entry((shape, at, word.as_deref())).or_default().push(position);
        }
    }
    index
}

/// The positions of all operations that a claim about these methods and this path may speak of, and
/// of some others.
pub(crate) fn candidates(
    index: &SeamIndex<'_>,
    methods: &[String],
    path: &PathPattern,
) -> Vec<usize> {
    let segments = &path.segments;
    let is_open = segments.iter().any(|segment| matches!(segment, Segment::Rest));
    let [method] = methods else { return (0..index.count).collect() };
    if is_open {
        return (0..index.count).collect();
    }
    let shape = (method.as_str(), segments.len());
    let list = |at, word| {
        let key = (shape, at, word);
        index.by_word.get(&key).map(Vec::as_slice).unwrap_or_default()
    };
    // A word of the claim meets the same word, or data; the rarest word decides.
    let by_rarest = segments
        .iter()
        .enumerate()
        .filter_map(|(at, segment)| match segment {
            Segment::Literal(text) => Some((list(at, Some(text.as_str())), list(at, None))),
            Segment::Param | Segment::Rest => None,
        })
        .min_by_key(|(same, data)| same.len() + data.len());
    match by_rarest {
        Some((same, data)) => {
            let mut both = [same, data].concat();
            both.sort_unstable();
            both
        }
        None => index.by_shape.get(&shape).cloned().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &str, template: &str, expected: &[usize]) {
        let operations = [
            ("GET", "/v1/users/42"),
            ("GET", "/v1/users/search"),
            ("GET", "/v1/orders/42"),
            ("GET", "/v1/42/notes"),
            ("POST", "/v1/users/42"),
            ("GET", "/v1/users"),
        ];
        let operations = operations.map(|(method, path)| Operation::of_request(method, path));
        let index = seam_index(operations.iter());
        let path = PathPattern::of_template(template);
        assert_eq!(candidates(&index, &[method.to_owned()], &path), expected, "{template}");
    }

    #[test]
    fn the_rarest_word_decides() {
        check("GET", "/v1/users/7", &[0, 2]);
        check("GET", "/v1/users/search", &[0, 1, 3]);
        check("GET", "/v1/{}/notes", &[0, 2, 3]);
        check("POST", "/v1/users/{}", &[4]);
        check("GET", "/{}/{}/{}", &[0, 1, 2, 3]);
        check("PUT", "/v1/users", &[]);
    }

    #[test]
    fn open_paths_and_methods_may_be_any() {
        let operation = Operation::of_request("GET", "/a");
        let index = seam_index(std::iter::once(&operation));
        let path = PathPattern::any();
        assert_eq!(candidates(&index, &["POST".to_owned()], &path), [0]);
        assert_eq!(candidates(&index, &[], &PathPattern::of_path("/b")), [0]);
    }
}
