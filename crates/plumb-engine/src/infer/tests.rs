//! The laws of inferred documents: all that was folded is admitted, the document says as a claim
//! what the evidence says, and more of the same traffic changes no schema.

use super::*;
use plumb_claims::dialect;
use plumb_claims::reading::SourceFile;
use plumb_gap::finding::Verdict;
use plumb_gap::policy::Policy;
use plumb_gap::report::{Report, report};
use plumb_shape::fold::Fold;
use plumb_shape::literal::LiteralKey;
use plumb_shape::outcome::Outcome;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::synthetic;
use plumb_shape::trait_set::TraitSet;
use proptest::prelude::*;
use std::sync::Arc;

const JSON: &str = "application/json";

fn key() -> LiteralKey {
    LiteralKey::new([7; 32])
}

fn asked(samples_min: u64) -> Asked<'static> {
    Asked { title: "orders", counts: Counts::Coarse, samples_min }
}

/// How the exchanges of a test are told: what traffic looks like to sources that know more or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// Always with a body and its media type.
    Whole,
    /// Without media types.
    Untyped,
    /// With one of two media types.
    Variously,
    /// At times without a body.
    Sparsely,
    /// At times with a body that is no JSON.
    Opaquely,
    /// At times with the body withheld.
    Withheld,
}

const TOLD: [Told; 6] =
    [Told::Whole, Told::Untyped, Told::Variously, Told::Sparsely, Told::Opaquely, Told::Withheld];

/// Everything seen of one status, each exchange so many times.
fn outcome(documents: &[String], times: usize) -> Outcome {
    told(documents, times, Told::Whole)
}

fn told(documents: &[String], times: usize, how: Told) -> Outcome {
    let mut fold = Fold::new(key(), Arc::new(|place: &Place| place.name() == Some("secret")));
    for at in 0..documents.len() * times {
        let document = &documents[at % documents.len()];
        fold.begin(Some(i64::try_from(at).unwrap() * 1_000));
        for side in [Side::Request, Side::Response] {
            observe(&mut fold, side, document, if at % 3 == 1 { how } else { first(how) });
        }
        fold.text(Side::Request, Part::Query, "page", b"7");
        fold.text(Side::Response, Part::Header, "x-total-count", b"12");
        fold.commit();
    }
    fold.seal()
}

/// How most exchanges are told.
fn first(how: Told) -> Told {
    if how == Told::Untyped { how } else { Told::Whole }
}

fn observe(fold: &mut Fold, side: Side, document: &str, how: Told) {
    let media_type = match how {
        Told::Whole | Told::Withheld => JSON,
        Told::Variously => "application/vnd.order+json",
        Told::Opaquely => "text/plain",
        Told::Untyped | Told::Sparsely => "",
    };
    if !media_type.is_empty() {
        fold.mark(side, Part::MediaType, media_type, TraitSet::PRESENT);
    }
    match how {
        Told::Opaquely => fold.body(side, TraitSet::OPAQUE),
        Told::Withheld => fold.body(side, TraitSet::WITHHELD),
        Told::Sparsely => {}
        Told::Whole | Told::Untyped | Told::Variously => {
            fold.json(side, document.as_bytes()).unwrap();
        }
    }
}

fn seen(outcome: &Outcome) -> BTreeMap<Operation, Profile> {
    let operation = Operation::parse("POST /orders/{}").unwrap();
    let profile = Profile { outcomes: BTreeMap::from([(200, outcome.clone())]) };
    BTreeMap::from([(operation, profile)])
}

fn evidence(seen: &BTreeMap<Operation, Profile>) -> Vec<Evidence> {
    let one = |(operation, profile): (&Operation, &Profile)| Evidence {
        writer: "orders".to_owned(),
        reader: "shop".to_owned(),
        operation: operation.clone(),
        version: String::new(),
        profile: profile.clone(),
        last_ms: 0,
    };
    seen.iter().map(one).collect()
}

/// What comes of reading a text as claims and holding it against the evidence.
fn judged(file: &str, text: &str, evidence: Vec<Evidence>) -> Report {
    let source = SourceFile { path: file, bytes: text.as_bytes() };
    let reading = dialect::read(&source, &|_| None);
    assert!(!reading.claims.is_empty(), "{text}");
    assert_eq!(reading.unread, [], "{text}");
    let policy = Policy { now_ms: 0, max_age_ms: i64::MAX, samples_min: 1 };
    report(&reading.claims, evidence, &[], &policy, &key())
}

fn schema_of(document: &Value) -> &Value {
    let answer = &document["paths"]["/orders/{orderId}"]["post"]["responses"]["200"];
    &answer["content"][JSON]["schema"]
}

/// The document without anything that tells how often.
fn bare(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(key, _)| *key != MARK);
            kept.map(|(key, value)| (key.clone(), bare(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(bare).collect::<Vec<_>>().into(),
        other => other.clone(),
    }
}

/// Documents that touch every kind and form, with members that come and go.
fn document() -> impl Strategy<Value = String> {
    let scalar = prop::sample::select(vec![
        "null",
        "true",
        "0",
        "1",
        "-7",
        "3000000000",
        "9007199254740993",
        "18446744073709551616",
        "1.5",
        "-1e3",
        "\"\"",
        "\"x y\"",
        "\"open\"",
        "\"2026-11-21\"",
        "\"2026-11-21 10:02:33\"",
        "\"00000000-0000-4000-8000-000000000000\"",
        "\"someone@example.com\"",
        "\"12\"",
        "\"é\"",
        "\"https://example.com/\"",
        "\"192.0.2.1\"",
        "\"10:02:33\"",
        "{}",
        "[]",
    ]);
    let names = prop::sample::select(vec!["a", "b", "secret", "a b", "1042", "1043", "2026-11-21"]);
    scalar.prop_map(str::to_owned).prop_recursive(4, 24, 4, move |inner| {
        let members = prop::collection::btree_map(names.clone(), inner.clone(), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            members.prop_map(|members| {
                let member = |(name, value)| format!("\"{name}\":{value}");
                format!("{{{}}}", members.into_iter().map(member).collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn all_that_was_folded_is_admitted(
        documents in prop::collection::vec(document(), 1..12),
        samples_min in 1_u64..8,
    ) {
        let outcome = outcome(&documents, 1);
        let inferred = infer(&seen(&outcome), &asked(samples_min));
        let post = &inferred.document["paths"]["/orders/{orderId}"]["post"];
        let sent = &post["requestBody"]["content"][JSON]["schema"];
        let sent = jsonschema::validator_for(sent).unwrap();
        let validator = jsonschema::validator_for(schema_of(&inferred.document)).unwrap();
        let root = Place::root(Side::Response, Part::Body);
        let synthetic = outcome.behaviours().filter_map(|one| {
            let facts = one.facts().map(|(place, traits)| (place.clone(), traits)).collect();
            synthetic::document(&facts, &root, &|_| None)
        });
        for document in documents.iter().cloned().chain(synthetic) {
            let value: Value = serde_json::from_str(&document).unwrap();
            let is_admitted = validator.is_valid(&value) && sent.is_valid(&value);
            prop_assert!(is_admitted, "{} {:#}", document, inferred.document);
        }
    }

    #[test]
    fn a_document_read_back_leaves_no_gap(
        documents in prop::collection::vec(document(), 1..12),
        how in prop::sample::select(TOLD.to_vec()),
        samples_min in 1_u64..8,
    ) {
        let seen = seen(&told(&documents, 1, how));
        let text = yaml::yaml(&infer(&seen, &asked(samples_min)).document);
        let report = judged("openapi.yaml", &text, evidence(&seen));
        prop_assert_eq!(report.gap.low, 0, "{}", text);
        // What was withheld may be anything.
        prop_assert!(report.gap.high == 0 || how == Told::Withheld, "{}", text);
        let broken = report.findings.iter().filter(|one| one.verdict > Verdict::Holds);
        let broken: Vec<String> = broken.map(|one| one.key()).collect();
        prop_assert_eq!(broken, Vec::<String>::new(), "{}", text);
    }

    #[test]
    fn more_of_the_same_changes_no_schema(
        documents in prop::collection::vec(document(), 1..12),
        times in 2_usize..5,
    ) {
        let enough = asked(1);
        let once = infer(&seen(&outcome(&documents, 1)), &enough);
        let again = infer(&seen(&outcome(&documents, times)), &enough);
        prop_assert_eq!(bare(&once.document), bare(&again.document));
        let merged = outcome(&documents, 1).merge(&outcome(&documents, times - 1));
        let merged = infer(&seen(&merged), &enough);
        prop_assert_eq!(again.document.to_string(), merged.document.to_string());
    }
}

#[test]
fn a_flood_of_behaviours_and_members_is_admitted() {
    // Every subset of eleven optional members: more behaviours than are told apart.
    let subsets = (0..2_048_u32).map(|bits| {
        let members = (0..11).filter(|bit| bits >> bit & 1 == 1);
        let members: Vec<String> = members.map(|bit| format!("\"key{bit}x\":{bit}")).collect();
        format!("{{{}}}", members.join(","))
    });
    // More names below one place than are kept.
    let wide = (0..300_u32).map(|at| {
        let name: String = at.to_string().bytes().map(|b| char::from(b - b'0' + b'a')).collect();
        format!("{{\"x\":{{\"y\":{{\"z\":{{\"name{name}\":{{\"below\":1}}}}}}}}}}")
    });
    for documents in [subsets.collect::<Vec<_>>(), wide.collect()] {
        let seen = seen(&outcome(&documents, 1));
        let inferred = infer(&seen, &asked(30));
        let validator = jsonschema::validator_for(schema_of(&inferred.document)).unwrap();
        for document in &documents {
            assert!(validator.is_valid(&serde_json::from_str(document).unwrap()), "{document}");
        }
        let report = judged("openapi.yaml", &yaml::yaml(&inferred.document), evidence(&seen));
        assert_eq!(report.gap.high, 0);
        assert!(report.findings.iter().all(|one| one.verdict <= Verdict::Holds));
    }
}

#[test]
fn few_exchanges_require_nothing() {
    let document = |times| {
        let documents = ["{\"id\":1,\"at\":\"2026-11-21\"}".to_owned()];
        let inferred = infer(&seen(&outcome(&documents, times)), &asked(30));
        schema_of(&inferred.document).to_string()
    };
    assert_eq!(
        document(29),
        "{\"type\":\"object\",\"properties\":{\"at\":{\"type\":\"string\",\
         \"x-plumb\":{\"seen\":\"always\",\"form\":\"date\"}},\
         \"id\":{\"type\":\"integer\",\"x-plumb\":{\"seen\":\"always\",\"form\":\"int32\"}}},\
         \"x-plumb\":{\"seen\":\"always\",\"of\":\"10+\"}}"
    );
    assert_eq!(
        document(30),
        "{\"type\":\"object\",\"required\":[\"at\",\"id\"],\
         \"properties\":{\"at\":{\"type\":\"string\",\"format\":\"date\",\
         \"x-plumb\":{\"seen\":\"always\"}},\
         \"id\":{\"type\":\"integer\",\"format\":\"int32\",\
         \"x-plumb\":{\"seen\":\"always\"}}},\
         \"x-plumb\":{\"seen\":\"always\",\"of\":\"30+\",\"absent_max\":0.0951}}"
    );
}

#[test]
fn what_openapi_has_no_room_for_is_told() {
    let mut seen = seen(&outcome(&["{}".to_owned()], 1));
    let one = seen.values().next().unwrap().outcomes[&200].clone();
    let odd = Profile { outcomes: BTreeMap::from([(0, one.clone()), (722, one.clone())]) };
    seen.insert(Operation::parse("GET /odd").unwrap(), odd);
    seen.insert(
        Operation::parse("PUBLISH /orders").unwrap(),
        Profile { outcomes: BTreeMap::from([(0, one)]) },
    );
    let inferred = infer(&seen, &asked(30));
    let told = [
        "which answer goes with which request",
        "values: they are not kept",
        "GET /odd: OpenAPI has no status 722",
        "GET /odd: exchanges whose end was not seen",
        "PUBLISH /orders: OpenAPI has no such method",
    ];
    assert_eq!(inferred.lost, told);
    let none = &inferred.document["paths"]["/odd"]["get"]["responses"];
    let mark = "{\"seen\":\"never\",\"of\":\"1+\"}";
    let expected =
        format!("{{\"default\":{{\"description\":\"no answer was seen\",\"{MARK}\":{mark}}}}}");
    assert_eq!(none.to_string(), expected);
}
