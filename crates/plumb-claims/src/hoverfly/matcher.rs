//! The matchers of one field, in whichever of the five schemas they are written, and what they say
//! of a text.
//!
//! Refuses to know which field it is.

use crate::cassette::scalar_text;
use crate::matched::expected_regex;
use crate::said_document::expected_text;
use crate::url_pattern::is_anchored;
use plumb_shape::said::Expected;
use plumb_shape::trait_set::TraitSet;
use plumb_tree::{Node, Value};

/// One matcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Just this text.
    Exact,
    /// A text in which `*` stands for anything.
    Glob,
    /// An expression that is searched for.
    Regex,
    /// A whole JSON document.
    Json,
    /// A JSON document to which more may be added.
    JsonPartial,
    /// A place in a JSON document.
    JsonPath,
    /// XML, wholly, in part or by a path.
    Xml,
    /// The fields of a form.
    Form,
    /// A list of texts, parts of a token, or anything but a text.
    Other,
    /// None that is known.
    Unknown,
}

/// A matcher with what it compares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matcher<'a> {
    /// How it compares.
    pub(crate) kind: Kind,
    /// With what.
    pub(crate) value: &'a Node,
    /// Whether another matcher looks at what this one takes out.
    pub(crate) is_chained: bool,
}

/// The matchers of a field; `plain` is what a bare text stands for.
pub(crate) fn matchers(field: Option<&Node>, plain: Kind) -> Vec<Matcher<'_>> {
    let Some(field) = field else { return Vec::new() };
    match &field.value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().filter_map(of_view).collect(),
        Value::Object(_) if field.get("value").is_some() => of_view(field).into_iter().collect(),
        Value::Object(entries) => {
            let given = entries.iter().filter(|(_, value)| value.value != Value::Null);
            given
                .map(|(key, value)| (kind_of_key(&key.text), value))
                .map(|(kind, value)| Matcher { kind, value, is_chained: false })
                .collect()
        }
        _ => vec![Matcher { kind: plain, value: field, is_chained: false }],
    }
}

/// A matcher of the newest schema; the kind may be left out.
fn of_view(view: &Node) -> Option<Matcher<'_>> {
    let value = view.get("value")?;
    let name = view.get("matcher").and_then(Node::as_str).unwrap_or_default();
    let is_chained = view.get("doMatch").is_some_and(|it| it.value != Value::Null);
    Some(Matcher { kind: kind_of(&name.to_ascii_lowercase()), value, is_chained })
}

fn kind_of(name: &str) -> Kind {
    match name {
        "" | "exact" => Kind::Exact,
        "glob" => Kind::Glob,
        "regex" => Kind::Regex,
        "json" => Kind::Json,
        "jsonpartial" => Kind::JsonPartial,
        "jsonpath" => Kind::JsonPath,
        "xml" | "xpath" | "xmltemplated" | "xmlpartial" => Kind::Xml,
        "form" => Kind::Form,
        "array" | "jwt" | "jwtjsonpath" | "negate" | "contains" | "containsexactly"
        | "containsonly" => Kind::Other,
        _ => Kind::Unknown,
    }
}

/// `exactMatch` and its like, as schemas before v5 name them.
fn kind_of_key(key: &str) -> Kind {
    let name = key.to_ascii_lowercase();
    name.strip_suffix("match").map_or(Kind::Unknown, kind_of)
}

impl Matcher<'_> {
    /// What it adds to the strength of a match.
    pub(crate) const fn score(&self) -> i32 {
        if matches!(self.kind, Kind::Exact) { 2 } else { 1 }
    }

    /// The text that is asked for just as it stands.
    pub(crate) fn exact(&self) -> Option<&str> {
        let text = self.value.as_str().filter(|_| !self.is_chained)?;
        match self.kind {
            Kind::Exact => Some(text),
            Kind::Glob => Some(text).filter(|text| !text.contains('*')),
            _ => None,
        }
    }

    /// True when any text will do.
    pub(crate) fn is_any(&self) -> bool {
        let text = self.value.as_str().unwrap_or_default();
        let globbed = !text.is_empty() && text.bytes().all(|byte| byte == b'*');
        match self.kind {
            Kind::Glob => globbed,
            Kind::Regex => matches!(text, ".*" | "^.*$" | ".+" | "^.+$"),
            _ => false,
        }
    }

    /// What is said of a text.
    pub(crate) fn expected(&self) -> Expected {
        let any = Expected::always(TraitSet::STRING);
        if let (Kind::Exact, Some(text)) = (self.kind, scalar_text(self.value)) {
            return expected_text(&text);
        }
        if let Some(text) = self.exact() {
            return expected_text(text);
        }
        match self.value.as_str() {
            Some(regex) if self.kind == Kind::Regex && is_anchored(regex) => expected_regex(regex),
            _ => any,
        }
    }
}
