//! The footer of a Parquet file: bounded and walked before it is decoded.
//!
//! Refuses to know what columns mean.

use crate::analysis::parquet::thrift::{Compact, Fault, LIST};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use std::io::{self, Read, Seek, SeekFrom};

/// How files of Parquet begin and end.
pub(crate) const MAGIC: &[u8] = b"PAR1";

/// Bytes at the end that tell how long the footer is.
const TAIL_BYTES: i64 = 8;

/// The longest footer: some hundred columns in some hundred groups of rows have 10 MiB.
const FOOTER_BYTES_MAX: u32 = 64 << 20;

/// Columns and groups of columns; they are built one inside the other.
const FIELDS_MAX: usize = 2_000;

/// Groups of rows, which the format numbers with 16 bits.
const GROUPS_MAX: usize = 32_767;

/// Why a footer cannot be used.
#[derive(Debug)]
pub(super) enum FooterFault {
    /// The system said so.
    Input(io::Error),
    /// It is damaged.
    Damaged(String),
}

impl From<io::Error> for FooterFault {
    fn from(err: io::Error) -> Self {
        Self::Input(err)
    }
}

/// Reads the footer.
pub(super) fn footer<R: Read + Seek + ?Sized>(
    input: &mut R,
) -> Result<ParquetMetaData, FooterFault> {
    let damaged = |what: &str| FooterFault::Damaged(what.to_owned());
    let length = input.seek(SeekFrom::End(0))?;
    if length < 12 {
        return Err(damaged("it ends before its footer"));
    }
    input.seek(SeekFrom::End(-TAIL_BYTES))?;
    let mut tail = [0; 8];
    input.read_exact(&mut tail)?;
    let [a, b, c, d, magic @ ..] = tail;
    if magic == *b"PARE" {
        return Err(damaged("its footer is encrypted"));
    }
    if magic != *MAGIC {
        return Err(damaged("it ends before its footer"));
    }
    let bytes = u32::from_le_bytes([a, b, c, d]);
    if bytes > FOOTER_BYTES_MAX || u64::from(bytes) + 12 > length {
        return Err(damaged("its footer is longer than can be"));
    }
    input.seek(SeekFrom::End(-TAIL_BYTES - i64::from(bytes)))?;
    let mut footer = Vec::new();
    input.take(u64::from(bytes)).read_to_end(&mut footer)?;
    check(&footer).map_err(|fault| FooterFault::Damaged(format!("its footer: {fault}")))?;
    ParquetMetaDataReader::decode_metadata(&footer)
        .map_err(|err| FooterFault::Damaged(format!("its footer: {err}")))
}

/// Goes through the footer once: no list promises more than there is.
fn check(footer: &[u8]) -> Result<(), Fault> {
    let mut compact = Compact::new(footer);
    let mut before = 0;
    while let Some((number, kind)) = compact.field(before)? {
        let max = match number {
            2 => FIELDS_MAX,
            4 => GROUPS_MAX,
            _ => usize::MAX,
        };
        let mut ahead = compact;
        if kind == LIST && ahead.list()?.0 > max {
            return Err("too many columns or groups of rows");
        }
        compact.pass(kind)?;
        before = number;
    }
    Ok(())
}
