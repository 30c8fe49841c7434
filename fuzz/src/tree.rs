//! Files of claims as trees: what was read can be written as JSON and read back as the same.

use plumb_tree::Parsed;
use plumb_tree::json::parse_json;
use plumb_tree::yaml::parse_yaml;
use serde::de::IgnoredAny;

/// Reads the bytes as JSON.
///
/// # Panics
/// When the tree cannot be written as JSON that reads back as the same.
pub fn json(bytes: &[u8]) {
    parse_json(bytes).iter().for_each(reads_back);
}

/// Reads the bytes as YAML.
///
/// # Panics
/// When a tree cannot be written as JSON that reads back as the same.
pub fn yaml(bytes: &[u8]) {
    parse_yaml(bytes).iter().for_each(reads_back);
}

fn reads_back(parsed: &Parsed) {
    for document in &parsed.documents {
        let text = document.to_json_text();
        let again = parse_json(text.as_bytes()).expect("what was written is JSON");
        let texts: Vec<String> = again.documents.iter().map(|it| it.to_json_text()).collect();
        assert_eq!(texts, [text.as_str()]);
        let mut oracle = serde_json::Deserializer::from_str(&text);
        oracle.disable_recursion_limit();
        serde::Deserialize::deserialize(&mut oracle)
            .map(|_: IgnoredAny| ())
            .expect("the oracle takes what was written");
    }
}
