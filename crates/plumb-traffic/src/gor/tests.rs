//! Records in, exchanges out.

use std::io::{BufReader, Write};

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::body;

/// Each exchange in one line: time, method, host, path, query, status, bodies, latency.
fn lines(bytes: &[u8], limits: &Limits) -> (Vec<String>, Reading) {
    let mut lines = Vec::new();
    let mut input = BufReader::with_capacity(7, bytes);
    let mut sink = |exchange: Exchange<'_>| {
        let body = |body: &Body<'_>| match body {
            Body::Absent => "-".to_owned(),
            Body::Withheld(reason) => format!("({reason})"),
            Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Body::Document(json) => String::from_utf8_lossy(json).into_owned(),
        };
        let query = exchange.query.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>();
        lines.push(format!(
            "{:?} {} {} {} {:?} {} {} {} {:?}",
            exchange.time_ms.unwrap(),
            exchange.method,
            exchange.host,
            exchange.path,
            query.join("&"),
            body(&exchange.request.body),
            exchange.status,
            body(&exchange.response.body),
            exchange.latency_ms,
        ));
    };
    let reading = read(&mut input, &mut sink, limits).unwrap();
    (lines, reading)
}

fn check(records: &[&[u8]], exchanges: &[&str], unread: &[&str]) {
    let bytes = records.join(SEPARATOR.as_bytes());
    let (got, reading) = lines(&bytes, &Limits::default());
    assert_eq!(reading.bytes, bytes.len() as u64);
    assert_eq!(got, exchanges);
    let places: Vec<_> = reading
        .unread
        .iter()
        .map(|unread| format!("{}: {}", unread.place, unread.reason))
        .collect();
    assert_eq!(places, unread);
}

const GET: &[u8] = b"1 aa01 1000000000 0\nGET /a%20b?x=1+2 HTTP/1.1\r\nHost: API.example\r\n\r\n";

#[test]
fn a_pair_is_an_exchange() {
    let response = b"2 aa01 1012500000 99\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    let expected = "1000 GET api.example /a%20b \"x=1 2\" - 200 {} Some(12.5)";
    check(&[GET, response], &[expected], &[]);
    check(&[GET, response, b""], &[expected], &[]);
    check(&[GET, response, b"\n"], &[expected], &[]);
    let older = b"2 aa01 1000000000 7500000\r\nHTTP/1.1 200 OK\r\n\r\nx\n";
    check(&[GET, older], &["1000 GET api.example /a%20b \"x=1 2\" - 200 x\n Some(7.5)"], &[]);
}

#[test]
fn what_has_no_partner_is_told() {
    let response = b"2 bb 1 1\nHTTP/1.1 200 OK\r\n\r\n";
    check(
        &[response, GET, b"3 aa01 1 1\nHTTP/1.1 200 OK\r\n\r\n", b"junk", b"1 c x\nGET"],
        &["1000 GET api.example /a%20b \"x=1 2\" - 0 - None"],
        &[
            "record 1, byte 0: a response without request",
            "record 4, byte 168: no record header (`1 <id> <nanoseconds>`)",
            "record 5, byte 186: no record header (`1 <id> <nanoseconds>`)",
        ],
    );
    check(
        &[b"1 a 1\nnot http at all", b"1 b 1\nGET / HTTP/1.1\r\nHos", GET, b"2 aa01 1\noh no"],
        &["1000 GET api.example /a%20b \"x=1 2\" - 0 - None"],
        &[
            "record 4, byte 156: no HTTP/1 message",
            "record 1, byte 0: no HTTP/1 message",
            "record 2, byte 35: the HTTP head is cut off",
        ],
    );
}

#[test]
fn an_id_used_again_does_not_lose_the_first_request() {
    let expected = "1000 GET api.example /a%20b \"x=1 2\" - 0 - None";
    check(&[GET, GET], &[expected, expected], &[]);
}

fn check_response(head: &str, payload: &[u8], expected: &str) {
    let response = [b"2 a 2\n", head.as_bytes(), b"\r\n\r\n", payload].concat();
    let request = b"1 a 1\nGET / HTTP/1.1\r\nHost: h\r\n\r\n";
    check(&[request, &response], &[&format!("0 GET h / \"\" - {expected} Some(1e-6)")], &[]);
}

#[test]
fn bodies_lose_their_wrapping() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"{\"a\":1}").unwrap();
    let gzip = gzip.finish().unwrap();
    let ok = "HTTP/1.1 200 OK\r\n";
    check_response(&format!("{ok}Content-Encoding: gzip"), &gzip, "200 {\"a\":1}");
    check_response(&format!("{ok}Content-Encoding: br"), b"x", "200 (unknown content encoding)");
    let chunked = format!("{ok}Transfer-Encoding: Chunked");
    check_response(&chunked, b"2\r\n{\"\r\n5;x=y\r\na\":1}\r\n0\r\n\r\n", "200 {\"a\":1}");
    check_response(&chunked, b"2\r\n{}\r\n", "200 (truncated)");
    check_response(&chunked, b"fffffffff\r\n{}\r\n", "200 (too large once decoded)");
    check_response(&chunked, b"{}", "200 (does not decode)");
    check_response(&format!("{ok}Content-Length: 9"), b"{}", "200 (truncated)");
    check_response(&format!("{ok}Content-Length: 2"), b"{}trailing", "200 {}");
    check_response(&format!("{ok}Content-Type: text/plain; charset=latin1"), b"\xe9", "200 é");
    check_response("HTTP/1.1 204 No Content\r\nContent-Length: 5", b"", "204 -");
    check_response("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nA: b", b"x", "201 x");
    check_response(ok.trim_end(), b"", "200 -");
}

#[test]
fn the_answer_to_head_has_no_body() {
    let head = b"1 a 1\nHEAD / HTTP/1.1\r\nHost: h\r\n\r\n";
    let response = b"2 a 2\nHTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n";
    check(&[head, response], &["0 HEAD h / \"\" - 200 - Some(1e-6)"], &[]);
}

#[test]
fn waiting_is_bounded() {
    let limits = Limits { waiting_max: 2, ..Limits::default() };
    let requests: Vec<_> = (0..5)
        .map(|n| format!("1 {n:x} {n}000000\nPOST /{n} HTTP/1.1\r\nHost: h\r\n\r\nb{n}"))
        .collect();
    let (got, reading) = lines(requests.join(SEPARATOR).as_bytes(), &limits);
    let expected: Vec<_> = (0..5).map(|n| format!("{n} POST h /{n} \"\" b{n} 0 - None")).collect();
    assert_eq!(got, expected);
    assert_eq!((reading.notes[NOTE_CROWDED], reading.notes[NOTE_UNANSWERED]), (3, 2));

    let limits = Limits { line_bytes_max: 10, ..Limits::default() };
    let (got, reading) = lines(requests.join(SEPARATOR).as_bytes(), &limits);
    assert_eq!((got.len(), reading.unread_total), (0, 5));
}

#[test]
fn broken_gzip_is_told() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(GET).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut count = 0;
    let mut sink = |_: Exchange<'_>| count += 1;
    let cut = &gzip[..gzip.len() - 4];
    let reading = read(&mut &*cut, &mut sink, &Limits::default()).unwrap();
    assert_eq!(count, 1);
    assert_eq!(reading.unread[0].reason, "the gzip ends early; nothing after this place was read");
    assert!(body::GZIP_MAGIC == gzip[..2]);
}

proptest! {
    #[test]
    fn any_bytes_are_taken(bytes in vec(any::<u8>(), 0..300), cut in 0..200_u8) {
        let response: &[u8] = b"2 aa01 1012500000 99\nHTTP/1.1 200 OK\r\n\r\n{}";
        let whole = [GET, response, &bytes, GET].join(SEPARATOR.as_bytes());
        lines(&bytes, &Limits::default());
        lines(&whole, &Limits::default());
        lines(&whole[..whole.len().min(cut.into())], &Limits::default());
    }
}
