//! What a reader refuses of what a writer may write, one after the other: each is excused, and the
//! question asked again.

use crate::answer::Answer;
use crate::blame::{Blame, Judge};
use crate::decide::{Question, Schemas, decide};
use crate::library::{Library, Spot};
use crate::pair::Excuse;
use crate::read::{Excused, address};
use crate::speaks::speaks_of;
use serde_json::Value;

/// Breaks that are told of one question at most: whoever mends these asks again.
pub(crate) const BREAKS_MAX: usize = 50;

/// A document, and what the reader has against it.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) witness: Value,
    pub(crate) blame: Blame,
}

/// Adds refusals to `found` until there are no more; an error tells why more cannot be told.
pub(crate) fn refusals(
    schemas: &mut Schemas<'_>,
    question: &Question,
    excused: &mut Excused,
    found: &mut Vec<Refusal>,
) -> Result<(), String> {
    let writer = schemas.read(&question.writer)?;
    let mut reader = schemas.read_but(&question.reader, excused)?;
    loop {
        let witness = match decide(schemas, writer, reader, question.reading) {
            Answer::Yes => return Ok(()),
            Answer::CannotTell(why) => return Err(why),
            Answer::No(witness) => witness,
        };
        let is_excusing = !excused.keywords.is_empty() && !excused.is_either_enough;
        let blames = match against(schemas.library, question, &[&witness])?.pop().flatten() {
            Some(blames) => blames,
            None if is_excusing => {
                excused.is_either_enough = true;
                reader = schemas.read_but(&question.reader, excused)?;
                continue;
            }
            None => return Err(format!("a validator does not agree about {witness}")),
        };
        let before = excused.keywords.len();
        tell(schemas.library, (&witness, blames), excused, found)?;
        if excused.keywords.len() == before {
            return Err("what else the reader refuses cannot be told apart".to_owned());
        }
        reader = schemas.read_but(&question.reader, excused)?;
    }
}

/// Adds what a reader has against a witness to `found`, as far as it is not excused yet, and
/// excuses it.
pub(crate) fn tell(
    library: &Library,
    (witness, blames): (&Value, Vec<Blame>),
    excused: &mut Excused,
    found: &mut Vec<Refusal>,
) -> Result<(), String> {
    for blame in blames {
        let Some(excuse) = excuse(library, &blame) else { continue };
        if !excused.keywords.insert(excuse) {
            continue;
        }
        if found.len() == BREAKS_MAX {
            return Err(format!("more than {BREAKS_MAX} breaks"));
        }
        found.push(Refusal { witness: witness.clone(), blame });
    }
    Ok(())
}

/// What the reader has against each of some documents; `None` where a validator of others sees it
/// otherwise than the search.
pub(crate) fn against(
    library: &Library,
    question: &Question,
    documents: &[&Value],
) -> Result<Vec<Option<Vec<Blame>>>, String> {
    let (writer, reader) = judges(library, question, documents)?;
    let blames = |document: &&Value| {
        let is_shown = writer.admits(document) && !reader.admits(document);
        let blames = || reader.against(document).into_iter();
        is_shown.then(|| blames().map(|blame| unnamed(library, question, blame)).collect())
    };
    Ok(documents.iter().map(blames).collect())
}

/// Of each of some documents, whether validators of others agree that it is written and refused.
pub(crate) fn are_refused(
    library: &Library,
    question: &Question,
    documents: &[&Value],
) -> Result<Vec<bool>, String> {
    let (writer, reader) = judges(library, question, documents)?;
    let is_refused = |document: &&Value| writer.admits(document) && !reader.admits(document);
    Ok(documents.iter().map(is_refused).collect())
}

fn judges<'l>(
    library: &'l Library,
    question: &Question,
    documents: &[&Value],
) -> Result<(Judge<'l>, Judge<'l>), String> {
    let judge = |spot: &Spot| {
        let why = || format!("no validator takes `{}#{}`", spot.document, spot.pointer);
        Judge::new(library, spot, documents).ok_or_else(why)
    };
    Ok((judge(&question.writer)?, judge(&question.reader)?))
}

/// The same blame without a member that the writer's schema does not name: one such name stands for
/// all of them.
fn unnamed(library: &Library, question: &Question, blame: Blame) -> Blame {
    let Some(member) = blame.member.as_ref().filter(|_| blame.keyword != "required") else {
        return blame;
    };
    let step = member.replace('~', "~0").replace('/', "~1");
    let place = format!("{}/{step}", blame.place);
    let outer = speaks_of(library, &question.writer, &blame.place);
    let is_named = speaks_of(library, &question.writer, &place) != outer;
    Blame { member: blame.member.filter(|_| is_named), ..blame }
}

/// What excuses the reader from what a blame is about, when anything can.
pub(crate) fn excuse(library: &Library, blame: &Blame) -> Option<Excuse> {
    let keyword = library.get(&blame.spot)?;
    Some(match (keyword, &blame.member) {
        // A name in a list of required ones is excused by itself.
        (Value::Array(names), Some(member)) => {
            let named = names.iter().find(|name| name.as_str() == Some(member));
            (address(named.unwrap_or(keyword)), None)
        }
        (_, Some(member)) if blame.keyword != "required" => {
            (address(keyword), Some(member.clone()))
        }
        _ => (address(keyword), None),
    })
}
