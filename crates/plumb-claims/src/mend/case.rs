//! Cases: what makes a copy of a claim another claim, in the way of its own tool.
//!
//! WireMock and Hoverfly choose between answers to one request by a state that a test sets;
//! recordings are played in their order, and examples stand beside each other. Refuses to know
//! what a copy answers.

use crate::mend::edits::json_node;
use crate::wiremock::described;
use crate::wiremock::request::PRIORITY;
use plumb_shape::claim::Dialect;
use plumb_tree::edit::Edit;
use plumb_tree::layout::Layout;
use plumb_tree::{Node, Value, quoted};

const NO_NAME: &str = "the stub's name cannot be written again";
const NO_PRIORITY: &str = "the stub's priority cannot be written again";
const ELSEWHERE: &str = "the pair has no request, so no state can choose it";
const OF_STATES: &str = "the pair is part of a flow of states: add the case to it by hand";
const IN_TURN: &str = "answers of a stub come in turn, and nothing else chooses between them: add \
                       the case where a test asks for it";
const OF_A_STATE: &str = "another answer of a contract needs a state of its provider: let a \
                          test of the consumer ask for it";
const FIRST_STUB: &str = "of stubs for one call the first answers: add the case by hand, with an \
                          input of its own";
const ONE_ANSWER: &str = "a route has one answer: add the case to a mock server of its own";

/// The number of a case that was added before.
pub(crate) fn case_number(whole: &Node) -> Option<usize> {
    let text = |path: &[&str]| whole.path(path).and_then(Node::as_str);
    let state = text(&["requiredScenarioState"]).and_then(|state| state.strip_prefix("case "));
    let state = state.or_else(|| text(&["request", "requiresState", CASE]));
    let name = || text(&["name"])?.rsplit_once("case-").map(|(_, number)| number);
    state.or_else(name)?.split('.').next()?.parse().ok()
}

/// What makes a copy of a claim another claim, as edits of the copy.
pub(crate) fn marks_of_case(
    dialect: Dialect,
    layout: Layout<'_>,
    whole: &Node,
    number: usize,
) -> Result<Vec<Edit>, &'static str> {
    match dialect {
        Dialect::WireMock => of_scenario(layout, whole, number),
        Dialect::Hoverfly => of_state(layout, whole, number),
        Dialect::Keploy | Dialect::Postman | Dialect::Bruno => named(layout, whole, number),
        Dialect::Mountebank => Err(IN_TURN),
        Dialect::Pact => Err(OF_A_STATE),
        Dialect::Insomnia => Err(ONE_ANSWER),
        Dialect::GripMock => Err(FIRST_STUB),
        _ => Ok(Vec::new()),
    }
}

/// WireMock chooses between stubs for one request by the state of a scenario, so a test turns the
/// case on by setting it.
fn of_scenario(layout: Layout<'_>, whole: &Node, number: usize) -> Result<Vec<Edit>, &'static str> {
    let text = |text: String| json_node(&quoted(&text)).map_err(|_| NO_NAME);
    let state = whole.get("requiredScenarioState");
    if let (Some(node), None) = (state, whole.get("newScenarioState"))
        && let Some(case) = node.as_str().filter(|state| state.starts_with("case "))
    {
        return Ok(vec![layout.replace(node, &text(format!("{case}.{number}"))?)]);
    }
    let scenario = ["scenarioName", "requiredScenarioState", "newScenarioState"];
    if scenario.iter().any(|key| whole.get(key).is_some()) {
        return Err("the stub is part of a scenario: add the case to it by hand");
    }
    let name = whole.get("name").and_then(Node::as_str);
    let name = in_a_path(&name.map_or_else(|| described(whole), str::to_owned));
    let mut edits = without(layout, whole, &["id", "uuid"]);
    let state = format!("case {number}");
    for (key, value) in [("scenarioName", name), ("requiredScenarioState", state)] {
        edits.push(layout.insert_member(whole, key, &text(value)?));
    }
    edits.push(before_the_stub(layout, whole)?);
    Ok(edits)
}

/// The state of Hoverfly that a test sets to turn a case on.
const CASE: &str = "case";

/// Hoverfly answers with the strongest match, and a state that is met makes one stronger.
fn of_state(layout: Layout<'_>, whole: &Node, number: usize) -> Result<Vec<Edit>, &'static str> {
    let request = whole.get("request").ok_or(ELSEWHERE)?;
    let written = |json: String| json_node(&json).map_err(|_| NO_NAME);
    let is_given = |node: &&Node| node.value != Value::Null && !node.entries().is_empty();
    let required = request.get("requiresState").filter(is_given);
    let changes = ["transitionsState", "removesState"];
    if changes.iter().any(|key| whole.path(&["response", key]).is_some()) {
        return Err(OF_STATES);
    }
    match required.map(|required| (required, required.get(CASE).and_then(Node::as_str))) {
        None if request.get("requiresState").is_some() => Err(OF_STATES),
        None => {
            let state = written(format!("{{{}:\"{number}\"}}", quoted(CASE)))?;
            Ok(vec![layout.insert_member(request, "requiresState", &state)])
        }
        Some((required, Some(case))) if required.entries().len() == 1 => {
            let state = written(format!("{{{}:\"{case}.{number}\"}}", quoted(CASE)))?;
            Ok(vec![layout.replace(required, &state)])
        }
        Some(_) => Err(OF_STATES),
    }
}

/// Recordings and examples are told apart by their names, and by ids that are each other's own.
fn named(layout: Layout<'_>, whole: &Node, number: usize) -> Result<Vec<Edit>, &'static str> {
    let mut edits = without(layout, whole, &["id", "uid", "_postman_id"]);
    if let Some(node) = whole.get("name")
        && let Some(name) = node.as_str()
    {
        let first = name.rsplit_once("-case-").map_or(name, |(first, _)| first);
        let name = quoted(&format!("{first}-case-{number}"));
        edits.push(layout.replace(node, &json_node(&name).map_err(|_| NO_NAME)?));
    }
    Ok(edits)
}

fn without(layout: Layout<'_>, whole: &Node, keys: &[&str]) -> Vec<Edit> {
    let at = |key: &&str| whole.entries().iter().position(|(name, _)| name.text == **key);
    keys.iter().filter_map(|key| layout.remove_member(whole, at(key)?)).collect()
}

/// The priority that lets a copy answer before its stub, which answers in every state: of equals
/// the one that was read later answers, and files are read in the order that the disk gives them.
fn before_the_stub(layout: Layout<'_>, whole: &Node) -> Result<Edit, &'static str> {
    let given = whole.get("priority");
    let own = given.and_then(Node::as_number).and_then(|it| it.as_i64());
    let before = own.unwrap_or_else(|| PRIORITY.into()).saturating_sub(1);
    let before = json_node(&before.to_string()).map_err(|_| NO_PRIORITY)?;
    Ok(match given {
        Some(node) => layout.replace(node, &before),
        None => layout.insert_member(whole, "priority", &before),
    })
}

/// A name that stands in a path as it is: WireMock takes a scenario's name from the path of the
/// request that sets its state, and decodes nothing there.
fn in_a_path(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._~-".contains(letter);
    let words = name.split(|letter| !is_plain(letter)).filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("-");
    if joined.is_empty() { "stub".to_owned() } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_named_as_paths_can_name_them() {
        assert_eq!(in_a_path("order"), "order");
        assert_eq!(in_a_path("GET /posts?_page=2&q=a b"), "GET-posts-_page-2-q-a-b");
        assert_eq!(in_a_path("заказ"), "stub");
    }
}
