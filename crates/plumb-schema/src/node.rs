//! Schemas as a graph of small constraints, each of them a set of documents.
//!
//! One keyword with one meaning is one node, so that taking the opposite of a node is one step and
//! parts that two schemas share are one node. Constraints on one kind of value hold of every value
//! of another kind, as in JSON Schema. Refuses to know how a schema is written.

use crate::constant::Constant;
use crate::exact::Exact;
use std::sync::Arc;

/// A node in [`Nodes`](crate::nodes::Nodes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id(pub(crate) u32);

/// Names of keys and texts of patterns, shared between nodes.
pub(crate) type Text = Arc<str>;

/// One constraint; `N` is how it refers to others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Node<N = Id> {
    /// Every document.
    Always,
    /// What could not be read, and why: it may hold of any document or of none.
    Unread(Text),
    /// Documents of these kinds.
    Kinds(Kinds),
    /// One of these values; sorted.
    Values(Arc<[Constant]>),
    /// Every one of these; sorted.
    All(Arc<[N]>),
    /// At least one of these; sorted.
    Any(Arc<[N]>),
    /// Just one of these; sorted, a node twice where it is said twice.
    One(Arc<[N]>),
    /// What this is not.
    Not(N),
    /// The second where the first holds, else the third.
    If(N, N, N),
    /// A number of at least this; beyond it where the flag is set.
    AtLeast(Exact, bool),
    /// A number of at most this; below it where the flag is set.
    AtMost(Exact, bool),
    /// A whole multiple of this positive number.
    MultipleOf(Exact),
    /// A text of at least so many code points.
    LengthAtLeast(u64),
    /// A text of at most so many code points.
    LengthAtMost(u64),
    /// A text in which this pattern (ECMA 262) matches somewhere.
    Pattern(Text),
    /// A text of this format.
    Format(Text),
    /// An array whose element here, if there is one, fits.
    Item(u32, N),
    /// An array whose elements from here on fit.
    ItemsFrom(u32, N),
    /// An array with at least so many elements that fit.
    ContainsAtLeast(N, u64),
    /// An array with at most so many elements that fit.
    ContainsAtMost(N, u64),
    /// An array of at least so many elements.
    CountAtLeast(u64),
    /// An array of at most so many elements.
    CountAtMost(u64),
    /// An array without two equal elements.
    Unique,
    /// An object whose member of this name, if there is one, fits.
    Member(Text, N),
    /// An object whose members with names that match this pattern fit.
    MembersLike(Text, N),
    /// An object whose members fit, except those named or matched.
    MembersBut(Arc<Named>, N),
    /// An object all of whose names fit.
    Names(N),
    /// An object with this member.
    Required(Text),
    /// An object of at least so many members.
    SizeAtLeast(u64),
    /// An object of at most so many members.
    SizeAtMost(u64),
}

/// Names and patterns of names; sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Named {
    /// Names as they are.
    pub(crate) names: Vec<Text>,
    /// Patterns of names (ECMA 262).
    pub(crate) patterns: Vec<Text>,
}

/// The kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

/// A set of kinds, one bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Kinds(u8);

impl Kind {
    /// Every kind, those first that are decided fastest.
    pub(crate) const EVERY: [Self; 6] =
        [Self::Null, Self::Bool, Self::Number, Self::String, Self::Array, Self::Object];

    /// The kind of a value.
    pub(crate) fn of(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Bool,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

impl Kinds {
    /// No kind.
    pub(crate) const NONE: Self = Self(0);

    /// This set and one more kind.
    pub(crate) const fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    /// True when the kind is in the set.
    pub(crate) const fn has(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }
}

impl<N> Node<N> {
    /// The kind of value that this constrains; `None` when it may speak of several.
    pub(crate) fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Always
            | Self::Unread(_)
            | Self::Kinds(_)
            | Self::Values(_)
            | Self::All(_)
            | Self::Any(_)
            | Self::One(_)
            | Self::Not(_)
            | Self::If(..) => return None,
            Self::AtLeast(..) | Self::AtMost(..) | Self::MultipleOf(_) => Kind::Number,
            Self::LengthAtLeast(_) | Self::LengthAtMost(_) | Self::Pattern(_) | Self::Format(_) => {
                Kind::String
            }
            Self::Item(..)
            | Self::ItemsFrom(..)
            | Self::ContainsAtLeast(..)
            | Self::ContainsAtMost(..)
            | Self::CountAtLeast(_)
            | Self::CountAtMost(_)
            | Self::Unique => Kind::Array,
            Self::Member(..)
            | Self::MembersLike(..)
            | Self::MembersBut(..)
            | Self::Names(_)
            | Self::Required(_)
            | Self::SizeAtLeast(_)
            | Self::SizeAtMost(_) => Kind::Object,
        })
    }

    /// The same constraint with other references.
    pub(crate) fn map<M>(&self, mut to: impl FnMut(&N) -> M) -> Node<M> {
        match self {
            Self::Always => Node::Always,
            Self::Unread(why) => Node::Unread(why.clone()),
            Self::Kinds(kinds) => Node::Kinds(*kinds),
            Self::Values(values) => Node::Values(values.clone()),
            Self::All(of) => Node::All(of.iter().map(to).collect()),
            Self::Any(of) => Node::Any(of.iter().map(to).collect()),
            Self::One(of) => Node::One(of.iter().map(to).collect()),
            Self::Not(of) => Node::Not(to(of)),
            Self::If(test, then, other) => Node::If(to(test), to(then), to(other)),
            Self::AtLeast(bound, beyond) => Node::AtLeast(bound.clone(), *beyond),
            Self::AtMost(bound, below) => Node::AtMost(bound.clone(), *below),
            Self::MultipleOf(step) => Node::MultipleOf(step.clone()),
            Self::LengthAtLeast(bound) => Node::LengthAtLeast(*bound),
            Self::LengthAtMost(bound) => Node::LengthAtMost(*bound),
            Self::Pattern(pattern) => Node::Pattern(pattern.clone()),
            Self::Format(name) => Node::Format(name.clone()),
            Self::Item(at, of) => Node::Item(*at, to(of)),
            Self::ItemsFrom(at, of) => Node::ItemsFrom(*at, to(of)),
            Self::ContainsAtLeast(of, bound) => Node::ContainsAtLeast(to(of), *bound),
            Self::ContainsAtMost(of, bound) => Node::ContainsAtMost(to(of), *bound),
            Self::CountAtLeast(bound) => Node::CountAtLeast(*bound),
            Self::CountAtMost(bound) => Node::CountAtMost(*bound),
            Self::Unique => Node::Unique,
            Self::Member(name, of) => Node::Member(name.clone(), to(of)),
            Self::MembersLike(pattern, of) => Node::MembersLike(pattern.clone(), to(of)),
            Self::MembersBut(named, of) => Node::MembersBut(named.clone(), to(of)),
            Self::Names(of) => Node::Names(to(of)),
            Self::Required(name) => Node::Required(name.clone()),
            Self::SizeAtLeast(bound) => Node::SizeAtLeast(*bound),
            Self::SizeAtMost(bound) => Node::SizeAtMost(*bound),
        }
    }
}
