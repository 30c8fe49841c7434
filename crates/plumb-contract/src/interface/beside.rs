//! What two schemas change beside the set of documents they admit: defaults, the form of XML, what
//! encoded text stands for, and which fields come and go that nobody has to send or read.
//!
//! Refuses to know what schemas admit.

use crate::change::{self, Direction};
use crate::interface::findings::{Question, Writing};
use crate::interface::model::{Interface, Schema};
use crate::interface::rule::{self, Rule};
use crate::interface::same::{Sameness, same_value};
use crate::interface::step::step;
use crate::openapi::document::Spot;
use crate::openapi::schema::Side;
use plumb_tree::Node;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// Pairs of schemas visited for one question, and facts told of it: some thousand are much.
const VISITS_MAX: usize = 20_000;

/// Pairs visited for all questions together: some seconds.
const ALL_VISITS_MAX: usize = 2_000_000;

/// Parts of an `allOf` within parts.
const PARTS_DEEP_MAX: usize = 8;

/// Keywords that say what encoded text stands for.
const ENCODED: [&str; 2] = ["contentEncoding", "contentMediaType"];

/// One fact beside the documents.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) rule: &'static Rule,
    /// The way down from the schema's own place.
    pub(crate) path: String,
    pub(crate) old: change::Spot,
    pub(crate) new: change::Spot,
    pub(crate) what: String,
    /// Whether it says nothing that a change of the documents at its place does not say.
    pub(crate) is_quiet: bool,
}

/// Both versions, and the facts of the pairs that were looked at.
pub(crate) struct Beside<'i, 't> {
    old: &'i Interface<'t>,
    new: &'i Interface<'t>,
    known: HashMap<Key, Rc<Vec<Fact>>>,
    visits_left: usize,
}

/// What the facts of a question depend on.
type Key = (*const Node, *const Node, Side, Direction, Writing);

/// One walk down two schemas at once.
struct Walk<'w, 'i, 't> {
    beside: &'w Beside<'i, 't>,
    sameness: &'w Sameness<'i, 't>,
    question: &'w Question<'t>,
    left: Vec<(String, Spot<'t>, Spot<'t>)>,
    facts: Vec<Fact>,
}

impl<'i, 't> Beside<'i, 't> {
    /// Nothing looked at yet.
    pub(crate) fn new(old: &'i Interface<'t>, new: &'i Interface<'t>) -> Self {
        Self { old, new, known: HashMap::new(), visits_left: ALL_VISITS_MAX }
    }

    /// The facts beside one question.
    pub(crate) fn facts(
        &mut self,
        sameness: &Sameness<'i, 't>,
        question: &Question<'t>,
    ) -> Rc<Vec<Fact>> {
        let (Some(Schema::At(old)), Some(Schema::At(new))) = (&question.old, &question.new) else {
            return Rc::default();
        };
        let (Ok(old), Ok(new)) = (self.old.links.resolve(*old), self.new.links.resolve(*new))
        else {
            return Rc::default();
        };
        let key = (
            std::ptr::from_ref(old.node),
            std::ptr::from_ref(new.node),
            question.side,
            question.direction,
            question.writing,
        );
        if let Some(known) = self.known.get(&key) {
            return Rc::clone(known);
        }
        let left = vec![(String::new(), old, new)];
        let mut walk = Walk { beside: self, sameness, question, left, facts: Vec::new() };
        let visits = walk.run();
        let facts = Rc::new(walk.facts);
        self.visits_left = self.visits_left.saturating_sub(visits);
        self.known.insert(key, Rc::clone(&facts));
        facts
    }
}

impl<'t> Walk<'_, '_, 't> {
    /// Walks to the end, or to the bound; how many pairs were visited.
    fn run(&mut self) -> usize {
        let mut seen: BTreeSet<(*const Node, *const Node)> = BTreeSet::new();
        while let Some((path, old, new)) = self.left.pop() {
            if seen.len() >= VISITS_MAX.min(self.beside.visits_left) {
                break;
            }
            let (from, to) = (self.beside.old, self.beside.new);
            let (Ok(old), Ok(new)) = (from.links.resolve(old), to.links.resolve(new)) else {
                continue;
            };
            if seen.insert((old.node, new.node)) && !self.sameness.are_same(old, new) {
                self.visit(&path, old, new);
            }
        }
        seen.len()
    }

    fn visit(&mut self, path: &str, old: Spot<'t>, new: Spot<'t>) {
        self.words(path, old, new);
        let names = (properties(self.beside.old, old), properties(self.beside.new, new));
        self.fields(path, (old, new), &names);
        for (key, step) in [("items", "[]"), ("additionalProperties", ".*")] {
            if let (Some(old), Some(new)) = (old.get(key), new.get(key)) {
                self.left.push((format!("{path}{step}"), old, new));
            }
        }
        for key in ["oneOf", "anyOf", "prefixItems"] {
            let (Some(old), Some(new)) = (old.get(key), new.get(key)) else { continue };
            if old.node.items().len() == new.node.items().len() {
                let step = if key == "prefixItems" { "[]" } else { "" };
                for (old, new) in old.items().zip(new.items()) {
                    self.left.push((format!("{path}{step}"), old, new));
                }
            }
        }
    }

    /// Keywords that say something of the value beside what it may be.
    fn words(&mut self, path: &str, old: Spot<'t>, new: Spot<'t>) {
        let is_request = self.question.side == Side::Request;
        let is_body = self.question.place.contains('$');
        if is_request
            && (is_body || !path.is_empty())
            && let Some(before) = old.get("default")
        {
            let after = new.get("default");
            if !after.is_some_and(|after| same_value(before.node, after.node)) {
                let shown = |spot: Option<Spot<'_>>| {
                    spot.map_or_else(|| "none".to_owned(), |it| it.node.to_json_text())
                };
                let what =
                    format!("the default was {} and is {}", shown(Some(before)), shown(after));
                self.tell(&rule::REQUEST_DEFAULT, path, (old, new), what);
            }
        }
        if self.question.writing == Writing::Xml && differ(old, new, "xml") {
            let rule = if is_request { &rule::REQUEST_XML } else { &rule::RESPONSE_XML };
            self.tell(rule, path, (old, new), "`xml` is another".to_owned());
        }
        if ENCODED.iter().any(|key| differ(old, new, key)) {
            let rule = if is_request { &rule::REQUEST_ENCODED } else { &rule::RESPONSE_ENCODED };
            self.tell(rule, path, (old, new), "the text is encoded otherwise".to_owned());
        }
        if !path.is_empty() && new.is_set("deprecated") && !old.is_set("deprecated") {
            self.tell(&rule::FIELD_DEPRECATED, path, (old, new), "it is deprecated".to_owned());
        }
    }

    fn fields(
        &mut self,
        path: &str,
        (old, new): (Spot<'t>, Spot<'t>),
        (before, after): &(BTreeMap<&'t str, Spot<'t>>, BTreeMap<&'t str, Spot<'t>>),
    ) {
        for (name, property) in before {
            let path = format!("{path}{}", step(name));
            match after.get(name) {
                Some(other) => self.left.push((path, *property, *other)),
                None => self.lone(&path, (*property, new), Direction::OldWrites),
            }
        }
        for (name, property) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
            let path = format!("{path}{}", step(name));
            self.lone(&path, (old, *property), Direction::NewWrites);
        }
    }

    /// A field that only one version names: the one that writes when `whose` is the direction.
    fn lone(&mut self, path: &str, (old, new): (Spot<'t>, Spot<'t>), whose: Direction) {
        let is_writer = self.question.direction == whose;
        let property = if whose == Direction::OldWrites { old } else { new };
        let (rule, what) = match (self.question.side, is_writer) {
            (Side::Request, true) => (&rule::REQUEST_FIELD_IGNORED, "it is not read"),
            (Side::Request, false) => (&rule::REQUEST_FIELD_KNOWN, "it is read now"),
            (Side::Response, true) => (&rule::RESPONSE_FIELD_ADDED, "it is written now"),
            (Side::Response, false) => (&rule::RESPONSE_FIELD_UNSENT, "it is not written"),
        };
        let flag = if self.question.side == Side::Request { "readOnly" } else { "writeOnly" };
        if !property.is_set(flag) {
            self.tell(rule, path, (old, new), what.to_owned());
        }
    }

    fn tell(
        &mut self,
        rule: &'static Rule,
        path: &str,
        (old, new): (Spot<'t>, Spot<'t>),
        what: String,
    ) {
        let is_quiet = rule.grade == change::Grade::Safe;
        let (old, new) = (old.place(), new.place());
        self.facts.push(Fact { rule, path: path.to_owned(), old, new, what, is_quiet });
    }
}

/// The properties of a schema and of its `allOf`.
fn properties<'t>(interface: &Interface<'t>, spot: Spot<'t>) -> BTreeMap<&'t str, Spot<'t>> {
    let mut found = BTreeMap::new();
    let mut left = vec![(spot, 0)];
    while let Some((spot, depth)) = left.pop() {
        found.extend(spot.get("properties").into_iter().flat_map(Spot::entries));
        if depth < PARTS_DEEP_MAX {
            let parts = spot.get("allOf").into_iter().flat_map(Spot::items);
            let targets = parts.filter_map(|part| interface.links.resolve(part).ok());
            left.extend(targets.map(|part| (part, depth + 1)));
        }
    }
    found
}

fn differ(old: Spot<'_>, new: Spot<'_>, key: &str) -> bool {
    match (old.get(key), new.get(key)) {
        (Some(old), Some(new)) => !same_value(old.node, new.node),
        (None, None) => false,
        _ => true,
    }
}
