//! What the answers of claims hold as they stand in their file: values and all.
//!
//! Claims keep shapes. Whoever writes a mock of one tool as one of another wants the values too,
//! and asks here for them. Refuses to compute: an answer with an expression in it has no text yet.

use crate::mend::bodies_beside;
use crate::mend::body::KeptBody;
use crate::mend::header::value_text;
use crate::mend::site::{Asked, BodySite, Headers, Site};
use crate::mend::sites::sites;
use crate::mend::tree::Tree;
use crate::reading::{Beside, SourceFile};
use plumb_shape::claim::{Claim, Dialect};
use plumb_tree::json::parse_json;
use plumb_tree::{Node, Value};

/// What begins an expression in a body or a header, in whatever tool.
const EXPRESSION: &str = "{{";

/// An answer as it stands in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verbatim {
    /// Names, as they are written, and values of headers that are no expressions.
    pub headers: Vec<(String, String)>,
    /// The body, empty where there is none; none at all where it is no text or an expression.
    pub body: Option<String>,
    /// The JSON body of the request, where one stands there: as it was recorded, or has to be.
    pub asked: Option<String>,
}

/// The answers of claims of one file, in the order of the claims; none for a claim that tells
/// rules about answers instead of one.
#[must_use]
pub fn verbatim(
    file: &SourceFile<'_>,
    claims: &[&Claim],
    beside: Beside<'_>,
) -> Vec<Option<Verbatim>> {
    all(file, claims, beside).unwrap_or_else(|| vec![None; claims.len()])
}

fn all(
    file: &SourceFile<'_>,
    claims: &[&Claim],
    beside: Beside<'_>,
) -> Option<Vec<Option<Verbatim>>> {
    let dialect = claims.first()?.source.dialect;
    let text = std::str::from_utf8(file.bytes).ok()?;
    let tree = Tree::of(file, text, beside).filter(|_| dialect != Dialect::OpenApi)?;
    let sites = sites(dialect, &tree)?;
    let layout = tree.layout(text);
    let body_file = bodies_beside(dialect, file, beside);
    let one = |claim: &&Claim| {
        let site = sites.at((claim.source.line, claim.source.column))?;
        let kept = |site| KeptBody { text, layout, site, file: &*body_file };
        let is_plain = |body: &String| !body.contains(EXPRESSION);
        let body = text_of(kept(site.body)).filter(is_plain);
        let asked = asked(&site).and_then(|asked| text_of(kept(asked))).filter(is_plain);
        let asked = asked.filter(|asked| parse_json(asked.as_bytes()).is_ok());
        Some(Verbatim { headers: headers_of(&site), body, asked })
    };
    Some(claims.iter().map(one).collect())
}

/// Where the body of a request stands.
fn asked<'a>(site: &Site<'a>) -> Option<BodySite<'a>> {
    let of = |node: &'a Node| match node.value {
        Value::Object(_) | Value::Array(_) => BodySite::Tree(node),
        _ => BodySite::Text(node),
    };
    match site.asked {
        Asked::Recorded(body) => Some(body),
        Asked::Patterns(request, at) => {
            let patterns = &request.entries().get(at)?.1;
            let whole = patterns.items().iter().find_map(|pattern| {
                let is_json = pattern.get("matcher").and_then(Node::as_str) == Some("json");
                let value = pattern.get("value").filter(|_| is_json);
                pattern.get("equalToJson").or(value)
            });
            whole.map(of)
        }
        Asked::Any => {
            let body = site.whole.get("request")?.get("body")?;
            let is_wrapped = body.get("contentType").is_some() && body.get("content").is_some();
            Some(of(if is_wrapped { body.get("content")? } else { body }))
        }
    }
}

fn text_of(body: KeptBody<'_>) -> Option<String> {
    match body.site {
        BodySite::Tree(node) => (!is_computed(node)).then(|| node.to_json_text()),
        BodySite::Parts(_) => None,
        _ => body.decoded().ok().map(Option::unwrap_or_default),
    }
}

// Recursive; no deeper than a parser goes.
fn is_computed(node: &Node) -> bool {
    match &node.value {
        Value::Computed | Value::Binary(_) => true,
        Value::Array(items) => items.iter().any(is_computed),
        Value::Object(entries) => entries.iter().any(|(_, value)| is_computed(value)),
        _ => false,
    }
}

fn headers_of(site: &Site<'_>) -> Vec<(String, String)> {
    let pairs: Vec<(&str, &Node)> = match site.headers {
        Headers::ByName(list, _) => {
            let entries = list.map(Node::entries).unwrap_or_default();
            entries.iter().map(|(key, value)| (key.text.as_str(), value)).collect()
        }
        Headers::Pairs(list, key) => {
            let pairs = list.map(Node::items).unwrap_or_default().iter();
            pairs.filter_map(|pair| Some((pair.get(key)?.as_str()?, pair.get("value")?))).collect()
        }
        Headers::InTurn(list) => {
            let pairs = list.map(Node::items).unwrap_or_default().chunks_exact(2);
            pairs.filter_map(|pair| Some((pair[0].as_str()?, &pair[1]))).collect()
        }
    };
    let text = |(name, value)| (str::to_owned(name), value_text(value).to_owned());
    let is_plain = |(_, value): &(String, String)| !value.contains(EXPRESSION);
    pairs.into_iter().map(text).filter(is_plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect;

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[Option<(&str, Option<&str>)>]) {
        let file = SourceFile { path, bytes: text.as_bytes() };
        let reading = dialect::read(&file, &|_| None);
        let claims: Vec<&Claim> = reading.claims.iter().collect();
        let found = verbatim(&file, &claims, &|_| None);
        let told: Vec<Option<(String, Option<&str>)>> = found
            .iter()
            .map(|one| {
                let one = one.as_ref()?;
                let headers = one.headers.iter().map(|(name, value)| format!("{name}: {value}"));
                Some((headers.collect::<Vec<_>>().join(", "), one.body.as_deref()))
            })
            .collect();
        let told: Vec<_> =
            told.iter().map(|one| one.as_ref().map(|(it, body)| (it.as_str(), *body))).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn answers_are_given_as_they_stand() {
        let stubs = r#"{"mappings": [
          {"request": {"method": "GET", "urlPath": "/a"},
           "response": {"status": 200, "headers": {"X-Rate": "7", "Etag": "{{now}}"},
                        "jsonBody": {"id": 12345678901234567890, "price": 1.50}}},
          {"request": {"method": "GET", "urlPath": "/b"},
           "response": {"status": 200, "body": "{\"id\": \"{{randomValue}}\"}"}},
          {"request": {"method": "GET", "urlPath": "/c"}, "response": {"status": 204}}]}"#;
        let json = r#"{"id":12345678901234567890,"price":1.50}"#;
        check(
            "mappings/a.json",
            stubs,
            &[Some(("X-Rate: 7", Some(json))), Some(("", None)), Some(("", Some("")))],
        );
    }

    #[test]
    fn bodies_of_requests_are_given_as_they_stand() {
        let asked = |path: &str, text: &str| {
            let file = SourceFile { path, bytes: text.as_bytes() };
            let reading = dialect::read(&file, &|_| None);
            let claims: Vec<&Claim> = reading.claims.iter().collect();
            verbatim(&file, &claims, &|_| None).remove(0).unwrap().asked
        };
        let stub = r#"{"request": {"method": "POST", "urlPath": "/a",
            "bodyPatterns": [{"contains": "x"}, {"equalToJson": "{\"id\": 7}"}]},
            "response": {"status": 201}}"#;
        assert_eq!(asked("mappings/a.json", stub).as_deref(), Some("{\"id\": 7}"));
        let pact = r#"{"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": [
            {"description": "c", "request": {"method": "POST", "path": "/a", "body": {"id": 7}},
             "response": {"status": 201}}],
            "metadata": {"pactSpecification": {"version": "2.0.0"}}}"#;
        assert_eq!(asked("pact.json", pact).as_deref(), Some("{\"id\":7}"));
    }

    #[test]
    fn what_a_script_computes_has_no_text() {
        let handlers = "import { http, HttpResponse } from 'msw';\n\
                        export const handlers = [\n\
                        http.get('/a', () => HttpResponse.json({ id: 1 })),\n\
                        http.get('/b', () => HttpResponse.json({ id: next() })),\n];\n";
        check("handlers.js", handlers, &[Some(("", Some(r#"{"id":1}"#))), Some(("", None))]);
    }

    #[test]
    fn a_specification_has_no_answers() {
        let api = "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths:\n  /a:\n    get:\n      \
                   responses:\n        '200': {description: ok}\n";
        check("api.yaml", api, &[None]);
    }
}
