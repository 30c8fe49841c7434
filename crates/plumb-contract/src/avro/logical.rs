//! What changes when the same bytes are read as another quantity. Refuses to know resolution, which
//! looks at annotations of decimals alone.

use crate::avro::schema::{Logical, Type};
use crate::change::Grade;

/// What becomes of the meaning of data, unless nothing does: a grade, a rule and a reason.
#[must_use]
pub fn meaning((writer, reader): (&Type, &Type)) -> Option<(Grade, &'static str, String)> {
    let (written, read) = (&writer.logical, &reader.logical);
    if written == read {
        return None;
    }
    let told = |grade, why: &str| {
        let (written, read) = (name(written.as_ref()), name(read.as_ref()));
        Some((grade, "logical-type-changed", format!("{written} is read as {read}: {why}")))
    };
    match (written, read) {
        (
            Some(Logical::Decimal { scale, precision }),
            Some(Logical::Decimal { scale: other, precision: room }),
        ) => {
            // A smaller room or another scale is told as what does not resolve.
            (scale == other && precision < room).then(|| {
                (
                    Grade::Risky,
                    "decimal-precision-changed",
                    "the reader has room for more digits; by the letter decimals match only when \
                     they are the same"
                        .to_owned(),
                )
            })
        }
        (Some(Logical::Named(written)), Some(Logical::Named(read))) => {
            match (quantity(written), quantity(read)) {
                (Some(written), Some(read)) if written == read => {
                    told(Grade::Risky, "the same number as an instant or as a time on some clock")
                }
                (Some(_), Some(_)) => told(Grade::Breaking, "the same number is another quantity"),
                _ => told(Grade::Risky, "it depends on what readers make of the annotation"),
            }
        }
        (Some(Logical::Named(written)), None) if written == "uuid" => {
            told(Grade::Safe, "readers are given the same text")
        }
        (Some(_), None) => {
            told(Grade::Risky, "readers that heed annotations are given the bare value")
        }
        (None, Some(_)) => {
            told(Grade::Risky, "readers that heed annotations take any value for one of those")
        }
        _ => told(Grade::Breaking, "the same bytes are another quantity"),
    }
}

/// What a number counts, and from where; instants and times on a clock count alike.
fn quantity(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "date" => ("days", "epoch"),
        "time-millis" => ("milliseconds", "midnight"),
        "time-micros" => ("microseconds", "midnight"),
        "timestamp-millis" | "local-timestamp-millis" => ("milliseconds", "epoch"),
        "timestamp-micros" | "local-timestamp-micros" => ("microseconds", "epoch"),
        "timestamp-nanos" | "local-timestamp-nanos" => ("nanoseconds", "epoch"),
        "duration" => ("months, days and milliseconds", "nothing"),
        _ => return None,
    })
}

fn name(logical: Option<&Logical>) -> String {
    match logical {
        None => "a bare value".to_owned(),
        Some(Logical::Decimal { precision, scale }) => format!("decimal({precision}, {scale})"),
        Some(Logical::Named(name)) => format!("`{name}`"),
    }
}
