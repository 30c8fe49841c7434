//! Tells by a glance whether a file may hold claims, and in which dialect.
//!
//! A whole repository passes through here, so it looks at the extension, at the keys of the
//! outermost object in the first [`HEAD_BYTES`], and at what scripts import. A candidate may turn
//! out to be something else once it is parsed; a file turned away here is never parsed. Refuses to
//! know what the dialects say below their outermost keys.

use memchr::memmem;
use plumb_shape::claim::Dialect;
use plumb_tree::script::SCRIPT_BYTES_MAX;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What a glance tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognition {
    /// It may hold claims and is worth parsing.
    Candidate {
        /// The dialect it looks like so far; parsing has the last word.
        assumed: Dialect,
    },
    /// It holds no claims that Plumb reads.
    NotOurs {
        /// Why it was turned away: lower case, no full stop.
        reason: &'static str,
    },
}

/// How much of a file is looked at: enough for every outermost key of most files, and for the
/// first keys of the rest, at less than a tenth of a millisecond.
pub const HEAD_BYTES: usize = 64 << 10;

/// Outermost keys looked at: more than any dialect has, so that a flat map of data ends early.
const ROOT_KEYS_MAX: usize = 256;

/// Extensions of the files that claims are kept in; cassettes may have none.
const EXTENSIONS: [&str; 7] = ["json", "yaml", "yml", "har", "", "ndjson", "jsonl"];

/// Extensions of files with a document on each line. Exchanges in such a file are traffic to
/// observe; only messages recorded from a queue are read as claims.
const EXTENSIONS_OF_LINES: [&str; 2] = ["ndjson", "jsonl"];

/// Extensions of scripts, in which tests keep mocks as code.
const EXTENSIONS_OF_SCRIPTS: [&str; 8] = ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"];

/// How much of this file a glance needs: imports of a script may stand anywhere in it.
#[must_use]
pub fn glance_bytes(path: &str) -> usize {
    if is_script(path) { SCRIPT_BYTES_MAX } else { HEAD_BYTES }
}

/// True for JavaScript and TypeScript, by its extension.
#[must_use]
pub fn is_script(path: &str) -> bool {
    EXTENSIONS_OF_SCRIPTS.contains(&extension_of(path).as_str())
}

/// Says whether a file may hold claims. `bytes` may be the whole file or its first
/// [`glance_bytes`].
#[must_use]
pub fn recognise(path: &str, bytes: &[u8]) -> Recognition {
    let extension = extension_of(path);
    if is_script(path) {
        return of_script(path, bytes.get(..SCRIPT_BYTES_MAX).unwrap_or(bytes));
    }
    if !EXTENSIONS.contains(&extension.as_str()) {
        return Recognition::NotOurs {
            reason: "not a .json, .yaml, .yml, .har, .ndjson or .jsonl file",
        };
    }
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    if head.contains(&0) {
        return Recognition::NotOurs { reason: "not a text file" };
    }
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}');
    if EXTENSIONS_OF_LINES.contains(&extension.as_str()) {
        return of_lines(text);
    }
    let keys = root_keys(text);
    let whole = head.len() < HEAD_BYTES && keys.len() < ROOT_KEYS_MAX;
    match assumed(&keys, if whole { Extent::Whole } else { Extent::Head }) {
        Some(assumed) => Recognition::Candidate { assumed },
        None if extension == "har" => Recognition::Candidate { assumed: Dialect::Har },
        None if is_recorded_list(text) => Recognition::Candidate { assumed: Dialect::Nock },
        None => Recognition::NotOurs { reason: "no outermost key of a dialect that is read" },
    }
}

/// How much of the file the outermost keys were taken from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    /// More keys may follow: one telling key is enough where a dialect has two.
    Head,
}

/// Judges a script by the modules it names.
fn of_script(path: &str, text: &[u8]) -> Recognition {
    if path.split('/').any(|part| part == "node_modules") {
        return Recognition::NotOurs { reason: "a module that somebody else wrote" };
    }
    let names = |module: &str| {
        memmem::find_iter(text, module.as_bytes()).any(|at| {
            let is_quote = |byte: Option<&u8>| matches!(byte, Some(b'\'' | b'"' | b'`'));
            let after = text.get(at + module.len());
            let before = at.checked_sub(1).and_then(|at| text.get(at));
            is_quote(before) && (is_quote(after) || after == Some(&b'/'))
        })
    };
    if names("msw") {
        Recognition::Candidate { assumed: Dialect::Msw }
    } else if names("nock") {
        Recognition::Candidate { assumed: Dialect::Nock }
    } else {
        Recognition::NotOurs { reason: "a script that imports neither msw nor nock" }
    }
}

/// True for a list of requests recorded by nock.
fn is_recorded_list(text: &str) -> bool {
    let first = text.trim_start().strip_prefix('[').map(str::trim_start);
    let keys = first.filter(|first| first.starts_with('{')).map(json_root_keys);
    keys.is_some_and(|keys| ["scope", "method", "path"].iter().all(|key| keys.contains(*key)))
}

/// Judges a file of lines by its first.
fn of_lines(text: &str) -> Recognition {
    let text = text.trim_start();
    let line = text.split('\n').next().unwrap_or(text);
    let keys = root_keys(line);
    let has = |key: &str| keys.contains(key);
    let is_cut = line.len() == text.len() && text.len() >= HEAD_BYTES;
    // A long body commonly stands before everything else.
    if has("body") && (is_cut || has("properties") && has("content-type")) {
        Recognition::Candidate { assumed: Dialect::Kombu }
    } else {
        Recognition::NotOurs { reason: "no messages of a queue on its lines" }
    }
}

fn assumed(keys: &BTreeSet<Cow<'_, str>>, extent: Extent) -> Option<Dialect> {
    let has = |key: &str| keys.contains(key);
    let early = |key| extent == Extent::Head && has(key);
    let both = |one: &str, two: &str| match extent {
        Extent::Whole => has(one) && has(two),
        Extent::Head => has(one) || has(two),
    };
    if has("openapi") || has("swagger") || both("info", "paths") || early("components") {
        Some(Dialect::OpenApi)
    } else if both("consumer", "provider") {
        Some(Dialect::Pact)
    } else if has("mappings") || both("request", "response") {
        Some(Dialect::WireMock)
    } else if has("interactions") {
        Some(Dialect::Vcrpy)
    } else if has("http_interactions") {
        Some(Dialect::Vcr)
    } else if has("log") {
        Some(Dialect::Har)
    } else {
        None
    }
}

fn extension_of(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension.to_ascii_lowercase(),
        _ => String::new(),
    }
}

/// The keys of the outermost object, as far as `text` goes; none when it is a list or prose.
fn root_keys(text: &str) -> BTreeSet<Cow<'_, str>> {
    match text.trim_start().bytes().next() {
        Some(b'{' | b'/') => json_root_keys(text),
        Some(b'[') | None => BTreeSet::new(),
        Some(_) => yaml_root_keys(text),
    }
}

/// The keys that stand at the left edge of a line.
fn yaml_root_keys(text: &str) -> BTreeSet<Cow<'_, str>> {
    let key = |line: &'_ str| -> Option<String> {
        let (key, rest) = line.split_once(':')?;
        let ends = rest.is_empty() || rest.starts_with([' ', '\t', '\r']);
        let edge = key.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '"' | '\''));
        (ends && edge).then(|| key.trim_matches(['"', '\'', ' ']).to_owned())
    };
    text.split('\n').filter_map(key).map(Cow::Owned).take(ROOT_KEYS_MAX).collect()
}

/// The keys at depth one, found by counting brackets outside strings and comments.
fn json_root_keys(text: &str) -> BTreeSet<Cow<'_, str>> {
    let bytes = text.as_bytes();
    let mut keys = BTreeSet::new();
    let (mut at, mut depth) = (0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        at = match byte {
            b'"' => {
                let end = string_end(bytes, at);
                if depth == 1 && is_before_colon(bytes, end) {
                    let key = bytes.get(at + 1..end - 1).unwrap_or_default();
                    keys.insert(String::from_utf8_lossy(key));
                }
                end
            }
            b'/' => comment_end(bytes, at),
            b'{' | b'[' => {
                depth += 1;
                at + 1
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                at + 1
            }
            _ => at + 1,
        };
        if keys.len() >= ROOT_KEYS_MAX {
            break;
        }
    }
    keys
}

/// The offset after the string that opens at `start`; beyond the end when it is not closed.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len() + 1
}

fn comment_end(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    let length = match rest {
        [b'/', b'/', ..] => rest.iter().position(|byte| *byte == b'\n'),
        [b'/', b'*', ..] => rest.windows(2).skip(2).position(|pair| pair == b"*/").map(|at| at + 4),
        _ => Some(1),
    };
    start + length.unwrap_or(rest.len())
}

fn is_before_colon(bytes: &[u8], at: usize) -> bool {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, text: &str, expected: Option<Dialect>) {
        let assumed = match recognise(path, text.as_bytes()) {
            Recognition::Candidate { assumed } => Some(assumed),
            Recognition::NotOurs { .. } => None,
        };
        assert_eq!(assumed, expected, "{path}: {text}");
    }

    #[test]
    fn dialects_are_told_by_their_outermost_keys() {
        check("a/api.yaml", "# ours\nopenapi: 3.1.0\ninfo:\n", Some(Dialect::OpenApi));
        check("a/api.yml", "\"swagger\": '2.0'\n", Some(Dialect::OpenApi));
        check(
            "a/p.json",
            r#"{"consumer":{},"provider":{},"interactions":[]}"#,
            Some(Dialect::Pact),
        );
        check("a/m.json", "{ \"request\" : {}, \"response\" :\n{} }", Some(Dialect::WireMock));
        check("a/m.json", r#"{"mappings":[]}"#, Some(Dialect::WireMock));
        check("a/c.yaml", "interactions:\n- request:\n", Some(Dialect::Vcrpy));
        check("a/cassette", "interactions: []\nversion: 1\n", Some(Dialect::Vcrpy));
        check("a/c.yml", "\u{feff}---\nhttp_interactions:\r\n- request:\n", Some(Dialect::Vcr));
        check("a/c.yml", "<% name = 1 %>\n---\nhttp_interactions:\n", Some(Dialect::Vcr));
        check("a/t.HAR", r#"{"log":{"entries":[]}}"#, Some(Dialect::Har));
        check("a/t.har", "broken", Some(Dialect::Har));
        let envelope = r#"{"body":"","content-type":null,"properties":{}}"#;
        check("a/m.ndjson", &format!("\n{envelope}\n{{}}"), Some(Dialect::Kombu));
        let long = format!("{{\"body\":\"{}", "A".repeat(HEAD_BYTES));
        check("a/m.jsonl", &long, Some(Dialect::Kombu));
        check(
            "a/m.json",
            "// by hand \"\n/* { */ {\"request\":1,\"response\":2}",
            Some(Dialect::WireMock),
        );
    }

    #[test]
    fn scripts_are_told_by_what_they_import() {
        check("a/h.ts", "import { http } from 'msw'", Some(Dialect::Msw));
        check("a/h.jsx", "const { setupServer } = require(\"msw/node\")", Some(Dialect::Msw));
        check("a/h.test.mjs", "import nock from \"nock\"", Some(Dialect::Nock));
        let late = format!("{}\nimport nock from 'nock'", "// far\n".repeat(HEAD_BYTES / 4));
        check("a/h.js", &late, Some(Dialect::Nock));
        check("a/h.js", "import x from './msw'; // nock and msw", None);
        check("a/h.js", "{\"openapi\": 1}", None);
        check("a/node_modules/b/h.js", "require('nock')", None);
        check("a/h.py", "import 'nock'", None);
        let recorded = r#"[ {"scope":"http://h:80","method":"GET","path":"/","status":200}]"#;
        check("a/r.json", recorded, Some(Dialect::Nock));
    }

    #[test]
    fn others_are_turned_away() {
        check("a/api.rs", "openapi: 3.1.0", None);
        check(".yaml.bak", "openapi: 3.1.0", None);
        check("a/d.json", r#"{"data":{"request":{},"response":{}},"text":"\"log\": {"}"#, None);
        check("a/d.json", r#"[{"request":{},"response":{}}]"#, None);
        check("a/d.json", r#"{"log"}"#, None);
        check("a/d.ndjson", r#"{"v":1,"method":"GET","url":"/"}"#, None);
        check("a/d.ndjson", r#"{"log":{}}"#, None);
        check("a/lock.yaml", "packages:\n  openapi: 1.0\nnot openapi:x\nopenapi:x\n", None);
        check("a/b.json", "{\"log\":\0}", None);
        check("a/e.json", "", None);
        check("a/e.json", "\"", None);
        check("a/e.json", "{\"", None);
        check("a/e.json", "{\"\\", None);
    }

    #[test]
    fn one_telling_key_is_enough_when_more_may_follow() {
        let long = |key: &str| format!("{{\"{key}\":\"{}\"", "x".repeat(HEAD_BYTES));
        check("a/api.json", &long("components"), Some(Dialect::OpenApi));
        check("a/p.json", &long("consumer"), Some(Dialect::Pact));
        check("a/d.json", &long("data"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>, json: bool) {
            let _ = recognise(if json { "a.json" } else { "a" }, &bytes);
            let _ = json_root_keys(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn bracketed_soup_is_answered(text in "[\\[\\]{}\":/*\\\\a\n ]{0,64}") {
            let _ = root_keys(&text);
        }
    }
}
