//! Spans from the binary form of OTLP, by walking the wire format. Unknown fields and attributes
//! are passed over without being decoded. It refuses to know what a span is taken for.

use std::borrow::Cow;

use super::attribute::{Slot, resource_slot, span_slot};
use super::note::NOTE_ODD_ID;
use super::span::{Kind, Outline, Span, SpanId, Value};
use super::wanted::{TRACE_ID, Wanted};
use super::wire::{Broken, Field, Message};
use crate::reading::Reading;

/// Texts kept of one array. Repeated headers come in ones and twos; an entry costs three words and
/// may stand in two bytes.
const TEXTS_MAX: usize = 256;

/// Takes each span of an `ExportTraceServiceRequest`.
///
/// # Errors
/// Where the bytes stop being one; the spans before have been taken.
pub(crate) fn spans(
    bytes: &[u8],
    wanted: &Wanted,
    reading: &mut Reading,
    take: &mut dyn FnMut(&Span<'_>, &mut Reading),
) -> Result<(), Broken> {
    let mut request = Message::new(bytes);
    while let Some((number, field)) = request.next()? {
        if let (1, Field::Bytes(message)) = (number, field) {
            resource_spans(message, wanted, reading, take)?;
        }
    }
    Ok(())
}

/// Counts the spans of a request, after a look at all that [`spans`] would decode.
///
/// # Errors
/// Where the bytes stop being a request, also where [`spans`] would not look. It breaks nowhere
/// else.
pub(crate) fn count(bytes: &[u8]) -> Result<u64, Broken> {
    let mut count = 0;
    let mut request = Message::new(bytes);
    while let Some((number, field)) = request.next()? {
        let (1, Field::Bytes(mut resource_spans)) = (number, field) else { continue };
        while let Some((number, field)) = resource_spans.next()? {
            match (number, field) {
                (1, Field::Bytes(mut resource)) => {
                    while let Some((number, field)) = resource.next()? {
                        if let (1, Field::Bytes(attribute)) = (number, field) {
                            pass_attribute(attribute)?;
                        }
                    }
                }
                (2, Field::Bytes(mut scope)) => {
                    while let Some((number, field)) = scope.next()? {
                        if let (2, Field::Bytes(span)) = (number, field) {
                            pass_span(span)?;
                            count += 1;
                        }
                    }
                }
                _ => {}
            }
        }
    }
    Ok(count)
}

fn pass_span(mut span: Message<'_>) -> Result<(), Broken> {
    while let Some((number, field)) = span.next()? {
        match (number, field) {
            (9, Field::Bytes(attribute)) => pass_attribute(attribute)?,
            (13 | 15, Field::Bytes(flat)) => pass_flat(flat)?,
            _ => {}
        }
    }
    Ok(())
}

fn pass_attribute(mut attribute: Message<'_>) -> Result<(), Broken> {
    while let Some((number, field)) = attribute.next()? {
        let (2, Field::Bytes(mut value)) = (number, field) else { continue };
        while let Some((number, field)) = value.next()? {
            let (5, Field::Bytes(mut array)) = (number, field) else { continue };
            while let Some((number, field)) = array.next()? {
                if let (1, Field::Bytes(element)) = (number, field) {
                    pass_flat(element)?;
                }
            }
        }
    }
    Ok(())
}

fn pass_flat(mut message: Message<'_>) -> Result<(), Broken> {
    while message.next()?.is_some() {}
    Ok(())
}

fn resource_spans(
    message: Message<'_>,
    wanted: &Wanted,
    reading: &mut Reading,
    take: &mut dyn FnMut(&Span<'_>, &mut Reading),
) -> Result<(), Broken> {
    // Fields may stand in any order, and the resource belongs to every span.
    let mut resource = Span::default();
    let mut fields = message;
    while let Some((number, field)) = fields.next()? {
        if let (1, Field::Bytes(message)) = (number, field) {
            fill_resource(&mut resource, message, wanted)?;
        }
    }
    // One for all: a span is large, and most of it is empty.
    let mut span = Span::default();
    let mut fields = message;
    while let Some((number, field)) = fields.next()? {
        let (2, Field::Bytes(mut scope)) = (number, field) else { continue };
        while let Some((number, field)) = scope.next()? {
            if let (2, Field::Bytes(message)) = (number, field) {
                span.begin(&resource);
                fill(&mut span, message, wanted, reading)?;
                take(&span, reading);
            }
        }
    }
    Ok(())
}

fn fill<'a>(
    span: &mut Span<'a>,
    message: Message<'a>,
    wanted: &Wanted,
    reading: &mut Reading,
) -> Result<(), Broken> {
    let mut are_ids_whole = true;
    let mut fields = message;
    while let Some((number, field)) = fields.next()? {
        match (number, field) {
            (1, Field::Bytes(id)) => are_ids_whole &= id_of(id, &mut span.outline.trace_id),
            (2, Field::Bytes(id)) => are_ids_whole &= id_of(id, &mut span.outline.span_id),
            (4, Field::Bytes(id)) => are_ids_whole &= id_of(id, &mut span.outline.parent_id),
            (6, Field::Varint(kind)) => span.outline.kind = Kind::of_number(kind),
            (7, Field::Fixed64(ns)) => span.outline.start_ns = ns,
            (8, Field::Fixed64(ns)) => span.outline.end_ns = ns,
            (9, Field::Bytes(attribute)) => key_value(attribute, span, span_slot, wanted)?,
            (13, Field::Bytes(link)) => are_ids_whole &= linked(link, span)?,
            (15, Field::Bytes(status)) => span.outline.is_error = is_error(status)?,
            _ => {}
        }
    }
    if let Some(place) = wanted.place(TRACE_ID)
        && span.outline.trace_id != [0; 16]
    {
        span.put_asked(place, span.outline.trace_hex().into());
    }
    if !are_ids_whole {
        reading.note(NOTE_ODD_ID);
    }
    Ok(())
}

/// An id of another length counts as none.
fn id_of<const N: usize>(message: Message<'_>, id: &mut [u8; N]) -> bool {
    let whole = message.bytes.try_into();
    *id = whole.unwrap_or([0; N]);
    whole.is_ok() || message.bytes.is_empty()
}

/// Takes a link; answers whether its ids are whole.
fn linked(mut link: Message<'_>, span: &mut Span<'_>) -> Result<bool, Broken> {
    let mut id = SpanId::default();
    let mut are_ids_whole = true;
    while let Some((number, field)) = link.next()? {
        match (number, field) {
            (1, Field::Bytes(trace)) => are_ids_whole &= id_of(trace, &mut id.0),
            (2, Field::Bytes(span)) => are_ids_whole &= id_of(span, &mut id.1),
            _ => {}
        }
    }
    span.link(id);
    Ok(are_ids_whole)
}

fn is_error(mut status: Message<'_>) -> Result<bool, Broken> {
    const ERROR: u64 = 2;
    let mut code = 0;
    while let Some((number, field)) = status.next()? {
        if let (3, Field::Varint(value)) = (number, field) {
            code = value;
        }
    }
    Ok(code == ERROR)
}

type SlotOf = fn(&[u8]) -> Option<Slot<'_>>;

fn fill_resource<'a>(
    span: &mut Span<'a>,
    mut message: Message<'a>,
    wanted: &Wanted,
) -> Result<(), Broken> {
    while let Some((number, field)) = message.next()? {
        if let (1, Field::Bytes(attribute)) = (number, field) {
            key_value(attribute, span, resource_slot, wanted)?;
        }
    }
    Ok(())
}

fn key_value<'a>(
    mut attribute: Message<'a>,
    span: &mut Span<'a>,
    slot_of: SlotOf,
    wanted: &Wanted,
) -> Result<(), Broken> {
    let (mut key, mut value) = (&b""[..], None);
    while let Some((number, field)) = attribute.next()? {
        match (number, field) {
            (1, Field::Bytes(text)) => key = text.bytes,
            (2, Field::Bytes(any)) => value = Some(any),
            _ => {}
        }
    }
    let Some(any) = value else { return Ok(()) };
    if let Some(place) = wanted.place(key)
        && let Some(text) = plain_text(any, &mut span.outline)?
    {
        span.put_asked(place, text);
    }
    if let Some(slot) = slot_of(key) {
        let value = value_of(any, &mut span.outline)?;
        span.put(slot, value);
    }
    Ok(())
}

/// A value as text; none for lists, maps and bytes.
fn plain_text<'a>(
    mut any: Message<'a>,
    outline: &mut Outline,
) -> Result<Option<Cow<'a, str>>, Broken> {
    let mut plain = None;
    while let Some((number, field)) = any.next()? {
        plain = match (number, field) {
            (1, Field::Bytes(message)) => Some(text(message.bytes, outline)),
            (2, Field::Varint(bit)) => Some(if bit == 0 { "false" } else { "true" }.into()),
            (3, Field::Varint(bits)) => Some(bits.cast_signed().to_string().into()),
            (4, Field::Fixed64(bits)) => Some(f64::from_bits(bits).to_string().into()),
            _ => continue,
        };
    }
    Ok(plain)
}

fn value_of<'a>(mut any: Message<'a>, outline: &mut Outline) -> Result<Value<'a>, Broken> {
    let mut value = Value::Other;
    while let Some((number, field)) = any.next()? {
        value = match (number, field) {
            (1, Field::Bytes(message)) => Value::Text(text(message.bytes, outline)),
            (3, Field::Varint(bits)) => Value::Whole(bits.cast_signed()),
            (5, Field::Bytes(array)) => Value::Texts(texts(array, outline)?),
            (7, Field::Bytes(message)) => Value::Bytes(message.bytes.into()),
            _ => continue,
        };
    }
    Ok(value)
}

/// The texts directly in an array; values of other kinds in it are left out.
fn texts<'a>(mut array: Message<'a>, outline: &mut Outline) -> Result<Vec<Cow<'a, str>>, Broken> {
    let mut texts = Vec::new();
    while let Some((number, field)) = array.next()? {
        let (1, Field::Bytes(mut any)) = (number, field) else { continue };
        while let Some((number, field)) = any.next()? {
            match (number, field) {
                (1, Field::Bytes(_)) if texts.len() == TEXTS_MAX => outline.is_cut = true,
                (1, Field::Bytes(message)) => texts.push(text(message.bytes, outline)),
                _ => {}
            }
        }
    }
    Ok(texts)
}

fn text<'a>(bytes: &'a [u8], outline: &mut Outline) -> Cow<'a, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.into();
    }
    outline.is_lossy = true;
    String::from_utf8_lossy(bytes)
}
