//! The values of one column of a group of rows, in the order of its rows.
//!
//! Refuses to know what they say.

use crate::analysis::parquet::kinds::Seen;
use crate::analysis::parquet::pages::{Coding, Page, Pages, behind_length};
use crate::analysis::parquet::runs::Runs;
use crate::analysis::parquet::thrift::Fault;
use bytes::Bytes;
use parquet::basic::Type;
use parquet::schema::types::ColumnDescriptor;
use std::ops::Range;

const CUT: Fault = "a page that ends inside a value";

/// A column that is being read.
#[derive(Debug)]
pub(super) struct ColumnValues {
    pages: Pages,
    form: Form,
    /// The level of a value that is there, and its bits.
    level: (u32, u8),
    dictionary: Option<Dictionary>,
    page: Option<Open>,
}

/// What values are made of.
#[derive(Clone, Copy, Debug)]
struct Form {
    kind: Type,
    /// Bytes of a value of fixed length.
    bytes: usize,
}

#[derive(Debug)]
struct Dictionary {
    bytes: Bytes,
    at: Vec<Range<usize>>,
}

/// A page that is being read.
#[derive(Debug)]
struct Open {
    left: u32,
    levels: Option<Runs>,
    values: Values,
}

#[derive(Debug)]
enum Values {
    /// One after the other, from a byte on.
    Plain(Bytes, usize),
    /// Truth values, from a bit on.
    Bits(Bytes, usize),
    Places(Runs),
    Truths(Runs),
}

impl ColumnValues {
    /// The values on these pages; no column of lists.
    pub(super) fn new(pages: Pages, column: &ColumnDescriptor) -> Result<Self, Fault> {
        let bytes = match column.physical_type() {
            Type::BOOLEAN | Type::BYTE_ARRAY => 0,
            Type::INT32 | Type::FLOAT => 4,
            Type::INT64 | Type::DOUBLE => 8,
            Type::INT96 => 12,
            Type::FIXED_LEN_BYTE_ARRAY => {
                let length = usize::try_from(column.type_length()).ok();
                length.filter(|bytes| *bytes > 0).ok_or("values of no length")?
            }
        };
        let level = u32::try_from(column.max_def_level()).map_err(|_| "a level below none")?;
        let width = u8::try_from(u32::BITS - level.leading_zeros()).unwrap_or_default();
        let form = Form { kind: column.physical_type(), bytes };
        Ok(Self { pages, form, level: (level, width), dictionary: None, page: None })
    }

    /// Hands on the values that are there of the next rows, each with its row; answers how many
    /// rows there were, which is fewer only at the end.
    pub(super) fn each(
        &mut self,
        rows: usize,
        take: &mut dyn FnMut(usize, Seen<'_>),
    ) -> Result<usize, Fault> {
        for row in 0..rows {
            while self.page.as_ref().is_none_or(|page| page.left == 0) {
                if !self.turn()? {
                    return Ok(row);
                }
            }
            let Some(page) = &mut self.page else { return Ok(row) };
            page.left -= 1;
            let is_there = match &mut page.levels {
                Some(levels) => levels.next()? == self.level.0,
                None => true,
            };
            if is_there {
                take(row, page.values.next(self.form, self.dictionary.as_ref())?);
            }
        }
        Ok(rows)
    }

    /// Turns to the next page with values; whether there is one.
    fn turn(&mut self) -> Result<bool, Fault> {
        loop {
            match self.pages.next_page()? {
                None => return Ok(false),
                Some(Page::Dictionary { count, entries }) => {
                    self.dictionary = Some(Dictionary::new(self.form, entries, count)?);
                }
                Some(Page::Values { count, levels, values, coding }) => {
                    let (level, width) = self.level;
                    let levels = (level > 0).then(|| Runs::new(levels, width)).transpose()?;
                    let values = Values::new(self.form, values, coding)?;
                    self.page = Some(Open { left: count, levels, values });
                    return Ok(true);
                }
            }
        }
    }
}

impl Dictionary {
    fn new(form: Form, bytes: Bytes, count: u32) -> Result<Self, Fault> {
        let (mut at, mut from) = (Vec::new(), 0);
        for _ in 0..count {
            let range = form.next(&bytes, from)?;
            from = range.end;
            at.push(range);
        }
        Ok(Self { bytes, at })
    }
}

impl Form {
    /// Where the next value stands, whose own length, if it has one, begins at a byte.
    fn next(self, bytes: &Bytes, from: usize) -> Result<Range<usize>, Fault> {
        let range = match self.kind {
            Type::BOOLEAN => return Err("truth values in a dictionary"),
            Type::BYTE_ARRAY => {
                let rest = bytes.get(from..).ok_or(CUT)?;
                let (length, _) = rest.split_first_chunk::<4>().ok_or(CUT)?;
                let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| CUT)?;
                from + 4..(from + 4).saturating_add(length)
            }
            _ => from..from.saturating_add(self.bytes),
        };
        if range.end > bytes.len() { Err(CUT) } else { Ok(range) }
    }

    fn seen(self, value: &[u8]) -> Result<Seen<'_>, Fault> {
        const EPOCH_DAY: i64 = 2_440_588;
        const DAY_MS: i64 = 86_400_000;
        const NS_PER_MS: i64 = 1_000_000;
        let four = || value.first_chunk().copied().ok_or(CUT);
        let eight = || value.first_chunk().copied().ok_or(CUT);
        Ok(match self.kind {
            Type::INT32 => Seen::Whole(i64::from(i32::from_le_bytes(four()?))),
            Type::INT64 => Seen::Whole(i64::from_le_bytes(eight()?)),
            Type::FLOAT => Seen::Real(f64::from(f32::from_le_bytes(four()?))),
            Type::DOUBLE => Seen::Real(f64::from_le_bytes(eight()?)),
            Type::INT96 => {
                // Nanoseconds of a day, and the day as astronomers count it.
                let day = value.last_chunk().copied().ok_or(CUT)?;
                let day = i64::from(u32::from_le_bytes(day)) - EPOCH_DAY;
                let ms = i64::from_le_bytes(eight()?) / NS_PER_MS;
                Seen::Moment(day.saturating_mul(DAY_MS).saturating_add(ms))
            }
            Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY => Seen::Bytes(value),
            Type::BOOLEAN => return Err(CUT),
        })
    }
}

impl Values {
    fn new(form: Form, mut bytes: Bytes, coding: Coding) -> Result<Self, Fault> {
        match (coding, form.kind) {
            (Coding::Plain, Type::BOOLEAN) => Ok(Self::Bits(bytes, 0)),
            (Coding::Plain, _) => Ok(Self::Plain(bytes, 0)),
            (Coding::Runs, Type::BOOLEAN) => {
                Ok(Self::Truths(Runs::new(behind_length(&mut bytes)?, 1)?))
            }
            (Coding::Runs, _) => Err("values in an encoding that is not read"),
            (Coding::Places, _) => {
                // A page on which no value is there may be empty.
                let width = bytes.first().copied().unwrap_or_default();
                drop(bytes.split_to(1.min(bytes.len())));
                Ok(Self::Places(Runs::new(bytes, width)?))
            }
        }
    }

    fn next<'v>(
        &'v mut self,
        form: Form,
        dictionary: Option<&'v Dictionary>,
    ) -> Result<Seen<'v>, Fault> {
        match self {
            Self::Plain(bytes, at) => {
                let range = form.next(bytes, *at)?;
                *at = range.end;
                form.seen(bytes.get(range).ok_or(CUT)?)
            }
            Self::Bits(bytes, at) => {
                let byte = bytes.get(*at / 8).ok_or(CUT)?;
                let bit = byte >> (*at % 8) & 1;
                *at += 1;
                Ok(Seen::Bool(bit == 1))
            }
            Self::Places(places) => {
                let dictionary = dictionary.ok_or("places in a dictionary that is not there")?;
                let outside = "a place that its dictionary does not have";
                let place = usize::try_from(places.next()?).map_err(|_| outside)?;
                let range = dictionary.at.get(place).cloned().ok_or(outside)?;
                form.seen(dictionary.bytes.get(range).ok_or(CUT)?)
            }
            Self::Truths(runs) => Ok(Seen::Bool(runs.next()? == 1)),
        }
    }
}
