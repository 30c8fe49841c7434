//! Mocks of small dependencies.

use super::*;
use crate::mock::export::{ExportFormat, export};
use plumb_claims::dialect;
use plumb_claims::reading::SourceFile;
use plumb_gap::evidence::Gathered;
use plumb_gap::finding::Verdict;
use plumb_gap::policy::Policy;
use plumb_gap::report::report;
use plumb_shape::fold::Fold;
use plumb_shape::literal::LiteralKey;
use plumb_shape::place::{Part, Side};
use plumb_shape::profile::Profile;
use plumb_shape::trait_set::TraitSet;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An exchange: method and path template, query, what was sent, status, what was answered. A body
/// that begins with a blank has no media type.
type Exchange<'a> = (&'a str, &'a str, &'a str, u16, &'a str);

fn seen(exchanges: &[Exchange<'_>]) -> Mock {
    mock(&evidence(exchanges), "orders")
}

fn evidence(exchanges: &[Exchange<'_>]) -> Vec<Evidence> {
    timed(&exchanges.iter().map(|one| (*one, None)).collect::<Vec<_>>())
}

/// The same, of exchanges that tell when they were.
fn timed(exchanges: &[(Exchange<'_>, Option<i64>)]) -> Vec<Evidence> {
    let evidence = exchanges.iter().map(|((operation, query, sent, status, answered), at_ms)| {
        let mut fold = Fold::new(LiteralKey::new([7; 32]), Arc::new(|_| false));
        fold.begin(*at_ms);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap();
            fold.text(Side::Request, Part::Query, name, value.as_bytes());
        }
        for (side, json) in [(Side::Request, sent), (Side::Response, answered)] {
            if !json.is_empty() && !json.starts_with(' ') {
                fold.mark(side, Part::MediaType, "application/json", TraitSet::PRESENT);
            }
            if !json.is_empty() {
                fold.json(side, json.as_bytes()).unwrap();
            }
        }
        fold.commit();
        Evidence {
            writer: "orders".to_owned(),
            reader: String::new(),
            operation: Operation::parse(operation).unwrap(),
            version: String::new(),
            last_ms: 0,
            profile: Profile { outcomes: BTreeMap::from([(*status, fold.seal())]) },
        }
    });
    evidence.collect()
}

#[test]
fn a_behaviour_tells_when_it_was_seen_first_and_last() {
    let (old, new) = (r#"{"id":1}"#, r#"{"id":"1"}"#);
    let order = |answered, at_ms| (("GET /orders/{}", "", "", 200, answered), at_ms);
    let all = [
        order(old, Some(5)),
        order(old, Some(3)),
        order(new, Some(7)),
        order(old, None),
        order("[]", None),
    ];
    let mock = mock(&timed(&all), "orders");
    let behaviours = mock.operations()[0].behaviours.iter();
    let told: Vec<_> =
        behaviours.map(|one| (one.body.as_str(), one.seen, one.first_ms, one.last_ms)).collect();
    assert_eq!(told[0], (r#"{"id":1}"#, 3, Some(3), Some(5)));
    assert!(told.contains(&(r#"{"id":"1"}"#, 1, Some(7), Some(7))), "{told:?}");
    assert!(told.contains(&("[]", 1, None, None)), "{told:?}");
}

fn ask(mock: &mut Mock, request: &str, body: &str, wanted: &Wanted) -> String {
    let (method, target) = request.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let media_type = if body.is_empty() { "" } else { "application/json" };
    let body = body.as_bytes();
    match mock.answer(&MockRequest {
        method,
        path,
        query,
        headers: &[],
        media_type,
        body,
        is_message: false,
        wanted,
    }) {
        Ok(answer) => format!("{} {}", answer.status, answer.body),
        Err(Unanswered::Operation(operation)) => format!("never seen: {operation}"),
        Err(Unanswered::Wanted(operation)) => format!("never so: {operation}"),
        Err(Unanswered::Unsaid(operation)) => format!("never said: {operation}"),
    }
}

#[test]
fn behaviours_come_in_the_proportions_seen() {
    let get = "GET /orders/{}";
    let mut mock = seen(&[
        (get, "", "", 200, "{\"total\":1}"),
        (get, "", "", 200, "{\"total\":2}"),
        (get, "", "", 200, "{\"total\":null}"),
        (get, "", "", 503, ""),
    ]);
    let answers: Vec<String> =
        (0..8).map(|_| ask(&mut mock, "GET /orders/7", "", &Wanted::AsSeen)).collect();
    let count = |text: &str| answers.iter().filter(|answer| *answer == text).count();
    assert_eq!(count("200 {\"total\":1}"), 4, "{answers:?}");
    assert_eq!((count("200 {\"total\":null}"), count("503 ")), (2, 2), "{answers:?}");
}

#[test]
fn like_requests_get_the_answers_of_their_like() {
    let mut mock = seen(&[
        ("GET /orders", "page=1", "", 200, "{\"data\":[]}"),
        ("GET /orders", "", "", 200, "[]"),
        ("POST /orders", "", "{\"sku\":\"a b\"}", 201, "{\"id\":1}"),
        ("POST /orders", "", "{}", 422, "{\"error\":\"x y\"}"),
    ]);
    let mut ask = |request, body| ask(&mut mock, request, body, &Wanted::AsSeen);
    assert_eq!(ask("GET /orders?page=9", ""), "200 {\"data\":[]}");
    assert_eq!(ask("GET /orders", ""), "200 []");
    assert_eq!(ask("POST /orders", "{\"sku\":\"c d\"}"), "201 {\"id\":1}");
    assert_eq!(ask("POST /orders", "{}"), "422 {\"error\":\"text\"}");
}

#[test]
fn what_was_never_seen_is_not_answered() {
    let mut mock = seen(&[("GET /orders/{}", "", "", 200, "{}")]);
    assert_eq!(ask(&mut mock, "GET /items/7", "", &Wanted::AsSeen), "never seen: GET /items/{}");
    let teapot = Wanted::Status(418);
    assert_eq!(ask(&mut mock, "GET /orders/7", "", &teapot), "never so: GET /orders/{}");
}

#[test]
fn one_behaviour_can_be_asked_for() {
    let get = "GET /orders/{}";
    let many = (get, "", "", 200, "{\"total\":1}");
    let mut mock = seen(&[many, many, many, (get, "", "", 200, "{\"total\":null}")]);
    let rare = &mock.operations()[0].behaviours[1];
    let wanted = Wanted::Behaviour(rare.id.clone());
    for _ in 0..3 {
        assert_eq!(ask(&mut mock, "GET /orders/7", "", &wanted), "200 {\"total\":null}");
    }
}

#[test]
fn a_script_is_followed_and_then_it_goes_on_as_seen() {
    let get = "GET /orders/{}";
    let mut mock =
        seen(&[(get, "", "", 200, "{}"), (get, "", "", 503, ""), (get, "", "", 200, "{}")]);
    let script = "# twice down\nGET /orders/{} 503\n\nGET /orders/{} 503\nGET /other as-seen\n";
    mock.follow(script.parse().unwrap());
    let answers: Vec<String> =
        (0..3).map(|_| ask(&mut mock, "GET /orders/7", "", &Wanted::AsSeen)).collect();
    assert_eq!(answers, ["503 ", "503 ", "200 {}"]);
    let wrong = "GET /orders/{}\n".parse::<Script>().unwrap_err();
    assert_eq!(wrong.to_string(), "line 1 is not `METHOD PATH ANSWER`");
}

#[test]
fn what_was_created_is_found_again() {
    let order = "{\"id\":7,\"sku\":\"x y\",\"note\":null}";
    let mut mock = seen(&[
        ("POST /orders", "", "{\"sku\":\"x y\"}", 201, order),
        ("GET /orders/{}", "", "", 200, order),
        ("GET /orders/{}", "", "", 404, "{\"error\":\"x y\"}"),
        ("GET /orders", "", "", 200, "[{\"id\":7,\"sku\":\"x y\"}]"),
        ("PATCH /orders/{}", "", "{\"sku\":\"x y\"}", 200, order),
        ("DELETE /orders/{}", "", "", 204, ""),
    ]);
    let mut ask = |request, body| ask(&mut mock, request, body, &Wanted::AsSeen);
    let desk = "{\"id\":1,\"note\":null,\"sku\":\"a desk\"}";
    assert_eq!(ask("POST /orders", "{\"sku\":\"a desk\",\"secret\":1}"), format!("201 {desk}"));
    for _ in 0..3 {
        assert_eq!(ask("GET /orders/1", ""), format!("200 {desk}"));
    }
    let listed = "200 [{\"id\":1,\"sku\":\"text\"},{\"id\":1,\"sku\":\"a desk\"}]";
    assert_eq!(ask("GET /orders", ""), listed);
    assert_eq!(
        ask("PATCH /orders/1", "{\"sku\":\"a lamp\"}"),
        format!("200 {}", desk.replace("desk", "lamp"))
    );
    assert_eq!(ask("GET /orders/1", ""), format!("200 {}", desk.replace("desk", "lamp")));
    assert_eq!(ask("DELETE /orders/1", ""), "204 ");
    for _ in 0..3 {
        assert_eq!(ask("GET /orders/1", ""), "404 {\"error\":\"text\"}");
    }
}

#[test]
fn coverage_tells_what_no_test_has_met() {
    use crate::exercise::exercise;
    let get = "GET /orders/{}";
    let production = seen(&[
        (get, "", "", 200, "{\"total\":1}"),
        (get, "", "", 200, "{\"total\":7}"),
        (get, "", "", 200, "{\"total\":null}"),
        (get, "", "", 404, ""),
    ]);
    let tests = seen(&[(get, "", "", 200, "{\"total\":12}"), ("GET /health", "", "", 200, "{}")]);
    let name = |name: &str, mock| BTreeMap::from([(name.to_owned(), mock)]);
    let found = exercise(&name("orders", production), &name("127.0.0.1:4711", tests));
    let told: Vec<_> =
        found.behaviours.iter().map(|one| (one.status, one.body.as_str(), one.is_met)).collect();
    assert_eq!(told.len(), 3);
    assert_eq!(told[0], (200, "{\"total\":1}", true));
    assert!(told.contains(&(200, "{\"total\":null}", false)) && told.contains(&(404, "", false)));
    assert_eq!((found.share(), found.unseen), ((2, 4), vec!["GET /health".to_owned()]));
}

/// What comes of reading a text as claims and holding it against the evidence: what is broken.
fn broken(text: &str, evidence: Vec<Evidence>) -> Vec<String> {
    let source = SourceFile { path: "pact.json", bytes: text.as_bytes() };
    let reading = dialect::read(&source, &|_| None);
    assert!(!reading.claims.is_empty(), "{text}");
    assert_eq!(reading.unread, [], "{text}");
    let policy = Policy { now_ms: 0, max_age_ms: i64::MAX, samples_min: 1 };
    // Parts of one seam become one.
    let mut gathered = Gathered::default();
    evidence.into_iter().for_each(|part| gathered.add(part));
    let key = LiteralKey::new([7; 32]);
    let report = report(&reading.claims, gathered.into_evidence(), &[], &policy, &key);
    let broken = report.findings.iter().filter(|one| one.verdict == Verdict::Broken);
    broken.map(plumb_gap::finding::Finding::key).collect()
}

fn body() -> impl Strategy<Value = String> {
    let scalars = vec![
        "null",
        "true",
        "0",
        "-7",
        "3000000000",
        "18446744073709551616",
        "1.5",
        "\"\"",
        "\"x y\"",
        "\"open\"",
        "\"2026-11-21\"",
        "\"00000000-0000-4000-8000-000000000000\"",
        "\"12\"",
        "{}",
        "[]",
    ];
    documents(scalars, vec!["a", "b", "it's", "1042", "1043"])
}

/// JSON of these scalars, and of objects whose members have these names.
pub(super) fn documents(
    scalars: Vec<&'static str>,
    names: Vec<&'static str>,
) -> impl Strategy<Value = String> {
    let scalar = prop::sample::select(scalars);
    let names = prop::sample::select(names);
    scalar.prop_map(str::to_owned).prop_recursive(3, 16, 4, move |inner| {
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

/// What is sent: no lists whose elements are of several kinds, which matchers cannot tell from
/// lists of one of them.
fn sent() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec!["null", "1", "\"x y\"", "[]", "[1]", "[1,2]", "{}"]);
    let names = prop::sample::select(vec!["a", "b"]);
    prop::collection::btree_map(names, value, 0..3).prop_map(|members| {
        let member = |(name, value)| format!("\"{name}\":{value}");
        format!("{{{}}}", members.into_iter().map(member).collect::<Vec<_>>().join(","))
    })
}

/// The same with a media type and without.
fn typed(body: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (body, prop::sample::select(vec!["", " "])).prop_map(|(body, blank)| format!("{blank}{body}"))
}

proptest! {
    #[test]
    fn a_pact_read_back_breaks_nothing(
        bodies in prop::collection::vec((sent(), typed(body()), any::<bool>()), 1..8),
    ) {
        let exchanges: Vec<Exchange<'_>> = bodies
            .iter()
            .map(|(sent, answered, is_paged)| {
                let query = if *is_paged { "page=7" } else { "" };
                ("POST /orders/{}", query, sent.as_str(), 200, answered.as_str())
            })
            .collect();
        let evidence = evidence(&exchanges);
        let exported = export(ExportFormat::Pact, "orders", &mock(&evidence, "orders"));
        let text = &exported.files["pact.json"];
        prop_assert_eq!(broken(text, evidence), Vec::<String>::new(), "{}", text);
    }
}
