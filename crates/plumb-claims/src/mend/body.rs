//! Edits of a body, wherever an exchange keeps it.

use crate::mend::edits::{Edits, json_node};
use crate::mend::member::{Below, member_edits};
use crate::mend::site::BodySite;
use crate::wiremock::response::BodyFile;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plumb_shape::place::Step;
use plumb_tree::edit::{Edit, apply};
use plumb_tree::json::parse_json;
use plumb_tree::layout::Layout;
use plumb_tree::{Node, Value, quoted};

/// A body and where it is kept.
#[derive(Clone, Copy)]
pub(crate) struct KeptBody<'a> {
    /// The text of the file that keeps it, or names it.
    pub(crate) text: &'a str,
    /// How that file is laid out.
    pub(crate) layout: Layout<'a>,
    /// Where in it.
    pub(crate) site: BodySite<'a>,
    /// Gives a body kept in a file of its own.
    pub(crate) file: &'a FindBody<'a>,
}

/// Finds a body that is kept in a file of its own by the name that a claim gives it.
pub(crate) type FindBody<'a> = dyn Fn(&str) -> Option<BodyFile> + 'a;

const NOT_JSON: &str = "the claim's body is no JSON as it is written, so no place in it is edited";
const IN_PARTS: &str = "the body is put together by `ctx.data`, `ctx.errors` and `ctx.extensions`: \
                        choose by hand which of them there are";
const NO_FILE: &str = "the body's file is not below the scanned folder";

impl KeptBody<'_> {
    /// Edits a JSON body at one place.
    pub(crate) fn edited(self, below: Below<'_>) -> Result<Edits, String> {
        if let BodySite::Tree(root) = self.site {
            let own = member_edits(self.text, self.layout, root, below)?;
            // How its own tool will write such a body is not known, so neither is its length.
            return Ok(Edits { own, ..Edits::default() });
        }
        if let BodySite::Parts(whole) = self.site {
            let own = self.part_edited(whole, below)?;
            return Ok(Edits { own, ..Edits::default() });
        }
        if let (Some(json), []) = (below.json, below.steps) {
            return self.replaced(&json.to_json_text());
        }
        let old = self.decoded()?.ok_or(NOT_JSON)?;
        let parsed = parse_json(old.as_bytes()).map_err(|_| NOT_JSON)?;
        let root = parsed.documents.first().ok_or(NOT_JSON)?;
        let edits = member_edits(&old, Layout::of(&old), root, below)?;
        let (new, _) = apply(&old, edits.clone());
        let mut written = self.replaced(&new)?;
        if let BodySite::Text(node) = self.site
            && let Some(source) = self.text.get(node.start..node.end)
            && let Some(text) = self.layout.spliced(source, &old, &edits)
        {
            written.own = vec![over(node, text)];
        }
        Ok(written)
    }

    /// Edits one part of a body; which parts there are is not written in any one place.
    fn part_edited(self, whole: &Node, below: Below<'_>) -> Result<Vec<Edit>, String> {
        let Some((Step::Key(key), steps)) = below.steps.split_first() else {
            return Err(IN_PARTS.to_owned());
        };
        let part = whole.get(key).ok_or(IN_PARTS)?;
        if steps.is_empty() && below.json.is_none() {
            return Err(IN_PARTS.to_owned());
        }
        member_edits(self.text, self.layout, part, Below { steps, ..below })
    }

    /// Writes a whole body.
    pub(crate) fn replaced(self, new: &str) -> Result<Edits, String> {
        let mut edits = Edits { length: Some(new.len()), ..Edits::default() };
        match self.site {
            BodySite::Tree(node) => edits.own.push(match json_node(new) {
                Ok(json) => self.layout.replace(node, &json),
                Err(_) => over(node, quoted(new)),
            }),
            BodySite::Text(node) => {
                let old = self.text.get(node.start..node.end).unwrap_or_default();
                edits.own.push(over(node, self.layout.in_style(old, new)));
            }
            BodySite::Base64(node) => edits.own.push(over(node, quoted(&STANDARD.encode(new)))),
            BodySite::File(name) => {
                let body = name.as_str().and_then(self.file).ok_or(NO_FILE)?;
                edits.beside = Some((body.path, new.to_owned()));
            }
            BodySite::Parts(_) => return Err(IN_PARTS.to_owned()),
            BodySite::Nowhere(..) if new.is_empty() => edits.length = None,
            BodySite::Nowhere(_, "content") => return Err(NOT_JSON.to_owned()),
            BodySite::Nowhere(parent, key) => {
                edits.own.push(self.layout.insert_member(parent, key, &json_node(&quoted(new))?));
            }
        }
        Ok(edits)
    }

    /// The text of the body as it is; `None` when there is none.
    pub(crate) fn decoded(self) -> Result<Option<String>, String> {
        let utf8 = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|_| NOT_JSON.to_owned());
        match self.site {
            BodySite::Text(Node { value: Value::Null, .. })
            | BodySite::Nowhere(..)
            | BodySite::Tree(_)
            | BodySite::Parts(_) => Ok(None),
            BodySite::Text(node) => utf8(node.as_bytes().ok_or(NOT_JSON)?.to_vec()).map(Some),
            BodySite::Base64(node) => {
                let text = node.as_str().unwrap_or_default();
                let dense: String = text.split_ascii_whitespace().collect();
                utf8(STANDARD.decode(dense).map_err(|_| NOT_JSON)?).map(Some)
            }
            BodySite::File(name) => {
                let body = name.as_str().and_then(self.file).ok_or(NO_FILE)?;
                utf8(body.bytes).map(Some)
            }
        }
    }
}

fn over(node: &Node, text: String) -> Edit {
    Edit { start: node.start, end: node.end, text }
}
