//! Work within a transaction, as the rest of the engine sees it: one statement after the other,
//! each answered within a bound.
//!
//! The driver waits for nobody, and this crate's callers wait for everything; here is where one
//! becomes the other. Refuses to begin and to end transactions.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, Statement, Transaction};

use crate::bounds::FAREWELL_WAIT;
use crate::postgres::explain::Stop;

/// The line to a server: what is said on it moves only while somebody waits.
pub(crate) struct Line {
    pub(crate) runtime: Runtime,
    pub(crate) speaking: JoinHandle<()>,
    /// How long an answer is waited for.
    pub(crate) patience: Duration,
}

/// Statements by their text; there are a few dozen.
pub(crate) type Prepared = BTreeMap<String, Statement>;

/// A transaction that has not ended.
pub(crate) struct Work<'a> {
    pub(crate) line: &'a Line,
    pub(crate) transaction: Transaction<'a>,
    pub(crate) prepared: &'a mut Prepared,
}

/// Called once for each batch of rows.
pub(crate) type EachBatch<'a> = dyn FnMut(&mut Work<'_>, Vec<Row>) -> Result<(), Stop> + 'a;

impl Line {
    /// The answer, if it comes in time.
    pub(crate) fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Stop> {
        let waiting = async { timeout(self.patience, answer).await };
        Ok(self.runtime.block_on(waiting).map_err(|_| Stop::Silent)??)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // The server is told, and sees for itself if that takes too long.
        let leaving = async { timeout(FAREWELL_WAIT, &mut self.speaking).await };
        let _told = self.runtime.block_on(leaving);
    }
}

impl Work<'_> {
    pub(crate) fn query(
        &mut self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Stop> {
        let statement = self.statement(sql)?;
        self.line.wait(self.transaction.query(&statement, values))
    }

    pub(crate) fn execute(
        &mut self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, Stop> {
        let statement = self.statement(sql)?;
        self.line.wait(self.transaction.execute(&statement, values))
    }

    /// Statements without values, one behind the other.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), Stop> {
        self.line.wait(self.transaction.batch_execute(sql))
    }

    /// Asks once and gives the answer in batches of at most `rows` rows.
    pub(crate) fn in_batches(
        &mut self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
        rows: usize,
        each: &mut EachBatch<'_>,
    ) -> Result<(), Stop> {
        let statement = self.statement(sql)?;
        let portal = self.line.wait(self.transaction.bind(&statement, values))?;
        let rows = i32::try_from(rows).unwrap_or(i32::MAX);
        loop {
            let batch = self.line.wait(self.transaction.query_portal(&portal, rows))?;
            if batch.is_empty() {
                return Ok(());
            }
            each(self, batch)?;
        }
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, Stop> {
        if let Some(known) = self.prepared.get(sql) {
            return Ok(known.clone());
        }
        let statement = self.line.wait(self.transaction.prepare(sql))?;
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}
