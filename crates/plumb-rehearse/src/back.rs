//! The way back: the down migration on nothing, on old rows, and on rows that the new version
//! wrote, and whether the schema and the rows are as they were.
//!
//! Refuses to know whether anybody wants to go back.

use crate::column::Tables;
use crate::description::{Description, Differences, contents, describe, differences};
use crate::link::{Link, Refusal};
use crate::migration::Unit;
use std::collections::BTreeMap;

/// What came of one way back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Back {
    /// Where it failed and why: file, line, and what the server said.
    pub failed: Option<(String, usize, Refusal)>,
    /// How the schema differs from the old one.
    pub differences: Differences,
    /// Tables whose rows are not what they were.
    pub changed: Vec<String>,
}

impl Back {
    /// Whether the schema is as it was.
    #[must_use]
    pub const fn is_restored(&self) -> bool {
        self.failed.is_none() && self.differences.objects.is_empty()
    }
}

/// What was there before.
#[derive(Clone, Debug)]
pub(crate) struct Was {
    /// The schema.
    pub(crate) description: Description,
    /// The tables.
    pub(crate) tables: Tables,
    /// Their rows.
    pub(crate) contents: BTreeMap<String, (u64, String)>,
}

/// Looks at what is there.
pub(crate) fn was(link: &Link, tables: &Tables) -> Result<Was, Refusal> {
    let contents = contents(link, tables);
    Ok(Was { description: describe(link)?, tables: tables.clone(), contents })
}

/// Runs units one after the other; gives where they failed.
pub(crate) fn run(link: &Link, units: &[Unit]) -> Result<(), (String, usize, Refusal)> {
    for unit in units {
        let is_one = unit.statements.len() == 1;
        let framed = |sql: &str| if is_one { Ok(()) } else { link.run(sql) };
        let at = |index: usize, refused: Refusal| {
            let placed = unit.statements.get(index);
            let place = placed.map(|one| (one.file.clone(), one.statement.line));
            let (file, line) = place.unwrap_or_default();
            (file, line, refused)
        };
        framed("BEGIN").map_err(|refused| at(0, refused))?;
        for (index, placed) in unit.statements.iter().enumerate() {
            if let Err(refused) = link.run(&placed.statement.text) {
                drop(framed("ROLLBACK"));
                return Err(at(index, refused));
            }
        }
        framed("COMMIT").map_err(|refused| at(unit.statements.len().saturating_sub(1), refused))?;
    }
    Ok(())
}

/// Goes back, and compares with what was there. Rows are compared where `has_old_rows` says that
/// they should be the same.
pub(crate) fn go(
    link: &Link,
    down: &[Unit],
    was: &Was,
    has_old_rows: bool,
) -> Result<Back, Refusal> {
    let mut back = Back::default();
    if let Err(failed) = run(link, down) {
        back.failed = Some(failed);
        return Ok(back);
    }
    back.differences = differences(&was.description, &describe(link)?);
    if has_old_rows {
        let now = contents(link, &was.tables);
        let is_changed = |(table, rows): &(&String, &(u64, String))| {
            now.get(*table).is_some_and(|it| it != *rows)
        };
        back.changed =
            was.contents.iter().filter(is_changed).map(|(table, _)| table.clone()).collect();
    }
    Ok(back)
}
