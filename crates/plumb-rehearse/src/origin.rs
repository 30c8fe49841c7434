//! The copy from which all others are made: the old schema, its role, its rows.
//!
//! Refuses to know the migration.

use crate::fill::{Unfilled, fill};
use crate::host::Host;
use crate::link::{Link, Refusal};
use crate::migration::{Direction, Part, read};
use crate::quote::{literal, name};
use crate::script::{split, words};
use crate::source::Source;
use crate::trouble::Trouble;
use std::collections::BTreeMap;
use std::path::Path;

/// The role that statements run as where none is named.
const APPLICATION_ROLE: &str = "plumb_application";

/// Roles that a script may name and that are made for it.
const ROLES_MAX: usize = 100;

/// What the server says of a role that is not there, and of a schema that is.
const ROLE_MISSING: &str = "42704";
const SCHEMA_THERE: &str = "42P06";

/// What is wanted of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    /// The schema: a script, or a folder of migrations.
    pub(crate) schema: Option<&'a Path>,
    /// The database to copy instead.
    pub(crate) copy: Option<&'a str>,
    /// Rows of each table.
    pub(crate) rows: u64,
    /// The role that statements run as.
    pub(crate) role: Option<&'a str>,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Made {
    /// Tables whose rows are not as asked.
    pub(crate) unfilled: Vec<Unfilled>,
    /// What a person should know.
    pub(crate) notes: Vec<String>,
    /// Rows that the source has, by table.
    pub(crate) true_rows: BTreeMap<String, u64>,
    /// The role that statements run as; none where that is the owner.
    pub(crate) role: Option<String>,
}

/// Makes the copies `empty` and `origin`.
pub(crate) fn make(host: &Host, wanted: &Wanted<'_>) -> Result<Made, Trouble> {
    let mut made = Made::default();
    let source = wanted.copy.map(|address| Source::new(address, "`--copy`")).transpose()?;
    host.make("empty", None)?;
    let link = host.connect("empty")?;
    let parts = match (&source, wanted.schema) {
        (Some(source), _) => vec![dumped(host, source)?],
        (None, Some(path)) => read(path, Direction::Up)?,
        (None, None) => Vec::new(),
    };
    build(&link, &parts, host.is_private(), &mut made)?;
    drop(link);
    // A dump leaves settings behind in its session.
    let link = host.connect("empty")?;
    made.role = role(&link, host, wanted.role)?;
    drop(link);
    host.make("origin", Some("empty"))?;
    let link = host.connect("origin")?;
    let failed = |refused: Refusal| refused.while_doing("filling the copy");
    if let Some(source) = &source {
        made.true_rows = source.sizes()?;
        let refused = source.sample(&link, wanted.rows)?;
        for one in &refused {
            made.notes.push(format!(
                "{} could not be sampled, and has rows made up: {}",
                one.table, one.why
            ));
        }
    }
    made.unfilled = fill(&link, wanted.rows).map_err(failed)?;
    link.run("ANALYZE").map_err(failed)?;
    Ok(made)
}

fn dumped(host: &Host, source: &Source) -> Result<Part, Trouble> {
    let programs = host.programs.as_ref().filter(|programs| programs.has("pg_dump"));
    let missing =
        || Trouble::NoPrograms { wanted: ", and `--copy` needs its `pg_dump`".to_owned() };
    let script = split(&source.schema(programs.ok_or_else(missing)?)?);
    let (statements, left_out) = (script.statements, script.left_out);
    Ok(Part { file: "pg_dump".to_owned(), statements, left_out })
}

/// Runs the scripts. In a server of our own, roles that they name are made.
fn build(link: &Link, parts: &[Part], is_private: bool, made: &mut Made) -> Result<(), Trouble> {
    let mut roles = 0;
    for part in parts {
        for statement in &part.statements {
            let mut ran = link.run(&statement.text);
            while let Err(refused) = &ran {
                let role = missing_role(refused).filter(|_| is_private && roles < ROLES_MAX);
                let Some(role) = role else { break };
                roles += 1;
                let named = name(&role);
                let created = link.run(&format!("CREATE ROLE {named} LOGIN"));
                if created.is_err() {
                    break;
                }
                made.notes.push(format!("the role {role} was made, since the schema names it"));
                ran = link.run(&statement.text);
            }
            let Err(refused) = ran else { continue };
            let first = words(&statement.text, 2).join(" ");
            let is_optional =
                ["CREATE EXTENSION", "COMMENT ON", "ALTER DEFAULT"].contains(&&*first);
            if refused.sqlstate == SCHEMA_THERE {
                continue;
            }
            if is_optional {
                let at = format!("{}:{}", part.file, statement.line);
                made.notes.push(format!("left out of the schema, {at}: {refused}"));
                continue;
            }
            let (file, line) = (part.file.clone(), statement.line);
            return Err(Trouble::Schema { file, line, why: refused.to_string() });
        }
    }
    Ok(())
}

fn missing_role(refused: &Refusal) -> Option<String> {
    if refused.sqlstate != ROLE_MISSING {
        return None;
    }
    let rest = refused.message.strip_prefix("role \"")?;
    rest.strip_suffix("\" does not exist").map(str::to_owned)
}

/// The role that statements run as. Where it is not there, it is made with the ordinary rights of
/// an application, in a server of our own only.
fn role(link: &Link, host: &Host, wanted: Option<&str>) -> Result<Option<String>, Trouble> {
    let failed = |refused: Refusal| refused.while_doing("making the application's role");
    if !host.is_private() {
        return Ok(wanted.map(str::to_owned));
    }
    let role = wanted.unwrap_or(APPLICATION_ROLE);
    let there = link.one(&format!("SELECT 1 FROM pg_roles WHERE rolname = {}", literal(role)));
    if there.map_err(failed)?.is_some() {
        return Ok(Some(role.to_owned()));
    }
    let quoted = name(role);
    link.run(&format!("CREATE ROLE {quoted} LOGIN")).map_err(failed)?;
    let schemas = link.lines(
        "SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' \
         AND nspname <> 'information_schema'",
    );
    for line in schemas.map_err(failed)? {
        let schema = crate::link::text_at(&line, 0);
        link.run(&format!(
            "GRANT USAGE ON SCHEMA {schema} TO {quoted}; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {quoted}; \
             GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {quoted}; \
             GRANT EXECUTE ON ALL ROUTINES IN SCHEMA {schema} TO {quoted}"
        ))
        .map_err(failed)?;
    }
    Ok(Some(role.to_owned()))
}
