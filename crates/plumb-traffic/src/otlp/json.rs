//! Spans from the JSON form of OTLP, which is not plain proto3 JSON: ids are hexadecimal, 64-bit
//! integers are strings or numbers. Lenient where exporters differ: keys in snake case, enums by
//! name, ids in base64. Spans are read one at a time, so that a broken one is told alone and
//! nothing grows with their number. It refuses to know what a span is taken for.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::attribute::{Slot, resource_slot, span_slot};
use super::note::{NOTE_BASE64_IDS, NOTE_ENUM_NAMES, NOTE_NO_SPANS, NOTE_ODD_ID};
use super::span::{Kind, Span, SpanId, Value};
use super::wanted::{TRACE_ID, Wanted};
use crate::reading::Reading;
use scalar::Scalar;

mod scalar;

/// Texts kept of one array. Repeated headers come in ones and twos; an entry costs three words and
/// may stand in three bytes.
const TEXTS_MAX: usize = 256;

/// Bytes of a truth value or a number; the longest number that exporters write has 24.
const OTHER_BYTES_MAX: usize = 32;

/// A span, or what is wrong with it and which one it is, counted from 1.
pub(crate) type Met<'m, 'a> = Result<&'m Span<'a>, (u64, serde_json::Error)>;

/// Takes each span of an `ExportTraceServiceRequest`.
///
/// # Errors
/// Where the text stops being one. Spans that are broken in themselves are handed to `take`.
pub(crate) fn spans(
    text: &str,
    wanted: &Wanted,
    reading: &mut Reading,
    take: &mut dyn FnMut(Met<'_, '_>, &mut Reading),
) -> Result<(), serde_json::Error> {
    let Some(groups) = groups(text)? else {
        reading.note(NOTE_NO_SPANS);
        return Ok(());
    };
    let mut number = 0;
    each(groups, &mut |group: &RawValue| {
        let (resource, scopes) = opened(group, wanted)?;
        let Some(scopes) = scopes else { return Ok(()) };
        each(scopes, &mut |scope: ScopeSpans<'_>| {
            let Some(spans) = scope.spans else { return Ok(()) };
            each(spans, &mut |span: &RawValue| {
                number += 1;
                match span_of(span, &resource, wanted, reading) {
                    Ok(span) => take(Ok(&span), reading),
                    Err(error) => take(Err((number, error)), reading),
                }
                Ok(())
            })
        })
    })
}

/// Counts the spans of a request; broken ones too, as they are told one by one.
///
/// # Errors
/// Where [`spans`] says that the text stops being a request.
pub(crate) fn count(text: &str) -> Result<u64, serde_json::Error> {
    let mut count = 0;
    let Some(groups) = groups(text)? else { return Ok(0) };
    each(groups, &mut |group: &RawValue| {
        let (_, scopes) = opened(group, &Wanted::default())?;
        let Some(scopes) = scopes else { return Ok(()) };
        each(scopes, &mut |scope: ScopeSpans<'_>| {
            let Some(spans) = scope.spans else { return Ok(()) };
            each(spans, &mut |_: IgnoredAny| {
                count += 1;
                Ok(())
            })
        })
    })?;
    Ok(count)
}

/// The groups of a request; none if it is of another signal.
fn groups(text: &str) -> Result<Option<&RawValue>, serde_json::Error> {
    if !text.trim_ascii_start().starts_with('{') {
        // Derived structs would take a list of values too.
        return Err(Error::custom("not an object"));
    }
    serde_json::from_str(text).map(|request: Request<'_>| request.resource_spans)
}

/// What a group says of its resource, and its scopes.
fn opened<'a>(
    group: &'a RawValue,
    wanted: &Wanted,
) -> Result<(Span<'a>, Option<&'a RawValue>), serde_json::Error> {
    let group: ResourceSpans<'_> = serde_json::from_str(group.get())?;
    let mut resource = Span::default();
    if let Some(attributes) = group.resource.and_then(|resource| resource.attributes) {
        put_all(attributes, &mut resource, resource_slot, wanted)?;
    }
    Ok((resource, group.scope_spans))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Request<'a> {
    #[serde(borrow, default, alias = "resource_spans")]
    resource_spans: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct ResourceSpans<'a> {
    #[serde(borrow, default)]
    resource: Option<Resource<'a>>,
    #[serde(
        borrow,
        default,
        alias = "scope_spans",
        alias = "instrumentationLibrarySpans",
        alias = "instrumentation_library_spans"
    )]
    scope_spans: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Resource<'a> {
    #[serde(borrow, default)]
    attributes: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct ScopeSpans<'a> {
    #[serde(borrow, default)]
    spans: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct SpanFields<'a> {
    #[serde(borrow, default, alias = "trace_id")]
    trace_id: Option<Text<'a>>,
    #[serde(borrow, default, alias = "span_id")]
    span_id: Option<Text<'a>>,
    #[serde(borrow, default, alias = "parent_span_id")]
    parent_span_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    kind: Option<Scalar<'a>>,
    #[serde(borrow, default, alias = "start_time_unix_nano")]
    start_time_unix_nano: Option<Scalar<'a>>,
    #[serde(borrow, default, alias = "end_time_unix_nano")]
    end_time_unix_nano: Option<Scalar<'a>>,
    #[serde(borrow, default)]
    attributes: Option<&'a RawValue>,
    #[serde(borrow, default)]
    links: Option<&'a RawValue>,
    #[serde(borrow, default)]
    status: Option<Status<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Link<'a> {
    #[serde(borrow, default, alias = "trace_id")]
    trace_id: Option<Text<'a>>,
    #[serde(borrow, default, alias = "span_id")]
    span_id: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Status<'a> {
    #[serde(borrow, default)]
    code: Option<Scalar<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct KeyValue<'a> {
    #[serde(borrow, default)]
    key: Option<Text<'a>>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct AnyValue<'a> {
    #[serde(borrow, default, alias = "string_value")]
    string_value: Option<Text<'a>>,
    #[serde(borrow, default, alias = "int_value")]
    int_value: Option<Scalar<'a>>,
    #[serde(borrow, default, alias = "bool_value")]
    bool_value: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "double_value")]
    double_value: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "array_value")]
    array_value: Option<ArrayValue<'a>>,
    #[serde(borrow, default, alias = "bytes_value")]
    bytes_value: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct ArrayValue<'a> {
    #[serde(borrow, default)]
    values: Option<&'a RawValue>,
}

/// Text, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn span_of<'a>(
    text: &'a RawValue,
    resource: &Span<'a>,
    wanted: &Wanted,
    reading: &mut Reading,
) -> Result<Span<'a>, serde_json::Error> {
    let fields: SpanFields<'_> = serde_json::from_str(text.get())?;
    let mut span = Span::default();
    span.begin(resource);
    id(fields.trace_id, &mut span.outline.trace_id, reading);
    id(fields.span_id, &mut span.outline.span_id, reading);
    id(fields.parent_span_id, &mut span.outline.parent_id, reading);
    span.outline.kind = kind(fields.kind.as_ref(), reading);
    span.outline.is_error =
        is_error(fields.status.and_then(|status| status.code).as_ref(), reading);
    span.outline.start_ns = ns(fields.start_time_unix_nano.as_ref())?;
    span.outline.end_ns = ns(fields.end_time_unix_nano.as_ref())?;
    if let Some(attributes) = fields.attributes {
        put_all(attributes, &mut span, span_slot, wanted)?;
    }
    if let Some(place) = wanted.place(TRACE_ID)
        && span.outline.trace_id != [0; 16]
    {
        span.put_asked(place, span.outline.trace_hex().into());
    }
    if let Some(links) = fields.links {
        each(links, &mut |link: Link<'_>| {
            let mut linked = SpanId::default();
            id(link.trace_id, &mut linked.0, reading);
            id(link.span_id, &mut linked.1, reading);
            span.link(linked);
            Ok(())
        })?;
    }
    Ok(span)
}

/// An id of another form counts as none.
fn id<const N: usize>(text: Option<Text<'_>>, id: &mut [u8; N], reading: &mut Reading) {
    let text = text.as_ref().map(|text| text.0.as_bytes()).unwrap_or_default();
    if text.is_empty() {
        return;
    }
    if let Some(bytes) = hexadecimal(text) {
        *id = bytes;
    } else if let Some(bytes) = STANDARD.decode(text).ok().and_then(|id| id.try_into().ok()) {
        *id = bytes;
        reading.note(NOTE_BASE64_IDS);
    } else {
        reading.note(NOTE_ODD_ID);
    }
}

fn hexadecimal<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    let (pairs, odd) = text.as_chunks::<2>();
    if pairs.len() != N || !odd.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

fn kind(kind: Option<&Scalar<'_>>, reading: &mut Reading) -> Kind {
    let Some(kind) = kind else { return Kind::Unspecified };
    if let Some(number) = kind.number() {
        return u64::try_from(number).map(Kind::of_number).unwrap_or_default();
    }
    reading.note(NOTE_ENUM_NAMES);
    let Scalar::Text(name) = kind else { return Kind::Unspecified };
    match name.strip_prefix("SPAN_KIND_").unwrap_or(name) {
        "INTERNAL" => Kind::Internal,
        "SERVER" => Kind::Server,
        "CLIENT" => Kind::Client,
        "PRODUCER" => Kind::Producer,
        "CONSUMER" => Kind::Consumer,
        _ => Kind::Unspecified,
    }
}

fn is_error(code: Option<&Scalar<'_>>, reading: &mut Reading) -> bool {
    const ERROR: i64 = 2;
    let Some(code) = code else { return false };
    match (code.number(), code) {
        (None, Scalar::Text(name)) => {
            reading.note(NOTE_ENUM_NAMES);
            name.as_ref() == "STATUS_CODE_ERROR"
        }
        (number, _) => number == Some(ERROR),
    }
}

fn ns(time: Option<&Scalar<'_>>) -> Result<u64, serde_json::Error> {
    let Some(time) = time else { return Ok(0) };
    let ns = time.number().and_then(|ns| u64::try_from(ns).ok());
    ns.ok_or_else(|| Error::custom("a time that is no number of nanoseconds"))
}

fn put_all<'a>(
    attributes: &'a RawValue,
    span: &mut Span<'a>,
    slot_of: fn(&[u8]) -> Option<Slot<'_>>,
    wanted: &Wanted,
) -> Result<(), serde_json::Error> {
    each(attributes, &mut |attribute: KeyValue<'a>| {
        let (Some(Text(key)), Some(any)) = (attribute.key, attribute.value) else { return Ok(()) };
        let (place, slot) = (wanted.place(key.as_bytes()), slot_of(key.as_bytes()));
        if place.is_none() && slot.is_none() {
            return Ok(());
        }
        let any: AnyValue<'a> = serde_json::from_str(any.get())?;
        if let Some((place, text)) = place.zip(plain_text(&any)) {
            span.put_asked(place, text);
        }
        let Some(slot) = slot else { return Ok(()) };
        let value = value_of(any, &mut span.outline.is_cut)?;
        span.put(slot.into_owned(), value);
        Ok(())
    })
}

/// A value as text; none for lists, maps and bytes.
fn plain_text<'a>(any: &AnyValue<'a>) -> Option<Cow<'a, str>> {
    if let Some(Text(text)) = &any.string_value {
        return Some(text.clone());
    }
    if let Some(number) = &any.int_value {
        return number.number().map(|number| number.to_string().into());
    }
    // Numbers that JSON has no word for are texts.
    let other = any.bool_value.or(any.double_value)?.get().trim_matches('"');
    (!other.is_empty() && other.len() <= OTHER_BYTES_MAX && !other.starts_with(['{', '[']))
        .then_some(other.into())
}

fn value_of<'a>(any: AnyValue<'a>, is_cut: &mut bool) -> Result<Value<'a>, serde_json::Error> {
    if let Some(Text(text)) = any.string_value {
        return Ok(Value::Text(text));
    }
    if let Some(number) = any.int_value {
        return Ok(number.number().map_or(Value::Other, Value::Whole));
    }
    if let Some(Text(base64)) = any.bytes_value {
        let bytes = STANDARD.decode(base64.as_bytes());
        return Ok(bytes.map_or(Value::Other, |bytes| Value::Bytes(bytes.into())));
    }
    let Some(array) = any.array_value else { return Ok(Value::Other) };
    let mut texts = Vec::new();
    if let Some(values) = array.values {
        each(values, &mut |any: AnyValue<'a>| {
            match any.string_value {
                Some(_) if texts.len() == TEXTS_MAX => *is_cut = true,
                Some(Text(text)) => texts.push(text),
                None => {}
            }
            Ok(())
        })?;
    }
    Ok(Value::Texts(texts))
}

/// Takes the elements of an array one after the other.
fn each<'a, T: Deserialize<'a>>(
    array: &'a RawValue,
    take: &mut dyn FnMut(T) -> Result<(), serde_json::Error>,
) -> Result<(), serde_json::Error> {
    let elements = Elements { take, element: PhantomData };
    serde_json::Deserializer::from_str(array.get()).deserialize_seq(elements)
}

struct Elements<'t, T> {
    take: &'t mut dyn FnMut(T) -> Result<(), serde_json::Error>,
    element: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<'_, T> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        while let Some(element) = list.next_element()? {
            (self.take)(element).map_err(S::Error::custom)?;
        }
        Ok(())
    }
}
