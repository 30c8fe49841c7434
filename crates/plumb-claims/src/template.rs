//! Expressions in double braces: where they stand in a body or a header, any scalar may stand.
//!
//! Handlebars in mocks and variables in collections look alike. Finds `{{..}}` and puts
//! placeholders there so that the rest of the document is read as usual. Evaluates nothing; blocks
//! (`{{#if}}`, `{{#each}}`) change the document itself and are beyond it. Refuses to know dialects.

use crate::cassette::url::COMPUTED;
use crate::header_name::{is_transport, is_withheld};
use crate::said_document::{Decision, Members, Visit, itself, say_document};
use plumb_shape::example::{decode_form, is_json_type, say_body, say_form, say_opaque};
use plumb_shape::format::string_traits;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::{Beneath, Expected, Said, media_type_essence};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::json::parse_json;
use std::borrow::Cow;

/// The media type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// A body has expressions that change more than single values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Beyond;

/// What a text holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Templated {
    /// No expression.
    Plain,
    /// JSON in which placeholders stand for what is computed.
    Filled(String),
    /// Expressions that change more than single values.
    Beyond,
}

/// Stands for a string with an expression in it. Private-use characters, which no document holds.
const IN_STRING: &str = "\u{f8fe}string";

/// Stands for an expression outside strings.
const BARE: &str = "\u{f8fe}value";

/// Says the headers of an answer, those that only carry it left out; gives the content type.
pub(crate) fn say_headers(said: &mut Said, headers: &[(&str, Cow<'_, str>)]) -> Option<String> {
    let mut media_type = None;
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        let computed = has_expression(value) || value.contains(COMPUTED);
        if name == "content-type" {
            if !computed {
                said.say_media_type(Side::Response, value);
                media_type = Some(value.to_string());
            }
        } else if !is_transport(&name) {
            let traits = if computed { TraitSet::STRING } else { string_traits(value.as_bytes()) };
            let withheld = if is_withheld(&name) { TraitSet::WITHHELD } else { TraitSet::NONE };
            said.say_header(Side::Response, &name, traits | withheld);
        }
    }
    media_type
}

/// Says a body in which expressions may stand.
///
/// # Errors
///
/// When its expressions change more than single values; nothing is said then.
pub(crate) fn say_text(
    said: &mut Said,
    side: Side,
    media_type: Option<&str>,
    body: &[u8],
) -> Result<(), Beyond> {
    let text = String::from_utf8_lossy(body);
    let essence = media_type.map(media_type_essence).unwrap_or_default();
    let may_be_json = essence.is_empty() || is_json_type(&essence);
    match fill(&text) {
        Templated::Plain => say_body(said, side, media_type, body),
        _ if essence == FORM => say_form_text(said, side, &text),
        _ if !may_be_json => say_opaque(said, side),
        Templated::Beyond => return Err(Beyond),
        Templated::Filled(json) => {
            let parsed = parse_json(json.as_bytes()).map_err(|_| Beyond)?;
            for document in &parsed.documents {
                say_document(said, side, document, Beneath::Open, &mut with_expressions);
            }
        }
    }
    Ok(())
}

/// Says a form; a value with an expression in it is any text.
fn say_form_text(said: &mut Said, side: Side, text: &str) {
    say_form(said, side, text);
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    for (name, _) in pairs.filter(|(_, value)| has_expression(value)) {
        let step = Step::Key(decode_form(name).as_str().into());
        let place = Place::root(side, Part::Body).child(step);
        said.places.insert(place, Expected::always(TraitSet::STRING));
    }
}

/// Puts placeholders into a JSON text.
fn fill(text: &str) -> Templated {
    if !has_expression(text) {
        return Templated::Plain;
    }
    let mut out = String::with_capacity(text.len());
    // Where the string that is being read began in `out`, and whether an expression stood in it.
    let mut string: Option<(usize, bool)> = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("{{") {
            let Some(length) = expression_length(rest) else { return Templated::Beyond };
            match &mut string {
                Some((_, computed)) => *computed = true,
                None => out.extend(["\"", BARE, "\""]),
            }
            rest = &rest[length..];
            continue;
        }
        let mut length = c.len_utf8();
        match (c, string) {
            ('"', None) => string = Some((out.len(), false)),
            ('"', Some((start, computed))) => {
                if computed && rest[1..].trim_start().starts_with(':') {
                    return Templated::Beyond;
                }
                if computed {
                    out.truncate(start);
                    out.extend(["\"", IN_STRING]);
                }
                string = None;
            }
            ('\\', Some(_)) => length += rest[1..].chars().next().map_or(0, char::len_utf8),
            _ => {}
        }
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    Templated::Filled(out)
}

/// True when a text holds an expression.
pub(crate) fn has_expression(text: &str) -> bool {
    text.split_once("{{").is_some_and(|(_, rest)| rest.contains("}}"))
}

/// Widens the placeholders that [`fill`] left.
fn with_expressions(visit: &Visit<'_>) -> Decision {
    let widened = |traits| Decision { traits, words: None, members: Members::Named };
    match visit.node.as_str() {
        Some(IN_STRING) => widened(TraitSet::STRING),
        // A document that is one expression may be anything.
        Some(BARE) if visit.path.is_empty() => {
            Decision { traits: TraitSet::ALL, words: None, members: Members::Anything }
        }
        Some(BARE) => {
            widened(TraitSet::NULL | TraitSet::BOOLEAN | TraitSet::NUMBER | TraitSet::STRING)
        }
        _ => itself(visit),
    }
}

/// The length of the expression that `text` begins with; `None` for blocks and what never ends.
fn expression_length(text: &str) -> Option<usize> {
    let triple = text.starts_with("{{{");
    let (open, close) = if triple { (3, "}}}") } else { (2, "}}") };
    let inside = &text[open..];
    let end = inside.find(close)?;
    let word = inside[..end].trim_start_matches(['~', '&']).trim_start();
    let is_block = word.starts_with(['#', '/', '^', '>', '*']) || word.trim_end() == "else";
    (!is_block).then_some(open + end + close.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let filled = match fill(text) {
            Templated::Plain => Some(text.to_owned()),
            Templated::Filled(filled) => Some(filled.replace('\u{f8fe}', "~")),
            Templated::Beyond => None,
        };
        assert_eq!(filled.as_deref(), expected, "{text}");
    }

    #[test]
    fn expressions_become_placeholders() {
        check(r#"{"a":{"b":{}}}"#, Some(r#"{"a":{"b":{}}}"#));
        check(r#"{"a":"{{now}}"}"#, Some(r#"{"a":"~string"}"#));
        check(r#"{"a":"x \" {{{b 'c'}}} y","d":1}"#, Some(r#"{"a":"~string","d":1}"#));
        check(r#"{"a":{{b "c"}},"d":[{{e}},2]}"#, Some(r#"{"a":"~value","d":["~value",2]}"#));
        check(r#"{"a":"{ {x} }"}"#, Some(r#"{"a":"{ {x} }"}"#));
    }

    #[test]
    fn blocks_and_computed_keys_are_beyond() {
        check("[{{#each a}}1{{/each}}]", None);
        check(r#"{"{{a}}" : 1}"#, None);
        check(r#"{"a":"{{b}}","c":"{{d"}"#, None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "[{}\"\\\\a#~é:, ]{0,32}") {
            let _ = fill(&text);
        }
    }
}
