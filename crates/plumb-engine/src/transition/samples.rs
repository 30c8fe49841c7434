//! What a version reads, as a JSON Schema, held against what another one wrote.
//!
//! Reasons name places and what was expected there, never what was found.

use crate::transition::documents::Samples;
use crate::transition::error::TransitionError;
use crate::transition::told::told;
use jsonschema::Validator;
use plumb_plan::transition::{Answer, Basis, Pair};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// What one version takes.
#[derive(Debug)]
pub(super) struct Reader(Validator);

impl Reader {
    /// Reads a JSON Schema. It refers to nothing outside itself.
    pub(super) fn read(path: &Path) -> Result<Self, TransitionError> {
        let failed = |source| TransitionError::Path { path: path.to_owned(), source };
        let wrong = |what: String| TransitionError::Document { path: path.to_owned(), what };
        let text = fs::read_to_string(path).map_err(failed)?;
        let schema: Value = serde_json::from_str(&text)
            .map_err(|err| wrong(format!("is no JSON: line {}", err.line())))?;
        let validator = jsonschema::validator_for(&schema);
        validator.map(Self).map_err(|err| wrong(format!("is no JSON Schema: {err}")))
    }

    /// Whether it takes all samples.
    pub(super) fn takes(&self, samples: &Samples) -> Pair {
        let of = samples.documents.len();
        let refused: Vec<String> =
            samples.documents.iter().filter_map(|document| self.refuses(document)).collect();
        match refused.first() {
            None => {
                told(Answer::Yes, Basis::Observed, &format!("it takes all {of} that were seen"))
            }
            Some(first) => {
                let because = format!("it refuses {} of {of}: {first}", refused.len());
                told(Answer::No, Basis::Observed, &because)
            }
        }
    }

    fn refuses(&self, document: &Value) -> Option<String> {
        let error = self.0.iter_errors(document).next()?;
        let path = error.instance_path().to_string();
        let place = if path.is_empty() { "the document".to_owned() } else { format!("`{path}`") };
        Some(format!("{place}: {}", error.masked_with("what is there")))
    }
}
