//! What describes the payload and the headers of a message: a schema, and the language it is in.
//!
//! Refuses to decide about schemas.

use crate::asyncapi::model::{Draft, Language, Payload, Schema};
use crate::asyncapi::traits::Layers;
use crate::openapi::document::Spot;
use crate::openapi::work::Work;
use serde_json::json;

/// Characters of a format's name that are kept: real ones have about fifty.
const SHOWN_CHARS_MAX: usize = 100;

/// A payload as it is described; `at` is the message where nothing describes it.
pub(super) fn described<'t>(
    work: &mut Work<'_, 't>,
    (schema, at): (Option<Schema<'t>>, Spot<'t>),
    format: Option<&str>,
) -> Payload<'t> {
    let Some(schema) = schema else {
        let language = language(format);
        let schema = Schema::Made(json!(true), at);
        return match language {
            Language::Avro => Payload { language: Language::Json(Draft::Seven), schema },
            language => Payload { language, schema },
        };
    };
    // From 3.0 on a schema may be wrapped together with its format.
    let Schema::At(spot) = schema else { return Payload { language: language(format), schema } };
    let Some(inner) = work.resolve(spot) else {
        return Payload { language: Language::Other("a reference".to_owned()), schema };
    };
    match (inner.text("schemaFormat"), inner.get("schema")) {
        (Some(format), Some(wrapped)) => {
            Payload { language: language(Some(format)), schema: Schema::At(wrapped) }
        }
        _ => Payload { language: language(format), schema },
    }
}

/// The headers of a message: an object, whatever else they are.
pub(super) fn headers<'t>(
    work: &mut Work<'_, 't>,
    layers: &Layers<'t>,
    at: Spot<'t>,
) -> Payload<'t> {
    match layers.schema(work, "headers") {
        Some(schema) => described(work, (Some(schema), at), None),
        None => Payload {
            language: Language::Json(Draft::Seven),
            schema: Schema::Made(json!({ "type": "object" }), at),
        },
    }
}

/// The language that a format names; schemas of AsyncAPI themselves where none is named.
fn language(format: Option<&str>) -> Language {
    let Some(format) = format else { return Language::Json(Draft::Seven) };
    let lower = format.to_ascii_lowercase();
    let (kind, version) = lower.split_once(';').unwrap_or((&lower, ""));
    let kind = kind.trim();
    if kind.starts_with("application/vnd.aai.asyncapi") {
        return Language::Json(Draft::Seven);
    }
    if kind.starts_with("application/vnd.apache.avro") {
        return Language::Avro;
    }
    let drafts = [
        ("draft-04", Draft::Four),
        ("draft-06", Draft::Six),
        ("draft-07", Draft::Seven),
        ("2019-09", Draft::Nineteen),
        ("2020-12", Draft::Twenty),
    ];
    let is_schema = kind == "application/schema+json" || kind == "application/schema+yaml";
    let draft = drafts.into_iter().find(|(name, _)| version.contains(name));
    match draft {
        Some((_, draft)) if is_schema => Language::Json(draft),
        None if is_schema && version.trim().is_empty() => Language::Json(Draft::Seven),
        _ => Language::Other(format.chars().take(SHOWN_CHARS_MAX).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_name_languages() {
        let check = |format: Option<&str>, expected| assert_eq!(language(format), expected);
        check(None, Language::Json(Draft::Seven));
        check(
            Some("application/vnd.aai.asyncapi+yaml;version=2.6.0"),
            Language::Json(Draft::Seven),
        );
        check(Some("application/schema+json;version=draft-04"), Language::Json(Draft::Four));
        check(Some("application/vnd.apache.avro;version=1.9.0"), Language::Avro);
        check(Some("application/raml+yaml"), Language::Other("application/raml+yaml".to_owned()));
    }
}
