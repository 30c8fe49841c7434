//! What goes into a comparison of two contracts and what comes out of one, whatever the format.
//!
//! Refuses to know any format, and disk: files come as a name and their bytes.

use crate::change::{Change, Direction};

/// Who writes what a contract describes, and so which version reads it: old writes what a new
/// version consumes, new writes what an old party is answered, both meet in stored data.
pub type Flow = Direction;

/// A file of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path relative to where it was read from, with `/` between parts.
    pub name: String,
    /// What it holds, as it stands on disk.
    pub bytes: Vec<u8>,
}

/// Changes of one comparison at most: versions that differ in more have little in common, and
/// nobody reads as many.
pub const CHANGES_MAX: usize = 20_000;

/// What two versions of a contract change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// The changes, by subject, place and rule.
    pub changes: Vec<Change>,
    /// What could not be read or judged; where something stands here, no change is no promise.
    pub unread: Vec<Unread>,
}

/// A place that could not be read, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// The file, under the name it was given.
    pub file: String,
    /// The line, counted from 1; 1 where the format has no lines.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
    /// Why, in lower case without full stop.
    pub reason: String,
}

/// Each way that data flows by itself, as (flow, direction of one reader).
pub(crate) fn ways(flow: Flow) -> &'static [Flow] {
    match flow {
        Flow::OldWrites => &[Flow::OldWrites],
        Flow::NewWrites => &[Flow::NewWrites],
        Flow::Both => &[Flow::OldWrites, Flow::NewWrites],
    }
}

/// The way that answers take when questions take this one.
pub(crate) fn reversed(flow: Flow) -> Flow {
    match flow {
        Flow::OldWrites => Flow::NewWrites,
        Flow::NewWrites => Flow::OldWrites,
        Flow::Both => Flow::Both,
    }
}

/// Sorts what was found and tells each fact once: the same rule at the same place is graded by the
/// worse way, and told of both ways when both are alike.
pub(crate) fn gathered(mut changes: Vec<Change>) -> Vec<Change> {
    let key = |change: &Change| {
        (change.subject.clone(), change.place.clone(), change.rule, change.grade, change.direction)
    };
    changes.sort_by_cached_key(key);
    let mut told: Vec<Change> = Vec::new();
    for change in changes {
        match told.last_mut() {
            Some(last) if is_same_fact(last, &change) => {
                if last.grade == change.grade && last.direction != change.direction {
                    last.direction = Direction::Both;
                }
            }
            _ => told.push(change),
        }
    }
    told
}

// INVARIANT: `Grade` orders the worst first, so that of one fact the worst grade comes first.
fn is_same_fact(one: &Change, other: &Change) -> bool {
    (one.rule, &one.subject, &one.place) == (other.rule, &other.subject, &other.place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Grade;

    fn change(grade: Grade, direction: Direction) -> Change {
        Change {
            grade,
            rule: "field-removed",
            subject: "record R".to_owned(),
            place: "field a".to_owned(),
            direction,
            old: None,
            new: None,
            reason: String::new(),
            witness: None,
        }
    }

    #[test]
    fn one_fact_is_told_once_by_its_worse_way() {
        let check = |changes: &[(Grade, Direction)], expected: (Grade, Direction)| {
            let told = gathered(changes.iter().map(|(grade, way)| change(*grade, *way)).collect());
            assert_eq!(told, [change(expected.0, expected.1)]);
        };
        let (old, new) = (Direction::OldWrites, Direction::NewWrites);
        check(&[(Grade::Safe, old), (Grade::Breaking, new)], (Grade::Breaking, new));
        check(&[(Grade::Risky, new), (Grade::Risky, old)], (Grade::Risky, Direction::Both));
    }
}
