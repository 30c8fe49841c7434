//! Mocks as tests in JavaScript and TypeScript keep them, and the claims they make.

use crate::dialect::read as read_file;
use crate::reading::SourceFile;
use crate::tests_print::{print, print_heads};

#[track_caller]
fn check(path: &str, text: &str, expected: &str) {
    let file = SourceFile { path, bytes: text.as_bytes() };
    assert_eq!(print(&read_file(&file, &|_| None)), expected, "{text}");
}

/// Checks the claims of a script without their places, and without their titles.
#[track_caller]
fn check_heads(text: &str, expected: &str) {
    let file = SourceFile { path: "a.test.ts", bytes: text.as_bytes() };
    let printed = print_heads(&read_file(&file, &|_| None));
    let heads = printed.lines().filter(|line| !line.starts_with("  "));
    assert_eq!(heads.collect::<Vec<_>>().join("\n"), expected, "{text}");
}

const V2: &str = "import { http, HttpResponse, passthrough, delay } from 'msw'\n";
const V1: &str = "import { rest } from 'msw'\n";
const NOCK: &str = "const nock = require('nock')\n";

#[test]
fn a_handler_says_its_answer() {
    let text = "import { http, HttpResponse } from 'msw';\n\
        const owner = { name: 'Ann', age: null };\n\
        export const handlers: RequestHandler[] = [\n  \
          http.get('https://api.example.org/orders/:id', async ({ params }) => {\n    \
            await delay();\n    \
            return HttpResponse.json(\n      \
              { id: params.id, owner, total: 19.5, lines: [{ sku: 'desk' }] },\n      \
              { status: 201, headers: { 'X-Total': '7', 'X-Run': run() } },\n    );\n  }),\n];\n";
    check(
        "src/mocks/handlers.ts",
        text,
        "4:3 example GET /orders/{} -> 201, by api.example.org\n  \
           called GET https://api.example.org/orders/:id\n  \
           request $: sometimes all, anything beneath\n  \
           response header x-run: always any string\n  \
           response header x-total: always digits\n  \
           response media-type application/json: always present\n  \
           response $: always record\n  \
           response $.id: sometimes all, anything beneath\n  \
           response $.lines: always one element\n  \
           response $.lines[]: always record\n  \
           response $.lines[].sku: always text in \"desk\"\n  \
           response $.owner: always record\n  \
           response $.owner.age: always null\n  \
           response $.owner.name: always text in \"Ann\"\n  \
           response $.total: always fraction\n",
    );
}

#[test]
fn answers_of_version_2_are_told() {
    let check = |returned: &str, expected: &str| {
        check_heads(&format!("{V2}http.get('/a', () => {returned})"), expected);
    };
    check("HttpResponse.json([])", "2:1 example GET /a -> 200");
    check("HttpResponse.json({}, { status: 404 })", "2:1 example GET /a -> 404");
    check("new HttpResponse(null, { status: 204 })", "2:1 example GET /a -> 204");
    check("new Response('no', { status: 500 })", "2:1 example GET /a -> 500");
    check("Response.json({ a: 1 })", "2:1 example GET /a -> 200");
    check("HttpResponse.text('hi')", "2:1 example GET /a -> 200");
    check("HttpResponse.redirect('/b')", "2:1 example GET /a -> 302");
    check("HttpResponse.error()", "");
    check("passthrough()", "");
    check("undefined", "");
    check("{ }", "");
    let unread = "unread 2: the status of an answer is computed, so it is not read";
    check("HttpResponse.json({}, { status })", unread);
    check("HttpResponse.json({}, init)", unread);
    let unread = "unread 2: an answer of a handler is computed, so it is not read";
    check("answer()", unread);
    check("new Other()", unread);
    check("fetch(bypass(request))", unread);
}

#[test]
fn answers_of_version_1_are_told() {
    let check = |resolver: &str, expected: &str| {
        check_heads(&format!("{V1}rest.post('/a', {resolver})"), expected);
    };
    let created = "2:1 example POST /a -> 201";
    check("(req, res, ctx) => res(ctx.delay(5), ctx.status(201), ctx.json({}))", created);
    check("async (_, r, c) => { return r(c.status(201)) }", created);
    check("(req, res, { status, json }) => res(status(201), json({}))", created);
    check("function (req, res, ctx) { return res(ctx.text('x')) }", "2:1 example POST /a -> 200");
    check("(req, res, ctx) => res.once(ctx.status(500))", "2:1 example POST /a -> 500, stateful");
    check("(req, res) => res.networkError('down')", "");
    check("(req) => req.passthrough()", "");
    let unread = "unread 2: the status of an answer is computed, so it is not read";
    check("(req, res, ctx) => res(ctx.status(code))", unread);
    let unread = "unread 2: a transformer is not the library's own, nothing is said about the body";
    let told = format!("2:1 example POST /a -> 200\n{unread}");
    check("(req, res, ctx) => res(paged())", &told);
}

#[test]
fn version_1_says_headers_and_bodies() {
    check(
        "handlers.js",
        &format!(
            "{V1}rest.get('*/a', (q, r, c) => r(c.set('X-A', '1'), c.set({{ 'X-B': 'b' }}), \
             c.cookie('s', '1'), c.xml('<a/>')))"
        ),
        "2:1 example GET /a -> 200\n  called GET */a\n  \
           request $: sometimes all, anything beneath\n  \
           response header set-cookie: always any string, withheld\n  \
           response header x-a: always digits\n  \
           response header x-b: always text\n  \
           response media-type text/xml: always present\n  \
           response $: always not JSON\n",
    );
}

#[test]
fn the_first_handler_answers_first_and_tests_put_theirs_before() {
    check_heads(
        &format!(
            "{V2}const h = [http.get('/a', () => HttpResponse.json(1)),\n\
             http.all('*', () => HttpResponse.json(2))]\n\
             it('x', () => server.use(http.get('/a', () => HttpResponse.error()),\n\
             http.get('/a', () => new HttpResponse(null, {{ status: 500 }}))))\n\
             http.get('/b', () => HttpResponse.json(3), {{ once: true }})"
        ),
        "2:12 example GET /a -> 200\n\
         3:1 example ANY /** -> 200, priority 1\n\
         5:1 example GET /a -> 500, priority 3, stateful\n\
         6:1 example GET /b -> 200, priority 4, stateful",
    );
}

#[test]
fn each_answer_of_a_resolver_is_a_claim() {
    check_heads(
        &format!(
            "{V2}http.post('/a', async ({{ request }}) => {{\n\
             if (!request.body) return HttpResponse.json({{}}, {{ status: 400 }})\n\
             return late ? passthrough() : HttpResponse.json({{}}, {{ status: 201 }})\n}})"
        ),
        "3:27 example POST /a -> 400, stateful\n4:31 example POST /a -> 201, stateful",
    );
}

#[test]
fn handlers_are_told_by_what_is_imported() {
    let answer = "() => new Response()";
    let get = "2:1 example GET /a -> 200";
    check_heads(&format!("import * as m from 'msw'\nm.http.get('/a', {answer})"), get);
    check_heads(&format!("import {{ http as web }} from \"msw\"\nweb.get('/a', {answer})"), get);
    check_heads(&format!("const {{ http }} = require('msw')\nhttp.get('/a', {answer})"), get);
    check_heads(&format!("import {{ http }} from './msw'\nhttp.get('/a', {answer})"), "");
    check_heads(&format!("import {{ setupServer }} from 'msw/node'\nhttp.get('/a', {answer})"), "");
    check_heads(&format!("{V2}app.get('/a', {answer}); http.request('/a', {answer})"), "");
    let script = format!("{V2}http.get('/a', {answer})");
    check("node_modules/a/b.js", &script, "");
    check("notes.md", &script, "");
}

#[test]
fn addresses_may_have_parts_that_are_names() {
    let check = |before: &str, address: &str, expected: &str| {
        check_heads(
            &format!("{V2}{before}; http.get({address}, () => HttpResponse.json(1))"),
            expected,
        );
    };
    let told = |path: &str| format!("2:{} -> 200, by api", path);
    check("const API = 'https://api/v1'", "`${API}/users`", &told("31 example GET /v1/users"));
    check("", "`https://api/users/${id}/x`", &told("3 example GET /users/{}/x"));
    check("", "'https://api' + '/users'", {
        "unread 2: the address of a handler cannot be told as a path, so it is not read"
    });
    for address in ["`${BASE}/users`", "/users/", "url", "api.users"] {
        check("import { BASE } from './config'", address, {
            "unread 2: the address of a handler cannot be told as a path, so it is not read"
        });
    }
}

#[test]
fn bodies_that_are_computed_are_covered() {
    let body = "unread 2: a body is computed, nothing is said about it\n  so write it as a \
                literal, or keep it in a name that is given once in the same file\n";
    let head = "2:1 example GET /a -> 200\n  called GET /a\n  \
                request $: sometimes all, anything beneath\n  ";
    let json = "response media-type application/json: always present\n  ";
    let any = "response $: sometimes all, anything beneath\n";
    let returned = |returned: &str| format!("{V2}http.get('/a', () => {returned})");
    check("a.js", &returned("HttpResponse.json(db.orders)"), &format!("{head}{json}{any}{body}"));
    check(
        "a.js",
        &returned("HttpResponse.json({ ...order, id: 1 })"),
        &format!("{head}{json}{any}{body}"),
    );
    let headers = "{ headers: { 'Content-Type': 'application/json' } }";
    let text = returned(&format!("new HttpResponse(JSON.stringify({{ a: 1 }}), {headers})"));
    let members = "response $: always record\n  response $.a: always int32\n";
    check("a.js", &text, &format!("{head}{json}{members}"));
}

#[test]
fn handlers_of_graphql_answer_one_operation() {
    const GRAPHQL: &str = "import { graphql, HttpResponse, http } from 'msw'\n";
    let answers = "() => HttpResponse.json({ data: { me: null } })";
    let check = |handler: &str, expected: &str| {
        check_heads(&format!("{GRAPHQL}{handler}"), expected);
    };
    check(
        &format!("[http.get('/a', {answers}), graphql.query('GetUser', {answers})]"),
        "2:2 example GET /a -> 200\n2:67 example ANY /**#GetUser -> 200, priority 1",
    );
    check(
        &format!("graphql.mutation('SetUser', {answers}, {{ once: true }})"),
        "2:1 example POST /**#SetUser -> 200, stateful",
    );
    check(
        &format!("graphql.link('https://api.example.org/graphql').query('GetUser', {answers})"),
        "2:1 example ANY /graphql#GetUser -> 200, by api.example.org",
    );
    check(
        &format!(
            "const api = graphql.link('/graphql')\napi.query(A, {answers})\n\
                  const A = gql`query GetUser {{ me {{ id }} }}`"
        ),
        "3:1 example ANY /graphql#GetUser -> 200\n4:15 expectation ANY /**#GetUser -> 200\n\
         unread 4: no schema stands beside operations of GraphQL, so what their fields hold is not \
         compared",
    );
    let name = "unread 2: which operation a handler of GraphQL answers is computed, so it is not \
                read";
    check(&format!("graphql.query(/Get/, {answers})"), name);
    check(&format!("graphql.query(nameOf(a), {answers})"), name);
    check(
        &format!("graphql.operation({answers})"),
        "unread 2: a handler of every operation of GraphQL is not read",
    );
}

#[test]
fn handlers_of_graphql_of_version_1_put_their_answers_together() {
    const GRAPHQL: &str = "import { graphql } from 'msw'\n";
    let handler = |resolver: &str| format!("{GRAPHQL}graphql.query('A', {resolver})");
    check(
        "a.ts",
        &handler(
            "(req, res, ctx) => res(ctx.extensions({ took: 1 }), ctx.data({ a: null }), \
             ctx.errors([{ message: text() }]), ctx.delay())",
        ),
        "2:1 example ANY /**#A -> 200\n  called query A\n  \
         request $: sometimes all, anything beneath\n  \
         response media-type application/json: always present\n  \
         response $: always record\n  \
         response $.data: always record\n  \
         response $.data.a: always null\n  \
         response $.errors: always one element\n  \
         response $.errors[]: always record\n  \
         response $.errors[].message: sometimes all, anything beneath\n  \
         response $.extensions: always record\n  \
         response $.extensions.took: always int32\n",
    );
    let check = |resolver: &str, expected: &str| check_heads(&handler(resolver), expected);
    let head = "2:1 example ANY /**#A -> 200";
    check("(_, res, { data }) => res(data({}))", head);
    check("(_, res, ctx) => res.once(ctx.data(late()))", &format!("{head}, stateful"));
    check("(_, res, ctx) => res(ctx.status(401), ctx.errors([]))", "2:1 example ANY /**#A -> 401");
    check("(_, res) => res.networkError('down')", "");
    let merged = "unread 2: a transformer adds to what another one wrote, nothing is said about \
                  the body";
    check("(_, res, ctx) => res(ctx.data({}), ctx.data({}))", &format!("{head}\n{merged}"));
    check("(_, res, ctx) => res(ctx.data({}), ctx.field('a', 1))", &format!("{head}\n{merged}"));
    let own = "unread 2: a transformer is not the library's own, nothing is said about the body";
    check("(_, res, ctx) => res(paged(), ctx.data({}))", &format!("{head}\n{own}"));
    check("(_, res, ctx) => res(ctx.json({}))", &format!("{head}\n{own}"));
    let mutation = "graphql.link('/api').mutation('B', (_, res, ctx) => res(ctx.data({})))";
    check_heads(&format!("{GRAPHQL}{mutation}"), "2:1 example POST /api#B -> 200");
}

#[test]
fn data_may_be_null_and_errors_may_not() {
    let handler = |answer: &str| {
        let handler = format!("graphql.query('A', (req, res, ctx) => res({answer}))");
        format!("import {{ graphql }} from 'msw'\n{handler}")
    };
    let told = |body: &str| {
        format!(
            "2:1 example ANY /**#A -> 200\n  called query A\n  \
             request $: sometimes all, anything beneath\n{body}"
        )
    };
    let json = "  response media-type application/json: always present\n  \
                response $: always record\n";
    let null = format!("{json}  response $.data: always null\n");
    check("a.ts", &handler("ctx.data(null), ctx.errors(null), ctx.errors()"), &told(&null));
    let empty = told(&format!("{json}  response $.extensions: always empty object\n"));
    check("a.ts", &handler("ctx.extensions({}), ctx.data(undefined)"), &empty);
    check("a.ts", &handler("ctx.errors(undefined)"), &told("  response $: never\n"));
}

#[test]
fn a_request_that_names_an_operation_is_about_it_alone() {
    let body = "{ operationName: 'GetUser', query: 'query GetUser { me { id } }' }";
    check_heads(
        &format!("{NOCK}nock('https://h').post('/graphql', {body}).reply(200, {{}})"),
        "2:19 example POST /graphql#GetUser exactly -> 200, by h",
    );
}

#[test]
fn what_is_not_read_of_msw_is_counted() {
    let resolver = "unread 2: the resolver of a handler is computed, so it is not read";
    check_heads(&format!("{V2}http.get('/a', answer(1))"), resolver);
    check_heads(&format!("{V2}http.get('/a')"), resolver);
    check_heads(
        "import { ws } from 'msw'\nws.link('wss://a').addEventListener('connection', f)",
        "unread 2: handlers of web sockets are not read",
    );
    let head = "2:1 example GET /a -> 200\n";
    check_heads(
        &format!("{V2}http.get('/a', () => HttpResponse.json(1))\nconst = ;\n"),
        &format!("{head}unread 3: {}", super::FAULT.reason),
    );
    check_heads(
        &format!("{V2}http.get('/a', () => HttpResponse.json(1, {{ headers }}))"),
        &format!("{head}unread 2: headers are computed, nothing is said about them"),
    );
}

#[test]
fn an_interceptor_says_its_request_and_its_answer() {
    let text = "import nock from 'nock'\n\
        nock('https://api.example.org', { reqheaders: { authorization: 'Bearer x' } })\n  \
          .post('/orders?dry=1', { sku: 'desk', note: /.*/ })\n  \
          .query({ page: 2, tag: tag() })\n  \
          .matchHeader('Content-Type', 'application/json')\n  \
          .times(2)\n  \
          .reply(201, { id: 7 }, { 'X-Total': 7, Date: now })\n";
    check(
        "test/orders.test.js",
        text,
        "3:4 example POST /orders exactly -> 201, by api.example.org\n  \
           called POST https://api.example.org/orders\n  \
           request query dry: always digits\n  \
           request query page: always digits\n  \
           request query tag: always any string\n  \
           request header authorization: always any string, withheld\n  \
           request media-type application/json: always present\n  \
           request $: always record, closed\n  \
           request $.note: sometimes all, anything beneath\n  \
           request $.sku: always text in \"desk\"\n  \
           response header x-total: always digits\n  \
           response media-type application/json: always present\n  \
           response $: always record\n  \
           response $.id: always int32\n",
    );
}

#[test]
fn chained_interceptors_are_read_one_by_one() {
    check_heads(
        &format!(
            "{NOCK}const api = nock('http://api/v1').persist()\n\
             api.get('/a').reply(200, []).get('/b').reply(404)\n\
             api.put('/a').replyWithError('down').delete('/a').reply(204)\n\
             let late; beforeEach(() => {{ late = nock('http://late') }})\n\
             late.intercept('/x', 'purge').query(true).reply(200, 'ok')\n\
             api.get('/open')\n"
        ),
        "3:5 example GET /v1/a exactly -> 200, by api\n\
         3:30 example GET /v1/b exactly -> 404, by api\n\
         4:38 example DELETE /v1/a exactly -> 204, by api\n\
         6:6 example PURGE /x -> 200, by late",
    );
}

#[test]
fn interceptors_of_one_request_are_used_up_in_order() {
    check_heads(
        &format!(
            "{NOCK}nock('http://a').get('/a').reply(503).get('/a').reply(200)\n\
             nock('http://a').post('/a', {{ b: 1 }}).reply(200)\n\
             nock('http://a').post('/a', body => body.b).reply(200)"
        ),
        "2:18 example GET /a exactly -> 503, stateful, by a\n\
         2:39 example GET /a exactly -> 200, stateful, by a\n\
         3:18 example POST /a exactly -> 200, by a\n\
         4:18 example POST /a exactly -> 200, stateful, by a",
    );
}

#[test]
fn what_is_not_read_of_nock_is_counted() {
    let check = |text: &str, expected: &str| check_heads(&format!("{NOCK}{text}"), expected);
    let address = "unread 2: the method or address of an interceptor cannot be told, \
                   so it is not read";
    check("nock(/h/).get('/a').reply(200)", address);
    check("nock(config.url).get('/a').reply(200)", address);
    check("nock('http://a').get(/a/).reply(200)", address);
    check("nock('http://a').get(p => true).reply(200)", address);
    check("nock('http://a').get('/a').reply(() => [200])", {
        "unread 2: the status of a reply is computed, so its interceptor is not read"
    });
    check("nock('http://a').filteringPath(f).get('/a').reply(200)", {
        "unread 2: a scope rewrites requests by code, so its interceptors are not read"
    });
    check("make().get('/a').reply(200)", {
        "unread 2: the host of an interceptor cannot be told, so it is not read"
    });
    check("request(app).get('/a').expect(200); nock.cleanAll(); nock.back('a.json')", "");
    let head = "2:18 example GET /a";
    check(
        "nock('http://a').get('/a').query(q => q.b).reply(200)",
        &format!("{head} -> 200, by a\nunread 2: a query is computed, any is taken to do"),
    );
    check(
        "nock('http://a').get('/a').reply(200, () => body)",
        &format!(
            "{head} exactly -> 200, by a\nunread 2: a body is computed, nothing is said about it"
        ),
    );
}

proptest::proptest! {
    #[test]
    fn any_script_is_read(text in "[a-c=>(){}\\[\\]'`$.,:;/ \n]{0,40}") {
        for before in [V2, V1, NOCK] {
            for around in ["http.get('/a', () => #)", "nock('http://a').get('/a').reply(200, #)"] {
                let text = format!("{before}{}", around.replace('#', &text));
                let _ = read_file(&SourceFile { path: "a.ts", bytes: text.as_bytes() }, &|_| None);
            }
        }
    }
}
