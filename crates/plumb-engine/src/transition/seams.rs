//! Seams of a plan from what is said of one: a call is two of them, there and back.
//!
//! Refuses to know how an answer is found.

use crate::transition::answers::{Answers, Asked};
use crate::transition::error::TransitionError;
use crate::transition::said::{Said, SaidSeam, Way};
use plumb_plan::transition::{Carrier, Component, Meeting, Seam, Stay};

/// The seams that one said seam stands for.
pub(super) fn seams(
    said: &SaidSeam,
    components: &[Component],
    answers: &mut Answers<'_>,
) -> Result<Vec<Seam>, TransitionError> {
    let one = |carrier| Part { carrier, way: None, name: said.name.clone(), keeps: said.keeps };
    let parts = match said.kind {
        Said::Queue => vec![one(Carrier::Queue)],
        Said::Rows => vec![one(Carrier::Rows)],
        Said::Cache => vec![one(Carrier::Cache)],
        Said::Config => vec![one(Carrier::Config)],
        Said::Statements => {
            let request = Some(Way::Request);
            let answer = Part { way: Some(Way::Answer), ..one(Carrier::Rows) };
            let name = format!("rows for {}", said.name);
            vec![
                Part { way: request, ..one(Carrier::Statement) },
                Part { name, keeps: Stay::Gone, ..answer },
            ]
        }
        Said::Calls => {
            let name = |what: &str| format!("{what} {}", said.name);
            let (request, answer) = (name("requests:"), name("answers:"));
            vec![
                Part { way: Some(Way::Request), name: request, ..one(Carrier::Request) },
                Part {
                    way: Some(Way::Answer),
                    name: answer,
                    keeps: Stay::Gone,
                    ..one(Carrier::Response)
                },
            ]
        }
    };
    parts.into_iter().map(|part| seam(said, part, components, answers)).collect()
}

/// One seam of those that a said one stands for.
struct Part {
    carrier: Carrier,
    /// Which way of a call, where there are two.
    way: Option<Way>,
    name: String,
    keeps: Stay,
}

fn seam(
    said: &SaidSeam,
    part: Part,
    components: &[Component],
    answers: &mut Answers<'_>,
) -> Result<Seam, TransitionError> {
    let is_back = part.way == Some(Way::Answer);
    let ends = if is_back { (said.reader, said.writer) } else { (said.writer, said.reader) };
    let mut pairs = Vec::new();
    for written in 0..components[ends.0].versions.len() {
        for reading in 0..components[ends.1].versions.len() {
            let meeting = Meeting { written, reading };
            pairs.push(answers.pair(&Asked { said, way: part.way, meeting })?);
        }
    }
    let Part { carrier, name, keeps, .. } = part;
    let (writer, reader, keeps_basis) = (ends.0, ends.1, said.keeps_basis.clone());
    Ok(Seam { name, carrier, writer, reader, keeps, keeps_basis, pairs })
}
