//! Descriptions that are read, and those that are not: nothing is passed over in silence.

use super::*;
use crate::compared::File;
use crate::openapi::document::gather;

/// What stands before the paths of a description.
const HEAD: &str = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n";

fn file(name: &str, text: &str) -> File {
    File { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

/// Reads one file; whether there is anything to compare, the operations, and what is not read.
fn subjects(text: &str) -> (bool, Vec<String>, Vec<String>) {
    let documents = gather("api.yaml", &[file("api.yaml", text)]);
    let interface = read(&documents);
    let unread = interface.unread.iter();
    let unread = unread.map(|it| format!("{}:{} {}", it.line, it.column, it.reason)).collect();
    let subjects = interface.operations.iter().map(Operation::subject).collect();
    (interface.is_read, subjects, unread)
}

#[track_caller]
fn check(text: &str, expected: &[&str], unread: &[&str]) {
    let (_, subjects, found) = subjects(text);
    assert_eq!(subjects, expected, "{text}");
    assert_eq!(found, unread, "{text}");
}

#[test]
fn operations_are_found_wherever_they_stand() {
    let paths = "paths:\n  /a/{id}:\n    get: {responses: {}, x: 1}\n    query: {x: 1}\n    \
                 additionalOperations: {COPY: {x: 1}}\nwebhooks:\n  paid: {post: {x: 1}}\n";
    let expected = ["GET /a/{id}", "QUERY /a/{id}", "COPY /a/{id}", "webhook paid POST "];
    check(&format!("{HEAD}{paths}"), &expected, &[]);
    let callback = "paths: {/a: {get: {callbacks: {c: {'{$url}': {put: {x: 1}}}}}}}";
    check(&format!("{HEAD}{callback}"), &["GET /a", "GET /a callback c PUT {$url}"], &[]);
    check("swagger: '2.0'\npaths: {/a: {get: {x: 1}}}", &["GET /a"], &[]);
}

#[test]
fn callbacks_within_callbacks_end() {
    let item = "{get: {callbacks: {c: {'{$url}': {$ref: '#/paths/~1a'}}}}}";
    let (is_read, subjects, unread) = subjects(&format!("{HEAD}paths: {{/a: {item}}}"));
    assert!(is_read);
    assert_eq!(subjects.len(), 1 + CALLBACKS_DEEP_MAX);
    assert_eq!(unread, ["3:31 callbacks stand too deep within callbacks"]);
}

#[test]
fn what_is_no_description_is_told() {
    let whole = |text: &str, reason: &str| {
        let (is_read, _, unread) = subjects(text);
        assert_eq!((is_read, unread.as_slice()), (false, &[reason.to_owned()][..]), "{text}");
    };
    whole("a: 1", "1:1 the document says neither `openapi` nor `swagger`");
    whole("openapi: 4.0.0\npaths: {}", "1:10 version `4.0.0` is not read");
    whole("swagger: '1.2'\npaths: {}", "1:10 version `1.2` is not read");
    whole("openapi: 3.0.0", "1:1 there are no `paths`, so no operation is described");
    whole("", "1:1 the file is empty");
    whole("a: [", "2:1 while parsing a node, did not find expected node content");
}

#[test]
fn parts_that_are_not_read_are_told_at_their_line() {
    let check = |path: &str, reason: &str| {
        let text = format!("{HEAD}paths:\n  /a:\n    get:\n      {path}\n");
        let (is_read, _, unread) = subjects(&text);
        assert!(is_read, "{text}");
        assert_eq!(unread, [reason.to_owned()], "{text}");
    };
    check("responses: {'600': {}}", "6:26 `600` is not a status");
    check("responses: []", "6:18 `responses` is array, not an object");
    check("parameters: [{name: a}]", "6:20 a parameter has no `name` or no `in`");
    check("parameters: [{name: a, in: body}]", "6:20 a parameter is in `body`");
    check("requestBody: {$ref: '#/none'}", "6:27 `#/none` leads to nothing");
    check("requestBody: {x: 1}", "6:20 a `requestBody` has no `content`");
    check("security: [{k: []}]", "6:18 the security scheme `k` is not defined");
    check("servers: [{x: 1}]", "6:17 a server has no `url`");
    let style = "parameters: [{name: a, in: query, style: odd}]";
    check(style, "6:20 the style `odd` is not known");
}

#[test]
fn files_are_read_as_far_as_they_are_referred_to() {
    let root = format!("{HEAD}paths: {{/a: {{$ref: 'paths/a.yaml'}}}}");
    let path = "get: {parameters: [{$ref: '../parameters.yaml#/q'}]}";
    let parameters = "q: {name: q, in: query}\n";
    let files = [
        file("spec/api.yaml", &root),
        file("spec/paths/a.yaml", path),
        file("spec/parameters.yaml", parameters),
        file("spec/other.yaml", "a: [broken"),
    ];
    let documents = gather("spec/api.yaml", &files);
    let interface = read(&documents);
    assert_eq!(interface.unread, []);
    let operation = &interface.operations[0];
    assert_eq!((operation.subject().as_str(), operation.parameters.len()), ("GET /a", 1));
    assert_eq!(operation.parameters[0].at.place().file, "spec/parameters.yaml");
}

#[test]
fn what_nothing_tells_apart_is_told_once() {
    let item = "{get: {x: 1}}";
    let twice = format!("{HEAD}paths:\n  /a/{{x}}: {item}\n  /a/{{y}}: {item}\n");
    let told = "5:17 another path of the same form has this method";
    check(&twice, &["GET /a/{x}"], &[told]);
    let content = "{application/json: {}, 'application/json; charset=utf-8': {}}";
    let body = format!("{HEAD}paths: {{/a: {{put: {{requestBody: {{content: {content}}}}}}}}}");
    check(&body, &["PUT /a"], &["3:101 `application/json` is described twice"]);
}
