//! The queue's laws.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use http::{Method, Version};

use super::*;
use crate::captured::{Ending, Side};

fn captured() -> Box<Captured> {
    Box::new(Captured {
        time: Duration::ZERO,
        latency: None,
        scheme: "http",
        method: Method::GET,
        authority: None,
        path: "/".into(),
        writer_version: None,
        version: Version::HTTP_11,
        request: Side::default(),
        status: 200,
        response: Side::default(),
        ending: Ending::Complete,
    })
}

fn check(queue: &Queue, expected: (u64, u64, u64, u64)) {
    let Counts { offered, taken, dropped, waiting, bytes } = queue.counts();
    assert_eq!((offered, taken, dropped, waiting), expected);
    assert_eq!(offered, taken + dropped + waiting);
    assert_eq!(bytes, captured().weight() * usize::try_from(waiting).unwrap());
}

#[test]
fn what_finds_no_room_in_number_is_dropped() {
    let (queue, mut taking) = bounded(Bounds { count_max: 2, bytes_max: usize::MAX });
    for _ in 0..3 {
        queue.offer(captured());
    }
    check(&queue, (3, 0, 1, 2));
    assert!(taking.next().is_some());
    check(&queue, (3, 1, 1, 1));
    queue.offer(captured());
    check(&queue, (4, 1, 1, 2));
}

#[test]
fn what_finds_no_room_in_bytes_is_dropped() {
    let bytes_max = captured().weight() * 2 + 1;
    let (queue, mut taking) = bounded(Bounds { count_max: 9, bytes_max });
    for _ in 0..3 {
        queue.offer(captured());
    }
    check(&queue, (3, 0, 1, 2));
    assert!(taking.next().is_some());
    queue.offer(captured());
    check(&queue, (4, 1, 1, 2));
}

#[test]
fn a_reader_that_dies_leaves_its_exchanges_dropped() {
    let (queue, mut taking) = bounded(Bounds::default());
    queue.offer(captured());
    queue.offer(captured());
    let reader = thread::spawn(move || {
        taking.next();
        panic!("a reader that dies");
    });
    assert!(reader.join().is_err());
    check(&queue, (2, 1, 1, 0));
    queue.offer(captured());
    check(&queue, (3, 1, 2, 0));
}

#[test]
fn the_reader_ends_with_the_last_queue() {
    let (queue, taking) = bounded(Bounds::default());
    let other = queue.clone();
    queue.offer(captured());
    drop(queue);
    other.offer(captured());
    drop(other);
    assert_eq!(taking.count(), 2);
}

#[test]
fn the_reader_need_not_wait_for_long() {
    let (queue, mut taking) = bounded(Bounds::default());
    assert!(matches!(taking.next_within(Duration::ZERO), Next::Nothing));
    queue.offer(captured());
    assert!(matches!(taking.next_within(Duration::MAX), Next::Captured(_)));
    check(&queue, (1, 1, 0, 0));
    drop(queue);
    assert!(matches!(taking.next_within(Duration::MAX), Next::Ended));
}

#[test]
fn no_exchange_is_lost_from_the_account() {
    const THREADS: u64 = 8;
    const EACH: u64 = 2_000;
    let (queue, taking) = bounded(Bounds { count_max: 16, bytes_max: captured().weight() * 12 });
    let start = Arc::new(Barrier::new(usize::try_from(THREADS).unwrap()));
    let offering: Vec<_> = (0..THREADS)
        .map(|_| {
            let (queue, start) = (queue.clone(), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                for _ in 0..EACH {
                    queue.offer(captured());
                    assert!(queue.counts().waiting <= 16 + THREADS + 1);
                }
            })
        })
        .collect();
    let reader = thread::spawn(move || taking.take(500).count());
    for thread in offering {
        thread.join().unwrap();
    }
    while !reader.is_finished() {
        queue.offer(captured());
        thread::yield_now();
    }
    assert_eq!(reader.join().unwrap(), 500);
    let Counts { offered, taken, dropped, waiting, bytes } = queue.counts();
    assert_eq!((taken, waiting, bytes), (500, 0, 0));
    assert_eq!(offered, taken + dropped);
}
