//! Edits of an interaction: its example follows what is seen, and its rules take it.
//!
//! Refuses to know how rules are written, and why anything changes.

use crate::mend::body::KeptBody;
use crate::mend::contract::{Ruled, Version};
use crate::mend::edits::{Edits, json_node, text_of};
use crate::mend::header::{remove_header, set_header, set_media_type};
use crate::mend::member::Below;
use crate::mend::site::Site;
use plumb_shape::change::{Beyond, Reach};
use plumb_shape::difference::DifferenceKind;
use plumb_shape::example::is_json_type;
use plumb_shape::place::{Part, Place, Side};
use plumb_tree::edit::Edit;
use plumb_tree::layout::Layout;
use plumb_tree::quoted;

const ASKED: &str = "what requests are matched by stays as it is written: change it by hand";
const ELSEWISE: &str = "the claim has no room for what is seen: change it by hand";
const OTHER_TYPE: &str = "another media type at times needs a state of the provider: let a test of \
                          the consumer ask for it";

/// An interaction of a contract.
#[derive(Clone, Copy)]
pub(crate) struct Interaction<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) version: Version,
    pub(crate) site: &'a Site<'a>,
    /// The example of its answer's body.
    pub(crate) body: KeptBody<'a>,
}

impl Interaction<'_> {
    /// Lets an interaction of a contract take what is seen at a place.
    ///
    /// # Errors
    /// Why the example or a rule cannot follow.
    pub(crate) fn admit(self, place: &Place, beyond: &Beyond) -> Result<Edits, String> {
        use DifferenceKind as Kind;
        if place.side == Side::Request {
            return Err(ASKED.to_owned());
        }
        let Self { layout, version, site, body } = self;
        let ruled = Ruled { layout, side: site.response, version };
        let json = beyond.json.as_deref().map(json_node).transpose()?;
        let name = place.name().unwrap_or_default();
        let is_gone = matches!(beyond.kind, Kind::Gone | Kind::NeverSeen);
        let is_other = matches!(beyond.kind, Kind::New | Kind::Refused | Kind::KindChanged);
        if !is_gone && !is_other && place.part != Part::MediaType {
            let own = ruled.widened(place, beyond)?;
            return Ok(Edits { own, ..Edits::default() });
        }
        let mut edits = match (place.part, &json) {
            (Part::MediaType, _) => return self.other_type(beyond),
            (Part::Header, _) if is_gone => one(remove_header(layout, site, name))?,
            (Part::Header, Some(json)) => {
                one(set_header(layout, site, name, &text_of(&json.to_json_text())))?
            }
            (Part::Body, json) if is_gone || json.is_some() => {
                let json = json.as_ref().filter(|_| !is_gone);
                let below = Below { steps: &place.steps, json, reach: Reach::Everywhere };
                body.edited(below)?
            }
            _ => return Err(ELSEWISE.to_owned()),
        };
        edits.own.extend(if is_gone { ruled.without(place) } else { ruled.by_type(place)? });
        Ok(edits)
    }

    /// Writes another media type, and leaves the body to be judged by it.
    fn other_type(self, beyond: &Beyond) -> Result<Edits, String> {
        let Self { layout, version, site, body } = self;
        let Some(media_type) = beyond.words.first() else { return Err(ELSEWISE.to_owned()) };
        if beyond.kind == DifferenceKind::New {
            return Err(OTHER_TYPE.to_owned());
        }
        let mut own: Vec<Edit> = set_media_type(layout, site, media_type).into_iter().collect();
        if let Some(node) = site.response.path(&["body", "contentType"]) {
            own.push(layout.replace(node, &json_node(&quoted(media_type))?));
        }
        if is_json_type(media_type) {
            return Ok(Edits { own, ..Edits::default() });
        }
        let ruled = Ruled { layout, side: site.response, version };
        own.extend(ruled.without(&Place::root(Side::Response, Part::Body)));
        let mut edits = body.replaced("text")?;
        edits.own.extend(own);
        Ok(edits)
    }
}

fn one(edit: Option<Edit>) -> Result<Edits, String> {
    Ok(Edits { own: vec![edit.ok_or(ELSEWISE)?], ..Edits::default() })
}

#[cfg(test)]
mod tests;
