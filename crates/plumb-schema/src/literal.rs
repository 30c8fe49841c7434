//! Literals: a node that shall hold or shall not, and whose it is. A search looks for a document
//! with which every literal of a goal comes true.

use crate::node::Id;

/// A node, whether it shall hold, and which side it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Literal(u64);

/// Literals that shall come true together; sorted, each once.
pub(crate) type Goal = Box<[Literal]>;

/// Whose schema a literal came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Writer,
    Reader,
}

impl Literal {
    /// A node that shall hold.
    pub(crate) const fn holds(id: Id, side: Side) -> Self {
        Self((id.0 as u64) << 2 | side as u64)
    }

    /// A node that shall not hold.
    pub(crate) const fn fails(id: Id, side: Side) -> Self {
        Self::holds(id, side).flipped()
    }

    /// The opposite.
    pub(crate) const fn flipped(self) -> Self {
        Self(self.0 ^ 2)
    }

    /// The node.
    #[expect(clippy::cast_possible_truncation, reason = "an identity has 32 bits")]
    pub(crate) const fn id(self) -> Id {
        Id((self.0 >> 2) as u32)
    }

    /// True when the node shall hold.
    pub(crate) const fn is_held(self) -> bool {
        self.0 & 2 == 0
    }

    /// Whose schema it came from.
    pub(crate) const fn side(self) -> Side {
        if self.0 & 1 == 0 { Side::Writer } else { Side::Reader }
    }

    /// The same demand on another node.
    pub(crate) const fn of(self, id: Id) -> Self {
        Self((id.0 as u64) << 2 | self.0 & 3)
    }

    /// The same demand as if the other side made it.
    pub(crate) const fn across(self) -> Self {
        Self(self.0 ^ 1)
    }
}
