//! The `content` of bodies in OpenAPI 3: media types, schemas and how the members of forms are
//! written.
//!
//! Refuses to know what schemas say.

use crate::interface::model::{Encoding, Location, Media, Schema};
use crate::openapi::document::Spot;
use crate::openapi::parameter::{carriage, headers};
use crate::openapi::work::Work;

/// The media types of a body or an answer.
pub(crate) fn content<'t>(work: &mut Work<'_, 't>, described: Spot<'t>) -> Vec<Media<'t>> {
    let Some(content) = described.get("content") else { return Vec::new() };
    let mut found = Vec::new();
    for (name, spot) in work.members(content, "`content`") {
        let name = normal_name(name);
        if found.iter().any(|known: &Media<'_>| known.name == name) {
            work.tell(spot, format!("`{name}` is described twice"));
            continue;
        }
        let Some(spot) = work.resolve(spot) else { continue };
        let encoding = spot.get("encoding").into_iter().flat_map(Spot::entries);
        let encoding: Vec<_> = encoding.collect();
        let encoding = encoding.into_iter().map(|(name, at)| (name.to_owned(), encoded(work, at)));
        found.push(Media {
            name,
            schema: spot.get("schema").map(Schema::At),
            item: spot.get("itemSchema").map(Schema::At),
            encoding: encoding.collect(),
            at: spot,
        });
    }
    found
}

/// A media type in lower case, without spaces and without its charset.
pub(crate) fn normal_name(name: &str) -> String {
    let mut parts = name.split(';').map(|part| part.trim().to_ascii_lowercase());
    let essence = parts.next().unwrap_or_default();
    let kept = parts.filter(|part| !part.is_empty() && !part.starts_with("charset="));
    kept.fold(essence, |name, part| format!("{name};{part}"))
}

fn encoded<'t>(work: &mut Work<'_, 't>, at: Spot<'t>) -> Encoding<'t> {
    Encoding {
        media: at.text("contentType").map(str::to_ascii_lowercase),
        carriage: carriage(work, Location::Query, at),
        headers: headers(work, at.get("headers")),
        at,
    }
}
