//! How fast documents are folded, beside the limits of the same run: checking UTF-8 alone, and
//! parsing without looking at any value.
//!
//! Read the ratios; the absolute figures belong to one machine and one moment.

mod corpus;
mod recorded;

use corpus::{Corpus, corpora};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use plumb_shape::fold::Fold;
use plumb_shape::literal::LiteralKey;
use plumb_shape::outcome::Outcome;
use plumb_shape::place::Side;
use recorded::recorded;
use serde::de::IgnoredAny;
use std::hint::black_box;
use std::sync::Arc;

/// That of `plumb` itself, and of the process in which the fold is compared with its peers.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

criterion_group!(benches, fold);
criterion_main!(benches);

fn fold(criterion: &mut Criterion) {
    for corpus in corpora().into_iter().chain([recorded()]) {
        let mut group = criterion.benchmark_group(corpus.name);
        group.throughput(Throughput::Bytes(corpus.bytes() as u64)).sample_size(20);
        group.bench_function("utf8", |bencher| bencher.iter(|| utf8(black_box(&corpus))));
        group.bench_function("parse", |bencher| bencher.iter(|| parse(black_box(&corpus))));
        group.bench_function("fold", |bencher| bencher.iter(|| folded(black_box(&corpus))));
        group.finish();
    }
}

fn utf8(corpus: &Corpus) -> usize {
    let is_text = |text: &&String| simdutf8::basic::from_utf8(text.as_bytes()).is_ok();
    corpus.documents.iter().filter(is_text).count()
}

fn parse(corpus: &Corpus) -> usize {
    let is_json = |text: &&String| sonic_rs::from_slice::<IgnoredAny>(text.as_bytes()).is_ok();
    corpus.documents.iter().filter(is_json).count()
}

fn folded(corpus: &Corpus) -> Outcome {
    let mut fold =
        Fold::new(LiteralKey::new([7; 32]), Arc::new(|place| place.name() == Some("password")));
    for text in &corpus.documents {
        fold.begin(Some(1_700_000_000_000));
        // Every document is JSON; were one not, that would be folded as a fact.
        fold.json(Side::Response, text.as_bytes()).ok();
        fold.commit();
    }
    fold.seal()
}
