//! Questions about schemas become changes: what a reader refuses of what its writer may write, what
//! it takes besides, and what cannot be told.
//!
//! Each pair of schemas is decided once, however many operations hold it. Refuses to know how sets
//! of documents are decided.

use crate::change::{Change, Direction, Grade};
use crate::compared::{Compared, Unread};
use crate::interface::beside::{Beside, Fact};
use crate::interface::findings::{Findings, Question, Writing};
use crate::interface::keyword::{refused, spared};
use crate::interface::model::Interface;
use crate::interface::rule;
use crate::interface::step::{is_at, shown_path, step};
use crate::openapi::schema::Side;
use crate::openapi::shelf::Shelf;
use plumb_schema::breaks::{Break, Breaks, breaks};
use plumb_schema::decide::{Question as Inclusion, Schemas};
use plumb_schema::library::{Library, Spot};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Changes told at most: far more than anybody reads, and about 50 MB.
const CHANGES_MAX: usize = 100_000;

/// Characters of a value shown in a reason.
const SHOWN_CHARS_MAX: usize = 60;

/// Bytes of a witness at most: a reader of reports sees the place at which it is refused anyway.
const WITNESS_BYTES_MAX: usize = 4_096;

/// Keys told one by one where a closed object refuses them: more are any key.
const KEYS_MAX: usize = 8;

/// Constraints on text, under which a number may or may not be refused once it is written as text.
const TEXT_KEYWORDS: [&str; 6] = ["enum", "const", "pattern", "format", "minLength", "maxLength"];

/// Decides all that was asked, and puts all changes in order.
pub(crate) fn decided<'i, 't>(
    mut findings: Findings<'i, 't>,
    old: &'i Interface<'t>,
    new: &'i Interface<'t>,
) -> Compared {
    findings.sameness.settle();
    let mut questions = std::mem::take(&mut findings.questions);
    questions.retain(|question| match &question.pairs {
        Some(pairs) => findings.sameness.differ(pairs),
        None => true,
    });
    let mut unread = Vec::new();
    if !questions.is_empty() {
        let mut shelves = Shelves { old: Shelf::new("old", old), new: Shelf::new("new", new) };
        let spots: Vec<[Spot; 2]> = questions.iter().map(|it| shelves.put(it)).collect();
        let mut library = Library::default();
        unread = shelves.old.fill(&mut library);
        unread.append(&mut shelves.new.fill(&mut library));
        let mut desk = Desk {
            reading: findings.asked.reading,
            schemas: Schemas::new(&library),
            library: &library,
            decided: BTreeMap::new(),
            beside: Beside::new(old, new),
            shelves,
        };
        for (question, spots) in questions.iter().zip(&spots) {
            answer(&mut desk, &mut findings, question, spots);
        }
    }
    let mut changes = findings.changes;
    changes.sort_by(|one, other| order(one).cmp(&order(other)));
    changes.dedup_by(|one, other| order(one) == order(other));
    if changes.len() > CHANGES_MAX {
        unread.extend(changes.get(CHANGES_MAX).map(too_many));
        changes.truncate(CHANGES_MAX);
    }
    Compared { changes, unread }
}

/// The schemas of both versions.
struct Shelves<'i, 't> {
    old: Shelf<'i, 't>,
    new: Shelf<'i, 't>,
}

/// What answering needs at hand.
struct Desk<'d, 'i, 't> {
    reading: plumb_schema::answer::Reading,
    schemas: Schemas<'d>,
    library: &'d Library,
    /// Answers by writer and reader.
    decided: BTreeMap<[Spot; 2], Rc<Breaks>>,
    beside: Beside<'i, 't>,
    shelves: Shelves<'i, 't>,
}

impl<'t> Shelves<'_, 't> {
    /// Puts both schemas of a question on their shelves: the old one's place, and the new one's.
    fn put(&mut self, question: &Question<'t>) -> [Spot; 2] {
        [
            self.old.put(question.old.as_ref(), question.side),
            self.new.put(question.new.as_ref(), question.side),
        ]
    }
}

fn answer<'i, 't>(
    desk: &mut Desk<'_, 'i, 't>,
    findings: &mut Findings<'i, 't>,
    question: &Question<'t>,
    [old, new]: &[Spot; 2],
) {
    let (writer, reader) = match question.direction {
        Direction::OldWrites | Direction::Both => (old, new),
        Direction::NewWrites => (new, old),
    };
    let forward = decide(desk, writer, reader);
    let mut broken = BTreeSet::new();
    for found in told_once(&forward.found) {
        let Some(change) = broken_change(desk, question, &found) else { continue };
        broken.insert(change.place.clone());
        findings.changes.push(change);
    }
    if let Some(why) = &forward.untold {
        findings.changes.push(untold(question, why));
    }
    let back = decide(desk, reader, writer);
    for found in told_once(&back.found) {
        let change = spared_change(desk, question, &found);
        let place = &change.place;
        if !broken.iter().any(|at| is_at(place, at) || is_at(at, place)) {
            broken.insert(change.place.clone());
            findings.changes.push(change);
        }
    }
    let is_known = |place: &str| broken.iter().any(|at| at == place);
    let facts = desk.beside.facts(&findings.sameness, question);
    for fact in facts.iter().filter(|fact| !(fact.is_quiet && is_known(&place_of(question, fact))))
    {
        findings.changes.push(fact_change(question, fact));
    }
}

/// The breaks with those of one kind at one place as one: who closes an object refuses any key that
/// is not named, and naming each that could be is of no use.
fn told_once(breaks: &[Break]) -> Vec<Break> {
    let key = |found: &Break| (found.place.clone(), found.reader.clone());
    let is_key = |found: &&Break| found.keyword != "required" && found.member.is_some();
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for found in breaks.iter().filter(is_key) {
        *counts.entry(key(found)).or_default() += 1;
    }
    let mut told = Vec::new();
    for found in breaks {
        let mut found = found.clone();
        let count = if is_key(&&found) { counts.get_mut(&key(&found)) } else { None };
        match count {
            Some(0) => continue,
            Some(count) if *count > KEYS_MAX => {
                *count = 0;
                found.member = None;
            }
            _ => {}
        }
        told.push(found);
    }
    told
}

fn decide(desk: &mut Desk<'_, '_, '_>, writer: &Spot, reader: &Spot) -> Rc<Breaks> {
    let key = [writer.clone(), reader.clone()];
    if let Some(known) = desk.decided.get(&key) {
        return Rc::clone(known);
    }
    let question =
        Inclusion { writer: writer.clone(), reader: reader.clone(), reading: desk.reading };
    let found = Rc::new(breaks(&mut desk.schemas, &question));
    desk.decided.insert(key, Rc::clone(&found));
    found
}

/// The change that a break makes; none where the value's text is what its reader takes.
fn broken_change<'t>(
    desk: &Desk<'_, '_, 't>,
    question: &Question<'t>,
    found: &Break,
) -> Option<Change> {
    let mut rule = refused(&found.keyword, question.side);
    let mut grade = rule.grade;
    if question.writing == Writing::Text {
        match as_text(desk.library, found) {
            AsText::Taken => return None,
            AsText::Unclear => {
                rule = undecided(question.side);
                grade = rule.grade;
            }
            AsText::Same => {}
        }
    }
    let (place, what) = told(question, found);
    let (old, new) = spots(desk, question, (&found.writer, &found.reader));
    Some(Change {
        grade,
        rule: rule.id,
        subject: question.subject.clone(),
        place,
        direction: question.direction,
        old,
        new,
        reason: format!("{what}: {}", rule.why),
        witness: witness(&found.witness),
    })
}

/// The change of a reader that takes more than is written, as the reverse question tells it.
fn spared_change<'t>(desk: &Desk<'_, '_, 't>, question: &Question<'t>, found: &Break) -> Change {
    let rule = spared(&found.keyword, question.side);
    let (place, what) = told_spared(question, found);
    let (old, new) = spots(desk, question, (&found.reader, &found.writer));
    Change {
        grade: Grade::Safe,
        rule: rule.id,
        subject: question.subject.clone(),
        place,
        direction: question.direction,
        old,
        new,
        reason: format!("{what}: {}", rule.why),
        witness: None,
    }
}

fn untold(question: &Question<'_>, why: &str) -> Change {
    let rule = undecided(question.side);
    Change {
        grade: rule.grade,
        rule: rule.id,
        subject: question.subject.clone(),
        place: question.place.clone(),
        direction: question.direction,
        old: Some(question.spots.0.place()),
        new: Some(question.spots.1.place()),
        reason: format!("{why}: {}", rule.why),
        witness: None,
    }
}

fn fact_change(question: &Question<'_>, fact: &Fact) -> Change {
    Change {
        grade: fact.rule.grade,
        rule: fact.rule.id,
        subject: question.subject.clone(),
        place: place_of(question, fact),
        direction: question.direction,
        old: Some(fact.old.clone()),
        new: Some(fact.new.clone()),
        reason: format!("{}: {}", fact.what, fact.rule.why),
        witness: None,
    }
}

fn undecided(side: Side) -> &'static rule::Rule {
    match side {
        Side::Request => &rule::REQUEST_UNDECIDED,
        Side::Response => &rule::RESPONSE_UNDECIDED,
    }
}

/// Where the old version speaks of it and where the new one does.
fn spots(
    desk: &Desk<'_, '_, '_>,
    question: &Question<'_>,
    (writer, reader): (&Spot, &Spot),
) -> (Option<crate::change::Spot>, Option<crate::change::Spot>) {
    let (old, new) = match question.direction {
        Direction::OldWrites | Direction::Both => (writer, reader),
        Direction::NewWrites => (reader, writer),
    };
    let old = desk.shelves.old.place(old);
    let new = desk.shelves.new.place(new);
    let (old_usual, new_usual) = (question.spots.0.place(), question.spots.1.place());
    (Some(old.unwrap_or(old_usual)), Some(new.unwrap_or(new_usual)))
}

/// Where something is refused, and what.
fn told(question: &Question<'_>, found: &Break) -> (String, String) {
    let mut path = shown_path(&found.witness, &found.place);
    if let Some(name) = &found.member {
        path += &step(name);
        let has_it = |value: &Value| value.get(name).is_some();
        let is_there = found.witness.pointer(&found.place).is_some_and(has_it);
        let what = if is_there { "is one too many" } else { "may be absent" };
        return (joined(question, &path), format!("`{name}` {what}"));
    }
    let value = found.witness.pointer(&found.place);
    let value = value.map_or_else(|| "what is there".to_owned(), |it| format!("`{}`", short(it)));
    (joined(question, &path), format!("`{}` refuses {value}", found.keyword))
}

/// Where a reader takes what is not written, and what: the witness is of the reverse question.
fn told_spared(question: &Question<'_>, found: &Break) -> (String, String) {
    let (place, _) = told(question, found);
    let value = found.witness.pointer(&found.place);
    let is_there = |name: &String| value.is_some_and(|value| value.get(name).is_some());
    let what = match (question.side, &found.member) {
        (Side::Request, Some(name)) if is_there(name) => format!("`{name}` is taken"),
        (Side::Request, Some(name)) => format!("`{name}` may be absent"),
        (Side::Response, Some(name)) if is_there(name) => format!("`{name}` is never there"),
        (Side::Response, Some(name)) => format!("`{name}` is always there"),
        (side, None) => {
            let value = value.map_or_else(|| "a value".to_owned(), |it| format!("`{}`", short(it)));
            let verb = if side == Side::Request { "taken" } else { "not written" };
            format!("{value} is {verb}")
        }
    };
    (place, what)
}

/// What becomes of a value that is refused as JSON, once it is written as text.
enum AsText {
    Same,
    Taken,
    Unclear,
}

fn as_text(library: &Library, found: &Break) -> AsText {
    let value = found.witness.pointer(&found.place);
    let is_word = matches!(value, Some(Value::Number(_) | Value::Bool(_)));
    let pointer = found.reader.pointer.strip_suffix("/type");
    let Some(pointer) = pointer.filter(|_| is_word && found.keyword == "type") else {
        return AsText::Same;
    };
    let spot = Spot { document: found.reader.document.clone(), pointer: pointer.to_owned() };
    let Some(schema) = library.get(&spot) else { return AsText::Same };
    let takes_text = match schema.get("type") {
        Some(Value::String(name)) => name == "string",
        Some(Value::Array(names)) => names.iter().any(|name| name == "string"),
        _ => false,
    };
    match TEXT_KEYWORDS.iter().any(|keyword| schema.get(keyword).is_some()) {
        _ if !takes_text => AsText::Same,
        true => AsText::Unclear,
        false => AsText::Taken,
    }
}

fn place_of(question: &Question<'_>, fact: &Fact) -> String {
    joined(question, &fact.path)
}

/// The place of a question and a path in its documents: `request $` and `.items[]`.
fn joined(question: &Question<'_>, path: &str) -> String {
    let is_body = question.place.ends_with('$') || question.place.ends_with(']');
    match (is_body, path.is_empty()) {
        (true, _) | (false, true) => format!("{}{path}", question.place),
        (false, false) => format!("{} ${path}", question.place),
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    let mut shown: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn witness(value: &Value) -> Option<String> {
    Some(value.to_string()).filter(|text| text.len() <= WITNESS_BYTES_MAX)
}

fn too_many(change: &Change) -> Unread {
    let spot = change.new.as_ref().or(change.old.as_ref());
    let (file, line, column) = match spot {
        Some(spot) => (spot.file.clone(), spot.line, spot.column),
        None => (String::new(), 1, 1),
    };
    let reason = format!("there are more than {CHANGES_MAX} changes, the rest is not told");
    Unread { file, line, column, reason }
}

/// The order in which changes are told; what is the same in it is one change.
fn order(change: &Change) -> impl Ord + '_ {
    let Change { subject, place, rule, grade, old, new, .. } = change;
    (subject, place, rule, grade, old, new)
}
