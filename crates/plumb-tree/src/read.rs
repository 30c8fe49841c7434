//! A file of claims into positioned trees, whether it is JSON or YAML.
//!
//! It refuses to know any dialect, and what the notes are worth.

use crate::json::parse_json;
use crate::yaml::parse_yaml;
use crate::{Broken, Notes, Parsed};

/// Reads `bytes` as JSON or YAML, by what they begin with; `file_name` settles what is unclear.
///
/// In a `.yaml` or `.yml` file JSON has no liberties: what is not strict JSON is YAML's flow style.
///
/// # Errors
/// The first place that cannot be parsed, or where a bound of the tree is passed.
pub fn parse(file_name: &str, bytes: &[u8]) -> Result<Parsed, Broken> {
    let name = file_name.to_ascii_lowercase();
    if name.ends_with(".yaml") || name.ends_with(".yml") {
        let strict = |parsed: &Parsed| parsed.notes == Notes::default();
        let json = looks_like_json(bytes).then(|| parse_json(bytes).ok().filter(strict));
        return json.flatten().map_or_else(|| parse_yaml(bytes), Ok);
    }
    if name.ends_with(".json") || looks_like_json(bytes) {
        return parse_json(bytes);
    }
    parse_yaml(bytes)
}

/// Whether the first bytes that are no space open a JSON collection or a comment before one.
fn looks_like_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    matches!(bytes, [b'{' | b'[', ..] | [b'/', b'/' | b'*', ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, source: &str, expected: Result<&str, &str>) {
        let found = parse(name, source.as_bytes()).map_err(|broken| broken.to_string());
        let texts = |parsed: Parsed| {
            let documents = parsed.documents.iter();
            documents.map(|document| document.to_json_text()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found.map(texts).as_deref().map_err(String::as_str), expected, "{source}");
    }

    #[test]
    fn the_content_decides_and_the_name_settles_doubts() {
        check("mock", "\u{feff}\n {\"a\": 1}", Ok(r#"{"a":1}"#));
        check("mock.json", "// note\n[1,]", Ok("[1]"));
        check("mock", "// note\n[1,]", Ok("[1]"));
        check("mock.yml", "a: 1", Ok(r#"{"a":1}"#));
        check("mock", "a: 1\n---\nb: 2\n", Ok(r#"{"a":1} {"b":2}"#));
        check("mock.YAML", "{a: [1, b,],}", Ok(r#"{"a":[1,"b"]}"#));
        check("mock.yaml", "{\"a\": 1 // b\n}", Ok(r#"{"a":"1 // b"}"#));
        check("mock.yaml", "{\"a\": 1}\n---\n{\"b\": 2}", Ok(r#"{"a":1} {"b":2}"#));
        check("mock.yaml", "", Ok(""));
        let error = "line 1, column 2: expected a key in double quotes, not `a`";
        check("mock", "{a: 1}", Err(error));
        check("mock.json", "", Err("line 1, column 1: the file ends where a value is expected"));
    }
}
