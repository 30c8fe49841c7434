//! Mocks of Apollo Client as tests keep them, and the claims they make.

use crate::dialect::read;
use crate::reading::SourceFile;
use crate::tests_print::{print, print_heads};

const TESTING: &str = "import { MockedProvider } from '@apollo/client/testing'\n";
const ORDER: &str = "const ORDER = gql`query GetOrder { order { id } }`\n";

/// Files beside the tests: documents, and what passes them on.
fn beside(path: &str) -> Option<Vec<u8>> {
    let text = match path {
        "src/queries.ts" => {
            "import { gql } from '@apollo/client'\nimport { PARTS } from './parts'\n\
             export const ORDER = gql`query GetOrder { order { ...P } } ${PARTS}`\n\
             const LIST = gql`query ListOrders { orders { id } }`\nexport default LIST"
        }
        "src/index.ts" => "export * from './none'; export * from './all'; export const a = 1",
        "src/all/index.js" => {
            "export { default as LIST } from '../queries'; import { ORDER } from '../queries.js'\n\
             export { ORDER as ONE }; export { LOOP } from '../loop'"
        }
        "src/loop.ts" => "export * from './loop'; export { LOOP } from './all'",
        "src/made.ts" => {
            "export const MadeDocument = {\"kind\":\"Document\",\"definitions\":[{\"kind\":\
             \"FragmentDefinition\"},{\"kind\":\"OperationDefinition\",\"operation\":\"mutation\",\
             \"name\":{\"kind\":\"Name\",\"value\":\"Make\"}}]} as unknown as DocumentNode\n\
             export const TextDocument = new TypedDocumentString(`query Text { a }`)"
        }
        "src/common.js" => "module.exports = { ORDER: gql`query Common { a }` }",
        "src/two.graphql" => "#import './parts.gql'\nquery A { a }\nmutation B { b }",
        "src/one.gql" => "subscription One { a }",
        _ => return None,
    };
    Some(text.as_bytes().to_vec())
}

/// Checks the claims of a script below `src/test` without their places, and without their titles;
/// those of the documents that stand in it are left out.
#[track_caller]
fn check(text: &str, expected: &str) {
    let file = SourceFile { path: "src/test/a.test.tsx", bytes: text.as_bytes() };
    let printed = print_heads(&read(&file, &beside));
    let is_other = |line: &&str| {
        !line.starts_with("  ") && !line.contains(" expectation ") && !line.contains("no schema")
    };
    let heads: Vec<&str> = printed.lines().filter(is_other).collect();
    assert_eq!(heads.join("\n"), expected, "{text}");
}

#[test]
fn a_mock_says_its_result() {
    let text = "import { MockedProvider } from '@apollo/client/testing'\n\
        import { ORDER } from '../queries'\n\
        const owner = { name: 'Ann' };\n\
        const mocks: MockedResponse[] = [\n  {\n    \
          request: { query: ORDER, variables: { id: '7' } },\n    \
          result: { data: { order: { id: id(), owner, total: 1.5 } }, errors: [{ path: [] }] },\n  \
        },\n];\nrender(<MockedProvider mocks={mocks}><Page /></MockedProvider>)\n";
    let file = SourceFile { path: "src/test/a.test.tsx", bytes: text.as_bytes() };
    assert_eq!(
        print(&read(&file, &beside)),
        "5:3 example ANY /**#GetOrder -> 200\n  called query GetOrder\n  \
         request $: sometimes all, anything beneath\n  \
         response $: always record\n  \
         response $.data: always record\n  \
         response $.data.order: always record\n  \
         response $.data.order.id: sometimes all, anything beneath\n  \
         response $.data.order.owner: always record\n  \
         response $.data.order.owner.name: always text in \"Ann\"\n  \
         response $.data.order.total: always fraction\n  \
         response $.errors: always one element\n  \
         response $.errors[]: always record\n  \
         response $.errors[].path: always empty array\n"
    );
}

#[test]
fn documents_are_told_wherever_they_stand() {
    let check = |import: &str, query: &str, expected: &str| {
        let mock = format!("[{{ request: {{ query: {query} }}, result: {{ data: 1 }} }}]");
        check(&format!("{TESTING}{import}\nf({mock})"), expected);
    };
    let at = |rest: &str| format!("3:4 example {rest} -> 200");
    check("", "gql`query A { a } ${PARTS}`", &at("ANY /**#A"));
    check("", "gql(`mutation A { a }`)", &at("POST /**#A"));
    check("const Q = graphql(`query A { a }`), R = Q", "R", &at("ANY /**#A"));
    check("import { ORDER as O } from '../queries'", "O", &at("ANY /**#GetOrder"));
    check("import O from '../queries.ts'", "O", &at("ANY /**#ListOrders"));
    check("import * as all from '../queries'", "all.ORDER", &at("ANY /**#GetOrder"));
    check("import { LIST } from '..'", "LIST", &at("ANY /**#ListOrders"));
    check("import { ONE } from '../all'", "ONE", &at("ANY /**#GetOrder"));
    check("import { MadeDocument } from '../made'", "MadeDocument", &at("POST /**#Make"));
    check("import { TextDocument } from '../made'", "TextDocument", &at("ANY /**#Text"));
    check("const { ORDER } = require('../common')", "ORDER", &at("ANY /**#Common"));
    check("import { B } from '../two.graphql'", "B", &at("POST /**#B"));
    check("import One from '../one.gql'", "One", &at("ANY /**#One"));
    let imported = "unread 3: the document of a mock of Apollo Client is imported from what is not \
                    found, so the mock is not read";
    check("import { ORDER } from '@/queries'", "ORDER", imported);
    check("import { ORDER } from '../../../queries'", "ORDER", imported);
    check("import { OTHER } from '../queries'", "OTHER", imported);
    check("import { LOOP } from '../all'", "LOOP", imported);
    check("import two from '../two.graphql'", "two", imported);
    let computed = "unread 3: which operation a mock of Apollo Client answers is computed, so it \
                    is not read";
    for query in ["document()", "gql`{ a }`", "gql`query A { a } query B { b }`", "a ? b : c"] {
        check("", query, computed);
    }
}

#[test]
fn each_result_is_a_claim_and_an_error_says_nothing() {
    let check = |answer: &str, expected: &str| {
        check(&format!("{TESTING}{ORDER}f({{ request: {{ query: ORDER }}, {answer} }})"), expected);
    };
    let one = "3:3 example ANY /**#GetOrder -> 200";
    check("result: () => ({ data: null })", one);
    check("result() { called = true; return { data: null } }", one);
    check("result: jest.fn(() => ({ data: null }))", one);
    check("newData: () => ({ data: null })", one);
    check("result: { data: null }, delay: 5, maxUsageCount: 2", one);
    check("error: undefined, result: { data: null }", one);
    check("error: new Error('down')", "");
    check("error: new Error('down'), result: { data: null }", "");
    check("delay: Infinity", "");
    check("variables: {}", "");
    check("result: () => a ? { data: null } : { data: {} }", {
        "3:50 example ANY /**#GetOrder -> 200, stateful\n\
         3:67 example ANY /**#GetOrder -> 200, stateful"
    });
    let computed = format!("{one}\nunread 3: a body is computed, nothing is said about it");
    check("result: answer()", &computed);
    check("result: jest.fn().mockReturnValue({ data: null })", &computed);
}

#[test]
fn mocks_of_one_operation_are_told_apart_by_variables_and_order() {
    let mock = "{ request: { query: ORDER }, result: { data: {} } }";
    let other = mock.replace("ORDER", "gql`query B { b }`");
    check(&format!("{TESTING}{ORDER}f([{mock},\n{other},\n{{ ...base, ...{mock} }}])"), {
        "3:4 example ANY /**#GetOrder -> 200, stateful\n\
         4:1 example ANY /**#B -> 200\n\
         5:1 example ANY /**#GetOrder -> 200, stateful\n\
         5:15 example ANY /**#GetOrder -> 200, stateful"
    });
}

#[test]
fn mocks_are_told_by_what_is_imported() {
    let check = |import: &str, is_read: bool| {
        let mock = "f({ request: { query: ORDER }, result: { data: {} } })";
        let expected = if is_read { "3:3 example ANY /**#GetOrder -> 200" } else { "" };
        check(&format!("{import}\n{ORDER}{mock}"), expected);
    };
    check("import { MockLink } from '@apollo/client/testing/core'", true);
    check("const { MockedProvider } = require('@apollo/react-testing')", true);
    check("import { createMocks } from 'react-apollo/test-utils'", true);
    check("import type { MockedResponse } from '../testing'", true);
    check("import { render, MockedProvider as Mocked } from './render'", true);
    check("import { render } from './render'", false);
    check("// MockedProvider", false);
    check("import { useQuery } from '@apollo/client'", false);
    let other = "f({ request: { url: '/' }, result: 1 }, { request: {}, response: {} })";
    super::tests::check(&format!("{TESTING}{other}"), "");
    super::tests::check(&format!("{TESTING}f({{ request: asked(), result: {{}} }})"), {
        "unread 2: which operation a mock of Apollo Client answers is computed, so it is not read"
    });
}

proptest::proptest! {
    #[test]
    fn any_mock_is_read(text in "[a-c=>(){}\\[\\]'`$.,:;/ \n]{0,40}") {
        for around in ["request: { query: # }, result: {}", "request: { query: Q }, result: #"] {
            let mock = around.replace('#', &text);
            let text = format!("{TESTING}import {{ Q }} from '../queries'; f({{ {mock} }})");
            let file = SourceFile { path: "src/test/a.tsx", bytes: text.as_bytes() };
            let _ = read(&file, &beside);
        }
    }
}
