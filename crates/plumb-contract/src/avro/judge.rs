//! What each pair of types means for the parties: the facts of a comparison with their grades.
//!
//! What resolution refuses is breaking; what it lets through and people would miss is risky.
//! Refuses to know how pairs are found.

use crate::avro::call::Sides;
use crate::avro::fact::{Fact, Judging, own};
use crate::avro::logical::meaning;
use crate::avro::matching::{is_promoted, taken_branch};
use crate::avro::meeting::{Failure, Meeting, Step, meetings};
use crate::avro::schema::{Index, Kind, Primitive, Type, Types};
use crate::change::{Change, Grade};
use crate::compared::{CHANGES_MAX, Flow, Unread};

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
    let given_up =
        |reason: String| Unread { file: sides.new.file.clone(), line: 1, column: 1, reason };
    let met = meetings(writer, reader).map_err(|why| given_up(why.to_owned()))?;
    let judging = Judging { met: &met, way };
    let mut changes = Vec::new();
    for at in 0..met.all.len() {
        for fact in judging.facts(at) {
            changes.push(judging.change(sides, at, fact));
        }
        if changes.len() > CHANGES_MAX {
            return Err(given_up(format!("more than {CHANGES_MAX} changes")));
        }
    }
    Ok(changes)
}

impl Judging<'_> {
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
                    "names match without their name spaces, but readers older than the present \
                     specification compare them whole",
                )
            };
            let names = format!("`{}` is read as `{}`: {why}", written.full, read.full);
            facts.push(own(grade, rule, String::new(), (writer.place, reader.place), names));
        }
        // What a union stands for is asked of the branch that is taken.
        let is_union = |each: &Type| matches!(each.kind, Kind::Union(_));
        let is_decided = is_union(writer)
            || is_union(reader)
            || failures.iter().any(|it| matches!(it, Failure::Scale | Failure::Kind));
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
                    "the point stands elsewhere: the same bytes are another number".to_owned(),
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
                        "the reader asks for `{name}`, which is not written, and has no default"
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
            (Int | Long, Float) => {
                (Some(16_777_217.into()), "whole numbers beyond 2^24 are rounded")
            }
            (Long, Double) => {
                (Some(9_007_199_254_740_993_i64.into()), "whole numbers beyond 2^53 are rounded")
            }
            (Bytes, Text) => (Some("\u{ff}".into()), "bytes that are no UTF-8 are no text"),
            _ => (None, "every value is read as it was written"),
        };
        let grade = if lost.is_some() { Grade::Risky } else { Grade::Safe };
        let reason = format!("{} is read as {}: {reason}", written.name(), read.name());
        let witness = lost.map(|value| self.met.embedded(at, value));
        let fact = own(grade, rule, String::new(), (writer.place, reader.place), reason);
        Some(Fact { witness, is_own: false, ..fact })
    }
}

fn symbol_of(each: &Type, position: usize) -> &str {
    match &each.kind {
        Kind::Enum(_, symbols) => symbols.all.get(position).map_or("", String::as_str),
        _ => "",
    }
}
