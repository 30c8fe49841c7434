//! Edits of a contract: an example of what a consumer expects, and the rules beside it.
//!
//! A rule is widened only where that is mechanical: a matcher of types is added, a bound is taken
//! back, null is let in where the version can say so. Whatever else refuses what is seen is named.
//! Refuses to know where interactions stand and how examples are edited.

use crate::json_path::{PathStep, parse_json_path};
use crate::mend::edits::json_node;
use plumb_shape::change::Beyond;
use plumb_shape::difference::DifferenceKind;
use plumb_shape::place::{Part, Place, Step};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::edit::Edit;
use plumb_tree::layout::Layout;
use plumb_tree::{Key, Node, Value, quoted};

/// One side of an interaction with the rules about it.
#[derive(Clone, Copy)]
pub(crate) struct Ruled<'a> {
    pub(crate) layout: Layout<'a>,
    /// The request or response that has `matchingRules`.
    pub(crate) side: &'a Node,
    pub(crate) version: Version,
}

/// How rules are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// Version 1 and 2: one object keyed by `$.body..`.
    Flat,
    /// Version 3 and 4: a section for each part, and lists of matchers.
    Sections,
}

/// One rule, or one generator, and where it stands.
struct Ruling<'a> {
    key: &'a Key,
    node: &'a Node,
    path: Vec<PathStep>,
    /// Its position in the object that holds it.
    at: usize,
}

const AT_TIMES: &str = "a contract cannot say that a member is there at times: let the consumer do \
                        without it, or test both by states of the provider";
const NO_NULL: &str = "rules of version 2 cannot take null beside a type: let a test of the \
                       consumer ask for it";
const TWO_KINDS: &str = "a contract has no rule for two kinds of value: change what the consumer \
                         expects";

/// The version by which the rules of a file are written.
pub(crate) fn version_of(pact: &Node) -> Version {
    let versions = [["metadata", "pactSpecification"], ["metadata", "pact-specification"]];
    let said = versions.iter().find_map(|keys| pact.path(keys)?.get("version")?.as_str());
    match said.and_then(|said| said.chars().next()) {
        Some('1' | '2') => Version::Flat,
        _ => Version::Sections,
    }
}

impl<'a> Ruled<'a> {
    /// The edits by which the rules take what is seen at a place, its example staying as it is.
    ///
    /// # Errors
    /// The rule that still refuses it, and why it is not changed.
    pub(crate) fn widened(self, place: &Place, beyond: &Beyond) -> Result<Vec<Edit>, String> {
        use DifferenceKind as Kind;
        match beyond.kind {
            Kind::SometimesAbsent => return Err(AT_TIMES.to_owned()),
            Kind::KindNew => return Err(TWO_KINDS.to_owned()),
            Kind::NullNew if self.version == Version::Flat => return Err(NO_NULL.to_owned()),
            _ => {}
        }
        let is_null = beyond.kind == Kind::NullNew;
        let rulings = self.rulings("matchingRules", place.part);
        let exact: Vec<&Ruling<'_>> =
            rulings.iter().filter(|it| is_at(&it.path, &place.steps)).collect();
        if exact.is_empty() {
            // Whatever has the example's type is taken there already, so this is of another one.
            let is_length = beyond.traits.intersects(TraitSet::ARRAY);
            if !is_null && !is_length && is_typed_above(&rulings, &place.steps) {
                return Err(TWO_KINDS.to_owned());
            }
            return self.added(place, is_null).map(|edit| vec![edit]);
        }
        let mut edits = Vec::new();
        for ruling in exact {
            edits.extend(if is_null {
                self.with_null(ruling)?
            } else {
                self.with_more(ruling, beyond.traits)?
            });
        }
        Ok(edits)
    }

    /// The edits by which a new example is matched by its type, and by nothing that spoke of the
    /// one before.
    ///
    /// # Errors
    /// A rule that cannot be written.
    pub(crate) fn by_type(self, place: &Place) -> Result<Vec<Edit>, String> {
        let rulings = self.rulings("matchingRules", place.part);
        let exact = rulings.iter().find(|it| is_at(&it.path, &place.steps));
        let mut edits = self.dropped(place, exact.map(|it| it.at));
        match exact {
            Some(ruling) => edits.push(self.retyped(ruling.node)?),
            None if is_typed_above(&rulings, &place.steps) => {}
            None => edits.push(self.added(place, false)?),
        }
        Ok(edits)
    }

    /// Lets a rule match by type; where it is one matcher and just a name, by its name.
    fn retyped(self, rule: &Node) -> Result<Edit, String> {
        let listed = rule.get("matchers").map(Node::items);
        let named = match listed.unwrap_or(std::slice::from_ref(rule)) {
            [one] if one.entries().len() == 1 => one.get("match"),
            _ => None,
        };
        Ok(match named {
            Some(name) => self.layout.replace(name, &json_node("\"type\"")?),
            None => self.layout.replace(rule, &self.rule(false)?),
        })
    }

    /// The edits by which nothing speaks of a place that is gone.
    pub(crate) fn without(self, place: &Place) -> Vec<Edit> {
        self.dropped(place, None)
    }

    /// Takes out the rules and generators at a place and below it, but for the one at `kept`.
    fn dropped(self, place: &Place, kept: Option<usize>) -> Vec<Edit> {
        let mut edits = Vec::new();
        for (name, kept) in [("matchingRules", kept), ("generators", None)] {
            let rulings = self.rulings(name, place.part).into_iter();
            let gone = rulings.filter(|it| is_within(&it.path, &place.steps));
            let gone: Vec<usize> = gone.map(|it| it.at).filter(|at| Some(*at) != kept).collect();
            if let Some(holder) = self.holder(name, place.part) {
                edits.extend(self.layout.remove_members(holder, &gone));
            }
        }
        edits
    }

    /// The object whose members are the rules about a part.
    fn holder(self, name: &str, part: Part) -> Option<&'a Node> {
        let all = self.side.get(name)?;
        match self.version {
            Version::Flat => Some(all),
            Version::Sections => sections(part).iter().find_map(|section| all.get(section)),
        }
    }

    fn rulings(self, name: &str, part: Part) -> Vec<Ruling<'a>> {
        let entries = self.holder(name, part).map(Node::entries).unwrap_or_default();
        let ruling = |(at, (key, node)): (usize, &'a (Key, Node))| {
            let path = match (self.version, part) {
                (Version::Sections, Part::Header) => vec![PathStep::Key(key.text.to_lowercase())],
                (Version::Sections, _) => parse_json_path(&key.text)?,
                (Version::Flat, _) => flat_path(&key.text, part)?,
            };
            Some(Ruling { key, node, path, at })
        };
        entries.iter().enumerate().filter_map(ruling).collect()
    }

    /// A new rule for just this place.
    fn added(self, place: &Place, is_null: bool) -> Result<Edit, String> {
        let rule = self.rule(is_null)?;
        let section = *sections(place.part).first().unwrap_or(&"body");
        let path = match (self.version, place.part) {
            (Version::Flat, Part::Header) => path_text("$.headers", &place.steps),
            (Version::Flat, _) => path_text("$.body", &place.steps),
            (_, Part::Header) => place.name().unwrap_or_default().to_owned(),
            _ => path_text("$", &place.steps),
        };
        let member = |key: &str, node: &Node| {
            json_node(&format!("{{{}: {}}}", quoted(key), node.to_json_text()))
        };
        if let Some(holder) = self.holder("matchingRules", place.part) {
            return Ok(self.layout.insert_member(holder, &path, &rule));
        }
        let rules = member(&path, &rule)?;
        if let Some(all) = self.side.get("matchingRules") {
            return Ok(self.layout.insert_member(all, section, &rules));
        }
        let rules = match self.version {
            Version::Flat => rules,
            Version::Sections => member(section, &rules)?,
        };
        Ok(self.layout.insert_member(self.side, "matchingRules", &rules))
    }

    fn rule(self, is_null: bool) -> Result<Node, String> {
        json_node(match (self.version, is_null) {
            (Version::Flat, _) => r#"{"match":"type"}"#,
            (_, false) => r#"{"combine":"AND","matchers":[{"match":"type"}]}"#,
            (_, true) => r#"{"combine":"OR","matchers":[{"match":"type"},{"match":"null"}]}"#,
        })
    }

    fn with_null(self, ruling: &Ruling<'_>) -> Result<Vec<Edit>, String> {
        let Some(list) = ruling.node.get("matchers").filter(|list| !list.items().is_empty()) else {
            return Err(refusing(ruling, "has no list of matchers"));
        };
        let combine = ruling.node.get("combine");
        let is_or = combine.and_then(Node::as_str).is_some_and(|it| it.eq_ignore_ascii_case("or"));
        if list.items().len() > 1 && !is_or {
            return Err(refusing(ruling, "has matchers that must all hold"));
        }
        let mut edits: Vec<Edit> =
            self.layout.append_element(list, "{\"match\": \"null\"}").into_iter().collect();
        let or = json_node("\"OR\"")?;
        match combine {
            _ if is_or => {}
            Some(combine) => edits.push(self.layout.replace(combine, &or)),
            None => edits.push(self.layout.insert_member(ruling.node, "combine", &or)),
        }
        Ok(edits)
    }

    /// Lets the matchers of a rule take more of the same kind.
    fn with_more(self, ruling: &Ruling<'_>, traits: TraitSet) -> Result<Vec<Edit>, String> {
        let listed = ruling.node.get("matchers").map(Node::items);
        let matchers = listed.unwrap_or(std::slice::from_ref(ruling.node));
        let mut edits = Vec::new();
        for matcher in matchers {
            let name = matcher.get("match").and_then(Node::as_str).unwrap_or_default();
            let over = |key: &str, json: &str| {
                let node = matcher.get(key)?;
                Some(self.layout.replace(node, &json_node(json).ok()?))
            };
            let edit = match name {
                _ if traits.intersects(TraitSet::ARRAY) => over("min", "0"),
                "equality" => over("match", "\"type\""),
                "integer" | "decimal" => over("match", "\"number\""),
                _ => None,
            };
            edits.extend(edit);
        }
        if edits.is_empty() {
            return Err(refusing(ruling, "refuses it"));
        }
        Ok(edits)
    }
}

fn refusing(ruling: &Ruling<'_>, why: &str) -> String {
    let (key, line) = (&ruling.key.text, ruling.key.line);
    format!("the rule `{key}` in line {line} {why}: change what the consumer expects")
}

/// The sections that hold the rules of a part.
const fn sections(part: Part) -> &'static [&'static str] {
    match part {
        Part::Header => &["header", "headers"],
        Part::Query => &["query"],
        _ => &["body"],
    }
}

/// The steps of a flat rule about a part.
fn flat_path(text: &str, part: Part) -> Option<Vec<PathStep>> {
    let mut steps = parse_json_path(text)?;
    let section = match steps.first()? {
        PathStep::Key(section) if sections(part).contains(&section.as_str()) => steps.remove(0),
        _ => return None,
    };
    if let (PathStep::Key(_), Part::Header, Some(PathStep::Key(name))) =
        (section, part, steps.first_mut())
    {
        *name = name.to_lowercase();
    }
    Some(steps)
}

fn is_step(path: &PathStep, step: &Step) -> bool {
    match (path, step) {
        (PathStep::Key(name), Step::Key(key)) => **name == **key,
        (PathStep::Index(_), Step::Item) => true,
        (PathStep::Items | PathStep::Members, Step::Item | Step::Any) => true,
        _ => false,
    }
}

fn is_within(path: &[PathStep], steps: &[Step]) -> bool {
    path.len() >= steps.len() && path.iter().zip(steps).all(|(path, step)| is_step(path, step))
}

fn is_at(path: &[PathStep], steps: &[Step]) -> bool {
    path.len() == steps.len() && is_within(path, steps)
}

/// True when a rule for every member or element reaches a place, or one for just its key.
fn reaches(path: &PathStep, step: &Step) -> bool {
    *path == PathStep::Members || is_step(path, step)
}

/// True when what speaks of a place from above, or of it among others, matches by type.
fn is_typed_above(rulings: &[Ruling<'_>], steps: &[Step]) -> bool {
    let is_above = |it: &&Ruling<'_>| {
        let path = it.path.iter();
        it.path.len() <= steps.len() && path.zip(steps).all(|(path, step)| reaches(path, step))
    };
    let exact_steps = |it: &Ruling<'_>| {
        it.path.iter().zip(steps).filter(|(path, step)| is_step(path, step)).count()
    };
    let above = rulings.iter().filter(is_above).filter(|it| !is_at(&it.path, steps));
    let closest = above.max_by_key(|it| (it.path.len(), exact_steps(it)));
    closest.is_some_and(|it| {
        let listed = it.node.get("matchers").map(Node::items);
        let mut matchers = listed.unwrap_or(std::slice::from_ref(it.node)).iter();
        matchers.all(|one| one.get("match").and_then(Node::as_str) == Some("type"))
    })
}

/// A path to a place, in the words of a rule.
fn path_text(root: &str, steps: &[Step]) -> String {
    let is_word = |key: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        !key.is_empty() && key.bytes().all(is_plain)
    };
    let mut text = root.to_owned();
    for step in steps {
        match step {
            Step::Key(key) if is_word(key) => text.push_str(&format!(".{key}")),
            Step::Key(key) => {
                let key = key.replace('\\', "\\\\").replace('\'', "\\'");
                text.push_str(&format!("['{key}']"));
            }
            Step::Item => text.push_str("[*]"),
            Step::Any => text.push_str(".*"),
        }
    }
    text
}

/// True when a body's node is a value of the file's own tree and not a text that holds one.
pub(crate) fn is_tree(node: &Node) -> bool {
    !matches!(node.value, Value::String(_))
}
