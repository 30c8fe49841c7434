//! What a difference is, told by what was compared and what became of what.
//!
//! Refuses to know how often it came, and whether it matters.

use super::agreement::Form;
use super::tallies::Aspect;
use plumb_shape::trait_set::TraitSet;

/// What a difference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Another status, or none.
    StatusChanged,
    /// There, and now absent.
    Gone,
    /// Absent, and now there.
    New,
    /// Another kind of value.
    KindChanged,
    /// Null, where it was none.
    NullNew,
    /// No null any more.
    NullGone,
    /// Empty, where it was filled.
    Emptied,
    /// Filled, where it was empty.
    Filled,
    /// A text of another format.
    FormatChanged,
    /// A number with a fraction or beyond 2^53, or none any more.
    NumberChanged,
    /// Anything else about its form.
    FormChanged,
    /// Another number of elements or bytes.
    LengthChanged,
    /// Another value.
    ValueChanged,
    /// Another order of the same elements.
    OrderChanged,
}

impl Kind {
    /// Its name, as documents have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StatusChanged => "status-changed",
            Self::Gone => "gone",
            Self::New => "new",
            Self::KindChanged => "kind-changed",
            Self::NullNew => "null-new",
            Self::NullGone => "null-gone",
            Self::Emptied => "emptied",
            Self::Filled => "filled",
            Self::FormatChanged => "format-changed",
            Self::NumberChanged => "number-changed",
            Self::FormChanged => "form-changed",
            Self::LengthChanged => "length-changed",
            Self::ValueChanged => "value-changed",
            Self::OrderChanged => "order-changed",
        }
    }

    /// Whether it is about behaviour and not about a value.
    #[must_use]
    pub const fn is_behaviour(self) -> bool {
        !matches!(self, Self::LengthChanged | Self::ValueChanged | Self::OrderChanged)
    }
}

/// What it is that differs in an aspect of a place (`None` for the status), given what the
/// deployed version mostly showed and what the candidate did.
pub(super) fn kind(aspect: Option<Aspect>, shift: Option<(Form, Form)>) -> Kind {
    match aspect {
        None => Kind::StatusChanged,
        Some(Aspect::Length) => Kind::LengthChanged,
        Some(Aspect::Value) => Kind::ValueChanged,
        Some(Aspect::Order) => Kind::OrderChanged,
        Some(Aspect::Form) => match shift {
            Some((Form::Absent, _)) => Kind::New,
            Some((_, Form::Absent)) => Kind::Gone,
            Some((Form::Traits(old), Form::Traits(new))) => kind_of_form(old, new),
            _ => Kind::FormChanged,
        },
    }
}

fn kind_of_form(old: TraitSet, new: TraitSet) -> Kind {
    const EMPTY: [TraitSet; 3] =
        [TraitSet::EMPTY_STRING, TraitSet::EMPTY_ARRAY, TraitSet::EMPTY_OBJECT];
    let empty = |traits: TraitSet| EMPTY.iter().any(|one| traits.intersects(*one));
    let null = |traits: TraitSet| traits.intersects(TraitSet::NULL);
    let kinds = |traits: TraitSet| -> Vec<_> {
        traits.minus(TraitSet::NULL | TraitSet::ASIDE).kinds().collect()
    };
    match () {
        () if null(new) && !null(old) => Kind::NullNew,
        () if null(old) && !null(new) => Kind::NullGone,
        () if kinds(old) != kinds(new) => Kind::KindChanged,
        () if empty(new) && !empty(old) => Kind::Emptied,
        () if empty(old) && !empty(new) => Kind::Filled,
        () if old.intersects(TraitSet::STRING) => Kind::FormatChanged,
        () if old.intersects(TraitSet::NUMBER) => Kind::NumberChanged,
        () => Kind::FormChanged,
    }
}
