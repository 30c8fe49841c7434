//! How long a page takes: 2,000 seams and 100,000 findings, every view, as HTML and compressed as
//! it goes out.

#[path = "../tests/large/project.rs"]
mod project;

use criterion::{Criterion, criterion_group, criterion_main};
use plumb_pages::address::{Links, VIEWS};
use plumb_pages::frame::{page, told};
use plumb_pages::shown::Asked;
use plumb_pages::view::show;
use plumb_pages::visitor::Visitor;
use project::{EmptyDesk, queries, survey};
use std::hint::black_box;

fn views(criterion: &mut Criterion) {
    let survey = survey(2_000, 100_000);
    let mut group = criterion.benchmark_group("views");
    for (view, name, _) in VIEWS {
        for (at, query) in queries(view).iter().enumerate() {
            let asked = Asked {
                survey: &survey,
                desk: &EmptyDesk,
                query,
                links: Links::Server,
                visitor: Visitor::default(),
            };
            group.bench_function(format!("{name}-{at}"), |bench| {
                bench.iter(|| {
                    let shown = show(view, black_box(asked));
                    let visitor = Visitor::default();
                    page(&shown, (&survey, survey.as_of_ms), visitor, told("/x.json", ""))
                });
            });
        }
    }
}

criterion_group!(benches, views);
criterion_main!(benches);
