//! How fast Plumb folds documents, beside what infers schemas from JSON elsewhere, in one run and
//! on the same bytes. Each peer works on one core, as the fold does, and in the way that its own
//! documentation shows.
//!
//! Read the ratios; the absolute figures belong to one machine and one moment.

#[path = "../../crates/plumb-shape/benches/fold/corpus.rs"]
mod corpus;
#[path = "../../crates/plumb-shape/benches/fold/recorded.rs"]
mod recorded;

use corpus::{Corpus, corpora};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use plumb_shape::fold::Fold;
use plumb_shape::literal::LiteralKey;
use plumb_shape::outcome::Outcome;
use plumb_shape::place::Side;
use recorded::recorded;
use schema_analysis::InferredSchema;
use serde::de::DeserializeSeed as _;
use std::hint::black_box;
use std::sync::Arc;

criterion_group!(benches, fold);
criterion_main!(benches);

fn fold(criterion: &mut Criterion) {
    for corpus in corpora().into_iter().chain([recorded()]) {
        let lines = corpus.documents.join("\n");
        let mut group = criterion.benchmark_group(corpus.name);
        group.throughput(Throughput::Bytes(corpus.bytes() as u64)).sample_size(10);
        group.bench_function("plumb", |it| it.iter(|| plumb(black_box(&corpus))));
        group.bench_function("arrow-json", |it| it.iter(|| arrow(black_box(&lines))));
        // These make a field of every key they meet, and take minutes where keys are data.
        if corpus.name != "dynamic_keys" {
            group.bench_function("drivel", |it| it.iter(|| drivel(black_box(&corpus))));
            group.bench_function("genson-rs", |it| it.iter(|| genson(black_box(&corpus))));
            group.bench_function("polars", |it| it.iter(|| polars(black_box(&lines))));
            group.bench_function("schema_analysis", |it| it.iter(|| analysis(black_box(&corpus))));
        }
        group.finish();
    }
}

fn plumb(corpus: &Corpus) -> Outcome {
    let mut fold =
        Fold::new(LiteralKey::new([7; 32]), Arc::new(|place| place.name() == Some("password")));
    for text in &corpus.documents {
        fold.begin(Some(1_700_000_000_000));
        fold.json(Side::Response, text.as_bytes()).expect("every document is JSON");
        fold.commit();
    }
    fold.seal()
}

/// Fails where a type changes between documents; it stops there.
fn arrow(lines: &str) -> bool {
    arrow_json::reader::infer_json_schema(lines.as_bytes(), None).is_ok()
}

fn drivel(corpus: &Corpus) -> drivel::SchemaState {
    let options = drivel::InferenceOptions { enum_inference: None };
    let parsed = corpus.documents.iter().map(|text| serde_json::from_str(text).expect("JSON"));
    drivel::infer_schema_from_iter(parsed.collect(), &options)
}

fn genson(corpus: &Corpus) -> serde_json::Value {
    let mut builder = genson_rs::get_builder(None);
    for text in &corpus.documents {
        // It parses in place, so it needs a copy.
        let mut bytes = text.clone().into_bytes();
        genson_rs::build_single_json_object_schema(&mut builder, &mut bytes);
    }
    builder.to_schema()
}

fn polars(lines: &str) -> bool {
    polars_io::ndjson::infer_schema(&mut lines.as_bytes(), None).is_ok()
}

fn analysis(corpus: &Corpus) -> Option<InferredSchema> {
    let mut schema: Option<InferredSchema> = None;
    for text in &corpus.documents {
        let mut input = serde_json::Deserializer::from_str(text);
        match &mut schema {
            Some(schema) => schema.deserialize(&mut input).expect("JSON"),
            None => schema = serde::Deserialize::deserialize(&mut input).ok(),
        }
    }
    schema
}
