//! GripMock stubs: calls of gRPC and their answers, one in a file or a list of them, in YAML or
//! JSON.
//!
//! A stub is an example: the tests exercise just this. A call is an exchange as on the wire, and
//! its messages are documents by the names that Protobuf gives them in JSON. Refuses to know
//! schemas: what is the name of a field and what the key of a map is told by its look alone.

use crate::cassette::{headers_by_name, scalar_text};
use crate::matched::narrow;
use crate::reading::{Beside, CLAIMS_MAX, Reading, SourceFile};
use crate::said_document::{Decision, Members, Visit, expected_text, itself, say_document};
use crate::template::say_headers;
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::claim::{Claim, Dialect, SaidQuery, SaidRequest, SaidStatus, Source, Strength};
use plumb_shape::example::say_body;
use plumb_shape::operation::PathPattern;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::{Beneath, Expected, Said};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::{Node, Value};

const NO_ANSWER: Why = Why {
    reason: "a stub has no `output` with data, a stream, an error or a code, so it is not read",
    remedy: "give it one, or take it out",
};
const NO_PACKAGE: Why = Why {
    reason: "a service is named without its package, it is taken to have none",
    remedy: "name it as on the wire: `package.Service`",
};
const STREAM: Why = Why {
    reason: "the messages of a stream of requests are not read, nothing is said about them",
    remedy: "keep it; the rest of the stub is compared",
};
const LOOSE: Why = Why {
    reason: "a rule asks for more than a claim says, the stub may answer some calls only",
    remedy: "keep it; the rest of the stub is compared",
};
const TOO_MANY: Why = Why {
    reason: "the file holds more than 200000 stubs, the rest is not read",
    remedy: "split it",
};

/// Priorities are told apart this far from zero: what people write stays below.
const PRIORITY_MAX: i64 = 2_000;

/// How far apart priorities are, so that the order of equals fits between: the first one answers.
const PRIORITY_STEP: i64 = 1_000_000;

/// Longest title in characters: a stub beyond it is told apart by its line.
const TITLE_CHARS_MAX: usize = 200;

/// True for a stub, or a list that begins with one.
pub(crate) fn is_like(root: &Node) -> bool {
    let is_stub = |node: &Node| {
        let named = |key| node.get(key).and_then(Node::as_str).is_some_and(|it| !it.is_empty());
        let answers = node.get("output").is_some_and(|it| matches!(it.value, Value::Object(_)));
        named("service") && named("method") && answers
    };
    is_stub(root.items().first().unwrap_or(root))
}

/// Reads the stubs of a file, one claim each.
pub(crate) fn read(file: &SourceFile<'_>, documents: &[Node], _beside: Beside<'_>) -> Reading {
    let mut tally = UnreadTally::default();
    let mut claims = Vec::new();
    let stubs = documents.iter().filter(|document| is_like(document)).flat_map(|document| {
        let alone = std::slice::from_ref(document);
        if document.items().is_empty() { alone } else { document.items() }
    });
    for (position, stub) in stubs.enumerate() {
        if claims.len() >= CLAIMS_MAX {
            tally.add(stub.line, TOO_MANY);
            break;
        }
        claims.extend(claim_of(file.path, stub, position, &mut tally));
    }
    Reading { claims, unread: tally.into_unread(file.path) }
}

fn claim_of(file: &str, stub: &Node, position: usize, tally: &mut UnreadTally) -> Option<Claim> {
    let text = |key: &str| stub.get(key).and_then(Node::as_str);
    let (service, method) = text("service").zip(text("method"))?;
    let mut said = Said::default();
    let output = stub.get("output").filter(|output| say_output(&mut said, output));
    tally.need(output, stub.line, NO_ANSWER)?;
    if !service.contains('.') {
        tally.add(stub.line, NO_PACKAGE);
    }
    let is_loose = say_input(&mut said, stub, tally);
    let times = stub.path(&["options", "times"]).and_then(Node::as_u16);
    let is_limited = times.is_some_and(|times| times > 0) || stub.get("effects").is_some();
    let name = ["name", "id"].iter().find_map(|key| text(key)).filter(|name| !name.is_empty());
    let title = name.map_or_else(|| format!("{service}/{method}"), str::to_owned);
    Some(Claim {
        source: Source {
            dialect: Dialect::GripMock,
            file: file.to_owned(),
            line: stub.line,
            column: stub.column,
            title: title.chars().take(TITLE_CHARS_MAX).collect(),
        },
        strength: Strength::Example,
        writer: None,
        reader: None,
        request: SaidRequest {
            methods: vec!["POST".to_owned()],
            path: PathPattern::of_path(&format!("/{service}/{method}")),
            query: SaidQuery::Any,
            priority: priority(stub, position),
            stateful: is_loose || is_limited,
        },
        status: SaidStatus::Exactly(200),
        said,
    })
}

/// Higher priorities answer first, and of equals the first one.
fn priority(stub: &Node, position: usize) -> i32 {
    let given = stub.get("priority").and_then(Node::as_number).and_then(|it| it.as_i64());
    let given = given.unwrap_or(0).clamp(-PRIORITY_MAX, PRIORITY_MAX);
    let position = i64::try_from(position).unwrap_or(PRIORITY_STEP).min(PRIORITY_STEP - 1);
    i32::try_from(position - given * PRIORITY_STEP).unwrap_or(i32::MAX)
}

/// Says the answer; whether there was one.
fn say_output(said: &mut Said, output: &Node) -> bool {
    let given = |key: &str| output.get(key).filter(|it| it.value != Value::Null);
    let message = given("error").and_then(Node::as_str).filter(|error| !error.is_empty());
    let code = given("code").and_then(Node::as_u16).filter(|code| *code > 0);
    let has_failed = message.is_some() || code.is_some();
    say_headers(said, &headers_by_name(given("headers")));
    if has_failed {
        // The outcome travels behind the answer, whose status is 200 all the same.
        said.say_header(Side::Response, "grpc-status", TraitSet::DIGITS);
    }
    match given("stream").or_else(|| given("data")) {
        Some(document) => {
            let document = with_json_names(document);
            let decide = &mut as_answered;
            say_document(said, Side::Response, &document, Beneath::Open, decide);
        }
        None if has_failed => say_body(said, Side::Response, None, b""),
        None => return false,
    }
    true
}

/// Says what is asked of a call; whether calls that look alike are told apart.
fn say_input(said: &mut Said, stub: &Node, tally: &mut UnreadTally) -> bool {
    let mut asked = Said::default();
    let mut is_loose = false;
    if let Some((key, _)) = stub.entry("inputs").or_else(|| stub.entry("stream")) {
        tally.add(key.line, STREAM);
        is_loose = true;
    }
    let rules = stub.get("input").map(Node::entries).unwrap_or_default();
    for (key, rule) in rules.iter().filter(|(_, rule)| rule.value != Value::Null) {
        let compare = match key.text.as_str() {
            "equals" | "equals_unordered" => Compare::Wholly,
            "contains" => Compare::InPart,
            "matches" | "glob" => Compare::AsPattern,
            "ignoreArrayOrder" => continue,
            _ => {
                tally.add(key.line, LOOSE);
                is_loose = true;
                continue;
            }
        };
        if compare != Compare::Wholly && has_text(rule) {
            tally.add(key.line, LOOSE);
            is_loose = true;
        }
        let mut one = Said::default();
        let document = with_json_names(rule);
        let wholly = compare == Compare::Wholly;
        let unnamed = if wholly { Beneath::Closed } else { Beneath::Open };
        let decide = &mut |visit: &Visit<'_>| as_asked(visit, compare);
        say_document(&mut one, Side::Request, &document, unnamed, decide);
        narrow(&mut asked, one);
    }
    if asked.places.is_empty() {
        asked.say_any_body(Side::Request);
    }
    for (place, expected) in asked.places {
        said.say(place, expected);
    }
    is_loose | say_metadata(said, stub)
}

/// How a rule compares values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compare {
    Wholly,
    InPart,
    AsPattern,
}

/// Says the headers that a stub asks for; whether calls that look alike are told apart.
fn say_metadata(said: &mut Said, stub: &Node) -> bool {
    let mut is_loose = false;
    for (rule, headers) in stub.get("headers").map(Node::entries).unwrap_or_default() {
        let is_equality = rule.text == "equals";
        for (name, value) in headers.entries() {
            let Some(text) = scalar_text(value) else { continue };
            let any = Expected::always(TraitSet::STRING);
            let expected = if is_equality { expected_text(&text) } else { any };
            let place = Place::named(Side::Request, Part::Header, &name.text.to_ascii_lowercase());
            said.say(place, expected);
        }
        is_loose |= !is_equality;
    }
    is_loose
}

/// Numbers of 64 bits are texts in JSON, and stubs write them either way.
fn alike(visit: &Visit<'_>) -> TraitSet {
    let of_digits = visit.traits == TraitSet::DIGITS;
    match &visit.node.value {
        Value::Number(_) => visit.traits | TraitSet::DIGITS,
        Value::String(_) if of_digits => visit.traits | TraitSet::INTEGER,
        _ => visit.traits,
    }
}

fn as_answered(visit: &Visit<'_>) -> Decision {
    let scalar = TraitSet::NULL | TraitSet::BOOLEAN | TraitSet::NUMBER | TraitSet::STRING;
    match visit.node.as_str() {
        // A template may come to any scalar.
        Some(text) if text.contains("{{") => {
            Decision { traits: scalar, words: None, members: Members::Named }
        }
        _ => Decision { traits: alike(visit), ..itself(visit) },
    }
}

fn as_asked(visit: &Visit<'_>, compare: Compare) -> Decision {
    let is_text = visit.node.as_str().is_some();
    match compare {
        Compare::AsPattern if is_text => {
            let traits = TraitSet::STRING | TraitSet::NUMBER | TraitSet::BOOLEAN;
            Decision { traits, words: None, members: Members::Named }
        }
        Compare::InPart if is_text => {
            Decision { traits: TraitSet::STRING, words: None, members: Members::Named }
        }
        _ => Decision { traits: alike(visit), ..itself(visit) },
    }
}

// Recursive; no deeper than a tree may be.
fn has_text(node: &Node) -> bool {
    match &node.value {
        Value::String(_) => true,
        Value::Array(items) => items.iter().any(has_text),
        Value::Object(entries) => entries.iter().any(|(_, value)| has_text(value)),
        _ => false,
    }
}

/// The way to a place of a message in the names that a stub gives its fields.
pub(crate) fn as_named(message: &Node, steps: &[Step]) -> Vec<Step> {
    let mut at = vec![message];
    let mut named = Vec::with_capacity(steps.len());
    for step in steps {
        let Step::Key(name) = step else {
            at = at.iter().flat_map(|node| children(node)).collect();
            named.push(step.clone());
            continue;
        };
        let keys = at.iter().flat_map(|node| node.entries()).map(|(key, _)| key.text.as_str());
        let known = keys.clone().find(|key| *key == &**name);
        let own = known.or_else(|| keys.clone().find(|key| json_name(key) == **name));
        let own = own.unwrap_or(name);
        named.push(Step::Key(own.into()));
        at = at.iter().filter_map(|node| node.get(own)).collect();
    }
    named
}

fn children(node: &Node) -> Vec<&Node> {
    node.items().iter().chain(node.entries().iter().map(|(_, below)| below)).collect()
}

/// The same document with the names that fields have in JSON.
// Recursive; no deeper than a tree may be.
fn with_json_names(node: &Node) -> Node {
    let value = match &node.value {
        Value::Array(items) => Value::Array(items.iter().map(with_json_names).collect()),
        Value::Object(entries) => {
            let entry = |(key, value): &(plumb_tree::Key, Node)| {
                let mut key = key.clone();
                key.text = json_name(&key.text);
                (key, with_json_names(value))
            };
            Value::Object(entries.iter().map(entry).collect())
        }
        other => other.clone(),
    };
    Node { value, ..node.clone() }
}

/// The name of a field in JSON: `user_id` is `userId`. What no field can be called is left alone.
fn json_name(name: &str) -> String {
    let is_field = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.starts_with(|c: char| c.is_ascii_lowercase());
    if !is_field {
        return name.to_owned();
    }
    let mut out = String::with_capacity(name.len());
    let mut is_start = false;
    for c in name.chars() {
        match c {
            '_' => is_start = true,
            c if is_start => {
                out.push(c.to_ascii_uppercase());
                is_start = false;
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
