//! Mending: the edits by which a file of mocks says what is seen.
//!
//! Only the bytes of what is wrong change: matchers, comments, order and layout stay. Each dialect
//! tells where an answer keeps its status, headers and body (`sites`) and what makes a copy a case
//! (`case`); the rest is the same for all. Refuses to know why anything changes, and the disk.

mod body;
mod case;
mod contract;
mod edits;
mod header;
mod interaction;
mod member;
mod request;
mod scripted;
mod site;
mod sites;
mod specification;

use crate::gripmock::as_named;
use crate::hoverfly::response as hoverfly;
use crate::mend::body::{FindBody, KeptBody};
use crate::mend::case::marks_of_case;
use crate::mend::edits::{Edits, json_node, text_of};
use crate::mend::header::{follow_length, remove_header, set_header, set_media_type};
use crate::mend::interaction::Interaction;
use crate::mend::member::Below;
use crate::mend::request::ask_with;
use crate::mend::scripted::{Scripted, scripted};
use crate::mend::site::{Among, Asked, BodySite, Site};
use crate::mend::sites::{Sites, sites};
use crate::mend::specification::text::ByFile;
use crate::reading::{Beside, SourceFile};
use crate::recognise::is_script;
use crate::wiremock::response::{BodyFile, Files, body_file};
use plumb_shape::change::{Action, Answer, Change, Reach};
use plumb_shape::claim::Dialect;
use plumb_shape::place::{Part, Side};
use plumb_tree::edit::{Edit, apply};
use plumb_tree::layout::Layout;
use plumb_tree::read::parse;
use plumb_tree::{Node, Value, quoted};
use std::collections::BTreeMap;

/// What comes of mending one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// The new text of each file that changed, by its path: the file itself, bodies kept beside it,
    /// and new files.
    pub files: BTreeMap<String, String>,
    /// For each change, in order: done, to be asked for again, or refused with the reason.
    pub done: Vec<Done>,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It is in the new text.
    Written,
    /// It touches what another change touched; ask again with the new text.
    Later,
    /// It cannot be written, in lower case without full stop.
    Refused(String),
}

/// Writes changes to claims of one file.
#[must_use]
pub fn mend(file: &SourceFile<'_>, changes: &[&Change], beside: Beside<'_>) -> Mended {
    let refuse_all = |reason: &str| Mended {
        files: BTreeMap::new(),
        done: vec![Done::Refused(reason.to_owned()); changes.len()],
    };
    let Ok(text) = std::str::from_utf8(file.bytes) else {
        return refuse_all("the file is not UTF-8");
    };
    let Some(tree) = Tree::of(file) else { return refuse_all("the file cannot be parsed") };
    let dialect = changes.first().map(|change| change.claim.dialect);
    let Some(sites) = dialect.and_then(|dialect| sites(dialect, &tree.documents, &tree.scripted))
    else {
        return refuse_all("files of this dialect are not edited");
    };
    let mut mending = Mending {
        file,
        layout: if tree.is_script { Layout::of_script(text) } else { Layout::of(text) },
        is_script: tree.is_script,
        text,
        beside,
        body_file: match sites.dialect {
            Dialect::Hoverfly => Box::new(|name| {
                let files = hoverfly::Files { simulation_path: file.path, beside };
                let (path, bytes) = hoverfly::body_file(&files, name)?;
                Some(BodyFile { path, bytes })
            }),
            _ => Box::new(|name| body_file(&Files { stub_path: file.path, beside }, name)),
        },
        sites,
        own: Vec::new(),
        files: BTreeMap::new(),
    };
    if mending.sites.dialect == Dialect::OpenApi {
        let asked = (tree.documents.as_slice(), changes);
        let edits = specification::edits(file, text, asked, beside);
        let done = edits.into_iter().map(|edits| mending.specify(edits)).collect();
        return mending.finish(done);
    }
    let done = changes.iter().map(|change| mending.write(change)).collect();
    mending.finish(done)
}

const UNSOUND: &str = "the file could not be read again with this change: change it by hand";
const OF_A_CALL: &str = "how a call ends is not edited: change the stub by hand";
const NO_STATUS: &str = "the status is not written in this claim, and has no room there";
const IN_CODE: &str = "which of several answers a request gets is code: add the case where a test \
                       asks for it";
const NO_HEADER: &str = "the header is not written in this claim";
const ASKS_ELSEWISE: &str = "how the claim matches requests has no room for another parameter";

/// What a file holds, as trees that know their bytes.
struct Tree {
    documents: Vec<Node>,
    scripted: Vec<Scripted>,
    is_script: bool,
}

impl Tree {
    fn of(file: &SourceFile<'_>) -> Option<Self> {
        if is_script(file.path) {
            return Some(Self { documents: Vec::new(), scripted: scripted(file), is_script: true });
        }
        let documents = parse(file.path, file.bytes).ok()?.documents;
        Some(Self { documents, scripted: Vec::new(), is_script: false })
    }
}

/// A file while it is being mended.
struct Mending<'a> {
    file: &'a SourceFile<'a>,
    is_script: bool,
    text: &'a str,
    layout: Layout<'a>,
    beside: Beside<'a>,
    /// Gives a body kept in a file of its own.
    body_file: Box<FindBody<'a>>,
    sites: Sites<'a>,
    own: Vec<Edit>,
    files: BTreeMap<String, String>,
}

impl Mending<'_> {
    fn write(&mut self, change: &Change) -> Done {
        let place = (change.claim.line, change.claim.column);
        let Some(site) = self.sites.at(place) else {
            return Done::Refused("the answer is not where it was read".to_owned());
        };
        let edits = match self.edits(&site, change) {
            Ok(edits) => edits,
            Err(reason) => return Done::Refused(reason),
        };
        if change.reach == Reach::NewCase {
            return self.add_case(&site, edits);
        }
        let mut edits = edits;
        // What several claims are read from is changed once.
        edits.own.retain(|edit| !self.own.contains(edit));
        let overlaps = |edit: &Edit| {
            self.own.iter().any(|known| overlap(known, edit) || is_same_member(known, edit))
        };
        let is_taken = |(path, _): &(String, String)| self.files.contains_key(path);
        if edits.own.iter().any(overlaps) || edits.beside.as_ref().is_some_and(is_taken) {
            return Done::Later;
        }
        self.own.extend(edits.own);
        self.files.extend(edits.beside);
        Done::Written
    }

    /// Takes the edits of a specification, which may lie in files beside it.
    fn specify(&mut self, edits: Result<ByFile, String>) -> Done {
        let mut edits = match edits {
            Ok(edits) => edits,
            Err(reason) => return Done::Refused(reason),
        };
        let mut own = edits.remove(self.file.path).unwrap_or_default();
        own.retain(|edit| !self.own.contains(edit));
        let touches = |edit: &Edit| {
            self.own.iter().any(|known| overlap(known, edit) || is_same_member(known, edit))
        };
        if own.iter().any(touches) || edits.keys().any(|path| self.files.contains_key(path)) {
            return Done::Later;
        }
        for (path, edits) in edits {
            let text = (self.beside)(&path).and_then(|bytes| String::from_utf8(bytes).ok());
            let Some(text) = text else { return Done::Later };
            self.files.insert(path, apply(&text, edits).0);
        }
        self.own.extend(own);
        Done::Written
    }

    fn edits(&self, site: &Site<'_>, change: &Change) -> Result<Edits, String> {
        let (place, json) = match &change.action {
            Action::Remove(place) => (place, None),
            Action::Set(place, json) => (place, Some(json)),
            Action::Admit(place, beyond) => {
                let (layout, version) = (self.layout, self.sites.contract());
                let interaction = Interaction { layout, version, site, body: self.kept(site.body) };
                return interaction.admit(place, beyond);
            }
            // What else its examples and rules have to take is told, and mended, place by place.
            Action::Answer(answer) if self.sites.dialect == Dialect::Pact => {
                let status = self.status(site, answer.status)?;
                return Ok(Edits { own: vec![status], ..Edits::default() });
            }
            Action::Answer(_) | Action::AnswerOther(_)
                if self.sites.dialect == Dialect::GripMock =>
            {
                return Err(OF_A_CALL.to_owned());
            }
            Action::Answer(answer) => return self.answer(site, answer),
            Action::AnswerOther(answer) => {
                let mut edits = self.answer(site, answer)?;
                edits.own.extend(self.ask(site, answer.asked.as_deref())?);
                return Ok(edits);
            }
        };
        let node = json.map(|json| json_node(json)).transpose()?;
        let steps = match (self.sites.dialect, site.body) {
            (Dialect::GripMock, BodySite::Tree(message)) => as_named(message, &place.steps),
            _ => place.steps.clone(),
        };
        let below = Below { steps: &steps, json: node.as_ref(), reach: change.reach };
        let name = place.name().unwrap_or_default();
        match (place.side, place.part, json) {
            (Side::Response, Part::Header, Some(json)) => {
                one(set_header(self.layout, site, name, &text_of(json)), NO_HEADER)
            }
            (Side::Response, Part::Header, None) => {
                one(remove_header(self.layout, site, name), NO_HEADER)
            }
            (Side::Response, Part::Body, _) => {
                let edits = self.kept(site.body).edited(below)?;
                Ok(self.with_length(site, edits))
            }
            (Side::Request, Part::Query, Some(_)) => {
                let own = ask_with(self.layout, site.query, name).ok_or(ASKS_ELSEWISE)?;
                Ok(Edits { own, ..Edits::default() })
            }
            (Side::Request, Part::Body, Some(_)) => match site.asked {
                Asked::Recorded(body) => self.kept(body).edited(below),
                Asked::Patterns(..) => Ok(Edits { own: self.ask(site, None)?, ..Edits::default() }),
                Asked::Any => Err(ASKS_ELSEWISE.to_owned()),
            },
            _ => Err("only answers are edited".to_owned()),
        }
    }

    fn kept<'b>(&'b self, site: BodySite<'b>) -> KeptBody<'b> {
        KeptBody { text: self.text, layout: self.layout, site, file: &*self.body_file }
    }

    /// Lets a copy ask for another body: as it was recorded, or any where patterns choose.
    fn ask(&self, site: &Site<'_>, json: Option<&str>) -> Result<Vec<Edit>, String> {
        match (site.asked, json) {
            (Asked::Patterns(request, at), _) => {
                Ok(self.layout.remove_member(request, at).into_iter().collect())
            }
            (Asked::Recorded(body), Some(json)) => Ok(self.kept(body).replaced(json)?.own),
            _ => Ok(Vec::new()),
        }
    }

    /// Lets the header that tells a body's length follow the body.
    fn with_length(&self, site: &Site<'_>, mut edits: Edits) -> Edits {
        let length = edits.length.and_then(|length| follow_length(self.layout, site, length));
        edits.own.extend(length);
        edits
    }

    fn status(&self, site: &Site<'_>, status: u16) -> Result<Edit, String> {
        let at = site.response.start;
        if site.status.is_none() && site.response.value == Value::Computed {
            let text = format!(", {{ status: {status} }}");
            return (at > 0).then_some(Edit { start: at, end: at, text }).ok_or(NO_STATUS.into());
        }
        let status = json_node(&status.to_string())?;
        Ok(match site.status {
            Some(node) => self.layout.replace(node, &status),
            None => self.layout.insert_member(site.response, site.keys.0, &status),
        })
    }

    fn answer(&self, site: &Site<'_>, answer: &Answer) -> Result<Edits, String> {
        let mut own = vec![self.status(site, answer.status)?];
        let reason = http::StatusCode::from_u16(answer.status).ok();
        let reason = reason.and_then(|status| status.canonical_reason()).unwrap_or_default();
        if let Some(node) = site.reason.filter(|node| node.as_str().is_some()) {
            own.push(self.layout.replace(node, &json_node(&quoted(reason))?));
        }
        if let Some(media_type) = &answer.media_type {
            own.extend(set_media_type(self.layout, site, media_type));
        }
        let text = answer.body.as_deref().unwrap_or_default();
        let mut edits = self.kept(site.body).replaced(text)?;
        edits.own.extend(own);
        Ok(self.with_length(site, edits))
    }

    /// Writes a copy of the claim with the edits in it.
    fn add_case(&mut self, site: &Site<'_>, edits: Edits) -> Done {
        if self.is_script {
            return Done::Refused(IN_CODE.to_owned());
        }
        let (start, end) = (site.whole.start, site.whole.end);
        let slice = self.text.get(start..end).unwrap_or_default().trim_end();
        let within = |edit: Edit| {
            let is_inside = edit.start >= start && edit.end <= start + slice.len();
            is_inside.then(|| Edit { start: edit.start - start, end: edit.end - start, ..edit })
        };
        let number = self.sites.next_case();
        let marks = match marks_of_case(self.sites.dialect, self.layout, site.whole, number) {
            Ok(marks) => marks,
            Err(reason) => return Done::Refused(reason.to_owned()),
        };
        let mut edits = edits;
        if let Some((path, text)) = edits.beside.take() {
            let Some((path, edit)) = self.body_of_case(site, &path, number) else {
                return Done::Refused(
                    "the body's file has no name that a copy could take".to_owned(),
                );
            };
            self.files.insert(path, text);
            edits.own.push(edit);
        }
        let own = edits.own.into_iter().chain(marks);
        let (copy, left_out) = apply(slice, own.filter_map(within).collect());
        if !left_out.is_empty() {
            return Done::Refused("the case overlaps what tells stubs apart".to_owned());
        }
        match site.among {
            Among::List(list) => {
                let Some(edit) = self.layout.append_element(list, &copy) else {
                    return Done::Later;
                };
                self.own.push(edit);
            }
            Among::Documents => {
                let (start, end) = (self.text.len(), self.text.len());
                let line = if self.text.ends_with('\n') { "" } else { "\n" };
                self.own.push(Edit { start, end, text: format!("{line}---\n{copy}\n") });
            }
            Among::Nothing => {
                let Some(path) = self.free_path(self.file.path, number) else {
                    return Done::Later;
                };
                self.files.insert(path, format!("{copy}\n"));
            }
        }
        Done::Written
    }

    /// A path for the body of a copy, and the edit that names it in the copy.
    fn body_of_case(&self, site: &Site<'_>, path: &str, number: usize) -> Option<(String, Edit)> {
        let BodySite::File(named) = site.body else { return None };
        let free = self.free_path(path, number)?;
        // What is named is the end of the path, below the folder of bodies.
        let folder = path.strip_suffix(named.as_str()?)?;
        let name = json_node(&quoted(free.strip_prefix(folder)?)).ok()?;
        Some((free, self.layout.replace(named, &name)))
    }

    /// A path beside a file that no file has.
    fn free_path(&self, beside: &str, number: usize) -> Option<String> {
        const TRIES_MAX: usize = 1_000;
        let (stem, suffix) = beside.rsplit_once('.')?;
        let path = |at: usize| format!("{stem}-case-{at}.{suffix}");
        let is_free =
            |path: &String| !self.files.contains_key(path) && (self.beside)(path).is_none();
        (number..number + TRIES_MAX).map(path).find(is_free)
    }

    fn finish(mut self, done: Vec<Done>) -> Mended {
        if !self.own.is_empty() {
            // Two insertions at one place stand in the order in which they were asked for.
            let (text, left_out) = apply(self.text, self.own);
            let path = self.file.path;
            let is_sound = match self.is_script {
                true => scripted::is_sound(path, &text),
                false => parse(path, text.as_bytes()).is_ok(),
            };
            if !left_out.is_empty() || !is_sound {
                let done = done.into_iter().map(|one| match one {
                    Done::Written => Done::Refused(UNSOUND.to_owned()),
                    other => other,
                });
                return Mended { files: BTreeMap::new(), done: done.collect() };
            }
            self.files.insert(self.file.path.to_owned(), text);
        }
        Mended { files: self.files, done }
    }
}

fn one(edit: Option<Edit>, otherwise: &str) -> Result<Edits, String> {
    Ok(Edits { own: vec![edit.ok_or(otherwise)?], ..Edits::default() })
}

/// True when both add a member of one name at one place, whatever its value.
fn is_same_member(one: &Edit, two: &Edit) -> bool {
    let name = |edit: &Edit| edit.text.split(": ").next().map(str::to_owned);
    (one.start, one.end) == (two.start, two.end) && name(one) == name(two)
}

fn overlap(one: &Edit, two: &Edit) -> bool {
    let is_insertion = one.start == one.end && two.start == two.end;
    // Where one object ends in lines its parent does too: what is deeper has to come first.
    let depth = |edit: &Edit| {
        let line = edit.text.strip_prefix('\n')?;
        Some(line.len() - line.trim_start_matches(' ').len())
    };
    if is_insertion && one.start == two.start && depth(one) != depth(two) {
        return true;
    }
    !is_insertion
        && one.start < two.end.max(two.start + 1)
        && two.start < one.end.max(one.start + 1)
}

#[cfg(test)]
mod tests;
