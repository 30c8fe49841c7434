//! The ledgers of migration tools: would the old version still start when its tool meets migrations
//! that it does not know?
//!
//! Each rule is what the tool does by default. Refuses to run any of them.

use crate::link::{Link, Refusal, text_at};
use crate::migration::{names, read_text};
use crate::trouble::Trouble;
use std::collections::BTreeSet;
use std::path::Path;

/// A migration tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// sqlx, of Rust.
    Sqlx,
    /// Flyway.
    Flyway,
    /// Liquibase.
    Liquibase,
    /// Active Record of Rails.
    Rails,
    /// Django.
    Django,
    /// Alembic, of SQLAlchemy.
    Alembic,
    /// golang-migrate.
    GolangMigrate,
    /// Prisma.
    Prisma,
    /// Diesel, of Rust.
    Diesel,
    /// Knex.
    Knex,
}

/// What the ledger says to the old version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// Whose ledger it is.
    pub tool: Tool,
    /// Migrations that the old version does not ship.
    pub unknown: Vec<String>,
    /// Whether the old version would start.
    pub starts: bool,
    /// The rule.
    pub why: &'static str,
}

/// A tool with its name, its table, and the column of that which names a migration.
const TOOLS: [(Tool, &str, &str, &str); 10] = [
    (Tool::Sqlx, "sqlx", "_sqlx_migrations", "version"),
    (Tool::Flyway, "flyway", "flyway_schema_history", "version"),
    (Tool::Liquibase, "liquibase", "databasechangelog", "id"),
    (Tool::Rails, "rails", "schema_migrations", "version"),
    (Tool::Django, "django", "django_migrations", "name"),
    (Tool::Alembic, "alembic", "alembic_version", "version_num"),
    (Tool::GolangMigrate, "golang-migrate", "schema_migrations", "version"),
    (Tool::Prisma, "prisma", "_prisma_migrations", "migration_name"),
    (Tool::Diesel, "diesel", "__diesel_schema_migrations", "version"),
    (Tool::Knex, "knex", "knex_migrations", "name"),
];

impl Tool {
    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        TOOLS.iter().find(|(tool, ..)| *tool == self).map_or("", |(_, name, ..)| *name)
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        TOOLS.iter().find(|(_, name, ..)| *name == text).map(|(tool, ..)| *tool)
    }

    /// All names, in order.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        TOOLS.iter().map(|(_, name, ..)| *name).collect()
    }
}

/// Whose ledger stands in the database, by its table.
pub(crate) fn found(link: &Link) -> Result<Option<Tool>, Refusal> {
    let lines = link.lines(
        "SELECT c.relname, EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid \
         AND a.attname = 'dirty') FROM pg_class c WHERE c.relkind = 'r' ORDER BY 1",
    )?;
    Ok(lines.iter().find_map(|line| {
        let (table, has_dirty) = (text_at(line, 0), text_at(line, 1) == "t");
        TOOLS.iter().map(|(tool, _, known, _)| (*tool, *known)).find_map(|(tool, known)| {
            let fits = match tool {
                Tool::Rails => !has_dirty,
                Tool::GolangMigrate => has_dirty,
                _ => true,
            };
            (known == table && fits).then_some(tool)
        })
    }))
}

/// The migrations that the ledger of the database names.
pub(crate) fn applied(link: &Link, tool: Tool) -> Vec<String> {
    let Some((.., table, column)) = TOOLS.iter().find(|(known, ..)| *known == tool) else {
        return Vec::new();
    };
    let sql = format!("SELECT {column}::text FROM {table} WHERE {column} IS NOT NULL");
    // A copy of a schema alone has no such table, or nothing in it.
    let lines = link.lines(&sql).unwrap_or_default();
    lines.iter().map(|line| text_at(line, 0)).collect()
}

/// The migrations that a folder ships, as its tool names them.
pub(crate) fn shipped(folder: &Path, tool: Tool) -> Result<Vec<String>, Trouble> {
    let mut found = BTreeSet::new();
    for name in names(folder)? {
        let identity = match tool {
            Tool::Alembic => revision_in(&read_text(&folder.join(&name))?),
            _ => identity(&name, tool),
        };
        found.extend(identity);
    }
    Ok(found.into_iter().collect())
}

/// How a tool names the migration in a file.
fn identity(path: &str, tool: Tool) -> Option<String> {
    let file = path.rsplit('/').next().unwrap_or_default();
    let folder = path.rsplit('/').nth(1);
    let digits = |text: &str| {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        let number = digits.trim_start_matches('0');
        (!digits.is_empty()).then(|| if number.is_empty() { "0" } else { number }.to_owned())
    };
    match tool {
        Tool::Sqlx | Tool::GolangMigrate | Tool::Rails => digits(file),
        Tool::Flyway => {
            let version = file.strip_prefix(['V', 'v'])?.split("__").next()?;
            Some(version.replace('_', "."))
        }
        Tool::Diesel => {
            let name = folder?.split('_').next()?;
            Some(name.replace('-', "")).filter(|name| !name.is_empty())
        }
        Tool::Prisma => Some(folder?.to_owned()),
        Tool::Knex | Tool::Liquibase => Some(file.to_owned()),
        Tool::Django => Some(file.strip_suffix(".py").unwrap_or(file).to_owned()),
        Tool::Alembic => None,
    }
}

/// The revision that a script of Alembic names: `revision = "a1b2"`, with or without a type.
fn revision_in(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let rest = line.strip_prefix("revision")?;
        let (before, value) = rest.split_once('=')?;
        let is_plain = before.trim().is_empty() || before.trim_start().starts_with(':');
        let value = value.trim().trim_matches(['"', '\'']);
        (is_plain && !value.is_empty()).then(|| value.to_owned())
    })
}

/// What the tool of the old version makes of a ledger with these migrations.
pub(crate) fn judge(tool: Tool, known: &[String], applied: &[String]) -> Ledger {
    let known: BTreeSet<String> = known.iter().map(|name| plain(name, tool)).collect();
    let applied: BTreeSet<String> = applied.iter().map(|name| plain(name, tool)).collect();
    let unknown: Vec<String> = applied.difference(&known).cloned().collect();
    let newest = |names: &BTreeSet<String>| names.iter().cloned().max_by_key(|name| order(name));
    let has_unknown = !unknown.is_empty();
    let (starts, why) = match tool {
        Tool::Sqlx => (
            !has_unknown,
            "it refuses applied versions that it does not ship, unless `ignore_missing` is set",
        ),
        Tool::Knex => {
            (!has_unknown, "it calls its folder corrupt when an applied file is missing from it")
        }
        Tool::Alembic => {
            (!has_unknown, "it cannot locate an applied revision that it does not ship")
        }
        Tool::GolangMigrate => (
            newest(&applied).is_none_or(|version| known.contains(&version)),
            "it needs the file of the current version, and finds none",
        ),
        Tool::Flyway => {
            let last = newest(&known).map(|version| order(&version)).unwrap_or_default();
            let is_missing = unknown.iter().any(|version| order(version) <= last);
            (
                !is_missing,
                "it ignores applied versions beyond its newest and refuses those it lacks below",
            )
        }
        Tool::Rails => (true, "it only looks for migrations of its own that are still pending"),
        Tool::Diesel => (true, "it only runs migrations of its own that are still pending"),
        Tool::Django => (true, "it passes over applied migrations that it does not ship"),
        Tool::Liquibase => (true, "it passes over applied change sets that it does not ship"),
        Tool::Prisma => (true, "`migrate deploy` passes over applied migrations that it lacks"),
    };
    Ledger { tool, unknown, starts, why }
}

/// Numbers are the same with and without leading zeros.
fn plain(name: &str, tool: Tool) -> String {
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
    match tool {
        Tool::Sqlx | Tool::GolangMigrate | Tool::Rails if is_number => {
            let kept = name.trim_start_matches('0');
            if kept.is_empty() { "0".to_owned() } else { kept.to_owned() }
        }
        _ => name.to_owned(),
    }
}

fn order(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or(u64::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tool: Tool, known: &[&str], applied: &[&str], starts: bool) {
        let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let ledger = judge(tool, &of(known), &of(applied));
        assert_eq!(ledger.starts, starts, "{tool:?} {:?}", ledger.unknown);
    }

    #[test]
    fn each_tool_has_its_rule() {
        for tool in [Tool::Sqlx, Tool::Knex, Tool::Alembic, Tool::GolangMigrate] {
            check(tool, &["1", "2"], &["1", "2", "3"], false);
            check(tool, &["1", "2"], &["1", "2"], true);
        }
        for tool in [Tool::Rails, Tool::Diesel, Tool::Django, Tool::Liquibase, Tool::Prisma] {
            check(tool, &["1"], &["1", "2"], true);
        }
        check(Tool::Flyway, &["1", "2"], &["1", "2", "10"], true);
        check(Tool::Flyway, &["1", "3"], &["1", "2.1", "3"], false);
        check(Tool::GolangMigrate, &["1", "3"], &["3"], true);
        check(Tool::Sqlx, &["0001"], &["1"], true);
    }

    #[test]
    fn files_are_named_as_their_tool_names_them() {
        let expected = [
            ("20240101_a.sql", Tool::Sqlx, "20240101"),
            ("000002_a.up.sql", Tool::GolangMigrate, "2"),
            ("V1_2__a.sql", Tool::Flyway, "1.2"),
            ("2024-01-02-000000_a/up.sql", Tool::Diesel, "20240102000000"),
            ("2024_a/migration.sql", Tool::Prisma, "2024_a"),
            ("001_a.js", Tool::Knex, "001_a.js"),
        ];
        for (path, tool, named) in expected {
            assert_eq!(identity(path, tool).as_deref(), Some(named), "{path}");
        }
        assert_eq!(revision_in("x\nrevision: str = 'ab1'\n").as_deref(), Some("ab1"));
        assert_eq!(revision_in("revision_id = 'ab1'"), None);
    }
}
