//! Scripts before and after.

use crate::dialect;
use crate::mend::mend;
use crate::mend::tests_first::mended_first;
use crate::reading::SourceFile;
use plumb_shape::change::{Action, Answer, Change, Reach};
use plumb_shape::place::{Part, Place, Side, Step};

fn body(steps: &[&str]) -> Place {
    let step = |name: &&str| Step::Key((*name).into());
    Place { side: Side::Response, part: Part::Body, steps: steps.iter().map(step).collect() }
}

fn set(steps: &[&str], json: &str) -> Action {
    Action::Set(body(steps), json.to_owned())
}

fn remove(steps: &[&str]) -> Action {
    Action::Remove(body(steps))
}

fn answer(status: u16) -> Action {
    let body = Some("{\"e\":1}".to_owned());
    Action::Answer(Answer { status, media_type: None, body, asked: None })
}

/// What becomes of a script when the answer of its first claim changes.
fn mended(text: &str, change: (Action, Reach)) -> Result<String, String> {
    mended_first(("a.test.ts", text), change)
}

#[track_caller]
fn check(head: &str, before: &str, action: Action, after: &str) {
    let found = mended(&format!("{head}{before}"), (action, Reach::Everywhere));
    assert_eq!(found, Ok(format!("{head}{after}")));
}

const MSW: &str = "import { http, HttpResponse } from 'msw';\n";
const OLD: &str = "import { rest } from 'msw';\n";
const NOCK: &str = "import nock from 'nock';\n";

#[test]
fn a_literal_keeps_quotes_comments_and_commas() {
    let handler = |body: &str| format!("http.get('/a', () => HttpResponse.json({body}));");
    let pretty = handler("{\n  a: 'x', // one\n  b: { c: 1 },\n}");
    let check = |action, body: &str| check(MSW, &pretty, action, &handler(body));
    check(set(&["a"], "\"y\""), "{\n  a: 'y', // one\n  b: { c: 1 },\n}");
    check(set(&["a"], "\"it's\""), "{\n  a: \"it's\", // one\n  b: { c: 1 },\n}");
    check(set(&["d"], "null"), "{\n  a: 'x', // one\n  b: { c: 1 },\n  d: null,\n}");
    check(set(&["b", "d"], "1"), "{\n  a: 'x', // one\n  b: { c: 1, d: 1 },\n}");
    check(set(&["b-c"], "1"), "{\n  a: 'x', // one\n  b: { c: 1 },\n  \"b-c\": 1,\n}");
    check(remove(&["b"]), "{\n  a: 'x', // one\n}");
    check(remove(&["a"]), "{\n  b: { c: 1 },\n}");
}

#[test]
fn a_name_is_changed_where_it_has_its_value() {
    let before = "const one = { a: 1 };\nhttp.get('/a', () => HttpResponse.json(one));";
    check(MSW, before, set(&["a"], "\"1\""), &before.replace("a: 1", "a: \"1\""));
    // What comes from elsewhere is not taken apart.
    for body in ["{ ...one, b: 1 }", "{ one }", "{ b: one }"] {
        let text = format!("{MSW}const one = {{ a: 1 }};\n{}", {
            before
                .replace("json(one)", &format!("json({body})"))
                .replace("const one = { a: 1 };", "")
        });
        let path: &[&str] = if body.starts_with("{ .") { &["a"] } else { &["one", "a"] };
        let found = mended(&text, (set(path, "2"), Reach::Everywhere));
        assert!(found.is_err_and(|why| why.contains("nothing at this place")), "{body}");
    }
}

#[test]
fn a_status_is_written_where_there_is_room() {
    let json = |rest: &str| format!("http.get('/a', () => HttpResponse.json({rest}));");
    check(MSW, &json("{ a: 1 }"), answer(404), &json("{\"e\": 1}, { status: 404 }"));
    check(
        MSW,
        &json("{ a: 1 }, { status: 200 }"),
        answer(404),
        &json("{\"e\": 1}, { status: 404 }"),
    );
    let old = |rest: &str| format!("rest.get('/a', (req, res, ctx) => res({rest}));");
    check(
        OLD,
        &old("ctx.status(200), ctx.json({ a: 1 })"),
        answer(404),
        &old("ctx.status(404), ctx.json({\"e\": 1})"),
    );
    let found =
        mended(&format!("{OLD}{}", old("ctx.json({ a: 1 })")), (answer(404), Reach::Everywhere));
    assert!(found.is_err_and(|why| why.contains("no room")));
    let nock = |rest: &str| format!("nock('http://h').get('/a').reply({rest});");
    check(NOCK, &nock("200, { a: 1 }"), answer(404), &nock("404, {\"e\": 1}"));
}

#[test]
fn a_body_in_a_text_and_headers_are_edited() {
    let nock = |rest: &str| format!("nock('http://h').get('/a').reply(200, {rest});");
    check(NOCK, &nock("'{\"a\": 1}'"), set(&["a"], "2"), &nock("'{\"a\": 2}'"));
    check(NOCK, &nock("'{\"a\": 1}'"), set(&["a"], "\"it's\""), &{
        nock("\"{\\\"a\\\": \\\"it's\\\"}\"")
    });
    check(NOCK, &nock("`{\n \"a\": 1\n}`"), set(&["a"], "2"), &nock("`{\n \"a\": 2\n}`"));
    check(NOCK, &nock("JSON.stringify({ a: 1 })"), set(&["a"], "2"), &{
        nock("JSON.stringify({ a: 2 })")
    });
    let header = Place::named(Side::Response, Part::Header, "etag");
    check(
        NOCK,
        &nock("{}, { ETag: '1', b: '2' }"),
        Action::Remove(header.clone()),
        &nock("{}, { b: '2' }"),
    );
    let new = Action::Set(header, "\"x\"".to_owned());
    check(NOCK, &nock("{}, { b: '2' }"), new.clone(), &nock("{}, { b: '2', etag: \"x\" }"));
    let found = mended(&format!("{NOCK}{}", nock("{}")), (new, Reach::Everywhere));
    assert!(found.is_err_and(|why| why.contains("not written")));
}

#[test]
fn the_result_of_a_mock_is_edited_where_it_stands() {
    const APOLLO: &str = "import { MockedProvider } from '@apollo/client/testing';\n\
                          const R = { kind: 'Document', definitions: [{ name: { value: 'R' }, \
                          kind: 'OperationDefinition', operation: 'query' }] };\n";
    let mock = |result: &str| format!("f({{ request: {{ query: R }}, result: {result} }});");
    let check = |before: &str, action, after: &str| {
        check(APOLLO, &mock(before), action, &mock(after));
    };
    check("{ data: { a: 'x' } }", set(&["data", "a"], "\"y\""), "{ data: { a: 'y' } }");
    check("() => ({ data: { a: 1 } })", set(&["data", "b"], "[]"), {
        "() => ({ data: { a: 1, b: [] } })"
    });
    check("jest.fn(() => ({ data: null }))", set(&["data"], "{\"a\":1}"), {
        "jest.fn(() => ({ data: {\"a\": 1} }))"
    });
    check("{ data: { a: 1 }, errors: [] }", remove(&["errors"]), "{ data: { a: 1 } }");
    let found =
        mended(&format!("{APOLLO}{}", mock("{ data: 1 }")), (answer(500), Reach::Everywhere));
    assert!(found.is_err_and(|why| why.contains("no room")));
}

#[test]
fn a_body_in_parts_is_edited_within_them() {
    const GRAPHQL: &str = "import { graphql } from 'msw';\n";
    let handler = |answer: &str| {
        format!("graphql.query('A', (req, res, ctx) => res(ctx.status(200), {answer}));")
    };
    let before = "ctx.data({ a: { b: 'x' } }), ctx.errors([{ c: 1 }])";
    let check = |action, after: &str| check(GRAPHQL, &handler(before), action, &handler(after));
    check(set(&["data", "a", "b"], "1"), "ctx.data({ a: { b: 1 } }), ctx.errors([{ c: 1 }])");
    check(set(&["data", "d"], "1"), "ctx.data({ a: { b: 'x' }, d: 1 }), ctx.errors([{ c: 1 }])");
    check(set(&["data"], "null"), "ctx.data(null), ctx.errors([{ c: 1 }])");
    check(remove(&["data", "a"]), "ctx.data({}), ctx.errors([{ c: 1 }])");
    let each = Action::Remove(body(&["errors"]).child(Step::Item).child(Step::Key("c".into())));
    check(each, "ctx.data({ a: { b: 'x' } }), ctx.errors([{}])");
    for action in [remove(&["errors"]), set(&["extensions"], "{}"), set(&[], "1"), answer(404)] {
        let found = mended(&format!("{GRAPHQL}{}", handler(before)), (action, Reach::Everywhere));
        assert!(found.is_err_and(|why| why.contains("put together")));
    }
}

#[test]
fn a_case_is_left_to_the_code() {
    let text = format!("{NOCK}nock('http://h').get('/a').reply(200, {{ a: 1 }});");
    let found = mended(&text, (set(&["a"], "null"), Reach::NewCase));
    assert!(found.is_err_and(|why| why.contains("is code")));
}

#[test]
fn recorded_headers_stand_in_turn() {
    let recorded = |response: &str, headers: &str| {
        format!(
            "[{{\"scope\":\"http://h:80\",\"method\":\"GET\",\"path\":\"/\",\"status\":200,\
             \"response\":{response},\"rawHeaders\":{headers}}}]"
        )
    };
    let check = |before: &str, (action, reach): (Action, Reach), after: &str| {
        let text = recorded("{\"a\":1}", before);
        let file = SourceFile { path: "a.json", bytes: text.as_bytes() };
        let claim = dialect::read(&file, &|_| None).claims[0].source.clone();
        let mended = mend(&file, &[&Change { claim, action, reach }], &|_| None);
        assert_eq!(mended.files["a.json"], recorded("{\"a\":1}", after));
    };
    let header = Place::named(Side::Response, Part::Header, "etag");
    let gone = || (Action::Remove(header.clone()), Reach::Everywhere);
    check(r#"["ETag","1","b","2"]"#, gone(), r#"["b","2"]"#);
    check(r#"["b","2","ETag","1"]"#, gone(), r#"["b","2"]"#);
    check(r#"["ETag","1"]"#, gone(), "[]");
    let new = (Action::Set(header.clone(), "\"x\"".to_owned()), Reach::Everywhere);
    check(r#"["b","2"]"#, new.clone(), r#"["b","2","etag", "x"]"#);
    check(r#"["ETag","2"]"#, new, r#"["ETag","x"]"#);
}
