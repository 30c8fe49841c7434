//! The queue's laws.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use http::{Method, Version};

use super::*;
use crate::record::{Ending, Half, Span};

fn record() -> Record {
    Record {
        time: Duration::ZERO,
        latency: None,
        scheme: "http",
        method: Method::GET,
        version: Version::HTTP_11,
        authority: None,
        path: Span::default(),
        request: Half::default(),
        status: 200,
        response: Half::default(),
        writer_version: None,
        ending: Ending::Complete,
    }
}

fn weight() -> usize {
    let mut page = Page::default();
    assert!(page.add(record(), &[], usize::MAX));
    page.weight()
}

/// A queue with room for so many.
fn room_for(count: usize) -> (Queue, Taking) {
    bounded(Bounds { bytes_max: weight() * count })
}

fn offer(queue: &Queue, count: usize) {
    for _ in 0..count {
        queue.offer(record(), &[]);
    }
}

fn check(queue: &Queue, expected: (u64, u64, u64, u64)) {
    let Counts { offered, taken, dropped, waiting, .. } = queue.counts();
    assert_eq!((offered, taken, dropped, waiting), expected);
    assert_eq!(offered, taken + dropped + waiting);
}

#[test]
fn what_finds_no_room_is_dropped() {
    let (queue, mut taking) = room_for(2);
    offer(&queue, 3);
    check(&queue, (3, 0, 1, 2));
    assert_eq!(queue.counts().bytes, weight() * 2);
    assert!(taking.next().is_some());
    check(&queue, (3, 1, 1, 1));
    // A page gives its room back as a whole.
    offer(&queue, 1);
    check(&queue, (4, 1, 2, 1));
    assert!(taking.next().is_some());
    assert!(matches!(taking.next_within(Duration::ZERO), Next::Nothing));
    assert_eq!(queue.counts().bytes, 0);
    offer(&queue, 1);
    check(&queue, (5, 2, 2, 1));
}

#[test]
fn payloads_beside_a_page_count() {
    let (queue, mut taking) = bounded(Bounds { bytes_max: 200_000 });
    let heavy = || {
        let mut record = record();
        record.response.payload.pieces = vec![vec![b'a'; 40_000]; 2];
        record
    };
    for _ in 0..3 {
        queue.offer(heavy(), b"text");
    }
    check(&queue, (3, 0, 1, 2));
    assert!(queue.is_filling());
    let captured = taking.next().unwrap();
    assert_eq!(captured.response().payload.len(), 80_000);
}

#[test]
fn exchanges_come_as_they_were_written() {
    const COUNT: usize = 1_000;
    let (queue, taking) = bounded(Bounds::default());
    for number in 0..COUNT {
        let mut text = b"before".to_vec();
        let path = Span::of(&mut text, |text| text.extend(number.to_string().bytes()));
        queue.offer(Record { path, ..record() }, &text);
    }
    drop(queue);
    // They hold on to their pages.
    let all: Vec<Captured> = taking.collect();
    assert_eq!(all.len(), COUNT);
    for (number, captured) in all.iter().enumerate() {
        assert_eq!(captured.path(), number.to_string());
    }
}

#[test]
fn pages_are_used_again() {
    let (queue, mut taking) = bounded(Bounds::default());
    for _ in 0..200 {
        offer(&queue, 50);
        for _ in 0..50 {
            assert!(taking.next().is_some());
        }
    }
    assert!(taking.shared.pages().spare.len() <= 3);
}

#[test]
fn a_reader_that_dies_leaves_its_exchanges_dropped() {
    let (queue, mut taking) = bounded(Bounds::default());
    offer(&queue, 2);
    let reader = thread::spawn(move || {
        taking.next();
        panic!("a reader that dies");
    });
    assert!(reader.join().is_err());
    check(&queue, (2, 1, 1, 0));
    assert_eq!(queue.counts().bytes, 0);
    offer(&queue, 1);
    check(&queue, (3, 1, 2, 0));
}

#[test]
fn the_reader_ends_with_the_last_queue() {
    let (queue, taking) = bounded(Bounds::default());
    let other = queue.clone();
    offer(&queue, 1);
    drop(queue);
    offer(&other, 1);
    drop(other);
    assert_eq!(taking.count(), 2);
}

#[test]
fn the_reader_need_not_wait_for_long() {
    let (queue, mut taking) = bounded(Bounds::default());
    assert!(matches!(taking.next_within(Duration::ZERO), Next::Nothing));
    offer(&queue, 1);
    assert!(matches!(taking.next_within(Duration::MAX), Next::Captured(_)));
    check(&queue, (1, 1, 0, 0));
    drop(queue);
    assert!(matches!(taking.next_within(Duration::MAX), Next::Ended));
}

#[test]
fn a_reader_that_sleeps_is_woken() {
    let (queue, mut taking) = bounded(Bounds::default());
    let reader = thread::spawn(move || {
        (0..20).filter(|_| matches!(taking.next(), Some(Captured { .. }))).count()
    });
    for _ in 0..20 {
        while !queue.shared.is_asleep.load(Relaxed) && !reader.is_finished() {
            thread::yield_now();
        }
        offer(&queue, 1);
    }
    assert_eq!(reader.join().unwrap(), 20);
}

#[test]
fn no_exchange_is_lost_from_the_account() {
    const THREADS: usize = 8;
    const EACH: usize = 2_000;
    const TAKEN: usize = 500;
    let (queue, taking) = room_for(200);
    // Each thread may be at a page of its own, which the others do not see.
    let bytes_max = weight() * 200 * (THREADS + 1);
    let start = Arc::new(Barrier::new(THREADS));
    let offering: Vec<_> = (0..THREADS)
        .map(|_| {
            let (queue, start) = (queue.clone(), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                for _ in 0..EACH {
                    offer(&queue, 1);
                    assert!(queue.counts().bytes <= bytes_max);
                }
            })
        })
        .collect();
    let reader = thread::spawn(move || taking.take(TAKEN).count());
    for thread in offering {
        thread.join().unwrap();
    }
    while !reader.is_finished() {
        offer(&queue, 1);
        thread::yield_now();
    }
    assert_eq!(reader.join().unwrap(), TAKEN);
    let Counts { offered, taken, dropped, waiting, bytes } = queue.counts();
    assert_eq!((taken, waiting, bytes), (TAKEN as u64, 0, 0));
    assert_eq!(offered, taken + dropped);
}
