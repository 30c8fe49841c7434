//! Which spans become which messages and statements.

use super::super::note::*;
use super::*;

const PRODUCER: u8 = 4;
const CONSUMER: u8 = 5;

fn sent(id: u64) -> Group {
    let attributes = [
        ("messaging.system", "kafka".into()),
        ("messaging.operation.type", "send".into()),
        ("messaging.destination.name", "orders".into()),
        ("server.address", "Broker".into()),
        ("server.port", 9_092.into()),
    ];
    let resource = service("shop", "9");
    Group { resource, spans: vec![sample(PRODUCER, id, 0, &attributes)] }
}

/// What takes the messages sent by these spans, in a trace of its own.
fn taken(name: &str, operation: &str, senders: &[u64]) -> Group {
    let attributes = [
        ("messaging.system", "kafka".into()),
        ("messaging.operation.type", operation.into()),
        ("messaging.destination.name", "orders".into()),
        ("messaging.consumer.group.name", "billing-workers".into()),
    ];
    let mut span = sample(CONSUMER, 90, 0, &attributes);
    span.trace = 8;
    span.start_ns += 4_000_000;
    span.links = senders.iter().map(|id| (7, *id)).collect();
    Group { resource: service(name, "2"), spans: vec![span] }
}

fn check(groups: &[Group], expected: &[&str], notes: &[(&'static str, u64)]) {
    let requests: Vec<_> = groups.iter().map(|group| proto(std::slice::from_ref(group))).collect();
    let (lines, reading) = told(&requests, &Limits::default());
    let names: Vec<&str> = lines.iter().map(|line| line.split(" [").next().unwrap()).collect();
    assert_eq!(names, expected);
    assert_eq!(reading.notes, notes.iter().copied().collect());
}

const JOINED: &str = "billing > shop 9 ? MESSAGE |broker:9092|/orders||?";

#[test]
fn sender_and_taker_are_one_message_in_either_order() {
    for groups in
        [[sent(1), taken("billing", "process", &[1])], [taken("billing", "process", &[1]), sent(1)]]
    {
        check(&groups, &[JOINED], &[]);
    }
    let mut by_parent = taken("billing", "process", &[]);
    (by_parent.spans[0].trace, by_parent.spans[0].parent) = (7, 1);
    check(&[by_parent, sent(1)], &[JOINED], &[]);
    let whole = told(&[proto(&[sent(1), taken("billing", "process", &[1])])], &Limits::default());
    assert!(whole.0[0].ends_with("-> 0 [] (not in telemetry) Some(1000) Some(4.0)"), "{whole:?}");
}

#[test]
fn each_service_takes_a_message_once() {
    let groups = [
        taken("billing", "receive", &[1]),
        sent(1),
        taken("mail", "process", &[1]),
        taken("billing", "process", &[1]),
    ];
    let mail = JOINED.replace("billing", "mail");
    check(&groups, &[JOINED, &mail], &[(NOTE_TAKEN_TWICE, 1)]);
    check(&[sent(1), sent(1), taken("billing", "process", &[1])], &[JOINED], &[(NOTE_TWICE, 1)]);
}

#[test]
fn a_batch_is_as_many_messages() {
    let mut batch = sent(5);
    batch.spans[0].links = vec![(7, 1), (7, 2)];
    let groups = [sent(1), sent(2), batch, taken("billing", "receive", &[1, 2])];
    check(&groups, &[JOINED, JOINED], &[(NOTE_BATCH, 1)]);
}

#[test]
fn a_side_alone_is_a_message() {
    let mut nameless = taken("unknown_service", "process", &[1]);
    nameless.resource.clear();
    check(
        &[sent(3), nameless],
        &[
            "? > shop 9 ? MESSAGE |broker:9092|/orders||?",
            "billing-workers > ? ? ? MESSAGE |kafka|/orders||?",
        ],
        &[(NOTE_SENT_ONLY, 1), (NOTE_TAKEN_ONLY, 1), (NOTE_NO_SERVICE, 1)],
    );
}

#[test]
fn more_takers_than_are_told_apart_are_still_counted() {
    let takers = (0..10).map(|number| taken(&format!("taker-{number}"), "process", &[1]));
    let groups: Vec<Group> = takers.chain([sent(1)]).collect();
    let requests: Vec<_> = groups.iter().map(|group| proto(std::slice::from_ref(group))).collect();
    let (lines, reading) = told(&requests, &Limits::default());
    assert_eq!((lines.len(), reading.notes.get(NOTE_TAKEN_ONLY)), (10, Some(&2)));
}

#[test]
fn no_more_is_kept_than_there_is_room_for() {
    let limits = Limits { waiting_max: 2, ..Limits::default() };
    let requests = [proto(&[taken("billing", "receive", &[1, 2, 3, 4])]), proto(&[sent(4)])];
    let (lines, reading) = told(&requests, &limits);
    assert_eq!((lines.len(), reading.notes.get(NOTE_CROWDED)), (4, Some(&3)));
    assert!(lines.iter().any(|line| line.starts_with(JOINED)), "{lines:?}");
}

#[test]
fn what_waited_for_a_whole_turn_is_handed_on() {
    let mut calls = Calls::new(&Limits::default());
    let (mut lines, mut reading) = (Vec::new(), Reading::default());
    let mut sink = |exchange: Exchange<'_>| lines.push(line(&exchange));
    let request = proto(&[sent(1), client(2)]);
    request_proto(&request, &mut calls, &mut sink, &mut reading).unwrap();
    calls.turn(&mut sink, &mut reading);
    assert_eq!(reading.exchanges, 0);
    calls.turn(&mut sink, &mut reading);
    assert_eq!(reading.exchanges, 2);
    calls.finish(&mut sink, &mut reading);
    assert_eq!(lines.len(), 2);
}

fn check_destination(attributes: &[(&str, Any)], expected: &str) {
    let group = Group { spans: vec![sample(PRODUCER, 1, 0, attributes)], ..Group::default() };
    let (lines, reading) = told(&[proto(&[group])], &Limits::default());
    let path = lines.first().map(|line| line.split('|').nth(2).unwrap());
    assert_eq!(path.unwrap_or("none"), expected, "{:?}", reading.notes);
}

#[test]
fn destinations_come_from_the_template_first() {
    let name = ("messaging.destination.name", "orders.eu.paid".into());
    check_destination(std::slice::from_ref(&name), "/orders.eu.paid");
    check_destination(&[("messaging.destination", "old".into()), name.clone()], "/orders.eu.paid");
    check_destination(&[("messaging.destination", "old".into())], "/old");
    check_destination(&[("messaging.system", "nats".into()), name.clone()], "/orders/eu/paid");
    let template = ("messaging.destination.template", "orders.{region}.paid".into());
    check_destination(&[name, template], "/orders/{region}/paid");
    check_destination(&[], "none");
}

fn check_statement(attributes: &[(&str, Any)], expected: &str) {
    let mut span = sample(CLIENT, 1, 0, attributes);
    span.is_error = attributes.iter().any(|(name, _)| name.ends_with("status_code"));
    let group = Group { resource: service("shop", "9"), spans: vec![span] };
    let (lines, reading) = told(&[proto(&[group])], &Limits::default());
    let told = lines.first().map(|line| line.split(" Some(").next().unwrap());
    assert_eq!(told.unwrap_or("none"), expected, "{:?}", reading.notes);
}

#[test]
fn statements_are_exchanges_by_verb_and_table() {
    let stable: [(&str, Any); 4] = [
        ("db.system.name", "postgresql".into()),
        ("db.operation.name", "select".into()),
        ("db.collection.name", "public.\"orders\"".into()),
        ("server.address", "db.test".into()),
    ];
    let previous: [(&str, Any); 5] = [
        ("db.system", "postgresql".into()),
        ("db.operation", "SELECT".into()),
        ("db.sql.table", "public.orders".into()),
        ("net.peer.name", "db.test".into()),
        ("db.statement", "SELECT * FROM orders WHERE card = '4111'".into()),
    ];
    let expected = "shop > ? ? ? SELECT |db.test|/public.orders||? [] (statements are not read) \
                    -> 200 [] (not in telemetry)";
    check_statement(&stable, expected);
    check_statement(&previous, expected);
    check_statement(&[previous.to_vec(), stable.to_vec()].concat(), expected);
    let summary = ("db.query.summary", "INSERT orders SELECT carts".into());
    check_statement(
        &[("db.system.name", "sqlite".into()), summary],
        "shop > sqlite ? ? INSERT ||/orders||? [] (statements are not read) \
         -> 200 [] (not in telemetry)",
    );
    let failed = [
        ("db.system.name", "redis".into()),
        ("db.operation.name", "BATCH set".into()),
        ("db.response.status_code", "WRONGTYPE".into()),
    ];
    check_statement(
        &failed,
        "shop > redis ? ? BATCH_SET ||/||? [] (statements are not read) \
         -> 500 [db-status=WRONGTYPE] (not in telemetry)",
    );
    check_statement(&[("db.system", "mysql".into()), ("db.statement", "x".into())], "none");
}
