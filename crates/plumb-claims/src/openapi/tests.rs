//! Specifications in miniature and what they say.

use super::*;
use crate::tests_print::{print, print_heads};
use plumb_tree::read::parse;

fn reading_beside(text: &str, beside: Beside<'_>) -> Reading {
    let file = SourceFile { path: "api/openapi.yaml", bytes: text.as_bytes() };
    let parsed = parse(file.path, file.bytes).unwrap();
    assert!(parsed.documents.iter().all(is_like));
    read(&file, &parsed.documents, beside)
}

/// Claims and unread of a whole document, without places.
#[track_caller]
fn check_heads(text: &str, expected: &str) {
    assert_eq!(print_heads(&reading_beside(text, &|_| None)), expected, "{text}");
}

/// Everything a whole document says.
#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(print(&reading_beside(text, &|_| None)), expected, "{text}");
}

/// What a schema says of a response body, each line cut to what follows `response `.
fn said_by(version: &str, schema: &str, schemas: &str) -> String {
    let text = format!(
        "openapi: {version}\npaths:\n  /a:\n    get:\n      responses:\n        '200':\n          \
         content: {{application/json: {{schema: {schema}}}}}\ncomponents: {{schemas: {schemas}}}\n"
    );
    let printed = print(&reading_beside(&text, &|_| None));
    let lines =
        printed.lines().filter(|line| !line.contains("media-type") && !line.contains(" so "));
    let lines = lines.skip(2).map(|line| line.trim().trim_start_matches("response "));
    lines.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check_schema(schema: &str, expected: &str) {
    assert_eq!(said_by("3.1.0", schema, "{}"), expected, "{schema}");
}

#[track_caller]
fn check_schema_30(schema: &str, expected: &str) {
    assert_eq!(said_by("3.0.3", schema, "{}"), expected, "{schema}");
}

const SHOP: &str = r#"openapi: 3.0.3
info: {title: Shop, version: "1"}
servers:
  - url: https://{region}.shop.io/v2
    variables: {region: {default: eu}}
  - url: https://us.shop.io/v2
security: [{key: []}]
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
      - {name: fields, in: query, schema: {type: string}}
    get:
      operationId: getOrder
      parameters:
        - {name: fields, in: query, required: true,
           schema: {type: array, items: {type: string, enum: [a, b]}}}
        - {name: X-Trace, in: header, schema: {type: string, format: uuid}}
        - {name: Accept, in: header, schema: {type: string}}
      responses:
        '200':
          description: found
          headers:
            X-Left: {required: true, schema: {type: integer}}
            Set-Cookie: {schema: {type: string, format: uuid}}
            Content-Type: {schema: {type: string}}
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Order'}
              example: {id: nonsense}
        4XX: {$ref: '#/components/responses/Problem'}
        default: {description: odd}
    delete:
      security: []
      responses:
        204: {description: gone}
  /orders:
    post:
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Order'}}
      responses:
        '201':
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Api-Key}
  responses:
    Problem:
      description: wrong
      content:
        application/problem+json:
          schema: {type: object, additionalProperties: false, required: [code],
                   properties: {code: {type: string, enum: [gone, late]}}}
        text/plain: {schema: {type: string}}
  schemas:
    Order:
      type: object
      required: [id, state]
      properties:
        id: {type: integer, format: int64, minimum: 1, readOnly: true}
        state: {type: string, enum: [open, paid]}
        secret: {type: string, writeOnly: true}
        note: {type: string, nullable: true}
        lines: {type: array, minItems: 1, items: {$ref: '#/components/schemas/Line'}}
    Line:
      type: object
      properties: {sku: {type: string}, price: {type: number}}
"#;

#[test]
fn a_whole_specification() {
    let request = "  request query fields: always text in \"a\", \"b\"
  request header x-api-key: always any string, withheld
  request header x-trace: sometimes uuid
";
    let order = "  response media-type application/json: always present
  response $: always record, map
  response $.id: always int32, beyond int32, beyond 2^53
  response $.lines: sometimes one element, many elements
  response $.lines[]: always any object
  response $.lines[].price: sometimes any number
  response $.lines[].sku: sometimes any string
  response $.note: sometimes any string, null
  response $.state: always text in \"open\", \"paid\"
";
    let expected = format!(
        "21:9 constraint GET /v2/orders/{{}} includes -> 200, priority 1, by eu.shop.io
  called getOrder
{request}  response header set-cookie: sometimes any string, withheld
  response header x-left: always digits
{order}31:9 constraint GET /v2/orders/{{}} includes -> 4XX, priority 1, by eu.shop.io
  called getOrder
{request}  response media-type application/problem+json: sometimes present
  response media-type text/plain: sometimes present
  response $: sometimes record, map, not JSON, closed
  response $.code: always text in \"gone\", \"late\"
32:9 constraint GET /v2/orders/{{}} includes -> default, priority 1, by eu.shop.io
  called getOrder
{request}  response $: sometimes all, anything beneath
36:9 constraint DELETE /v2/orders/{{}} includes -> 204, priority 1, by eu.shop.io
  called DELETE /orders/{{id}}
  request query fields: sometimes any string
44:9 constraint POST /v2/orders includes -> 201, by eu.shop.io
  called POST /orders
  request header x-api-key: always any string, withheld
  request media-type application/json: always present
  request $: always record, map
  request $.lines: sometimes one element, many elements
  request $.lines[]: always any object
  request $.lines[].price: sometimes any number
  request $.lines[].sku: sometimes any string
  request $.note: sometimes any string, null
  request $.secret: sometimes any string
  request $.state: always text in \"open\", \"paid\"
{order}"
    );
    check(SHOP, &expected);
}

#[test]
fn json_and_yaml_say_the_same() {
    let json = r#"{"openapi":"3.1.0","paths":{"/a":{"get":{"responses":{"200":{"content":
        {"application/json":{"schema":{"type":["integer","null"],"format":"int32"}}}}}}}}}"#;
    let yaml = "openapi: 3.1\npaths: {/a: {get: {responses: {200: {content: \
        {application/json: {schema: {type: [integer, null], format: int32}}}}}}}}";
    let said = |text: &str| reading_beside(text, &|_| None).claims.remove(0).said;
    assert_eq!(said(json), said(yaml));
}

#[test]
fn null_has_one_meaning_however_it_is_spelled() {
    let expected = "$: always any string, null";
    check_schema_30("{type: string, nullable: true}", expected);
    check_schema("{type: [string, 'null']}", expected);
    check_schema("{type: [string, null]}", expected);
    check_schema("{oneOf: [{type: string}, {type: 'null'}]}", expected);
    check_schema("{anyOf: [{type: null}, {type: string}]}", expected);
    // `nullable` is no keyword of 3.1.
    check_schema("{type: string, nullable: true}", "$: always any string");
}

#[test]
fn null_beside_an_enumeration_without_it_is_admitted_and_told() {
    let told = "$: always null, text in \"a\"\nunread 7: `nullable` stands beside an `enum` \
        without null: null counts as admitted";
    check_schema_30("{type: string, nullable: true, enum: [a]}", told);
    check_schema_30(
        "{type: string, nullable: true, enum: [a, null]}",
        "$: always null, text in \"a\"",
    );
    check_schema("{enum: [a, 1, null]}", "$: always null, int32, text");
}

#[test]
fn objects_say_what_else_they_hold() {
    check_schema("{}", "$: always all, anything beneath");
    check_schema("true", "$: always all, anything beneath");
    check_schema("{type: object}", "$: always any object, anything beneath");
    check_schema("{type: object, additionalProperties: false}", "$: always any object, closed");
    check_schema(
        "{type: object, additionalProperties: {type: integer, format: int32}}",
        "$: always any object\n$.{*}: sometimes zero, int32, negative",
    );
    check_schema(
        "{properties: {a: {type: boolean}}, patternProperties: {'^x': {type: 'null'}}, \
         additionalProperties: false}",
        "$: always any object, closed\n$.a: sometimes any boolean\n$.{*}: sometimes null",
    );
    check_schema(
        "{required: [a, b], properties: {a: {type: 'null'}, c: false}}",
        "$: always record, map\n$.a: always null\n$.b: always all, anything beneath\n$.c: never",
    );
    // Names that are data in traffic are data here.
    check_schema(
        "{properties: {'+1': {type: 'null'}, '-1': {type: boolean}}}",
        "$: always any object\n$.{*}: sometimes any boolean, null",
    );
}

#[test]
fn arrays_say_their_elements() {
    check_schema("{type: array}", "$: always any array, anything beneath");
    check_schema("{items: {type: 'null'}}", "$: always any array\n$[]: always null");
    let tuple = "{type: array, prefixItems: [{type: 'null'}, {type: boolean}], items: false}";
    check_schema(tuple, "$: always any array\n$[]: always any boolean, null");
    let open = "{type: array, prefixItems: [{type: 'null'}]}";
    check_schema(open, "$: always any array, anything beneath");
    check_schema(
        "{type: [array, object], properties: {a: {type: 'null'}}}",
        "$: always any object, any array\n$.a: sometimes null\n$[]: always all, anything beneath",
    );
}

#[test]
fn all_of_narrows() {
    check_schema(
        "{allOf: [{required: [a], properties: {a: {type: [string, 'null']}}}, \
         {type: object, properties: {a: {type: string}, b: {type: boolean}}}], description: x}",
        "$: always record, map\n$.a: always any string\n$.b: sometimes any boolean",
    );
    check_schema("{allOf: [{type: string}, {type: integer}]}", "$: always");
    check_schema(
        "{allOf: [{properties: {a: {type: 'null'}}}], unevaluatedProperties: false}",
        "$: always any object, closed\n$.a: sometimes null",
    );
}

#[test]
fn one_of_and_any_of_widen() {
    check_schema(
        "{oneOf: [{type: object, required: [a, b], properties: {a: {type: 'null'}, \
         b: {type: object, required: [c], properties: {c: {type: boolean}}}}}, \
         {type: object, required: [a], properties: {a: {type: boolean}}}, {type: 'null'}]}",
        "$: always null, record, map\n$.a: always any boolean, null\n\
         $.b: sometimes record, map\n$.b.c: always any boolean",
    );
    check_schema(
        "{type: object, properties: {a: {type: 'null'}}, \
         anyOf: [{required: [a]}, {required: [b]}]}",
        "$: always record, map\n$.a: sometimes null",
    );
    check_schema(
        "{oneOf: [{type: string, enum: [a]}, {const: b}, {type: 'null'}]}",
        "$: always null, text in \"a\", \"b\"",
    );
    check_schema(
        "{anyOf: [{const: a}, {type: integer, maximum: 0, minimum: 0}]}",
        "$: always zero, text",
    );
    check_schema(
        "{anyOf: [{properties: {a: {type: 'null'}}}, {type: object}]}",
        "$: always any object, anything beneath",
    );
}

#[test]
fn references_have_siblings_since_31() {
    let schema = "{$ref: '#/components/schemas/A', maxLength: 0}";
    let schemas = "{A: {type: string}}";
    assert_eq!(said_by("3.0.0", schema, schemas), "$: always any string");
    assert_eq!(said_by("3.1.0", schema, schemas), "$: always empty string");
}

#[test]
fn schemas_that_hold_themselves_end() {
    let schemas = "{A: {type: object, properties: {a: {$ref: '#/components/schemas/A'}}}}";
    let said = said_by("3.1.0", "{$ref: '#/components/schemas/A'}", schemas);
    let last = said.lines().last().unwrap();
    assert_eq!(last, "$.a.a.a.a.a.a.a.a.a.a.a.a: sometimes any object, anything beneath");
    assert_eq!(said.lines().count(), 13);
    let composed = "{A: {allOf: [{$ref: '#/components/schemas/A'}, {type: 'null'}]}}";
    assert_eq!(said_by("3.1.0", "{$ref: '#/components/schemas/A'}", composed), "$: always null");
    let circle = "{A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}";
    let free = "$: always all, anything beneath\nunread 8: a reference leads only to other \
        references";
    assert_eq!(said_by("3.1.0", "{$ref: '#/components/schemas/A'}", circle), free);
    let joined = "{A: {anyOf: [{$ref: '#/components/schemas/A'}, {type: 'null'}]}}";
    assert_eq!(said_by("3.1.0", "{$ref: '#/components/schemas/A'}", joined), "$: always null");
}

#[test]
fn schemas_that_grow_without_end_are_cut_and_told() {
    let names = ["a", "b", "c", "d", "e", "f"];
    let member = |name: &&str| format!("{name}: {{$ref: '#/components/schemas/A'}}");
    let members = names.iter().map(member).collect::<Vec<_>>().join(", ");
    let schemas = format!("{{A: {{type: object, properties: {{{members}}}}}}}");
    let said = said_by("3.0.0", "{$ref: '#/components/schemas/A'}", &schemas);
    assert_eq!(said.lines().filter(|line| line.starts_with('$')).count(), 9_331);
    let told = "unread 7: a schema is too large to be followed to its end: what lies deeper \
        counts as covered";
    assert_eq!(said.lines().last(), Some(told));
}

#[test]
fn composition_that_doubles_is_bounded() {
    let double = |name: usize| {
        let next = format!("{{$ref: '#/components/schemas/S{}'}}", name + 1);
        format!("S{name}: {{allOf: [{next}, {next}]}}")
    };
    let chain = (0..60).map(double).collect::<Vec<_>>().join(", ");
    let schemas = format!("{{{chain}, S60: {{type: string}}}}");
    let said = said_by("3.1.0", "{$ref: '#/components/schemas/S0'}", &schemas);
    assert!(said.starts_with("$: sometimes all, anything beneath\nunread"), "{said}");
}

#[test]
fn what_is_not_interpreted_is_told_once() {
    let told = "$: always any string\nunread 7: `not` is not interpreted: what it refuses counts \
        as admitted (2 times)";
    check_schema("{type: string, not: {const: a}, allOf: [{not: {const: b}}]}", told);
    let discriminator = "$: always any object, anything beneath\nunread 7: a `discriminator` \
        without `oneOf` is not followed to the schemas that extend this one";
    check_schema("{type: object, discriminator: {propertyName: kind}}", discriminator);
    let kind = "$: always all, anything beneath\nunread 7: a `type` is none of JSON Schema's: \
        anything counts as admitted";
    check_schema("{type: file}", kind);
}

#[test]
fn servers_nearer_to_the_operation_count_and_each_base_path_claims() {
    check_heads(
        "openapi: 3.1.0
servers: [{url: /v1}, {url: 'https://shop.io/v2'}]
paths:
  /a b/%C3%A9:
    get: {responses: {2XX: {}}}
  /b:
    servers: [{url: /v3}]
    get: {responses: {'200': {}}}
    put:
      servers: [{url: 'http://localhost:8080/{v}', variables: {v: {default: v4, enum: [v4, v5]}}}]
      responses: {'200': {}}
",
        "5:23 constraint GET /v1/a b/é includes -> 2XX, by shop.io\n  called GET /a b/%C3%A9\n\
         5:23 constraint GET /v2/a b/é includes -> 2XX, by shop.io\n  called GET /a b/%C3%A9\n\
         8:23 constraint GET /v3/b includes -> 200\n  called GET /b\n\
         11:19 constraint PUT /v4/b includes -> 200\n  called PUT /b\n\
         unread 10: a server variable in the base path has several values: only its default is \
         read\n  so list a server for each base path\n",
    );
}

#[test]
fn odd_documents_are_told_with_their_line() {
    check_heads(
        "swagger: '2.0'\n",
        "unread 1: Swagger 2.0 is not read\n  so convert the file to OpenAPI 3, for instance with \
         swagger2openapi\n",
    );
    check_heads(
        "info: {}\npaths: {}\n",
        "unread 1: the document has no `openapi` version\n  so begin it with `openapi: 3.1.0` or \
         the version it is written in\n",
    );
    check_heads(
        "openapi: 4.0.0\n",
        "unread 1: OpenAPI version `4.0.0` is not read\n  so write it in 3.0 or 3.1\n",
    );
    check_heads(
        "openapi: 3.2.0\npaths: []\n",
        "unread 1: OpenAPI 3.2 is read as 3.1\n  so check that nothing new in 3.2 matters here\n\
         unread 2: `paths` is a list, not an object\n  so write paths as keys, operations below \
         them\n",
    );
    check_heads(
        "openapi: 3.1.0\nwebhooks: {a: {}}\n",
        "unread 1: there is no `paths`, so no operation is described\n  so nothing to do if the \
         file only holds components\n\
         unread 2: `callbacks` and `webhooks` are not read: they are requests the other way \
         round\n  so describe them as operations of whoever receives them\n",
    );
}

#[test]
fn odd_paths_and_operations_are_told_with_their_line() {
    check_heads(
        "openapi: 3.0.0
paths:
  x-owner: me
  users: {}
  /a: []
  /b:
    get: null
    GET: {}
    post: {}
    put:
      responses:
        ok: {}
        '99': {}
    x-limit: 1
",
        "9:5 constraint POST /b includes -> default\n  called POST /b\n\
         10:5 constraint PUT /b includes -> default\n  called PUT /b\n\
         unread 4: the path `users` does not begin with a slash\n  so begin it with a slash\n\
         unread 5: the path `/a` is a list, not an object\n  so write methods as its keys\n\
         unread 7: `get` of `/b` is empty, not an object\n  so describe the operation below it\n\
         unread 8: `GET` below the path `/b` is not a method that is read\n  so write one of \
         OpenAPI's methods in lower case\n\
         unread 9: the operation describes no response: nothing is said of its answers\n  so \
         describe at least `default`\n\
         unread 12: `ok` is not a status\n  so write a number such as 200, a class such as 2XX, \
         or default\n\
         unread 12: the operation describes no response: nothing is said of its answers\n  so \
         describe at least `default`\n\
         unread 13: `99` is not a status\n  so write a number such as 200, a class such as 2XX, \
         or default\n",
    );
}

#[test]
fn references_across_files_keep_their_own_lines() {
    let beside = |path: &str| -> Option<Vec<u8>> {
        let text = match path {
            "api/paths/pets.yaml" => {
                "get:\n  parameters: [{$ref: '../parts.yaml#/limit'}]\n  responses:\n    \
                 '200':\n      $ref: '../parts.yaml#/list'\n    \
                 '404': {$ref: '../parts.yaml#/no'}\n"
            }
            "api/parts.yaml" => {
                "limit: {name: limit, in: query, schema: {type: integer}}\nlist:\n  headers: \
                 {X-Next: {$ref: '#/next'}}\n  content: {application/json: {schema: {type: array, \
                 items: {$ref: 'openapi.yaml#/components/schemas/Pet'}}}}\nnext: {schema: {type: \
                 string, format: uri}}\n"
            }
            _ => return None,
        };
        Some(text.as_bytes().to_vec())
    };
    let text = "openapi: 3.0.0
paths:
  /pets: {$ref: 'paths/pets.yaml'}
  /gone: {$ref: 'https://example.org/gone.yaml'}
components: {schemas: {Pet: {type: integer, format: int32, minimum: 0}}}
";
    let reading = reading_beside(text, &beside);
    assert!(reading.claims.iter().all(|claim| claim.source.file == "api/paths/pets.yaml"));
    let files: Vec<&str> = reading.unread.iter().map(|unread| unread.file.as_str()).collect();
    assert_eq!(files, ["api/openapi.yaml", "api/paths/pets.yaml"]);
    assert_eq!(
        print(&reading),
        "4:5 constraint GET /pets includes -> 200\n  called GET /pets\n  \
         request query limit: sometimes digits\n  \
         response header x-next: sometimes uri, long\n  \
         response media-type application/json: always present\n  \
         response $: always any array\n  response $[]: always zero, int32\n\
         6:5 constraint GET /pets includes -> 404\n  called GET /pets\n  \
         request query limit: sometimes digits\n  response $: sometimes all, anything beneath\n\
         unread 4: `https://example.org/gone.yaml` is not fetched\n  so keep a copy beside the \
         specification and refer to it by its path\n\
         unread 6: `../parts.yaml#/no` leads to nothing\n  so define it, or correct the reference\n"
    );
}

/// What an operation says of its request, each line cut to what follows `request `.
#[track_caller]
fn check_request(operation: &str, root: &str, expected: &str) {
    let text = format!(
        "openapi: 3.1.0\npaths: {{/a: {{post: {{{operation}, \
         responses: {{'204': {{}}}}}}}}}}\n{root}"
    );
    let printed = print(&reading_beside(&text, &|_| None));
    let lines = printed.lines().skip(2).map(|line| line.trim().trim_start_matches("request "));
    assert_eq!(lines.collect::<Vec<_>>().join("\n"), expected, "{operation}");
}

#[test]
fn query_parameters_are_names_as_they_are_sent() {
    let parameter = |described: &str, expected: &str| {
        check_request(&format!("parameters: [{{in: query, name: q, {described}}}]"), "", expected);
    };
    parameter(
        "required: true, schema: {type: boolean}",
        "query q: always text in \"false\", \"true\"",
    );
    parameter(
        "schema: {type: integer}, allowEmptyValue: true",
        "query q: sometimes empty string, digits",
    );
    parameter("schema: {type: array, items: {type: integer}}", "query q: sometimes digits");
    parameter(
        "explode: false, schema: {type: array, items: {type: integer}}",
        "query q: sometimes empty string, text, digits, long",
    );
    parameter("explode: false, schema: {type: array, items: {}}", "query q: sometimes any string");
    parameter(
        "content: {application/json: {schema: {type: integer}}}",
        "query q: sometimes any string",
    );
    let object = "schema: {type: object, required: [a], properties: {a: {type: integer}, \
        b: {type: array, items: {const: x}}}}";
    parameter(
        &format!("style: deepObject, explode: true, required: true, {object}"),
        "query q[a]: always digits\nquery q[b]: sometimes text in \"x\"",
    );
    parameter(object, "query a: sometimes digits\nquery b: sometimes text in \"x\"");
    parameter(
        "style: deepObject, schema: {properties: {a: {type: object}, b: {type: integer}}}",
        "query q[b]: sometimes digits\nunread 2: a query parameter is an object that holds more \
         than plain values: its inner names are written differently by every library and are not \
         read\nso describe the names as they are sent as parameters of their own",
    );
}

#[test]
fn security_is_always_said_only_when_every_alternative_needs_it() {
    let root = "components: {securitySchemes: {token: {type: http, scheme: bearer}, \
        key: {type: apiKey, in: query, name: key}, tls: {type: mutualTLS}}}\n";
    let token = "header authorization: always any string, withheld";
    check_request("security: [{token: []}]", root, token);
    check_request(
        "security: [{token: [], key: []}, {token: []}]",
        root,
        &format!("query key: sometimes any string, withheld\n{token}"),
    );
    check_request(
        "security: [{token: []}, {}]",
        root,
        "header authorization: sometimes any string, withheld",
    );
    check_request("security: [{tls: []}]", root, "");
    check_request(
        "security: [{none: []}]",
        root,
        "unread 2: the security scheme `none` is not \
        defined\nso define it under `components` and `securitySchemes`",
    );
}

#[test]
fn bodies_are_said_by_their_media_types() {
    let body = |described: &str, expected: &str| {
        check_request(&format!("requestBody: {{{described}}}"), "", expected);
    };
    let json = "application/json; charset=utf-8: {schema: {type: 'null'}}";
    body(
        &format!("required: true, content: {{{json}}}"),
        "media-type application/json: always present\n$: always null",
    );
    body(
        &format!(
            "required: true, content: {{{json}, application/a+json: {{schema: {{type: boolean}}}}}}"
        ),
        "media-type application/a+json: sometimes present\n\
         media-type application/json: sometimes present\n$: always any boolean, null",
    );
    body("content: {'*/*': {schema: {type: boolean}}}", "$: sometimes any boolean");
    body("content: {'*/*': {schema: {type: string}}}", "$: sometimes any string, not JSON");
    body(
        "required: true, content: {text/csv: {}}",
        "media-type text/csv: always present\n$: sometimes not JSON",
    );
    body(
        "content: {application/json: {}}",
        "media-type application/json: sometimes present\n$: sometimes all, anything beneath",
    );
    body(
        "content: {application/x-www-form-urlencoded: {schema: {required: [n], properties: \
         {n: {type: integer}, o: {type: object}}}}}",
        "media-type application/x-www-form-urlencoded: sometimes present\n\
         $: sometimes record, map\n$.n: always digits\n$.o: sometimes any string",
    );
}

#[test]
fn answers_without_content_are_covered_unless_they_have_no_body() {
    let text = "openapi: 3.0.0\npaths: {/a: {head: {responses: {200: {content: {a/json: {}}}}}, \
        get: {responses: {304: {}, 200: {content: {}}}}}}\n";
    check(
        text,
        "2:33 constraint HEAD /a includes -> 200\n  called HEAD /a\n\
         2:83 constraint GET /a includes -> 304\n  called GET /a\n\
         2:92 constraint GET /a includes -> 200\n  called GET /a\n  \
         response $: sometimes all, anything beneath\n",
    );
}

#[test]
fn deep_composition_stays_on_a_small_stack() {
    let deep =
        |opening: &str, closing: &str| format!("{}{{}}{}", opening.repeat(25), closing.repeat(25));
    let schema = deep("{properties: {a: {allOf: [", "]}}}");
    assert!(said_by("3.1.0", &schema, "{}").contains("$.a.a.a"));
    let node = |name: usize| {
        let next = (name + 1) % 40;
        format!(
            "S{name}: {{properties: {{a: {{$ref: '#/components/schemas/S0'}}}}, \
             allOf: [{{$ref: '#/components/schemas/S{next}'}}]}}"
        )
    };
    let ring = (0..40).map(node).collect::<Vec<_>>().join(", ");
    let said = said_by("3.1.0", "{$ref: '#/components/schemas/S0'}", &format!("{{{ring}}}"));
    assert!(said.contains("too large"), "{said}");
}

proptest::proptest! {
    #[test]
    fn any_tree_is_read(words in proptest::collection::vec(0..WORDS.len(), 0..60)) {
        let text: String = words.iter().map(|word| WORDS[*word]).collect();
        if let Ok(parsed) = parse("a.yaml", format!("openapi: 3.1.0\npaths: {text}").as_bytes()) {
            let file = SourceFile { path: "a.yaml", bytes: b"" };
            let _ = read(&file, &parsed.documents, &|_| None);
        }
    }
}

/// Pieces from which documents are made at random.
const WORDS: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    ", ",
    "/a: ",
    "get: ",
    "responses: ",
    "'200': ",
    "content: ",
    "application/json: ",
    "schema: ",
    "$ref: ",
    "'#/paths'",
    "allOf: ",
    "properties: ",
    "a: ",
    "parameters: ",
    "name: ",
    "in: ",
    "query",
    "type: ",
    "object",
    "items: ",
];
