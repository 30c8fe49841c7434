//! Requests for the tests, in both forms of OTLP, written by hand.

use std::fmt::Write as _;

#[derive(Debug, Clone, Default)]
pub(super) struct Sample {
    pub(super) kind: u8,
    pub(super) trace: u64,
    pub(super) id: u64,
    pub(super) parent: u64,
    pub(super) start_ns: u64,
    pub(super) end_ns: u64,
    pub(super) is_error: bool,
    pub(super) attributes: Vec<(String, Any)>,
    /// Trace and span, as `trace` and `id` are told.
    pub(super) links: Vec<(u64, u64)>,
}

#[derive(Debug, Clone)]
pub(super) enum Any {
    Text(String),
    Whole(i64),
    Bool(bool),
    Texts(Vec<String>),
    Bytes(Vec<u8>),
}

/// A resource with its spans.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    pub(super) resource: Vec<(String, Any)>,
    pub(super) spans: Vec<Sample>,
}

impl From<&str> for Any {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Any {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

pub(super) fn attribute(name: &str, value: impl Into<Any>) -> (String, Any) {
    (name.to_owned(), value.into())
}

/// A small number fills every byte of its id, and no two numbers share one.
fn ids(sample: &Sample) -> ([u8; 16], [u8; 8], [u8; 8]) {
    (trace_id(sample.trace), span_id(sample.id), span_id(sample.parent))
}

fn trace_id(number: u64) -> [u8; 16] {
    u128::from(number).wrapping_mul(u128::MAX / 0xff).to_be_bytes()
}

fn span_id(number: u64) -> [u8; 8] {
    number.wrapping_mul(u64::MAX / 0xff).to_be_bytes()
}

pub(super) fn proto(groups: &[Group]) -> Vec<u8> {
    let mut request = Vec::new();
    for group in groups {
        let mut resource = Vec::new();
        group.resource.iter().for_each(|attribute| field(&mut resource, 1, &key_value(attribute)));
        let mut scope = Vec::new();
        field(&mut scope, 1, &{
            let mut name = Vec::new();
            field(&mut name, 1, b"tests");
            name
        });
        group.spans.iter().for_each(|span| field(&mut scope, 2, &proto_span(span)));
        let mut whole = Vec::new();
        field(&mut whole, 2, &scope);
        // Behind the spans: the order of fields is free.
        field(&mut whole, 1, &resource);
        field(&mut request, 1, &whole);
    }
    request
}

fn proto_span(sample: &Sample) -> Vec<u8> {
    let (trace, id, parent) = ids(sample);
    let mut span = Vec::new();
    field(&mut span, 1, &trace);
    field(&mut span, 2, &id);
    field(&mut span, 4, if sample.parent == 0 { &[] } else { &parent });
    field(&mut span, 5, b"name");
    number(&mut span, 6, u64::from(sample.kind));
    fixed(&mut span, 7, sample.start_ns);
    fixed(&mut span, 8, sample.end_ns);
    sample.attributes.iter().for_each(|attribute| field(&mut span, 9, &key_value(attribute)));
    for (trace, id) in &sample.links {
        let mut link = Vec::new();
        field(&mut link, 1, &trace_id(*trace));
        field(&mut link, 2, &span_id(*id));
        field(&mut span, 13, &link);
    }
    let mut status = Vec::new();
    field(&mut status, 2, b"why");
    number(&mut status, 3, if sample.is_error { 2 } else { 0 });
    field(&mut span, 15, &status);
    // Flags, the only field with a number beyond 15.
    span.extend([0x85, 1, 1, 1, 0, 0]);
    span
}

fn key_value((name, value): &(String, Any)) -> Vec<u8> {
    let mut any = Vec::new();
    match value {
        Any::Text(text) => field(&mut any, 1, text.as_bytes()),
        Any::Bool(bit) => number(&mut any, 2, u64::from(*bit)),
        Any::Whole(whole) => number(&mut any, 3, whole.cast_unsigned()),
        Any::Texts(texts) => {
            let mut array = Vec::new();
            for text in texts {
                let mut any = Vec::new();
                field(&mut any, 1, text.as_bytes());
                field(&mut array, 1, &any);
            }
            field(&mut any, 5, &array);
        }
        Any::Bytes(bytes) => field(&mut any, 7, bytes),
    }
    let mut pair = Vec::new();
    field(&mut pair, 1, name.as_bytes());
    field(&mut pair, 2, &any);
    pair
}

fn field(out: &mut Vec<u8>, number: u8, bytes: &[u8]) {
    out.push(number << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend(bytes);
}

fn number(out: &mut Vec<u8>, number: u8, value: u64) {
    out.push(number << 3);
    varint(out, value);
}

fn fixed(out: &mut Vec<u8>, number: u8, value: u64) {
    out.push(number << 3 | 1);
    out.extend(value.to_le_bytes());
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap());
}

pub(super) fn json(groups: &[Group]) -> String {
    let groups: Vec<String> = groups.iter().map(json_group).collect();
    format!("{{\"resourceSpans\":[{}]}}", groups.join(","))
}

fn json_group(group: &Group) -> String {
    let spans: Vec<String> = group.spans.iter().map(json_span).collect();
    format!(
        "{{\"scopeSpans\":[{{\"scope\":{{}},\"spans\":[{}]}}],\"resource\":{{\"attributes\":{}}}}}",
        spans.join(","),
        json_attributes(&group.resource)
    )
}

fn json_span(sample: &Sample) -> String {
    let (trace, id, parent) = ids(sample);
    let parent = if sample.parent == 0 { String::new() } else { hex(&parent) };
    let links: Vec<String> = sample
        .links
        .iter()
        .map(|(trace, id)| (hex(&trace_id(*trace)), hex(&span_id(*id))))
        .map(|(trace, id)| format!("{{\"traceId\":\"{trace}\",\"spanId\":\"{id}\"}}"))
        .collect();
    format!(
        "{{\"traceId\":\"{}\",\"spanId\":\"{}\",\"parentSpanId\":\"{parent}\",\"kind\":{},\
         \"startTimeUnixNano\":\"{}\",\"endTimeUnixNano\":\"{}\",\"status\":{{\"code\":{}}},\
         \"attributes\":{},\"links\":[{}]}}",
        hex(&trace),
        hex(&id),
        sample.kind,
        sample.start_ns,
        sample.end_ns,
        if sample.is_error { 2 } else { 0 },
        json_attributes(&sample.attributes),
        links.join(",")
    )
}

fn json_attributes(attributes: &[(String, Any)]) -> String {
    let attributes: Vec<String> = attributes
        .iter()
        .map(|(name, value)| format!("{{\"key\":{name:?},\"value\":{}}}", json_any(value)))
        .collect();
    format!("[{}]", attributes.join(","))
}

fn json_any(value: &Any) -> String {
    let text = |text: &String| format!("{{\"stringValue\":{}}}", serde_json::json!(text));
    match value {
        Any::Text(value) => text(value),
        Any::Bool(bit) => format!("{{\"boolValue\":{bit}}}"),
        Any::Whole(whole) => format!("{{\"intValue\":\"{whole}\"}}"),
        Any::Texts(texts) => {
            let texts: Vec<String> = texts.iter().map(text).collect();
            format!("{{\"arrayValue\":{{\"values\":[{}]}}}}", texts.join(","))
        }
        Any::Bytes(bytes) => {
            use base64::Engine;
            let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
            format!("{{\"bytesValue\":\"{base64}\"}}")
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Any case is fine.
        write!(hex, "{byte:02X}").unwrap();
        hex
    })
}
