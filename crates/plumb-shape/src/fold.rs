//! The fold: turns exchanges into an outcome, one after the other, keeping none of them.
//!
//! Works on bytes and builds no tree per document: each place of the exchange collects its traits
//! in a scratch word, and the whole of them is one behaviour, found again by a hash that does not
//! depend on the order of keys. Memory is bounded whatever the number of exchanges.

use crate::arena::{Arena, NodeId, Scratch, Words, is_data_key};
use crate::format::{fraction_traits, integer_traits, string_traits};
use crate::latency::Latencies;
use crate::literal::{LITERALS_MAX, Literal, LiteralKey, is_code, is_vocabulary_word};
use crate::outcome::{BEHAVIOURS_MAX, Facts, Outcome, Seen};
use crate::place::{Part, Place, Side};
use crate::scan::{Malformed, Number, Scanner, Text};
use crate::selection::{Asked, selections};
use crate::tally::Tally;
use crate::trait_set::TraitSet;
use rapidhash::RapidHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, mem};

/// Values nested deeper than this are not looked into; the place carries [`TraitSet::TOO_DEEP`].
/// Real documents stay below ten; the bound keeps recursion and places small.
pub const DEPTH_MAX: usize = 24;

/// The arena is emptied when it has more nodes than this, so that a flood of new names cannot grow
/// it without end.
const NODES_MAX: usize = 32_768;

/// Says which headers, query parameters and members are withheld, each by its place.
pub type Denied = Arc<dyn Fn(&Place) -> bool + Send + Sync>;

/// Keeps traits from being zero in the hash of a behaviour, so that a place without any counts too.
const TRAITS_ODD: u64 = 0xD6E8_FEB8_6659_FD93;

/// A fold of the exchanges at one seam that end with one status.
///
/// Each exchange is `begin`, then its facts in any order, then `commit`.
pub struct Fold {
    arena: Arena,
    touched: Vec<NodeId>,
    /// The nodes whose words the exchange that ends has met, with these.
    worded: Vec<(NodeId, u16)>,
    epoch: u32,
    time_ms: Option<i64>,
    entries: Vec<Entry>,
    by_hash: RapidHashMap<u128, usize>,
    folded: Outcome,
    latencies: Latencies,
    key: LiteralKey,
    denied: Denied,
    /// What the body that is being folded has changed of words, to be undone if it is no JSON.
    undo: Vec<(NodeId, Words)>,
    /// Room for strings with escapes while they are looked at, and for brackets to be closed.
    room: Vec<u8>,
    /// Where the next member of each part is expected, since they too come in a habitual order.
    hints: [[usize; 4]; 2],
    /// What the query asks of the elements that are answered.
    asked: Asked,
}

/// One behaviour while it is being counted.
#[derive(Debug)]
struct Entry {
    facts: Vec<(NodeId, TraitSet)>,
    tally: Tally,
    words: Vec<(NodeId, [u64; LITERALS_MAX])>,
}

impl Fold {
    /// An empty fold. `denied` says which headers, query parameters and members are withheld.
    #[must_use]
    pub fn new(key: LiteralKey, denied: Denied) -> Self {
        Self {
            arena: Arena::default(),
            touched: Vec::new(),
            worded: Vec::new(),
            epoch: 0,
            time_ms: None,
            entries: Vec::new(),
            by_hash: RapidHashMap::default(),
            folded: Outcome::default(),
            latencies: Latencies::default(),
            key,
            denied,
            undo: Vec::new(),
            room: Vec::new(),
            hints: [[0; 4]; 2],
            asked: Asked::default(),
        }
    }

    /// Starts an exchange. `time_ms` is Unix time in milliseconds where it is known.
    pub fn begin(&mut self, time_ms: Option<i64>) {
        if self.entries.len() > BEHAVIOURS_MAX || self.arena.nodes.len() > NODES_MAX {
            self.flush();
        }
        self.epoch = self.epoch.wrapping_add(1);
        if self.epoch == 0 {
            self.arena.scratch.iter_mut().for_each(|scratch| scratch.epoch = 0);
            self.epoch = 1;
        }
        self.touched.clear();
        self.undo.clear();
        self.asked.clear();
        self.hints = [[0; 4]; 2];
        self.time_ms = time_ms;
    }

    /// Notes how long the exchange took.
    pub fn took(&mut self, latency: Duration) {
        self.latencies.observe(latency);
    }

    /// Notes a place directly below a part, with traits that the caller knows.
    pub fn mark(&mut self, side: Side, part: Part, name: &str, traits: TraitSet) {
        let node = self.named(side, part, name);
        self.touch(node, traits);
    }

    /// Notes a header or query parameter by its value.
    pub fn text(&mut self, side: Side, part: Part, name: &str, value: &[u8]) {
        let node = self.named(side, part, name);
        self.string(node, value);
        if part == Part::Query && !self.arena.scratch[node as usize].is_withheld {
            self.asked.note(name, value);
        }
    }

    /// Notes a header or query parameter whose numbers are codes: they are a vocabulary, as words
    /// are elsewhere.
    pub fn code(&mut self, side: Side, part: Part, name: &str, value: &[u8]) {
        if !is_code(value) {
            return self.text(side, part, name, value);
        }
        let node = self.named(side, part, name);
        if self.arena.scratch[node as usize].is_withheld {
            self.touch(node, TraitSet::TEXT | TraitSet::WITHHELD);
        } else if !self.touch(node, string_traits(value)).is_many {
            self.word(node, value, Some(is_code));
        }
    }

    /// Notes that this side has a body that is not looked into, or an empty one with
    /// [`TraitSet::NONE`], which notes nothing.
    pub fn body(&mut self, side: Side, traits: TraitSet) {
        if !traits.is_empty() {
            let root = self.arena.root(side, Part::Body);
            self.touch(root, traits);
        }
    }

    /// Notes that this part may hold more than is told: a name that is not told of is then not
    /// known to be absent.
    pub fn withhold(&mut self, side: Side, part: Part) {
        let root = self.arena.root(side, part);
        self.touch(root, TraitSet::WITHHELD);
    }

    /// Notes one field of a form body.
    pub fn form_field(&mut self, side: Side, name: &str, value: &[u8]) {
        let root = self.arena.root(side, Part::Body);
        if self.arena.scratch[root as usize].epoch != self.epoch {
            self.touch(root, TraitSet::RECORD).objects = 1;
        }
        let hint = &mut self.hints[side as usize][Part::Body as usize];
        let node = self.arena.member(root, name.as_bytes(), hint, &*self.denied);
        self.string(node, value);
    }

    /// Folds a JSON body. Text that is not JSON leaves one fact: [`TraitSet::MALFORMED`].
    ///
    /// # Errors
    ///
    /// The place and reason where the text stops being JSON; the exchange is still good to commit.
    pub fn json(&mut self, side: Side, bytes: &[u8]) -> Result<(), Malformed> {
        let root = self.arena.root(side, Part::Body);
        let before = self.touched.len();
        self.undo.clear();
        let folded = self.document(root, bytes);
        if folded.is_err() {
            for (node, words) in self.undo.drain(..).rev() {
                self.arena.nodes[node as usize].words = words;
                self.arena.note_words(node);
            }
            for node in self.touched.drain(before..) {
                self.arena.scratch[node as usize].epoch = 0;
            }
            self.touch(root, TraitSet::MALFORMED);
        } else if side == Side::Response && !self.asked.is_empty() {
            self.note_selections(root, bytes);
        }
        folded
    }

    /// Notes at the members that the query asks for whether the lists hold what it asked for.
    fn note_selections(&mut self, root: NodeId, bytes: &[u8]) {
        for selection in selections(&self.asked, bytes) {
            let node = self.arena.below(root, &selection.steps, &*self.denied);
            let scratch = &mut self.arena.scratch[node as usize];
            if scratch.epoch == self.epoch && !scratch.is_withheld {
                scratch.traits |= selection.traits;
            }
        }
    }

    fn document(&mut self, root: NodeId, bytes: &[u8]) -> Result<(), Malformed> {
        let mut scanner = Scanner::new(bytes)?;
        self.value(&mut scanner, root, 0)?;
        scanner.end()
    }

    /// Ends the exchange and counts its behaviour.
    pub fn commit(&mut self) {
        let hash = self.finish();
        let slot = match self.by_hash.get(&hash) {
            Some(known) => *known,
            None => self.new_entry(hash),
        };
        let entry = &mut self.entries[slot];
        entry.tally.observe(self.time_ms);
        let mut hint = 0;
        for (node, words) in self.worded.drain(..) {
            entry.count_words(node, words, &mut hint);
        }
    }

    /// Everything folded so far, as an outcome. The fold is empty afterwards.
    #[must_use]
    pub fn seal(mut self) -> Outcome {
        self.flush();
        self.folded
    }

    /// Completes the traits of the touched nodes at the end of the exchange, and gives the hash of
    /// the behaviour, which is a sum, so that the order of keys does not matter.
    #[inline]
    fn finish(&mut self) -> u128 {
        let mut hash = 0_u128;
        let scratches = self.arena.scratch.as_mut_slice();
        for &node in &self.touched {
            let scratch = &scratches[node as usize];
            let (mut traits, salt) = (scratch.traits, scratch.salt);
            if scratch.words != 0 {
                self.worded.push((node, scratch.words));
            }
            // What can only be there with all that it stands in has no node above, and finds none.
            if let Some(above) = scratches.get(scratch.member_of as usize)
                && above.objects > scratch.times
                && above.epoch == self.epoch
            {
                traits |= TraitSet::PARTIAL;
                scratches[node as usize].traits = traits;
            }
            hash = hash.wrapping_add(u128::from(salt) * u128::from(traits.bits() ^ TRAITS_ODD));
        }
        hash
    }

    #[inline(never)]
    fn new_entry(&mut self, hash: u128) -> usize {
        let traits_of = |node: &NodeId| self.arena.scratch[*node as usize].traits;
        let facts = self.touched.iter().map(|node| (*node, traits_of(node))).collect();
        self.entries.push(Entry { facts, tally: Tally::EMPTY, words: Vec::new() });
        self.by_hash.insert(hash, self.entries.len() - 1);
        self.entries.len() - 1
    }

    fn named(&mut self, side: Side, part: Part, name: &str) -> NodeId {
        let root = self.arena.root(side, part);
        let hint = &mut self.hints[side as usize][part as usize];
        self.arena.member(root, name.as_bytes(), hint, &*self.denied)
    }

    #[inline(always)]
    fn touch(&mut self, node: NodeId, traits: TraitSet) -> &mut Scratch {
        let scratch = &mut self.arena.scratch[node as usize];
        if scratch.epoch == self.epoch {
            scratch.traits |= traits;
            // No exchange is large enough for as many values as this could count.
            scratch.times = scratch.times.wrapping_add(1);
        } else {
            scratch.epoch = self.epoch;
            scratch.traits = traits;
            scratch.times = 1;
            scratch.objects = 0;
            scratch.words = 0;
            self.touched.push(node);
        }
        scratch
    }

    fn string(&mut self, node: NodeId, value: &[u8]) {
        if self.arena.scratch[node as usize].is_withheld {
            self.touch(node, TraitSet::TEXT | TraitSet::WITHHELD);
            return;
        }
        let traits = string_traits(value);
        if !self.touch(node, traits).is_many {
            match traits {
                TraitSet::TEXT => self.word(node, value, Some(is_vocabulary_word)),
                TraitSet::EMPTY_STRING => {}
                _ => self.word(node, value, None),
            }
        }
    }

    /// Notes a value at a place that still looks like a vocabulary; `is_word` tells what may be one
    /// of its words, if anything may.
    #[inline]
    fn word(&mut self, node: NodeId, value: &[u8], is_word: Option<fn(&[u8]) -> bool>) {
        let words = &mut self.arena.nodes[node as usize].words;
        let mut word = words.known(value);
        if word == 0 {
            self.undo.push((node, words.clone()));
            match is_word {
                Some(is_word) => word = words.note(value, is_word),
                None => *words = Words::Many,
            }
        }
        self.arena.scratch[node as usize].words |= word;
        self.arena.note_words(node);
    }

    /// Folds the next value. Inlined into the three that hold values, for most of those are scalars
    /// and done with in a few instructions; objects and arrays are calls.
    #[inline(always)]
    fn value(
        &mut self,
        scanner: &mut Scanner<'_>,
        node: NodeId,
        depth: usize,
    ) -> Result<(), Malformed> {
        match scanner.peek()? {
            b'"' => self.quoted(scanner, node),
            b'{' => self.object(*scanner, node, depth).map(|behind| *scanner = behind),
            b'[' => self.array(*scanner, node, depth).map(|behind| *scanner = behind),
            b't' => self.plain(scanner.word(b"true"), node, TraitSet::TRUE),
            b'f' => self.plain(scanner.word(b"false"), node, TraitSet::FALSE),
            b'n' => self.plain(scanner.word(b"null"), node, TraitSet::NULL),
            b'-' | b'0'..=b'9' => {
                let traits = match scanner.number()? {
                    Number::Integer { is_negative, digits } => integer_traits(digits, is_negative),
                    Number::Fraction(text) => fraction_traits(text),
                };
                self.touch(node, traits);
                Ok(())
            }
            _ => Err(scanner.wrong("not a value")),
        }
    }

    #[inline(always)]
    fn quoted(&mut self, scanner: &mut Scanner<'_>, node: NodeId) -> Result<(), Malformed> {
        if self.arena.scratch[node as usize].has_words
            && let Some((word, bytes)) =
                self.arena.nodes[node as usize].words.expected(scanner.rest())
        {
            scanner.skip(bytes);
            self.touch(node, TraitSet::TEXT).words |= word;
            return Ok(());
        }
        let text = scanner.string()?;
        match text.raw() {
            Some(raw) => self.string(node, raw),
            None => self.escaped(node, text),
        }
        Ok(())
    }

    #[inline(never)]
    fn escaped(&mut self, node: NodeId, text: Text<'_>) {
        let mut decoded = std::mem::take(&mut self.room);
        text.decode_into(&mut decoded);
        self.string(node, &decoded);
        self.room = decoded;
    }

    #[inline]
    fn plain(
        &mut self,
        scanned: Result<(), Malformed>,
        node: NodeId,
        traits: TraitSet,
    ) -> Result<(), Malformed> {
        self.touch(node, traits);
        scanned
    }

    /// Folds an object; gives the cursor behind it.
    #[inline(never)]
    fn object<'a>(
        &mut self,
        from: Scanner<'a>,
        node: NodeId,
        depth: usize,
    ) -> Result<Scanner<'a>, Malformed> {
        // A copy, which unlike a parameter can stay in registers.
        let mut scanner = from;
        if depth >= DEPTH_MAX {
            self.touch(node, TraitSet::RECORD | TraitSet::TOO_DEEP);
            return scanner.behind_value(&mut self.room);
        }
        if self.arena.scratch[node as usize].is_closed {
            return self.closed_object(scanner, node);
        }
        scanner.advance();
        self.touch(node, TraitSet::NONE).objects += 1;
        if scanner.peek()? == b'}' {
            scanner.advance();
            self.arena.scratch[node as usize].traits |= TraitSet::EMPTY_OBJECT;
            return Ok(scanner);
        }
        let mut hint = 0;
        let mut kinds = TraitSet::NONE;
        loop {
            if scanner.peek()? != b'"' {
                return Err(scanner.wrong("a key is missing"));
            }
            let known = self.arena.expected_member(node, &mut scanner, &mut hint);
            let member = if let Some(member) = known {
                kinds |= TraitSet::RECORD;
                member
            } else if let Some(any) = self.arena.expected_data(node, &mut scanner) {
                kinds |= TraitSet::MAP;
                any
            } else {
                let key = scanner.string()?;
                let (member, next) = self.scanned_member(key, node, hint);
                let is_map = member == self.arena.scratch[node as usize].any;
                kinds |= if is_map { TraitSet::MAP } else { TraitSet::RECORD };
                hint = next;
                member
            };
            scanner.take(b':', "a colon is missing")?;
            self.value(&mut scanner, member, depth + 1)?;
            match scanner.peek()? {
                b',' => scanner.advance(),
                b'}' => {
                    scanner.advance();
                    self.arena.scratch[node as usize].traits |= kinds;
                    return Ok(scanner);
                }
                _ => return Err(scanner.wrong("a comma or a closing brace is missing")),
            }
        }
    }

    /// The member of a key that was not expected, and where the next one is.
    #[inline(never)]
    fn scanned_member(&mut self, key: Text<'_>, node: NodeId, mut hint: usize) -> (NodeId, usize) {
        let member = match key.raw() {
            Some(raw) => self.arena.member(node, raw, &mut hint, &*self.denied),
            None => {
                key.decode_into(&mut self.room);
                self.arena.member(node, &self.room, &mut hint, &*self.denied)
            }
        };
        (member, hint)
    }

    /// Folds an array; gives the cursor behind it.
    #[inline(never)]
    fn array<'a>(
        &mut self,
        from: Scanner<'a>,
        node: NodeId,
        depth: usize,
    ) -> Result<Scanner<'a>, Malformed> {
        let mut scanner = from;
        if depth >= DEPTH_MAX {
            self.touch(node, TraitSet::ARRAY | TraitSet::TOO_DEEP);
            return scanner.behind_value(&mut self.room);
        }
        if self.arena.scratch[node as usize].is_closed {
            return self.closed_array(scanner, node);
        }
        scanner.advance();
        if scanner.peek()? == b']' {
            scanner.advance();
            self.touch(node, TraitSet::EMPTY_ARRAY);
            return Ok(scanner);
        }
        let item = self.arena.item(node);
        let mut elements = 0_u64;
        loop {
            self.value(&mut scanner, item, depth + 1)?;
            elements += 1;
            match scanner.peek()? {
                b',' => scanner.advance(),
                b']' => {
                    scanner.advance();
                    break;
                }
                _ => return Err(scanner.wrong("a comma or a closing bracket is missing")),
            }
        }
        let count = if elements == 1 { TraitSet::ONE_ELEMENT } else { TraitSet::MANY_ELEMENTS };
        self.touch(node, count);
        Ok(scanner)
    }

    /// Notes what an object is at a place below which nothing is told any more: the place's own
    /// traits must not depend on when it was closed.
    #[cold]
    fn closed_object<'a>(
        &mut self,
        mut scanner: Scanner<'a>,
        node: NodeId,
    ) -> Result<Scanner<'a>, Malformed> {
        scanner.advance();
        let mut traits = TraitSet::NONE;
        if scanner.peek()? == b'}' {
            traits = TraitSet::EMPTY_OBJECT;
        } else {
            loop {
                if scanner.peek()? != b'"' {
                    return Err(scanner.wrong("a key is missing"));
                }
                let key = scanner.string()?;
                let is_data = match key.raw() {
                    Some(raw) => is_data_key(raw),
                    None => {
                        key.decode_into(&mut self.room);
                        is_data_key(&self.room)
                    }
                };
                traits |= if is_data { TraitSet::MAP } else { TraitSet::RECORD };
                scanner.take(b':', "a colon is missing")?;
                scanner.pass_value(&mut self.room)?;
                match scanner.peek()? {
                    b',' => scanner.advance(),
                    b'}' => break,
                    _ => return Err(scanner.wrong("a comma or a closing brace is missing")),
                }
            }
        }
        scanner.advance();
        self.touch(node, traits).objects += 1;
        Ok(scanner)
    }

    /// The same for an array.
    #[cold]
    fn closed_array<'a>(
        &mut self,
        mut scanner: Scanner<'a>,
        node: NodeId,
    ) -> Result<Scanner<'a>, Malformed> {
        scanner.advance();
        let mut traits = TraitSet::EMPTY_ARRAY;
        while scanner.peek()? != b']' {
            scanner.pass_value(&mut self.room)?;
            let is_first = traits == TraitSet::EMPTY_ARRAY;
            traits = if is_first { TraitSet::ONE_ELEMENT } else { TraitSet::MANY_ELEMENTS };
            match scanner.peek()? {
                b']' => {}
                b',' => {
                    scanner.advance();
                    if scanner.peek()? == b']' {
                        return Err(scanner.wrong("not a value"));
                    }
                }
                _ => return Err(scanner.wrong("a comma or a closing bracket is missing")),
            }
        }
        scanner.advance();
        self.touch(node, traits);
        Ok(scanner)
    }

    /// Moves what was counted into the outcome and learns from it where not to look any more.
    fn flush(&mut self) {
        if self.entries.is_empty() {
            return;
        }
        let mut part = self.as_outcome();
        part.latencies = std::mem::take(&mut self.latencies);
        let is_first = self.folded.total.count == 0;
        self.folded = if is_first { part } else { self.folded.merge(&part) };
        self.entries.clear();
        self.by_hash.clear();
        if self.arena.nodes.len() > NODES_MAX {
            self.arena = Arena::default();
            self.touched.clear();
            self.epoch = 0;
        }
        self.close_full_places();
    }

    fn close_full_places(&mut self) {
        for place in self.folded.full.iter().filter(|place| place.part == Part::Body) {
            let root = self.arena.root(place.side, Part::Body);
            let node = self.arena.below(root, &place.steps, &*self.denied);
            self.arena.scratch[node as usize].is_closed = true;
        }
    }

    /// The entries as an outcome of their own.
    fn as_outcome(&self) -> Outcome {
        let used = self.used();
        let mut index_of = vec![0_u32; self.arena.nodes.len()];
        let mut outcome = Outcome::default();
        for (index, node) in (0_u32..).zip(&used) {
            let known = &self.arena.nodes[*node as usize];
            index_of[*node as usize] = index;
            if let Words::Many = known.words {
                outcome.many.insert(index);
            }
            outcome.places.push(known.place.clone());
        }
        for entry in &self.entries {
            let mut facts: Facts = entry
                .facts
                .iter()
                .map(|(node, traits)| (index_of[*node as usize], *traits))
                .collect();
            facts.sort_unstable();
            outcome.total.merge(entry.tally);
            let literals = entry.words.iter().filter_map(|(node, counts)| {
                let counts = self.literals_of(*node, counts)?;
                Some((index_of[*node as usize], counts))
            });
            let seen = Seen { tally: entry.tally, literals: literals.collect() };
            outcome.behaviours.insert(facts, seen);
        }
        outcome.settle_limits();
        outcome
    }

    /// The nodes that some entry names, in the order of their places.
    fn used(&self) -> Vec<NodeId> {
        let mut is_used = vec![false; self.arena.nodes.len()];
        for (node, _) in self.entries.iter().flat_map(|entry| &entry.facts) {
            is_used[*node as usize] = true;
        }
        let mut used = self.arena.in_order();
        used.retain(|node| is_used[*node as usize]);
        used
    }

    fn literals_of(
        &self,
        node: NodeId,
        counts: &[u64; LITERALS_MAX],
    ) -> Option<BTreeMap<Literal, u64>> {
        let Words::Few(words) = &self.arena.nodes[node as usize].words else { return None };
        let counted = words.iter().zip(counts).filter(|(_, count)| **count > 0);
        let hashed = counted.map(|(word, count)| (self.key.hash(&word.text()), *count));
        Some(hashed.collect())
    }

    /// What the last committed exchange carried: place, traits and words. For examples, of which a
    /// claim is made.
    pub(crate) fn into_last_facts(mut self) -> Vec<(Place, TraitSet, Option<Vec<String>>)> {
        let of = |node: &NodeId| {
            let known = &mut self.arena.nodes[*node as usize];
            let words = match &known.words {
                Words::Few(words) if !words.is_empty() => {
                    Some(words.iter().map(|word| word.text().into_owned()).collect())
                }
                _ => None,
            };
            let Place { side, part, steps } = &mut known.place;
            let place = Place { side: *side, part: *part, steps: mem::take(steps) };
            (place, self.arena.scratch[*node as usize].traits, words)
        };
        self.touched.iter().map(of).collect()
    }
}

impl fmt::Debug for Fold {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let behaviours = self.entries.len();
        out.debug_struct("Fold").field("behaviours", &behaviours).finish_non_exhaustive()
    }
}

impl Entry {
    fn count_words(&mut self, node: NodeId, words: u16, hint: &mut usize) {
        let at = match self.words.get(*hint) {
            Some((known, _)) if *known == node => *hint,
            _ => match self.words.iter().position(|(known, _)| *known == node) {
                Some(at) => at,
                None => {
                    self.words.push((node, [0; LITERALS_MAX]));
                    self.words.len() - 1
                }
            },
        };
        *hint = at + 1;
        let mut rest = words;
        while rest != 0 {
            self.words[at].1[rest.trailing_zeros() as usize] += 1;
            rest &= rest - 1;
        }
    }
}
