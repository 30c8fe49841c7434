//! Requests in blocks before and after.

use crate::dialect;
use crate::mend::tests_first::mended_first;
use crate::reading::SourceFile;
use plumb_shape::change::{Action, Answer, Reach};
use plumb_shape::place::{Part, Place, Side, Step};

const PATH: &str = "orders/create.bru";

const BEFORE: &str = r#"meta {
  name: create
}

post {
  url: {{base}}/orders
}

example {
  name: created

  request: {
    url: {{base}}/orders
    method: post
    body:json: {
      {
        "sku": "{{sku}}"
      }
    }
  }

  response: {
    headers: {
      Content-Type: application/json
      ~x-off: 1
    }

    status: {
      code: 201
      text: Created
    }

    body: {
      type: json
      content: '''
        {
          "id": 7,
          "note": "a"
        }
      '''
    }
  }
}

script:post-response {
  done()
}
"#;

fn at(side: Side, part: Part, names: &[&str]) -> Place {
    let step = |name: &&str| Step::Key((*name).into());
    Place { side, part, steps: names.iter().map(step).collect() }
}

fn body(names: &[&str]) -> Place {
    at(Side::Response, Part::Body, names)
}

fn set(place: Place, json: &str) -> Action {
    Action::Set(place, json.to_owned())
}

fn answer(status: u16, body: &str) -> Action {
    Action::Answer(Answer { status, media_type: None, body: Some(body.to_owned()), asked: None })
}

/// What becomes of a file when the answer of its first claim changes.
fn mended(text: &str, action: Action, reach: Reach) -> Result<String, String> {
    mended_first((PATH, text), (action, reach))
}

#[track_caller]
fn check(before: &str, action: Action, (old, new): (&str, &str)) {
    assert!(before.contains(old), "{old}");
    let after = before.replacen(old, new, 1);
    let crlf = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(mended(before, action.clone(), Reach::Everywhere), Ok(after.clone()));
    if !new.contains('\n') {
        assert_eq!(mended(&crlf(before), action, Reach::Everywhere), Ok(crlf(&after)));
    }
}

#[test]
fn a_body_changes_at_one_place() {
    check(BEFORE, set(body(&["id"]), "\"7\""), ("\"id\": 7", "\"id\": \"7\""));
    check(BEFORE, set(body(&["note"]), "\"it's\""), ("\"a\"", "\"it's\""));
    check(BEFORE, set(body(&["n"]), "null"), ("\"a\"", "\"a\",\n          \"n\": null"));
    check(BEFORE, Action::Remove(body(&["id"])), ("\"id\": 7,\n          ", ""));
    let sent = at(Side::Request, Part::Body, &["sku"]);
    check(BEFORE, set(sent, "1"), ("\"{{sku}}\"", "1"));
}

#[test]
fn bodies_of_older_versions_stand_between_the_braces() {
    let old =
        BEFORE.replace("      type: json\n      content: '''\n", "").replace("      '''\n", "");
    check(&old, set(body(&["id"]), "\"7\""), ("\"id\": 7", "\"id\": \"7\""));
}

#[test]
fn headers_are_lines() {
    let header = |name: &str| at(Side::Response, Part::Header, &[name]);
    let gone = || Action::Remove(header("content-type"));
    let line = "      Content-Type: application/json\n";
    let text = "text/html; charset=utf-8";
    let typed = set(header("content-type"), &format!("\"{text}\""));
    check(BEFORE, typed, ("application/json", text));
    let new = "~x-off: 1\n      x-on: a: 1";
    check(BEFORE, set(header("x-on"), "\"a: 1\""), ("~x-off: 1", new));
    check(BEFORE, gone(), (line, ""));
    let one = BEFORE.replace("      ~x-off: 1\n", "");
    check(&one, gone(), (line, ""));
    let empty = one.replace(line, "");
    check(&empty, set(header("x"), "\"1\""), ("headers: {", "headers: {\n      x: 1"));
    let none = empty.replace("    headers: {\n    }\n\n", "");
    let tail = "      '''\n    }";
    let new = "      '''\n    }\n    headers: {\n      x: 1\n    }";
    check(&none, set(header("x"), "\"1\""), (tail, new));
}

#[test]
fn another_status_brings_its_words() {
    let found = mended(BEFORE, answer(409, "{\"error\":1}"), Reach::Everywhere).unwrap();
    assert!(found.contains("code: 409\n      text: Conflict\n"), "{found}");
    assert!(found.contains("        {\n          \"error\": 1\n        }\n      '''"), "{found}");
    let turned = BEFORE.replace("code: 201\n      text: Created", "code: Created\n      text: 201");
    let found = mended(&turned, answer(409, "{}"), Reach::Everywhere).unwrap();
    assert!(found.contains("code: Conflict\n      text: 409\n"), "{found}");
}

#[test]
fn a_case_is_one_more_example() {
    let found = mended(BEFORE, set(body(&["id"]), "null"), Reach::NewCase).unwrap();
    let case = found.strip_prefix(BEFORE).unwrap();
    let example = BEFORE.split_once("example {").unwrap().1.split_once("\n\nscript").unwrap().0;
    let expected = example.replace("name: created", "name: created-case-1").replace('7', "null");
    assert_eq!(case, format!("\nexample {{{expected}\n"));
    let file = SourceFile { path: PATH, bytes: found.as_bytes() };
    assert_eq!(dialect::read(&file, &|_| None).claims.len(), 2);
}

#[test]
fn what_is_no_json_stays() {
    let computed = BEFORE.replace("7,", "{{id}},");
    let found = mended(&computed, set(body(&["note"]), "1"), Reach::Everywhere);
    assert!(found.unwrap_err().contains("no JSON as it is written"));
    let query = at(Side::Request, Part::Query, &["page"]);
    assert!(mended(BEFORE, set(query, "\"\""), Reach::Everywhere).is_err());
}

#[test]
fn a_block_that_nothing_closes_is_no_fault() {
    for end in 0..BEFORE.len() {
        let cut = &BEFORE[..end];
        let file = SourceFile { path: PATH, bytes: cut.as_bytes() };
        if dialect::read(&file, &|_| None).claims.is_empty() {
            continue;
        }
        if let Ok(found) = mended(cut, set(body(&["id"]), "null"), Reach::Everywhere) {
            assert_eq!(found, cut.replacen("\"id\": 7", "\"id\": null", 1));
        }
    }
}
