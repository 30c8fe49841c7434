//! Reads OpenAPI 3.0 and 3.1: one claim for each operation and response status, for each base path
//! under which it is served.
//!
//! Walks from the document to its paths, operations and responses. Refuses to know schemas, and to
//! judge whether a specification is well made: it says what it reads and what it does not.

mod body;
mod form;
mod keyword;
mod notes;
mod parameters;
pub(crate) mod refs;
pub(crate) mod schema;
mod server;
mod traits;

use crate::openapi::body::say_content;
use crate::openapi::parameters::{parameters, say_parameters, say_response_headers, say_security};
use crate::openapi::refs::{Spot, gather};
use crate::openapi::schema::{Version, Work};
use crate::openapi::server::{Service, service};
use crate::reading::{Beside, CLAIMS_MAX, Reading, SourceFile};
use crate::unread_tally::Why;
use percent_encoding::percent_decode_str;
use plumb_shape::claim::{Claim, Dialect, SaidQuery, SaidRequest, SaidStatus, Source, Strength};
use plumb_shape::operation::{PathPattern, Segment};
use plumb_shape::place::Side;
use plumb_shape::said::{Presence, Said};
use plumb_tree::{Key, Node, Value};

/// The keys of a path that are methods.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The keys of a path that are not.
const BESIDE_METHODS: [&str; 5] = ["$ref", "summary", "description", "servers", "parameters"];

/// Places of all claims of one file together, so that a file cannot take more than about a
/// gigabyte; the largest public specifications need a tenth.
const PLACES_MAX: usize = 2_000_000;

const TOO_MANY: Why = Why {
    reason: "the file says more than is kept at once, the rest is not read",
    remedy: "split the specification by operation",
};

const CALLBACKS: Why = Why {
    reason: "`callbacks` and `webhooks` are not read: they are requests the other way round",
    remedy: "describe them as operations of whoever receives them",
};

const QUERY_IN_PATH: Why = Why {
    reason: "a path holds a query, which is not read",
    remedy: "describe the query by parameters",
};

const NO_VALUE: Why =
    Why { reason: "a response has no description of any kind", remedy: "write one" };

/// True when a document is a specification, or was meant to be one.
pub(crate) fn is_like(root: &Node) -> bool {
    let version = root.get("openapi").or_else(|| root.get("swagger")).and_then(version_text);
    let is_versioned = version.is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit()));
    is_versioned || (root.get("paths").is_some() && root.get("info").is_some())
}

/// The claims of every specification among `documents`.
pub(crate) fn read(file: &SourceFile<'_>, documents: &[Node], beside: Beside<'_>) -> Reading {
    let mut all = Reading::default();
    for root in documents.iter().filter(|root| is_like(root)) {
        let library = gather(file.path, root, beside);
        let mut work = Work::new(&library, Version::V31);
        let mut claims = Claims::default();
        if let Some(version) = version_of(&mut work) {
            work.version = version;
            read_paths(&mut work, &mut claims);
        }
        all.claims.append(&mut claims.made);
        all.unread.append(&mut work.notes.into_unread());
    }
    all
}

/// The claims made so far.
#[derive(Default)]
struct Claims {
    made: Vec<Claim>,
    places: usize,
}

impl Claims {
    fn is_full(&self) -> bool {
        self.made.len() >= CLAIMS_MAX || self.places > PLACES_MAX
    }
}

/// One operation and where it stands.
struct Operation<'l> {
    path: &'l str,
    path_item: Spot<'l>,
    key: &'l Key,
    spot: Spot<'l>,
}

/// One status of an operation.
struct Response<'l> {
    status: SaidStatus,
    line: u32,
    column: u32,
    /// `None` for an operation that describes no answer.
    spot: Option<Spot<'l>>,
}

fn version_text(node: &Node) -> Option<String> {
    match &node.value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.as_text().to_owned()),
        _ => None,
    }
}

/// The dialect of schemas; `None` when the document is not read.
fn version_of(work: &mut Work<'_>) -> Option<Version> {
    let root = work.library.root();
    let Some(at) = root.get("openapi") else {
        match root.get("swagger") {
            Some(at) => {
                let remedy = "convert the file to OpenAPI 3, for instance with swagger2openapi";
                work.notes.tell_at(at, "Swagger 2.0 is not read", remedy);
            }
            None => {
                let remedy = "begin it with `openapi: 3.1.0` or the version it is written in";
                work.notes.tell_at(root, "the document has no `openapi` version", remedy);
            }
        }
        return None;
    };
    let text = version_text(at.node).unwrap_or_default();
    let is_minor = |minor: &str| text == minor || text.starts_with(&format!("{minor}."));
    if is_minor("3.0") || text == "3" {
        Some(Version::V30)
    } else if is_minor("3.1") {
        Some(Version::V31)
    } else if is_minor("3.2") {
        let remedy = "check that nothing new in 3.2 matters here";
        work.notes.tell_at(at, "OpenAPI 3.2 is read as 3.1", remedy);
        Some(Version::V31)
    } else {
        let reason = format!("OpenAPI version `{text}` is not read");
        work.notes.tell_at(at, &reason, "write it in 3.0 or 3.1");
        None
    }
}

fn read_paths(work: &mut Work<'_>, claims: &mut Claims) {
    let root = work.library.root();
    if let Some(at) = root.get("webhooks") {
        work.notes.count(at, CALLBACKS);
    }
    let Some(paths) = root.get("paths") else {
        let remedy = "nothing to do if the file only holds components";
        return work.notes.tell_at(
            root,
            "there is no `paths`, so no operation is described",
            remedy,
        );
    };
    if !matches!(paths.node.value, Value::Object(_)) {
        let reason = format!("`paths` is {}, not an object", with_article(paths.node));
        return work.notes.tell_at(paths, &reason, "write paths as keys, operations below them");
    }
    for (path, spot) in paths.entries() {
        if path.starts_with("x-") {
            continue;
        }
        if !path.starts_with('/') {
            let reason = format!("the path `{path}` does not begin with a slash");
            work.notes.tell_at(spot, &reason, "begin it with a slash");
            continue;
        }
        if let Some(path_item) = work.resolve(spot) {
            read_path_item(work, claims, path, path_item);
            note_beside_reference(work, spot);
        }
    }
}

fn note_beside_reference(work: &mut Work<'_>, spot: Spot<'_>) {
    let is_reference = spot.get("$ref").is_some();
    for (key, beside) in spot.entries().filter(|(key, _)| is_reference && METHODS.contains(key)) {
        let reason = format!("`{key}` stands beside a `$ref` of its path and is not read");
        work.notes.tell_at(beside, &reason, "move it to where the reference leads");
    }
}

fn read_path_item<'l>(
    work: &mut Work<'l>,
    claims: &mut Claims,
    path: &'l str,
    path_item: Spot<'l>,
) {
    if !matches!(path_item.node.value, Value::Object(_)) {
        let reason =
            format!("the path `{path}` is {}, not an object", with_article(path_item.node));
        return work.notes.tell_at(path_item, &reason, "write methods as its keys");
    }
    for (key, node) in path_item.node.entries() {
        let spot = path_item.at(node);
        let name = key.text.as_str();
        if BESIDE_METHODS.contains(&name) || name.starts_with("x-") {
            continue;
        }
        if !METHODS.contains(&name) {
            let reason = format!("`{name}` below the path `{path}` is not a method that is read");
            work.notes.tell_at(spot, &reason, "write one of OpenAPI's methods in lower case");
        } else if matches!(node.value, Value::Object(_)) {
            read_operation(work, claims, &Operation { path, path_item, key, spot });
        } else {
            let reason = format!("`{name}` of `{path}` is {}, not an object", with_article(node));
            work.notes.tell_at(spot, &reason, "describe the operation below it");
        }
    }
}

fn read_operation<'l>(work: &mut Work<'l>, claims: &mut Claims, operation: &Operation<'l>) {
    let Operation { path, path_item, key, spot } = *operation;
    if claims.is_full() {
        return work.notes.count(spot, TOO_MANY);
    }
    let root = work.library.root();
    let listed = [spot, path_item, root].into_iter().filter_map(|level| level.get("servers"));
    let servers = listed.into_iter().find(|at| !at.node.items().is_empty());
    let Service { bases, host } = service(&mut work.notes, servers);
    let method = key.text.to_ascii_uppercase();
    let title = match spot.get("operationId").and_then(|at| at.node.as_str()) {
        Some(id) => id.to_owned(),
        None => format!("{method} {path}"),
    };
    if let Some(at) = spot.get("callbacks") {
        work.notes.count(at, CALLBACKS);
    }
    if path.contains(['?', '#']) {
        work.notes.count(spot, QUERY_IN_PATH);
    }
    let request = said_of_request(work, path_item, spot);
    for response in responses_of(work, operation) {
        let mut said = request.clone();
        if let Some(spot) = response.spot {
            say_response(work, &mut said, &method, response.status, spot);
        }
        for base in &bases {
            let path = pattern_of(&format!("{base}{path}"));
            claims.places += said.places.len();
            if claims.is_full() {
                return work.notes.count(spot, TOO_MANY);
            }
            claims.made.push(Claim {
                source: Source {
                    dialect: Dialect::OpenApi,
                    file: spot.file.to_owned(),
                    line: response.line,
                    column: response.column,
                    title: title.clone(),
                },
                strength: Strength::Constraint,
                writer: host.clone(),
                reader: None,
                request: request_of(&method, path),
                status: response.status,
                said: said.clone(),
            });
        }
    }
}

/// The requests spoken of; concrete paths come before templated ones.
fn request_of(method: &str, path: PathPattern) -> SaidRequest {
    let templated = path.segments.iter().filter(|segment| **segment == Segment::Param).count();
    SaidRequest {
        methods: vec![method.to_owned()],
        path,
        query: SaidQuery::Includes,
        priority: i32::try_from(templated).unwrap_or(i32::MAX),
        stateful: false,
    }
}

/// The pattern of a path template, its literal segments percent-decoded.
fn pattern_of(template: &str) -> PathPattern {
    let path = template.split(['?', '#']).next().unwrap_or_default();
    let mut pattern = PathPattern::of_template(path);
    for segment in &mut pattern.segments {
        if let Segment::Literal(text) = segment {
            *text = percent_decode_str(text).decode_utf8_lossy().into_owned();
        }
    }
    pattern
}

fn said_of_request<'l>(work: &mut Work<'l>, path_item: Spot<'l>, operation: Spot<'l>) -> Said {
    let mut said = Said::default();
    let parameters = parameters(work, path_item, operation);
    say_parameters(work, &mut said, &parameters);
    say_security(work, &mut said, operation);
    let Some(body) = operation.get("requestBody").and_then(|at| work.resolve(at)) else {
        return said;
    };
    let is_required = body.get("required").and_then(|at| at.node.as_bool()) == Some(true);
    let presence = if is_required { Presence::Always } else { Presence::Sometimes };
    match body.get("content").filter(|at| !at.node.entries().is_empty()) {
        Some(content) => say_content(work, &mut said, Side::Request, content, presence),
        None => {
            let reason = "a `requestBody` has no `content`: anything counts as admitted";
            work.notes.tell_at(body, reason, "name its media types and schemas");
            said.say_any_body(Side::Request);
        }
    }
    said
}

/// The responses of an operation in the order of the file. Without any there is one that stands for
/// every status and says nothing of the answer.
fn responses_of<'l>(work: &mut Work<'l>, operation: &Operation<'l>) -> Vec<Response<'l>> {
    let Operation { key, spot, .. } = *operation;
    let listed = spot.get("responses");
    let mut responses = Vec::new();
    for (key, node) in listed.map_or(&[][..], |at| at.node.entries()) {
        if key.text.starts_with("x-") {
            continue;
        }
        match status_of(&key.text) {
            Some(status) => {
                let spot = Some(spot.at(node));
                responses.push(Response { status, line: key.line, column: key.column, spot });
            }
            None => {
                let reason = format!("`{}` is not a status", key.text);
                let remedy = "write a number such as 200, a class such as 2XX, or default";
                work.notes.tell_at(spot.at(node), &reason, remedy);
            }
        }
    }
    if responses.is_empty() {
        let reason = "the operation describes no response: nothing is said of its answers";
        work.notes.tell_at(listed.unwrap_or(spot), reason, "describe at least `default`");
        let (line, column) = (key.line, key.column);
        responses.push(Response { status: SaidStatus::Default, line, column, spot: None });
    }
    responses
}

fn status_of(key: &str) -> Option<SaidStatus> {
    match key.as_bytes() {
        b"default" => Some(SaidStatus::Default),
        [class @ b'1'..=b'5', b'X' | b'x', b'X' | b'x'] => Some(SaidStatus::Class(class - b'0')),
        [b'1'..=b'5', _, _] => key.parse().ok().map(SaidStatus::Exactly),
        _ => None,
    }
}

fn say_response<'l>(
    work: &mut Work<'l>,
    said: &mut Said,
    method: &str,
    status: SaidStatus,
    spot: Spot<'l>,
) {
    let Some(response) = work.resolve(spot) else {
        return said.say_any_body(Side::Response);
    };
    if !matches!(response.node.value, Value::Object(_)) {
        work.notes.count(response, NO_VALUE);
    }
    say_response_headers(work, said, response);
    let has_no_body = method == "HEAD"
        || matches!(status, SaidStatus::Exactly(100..=199 | 204 | 304) | SaidStatus::Class(1));
    match response.get("content").filter(|at| !at.node.entries().is_empty()) {
        _ if method == "HEAD" => {}
        Some(content) => say_content(work, said, Side::Response, content, Presence::Always),
        None if has_no_body => {}
        None => said.say_any_body(Side::Response),
    }
}

fn with_article(node: &Node) -> &'static str {
    match node.value {
        Value::Null => "empty",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) | Value::Binary(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
        Value::Computed => "a computed value",
    }
}

#[cfg(test)]
mod tests;
