//! The name of the operation that a request calls.
//!
//! As in "GraphQL over HTTP": a JSON object with `query` and `operationName`, or both as
//! parameters. Requests that refer to a document by its hash or identifier name the operation
//! alone. Refuses to guess: several operations of which none is chosen, and lists of requests, have
//! no name.

use crate::tokens::{Kind, Tokens};
use memchr::memmem::Finder;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::sync::LazyLock;

/// Larger bodies are not looked into: documents have some kilobytes, and variables seldom more.
const BODY_BYTES_MAX: usize = 1 << 20;

/// Longest name in bytes. Generated ones join the words of a page, and stay well below.
const NAME_BYTES_MAX: usize = 96;

/// Words that begin an operation.
pub const KINDS: [&str; 3] = ["query", "mutation", "subscription"];

/// How often letters and digits take turns in a name of that many bytes before it is taken for a
/// token: `GetB2BOrdersV2` turns four times.
const TURNS_MAX: usize = 4;
const TOKEN_BYTES_MIN: usize = 16;

/// The name of what a JSON body asks for.
#[must_use]
pub fn called_by_body(body: &[u8]) -> Option<String> {
    static QUERY: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\"query\""));
    static NAME: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\"operationName\""));
    if body.len() > BODY_BYTES_MAX || (QUERY.find(body).is_none() && NAME.find(body).is_none()) {
        return None;
    }
    let request: Request = serde_json::from_slice(body).ok()?;
    let is_kept = request.document_id.is_some()
        || request.extensions.is_some_and(|extensions| extensions.persisted_query.is_some());
    called(request.query.as_deref(), request.operation_name.as_deref(), is_kept)
}

/// The name of what the parameters of a request ask for.
#[must_use]
pub fn called_by_query<'q>(
    parameters: impl IntoIterator<Item = (&'q str, &'q str)>,
) -> Option<String> {
    let (mut document, mut name, mut is_kept) = (None, None, false);
    for (key, value) in parameters {
        match key {
            "query" => document = Some(value),
            "operationName" => name = Some(value),
            "documentId" => is_kept = true,
            "extensions" => is_kept |= value.contains("\"persistedQuery\""),
            _ => {}
        }
    }
    called(document, name, is_kept)
}

/// The name of what a document asks for by itself, where it is one operation.
#[must_use]
pub fn called_by_document(document: &str) -> Option<String> {
    called(Some(document), None, false)
}

/// An operation by its kind and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// One of [`KINDS`].
    pub kind: &'static str,
    /// A name as [`is_name`] has it.
    pub name: String,
}

/// The operation of a document: the one that is chosen, or else the only one.
#[must_use]
pub fn operation_of(document: &str, chosen: Option<&str>) -> Option<Called> {
    let (kind, name) = named_in(document, chosen)?;
    is_name(name).then(|| Called { kind, name: name.to_owned() })
}

/// True when a text may be the name of an operation, and is not a token that somebody put there.
#[must_use]
pub fn is_name(text: &str) -> bool {
    is_word(text) && text.len() <= NAME_BYTES_MAX && !is_token(text.as_bytes())
}

/// True when a text is a name in GraphQL, of whatever it may be.
pub(crate) fn is_word(text: &str) -> bool {
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(is_of_word)
        && !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// The body of a request, as far as it names an operation.
#[derive(Deserialize)]
struct Request {
    query: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    #[serde(rename = "documentId")]
    document_id: Option<IgnoredAny>,
    extensions: Option<Extensions>,
}

#[derive(Deserialize)]
struct Extensions {
    #[serde(rename = "persistedQuery")]
    persisted_query: Option<IgnoredAny>,
}

fn called(document: Option<&str>, chosen: Option<&str>, is_kept: bool) -> Option<String> {
    let chosen = chosen.filter(|name| !name.is_empty());
    let name = match (document.filter(|text| !text.trim().is_empty()), chosen) {
        (Some(document), chosen) => named_in(document, chosen)?.1,
        (None, Some(chosen)) if is_kept => chosen,
        (None, _) => return None,
    };
    is_name(name).then(|| name.to_owned())
}

/// What stands before the selections of a definition.
enum Head<'d> {
    /// Nothing yet.
    Nothing,
    /// That of an operation, its kind and its name.
    Operation(&'static str, Option<&'d str>),
    Fragment,
}

/// The kind and the name of the operation that is chosen, or else of the only one.
fn named_in<'d>(document: &'d str, chosen: Option<&str>) -> Option<(&'static str, &'d str)> {
    let mut tokens = Tokens::of(document).peekable();
    let (mut depth, mut head, mut only) = (0_usize, Head::Nothing, None);
    while let Some(token) = tokens.next() {
        match (token.kind, &head) {
            // Selections without a word before them are an operation without a name.
            (Kind::Open, Head::Nothing) if depth == 0 => return None,
            (Kind::Open, Head::Operation(kind, name)) if depth == 0 && token.text == "{" => {
                let named = name.map(|name| (*kind, name));
                if named.is_some() && *name == chosen {
                    return named;
                }
                if chosen.is_none() && only.replace(named).is_some() {
                    return None;
                }
                depth = 1;
            }
            (Kind::Open, _) => depth += 1,
            (Kind::Close, _) => depth = depth.checked_sub(1)?,
            (Kind::Word, Head::Nothing) if token.text == "fragment" => head = Head::Fragment,
            (Kind::Word, Head::Nothing) => {
                let kind = KINDS.into_iter().find(|kind| *kind == token.text)?;
                let next = tokens.peek().filter(|next| next.kind == Kind::Word);
                head = Head::Operation(kind, next.map(|name| name.text));
            }
            (Kind::Mark, Head::Nothing) => return None,
            _ => {}
        }
        if depth == 0 && token.text == "}" && token.kind == Kind::Close {
            head = Head::Nothing;
        }
    }
    only.flatten()
}

fn is_token(name: &[u8]) -> bool {
    let digits = name.iter().filter(|byte| byte.is_ascii_digit()).count();
    let turns = name.windows(2).filter(|two| two[0].is_ascii_digit() != two[1].is_ascii_digit());
    digits * 2 > name.len() || (name.len() >= TOKEN_BYTES_MIN && turns.count() > TURNS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Option<&str>) {
        assert_eq!(called_by_body(body.as_bytes()).as_deref(), expected, "{body}");
    }

    #[test]
    fn the_operation_is_the_one_chosen_or_the_only_one() {
        let two = "query A { a } query B($b: Int = 1) { b }";
        check(r#"{"query":"query A { a }"}"#, Some("A"));
        check(&format!(r#"{{"operationName":"B","query":"{two}"}}"#), Some("B"));
        check(&format!(r#"{{"operationName":"C","query":"{two}"}}"#), None);
        check(&format!(r#"{{"query":"{two}"}}"#), None);
        check(
            r##"{"query":"# a\nfragment F on T { b }\nmutation M($a: [I!] = [{b: 1}]) { a }"}"##,
            Some("M"),
        );
        check(r#"{"query":"query A { a(b: \"} query B {\") }","operationName":null}"#, Some("A"));
        check(r#"{"query":"query { a }"}"#, None);
        check(r#"{"query":"{ a }"}"#, None);
    }

    #[test]
    fn documents_that_are_kept_are_called_by_name_alone() {
        let kept = r#""extensions":{"persistedQuery":{"version":1,"sha256Hash":"ab"}}"#;
        check(&format!(r#"{{"operationName":"A",{kept}}}"#), Some("A"));
        check(r#"{"operationName":"A","documentId":"x"}"#, Some("A"));
        check(r#"{"operationName":"A"}"#, None);
        let get = [("operationName", "A"), ("extensions", r#"{"persistedQuery":{}}"#)];
        assert_eq!(called_by_query(get).as_deref(), Some("A"));
        assert_eq!(called_by_query([("query", "query A{a}")]).as_deref(), Some("A"));
        assert_eq!(called_by_query([("query", "shoes"), ("operationName", "A")]), None);
    }

    #[test]
    fn what_is_no_request_of_graphql_has_no_name() {
        for body in [
            r#"{"query":"shoes"}"#,
            r#"{"query":"query language"}"#,
            r#"{"query":{"match":{"a":1}}}"#,
            r#"[{"query":"query A { a }"}]"#,
            r#"{"query":"query A { a }""#,
            r#"{"query":"query sk_live_4eC39HqLyjWDarjtT1zdp7dc { a }"}"#,
            r#"{"query":"}query A { a }"}"#,
            "",
        ] {
            check(body, None);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_looked_at(text: String, chosen: Option<String>) {
            let _ = called(Some(&text), chosen.as_deref(), true);
        }

        #[test]
        fn a_name_that_is_given_is_found(
            name in "[A-Za-z_]{1,40}",
            before in "(fragment [a-z]{1,9} on [A-Z]{1,3} \\{ a(b: \"\\{\") \\}\n ?){0,2}",
            after in "( ?(query|mutation) [a-z]{1,9}X0 ?\\{ a \\})?",
        ) {
            let document = format!("{before}query {name}($a: Int) {{ a }}{after}");
            let called = ("query", name.as_str());
            proptest::prop_assert_eq!(named_in(&document, Some(&name)), Some(called));
            let alone = after.is_empty().then_some(called);
            proptest::prop_assert_eq!(named_in(&document, None), alone);
        }
    }
}
