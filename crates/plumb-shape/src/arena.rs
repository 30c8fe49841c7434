//! The arena of places that a fold has met: a tree of nodes that remembers the order in which keys
//! came, so that documents of a known shape are folded without looking anything up.

use crate::literal::LITERALS_MAX;
use crate::operation;
use crate::place::{Part, Place, Side, Step};
use crate::trait_set::TraitSet;
use rapidhash::RapidHashMap;

/// An index into the arena.
pub(crate) type NodeId = u32;

/// No node. Never a valid index, because the arena is bounded far below it.
pub(crate) const NO_NODE: NodeId = NodeId::MAX;

/// Beyond this many members a node finds them through a hash table instead of one by one.
const SCAN_MAX: usize = 12;

/// Keys longer than this are data.
const KEY_BYTES_MAX: usize = 64;

/// One place, and what is known of it across exchanges.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) parent: NodeId,
    /// Members in the order in which they were first met.
    pub(crate) members: Vec<(Box<[u8]>, NodeId)>,
    lookup: RapidHashMap<Box<[u8]>, NodeId>,
    pub(crate) item: NodeId,
    pub(crate) any: NodeId,
    /// Members are not looked into: the outcome is full here.
    pub(crate) is_closed: bool,
    /// The value is not looked at: the name is on the redaction list.
    pub(crate) is_withheld: bool,
    pub(crate) words: Words,
}

/// The part of a node that changes with every exchange, kept apart to stay in the cache.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) epoch: u32,
    pub(crate) traits: TraitSet,
    /// How often the place was there in this exchange.
    pub(crate) times: u32,
    /// How often an object stood there in this exchange.
    pub(crate) objects: u32,
    /// Which of the node's words were there in this exchange.
    pub(crate) words: u16,
}

/// The values met at a node while they look like a vocabulary.
#[derive(Debug)]
pub(crate) enum Words {
    /// At most [`LITERALS_MAX`] distinct words so far.
    Few(Vec<Box<[u8]>>),
    /// No vocabulary.
    Many,
}

/// The places met so far.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    pub(crate) nodes: Vec<Node>,
    pub(crate) scratch: Vec<Scratch>,
    roots: [[Option<NodeId>; 4]; 2],
}

impl Arena {
    /// The node of a part.
    pub(crate) fn root(&mut self, side: Side, part: Part) -> NodeId {
        if let Some(known) = self.roots[side as usize][part as usize] {
            return known;
        }
        let id = self.push(Place::root(side, part), NO_NODE, false);
        self.roots[side as usize][part as usize] = Some(id);
        id
    }

    /// The member called `key`. `hint` is where it stands if keys come in the order of the last
    /// time; it is moved behind the member found. `denied` says which names are withheld.
    #[inline]
    pub(crate) fn member(
        &mut self,
        parent: NodeId,
        key: &[u8],
        hint: &mut usize,
        denied: &dyn Fn(&str) -> bool,
    ) -> NodeId {
        let node = &self.nodes[parent as usize];
        if let Some((known, id)) = node.members.get(*hint)
            && **known == *key
        {
            *hint += 1;
            return *id;
        }
        self.find_member(parent, key, hint, denied)
    }

    #[inline(never)]
    fn find_member(
        &mut self,
        parent: NodeId,
        key: &[u8],
        hint: &mut usize,
        denied: &dyn Fn(&str) -> bool,
    ) -> NodeId {
        let node = &self.nodes[parent as usize];
        let found = if node.members.len() <= SCAN_MAX {
            let at = node.members.iter().position(|(known, _)| **known == *key);
            at.map(|at| (at, node.members[at].1))
        } else {
            node.lookup.get(key).map(|id| (*hint, *id))
        };
        if let Some((at, id)) = found {
            *hint = at + 1;
            return id;
        }
        let is_withheld = node.is_withheld;
        if is_data_key(key) {
            return self.any(parent);
        }
        let name = String::from_utf8_lossy(key);
        let step = Step::Key(name.as_ref().into());
        let withheld = is_withheld || denied(&name);
        let place = self.nodes[parent as usize].place.child(step);
        let id = self.push(place, parent, withheld);
        let node = &mut self.nodes[parent as usize];
        node.members.push((key.into(), id));
        *hint = node.members.len();
        if node.members.len() > SCAN_MAX {
            if node.lookup.is_empty() {
                node.lookup = node.members.iter().cloned().collect();
            } else {
                node.lookup.insert(key.into(), id);
            }
        }
        id
    }

    /// The node of an array's elements.
    #[inline]
    pub(crate) fn item(&mut self, parent: NodeId) -> NodeId {
        let known = self.nodes[parent as usize].item;
        if known != NO_NODE {
            return known;
        }
        let node = &self.nodes[parent as usize];
        let (place, withheld) = (node.place.child(Step::Item), node.is_withheld);
        let id = self.push(place, parent, withheld);
        self.nodes[parent as usize].item = id;
        id
    }

    /// The node of a map's members.
    pub(crate) fn any(&mut self, parent: NodeId) -> NodeId {
        let known = self.nodes[parent as usize].any;
        if known != NO_NODE {
            return known;
        }
        let node = &self.nodes[parent as usize];
        let (place, withheld) = (node.place.child(Step::Any), node.is_withheld);
        let id = self.push(place, parent, withheld);
        self.nodes[parent as usize].any = id;
        id
    }

    fn push(&mut self, place: Place, parent: NodeId, is_withheld: bool) -> NodeId {
        let id = NodeId::try_from(self.nodes.len()).unwrap_or(NO_NODE - 1);
        self.nodes.push(Node {
            place,
            parent,
            members: Vec::new(),
            lookup: RapidHashMap::default(),
            item: NO_NODE,
            any: NO_NODE,
            is_closed: false,
            is_withheld,
            words: Words::Few(Vec::new()),
        });
        self.scratch.push(Scratch::default());
        id
    }
}

impl Words {
    /// Notes a word and gives the bit it is known by; nothing when the place is many.
    #[inline]
    pub(crate) fn note(&mut self, word: &[u8], is_word: fn(&[u8]) -> bool) -> u16 {
        let Self::Few(known) = self else { return 0 };
        if let Some(at) = known.iter().position(|other| **other == *word) {
            return 1 << at;
        }
        if known.len() < LITERALS_MAX && is_word(word) {
            known.push(word.into());
            return 1 << (known.len() - 1);
        }
        *self = Self::Many;
        0
    }
}

/// True when a key is data rather than a name: an id, a date, an address, a token. Such members
/// stand under one place together.
#[must_use]
pub(crate) fn is_data_key(key: &[u8]) -> bool {
    if key.len() > KEY_BYTES_MAX || key.is_empty() {
        return true;
    }
    let form = crate::format::string_traits(key);
    if form.minus(TraitSet::NON_ASCII) != TraitSet::TEXT || key.iter().any(u8::is_ascii_control) {
        return true;
    }
    let has_digit = key.iter().any(u8::is_ascii_digit);
    key.len() >= 10
        && has_digit
        && std::str::from_utf8(key).is_ok_and(|name| name.is_ascii() && operation::is_data(name))
        && !key.iter().any(|byte| b"$@:. ".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::is_data_key;

    #[test]
    fn names_are_told_from_data() {
        for name in
            ["id", "address_line_1", "2fa", "x-2", "First Name", "größe", "@type", "$ref", "sha256"]
        {
            assert!(!is_data_key(name.as_bytes()), "{name}");
        }
        for data in [
            "1042",
            "2026-11-21",
            "7f9c24e5-2b0a-4c59-8a3d-9d0d1f3c2b11",
            "ann@example.org",
            "",
            "869c204cbe68437d9443deca2b9df9ba",
            "cus_NffrFeUfNV2Hib",
            "10.0.0.1",
        ] {
            assert!(is_data_key(data.as_bytes()), "{data}");
        }
    }
}
