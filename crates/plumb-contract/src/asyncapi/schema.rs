//! Questions about payloads, headers and parameters become changes.
//!
//! Schemas of JSON are decided as sets of documents, those of Avro by schema resolution; of other
//! languages only sameness is told. Refuses to know where the questions come from.

use crate::asyncapi::findings::{Findings, Question};
use crate::asyncapi::model::{Draft, Language, Payload, Schema};
use crate::asyncapi::rule::{refused, undecided, unresolved};
use crate::avro;
use crate::change::{self, Change, Grade};
use crate::compared::{File, Flow, Unread, ways};
use crate::json_schema::{nearest, place, reason, value};
use crate::openapi::document::{Links, Spot};
use plumb_schema::answer::{Answer, Reading};
use plumb_schema::breaks::{Break, Breaks, breaks};
use plumb_schema::decide::{Question as Inclusion, Schemas};
use plumb_schema::library::{self, Library};
use plumb_tree::Node;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// Bytes of a witness at most; the place at which it is refused is told in any case.
const WITNESS_BYTES_MAX: usize = 4_096;

/// Where schemas that stand in no file are put: a key that no description has.
const MADE: &str = "x-made";

/// Decides all questions.
pub(super) fn decide<'t>(findings: &mut Findings<'t>, links: [&Links<'t>; 2], reading: Reading) {
    let questions = std::mem::take(&mut findings.questions);
    let mut library = Library::default();
    let [old, new] = links;
    let (mut old, mut new) = (Shelf::new("old", old), Shelf::new("new", new));
    for question in &questions {
        old.want(&question.old);
        new.want(&question.new);
    }
    old.fill(&mut library);
    new.fill(&mut library);
    let schemas = Schemas::new(&library);
    let mut desk = Desk { library: &library, schemas, reading, decided: BTreeMap::new(), old, new };
    for question in &questions {
        match (&question.old.language, &question.new.language) {
            (Language::Json(_), Language::Json(_)) => desk.json(findings, question),
            (Language::Avro, Language::Avro) => desk.avro(findings, question),
            (old, new) => desk.foreign(findings, question, [old, new]),
        }
    }
}

/// The schemas of one version, as documents that can be decided upon.
struct Shelf<'l, 't> {
    version: &'static str,
    links: &'l Links<'t>,
    drafts: BTreeSet<Draft>,
    made: BTreeMap<&'t str, Vec<Value>>,
    /// The files in which a schema is wanted.
    wanted: BTreeSet<&'t str>,
    /// The pointers to schemas in their files.
    pointers: HashMap<*const Node, String>,
}

impl<'l, 't> Shelf<'l, 't> {
    fn new(version: &'static str, links: &'l Links<'t>) -> Self {
        let (drafts, made, wanted) = Default::default();
        Self { version, links, drafts, made, wanted, pointers: HashMap::new() }
    }

    fn want(&mut self, payload: &Payload<'t>) {
        if let Language::Json(draft) = payload.language {
            self.drafts.insert(draft);
            match &payload.schema {
                Schema::At(spot) => {
                    self.wanted.insert(spot.file);
                    self.pointers.insert(std::ptr::from_ref(spot.node), String::new());
                }
                Schema::Made(made, spot) => {
                    let all = self.made.entry(spot.file).or_default();
                    if !all.contains(made) {
                        all.push(made.clone());
                    }
                }
            }
        }
    }

    /// Writes the documents, and finds the pointers of what is wanted.
    fn fill(&mut self, library: &mut Library) {
        let all: Vec<Spot<'t>> = self.links.documents().whole().collect();
        for spot in all {
            if self.wanted.contains(spot.file) {
                self.point(spot.node);
            }
            let mut document = value(spot.node);
            if let (Some(made), Some(members)) =
                (self.made.get(spot.file), document.as_object_mut())
            {
                members.insert(MADE.to_owned(), json!(made));
            }
            for draft in &self.drafts {
                library.add(&self.document(*draft, spot.file), document.clone(), of(*draft));
            }
        }
    }

    /// Notes the pointers of what is wanted below a file's root.
    fn point(&mut self, root: &Node) {
        let mut left = vec![(root, String::new())];
        while let Some((node, pointer)) = left.pop() {
            for (number, item) in node.items().iter().enumerate() {
                left.push((item, format!("{pointer}/{number}")));
            }
            for (key, member) in node.entries() {
                let key = key.text.replace('~', "~0").replace('/', "~1");
                left.push((member, format!("{pointer}/{key}")));
            }
            if let Some(known) = self.pointers.get_mut(&std::ptr::from_ref(node)) {
                *known = pointer;
            }
        }
    }

    fn spot(&self, payload: &Payload<'t>) -> library::Spot {
        let draft = match payload.language {
            Language::Json(draft) => draft,
            Language::Avro | Language::Other(_) => Draft::Seven,
        };
        let spot = payload.schema.spot();
        let pointer = match &payload.schema {
            Schema::At(spot) => {
                self.pointers.get(&std::ptr::from_ref(spot.node)).cloned().unwrap_or_default()
            }
            Schema::Made(made, _) => {
                let all = self.made.get(spot.file);
                let number = all.and_then(|all| all.iter().position(|one| one == made));
                format!("/{MADE}/{}", number.unwrap_or_default())
            }
        };
        library::Spot { document: self.document(draft, spot.file), pointer }
    }

    fn document(&self, draft: Draft, file: &str) -> String {
        format!("{}-{draft:?}/{file}", self.version)
    }

    /// The line behind a place in the library.
    fn place(&self, spot: &library::Spot, of: &Payload<'t>) -> Option<change::Spot> {
        let (shelf, file) = spot.document.split_once('/')?;
        if !shelf.starts_with(self.version) {
            return None;
        }
        if spot.pointer.strip_prefix('/').is_some_and(|rest| rest.starts_with(MADE)) {
            return Some(of.schema.spot().place());
        }
        let whole = self.links.documents().whole().find(|whole| whole.file == file)?;
        Some(whole.at(nearest(whole.node, &spot.pointer)).place())
    }
}

fn of(draft: Draft) -> library::Draft {
    match draft {
        Draft::Four => library::Draft::Four,
        Draft::Six => library::Draft::Six,
        Draft::Seven => library::Draft::Seven,
        Draft::Nineteen => library::Draft::Nineteen,
        Draft::Twenty => library::Draft::Twenty,
    }
}

/// What answering needs at hand.
struct Desk<'d, 'l, 't> {
    library: &'d Library,
    schemas: Schemas<'d>,
    reading: Reading,
    /// Answers by writer and reader, since operations share messages.
    decided: BTreeMap<[library::Spot; 2], Rc<Breaks>>,
    old: Shelf<'l, 't>,
    new: Shelf<'l, 't>,
}

impl<'t> Desk<'_, '_, 't> {
    fn json(&mut self, findings: &mut Findings<'t>, question: &Question<'t>) {
        let (old, new) = (self.old.spot(&question.old), self.new.spot(&question.new));
        for way in ways(question.direction) {
            let (writer, reader) =
                if *way == Flow::NewWrites { (&new, &old) } else { (&old, &new) };
            let found = self.breaks(writer, reader);
            let told = found.found.iter().map(|one| self.change(question, *way, one));
            findings.changes.extend(told);
            if let Some(why) = &found.untold {
                findings.changes.push(untold(question, *way, why));
            }
            if question.direction != Flow::Both {
                let back = self.breaks(reader, writer);
                let told = back.found.iter().map(|one| self.change(question, *way, one));
                findings.changes.extend(told.map(|it| Change { grade: Grade::Safe, ..it }));
            }
        }
    }

    fn breaks(&mut self, writer: &library::Spot, reader: &library::Spot) -> Rc<Breaks> {
        let key = [writer.clone(), reader.clone()];
        if let Some(known) = self.decided.get(&key) {
            return Rc::clone(known);
        }
        let (writer, reader) = (writer.clone(), reader.clone());
        let question = Inclusion { writer, reader, reading: self.reading };
        let found = Rc::new(breaks(&mut self.schemas, &question));
        self.decided.insert(key, Rc::clone(&found));
        found
    }

    fn change(&self, question: &Question<'t>, way: Flow, found: &Break) -> Change {
        let old = |spot| self.old.place(spot, &question.old);
        let new = |spot| self.new.place(spot, &question.new);
        let (reader, writer) = (&found.reader, &found.writer);
        let text = found.witness.to_string();
        Change {
            grade: Grade::Breaking,
            rule: refused(question.part, &found.keyword),
            subject: question.subject.clone(),
            place: format!("{} {}", question.place, place(found)),
            direction: way,
            old: old(reader).or_else(|| old(writer)),
            new: new(reader).or_else(|| new(writer)),
            reason: reason(self.library, found),
            witness: Some(text).filter(|text| text.len() <= WITNESS_BYTES_MAX),
        }
    }

    fn avro(&self, findings: &mut Findings<'t>, question: &Question<'t>) {
        let read = (of_avro(&question.old, &self.old), of_avro(&question.new, &self.new));
        let (old, new) = match read {
            (Ok(old), Ok(new)) => (old, new),
            (old, new) => {
                return findings.unread.extend([old.err(), new.err()].into_iter().flatten());
            }
        };
        for way in ways(question.direction) {
            let (writer, reader) =
                if *way == Flow::NewWrites { (&new, &old) } else { (&old, &new) };
            match avro::compatible(writer, reader) {
                Answer::Yes => {}
                Answer::CannotTell(why) => findings.changes.push(untold(question, *way, &why)),
                Answer::No(datum) => findings.changes.push(Change {
                    grade: Grade::Breaking,
                    rule: unresolved(question.part),
                    reason: "what the one writes does not resolve into what the other reads"
                        .to_owned(),
                    witness: Some(datum.to_string()),
                    ..whole(question, *way)
                }),
            }
        }
    }

    /// Schemas of which only sameness is told.
    fn foreign(
        &self,
        findings: &mut Findings<'t>,
        question: &Question<'t>,
        [old, new]: [&Language; 2],
    ) {
        let text = |payload: &Payload<'t>, shelf: &Shelf<'_, 't>| match &payload.schema {
            Schema::At(spot) => shelf.links.resolve(*spot).map(|spot| value(spot.node)).ok(),
            Schema::Made(made, _) => Some(made.clone()),
        };
        let was = text(&question.old, &self.old);
        if old == new && was.is_some() && was == text(&question.new, &self.new) {
            return;
        }
        let why = if old == new {
            format!("schemas in {} are not compared", old.name())
        } else {
            format!("a schema in {} cannot be compared with one in {}", new.name(), old.name())
        };
        for way in ways(question.direction) {
            findings.changes.push(untold(question, *way, &why));
        }
    }
}

/// A schema of Avro, which may stand in a file of its own.
fn of_avro<'t>(
    payload: &Payload<'t>,
    shelf: &Shelf<'_, 't>,
) -> Result<avro::schema::Schema, Unread> {
    let spot = match &payload.schema {
        Schema::At(spot) => shelf.links.resolve(*spot)?,
        Schema::Made(_, spot) => *spot,
    };
    let bytes = spot.node.to_json_text().into_bytes();
    let file = File { name: spot.file.to_owned(), bytes };
    avro::read::schema(&file).map_err(|unread| spot.unread(unread.reason))
}

impl Language {
    /// What it is called in output.
    fn name(&self) -> String {
        match self {
            Self::Json(_) => "JSON Schema".to_owned(),
            Self::Avro => "Avro".to_owned(),
            Self::Other(format) => format!("`{}`", format),
        }
    }
}

fn untold(question: &Question<'_>, way: Flow, why: &str) -> Change {
    let rule = undecided(question.part);
    Change { grade: Grade::Risky, rule, reason: why.to_owned(), ..whole(question, way) }
}

/// A change of all that a question is about.
fn whole(question: &Question<'_>, way: Flow) -> Change {
    Change {
        grade: Grade::Risky,
        rule: undecided(question.part),
        subject: question.subject.clone(),
        place: question.place.clone(),
        direction: way,
        old: Some(question.old.schema.spot().place()),
        new: Some(question.new.schema.spot().place()),
        reason: String::new(),
        witness: None,
    }
}
