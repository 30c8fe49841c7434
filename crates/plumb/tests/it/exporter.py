"""Exports one call, one message and one statement, as services do, to the two addresses given."""

import sys

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as Grpc
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as Http
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, set_span_in_context


def provider(name, version, exporter):
    resource = Resource.create({"service.name": name, "service.version": version})
    made = TracerProvider(resource=resource)
    made.add_span_processor(BatchSpanProcessor(exporter))
    return made


grpc, http = sys.argv[1:]
shop = provider("shop", "1.0", Grpc(endpoint=grpc, insecure=grpc.startswith("http:")))
traces = http + "/v1/traces"
orders = provider("orders", "2.0", Http(endpoint=traces, compression=Compression.Gzip))
billing = provider("billing", "3.0", Http(endpoint=traces))

for number in range(1000, 1040):
    path = f"/orders/{number}"
    call = {"http.request.method": "GET", "url.full": f"http://orders.test:8080{path}",
            "http.response.status_code": 200}
    with shop.get_tracer("t").start_as_current_span("GET", kind=SpanKind.CLIENT,
                                                    attributes=call) as client:
        answer = {"http.request.method": "GET", "url.path": path, "http.route": "/orders/{id}",
                  "http.response.status_code": 200}
        below = set_span_in_context(client)
        with orders.get_tracer("t").start_as_current_span("GET", below, SpanKind.SERVER, answer):
            statement = {"db.system.name": "postgresql", "db.query.summary": "SELECT orders",
                         "db.query.text": f"SELECT * FROM orders WHERE id = {number}",
                         "server.address": "db.test"}
            with orders.get_tracer("t").start_as_current_span("SELECT", kind=SpanKind.CLIENT,
                                                              attributes=statement):
                pass
    topic = {"messaging.system": "kafka", "messaging.destination.name": "orders.paid"}
    sent = orders.get_tracer("t").start_span("send", kind=SpanKind.PRODUCER, attributes=topic)
    sent.end()
    taken = billing.get_tracer("t").start_span("process", kind=SpanKind.CONSUMER, attributes=topic,
                                               links=[Link(sent.get_span_context())])
    taken.end()

for each in (shop, orders, billing):
    assert each.force_flush()
    each.shutdown()
