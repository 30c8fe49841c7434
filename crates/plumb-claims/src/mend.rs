//! Mending: the edits by which a file of mocks says what is seen.
//!
//! Only the bytes of what is wrong change: matchers, comments, order and layout stay. Each dialect
//! tells where an answer keeps its status, headers and body (`sites`) and what makes a copy a case
//! (`case`); the rest is the same for all. Refuses to know why anything changes, and the disk.

mod blocks;
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
mod taken;
mod tree;
pub mod verbatim;

use crate::gripmock::as_named;
use crate::hoverfly::response as hoverfly;
use crate::mend::body::{FindBody, KeptBody};
use crate::mend::case::marks_of_case;
use crate::mend::edits::{Edits, json_node, text_of};
use crate::mend::header::{follow_length, remove_header, set_header, set_media_type};
use crate::mend::interaction::Interaction;
use crate::mend::member::Below;
use crate::mend::request::ask_with;
use crate::mend::site::{Among, Asked, BodySite, Site};
use crate::mend::sites::{Sites, sites};
use crate::mend::specification::text::ByFile;
use crate::mend::taken::Taken;
use crate::mend::tree::Tree;
use crate::reading::{Beside, SourceFile};
use crate::wiremock::response::{BodyFile, Files, body_file};
use crate::wiremock::tells_a_stub;
use plumb_shape::change::{Action, Answer, Change, Reach};
use plumb_shape::claim::Dialect;
use plumb_shape::place::{Part, Side};
use plumb_tree::edit::{Edit, apply};
use plumb_tree::layout::Layout;
use plumb_tree::{Node, Value, quoted};
use std::collections::BTreeMap;

/// What comes of mending one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mended {
    /// The new text of each file that changed, by its path: the file itself, bodies kept beside it,
    /// and new files.
    pub files: BTreeMap<String, String>,
    /// What the file itself holds now, where it changed and is no script and no file of blocks.
    pub documents: Vec<Node>,
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
        done: vec![Done::Refused(reason.to_owned()); changes.len()],
        ..Mended::default()
    };
    let Ok(text) = std::str::from_utf8(file.bytes) else {
        return refuse_all("the file is not UTF-8");
    };
    let Some(tree) = Tree::of(file, text, beside) else {
        return refuse_all("the file cannot be parsed");
    };
    let dialect = changes.first().map(|change| change.claim.dialect);
    let Some(sites) = dialect.and_then(|dialect| sites(dialect, &tree)) else {
        return refuse_all("files of this dialect are not edited");
    };
    let mut mending = Mending {
        file,
        layout: tree.layout(text),
        tree: &tree,
        text,
        beside,
        body_file: bodies_beside(sites.dialect, file, beside),
        sites,
        own: Taken::default(),
        files: BTreeMap::new(),
    };
    if mending.sites.dialect == Dialect::OpenApi {
        let asked = (tree.documents(), changes);
        let edits = specification::edits(file, text, asked, beside);
        let done = edits.into_iter().map(|edits| mending.specify(edits)).collect();
        return mending.finish(done);
    }
    let done = changes.iter().map(|change| mending.write(change)).collect();
    mending.finish(done)
}

/// Finds the bodies that claims of a file keep in files of their own.
fn bodies_beside<'a>(
    dialect: Dialect,
    file: &'a SourceFile<'_>,
    beside: Beside<'a>,
) -> Box<FindBody<'a>> {
    match dialect {
        Dialect::Hoverfly => Box::new(move |name| {
            let files = hoverfly::Files { simulation_path: file.path, beside };
            let (path, bytes) = hoverfly::body_file(&files, name)?;
            Some(BodyFile { path, bytes })
        }),
        _ => Box::new(move |name| body_file(&Files { stub_path: file.path, beside }, name)),
    }
}

const UNSOUND: &str = "the file could not be read again with this change: change it by hand";
const OF_A_CALL: &str = "how a call ends is not edited: change the stub by hand";
const NEVER_NULL: &str = "a message of gRPC is never null: change the stub by hand";
const NO_STATUS: &str = "the status is not written in this claim, and has no room there";
const IN_CODE: &str = "which of several answers a request gets is code: add the case where a test \
                       asks for it";
const NO_HEADER: &str = "the header is not written in this claim";
const ASKS_ELSEWISE: &str = "how the claim matches requests has no room for another parameter";

/// A file while it is being mended.
struct Mending<'a> {
    file: &'a SourceFile<'a>,
    tree: &'a Tree,
    text: &'a str,
    layout: Layout<'a>,
    beside: Beside<'a>,
    /// Gives a body kept in a file of its own.
    body_file: Box<FindBody<'a>>,
    sites: Sites<'a>,
    own: Taken,
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
        edits.own.retain(|edit| !self.own.holds(edit));
        let is_taken = |(path, _): &(String, String)| self.files.contains_key(path);
        if self.own.touches(&edits.own) || edits.beside.as_ref().is_some_and(is_taken) {
            return Done::Later;
        }
        self.own.take(edits.own);
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
        own.retain(|edit| !self.own.holds(edit));
        if self.own.touches(&own) || edits.keys().any(|path| self.files.contains_key(path)) {
            return Done::Later;
        }
        for (path, edits) in edits {
            let text = (self.beside)(&path).and_then(|bytes| String::from_utf8(bytes).ok());
            let Some(text) = text else { return Done::Later };
            self.files.insert(path, apply(&text, edits).0);
        }
        self.own.take(own);
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
            (Side::Response, Part::Body, Some(json))
                if self.sites.dialect == Dialect::GripMock
                    && steps.is_empty()
                    && json == "null" =>
            {
                Err(NEVER_NULL.to_owned())
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
                let mut rest =
                    request.entries().iter().enumerate().filter(|(other, _)| *other != at);
                // Without any of these names it would be read as a stub no longer.
                if request.entries().len() > 1 && !rest.any(|(_, (key, _))| tells_a_stub(&key.text))
                {
                    return Ok(vec![
                        self.layout.replace(&request.entries()[at].1, &json_node("[]")?),
                    ]);
                }
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
        if matches!(self.tree, Tree::Script(_)) {
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
                self.own.take([edit]);
            }
            Among::Documents | Among::Blocks => {
                let (start, end) = (self.text.len(), self.text.len());
                let line = if self.text.ends_with('\n') { "" } else { "\n" };
                let apart = if matches!(site.among, Among::Blocks) { "" } else { "---" };
                self.own.take([Edit { start, end, text: format!("{line}{apart}\n{copy}\n") }]);
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
        if self.own.is_empty() {
            return Mended { files: self.files, done, ..Mended::default() };
        }
        // Two insertions at one place stand in the order in which they were asked for.
        let (text, left_out) = apply(self.text, self.own.into_edits());
        let path = self.file.path;
        let again = self.tree.again(path, &text).filter(|_| left_out.is_empty());
        let Some(documents) = again else {
            let done = done.into_iter().map(|one| match one {
                Done::Written => Done::Refused(UNSOUND.to_owned()),
                other => other,
            });
            return Mended { done: done.collect(), ..Mended::default() };
        };
        self.files.insert(path.to_owned(), text);
        Mended { files: self.files, documents, done }
    }
}

fn one(edit: Option<Edit>, otherwise: &str) -> Result<Edits, String> {
    Ok(Edits { own: vec![edit.ok_or(otherwise)?], ..Edits::default() })
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_first;
