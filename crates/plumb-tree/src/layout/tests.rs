//! Edits of laid out files: by hand, and any edit of any document as a law.

use super::*;
use crate::edit::apply;
use crate::json::parse_json;
use crate::read::parse;
use proptest::prelude::*;

fn node(json: &str) -> Node {
    parse_json(json.as_bytes()).unwrap().documents.remove(0)
}

fn tree(text: &str) -> Node {
    parse("a", text.as_bytes()).unwrap().documents.remove(0)
}

/// Edits the value at `path`, and prints the file.
#[track_caller]
fn check(
    text: &str,
    path: &[&str],
    edit: impl Fn(Layout<'_>, &Node) -> Option<Edit>,
    expected: &str,
) {
    let root = tree(text);
    let at = root.path(path).unwrap();
    let edit = edit(Layout::of(text), at).unwrap();
    let (edited, left_out) = apply(text, vec![edit]);
    assert_eq!((edited.as_str(), left_out), (expected, vec![]));
    parse("a", edited.as_bytes()).unwrap();
}

const PRETTY: &str = "{\n  \"a\": 1, // one\n  \"b\": {\n    \"c\": [1, 2]\n  }\n}\n";
const LINES: &str = "a:\n- b: 1\n  c: x # note\n\n- b: 2\n# end\nd: {}\ne:\n";

#[test]
fn members_go_with_their_line() {
    let remove = |at| move |layout: Layout<'_>, node: &Node| layout.remove_member(node, at);
    check(PRETTY, &[], remove(1), "{\n  \"a\": 1 // one\n}\n");
    check(PRETTY, &["b"], remove(0), &PRETTY.replace("{\n    \"c\": [1, 2]\n  }", "{}"));
    check("{\"a\":1,\"b\":2}", &[], remove(0), "{\"b\":2}");
    check("{\"a\":1, \"b\":2}", &[], remove(1), "{\"a\":1}");
    check(LINES, &[], remove(1), &LINES.replace("d: {}\n", ""));
    check(LINES, &[], remove(2), &LINES.replace("\ne:\n", "\n"));
    check("a: 1\nb: 2\n", &[], remove(0), "b: 2\n");
    check("a: 1\n", &[], remove(0), "{}\n");
}

#[test]
fn notes_stay_with_what_they_are_about() {
    let one = node("1");
    let insert = |layout: Layout<'_>, node: &Node| Some(layout.insert_member(node, "c", &one));
    let append = |layout: Layout<'_>, node: &Node| layout.append_element(node, "1");
    let last = "{\n  \"a\": 1, // one\n  \"b\": 2 // two\n}\n";
    let more = "{\n  \"a\": 1, // one\n  \"b\": 2, // two\n  \"c\": 1\n}\n";
    check(last, &[], insert, more);
    let remove = |layout: Layout<'_>, node: &Node| layout.remove_member(node, 1);
    check(last, &[], remove, "{\n  \"a\": 1 // one\n}\n");
    check("a: 1 # one\nb: 2\n", &[], remove, "a: 1 # one\n");
    check("x:\n  a: 1 # one\ny: 2\n", &["x"], insert, "x:\n  a: 1 # one\n  c: 1\ny: 2\n");
    check("x:\n  - 1 # one\ny: 2\n", &["x"], append, "x:\n  - 1 # one\n  - 1\ny: 2\n");
}

#[test]
fn several_members_go_at_once() {
    let text = "{\"a\": 1, \"b\": 2, \"c\": 3, \"d\": 4}";
    for (gone, expected) in [
        (vec![0, 1], "{\"c\": 3, \"d\": 4}"),
        (vec![0, 2], "{\"b\": 2, \"d\": 4}"),
        (vec![2, 3], "{\"a\": 1, \"b\": 2}"),
        (vec![1, 3], "{\"a\": 1, \"c\": 3}"),
        (vec![0, 1, 2, 3], "{}"),
        (vec![], text),
    ] {
        let edits = Layout::of(text).remove_members(&tree(text), &gone);
        let (edited, left_out) = apply(text, edits);
        assert_eq!((edited.as_str(), left_out.len()), (expected, 0), "{gone:?}");
    }
}

#[test]
fn what_is_new_is_laid_out_as_what_stands_beside_it() {
    let json = node("{\"x\":[1,{}]}");
    let insert =
        |layout: Layout<'_>, node: &Node| Some(layout.insert_member(node, "new key", &json));
    let laid_out = "1, // one\n  \"b\": {\n    \"c\": [1, 2],\n    \"new key\": {\n      \
                    \"x\": [\n        1,\n        {}\n      ]\n    }\n  }\n}\n";
    check(PRETTY, &["b"], insert, &format!("{{\n  \"a\": {laid_out}"));
    check("{\"a\":1}", &[], insert, "{\"a\":1,\"new key\":{\"x\":[1,{}]}}");
    check("{\"a\": 1, \"b\": 2}", &[], insert, "{\"a\": 1, \"b\": 2, \"new key\": {\"x\":[1,{}]}}");
    check(LINES, &["d"], insert, &LINES.replace("{}", "{\"new key\": {\"x\":[1,{}]}}"));
    check(LINES, &["e"], insert, &LINES.replace("e:", "e: {\"new key\": {\"x\":[1,{}]}}"));
    check(
        "a:\n  b: 1\nc: 2\n",
        &["a"],
        insert,
        "a:\n  b: 1\n  \"new key\":\n    x: [1,{}]\nc: 2\n",
    );
    check(
        "x: { a: 1 }",
        &["x"],
        |layout, node| Some(layout.insert_member(node, "b", &json)),
        "x: { a: 1, b: {\"x\":[1,{}]} }",
    );
    let word = |layout: Layout<'_>, node: &Node| {
        Some(layout.insert_member(
            node,
            "b",
            &parse_json(br#"{"c": {"d": "x", "e": "no"}}"#).unwrap().documents[0],
        ))
    };
    check("a: 1\n", &[], word, "a: 1\nb:\n  c:\n    d: x\n    e: \"no\"\n");
}

#[test]
fn elements_come_and_go() {
    let append = |layout: Layout<'_>, node: &Node| layout.append_element(node, "{}");
    check(PRETTY, &["b", "c"], append, &PRETTY.replace("[1, 2]", "[1, 2, {}]"));
    check(LINES, &["a"], append, &LINES.replace("- b: 2\n", "- b: 2\n- {}\n"));
    let remove = |at| move |layout: Layout<'_>, node: &Node| layout.remove_element(node, at);
    check(PRETTY, &["b", "c"], remove(0), &PRETTY.replace("[1, 2]", "[2]"));
    check(LINES, &["a"], remove(1), &LINES.replace("- b: 2\n", ""));
}

#[test]
fn a_value_is_replaced_where_it_stands() {
    let replace = |layout: Layout<'_>, at: &Node| Some(layout.replace(at, &node("[\"x\"]")));
    check(PRETTY, &["a"], replace, &PRETTY.replace(": 1,", ": [\n    \"x\"\n  ],"));
    check(LINES, &["d"], replace, &LINES.replace("{}", "[\"x\"]"));
    check(LINES, &["e"], replace, &LINES.replace("e:", "e: [\"x\"]"));
}

#[test]
fn edits_that_overlap_are_given_back() {
    let edit = |start, end| Edit { start, end, text: "x".to_owned() };
    let (text, left_out) = apply("abcdef", vec![edit(2, 4), edit(0, 1), edit(3, 5)]);
    assert_eq!((text.as_str(), left_out), ("xbxef", vec![edit(3, 5)]));
}

/// A document, pretty, compact, or as lines of YAML.
fn document() -> impl Strategy<Value = (String, Node)> {
    let leaf = prop_oneof![Just("1"), Just("\"x y\""), Just("null"), Just("[]"), Just("{}")];
    let value = leaf.prop_map(str::to_owned).prop_recursive(3, 16, 4, |inner| {
        let members = prop::collection::btree_map("[a-d]{1,2}", inner.clone(), 1..4);
        let object = members.prop_map(|members| {
            let members: Vec<_> = members.iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
            format!("{{{}}}", members.join(","))
        });
        let array =
            prop::collection::vec(inner, 1..4).prop_map(|all| format!("[{}]", all.join(",")));
        prop_oneof![object, array]
    });
    (value, 0..3_u8).prop_map(|(json, style)| {
        let json = node(&format!("{{\"root\":{json}}}"));
        let text = match style {
            0 => laid_out(&json, "  ", ""),
            1 => json.to_json_text(),
            _ => lines(&json, 0),
        };
        (text, json)
    })
}

/// JSON as YAML in lines.
fn lines(json: &Node, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match &json.value {
        Value::Object(entries) if !entries.is_empty() => entries
            .iter()
            .map(|(key, value)| match &value.value {
                Value::Object(inner) if !inner.is_empty() => {
                    format!("{indent}{}:\n{}", key.text, lines(value, depth + 1))
                }
                Value::Array(inner) if !inner.is_empty() => {
                    format!("{indent}{}:\n{}", key.text, lines(value, depth))
                }
                _ => format!("{indent}{}: {}\n", key.text, value.to_json_text()),
            })
            .collect(),
        Value::Array(items) if !items.is_empty() => items
            .iter()
            .map(|item| {
                let nested = lines(item, depth + 1);
                let first = nested.trim_start_matches(' ');
                format!("{indent}- {first}")
            })
            .collect(),
        _ => format!("{indent}{}\n", json.to_json_text()),
    }
}

/// Every collection of a tree.
fn collections(node: &Node) -> Vec<&Node> {
    let below = node.items().iter().chain(node.entries().iter().map(|(_, value)| value));
    let own = matches!(node.value, Value::Object(_) | Value::Array(_)).then_some(node);
    own.into_iter().chain(below.flat_map(collections)).collect()
}

proptest! {
    #[test]
    fn an_edit_changes_the_tree_just_there(
        (text, _) in document(),
        which in any::<prop::sample::Index>(),
        part in any::<prop::sample::Index>(),
        remove in any::<bool>(),
    ) {
        let root = tree(&text);
        let all = collections(&root);
        let at = which.index(all.len());
        let layout = Layout::of(&text);
        let json = node("{\"new\":[1]}");
        let size = all[at].items().len() + all[at].entries().len();
        let edit = match (&all[at].value, remove && size > 0) {
            (Value::Object(_), true) => layout.remove_member(all[at], part.index(size)),
            (Value::Object(_), false) => Some(layout.insert_member(all[at], "new", &json)),
            (_, true) => layout.remove_element(all[at], part.index(size)),
            (_, false) => layout.append_element(all[at], &json.to_json_text()),
        };
        let Some(edit) = edit else { return Ok(()) };
        let (edited, _) = apply(&text, vec![edit]);
        let mut expected = root.clone();
        let part = remove.then(|| part.index(size.max(1)));
        change(&mut expected, &mut at.clone(), size, part, &json);
        let parsed = parse("a", edited.as_bytes());
        prop_assert!(parsed.is_ok(), "{text}\n--\n{edited}\n{parsed:?}");
        let (edited, expected) = (tree(&edited).to_json_text(), expected.to_json_text());
        prop_assert_eq!(edited, expected, "{}", text);
    }
}

/// The same change to the tree itself, at the collection `at` in order of reading.
fn change(node: &mut Node, at: &mut usize, size: usize, remove: Option<usize>, json: &Node) {
    let is_here = *at == 0;
    match &mut node.value {
        Value::Object(entries) if is_here => match remove.filter(|_| size > 0) {
            Some(part) => drop(entries.remove(part)),
            None => {
                let key = Key { text: "new".to_owned(), line: 0, column: 0, start: 0, end: 0 };
                entries.push((key, json.clone()));
            }
        },
        Value::Array(items) if is_here => match remove.filter(|_| size > 0) {
            Some(part) => drop(items.remove(part)),
            None => items.push(json.clone()),
        },
        Value::Object(entries) => {
            *at -= 1;
            for (_, value) in entries {
                if is_passed(value, at) {
                    return change(value, at, size, remove, json);
                }
            }
        }
        Value::Array(items) => {
            *at -= 1;
            for value in items {
                if is_passed(value, at) {
                    return change(value, at, size, remove, json);
                }
            }
        }
        _ => {}
    }
}

/// True when the collection sought lies in this value; counts past the value otherwise.
fn is_passed(value: &Node, at: &mut usize) -> bool {
    let inside = collections(value).len();
    if *at < inside {
        return true;
    }
    *at -= inside;
    false
}
