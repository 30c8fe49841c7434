//! Documents of GraphQL in scripts: gql`query { .. }`, and texts that are given to a function of
//! such a name.
//!
//! Refuses to know what the documents say.

use crate::cassette::url::COMPUTED;
use crate::graphql::Piece;
use crate::script::address::text_of;
use plumb_tree::script::Script;
use plumb_tree::script::expression::{Expression, calls_of};

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
