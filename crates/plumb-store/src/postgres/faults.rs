//! The store on a server when things go wrong: killed writers, a killed server, many at once.
//!
//! What was acknowledged is there exactly once, and at most the one delta in flight beside it.

use std::io::BufReader;
use std::thread;

use super::*;
use crate::faulty::{
    Followed, Random, Work as Chore, check_set, hear_one, kill_one, start, this_program,
};
use crate::server::{self, Server};
use crate::toy::{all_windows, delta, entry, key, merge, numbered, numbers};

/// Fewer than for a file: every child connects first.
const KILLS: u32 = 60;

const SERVER_KILLS: u32 = 4;

#[test]
fn killed_at_any_moment_a_writer_leaves_what_was_acknowledged() {
    let mut random = Random::seeded();
    let (mut database, mut followed) = (server::shared().database(), Followed::default());
    let mut acknowledged = 0;
    for kill in 0..KILLS {
        if random.below(8) == 0 {
            (database, followed) = (server::shared().database(), Followed::default());
        }
        let before = followed.count;
        followed.up_to(kill_one(&mut random, &database, before));
        acknowledged += followed.count - before;
        // The server may still be at work for the one that is gone, and opening does not wait.
        let alone = "SELECT count(*) FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()";
        while server::shared().sql(&database, alone).trim() != "0" {
            thread::yield_now();
        }
        match open_read_only(&Address::parse(&database).unwrap()) {
            Err(StoreError::NotThere { .. }) if followed.count == 0 => {}
            store => followed.check(&store.unwrap()),
        }
        println!("kill {kill}: {} there", followed.count);
    }
    assert!(acknowledged > KILLS, "the children hardly worked");
}

#[test]
fn a_killed_server_is_told_and_works_again() {
    let mut server = Server::start();
    let database = server.database();
    let mut store = open(&Address::parse(&database).unwrap()).unwrap();
    let mut followed = Followed::default();
    for _ in 0..SERVER_KILLS {
        let chore = Chore { from: 10_000, until: 20_000, checkpoint_pages: 0 };
        let mut child = start(this_program(), &database, chore);
        let mut pipe = BufReader::new(child.stdout.take().unwrap());
        let first = hear_one(&mut pipe).unwrap();
        let mut last = hear_one(&mut pipe).unwrap();
        for number in followed.count..followed.count + 5 {
            store.apply(&numbered(number), &merge).unwrap();
            followed.up_to(number + 1);
        }
        server.kill();
        while let Some(number) = hear_one(&mut pipe) {
            last = number;
        }
        child.wait().unwrap();
        let lost = store.apply(&numbered(followed.count), &merge).unwrap_err();
        let is_told = matches!(lost, StoreError::Lost { .. } | StoreError::Unreachable { .. });
        assert!(is_told, "{lost}");
        let refused = store.apply(&numbered(followed.count), &merge).unwrap_err();
        assert!(matches!(refused, StoreError::Unreachable { .. }), "{refused}");
        server.restart();
        let kept = numbers(&store);
        let theirs: Vec<u32> = kept.iter().copied().filter(|number| *number >= first).collect();
        let expected: Vec<u32> = (first..).take(theirs.len()).collect();
        assert_eq!(theirs, expected);
        assert!(theirs.last() >= Some(&last), "acknowledged and gone");
        // The next child begins anew.
        server.sql(&database, "DROP SCHEMA plumb CASCADE");
        store = open(&Address::parse(&database).unwrap()).unwrap();
        followed = Followed::default();
    }
}

#[test]
fn processes_write_side_by_side() {
    let database = server::shared().database();
    let ranges = [(0, 120), (60, 180), (0, 180)];
    let children = ranges.map(|(from, until)| {
        start(this_program(), &database, Chore { from, until, checkpoint_pages: 0 })
    });
    for (child, (from, until)) in children.into_iter().zip(ranges) {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let acknowledged = said.matches("acknowledged ").count();
        assert_eq!(u32::try_from(acknowledged).unwrap(), until - from, "{said}");
    }
    check_set(&open_read_only(&Address::parse(&database).unwrap()).unwrap(), 180);
}

/// Deltas over the same windows in opposite orders, some pruned meanwhile: nobody waits in a
/// circle, and everybody counts.
#[test]
fn threads_take_the_same_windows_in_any_order() {
    let database = server::shared().database();
    let address = Address::parse(&database).unwrap();
    drop(open(&address).unwrap());
    let writers: Vec<String> = (0..400).map(|number| format!("w{number}")).collect();
    let (threads, deltas) = (4, 10);
    thread::scope(|scope| {
        for thread in 0..threads {
            let (address, writers) = (&address, &writers);
            scope.spawn(move || {
                let mut store = open(address).unwrap();
                for number in 0..deltas {
                    let number = thread * deltas + number;
                    let mut entries: Vec<_> =
                        writers.iter().map(|name| entry(key(name, 1), &[number])).collect();
                    entries.rotate_left(usize::try_from(number).unwrap() * 9);
                    if thread % 2 == 0 {
                        entries.reverse();
                    }
                    store.apply(&delta(number, entries), &merge).unwrap();
                }
            });
        }
        let mut store = open(&address).unwrap();
        scope.spawn(move || {
            for _ in 0..10 {
                assert_eq!(store.prune(1).unwrap(), Pruned::default());
            }
        });
    });
    let store = open_read_only(&address).unwrap();
    let expected: Vec<u32> = (0..threads * deltas).collect();
    let seen = all_windows(&store);
    assert_eq!(seen.len(), writers.len());
    assert!(seen.values().all(|(numbers, _, _)| *numbers == expected));
    let collisions = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(server::shared().sql(&database, collisions).trim(), "0");
}

/// What others do by hand may collide all the same; the change is done again.
#[test]
fn a_deadlock_with_others_is_tried_again() {
    let database = server::shared().database();
    let address = Address::parse(&database).unwrap();
    let mut store = open(&address).unwrap();
    let entries = || ["a", "b"].map(|name| entry(key(name, 1), &[1])).to_vec();
    store.apply(&delta(1, entries()), &merge).unwrap();
    let order = "SELECT convert_from(writer, 'UTF8') FROM plumb.windows ORDER BY id";
    let order = server::shared().sql(&database, order);
    let (first, last) = order.trim().split_once('\n').unwrap();
    let other = open(&address).unwrap();
    let sql = |writer: &str| format!("UPDATE plumb.windows SET day = 1 WHERE writer = '{writer}'");
    let begin = format!("BEGIN; {}", sql(last));
    other.within(|session| session.settings(&begin)).unwrap();
    thread::scope(|scope| {
        let applying = scope.spawn(|| store.apply(&delta(2, entries()), &merge));
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while server::shared().sql(&database, waiting).trim() == "0" {
            thread::yield_now();
        }
        // One of both is chosen to give way. If it is the other, it has given way.
        let _either = other.within(|session| session.settings(&sql(first)));
        let _ended = other.within(|session| session.settings("ROLLBACK"));
        assert_eq!(applying.join().unwrap().unwrap(), Applied::New { entries_late: 0 });
    });
    let reader = open_read_only(&address).unwrap();
    assert!(all_windows(&reader).values().all(|window| *window == (vec![1, 1], 1, 2)));
}
