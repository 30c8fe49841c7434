//! Two versions that answer alike, and versions that do not.

use super::*;
use plumb_shape::fold::Fold;
use plumb_shape::operation::Operation;
use std::sync::Arc;

fn key() -> LiteralKey {
    LiteralKey::new([7; 32])
}

/// A hundred exchanges by one version, answered with these bodies in turn.
fn seen(version: &str, answered: &[(u16, &str)]) -> Vec<Evidence> {
    let mut outcomes = BTreeMap::new();
    for status in answered.iter().map(|(status, _)| *status).collect::<BTreeSet<_>>() {
        let mut fold = Fold::new(key(), Arc::new(|_| false));
        let bodies = (0..100).map(|at| answered[at % answered.len()]);
        for (_, body) in bodies.filter(|(of, _)| *of == status) {
            fold.begin(None);
            fold.json(Side::Response, body.as_bytes()).unwrap();
            fold.commit();
        }
        outcomes.insert(status, fold.seal());
    }
    vec![Evidence {
        writer: "orders".to_owned(),
        reader: "web".to_owned(),
        operation: Operation::parse("GET /orders/{}").unwrap(),
        version: version.to_owned(),
        last_ms: 0,
        profile: Profile { outcomes },
    }]
}

fn check(old: &[(u16, &str)], new: &[(u16, &str)], expected: &[&str]) {
    let evidence = [seen("1", old), seen("2", new)].concat();
    let policy = Policy { now_ms: 0, max_age_ms: 1, samples_min: 30 };
    let versions = Versions { component: "orders", old: "1", new: "2" };
    let found = changes(&evidence, versions, &policy, &key());
    let line = |one: &Weighed| {
        let (change, usage) = (&one.change, one.usage);
        let usage = usage.map_or(String::new(), |usage| format!(" {}/{}", usage.seen, usage.of));
        format!("{} {} {}{usage}", change.grade.name(), change.rule, change.place)
    };
    assert_eq!(found.iter().map(line).collect::<Vec<_>>(), expected);
}

#[test]
fn versions_that_write_the_same_change_nothing() {
    let same = [(200, r#"{"id":1,"note":null}"#), (200, r#"{"id":2}"#), (404, "{}")];
    check(&same, &same, &[]);
}

#[test]
fn what_only_the_new_version_writes_is_told_with_its_counts() {
    let old = [(200, r#"{"id":1,"state":"open","total":5,"at":"2020-01-01T00:00:00Z"}"#)];
    let new = [
        (200, r#"{"id":null,"state":"void","total":5,"more":1}"#),
        (200, r#"{"id":1,"state":"open","total":"5","more":1}"#),
    ];
    check(
        &old,
        &new,
        &[
            "breaking seen-field-gone response 200 $.at 100/100",
            "breaking seen-null-new response 200 $.id 50/100",
            "breaking seen-kind-new response 200 $.total 50/100",
            "risky seen-value-new response 200 $.state 50/100",
            "safe seen-field-new response 200 $.more 100/100",
        ],
    );
}

#[test]
fn what_was_not_seen_often_enough_is_not_told_to_be_fine() {
    let body = r#"{"id":1}"#;
    check(
        &[(200, body)],
        &[(200, body), (503, "{}")],
        &["risky seen-status-new response 503 50/100"],
    );
    let mut evidence = seen("1", &[(200, body)]);
    let policy = Policy { now_ms: 0, max_age_ms: 1, samples_min: 300 };
    let versions = Versions { component: "orders", old: "1", new: "2" };
    let found = changes(&evidence, versions, &policy, &key());
    assert_eq!(found.iter().map(|it| it.change.rule).collect::<Vec<_>>(), ["seen-undecided"]);
    evidence.extend(seen("2", &[(200, body)]));
    let found = changes(&evidence, versions, &policy, &key());
    assert_eq!(found.iter().map(|it| it.change.rule).collect::<Vec<_>>(), ["seen-undecided"]);
}
