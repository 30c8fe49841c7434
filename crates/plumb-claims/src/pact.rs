//! Pacts, versions 1, 1.1, 2, 3 and 4: what a consumer's tests expect of a provider.
//!
//! One claim for each interaction over HTTP. Messages are counted and not compared. Refuses to know
//! the broker, verification results and what is deployed where.

mod body;
mod matcher;
mod rules;

use crate::cassette::{headers_by_name, scalar_text};
use crate::header_name::{is_transport, is_withheld};
use crate::pact::body::{BodyForm, PactSide, say_pact_body};
use crate::pact::matcher::Matcher;
use crate::pact::rules::{Rule, Rules, as_text, rules_of};
use crate::reading::{Beside, CLAIMS_MAX, Reading, SourceFile};
use crate::said_document::{Visit, expected_text};
use crate::unread_tally::{UnreadTally, Why};
use crate::url_pattern::{path_of_regex, path_of_text, query_pairs};
use plumb_shape::claim::{Claim, Dialect, SaidQuery, SaidRequest, SaidStatus, Source, Strength};
use plumb_shape::format::string_traits;
use plumb_shape::operation::PathPattern;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::said::{Expected, Said};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::{Node, Value};

/// Longest title in characters: an interaction beyond it is told apart by its line.
const TITLE_CHARS_MAX: usize = 200;

const MESSAGES: Why = Why {
    reason: "messages are not compared yet",
    remedy: "keep them; interactions over HTTP are compared",
};
const NOT_HTTP: Why = Why {
    reason: "an interaction has no request or no response, so it says nothing",
    remedy: "write the pact again",
};
const PENDING: Why = Why {
    reason: "an interaction is pending: the provider has not agreed to it yet",
    remedy: "nothing to do; it is compared like the others",
};
const PLUGIN: Why = Why {
    reason: "content that a plugin describes is not read, nothing is said about the bodies",
    remedy: "keep it; method, path and status are compared",
};
const PATH_RULE: Why = Why {
    reason: "the matching rule of a path cannot be told as a path, the example is taken for it",
    remedy: "use a pattern of whole segments such as `/users/[^/]+`",
};
const TOO_MANY: Why = Why {
    reason: "the file holds more than 200000 interactions, the rest is not read",
    remedy: "split it",
};

/// True when this document is a pact.
pub(crate) fn is_like(root: &Node) -> bool {
    let party = |key: &str| root.path(&[key, "name"]).is_some();
    let list = |key: &str| root.get(key).is_some_and(|it| matches!(it.value, Value::Array(_)));
    party("consumer") && party("provider") && (list("interactions") || list("messages"))
}

/// Reads the interactions of a file.
pub(crate) fn read(file: &SourceFile<'_>, documents: &[Node], _beside: Beside<'_>) -> Reading {
    let mut tally = UnreadTally::default();
    let mut claims = Vec::new();
    for pact in documents {
        for message in pact.get("messages").map(Node::items).unwrap_or_default() {
            tally.add(message.line, MESSAGES);
        }
        for interaction in pact.get("interactions").map(Node::items).unwrap_or_default() {
            if claims.len() >= CLAIMS_MAX {
                tally.add(interaction.line, TOO_MANY);
                break;
            }
            claims.extend(claims_of(file.path, pact, interaction, &mut tally));
        }
    }
    Reading { claims, unread: tally.into_unread(file.path) }
}

/// One claim; several where a rule admits several statuses.
fn claims_of(file: &str, pact: &Node, interaction: &Node, tally: &mut UnreadTally) -> Vec<Claim> {
    let kind = interaction.get("type").and_then(Node::as_str).unwrap_or("Synchronous/HTTP");
    if kind != "Synchronous/HTTP" {
        tally.add(interaction.line, MESSAGES);
        return Vec::new();
    }
    let sides = interaction.get("request").zip(interaction.get("response"));
    let Some((request, response)) = sides else {
        tally.add(interaction.line, NOT_HTTP);
        return Vec::new();
    };
    if interaction.get("pending").and_then(Node::as_bool) == Some(true) {
        tally.add(interaction.line, PENDING);
    }
    let form = form_of(pact, interaction);
    let has_plugin =
        interaction.get("pluginConfiguration").is_some_and(|it| !it.entries().is_empty());
    let mut said = Said::default();
    let asked = rules_of(request, tally);
    let answered = rules_of(response, tally);
    say_query(&mut said, request, &asked, tally);
    for (side, node, rules) in
        [(Side::Request, request, &asked), (Side::Response, response, &answered)]
    {
        let media_type = say_headers(&mut said, side, node, rules, tally);
        let part = PactSide { side, node, rules, media_type: media_type.as_deref(), form };
        if has_plugin {
            tally.add(interaction.line, PLUGIN);
            said.say_any_body(side);
        } else {
            say_pact_body(&mut said, part, tally);
        }
    }
    let states = states_of(interaction);
    let party = |key: &str| pact.path(&[key, "name"])?.as_str().map(str::to_owned);
    let claim = Claim {
        source: source_of(file, interaction, &states),
        strength: Strength::Expectation,
        writer: party("provider"),
        reader: party("consumer"),
        request: SaidRequest {
            methods: vec![method_of(request)],
            path: path_of(request, &asked, tally),
            query: SaidQuery::Exactly,
            priority: 0,
            stateful: !states.is_empty(),
        },
        status: SaidStatus::Default,
        said,
    };
    let statuses = statuses_of(response, &answered);
    statuses.into_iter().map(|status| Claim { status, ..claim.clone() }).collect()
}

/// Version 4 names the type of each interaction, or its version in the metadata.
fn form_of(pact: &Node, interaction: &Node) -> BodyForm {
    let versions = [["metadata", "pactSpecification"], ["metadata", "pact-specification"]];
    let version = versions.iter().find_map(|keys| pact.path(keys)?.get("version")?.as_str());
    if interaction.get("type").is_some() || version.is_some_and(|it| it.starts_with('4')) {
        BodyForm::Wrapped
    } else {
        BodyForm::Plain
    }
}

fn method_of(request: &Node) -> String {
    request.get("method").and_then(Node::as_str).unwrap_or("GET").to_ascii_uppercase()
}

fn path_of(request: &Node, rules: &Rules, tally: &mut UnreadTally) -> PathPattern {
    let example = path_of_text(request.get("path").and_then(Node::as_str).unwrap_or("/"));
    let rule = rules.path.as_ref();
    let Some((rule, regex)) = rule.and_then(|rule| Some((rule, rule.regex.as_deref()?))) else {
        return example;
    };
    path_of_regex(regex).unwrap_or_else(|| {
        tally.add(rule.line, PATH_RULE);
        example
    })
}

fn statuses_of(response: &Node, rules: &Rules) -> Vec<SaidStatus> {
    let matchers = rules.status.iter().flat_map(|rule| &rule.matchers);
    let mut admitted = matchers.filter_map(|matcher| match matcher {
        Matcher::Status(statuses) => Some(statuses.clone()),
        _ => None,
    });
    admitted.next().unwrap_or_else(|| {
        let status = response.get("status").and_then(Node::as_u16).unwrap_or(200);
        vec![SaidStatus::Exactly(status)]
    })
}

/// The provider states that an interaction needs, in either form.
fn states_of(interaction: &Node) -> Vec<&str> {
    let old = ["providerState", "provider_state"].iter().find_map(|key| interaction.get(key));
    let listed = interaction.get("providerStates").map(Node::items).unwrap_or_default();
    let named = listed.iter().filter_map(|state| state.get("name")?.as_str());
    let old = old.and_then(Node::as_str);
    old.into_iter().chain(named).filter(|state| !state.is_empty()).collect()
}

fn source_of(file: &str, interaction: &Node, states: &[&str]) -> Source {
    let description = interaction.get("description").and_then(Node::as_str).unwrap_or("unnamed");
    let title = match states {
        [] => description.to_owned(),
        states => format!("{description}, given {}", states.join(" and ")),
    };
    Source {
        dialect: Dialect::Pact,
        file: file.to_owned(),
        line: interaction.line,
        column: interaction.column,
        title: title.chars().take(TITLE_CHARS_MAX).collect(),
    }
}

/// Version 2 keeps the query as text, later ones as lists by name.
fn say_query(said: &mut Said, request: &Node, rules: &Rules, tally: &mut UnreadTally) {
    let Some(query) = request.get("query") else { return };
    let pairs: Vec<(String, String)> = match query.as_str() {
        Some(text) => query_pairs(text),
        None => {
            let listed = query.entries().iter().flat_map(|(name, values)| {
                let single = std::slice::from_ref(values);
                let values = if values.items().is_empty() { single } else { values.items() };
                values.iter().map(|value| (name.text.clone(), text_of(value)))
            });
            listed.collect()
        }
    };
    for (name, value) in pairs {
        let expected = expected_of(&value, rules.for_query(&name), tally);
        said.say(Place::named(Side::Request, Part::Query, &name), expected);
    }
}

fn text_of(value: &Node) -> String {
    scalar_text(value).unwrap_or_default().into_owned()
}

/// Says the headers; gives the content type, from the body's own where there is one.
fn say_headers(
    said: &mut Said,
    side: Side,
    part: &Node,
    rules: &Rules,
    tally: &mut UnreadTally,
) -> Option<String> {
    let of_body = part.path(&["body", "contentType"]).and_then(Node::as_str).map(str::to_owned);
    let mut of_header = None;
    for (name, value) in headers_by_name(part.get("headers")) {
        let name = name.to_ascii_lowercase();
        if name == "content-type" {
            of_header = Some(value.into_owned());
        } else if !is_transport(&name) {
            let mut expected = expected_of(&value, rules.for_header(&name), tally);
            if is_withheld(&name) {
                expected.traits |= TraitSet::STRING | TraitSet::WITHHELD;
                expected.words = None;
            }
            said.say(Place::named(side, Part::Header, &name), expected);
        }
    }
    let media_type = of_header.or(of_body);
    if let Some(media_type) = &media_type {
        said.say_media_type(side, media_type);
    }
    media_type
}

/// What an example text and its rule say.
fn expected_of(text: &str, rule: Option<&Rule>, tally: &mut UnreadTally) -> Expected {
    let Some(rule) = rule else { return expected_text(text) };
    let node = Node { value: Value::String(text.to_owned()), line: 1, column: 1, start: 0, end: 0 };
    let visit = Visit { path: &[], node: &node, traits: string_traits(text.as_bytes()) };
    let decision = as_text(rule.decide(&visit, tally));
    let words = decision.words.filter(|words| !words.is_empty());
    Expected { words, ..Expected::always(decision.traits) }
}

#[cfg(test)]
mod tests;
