//! The pages of one column of a Parquet file, each within its bounds before anything of it is
//! unpacked or decoded.
//!
//! Refuses to know what a column means.

use crate::analysis::parquet::thrift::{Compact, FALSE, Fault, STRUCT, TRUE};
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use parquet::basic::Compression;
use std::io::Read as _;

/// The most that one page holds once unpacked. Writers aim at 1 MiB.
const PAGE_BYTES_MAX: usize = 64 << 20;

/// The most values that one page holds. Writers stop at 20,000 rows, or at 1 MiB.
const VALUES_MAX: u32 = 1 << 24;

/// The most entries of a dictionary. Writers give one up at 1 MiB.
const ENTRIES_MAX: u32 = 1 << 20;

/// Bytes of a length that stands before what it tells of.
const LENGTH_BYTES: usize = 4;

/// One page.
#[derive(Debug)]
pub(super) enum Page {
    /// Values that pages behind it name by their places.
    Dictionary { count: u32, entries: Bytes },
    /// So many values, also those that are not there.
    Values { count: u32, levels: Bytes, values: Bytes, coding: Coding },
}

/// How values are written. These are what writers choose unless they are told otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// One after the other.
    Plain,
    /// By their places in the dictionary.
    Places,
    /// Truth values in runs.
    Runs,
}

/// What stands before a page; nothing stands for numbers that are not there.
#[derive(Debug, Default)]
struct Head {
    kind: i64,
    unpacked: i64,
    packed: i64,
    values: i64,
    encoding: i64,
    levels_encoding: i64,
    levels: [i64; 2],
    is_plain: bool,
}

/// The pages of one column.
#[derive(Debug)]
pub(super) struct Pages {
    chunk: Bytes,
    codec: Compression,
    has_levels: bool,
}

const DATA: i64 = 0;
const INDEX: i64 = 1;
const DICTIONARY: i64 = 2;
const DATA_V2: i64 = 3;

impl Pages {
    /// All pages of a column, packed in this way. Levels tell which values are not there.
    pub(super) fn new(chunk: Bytes, codec: Compression, has_levels: bool) -> Self {
        Self { chunk, codec, has_levels }
    }

    /// The next page; none behind the last one.
    pub(super) fn next_page(&mut self) -> Result<Option<Page>, Fault> {
        loop {
            if self.chunk.is_empty() {
                return Ok(None);
            }
            let (head, length) = head(&self.chunk)?;
            drop(self.chunk.split_to(length));
            let packed = usize::try_from(head.packed).map_err(|_| "a page of no size")?;
            if packed > self.chunk.len() {
                return Err("a page that ends behind its column");
            }
            let bytes = self.chunk.split_to(packed);
            match head.kind {
                INDEX => {}
                DATA => return self.data(&head, &bytes).map(Some),
                DATA_V2 => return self.data_v2(&head, &bytes).map(Some),
                DICTIONARY => {
                    let fault = "a dictionary with too many entries";
                    let count = count(head.values, ENTRIES_MAX, fault)?;
                    let entries = self.unpack(&bytes, head.unpacked)?;
                    return Ok(Some(Page::Dictionary { count, entries }));
                }
                _ => return Err("a page of a kind that Parquet does not have"),
            }
        }
    }

    fn data(&self, head: &Head, bytes: &Bytes) -> Result<Page, Fault> {
        const RLE: i64 = 3;
        let count = count(head.values, VALUES_MAX, "a page with too many values")?;
        let mut values = self.unpack(bytes, head.unpacked)?;
        let mut levels = Bytes::new();
        if self.has_levels {
            if head.levels_encoding != RLE {
                return Err("levels in an encoding that is not read");
            }
            levels = behind_length(&mut values)?;
        }
        Ok(Page::Values { count, levels, values, coding: coding(head.encoding)? })
    }

    fn data_v2(&self, head: &Head, bytes: &Bytes) -> Result<Page, Fault> {
        let of = |number: i64| count(number, VALUES_MAX, "a page with too many values");
        let outside = "levels that end behind their page";
        // Those of lists come first, and none is read here.
        let (defined, repeated) = (of(head.levels[0])? as usize, of(head.levels[1])? as usize);
        if defined + repeated > bytes.len() {
            return Err(outside);
        }
        let levels = bytes.slice(repeated..repeated + defined);
        let packed = bytes.slice(defined + repeated..);
        let unpacked = i64::try_from(defined + repeated).map_err(|_| outside)?;
        let unpacked = head.unpacked.saturating_sub(unpacked);
        let values = match head.is_plain {
            true if i64::try_from(packed.len()) == Ok(unpacked) => packed,
            true => return Err("a page whose size is not what it says"),
            false => self.unpack(&packed, unpacked)?,
        };
        Ok(Page::Values { count: of(head.values)?, levels, values, coding: coding(head.encoding)? })
    }

    fn unpack(&self, packed: &Bytes, unpacked: i64) -> Result<Bytes, Fault> {
        const BROKEN: Fault = "a page that cannot be unpacked";
        let size = usize::try_from(unpacked).ok().filter(|size| *size <= PAGE_BYTES_MAX);
        let size = size.ok_or("a page that is too large")?;
        let bytes = match self.codec {
            Compression::UNCOMPRESSED => packed.clone(),
            _ if size == 0 => Bytes::new(),
            Compression::SNAPPY => {
                if snap::raw::decompress_len(packed) != Ok(size) {
                    return Err(BROKEN);
                }
                snap::raw::Decoder::new().decompress_vec(packed).map_err(|_| BROKEN)?.into()
            }
            Compression::ZSTD(_) => {
                zstd::bulk::decompress(packed, size).map_err(|_| BROKEN)?.into()
            }
            Compression::GZIP(_) => {
                let mut bytes = Vec::new();
                let mut input = MultiGzDecoder::new(&packed[..]).take(size as u64 + 1);
                input.read_to_end(&mut bytes).map_err(|_| BROKEN)?;
                bytes.into()
            }
            _ => return Err("packed in a way that is not read"),
        };
        if bytes.len() != size {
            return Err("a page whose size is not what it says");
        }
        Ok(bytes)
    }
}

fn count(number: i64, max: u32, fault: Fault) -> Result<u32, Fault> {
    u32::try_from(number).ok().filter(|number| *number <= max).ok_or(fault)
}

fn coding(encoding: i64) -> Result<Coding, Fault> {
    match encoding {
        0 => Ok(Coding::Plain),
        2 | 8 => Ok(Coding::Places),
        3 => Ok(Coding::Runs),
        _ => Err("values in an encoding that is not read"),
    }
}

/// Takes off what stands behind its own length.
pub(super) fn behind_length(bytes: &mut Bytes) -> Result<Bytes, Fault> {
    let outside = "a length beyond its page";
    let (length, _) = bytes.split_first_chunk::<LENGTH_BYTES>().ok_or(outside)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| outside)?;
    drop(bytes.split_to(LENGTH_BYTES));
    if length > bytes.len() {
        return Err(outside);
    }
    Ok(bytes.split_to(length))
}

/// The head of a page, and how long it is.
fn head(bytes: &[u8]) -> Result<(Head, usize), Fault> {
    let mut compact = Compact::new(bytes);
    let mut head = Head::default();
    let mut before = 0;
    while let Some((number, kind)) = compact.field(before)? {
        match (number, kind) {
            (1, 5) => head.kind = compact.number()?,
            (2, 5) => head.unpacked = compact.number()?,
            (3, 5) => head.packed = compact.number()?,
            (5 | 7 | 8, STRUCT) => inner(&mut compact, number, &mut head)?,
            _ => compact.pass(kind)?,
        }
        before = number;
    }
    Ok((head, compact.at()))
}

/// What stands there for one kind of page: a data page (5), a dictionary (7), the second version
/// of data pages (8).
fn inner(compact: &mut Compact<'_>, of: i16, head: &mut Head) -> Result<(), Fault> {
    let mut before = 0;
    while let Some((number, kind)) = compact.field(before)? {
        match (of, number, kind) {
            (_, 1, 5) => head.values = compact.number()?,
            (5 | 7, 2, 5) | (8, 4, 5) => head.encoding = compact.number()?,
            (5, 3, 5) => head.levels_encoding = compact.number()?,
            (8, 5, 5) => head.levels[0] = compact.number()?,
            (8, 6, 5) => head.levels[1] = compact.number()?,
            (8, 7, TRUE | FALSE) => head.is_plain = kind == FALSE,
            _ => compact.pass(kind)?,
        }
        before = number;
    }
    Ok(())
}
