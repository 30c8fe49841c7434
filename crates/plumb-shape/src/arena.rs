//! The arena of places that a fold has met: a tree of nodes that remembers the order in which keys
//! came, so that documents of a known shape are folded without looking anything up.

use crate::eight::{LOW, at_least, below, has, head_of};
use crate::format::{HEX_ID_DIGITS_MIN, is_uuid, string_traits};
use crate::literal::LITERALS_MAX;
use crate::operation;
use crate::place::{Part, Place, Side, Step};
use crate::scan::Scanner;
use crate::shortcut::{Shortcuts, Stem};
use crate::token::Token;
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
    /// Members in the order in which they were first met.
    members: Vec<(Token, NodeId)>,
    /// Where each member stands in `members`; empty while they are few.
    lookup: RapidHashMap<Box<[u8]>, usize>,
    /// There as soon as one of many keys came out of order.
    shortcuts: Option<Box<Shortcuts>>,
    pub(crate) words: Words,
}

/// The part of a node that every exchange needs, kept apart to stay in the cache: the first fields
/// change with each exchange that touches the place. One of them is one line of the cache.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Scratch {
    pub(crate) traits: TraitSet,
    pub(crate) epoch: u32,
    /// How often the place was there in this exchange.
    pub(crate) times: u32,
    /// How often an object stood there in this exchange.
    pub(crate) objects: u32,
    /// Which of the node's words were there in this exchange.
    pub(crate) words: u16,
    /// Members are not looked into: the outcome is full here.
    pub(crate) is_closed: bool,
    /// The value is not looked at: the name is on the redaction list.
    pub(crate) is_withheld: bool,
    /// What the node counts for in the hash of a behaviour.
    pub(crate) salt: u64,
    /// The node above, if it can be there without this one: an element's parent is an array, and
    /// only members of objects can be absent.
    pub(crate) member_of: NodeId,
    pub(crate) item: NodeId,
    pub(crate) any: NodeId,
    /// Words are known at the node.
    pub(crate) has_words: bool,
    /// The node's values are no vocabulary.
    pub(crate) is_many: bool,
}

/// The values met at a node while they look like a vocabulary.
#[derive(Clone, Debug)]
pub(crate) enum Words {
    /// At most [`LITERALS_MAX`] distinct words so far.
    Few(Vec<Token>),
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
        let id = self.push_place(Place::root(side, part), NO_NODE, false);
        self.roots[side as usize][part as usize] = Some(id);
        id
    }

    /// The member called `key`. `hint` is where it stands if keys come in the order of the last
    /// time; it is moved behind the member found. `denied` says which places are withheld.
    pub(crate) fn member(
        &mut self,
        parent: NodeId,
        key: &[u8],
        hint: &mut usize,
        denied: &dyn Fn(&Place) -> bool,
    ) -> NodeId {
        let node = &self.nodes[parent as usize];
        let is_key = |(known, _): &(Token, NodeId)| known.decoded() == key;
        let expected = node.members.get(*hint).is_some_and(is_key);
        let found = if expected {
            Some(*hint)
        } else if node.members.len() <= SCAN_MAX {
            node.members.iter().position(is_key)
        } else {
            node.lookup.get(key).copied()
        };
        match found {
            Some(at) => {
                let id = node.members[at].1;
                if node.members.len() > SCAN_MAX {
                    let shortcuts = &mut self.nodes[parent as usize].shortcuts;
                    let shortcuts = shortcuts.get_or_insert_with(|| Box::new(Shortcuts::NONE));
                    shortcuts.note(Stem::of_key(key), at);
                }
                *hint = at + 1;
                id
            }
            None if is_data_key(key) => self.any(parent),
            None => self.new_member(parent, key, hint, denied),
        }
    }

    /// The member whose key the scanner is about to take, if it is the one that comes next by habit
    /// or one of few or can be guessed; the key is taken then.
    #[inline(always)]
    pub(crate) fn expected_member(
        &self,
        parent: NodeId,
        scanner: &mut Scanner<'_>,
        hint: &mut usize,
    ) -> Option<NodeId> {
        let node = &self.nodes[parent as usize];
        let head = scanner.head();
        if let Some((expected, id)) = node.members.get(*hint)
            && scanner.take_token(head, expected)
        {
            *hint += 1;
            return Some(*id);
        }
        // Guessing among few is slower than searching: a search that ends where the key stands
        // tells the processor's branch prediction which member comes, and so what its value is.
        let at = if node.members.len() <= SCAN_MAX {
            node.members.iter().position(|(known, _)| scanner.take_token(head, known))?
        } else {
            let at = node.shortcuts.as_ref()?.guess(Stem::in_text(head));
            node.members.get(at).filter(|(known, _)| scanner.take_token(head, known)).map(|_| at)?
        };
        *hint = at + 1;
        Some(node.members[at].1)
    }

    /// The place of a map's members, if the key that the scanner is about to take is a UUID; the
    /// key is taken then. Such a key is data, so no member is called by it.
    #[inline(always)]
    pub(crate) fn expected_data(
        &self,
        parent: NodeId,
        scanner: &mut Scanner<'_>,
    ) -> Option<NodeId> {
        let any = self.scratch[parent as usize].any;
        (any != NO_NODE && scanner.take_exactly(is_uuid)).then_some(any)
    }

    /// Brings what the scratch says of a node's words up to date.
    pub(crate) fn note_words(&mut self, node: NodeId) {
        let (words, scratch) = (&self.nodes[node as usize].words, &mut self.scratch[node as usize]);
        scratch.has_words = matches!(words, Words::Few(known) if !known.is_empty());
        scratch.is_many = matches!(words, Words::Many);
    }

    #[inline(never)]
    fn new_member(
        &mut self,
        parent: NodeId,
        key: &[u8],
        hint: &mut usize,
        denied: &dyn Fn(&Place) -> bool,
    ) -> NodeId {
        let name = String::from_utf8_lossy(key);
        let step = Step::Key(name.as_ref().into());
        let place = self.nodes[parent as usize].place.child(step);
        let is_withheld = self.scratch[parent as usize].is_withheld || denied(&place);
        let id = self.push_place(place, parent, is_withheld);
        let node = &mut self.nodes[parent as usize];
        node.members.push((Token::new(key), id));
        let at = node.members.len() - 1;
        *hint = at + 1;
        if node.members.len() > SCAN_MAX {
            if node.lookup.is_empty() {
                let keys = node.members.iter().map(|(known, _)| known.decoded().into());
                node.lookup = keys.zip(0..).collect();
            } else {
                node.lookup.insert(key.into(), at);
            }
        }
        id
    }

    /// The node of an array's elements.
    #[inline]
    pub(crate) fn item(&mut self, parent: NodeId) -> NodeId {
        let above = self.scratch[parent as usize];
        if above.item != NO_NODE {
            return above.item;
        }
        let id = self.push(Step::Item, parent, above.is_withheld);
        self.scratch[parent as usize].item = id;
        id
    }

    /// The node of a map's members.
    pub(crate) fn any(&mut self, parent: NodeId) -> NodeId {
        let above = self.scratch[parent as usize];
        if above.any != NO_NODE {
            return above.any;
        }
        let id = self.push(Step::Any, parent, above.is_withheld);
        self.scratch[parent as usize].any = id;
        id
    }

    /// The node so many steps below another.
    pub(crate) fn below(
        &mut self,
        mut node: NodeId,
        steps: &[Step],
        denied: &dyn Fn(&Place) -> bool,
    ) -> NodeId {
        for step in steps {
            node = match step {
                Step::Item => self.item(node),
                Step::Any => self.any(node),
                Step::Key(name) => {
                    let mut hint = usize::MAX;
                    self.member(node, name.as_bytes(), &mut hint, denied)
                }
            };
        }
        node
    }

    /// All nodes in the order of their places: what stands below a node follows it.
    ///
    /// Walks the tree, since sorting the members of each node is much cheaper than sorting places.
    pub(crate) fn in_order(&self) -> Vec<NodeId> {
        let mut ordered = Vec::with_capacity(self.nodes.len());
        let mut waiting: Vec<NodeId> =
            self.roots.iter().flatten().flatten().rev().copied().collect();
        while let Some(id) = waiting.pop() {
            ordered.push(id);
            let scratch = &self.scratch[id as usize];
            waiting
                .extend([scratch.any, scratch.item].into_iter().filter(|below| *below != NO_NODE));
            let members = &self.nodes[id as usize].members;
            let keys = members.iter().map(|(key, _)| key.decoded()).zip(members);
            // Most keys differ in their first bytes, which as a number are quick to compare.
            let mut sorted: Vec<(u64, &[u8], NodeId)> =
                keys.map(|(key, (_, id))| (head_of(key).swap_bytes(), key, *id)).collect();
            sorted.sort_unstable();
            waiting.extend(sorted.iter().rev().map(|(_, _, id)| id));
        }
        ordered
    }

    /// A node for the elements of an array or the members of a map.
    fn push(&mut self, step: Step, parent: NodeId, is_withheld: bool) -> NodeId {
        let place = self.nodes[parent as usize].place.child(step);
        self.push_place(place, NO_NODE, is_withheld)
    }

    fn push_place(&mut self, place: Place, member_of: NodeId, is_withheld: bool) -> NodeId {
        let id = NodeId::try_from(self.nodes.len()).unwrap_or(NO_NODE - 1);
        self.nodes.push(Node {
            place,
            members: Vec::new(),
            lookup: RapidHashMap::default(),
            shortcuts: None,
            words: Words::Few(Vec::new()),
        });
        self.scratch.push(Scratch {
            traits: TraitSet::NONE,
            epoch: 0,
            times: 0,
            objects: 0,
            words: 0,
            is_closed: false,
            is_withheld,
            salt: salt_of(id),
            member_of,
            item: NO_NODE,
            any: NO_NODE,
            has_words: false,
            is_many: false,
        });
        id
    }
}

impl Words {
    /// The bit of the known word that stands where a text starts, and its length with its quotes.
    pub(crate) fn expected(&self, text: &[u8]) -> Option<(u16, usize)> {
        let Self::Few(known) = self else { return None };
        let head = head_of(text);
        let mut words = known.iter().enumerate();
        words.find(|(_, word)| word.stands_in(head, text)).map(|(at, word)| (1 << at, word.len()))
    }

    /// The bit that a word is known by, 0 for any other.
    pub(crate) fn known(&self, word: &[u8]) -> u16 {
        let Self::Few(known) = self else { return 0 };
        known.iter().position(|other| other.decoded() == word).map_or(0, |at| 1 << at)
    }

    /// Notes a word not known yet and gives the bit it is known by from now on; 0 when the place is
    /// many.
    pub(crate) fn note(&mut self, word: &[u8], is_word: fn(&[u8]) -> bool) -> u16 {
        let Self::Few(known) = self else { return 0 };
        if known.len() < LITERALS_MAX && is_word(word) {
            known.push(Token::new(word));
            return 1 << (known.len() - 1);
        }
        *self = Self::Many;
        0
    }
}

/// A number that is far from that of every other node (the mix of SplitMix64).
fn salt_of(node: NodeId) -> u64 {
    let seed = (u64::from(node) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// True when a key is data rather than a name: an id, a date, an address, a token. Such members
/// stand under one place together.
#[must_use]
pub(crate) fn is_data_key(key: &[u8]) -> bool {
    if key.len() > KEY_BYTES_MAX || key.is_empty() {
        return true;
    }
    // Most names are words, and too short for an id without digits.
    if key.len() < HEX_ID_DIGITS_MIN && is_word(key) {
        return false;
    }
    let form = string_traits(key);
    if form.minus(TraitSet::NON_ASCII) != TraitSet::TEXT || has_control(key) {
        return true;
    }
    key.len() >= 10
        && has(key, b'_', |word| at_least(word, 0x30) & !at_least(word, 0x3A) & !word)
        && std::str::from_utf8(key).is_ok_and(|name| name.is_ascii() && operation::is_data(name))
        && !key.iter().any(|byte| b"$@:. ".contains(byte))
}

/// True when there is nothing but letters of ASCII and low lines.
fn is_word(key: &[u8]) -> bool {
    !has(key, b'_', |word| {
        let lower = word | (LOW * 0x20);
        let letters = at_least(lower, 0x61) & !at_least(lower, 0x7B);
        let low_lines = at_least(word, 0x5F) & !at_least(word, 0x60);
        !(letters | low_lines) | word
    })
}

fn has_control(key: &[u8]) -> bool {
    const DELETE: u64 = 0x7F;
    has(key, b'_', |word| below(word, 0x20) | at_least(word, DELETE) & !word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn words_are_letters_and_low_lines(key in "[@-Z\\[-z`{0-9é]{0,15}|[A-Za-z_]{0,15}") {
            let slow = key.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
            prop_assert_eq!(is_word(key.as_bytes()), slow);
            let form = string_traits(key.as_bytes());
            prop_assert!(!slow || form == TraitSet::TEXT || form == TraitSet::EMPTY_STRING);
        }

        #[test]
        fn nodes_are_in_the_order_of_their_places(
            ways in prop::collection::vec(prop::collection::vec("[ab\0é]{0,9}", 0..4), 0..20),
        ) {
            let mut arena = Arena::default();
            for (at, way) in ways.iter().enumerate() {
                let side = if at % 2 == 0 { Side::Request } else { Side::Response };
                let part = if at % 3 == 0 { Part::Header } else { Part::Body };
                let steps = way.iter().map(|name| match name.as_str() {
                    "a" => Step::Item,
                    "b" => Step::Any,
                    name => Step::Key(name.into()),
                });
                let root = arena.root(side, part);
                arena.below(root, &steps.collect::<Vec<Step>>(), &|_| false);
            }
            let ordered = arena.in_order();
            let place = |id: &NodeId| &arena.nodes[*id as usize].place;
            prop_assert!(ordered.is_sorted_by_key(place));
            prop_assert_eq!(ordered.len(), arena.nodes.len());
        }
    }
}
