//! What stands behind the placeholders of a statement: which column, whether it is written.
//!
//! Reads the statement's pieces, not its grammar: what it does not understand has no column.
//! Refuses to find values.

use crate::column::{Table, Tables};
use crate::script::pieces;
use std::collections::BTreeMap;

/// Placeholders of one statement; the server allows more, people do not write them.
pub(crate) const PLACEHOLDERS_MAX: usize = 200;

/// Words that stand between a column and what it is compared with.
const BETWEEN: [&str; 13] =
    ["=", "<", ">", "!", "(", "LIKE", "ILIKE", "IN", "ANY", "SOME", "NOT", "BETWEEN", "~"];

/// What stands behind one placeholder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Behind {
    /// The table and the column, by the names that a person writes.
    pub(crate) column: Option<(String, String)>,
    /// Whether it is inserted: a key must be a new one there.
    pub(crate) is_inserted: bool,
    /// The word before it, where it is a count of rows: `LIMIT` or `OFFSET`.
    pub(crate) is_count: bool,
}

/// What stands behind each placeholder, by its number.
pub(crate) fn behind(text: &str, tables: &Tables) -> BTreeMap<usize, Behind> {
    let pieces = pieces(text);
    let used = used_tables(&pieces, tables);
    let mut found = inserted(&pieces, tables);
    for (at, piece) in pieces.iter().enumerate() {
        let Some(number) = placeholder(piece) else { continue };
        if found.contains_key(&number) {
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| pieces.get(at)).copied().unwrap_or_default();
        let is_count =
            ["LIMIT", "OFFSET", "FIRST"].iter().any(|it| before.eq_ignore_ascii_case(it));
        let known = |name: Option<String>| column_of(&name?, &used);
        let column = known(left_of(&pieces, at)).or_else(|| known(right_of(&pieces, at)));
        found.insert(number, Behind { column, is_inserted: false, is_count });
    }
    found
}

/// The number of a placeholder.
pub(crate) fn placeholder(piece: &str) -> Option<usize> {
    piece.strip_prefix('$')?.parse().ok().filter(|number| (1..=PLACEHOLDERS_MAX).contains(number))
}

/// The table that a statement names at this piece, and the piece behind it.
fn table_at<'a>(
    pieces: &[&str],
    at: usize,
    tables: &'a Tables,
) -> Option<(&'a String, &'a Table, usize)> {
    let first = plain(pieces.get(at)?);
    let is_dotted = pieces.get(at + 1) == Some(&".");
    let second = if is_dotted { pieces.get(at + 2).map(|piece| plain(piece)) } else { None };
    let (name, next) = match second {
        Some(second) if first == "public" => (second, at + 3),
        Some(second) => (format!("{first}.{second}"), at + 3),
        None => (first, at + 1),
    };
    tables.get_key_value(&name).map(|(name, table)| (name, table, next))
}

fn used_tables<'a>(pieces: &[&str], tables: &'a Tables) -> Vec<(&'a String, &'a Table)> {
    let mut found = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let is_before = ["FROM", "JOIN", "INTO", "UPDATE", "ONLY", "USING", ","]
            .iter()
            .any(|word| piece.eq_ignore_ascii_case(word));
        if is_before && let Some((name, table, _)) = table_at(pieces, at + 1, tables) {
            found.push((name, table));
        }
    }
    found
}

/// The columns that an `INSERT` names, matched with its first row of values, and those behind.
fn inserted(pieces: &[&str], tables: &Tables) -> BTreeMap<usize, Behind> {
    let mut found = BTreeMap::new();
    let is_into = |at: usize| {
        let word = |at: usize, word: &str| {
            pieces.get(at).is_some_and(|piece| piece.eq_ignore_ascii_case(word))
        };
        word(at, "INSERT") && word(at + 1, "INTO")
    };
    let Some(into) = (0..pieces.len()).find(|at| is_into(*at)) else { return found };
    let Some((name, table, next)) = table_at(pieces, into + 2, tables) else { return found };
    let mut columns: Vec<String> = table.columns.iter().map(|one| one.name.clone()).collect();
    let values = pieces.iter().position(|piece| piece.eq_ignore_ascii_case("VALUES"));
    let Some(values) = values else { return found };
    if pieces.get(next) == Some(&"(") && next < values {
        let listed = pieces.get(next + 1..values).unwrap_or_default();
        let listed = listed.iter().take_while(|piece| **piece != ")");
        columns = listed.filter(|piece| **piece != ",").map(|piece| plain(piece)).collect();
    }
    let (mut depth, mut column) = (0_usize, 0_usize);
    for piece in pieces.get(values + 1..).unwrap_or_default() {
        match *piece {
            "(" => {
                depth += 1;
                column = if depth == 1 { 0 } else { column };
            }
            ")" => depth = depth.saturating_sub(1),
            "," if depth == 1 => column += 1,
            _ => {}
        }
        if piece.eq_ignore_ascii_case("ON") || piece.eq_ignore_ascii_case("RETURNING") {
            break;
        }
        if let (Some(number), Some(column)) = (placeholder(piece), columns.get(column)) {
            let column = Some((name.clone(), column.clone()));
            found.insert(number, Behind { column, is_inserted: true, is_count: false });
        }
    }
    found
}

/// The name to the left of a placeholder, over operators: `a.b <= $1`, `b IN ($1, $2)`.
fn left_of(pieces: &[&str], at: usize) -> Option<String> {
    let mut at = at;
    loop {
        at = at.checked_sub(1)?;
        let piece = pieces.get(at)?;
        let is_between = BETWEEN.iter().any(|word| piece.eq_ignore_ascii_case(word));
        let earlier = |back: usize| at.checked_sub(back).and_then(|at| pieces.get(at)).copied();
        let is_behind = earlier(1).is_some_and(|piece| placeholder(piece).is_some());
        let is_range = piece.eq_ignore_ascii_case("AND")
            && earlier(2).is_some_and(|piece| piece.eq_ignore_ascii_case("BETWEEN"));
        if is_between || placeholder(piece).is_some() || is_behind && (*piece == "," || is_range) {
            continue;
        }
        return is_name(piece).then(|| plain(piece));
    }
}

/// The name to the right: `$1 = b`.
fn right_of(pieces: &[&str], at: usize) -> Option<String> {
    let mut at = at + 1;
    while BETWEEN.iter().any(|word| pieces.get(at).is_some_and(|it| it.eq_ignore_ascii_case(word)))
    {
        at += 1;
    }
    let is_dotted = pieces.get(at + 1) == Some(&".");
    let piece = pieces.get(if is_dotted { at + 2 } else { at })?;
    is_name(piece).then(|| plain(piece))
}

fn column_of(name: &str, used: &[(&String, &Table)]) -> Option<(String, String)> {
    let has = |table: &Table| table.columns.iter().any(|column| column.name == name);
    let (table, _) = used.iter().find(|(_, table)| has(table))?;
    Some(((*table).clone(), name.to_owned()))
}

fn is_name(piece: &str) -> bool {
    piece.starts_with(|letter: char| letter.is_alphabetic() || letter == '_' || letter == '"')
}

/// A name without its quotes, or in small letters.
fn plain(piece: &str) -> String {
    match piece.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => piece.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables() -> Tables {
        let column = |name: &str| crate::column::Column {
            name: name.to_owned(),
            kind: "integer".to_owned(),
            word: "int4".to_owned(),
            is_array: false,
            is_required: false,
            has_default: false,
            is_generated: false,
            is_unique: false,
            length_max: None,
            precision: None,
            labels: Vec::new(),
        };
        let columns = ["id", "a", "b"].map(column).to_vec();
        let table = Table { quoted: "t".to_owned(), columns, ..Table::default() };
        Tables::from([("t".to_owned(), table)])
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = behind(text, &tables());
        let shown: Vec<String> = found
            .values()
            .map(|one| {
                let column = one.column.as_ref().map_or("-", |(_, column)| column);
                format!("{column}{}", if one.is_inserted { "+" } else { "" })
            })
            .collect();
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn placeholders_find_their_columns() {
        check("SELECT * FROM t WHERE t.a <= $1 AND $2 = b LIMIT $3", &["a", "b", "-"]);
        check(
            "SELECT 1 FROM public.t WHERE a IN ($1, $2) AND b BETWEEN $3 AND $4",
            &["a", "a", "b", "b"],
        );
        check("INSERT INTO t (b, id) VALUES ($1, $2), ($3, $4)", &["b+", "id+", "b+", "id+"]);
        check("INSERT INTO t VALUES ($1, coalesce($2, 1), $3)", &["id+", "a+", "b+"]);
        check("UPDATE t SET a = $2 WHERE id = ANY($1)", &["id", "a"]);
        check("SELECT $1", &["-"]);
    }
}
