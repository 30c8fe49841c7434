//! Documents of GraphQL in scripts: gql`query { .. }`, and texts that are given to a function of
//! such a name.
//!
//! Refuses to know what the documents say.

use crate::cassette::url::COMPUTED;
use crate::graphql::Piece;
use crate::script::address::text_of;
use plumb_graphql::call::{Called, KINDS, is_name, operation_of};
use plumb_tree::Node;
use plumb_tree::script::Script;
use plumb_tree::script::expression::{Expression, calls_of};
use plumb_tree::script::value::value_of;

/// The names of tags, and of functions, that take documents.
const NAMES: [&str; 2] = ["gql", "graphql"];

/// Documents of one script at most: generated ones hold some thousands.
const DOCUMENTS_MAX: usize = 20_000;

/// The documents of a script, in order.
pub(super) fn documents_of(script: &Script<'_>) -> Vec<Piece> {
    calls_of(script).filter_map(document).filter_map(piece).take(DOCUMENTS_MAX).collect()
}

/// The text that a call takes as a document.
fn document(call: Expression<'_>) -> Option<Expression<'_>> {
    if let Some((tag, document)) = call.tagged() {
        let chain = tag.chain();
        let name = chain.steps.last().map_or(chain.head.name(), |step| Some(step.name));
        return name.filter(|name| NAMES.contains(name)).map(|_| document);
    }
    let chain = call.chain();
    let [step] = chain.steps.as_slice() else { return None };
    let name = if step.name.is_empty() { chain.head.name()? } else { step.name };
    NAMES.contains(&name).then(|| step.arguments.as_ref()?.first().copied())?
}

/// The operation of a document, however it is given: as a template, as a text, within a class of
/// texts, or parsed as tools write it out; nothing where it is not the only one.
pub(super) fn operation_in(given: Expression<'_>) -> Option<Called> {
    let given = given.resolved();
    let tagged = given.tagged().map(|(_, document)| document);
    let made = given.construction().and_then(|(_, arguments)| arguments.first().copied());
    let document = tagged.or_else(|| document(given)).or(made).unwrap_or(given);
    match text_of(document) {
        Some(text) => operation_of(&without_computed(&text), None),
        None => operation_in_tree(&value_of(document)),
    }
}

/// The only operation of a document that is parsed already.
fn operation_in_tree(document: &Node) -> Option<Called> {
    let word = |node: &Node, path: &[&str]| Some(node.path(path)?.as_str()?.to_owned());
    let is_kind = |node: &Node, kind: &str| word(node, &["kind"]).is_some_and(|it| it == kind);
    let definitions = document.get("definitions").filter(|_| is_kind(document, "Document"))?;
    let definitions = definitions.items().iter();
    let mut operations = definitions.filter(|it| is_kind(it, "OperationDefinition"));
    let only = operations.next().filter(|_| operations.next().is_none())?;
    let kind = word(only, &["operation"])?;
    let kind = KINDS.into_iter().find(|known| *known == kind)?;
    let name = word(only, &["name", "value"]).filter(|name| is_name(name))?;
    Some(Called { kind, name })
}

fn piece(document: Expression<'_>) -> Option<Piece> {
    let text = text_of(document)?;
    let spot = document.spot();
    // Behind the quote.
    let place = (spot.line, spot.column + 1);
    Some(Piece { text: without_computed(&text), place })
}

/// The text with what is computed left out where definitions stand, since libraries put fragments
/// there, and as a fragment that is not known where fields do.
fn without_computed(text: &str) -> String {
    let mut depth = 0_usize;
    text.chars().fold(String::new(), |mut out, letter| {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match letter {
            COMPUTED if depth > 0 => out.push_str(" ...computed_ "),
            COMPUTED => out.push(' '),
            letter => out.push(letter),
        }
        out
    })
}
