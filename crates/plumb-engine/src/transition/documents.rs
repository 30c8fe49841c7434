//! Samples of what a version writes: one JSON document on each line.
//!
//! Messages that kombu lays on a queue carry their body encoded; what is in it is what a reader
//! meets, so it takes the encoded text's place. Refuses to know who reads them.

use crate::transition::error::TransitionError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Bytes of one file of samples at most.
const BYTES_MAX: u64 = 256 << 20;

/// Samples that are looked at, of one file.
const SAMPLES_MAX: usize = 100_000;

/// Documents that one version wrote.
#[derive(Debug)]
pub(super) struct Samples {
    pub(super) documents: Vec<Value>,
}

/// True for files of samples, by their name; any other file is a contract.
pub(super) fn is_samples(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "ndjson" || end == "jsonl")
}

impl Samples {
    /// Reads all samples of a file.
    pub(super) fn read(path: &Path) -> Result<Self, TransitionError> {
        let failed = |source| TransitionError::Path { path: path.to_owned(), source };
        let wrong = |what: String| TransitionError::Document { path: path.to_owned(), what };
        if fs::metadata(path).map_err(failed)?.len() > BYTES_MAX {
            return Err(wrong(format!("has more than {BYTES_MAX} bytes; take fewer samples")));
        }
        let text = fs::read_to_string(path).map_err(failed)?;
        let mut documents = Vec::new();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let document = serde_json::from_str(line)
                .map_err(|_| wrong(format!("holds no JSON document on line {}", at + 1)))?;
            documents.push(opened(document));
            if documents.len() > SAMPLES_MAX {
                return Err(wrong(format!("holds more than {SAMPLES_MAX} samples; take fewer")));
            }
        }
        if documents.is_empty() {
            return Err(wrong("holds no sample".to_owned()));
        }
        Ok(Self { documents })
    }
}

/// A message with its body as its reader sees it; anything else as it is.
fn opened(mut document: Value) -> Value {
    let is_encoded = document.pointer("/properties/body_encoding") == Some(&"base64".into());
    let is_json = document.get("content-type") == Some(&"application/json".into());
    let body = document.get("body").and_then(Value::as_str).filter(|_| is_encoded && is_json);
    let body = body.and_then(|body| STANDARD.decode(body).ok());
    if let Some(body) = body.and_then(|body| serde_json::from_slice::<Value>(&body).ok()) {
        document["body"] = body;
    }
    document
}
