//! The request half of a WireMock stub: which requests it answers, and what it says of them.
//!
//! Refuses to know the answer.

use crate::header_name::is_withheld;
use crate::unread_tally::{UnreadTally, Why};
use crate::url_pattern::{
    QueryPattern, is_plain, path_of_regex, path_of_text, query_pairs, split_query,
};
use crate::wiremock::body::say_body_patterns;
use crate::wiremock::predicate::{expected_of, is_loose};
use plumb_shape::claim::{SaidQuery, SaidRequest};
use plumb_shape::example::say_query;
use plumb_shape::operation::PathPattern;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::said::{Expected, Presence, Said};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::{Key, Node, Value};

/// Which requests a stub answers.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The requests.
    pub(crate) request: SaidRequest,
    /// The host that the stub stands for, when it says one.
    pub(crate) writer: Option<String>,
}

/// WireMock's own priority for a stub that gives none.
pub(crate) const PRIORITY: i32 = 5;

const URL_UNCLEAR: Why = Why {
    reason: "a url pattern cannot be told as a path, so its stub is not read",
    remedy: "use `urlPathTemplate`, or a pattern of whole segments such as `/users/[^/]+`",
};
const QUERY_UNCLEAR: Why = Why {
    reason: "the query part of a url pattern is not read",
    remedy: "use `urlPathPattern` with `queryParameters`",
};
const METHOD_UNCLEAR: Why = Why {
    reason: "a method that is neither a name nor `oneOf` is taken for any method",
    remedy: "name the methods",
};
const METHOD_LOWER: Why = Why {
    reason: "a method in lower case is no request's, so its stub never answers and is not read",
    remedy: "write it in upper case",
};
const PREDICATE: Why = Why {
    reason: "a predicate is not known, any text is taken to do",
    remedy: "use a predicate that WireMock documents",
};
const CUSTOM: Why = Why {
    reason: "a custom matcher is code, so the stub is taken to answer some requests only",
    remedy: "express it with WireMock's own predicates",
};
const MULTIPART: Why = Why {
    reason: "multipart patterns are not read, nothing is said about the request body",
    remedy: "keep them; the rest of the stub is compared",
};

/// Reads `request` and the priority of a stub; `None`, counted, when its requests cannot be told.
pub(crate) fn say_request(said: &mut Said, stub: &Node, tally: &mut UnreadTally) -> Option<Asked> {
    let request = stub.get("request").unwrap_or(stub);
    let AskedUrl { path, mut query, is_loose: mut stateful } = asked_url(said, request, tally)?;
    if let Some(parameters) = request.get("queryParameters") {
        let is_asked = !parameters.entries().is_empty();
        // A url that tells the whole query is asked for beside it: what both admit is not kept.
        stateful |= is_asked && query == SaidQuery::Exactly;
        query = if is_asked { query.max(SaidQuery::Includes) } else { query };
        stateful |= say_named(said, Part::Query, parameters, tally);
    }
    if let Some(headers) = request.get("headers") {
        stateful |= say_named(said, Part::Header, headers, tally);
    }
    if request.get("cookies").is_some_and(|cookies| !cookies.entries().is_empty()) {
        said.say_header(Side::Request, "cookie", TraitSet::STRING | TraitSet::WITHHELD);
    }
    if request.get("basicAuthCredentials").is_some() {
        said.say_header(Side::Request, "authorization", TraitSet::STRING | TraitSet::WITHHELD);
    }
    stateful |= say_body_patterns(said, request, asked_media_type(request), tally);
    for (key, why) in [("customMatcher", CUSTOM), ("multipartPatterns", MULTIPART)] {
        if let Some((key, _)) = request.entry(key) {
            tally.add(key.line, why);
            stateful = true;
        }
    }
    let given = stub.get("priority").and_then(Node::as_number).and_then(|it| it.as_i64());
    let priority = given.and_then(|it| i32::try_from(it).ok()).unwrap_or(PRIORITY);
    let methods = methods(request.get("method"), tally)?;
    let request_said = SaidRequest { methods, path, query, priority, stateful };
    Some(Asked { request: request_said, writer: writer(request) })
}

/// The query parameters whose whole value a stub tells.
pub(crate) fn asked_pairs(stub: &Node) -> Vec<(String, String)> {
    let Some(request) = stub.get("request") else { return Vec::new() };
    let in_url = request.get("url").and_then(Node::as_str).and_then(|url| url.split_once('?'));
    let mut pairs = in_url.map(|(_, query)| query_pairs(query)).unwrap_or_default();
    let named = request.get("queryParameters").map(Node::entries).unwrap_or_default();
    let told = |(key, value): &(Key, Node)| Some((key.text.clone(), exact(value)?.to_owned()));
    pairs.extend(named.iter().filter_map(told));
    pairs
}

/// The text of a predicate that asks for just that text.
fn exact(predicate: &Node) -> Option<&str> {
    predicate.as_str().or_else(|| predicate.get("equalTo")?.as_str())
}

fn writer(request: &Node) -> Option<String> {
    let host = exact(request.get("host")?)?.to_ascii_lowercase();
    (!host.is_empty()).then_some(host)
}

/// Methods by name; `None`, counted, when no request has one of them.
fn methods(method: Option<&Node>, tally: &mut UnreadTally) -> Option<Vec<String>> {
    let Some(method) = method else { return Some(Vec::new()) };
    let names = match method.as_str() {
        Some("ANY") => return Some(Vec::new()),
        Some(_) => std::slice::from_ref(method),
        None => method.get("oneOf").unwrap_or(method).items(),
    };
    let named: Option<Vec<&str>> = names.iter().map(Node::as_str).collect();
    let Some(named) = named.filter(|names| !names.is_empty()) else {
        tally.add(method.line, METHOD_UNCLEAR);
        return Some(Vec::new());
    };
    // WireMock compares methods letter by letter, and clients write them in upper case.
    let is_upper = |name: &&str| !name.contains(|letter: char| letter.is_ascii_lowercase());
    let upper: Vec<String> = named.into_iter().filter(is_upper).map(str::to_owned).collect();
    if upper.is_empty() {
        tally.add(method.line, METHOD_LOWER);
        return None;
    }
    Some(upper)
}

/// What a stub's url asks for.
struct AskedUrl {
    path: PathPattern,
    query: SaidQuery,
    /// More is asked of the url than what is said.
    is_loose: bool,
}

impl AskedUrl {
    fn plain(path: PathPattern, query: SaidQuery) -> Self {
        Self { path, query, is_loose: false }
    }
}

/// The path and what is said of the query, from whichever of the five url keys is there.
fn asked_url(said: &mut Said, request: &Node, tally: &mut UnreadTally) -> Option<AskedUrl> {
    let text = |key: &str| Some((request.get(key)?.line, request.get(key)?.as_str()?));
    if let Some((_, url)) = text("url") {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        say_query(said, &query_pairs(query));
        return Some(AskedUrl::plain(path_of_text(path), SaidQuery::Exactly));
    }
    if let Some((_, path)) = text("urlPath") {
        return Some(AskedUrl::plain(path_of_text(path), SaidQuery::Any));
    }
    if let Some((_, template)) = text("urlPathTemplate") {
        let parameters = request.get("pathParameters");
        let path = of_template(template, parameters);
        let inexact = |(_, predicate): &(Key, Node)| exact(predicate).is_none();
        let is_loose = parameters.is_some_and(|it| it.entries().iter().any(inexact));
        return Some(AskedUrl { path, query: SaidQuery::Any, is_loose });
    }
    if let Some((line, regex)) = text("urlPathPattern") {
        let path = path_or_count(regex, line, tally)?;
        return Some(AskedUrl { path, query: SaidQuery::Any, is_loose: !is_plain(regex) });
    }
    if let Some((line, regex)) = text("urlPattern") {
        let (path, query) = split_query(regex);
        // A query part that must be there asks for more than its names.
        let has_query = path.len() < regex.trim_matches(['^', '$']).len();
        let is_optional = query == QueryPattern::Any && regex.trim_end_matches('$').ends_with(")?");
        let is_loose = !is_plain(path) || has_query && !is_optional;
        let path = path_or_count(path, line, tally)?;
        let query = say_query_pattern(said, query, line, tally);
        return Some(AskedUrl { path, query, is_loose });
    }
    Some(AskedUrl::plain(PathPattern::any(), SaidQuery::Any))
}

fn path_or_count(regex: &str, line: u32, tally: &mut UnreadTally) -> Option<PathPattern> {
    let path = path_of_regex(regex);
    if path.is_none() {
        tally.add(line, URL_UNCLEAR);
    }
    path
}

fn say_query_pattern(
    said: &mut Said,
    query: QueryPattern,
    line: u32,
    tally: &mut UnreadTally,
) -> SaidQuery {
    match query {
        QueryPattern::None => SaidQuery::Exactly,
        QueryPattern::Any => SaidQuery::Any,
        QueryPattern::Names(names) => {
            for name in names {
                let place = Place::named(Side::Request, Part::Query, &name);
                said.say(place, Expected::always(TraitSet::STRING));
            }
            SaidQuery::Includes
        }
        QueryPattern::Unclear => {
            tally.add(line, QUERY_UNCLEAR);
            SaidQuery::Any
        }
    }
}

/// A template, with the parameters that are asked to be one text filled in.
fn of_template(template: &str, parameters: Option<&Node>) -> PathPattern {
    let mut filled = template.to_owned();
    for (name, predicate) in parameters.map(Node::entries).unwrap_or_default() {
        if let Some(text) = exact(predicate).filter(|text| !text.contains(['/', '{'])) {
            filled = filled.replace(&format!("{{{}}}", name.text), text);
        }
    }
    PathPattern::of_template(&filled)
}

/// Says each named predicate; true when one asks for more than what is said.
fn say_named(said: &mut Said, part: Part, predicates: &Node, tally: &mut UnreadTally) -> bool {
    let mut any_loose = false;
    for (key, predicate) in predicates.entries() {
        let mut expected = expected_of(predicate).unwrap_or_else(|| {
            tally.add(key.line, PREDICATE);
            Expected::always(TraitSet::STRING)
        });
        let name = match part {
            Part::Header => key.text.to_ascii_lowercase(),
            _ => key.text.clone(),
        };
        if part == Part::Header && name == "content-type" {
            any_loose |= !say_media_type(said, predicate, &expected);
            continue;
        }
        if part == Part::Header && is_withheld(&name) {
            let there = expected.presence != Presence::Never;
            expected.traits |= if there { TraitSet::WITHHELD } else { TraitSet::NONE };
            expected.words = None;
        }
        any_loose |= is_loose(predicate);
        said.say(Place::named(Side::Request, part, &name), expected);
    }
    any_loose
}

/// Says the media type where a predicate names one, `equalTo` or `contains`; whether it does.
fn say_media_type(said: &mut Said, predicate: &Node, expected: &Expected) -> bool {
    let named = exact(predicate).or_else(|| predicate.get("contains")?.as_str());
    let named = named.filter(|text| text.contains('/') && expected.presence == Presence::Always);
    if let Some(media_type) = named {
        said.say_media_type(Side::Request, media_type);
    }
    named.is_some()
}

/// The media type that the stub asks of the request.
fn asked_media_type(request: &Node) -> Option<&str> {
    let headers = request.get("headers").filter(|it| matches!(it.value, Value::Object(_)))?;
    let is_it = |name: &str| name.eq_ignore_ascii_case("content-type");
    let (_, predicate) = headers.entries().iter().find(|(key, _)| is_it(&key.text))?;
    exact(predicate).or_else(|| predicate.get("contains")?.as_str())
}
