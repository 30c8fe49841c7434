//! Texts that patterns, lengths and formats admit: whether there is one, and one of them.
//!
//! Patterns become automata (lazily built, so that no pattern costs more than the texts that are
//! looked at), and the automata of everything that must and must not match are walked together with
//! the length, shortest texts first. Formats are no regular languages here: a validator is asked.
//! Refuses to know what the texts are for.

mod automaton;
mod walk;

use crate::constant::Constant;
use crate::format;
use crate::node::Text;
use automaton::Automaton;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use walk::Walked;

/// Texts tried at most against what automata cannot tell.
const TRIED_MAX: usize = 256;

/// Code points of a text that is written only to be long.
const LONG_MAX: u64 = 100_000;

/// Automata and validators that were built before.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    automata: HashMap<Text, Result<Rc<Automaton>, Text>>,
    validators: HashMap<Text, Option<Rc<jsonschema::Validator>>>,
}

/// What a text must and must not be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Patterns that match somewhere in it.
    pub(crate) patterns: BTreeSet<Text>,
    /// Patterns that match nowhere in it.
    pub(crate) not_patterns: BTreeSet<Text>,
    /// Formats that it has.
    pub(crate) formats: BTreeSet<Text>,
    /// Formats that it has not.
    pub(crate) not_formats: BTreeSet<Text>,
    /// Fewest code points.
    pub(crate) least: u64,
    /// Most code points.
    pub(crate) most: Option<u64>,
    /// Texts that it is not.
    pub(crate) not: BTreeSet<Constant>,
}

impl Wanted {
    /// Takes an upper bound of the length, where it is the tighter one.
    pub(crate) fn shorten(&mut self, most: u64) {
        self.most = Some(self.most.map_or(most, |held| held.min(most)));
    }
}

/// What came of a search.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Found<T> {
    /// There is one.
    One(T),
    /// There is none.
    None,
    /// It cannot be told.
    Unknown(Text),
}

impl Texts {
    /// Whether a pattern matches somewhere in a text; `None` for a pattern that cannot be read.
    pub(crate) fn matches(&mut self, pattern: &str, text: &str) -> Option<bool> {
        Some(self.automaton(pattern).ok()?.accepts(text))
    }

    /// Whether a text has a format; `None` for a format that is not known.
    pub(crate) fn has_format(&mut self, format: &str, text: &str) -> Option<bool> {
        let build = || format::validator(format).map(Rc::new);
        let validator = self.validators.entry(format.into()).or_insert_with(build);
        validator.as_ref().map(|it| it.is_valid(&Value::String(text.to_owned())))
    }

    /// A text that is all that is wanted: the shortest that comes to mind.
    pub(crate) fn find(&mut self, wanted: &Wanted) -> Found<String> {
        if wanted.most.is_some_and(|most| most < wanted.least)
            || wanted.patterns.iter().any(|pattern| wanted.not_patterns.contains(pattern))
            || wanted.formats.iter().any(|has| excludes(&wanted.not_formats, has))
        {
            return Found::None;
        }
        let is_free = wanted.patterns.is_empty()
            && wanted.not_patterns.is_empty()
            && wanted.formats.is_empty();
        if let Some(found) = is_free.then(|| self.plain(wanted)).flatten() {
            return Found::One(found);
        }
        let samples = wanted.formats.iter().filter_map(|name| format::format(name));
        for sample in samples.flat_map(|format| format.samples) {
            if self.is(wanted, sample) == Some(true) {
                return Found::One((*sample).to_owned());
            }
        }
        self.walk(wanted)
    }

    /// A text without patterns: `a`, `b`, … of the fewest code points that will do.
    fn plain(&mut self, wanted: &Wanted) -> Option<String> {
        let length = |least| usize::try_from(least).ok().filter(|_| least <= LONG_MAX);
        let lengths = wanted.least..=wanted.most.unwrap_or(u64::MAX).min(wanted.least + 4);
        for least in lengths {
            let filler = "a".repeat(length(least)?.saturating_sub(1));
            let last = if least == 0 { vec![String::new()] } else { letters() };
            for last in last {
                let text = format!("{filler}{last}");
                if self.is(wanted, &text) == Some(true) {
                    return Some(text);
                }
            }
        }
        None
    }

    /// Whether a text is all that is wanted; `None` when it cannot be told.
    fn is(&mut self, wanted: &Wanted, text: &str) -> Option<bool> {
        let length = text.chars().count() as u64;
        if length < wanted.least || wanted.most.is_some_and(|most| length > most) {
            return Some(false);
        }
        if wanted.not.contains(&Constant::new(&Value::String(text.to_owned()))) {
            return Some(false);
        }
        for (patterns, expected) in [(&wanted.patterns, true), (&wanted.not_patterns, false)] {
            for pattern in patterns {
                if self.matches(pattern, text)? != expected {
                    return Some(false);
                }
            }
        }
        for (formats, expected) in [(&wanted.formats, true), (&wanted.not_formats, false)] {
            for format in formats {
                if self.has_format(format, text)? != expected {
                    return Some(false);
                }
            }
        }
        Some(true)
    }

    /// Walks the automata of everything that is wanted and tries the texts that they admit.
    fn walk(&mut self, wanted: &Wanted) -> Found<String> {
        let mut sides = Vec::new();
        let within = wanted.formats.iter().filter_map(|name| format::format(name));
        let within = within.map(|format| Text::from(format.within));
        let must = wanted.patterns.iter().cloned().chain(within).map(|pattern| (pattern, true));
        let must_not = wanted.not_patterns.iter().cloned().map(|pattern| (pattern, false));
        for (pattern, expected) in must.chain(must_not) {
            match self.automaton(&pattern) {
                Ok(automaton) => sides.push((automaton, expected)),
                Err(why) => return Found::Unknown(why),
            }
        }
        let not = wanted.not.iter().filter_map(|constant| constant.value().as_str());
        match Automaton::of(not) {
            Ok(automaton) => sides.push((Rc::new(automaton), false)),
            Err(why) => return Found::Unknown(why),
        }
        let mut tried = 0;
        let mut unknown = None;
        let walked =
            walk::shortest(&sides, wanted.least..=wanted.most.unwrap_or(u64::MAX), |text| {
                tried += 1;
                match self.is(wanted, text) {
                    Some(true) => return walk::Next::Take,
                    Some(false) => {}
                    None => unknown = Some("a format that no validator knows"),
                }
                if tried < TRIED_MAX { walk::Next::Go } else { walk::Next::Stop }
            });
        match walked {
            Walked::Taken(text) => Found::One(text),
            // Every state was met, but of the texts that lead to one only the shortest was tried.
            Walked::Done if tried == 0 => Found::None,
            Walked::Done | Walked::Stopped => {
                let why =
                    unknown.unwrap_or("no text could be found, and that there is none neither");
                Found::Unknown(why.into())
            }
            Walked::TooMuch => Found::Unknown("patterns that are too large together".into()),
        }
    }

    fn automaton(&mut self, pattern: &str) -> Result<Rc<Automaton>, Text> {
        if let Some(built) = self.automata.get(pattern) {
            return built.clone();
        }
        let built = Automaton::new(pattern).map(Rc::new);
        self.automata.insert(pattern.into(), built.clone());
        built
    }
}

/// True when no text has one format and lacks one of the others: the same, or one that includes it.
fn excludes(not: &BTreeSet<Text>, has: &str) -> bool {
    let includes = |name: &Text| {
        let format = format::format(name);
        &**name == has || format.is_some_and(|format| format.includes.contains(&has))
    };
    not.iter().any(includes)
}

/// Single characters, letters first, more than any schema excludes by hand.
fn letters() -> Vec<String> {
    let plain = ('a'..='z').chain('A'..='Z').chain('0'..='9');
    plain.chain('\u{a1}'..='\u{24f}').map(String::from).collect()
}
