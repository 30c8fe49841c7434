//! Places and values in documents as people read them: `.items[].price`.
//!
//! Refuses to know schemas.

use serde_json::Value;

/// Characters of a value shown in a reason.
const SHOWN_CHARS_MAX: usize = 60;

/// Bytes of a witness at most, as large bodies with all that they require have them; the place at
/// which it is refused is told in any case.
const WITNESS_BYTES_MAX: usize = 1 << 16;

/// Whether one place is another or stands below it.
pub(crate) fn is_at(place: &str, above: &str) -> bool {
    place.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// A JSON pointer into a document as a path, all elements of a list alike.
pub(crate) fn shown_path(document: &Value, pointer: &str) -> String {
    let mut at = Some(document);
    let mut path = String::new();
    for part in pointer.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        let is_list = matches!(at, Some(Value::Array(_)));
        path += &if is_list { "[]".to_owned() } else { step(&name) };
        at = at.and_then(|value| match value {
            Value::Array(items) => items.get(name.parse::<usize>().ok()?),
            value => value.get(&name),
        });
    }
    path
}

/// One step down to a member.
pub(crate) fn step(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@');
    if !name.is_empty() && name.chars().all(is_plain) {
        format!(".{name}")
    } else {
        format!("[{}]", Value::from(name))
    }
}

/// A value in few characters.
pub(crate) fn short(value: &Value) -> String {
    let text = value.to_string();
    let mut shown: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// A witness as text, unless it is too long to be looked at.
pub(crate) fn witness(value: &Value) -> Option<String> {
    Some(value.to_string()).filter(|text| text.len() <= WITNESS_BYTES_MAX)
}
