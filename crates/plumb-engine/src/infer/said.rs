//! The same document for an interface that somebody said and nobody saw: it counts nothing.
//!
//! Refuses to know who said it.

use crate::infer::asked::MARK;
use serde_json::{Map, Value, json};

/// Stands where a document of what was seen says so.
const DESCRIPTION: &str = "as said";

/// Under the mark of a document: that it was made of what somebody said.
const SAID: &str = "said";

/// A document without counts.
#[must_use]
pub fn as_said(document: Value) -> Value {
    let mut document = unmarked(document, "");
    document["info"]["version"] = "imported".into();
    document["info"][MARK] = json!({ "version": 1, SAID: true });
    document
}

/// Whether a document was made so, and of nothing else.
#[must_use]
pub fn is_as_said(document: &Value) -> bool {
    document["info"][MARK][SAID].as_bool() == Some(true)
}

// Recursive; no deeper than the document, which was written from bounded places.
fn unmarked(value: Value, key: &str) -> Value {
    match value {
        Value::Object(members) => {
            // What a member of a schema is called is somebody's.
            let is_named = matches!(key, "properties" | "paths");
            let kept = members.into_iter().filter(|(name, _)| is_named || name != MARK);
            let each = kept.map(|(name, value)| match value {
                Value::String(_) if name == "description" && !is_named => {
                    (name, DESCRIPTION.into())
                }
                value => {
                    let below = if is_named { String::new() } else { name.clone() };
                    (name, unmarked(value, &below))
                }
            });
            each.collect::<Map<_, _>>().into()
        }
        Value::Array(items) => {
            items.into_iter().map(|item| unmarked(item, "")).collect::<Vec<_>>().into()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_members_of_their_name_stay() {
        let schema = json!({ "properties": { MARK: { "type": "null", MARK: {} } }, MARK: {} });
        let answer = json!({ "description": "as seen", "schema": schema, MARK: {} });
        let document = json!({ "info": { "version": "inferred", MARK: {} }, "paths": {
            "/a": { "get": { "responses": { "200": answer }, MARK: {} } } } });
        let said = as_said(document);
        assert!(is_as_said(&said));
        let answer = &said["paths"]["/a"]["get"]["responses"]["200"];
        let schema = json!({ "properties": { MARK: { "type": "null" } } });
        assert_eq!(*answer, json!({ "description": "as said", "schema": schema }));
    }
}
