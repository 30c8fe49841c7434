//! The laws of the algebra as property tests, with generators that reach every limit state.

use crate::difference::{DifferenceKind, diff};
use crate::fold::Fold;
use crate::ladder::Level;
use crate::literal::LiteralKey;
use crate::outcome::{BEHAVIOURS_MAX, Outcome};
use crate::place::{Part, Place, Side};
use crate::profile::Profile;
use crate::said::Said;
use crate::synthetic::{Facts, document};
use crate::trait_set::TraitSet;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// One exchange as the tests generate it.
#[derive(Clone, Debug, Default)]
struct Sample {
    time_ms: Option<i64>,
    header: Option<String>,
    query: Option<(String, String)>,
    json: String,
    took_ms: Option<u64>,
}

fn fold_all(samples: &[Sample]) -> Outcome {
    let mut fold = new_fold();
    for sample in samples {
        observe(&mut fold, sample);
    }
    fold.seal()
}

/// What the oracle says; it refuses numbers that do not fit its own types, which JSON allows.
fn is_json(bytes: &[u8]) -> bool {
    match serde_json::from_slice::<serde_json::Value>(bytes) {
        Ok(_) => true,
        Err(err) => err.to_string().contains("number out of range"),
    }
}

fn new_fold() -> Fold {
    Fold::new(LiteralKey::new([7; 32]), Arc::new(|place| place.name() == Some("secret")))
}

fn observe(fold: &mut Fold, sample: &Sample) {
    fold.begin(sample.time_ms);
    if let Some(value) = &sample.header {
        fold.text(Side::Response, Part::Header, "x-kind", value.as_bytes());
    }
    if let Some((name, value)) = &sample.query {
        fold.text(Side::Request, Part::Query, name, value.as_bytes());
    }
    fold.json(Side::Response, sample.json.as_bytes()).ok();
    if let Some(millis) = sample.took_ms {
        fold.took(Duration::from_millis(millis));
    }
    fold.commit();
}

/// JSON values that touch every trait: borders of numbers, formats, empties, nulls, unions.
fn value() -> impl Strategy<Value = String> {
    value_with(|members| members)
}

/// Keys and values of an object.
type Members = Vec<(String, String)>;

/// The same, with what `keep` leaves of the members of each object.
fn value_with(keep: fn(Members) -> Members) -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        prop_oneof![
            Just(0_i64),
            Just(-1),
            Just(2_147_483_647),
            Just(2_147_483_648),
            Just(9_007_199_254_740_993),
            any::<i64>()
        ]
        .prop_map(|n| n.to_string()),
        Just("1.5".to_owned()),
        Just("18446744073709551616".to_owned()),
        prop_oneof![
            Just(""),
            Just("pending"),
            Just("settled"),
            Just("2026-11-21"),
            Just("ünï"),
            Just("7f9c24e5-2b0a-4c59-8a3d-9d0d1f3c2b11"),
            Just("a longer free text, with comma")
        ]
        .prop_map(|text| format!("\"{text}\"")),
        (0..40_u32).prop_map(|n| format!("\"word{n}\"")),
    ];
    leaf.prop_recursive(3, 24, 5, move |inner| {
        let key = prop_oneof![
            Just("id".to_owned()),
            Just("type".to_owned()),
            Just("secret".to_owned()),
            Just("error".to_owned()),
            (0..600_u32).prop_map(|n| format!("k{}", word(n))),
            Just("1042".to_owned()),
            // One of the three is no UUID.
            "[0-1g]".prop_map(|digit| format!("{digit}f9c24e5-2b0a-4c59-8a3d-9d0d1f3c2b11")),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((key, inner), 0..5).prop_map(move |members| {
                let members: Vec<String> =
                    keep(members).into_iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

/// Each key once: a doubled one has the traits of two values, which no single value has.
fn keys_once(members: Members) -> Members {
    members.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect()
}

/// Letters only, so that the key is a name and not data.
fn word(mut n: u32) -> String {
    let mut text = String::new();
    loop {
        text.push(char::from(b'a' + u8::try_from(n % 26).unwrap()));
        n /= 26;
        if n == 0 {
            return text;
        }
    }
}

fn sample() -> impl Strategy<Value = Sample> {
    let time = prop::option::of(0..1_000_000_i64);
    let header = prop::option::of(prop_oneof![Just("a".to_owned()), Just("b".to_owned())]);
    // What stands before the break must leave no trace, words included.
    let broken = value().prop_map(|json| format!("{{\"type\":{json},\"id\":\"x-y\" oops"));
    let json = prop_oneof![9 => value(), 1 => Just("{broken".to_owned()), 1 => broken];
    let took = prop::option::of(0..60_000_u64);
    let asked = [("type", "pending"), ("id_ne", "0"), ("error[in]", "true,null")];
    let asked = asked.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let query = prop::option::of(prop::sample::select(asked.to_vec()));
    (time, header, query, json, took).prop_map(|(time_ms, header, query, json, took_ms)| Sample {
        time_ms,
        header,
        query,
        json,
        took_ms,
    })
}

/// Traffic that goes beyond a limit: too many behaviours, words, keys, or all of them.
fn flood(size: u32, kind: u8) -> Vec<Sample> {
    let sample = |json| Sample { time_ms: Some(1), json, took_ms: Some(1), ..Sample::default() };
    (0..size)
        .map(|n| match kind % 6 {
            // Every subset of twelve optional keys is a behaviour.
            0 => sample(format!(
                "{{{}}}",
                (0..12)
                    .filter(|bit| n.wrapping_mul(2_654_435_761) >> (bit + 13) & 1 == 1)
                    .map(|bit| format!("\"{}\":{bit}", word(bit + 30)))
                    .collect::<Vec<_>>()
                    .join(",")
            )),
            1 => sample(format!("{{\"state\":\"word {}\"}}", word(n))),
            // A map whose keys are words, three levels down.
            2 => sample(format!("{{\"a\":{{\"b\":{{\"c\":{{\"{}\":1}}}}}}}}", word(n))),
            3 => sample(format!("{{\"users\":{{\"{}\":{{\"age\":{n},\"x\":null}}}}}}", word(n))),
            4 => sample(format!("[{{\"a\":{n}}},{{\"{}\":\"{}\"}}]", word(n % 40), word(n % 17))),
            // A map of words, two levels down, that at times is empty, a map of data, or an array.
            _ => {
                let map = match n % 8 {
                    0 => "[]".to_owned(),
                    1 => "[{}]".to_owned(),
                    2 => "[1,2]".to_owned(),
                    3 => "{}".to_owned(),
                    4 => format!("{{\"{n}\":[{{}}]}}"),
                    _ => format!("{{\"{}\":1,\"{}\":[]}}", word(n), word(n + 9_000)),
                };
                sample(format!("{{\"a\":{{\"b\":{map}}}}}"))
            }
        })
        .collect()
}

#[test]
fn folding_in_parts_equals_folding_the_whole_beyond_every_limit() {
    for kind in 0..6 {
        let samples = flood(5_000, kind);
        let whole = fold_all(&samples);
        for parts in [2, 7] {
            let outcomes: Vec<Outcome> =
                samples.chunks(samples.len() / parts + 1).map(fold_all).collect();
            let forward = outcomes.iter().fold(Outcome::default(), |sum, part| sum.merge(part));
            let backward = outcomes.iter().rev().fold(Outcome::default(), |sum, p| p.merge(&sum));
            assert!(forward == whole, "flood {kind} in {parts} parts differs");
            assert!(backward == whole, "flood {kind} in {parts} parts backwards differs");
        }
        assert!(Profile { outcomes: BTreeMap::from([(200, whole.clone())]) }.is_sound());
        assert!(whole.behaviours.len() <= BEHAVIOURS_MAX);
        assert_eq!(whole.total().count, 5_000);
    }
}

#[test]
fn floods_reach_the_limits_they_are_made_for() {
    assert!(fold_all(&flood(5_000, 0)).level() > Level::FULL);
    assert_eq!(fold_all(&flood(5_000, 1)).many.len(), 1);
    assert_eq!(fold_all(&flood(5_000, 2)).full.len(), 1);
    assert_eq!(fold_all(&flood(5_000, 3)).full.len(), 1);
}

#[test]
fn a_tagged_union_is_kept_by_the_behaviours() {
    let json = |text: &str| Sample { json: text.to_owned(), ..Sample::default() };
    let outcome = fold_all(&[
        json(r#"{"type":"card","number":"x y"}"#),
        json(r#"{"type":"sepa","iban":"x y"}"#),
        json(r#"{"number":"x y","type":"card"}"#),
    ]);
    let key = LiteralKey::new([7; 32]);
    let behaviours: Vec<_> = outcome.behaviours().collect();
    assert_eq!(behaviours.len(), 2, "key order does not matter, the union's arms do");
    for behaviour in behaviours {
        let has_iban = behaviour.facts().any(|(place, _)| place.name() == Some("iban"));
        let tag = if has_iban { "sepa" } else { "card" };
        let (_, literals) =
            behaviour.literals().find(|(place, _)| place.name() == Some("type")).unwrap();
        assert_eq!(literals.keys().collect::<Vec<_>>(), [&key.hash(tag)]);
    }
}

#[test]
fn absent_null_and_empty_are_three_facts() {
    let json = |text: &str| Sample { json: text.to_owned(), ..Sample::default() };
    let outcome = fold_all(&[
        json(r#"{"a":null}"#),
        json(r#"{"a":""}"#),
        json(r#"{"a":[]}"#),
        json(r#"{"a":{}}"#),
        json(r#"{"b":1}"#),
    ]);
    assert_eq!(outcome.behaviours().count(), 5);
    let marginals = outcome.marginals();
    let a = marginals.places.keys().find(|place| place.name() == Some("a")).unwrap();
    assert_eq!((marginals.seen(a).count, marginals.possible(a)), (4, 5));
    assert_eq!(
        marginals.traits(a),
        TraitSet::NULL | TraitSet::EMPTY_STRING | TraitSet::EMPTY_ARRAY | TraitSet::EMPTY_OBJECT
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn merge_is_commutative_and_associative(
        one in prop::collection::vec(sample(), 0..24),
        two in prop::collection::vec(sample(), 0..24),
        three in prop::collection::vec(sample(), 0..24),
    ) {
        let (a, b, c) = (fold_all(&one), fold_all(&two), fold_all(&three));
        prop_assert_eq!(a.merge(&b), b.merge(&a));
        prop_assert_eq!(a.merge(&b).merge(&c), a.merge(&b.merge(&c)));
        prop_assert_eq!(a.merge(&Outcome::default()), a.clone());
    }

    #[test]
    fn parts_merged_in_any_order_equal_the_whole(
        mut samples in prop::collection::vec(sample(), 1..60),
        cut in any::<prop::sample::Index>(),
    ) {
        let whole = fold_all(&samples);
        let at = cut.index(samples.len());
        let parts = fold_all(&samples[at..]).merge(&fold_all(&samples[..at]));
        prop_assert_eq!(&parts, &whole);
        samples.reverse();
        prop_assert_eq!(&fold_all(&samples), &whole);
    }

    #[test]
    fn observing_only_widens(samples in prop::collection::vec(sample(), 1..40), more in sample()) {
        let before = fold_all(&samples).marginals();
        let mut all = samples;
        all.push(more);
        let after = fold_all(&all).marginals();
        for (place, tally) in &before.places {
            let grown = after.places.get(place);
            prop_assert!(grown.is_some_and(|grown| grown.seen.count >= tally.seen.count));
            prop_assert!(after.traits(place).contains(before.traits(place)));
        }
    }

    #[test]
    fn marginals_do_not_depend_on_the_level(samples in prop::collection::vec(sample(), 1..60)) {
        let plain = fold_all(&samples);
        let mut coarse = plain.clone();
        coarse.raise_to(Level::BODY_KIND);
        let (fine, coarse) = (plain.marginals(), coarse.marginals());
        prop_assert_eq!(fine.places.len(), coarse.places.len());
        for (place, tally) in &fine.places {
            let other = &coarse.places[place];
            prop_assert_eq!((tally.seen, &tally.traits), (other.seen, &other.traits));
        }
    }

    #[test]
    fn nothing_differs_from_itself(samples in prop::collection::vec(sample(), 0..40)) {
        let seen = fold_all(&samples).marginals();
        let found = diff(&Said::of_seen(&seen), &seen, &LiteralKey::new([7; 32]));
        prop_assert_eq!(found, []);
    }

    #[test]
    fn a_null_that_is_seen_is_what_was_said(texts in 1_usize..9, nulls in 0_usize..9) {
        let sample = |json: &str| Sample { json: json.to_owned(), ..Sample::default() };
        let said = Said::of_seen(&fold_all(&[sample("null")]).marginals());
        let samples = [vec![sample("\"a\""); texts], vec![sample("null"); nulls]].concat();
        let found = diff(&said, &fold_all(&samples).marginals(), &LiteralKey::new([7; 32]));
        let kinds: Vec<DifferenceKind> = found.iter().map(|one| one.kind).collect();
        let wanted = if nulls == 0 { DifferenceKind::KindChanged } else { DifferenceKind::KindNew };
        prop_assert_eq!(kinds, [wanted]);
    }

    #[test]
    fn a_synthetic_document_behaves_as_what_was_seen(json in value_with(keys_once)) {
        let root = Place::root(Side::Response, Part::Body);
        let facts = |json: String| -> Facts {
            let outcome = fold_all(&[Sample { json, ..Sample::default() }]);
            let behaviour = outcome.behaviours().next().unwrap();
            let body = behaviour.facts().filter(|(place, _)| place.part == Part::Body);
            body.map(|(place, traits)| (place.clone(), traits)).collect()
        };
        let seen = facts(json);
        let synthetic = document(&seen, &root, &|_| None).unwrap();
        prop_assert_eq!(facts(synthetic), seen);
    }

    #[test]
    fn damaged_profiles_are_found_or_harmless(
        samples in prop::collection::vec(sample(), 1..12),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let profile = Profile { outcomes: BTreeMap::from([(200, fold_all(&samples))]) };
        let mut bytes = postcard::to_allocvec(&profile).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let Ok(damaged) = postcard::from_bytes::<Profile>(&bytes) else { return Ok(()) };
        if damaged.is_sound() {
            prop_assert_eq!(damaged.merge(&profile), profile.merge(&damaged));
            damaged.outcomes.values().for_each(|outcome| drop(outcome.marginals()));
        }
    }

    #[test]
    fn any_bytes_fold_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut fold = new_fold();
        fold.begin(None);
        let folded = fold.json(Side::Request, &bytes).is_ok();
        fold.commit();
        prop_assert_eq!(folded, is_json(&bytes));
        prop_assert_eq!(fold.seal().total().count, 1);
    }

    #[test]
    fn json_is_taken_exactly_when_the_oracle_takes_it(
        text in value(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let mut fold = new_fold();
        fold.begin(None);
        let folded = fold.json(Side::Request, &bytes).is_ok();
        prop_assert_eq!(folded, is_json(&bytes), "{}", String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn profiles_survive_their_encoding(samples in prop::collection::vec(sample(), 0..30)) {
        let outcome = fold_all(&samples);
        let profile = Profile { outcomes: BTreeMap::from([(200, outcome)]) };
        let bytes = postcard::to_allocvec(&profile).unwrap();
        let beside = postcard::to_allocvec(&profile.latencies()).unwrap();
        let read: Profile = postcard::from_bytes(&bytes).unwrap();
        let read = read.with_latencies(postcard::from_bytes(&beside).unwrap());
        prop_assert_eq!(read.as_ref(), Some(&profile));
        prop_assert!(profile.is_sound());
    }
}
