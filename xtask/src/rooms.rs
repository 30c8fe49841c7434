//! The table of rooms in `ARCHITECTURE.md`: which crate stands on which floor and may use what.
//!
//! Refuses to know what the crates really use.

use std::collections::{BTreeMap, BTreeSet};

/// The cells that begin the table's header, in order.
const HEADER: [&str; 3] = ["floor", "crate", "uses"];

/// The cell of a crate that uses none of ours, or stands outside the floors.
const NONE: &str = "-";

/// The crate whose name others are shortened against.
const HOUSE: &str = "plumb";

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Where it stands, counted from 1 at the ground; none for the project's own tools.
    pub(crate) floor: Option<u32>,
    /// The crates it may use, by their full names.
    pub(crate) may_use: BTreeSet<String>,
    /// The line of the row, counted from 1.
    pub(crate) line: usize,
}

/// Reads the table out of the document; empty if there is none.
pub(crate) fn rooms(document: &str) -> BTreeMap<String, Room> {
    let lines = document.lines().enumerate();
    let table = lines
        .skip_while(|(_, line)| !cells(line).starts_with(&HEADER))
        .take_while(|(_, line)| line.trim_start().starts_with('|'));
    table.skip(2).filter_map(|(index, line)| room(&cells(line), index + 1)).collect()
}

fn cells(line: &str) -> Vec<&str> {
    let row = line.trim().trim_start_matches('|').trim_end_matches('|');
    row.split('|').map(|cell| cell.trim().trim_matches('`')).collect()
}

fn room(cells: &[&str], line: usize) -> Option<(String, Room)> {
    let [floor, name, uses, ..] = cells else { return None };
    let used = uses.split(',').map(|name| name.trim().trim_matches('`'));
    let may_use = used.filter(|name| *name != NONE && !name.is_empty()).map(full_name).collect();
    Some(((*name).to_owned(), Room { floor: floor.parse().ok(), may_use, line }))
}

fn full_name(short: &str) -> String {
    if short.starts_with(HOUSE) { short.to_owned() } else { format!("{HOUSE}-{short}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# a\n
| floor | crate | uses | knows |
|---|---|---|---|
| 1 | plumb-a | - | much |
| 2 | `plumb-b` | a, plumb-c | little |
| - | xtask | - | all |

| 1 | plumb-z | - | not in the table |
";

    #[test]
    fn rows_become_rooms() {
        let rooms = rooms(TABLE);
        assert_eq!(rooms.keys().collect::<Vec<_>>(), ["plumb-a", "plumb-b", "xtask"]);
        assert_eq!(rooms["plumb-a"], Room { floor: Some(1), may_use: [].into(), line: 5 });
        assert_eq!(rooms["plumb-b"].may_use, ["plumb-a".to_owned(), "plumb-c".to_owned()].into());
        assert_eq!(rooms["xtask"].floor, None);
    }

    #[test]
    fn other_tables_are_not_rooms() {
        assert!(rooms("| a | b |\n|---|---|\n| 1 | 2 |").is_empty());
    }
}
