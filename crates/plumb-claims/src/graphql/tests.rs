//! What operations of GraphQL say, in documents and in scripts.

use crate::dialect::read;
use crate::reading::SourceFile;
use crate::tests_print::print;

const SCHEMA: &str = "type Query { me: User } type User { id: ID!, role: Role!, tags: [String!] } \
                      enum Role { ADMIN MEMBER }";

#[track_caller]
fn check(path: &str, text: &str, expected: &str) {
    let file = SourceFile { path, bytes: text.as_bytes() };
    let beside = |path: &str| match path {
        "web/.graphqlrc.yml" => Some(b"schema: ../api/api.graphql\n".to_vec()),
        "web/src/user.gql" => Some(b"fragment U on User { role }".to_vec()),
        "api/api.graphql" | "app/schema.graphql" => Some(SCHEMA.as_bytes().to_vec()),
        _ => None,
    };
    assert_eq!(print(&read(&file, &beside)), expected, "{text}");
}

/// What is said of an operation, whose fields are these.
fn said(head: &str, title: &str, fields: &str) -> String {
    format!(
        "{head} -> 200\n  called {title}\n  \
         request $: sometimes all, anything beneath\n  \
         response $: always any object\n  \
         response $.data: always any object\n  \
         response $.data.me: {fields}\n"
    )
}

#[test]
fn a_schema_tells_what_fields_hold() {
    let fields = "always any object, null\n  \
                  response $.data.me.id: always any string\n  \
                  response $.data.me.role: always any string in \"ADMIN\", \"MEMBER\"\n  \
                  response $.data.me.tags: always any array, null\n  \
                  response $.data.me.tags[]: always any string";
    check(
        "app/src/me.graphql",
        "query Me {\n  me { id role tags }\n}\n",
        &said("1:1 expectation ANY /**#Me", "query Me", fields),
    );
}

#[test]
fn fragments_are_imported_and_schemas_configured() {
    let check = |text: &str, expected: String| {
        check("web/src/me.gql", &format!("#import './user.gql'\n{text}"), &expected);
    };
    check("mutation Sign($a: A) { me @skip(if: $a) { ...U ...V } }", {
        let fields = "sometimes all, anything beneath";
        said("2:1 expectation POST /**#Sign", "mutation Sign", fields)
    });
    check("query Me { me { ...U ...V } }", {
        let fields = "always any object, null, anything beneath\n  \
                      response $.data.me.role: always any string in \"ADMIN\", \"MEMBER\"";
        said("2:1 expectation ANY /**#Me", "query Me", fields)
    });
}

#[test]
fn a_server_tells_its_schema_by_introspection() {
    let told = "{'data': {'__schema': {'queryType': {'name': 'Q'}, 'types': [{'kind': 'OBJECT', \
                'name': 'Q', 'fields': [{'name': 'n', 'args': [], 'type': {'kind': 'NON_NULL', \
                'name': null, 'ofType': {'kind': 'SCALAR', 'name': 'Int'}}}]}]}}}"
        .replace('\'', "\"");
    let check = |path: &str, expected: &str| {
        let file = SourceFile { path, bytes: b"query N { n }" };
        let beside = |path: &str| match path {
            "named/.graphqlrc.json" => Some(br#"{"schema": "told/by-server.json"}"#.to_vec()),
            "named/told/by-server.json" | "usual/schema.json" => Some(told.as_bytes().to_vec()),
            "other/schema.json" => Some(br#"{"type": "object", "__schema": 1}"#.to_vec()),
            _ => None,
        };
        let printed = print(&read(&file, &beside));
        let field = printed.lines().find(|line| line.contains("$.data.n")).unwrap_or_default();
        assert_eq!(field.trim(), format!("response $.data.n: {expected}"), "{path}");
    };
    let number = "always zero, int32, negative";
    check("named/src/n.graphql", number);
    check("usual/n.graphql", number);
    check("other/n.graphql", "always all, anything beneath");
}

#[test]
fn without_a_schema_the_fields_are_said_alone() {
    let fields = "always all, anything beneath\n\
         unread 2: no schema stands beside operations of GraphQL, so what their fields hold is not \
         compared\n  so keep the server's schema as `schema.graphql` in this folder or one above, \
         or name it in `.graphqlrc.yml`\n\
         unread 3: an operation of GraphQL is not read: it cannot be read: unexpected end of \
         input; expected }\n  so mend it, or leave it out of the scan";
    check(
        "other/me.graphql",
        "fragment F on T { a }\nquery Me { me { ...F } }\nquery B { b",
        &said("2:1 expectation ANY /**#Me", "query Me", fields),
    );
    check("app/types.graphql", SCHEMA, "");
    check("app/some.graphql", "fragment F on User { id }", "");
}

#[test]
fn documents_in_scripts_are_read() {
    let place = |at: &str, name: &str| {
        let fields = "always any object, null\n  response $.data.me.id: always any string";
        said(&format!("{at} expectation ANY /**#{name}"), &format!("query {name}"), fields)
    };
    let text = "import { gql } from '@apollo/client'\n\
                const F = gql`fragment F on User { id }`\n\
                export const A = gql`\n  query A { me { ...F } }\n  ${F}\n`\n\
                const B = graphql(`query B { me { id } }`)\n\
                const c = pgsql`query C { me { id } }`\n";
    check("app/a.ts", text, &(place("4:3", "A") + &place("7:20", "B")));
}
