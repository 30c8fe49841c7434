//! The request half of a pair: which requests it answers, how strongly, and what it says of them.
//!
//! Refuses to know the answer.

use crate::header_name::is_withheld;
use crate::hoverfly::body::say_body_matchers;
use crate::hoverfly::matcher::{Kind, Matcher, matchers};
use crate::unread_tally::{UnreadTally, Why};
use crate::url_pattern::{
    Rooted, is_anchored, path_of_regex, path_of_search, path_of_text, query_pairs, words_of_regex,
};
use plumb_shape::claim::{SaidQuery, SaidRequest};
use plumb_shape::example::say_query;
use plumb_shape::operation::PathPattern;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::said::Said;
use plumb_shape::trait_set::TraitSet;
use plumb_tree::{Node, Value};

/// Which requests a pair answers.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The requests.
    pub(crate) request: SaidRequest,
    /// The host that the pair stands for, when it says one.
    pub(crate) writer: Option<String>,
}

const PATH_UNCLEAR: Why = Why {
    reason: "a matcher of the path cannot be told as a path, so its pair is not read",
    remedy: "use `exact`, a `glob`, or a `regex` of whole segments such as `^/users/[^/]+$`",
};
const UNROOTED: Why = Why {
    reason: "a `regex` of the path is not anchored, it is taken to begin with the path",
    remedy: "begin it with `^`",
};
const UNCLEAR: Why = Why {
    reason: "a matcher asks for more than a claim says, the pair may answer some requests only",
    remedy: "keep it; the rest of the pair is compared",
};
const UNKNOWN: Why = Why {
    reason: "a matcher is not known, so the pair is taken to answer some requests only",
    remedy: "use a matcher that Hoverfly documents",
};

/// What is gathered of one pair.
struct Asking<'t> {
    score: i32,
    is_unclear: bool,
    tally: &'t mut UnreadTally,
}

impl Asking<'_> {
    /// Counts a matcher that claims cannot tell.
    fn unclear(&mut self, matcher: &Matcher<'_>) {
        self.is_unclear = true;
        let why = if matcher.kind == Kind::Unknown { UNKNOWN } else { UNCLEAR };
        self.tally.add(matcher.value.line, why);
    }
}

/// Reads the request of a pair; `None`, counted, when its paths cannot be told.
pub(crate) fn say_request(
    said: &mut Said,
    request: &Node,
    version: u32,
    tally: &mut UnreadTally,
) -> Option<Asked> {
    // In v1 a bare text is a pattern unless the request was recorded.
    let kind = request.get("requestType").and_then(Node::as_str).unwrap_or("recording");
    let plain = if kind == "recording" { Kind::Exact } else { Kind::Glob };
    let field = |key: &str| matchers(request.get(key), plain);
    let mut asking = Asking { score: 0, is_unclear: false, tally };
    let path = asked_path(&field("path"), &mut asking)?;
    let methods = asked_methods(&field("method"), &mut asking);
    let writer = asked_writer(&field("destination"), &mut asking);
    say_headers(said, request, &mut asking);
    let query = say_queries(said, request, version, &mut asking);
    let media_type = asked_media_type(said);
    let body = field("body");
    asking.score += if body.is_empty() { 1 } else { body.iter().map(Matcher::score).sum() };
    for matcher in say_body_matchers(said, &body, media_type.as_deref(), asking.tally) {
        asking.unclear(&matcher);
    }
    let required = request.get("requiresState").map(Node::entries).unwrap_or_default();
    asking.score += i32::try_from(required.len()).unwrap_or(i32::MAX / 2);
    let stateful = asking.is_unclear || !required.is_empty();
    let request = SaidRequest { methods, path, query, priority: -asking.score, stateful };
    Some(Asked { request, writer })
}

fn asked_path(path: &[Matcher<'_>], asking: &mut Asking<'_>) -> Option<PathPattern> {
    let mut found: Option<PathPattern> = None;
    let mut untold = None;
    for matcher in path {
        asking.score += matcher.score();
        if matcher.is_any() {
            continue;
        }
        match path_of(matcher, asking) {
            Some(path) if found.as_ref().is_none_or(|before| *before == path) => found = Some(path),
            Some(_) => asking.is_unclear = true,
            None => untold = Some(matcher.value.line),
        }
    }
    match (found, untold) {
        (None, Some(line)) => {
            asking.tally.add(line, PATH_UNCLEAR);
            None
        }
        (found, untold) => {
            asking.is_unclear |= untold.is_some();
            Some(found.unwrap_or(PathPattern::any()))
        }
    }
}

fn path_of(matcher: &Matcher<'_>, asking: &mut Asking<'_>) -> Option<PathPattern> {
    if let Some(path) = matcher.exact() {
        return Some(path_of_text(path));
    }
    let text = matcher.value.as_str().filter(|_| !matcher.is_chained)?;
    match matcher.kind {
        Kind::Glob => {
            let quoted = text.split('*').map(|part| format!("\\Q{part}\\E")).collect::<Vec<_>>();
            path_of_regex(&quoted.join(".*").replace("\\Q\\E", ""))
        }
        Kind::Regex => {
            let (path, rooted) = path_of_search(text)?;
            if rooted == Rooted::Taken {
                asking.tally.add(matcher.value.line, UNROOTED);
            }
            Some(path)
        }
        _ => None,
    }
}

fn asked_methods(method: &[Matcher<'_>], asking: &mut Asking<'_>) -> Vec<String> {
    let mut methods = Vec::new();
    for matcher in method {
        asking.score += matcher.score();
        let regex = matcher.value.as_str().filter(|regex| is_anchored(regex));
        let upper = |text: &str| text.to_ascii_uppercase();
        if let Some(text) = matcher.exact() {
            methods = vec![upper(text)];
        } else if let (Kind::Regex, Some(words)) = (matcher.kind, regex.and_then(words_of_regex)) {
            methods = words.iter().map(|word| upper(word)).collect();
        } else if !matcher.is_any() {
            asking.unclear(matcher);
        }
    }
    methods
}

fn asked_writer(destination: &[Matcher<'_>], asking: &mut Asking<'_>) -> Option<String> {
    asking.score += destination.iter().map(Matcher::score).sum::<i32>();
    let host = destination.iter().find_map(Matcher::exact)?;
    let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    (!host.is_empty() && host != "localhost").then_some(host)
}

/// Headers by name: lists of texts that are patterns together before v5, lists of matchers since.
fn say_headers(said: &mut Said, request: &Node, asking: &mut Asking<'_>) {
    for key in ["headers", "headersWithMatchers"] {
        for (name, values) in request.get(key).map(Node::entries).unwrap_or_default() {
            let of_texts = values.items().iter().any(|value| value.as_str().is_some());
            let (texts, views) = if of_texts {
                // Several are joined, so no single one is compared.
                let glob = |value| Matcher { kind: Kind::Glob, value, is_chained: false };
                (values.items().iter().map(glob).collect::<Vec<_>>(), Vec::new())
            } else {
                (Vec::new(), matchers(Some(values), Kind::Glob))
            };
            asking.score += if of_texts { 1 } else { views.iter().map(Matcher::score).sum() };
            for matcher in texts.iter().chain(&views) {
                say_header(said, &name.text.to_ascii_lowercase(), matcher, asking);
            }
        }
    }
}

fn say_header(said: &mut Said, name: &str, matcher: &Matcher<'_>, asking: &mut Asking<'_>) {
    let exact = matcher.exact();
    if name == "content-type" {
        match exact.filter(|text| text.contains('/')) {
            Some(media_type) => said.say_media_type(Side::Request, media_type),
            None if matcher.is_any() => {}
            None => asking.unclear(matcher),
        }
        return;
    }
    let mut expected = matcher.expected();
    if is_withheld(name) {
        expected.traits |= TraitSet::WITHHELD;
        expected.words = None;
    }
    if matches!(matcher.kind, Kind::Other | Kind::Unknown) {
        asking.unclear(matcher);
    }
    said.say(Place::named(Side::Request, Part::Header, name), expected);
}

/// The query, as one text before v5 and by name since.
fn say_queries(
    said: &mut Said,
    request: &Node,
    version: u32,
    asking: &mut Asking<'_>,
) -> SaidQuery {
    let given = |key: &str| request.get(key).filter(|it| it.value != Value::Null);
    let (whole, named) = match version {
        ..5 => ("query", given("queriesWithMatchers")),
        _ => ("deprecatedQuery", given("query")),
    };
    let mut said_query = SaidQuery::Any;
    for matcher in matchers(given(whole), Kind::Exact) {
        asking.score += matcher.score();
        match matcher.exact() {
            Some(query) => {
                say_query(said, &query_pairs(query));
                said_query = SaidQuery::Exactly;
            }
            None if matcher.is_any() => {}
            None => asking.unclear(&matcher),
        }
    }
    let Some(named) = named else {
        asking.score += 1;
        return said_query;
    };
    // An empty object asks for a request without any query.
    if named.entries().is_empty() && version >= 5 {
        asking.score += 1;
        return SaidQuery::Exactly;
    }
    for (name, values) in named.entries() {
        for matcher in matchers(Some(values), Kind::Exact) {
            asking.score += matcher.score();
            if matches!(matcher.kind, Kind::Other | Kind::Unknown) {
                asking.unclear(&matcher);
            }
            let place = Place::named(Side::Request, Part::Query, &name.text);
            said.say(place, matcher.expected());
            said_query = said_query.max(SaidQuery::Includes);
        }
    }
    said_query
}

fn asked_media_type(said: &Said) -> Option<String> {
    let is_it = |place: &&Place| place.side == Side::Request && place.part == Part::MediaType;
    said.places.keys().find(is_it)?.name().map(str::to_owned)
}
