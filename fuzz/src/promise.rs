//! Contracts: what is told stands at a line that is there, and a contract breaks nothing of itself.

use plumb_contract::change::{Grade, Spot};
use plumb_contract::compare::{Asked, Version, changes};
use plumb_contract::compared::{Compared, File, Flow};
use plumb_contract::protobuf;
use plumb_schema::answer::Reading;
use std::thread;

/// Stack for schemas that lie deep one in another, as `plumb compat` gives it.
const STACK_BYTES: usize = 32 << 20;

/// Reads the bytes as two versions of a contract with this name, one behind the first zero byte of
/// the other; and as one that is compared with itself.
///
/// # Panics
/// When something told stands at a line that its file does not have, or a contract breaks itself.
pub fn compared(name: &str, bytes: &[u8]) {
    let (old, new) = bytes.split_at(bytes.iter().position(|byte| *byte == 0).unwrap_or(0));
    let new = new.strip_prefix(&[0]).unwrap_or(new);
    thread::scope(|scope| {
        let compare = || {
            check(&between(name, [old, new]), [old, new]);
            let same = between(name, [new, new]);
            check(&same, [new, new]);
            let broken = same.changes.iter().find(|change| change.grade == Grade::Breaking);
            assert_eq!(broken, None);
        };
        let worker = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, compare);
        worker.expect("a thread").join().expect("no panic");
    });
}

fn between(name: &str, versions: [&[u8]; 2]) -> Compared {
    let [old, new] = versions.map(|bytes| [File { name: name.to_owned(), bytes: bytes.to_vec() }]);
    let asked = Asked {
        reading: Reading::MustIgnore,
        flow: Flow::Both,
        protobuf: protobuf::Reading::Wire,
        today: None,
    };
    let version = |files| Version { root: name, files };
    changes(version(&old), version(&new), &asked)
}

fn check(compared: &Compared, [old, new]: [&[u8]; 2]) {
    let (old, new) = (lines(old), lines(new));
    for change in &compared.changes {
        let is_there = |spot: &Option<Spot>, lines| {
            spot.as_ref().is_none_or(|spot| (1..=lines).contains(&spot.line))
        };
        assert!(is_there(&change.old, old) && is_there(&change.new, new), "{change:?}");
    }
    for unread in &compared.unread {
        assert!((1..=old.max(new)).contains(&unread.line), "{unread:?}");
    }
}

/// Lines, where every break that YAML knows begins another.
fn lines(bytes: &[u8]) -> u32 {
    let breaks = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
    u32::try_from(breaks + 2).expect("the input is small")
}
