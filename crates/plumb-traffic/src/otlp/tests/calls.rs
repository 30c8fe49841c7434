//! Which spans become which exchanges.

use super::super::note::*;
use super::*;

#[test]
fn two_sides_are_one_exchange_in_either_order() {
    let (one, two) = (client(1), server(2, 1));
    let orders: [&[Vec<u8>]; 4] = [
        &[proto(&[one.clone(), two.clone()])],
        &[proto(&[two.clone(), one.clone()])],
        &[proto(std::slice::from_ref(&one)), proto(std::slice::from_ref(&two))],
        &[proto(&[two]), proto(&[one])],
    ];
    for requests in orders {
        let (lines, reading) = told(requests, &Limits::default());
        assert_eq!(lines, [BOTH]);
        assert_eq!(reading.notes, [(NOTE_NO_BODY, 1)].into());
    }
}

#[test]
fn a_side_alone_is_an_exchange() {
    let (lines, reading) = told(&[proto(&[client(1), server(2, 3)])], &Limits::default());
    let expected = [
        "shop > ? ? ? GET https|api.test|/v1/users/ann|a=1&b=x y|? [] (not in telemetry) \
         -> 200 [] (not in telemetry) Some(1000) Some(2.5)",
        "? > users 3.1 staging GET ||/users/ann||/users/:id [] (not in telemetry) \
         -> 200 [content-type=application/json] (not in telemetry) Some(1000) Some(2.5)",
    ];
    assert_eq!(lines, expected);
    let notes = [(NOTE_NO_BODY, 2), (NOTE_CALLER_ONLY, 1), (NOTE_CALLEE_ONLY, 1)];
    assert_eq!(reading.notes, notes.into());
}

#[test]
fn the_table_of_waiting_spans_is_bounded() {
    let limits = Limits { waiting_max: 2, ..Limits::default() };
    let requests = [proto(&[client(1), client(2), client(3), server(4, 1), server(5, 3)])];
    let (lines, reading) = told(&requests, &limits);
    assert_eq!(lines.len(), 4);
    assert_eq!(lines.iter().filter(|line| line.starts_with("shop > users")).count(), 1);
    assert_eq!(reading.notes.get(NOTE_CROWDED), Some(&2));
}

#[test]
fn a_span_that_comes_twice_counts_once_and_a_second_server_twice() {
    let (lines, reading) = told(&[proto(&[client(1), client(1)])], &Limits::default());
    assert_eq!((lines.len(), reading.notes.get(NOTE_TWICE)), (1, Some(&1)));
    let twice = [proto(&[server(2, 1), server(3, 1), client(1)])];
    assert_eq!(told(&twice, &Limits::default()).0.len(), 2);
}

fn check(kind: u8, attributes: &[(&str, Any)], expected: &str) {
    let group = Group { spans: vec![sample(kind, 1, 0, attributes)], ..Group::default() };
    let (lines, reading) = told(&[proto(&[group])], &Limits::default());
    let told: Vec<&str> = lines.iter().map(|l| l.split(" Some(").next().unwrap()).collect();
    assert_eq!(told, [expected], "{attributes:?} {:?}", reading.notes);
}

#[test]
fn both_conventions_and_both_at_once_are_one() {
    let stable: [(&str, Any); 5] = [
        ("http.request.method", "PUT".into()),
        ("url.full", "http://api.test:8080/a?b=1".into()),
        ("http.response.status_code", 204.into()),
        ("server.address", "api.test".into()),
        ("server.port", 8080.into()),
    ];
    let previous: [(&str, Any); 5] = [
        ("http.method", "PUT".into()),
        ("http.url", "http://api.test:8080/a?b=1".into()),
        ("http.status_code", 204.into()),
        ("net.peer.name", "api.test".into()),
        ("net.peer.port", 8080.into()),
    ];
    let expected = "? > ? ? ? PUT http|api.test:8080|/a|b=1|? [] (not in telemetry) -> 204 [] -";
    check(CLIENT, &stable, expected);
    check(CLIENT, &previous, expected);
    check(CLIENT, &[stable.clone(), previous.clone()].concat(), expected);
    check(CLIENT, &[previous, stable].concat(), expected);
}

#[test]
fn addresses_are_put_together_from_what_there_is() {
    let get = |rest: &[(&'static str, Any)]| {
        [&[("http.method", "GET".into()), ("http.status_code", 304.into())], rest].concat()
    };
    let tail = "[] (not in telemetry) -> 304 [] -";
    let target = get(&[
        ("http.target", "/a?b=1".into()),
        ("http.scheme", "https".into()),
        ("net.host.name", "Own.test".into()),
        ("net.host.port", 443.into()),
        ("net.peer.name", "caller.test".into()),
    ]);
    check(SERVER, &target, &format!("? > ? ? ? GET https|own.test|/a|b=1|? {tail}"));
    let path = get(&[
        ("url.path", "/a".into()),
        ("url.query", "?b=1".into()),
        ("server.address", "::1".into()),
        ("server.port", 80.into()),
    ]);
    check(SERVER, &path, &format!("? > ? ? ? GET |[::1]:80|/a|b=1|? {tail}"));
    let host = get(&[("http.host", "H:1".into()), ("http.target", "/".into())]);
    check(SERVER, &host, &format!("? > ? ? ? GET |h:1|/||? {tail}"));
    let route = get(&[("http.route", "/a/:id".into()), ("peer.service", "them".into())]);
    check(SERVER, &route, &format!("? > ? ? ? GET ||/a/:id||/a/:id {tail}"));
    let peer = get(&[("url.full", "/a".into()), ("peer.service", "them".into())]);
    check(CLIENT, &peer, &format!("? > them ? ? GET ||/a||? {tail}"));
}

#[test]
fn methods_unknown_to_the_sdk_keep_their_name() {
    let other = [
        ("http.request.method", "_OTHER".into()),
        ("http.request.method_original", "PURGE".into()),
        ("url.path", "/".into()),
    ];
    check(SERVER, &other, "? > ? ? ? PURGE ||/||? [] (not in telemetry) -> 0 [] -");
}

#[test]
fn bodies_and_headers_are_taken_where_they_are_captured() {
    let call = |rest: &[(&'static str, Any)]| {
        [&[("http.method", "POST".into()), ("http.status_code", 200.into())], rest].concat()
    };
    let captured = call(&[
        ("url.path", "/a".into()),
        ("http.request.body.content", "{\"a\":1}".into()),
        ("http.request.header.content-type", "application/json".into()),
        ("http.response.body.content", Any::Bytes(b"[1]".to_vec())),
        ("http.response.header.x_b", Any::Texts(vec!["1".into(), "2".into()])),
    ]);
    let expected = "? > ? ? ? POST ||/a||? [content-type=application/json] {\"a\":1} \
                    -> 200 [x-b=1 x-b=2] [1]";
    check(SERVER, &captured, expected);
    let cut = call(&[
        ("url.path", "/a".into()),
        ("http.request.body.content", "{\"a\":".into()),
        ("http.response.body.content", "text".into()),
        ("http.response.body.size", 9.into()),
    ]);
    check(SERVER, &cut, "? > ? ? ? POST ||/a||? [] (truncated) -> 200 [] (truncated)");
    let empty = call(&[("url.path", "/a".into()), ("http.request.body.size", 0.into())]);
    check(SERVER, &empty, "? > ? ? ? POST ||/a||? [] - -> 200 [] (not in telemetry)");
}

#[test]
fn calls_of_grpc_look_as_on_the_wire() {
    let call = [
        ("rpc.system.name", "grpc".into()),
        ("rpc.method", "shop.Orders/Get".into()),
        ("rpc.status_code", "NOT_FOUND".into()),
        ("server.address", "orders".into()),
        ("server.port", 4317.into()),
    ];
    let expected = "? > ? ? ? POST |orders:4317|/shop.Orders/Get||? [] (not in telemetry) \
                    -> 200 [grpc-status=5] (not in telemetry)";
    check(CLIENT, &call, expected);
    let failed = [("rpc.system", "grpc".into()), ("rpc.method", "a/b".into())];
    check(SERVER, &failed, "? > ? ? ? POST ||/a/b||? [] (not in telemetry) -> 0 [] -");
}

#[test]
fn what_shows_no_call_is_counted_by_kind() {
    let spans = vec![
        sample(0, 1, 0, &[]),
        sample(1, 2, 0, &[("http.route", "/a".into())]),
        sample(4, 3, 0, &[("messaging.operation.type", "settle".into())]),
        sample(5, 4, 0, &[("messaging.operation.type", "receive".into())]),
        sample(CLIENT, 5, 0, &[("db.system.name", "postgresql".into())]),
        sample(CLIENT, 6, 0, &[("rpc.system", "aws-api".into())]),
        sample(CLIENT, 7, 0, &[("messaging.system", "kafka".into())]),
        sample(CLIENT, 8, 0, &[("http.method", "GET".into())]),
    ];
    let (lines, mut reading) =
        told(&[proto(&[Group { spans, ..Group::default() }])], &Limits::default());
    assert_eq!(lines, [""; 0]);
    assert_eq!(reading.notes.remove(NOTE_CALLER_ONLY), Some(1));
    let notes = [
        NOTE_NO_KIND,
        NOTE_INTERNAL,
        NOTE_SETTLED,
        NOTE_POLL,
        NOTE_NO_STATEMENT,
        NOTE_OTHER_RPC,
        NOTE_OTHER,
        NOTE_NO_PATH,
    ];
    assert_eq!(reading.notes, notes.map(|note| (note, 1)).into());
}

#[test]
fn failed_calls_have_status_0() {
    let mut group = client(1);
    group.spans[0].attributes.pop();
    group.spans[0].is_error = true;
    let (lines, reading) = told(&[proto(std::slice::from_ref(&group))], &Limits::default());
    assert!(lines[0].contains("-> 0 [] - "), "{lines:?}");
    assert_eq!(reading.notes.get(NOTE_NO_STATUS), None);
    // What the server answered did not reach the caller.
    assert!(told(&[proto(&[group, server(2, 1)])], &Limits::default()).0[0].contains("-> 0 "));
}

#[test]
fn services_without_a_name_are_unknown_and_namespaces_belong_to_the_name() {
    let mut group = client(1);
    group.resource = vec![attribute("service.name", "unknown_service:node")];
    let (lines, reading) = told(&[proto(&[group.clone()])], &Limits::default());
    assert!(lines[0].starts_with("? > ?"), "{lines:?}");
    assert_eq!(reading.notes.get(NOTE_NO_SERVICE), Some(&1));
    group.resource =
        vec![attribute("service.name", "shop"), attribute("service.namespace", "acme")];
    assert!(told(&[proto(&[group])], &Limits::default()).0[0].starts_with("acme/shop > ?"));
}

#[test]
fn a_request_cut_anywhere_is_told_and_never_panics() {
    let whole = proto(&[client(1), server(2, 1)]);
    for end in 0..whole.len() {
        let mut calls = Calls::new(&Limits::default());
        let mut reading = Reading::default();
        let cut = request_proto(&whole[..end], &mut calls, &mut |_| {}, &mut reading);
        match cut {
            Ok(()) => assert_eq!(reading.unread_total, 0),
            Err(broken) => {
                assert!(broken.at <= end, "{broken} of {end}");
                assert_eq!(reading.unread[0].place, format!("byte {} of the request", broken.at));
            }
        }
    }
    for place in 0..whole.len() {
        for bit in 0..8 {
            let mut other = whole.clone();
            other[place] ^= 1 << bit;
            let mut calls = Calls::new(&Limits::default());
            request_proto(&other, &mut calls, &mut |_| {}, &mut Reading::default()).ok();
            calls.finish(&mut |_| {}, &mut Reading::default());
        }
    }
}

#[test]
fn the_route_names_the_operation() {
    use crate::fold::{Folds, Origin};
    use plumb_shape::literal::LiteralKey;

    let key = LiteralKey::new([0; 32]);
    let denied = crate::redact::Redaction::default().as_denied();
    let mut folds = Folds::new(key, denied, Origin::default(), &|_| None);
    let mut calls = Calls::new(&Limits::default());
    let mut reading = Reading::default();
    let mut sink = |exchange: Exchange<'_>| folds.observe(&exchange);
    let request = proto(&[server(2, 1), client(1)]);
    request_proto(&request, &mut calls, &mut sink, &mut reading).unwrap();
    calls.finish(&mut sink, &mut reading);
    let profiles = folds.seal();
    let windows: Vec<_> = profiles.keys().map(|w| (&*w.writer, &*w.operation)).collect();
    assert_eq!(windows, [("users", "GET /v1/users/{}")]);
}
