//! Reading events from a file: lines of JSON or a table, also compressed with gzip, of any size.
//!
//! Lines are read on all cores, a piece of the file at a time, and counted in their order.
//! Refuses to know what follows from events.

use crate::analysis::columns::Columns;
use crate::analysis::error::AnalysisError;
use crate::analysis::glance::Glance;
use crate::analysis::intake::Intake;
use crate::analysis::json_lines;
use crate::analysis::row::Row;
use crate::analysis::separated::Header;
use crate::analysis::unread::Unread;
use flate2::read::MultiGzDecoder;
use memchr::memchr;
use plumb_rollout::tick::Arm;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

/// Bytes of a file that are read at once.
const PIECE_BYTES: usize = 8 << 20;

/// The longest line. Events carry names and numbers.
const LINE_BYTES_MAX: usize = 1 << 20;

/// How much of that is read while what stands before it is counted.
const PART_BYTES: usize = 1 << 20;

/// The most that gzip may hold, so that a small file cannot keep a core busy for days.
const UNPACKED_BYTES_MAX: u64 = 1 << 40;

/// A file of events that has been looked into.
pub struct Events<'i> {
    name: String,
    input: Box<dyn BufRead + 'i>,
    format: Format,
    columns: Columns,
    arm: Option<Arm>,
    piece: Vec<u8>,
    is_over: bool,
    line: u64,
    unread: Unread,
    /// Why the file breaks off, if it does.
    broken: Option<io::Error>,
}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Events({}, {:?})", self.name, self.format)
    }
}

#[derive(Clone, Debug)]
enum Format {
    Json,
    Table(Header),
}

impl<'i> Events<'i> {
    /// Looks into a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or holds no events.
    pub fn open(
        name: &str,
        mut input: impl Read + 'i,
        columns: Columns,
    ) -> Result<Self, AnalysisError> {
        let unreadable = |err: &io::Error| AnalysisError::Unreadable {
            name: name.to_owned(),
            reason: err.to_string(),
        };
        let mut magic = Vec::new();
        input.by_ref().take(2).read_to_end(&mut magic).map_err(|err| unreadable(&err))?;
        let is_gzip = magic == [0x1F, 0x8B];
        let whole = io::Cursor::new(magic).chain(input);
        let input: Box<dyn BufRead + 'i> = if is_gzip {
            Box::new(BufReader::new(MultiGzDecoder::new(whole).take(UNPACKED_BYTES_MAX)))
        } else {
            Box::new(BufReader::new(whole))
        };
        let mut events = Self {
            name: name.to_owned(),
            input,
            format: Format::Json,
            columns,
            arm: None,
            piece: Vec::new(),
            is_over: false,
            line: 0,
            unread: Unread::default(),
            broken: None,
        };
        events.fill()?;
        events.recognise()?;
        Ok(events)
    }

    fn recognise(&mut self) -> Result<(), AnalysisError> {
        let first = self.piece.iter().find(|byte| !byte.is_ascii_whitespace());
        if first == Some(&b'{') {
            return Ok(());
        }
        let none = |reason: &str| AnalysisError::NoEvents {
            name: self.name.clone(),
            reason: reason.to_owned(),
        };
        let Some(first) = first else { return Err(none("it is empty")) };
        if *first == b'[' {
            return Err(none("it is one JSON array, not a line for each event"));
        }
        let end = memchr(b'\n', &self.piece).map_or(self.piece.len(), |at| at + 1);
        let header = Header::of(&self.piece[..end], &self.columns)
            .ok_or_else(|| none("its first line names no column with a time"))?;
        self.piece.drain(..end);
        self.line += 1;
        self.format = Format::Table(header);
        Ok(())
    }

    /// What the first piece of the file shows before anything is counted.
    #[must_use]
    pub fn glance(&self) -> Glance {
        let lines = &self.piece[..self.whole()];
        let rows = RowsOf { format: &self.format, columns: &self.columns }.of(lines);
        let mut glance = Glance::default();
        for row in rows {
            match row {
                Ok(row) if !row.is_of(self.columns.component.as_deref()) => {}
                Ok(row) => glance.see(&row),
                Err(_) => glance.see_broken(),
            }
        }
        glance
    }

    /// Says that all events are of one arm, whatever they name.
    #[must_use]
    pub fn of(self, arm: Option<Arm>) -> Self {
        Self { arm, ..self }
    }

    /// Takes in all events. `progress` is called with the bytes of each piece.
    ///
    /// # Errors
    ///
    /// When the file cannot be read on.
    pub fn read(
        mut self,
        intake: &mut Intake,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Unread, AnalysisError> {
        loop {
            let whole = self.whole();
            let piece = std::mem::take(&mut self.piece);
            self.take_in(&piece[..whole], intake);
            progress(whole as u64);
            self.piece = piece;
            self.piece.drain(..whole);
            if self.is_over {
                self.unread.of = self.line;
                if let Some(err) = &self.broken {
                    self.unread.break_off(self.line, err);
                }
                return Ok(self.unread);
            }
            self.fill()?;
        }
    }

    /// Counts whole lines. While one part of them is counted, which has to be done in order, the
    /// part after it is read.
    fn take_in(&mut self, lines: &[u8], intake: &mut Intake) {
        let rows = RowsOf { format: &self.format, columns: &self.columns };
        let parts = parts(lines);
        let mut read = parts.first().map(|part| rows.of(part)).unwrap_or_default();
        for at in 0..parts.len() {
            let (line, unread, arm) = (&mut self.line, &mut self.unread, self.arm);
            let count = || {
                read.into_iter().for_each(|row| {
                    *line += 1;
                    match row {
                        // What an empty line gives.
                        Ok(row) if row == Row::default() => {}
                        Ok(row) => {
                            intake.take(&row, arm);
                        }
                        Err(reason) => unread.add(*line, reason),
                    }
                })
            };
            let next = || parts.get(at + 1).map(|part| rows.of(part)).unwrap_or_default();
            ((), read) = rayon::join(count, next);
        }
    }

    /// Reads on until the piece is full or the file is over.
    fn fill(&mut self) -> Result<(), AnalysisError> {
        let missing = PIECE_BYTES.saturating_sub(self.piece.len());
        let read = self.input.by_ref().take(missing as u64).read_to_end(&mut self.piece);
        match read {
            Ok(count) => self.is_over = count < missing,
            Err(err) if self.line == 0 && self.piece.is_empty() => {
                return Err(AnalysisError::Unreadable {
                    name: self.name.clone(),
                    reason: err.to_string(),
                });
            }
            Err(err) => {
                // What was read before a file breaks off counts.
                self.is_over = true;
                self.broken = Some(err);
            }
        }
        Ok(())
    }

    /// How much of the piece are whole lines; all of it when the file is over, or when a line is
    /// longer than any event.
    fn whole(&self) -> usize {
        let last = memchr::memrchr(b'\n', &self.piece).map_or(0, |at| at + 1);
        let rest = self.piece.len() - last;
        if self.is_over || rest > LINE_BYTES_MAX { self.piece.len() } else { last }
    }
}

/// Reads lines as rows.
#[derive(Clone, Copy)]
struct RowsOf<'e> {
    format: &'e Format,
    columns: &'e Columns,
}

impl RowsOf<'_> {
    fn of<'p>(&self, lines: &'p [u8]) -> Vec<Result<Row<'p>, String>> {
        match self.format {
            Format::Table(header) => header.rows(lines),
            Format::Json => {
                let row = |line: &'p [u8]| match line.trim_ascii() {
                    [] => Ok(Row::default()),
                    line => json_lines::row(line, self.columns),
                };
                lines.split_inclusive(|byte| *byte == b'\n').map(row).collect()
            }
        }
    }
}

/// Whole lines in parts of some size. Quoted values may hold ends of lines, so that lines with
/// quotes that need not be JSON stay one part.
fn parts(lines: &[u8]) -> Vec<&[u8]> {
    let is_table_with_quotes =
        lines.first().is_some_and(|byte| *byte != b'{') && memchr(b'"', lines).is_some();
    if is_table_with_quotes {
        return vec![lines];
    }
    let mut parts = Vec::new();
    let mut rest = lines;
    while rest.len() > PART_BYTES {
        let end = memchr(b'\n', &rest[PART_BYTES..]).map_or(rest.len(), |at| PART_BYTES + at + 1);
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use plumb_rollout::judge::Settings;
    use std::io::Write;

    fn read(text: &[u8]) -> Result<(u64, Unread), AnalysisError> {
        let events = Events::open("events", text, Columns::default())?;
        let mut intake = Intake::new(Settings::default(), events.glance().arms()?, 1_000);
        let unread = events.read(&mut intake, &mut |_| {})?;
        Ok((intake.account().taken, unread))
    }

    #[test]
    fn lines_and_tables_are_taken_in() {
        let lines = b"{\"ts\":1,\"version\":\"a\"}\n\n{\"ts\":2,\"version\":\"b\"}";
        let whole = |of| Unread { of, ..Unread::default() };
        assert_eq!(read(lines).unwrap(), (2, whole(3)));
        let table = b"ts,version\n1,a\n2,b\n3,c\n";
        assert!(matches!(read(table), Err(AnalysisError::Versions { .. })));
        assert_eq!(read(b"ts,version\n1,a\n2,b\n2,b").unwrap(), (3, whole(4)));
    }

    #[test]
    fn compressed_files_are_taken_in_also_when_they_break_off() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        for at in 0..50_000 {
            let version = if at % 2 == 0 { "a" } else { "b" };
            writeln!(packed, "{{\"ts\":{},\"version\":\"{version}\"}}", at + 1).unwrap();
        }
        let packed = packed.finish().unwrap();
        let whole = Unread { of: 50_000, ..Unread::default() };
        assert_eq!(read(&packed).unwrap(), (50_000, whole));
        let (taken, unread) = read(&packed[..packed.len() / 2]).unwrap();
        assert!(taken > 1_000 && unread.lines >= 1 && unread.is_cut, "{taken} {unread:?}");
    }

    #[test]
    fn broken_lines_are_told_with_their_number() {
        let lines = b"{\"ts\":1,\"version\":\"a\"}\nhello\n{\"ts\":2,\"version\":\"b\"}\n{\"ts\":";
        let (taken, unread) = read(lines).unwrap();
        assert_eq!((taken, unread.lines), (2, 2));
        assert_eq!((unread.first[0].0, unread.first[1].0), (2, 4));
    }

    #[test]
    fn what_holds_no_events_is_told() {
        for text in [&b""[..], b"  \n", b"[{}]", b"name,colour\nx,y\n", b"\x00\x01\x02"] {
            assert!(matches!(read(text), Err(AnalysisError::NoEvents { .. })), "{text:?}");
        }
    }
}
