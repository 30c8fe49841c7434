//! The predicates of a stub, multiplied out: the ways in which they can be met.
//!
//! `and`, `or` and `not` are only how predicates are put together; what is left are conditions,
//! each with its parameters. Refuses to know what a condition says of a request.

use plumb_tree::Node;

/// One predicate that is not put together of others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Condition<'a> {
    /// The whole predicate: the operator's fields and the parameters beside it.
    pub(crate) predicate: &'a Node,
    /// Whether the predicate must not hold.
    pub(crate) negated: bool,
}

/// Conditions that hold together.
pub(crate) type Way<'a> = Vec<Condition<'a>>;

/// Ways to meet the predicates of one stub: hand-written ones have a few, and each is a claim.
const WAYS_MAX: usize = 64;

/// Predicates within predicates at most.
const DEPTH_MAX: usize = 16;

/// The ways in which all of these predicates can be met; `None` when there are too many.
pub(crate) fn alternatives(predicates: &[Node]) -> Option<Vec<Way<'_>>> {
    all(predicates, false, 0)
}

/// Every one of them holds, or every one of them fails.
fn all(predicates: &[Node], negated: bool, depth: usize) -> Option<Vec<Way<'_>>> {
    let mut ways: Vec<Way<'_>> = vec![Vec::new()];
    for predicate in predicates {
        let more = one(predicate, negated, depth)?;
        if let [only] = more.as_slice() {
            ways.iter_mut().for_each(|way| way.extend_from_slice(only));
            continue;
        }
        let pairs = ways.iter().flat_map(|way| more.iter().map(move |end| (way, end)));
        ways = pairs.map(|(way, end)| [&way[..], end].concat()).collect();
        if ways.len() > WAYS_MAX {
            return None;
        }
    }
    Some(ways)
}

/// One of them holds, or one of them fails.
fn any(predicates: &[Node], negated: bool, depth: usize) -> Option<Vec<Way<'_>>> {
    let mut ways = Vec::new();
    for predicate in predicates {
        ways.extend(one(predicate, negated, depth)?);
        if ways.len() > WAYS_MAX {
            return None;
        }
    }
    Some(ways)
}

fn one(predicate: &Node, negated: bool, depth: usize) -> Option<Vec<Way<'_>>> {
    if depth > DEPTH_MAX {
        return None;
    }
    if let Some(inside) = predicate.get("not") {
        one(inside, !negated, depth + 1)
    } else if let Some(list) = predicate.get("and") {
        let together = if negated { any } else { all };
        together(list.items(), negated, depth + 1)
    } else if let Some(list) = predicate.get("or") {
        let together = if negated { all } else { any };
        together(list.items(), negated, depth + 1)
    } else {
        Some(vec![vec![Condition { predicate, negated }]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_tree::json::parse_json;

    #[track_caller]
    fn check(predicates: &str, expected: &str) {
        let documents = parse_json(predicates.as_bytes()).unwrap().documents;
        let name = |it: &Condition<'_>| {
            format!("{}{}", if it.negated { "!" } else { "" }, it.predicate.entries()[0].0.text)
        };
        let way = |way: &Way<'_>| way.iter().map(name).collect::<Vec<_>>().join("&");
        let found = alternatives(documents[0].items())
            .map(|ways| ways.iter().map(way).collect::<Vec<_>>().join(" | "));
        assert_eq!(found.as_deref().unwrap_or("-"), expected, "{predicates}");
    }

    #[test]
    fn predicates_are_multiplied_out() {
        check("[]", "");
        check(r#"[{"a":1},{"b":1}]"#, "a&b");
        check(r#"[{"or":[{"a":1},{"b":1}]},{"c":1}]"#, "a&c | b&c");
        check(r#"[{"not":{"or":[{"a":1},{"and":[{"b":1},{"c":1}]}]}}]"#, "!a&!b | !a&!c");
        check(r#"[{"not":{"not":{"a":1}}}]"#, "a");
    }

    #[test]
    fn too_many_ways_are_none() {
        let two = r#"{"or":[{"a":1},{"b":1}]}"#;
        check(&format!("[{}]", [two; 7].join(",")), "-");
        check(&format!("[{}{}]", r#"{"not":"#.repeat(20), "{}".to_owned() + &"}".repeat(20)), "-");
    }
}
