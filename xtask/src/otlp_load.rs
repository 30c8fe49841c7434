//! Telemetry to measure with: requests of HTTP calls between a few services, both sides of each
//! call, in the binary form.
//!
//! Refuses to know who takes them.

use std::ops::Range;

/// Spans in one request, as batching exporters send them.
pub(crate) const BATCH: u64 = 256;

/// Bytes of a span, on average, by which receivers are compared.
pub(crate) const SPAN_BYTES: usize = 465;

/// A request over HTTP, whole, and where the numbers of its traces stand.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    bytes: Vec<u8>,
    traces: Vec<usize>,
}

/// Who calls whom for what.
struct Seam {
    caller: &'static str,
    called: &'static str,
    path: &'static str,
    route: &'static str,
}

const SEAMS: [Seam; 6] = [
    Seam { caller: "storefront", called: "orders", path: "items", route: "/v2/orders/{id}/items" },
    Seam {
        caller: "storefront",
        called: "catalog",
        path: "price",
        route: "/v2/catalog/{id}/price",
    },
    Seam {
        caller: "orders",
        called: "inventory",
        path: "stock",
        route: "/v2/inventory/{id}/stock",
    },
    Seam { caller: "orders", called: "payments", path: "state", route: "/v2/payments/{id}/state" },
    Seam { caller: "support", called: "orders", path: "notes", route: "/v2/orders/{id}/notes" },
    Seam { caller: "payments", called: "ledger", path: "lines", route: "/v2/ledger/{id}/lines" },
];

/// The callers' and the called sides' requests of each seam, in turn, with traces of their own for
/// each connection.
pub(crate) fn requests(connection: u64) -> Vec<Request> {
    let both = |(number, seam): (u64, &Seam)| {
        let first = (connection * SEAMS.len() as u64 + number) * BATCH;
        let numbers = first..first + BATCH;
        [
            request(seam.caller, |number| client(seam, number), numbers.clone()),
            request(seam.called, |number| server(seam, number), numbers),
        ]
    };
    (0..).zip(&SEAMS).flat_map(both).collect()
}

impl Request {
    /// The bytes, with traces that were not there in other rounds.
    pub(crate) fn of_round(&mut self, round: u64) -> &[u8] {
        for at in &self.traces {
            self.bytes[*at..*at + size_of::<u64>()].copy_from_slice(&round.to_be_bytes());
        }
        &self.bytes
    }
}

/// Bytes of a payload, and where each trace's id begins in it.
#[derive(Default)]
struct Marked {
    bytes: Vec<u8>,
    traces: Vec<usize>,
}

impl Marked {
    fn field(self, number: u8) -> Self {
        let mut bytes = vec![number << 3 | 2];
        varint(&mut bytes, self.bytes.len() as u64);
        let head = bytes.len();
        bytes.extend(self.bytes);
        Self { bytes, traces: self.traces.iter().map(|at| at + head).collect() }
    }

    fn add(&mut self, other: Self) {
        let head = self.bytes.len();
        self.traces.extend(other.traces.iter().map(|at| at + head));
        self.bytes.extend(other.bytes);
    }
}

fn request(service: &str, span: impl Fn(u64) -> Marked, numbers: Range<u64>) -> Request {
    let mut scope = Marked::default();
    numbers.for_each(|number| scope.add(span(number).field(2)));
    let mut resource = Vec::new();
    for (key, value) in [
        ("service.name", service),
        ("service.version", "4.12.1"),
        ("deployment.environment.name", "production"),
        ("telemetry.sdk.language", "java"),
    ] {
        resource.extend(field(1, &text(key, value)));
    }
    let mut whole = Marked { bytes: field(1, &resource), traces: Vec::new() };
    whole.add(scope.field(2));
    let payload = whole.field(1);
    let head = format!(
        "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n\
         content-length: {}\r\n\r\n",
        payload.bytes.len()
    );
    let mut whole = Marked { bytes: head.into_bytes(), traces: Vec::new() };
    whole.add(payload);
    Request { bytes: whole.bytes, traces: whole.traces }
}

fn client(seam: &Seam, number: u64) -> Marked {
    let host = format!("{}.internal", seam.called);
    let url = format!("https://{host}:8443{}?page=2&fields=sku", path(seam, number));
    let attributes = [
        text("http.request.method", "GET"),
        text("url.full", &url),
        text("server.address", &host),
        whole("server.port", 8443),
        text("network.protocol.version", "1.1"),
        text("network.peer.address", "10.23.118.7"),
        whole("network.peer.port", 8443),
        text("user_agent.original", "okhttp/4.12.0"),
        text("thread.name", "http-nio-8080-exec-12"),
        whole("http.response.status_code", status(number)),
    ];
    span(3, number, &attributes)
}

fn server(seam: &Seam, number: u64) -> Marked {
    let attributes = [
        text("http.request.method", "GET"),
        text("url.scheme", "https"),
        text("url.path", &path(seam, number)),
        text("url.query", "page=2&fields=sku"),
        text("http.route", seam.route),
        text("server.address", &format!("{}.internal", seam.called)),
        whole("server.port", 8443),
        text("client.address", "10.23.118.9"),
        whole("network.peer.port", 51_774),
        text("user_agent.original", "okhttp/4.12.0"),
        text("network.protocol.version", "1.1"),
        whole("http.response.status_code", status(number)),
    ];
    span(2, number, &attributes)
}

fn path(seam: &Seam, number: u64) -> String {
    format!("/v2/{}/{}/{}", seam.called, 100_000 + number, seam.path)
}

const fn status(number: u64) -> u64 {
    if number.is_multiple_of(50) { 404 } else { 200 }
}

fn span(kind: u8, number: u64, attributes: &[Vec<u8>]) -> Marked {
    const CLIENT: u8 = 3;
    const START_NS: u64 = 1_795_223_758_647_000_000;
    let client_id = (number << 8 | 1).to_be_bytes();
    let server_id = (number << 8 | 2).to_be_bytes();
    // The first half of a trace's id is the round, the second half the number in it.
    let mut bytes = field(1, &[[0; 8], (number + 1).to_be_bytes()].concat());
    let traces = vec![2];
    if kind == CLIENT {
        bytes.extend(field(2, &client_id));
    } else {
        bytes.extend(field(2, &server_id));
        bytes.extend(field(4, &client_id));
    }
    bytes.extend(field(5, b"GET"));
    bytes.extend([6 << 3, kind]);
    for (number, ns) in [(7, START_NS), (8, START_NS + 4_321_000)] {
        bytes.push(number << 3 | 1);
        bytes.extend(ns.to_le_bytes());
    }
    attributes.iter().for_each(|attribute| bytes.extend(field(9, attribute)));
    Marked { bytes, traces }
}

fn text(key: &str, value: &str) -> Vec<u8> {
    [field(1, key.as_bytes()), field(2, &field(1, value.as_bytes()))].concat()
}

fn whole(key: &str, value: u64) -> Vec<u8> {
    let mut any = vec![3 << 3];
    varint(&mut any, value);
    [field(1, key.as_bytes()), field(2, &any)].concat()
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    Marked { bytes: bytes.to_vec(), traces: Vec::new() }.field(number).bytes
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            return out.push(low & 0x7f);
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_as_long_as_those_that_receivers_are_compared_by() {
        let requests = requests(1);
        let bytes: usize = requests.iter().map(|request| request.bytes.len()).sum();
        let spans = requests.len() * usize::try_from(BATCH).unwrap();
        let each = bytes / spans;
        assert!(each.abs_diff(SPAN_BYTES) < SPAN_BYTES / 20, "{each} bytes a span");
        let mut request = requests[0].clone();
        assert_eq!(request.traces.len(), usize::try_from(BATCH).unwrap());
        let before = request.bytes.clone();
        let changed = request.of_round(0x0102_0304_0506_0708);
        let different = before.iter().zip(changed).filter(|(one, other)| one != other).count();
        assert_eq!(different, 8 * requests[0].traces.len());
    }
}
