//! Mocks of small dependencies.

use super::*;
use plumb_shape::fold::Fold;
use plumb_shape::literal::LiteralKey;
use plumb_shape::place::{Part, Side};
use plumb_shape::profile::Profile;
use plumb_shape::trait_set::TraitSet;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An exchange: method and path template, query, what was sent, status, what was answered.
type Exchange = (&'static str, &'static str, &'static str, u16, &'static str);

fn seen(exchanges: &[Exchange]) -> Mock {
    let evidence = exchanges.iter().map(|(operation, query, sent, status, answered)| {
        let mut fold = Fold::new(LiteralKey::new([7; 32]), Arc::new(|_| false));
        fold.begin(None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap();
            fold.text(Side::Request, Part::Query, name, value.as_bytes());
        }
        for (side, json) in [(Side::Request, sent), (Side::Response, answered)] {
            if !json.is_empty() {
                fold.mark(side, Part::MediaType, "application/json", TraitSet::PRESENT);
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
    mock(&evidence.collect::<Vec<_>>(), "orders")
}

fn ask(mock: &mut Mock, request: &str, body: &str, wanted: &Wanted) -> String {
    let (method, target) = request.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let media_type = if body.is_empty() { "" } else { "application/json" };
    let body = body.as_bytes();
    match mock.answer(&MockRequest { method, path, query, media_type, body, wanted }) {
        Ok(answer) => format!("{} {}", answer.status, answer.body),
        Err(Unanswered::Operation(operation)) => format!("never seen: {operation}"),
        Err(Unanswered::Wanted(operation)) => format!("never so: {operation}"),
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
