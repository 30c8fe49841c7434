//! Schemas as files: witnesses, places, and what cannot be read.

use super::*;

fn file(text: &str) -> File {
    File { name: "a.graphql".to_owned(), bytes: text.as_bytes().to_vec() }
}

#[track_caller]
fn check_witness(old: &str, new: &str, expected: (&str, &str)) {
    let found = changes(&file(old), &file(new));
    assert_eq!(found.unread, []);
    let broken = found.changes.iter().find(|change| change.rule == expected.0).unwrap();
    assert_eq!(broken.witness.as_deref(), Some(expected.1));
}

#[test]
fn a_witness_is_the_smallest_that_worked() {
    let schema = |order: &str| {
        format!(
            "type Query {{ a(id: ID!): U }} union U = A | B type B {{ c: Int }} \
             type A {{ {order} }} enum E {{ X }} input I {{ e: E! n: [Int!]! more: I }}"
        )
    };
    check_witness(
        &schema("x(i: I!): B"),
        &schema("y: Int"),
        (
            "field-removed",
            "query { a(id: \"\") { ... on A { x(i: {e: X, n: []}) { __typename } } } }",
        ),
    );
    check_witness(
        &schema("x(i: I): B"),
        &schema("x(i: String): B"),
        (
            "argument-type-changed",
            "query ($v: I) { a(id: \"\") { ... on A { x(i: $v) { __typename } } } }",
        ),
    );
    check_witness(
        &schema("x(i: I): B"),
        &schema("x(i: I): B").replace("more: I", ""),
        ("input-field-removed", "{e: X, more: {e: X, n: []}, n: []}"),
    );
}

#[test]
fn a_change_stands_at_the_lines_that_make_it() {
    let old = "\"the shop\"\ntype Query {\n  a: Int!\n}\n";
    let found = changes(&file(old), &file("\n\ntype Query { b: Int\n   a: Int }"));
    let broken = found.changes.iter().find(|change| change.rule == "field-nullable").unwrap();
    let at = |spot: &Option<crate::change::Spot>| spot.as_ref().map(|it| (it.line, it.column));
    assert_eq!((at(&broken.old), at(&broken.new)), (Some((3, 3)), Some((4, 4))));
}

#[test]
fn a_change_of_what_a_server_tells_stands_at_its_name() {
    let told = |kind: &str| File {
        name: "told.json".to_owned(),
        bytes: format!(
            "{{\"__schema\": {{\"queryType\": {{\"name\": \"Query\"}}, \"types\": [{{\n\
               \"kind\": \"OBJECT\", \"name\": \"Query\", \"fields\": [\n\
               {{\"name\": \"a\", \"type\": {{\"kind\": \"SCALAR\", \"name\": \"{kind}\"}}}},\n\
               {{\"name\": \"b\", \"type\": {{\"kind\": \"LIST\", \"ofType\": null}}}}]}}]}}}}"
        )
        .into_bytes(),
    };
    let found = changes(&file("type Query {\n  a: Int\n}"), &told("String"));
    let at = |spot: &Option<crate::change::Spot>| spot.as_ref().map(|it| (it.line, it.column));
    let places: Vec<_> =
        found.changes.iter().map(|one| (one.rule, at(&one.old), at(&one.new))).collect();
    assert_eq!(places, [("field-type-changed", Some((2, 3)), Some((3, 10)))]);
    let unread: Vec<_> =
        found.unread.iter().map(|one| (one.line, one.column, one.reason.as_str())).collect();
    let reason = "1 names or types of the result are not told to their end";
    assert_eq!(unread, [(1, 14, reason)]);
}

#[track_caller]
fn check_unread(text: &str, expected: &[(u32, u32)]) {
    let found = changes(&file(text), &file(text));
    let told: Vec<(u32, u32)> = found.unread.iter().map(|one| (one.line, one.column)).collect();
    assert_eq!((told.as_slice(), found.changes.as_slice()), (expected, &[][..]), "{found:?}");
}

#[test]
fn a_broken_definition_hides_no_other() {
    check_unread("type Query { a: Int }\n", &[]);
    check_unread("type Query { a: Int }\n\n  type B { a Int }\n", &[(3, 14)]);
    check_unread("type Query { a: Int }\nquery { a }\n", &[(2, 1)]);
    check_unread("type A { a: Int }\nenum A { B }\n", &[(2, 1)]);
    check_unread("type A { a: Int", &[(1, 16)]);
    let deep = format!("type A {{ a: {}Int{} }}", "[".repeat(9_000), "]".repeat(9_000));
    check_unread(&deep, &[(1, 62)]);
    let rest = [
        "interface N implements B & C @x { a: Int }",
        "directive @a(b: [Int!]! = [1]) repeatable on | FIELD | VARIABLE_DEFINITION",
        "extend schema @link(url: \"\") { mutation: M }",
        "type A implements & B { \"it\" a(b: E = X, c: I = {d: [1]}): Int @d(e: null) }",
        "enum E { \"\"\"x\"\"\" A @d B }",
        "input I @d { a: Int = 1 @d }",
        "union U @d = | A | B",
        "scalar S @specifiedBy(url: \"https://a.io\")",
        "type T",
    ];
    check_unread(&rest.join("\n"), &[]);
}
