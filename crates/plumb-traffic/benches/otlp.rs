//! How fast traces become profiles: the walk over the binary form alone, the walk up to exchanges,
//! and all of it; beside it the JSON form.
//!
//! Read the ratios; the absolute figures belong to one machine and one moment.

#![expect(clippy::unwrap_used, reason = "a bench whose input is not what it says must stop")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use plumb_shape::literal::LiteralKey;
use plumb_traffic::exchange::Exchange;
use plumb_traffic::fold::{Folds, Origin};
use plumb_traffic::otlp::calls::Calls;
use plumb_traffic::otlp::{request_json, request_proto};
use plumb_traffic::reading::{Limits, Reading};
use plumb_traffic::redact::Redaction;
use std::hint::black_box;

#[path = "../src/otlp/tests/encode.rs"]
#[expect(dead_code, reason = "the tests write more kinds of values than telemetry mostly has")]
mod encode;

use encode::{Any, Group, Sample, attribute};

criterion_group!(benches, otlp);
criterion_main!(benches);

/// Spans in one request, as batching exporters send them.
const BATCH: u64 = 256;

/// Pairs of requests: the clients' spans in one, the servers' in the other.
const PAIRS: u64 = 40;

/// What a span takes in the binary form, on average; the figure by which receivers are compared.
const SPAN_BYTES: usize = 465;

fn otlp(criterion: &mut Criterion) {
    let groups: Vec<Group> =
        (0..PAIRS).flat_map(|pair| [batch(pair, client), batch(pair, server)]).collect();
    let of_one = |group: &Group| encode::proto(std::slice::from_ref(group));
    let requests: Vec<Vec<u8>> = groups.iter().map(of_one).collect();
    let spans = 2 * PAIRS * BATCH;
    let bytes: usize = requests.iter().map(Vec::len).sum();
    let each = bytes / usize::try_from(spans).unwrap();
    assert!(each.abs_diff(SPAN_BYTES) < SPAN_BYTES / 50, "{each} bytes a span");
    let mut group = criterion.benchmark_group("otlp");
    group.throughput(Throughput::Elements(spans)).sample_size(20);
    // Internal spans are decoded like others and show no call.
    let internal: Vec<Vec<u8>> = groups
        .iter()
        .map(|group| of_one(&Group { spans: as_internal(group), ..group.clone() }))
        .collect();
    group.bench_function("walk", |bencher| bencher.iter(|| exchanges(black_box(&internal))));
    group.bench_function("calls", |bencher| bencher.iter(|| exchanges(black_box(&requests))));
    group.bench_function("fold", |bencher| bencher.iter(|| folded(black_box(&requests))));
    group.bench_function("json", |bencher| {
        let texts = || groups.iter().map(|g| encode::json(std::slice::from_ref(g))).collect();
        bencher.iter_batched(
            texts,
            |texts: Vec<String>| exchanges_of_json(&texts),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn exchanges(requests: &[Vec<u8>]) -> u64 {
    let (mut calls, mut reading) = (Calls::new(&Limits::default()), Reading::default());
    for request in requests {
        request_proto(request, &mut calls, &mut |exchange| drop(black_box(exchange)), &mut reading)
            .unwrap();
    }
    calls.finish(&mut |exchange| drop(black_box(exchange)), &mut reading);
    reading.exchanges
}

fn exchanges_of_json(requests: &[String]) -> u64 {
    let (mut calls, mut reading) = (Calls::new(&Limits::default()), Reading::default());
    for request in requests {
        let mut sink = |exchange: Exchange<'_>| drop(black_box(exchange));
        request_json(request.as_bytes(), &mut calls, &mut sink, &mut reading).unwrap();
    }
    calls.finish(&mut |exchange| drop(black_box(exchange)), &mut reading);
    reading.exchanges
}

fn folded(requests: &[Vec<u8>]) -> usize {
    let denied = Redaction::default().as_denied();
    let mut folds = Folds::new(LiteralKey::new([7; 32]), denied, Origin::default(), &|_| None);
    let (mut calls, mut reading) = (Calls::new(&Limits::default()), Reading::default());
    let mut sink = |exchange: Exchange<'_>| folds.observe(&exchange);
    for request in requests {
        request_proto(request, &mut calls, &mut sink, &mut reading).unwrap();
    }
    calls.finish(&mut sink, &mut reading);
    folds.seal().len()
}

fn batch(pair: u64, span: fn(u64) -> Sample) -> Group {
    let spans: Vec<Sample> = (pair * BATCH + 1..=(pair + 1) * BATCH).map(span).collect();
    let name = if spans[0].parent == 0 { "storefront" } else { "orders" };
    let resource = vec![
        attribute("service.name", name),
        attribute("service.version", "4.12.1"),
        attribute("deployment.environment.name", "production"),
        attribute("telemetry.sdk.language", "java"),
    ];
    Group { resource, spans }
}

fn sample(number: u64, attributes: Vec<(String, Any)>) -> Sample {
    let start_ns = 1_795_223_758_647_000_000 + number * 1_000_000;
    Sample {
        trace: number,
        start_ns,
        end_ns: start_ns + 4_321_000,
        attributes,
        ..Sample::default()
    }
}

fn client(number: u64) -> Sample {
    let url = format!("https://orders.internal:8443/v2/orders/{number}/items?page=2&fields=sku");
    let attributes = vec![
        attribute("http.request.method", "GET"),
        attribute("url.full", url.as_str()),
        attribute("server.address", "orders.internal"),
        attribute("server.port", 8443),
        attribute("network.protocol.version", "1.1"),
        attribute("network.peer.address", "10.23.118.7"),
        attribute("network.peer.port", 8443),
        attribute("user_agent.original", "okhttp/4.12.0"),
        attribute("thread.name", "http-nio-8080-exec-12"),
        attribute("http.response.status_code", if number.is_multiple_of(50) { 404 } else { 200 }),
    ];
    Sample { kind: 3, id: number * 2, ..sample(number, attributes) }
}

fn server(number: u64) -> Sample {
    let path = format!("/v2/orders/{number}/items");
    let attributes = vec![
        attribute("http.request.method", "GET"),
        attribute("url.scheme", "https"),
        attribute("url.path", path.as_str()),
        attribute("url.query", "page=2&fields=sku"),
        attribute("http.route", "/v2/orders/{orderId}/items"),
        attribute("server.address", "orders.internal"),
        attribute("server.port", 8443),
        attribute("client.address", "10.23.118.9"),
        attribute("network.peer.port", 51_774),
        attribute("user_agent.original", "okhttp/4.12.0"),
        attribute("network.protocol.version", "1.1"),
        attribute("http.response.status_code", if number.is_multiple_of(50) { 404 } else { 200 }),
    ];
    Sample { kind: 2, id: number * 2 + 1, parent: number * 2, ..sample(number, attributes) }
}

fn as_internal(group: &Group) -> Vec<Sample> {
    group.spans.iter().map(|span| Sample { kind: 1, ..span.clone() }).collect()
}
