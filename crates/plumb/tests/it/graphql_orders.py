"""A server of GraphQL and its client: `serve SCHEMA FAILING`, or `ask URL DOCUMENTS`."""

import http.server
import json
import sys
import urllib.parse
import urllib.request

import graphql


def order(number, failing):
    status = "REFUNDED" if failing and number % 10 == 0 else ("PAID" if number % 3 else "OPEN")
    lines = [{"sku": "desk", "count": number % 2 + 1}, {"sku": "lamp", "count": 2}]
    note = None if number % 2 else "by noon"
    # A total that is not there, though the schema promises one, makes the order null, and says so.
    total = None if failing and number % 8 == 0 else number + 0.5
    return {"id": f"o-{number}", "status": status, "total": total, "note": note, "lines": lines}


class Root:
    def __init__(self, failing):
        self.failing = failing

    def order(self, info, id):
        return order(int(id.rpartition("-")[2]), self.failing)

    def orders(self, info, first):
        return [order(number, False) for number in range(1, first + 1)]

    def cancelOrder(self, info, id):
        return order(int(id.rpartition("-")[2]), False)


def serve(schema_path, failing):
    with open(schema_path) as file:
        text = file.read()
    if failing:
        # The server moved on, and the schema that its clients keep did not.
        text = text.replace("PAID\n", "PAID\n  REFUNDED\n")
    schema = graphql.build_schema(text)

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            self.answer(json.loads(self.rfile.read(length)))

        def do_GET(self):
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
            self.answer({name: values[0] for name, values in query.items()})

        def answer(self, asked):
            variables = asked.get("variables")
            result = graphql.graphql_sync(
                schema,
                asked["query"],
                Root(failing),
                variable_values=json.loads(variables) if isinstance(variables, str) else variables,
                operation_name=asked.get("operationName"),
            )
            body = json.dumps(result.formatted).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def post(url, asked):
    body = json.dumps(asked).encode()
    headers = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
        return json.load(answer)


def ask(url, documents_path):
    with open(documents_path) as file:
        documents = file.read()
    listing = "query ListOrders($first: Int) { orders(first: $first) { id status total } }"
    for number in range(1, 41):
        variables = {"id": f"o-{number}"}
        asked = {"operationName": "GetOrder", "query": documents, "variables": variables}
        one = post(url, asked)
        # Without a name beside the document, and by either method.
        variables = {"first": number % 4}
        many = post(url, {"query": listing, "variables": variables})
        query = urllib.parse.urlencode({"query": listing, "variables": json.dumps(variables)})
        with urllib.request.urlopen(f"{url}?{query}") as answer:
            again = json.load(answer)
    print(*one["data"], *many["data"], *again["data"])


if sys.argv[1] == "serve":
    serve(sys.argv[2], sys.argv[3] == "failing")
else:
    ask(sys.argv[2], sys.argv[3])
