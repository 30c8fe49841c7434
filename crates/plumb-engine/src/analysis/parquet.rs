//! Events from a Parquet file, of any size: groups of rows one after the other, and of each the
//! columns that say something, some thousand rows at a time.
//!
//! Refuses to know what follows from events.

use crate::analysis::columns::{Column, Columns, Value, put};
use crate::analysis::error::AnalysisError;
use crate::analysis::glance::Glance;
use crate::analysis::intake::Intake;
use crate::analysis::row::Row;
use bytes::Bytes;
use column::ColumnValues;
use footer::{FooterFault, footer};
use kinds::{Kind, Said, Seen};
use pages::Pages;
use parquet::file::metadata::ParquetMetaData;
use plumb_rollout::tick::Arm;
use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};

mod column;
pub(crate) mod footer;
mod kinds;
mod pages;
mod runs;
mod thrift;

/// Rows that are made at a time.
const BATCH_ROWS: usize = 8 * 1024;

/// Rows in which versions and units are looked for before anything is counted.
const GLANCE_ROWS: usize = 64 * 1024;

/// Bytes of one group of rows, as far as its columns are read. Writers aim at 128 MiB for all.
const GROUP_BYTES_MAX: u64 = 1 << 30;

/// Rows of a group that need no bytes to show for themselves. Writers stop at a million.
const FREE_ROWS: u64 = 1 << 20;

/// Rows for each byte beyond those: no time of its own is told in less than a fiftieth of a byte.
const ROWS_PER_BYTE: u64 = 50;

/// What a file is read from: its footer, which comes last, is read first.
pub trait Input: Read + Seek {}

impl<T: Read + Seek> Input for T {}

/// A file whose footer was read.
pub struct Parquet<'i> {
    name: String,
    input: Box<dyn Input + 'i>,
    shape: ParquetMetaData,
    wanted: Vec<Wanted>,
    component: Option<String>,
    lists: Vec<String>,
}

/// A column that says something.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    at: usize,
    column: Column,
    kind: Kind,
}

impl fmt::Debug for Parquet<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Parquet({}, {:?})", self.name, self.wanted)
    }
}

/// The columns of one group of rows.
struct Group {
    columns: Vec<(Wanted, ColumnValues)>,
    rows: u64,
}

impl<'i> Parquet<'i> {
    /// Reads the footer.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is damaged, or holds no events.
    pub fn open(
        name: &str,
        mut input: Box<dyn Input + 'i>,
        columns: &Columns,
    ) -> Result<Self, AnalysisError> {
        let name = name.to_owned();
        let shape = match footer(&mut *input) {
            Ok(shape) => shape,
            Err(FooterFault::Input(err)) => {
                return Err(AnalysisError::Unreadable { name, reason: err.to_string() });
            }
            Err(FooterFault::Damaged(reason)) => {
                return Err(AnalysisError::Damaged { name, reason });
            }
        };
        let (mut wanted, mut lists) = (Vec::new(), Vec::new());
        for (at, leaf) in shape.file_metadata().schema_descr().columns().iter().enumerate() {
            let path = leaf.path().string();
            match columns.column(&path) {
                Some(_) if leaf.max_rep_level() > 0 => lists.push(path),
                Some(column) => wanted.push(Wanted { at, column, kind: Kind::of(leaf) }),
                None => {}
            }
        }
        if !wanted.iter().any(|one| one.column == Column::Time) {
            let reason = "none of its columns is named like a time".to_owned();
            return Err(AnalysisError::NoEvents { name, reason });
        }
        let component = columns.component.clone();
        Ok(Self { name, input, shape, wanted, component, lists })
    }

    /// Columns that were asked for and hold lists, which say nothing of an event.
    #[must_use]
    pub fn lists(&self) -> &[String] {
        &self.lists
    }

    /// What the first rows show before anything is counted.
    ///
    /// # Errors
    ///
    /// As [`Parquet::read`].
    pub fn glance(&mut self) -> Result<Glance, AnalysisError> {
        let (mut glance, mut seen) = (Glance::default(), 0);
        for at in 0..self.shape.num_row_groups() {
            let mut group = self.group(at)?;
            while seen < GLANCE_ROWS {
                let rows = self.batch(at, &mut group)?;
                if rows.is_empty() {
                    break;
                }
                seen += rows.len();
                let component = self.component.as_deref();
                rows.iter().filter(|row| row.is_of(component)).for_each(|row| glance.see(row));
            }
        }
        Ok(glance)
    }

    /// Takes in all events, of this arm where it is said. `progress` is called with the bytes of
    /// each group of rows.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is damaged, or is packed in a way that is not read. Nothing
    /// should be judged by what was taken in until then.
    pub fn read(
        mut self,
        arm: Option<Arm>,
        intake: &mut Intake,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), AnalysisError> {
        for at in 0..self.shape.num_row_groups() {
            let mut group = self.group(at)?;
            loop {
                let rows = self.batch(at, &mut group)?;
                if rows.is_empty() {
                    break;
                }
                for row in &rows {
                    intake.take(row, arm);
                }
            }
            let bytes = self.shape.row_group(at).compressed_size();
            progress(u64::try_from(bytes).unwrap_or_default());
        }
        Ok(())
    }

    /// Reads the columns that say something of one group of rows.
    fn group(&mut self, at: usize) -> Result<Group, AnalysisError> {
        let shape = &self.shape;
        let group = shape.row_group(at);
        let damaged = |reason: &str| damaged(&self.name, (shape, at), None, reason);
        let rows = u64::try_from(group.num_rows()).map_err(|_| damaged("fewer rows than none"))?;
        let (mut columns, mut bytes) = (Vec::new(), 0_u64);
        for wanted in &self.wanted {
            let column = group.column(wanted.at);
            let begin = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
            let whole = u64::try_from(begin).ok().zip(u64::try_from(column.compressed_size()).ok());
            let Some((begin, length)) = whole else {
                return Err(damaged("a column that begins or ends before the file"));
            };
            bytes = bytes.saturating_add(length);
            if bytes > GROUP_BYTES_MAX {
                return Err(damaged("more than 1 GiB of the columns that are read"));
            }
            let chunk = stretch(&mut *self.input, begin, length).map_err(|err| {
                AnalysisError::Unreadable { name: self.name.clone(), reason: err.to_string() }
            })?;
            if chunk.len() as u64 != length {
                return Err(damaged("a column that ends behind the file"));
            }
            let leaf = column.column_descr_ptr();
            let has_levels = leaf.max_def_level() > 0;
            let pages = Pages::new(Bytes::from(chunk), column.compression(), has_levels);
            columns.push((*wanted, ColumnValues::new(pages, &leaf).map_err(damaged)?));
        }
        if rows > FREE_ROWS.max(bytes.saturating_mul(ROWS_PER_BYTE)) {
            return Err(damaged("more rows than its bytes can hold"));
        }
        Ok(Group { columns, rows })
    }

    /// The next rows of a group; none when it is over.
    fn batch(&self, at: usize, group: &mut Group) -> Result<Vec<Row<'static>>, AnalysisError> {
        let count = usize::try_from(group.rows).unwrap_or(usize::MAX).min(BATCH_ROWS);
        let mut rows = vec![Row::default(); count];
        for (wanted, values) in &mut group.columns {
            let read = values.each(count, &mut |at, seen| wanted.put(rows.get_mut(at), seen));
            let reason = match read {
                Ok(read) if read == count => continue,
                Ok(_) => "it ends before the others",
                Err(fault) => fault,
            };
            return Err(damaged(&self.name, (&self.shape, at), Some(wanted.at), reason));
        }
        group.rows -= count as u64;
        Ok(rows)
    }
}

fn damaged(
    name: &str,
    (shape, group): (&ParquetMetaData, usize),
    column: Option<usize>,
    reason: &str,
) -> AnalysisError {
    let columns = shape.file_metadata().schema_descr();
    let column = column.map_or_else(String::new, |at| {
        format!(", column `{}`", columns.column(at).path().string())
    });
    let reason = format!("group of rows {}{column}: {reason}", group + 1);
    AnalysisError::Damaged { name: name.to_owned(), reason }
}

/// Bytes of a file from a place on; fewer where it ends before.
fn stretch(input: &mut dyn Input, begin: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.seek(SeekFrom::Start(begin))?;
    input.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Wanted {
    /// Puts a value into its row.
    fn put(self, row: Option<&mut Row<'static>>, seen: Seen<'_>) {
        let Some(row) = row else { return };
        match (self.column, self.kind.value(seen)) {
            (Column::Time, Said::Moment(at_ms)) => row.at_ms = Some(at_ms),
            (column, Said::Moment(at_ms)) => {
                put(row, column, Value::Text(at_ms.to_string().into()));
            }
            (column, Said::Value(value)) => put(row, column, value),
        }
    }
}

#[cfg(test)]
mod tests;
