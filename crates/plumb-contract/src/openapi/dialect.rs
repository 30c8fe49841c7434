//! Which version a description is written in.
//!
//! Refuses to know what the versions differ in.

use crate::interface::model::Dialect;
use crate::openapi::work::Work;
use plumb_tree::{Node, Value};

/// Schemas of these dialects are the ones that are read.
const SCHEMA_DIALECTS: [&str; 2] =
    ["https://json-schema.org/draft/2020-12/schema", "https://spec.openapis.org/oas/"];

/// How the description is written; `None`, with a note, when it is in no version that is read.
pub(crate) fn dialect_of(work: &mut Work<'_, '_>) -> Option<Dialect> {
    let root = work.root;
    let Some(at) = root.get("openapi").or_else(|| root.get("swagger")) else {
        work.tell(root, "the document says neither `openapi` nor `swagger`".to_owned());
        return None;
    };
    let text = version_text(at.node);
    let minor = |minor: &str| text == minor || text.starts_with(&format!("{minor}."));
    let dialect = if root.get("openapi").is_none() {
        minor("2").then_some(Dialect::Swagger)
    } else if minor("3.0") || text == "3" {
        Some(Dialect::Thirty)
    } else {
        (minor("3.1") || minor("3.2")).then_some(Dialect::ThirtyOne)
    };
    if dialect.is_none() {
        work.tell(at, format!("version `{text}` is not read"));
    }
    if let Some(spot) = root.get("jsonSchemaDialect") {
        let name = spot.node.as_str().unwrap_or_default();
        if !SCHEMA_DIALECTS.iter().any(|known| name.starts_with(known)) {
            work.tell(spot, format!("schemas in `{name}` are read as JSON Schema 2020-12"));
        }
    }
    dialect
}

fn version_text(node: &Node) -> String {
    match &node.value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_text().to_owned(),
        _ => String::new(),
    }
}
