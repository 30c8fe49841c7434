//! Places: where in an exchange a trait stands. `response 402 $.error.code` is the status 402 and
//! the place `response $.error.code`.
//!
//! Knows the two sides and the parts of an exchange; refuses to know any body format.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// The side of an exchange: what the consumer wrote or what the provider wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    /// Written by the caller, read by the callee. Also a message's attributes.
    Request,
    /// Written by the callee, read by the caller.
    Response,
}

/// The part of a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Part {
    /// Query parameters, by name.
    Query,
    /// Headers, by lower-case name.
    Header,
    /// The media type without parameters, as the name of the place.
    MediaType,
    /// The body, `$` and below.
    Body,
}

/// One step down into a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Step {
    /// A member of a record. The name is shared by all places below.
    Key(Arc<str>),
    /// Every element of an array.
    Item,
    /// Every member of a map, whose keys are data.
    Any,
}

/// Where a trait stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Request or response.
    pub side: Side,
    /// Query, header, media type or body.
    pub part: Part,
    /// The way down; empty for the part itself.
    pub steps: Vec<Step>,
}

impl Place {
    /// The part itself: `request headers`, `response $`.
    #[must_use]
    pub const fn root(side: Side, part: Part) -> Self {
        Self { side, part, steps: Vec::new() }
    }

    /// A named place directly under a part: a header, a query parameter, a media type.
    #[must_use]
    pub fn named(side: Side, part: Part, name: &str) -> Self {
        Self { side, part, steps: vec![Step::Key(name.into())] }
    }

    /// The place one step below.
    #[must_use]
    pub fn child(&self, step: Step) -> Self {
        let mut steps = Vec::with_capacity(self.steps.len() + 1);
        steps.extend_from_slice(&self.steps);
        steps.push(step);
        Self { side: self.side, part: self.part, steps }
    }

    /// The place above, or `None` for a part itself.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, above) = self.steps.split_last()?;
        Some(Self { side: self.side, part: self.part, steps: above.to_vec() })
    }

    /// True when `other` stands below this place.
    pub(crate) fn is_above(&self, other: &Self) -> bool {
        self.steps.len() < other.steps.len() && self.shared_depth(other) == self.steps.len() + 1
    }

    /// How many places the ways to this one and to `other` share, the part itself among them.
    pub(crate) fn shared_depth(&self, other: &Self) -> usize {
        if (self.side, self.part) != (other.side, other.part) {
            return 0;
        }
        1 + self.steps.iter().zip(&other.steps).take_while(|(one, two)| one == two).count()
    }

    /// The place on the way to this one that is so many steps deep.
    pub(crate) fn at_depth(&self, depth: usize) -> Self {
        Self { side: self.side, part: self.part, steps: self.steps[..depth].to_vec() }
    }

    /// The name of the last step when it is a key.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self.steps.last() {
            Some(Step::Key(name)) => Some(name),
            _ => None,
        }
    }

    /// How many keys deep the place is; array elements do not count.
    #[must_use]
    pub fn key_depth(&self) -> usize {
        key_depth(&self.steps)
    }

    /// True when the place stands below an array element or a map member, so that one exchange may
    /// hold it many times.
    #[must_use]
    pub fn is_repeated(&self) -> bool {
        self.steps.iter().any(|step| !matches!(step, Step::Key(_)))
    }

    /// True for a place that is a member of an object, header list or query, and so can be absent
    /// while its parent is there.
    #[must_use]
    pub fn is_member(&self) -> bool {
        matches!(self.steps.last(), Some(Step::Key(_)))
    }

    /// The place as people read it, with the status it belongs to: `response 402 $.error.code`.
    #[must_use]
    pub fn at_status(&self, status: u16) -> String {
        match self.side {
            Side::Request => self.to_string(),
            Side::Response if status == 0 => self.to_string(),
            Side::Response => format!("response {status} {}", Below(self)),
        }
    }
}

/// How many keys deep such steps lead; array elements do not count.
pub(crate) fn key_depth(steps: &[Step]) -> usize {
    steps.iter().filter(|step| !matches!(step, Step::Item)).count()
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.side {
            Side::Request => "request",
            Side::Response => "response",
        };
        write!(out, "{side} {}", Below(self))
    }
}

struct Below<'a>(&'a Place);

impl fmt::Display for Below<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(place) = self;
        let part = match place.part {
            Part::Query => "query",
            Part::Header => "header",
            Part::MediaType => "media-type",
            Part::Body => return write_body(out, &place.steps),
        };
        out.write_str(part)?;
        match place.steps.first() {
            Some(Step::Key(name)) => write!(out, " {name}"),
            Some(Step::Any | Step::Item) => out.write_str(" {*}"),
            None => Ok(()),
        }
    }
}

fn write_body(out: &mut fmt::Formatter<'_>, steps: &[Step]) -> fmt::Result {
    out.write_str("$")?;
    for step in steps {
        match step {
            Step::Key(name) if is_plain(name) => write!(out, ".{name}")?,
            Step::Key(name) => write!(out, "[{name:?}]")?,
            Step::Item => out.write_str("[]")?,
            Step::Any => out.write_str(".{*}")?,
        }
    }
    Ok(())
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_like_pointers() {
        let body = Place::root(Side::Response, Part::Body);
        let code = body.child(Step::Key("error".into())).child(Step::Key("code".into()));
        assert_eq!(code.at_status(402), "response 402 $.error.code");
        let odd = body.child(Step::Item).child(Step::Key("a b".into())).child(Step::Any);
        assert_eq!(odd.to_string(), "response $[][\"a b\"].{*}");
        assert_eq!(odd.key_depth(), 2);
        assert!(odd.is_repeated() && !odd.is_member());
        let header = Place::named(Side::Request, Part::Header, "x-api-key");
        assert_eq!(header.at_status(200), "request header x-api-key");
        assert_eq!(code.parent().and_then(|p| p.parent()), Some(body));
    }
}
