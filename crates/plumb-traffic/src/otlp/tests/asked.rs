//! Attributes that are asked for by name, failures that spans tell, and binary files.

use super::super::wanted::Wanted;
use super::encode::json;
use super::*;

const ASKED: [&str; 6] =
    ["locale", "http.route", "trace_id", "cart.items", "is_member", "service.name"];

/// What is told of each exchange: its failure, and what was asked for.
fn asked_of(file: &[u8]) -> Vec<String> {
    let wanted = Wanted::new(ASKED.iter().map(|&name| name.to_owned()).collect());
    let mut lines = Vec::new();
    let mut sink = |exchange: Exchange<'_>| {
        let mut told = exchange.attributes.clone();
        told.sort();
        let told: Vec<_> = told.iter().map(|(at, text)| format!("{}={text}", ASKED[*at])).collect();
        lines.push(format!("{:?} {}", exchange.failed, told.join(" ")));
    };
    read_asking(&mut &*file, &mut sink, &Limits::default(), &wanted).unwrap();
    lines
}

fn framed(requests: &[Vec<u8>]) -> Vec<u8> {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_be_bytes();
    requests.iter().flat_map(|bytes| [&length(bytes)[..], bytes].concat()).collect()
}

/// One call, whose server adds these attributes.
fn call(server_says: &[(&str, Any)], are_errors: [bool; 2]) -> Vec<Group> {
    let (mut client, mut server) = (client(1), server(2, 1));
    client.resource.push(attribute("locale", "pt"));
    client.spans[0].is_error = are_errors[0];
    server.spans[0].is_error = are_errors[1];
    let said = server_says.iter().map(|(name, value)| attribute(name, value.clone()));
    server.spans[0].attributes.extend(said);
    vec![client, server]
}

#[track_caller]
fn check(groups: &[Group], expected: &str) {
    assert_eq!(asked_of(json(groups).as_bytes()), [expected], "JSON");
    assert_eq!(asked_of(&proto(groups)), [expected], "binary");
    let each: Vec<Vec<u8>> = groups.iter().map(|one| proto(std::slice::from_ref(one))).collect();
    assert_eq!(asked_of(&framed(&each)), [expected], "frames");
}

#[test]
fn attributes_are_handed_on_whatever_form_they_came_in() {
    let trace = "trace_id=07070707070707070707070707070707";
    check(
        &call(&[], [false, false]),
        &format!("None locale=pt http.route=/users/:id {trace} service.name=users"),
    );
    let says = [("locale", "de".into()), ("cart.items", 7.into()), ("is_member", Any::Bool(true))];
    check(
        &call(&says, [false, false]),
        &format!(
            "None locale=de http.route=/users/:id {trace} cart.items=7 is_member=true \
             service.name=users"
        ),
    );
    let list = [("locale", Any::Texts(vec!["de".into()]))];
    check(
        &call(&list, [false, false]),
        &format!("None locale=pt http.route=/users/:id {trace} service.name=users"),
    );
}

#[test]
fn the_called_side_says_whether_it_failed() {
    let failed = |errors| asked_of(&proto(&call(&[], errors)))[0].starts_with("Some(true)");
    assert_eq!([[false, false], [true, false], [false, true]].map(failed), [false, false, true]);
    let mut alone = client(1);
    alone.spans[0].is_error = true;
    assert!(asked_of(&proto(&[alone.clone()]))[0].starts_with("None"), "it has a status");
    alone.spans[0].attributes.pop();
    assert!(asked_of(&proto(&[alone]))[0].starts_with("Some(true)"), "nothing was answered");
}

#[test]
fn a_grpc_outcome_that_is_the_servers_fault_is_a_failure() {
    for (code, expected) in [(0, "None"), (5, "None"), (13, "Some(true)")] {
        let said = [
            ("rpc.system", Any::from("grpc")),
            ("rpc.method", "a.B/C".into()),
            ("rpc.grpc.status_code", code.into()),
        ];
        let spans = vec![sample(SERVER, 2, 0, &said)];
        let told = asked_of(&proto(&[Group { resource: service("b", "1"), spans }]));
        assert!(told[0].starts_with(expected), "{code}: {told:?}");
    }
}

#[test]
fn binary_files_are_read_and_told_where_they_break() {
    let requests = [proto(&[client(1)]), proto(&[server(2, 1)])];
    assert_eq!(of_file(&framed(&requests), &Limits::default()).0, [BOTH]);
    assert_eq!(of_file(&requests.concat(), &Limits::default()).0, [BOTH]);
    let mut broken = requests[1].clone();
    broken[2] = 0x7f;
    let file = framed(&[requests[0].clone(), broken, requests[1].clone()]);
    let (lines, reading) = of_file(&file[..file.len() - 1], &Limits::default());
    assert_eq!((lines.len(), reading.bytes), (1, file.len() as u64 - 1));
    let places: Vec<&str> = reading.unread.iter().map(|unread| &*unread.place).collect();
    assert_eq!(places, [&*format!("request 2, byte {}", requests[1].len()), "request 3"]);
    let small = Limits { entry_bytes_max: 10, ..Limits::default() };
    let (_, reading) = of_file(&framed(&requests), &small);
    assert_eq!((reading.unread_total, &*reading.unread[0].reason), (2, "longer than 10 bytes"));
}
