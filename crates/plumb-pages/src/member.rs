//! Members of documents, for pages that are documents drawn.
//!
//! A member that is not there is empty: documents of other versions are shown as far as they are
//! understood. Refuses to know any document.

use crate::parts::text;
use serde_json::Value;

/// A text, harmless; empty where there is none. Numbers are texts too.
pub(crate) fn word(of: &Value, name: &str) -> String {
    match &of[name] {
        Value::String(word) => text(word),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// The members of a list.
pub(crate) fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().map_or(&[][..], Vec::as_slice)
}

/// The texts of a list.
pub(crate) fn words(of: &Value, name: &str) -> Vec<String> {
    list(of, name).iter().filter_map(Value::as_str).map(text).collect()
}

/// Whether a member is true.
pub(crate) fn is(of: &Value, name: &str) -> bool {
    of[name].as_bool() == Some(true)
}

/// A moment as documents write it, shorter; empty where there is none.
pub(crate) fn when(of: &Value, name: &str) -> String {
    word(of, name).replace('T', " ").replace('Z', "")
}
