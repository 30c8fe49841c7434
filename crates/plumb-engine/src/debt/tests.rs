//! Debts judged by evidence of an operation, of a place and of a version.

use super::*;
use crate::clock::DAY_MS;
use crate::debt::file::read;
use plumb_shape::fold::Fold;
use plumb_shape::literal::LiteralKey;
use plumb_shape::place::Side;
use plumb_shape::profile::Profile;
use std::collections::BTreeMap;
use std::sync::Arc;

const NOW_MS: i64 = 1_000 * DAY_MS;

fn policy() -> Policy {
    Policy { now_ms: NOW_MS, max_age_ms: 7 * DAY_MS, samples_min: 10 }
}

fn debt(condition: &str) -> Debt {
    let text = format!(
        "[[debt]]\nwhat = \"it\"\ncomponent = \"api\"\nowner = \"us\"\nunused_for = \"14d\"\n\
         opened = 1972-01-01\n{condition}\n"
    );
    read("debt.toml", &text).unwrap().swap_remove(0)
}

/// So many exchanges by `web`, at moments so many days ago.
fn seen(operation: &str, version: &str, (body, days): (&str, &[i64])) -> Evidence {
    let mut fold = Fold::new(LiteralKey::new([1; 32]), Arc::new(|_| false));
    let each = 20 / days.len().max(1);
    for days in days.iter().flat_map(|days| std::iter::repeat_n(days, each)) {
        fold.begin(Some(NOW_MS - days * DAY_MS));
        fold.json(Side::Request, body.as_bytes()).unwrap();
        fold.commit();
    }
    Evidence {
        writer: "api".to_owned(),
        reader: "web".to_owned(),
        operation: Operation::parse(operation).unwrap(),
        version: version.to_owned(),
        profile: Profile { outcomes: BTreeMap::from([(200, fold.seal())]) },
        last_ms: NOW_MS - days.iter().min().unwrap() * DAY_MS,
    }
}

#[track_caller]
fn check(condition: &str, evidence: &[Evidence], expected: (State, Option<i64>)) {
    let owed = judge(&debt(condition), evidence, &policy());
    let due_days = owed.due_ms.map(|due| (due - NOW_MS) / DAY_MS);
    assert_eq!((owed.state, due_days), expected, "{owed:?}");
}

const CART: &str = "operation = \"GET /cart\"";

#[test]
fn an_operation_goes_when_it_was_unused_while_somebody_looked() {
    let orders = |days: &[i64]| seen("GET /orders", "", ("{}", days));
    let cart = |days: &[i64]| seen("GET /cart", "", ("{}", days));
    check(CART, &[orders(&[30, 1])], (State::Removable, Some(-16)));
    check(CART, &[orders(&[30, 1]), cart(&[20])], (State::Removable, Some(-6)));
    check(CART, &[orders(&[30, 1]), cart(&[20, 2])], (State::InUse, Some(12)));
    // Nobody has looked for long enough, and not lately.
    check(CART, &[orders(&[3, 1])], (State::Waiting, Some(11)));
    check(CART, &[orders(&[30, 9])], (State::Unobserved, None));
    check(CART, &[], (State::Unobserved, None));
}

#[test]
fn another_method_or_path_is_no_use() {
    let others = [seen("POST /cart", "", ("{}", &[30, 1])), seen("GET /carts", "", ("{}", &[1]))];
    check(CART, &others, (State::Removable, Some(-16)));
    let owed = judge(&debt(CART), &others, &policy());
    assert_eq!((owed.uses, owed.of, owed.users.len()), (0, 40, 0));
}

#[test]
fn a_place_goes_when_nobody_sends_it() {
    let place = "operation = \"POST /orders\"\nplace = \"request $.note\"";
    let plain = seen("POST /orders", "", ("{\"id\": 1}", &[30, 1]));
    let noted = |days| seen("POST /orders", "", ("{\"id\": 1, \"note\": \"a\"}", days));
    check(place, std::slice::from_ref(&plain), (State::Removable, Some(-16)));
    check(place, &[plain.clone(), noted(&[2])], (State::InUse, Some(12)));
    check(place, &[plain, noted(&[20])], (State::Removable, Some(-6)));
    // Another operation shows nothing of it.
    check(place, &[seen("GET /orders", "", ("{}", &[30, 1]))], (State::Unobserved, None));
}

#[test]
fn a_version_goes_when_nothing_of_it_is_written() {
    let version = "version = \"1\"";
    let old = |days| seen("POST /orders", "1", ("{}", days));
    let new = seen("POST /orders", "2", ("{}", &[30, 1]));
    check(version, &[new.clone(), old(&[40, 2])], (State::InUse, Some(12)));
    check(version, &[new.clone(), old(&[40, 20])], (State::Removable, Some(-6)));
    // What tells no version may be of this one.
    let nameless = seen("POST /orders", "", ("{}", &[1]));
    check(version, &[new, nameless], (State::Unobserved, None));
}

#[test]
fn what_was_opened_lately_waits() {
    let mut lately = debt(CART);
    lately.opened_ms = Some(NOW_MS - 2 * DAY_MS);
    let owed = judge(&lately, &[seen("GET /orders", "", ("{}", &[30, 1]))], &policy());
    assert_eq!((owed.state, owed.due_ms), (State::Waiting, Some(NOW_MS + 12 * DAY_MS)));
}

#[test]
fn too_little_is_no_proof() {
    let orders = seen("GET /orders", "", ("{}", &[30, 1]));
    let strict = Policy { samples_min: 100, ..policy() };
    assert_eq!(judge(&debt(CART), &[orders], &strict).state, State::Unobserved);
}

#[test]
fn a_file_that_says_too_much_or_too_little_is_refused() {
    let read = |condition: &str| {
        let text =
            format!("[[debt]]\nwhat = \"it\"\ncomponent = \"api\"\nowner = \"us\"\n{condition}\n");
        file::read("debt.toml", &text).unwrap_err().to_string()
    };
    let both = "unused_for = \"14d\"\nversion = \"1\"\noperation = \"GET /\"";
    assert_eq!(read(both), "`debt.version` cannot stand beside `operation` in debt.toml:1:1");
    let place = "unused_for = \"14d\"\nplace = \"request $.a\"";
    assert_eq!(read(place), "`debt.operation` is missing in debt.toml:1:1");
    assert_eq!(read("version = \"1\""), "`debt.unused_for` is missing in debt.toml:1:1");
}
