//! Every break between a writer and a reader, one at a time: what the reader refuses, where it says
//! so, and a document that shows it.

use crate::decide::{Question, Schemas};
use crate::library::Spot;
use serde_json::Value;

/// All that was found out about one question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Breaks {
    /// The breaks, each at its own place or by its own keyword.
    pub found: Vec<Break>,
    /// Why no more can be told, in lower case without full stop; `None` when `found` is all.
    pub untold: Option<String>,
}

/// One way in which a reader refuses what a writer may write.
#[derive(Clone, Debug, PartialEq)]
pub struct Break {
    /// A whole document that the writer may write and the reader refuses.
    pub witness: Value,
    /// Where in the witness the reader refuses it, as a JSON pointer.
    pub place: String,
    /// The keyword of the reader's schema that refuses it.
    pub keyword: String,
    /// Where the reader's schema says so.
    pub reader: Spot,
    /// The nearest place of the writer's schema that speaks of `place`, where there is one.
    pub writer: Option<Spot>,
}

/// Every break that can be told apart, in the order in which they were found.
pub fn breaks(schemas: &mut Schemas<'_>, question: &Question) -> Breaks {
    let there = |spot| schemas.library.get(spot).is_some();
    let both = there(&question.writer) && there(&question.reader);
    Breaks { found: Vec::new(), untold: Some(format!("not decided yet, both there: {both}")) }
}
