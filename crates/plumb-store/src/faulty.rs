//! The store when things go wrong: killed processes, full disks, torn logs, writers side by side.
//!
//! Whatever happens, what was acknowledged is there exactly once, and every window is the merge of
//! just that, plus at most the one delta in flight. A kill leaves the system's page cache alone, so
//! this says nothing of power cuts; for those the log is torn by hand.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::{env, hint, io, str, thread};

use tempfile::{TempDir, tempdir};

use crate::address::{Address, is_address};
use crate::postgres;
use crate::sqlite::{SqliteStore, open, open_read_only};
use crate::store::{Applied, Store, StoreError};
use crate::toy::{Windows, all_windows, expect, merge, numbered, numbers};

/// Names the seed of everything random here; without it the seed is fixed.
const SEED_VARIABLE: &str = "PLUMB_STORE_SEED";
const SEED: u64 = 20_261_121;

/// Names the store for a child process, and so tells it that it is one.
const STORE_VARIABLE: &str = "PLUMB_STORE_CHILD_STORE";
/// The child's first delta, the one after its last, and pages of log between its checkpoints.
const WORK_VARIABLE: &str = "PLUMB_STORE_CHILD_WORK";

const KILLS: u32 = 100;

/// The pages of log between checkpoints when nobody says otherwise.
const CHECKPOINT_PAGES: u32 = 1000;

pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn seeded() -> Self {
        let seed = env::var(SEED_VARIABLE).map_or(SEED, |text| text.parse().unwrap());
        println!("{SEED_VARIABLE}={seed}");
        Self(seed)
    }

    /// A number below `limit`, by splitmix64.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Work {
    pub(crate) from: u32,
    pub(crate) until: u32,
    pub(crate) checkpoint_pages: u32,
}

/// A child that does its work on the store at `place`, a path or an address, once `program` was
/// told how to start it.
pub(crate) fn start(mut program: Command, place: impl AsRef<OsStr>, work: Work) -> Child {
    let Work { from, until, checkpoint_pages } = work;
    program
        .args(["faulty::child_applies_and_acknowledges", "--exact", "--nocapture"])
        .env(STORE_VARIABLE, place)
        .env(WORK_VARIABLE, format!("{from} {until} {checkpoint_pages}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

pub(crate) fn this_program() -> Command {
    Command::new(env::current_exe().unwrap())
}

/// Not a test by itself: what a child process does when a test here starts it.
#[test]
fn child_applies_and_acknowledges() {
    let Ok(place) = env::var(STORE_VARIABLE) else { return };
    let work = env::var(WORK_VARIABLE).unwrap();
    let numbers: Vec<u32> = work.split(' ').map(|number| number.parse().unwrap()).collect();
    let mut store: Box<dyn Store> = if is_address(&place) {
        Box::new(postgres::open(&Address::parse(&place).unwrap()).unwrap())
    } else {
        let store = open(Path::new(&place)).unwrap();
        store.raw().pragma_update(None, "wal_autocheckpoint", numbers[2]).unwrap();
        Box::new(store)
    };
    for number in numbers[0]..numbers[1] {
        match store.apply(&numbered(number), &merge) {
            Ok(_) => say(&format!("acknowledged {number}")),
            Err(error) => return say(&format!("failed {error}")),
        }
    }
}

/// A line of its own, in one write, so that a kill cannot cut it.
fn say(line: &str) {
    io::stdout().write_all(format!("\n{line}\n").as_bytes()).unwrap();
}

/// Everything acknowledged until the pipe ends.
fn acknowledged(pipe: BufReader<ChildStdout>) -> Vec<u32> {
    let lines = pipe.lines().map(Result::unwrap);
    lines.filter_map(|line| line.strip_prefix("acknowledged ")?.parse().ok()).collect()
}

/// What a store must hold, followed along as deltas are acknowledged in the order of their numbers.
#[derive(Default)]
pub(crate) struct Followed {
    pub(crate) count: u32,
    windows: Windows,
}

impl Followed {
    pub(crate) fn up_to(&mut self, count: u32) {
        for number in self.count..count {
            expect(&mut self.windows, &numbered(number));
        }
        self.count = self.count.max(count);
    }

    /// The store holds what was acknowledged and at most one more; from now on that one counts.
    pub(crate) fn check(&mut self, store: &dyn Store) {
        let recorded = numbers(store);
        let count = u32::try_from(recorded.len()).unwrap();
        assert!(count == self.count || count == self.count + 1, "{count}, not {}", self.count);
        assert_eq!(recorded, (0..count).collect::<Vec<_>>());
        self.up_to(count);
        assert!(all_windows(store) == self.windows, "windows differ after {count} deltas");
    }

    /// The same, and the file is whole.
    fn check_file(&mut self, store: &SqliteStore) {
        self.check(store);
        let sql = "PRAGMA integrity_check";
        let whole: String = store.raw().query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(whole, "ok");
    }
}

/// Starts a child, kills it at a random moment, and answers how many deltas are acknowledged.
pub(crate) fn kill_one(random: &mut Random, place: impl AsRef<OsStr>, next: u32) -> u32 {
    let checkpoint_pages = [7, 60, CHECKPOINT_PAGES][usize::try_from(random.below(3)).unwrap()];
    let work = Work { from: next, until: next + 10_000, checkpoint_pages };
    let mut child = start(this_program(), place, work);
    let mut pipe = BufReader::new(child.stdout.take().unwrap());
    let patience = random.below(25);
    let mut heard = next;
    for _ in 0..patience {
        heard = hear_one(&mut pipe).map_or(heard, |number| number + 1);
    }
    // Without a first sign of life the moment may lie anywhere from the start of the process on.
    let moments = random.below(if patience == 0 { 2_000_000 } else { 200_000 });
    (0..moments).for_each(|_| hint::spin_loop());
    child.kill().unwrap();
    child.wait().unwrap();
    acknowledged(pipe).last().map_or(heard, |number| number + 1)
}

pub(crate) fn hear_one(pipe: &mut BufReader<ChildStdout>) -> Option<u32> {
    let mut line = String::new();
    while pipe.read_line(&mut line).unwrap() > 0 {
        if let Some(number) = line.trim_end().strip_prefix("acknowledged ") {
            return Some(number.parse().unwrap());
        }
        line.clear();
    }
    None
}

#[test]
fn killed_at_any_moment_it_keeps_what_it_acknowledged() {
    let mut random = Random::seeded();
    let mut folder = tempdir().unwrap();
    let mut followed = Followed::default();
    let (mut all_acknowledged, mut in_flight_kept) = (0, 0);
    for kill in 0..KILLS {
        if random.below(8) == 0 {
            (folder, followed) = (tempdir().unwrap(), Followed::default());
        }
        let path = folder.path().join("made/seen.plumb");
        let start = followed.count;
        followed.up_to(kill_one(&mut random, &path, start));
        let before = followed.count;
        all_acknowledged += before - start;
        // A reader leaves the log as the kill left it, so that logs survive several kills.
        let store = match random.below(2) {
            0 => open_read_only(&path),
            _ => open(&path),
        };
        match store {
            Err(StoreError::NotThere { .. }) if followed.count == 0 => {}
            store => followed.check_file(&store.unwrap()),
        }
        in_flight_kept += followed.count - before;
        println!("kill {kill}: {before} acknowledged, {} there", followed.count);
    }
    println!("{all_acknowledged} acknowledged, {in_flight_kept} more durable without");
    assert!(all_acknowledged > KILLS, "the children hardly worked");
}

#[test]
fn processes_write_side_by_side() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("made/seen.plumb");
    let ranges = [(0, 120), (60, 180), (0, 180)];
    let work = |(from, until)| Work { from, until, checkpoint_pages: 60 };
    let children = ranges.map(|range| start(this_program(), &path, work(range)));
    for (child, (from, until)) in children.into_iter().zip(ranges) {
        let output = child.wait_with_output().unwrap();
        let acknowledged = str::from_utf8(&output.stdout).unwrap().matches("acknowledged ").count();
        assert_eq!(u32::try_from(acknowledged).unwrap(), until - from);
    }
    check_set(&open_read_only(&path).unwrap(), 180);
    let left: Vec<_> = fs::read_dir(folder.path().join("made")).unwrap().collect();
    assert!(left.iter().flatten().all(|file| !file.path().to_string_lossy().contains(".new-")));
}

#[test]
fn threads_write_side_by_side() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("made/seen.plumb");
    let applied = |from: u32| {
        let mut store = open(&path).unwrap();
        let applied = (from..from + 80).map(|number| store.apply(&numbered(number), &merge));
        applied.filter(|applied| *applied.as_ref().unwrap() != Applied::Already).count()
    };
    let new: usize = thread::scope(|scope| {
        let threads = [0, 20, 40, 60].map(|from| scope.spawn(move || applied(from)));
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(new, 140, "each delta is new once");
    check_set(&open_read_only(&path).unwrap(), 140);
}

/// The store holds the first `count` deltas, whatever the order they came in.
pub(crate) fn check_set(store: &dyn Store, count: u32) {
    let mut recorded = numbers(store);
    recorded.sort_unstable();
    assert_eq!(recorded, (0..count).collect::<Vec<_>>());
    let mut followed = Followed::default();
    followed.up_to(count);
    assert!(all_windows(store) == followed.windows);
}

#[test]
fn a_full_disk_loses_nothing_and_works_again_with_room() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("seen.plumb");
    let mut store = open(&path).unwrap();
    let pages = |store: &SqliteStore, most: u32| {
        store.raw().pragma_update(None, "max_page_count", most).unwrap();
    };
    let mut followed = Followed::default();
    for most in [30, 50, 80] {
        pages(&store, most);
        let full = loop {
            match store.apply(&numbered(followed.count), &merge) {
                Ok(applied) => assert_eq!(applied, Applied::New { entries_late: 0 }),
                Err(error) => break error,
            }
            followed.up_to(followed.count + 1);
        };
        assert!(matches!(full, StoreError::Full { .. }), "{full}");
        let acknowledged = followed.count;
        followed.check_file(&store);
        assert_eq!(followed.count, acknowledged, "a refused delta is not there");
    }
    pages(&store, u32::MAX / 2);
    store.apply(&numbered(followed.count), &merge).unwrap();
    followed.up_to(followed.count + 1);
    drop(store);
    followed.check_file(&open(&path).unwrap());
}

/// The system itself refuses to let files grow, in the middle of a write.
#[cfg(unix)]
#[test]
fn a_disk_that_refuses_to_write_loses_nothing() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("seen.plumb");
    drop(open(&path).unwrap());
    let mut limited = Command::new("sh");
    limited.args(["-c", r#"trap "" XFSZ; ulimit -f 300; exec "$0" "$@""#]);
    limited.arg(env::current_exe().unwrap());
    let work = Work { from: 0, until: 10_000, checkpoint_pages: CHECKPOINT_PAGES };
    let output = start(limited, &path, work).wait_with_output().unwrap();
    let said = str::from_utf8(&output.stdout).unwrap();
    let failed = said.lines().find_map(|line| line.strip_prefix("failed ")).unwrap();
    assert!(failed.starts_with("the disk failed the store"), "{failed}");
    let mut followed = Followed::default();
    followed.up_to(u32::try_from(said.matches("acknowledged ").count()).unwrap());
    assert!(followed.count > 0);
    let mut store = open(&path).unwrap();
    followed.check_file(&store);
    store.apply(&numbered(followed.count), &merge).unwrap();
    followed.check_file(&store);
}

/// A store whose whole history still lies in its log, as bytes: the file, the log, and how many
/// deltas there are.
fn logged() -> (Vec<u8>, Vec<u8>, u32) {
    let count = 45;
    let folder = tempdir().unwrap();
    let path = folder.path().join("seen.plumb");
    let mut store = open(&path).unwrap();
    store.raw().pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    for number in 0..count {
        store.apply(&numbered(number), &merge).unwrap();
    }
    let log = fs::read(folder.path().join("seen.plumb-wal")).unwrap();
    (fs::read(&path).unwrap(), log, count)
}

fn laid_down(file: &[u8], log: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("seen.plumb");
    fs::write(&path, file).unwrap();
    fs::write(folder.path().join("seen.plumb-wal"), log).unwrap();
    (folder, path)
}

#[test]
fn a_torn_log_is_a_shorter_history() {
    let mut random = Random::seeded();
    let (file, log, count) = logged();
    let histories: Vec<Windows> = (0..=count)
        .map(|count| {
            let mut followed = Followed::default();
            followed.up_to(count);
            followed.windows
        })
        .collect();
    let mut lengths = vec![];
    for cut in 0..60 {
        let place = usize::try_from(random.below(log.len() as u64)).unwrap();
        let mut torn = log.clone();
        match cut % 3 {
            0 => torn.truncate(place),
            1 => torn[place] ^= 1 << random.below(8),
            _ => torn[place..].fill(0),
        }
        let (_folder, path) = laid_down(&file, &torn);
        let store = open(&path).unwrap();
        let recorded = numbers(&store);
        assert_eq!(recorded, (0..).take(recorded.len()).collect::<Vec<u32>>(), "at {place}");
        assert!(all_windows(&store) == histories[recorded.len()], "at {place}");
        lengths.push(recorded.len());
    }
    let (_folder, path) = laid_down(&file, &log);
    assert_eq!(numbers(&open(&path).unwrap()).len(), usize::try_from(count).unwrap());
    assert!(lengths.iter().any(|length| (1..histories.len() - 1).contains(length)));
}
