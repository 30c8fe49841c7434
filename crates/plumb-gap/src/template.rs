//! Templates: tells words that are data (names, slugs) from words that name an operation, by the
//! company they keep.
//!
//! Works on everything known at once and so does not depend on the order of arrival. A
//! specification's own templates, where there are some, decide before any guess.

use crate::evidence::{Evidence, Gathered};
use plumb_shape::claim::{Claim, Strength};
use plumb_shape::crowd::crowded;
use plumb_shape::operation::{Operation, PathPattern, Segment};
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::profile::Profile;
use std::collections::{BTreeMap, BTreeSet};

/// From this many siblings with one and the same behaviour on, a word in a path is taken for data.
/// Three resources with equal shapes are common; four interchangeable ones are rarely operations.
const SIBLINGS_MIN: usize = 4;

/// A response with fewer distinct places than this does not identify a resource: `{}` and
/// `{"ok":true}` answer many different operations.
const PLACES_MIN: usize = 3;

/// Renames the operations of the evidence to templates and joins what falls together.
#[must_use]
pub fn templated(evidence: Vec<Evidence>, claims: &[Claim]) -> Vec<Evidence> {
    let told: Vec<&PathPattern> = claims
        .iter()
        .filter(|claim| claim.strength == Strength::Constraint)
        .map(|claim| &claim.request.path)
        .collect();
    let mut renamed: Vec<Evidence> = evidence
        .into_iter()
        .map(|mut item| {
            item.operation = told_operation(&told, item.operation);
            item
        })
        .collect();
    let crowd = crowded(renamed.iter().map(|item| &item.operation));
    for item in &mut renamed {
        if let Some(name) = crowd.get(&item.operation) {
            item.operation = name.clone();
        }
    }
    loop {
        let siblings = interchangeable(&renamed, &told);
        if siblings.is_empty() {
            return join(renamed);
        }
        for item in &mut renamed {
            let group = (item.writer.clone(), item.operation.clone());
            if let Some(template) = siblings.get(&group) {
                item.operation = template.clone();
            }
        }
        renamed = join(renamed);
    }
}

/// The operation under the template that a specification tells for it: the one with the most
/// literal segments, so that concrete paths come before templated ones.
fn told_operation(told: &[&PathPattern], operation: Operation) -> Operation {
    let best = told
        .iter()
        .filter_map(|pattern| Some((literal_hits(pattern, &operation)?, *pattern)))
        .max_by_key(|(hits, _)| *hits);
    match best {
        Some((_, pattern)) => as_operation(pattern, &operation),
        None => operation,
    }
}

fn literal_hits(pattern: &PathPattern, operation: &Operation) -> Option<u32> {
    let has_rest = pattern.segments.iter().any(|segment| matches!(segment, Segment::Rest));
    if has_rest { None } else { pattern.meets(operation) }
}

fn as_operation(pattern: &PathPattern, operation: &Operation) -> Operation {
    let segments = pattern.segments.iter().map(|segment| match segment {
        Segment::Literal(text) => Some(text.clone()),
        Segment::Param | Segment::Rest => None,
    });
    let (method, name) = (operation.method.clone(), operation.name.clone());
    Operation { method, segments: segments.collect(), name }
}

type Named = (String, Operation);

/// For each operation whose word at some position is data: its template.
fn interchangeable(evidence: &[Evidence], told: &[&PathPattern]) -> BTreeMap<Named, Operation> {
    let mut groups: BTreeMap<(Named, usize, Signature), BTreeSet<Operation>> = BTreeMap::new();
    for item in evidence {
        if told.iter().any(|pattern| literal_hits(pattern, &item.operation).is_some()) {
            continue;
        }
        let Some(signature) = signature(&item.profile) else { continue };
        for (at, segment) in item.operation.segments.iter().enumerate() {
            if segment.is_none() {
                continue;
            }
            let mut template = item.operation.clone();
            template.segments[at] = None;
            let group = ((item.writer.clone(), template), at, signature.clone());
            groups.entry(group).or_default().insert(item.operation.clone());
        }
    }
    let mut renamed = BTreeMap::new();
    for (((writer, template), at, _), operations) in groups {
        let words: BTreeSet<&Option<String>> =
            operations.iter().map(|operation| &operation.segments[at]).collect();
        if words.len() >= SIBLINGS_MIN {
            for operation in operations {
                renamed.entry((writer.clone(), operation)).or_insert_with(|| template.clone());
            }
        }
    }
    renamed
}

/// What makes two operations interchangeable: the same members in requests and in successful
/// responses.
type Signature = BTreeSet<Place>;

fn signature(profile: &Profile) -> Option<Signature> {
    let mut places = Signature::new();
    for (status, outcome) in &profile.outcomes {
        if !(200..300).contains(status) {
            continue;
        }
        let marginals = outcome.marginals();
        let body = marginals.places.into_keys().filter(|place| place.part == Part::Body);
        places.extend(body.filter(|place| place.steps.len() <= 2));
    }
    let responses = places.iter().filter(|place| place.side == Side::Response).count();
    (responses >= PLACES_MIN).then_some(places)
}

/// Joins evidence that now has the same name.
fn join(evidence: Vec<Evidence>) -> Vec<Evidence> {
    let mut gathered = Gathered::default();
    evidence.into_iter().for_each(|item| gathered.add(item));
    gathered.into_evidence()
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_shape::fold::Fold;
    use plumb_shape::literal::LiteralKey;

    fn seen(method: &str, path: &str, body: &str) -> Evidence {
        let mut fold = Fold::new(LiteralKey::new([0; 32]), std::sync::Arc::new(|_| false));
        fold.begin(None);
        fold.json(Side::Response, body.as_bytes()).unwrap();
        fold.commit();
        Evidence {
            writer: "users".to_owned(),
            reader: "app".to_owned(),
            operation: Operation::of_request(method, path),
            version: String::new(),
            profile: Profile { outcomes: BTreeMap::from([(200, fold.seal())]) },
            last_ms: 0,
        }
    }

    #[track_caller]
    fn check(evidence: Vec<Evidence>, expected: &[&str]) {
        let mut reversed = evidence.clone();
        reversed.reverse();
        let names = |evidence: Vec<Evidence>| -> Vec<String> {
            templated(evidence, &[]).iter().map(|item| item.operation.to_string()).collect()
        };
        assert_eq!(names(evidence), expected);
        assert_eq!(names(reversed), expected, "the order of arrival matters");
    }

    #[test]
    fn word_like_ids_are_templated_beside_literal_siblings() {
        let user = r#"{"name":"x","age":1}"#;
        let mut evidence: Vec<Evidence> = ["alice", "bob", "carol", "dan"]
            .map(|n| seen("GET", &format!("/users/{n}"), user))
            .into();
        evidence.push(seen("GET", "/users/search", r#"{"hits":[],"total":0}"#));
        check(evidence, &["GET /users/{}", "GET /users/search"]);
    }

    #[test]
    fn operations_that_answer_alike_in_little_stay_apart() {
        let evidence =
            ["create", "delete", "log-metric", "set-tag"].map(|n| seen("POST", n, "{}")).into();
        check(evidence, &["POST /create", "POST /delete", "POST /log-metric", "POST /set-tag"]);
    }

    #[test]
    fn three_are_not_enough() {
        let user = r#"{"name":"x","age":1}"#;
        let evidence = ["alice", "bob", "carol"].map(|n| seen("GET", n, user)).into();
        check(evidence, &["GET /alice", "GET /bob", "GET /carol"]);
    }
}
