//! What values of a Parquet column are, beyond their bytes: moments, days, decimals, identities.
//!
//! Refuses to know what a column says.

use crate::analysis::columns::Value;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::schema::types::ColumnDescriptor;

/// The most digits behind a point.
const SCALE_MAX: i32 = 38;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// The kind of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// As it stands.
    Plain,
    /// A moment; so many of its units are a millisecond.
    Moment(i64),
    /// Days since 1970.
    Day,
    /// A whole number, to be divided by ten to this power.
    Decimal(i32),
    /// Sixteen bytes, shown as people write them.
    Identity,
}

/// A value as the file has it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seen<'v> {
    Bool(bool),
    Whole(i64),
    Real(f64),
    Bytes(&'v [u8]),
    /// Unix milliseconds.
    Moment(i64),
}

/// A value as rows have it.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    /// Unix milliseconds.
    Moment(i64),
    Value(Value<'static>),
}

impl Kind {
    /// The kind of a column.
    pub(super) fn of(column: &ColumnDescriptor) -> Self {
        match column.logical_type_ref() {
            Some(LogicalType::Timestamp(stamp)) => {
                return Self::Moment(match stamp.unit {
                    TimeUnit::MILLIS => 1,
                    TimeUnit::MICROS => 1_000,
                    TimeUnit::NANOS => 1_000_000,
                });
            }
            Some(LogicalType::Uuid) => return Self::Identity,
            _ => {}
        }
        match column.converted_type() {
            ConvertedType::TIMESTAMP_MILLIS => Self::Moment(1),
            ConvertedType::TIMESTAMP_MICROS => Self::Moment(1_000),
            ConvertedType::DATE => Self::Day,
            ConvertedType::DECIMAL => Self::Decimal(column.type_scale().clamp(0, SCALE_MAX)),
            _ => Self::Plain,
        }
    }

    /// A value of such a column. Whole numbers become text, so that those that name somebody are
    /// the same as in a table.
    #[expect(clippy::cast_precision_loss, reason = "decimals here are counts and times")]
    pub(super) fn value(self, seen: Seen<'_>) -> Said {
        Said::Value(match (self, seen) {
            (_, Seen::Moment(at_ms)) => return Said::Moment(at_ms),
            (Self::Moment(per_ms), Seen::Whole(number)) => {
                return Said::Moment(number.div_euclid(per_ms));
            }
            (Self::Day, Seen::Whole(days)) => return Said::Moment(days.saturating_mul(DAY_MS)),
            (Self::Decimal(scale), Seen::Whole(number)) => {
                Value::Number(number as f64 / 10_f64.powi(scale))
            }
            (Self::Decimal(scale), Seen::Bytes(bytes)) => {
                Value::Number(whole(bytes) / 10_f64.powi(scale))
            }
            (Self::Identity, Seen::Bytes(bytes)) => Value::Text(identity(bytes).into()),
            (_, Seen::Bytes(bytes)) => {
                Value::Text(String::from_utf8_lossy(bytes).into_owned().into())
            }
            (_, Seen::Whole(number)) => Value::Text(number.to_string().into()),
            (_, Seen::Real(number)) => Value::Number(number),
            (_, Seen::Bool(is)) => Value::Bool(is),
        })
    }
}

/// A whole number with its sign, the highest byte first.
fn whole(bytes: &[u8]) -> f64 {
    let sign = bytes.first().map_or(0.0, |first| f64::from((first >> 7) & 1));
    bytes.iter().fold(-sign, |value, byte| value * 256.0 + f64::from(*byte))
}

fn identity(bytes: &[u8]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    match (hex.get(..8), hex.get(8..12), hex.get(12..16), hex.get(16..20), hex.get(20..)) {
        (Some(a), Some(b), Some(c), Some(d), Some(e)) => format!("{a}-{b}-{c}-{d}-{e}"),
        _ => hex,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_their_columns_say() {
        let text = |text: &'static str| Said::Value(Value::Text(text.into()));
        let number = |number: f64| Said::Value(Value::Number(number));
        assert_eq!(Kind::Plain.value(Seen::Whole(i64::MAX)), text("9223372036854775807"));
        assert_eq!(Kind::Plain.value(Seen::Bytes(b"de")), text("de"));
        assert_eq!(Kind::Moment(1_000).value(Seen::Whole(-1)), Said::Moment(-1));
        assert_eq!(Kind::Day.value(Seen::Whole(2)), Said::Moment(2 * DAY_MS));
        assert_eq!(Kind::Decimal(2).value(Seen::Whole(-150)), number(-1.5));
        assert_eq!(Kind::Decimal(1).value(Seen::Bytes(&[0xFF, 0xF1])), number(-1.5));
        assert_eq!(Kind::Decimal(1).value(Seen::Bytes(&[0, 15])), number(1.5));
        let bytes: Vec<u8> = (0..16).collect();
        let expected = text("00010203-0405-0607-0809-0a0b0c0d0e0f");
        assert_eq!(Kind::Identity.value(Seen::Bytes(&bytes)), expected);
    }
}
