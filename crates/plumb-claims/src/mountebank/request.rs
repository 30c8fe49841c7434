//! The conditions of a stub as what they say of a request: which ones it answers, place by place.
//!
//! Mountebank compares everything as text. What cannot be said by a path, a query or the places of
//! a request makes the stub answer some of these requests only. Refuses to know the answer.

use crate::header_name::is_withheld;
use crate::matched::narrow;
use crate::mountebank::body::{Clarity, say_body_field};
use crate::mountebank::field::{Field, clashes};
use crate::mountebank::predicate::Condition;
use crate::mountebank::settle::{Settled, settle};
use crate::unread_tally::{UnreadTally, Why};
use crate::url_pattern::{
    Rooted, is_anchored, path_of_regex, path_of_search, path_of_text, words_of_regex,
};
use plumb_shape::claim::SaidQuery;
use plumb_shape::operation::{PathPattern, Segment};
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::{Beneath, Expected, Presence, Said};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::{Node, Value};

/// Which requests meet some conditions.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Methods in upper case; `None` when nothing is said of them.
    pub(crate) methods: Option<Vec<String>>,
    /// The path; `None` when nothing is said of it.
    pub(crate) path: Option<PathPattern>,
    /// How the query is spoken of.
    pub(crate) query: SaidQuery,
    /// The host that is asked for.
    pub(crate) writer: Option<String>,
    /// Whether only some of the requests said meet the conditions.
    pub(crate) is_unclear: bool,
    /// The places of the request.
    pub(crate) said: Said,
}

/// What becomes of conditions that hold together.
#[derive(Clone, Debug)]
pub(crate) enum Told<T> {
    /// They ask for this.
    Asked(T),
    /// They exclude each other.
    Never,
    /// The paths cannot be told; counted.
    Nothing,
}

const INJECTED: Why = Why {
    reason: "an `inject` predicate is code, so the stub is taken to answer some requests only",
    remedy: "express it with the other predicates",
};
const NEGATED: Why = Why {
    reason: "a `not` says what a request is not, so the stub is taken to answer some requests only",
    remedy: "say what the request is, or keep it; the rest of the stub is compared",
};
const PATH_UNCLEAR: Why = Why {
    reason: "a predicate on the path cannot be told as a path, so its stub is not read",
    remedy: "use `equals`, `startsWith`, or a `matches` of whole segments such as `^/users/[^/]+$`",
};
const UNKNOWN: Why = Why {
    reason: "a predicate is not known, so the stub is taken to answer some requests only",
    remedy: "use a predicate that Mountebank documents",
};
const UNROOTED: Why = Why {
    reason: "a `matches` on the path is not anchored, it is taken to begin with the path",
    remedy: "begin it with `^`",
};

/// The operators that compare fields of the request.
const OPERATORS: [&str; 7] =
    ["equals", "deepEquals", "contains", "startsWith", "endsWith", "matches", "exists"];

/// What the conditions say together.
pub(crate) fn say_conditions(way: &[Condition<'_>], tally: &mut UnreadTally) -> Told<Asked> {
    let mut asked = Asked {
        methods: None,
        path: None,
        query: SaidQuery::Any,
        writer: None,
        is_unclear: false,
        said: Said::default(),
    };
    let (mut methods, mut paths) = (Vec::new(), Vec::new());
    for condition in way {
        let predicate = condition.predicate;
        let Some((operator, fields)) = operation(predicate) else {
            let why = if predicate.get("inject").is_some() { INJECTED } else { UNKNOWN };
            tally.add(predicate.line, why);
            asked.is_unclear = true;
            continue;
        };
        let is_one = texts_in(fields) == 1;
        for (key, value) in fields.entries() {
            let field = Field { operator, condition, value };
            let name = key.text.to_ascii_lowercase();
            let is_text = matches!(name.as_str(), "method" | "path");
            if condition.negated && !(is_one && (is_text || operator == "exists")) {
                tally.add(predicate.line, NEGATED);
                asked.is_unclear = true;
                break;
            }
            match name.as_str() {
                "method" => methods.push(field),
                "path" => paths.push(field),
                "query" => say_query(&mut asked, &field),
                "headers" => say_headers(&mut asked, &field),
                "form" => say_form(&mut asked, &field),
                "body" => {
                    let media_type = asked_media_type(&asked.said);
                    let media_type = media_type.as_deref();
                    let clarity = say_body_field(&mut asked.said, &field, media_type, tally);
                    asked.is_unclear |= clarity == Clarity::Unclear;
                }
                _ => asked.is_unclear = true,
            }
        }
    }
    if !say_methods(&mut asked, &methods, tally) {
        return Told::Never;
    }
    match say_paths(&mut asked, &paths, tally) {
        Told::Asked(()) => Told::Asked(asked),
        Told::Never => Told::Never,
        Told::Nothing => Told::Nothing,
    }
}

fn operation(predicate: &Node) -> Option<(&str, &Node)> {
    let named = |(key, fields): &&(plumb_tree::Key, Node)| {
        OPERATORS.contains(&key.text.as_str()) && matches!(fields.value, Value::Object(_))
    };
    let (key, fields) = predicate.entries().iter().find(named)?;
    Some((&key.text, fields))
}

/// How many texts a predicate compares: of several, a negation tells only that one differs.
// Recursive; no deeper than a tree may be.
fn texts_in(fields: &Node) -> usize {
    match &fields.value {
        Value::Object(entries) => entries.iter().map(|(_, value)| texts_in(value)).sum(),
        _ => 1,
    }
}

/// Says the methods; false when no method meets all of these.
fn say_methods(asked: &mut Asked, fields: &[Field<'_>], tally: &mut UnreadTally) -> bool {
    let texts_of = |field: &Field<'_>| -> Option<Vec<String>> {
        if let Some(method) = field.exact() {
            return Some(vec![method.to_ascii_uppercase()]);
        }
        let regex = field.value.as_str().filter(|_| field.operator == "matches" && !field.is_cut());
        let words = words_of_regex(regex.filter(|regex| is_anchored(regex))?)?;
        Some(words.iter().map(|word| word.to_ascii_uppercase()).collect())
    };
    match settle(fields, texts_of) {
        Settled::Never => return false,
        Settled::Open => {
            for field in fields.iter().filter(|field| field.operator != "exists") {
                asked.is_unclear = true;
                if field.condition.negated {
                    tally.add(field.condition.predicate.line, NEGATED);
                }
            }
        }
        Settled::Texts(methods) => asked.methods = Some(methods),
        Settled::Perhaps(methods) => {
            asked.methods = Some(methods);
            asked.is_unclear = true;
        }
    }
    true
}

/// Says the path that these ask for together.
fn say_paths(asked: &mut Asked, fields: &[Field<'_>], tally: &mut UnreadTally) -> Told<()> {
    let settled = settle(fields, |field| Some(vec![field.exact()?.to_owned()]));
    let (Settled::Texts(paths) | Settled::Perhaps(paths)) = &settled else {
        return match settled {
            Settled::Never => Told::Never,
            _ => say_patterns(asked, fields, tally),
        };
    };
    asked.path = paths.first().map(|path| path_of_text(path));
    asked.is_unclear |= matches!(settled, Settled::Perhaps(_));
    Told::Asked(())
}

/// Says the path by what it looks like.
fn say_patterns(asked: &mut Asked, fields: &[Field<'_>], tally: &mut UnreadTally) -> Told<()> {
    let mut unclear = None;
    for field in fields.iter().filter(|field| field.operator != "exists") {
        if field.condition.negated {
            tally.add(field.condition.predicate.line, NEGATED);
            asked.is_unclear = true;
        } else if let Some(found) = pattern_of(field, tally) {
            say_pattern(asked, found);
        } else {
            unclear = Some(field.value.line);
        }
    }
    asked.is_unclear |= unclear.is_some();
    match unclear.filter(|_| asked.path.is_none()) {
        Some(line) => {
            tally.add(line, PATH_UNCLEAR);
            Told::Nothing
        }
        None => Told::Asked(()),
    }
}

/// What a condition on the path says as a pattern.
fn pattern_of(field: &Field<'_>, tally: &mut UnreadTally) -> Option<PathPattern> {
    let text = field.value.as_str().filter(|_| !field.is_cut())?;
    match field.operator {
        "startsWith" => {
            // What begins with `/users/` is below it, and not `/users` itself.
            let rest = if text.len() > 1 && text.ends_with('/') { ".+" } else { ".*" };
            path_of_regex(&format!("\\Q{text}\\E{rest}"))
        }
        "matches" => path_of_search(text).map(|(path, rooted)| {
            if rooted == Rooted::Taken {
                tally.add(field.value.line, UNROOTED);
            }
            path
        }),
        _ => None,
    }
}

fn say_pattern(asked: &mut Asked, found: PathPattern) {
    match &asked.path {
        // Of two that hold together, the one that is open at its end says less.
        Some(before) if before.segments.last() != Some(&Segment::Rest) => {
            asked.is_unclear |= *before != found;
        }
        before => {
            asked.is_unclear |= before.is_some();
            asked.path = Some(found);
        }
    }
}

fn say_query(asked: &mut Asked, field: &Field<'_>) {
    if !matches!(field.value.value, Value::Object(_)) {
        asked.is_unclear |= field.operator != "exists";
        return;
    }
    let all = field.operator == "deepEquals";
    // All there may be, and more besides: only what both say at once, if anything.
    asked.is_unclear |= all && asked.query != SaidQuery::Any || asked.query == SaidQuery::Exactly;
    asked.query = asked.query.max(if all { SaidQuery::Exactly } else { SaidQuery::Includes });
    say_named(asked, field, Part::Query);
}

fn say_headers(asked: &mut Asked, field: &Field<'_>) {
    if !matches!(field.value.value, Value::Object(_)) {
        asked.is_unclear |= field.operator != "exists";
        return;
    }
    asked.is_unclear |= field.has_cased_names();
    say_named(asked, field, Part::Header);
}

/// Says each named text.
fn say_named(asked: &mut Asked, field: &Field<'_>, part: Part) {
    for (key, value) in field.value.entries() {
        let Some(mut expected) = field.expected(value) else {
            asked.is_unclear = true;
            continue;
        };
        asked.is_unclear |= field.is_loose(&expected);
        let mut name = key.text.clone();
        if part == Part::Header {
            name.make_ascii_lowercase();
            let there = expected.presence == Presence::Always;
            let text = value.as_str().unwrap_or_default();
            if name == "content-type" {
                let named = matches!(field.operator, "equals" | "deepEquals" | "contains");
                if there && named && text.contains('/') {
                    asked.said.say_media_type(Side::Request, text);
                } else {
                    asked.is_unclear = true;
                }
                continue;
            }
            if name == "host" && matches!(field.operator, "equals" | "deepEquals") {
                let host = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
                asked.writer = (!host.is_empty()).then_some(host);
                continue;
            }
            if is_withheld(&name) {
                expected.traits |= if there { TraitSet::WITHHELD } else { TraitSet::NONE };
                expected.words = None;
            }
        }
        let place = Place::named(Side::Request, part, &name);
        let mut one = Said::default();
        one.say(place, expected);
        asked.is_unclear |= clashes(&asked.said, &one);
        narrow(&mut asked.said, one);
    }
}

fn say_form(asked: &mut Asked, field: &Field<'_>) {
    let Value::Object(fields) = &field.value.value else {
        asked.is_unclear |= field.operator != "exists";
        return;
    };
    let mut form = Said::default();
    let root = Place::root(Side::Request, Part::Body);
    let all = field.operator == "deepEquals";
    let beneath = if all { Beneath::Closed } else { Beneath::Open };
    let traits = TraitSet::RECORD | TraitSet::MAP;
    form.say(root.clone(), Expected { beneath, ..Expected::always(traits) });
    for (key, value) in fields {
        match field.expected(value) {
            Some(expected) => {
                asked.is_unclear |= field.is_loose(&expected);
                form.say(root.child(Step::Key(key.text.as_str().into())), expected);
            }
            None => asked.is_unclear = true,
        }
    }
    asked.is_unclear |= clashes(&asked.said, &form);
    narrow(&mut asked.said, form);
}

/// The media type that the conditions before ask of the request.
fn asked_media_type(said: &Said) -> Option<String> {
    let is_it = |place: &&Place| place.side == Side::Request && place.part == Part::MediaType;
    said.places.keys().find(is_it)?.name().map(str::to_owned)
}
