//! A mock as a pact of version 4: one interaction for each behaviour, matched by what its places
//! may hold and never by values, since there are none.
//!
//! Refuses to know consumers: what they rely on is for their own tests to say.

use crate::mock::behaviour::{MockBehaviour, calling};
use crate::mock::import::{ANY, is_open};
use crate::mock::{Mock, MockOperation};
use plumb_shape::claim::Strength;
use plumb_shape::example::is_json_type;
use plumb_shape::operation::Operation;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::Expected;
use plumb_shape::synthetic::Facts;
use plumb_shape::trait_set::{Kind, TraitSet};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The consumer that is named, since a pact needs one: whoever was seen.
const CONSUMER: &str = "everyone";

/// What data segments of a path, and texts of a query, are in an example.
const DATA: &str = "1";

/// Texts in these forms, as the expressions that pacts match them by.
const FORMS: [(TraitSet, &str); 2] = [
    (TraitSet::UUID, "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"),
    (TraitSet::DATE, "^\\d{4}-\\d{2}-\\d{2}$"),
];

/// The pact, and what it has no room for.
pub(crate) fn pact(dependency: &str, mock: &Mock) -> (Value, Vec<String>) {
    let (mut interactions, mut lost) = (Vec::new(), Vec::new());
    let mut titles: BTreeMap<&str, usize> = BTreeMap::new();
    let all = mock.operations().iter().flat_map(|operation| &operation.behaviours);
    all.filter_map(MockBehaviour::title).for_each(|title| {
        *titles.entry(title).or_default() += 1;
    });
    for operation in mock.operations().iter().filter(|one| !is_open(&one.operation)) {
        let one = |it| interaction(operation, it, &titles);
        interactions.extend(operation.behaviours.iter().map(one));
        if operation.behaviours.iter().any(|one| !is_alone(operation, one)) {
            lost.push(format!(
                "{} has several answers to one request: each stands behind a provider state",
                operation.operation
            ));
        }
    }
    lost.push("headers of requests, and bodies that are no JSON".to_owned());
    lost.push("which consumer relies on what".to_owned());
    let pact = json!({
        "consumer": { "name": consumer(mock).unwrap_or(CONSUMER) },
        "provider": { "name": dependency },
        "interactions": interactions,
        "metadata": { "pactSpecification": { "version": "4.0" } },
    });
    (pact, lost)
}

/// Who relies on it, where one is said of all.
fn consumer(mock: &Mock) -> Option<&str> {
    let behaviours = mock.operations().iter().flat_map(|operation| &operation.behaviours);
    let stubs = behaviours.filter_map(|one| one.stub.as_ref());
    let mut readers = stubs.map(|stub| stub.claim.reader.as_deref());
    let first = readers.next()?;
    first.filter(|_| readers.all(|other| other == first))
}

fn interaction(
    operation: &MockOperation,
    behaviour: &MockBehaviour,
    titles: &BTreeMap<&str, usize>,
) -> Value {
    let name = &operation.operation;
    let mut interaction = Map::new();
    let mut put = |key: &str, value: Value| drop(interaction.insert(key.to_owned(), value));
    put("type", json!("Synchronous/HTTP"));
    put("key", json!(behaviour.id));
    let title = match behaviour.title() {
        // Interactions are told apart by it.
        Some(title) if titles.get(title) == Some(&1) => title.to_owned(),
        Some(title) => format!("{title}, as {}", behaviour.id),
        None => format!("{name} answers {}, as {}", behaviour.status, behaviour.id),
    };
    put("description", json!(title));
    if behaviour.is_stateful() || !is_alone(operation, behaviour) {
        put("providerStates", json!([{ "name": format!("{name} answers as {}", behaviour.id) }]));
    }
    put("request", request(name, behaviour));
    put("response", response(behaviour));
    interaction.into()
}

/// True when no other behaviour answers requests like those of this one.
fn is_alone(operation: &MockOperation, behaviour: &MockBehaviour) -> bool {
    let is_like = |other: &&MockBehaviour| other.is_asked_like(behaviour);
    operation.behaviours.iter().filter(is_like).count() == 1
}

fn request(operation: &Operation, behaviour: &MockBehaviour) -> Value {
    let mut request = Map::new();
    let mut rules = Map::new();
    let segment = |segment: &Option<String>| segment.clone().unwrap_or_else(|| DATA.to_owned());
    let path: String = operation.segments.iter().map(|it| format!("/{}", segment(it))).collect();
    let path = if path.is_empty() { "/".to_owned() } else { path };
    let method = if operation.method == ANY { "GET" } else { &operation.method };
    request.insert("method".to_owned(), json!(method));
    request.insert("path".to_owned(), json!(path));
    if operation.segments.iter().any(Option::is_none) {
        let rule = json!({ "match": "regex", "regex": path_regex(operation) });
        rules.insert("path".to_owned(), rule_of(rule));
    }
    let queries = behaviour.queries();
    if !queries.is_empty() {
        let place = |name: &str| Place::named(Side::Request, Part::Query, name);
        let value = |name: &str| {
            let known = calling(operation, name).or_else(|| behaviour.text(&place(name)));
            known.unwrap_or_else(|| DATA.to_owned())
        };
        let values = |name: &str| {
            let place = place(name);
            let words = behaviour.stub.as_ref().and_then(|stub| stub.words(&place));
            let words = words.filter(|_| is_exact(behaviour, &place));
            words.map_or_else(|| json!([value(name)]), |words| json!(words))
        };
        let examples = queries.iter().map(|name| ((*name).to_owned(), values(name)));
        request.insert("query".to_owned(), examples.collect::<Map<_, _>>().into());
        // A word that is said is asked for as it is.
        let any = queries.iter().filter(|name| behaviour.text(&place(name)).is_none());
        let of_query = any.map(|name| ((*name).to_owned(), like()));
        rules.insert("query".to_owned(), of_query.collect::<Map<_, _>>().into());
    }
    let media_type = behaviour.asked.keys().find(|place| place.part == Part::MediaType);
    let media_type = media_type.and_then(Place::name);
    let asked = behaviour.asked_headers();
    let place = |name: &str| Place::named(Side::Request, Part::Header, name);
    let any = asked.iter().filter(|(name, _)| behaviour.text(&place(name)).is_none());
    let of_headers: Map<String, Value> = any.map(|(name, _)| (name.clone(), like())).collect();
    if !of_headers.is_empty() {
        rules.insert("header".to_owned(), of_headers.into());
    }
    let mut headers: Map<String, Value> =
        asked.into_iter().map(|(name, value)| (name, json!([value]))).collect();
    headers.extend(media_type.map(|media_type| ("Content-Type".to_owned(), json!([media_type]))));
    if !headers.is_empty() {
        request.insert("headers".to_owned(), headers.into());
    }
    // The fields of a form look like a document, and are none.
    let body = behaviour.asked_body(operation).filter(|_| media_type.is_none_or(is_json_type));
    if let Some(body) = body.and_then(|body| serde_json::from_str::<Value>(&body).ok()) {
        request.insert("body".to_owned(), of_json(&body, media_type));
        rules.insert("body".to_owned(), body_rules(&behaviour.asked, behaviour));
    }
    with_rules(request, rules)
}

fn response(behaviour: &MockBehaviour) -> Value {
    let mut response = Map::new();
    let mut rules = Map::new();
    response.insert("status".to_owned(), json!(behaviour.status));
    let headers = behaviour.headers.iter().map(|(name, value)| (name.clone(), json!([value])));
    let headers: Map<String, Value> = headers.collect();
    let is_any = |name: &&String| {
        let place = Place::named(Side::Response, Part::Header, name);
        *name != "content-type" && !is_exact(behaviour, &place)
    };
    let meant = headers.keys().filter(is_any);
    let meant: Map<String, Value> = meant.map(|name| (name.clone(), like())).collect();
    if !headers.is_empty() {
        response.insert("headers".to_owned(), headers.into());
    }
    if !meant.is_empty() {
        rules.insert("header".to_owned(), meant.into());
    }
    let media_type = behaviour.headers.iter().find(|(name, _)| name == "content-type");
    let media_type = media_type.map(|(_, media_type)| media_type.as_str());
    match serde_json::from_str::<Value>(&behaviour.body).ok().filter(|_| !behaviour.is_opaque()) {
        Some(body) => {
            response.insert("body".to_owned(), of_json(&body, media_type));
            rules.insert("body".to_owned(), body_rules(&behaviour.told, behaviour));
        }
        None if behaviour.has_any_body(Side::Response) => {}
        // Without a word about its body an answer may have any.
        None if behaviour.body.is_empty() => {
            response.insert("body".to_owned(), json!({ "content": "" }));
        }
        None => {
            let text = json!(behaviour.body);
            response.insert("body".to_owned(), wrapped(&text, media_type).into());
        }
    }
    with_rules(response, rules)
}

fn with_rules(mut side: Map<String, Value>, rules: Map<String, Value>) -> Value {
    if !rules.is_empty() {
        side.insert("matchingRules".to_owned(), rules.into());
    }
    side.into()
}

/// A body: its content, and its media type where one was seen.
fn wrapped(content: &Value, media_type: Option<&str>) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("content".to_owned(), content.clone());
    if let Some(media_type) = media_type {
        body.insert("contentType".to_owned(), json!(media_type));
    }
    body.insert("encoded".to_owned(), false.into());
    body
}

/// A document; one that is a mere text stands as JSON within a text, or it would be taken for a
/// body that is no JSON.
fn of_json(document: &Value, media_type: Option<&str>) -> Value {
    let is_text = document.is_string();
    let content = if is_text { json!(document.to_string()) } else { document.clone() };
    let mut body = wrapped(&content, media_type);
    if is_text {
        body.insert("encoded".to_owned(), json!("JSON"));
    }
    body.into()
}

fn rule_of(matcher: Value) -> Value {
    json!({ "combine": "AND", "matchers": [matcher] })
}

fn like() -> Value {
    rule_of(json!({ "match": "type" }))
}

/// The expression of a path, with any one segment where it holds data.
fn path_regex(operation: &Operation) -> String {
    let literal = |word: &String| word.replace('.', "\\.");
    let segment =
        |segment: &Option<String>| segment.as_ref().map_or_else(|| "[^/]+".to_owned(), literal);
    let path: String = operation.segments.iter().map(|it| format!("/{}", segment(it))).collect();
    format!("^{path}$")
}

/// A rule for each place of a body: the kind and form that it had, or what somebody expects of it.
fn body_rules(facts: &Facts, behaviour: &MockBehaviour) -> Value {
    let places = || facts.iter().filter(|(place, _)| place.part == Part::Body);
    // Pacts do not tell elements of a list from members of a map, so both get a rule for either.
    let mut alike: BTreeMap<String, TraitSet> = BTreeMap::new();
    for (place, traits) in places() {
        let expected = expected(behaviour, place).map(|expected| expected.traits);
        let kinds = traits.kinds().fold(TraitSet::NONE, |all, kind| all | kind.traits());
        let wide = expected.unwrap_or_default() & kinds;
        *alike.entry(json_path(place, ".*")).or_default() |= *traits | wide;
    }
    let rule = |place: &Place, traits: TraitSet| {
        let is_whole = traits.intersects(TraitSet::OBJECT | TraitSet::ARRAY);
        match expected(behaviour, place) {
            Some(expected) if expected.traits == traits && !is_whole => {
                rule_of(json!({ "match": "equality" }))
            }
            _ => rule(place.side, alike[&json_path(place, ".*")]),
        }
    };
    let rules = places().map(|(place, traits)| (json_path(place, "[*]"), rule(place, *traits)));
    rules.collect::<Map<_, _>>().into()
}

/// Whether somebody's tests expect just the values that are said of a place.
fn is_exact(behaviour: &MockBehaviour, place: &Place) -> bool {
    let expected = expected(behaviour, place);
    expected.is_some_and(|expected| expected.words.is_some() || expected.exact.is_some())
}

/// What somebody's tests expect of a place.
fn expected<'a>(behaviour: &'a MockBehaviour, place: &Place) -> Option<&'a Expected> {
    let claim = &behaviour.stub.as_ref()?.claim;
    let is_expected = claim.strength == Strength::Expectation;
    claim.said.get(place).filter(|_| is_expected)
}

/// The rule for a place; where an exchange showed several kinds, any of them will do.
fn rule(side: Side, traits: TraitSet) -> Value {
    let matchers: Vec<Value> = traits.kinds().map(|kind| matcher(side, kind, traits)).collect();
    match matchers.len() {
        0 => like(),
        1 => json!({ "combine": "AND", "matchers": matchers }),
        _ => json!({ "combine": "OR", "matchers": matchers }),
    }
}

fn matcher(side: Side, kind: Kind, traits: TraitSet) -> Value {
    match kind {
        Kind::Null => json!({ "match": "null" }),
        Kind::Boolean => json!({ "match": "boolean" }),
        Kind::Number if !traits.intersects(TraitSet::FRACTION | TraitSet::BIG) => {
            json!({ "match": "integer" })
        }
        Kind::Number => json!({ "match": "number" }),
        Kind::Array => array_matcher(side, traits & TraitSet::ARRAY),
        Kind::Object if traits & TraitSet::OBJECT == TraitSet::MAP => json!({ "match": "values" }),
        Kind::String => {
            let form = FORMS.iter().find(|(form, _)| traits & TraitSet::STRING == *form);
            form.map_or_else(
                || json!({ "match": "type" }),
                |(_, regex)| json!({ "match": "regex", "regex": regex }),
            )
        }
        Kind::Object | Kind::Opaque => json!({ "match": "type" }),
    }
}

/// Lists of requests have the lengths that were seen, since what is sent decides what is answered;
/// in answers it only counts whether there are elements.
fn array_matcher(side: Side, lengths: TraitSet) -> Value {
    match (side, lengths) {
        (Side::Request, TraitSet::EMPTY_ARRAY) => json!({ "match": "equality" }),
        (Side::Request, TraitSet::ONE_ELEMENT) => json!({ "match": "type", "min": 1, "max": 1 }),
        (Side::Request, TraitSet::MANY_ELEMENTS) => json!({ "match": "type", "min": 2 }),
        (_, lengths) if lengths.intersects(TraitSet::EMPTY_ARRAY) => json!({ "match": "type" }),
        _ => json!({ "match": "type", "min": 1 }),
    }
}

/// A place of a body as pacts name it: `$.items[*].id`, with what stands for any element.
fn json_path(place: &Place, element: &str) -> String {
    place.steps.iter().fold("$".to_owned(), |path, step| match step {
        Step::Key(name) if is_plain(name) => format!("{path}.{name}"),
        Step::Key(name) => format!("{path}['{}']", name.replace('\\', "\\\\").replace('\'', "\\'")),
        Step::Item => path + element,
        Step::Any => format!("{path}.*"),
    })
}

fn is_plain(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !name.is_empty() && name.chars().all(is_letter)
}
