//! Tables as they stand after all statements: columns, keys and conditions, each with its place.
//!
//! Refuses to know how statements are written, and what two versions change.

use crate::change::Spot;
use crate::compared::Unread;
use crate::sql::stored::Stored;
use std::collections::{BTreeMap, BTreeSet};

/// Places that are told at most: more than a person mends.
const UNREAD_MAX: usize = 1_000;

/// One version of a schema.
#[derive(Debug, Default)]
pub(super) struct Base {
    pub(super) tables: BTreeMap<String, Table>,
    /// Enum types by name, with their values.
    pub(super) enums: BTreeMap<String, Vec<String>>,
    pub(super) unread: Vec<Unread>,
}

/// A table.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    pub(super) keys: Vec<Key>,
    pub(super) checks: Vec<Check>,
    pub(super) foreign: Vec<Foreign>,
    pub(super) at: Spot,
}

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) stored: Stored,
    pub(super) is_nullable: bool,
    /// What stands in where nothing is written, as text.
    pub(super) default: Option<String>,
    /// Whether it is worked out, and may not be written.
    pub(super) is_computed: bool,
    pub(super) at: Spot,
}

/// Columns of which no two rows have the same values.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) name: Option<String>,
    pub(super) columns: BTreeSet<String>,
    pub(super) is_primary: bool,
    /// What rows it is for, where not for all.
    pub(super) condition: Option<String>,
    pub(super) at: Spot,
}

/// A condition that rows meet.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) name: Option<String>,
    pub(super) text: String,
    /// The column and its values, where it is no more than a list of them.
    pub(super) values: Option<(String, BTreeSet<String>)>,
    pub(super) at: Spot,
}

/// The values that a column takes, as its lists leave them.
#[derive(Clone, Debug)]
pub(super) struct List<'t> {
    pub(super) values: BTreeSet<&'t String>,
    /// The last of the lists.
    pub(super) at: &'t Spot,
}

/// Columns that name a row of another table.
#[derive(Clone, Debug)]
pub(super) struct Foreign {
    pub(super) name: Option<String>,
    pub(super) columns: Vec<String>,
    pub(super) table: String,
    pub(super) at: Spot,
}

impl Base {
    /// Notes that something is not read.
    pub(super) fn tell(&mut self, at: &Spot, reason: String) {
        if self.unread.len() < UNREAD_MAX {
            let Spot { file, line, column } = at.clone();
            self.unread.push(Unread { file, line, column, reason });
        }
    }
}

impl Table {
    /// The column of that name.
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The column of that name, to be changed.
    pub(super) fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.columns.iter_mut().find(|column| column.name == name)
    }

    /// What all lists of this column's values leave together; none where there is no list.
    pub(super) fn list(&self, column: &str) -> Option<List<'_>> {
        let mut left: Option<List<'_>> = None;
        for Check { values, at, .. } in &self.checks {
            let Some((_, values)) = values.as_ref().filter(|(known, _)| known == column) else {
                continue;
            };
            match &mut left {
                None => left = Some(List { values: values.iter().collect(), at }),
                Some(list) => {
                    list.values.retain(|value| values.contains(*value));
                    list.at = at;
                }
            }
        }
        left
    }
}

impl Column {
    /// Whether whoever writes a row has to write it.
    pub(super) fn is_required(&self) -> bool {
        !self.is_nullable && self.default.is_none() && !self.is_computed
    }
}
