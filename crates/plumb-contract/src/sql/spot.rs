//! Places of statements as changes tell them. Refuses to know what stands there.

use crate::change::Spot;

/// A place as changes tell it.
pub(super) fn spot(file: &str, (line, column): (u64, u64)) -> Spot {
    let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).max(1);
    Spot { file: file.to_owned(), line: number(line), column: number(column) }
}
