//! Operations: a method and a templated path, and the patterns by which claims name them.
//!
//! Where one path serves many operations, as GraphQL's does, the name that the caller gives is part
//! of it. It is written behind `#`, which no path holds: `POST /graphql#GetUser`.
//!
//! The lexical rule here is context-free: whether a segment is data is decided from the segment
//! alone, so that traffic folded in parts meets under the same name. Words that turn out to be data
//! (names, slugs) are told by the company they keep, in `template`.

use crate::ascii::parts;
use crate::trait_set::TraitSet;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A method and a path template. Data segments are `None`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Operation {
    /// The method, in upper case.
    pub method: String,
    /// The path's segments; `None` stands for data.
    pub segments: Vec<Option<String>>,
    /// What the caller calls it, where one path serves many operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The paths that a claim speaks of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathPattern {
    /// The segments.
    pub segments: Vec<Segment>,
    /// Just the operation of this name; `None` means whatever the path serves.
    pub name: Option<String>,
}

/// One segment of a path pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// Just this text, percent-decoded.
    Literal(String),
    /// Any one segment.
    Param,
    /// Any number of segments, also none; only meaningful at the end.
    Rest,
}

/// A path is cut off after this many segments; what follows is one data segment.
pub const SEGMENTS_MAX: usize = 32;

/// A literal segment longer than this is data.
const LITERAL_SEGMENT_MAX: usize = 48;

/// What stands before the name of an operation.
pub const NAME_MARK: char = '#';

impl Operation {
    /// The operation of a request, with data segments told by the lexical rule alone.
    #[must_use]
    pub fn of_request(method: &str, path: &str) -> Self {
        let mut segments: Vec<Option<String>> = split(path)
            .take(SEGMENTS_MAX)
            .map(|segment| (!is_data(segment)).then(|| segment.to_owned()))
            .collect();
        if split(path).nth(SEGMENTS_MAX).is_some() {
            segments.push(None);
        }
        Self { method: method.to_ascii_uppercase(), segments, name: None }
    }

    /// Writes the operation of a request as [`fmt::Display`] would, behind what `out` holds.
    pub fn write_of_request(out: &mut String, method: &str, path: &str) {
        write_method(out, method);
        let start = out.len();
        for (at, segment) in split(path).enumerate() {
            out.push('/');
            if at == SEGMENTS_MAX {
                out.push_str("{}");
                break;
            }
            out.push_str(if is_data(segment) { "{}" } else { segment });
        }
        if out.len() == start {
            out.push('/');
        }
    }

    /// The path as people read it: `/users/{}/orders`.
    #[must_use]
    pub fn path(&self) -> String {
        if self.segments.is_empty() {
            return "/".to_owned();
        }
        self.segments
            .iter()
            .fold(String::new(), |path, segment| path + "/" + segment.as_deref().unwrap_or("{}"))
    }

    /// The same path and method, whatever is called there.
    #[must_use]
    pub fn without_name(&self) -> Self {
        Self { name: None, ..self.clone() }
    }

    /// Whether another operation is one of this template.
    #[must_use]
    pub fn takes(&self, other: &Self) -> bool {
        let mut pairs = self.segments.iter().zip(&other.segments);
        self.method == other.method
            && self.name == other.name
            && self.segments.len() == other.segments.len()
            && pairs.all(|(wanted, is)| wanted.is_none() || wanted == is)
    }

    /// Reads what [`fmt::Display`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (method, rest) = text.split_once(' ')?;
        let (path, name) = match rest.split_once(NAME_MARK) {
            Some((path, name)) => (path, Some(name.to_owned())),
            None => (rest, None),
        };
        let segments = split(path).map(|segment| (segment != "{}").then(|| segment.to_owned()));
        Some(Self { method: method.to_owned(), segments: segments.collect(), name })
    }
}

/// Writes a method and what stands between it and a path, behind what `out` holds.
pub fn write_method(out: &mut String, method: &str) {
    let start = out.len();
    out.push_str(method);
    out[start..].make_ascii_uppercase();
    out.push(' ');
}

impl fmt::Display for Operation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.method, self.path())?;
        self.name.as_ref().map_or(Ok(()), |name| write!(out, "{NAME_MARK}{name}"))
    }
}

impl PathPattern {
    /// The pattern of these segments.
    #[must_use]
    pub fn of_segments(segments: Vec<Segment>) -> Self {
        Self { segments, name: None }
    }

    /// Whatever the path.
    #[must_use]
    pub fn any() -> Self {
        Self::of_segments(vec![Segment::Rest])
    }

    /// The pattern of one concrete path, as a mock or cassette gives it: every segment literal.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let literal = |segment: &str| Segment::Literal(segment.to_owned());
        Self::of_segments(split(path).map(literal).collect())
    }

    /// The pattern of a template such as `/users/{id}/orders`; a segment with a brace anywhere in
    /// it is data.
    #[must_use]
    pub fn of_template(template: &str) -> Self {
        let segment = |text: &str| {
            if text.contains('{') { Segment::Param } else { Segment::Literal(text.to_owned()) }
        };
        Self::of_segments(split(template).map(segment).collect())
    }

    /// The pattern as documents name it: an id in a mock's path is data, and may be somebody's.
    #[must_use]
    pub fn named(&self) -> String {
        let segment = |segment: &Segment| match segment {
            Segment::Literal(text) if is_data(text) => Segment::Param,
            other => other.clone(),
        };
        let segments = self.segments.iter().map(segment).collect();
        Self { segments, name: self.name.clone() }.to_string()
    }

    /// Whether this pattern speaks of what an operation is called.
    #[must_use]
    pub fn names(&self, operation: &Operation) -> bool {
        self.name.is_none() || self.name == operation.name
    }

    /// How this pattern meets an operation's path, or `None` when it does not. The number orders
    /// matches: more literal segments met literally is larger, so concrete comes before templated.
    #[must_use]
    pub fn meets(&self, operation: &Operation) -> Option<u32> {
        let mut literal_hits = self.names(operation).then(|| u32::from(self.name.is_some()))?;
        let mut said = self.segments.iter();
        let mut seen = operation.segments.iter();
        loop {
            match (said.next(), seen.next()) {
                (None, None) => return Some(literal_hits),
                (Some(Segment::Rest), _) => return Some(literal_hits),
                (Some(Segment::Param), Some(_)) => {}
                (Some(Segment::Literal(text)), Some(Some(word))) if text == word => {
                    literal_hits += 1;
                }
                // A mock's concrete id meets a data segment.
                (Some(Segment::Literal(text)), Some(None)) if is_data(text) => {}
                _ => return None,
            }
        }
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.segments.is_empty() {
            out.write_str("/")?;
        }
        self.segments.iter().try_for_each(|segment| match segment {
            Segment::Literal(text) => write!(out, "/{text}"),
            Segment::Param => out.write_str("/{}"),
            Segment::Rest => out.write_str("/**"),
        })?;
        self.name.as_ref().map_or(Ok(()), |name| write!(out, "{NAME_MARK}{name}"))
    }
}

/// The segments of a path, without empty ones: `//a/` and `/a` are the same place.
pub fn split(path: &str) -> impl Iterator<Item = &str> {
    parts(path, b'/').filter(|segment| !segment.is_empty())
}

/// True when a path segment is data by its form alone: ids, dates, addresses, tokens, anything that
/// is not a plain word. Versions (`v2`, `2.0`) are words.
#[must_use]
pub fn is_data(segment: &str) -> bool {
    let bytes = segment.as_bytes();
    if bytes.len() > LITERAL_SEGMENT_MAX || is_version(bytes) {
        return bytes.len() > LITERAL_SEGMENT_MAX;
    }
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_.~:".contains(b);
    if !bytes.iter().all(plain) || crate::format::string_traits(bytes) != TraitSet::TEXT {
        return true;
    }
    looks_like_id(bytes)
}

fn is_version(bytes: &[u8]) -> bool {
    let digits = match bytes {
        [b'v' | b'V', rest @ ..] => rest,
        _ if bytes.contains(&b'.') => bytes,
        _ => return false,
    };
    digits.first().is_some_and(u8::is_ascii_digit)
        && digits.len() <= 8
        && digits.iter().all(|b| b.is_ascii_digit() || *b == b'.')
}

fn looks_like_id(bytes: &[u8]) -> bool {
    let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || letters == 0 {
        return letters == 0;
    }
    let longest_run =
        bytes.split(|byte| !byte.is_ascii_alphanumeric()).map(mixed_run_len).max().unwrap_or(0);
    (bytes.len() >= 3 && digits * 2 >= bytes.len()) || longest_run >= 10 || bytes.len() >= 24
}

/// The length of a run of letters and digits when it mixes both, else 0. `mp3` and `oauth2` mix
/// too, which is why only long runs count.
fn mixed_run_len(run: &[u8]) -> usize {
    let switches =
        run.windows(2).filter(|pair| pair.iter().filter(|byte| byte.is_ascii_digit()).count() == 1);
    if switches.count() >= 2 || mixes_case_and_digits(run) { run.len() } else { 0 }
}

fn mixes_case_and_digits(run: &[u8]) -> bool {
    run.iter().any(u8::is_ascii_uppercase)
        && run.iter().any(u8::is_ascii_lowercase)
        && run.iter().any(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &str) {
        let operation = Operation::of_request("get", path);
        assert_eq!(operation.to_string(), format!("GET {expected}"));
        let mut written = String::new();
        Operation::write_of_request(&mut written, "get", path);
        assert_eq!(written, operation.to_string());
    }

    #[test]
    fn data_segments_are_told_by_form() {
        check("/", "/");
        check("/posts/26", "/posts/{}");
        check("/posts/83J8DMfuwfM", "/posts/{}");
        check("/posts/a086", "/posts/{}");
        check("/api/2.0/mlflow/runs/log-metric", "/api/2.0/mlflow/runs/log-metric");
        check("/v1/customers/cus_NffrFeUfNV2Hib/cards", "/v1/customers/{}/cards");
        check("/d/7f9c24e5-2b0a-4c59-8a3d-9d0d1f3c2b11", "/d/{}");
        check("/days/2026-11-21", "/days/{}");
        check("/oauth2/token/mp3", "/oauth2/token/mp3");
        check("/u/ann%40example.org/me", "/u/{}/me");
        check("//a//b/", "/a/b");
    }

    #[test]
    fn operations_read_back() {
        let operation = Operation::of_request("POST", "/users/7/orders");
        assert_eq!(Operation::parse(&operation.to_string()), Some(operation));
    }

    #[test]
    fn patterns_meet_operations() {
        let seen = Operation::of_request("GET", "/users/7");
        assert_eq!(PathPattern::of_template("/users/{id}").meets(&seen), Some(1));
        assert_eq!(PathPattern::of_path("/users/12").meets(&seen), Some(1));
        assert_eq!(PathPattern::of_path("/users/me").meets(&seen), None);
        let me = Operation::of_request("GET", "/users/me");
        assert_eq!(PathPattern::of_path("/users/me").meets(&me), Some(2));
        assert_eq!(PathPattern::any().meets(&me), Some(0));
    }

    #[test]
    fn a_name_is_part_of_an_operation() {
        let called = |name: &str| {
            let name = Some(name.to_owned());
            Operation { name, ..Operation::of_request("POST", "/graphql") }
        };
        let user = called("GetUser");
        assert_eq!(user.to_string(), "POST /graphql#GetUser");
        assert_eq!(Operation::parse("POST /graphql#GetUser").as_ref(), Some(&user));
        let of_path = PathPattern::of_path("/graphql");
        assert_eq!(of_path.meets(&user), Some(1));
        let just = PathPattern { name: Some("GetUser".to_owned()), ..PathPattern::any() };
        assert_eq!((just.meets(&user), just.meets(&called("GetUsers"))), (Some(1), None));
        assert_eq!(just.meets(&Operation::of_request("POST", "/graphql")), None);
        assert_eq!(just.to_string(), "/**#GetUser");
        assert_eq!(user.without_name().to_string(), "POST /graphql");
        assert!(!user.takes(&user.without_name()) && !user.without_name().takes(&user));
        let template = Operation::parse("POST /{}#GetUser").unwrap();
        assert!(template.takes(&user) && !user.takes(&template));
    }
}
