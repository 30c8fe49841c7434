//! The laws of the store over any history: order does not matter, repeats do not count, and
//! pruning may come before or after.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::address::Address;
use crate::postgres;
use crate::server;
use crate::sqlite::SqliteStore;
use crate::store::{Applied, Delta, Store};
use crate::toy::{Windows, all_windows, delta, entry, expect, key, merge, numbers};
use crate::toy_store::ToyStore;

/// One thing that happens to a store.
#[derive(Debug, Clone)]
enum Event {
    Apply(usize),
    Prune(i32),
}

const DAYS: std::ops::Range<i32> = 0..5;

fn any_deltas() -> impl Strategy<Value = Vec<Delta<'static>>> {
    let entries = vec((0..3u8, DAYS, vec(0..9u32, 1..4)), 0..4);
    vec(entries, 1..8).prop_map(|deltas| {
        let deltas = deltas.into_iter().zip(0..).map(|(entries, number)| {
            let entries = entries.into_iter().map(|(writer, day, numbers)| {
                entry(key(["a", "b", "c"][usize::from(writer)], day), &numbers)
            });
            delta(number, entries.collect())
        });
        deltas.collect()
    })
}

/// Every delta at least once, in any order, some again, with pruning at any moment.
fn any_history(deltas: usize) -> impl Strategy<Value = Vec<Event>> {
    let again = vec(0..deltas, 0..deltas);
    let prunes = vec(DAYS.prop_map(Event::Prune), 0..3);
    (again, prunes).prop_flat_map(move |(again, prunes)| {
        let applied = (0..deltas).chain(again).map(Event::Apply);
        Just(applied.chain(prunes).collect::<Vec<_>>()).prop_shuffle()
    })
}

fn any_deltas_and_history() -> impl Strategy<Value = (Vec<Delta<'static>>, Vec<Event>)> {
    any_deltas().prop_flat_map(|deltas| {
        let history = any_history(deltas.len());
        (Just(deltas), history)
    })
}

/// What must be there in the end, from the deltas alone.
fn expected(deltas: &[Delta<'_>], horizon: i32) -> Windows {
    let mut windows = Windows::new();
    deltas.iter().for_each(|delta| expect(&mut windows, delta));
    windows.retain(|key, _| key.day >= horizon);
    windows
}

/// The store has what it must have after this history.
fn check(
    store: &mut dyn Store,
    deltas: &[Delta<'_>],
    history: Vec<Event>,
) -> Result<(), TestCaseError> {
    let mut horizon = i32::MIN;
    let mut came = vec![false; deltas.len()];
    for event in history {
        match event {
            Event::Prune(day) => {
                store.prune(day).unwrap();
                horizon = horizon.max(day);
            }
            Event::Apply(index) => {
                let newest = deltas[index].entries.iter().map(|entry| entry.key.day).max();
                let late = newest.unwrap_or(0) < horizon;
                let applied = store.apply(&deltas[index], &merge).unwrap();
                prop_assert_eq!(applied == Applied::Late, late);
                prop_assert_eq!(applied == Applied::Already, came[index] && !late);
                came[index] = true;
            }
        }
    }
    prop_assert_eq!(all_windows(store), expected(deltas, horizon));
    let newest = |delta: &Delta<'_>| delta.entries.iter().map(|e| e.key.day).max().unwrap_or(0);
    let kept = deltas.iter().filter(|delta| newest(delta) >= horizon).count();
    prop_assert_eq!(numbers(store).len(), kept);
    Ok(())
}

/// Windows depend on the set of deltas and the horizon alone.
mod windows_depend_on_the_set_of_deltas_and_the_horizon_alone {
    use super::*;

    proptest! {
        #[test]
        fn in_memory((deltas, history) in any_deltas_and_history()) {
            check(&mut ToyStore::default(), &deltas, history)?;
        }

        #[test]
        fn in_a_file((deltas, history) in any_deltas_and_history()) {
            check(&mut SqliteStore::in_memory(), &deltas, history)?;
        }
    }

    /// A server takes a while to make a store, so it makes fewer.
    #[test]
    fn on_a_server() {
        let server = server::shared();
        let database = server.database();
        let address = Address::parse(&database).unwrap();
        let config = ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() };
        proptest!(config, |((deltas, history) in any_deltas_and_history())| {
            server.sql(&database, "DROP SCHEMA IF EXISTS plumb CASCADE");
            check(&mut postgres::open(&address).unwrap(), &deltas, history)?;
        });
    }
}
