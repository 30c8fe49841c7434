//! What each pair of types means for the parties: the facts of a comparison with their grades.
//!
//! What resolution refuses is breaking; what it lets through and people would miss is risky.
//! Refuses to know how pairs are found.

use crate::avro::logical::meaning;
use crate::avro::matching::{is_promoted, taken_branch, taken_field};
use crate::avro::meeting::{Failure, Meeting, Meetings, Step, meetings};
use crate::avro::read::Contents;
use crate::avro::schema::{Field, Index, Kind, Place, Primitive, Type, Types};
use crate::change::{Change, Grade, Spot};
use crate::compared::{Flow, Unread};

/// Both versions.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    /// The old one.
    pub old: &'a Contents,
    /// The new one.
    pub new: &'a Contents,
}

/// What may be said at a pair, before it is known who is old.
struct Fact {
    grade: Grade,
    rule: &'static str,
    /// What follows the place of the pair.
    place: String,
    /// Where the writer and the reader say so.
    places: (Option<Place>, Option<Place>),
    reason: String,
    witness: Option<Result<serde_json::Value, &'static str>>,
    /// Whether the pair itself is the subject, and not what holds it.
    is_own: bool,
}

/// Every fact of two types when data flow one way.
///
/// # Errors
/// Why it was given up.
pub fn judged(
    sides: &Sides<'_>,
    (old, new): (Index, Index),
    way: Flow,
) -> Result<Vec<Change>, Unread> {
    let (old, new) = ((&sides.old.types, old), (&sides.new.types, new));
    let (writer, reader) = if way == Flow::NewWrites { (new, old) } else { (old, new) };
    let met = meetings(writer, reader).map_err(|why| Unread {
        file: sides.new.file.clone(),
        line: 1,
        column: 1,
        reason: why.to_owned(),
    })?;
    let judging = Judging { met: &met, way };
    let mut changes = Vec::new();
    for at in 0..met.all.len() {
        for fact in judging.facts(at) {
            changes.push(judging.change(sides, at, fact));
        }
    }
    Ok(changes)
}

/// Facts of what a file holds: calls of a protocol that came or went.
#[must_use]
pub fn entries(sides: &Sides<'_>, flow: Flow) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut tell = |grade, rule, subject: String, places: (Option<Place>, Option<Place>), why| {
        changes.push(Change {
            grade,
            rule,
            witness: (grade == Grade::Breaking).then(|| subject.clone()),
            subject,
            place: String::new(),
            direction: flow,
            old: places.0.map(|place| spot(sides.old, place)),
            new: places.1.map(|place| spot(sides.new, place)),
            reason: String::from(why),
        });
    };
    let grade = |is_broken| if is_broken { Grade::Breaking } else { Grade::Safe };
    for call in &sides.old.calls {
        let subject = format!("message {}", call.name);
        match sides.new.calls.iter().find(|other| other.name == call.name) {
            None => tell(
                grade(flow != Flow::NewWrites),
                "message-removed",
                subject,
                (Some(call.place), None),
                "who calls it finds nothing that answers",
            ),
            Some(other) if other.is_one_way != call.is_one_way => {
                tell(
                    Grade::Breaking,
                    "message-one-way-changed",
                    subject,
                    (Some(call.place), Some(other.place)),
                    "one side waits for an answer that the other does not send",
                );
            }
            Some(_) => {}
        }
    }
    for call in &sides.new.calls {
        if !sides.old.calls.iter().any(|other| other.name == call.name) {
            tell(
                grade(flow != Flow::OldWrites),
                "message-added",
                format!("message {}", call.name),
                (None, Some(call.place)),
                "only callers of the new version know it",
            );
        }
    }
    let lone = |contents: &Contents| contents.entries.iter().any(|it| it.label.is_empty());
    if lone(sides.old) != lone(sides.new) {
        tell(
            Grade::Breaking,
            "schema-replaced",
            "file".to_owned(),
            (Some((1, 1)), Some((1, 1))),
            "one version is a schema and the other a protocol",
        );
    }
    changes
}

struct Judging<'a> {
    met: &'a Meetings<'a>,
    way: Flow,
}

impl Judging<'_> {
    /// The rule of a fact of the writer's side alone, by what the edit was.
    fn edit(&self, removed: &'static str, added: &'static str) -> &'static str {
        if self.way == Flow::NewWrites { added } else { removed }
    }

    fn facts(&self, at: usize) -> Vec<Fact> {
        let Some(meeting) = self.met.all.get(at).copied() else { return Vec::new() };
        let failures = self.met.failures(meeting);
        let mut facts: Vec<Fact> =
            failures.iter().map(|failure| self.failed(at, meeting, *failure)).collect();
        let (writer, reader) = self.met.pair(meeting);
        match (&writer.kind, &reader.kind) {
            (_, Kind::Union(members)) => facts.extend(self.widened(meeting, members)),
            (Kind::Primitive(written), Kind::Primitive(read)) if failures.is_empty() => {
                facts.extend(self.promoted(at, (*written, *read), (writer, reader)));
            }
            (Kind::Enum(..), Kind::Enum(..)) => facts.extend(self.symbols(at, (writer, reader))),
            (Kind::Record(..), Kind::Record(..)) if failures != [Failure::Name] => {
                facts.extend(self.fields(at, (writer, reader)));
            }
            _ => {}
        }
        if let (Some(written), Some(read)) = (writer.name(), reader.name())
            && failures != [Failure::Name]
            && written.full != read.full
            && std::mem::discriminant(&writer.kind) == std::mem::discriminant(&reader.kind)
        {
            let is_alias = read.aliases.contains(&written.full);
            let (grade, rule, why) = if is_alias {
                (Grade::Safe, "type-renamed", "the reader has an alias for it")
            } else {
                (
                    Grade::Risky,
                    "namespace-changed",
                    "names match without their name spaces, but \
                    readers older than the present specification compare them whole",
                )
            };
            let names = format!("`{}` is read as `{}`: {why}", written.full, read.full);
            facts.push(own(grade, rule, String::new(), (writer.place, reader.place), names));
        }
        let is_decided = failures.iter().any(|it| matches!(it, Failure::Scale | Failure::Kind));
        if !is_decided && let Some((grade, rule, reason)) = meaning((writer, reader)) {
            let witness = (grade != Grade::Safe).then(|| self.met.example(at));
            facts.push(Fact {
                witness,
                is_own: false,
                ..own(grade, rule, String::new(), (writer.place, reader.place), reason)
            });
        }
        facts
    }

    fn failed(&self, at: usize, meeting: Meeting, failure: Failure) -> Fact {
        let (writer, reader) = self.met.pair(meeting);
        let written = self.met.writer.described(meeting.writer);
        let read = self.met.reader.described(meeting.reader);
        let mut place = String::new();
        let mut places = (Some(writer.place), Some(reader.place));
        let mut is_own = true;
        let (rule, reason) = match failure {
            Failure::Kind | Failure::NoBranch => {
                is_own = false;
                (self.mismatch(at, meeting), format!("{written} does not resolve into {read}"))
            }
            Failure::Name => {
                is_own = false;
                ("type-renamed", format!("{written} is no {read}, and the reader has no alias"))
            }
            Failure::Size => ("fixed-size-changed", "the number of bytes differs".to_owned()),
            Failure::Scale => {
                is_own = false;
                (
                    "decimal-scale-changed",
                    "the point stands elsewhere: the same bytes are another \
                    number"
                        .to_owned(),
                )
            }
            Failure::Precision => {
                is_own = false;
                (
                    "decimal-precision-changed",
                    "numbers of more digits than the reader has room for".to_owned(),
                )
            }
            Failure::Symbol(position) => {
                let symbol = symbol_of(writer, position);
                place = format!("symbol {symbol}");
                (
                    self.edit("enum-symbol-removed", "enum-symbol-added"),
                    format!("the reader knows no symbol `{symbol}` and has no default"),
                )
            }
            Failure::Missing(position) => {
                let field = reader.fields().get(position);
                let name = field.map_or("", |field| &field.name);
                place = format!("field {name}");
                places.1 = field.map(|field| field.place);
                (
                    self.edit("field-added", "field-removed"),
                    format!(
                        "the reader asks for `{name}`, which is not written, and has no \
                        default"
                    ),
                )
            }
        };
        let grade = Grade::Breaking;
        let witness = Some(self.met.witness(at, failure));
        Fact { grade, rule, place, places, reason, witness, is_own }
    }

    /// The rule of two types that do not go together.
    fn mismatch(&self, at: usize, meeting: Meeting) -> &'static str {
        let (writer, reader) = self.met.pair(meeting);
        let came = self.met.all.get(at).and_then(|meeting| meeting.from);
        let is_branch = matches!(came, Some((_, Step::Branch(_))));
        match (is_branch, matches!(reader.kind, Kind::Union(_))) {
            (true, true) => return self.edit("union-branch-removed", "union-branch-added"),
            (true, false) => return self.edit("union-became-type", "type-became-union"),
            (false, true) => return self.edit("type-became-union", "union-became-type"),
            (false, false) => {}
        }
        match (&writer.kind, &reader.kind) {
            (Kind::Primitive(written), Kind::Primitive(read)) if is_promoted(*read, *written) => {
                self.edit("type-narrowed", "type-widened")
            }
            _ => "type-changed",
        }
    }

    /// Branches that only the reader has.
    fn widened(&self, meeting: Meeting, members: &[Index]) -> Vec<Fact> {
        let (writer, reader) = self.met.pair(meeting);
        let places = (writer.place, reader.place);
        let union = (self.met.reader, meeting.reader);
        let from = meeting.from.and_then(|(parent, step)| Some((self.met.all.get(parent)?, step)));
        if matches!(from, Some((_, Step::Branch(_)))) {
            return Vec::new();
        }
        let Kind::Union(written) = &writer.kind else {
            let taken = taken_branch((self.met.writer, meeting.writer), union);
            let reason = "the reader takes more types than are written".to_owned();
            let rule = self.edit("type-became-union", "union-became-type");
            let fact = taken.map(|_| Fact {
                is_own: false,
                ..own(Grade::Safe, rule, String::new(), places, reason)
            });
            return fact.into_iter().collect();
        };
        let taken: Vec<Option<Index>> =
            written.iter().map(|member| taken_branch((self.met.writer, *member), union)).collect();
        let is_written = |member: &Index| {
            let name = self.met.reader.branch_name(*member);
            written.iter().any(|other| self.met.writer.branch_name(*other) == name)
        };
        let is_spare = |member: &&Index| !taken.contains(&Some(**member)) && !is_written(member);
        let spare = members.iter().filter(is_spare);
        let rule = self.edit("union-branch-added", "union-branch-removed");
        let fact = |member: &Index| {
            let place = format!(" as {}", self.met.reader.branch_name(*member));
            let reason = "a branch that is read and not written".to_owned();
            Fact { is_own: false, ..own(Grade::Safe, rule, place, places, reason) }
        };
        spare.map(fact).collect()
    }

    /// Whether a pair was reached through a union that did not change: by the letter such a union
    /// may read its own data as another branch, and that is no news.
    fn is_within_same_union(&self, at: usize) -> bool {
        let from = |at: usize| self.met.all.get(at).and_then(|meeting| meeting.from);
        let Some((taken_from, Step::Taken)) = from(at) else { return false };
        let Some((union, Step::Branch(_))) = from(taken_from) else { return false };
        self.met.all.get(union).is_some_and(|meeting| self.have_same_branches(*meeting))
    }

    fn have_same_branches(&self, meeting: Meeting) -> bool {
        let (writer, reader) = self.met.pair(meeting);
        let (Kind::Union(written), Kind::Union(read)) = (&writer.kind, &reader.kind) else {
            return false;
        };
        let names = |types: &'_ Types, members: &[Index]| -> Vec<String> {
            members.iter().map(|member| types.branch_name(*member).to_owned()).collect()
        };
        names(self.met.writer, written) == names(self.met.reader, read)
    }

    fn promoted(
        &self,
        at: usize,
        (written, read): (Primitive, Primitive),
        (writer, reader): (&Type, &Type),
    ) -> Option<Fact> {
        use Primitive::{Bytes, Double, Float, Int, Long, String as Text};
        if written == read || self.is_within_same_union(at) {
            return None;
        }
        let rule = match (written, read) {
            (Text | Bytes, _) => "text-bytes-changed",
            _ => self.edit("type-widened", "type-narrowed"),
        };
        let (lost, reason) = match (written, read) {
            (Int | Long, Float) => (
                Some(16_777_217.into()),
                "whole numbers beyond 2^24 are \
                rounded",
            ),
            (Long, Double) => (
                Some(9_007_199_254_740_993_i64.into()),
                "whole numbers beyond 2^53 \
                are rounded",
            ),
            (Bytes, Text) => (Some("\u{ff}".into()), "bytes that are no UTF-8 are no text"),
            _ => (None, "every value is read as it was written"),
        };
        let grade = if lost.is_some() { Grade::Risky } else { Grade::Safe };
        let reason = format!("{} is read as {}: {reason}", written.name(), read.name());
        let witness = lost.map(|value| self.met.embedded(at, value));
        let fact = own(grade, rule, String::new(), (writer.place, reader.place), reason);
        Some(Fact { witness, is_own: false, ..fact })
    }

    fn symbols(&self, at: usize, (writer, reader): (&Type, &Type)) -> Vec<Fact> {
        let (Kind::Enum(_, written), Kind::Enum(_, read)) = (&writer.kind, &reader.kind) else {
            return Vec::new();
        };
        let places = (writer.place, reader.place);
        let mut facts = Vec::new();
        if let Some(default) = &read.default {
            let unknown = written.all.iter().filter(|symbol| !read.all.contains(symbol));
            facts.extend(unknown.map(|symbol| Fact {
                witness: Some(self.met.embedded(at, symbol.as_str().into())),
                ..own(
                    Grade::Risky,
                    self.edit("enum-symbol-removed", "enum-symbol-added"),
                    format!("symbol {symbol}"),
                    places,
                    format!("`{symbol}` is read as the default `{default}`"),
                )
            }));
        }
        let spare = read.all.iter().filter(|symbol| !written.all.contains(symbol));
        let rule = self.edit("enum-symbol-added", "enum-symbol-removed");
        facts.extend(spare.map(|symbol| {
            own(
                Grade::Safe,
                rule,
                format!("symbol {symbol}"),
                places,
                "a symbol that is read and not written".to_owned(),
            )
        }));
        if self.way == Flow::OldWrites && written.default != read.default {
            let (grade, why) = match (&written.default, &read.default) {
                (None, _) => (Grade::Safe, "symbols that no version knows have a default now"),
                _ => (Grade::Risky, "symbols of other writers are read otherwise than before"),
            };
            facts.push(own(grade, "enum-default-changed", String::new(), places, why.to_owned()));
        }
        facts
    }

    fn fields(&self, at: usize, (writer, reader): (&Type, &Type)) -> Vec<Fact> {
        let (written, read) = (writer.fields(), reader.fields());
        let mut facts = Vec::new();
        let mut left: Vec<&Field> = read.iter().collect();
        let mut alone: Vec<&Field> = Vec::new();
        for field in written {
            let taken = taken_field(written, field, read).and_then(|taken| read.get(taken));
            let Some(taken) = taken else {
                alone.push(field);
                continue;
            };
            left.retain(|other| other.name != taken.name);
            let places = (field.place, taken.place);
            if taken.name != field.name {
                let reason = format!("`{}` is read as `{}` by an alias", field.name, taken.name);
                let place = format!("field {}", field.name);
                facts.push(own(Grade::Safe, "field-renamed", place, places, reason));
            }
            facts.extend(self.default_changed(field, taken));
        }
        for field in &alone {
            let rule = self.edit("field-removed", "field-added");
            let reason = "a field that is written and passed over".to_owned();
            let fact = own(
                Grade::Safe,
                rule,
                format!("field {}", field.name),
                (field.place, reader.place),
                reason,
            );
            facts.push(fact);
        }
        for field in left.iter().filter(|field| field.default.is_some()) {
            let places = (writer.place, field.place);
            facts.push(self.filled(at, field, &alone, places));
        }
        facts
    }

    /// A field that is not written and filled by the reader's default.
    fn filled(&self, at: usize, field: &Field, alone: &[&Field], places: (Place, Place)) -> Fact {
        let name = &field.name;
        let alike = alone.iter().find(|other| {
            self.met.writer.described(other.held) == self.met.reader.described(field.held)
        });
        let (grade, rule, reason) = match (self.way, alike) {
            (Flow::NewWrites, _) => (
                Grade::Risky,
                "field-removed",
                format!("readers of `{name}` are given its default from now on"),
            ),
            (_, Some(other)) => (
                Grade::Risky,
                "field-renamed-without-alias",
                format!(
                    "`{}` is gone and `{name}` of the same type is new: if it is the same, \
                    its values are lost to the default",
                    other.name
                ),
            ),
            (_, None) => (
                Grade::Safe,
                "field-added",
                format!("data without `{name}` are read with its default"),
            ),
        };
        let witness = (grade == Grade::Risky).then(|| self.met.example(at));
        Fact { witness, ..own(grade, rule, format!("field {name}"), places, reason) }
    }

    fn default_changed(&self, field: &Field, taken: &Field) -> Option<Fact> {
        if self.way != Flow::OldWrites || field.default == taken.default {
            return None;
        }
        let (grade, rule, why) = match (&field.default, &taken.default) {
            (None, _) => (Grade::Safe, "default-added", "data that lack the field are read now"),
            (_, None) => (
                Grade::Risky,
                "default-removed",
                "data of writers that lack the field, \
                older than both versions, are refused from now on",
            ),
            _ => (
                Grade::Risky,
                "default-changed",
                "data of writers that lack the field, older \
                than both versions, are read otherwise than before",
            ),
        };
        let place = format!("field {}", field.name);
        Some(own(grade, rule, place, (field.place, taken.place), why.to_owned()))
    }

    fn change(&self, sides: &Sides<'_>, at: usize, fact: Fact) -> Change {
        let (subject, mut place) = self.whereabouts(at, fact.is_own);
        if !fact.place.is_empty() && !place.is_empty() && !fact.place.starts_with(' ') {
            place.push(' ');
        }
        place.push_str(&fact.place);
        let (old, new) = match self.way {
            Flow::NewWrites => (fact.places.1, fact.places.0),
            _ => fact.places,
        };
        let mut reason = fact.reason;
        let witness = match fact.witness {
            None => None,
            Some(Ok(datum)) => Some(datum.to_string()),
            Some(Err(why)) => {
                reason.push_str(": ");
                reason.push_str(why);
                None
            }
        };
        Change {
            grade: fact.grade,
            rule: fact.rule,
            subject,
            place: place.trim_start().to_owned(),
            direction: self.way,
            old: old.map(|place| spot(sides.old, place)),
            new: new.map(|place| spot(sides.new, place)),
            reason,
            witness,
        }
    }

    /// The named type that a pair stands in, by its old name, and the way from there.
    fn whereabouts(&self, at: usize, is_own: bool) -> (String, String) {
        let mut way: Vec<String> = Vec::new();
        let mut here = self.met.all.get(at).copied();
        let mut is_first = true;
        while let Some(meeting) = here {
            let (types, index) = match self.way {
                Flow::NewWrites => (self.met.reader, meeting.reader),
                _ => (self.met.writer, meeting.writer),
            };
            if (!is_first || is_own) && types.get(index).name().is_some() {
                way.reverse();
                return (types.described(index), way.concat());
            }
            is_first = false;
            let Some((parent, step)) = meeting.from else { break };
            here = self.met.all.get(parent).copied();
            way.extend(here.and_then(|parent| self.step_text(parent, step)));
        }
        way.reverse();
        ("schema".to_owned(), way.concat())
    }

    fn step_text(&self, parent: Meeting, step: Step) -> Option<String> {
        let (writer, reader) = self.met.pair(parent);
        match step {
            Step::Item => Some("[]".to_owned()),
            Step::Value => Some("{}".to_owned()),
            Step::Field(position) => {
                writer.fields().get(position).map(|field| format!("field {}", field.name))
            }
            Step::Branch(position) => match (&writer.kind, &reader.kind) {
                (Kind::Union(members), Kind::Union(_)) => {
                    let member = members.get(position)?;
                    Some(format!(" as {}", self.met.writer.branch_name(*member)))
                }
                _ => None,
            },
            Step::Taken => None,
        }
    }
}

fn own(
    grade: Grade,
    rule: &'static str,
    place: String,
    (written, read): (Place, Place),
    reason: String,
) -> Fact {
    let places = (Some(written), Some(read));
    Fact { grade, rule, place, places, reason, witness: None, is_own: true }
}

fn symbol_of(each: &Type, position: usize) -> &str {
    match &each.kind {
        Kind::Enum(_, symbols) => symbols.all.get(position).map_or("", String::as_str),
        _ => "",
    }
}

fn spot(contents: &Contents, (line, column): Place) -> Spot {
    Spot { file: contents.file.clone(), line, column }
}
