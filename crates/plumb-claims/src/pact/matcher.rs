//! One matcher of a pact (`type`, `regex`, `integer` ...) and what it makes of a value.
//!
//! Refuses to know where rules stand and which of them is chosen.

use crate::said_document::{Decision, Members, Visit, itself, words_of};
use crate::url_pattern::words_of_regex;
use plumb_shape::claim::SaidStatus;
use plumb_shape::format::string_traits;
use plumb_shape::trait_set::TraitSet;
use plumb_tree::{Node, Value};
use std::collections::BTreeSet;

/// A matcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Matcher {
    /// Just the example.
    Equality,
    /// Anything of the example's kind, with so many elements where it is an array.
    Type(Length),
    /// Any scalar of these traits.
    Scalar(TraitSet),
    /// Null.
    Null,
    /// A text that an expression describes; the words when it chooses among some.
    Regex(Option<BTreeSet<String>>),
    /// Anything of the example's kind that is not empty.
    NotEmpty,
    /// A map: every member is like the examples.
    Values,
    /// A map whose keys are matched, and whose values are not.
    EachKey,
    /// A map or an array whose values are matched by these.
    EachValue(Vec<Matcher>),
    /// An array that holds the examples among others.
    ArrayContains,
    /// Any content of a media type.
    ContentType,
    /// Any of these statuses.
    Status(Vec<SaidStatus>),
    /// A matcher that is not known.
    Unknown,
}

/// How many elements an array may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Length {
    min: Option<i64>,
    max: Option<i64>,
}

/// Matchers within matchers at most.
const DEPTH_MAX: usize = 8;

/// The matcher of one entry of a rule, in the forms of every version.
pub(crate) fn matcher_of(node: &Node) -> Matcher {
    at_depth(node, 0)
}

fn at_depth(node: &Node, depth: usize) -> Matcher {
    let text = |key: &str| node.get(key).and_then(Node::as_str);
    let number = |key: &str| node.get(key)?.as_number()?.as_i64();
    let length = Length { min: number("min"), max: number("max") };
    let moment = |keys: [&str; 2], usual| {
        let format = keys.into_iter().find_map(text).filter(|format| !format.is_empty());
        Matcher::Scalar(traits_of_format(format.unwrap_or(usual)))
    };
    // Version 2 may leave out the name where another key tells it.
    let implied = ["regex", "timestamp", "date", "time", "min", "max"];
    let name = text("match").or_else(|| implied.into_iter().find(|key| node.get(key).is_some()));
    match name.unwrap_or_default() {
        "equality" => Matcher::Equality,
        "type" | "min" | "max" | "ignore-order" | "min-type" | "max-type" | "min-max-type" => {
            Matcher::Type(length)
        }
        "regex" => Matcher::Regex(text("regex").and_then(words_of_regex)),
        "integer" => Matcher::Scalar(TraitSet::INTEGER | TraitSet::NEGATIVE),
        "decimal" => Matcher::Scalar(TraitSet::FRACTION | TraitSet::NEGATIVE),
        "number" => Matcher::Scalar(TraitSet::NUMBER),
        "boolean" => Matcher::Scalar(TraitSet::BOOLEAN),
        "include" => Matcher::Scalar(TraitSet::STRING),
        "semver" => Matcher::Scalar(TraitSet::TEXT),
        "timestamp" | "datetime" => match text("datetime") {
            Some(format) => Matcher::Scalar(traits_of_format(format)),
            None => moment(["format", "timestamp"], "yyyy-MM-dd'T'HH:mm:ssXXX"),
        },
        "date" => moment(["format", "date"], "yyyy-MM-dd"),
        "time" => moment(["format", "time"], "HH:mm:ss"),
        "null" => Matcher::Null,
        "notEmpty" | "not-empty" => Matcher::NotEmpty,
        "contentType" | "content-type" => Matcher::ContentType,
        "values" => Matcher::Values,
        "arrayContains" | "array-contains" => Matcher::ArrayContains,
        "eachKey" | "each-key" => Matcher::EachKey,
        "eachValue" | "each-value" if depth < DEPTH_MAX => {
            let rules = node.get("rules").map(Node::items).unwrap_or_default();
            Matcher::EachValue(rules.iter().map(|rule| at_depth(rule, depth + 1)).collect())
        }
        "statusCode" | "status-code" => statuses(node).map_or(Matcher::Unknown, Matcher::Status),
        _ => Matcher::Unknown,
    }
}

impl Matcher {
    /// True when the matcher also holds for what is below its place.
    pub(crate) fn cascades(&self) -> bool {
        matches!(
            self,
            Self::Equality | Self::Type(_) | Self::Scalar(_) | Self::Regex(_) | Self::Unknown
        )
    }

    /// What the matcher makes of a value. Lengths do not reach below the place they stand at.
    pub(crate) fn decide(&self, visit: &Visit<'_>, reach: Reach) -> Decision {
        let any = |traits, members| Decision { traits, words: None, members };
        let kind = visit.traits.widened_to_kinds();
        let is_array = matches!(visit.node.value, Value::Array(_));
        let is_scalar = !is_array && !matches!(visit.node.value, Value::Object(_));
        let elements = elements(visit.node);
        match self {
            Self::Equality | Self::Status(_) => itself(visit),
            Self::Unknown => any(TraitSet::ALL, Members::Anything),
            Self::Null => {
                Decision { words: Some(BTreeSet::new()), ..any(TraitSet::NULL, Members::Named) }
            }
            Self::Type(length) if is_array => match reach {
                Reach::Here => any(length.traits(), elements),
                Reach::Below => any(TraitSet::ARRAY, elements),
            },
            Self::NotEmpty if is_array => any(NOT_EMPTY, elements),
            Self::ArrayContains if is_array => any(NOT_EMPTY, Members::Anything),
            _ if is_array => any(TraitSet::ARRAY, elements),
            Self::Values | Self::EachValue(_) if !is_scalar => any(TraitSet::OBJECT, Members::Map),
            Self::EachKey if !is_scalar => any(TraitSet::OBJECT, Members::Anything),
            Self::ContentType if !is_scalar => any(TraitSet::ALL, Members::Anything),
            _ if !is_scalar => any(visit.traits, Members::Named),
            Self::Scalar(traits) => any(*traits, Members::Named),
            Self::NotEmpty => any(kind.minus(TraitSet::EMPTY_STRING), Members::Named),
            Self::Regex(Some(words)) if kind == TraitSet::STRING => one_of(words),
            Self::Type(_) | Self::Regex(_) | Self::ContentType => any(kind, Members::Named),
            Self::Values | Self::EachKey | Self::EachValue(_) | Self::ArrayContains => {
                itself(visit)
            }
        }
    }
}

/// Whether a matcher stands at the value or above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// At the value.
    Here,
    /// Above it, and it cascades.
    Below,
}

const NOT_EMPTY: TraitSet = TraitSet::ARRAY.minus(TraitSet::EMPTY_ARRAY);

impl Length {
    fn traits(self) -> TraitSet {
        let (min, max) = (self.min.unwrap_or(0), self.max.unwrap_or(i64::MAX));
        let sizes = [
            (TraitSet::EMPTY_ARRAY, min <= 0),
            (TraitSet::ONE_ELEMENT, min <= 1 && max >= 1),
            (TraitSet::MANY_ELEMENTS, max >= 2),
        ];
        let admitted = sizes.into_iter().filter(|(_, admitted)| *admitted);
        admitted.fold(TraitSet::NONE, |all, (size, _)| all | size)
    }
}

/// The elements of an array example; an empty one shows none, so any will do.
fn elements(node: &Node) -> Members {
    if node.items().is_empty() { Members::Anything } else { Members::Named }
}

fn one_of(words: &BTreeSet<String>) -> Decision {
    let traits = words.iter().map(|word| string_traits(word.as_bytes()));
    let kept = words.iter().all(|word| words_of(word).is_some());
    Decision {
        traits: traits.fold(TraitSet::NONE, |all, one| all | one),
        words: kept.then(|| words.clone()),
        members: Members::Named,
    }
}

/// `"success"`, `"clientError"` ..., or a list of numbers.
fn statuses(node: &Node) -> Option<Vec<SaidStatus>> {
    let status = node.get("status")?;
    if !status.items().is_empty() {
        let numbers = status.items().iter().map(|it| Some(SaidStatus::Exactly(it.as_u16()?)));
        return numbers.collect();
    }
    let classes: &[u8] = match status.as_str()? {
        "info" => &[1],
        "success" => &[2],
        "redirect" => &[3],
        "clientError" => &[4],
        "serverError" => &[5],
        "nonError" => &[1, 2, 3],
        "error" => &[4, 5],
        _ => return None,
    };
    Some(classes.iter().copied().map(SaidStatus::Class).collect())
}

/// The traits of texts in a Java date pattern, told from a text written in it.
fn traits_of_format(format: &str) -> TraitSet {
    let mut written = String::new();
    let mut quoted = false;
    let mut rest = format;
    while let Some(letter) = rest.chars().next() {
        let run: usize = rest.chars().take_while(|c| *c == letter).map(char::len_utf8).sum();
        let run = if letter == '\'' { 1 } else { run };
        match letter {
            '\'' => quoted = !quoted,
            _ if quoted => written.push_str(&rest[..run]),
            'y' | 'u' | 'Y' => written.push_str(if run == 2 { "26" } else { "2026" }),
            'M' | 'L' if run >= 3 => written.push_str("Nov"),
            'X' | 'x' | 'Z' => written.push_str("+01:00"),
            'S' | 'n' => written.push_str(&"123456789"[..run.min(9)]),
            'E' | 'a' | 'G' | 'z' | 'V' | 'O' => written.push_str("Sat"),
            c if c.is_ascii_alphabetic() => written.push_str("11"),
            _ => written.push_str(&rest[..run]),
        }
        rest = &rest[run..];
    }
    string_traits(written.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_patterns_have_the_traits_of_what_they_write() {
        for (format, expected) in [
            ("yyyy-MM-dd", TraitSet::DATE),
            ("HH:mm:ss", TraitSet::TIME),
            ("yyyy-MM-dd'T'HH:mm:ssXXX", TraitSet::DATE_TIME),
            ("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", TraitSet::DATE_TIME),
            ("yyyy-MM-dd HH:mm:ss", TraitSet::DATE_TIME),
            ("yyyyMMdd", TraitSet::DIGITS),
            ("dd/MM/yyyy", TraitSet::TEXT),
            ("EEE, d MMM yyyy", TraitSet::TEXT),
            ("'é", TraitSet::TEXT | TraitSet::NON_ASCII),
            ("", TraitSet::EMPTY_STRING),
        ] {
            assert_eq!(traits_of_format(format), expected, "{format}");
        }
    }

    #[test]
    fn lengths_leave_the_sizes_they_admit() {
        let check = |min, max, expected| assert_eq!(Length { min, max }.traits(), expected);
        check(None, None, TraitSet::ARRAY);
        check(Some(1), None, NOT_EMPTY);
        check(Some(2), Some(9), TraitSet::MANY_ELEMENTS);
        check(None, Some(1), TraitSet::EMPTY_ARRAY | TraitSet::ONE_ELEMENT);
        check(Some(-3), Some(0), TraitSet::EMPTY_ARRAY);
    }
}
