//! A copy of a database that is only read: its schema by `pg_dump`, the sizes of its tables, and a
//! sample of rows where they may be read.
//!
//! Every session is read-only and says so to the server. Refuses to write to the source.

use crate::column::{Table, Tables, tables};
use crate::fill::Unfilled;
use crate::host::{address_of, lines_to};
use crate::link::{Line, Lines, Link, Refusal, number_at, text_at};
use crate::private_server::last_line;
use crate::programs::Programs;
use crate::quote::{name, nullable};
use crate::snapshot::shown;
use crate::trouble::Trouble;
use plumb_store::address::Address;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use tokio_postgres::config::Host as Place;

/// What every session with the source begins with.
const READ_ONLY: &str = "SET default_transaction_read_only = on; SET statement_timeout = '10min'; \
                         BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Where Debian keeps the authorities that the system trusts.
const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What statements of ours say of themselves, so that they are known again where they are counted.
const OURS: &str = "/* plumb rehearse */";

/// Rows that are carried over at once.
const BATCH_ROWS: usize = 500;

/// Rounds of taking away rows whose parents were not sampled.
const ORPHAN_ROUNDS_MAX: usize = 8;

/// A database that is copied.
#[derive(Debug)]
pub(crate) struct Source {
    lines: Lines,
    database: String,
    address: Address,
}

impl Source {
    /// The database at an address.
    pub(crate) fn new(address: &str, what: &'static str) -> Result<Self, Trouble> {
        let address = address_of(address, what)?;
        let lines = lines_to(&address, what)?;
        let database = lines.config().get_dbname().unwrap_or_default().to_owned();
        Ok(Self { lines, database, address })
    }

    /// A session that only reads, all of it from one moment.
    pub(crate) fn reading(&self) -> Result<Link, Trouble> {
        let failed = |refused: Refusal| refused.while_doing("reading the source");
        let link = self.lines.connect(&self.database).map_err(failed)?;
        link.run(READ_ONLY).map_err(failed)?;
        Ok(link)
    }

    /// The time zone of its sessions.
    pub(crate) fn timezone(&self) -> Result<String, Trouble> {
        let told = self.reading()?.one("SHOW timezone");
        Ok(told.map_err(|it| it.while_doing("reading the source"))?.unwrap_or_default())
    }

    /// Its schema as a script.
    pub(crate) fn schema(&self, programs: &Programs) -> Result<String, Trouble> {
        let config = self.lines.config();
        let mut dump = Command::new(programs.path("pg_dump"));
        dump.args(["--schema-only", "--no-owner", "--no-publications", "--no-subscriptions"]);
        dump.args(["--no-tablespaces", "--dbname", &self.database]);
        match config.get_hosts().first() {
            Some(Place::Tcp(host)) => drop(dump.args(["--host", host])),
            Some(Place::Unix(folder)) => drop(dump.arg("--host").arg(folder)),
            None => {}
        }
        if let Some(port) = config.get_ports().first() {
            dump.args(["--port", &port.to_string()]);
        }
        if let Some(user) = config.get_user() {
            dump.args(["--username", user]);
        }
        if let Some(password) = config.get_password() {
            dump.env("PGPASSWORD", String::from_utf8_lossy(password).as_ref());
        }
        dump.env("PGSSLMODE", self.address.mode());
        // The library beneath `pg_dump` does not know where the system keeps its authorities.
        let system = Path::new(SYSTEM_AUTHORITIES);
        let authorities = self.address.authorities().or(Some(system).filter(|it| it.is_file()));
        // Named to it, they would be asked even where anybody may answer.
        if let Some(file) = authorities.filter(|_| self.address.mode() == "verify-full") {
            dump.env("PGSSLROOTCERT", file);
        }
        dump.env("PGOPTIONS", "-c default_transaction_read_only=on").arg("--no-password");
        let output = dump.stdin(Stdio::null()).output();
        let failed = |why: String| Trouble::Program { program: "pg_dump", why };
        let output = output.map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(last_line(&output.stderr)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// How many rows each table has, as far as its statistics know.
    pub(crate) fn sizes(&self) -> Result<BTreeMap<String, u64>, Trouble> {
        let lines = self.reading()?.lines(
            "SELECT /* plumb rehearse */ n.nspname, c.relname, \
             greatest(c.reltuples, s.n_live_tup, 0)::bigint \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid \
             WHERE c.relkind = 'r' AND c.oid >= 16384",
        );
        let lines = lines.map_err(|refused| refused.while_doing("reading the source"))?;
        let size = |line: &Line| (shown(&text_at(line, 0), &text_at(line, 1)), number_at(line, 2));
        Ok(lines.iter().map(size).filter(|(_, rows)| *rows > 0).collect())
    }

    /// Carries up to so many rows of each table over; gives the tables whose rows may not be read.
    pub(crate) fn sample(&self, to: &Link, rows: u64) -> Result<Vec<Unfilled>, Trouble> {
        let failed = |refused: Refusal| refused.while_doing("filling the copy");
        let mut refused_tables = Vec::new();
        let all = tables(to).map_err(failed)?;
        to.run("SET session_replication_role = replica").map_err(failed)?;
        for (table, told) in all.iter().filter(|(_, table)| !table.is_partitioned) {
            // A refusal ends the transaction: each table has its own.
            let from = self.reading()?;
            if let Err(refused) = carry(&from, to, told, rows) {
                refused_tables.push(Unfilled { table: table.clone(), why: refused.to_string() });
            }
        }
        to.run("RESET session_replication_role").map_err(failed)?;
        take_orphans(to, &all).map_err(failed)?;
        Ok(refused_tables)
    }

    /// What `pg_stat_statements` counted in this database, the most frequent first: text and calls.
    pub(crate) fn statements(&self, most: usize) -> Result<Vec<(String, u64)>, Trouble> {
        // What we ask, and what `pg_dump` and others ask the catalogue, is nobody's application.
        let lines = self.reading()?.lines(&format!(
            "SELECT {OURS} s.query, sum(s.calls)::bigint FROM pg_stat_statements s \
             JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database() \
             WHERE s.query ~* '^[\\s(]*(select|insert|update|delete|with|values|merge)\\M' \
               AND s.query !~ 'pg_catalog\\.|pg_stat_statements|/\\* plumb ' \
             GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {most}"
        ));
        let lines = lines.map_err(|it| it.while_doing("reading `pg_stat_statements`"))?;
        Ok(lines.iter().map(|line| (text_at(line, 0), number_at(line, 1))).collect())
    }
}

fn carry(from: &Link, to: &Link, table: &Table, rows: u64) -> Result<(), Refusal> {
    let columns: Vec<String> = table
        .columns
        .iter()
        .filter(|column| !column.is_generated || column.has_default)
        .map(|column| name(&column.name))
        .collect();
    let (listed, texts) = (columns.join(", "), columns.join("::text, "));
    if columns.is_empty() {
        return Ok(());
    }
    let sql = format!("SELECT {OURS} {texts}::text FROM ONLY {} LIMIT {rows}", table.quoted);
    let lines = from.lines(&sql)?;
    for batch in lines.chunks(BATCH_ROWS) {
        let row = |line: &Line| {
            let values: Vec<String> = line.iter().map(|it| nullable(it.as_deref())).collect();
            format!("({})", values.join(", "))
        };
        let values: Vec<String> = batch.iter().map(row).collect();
        to.run(&format!(
            "INSERT INTO {} ({listed}) OVERRIDING SYSTEM VALUE VALUES {}",
            table.quoted,
            values.join(", ")
        ))?;
    }
    Ok(())
}

/// Takes away rows whose parents were not sampled, until every foreign key holds.
fn take_orphans(to: &Link, tables: &Tables) -> Result<(), Refusal> {
    let keys = to.lines(
        "SELECT c.conrelid::regclass::text, c.confrelid::regclass::text, \
         string_agg('x.' || quote_ident(a.attname), ', ' ORDER BY k.o), \
         string_agg('y.' || quote_ident(b.attname), ', ' ORDER BY k.o) \
         FROM pg_constraint c \
         JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(here, there, o) ON true \
         JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.here \
         JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.there \
         WHERE c.contype = 'f' AND c.conparentid = 0 GROUP BY c.oid, c.conrelid, c.confrelid",
    )?;
    if tables.is_empty() || keys.is_empty() {
        return Ok(());
    }
    to.run("SET session_replication_role = replica")?;
    for _ in 0..ORPHAN_ROUNDS_MAX {
        let mut taken = 0;
        for key in &keys {
            let (here, there) = (text_at(key, 0), text_at(key, 1));
            let (ours, theirs) = (text_at(key, 2), text_at(key, 3));
            let count = to.one(&format!(
                "WITH gone AS (DELETE FROM {here} x WHERE ({ours}) IS NOT NULL AND NOT EXISTS \
                 (SELECT 1 FROM {there} y WHERE ({theirs}) = ({ours})) RETURNING 1) \
                 SELECT count(*) FROM gone"
            ))?;
            taken += count.and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
        }
        if taken == 0 {
            break;
        }
    }
    to.run("RESET session_replication_role")
}
