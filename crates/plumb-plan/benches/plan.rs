//! How long plans take: 1,000 components and 10,000 seams planned, explored, and refused where a
//! circle leaves no order.

use criterion::{Criterion, criterion_group, criterion_main};
use plumb_plan::explore::refute;
use plumb_plan::plan::plan;
use plumb_plan::proposal::proposals;
use plumb_plan::transition::{
    Answer, Basis, Carrier, Component, Flaw, Kind, Moves, Pair, Seam, Stay, Transition,
};
use std::hint::black_box;

const COMPONENTS: usize = 1_000;
const SEAMS: usize = 10_000;

fn component(at: usize) -> Component {
    Component {
        name: format!("c{at}"),
        kind: Kind::Service,
        versions: vec!["1".to_owned(), "2".to_owned()],
        moves: Moves::Rolling,
        lingers: if at.is_multiple_of(7) { Stay::Passing(None) } else { Stay::Gone },
        lingers_basis: String::new(),
        one_way: vec![None],
    }
}

fn pair(is_safe: bool) -> Pair {
    let answer = if is_safe { Answer::Yes } else { Answer::No };
    Pair { answer, basis: Basis::Decided, because: String::new() }
}

/// Seams between components as far apart as chance has it. At two of three the new version of the
/// one that comes later is not taken by the old version of the other, so there is an order, and it
/// is long.
fn transition(is_ordered: bool) -> Result<Transition, Flaw> {
    let components = (0..COMPONENTS).map(component).collect();
    let mut state = 1_u64;
    let mut chance = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(state >> 33).unwrap_or(0) % below
    };
    let mut seams: Vec<Seam> = (0..SEAMS)
        .map(|at| {
            let (writer, reader) = (chance(COMPONENTS), chance(COMPONENTS));
            let clashes = writer != reader && at % 3 > 0;
            Seam {
                name: format!("s{at}"),
                carrier: Carrier::Queue,
                writer,
                reader,
                keeps: if at.is_multiple_of(2) { Stay::Passing(None) } else { Stay::Gone },
                keeps_basis: String::new(),
                pairs: vec![
                    pair(true),
                    pair(!clashes || writer > reader),
                    pair(!clashes || writer < reader),
                    pair(true),
                ],
            }
        })
        .collect();
    if !is_ordered {
        seams[0].pairs = vec![pair(true), pair(false), pair(false), pair(true)];
    }
    Transition::new(components, seams)
}

fn plans(criterion: &mut Criterion) {
    let Ok(world) = transition(true) else { return };
    criterion.bench_function("1000 components, 10000 seams: planned", |bench| {
        bench.iter(|| plan(black_box(&world)).is_ok());
    });
    let Ok(planned) = plan(&world) else { return };
    let stages = planned.stages();
    criterion.bench_function("1000 components, 10000 seams: explored", |bench| {
        bench.iter(|| refute(black_box(&world), &stages).is_none());
    });
    let Ok(circle) = transition(false) else { return };
    criterion.bench_function("1000 components, 10000 seams: refused, with proposals", |bench| {
        bench.iter(|| plan(black_box(&circle)).map_err(|why| proposals(&circle, &why)).is_err());
    });
}

criterion_group!(benches, plans);
criterion_main!(benches);
