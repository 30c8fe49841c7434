//! Tells by a glance whether a file may hold claims, and in which dialect.
//!
//! A whole repository passes through here, so it looks at the extension, at the keys of the
//! outermost object in the first [`HEAD_BYTES`], and at what scripts import. A candidate may turn
//! out to be something else once it is parsed; a file turned away here is never parsed. Refuses to
//! know what the dialects say below their outermost keys.

use crate::bruno::is_like as is_bruno;
use crate::script::apollo::named::{MODULES, NAMES};
use memchr::memmem;
use plumb_graphql::call::KINDS;
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

/// A key below the outermost ones, quoted: simulations name their dialect at their very end, which
/// is beyond the head of long ones.
const PAIRS: &str = "\"pairs\"";

/// Outermost keys looked at: more than any dialect has, so that a flat map of data ends early.
const ROOT_KEYS_MAX: usize = 256;

/// Extensions of the files that claims are kept in; cassettes may have none, and imposters may be
/// templates that hold plain JSON.
const EXTENSIONS: [&str; 9] = ["json", "yaml", "yml", "har", "ejs", "bru", "", "ndjson", "jsonl"];

/// Extensions of files with a document on each line. Exchanges in such a file are traffic to
/// observe; only messages recorded from a queue are read as claims.
const EXTENSIONS_OF_LINES: [&str; 2] = ["ndjson", "jsonl"];

/// Extensions of scripts, in which tests keep mocks as code.
const EXTENSIONS_OF_SCRIPTS: [&str; 8] = ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"];

/// Extensions of documents of GraphQL; schemas have them as well.
const EXTENSIONS_OF_GRAPHQL: [&str; 2] = ["graphql", "gql"];

/// How much of this file a glance needs: imports of a script may stand anywhere in it, and so may
/// the one operation among fragments.
#[must_use]
pub fn glance_bytes(path: &str) -> usize {
    if is_script(path) || is_graphql(path) { SCRIPT_BYTES_MAX } else { HEAD_BYTES }
}

/// True for documents of GraphQL, by the extension.
#[must_use]
pub(crate) fn is_graphql(path: &str) -> bool {
    EXTENSIONS_OF_GRAPHQL.contains(&extension_of(path).as_str())
}

/// True for JavaScript and TypeScript, by its extension.
#[must_use]
pub fn is_script(path: &str) -> bool {
    EXTENSIONS_OF_SCRIPTS.contains(&extension_of(path).as_str())
}

/// True for a request in Bruno's blocks, by its extension.
pub(crate) fn is_in_blocks(path: &str) -> bool {
    extension_of(path) == "bru"
}

/// Says whether a file may hold claims. `bytes` may be the whole file or its first
/// [`glance_bytes`].
#[must_use]
pub fn recognise(path: &str, bytes: &[u8]) -> Recognition {
    let extension = extension_of(path);
    if is_script(path) {
        return of_script(path, bytes.get(..SCRIPT_BYTES_MAX).unwrap_or(bytes));
    }
    if is_graphql(path) {
        return of_graphql(bytes.get(..SCRIPT_BYTES_MAX).unwrap_or(bytes));
    }
    if !EXTENSIONS.contains(&extension.as_str()) {
        return Recognition::NotOurs {
            reason: "not a .json, .yaml, .yml, .har, .ejs, .bru, .graphql, .ndjson or .jsonl file",
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
    if is_in_blocks(path) {
        // The markup has no outermost keys to look at, and a head may end before the examples do.
        let whole = head.len() < HEAD_BYTES;
        return match is_bruno(text) || !whole {
            true => Recognition::Candidate { assumed: Dialect::Bruno },
            false => Recognition::NotOurs { reason: "a request without examples" },
        };
    }
    let mut keys = root_keys(text);
    if text.contains(PAIRS) {
        keys.insert(Cow::Borrowed(PAIRS));
    }
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

/// What stands before a document of GraphQL in a script.
const TAGS: [&str; 4] = ["gql`", "graphql`", "gql(", "graphql("];

/// Judges a script by the modules it names, and the tags of its templates.
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
    let has = |part: &str| memmem::find(text, part.as_bytes()).is_some();
    if names("msw") {
        Recognition::Candidate { assumed: Dialect::Msw }
    } else if names("nock") {
        Recognition::Candidate { assumed: Dialect::Nock }
    } else if MODULES.iter().any(|module| names(module)) || NAMES.iter().any(|name| has(name)) {
        Recognition::Candidate { assumed: Dialect::Apollo }
    } else if TAGS.iter().any(|tag| has(tag)) {
        Recognition::Candidate { assumed: Dialect::GraphQl }
    } else {
        Recognition::NotOurs {
            reason: "a script that has no mocks of msw, nock or Apollo Client, and asks nothing in \
                     GraphQL",
        }
    }
}

/// Judges a document of GraphQL by the words that begin its lines.
fn of_graphql(text: &[u8]) -> Recognition {
    let begins = |line: &[u8]| {
        let line = line.trim_ascii_start();
        KINDS.iter().any(|word| {
            let rest = line.strip_prefix(word.as_bytes());
            rest.is_some_and(|rest| rest.first().is_none_or(|next| !is_of_name(*next)))
        })
    };
    if text.split(|byte| *byte == b'\n').any(begins) {
        Recognition::Candidate { assumed: Dialect::GraphQl }
    } else {
        Recognition::NotOurs { reason: "a schema of GraphQL, or fragments without an operation" }
    }
}

const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// True for a list of requests recorded by nock.
fn is_recorded_list(text: &str) -> bool {
    let first = text.trim_start().strip_prefix('[').map(str::trim_start);
    let keys = first.filter(|first| first.starts_with('{')).map(root_keys);
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
    if has("info") && has("item") {
        Some(Dialect::Postman)
    } else if has("openapi") || has("swagger") || both("info", "paths") || early("components") {
        Some(Dialect::OpenApi)
    } else if both("consumer", "provider") {
        Some(Dialect::Pact)
    } else if has("imposters") || both("protocol", "stubs") || (has("protocol") && has("port")) {
        Some(Dialect::Mountebank)
    } else if has("service") && has("method") || has("[].service") {
        Some(Dialect::GripMock)
    } else if has("__export_format")
        || has("type") && ["collection", "routes", "environments"].iter().any(|key| has(key))
    {
        Some(Dialect::Insomnia)
    } else if has("version") && has("kind") && has("spec") {
        Some(Dialect::Keploy)
    } else if has("data") && (has("meta") || has(PAIRS)) {
        Some(Dialect::Hoverfly)
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
        Some(b'{' | b'/') => json_keys(text, 1),
        Some(b'[') => json_keys(text, 2).iter().map(|key| of_item(key)).collect(),
        None => BTreeSet::new(),
        Some(_) => yaml_root_keys(text),
    }
}

/// A key of the items of a list, told apart from an outermost one.
fn of_item(key: &str) -> Cow<'static, str> {
    Cow::Owned(format!("[].{key}"))
}

/// The keys that stand at the left edge of a line, or those of the items where a list begins.
fn yaml_root_keys(text: &str) -> BTreeSet<Cow<'_, str>> {
    let key = |line: &'_ str| -> Option<String> {
        let (key, rest) = line.split_once(':')?;
        let ends = rest.is_empty() || rest.starts_with([' ', '\t', '\r']);
        let edge = key.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '"' | '\''));
        (ends && edge).then(|| key.trim_matches(['"', '\'', ' ']).to_owned())
    };
    let item = |line: &str| {
        let inside = line.strip_prefix("- ").or_else(|| line.strip_prefix("  "))?;
        // A list in one line is a flow of JSON, more or less.
        let flow = inside.strip_prefix('{').and_then(|flow| flow.split(',').find_map(key));
        flow.or_else(|| key(inside)).map(|key| of_item(&key))
    };
    let is_filler = |line: &&str| line.is_empty() || line.starts_with(['#', '%']) || *line == "---";
    let mut lines = text.lines().map(str::trim_end).skip_while(is_filler);
    if lines.next().is_some_and(|first| first.starts_with("- ")) {
        return text.split('\n').filter_map(item).take(ROOT_KEYS_MAX).collect();
    }
    text.split('\n').filter_map(key).map(Cow::Owned).take(ROOT_KEYS_MAX).collect()
}

/// The keys at a depth, found by counting brackets outside strings and comments.
fn json_keys(text: &str, wanted: usize) -> BTreeSet<Cow<'_, str>> {
    let bytes = text.as_bytes();
    let mut keys = BTreeSet::new();
    let (mut at, mut depth) = (0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        at = match byte {
            b'"' => {
                let end = string_end(bytes, at);
                if depth == wanted && is_before_colon(bytes, end) {
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
        check("a/imposters.ejs", r#"{"imposters":[]}"#, Some(Dialect::Mountebank));
        check("a/i.json", r#"{"port":1,"protocol":"http"}"#, Some(Dialect::Mountebank));
        check("a/s.json", r#"{"data":{"pairs":[]},"meta":{}}"#, Some(Dialect::Hoverfly));
        check("a/t.yaml", "version: a\nkind: Http\nspec:\n", Some(Dialect::Keploy));
        check("a/c.json", r#"{"info":{},"item":[]}"#, Some(Dialect::Postman));
        check("a/i.json", r#"{"_type":"export","__export_format":4}"#, Some(Dialect::Insomnia));
        check("a/i.yaml", "type: mock.insomnia.rest/5.0\nroutes:\n", Some(Dialect::Insomnia));
        check("a/r.bru", "get {\n}\nexample {\n}\n", Some(Dialect::Bruno));
        check("a/r.bru", "get {\n}\n", None);
        check("a/s.yaml", "service: a\nmethod: b\n", Some(Dialect::GripMock));
        check("a/s.yaml", "# a\n---\n- name: x\n  service: a\n", Some(Dialect::GripMock));
        check("a/s.json", r#"[{"service":"a","method":"b"}]"#, Some(Dialect::GripMock));
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
        check("a/h.tsx", "import {} from '@apollo/client/testing/react'", Some(Dialect::Apollo));
        check("a/h.js", "require('react-apollo/test-utils')", Some(Dialect::Apollo));
        check("a/h.ts", "import { MockedProvider } from '../testing'", Some(Dialect::Apollo));
        check("a/h.ts", "import {} from '@apollo/client'", None);
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
        check("a/compose.yaml", "services:\n  service: a\n", None);
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
        check("a/d.json", &format!("{}, {{\"pairs\"", long("data")), None);
        let pairs = format!("{{\"data\":{{\"pairs\":[\"{}", "x".repeat(HEAD_BYTES));
        check("a/d.json", &pairs, Some(Dialect::Hoverfly));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>, json: bool) {
            let _ = recognise(if json { "a.json" } else { "a" }, &bytes);
            let _ = json_keys(&String::from_utf8_lossy(&bytes), 1);
        }

        #[test]
        fn bracketed_soup_is_answered(text in "[\\[\\]{}\":/*\\\\a\n ]{0,64}") {
            let _ = root_keys(&text);
        }
    }
}
