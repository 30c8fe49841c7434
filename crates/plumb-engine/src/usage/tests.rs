//! What evidence leaves of a change, on folded exchanges.

use super::*;
use plumb_shape::fold::Fold;
use plumb_shape::operation::Operation;
use plumb_shape::profile::Profile;
use std::collections::BTreeMap;
use std::sync::Arc;

const EXCHANGES: u64 = 40;

fn key() -> LiteralKey {
    LiteralKey::new([7; 32])
}

/// Forty exchanges of one operation by `web`, each with what was sent and answered.
fn evidence(sent: &[&str], answered: &[&str]) -> Vec<Evidence> {
    let mut fold = Fold::new(key(), Arc::new(|_| false));
    for at in 0..usize::try_from(EXCHANGES).unwrap() {
        fold.begin(None);
        for (side, bodies) in [(Side::Request, sent), (Side::Response, answered)] {
            if let Some(body) = bodies.get(at % bodies.len().max(1)) {
                fold.json(side, body.as_bytes()).unwrap();
            }
        }
        fold.commit();
    }
    vec![Evidence {
        writer: "orders".to_owned(),
        reader: "web".to_owned(),
        operation: Operation::parse("POST /orders/{}").unwrap(),
        version: String::new(),
        last_ms: 1_000,
        profile: Profile { outcomes: BTreeMap::from([(200, fold.seal())]) },
    }]
}

fn change(rule: &'static str, place: &str, direction: Direction, witness: &str) -> Weighed {
    Weighed::without_evidence(Change {
        grade: Grade::Breaking,
        rule,
        subject: "POST /orders/{id}".to_owned(),
        place: place.to_owned(),
        direction,
        old: None,
        new: None,
        reason: String::new(),
        witness: Some(witness.to_owned()),
    })
}

fn weighed(evidence: &[Evidence], mut one: Weighed, now_ms: i64, readers: &[String]) -> Weighed {
    let policy = Policy { now_ms, max_age_ms: 10_000, samples_min: 30 };
    let scales = Scales { evidence, readers, policy: &policy, key: &key() };
    let all = std::slice::from_mut(&mut one);
    weigh(all, &scales);
    one
}

fn check(evidence: &[Evidence], one: Weighed, expected: (Grade, Option<(u64, u64)>)) {
    let weighed = weighed(evidence, one, 2_000, &[]);
    let usage = weighed.usage.map(|usage| (usage.seen, usage.of));
    assert_eq!((weighed.change.grade, usage), expected, "{:?}", weighed.change);
    assert_eq!(weighed.declared, Grade::Breaking);
}

#[test]
fn a_member_that_nobody_was_sent_is_told_apart_from_one_on_every_exchange() {
    let seen = evidence(&[], &[r#"{"id":1,"note":null}"#, r#"{"id":1}"#]);
    let gone = |place: &str| change("response-field-optional", place, Direction::NewWrites, "{}");
    check(&seen, gone("response 200 $.id"), (Grade::Breaking, Some((40, 40))));
    check(&seen, gone("response 2XX $.note"), (Grade::Breaking, Some((20, 40))));
    check(&seen, gone("response default $.never"), (Grade::Risky, Some((0, 40))));
    check(&seen, gone("response 404 $.id"), (Grade::Breaking, None));
}

#[test]
fn what_clients_left_out_or_sent_is_counted() {
    let seen = evidence(&[r#"{"state":"open"}"#, r#"{"state":"paid","by":1}"#], &[]);
    let now = |rule, place: &str, witness: &str| change(rule, place, Direction::OldWrites, witness);
    let required = "request-field-required";
    check(&seen, now(required, "request $.by", "{}"), (Grade::Breaking, Some((20, 40))));
    check(&seen, now(required, "request $.state", "{}"), (Grade::Risky, Some((0, 40))));
    let value = "request-value-narrowed";
    let of = |word: &str| format!("{{\"state\":\"{word}\"}}");
    let place = "request $.state";
    check(&seen, now(value, place, &of("paid")), (Grade::Breaking, Some((20, 40))));
    check(&seen, now(value, place, &of("void")), (Grade::Risky, Some((0, 40))));
}

#[test]
fn a_source_that_told_no_bodies_excuses_nothing() {
    let gone = || change("response-field-optional", "response 200 $.b", Direction::NewWrites, "{}");
    check(&evidence(&[], &[]), gone(), (Grade::Breaking, None));
    let mut fold = Fold::new(key(), Arc::new(|_| false));
    for _ in 0..EXCHANGES {
        fold.begin(None);
        fold.body(Side::Response, TraitSet::WITHHELD);
        fold.commit();
    }
    let mut withheld = evidence(&[], &[]);
    withheld[0].profile = Profile { outcomes: BTreeMap::from([(200, fold.seal())]) };
    check(&withheld, gone(), (Grade::Breaking, None));
}

#[test]
fn no_evidence_too_little_or_old_evidence_excuses_nothing() {
    let seen = evidence(&[], &[r#"{"id":1}"#]);
    let gone = || change("response-field-optional", "response 200 $.b", Direction::NewWrites, "{}");
    assert_eq!(weighed(&[], gone(), 2_000, &[]).change.grade, Grade::Breaking);
    assert_eq!(weighed(&seen, gone(), 20_000, &[]).change.grade, Grade::Breaking);
    let other = weighed(&seen, gone(), 2_000, &["app".to_owned()]);
    assert_eq!((other.change.grade, other.usage), (Grade::Breaking, None));
    assert_eq!(weighed(&seen, gone(), 2_000, &["web".to_owned()]).change.grade, Grade::Risky);
    // Of security, servers and paths evidence says nothing.
    let security = change("security-added", "request security", Direction::OldWrites, "{}");
    check(&seen, security, (Grade::Breaking, None));
}
