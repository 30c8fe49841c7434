//! What columns store, whatever PostgreSQL, MySQL or SQLite call it.
//!
//! Refuses to know tables.

use sqlparser::ast::{ArrayElemTypeDef, CharacterLength, DataType, EnumMember, ExactNumberInfo};
use sqlparser::ast::{BinaryLength, TimezoneInfo};

/// What values a column has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// Whole numbers of so many bits, with a sign or without.
    Whole {
        /// Bits, the sign included.
        bits: u32,
        /// Whether there are negative ones.
        is_signed: bool,
    },
    /// Numbers of `precision` digits, `scale` of them after the point; any number without.
    Exact(Option<(u64, u64)>),
    /// Binary fractions with so many bits before they are rounded.
    Float(u32),
    /// Text of so many characters at most.
    Text(Option<u64>),
    /// Bytes, so many at most.
    Bytes(Option<u64>),
    /// One of some words.
    Enum(Vec<String>),
    /// A type that the schema names.
    Named(String),
    /// Many of one kind.
    List(Box<Stored>),
    /// A point in time with its zone, or a date and time on some clock.
    Moment {
        /// Whether it is the same everywhere.
        is_zoned: bool,
    },
    /// Anything that is what it is called.
    Plain(&'static str),
    /// Anything else, as it is written.
    Other(String),
}

/// What a type of a column stores.
pub(super) fn stored(kind: &DataType) -> Stored {
    whole(kind).or_else(|| number(kind)).or_else(|| text(kind)).unwrap_or_else(|| other(kind))
}

fn whole(kind: &DataType) -> Option<Stored> {
    let of = |bits, is_signed| Some(Stored::Whole { bits, is_signed });
    match kind {
        DataType::TinyInt(_) => of(8, true),
        DataType::TinyIntUnsigned(_) => of(8, false),
        DataType::SmallInt(_) | DataType::Int2(_) => of(16, true),
        DataType::SmallIntUnsigned(_) | DataType::Int2Unsigned(_) => of(16, false),
        DataType::MediumInt(_) => of(24, true),
        DataType::MediumIntUnsigned(_) => of(24, false),
        DataType::Int(_) | DataType::Integer(_) | DataType::Int4(_) => of(32, true),
        DataType::IntUnsigned(_) | DataType::IntegerUnsigned(_) | DataType::Int4Unsigned(_) => {
            of(32, false)
        }
        DataType::BigInt(_) | DataType::Int8(_) => of(64, true),
        DataType::BigIntUnsigned(_) | DataType::Int8Unsigned(_) => of(64, false),
        DataType::Custom(name, _) => match name.to_string().to_ascii_lowercase().as_str() {
            "smallserial" | "serial2" => of(16, true),
            "serial" | "serial4" => of(32, true),
            "bigserial" | "serial8" => of(64, true),
            _ => None,
        },
        _ => None,
    }
}

fn number(kind: &DataType) -> Option<Stored> {
    let exact = |info: &ExactNumberInfo| match info {
        ExactNumberInfo::None => Stored::Exact(None),
        ExactNumberInfo::Precision(precision) => Stored::Exact(Some((*precision, 0))),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => {
            Stored::Exact(Some((*precision, u64::try_from(*scale).unwrap_or(0))))
        }
    };
    match kind {
        DataType::Numeric(info) | DataType::Decimal(info) | DataType::Dec(info) => {
            Some(exact(info))
        }
        DataType::Real | DataType::Float4 => Some(Stored::Float(24)),
        DataType::Float(ExactNumberInfo::Precision(bits)) if *bits <= 24 => Some(Stored::Float(24)),
        DataType::Float(_) | DataType::Double(_) | DataType::DoublePrecision | DataType::Float8 => {
            Some(Stored::Float(53))
        }
        _ => None,
    }
}

fn text(kind: &DataType) -> Option<Stored> {
    let long = |length: &Option<CharacterLength>, unsaid| match length {
        Some(CharacterLength::IntegerLength { length, .. }) => Stored::Text(Some(*length)),
        Some(CharacterLength::Max) => Stored::Text(None),
        None => Stored::Text(unsaid),
    };
    Some(match kind {
        DataType::Char(length) | DataType::Character(length) => long(length, Some(1)),
        DataType::Varchar(length)
        | DataType::CharacterVarying(length)
        | DataType::CharVarying(length)
        | DataType::Nvarchar(length) => long(length, None),
        // MySQL bounds these by bytes; what is longer is seldom meant.
        DataType::TinyText => Stored::Text(Some(255)),
        DataType::Text | DataType::MediumText | DataType::LongText | DataType::Clob(_) => {
            Stored::Text(None)
        }
        DataType::Binary(length) => Stored::Bytes(*length),
        DataType::Varbinary(Some(BinaryLength::IntegerLength { length })) => {
            Stored::Bytes(Some(*length))
        }
        DataType::Varbinary(_)
        | DataType::Blob(_)
        | DataType::MediumBlob
        | DataType::LongBlob
        | DataType::Bytea => Stored::Bytes(None),
        DataType::Enum(members, _) => Stored::Enum(
            members
                .iter()
                .map(|member| match member {
                    EnumMember::Name(name) | EnumMember::NamedValue(name, _) => name.clone(),
                })
                .collect(),
        ),
        _ => return None,
    })
}

fn other(kind: &DataType) -> Stored {
    match kind {
        DataType::Bool | DataType::Boolean => Stored::Plain("boolean"),
        DataType::Date => Stored::Plain("date"),
        DataType::Time(..) => Stored::Plain("time"),
        DataType::Uuid => Stored::Plain("uuid"),
        DataType::JSON | DataType::JSONB => Stored::Plain("json"),
        DataType::Timestamp(_, zone) => Stored::Moment {
            is_zoned: matches!(zone, TimezoneInfo::WithTimeZone | TimezoneInfo::Tz),
        },
        DataType::Datetime(_) => Stored::Moment { is_zoned: false },
        DataType::Array(
            ArrayElemTypeDef::SquareBracket(inner, _) | ArrayElemTypeDef::AngleBracket(inner),
        ) => Stored::List(Box::new(stored(inner))),
        DataType::Custom(name, arguments) if arguments.is_empty() => {
            Stored::Named(name.to_string().to_ascii_lowercase().replace('"', ""))
        }
        kind => Stored::Other(kind.to_string().to_ascii_lowercase()),
    }
}

impl Stored {
    /// What it is called in output.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Whole { bits, is_signed: true } => format!("whole numbers of {bits} bits"),
            Self::Whole { bits, is_signed: false } => {
                format!("whole numbers of {bits} bits from 0")
            }
            Self::Exact(None) => "any numbers".to_owned(),
            Self::Exact(Some((precision, scale))) => format!("numeric({precision}, {scale})"),
            Self::Float(24) => "fractions of 32 bits".to_owned(),
            Self::Float(_) => "fractions of 64 bits".to_owned(),
            Self::Text(None) => "text".to_owned(),
            Self::Text(Some(most)) => format!("text of {most} characters"),
            Self::Bytes(None) => "bytes".to_owned(),
            Self::Bytes(Some(most)) => format!("{most} bytes"),
            Self::Enum(_) => "one of some words".to_owned(),
            Self::Named(name) | Self::Other(name) => name.clone(),
            Self::List(inner) => format!("many of {}", inner.text()),
            Self::Moment { is_zoned: true } => "a moment with its zone".to_owned(),
            Self::Moment { is_zoned: false } => "a moment on some clock".to_owned(),
            Self::Plain(name) => (*name).to_owned(),
        }
    }

    /// The smallest value, as it is written in a statement.
    pub(super) fn sample(&self) -> String {
        match self {
            Self::Whole { .. } | Self::Exact(_) | Self::Float(_) => "0".to_owned(),
            Self::Enum(values) => match values.first() {
                Some(value) => quoted(value),
                None => "NULL".to_owned(),
            },
            Self::List(_) => "'{}'".to_owned(),
            Self::Moment { .. } => "'2026-01-01 00:00:00'".to_owned(),
            Self::Plain("boolean") => "TRUE".to_owned(),
            Self::Plain("date") => "'2026-01-01'".to_owned(),
            Self::Plain("time") => "'00:00:00'".to_owned(),
            Self::Plain("uuid") => "'00000000-0000-0000-0000-000000000000'".to_owned(),
            Self::Plain("json") => "'{}'".to_owned(),
            _ => "''".to_owned(),
        }
    }
}

/// A text as it is written in a statement.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
