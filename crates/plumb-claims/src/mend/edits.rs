//! What mending one claim comes to, and the values it writes.

use plumb_tree::edit::Edit;
use plumb_tree::json::parse_json;
use plumb_tree::{Node, Value};

/// The edits that one change asks for: in the file itself, and in one beside it.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    pub(crate) own: Vec<Edit>,
    pub(crate) beside: Option<(String, String)>,
    /// How long a body became, in bytes, where its length can be known.
    pub(crate) length: Option<usize>,
}

/// A JSON text as a tree.
pub(crate) fn json_node(json: &str) -> Result<Node, String> {
    let parsed = parse_json(json.as_bytes()).map_err(|broken| broken.to_string())?;
    parsed.documents.into_iter().next().ok_or_else(|| "no document".to_owned())
}

/// The text that a JSON scalar stands for in a header.
pub(crate) fn text_of(json: &str) -> String {
    match json_node(json).map(|node| node.value) {
        Ok(Value::String(text)) => text,
        _ => json.to_owned(),
    }
}
