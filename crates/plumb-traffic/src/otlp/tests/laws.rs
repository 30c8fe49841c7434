//! What holds for any spans and any bytes.

use proptest::prelude::*;

use super::encode::json;
use super::*;

fn value() -> impl Strategy<Value = Any> {
    prop_oneof![
        prop::sample::select(vec![
            "",
            "GET",
            "HEAD",
            "/a/b?c=%20d",
            "https://H/x?y",
            "ü\"\\\n",
            "grpc",
            "a.B/C",
            "200",
            "{\"a\":",
            "[1]",
        ])
        .prop_map(Any::from),
        "\\PC{0,8}".prop_map(Any::Text),
        prop::sample::select(vec![0, -1, 200, 404, 8080, i64::MAX]).prop_map(Any::Whole),
        any::<bool>().prop_map(Any::Bool),
        prop::collection::vec("\\PC{0,4}", 0..3).prop_map(Any::Texts),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(Any::Bytes),
    ]
}

fn name() -> impl Strategy<Value = String> {
    let names = [
        "http.request.method",
        "http.method",
        "http.request.method_original",
        "http.response.status_code",
        "http.status_code",
        "url.full",
        "http.url",
        "url.path",
        "url.query",
        "http.target",
        "url.scheme",
        "server.address",
        "server.port",
        "net.peer.name",
        "net.host.port",
        "http.route",
        "http.host",
        "rpc.system",
        "rpc.method",
        "rpc.service",
        "rpc.grpc.status_code",
        "service.peer.name",
        "db.system",
        "db.operation.name",
        "db.query.summary",
        "messaging.system",
        "messaging.operation.type",
        "messaging.destination.name",
        "messaging.destination.template",
        "http.request.header.x_a",
        "http.response.header.content-type",
        "http.request.body.content",
        "http.response.body.size",
        "service.name",
        "service.namespace",
        "service.version",
        "deployment.environment.name",
        "other",
    ];
    prop::sample::select(names.map(str::to_owned).to_vec())
}

fn group() -> impl Strategy<Value = Group> {
    let attributes = || prop::collection::vec((name(), value()), 0..10);
    let ids = (0_u64..2, 0_u64..4, 0_u64..4);
    let links = prop::collection::vec((0_u64..2, 0_u64..4), 0..3);
    let span = (0_u8..6, ids, links, attributes(), any::<(u64, u64, bool)>());
    let span = span.prop_map(|(kind, (trace, id, parent), links, attributes, times)| {
        // OTLP/JSON's numbers beyond 63 bits are no times.
        let (start_ns, end_ns, is_error) = (times.0 >> 1, times.1 >> 1, times.2);
        Sample { kind, trace, id, parent, start_ns, end_ns, is_error, attributes, links }
    });
    (attributes(), prop::collection::vec(span, 0..6))
        .prop_map(|(resource, spans)| Group { resource, spans })
}

proptest! {
    #[test]
    fn both_forms_of_the_same_spans_give_equal_exchanges(
        groups in prop::collection::vec(group(), 0..4),
    ) {
        let (lines, reading) = told(&[proto(&groups)], &Limits::default());
        let (same, account) = of_file(json(&groups).as_bytes(), &Limits::default());
        prop_assert_eq!(lines, same);
        prop_assert_eq!(reading.notes, account.notes);
        prop_assert_eq!(account.unread, []);
    }

    #[test]
    fn what_is_counted_is_taken_whole(
        groups in prop::collection::vec(group(), 0..4),
        flips in prop::collection::vec((any::<usize>(), any::<u8>()), 0..3),
        cut in any::<usize>(),
    ) {
        let spans: usize = groups.iter().map(|group| group.spans.len()).sum();
        let (mut bytes, text) = (proto(&groups), json(&groups));
        prop_assert_eq!(count_proto(&bytes).unwrap(), spans as u64);
        prop_assert_eq!(count_json(text.as_bytes()).unwrap(), spans as u64);
        for (place, byte) in flips {
            let place = place % bytes.len().max(1);
            bytes.get_mut(place).into_iter().for_each(|at| *at ^= byte);
        }
        bytes.truncate(cut % (2 * bytes.len() + 1));
        let mut calls = Calls::new(&Limits::default());
        let taken = request_proto(&bytes, &mut calls, &mut |_| {}, &mut Reading::default());
        // Values that nobody reads may be broken too.
        prop_assert!(taken.is_ok() || count_proto(&bytes).is_err());
        let text = &text.as_bytes()[..cut % (text.len() + 1)];
        let taken = request_json(text, &mut calls, &mut |_| {}, &mut Reading::default());
        prop_assert_eq!(count_json(text).map(|_| ()), taken);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut calls = Calls::new(&Limits::default());
        let mut reading = Reading::default();
        request_proto(&bytes, &mut calls, &mut |_| {}, &mut reading).ok();
        request_json(&bytes, &mut calls, &mut |_| {}, &mut reading).ok();
        calls.finish(&mut |_| {}, &mut reading);
    }
}
