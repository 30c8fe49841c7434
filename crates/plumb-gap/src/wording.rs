//! Wording: what is assumed and what was observed, in a few words. Shapes only, never a value from
//! traffic.

use plumb_shape::difference::{Difference, DifferenceKind};
use plumb_shape::trait_set::TraitSet;

/// What the claim takes for granted at the place of a difference.
#[must_use]
pub(crate) fn said_text(difference: &Difference) -> String {
    use DifferenceKind as Kind;
    let said = difference.said;
    match difference.kind {
        Kind::Gone | Kind::SometimesAbsent => "always present".to_owned(),
        Kind::NeverSeen => "present at times".to_owned(),
        Kind::New => "not mentioned".to_owned(),
        Kind::Refused => "not allowed".to_owned(),
        Kind::KindChanged | Kind::KindNew => format!("always {}", kinds(said)),
        Kind::NullNew => format!("{}, never null", kinds(said)),
        Kind::Emptied | Kind::EmptyNew => "never empty".to_owned(),
        Kind::FormatChanged => format!("format {}", said & TraitSet::STRING),
        Kind::NumberWidened => format!("number: {}", said & TraitSet::NUMBER),
        Kind::ValueNew => "one of the values said".to_owned(),
        Kind::Unselected => "only what the query asks for".to_owned(),
    }
}

/// What was observed instead.
#[must_use]
pub(crate) fn seen_text(difference: &Difference) -> String {
    use DifferenceKind as Kind;
    let share = format!("in {} of {}", difference.seen.count, difference.of);
    let found = difference.found;
    match difference.kind {
        Kind::Gone | Kind::NeverSeen | Kind::SometimesAbsent => format!("absent {share}"),
        Kind::New | Kind::Refused if found.kinds().next().is_none() => format!("present {share}"),
        Kind::New | Kind::Refused => format!("{} {share}", kinds(found)),
        Kind::KindChanged | Kind::KindNew => format!("{} {share}", kinds(found)),
        Kind::NullNew => format!("null {share}"),
        Kind::Emptied | Kind::EmptyNew => format!("empty {share}"),
        Kind::FormatChanged | Kind::NumberWidened => format!("{found} {share}"),
        Kind::Unselected => format!("others beside what the query asks for {share}"),
        Kind::ValueNew => {
            let values = difference.values;
            let noun = if values == 1 { "value" } else { "values" };
            format!("{values} other {noun} {share}")
        }
    }
}

fn kinds(traits: TraitSet) -> String {
    let names = traits.kind_names();
    if names.is_empty() { "present".to_owned() } else { names }
}
