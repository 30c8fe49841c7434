//! Migrations as they lie on disk: a file, or a folder of them in order, each with its way back
//! where the folder has one.
//!
//! Knows the layouts of common tools. Refuses to run them.

use crate::script::{Sort, Statement, sort, split};
use crate::trouble::Trouble;
use std::path::{Path, PathBuf};

/// Files of one folder, and bytes of one file: beyond that it is no folder of migrations.
const FILES_MAX: usize = 5_000;
const FILE_BYTES_MAX: u64 = 32 << 20;

/// Folders inside folders.
const DEPTH_MAX: usize = 3;

/// Comments that begin the part of a file for one direction.
const UP_MARKS: [&str; 3] = ["+goose up", "migrate:up", "+migrate up"];
const DOWN_MARKS: [&str; 3] = ["+goose down", "migrate:down", "+migrate down"];

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its name within what was named.
    pub(crate) file: String,
    /// What it runs.
    pub(crate) statements: Vec<Statement>,
    /// Lines that are no SQL and were left out.
    pub(crate) left_out: Vec<usize>,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// To the new version.
    Up,
    /// Back.
    Down,
}

/// A statement of a migration in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// From 1, over all files.
    pub(crate) number: usize,
    /// The file's name.
    pub(crate) file: String,
    /// The statement.
    pub(crate) statement: Statement,
}

/// Statements that are committed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Whether a transaction is around them; one alone that cannot be in one has none.
    pub(crate) is_transaction: bool,
    /// In order.
    pub(crate) statements: Vec<Placed>,
}

/// Reads what leads one way. A folder is read in the order of its names, numbers by their value;
/// the way back is read in the opposite order.
pub(crate) fn read(path: &Path, direction: Direction) -> Result<Vec<Part>, Trouble> {
    let mut files = Vec::new();
    if path.is_dir() {
        list(path, String::new(), 0, &mut files)?;
        files.sort_by_cached_key(|(name, _)| order(name));
    } else {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        files.push((name.unwrap_or_default(), path.to_owned()));
    }
    let is_folder = path.is_dir();
    let mut parts = Vec::new();
    for (file, place) in files {
        let told = told_direction(&file);
        if is_folder && told.is_some_and(|told| told != direction) {
            continue;
        }
        let text = read_text(&place)?;
        let has_marks = section(&text, Direction::Up).is_some();
        // A plain file of a folder leads forward only.
        if is_folder && told.is_none() && !has_marks && direction == Direction::Down {
            continue;
        }
        let text = section(&text, direction).unwrap_or(text);
        let script = split(&text);
        let (statements, left_out) = (script.statements, script.left_out);
        if !statements.is_empty() {
            parts.push(Part { file, statements, left_out });
        }
    }
    if direction == Direction::Down {
        parts.reverse();
    }
    Ok(parts)
}

/// The names of the files that lead forward, in order.
pub(crate) fn names(path: &Path) -> Result<Vec<String>, Trouble> {
    let mut files = Vec::new();
    if !path.is_dir() {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        return Ok(name.into_iter().collect());
    }
    list_all(path, String::new(), 0, &mut files)?;
    files.sort_by_cached_key(|name| order(name));
    Ok(files.into_iter().filter(|name| told_direction(name) != Some(Direction::Down)).collect())
}

/// How the statements are committed: by the file's own transactions, else one by one, or all of a
/// file together.
pub(crate) fn units(parts: &[Part], is_single_transaction: bool) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut number = 0;
    for part in parts {
        let mut open: Option<Vec<Placed>> = is_single_transaction.then(Vec::new);
        for statement in &part.statements {
            let sorted = sort(&statement.text);
            match sorted {
                Sort::Begin => open = Some(open.unwrap_or_default()),
                Sort::Commit => close(&mut units, open.take()),
                Sort::Rollback => open = None,
                Sort::Outside | Sort::Plain => {
                    number += 1;
                    let file = part.file.clone();
                    let placed = Placed { number, file, statement: statement.clone() };
                    match &mut open {
                        Some(held) => held.push(placed),
                        None => units.push(Unit {
                            is_transaction: sorted == Sort::Plain,
                            statements: vec![placed],
                        }),
                    }
                }
            }
        }
        close(&mut units, open);
    }
    units
}

fn close(units: &mut Vec<Unit>, held: Option<Vec<Placed>>) {
    if let Some(statements) = held.filter(|held| !held.is_empty()) {
        units.push(Unit { is_transaction: true, statements });
    }
}

/// Reads a text file within the bounds.
pub(crate) fn read_text(path: &Path) -> Result<String, Trouble> {
    let failed = |source| Trouble::File { path: path.to_owned(), source };
    let bytes = std::fs::metadata(path).map_err(failed)?.len();
    if bytes > FILE_BYTES_MAX {
        let limit = format!("{} MiB", FILE_BYTES_MAX >> 20);
        return Err(Trouble::TooMuch { path: path.to_owned(), limit });
    }
    let text = std::fs::read(path).map_err(failed)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn list(
    folder: &Path,
    above: String,
    depth: usize,
    files: &mut Vec<(String, PathBuf)>,
) -> Result<(), Trouble> {
    let mut names = Vec::new();
    list_all(folder, above, depth, &mut names)?;
    let is_sql = |name: &String| name.to_lowercase().ends_with(".sql");
    files.extend(names.into_iter().filter(is_sql).map(|name| (name.clone(), folder.join(name))));
    Ok(())
}

fn list_all(
    folder: &Path,
    above: String,
    depth: usize,
    names: &mut Vec<String>,
) -> Result<(), Trouble> {
    let failed = |source| Trouble::File { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = format!("{above}{}", entry.file_name().to_string_lossy());
        if names.len() >= FILES_MAX {
            let limit = format!("{FILES_MAX} files");
            return Err(Trouble::TooMuch { path: folder.to_owned(), limit });
        }
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() && depth < DEPTH_MAX {
            list_all(&entry.path(), format!("{name}/"), depth + 1, names)?;
        } else if kind.is_file() {
            names.push(name);
        }
    }
    Ok(())
}

/// Which way a file's name says that it leads.
fn told_direction(name: &str) -> Option<Direction> {
    let name = name.to_lowercase();
    let file = name.rsplit('/').next().unwrap_or_default();
    let stem = file.strip_suffix(".sql").unwrap_or(file);
    let ends = |words: [&str; 3]| words.iter().any(|word| stem.ends_with(word));
    if stem == "down" || ends([".down", ".undo", ".rollback"]) || is_flyway(stem, 'u') {
        return Some(Direction::Down);
    }
    (stem == "up" || ends([".up", ".do", ".apply"]) || is_flyway(stem, 'v'))
        .then_some(Direction::Up)
}

fn is_flyway(stem: &str, letter: char) -> bool {
    let mut letters = stem.chars();
    letters.next() == Some(letter)
        && letters.next().is_some_and(|next| next.is_ascii_digit())
        && stem.contains("__")
}

/// The part of a file for one direction, where the file marks its parts. Other lines are blanked,
/// so that the lines keep their numbers.
fn section(text: &str, direction: Direction) -> Option<String> {
    let mut current = None;
    let mut is_marked = false;
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let lower = line.trim().to_lowercase();
        let comment = lower.strip_prefix("--").map(str::trim).unwrap_or_default();
        let begins = |marks: [&str; 3]| marks.iter().any(|mark| comment.starts_with(mark));
        if begins(UP_MARKS) {
            (current, is_marked) = (Some(Direction::Up), true);
        } else if begins(DOWN_MARKS) {
            (current, is_marked) = (Some(Direction::Down), true);
        }
        out.push_str(if current == Some(direction) { line } else { "\n" });
    }
    is_marked.then_some(out)
}

/// A name with its numbers by their value.
fn order(name: &str) -> Vec<(u64, String)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|letter: char| letter.is_ascii_digit()).unwrap_or(after.len());
        let (text, left) = after.split_at(letters);
        // Names without a number come last among equals, and longer numbers than any come last.
        let number = if number.is_empty() { 0 } else { number.parse().unwrap_or(u64::MAX) };
        parts.push((number, text.to_owned()));
        rest = left;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_read_in_order_and_by_direction() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["10_b.up.sql", "2_a.up.sql", "2_a.down.sql", "10_b.down.sql", "x.txt"] {
            std::fs::write(folder.path().join(name), format!("SELECT '{name}'")).unwrap();
        }
        let files = |direction| -> Vec<String> {
            let parts = read(folder.path(), direction).unwrap();
            parts.into_iter().map(|part| part.file).collect()
        };
        assert_eq!(files(Direction::Up), ["2_a.up.sql", "10_b.up.sql"]);
        assert_eq!(files(Direction::Down), ["10_b.down.sql", "2_a.down.sql"]);
    }

    #[test]
    fn parts_of_a_file_keep_their_lines() {
        let text = "-- +goose Up\nA;\n-- +goose Down\nB;\n";
        assert_eq!(section(text, Direction::Up).unwrap(), "-- +goose Up\nA;\n\n\n");
        assert_eq!(split(&section(text, Direction::Down).unwrap()).statements[0].line, 4);
        assert_eq!(section("A;", Direction::Up), None);
    }

    #[test]
    fn a_files_own_transactions_are_kept() {
        let statements = split("a; BEGIN; b; c; COMMIT; VACUUM t; BEGIN; d; ROLLBACK").statements;
        let part = Part { file: "f".to_owned(), statements, left_out: Vec::new() };
        let shape = |units: &[Unit]| -> Vec<(bool, usize)> {
            units.iter().map(|unit| (unit.is_transaction, unit.statements.len())).collect()
        };
        assert_eq!(shape(&units(&[part], false)), [(true, 1), (true, 2), (false, 1)]);
    }
}
