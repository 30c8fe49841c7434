//! What every store promises, one by one, for each engine that there is.
//!
//! Refuses to know which engine it is; what only one of them can do is tested beside that engine.

use crate::bounds::{
    BATCH_ROWS_MAX, DOCUMENTS_PER_KIND_MAX, KEY_FIELD_BYTES_MAX, SOURCE_BYTES_MAX, VALUE_BYTES_MAX,
};
use crate::store::{
    Applied, Delta, Filter, Merge, Pruned, Store, StoreError, VisitRefused, WindowKey,
};
use crate::toy::{all_windows, delta, entry, key, merge, numbered, numbers, to_value, windows};
use crate::toy_store::ToyStore;

/// Where one test keeps its store, and nobody else does.
pub(crate) trait Home {
    /// A place without a store.
    fn fresh() -> Self;

    /// The store there, made when it is not.
    fn open(&self) -> Box<dyn Store>;

    /// The store as whoever comes next finds it.
    fn reopen(&self, store: Box<dyn Store>) -> Box<dyn Store> {
        drop(store);
        self.open()
    }

    /// Puts `count` documents of a kind there, under the keys 1, 2, and so on.
    fn fill_documents(&self, store: &mut dyn Store, kind: &str, count: usize);
}

/// Makes each promise a test of one engine.
macro_rules! promises {
    ($home:ty) => {
        crate::suite::promises!(
            $home,
            a_delta_counts_once_and_is_recorded,
            the_newest_deltas_are_listed_newest_last,
            a_refused_merge_changes_nothing,
            a_merge_that_panics_changes_nothing,
            what_is_too_large_is_refused_whole,
            the_largest_value_is_taken,
            counts_beyond_a_column_stay_at_its_end,
            a_filter_narrows_by_what_it_names,
            windows_come_in_the_order_of_their_bytes,
            the_longest_keys_are_taken,
            a_delta_may_touch_many_windows,
            a_visitor_stops_the_visit,
            a_visitor_may_call_the_store_it_visits,
            a_pruned_day_does_not_come_back,
            documents_are_kept_by_kind_and_key,
            a_document_is_claimed_by_the_first,
            one_document_too_many_is_refused_and_the_rest_stays,
            values_of_any_bytes_come_back
        );
    };
    ($home:ty, $($promise:ident),+) => {
        mod promised {
            use super::*;
            $(
                #[test]
                fn $promise() {
                    crate::suite::$promise(&<$home as crate::suite::Home>::fresh());
                }
            )+
        }
    };
}
pub(crate) use promises;

/// The toy itself, so that the suite is known to ask for what a store can be.
struct Memory;

impl Home for Memory {
    fn fresh() -> Self {
        Self
    }

    fn open(&self) -> Box<dyn Store> {
        Box::new(ToyStore::default())
    }

    fn reopen(&self, store: Box<dyn Store>) -> Box<dyn Store> {
        store
    }

    fn fill_documents(&self, store: &mut dyn Store, kind: &str, count: usize) {
        (1..=count).for_each(|key| store.document_put(kind, &key.to_string(), b"0").unwrap());
    }
}

promises!(Memory);

fn two_writers_two_days(home: &impl Home) -> Box<dyn Store> {
    let mut store = home.open();
    let mut entries = vec![];
    for (number, writer) in ["cart", "billing"].into_iter().enumerate() {
        for day in [20, 19] {
            let mut key = key(writer, day);
            key.environment = ["staging", "production"][number].into();
            entries.push(entry(key, &[1]));
        }
    }
    store.apply(&delta(1, entries), &merge).unwrap();
    store
}

pub(crate) fn a_delta_counts_once_and_is_recorded(home: &impl Home) {
    let mut store = home.open();
    let delta = delta(3, vec![entry(key("cart", 20), &[1, 2]), entry(key("cart", 20), &[2])]);
    assert_eq!(store.apply(&delta, &merge).unwrap(), Applied::New { entries_late: 0 });
    let mut store = home.reopen(store);
    assert_eq!(store.apply(&delta, &merge).unwrap(), Applied::Already);
    assert_eq!(all_windows(&*store)[&key("cart", 20)], (vec![1, 2, 2], 2, 3));
    let [record] = store.deltas(9).unwrap().try_into().unwrap();
    assert_eq!((record.id, record.source.as_str()), (delta.id, "toy"));
    assert_eq!((record.received_ms, record.exchanges, record.windows), (3, 3, 2));
}

pub(crate) fn the_newest_deltas_are_listed_newest_last(home: &impl Home) {
    let mut store = home.open();
    for number in [5, 2, 9, 4] {
        store.apply(&numbered(number), &merge).unwrap();
    }
    assert_eq!(numbers(&*store), [5, 2, 9, 4]);
    let last = store.deltas(2).unwrap();
    assert_eq!(last.iter().map(|record| record.received_ms).collect::<Vec<_>>(), [9, 4]);
}

pub(crate) fn a_refused_merge_changes_nothing(home: &impl Home) {
    let mut store = home.open();
    store.apply(&numbered(1), &merge).unwrap();
    let before = all_windows(&*store);
    let mut second = numbered(2);
    second.entries[1].value.push(0);
    let refused = store.apply(&second, &merge).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "cannot merge into the window `shared` to `shop`, `GET /items/{id}`, version `1.4.0`, \
         in `production`, day 0: not a list of numbers"
    );
    assert_eq!((all_windows(&*store), numbers(&*store)), (before, vec![1]));
    assert_eq!(store.apply(&numbered(2), &merge).unwrap(), Applied::New { entries_late: 0 });
}

pub(crate) fn a_merge_that_panics_changes_nothing(home: &impl Home) {
    let mut store = home.open();
    store.apply(&numbered(1), &merge).unwrap();
    let before = all_windows(&*store);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.apply(&numbered(4), &|_, _| panic!("a defect of the merge"))
    }));
    assert!(panicked.is_err());
    assert_eq!((all_windows(&*store), numbers(&*store)), (before, vec![1]));
    assert_eq!(store.apply(&numbered(4), &merge).unwrap(), Applied::New { entries_late: 0 });
}

pub(crate) fn what_is_too_large_is_refused_whole(home: &impl Home) {
    let mut store = home.open();
    store.apply(&numbered(0), &merge).unwrap();
    let mut check = |delta: Delta<'_>, merge: &Merge<'_>, expected: &str| {
        let refused = store.apply(&delta, merge).unwrap_err();
        assert_eq!(refused.to_string(), expected);
        assert_eq!(numbers(&*store), [0]);
    };

    let mut long = numbered(1);
    long.entries[1].key.operation = "x".repeat(KEY_FIELD_BYTES_MAX + 1);
    check(long, &merge, "the operation of a window: 2049 bytes, and the store takes 2048");

    let mut large = numbered(1);
    large.entries[0].value = vec![0; VALUE_BYTES_MAX + 1];
    let expected = "the value of a window: 16777217 bytes, and the store takes 16777216";
    check(large, &merge, expected);
    check(numbered(3), &|_, _| Ok(vec![0; VALUE_BYTES_MAX + 1]), expected);

    let source = "x".repeat(SOURCE_BYTES_MAX + 1);
    let wordy = Delta { source: &source, ..numbered(1) };
    check(wordy, &merge, "the source: 4097 bytes, and the store takes 4096");
}

pub(crate) fn the_largest_value_is_taken(home: &impl Home) {
    let mut store = home.open();
    let mut large = numbered(1);
    large.entries[0].value = vec![1; VALUE_BYTES_MAX];
    store.apply(&large, &merge).unwrap();
}

pub(crate) fn counts_beyond_a_column_stay_at_its_end(home: &impl Home) {
    let mut store = home.open();
    for number in 0..2 {
        let mut endless = entry(key("cart", 20), &[number]);
        endless.exchanges = u64::MAX;
        store.apply(&delta(number, vec![endless]), &merge).unwrap();
    }
    let exchanges = all_windows(&*store)[&key("cart", 20)].2;
    assert_eq!(exchanges, i64::MAX as u64);
}

pub(crate) fn a_filter_narrows_by_what_it_names(home: &impl Home) {
    let store = two_writers_two_days(home);
    let text = |text: &str| Some(text.to_owned());
    let check = |filter: Filter, expected: &[(&str, i32)]| {
        let seen = windows(&*store, &filter);
        let seen: Vec<_> = seen.keys().map(|key| (key.writer.as_str(), key.day)).collect();
        assert_eq!(seen, expected, "{filter:?}");
    };
    let all = Filter::default;
    check(all(), &[("billing", 19), ("billing", 20), ("cart", 19), ("cart", 20)]);
    check(Filter { since_day: Some(20), ..all() }, &[("billing", 20), ("cart", 20)]);
    check(Filter { writer: text("cart"), ..all() }, &[("cart", 19), ("cart", 20)]);
    check(Filter { environment: text("staging"), ..all() }, &[("cart", 19), ("cart", 20)]);
    check(Filter { operation: text("GET /"), ..all() }, &[]);
    let both = Filter { since_day: Some(20), writer: text("billing"), ..all() };
    check(both, &[("billing", 20)]);
}

pub(crate) fn a_visitor_stops_the_visit(home: &impl Home) {
    let store = two_writers_two_days(home);
    let mut visits = 0;
    let stopped = store.windows(&Filter::default(), &mut |_| {
        visits += 1;
        Err(VisitRefused { reason: "not a profile".into() })
    });
    let message = stopped.unwrap_err().to_string();
    assert!(message.starts_with("cannot read the window `billing` to"), "{message}");
    assert!(message.ends_with("day 19: not a profile"), "{message}");
    assert_eq!(visits, 1);
}

pub(crate) fn a_pruned_day_does_not_come_back(home: &impl Home) {
    let mut store = home.open();
    let entries = |days: &[i32]| days.iter().map(|day| entry(key("cart", *day), &[1])).collect();
    let (old, both) = (delta(1, entries(&[10])), delta(2, entries(&[10, 20])));
    store.apply(&old, &merge).unwrap();
    store.apply(&both, &merge).unwrap();
    assert_eq!(store.prune(15).unwrap(), Pruned { windows: 1, deltas: 1 });
    let after = all_windows(&*store);
    assert_eq!(after.keys().map(|key| key.day).collect::<Vec<_>>(), [20]);

    assert_eq!(store.apply(&old, &merge).unwrap(), Applied::Late);
    assert_eq!(store.apply(&both, &merge).unwrap(), Applied::Already);
    let unseen = delta(3, entries(&[14]));
    assert_eq!(store.apply(&unseen, &merge).unwrap(), Applied::Late);
    assert_eq!((all_windows(&*store), numbers(&*store)), (after, vec![2]));

    let unseen = delta(4, entries(&[14, 15]));
    assert_eq!(store.apply(&unseen, &merge).unwrap(), Applied::New { entries_late: 1 });
    assert_eq!(all_windows(&*store).keys().map(|key| key.day).collect::<Vec<_>>(), [15, 20]);
    assert_eq!(store.prune(12).unwrap(), Pruned::default(), "the horizon never moves back");
    assert_eq!(store.apply(&old, &merge).unwrap(), Applied::Late);
}

pub(crate) fn documents_are_kept_by_kind_and_key(home: &impl Home) {
    let mut store = home.open();
    assert_eq!(store.document_get("plan", "a").unwrap(), None);
    for (kind, key, bytes) in [("plan", "b", "1"), ("plan", "a", "2"), ("rollout", "a", "3")] {
        store.document_put(kind, key, bytes.as_bytes()).unwrap();
    }
    store.document_put("plan", "a", b"4").unwrap();
    assert_eq!(store.document_get("plan", "a").unwrap().as_deref(), Some(&b"4"[..]));
    assert_eq!(store.document_get("rollout", "a").unwrap().as_deref(), Some(&b"3"[..]));
    assert_eq!(store.document_list("plan").unwrap(), ["a", "b"]);
    assert!(store.document_list("none").unwrap().is_empty());
}

pub(crate) fn one_document_too_many_is_refused_and_the_rest_stays(home: &impl Home) {
    let mut store = home.open();
    let most = DOCUMENTS_PER_KIND_MAX;
    home.fill_documents(&mut *store, "plan", most);
    let refused = store.document_put("plan", "more", b"1").unwrap_err();
    assert_eq!(refused.to_string(), "one kind: 10001 documents, and the store takes 10000");
    store.document_put("plan", "7", b"1").unwrap();
    store.document_put("rollout", "more", b"1").unwrap();
    assert_eq!(store.document_list("plan").unwrap().len(), most);
    let long = "k".repeat(KEY_FIELD_BYTES_MAX + 1);
    assert!(matches!(store.document_put("plan", &long, b""), Err(StoreError::OutOfBounds(_))));
}

pub(crate) fn values_of_any_bytes_come_back(home: &impl Home) {
    let mut store = home.open();
    let mut odd = key("nul \0 and ünïcode", -1);
    odd.reader = String::new();
    store.apply(&delta(1, vec![entry(odd.clone(), &[0, u32::MAX])]), &merge).unwrap();
    store.apply(&delta(2, vec![entry(odd.clone(), &[])]), &merge).unwrap();
    let seen = all_windows(&*store);
    assert_eq!(to_value(&seen[&odd].0), to_value(&[0, u32::MAX]));
}

pub(crate) fn windows_come_in_the_order_of_their_bytes(home: &impl Home) {
    let mut store = home.open();
    let names = ["Z", "a", "z", "é", "", "a b", "a\u{0}", "ab", "\u{10ffff}"];
    let entries = names.iter().map(|name| entry(key(name, 1), &[1])).collect();
    store.apply(&delta(1, entries), &merge).unwrap();
    let mut expected = names;
    expected.sort_unstable();
    let seen = all_windows(&*store);
    assert_eq!(seen.keys().map(|key| key.writer.as_str()).collect::<Vec<_>>(), expected);
}

pub(crate) fn the_longest_keys_are_taken(home: &impl Home) {
    let mut store = home.open();
    // Letters that do not repeat, since an engine may compress those that do.
    let mut state = 7_u32;
    let mut field = || {
        let letters = (0..KEY_FIELD_BYTES_MAX).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'!' + u8::try_from(state >> 24).unwrap() % 90)
        });
        letters.collect::<String>()
    };
    let long = WindowKey {
        writer: field(),
        reader: field(),
        operation: field(),
        version: field(),
        environment: field(),
        day: 3,
    };
    let (kind, name) = (field(), field());
    for number in 0..2 {
        store.apply(&delta(number, vec![entry(long.clone(), &[number])]), &merge).unwrap();
        store.document_put(&kind, &name, b"1").unwrap();
    }
    assert_eq!(all_windows(&*store)[&long].0, [0, 1]);
    assert_eq!(store.document_list(&kind).unwrap(), [name]);
}

/// More windows than travel together, each there before, in both orders.
pub(crate) fn a_delta_may_touch_many_windows(home: &impl Home) {
    let mut store = home.open();
    let writers: Vec<String> = (0..2 * BATCH_ROWS_MAX + 9).map(|it| format!("w{it}")).collect();
    let mut entries: Vec<_> = writers.iter().map(|name| entry(key(name, 1), &[1])).collect();
    store.apply(&delta(1, entries.clone()), &merge).unwrap();
    entries.reverse();
    store.apply(&delta(2, entries), &merge).unwrap();
    let seen = all_windows(&*store);
    assert_eq!(seen.len(), writers.len());
    assert!(seen.values().all(|window| *window == (vec![1, 1], 1, 2)));
}

pub(crate) fn a_visitor_may_call_the_store_it_visits(home: &impl Home) {
    let store = two_writers_two_days(home);
    let mut seen = vec![];
    let visited = store.windows(&Filter::default(), &mut |_| {
        seen.push((numbers(&*store), all_windows(&*store).len()));
        Ok(())
    });
    visited.unwrap();
    assert_eq!(seen, vec![(vec![1], 4); 4]);
}

pub(crate) fn a_document_is_claimed_by_the_first(home: &impl Home) {
    let mut store = home.open();
    assert_eq!(store.document_claim("plan", "a", b"1").unwrap(), b"1");
    assert_eq!(store.document_claim("plan", "a", b"2").unwrap(), b"1");
    store.document_put("plan", "a", b"3").unwrap();
    assert_eq!(store.document_claim("plan", "a", b"2").unwrap(), b"3");
    let long = "k".repeat(KEY_FIELD_BYTES_MAX + 1);
    let refused = store.document_claim("plan", &long, b"");
    assert!(matches!(refused, Err(StoreError::OutOfBounds(_))), "{refused:?}");
}
