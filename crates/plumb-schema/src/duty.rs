//! What a question about two schemas comes down to: questions about what lies inside their
//! documents, and searches that look no further.
//!
//! Together they are enough: if every one of them is answered with yes, so is the question. They
//! may be more than is needed, so that a no of one of them is a no of the question only when a
//! document shows it. Refuses to know how they are answered.

use crate::answer::Reading;
use crate::constant::Constant;
use crate::decide::Schemas;
use crate::glance::{glance, names_members};
use crate::literal::{Literal, Side};
use crate::node::{Id, Kind, Node, Text};
use crate::pair::{Place, Step};
use crate::place::{alternatives, member, otherwise, parts, rest};
use crate::search::branch::BOTH_MAX;
use crate::texts::Found;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Alternatives of which each two are asked whether they exclude each other.
const EXCLUSIVE_MAX: usize = 16;

/// One of the things that have to hold.
#[derive(Clone, Debug)]
pub(crate) enum Duty {
    /// The reader takes what the writer may write, further inside.
    Inner(Step, [Place; 2]),
    /// There is no document with which these literals come true.
    Here(Vec<Literal>),
}

/// The schemas of a question.
struct Question<'s, 'l> {
    schemas: &'s mut Schemas<'l>,
    reading: Reading,
    writer: &'s Place,
    reader: &'s Place,
    /// What the writer says.
    says: Says,
}

/// The parts of what a writer says.
#[derive(Default)]
struct Says {
    parts: BTreeSet<Id>,
    /// Members by name; more than one where they are named more than once.
    members: BTreeMap<Text, Vec<Id>>,
    /// Parts that leave a choice, or that may speak of members without naming them.
    choices: Vec<Id>,
    /// Whether any part may speak of what lies inside objects or arrays, and which else do.
    is_deep: bool,
    /// What all other members are.
    others: Vec<Id>,
    /// What all elements are.
    elements: Vec<Id>,
    /// Whether elements are spoken of in another way.
    has_more_elements: bool,
}

/// What has to hold so that a reader takes whatever a writer may write.
pub(crate) fn duties(
    schemas: &mut Schemas<'_>,
    reading: Reading,
    [writer, reader]: &[Place; 2],
) -> Vec<Duty> {
    let says = Says::new(schemas, writer.id);
    let read = parts(schemas, reader.id);
    let mut question = Question { schemas, reading, writer, reader, says };
    let left: Vec<Id> = read.difference(&question.says.parts).copied().collect();
    if let Some(duties) = question.by_condition(&left) {
        return duties;
    }
    let mut duties = Vec::new();
    for part in left {
        match question.part(part) {
            Some(inner) => duties.extend(inner),
            None if question.says.choices.is_empty() || !question.is_deep(part) => {
                duties.push(question.here(part));
            }
            None => match question.each_alternative() {
                // The reader as a whole is asked about each alternative, all of its parts at once.
                Some(all) => return all,
                None => duties.push(question.here(part)),
            },
        }
    }
    duties
}

/// The same question further inside, of each place where the reader says so.
fn inner(step: &Step, writers: &[Place], readers: &[Place]) -> Option<Vec<Duty>> {
    let writer = writers.first()?;
    let duty = |reader: &Place| Duty::Inner(step.clone(), [writer.clone(), reader.clone()]);
    (!readers.is_empty()).then(|| readers.iter().map(duty).collect())
}

impl Says {
    fn new(schemas: &Schemas<'_>, id: Id) -> Self {
        let mut says = Self { parts: parts(schemas, id), ..Self::default() };
        for part in says.parts.clone() {
            match schemas.nodes.get(part) {
                Node::Member(name, of) => {
                    says.is_deep = true;
                    says.members.entry(name.clone()).or_default().push(*of);
                }
                Node::MembersBut(..) => {
                    says.is_deep = true;
                    says.others.push(part);
                }
                Node::ItemsFrom(0, of) => {
                    says.is_deep = true;
                    says.elements.push(*of);
                }
                Node::MembersLike(..) => says.choices.push(part),
                Node::Required(_) => says.is_deep = true,
                Node::Item(..)
                | Node::ItemsFrom(..)
                | Node::ContainsAtLeast(..)
                | Node::ContainsAtMost(..) => {
                    says.is_deep = true;
                    says.has_more_elements = true;
                }
                node if node.kind().is_none() => {
                    let is_plain = matches!(node, Node::Kinds(_) | Node::Values(_));
                    if !is_plain {
                        says.choices.push(part);
                    }
                }
                _ => {}
            }
        }
        says
    }
}

impl Question<'_, '_> {
    /// No document of the writer that this part of the reader refuses.
    fn here(&self, part: Id) -> Duty {
        let writer = Literal::holds(self.writer.id, Side::Writer);
        Duty::Here(vec![writer, Literal::fails(part, Side::Reader)])
    }

    /// What a condition on either side comes down to, such as the one that lets null through.
    fn by_condition(&mut self, left: &[Id]) -> Option<Vec<Duty>> {
        let nodes = &self.schemas.nodes;
        let read = left.iter().find_map(|part| match nodes.get(*part) {
            Node::If(test, then, other) => Some((*part, *test, *then, *other)),
            _ => None,
        });
        let [choice] = self.says.choices[..] else {
            return self.without_condition(left, read?);
        };
        let Node::If(test, then, other) = *nodes.get(choice) else { return None };
        if self.says.is_deep || left.iter().any(|part| Some(*part) != read.map(|it| it.0)) {
            return None;
        }
        if !names_members(nodes, other) && glance(nodes, other, Kind::Object) != Some(false) {
            return None;
        }
        let written = otherwise(self.schemas, self.writer, other)?;
        let (fails, reader) = match read {
            Some((_, asked, takes, rest)) if asked == test => {
                (takes, otherwise(self.schemas, self.reader, rest)?)
            }
            _ => (self.reader.id, self.reader.clone()),
        };
        let mut duties = self.while_true(test, fails);
        if then == fails {
            duties.clear();
        }
        if written.id != reader.id {
            duties.push(Duty::Inner(Step::Same, [written, reader]));
        }
        Some(duties)
    }

    /// A condition of the reader alone, which no document of the writer meets.
    fn without_condition(&self, left: &[Id], read: (Id, Id, Id, Id)) -> Option<Vec<Duty>> {
        let (_, test, _, rest) = read;
        let nodes = &self.schemas.nodes;
        if left.len() > 1 || self.shares(self.writer.id, test, &Kind::EVERY) {
            return None;
        }
        if !matches!(nodes.get(test), Node::Kinds(_)) {
            return None;
        }
        let reader = otherwise(self.schemas, self.reader, rest)?;
        Some(vec![Duty::Inner(Step::Same, [self.writer.clone(), reader])])
    }

    /// No document of the writer with which a condition comes true and a node does not.
    fn while_true(&self, test: Id, fails: Id) -> Vec<Duty> {
        if matches!(self.schemas.nodes.get(fails), Node::Always) {
            return Vec::new();
        }
        let writer = Literal::holds(self.writer.id, Side::Writer);
        let fails = Literal::fails(fails, Side::Reader);
        vec![Duty::Here(vec![writer, Literal::holds(test, Side::Reader), fails])]
    }

    /// What one part of the reader comes down to; `None` where it has to be searched.
    fn part(&mut self, part: Id) -> Option<Vec<Duty>> {
        match self.schemas.nodes.get(part).clone() {
            Node::Member(name, of) => self.member(&name, of),
            Node::MembersBut(named, of) if self.says.choices.is_empty() => {
                let [others] = self.says.others[..] else { return None };
                let Node::MembersBut(written, writes) = self.schemas.nodes.get(others) else {
                    return None;
                };
                if *written != named || !named.patterns.is_empty() {
                    return None;
                }
                let writes = *writes;
                let name = (0..).map(|at| format!("key{at}"));
                let mut name = name.filter(|name| !named.names.iter().any(|it| **it == **name));
                let step = Step::Member(name.next()?.as_str().into());
                let writers = rest(self.schemas, self.writer, writes);
                inner(&step, &writers, &rest(self.schemas, self.reader, of))
            }
            Node::ItemsFrom(0, of) => {
                let [writes] = self.says.elements[..] else { return None };
                if self.says.has_more_elements || !self.says.choices.is_empty() {
                    return None;
                }
                let writers = rest(self.schemas, self.writer, writes);
                inner(&Step::Element(0), &writers, &rest(self.schemas, self.reader, of))
            }
            Node::Any(of) | Node::One(of) => self.alternatives(part, &of),
            _ => None,
        }
    }

    fn member(&mut self, name: &Text, of: Id) -> Option<Vec<Duty>> {
        let [writes] = self.says.members.get(name)?[..] else { return None };
        let is_among = |id: &Id| match self.schemas.nodes.get(*id) {
            Node::MembersBut(named, _) => named.names.contains(name),
            _ => false,
        };
        if !self.says.choices.is_empty() || !self.says.others.iter().all(is_among) {
            return None;
        }
        if writes == of {
            return Some(Vec::new());
        }
        let writers = member(self.schemas, self.writer, name, writes);
        let readers = member(self.schemas, self.reader, name, of);
        inner(&Step::Member(name.clone()), &writers, &readers)
    }

    /// Whether a part may speak of what lies inside documents.
    fn is_deep(&self, part: Id) -> bool {
        let mut has_inner = false;
        let _ = self.schemas.nodes.get(part).map(|_| has_inner = true);
        has_inner
    }

    /// The alternatives of the writer, where it says nothing else of what lies inside documents.
    fn written(&self) -> Option<Vec<Place>> {
        let [choice] = self.says.choices[..] else { return None };
        match self.schemas.nodes.get(choice) {
            Node::Any(of) | Node::One(of) if !self.says.is_deep => {
                alternatives(self.schemas, self.writer, of)
            }
            _ => None,
        }
    }

    /// What all alternatives of the writer come down to, each before the whole reader.
    fn each_alternative(&mut self) -> Option<Vec<Duty>> {
        let written = self.written()?;
        let reads = vec![self.reader.clone(); written.len()];
        let whole = vec![self.here(self.reader.id)];
        if !self.follows_one(&written, &reads) {
            return Some(whole);
        }
        let reader = self.reader.id;
        Some(written.iter().zip(reads).map(|(one, to)| self.meets(one, Some(to), reader)).collect())
    }

    /// One alternative of the writer and what is to take it, or else a search.
    fn meets(&self, one: &Place, to: Option<Place>, part: Id) -> Duty {
        let nodes = &self.schemas.nodes;
        // An alternative that names no members, beside others that do, is no leave to write any.
        let is_whole =
            names_members(nodes, one.id) || glance(nodes, one.id, Kind::Object) == Some(false);
        match to {
            Some(to) if is_whole => Duty::Inner(Step::Same, [one.clone(), to]),
            _ => {
                let writer = Literal::holds(self.writer.id, Side::Writer);
                let fails = Literal::fails(part, Side::Reader);
                Duty::Here(vec![writer, writer.of(one.id), fails])
            }
        }
    }

    /// Alternatives of the reader, each for the alternative of the writer that is most like it.
    fn alternatives(&mut self, part: Id, of: &[Id]) -> Option<Vec<Duty>> {
        let written = match self.written() {
            Some(written) => written,
            None if self.says.choices.is_empty() => vec![self.writer.clone()],
            None => return None,
        };
        let read = alternatives(self.schemas, self.reader, of)?;
        if matches!(self.schemas.nodes.get(part), Node::One(_)) && !self.is_exclusive(of) {
            return None;
        }
        let targets: Vec<Option<Place>> =
            written.iter().enumerate().map(|one| self.likest(one, &read)).collect();
        let known: Vec<Place> = written
            .iter()
            .zip(&targets)
            .map(|(one, to)| to.as_ref().unwrap_or(one).clone())
            .collect();
        if written.len() > 1 && !self.follows_one(&written, &known) {
            return None;
        }
        let mut duties = Vec::new();
        for (one, to) in written.iter().zip(targets) {
            if to.as_ref().is_none_or(|to| to.id != one.id) {
                duties.push(self.meets(one, to, part));
            }
        }
        Some(duties)
    }

    /// The alternative most like another: the same, or of the same kinds with as much in common as
    /// there is, and near where it stands.
    fn likest(&self, (at, one): (usize, &Place), read: &[Place]) -> Option<Place> {
        let own = Members::new(self.schemas, one.id);
        let rank = |(index, to): (usize, &Place)| {
            let theirs = Members::new(self.schemas, to.id);
            let common = own.parts.intersection(&theirs.parts).count() * 2;
            let named = own.of.keys().filter(|name| theirs.of.contains_key(*name)).count();
            let is_tagged_alike = !own.is_told_from(self.schemas, &theirs);
            (to.id == one.id, is_tagged_alike, common + named, usize::MAX - index.abs_diff(at))
        };
        let is_like = |to: &&Place| self.shares(one.id, to.id, &Kind::EVERY);
        let like = read.iter().enumerate().filter(|(_, to)| is_like(to));
        like.max_by_key(|one| rank(*one)).map(|(_, to)| to.clone())
    }

    /// Whether two nodes may hold of documents of one of these kinds.
    fn shares(&self, one: Id, two: Id, kinds: &[Kind]) -> bool {
        let may = |id, kind| glance(&self.schemas.nodes, id, kind) != Some(false);
        kinds.iter().any(|kind| may(one, *kind) && may(two, *kind))
    }

    /// Whether no document is two of these at once.
    fn is_exclusive(&mut self, of: &[Id]) -> bool {
        if of.len() > EXCLUSIVE_MAX {
            return false;
        }
        let every_two = of
            .iter()
            .enumerate()
            .flat_map(|(at, one)| of[at + 1..].iter().map(move |two| (*one, *two)));
        every_two.into_iter().all(|(one, two)| {
            if !self.shares(one, two, &Kind::EVERY) {
                return true;
            }
            let both = [one, two].map(|id| Literal::holds(id, Side::Reader));
            self.schemas.find(&both, self.reading) == Found::None
        })
    }

    /// Whether it is enough to look at one alternative of the writer at a time, each before its
    /// reader: a document that follows two of them may hold what just one of them names.
    fn follows_one(&mut self, written: &[Place], read: &[Place]) -> bool {
        let is_one =
            self.says.choices.iter().all(|id| matches!(self.schemas.nodes.get(*id), Node::One(_)));
        if self.reading == Reading::Strict || is_one || written.len() > BOTH_MAX {
            return true;
        }
        for one in 0..written.len() {
            for two in one + 1..written.len() {
                let ids = [written[one].id, written[two].id];
                if !self.shares(ids[0], ids[1], &[Kind::Array, Kind::Object]) {
                    continue;
                }
                let both = ids.map(|id| Literal::holds(id, Side::Writer));
                if self.schemas.find(&both, self.reading) == Found::None {
                    continue;
                }
                let reads = [read[one].id, read[two].id];
                if self.shares(ids[0], ids[1], &[Kind::Array])
                    || !self.is_apart(ids, reads).unwrap_or(false)
                {
                    return false;
                }
            }
        }
        true
    }

    /// Whether one of two readers says nothing of members that just the other's writer names, and
    /// what both writers name is the same.
    fn is_apart(&self, writes: [Id; 2], reads: [Id; 2]) -> Option<bool> {
        let [one, two] = [self.named(writes[0])?, self.named(writes[1])?];
        let is_flat = |id: Id| !self.shares(id, id, &[Kind::Array, Kind::Object]);
        let alike = one.iter().all(|(name, of)| match (of, two.get(name)) {
            (Some(of), Some(Some(other))) => of == other || is_flat(*of) || is_flat(*other),
            _ => true,
        });
        let silent = |reader: Id, own: &BTreeMap<Text, Option<Id>>, other: &BTreeMap<_, _>| {
            let named = self.named(reader)?;
            let is_other = |name: &Text| other.contains_key(name) && !own.contains_key(name);
            Some(!named.keys().any(is_other))
        };
        let is_silent = silent(reads[0], &one, &two) == Some(true)
            || silent(reads[1], &two, &one) == Some(true);
        Some(alike && is_silent)
    }

    /// The members that a node names; `None` where it may say more of objects than that.
    fn named(&self, id: Id) -> Option<BTreeMap<Text, Option<Id>>> {
        let mut named = BTreeMap::new();
        for part in parts(self.schemas, id) {
            match self.schemas.nodes.get(part) {
                Node::Member(name, of) => drop(named.insert(name.clone(), Some(*of))),
                Node::Required(name) => drop(named.entry(name.clone()).or_insert(None)),
                Node::Kinds(_) | Node::Values(_) => {}
                node if node.kind().is_some_and(|kind| kind != Kind::Object) => {}
                _ => return None,
            }
        }
        Some(named)
    }
}

/// The parts of an alternative, and its members.
struct Members {
    parts: BTreeSet<Id>,
    of: BTreeMap<Text, Id>,
}

impl Members {
    fn new(schemas: &Schemas<'_>, id: Id) -> Self {
        let parts = parts(schemas, id);
        let member = |part: &Id| match schemas.nodes.get(*part) {
            Node::Member(name, of) => Some((name.clone(), *of)),
            _ => None,
        };
        let of = parts.iter().filter_map(member).collect();
        Self { parts, of }
    }

    /// Whether some member tells the two apart: what it may be in one, it cannot be in the other.
    fn is_told_from(&self, schemas: &Schemas<'_>, other: &Self) -> bool {
        let values = |id: Id| {
            let node = |part: Id| match schemas.nodes.get(part) {
                Node::Values(values) => Some(values.clone()),
                _ => None,
            };
            parts(schemas, id).into_iter().find_map(node)
        };
        self.of.iter().any(|(name, of)| {
            let Some(theirs) = other.of.get(name).and_then(|id| values(*id)) else { return false };
            let is_none = |own: Arc<[Constant]>| !own.iter().any(|value| theirs.contains(value));
            values(*of).is_some_and(is_none)
        })
    }
}
