//! Arrows between crates: what a `Cargo.toml` uses must be what the table of rooms allows, and
//! the table itself must not point upward.
//!
//! Refuses to know what the code inside a crate does with its neighbours.

use crate::complaint::Complaint;
use crate::manifest::manifest;
use crate::rooms::{Room, rooms};
use crate::tree::Tree;
use std::collections::BTreeMap;

/// The document that holds the table of rooms.
const TABLE_FILE: &str = "ARCHITECTURE.md";

const WHY: &str = "a crate wall stands where an arrow must never turn round";

/// Complains about arrows that the table does not allow, and about a table that is not true.
pub(crate) fn arrows(tree: &Tree) -> Vec<Complaint> {
    let rooms = rooms(tree.text(TABLE_FILE).unwrap_or_default());
    let mut found = upward(&rooms);
    let mut built = Vec::new();
    for (file, text) in tree.texts().filter(|(file, _)| is_member(file)) {
        let manifest = manifest(text);
        match rooms.get(&manifest.name) {
            Some(room) => found.extend(forbidden(file, &manifest.uses, room)),
            None => found.push(unlisted(file, &manifest.name)),
        }
        built.push(manifest.name);
    }
    let empty = rooms.iter().filter(|(name, _)| !built.contains(name));
    found.extend(empty.map(|(name, room)| unbuilt(name, room.line)));
    found
}

fn is_member(file: &str) -> bool {
    let folder = file.strip_suffix("/Cargo.toml").unwrap_or_default();
    folder == "xtask" || folder.strip_prefix("crates/").is_some_and(|name| !name.contains('/'))
}

fn upward(rooms: &BTreeMap<String, Room>) -> Vec<Complaint> {
    let mut found = Vec::new();
    for (name, room) in rooms {
        for used in &room.may_use {
            let below = rooms.get(used).is_some_and(|under| under.floor < room.floor);
            if !below {
                found.push(Complaint {
                    file: TABLE_FILE.to_owned(),
                    line: room.line,
                    what: format!("`{name}` may use `{used}`, which is not on a floor below"),
                    why: WHY,
                    remedy: "move one of the two, or turn the arrow round",
                });
            }
        }
    }
    found
}

fn forbidden(file: &str, uses: &[(String, usize)], room: &Room) -> Vec<Complaint> {
    let outside = uses.iter().filter(|(used, _)| !room.may_use.contains(used));
    let complaint = |(used, line): &(String, usize)| Complaint {
        file: file.to_owned(),
        line: *line,
        what: format!("`{used}` is not allowed here by {TABLE_FILE}"),
        why: WHY,
        remedy: "do the work on the floor it belongs to, or change the table with a reason",
    };
    outside.map(complaint).collect()
}

fn unlisted(file: &str, name: &str) -> Complaint {
    Complaint {
        file: file.to_owned(),
        line: 1,
        what: format!("`{name}` is missing from the table in {TABLE_FILE}"),
        why: "a room that is not on the plan has no walls",
        remedy: "add its row, with what it must never know",
    }
}

fn unbuilt(name: &str, line: usize) -> Complaint {
    Complaint {
        file: TABLE_FILE.to_owned(),
        line,
        what: format!("there is no crate `{name}`"),
        why: "the table shows what exists",
        remedy: "remove its row until the crate has work to do",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    const HEADER: &str = "| floor | crate | uses |\n|---|---|---|\n";

    fn check(table: &str, uses: &str, expected: &[&str]) {
        let table = format!("{HEADER}{table}");
        let a = "[package]\nname = \"plumb-a\"";
        let b = format!("[package]\nname = \"plumb-b\"\n[dependencies]\n{uses}");
        let tree = planted(&[
            (TABLE_FILE, &table),
            ("crates/plumb-a/Cargo.toml", a),
            ("crates/plumb-b/Cargo.toml", &b),
        ]);
        let found: Vec<_> = arrows(&tree)
            .into_iter()
            .map(|it| format!("{}:{} {}", it.file, it.line, it.what))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_allowed_arrow_is_silent() {
        check("| 1 | plumb-a | - |\n| 2 | plumb-b | a |", "plumb-a.workspace = true", &[]);
    }

    #[test]
    fn an_arrow_outside_the_table_complains() {
        let what = "crates/plumb-b/Cargo.toml:4 `plumb-a` is not allowed here by ARCHITECTURE.md";
        check("| 1 | plumb-a | - |\n| 2 | plumb-b | - |", "plumb-a.workspace = true", &[what]);
    }

    #[test]
    fn an_upward_arrow_in_the_table_complains() {
        let what = "ARCHITECTURE.md:4 `plumb-b` may use `plumb-a`, which is not on a floor below";
        check("| 1 | plumb-a | - |\n| 1 | plumb-b | a |", "", &[what]);
    }

    #[test]
    fn the_table_and_the_crates_must_match() {
        let unlisted =
            "crates/plumb-b/Cargo.toml:1 `plumb-b` is missing from the table in ARCHITECTURE.md";
        let unbuilt = "ARCHITECTURE.md:4 there is no crate `plumb-c`";
        check("| 1 | plumb-a | - |\n| 2 | plumb-c | - |", "", &[unlisted, unbuilt]);
    }
}
