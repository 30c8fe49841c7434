//! What a place may hold in two versions, by lists, non-nulls and names.
//!
//! An answer may only hold less, what clients write may only hold more. Refuses to know where the
//! place is.

use crate::graphql::model::Held;

/// How what is answered differs, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answered {
    /// Not at all.
    Same,
    /// Null no longer comes.
    NonNull,
    /// Other types that are written alike.
    Near,
    /// Null comes.
    Nullable,
    /// Other types.
    Other,
}

/// How what clients may write differs, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Written {
    /// Not at all.
    Same,
    /// Null is taken.
    Nullable,
    /// Null is refused.
    NonNull,
    /// Other types, and variables of the old one are refused.
    Other,
}

/// How answers differ.
pub(super) fn answered(old: &Held, new: &Held) -> Answered {
    match (old, new) {
        (Held::NonNull(old), Held::NonNull(new)) | (Held::List(old), Held::List(new)) => {
            answered(old, new)
        }
        (old, Held::NonNull(new)) => answered(old, new).max(Answered::NonNull),
        (Held::NonNull(old), new) => answered(old, new).max(Answered::Nullable),
        (Held::Named(old), Held::Named(new)) if old == new => Answered::Same,
        (Held::Named(old), Held::Named(new)) => match (old.as_str(), new.as_str()) {
            ("ID", "String") | ("String", "ID") | ("Float", "Int") => Answered::Near,
            _ => Answered::Other,
        },
        _ => Answered::Other,
    }
}

/// How what clients write differs.
pub(super) fn written(old: &Held, new: &Held) -> Written {
    match (old, new) {
        (Held::NonNull(old), Held::NonNull(new)) | (Held::List(old), Held::List(new)) => {
            written(old, new)
        }
        (old, Held::NonNull(new)) => written(old, new).max(Written::NonNull),
        (Held::NonNull(old), new) => written(old, new).max(Written::Nullable),
        (Held::Named(old), Held::Named(new)) if old == new => Written::Same,
        _ => Written::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(text: &str) -> Held {
        if let Some(inner) = text.strip_suffix('!') {
            return Held::NonNull(Box::new(held(inner)));
        }
        match text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(inner) => Held::List(Box::new(held(inner))),
            None => Held::Named(text.to_owned()),
        }
    }

    #[test]
    fn answers_may_hold_less_and_questions_more() {
        let check = |old: &str, new: &str, expected: (Answered, Written)| {
            let (old, new) = (held(old), held(new));
            assert_eq!((answered(&old, &new), written(&old, &new)), expected, "{old:?} {new:?}");
        };
        check("A", "A", (Answered::Same, Written::Same));
        check("A", "A!", (Answered::NonNull, Written::NonNull));
        check("A!", "A", (Answered::Nullable, Written::Nullable));
        check("[A!]", "[A]!", (Answered::Nullable, Written::NonNull));
        check("A", "[A]", (Answered::Other, Written::Other));
        check("ID", "String", (Answered::Near, Written::Other));
    }
}
