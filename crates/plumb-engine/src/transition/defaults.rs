//! What is taken for granted of components and seams that say nothing: what such things usually do,
//! and where that differs, what asks for more care.

use crate::transition::said::Said;
use plumb_plan::transition::{Kind, Moves, Stay};

/// How a component moves.
pub(super) const fn moves(kind: Kind) -> Moves {
    match kind {
        Kind::Schema => Moves::AtOnce,
        Kind::ThirdParty => Moves::ByItself,
        // A switch too reaches one instance after the other.
        _ => Moves::Rolling,
    }
}

/// How long old instances of a component stay.
pub(super) const fn lingers(kind: Kind) -> Stay {
    match kind {
        // Open tabs are closed some day.
        Kind::Bundle => Stay::Passing(None),
        _ => Stay::Gone,
    }
}

/// How long what was written lies at a seam.
pub(super) const fn keeps(kind: Said) -> Stay {
    match kind {
        Said::Calls | Said::Statements | Said::Config => Stay::Gone,
        Said::Queue | Said::Cache => Stay::Passing(None),
        Said::Rows => Stay::Forever,
    }
}
