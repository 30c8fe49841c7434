//! Finds the dialect of a file by its content and hands its tree to the reader of that dialect.
//!
//! The one place that knows which dialects there are and in which order they are asked. Refuses to
//! know what any of them says.

use crate::called::name_calls;
use crate::cassette::{har, keploy, nock, polly, vcr, vcrpy};
use crate::reading::{Beside, Reading, SourceFile, Unread};
use crate::recognise::{Recognition, is_graphql, is_script, recognise};
use crate::{
    bruno, graphql, gripmock, hoverfly, insomnia, kombu, mountebank, openapi, pact, postman,
    script, wiremock,
};
use plumb_shape::claim::Dialect;
use plumb_tree::read::parse;
use plumb_tree::{FILE_BYTES_MAX, Node};

/// Reads the claims of a file.
///
/// A file of no known dialect gives an empty reading. A candidate that cannot be parsed, or that is
/// larger than [`FILE_BYTES_MAX`], gives one [`Unread`] that names the dialect it looks like.
#[must_use]
pub fn read(file: &SourceFile<'_>, beside: Beside<'_>) -> Reading {
    let recognition = recognise(file.path, file.bytes);
    if file.bytes.len() > FILE_BYTES_MAX {
        return unread(file, recognition, too_large);
    }
    if recognition == (Recognition::Candidate { assumed: Dialect::Kombu }) {
        return kombu::read(file);
    }
    if recognition == (Recognition::Candidate { assumed: Dialect::Bruno }) {
        // Its markup is no tree of JSON or YAML.
        return bruno::read(file);
    }
    let is_candidate = matches!(recognition, Recognition::Candidate { .. });
    if is_script(file.path) {
        return if is_candidate { script::read(file, beside) } else { Reading::default() };
    }
    if is_graphql(file.path) {
        return if is_candidate { graphql::read(file, beside) } else { Reading::default() };
    }
    match parse(file.path, file.bytes) {
        Ok(parsed) => read_documents(file, &parsed.documents, beside),
        Err(broken) => unread(file, recognition, |assumed| match template_line(file.bytes) {
            Some(line) if assumed == Dialect::Mountebank => Fault {
                line,
                reason: format!("an EJS template, which is not run; it looks like {}", {
                    looks_like(assumed)
                }),
                remedy: "save the imposters with `mb save` and scan what it writes".to_owned(),
            },
            _ => Fault {
                line: broken.line,
                reason: format!(
                    "cannot be parsed at column {}: {}; it looks like {}",
                    broken.column,
                    broken.reason,
                    looks_like(assumed)
                ),
                remedy: "mend the file, or leave it out of the scan".to_owned(),
            },
        }),
    }
}

/// The line of the first tag of an EJS template.
fn template_line(bytes: &[u8]) -> Option<u32> {
    let at = bytes.windows(2).position(|pair| pair == b"<%")?;
    let breaks = bytes.get(..at)?.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks + 1).ok()
}

/// Whether a document is written in a dialect.
type IsLike = fn(&Node) -> bool;

/// What reads a dialect.
type Read = fn(&SourceFile<'_>, &[Node], Beside<'_>) -> Reading;

/// The dialects of one document, in the order in which they are asked: the ones with a telling key
/// come first, so that a looser description never takes a file from a stricter one.
const DIALECTS: [(IsLike, Read); 14] = [
    (hoverfly::is_like, hoverfly::read),
    (postman::is_like, postman::read),
    (insomnia::is_like, insomnia::read),
    (gripmock::is_like, gripmock::read),
    (openapi::is_like, openapi::read),
    (pact::is_like, pact::read),
    (mountebank::is_like, mountebank::read),
    (wiremock::is_like, wiremock::read),
    (vcrpy::is_like, vcrpy::read),
    (vcr::is_like, vcr::read),
    (keploy::is_like, keploy::read),
    (polly::is_like, polly::read),
    (har::is_like, har::read),
    (nock::is_like, nock::read),
];

/// Reads the claims of a file whose documents are parsed already.
#[must_use]
pub fn read_documents(file: &SourceFile<'_>, documents: &[Node], beside: Beside<'_>) -> Reading {
    let reader = DIALECTS.iter().find(|(is_like, _)| documents.iter().any(is_like));
    let mut reading = reader.map(|(_, read)| read(file, documents, beside)).unwrap_or_default();
    name_calls(&mut reading.claims);
    reading
}

/// Why a whole file was not read.
struct Fault {
    line: u32,
    reason: String,
    remedy: String,
}

/// A reading of nothing but the fault, for a file that looks like a dialect; nothing for others.
fn unread(
    file: &SourceFile<'_>,
    recognition: Recognition,
    fault: impl FnOnce(Dialect) -> Fault,
) -> Reading {
    let Recognition::Candidate { assumed } = recognition else {
        return Reading::default();
    };
    let Fault { line, reason, remedy } = fault(assumed);
    let unread = Unread { file: file.path.to_owned(), line, reason, remedy };
    Reading { claims: Vec::new(), unread: vec![unread] }
}

fn too_large(assumed: Dialect) -> Fault {
    let (what, remedy) = match assumed {
        Dialect::Har | Dialect::Kombu => ("a fixture", "observe it instead"),
        _ => ("a file of claims", "split it, or leave it out of the scan"),
    };
    let limit_mib = FILE_BYTES_MAX >> 20;
    let looks_like = looks_like(assumed);
    let reason = format!("too large for {what} (over {limit_mib} MiB); it looks like {looks_like}");
    Fault { line: 1, reason, remedy: remedy.to_owned() }
}

/// The dialect in words.
const fn looks_like(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::OpenApi => "an openapi document",
        Dialect::Pact => "a pact",
        Dialect::WireMock => "wiremock mappings",
        Dialect::Vcrpy => "a vcrpy cassette",
        Dialect::Vcr => "a vcr cassette",
        Dialect::Har => "a har",
        Dialect::Kombu => "messages of kombu",
        Dialect::Mountebank => "mountebank imposters",
        Dialect::Hoverfly => "a hoverfly simulation",
        Dialect::Keploy => "keploy tests",
        Dialect::Polly => "a polly recording",
        Dialect::Postman => "a postman collection",
        Dialect::Insomnia => "an insomnia export",
        Dialect::Bruno => "a bruno request",
        Dialect::GripMock => "gripmock stubs",
        Dialect::Msw => "handlers of msw",
        Dialect::Nock => "interceptors of nock",
        Dialect::Apollo => "mocks of Apollo Client",
        Dialect::GraphQl => "operations of GraphQL",
        Dialect::Example => "an example",
        Dialect::JsonSchema => "a JSON Schema",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_print::print_heads;

    #[track_caller]
    fn check(path: &str, text: &[u8], expected: &str) {
        let file = SourceFile { path, bytes: text };
        assert_eq!(print_heads(&read(&file, &|_| None)), expected);
    }

    #[test]
    fn each_dialect_is_found_by_its_content() {
        check(
            "a.yaml",
            b"openapi: 3.1.0\npaths: {/a: {get: {responses: {'200': {description: a}}}}}\n",
            "2:32 constraint GET /a includes -> 200\n  called GET /a\n",
        );
        check(
            "a.json",
            br#"{"consumer": {"name": "web"}, "provider": {"name": "api"}, "interactions": [
                {"description": "a", "request": {"method": "get", "path": "/", "uri": "/"},
                 "response": {"status": 200}}]}"#,
            "2:17 expectation GET / exactly -> 200, by api, for web\n  called a\n",
        );
        check(
            "a.json",
            br#"{"request": {"url": "/"}, "response": {}, "name": "root"}"#,
            "1:2 example ANY / exactly -> 200, priority 5\n  called root\n",
        );
        check(
            "a.yaml",
            b"interactions: [{request: {method: GET, uri: http://h/}, \
              response: {status: {code: 200}}}]",
            "1:17 example GET / exactly -> 200, by h\n  called GET http://h/\n",
        );
        check(
            "a.json",
            br#"{"http_interactions": [{"request": {"method": "get", "uri": "http://h/"},
                "response": {"status": {"code": 200}}}]}"#,
            "1:25 example GET / exactly -> 200, by h\n  called GET http://h/\n",
        );
        check(
            "a.har",
            br#"{"log":{"entries":[{"request":{"method":"GET","url":"http://h/"},
                "response":{"status":204}}]}}"#,
            "1:20 example GET / exactly -> 204, by h\n  called GET http://h/\n",
        );
    }

    #[test]
    fn files_of_no_dialect_say_nothing() {
        check("a.json", br#"{"data": 1}"#, "");
        check("a.json", br#"{"data": "#, "");
        check("a.json", br#"{"interactions": [{"kind": "click"}]}"#, "");
        check("a.yaml", b"", "");
    }

    #[test]
    fn broken_candidates_say_where_and_what_they_look_like() {
        check(
            "a.har",
            b"{\"log\":\n{\"entries\":[}",
            "unread 2: cannot be parsed at column 13: expected a value, not `}`; \
             it looks like a har\n  so mend the file, or leave it out of the scan\n",
        );
        check(
            "a.yml",
            b"http_interactions:\n- request: [\n",
            "unread 3: cannot be parsed at column 1: while parsing a node, did not find expected \
             node content; it looks like a vcr cassette\n  \
             so mend the file, or leave it out of the scan\n",
        );
    }

    #[test]
    fn files_beyond_the_bound_are_not_parsed() {
        let mut text = b"{\"log\":{\"entries\":[".to_vec();
        text.resize(FILE_BYTES_MAX + 1, b' ');
        check(
            "a.har",
            &text,
            "unread 1: too large for a fixture (over 64 MiB); it looks like a har\n  \
             so observe it instead\n",
        );
        text.truncate(0);
        text.resize(FILE_BYTES_MAX + 1, b' ');
        check("a.json", &text, "");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes: Vec<u8>) {
            for path in ["a.har", "a.yaml", "a"] {
                let _ = read(&SourceFile { path, bytes: &bytes }, &|_| None);
            }
        }
    }
}
