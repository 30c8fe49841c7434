//! Where two versions of a schema meet: tables by name.
//!
//! Refuses to know how statements are written, and what is in a table.

use crate::change::Change;
use crate::compared::Flow;
use crate::sql::findings::{Findings, Told};
use crate::sql::model::{Base, Table};
use crate::sql::rule;
use crate::sql::stored::Stored;
use crate::sql::tables::tables;

/// Everything that two versions change.
pub(super) fn judged(old: &Base, new: &Base, flow: Flow) -> Vec<Change> {
    let mut findings = Findings::new(flow);
    for (name, table) in &old.tables {
        let told = told(name);
        match new.tables.get(name) {
            Some(other) => {
                let pair = [resolved(old, table), resolved(new, other)];
                tables(&mut findings, name, &pair);
            }
            None => {
                let told = told.at(String::new(), Some(&table.at), None);
                let told = told.witness(format!("SELECT 1 FROM {name}"));
                findings.tell(&rule::TABLE_REMOVED, told, "the table is gone");
            }
        }
    }
    for (name, table) in new.tables.iter().filter(|(name, _)| !old.tables.contains_key(*name)) {
        let told = told(name).at(String::new(), None, Some(&table.at));
        findings.tell(&rule::TABLE_ADDED, told, "the table is new");
    }
    findings.changes
}

fn told(name: &str) -> Told {
    let (place, old, new, witness) = (String::new(), None, None, None);
    Told { subject: format!("table {name}"), place, old, new, witness }
}

/// A table with the values of its enums.
fn resolved(base: &Base, table: &Table) -> Table {
    let mut table = table.clone();
    for column in &mut table.columns {
        let inner = match &mut column.stored {
            Stored::List(inner) => inner.as_mut(),
            stored => stored,
        };
        if let Stored::Named(name) = inner
            && let Some(words) = base.enums.get(name)
        {
            *inner = Stored::Enum(words.clone());
        }
    }
    table
}
