//! Claims of scripts: the mocks that tests in JavaScript and TypeScript keep in their code.
//!
//! A script is parsed and never run: literals are read, and what is computed is covered whatever it
//! comes to, or counted. Refuses to know how the libraries write their mocks.

pub(crate) mod address;
pub(crate) mod answer;
pub(crate) mod apollo;
mod document;
pub(crate) mod msw;
pub(crate) mod nock;

use crate::called::name_calls;
use crate::graphql::read_pieces;
use crate::reading::{Beside, CLAIMS_MAX, Reading, SourceFile, Unread};
use crate::script::answer::Answered;
use crate::script::document::documents_of;
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::claim::Claim;
use plumb_tree::script::{Script, parse_script};

const FAULT: Why = Why {
    reason: "the script has a fault of syntax here, what is around it is read",
    remedy: "mend it, or leave the file out of the scan",
};
const FULL: Why =
    Why { reason: "the script holds too many values, later ones are not read", remedy: "split it" };
const TOO_MANY: Why = Why {
    reason: "the script makes more than 200000 claims, the rest is not read",
    remedy: "split it",
};

/// Reads the handlers and interceptors of a script.
pub(crate) fn read(file: &SourceFile<'_>, beside: Beside<'_>) -> Reading {
    let parsed = match parse_script(file.path, file.bytes) {
        Ok(parsed) => parsed,
        Err(broken) => {
            let unread = Unread {
                file: file.path.to_owned(),
                line: broken.line,
                reason: format!("cannot be parsed: {}; it looks like mocks", broken.reason),
                remedy: "mend the file, or leave it out of the scan".to_owned(),
            };
            return Reading { claims: Vec::new(), unread: vec![unread] };
        }
    };
    let script = Script::of(&parsed);
    let mut tally = UnreadTally::default();
    let answered = answered(&script, file.path, beside, &mut tally);
    let mut claims: Vec<Claim> = answered.into_iter().map(|(claim, _)| claim).collect();
    name_calls(&mut claims);
    let asked = asked(&script, file.path, beside);
    claims.extend(asked.claims);
    claims.sort_by_key(|claim| (claim.source.line, claim.source.column));
    if let Some(beyond) = claims.get(CLAIMS_MAX) {
        tally.add(beyond.source.line, TOO_MANY);
        claims.truncate(CLAIMS_MAX);
    }
    if let Some(spot) = script.fault() {
        tally.add(spot.line, FAULT);
    }
    if script.is_full() {
        tally.add(1, FULL);
    }
    let mut unread = tally.into_unread(file.path);
    unread.extend(asked.unread);
    unread.sort_by_key(|unread| unread.line);
    Reading { claims, unread }
}

/// The operations of GraphQL that a script asks for, in templates of their own.
fn asked(script: &Script<'_>, file: &str, beside: Beside<'_>) -> Reading {
    let pieces = documents_of(script);
    let fragments = pieces.iter().fold(String::new(), |all, piece| all + &piece.text + "\n");
    read_pieces(file, &pieces, &fragments, beside)
}

/// The claims of every library, each with the answer that it was read from.
pub(crate) fn answered<'s>(
    script: &'s Script<'s>,
    file: &str,
    beside: Beside<'_>,
    tally: &mut UnreadTally,
) -> Vec<Answered<'s>> {
    let mut answered = msw::claims_of(script, file, tally);
    answered.extend(nock::claims_of(script, file, tally));
    answered.extend(apollo::claims_of(script, file, beside, tally));
    answered
}

#[cfg(test)]
mod tests;
