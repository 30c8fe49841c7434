//! Whether every value that one column stores is one that another stores as well.
//!
//! Refuses to know tables, and which version is old.

use crate::sql::stored::{Stored, quoted};

/// Digits of a number that is shown.
const DIGITS_SHOWN_MAX: u64 = 100;

/// Characters of a text that is shown in full.
const TEXT_SHOWN_MAX: u64 = 40;

/// How values fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// Every one does.
    Yes,
    /// A value does not: one of these, as it is written in a statement.
    TooLarge(String),
    /// A text does not, for its length alone.
    TooLong(String),
    /// Words do not.
    Unknown(Vec<String>),
    /// The values are of another kind.
    Other,
    /// It cannot be told, or it depends on where it is read.
    Unsure,
}

/// Whether what `from` stores fits `to`.
pub(super) fn fit(from: &Stored, to: &Stored) -> Fit {
    match (from, to) {
        (one, other) if one == other => Fit::Yes,
        (Stored::Whole { .. } | Stored::Exact(_) | Stored::Float(_), Stored::Exact(None)) => {
            Fit::Yes
        }
        (
            Stored::Whole { bits, is_signed },
            Stored::Whole { bits: room, is_signed: takes_negative },
        ) => wholes((*bits, *is_signed), (*room, *takes_negative)),
        (Stored::Whole { bits, .. }, Stored::Float(room)) => {
            if bits <= room {
                Fit::Yes
            } else {
                Fit::TooLarge(power(*room, 1))
            }
        }
        (Stored::Whole { bits, is_signed }, Stored::Exact(Some((precision, scale)))) => {
            let most = power(bits - u32::from(*is_signed), -1);
            if most.len() as u64 <= precision.saturating_sub(*scale) {
                Fit::Yes
            } else {
                Fit::TooLarge(most)
            }
        }
        (Stored::Exact(Some(from)), Stored::Exact(Some(to))) => exacts(*from, *to),
        (Stored::Exact(None), Stored::Exact(Some((precision, scale)))) => {
            Fit::TooLarge(nines(precision.saturating_sub(*scale) + 1, 0))
        }
        (Stored::Float(24), Stored::Float(53)) => Fit::Yes,
        (Stored::Float(_), Stored::Float(_)) => Fit::TooLarge("0.1234567890123".to_owned()),
        (Stored::Exact(_) | Stored::Float(_), Stored::Whole { .. }) => {
            Fit::TooLarge("0.5".to_owned())
        }
        (Stored::Exact(_), Stored::Float(_)) | (Stored::Float(_), Stored::Exact(_)) => Fit::Unsure,
        (Stored::Text(from), Stored::Text(to)) | (Stored::Bytes(from), Stored::Bytes(to)) => {
            lengths(*from, *to)
        }
        (Stored::Enum(from), Stored::Enum(to)) => {
            let lost: Vec<String> =
                from.iter().filter(|word| !to.contains(word)).map(|word| quoted(word)).collect();
            if lost.is_empty() { Fit::Yes } else { Fit::Unknown(lost) }
        }
        (Stored::Enum(words), Stored::Text(most)) => {
            let is_long =
                |word: &&String| most.is_some_and(|most| word.chars().count() as u64 > most);
            let long: Vec<String> = words.iter().filter(is_long).map(|it| quoted(it)).collect();
            if long.is_empty() { Fit::Yes } else { Fit::Unknown(long) }
        }
        (Stored::Text(_), Stored::Enum(_)) => Fit::Unknown(vec!["'another'".to_owned()]),
        (Stored::List(from), Stored::List(to)) => fit(from, to),
        (Stored::Moment { .. }, Stored::Moment { .. }) => Fit::Unsure,
        (Stored::Named(_) | Stored::Other(_), _) | (_, Stored::Named(_) | Stored::Other(_)) => {
            Fit::Unsure
        }
        _ => Fit::Other,
    }
}

fn wholes((bits, is_signed): (u32, bool), (room, takes_negative): (u32, bool)) -> Fit {
    if is_signed && !takes_negative {
        return Fit::TooLarge("-1".to_owned());
    }
    let (from, to) = (bits - u32::from(is_signed), room - u32::from(takes_negative));
    if from <= to { Fit::Yes } else { Fit::TooLarge(power(to, 0)) }
}

/// Two to a power and a bit more or less.
fn power(bits: u32, and: i128) -> String {
    1i128.checked_shl(bits).and_then(|it| it.checked_add(and)).unwrap_or(i128::MAX).to_string()
}

fn exacts((precision, scale): (u64, u64), (room, after): (u64, u64)) -> Fit {
    let (before, room_before) = (precision.saturating_sub(scale), room.saturating_sub(after));
    if before > room_before {
        return Fit::TooLarge(nines(room_before + 1, 0));
    }
    if scale > after { Fit::TooLarge(nines(0, after + 1)) } else { Fit::Yes }
}

/// A number of so many nines before and after the point.
fn nines(before: u64, after: u64) -> String {
    let some = |count: u64| "9".repeat(usize::try_from(count.min(DIGITS_SHOWN_MAX)).unwrap_or(0));
    let before = if before == 0 { "0".to_owned() } else { some(before) };
    if after == 0 { before } else { format!("{before}.{}", some(after)) }
}

fn lengths(from: Option<u64>, to: Option<u64>) -> Fit {
    match (from, to) {
        (_, None) => Fit::Yes,
        (Some(from), Some(to)) if from <= to => Fit::Yes,
        (_, Some(to)) => {
            let longer = to.saturating_add(1);
            let count = usize::try_from(longer.min(TEXT_SHOWN_MAX)).unwrap_or(0);
            Fit::TooLong(if longer > TEXT_SHOWN_MAX {
                format!("repeat('a', {longer})")
            } else {
                format!("'{}'", "a".repeat(count))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fit_where_none_is_lost() {
        let check = |from: &Stored, to: &Stored, expected: Fit| {
            assert_eq!(fit(from, to), expected, "{from:?} {to:?}");
        };
        let whole = |bits, is_signed| Stored::Whole { bits, is_signed };
        check(&whole(32, true), &whole(64, true), Fit::Yes);
        check(&whole(64, true), &whole(32, true), Fit::TooLarge("2147483648".to_owned()));
        check(&whole(16, true), &whole(16, false), Fit::TooLarge("-1".to_owned()));
        check(&whole(16, false), &whole(16, true), Fit::TooLarge("32768".to_owned()));
        check(&whole(32, true), &Stored::Exact(Some((10, 0))), Fit::Yes);
        check(&whole(64, true), &Stored::Float(53), Fit::TooLarge("9007199254740993".to_owned()));
        let exact = |precision, scale| Stored::Exact(Some((precision, scale)));
        check(&exact(5, 2), &exact(6, 2), Fit::Yes);
        check(&exact(5, 2), &exact(5, 3), Fit::TooLarge("999".to_owned()));
        check(&exact(5, 2), &exact(5, 1), Fit::TooLarge("0.99".to_owned()));
        check(&Stored::Text(Some(3)), &Stored::Text(Some(2)), Fit::TooLong("'aaa'".to_owned()));
        check(&Stored::Text(None), &Stored::Plain("date"), Fit::Other);
    }
}
