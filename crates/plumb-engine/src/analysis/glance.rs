//! What the beginning of a file shows before anything is counted: which versions, and whether its
//! events name whom they count for.
//!
//! Refuses to know formats.

use crate::analysis::error::AnalysisError;
use crate::analysis::intake::Arms;
use crate::analysis::row::Row;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Versions that an error names.
const VERSIONS_TOLD: usize = 10;

/// What the first piece of a file shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// Rows of each version.
    versions: BTreeMap<String, u64>,
    /// All rows, and those that name a unit.
    rows: usize,
    with_unit: usize,
}

impl Glance {
    /// Sees a row.
    pub fn see(&mut self, row: &Row<'_>) {
        self.rows += 1;
        self.with_unit += usize::from(row.unit.is_some());
        if let Some(version) = &row.version {
            match self.versions.get_mut(version.as_ref()) {
                Some(count) => *count += 1,
                None => drop(self.versions.insert(version.as_ref().to_owned(), 1)),
            }
        }
    }

    /// Sees so many rows of a version at once.
    pub fn see_version(&mut self, version: &str, rows: u64) {
        *self.versions.entry(version.to_owned()).or_default() += rows;
    }

    /// Sees something that is no row.
    pub fn see_broken(&mut self) {
        self.rows += 1;
    }

    /// The two versions that the events name; the one with more of them is the known one, as long
    /// as words for the arms do not say otherwise.
    ///
    /// # Errors
    ///
    /// When they name fewer than two, or more.
    pub fn arms(self) -> Result<Arms, AnalysisError> {
        let mut versions: Vec<(String, u64)> = self.versions.into_iter().collect();
        versions.sort_by_key(|(_, count)| Reverse(*count));
        let versions: Vec<String> = versions.into_iter().map(|(version, _)| version).collect();
        match <[String; 2]>::try_from(versions) {
            Ok([usual, rare]) => Ok(Arms::of(usual, rare)),
            Err(versions) if versions.is_empty() => {
                Err(AnalysisError::Versions { found: "no event names a version".to_owned() })
            }
            Err(mut versions) => {
                let more = if versions.len() > VERSIONS_TOLD { ", ..." } else { "" };
                versions.truncate(VERSIONS_TOLD);
                let found = format!("the events name `{}`{more}", versions.join("`, `"));
                Err(AnalysisError::Versions { found })
            }
        }
    }

    /// Whether every version that is named is one of these arms, or a word for one.
    #[must_use]
    pub fn names_only(&self, arms: &Arms) -> bool {
        self.versions.keys().all(|version| arms.arm(version).is_some())
    }

    /// Whether most events name a unit.
    #[must_use]
    pub fn names_units(&self) -> bool {
        2 * self.with_unit > self.rows
    }
}
