//! One pattern as an automaton over bytes, built as far as it is walked.

use crate::node::Text;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::util::start;
use regex_automata::util::syntax;
use regex_automata::{Anchored, MatchKind};
use std::cell::RefCell;

/// Memory of one automaton: patterns in real schemas need a hundredth of it.
const CACHE_BYTES_MAX: usize = 64 << 20;

/// Bytes of the program that a pattern becomes: a class of letters a thousand times over fits.
const PROGRAM_BYTES_MAX: usize = 16 << 20;

/// A pattern that matches somewhere in a text, as an automaton that reads the whole text.
#[derive(Debug)]
pub(super) struct Automaton {
    dfa: DFA,
    // States are added while they are walked; one that is known keeps its identity, since the cache
    // refuses to be cleared.
    cache: RefCell<Cache>,
}

/// A state of an automaton.
pub(super) type State = LazyStateID;

impl Automaton {
    /// The automaton of a pattern in the syntax of ECMA 262.
    pub(super) fn new(pattern: &str) -> Result<Self, Text> {
        let why = || Text::from(format!("pattern `{pattern}` is no regular language"));
        let rust = jsonschema_regex::to_rust_regex(pattern).map_err(|()| why())?;
        // The dots stand for any text around the match; anchors inside refuse what they must.
        Self::build(&format!(r"\A(?s:.)*(?:{rust})(?s:.)*\z")).ok_or_else(why)
    }

    /// The automaton of just these texts.
    pub(super) fn of<'t>(texts: impl Iterator<Item = &'t str>) -> Result<Self, Text> {
        let escaped = |text: &str| -> String {
            text.chars().map(|letter| format!(r"\x{{{:x}}}", u32::from(letter))).collect()
        };
        // A class that nothing is in stands for no text at all.
        let texts: Vec<String> = texts.map(escaped).chain([r"[^\s\S]".to_owned()]).collect();
        let whole = format!(r"\A(?:{})\z", texts.join("|"));
        Self::build(&whole).ok_or_else(|| "more values than an automaton holds".into())
    }

    fn build(whole: &str) -> Option<Self> {
        let config = DFA::config()
            .match_kind(MatchKind::All)
            .cache_capacity(CACHE_BYTES_MAX)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(0));
        let dfa = DFA::builder()
            .configure(config)
            .syntax(syntax::Config::new().unicode(true).utf8(true))
            .thompson(
                regex_automata::nfa::thompson::Config::new()
                    .nfa_size_limit(Some(PROGRAM_BYTES_MAX)),
            )
            .build(whole)
            .ok()?;
        let cache = RefCell::new(dfa.create_cache());
        Some(Self { dfa, cache })
    }

    /// Where reading begins; `None` when there is no room for more states.
    pub(super) fn start(&self) -> Option<State> {
        let config = start::Config::new().anchored(Anchored::Yes);
        self.dfa.start_state(&mut self.cache.borrow_mut(), &config).ok()
    }

    /// Where one more byte leads; `None` when there is no room for more states.
    pub(super) fn next(&self, from: State, byte: u8) -> Option<State> {
        self.dfa.next_state(&mut self.cache.borrow_mut(), from, byte).ok()
    }

    /// Whether a text that ends here is accepted; `None` when there is no room for more states.
    pub(super) fn ends(&self, state: State) -> Option<bool> {
        let end = self.dfa.next_eoi_state(&mut self.cache.borrow_mut(), state).ok()?;
        Some(end.is_match())
    }

    /// Bytes of one class lead to the same state from everywhere.
    pub(super) fn class(&self, byte: u8) -> u8 {
        self.dfa.byte_classes().get(byte)
    }

    /// Whether the pattern matches somewhere in a text.
    pub(super) fn accepts(&self, text: &str) -> bool {
        let end = text.bytes().try_fold(self.start(), |state, byte| {
            Some(self.next(state?, byte)).filter(Option::is_some)
        });
        end.flatten().and_then(|state| self.ends(state)).unwrap_or(false)
    }
}
