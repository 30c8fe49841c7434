//! Checks JSON text against a schema, and says where it differs.

use serde_json::Value;

/// Reads a document, after checking it against a schema.
#[track_caller]
pub(crate) fn check(schema: &str, document: &str) -> Value {
    let schema: Value = serde_json::from_str(schema).expect("a schema is JSON");
    let document: Value = serde_json::from_str(document).expect("a document is JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema is valid");
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    document
}
