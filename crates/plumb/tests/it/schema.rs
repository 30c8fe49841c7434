//! Documents against the schemas that are published for them.

use crate::sandbox::root;
use serde_json::Value;

/// Complains unless every document in `text` is as the schema says. One document, or one to a line.
pub(crate) fn check(name: &str, text: &str) {
    let documents: Vec<Value> = match serde_json::from_str(text) {
        Ok(document) => vec![document],
        Err(_) => text.lines().map(|line| serde_json::from_str(line).expect(line)).collect(),
    };
    assert!(!documents.is_empty(), "{name}: nothing was written");
    for document in &documents {
        against(name, document);
        // A gate's document holds a whole report.
        if name == "check-v1" && document.get("gap").is_some() {
            against("gap-v1", &document["gap"]);
        }
    }
}

fn against(name: &str, document: &Value) {
    let path = root().join(format!("docs/formats/{name}.schema.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("no {}", path.display()));
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{name}: {wrong:#?}\n{document:#}");
}
