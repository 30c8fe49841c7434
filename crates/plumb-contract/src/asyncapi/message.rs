//! Messages of a description, with what their traits say.
//!
//! Refuses to know channels, and what two versions change.

use crate::asyncapi::model::{Generation, Message, Schema};
use crate::asyncapi::payload::{described, headers};
use crate::asyncapi::traits::Layers;
use crate::openapi::document::Spot;
use crate::openapi::work::Work;

/// Messages of one operation at most: the largest public descriptions have some hundreds.
pub(super) const MESSAGES_MAX: usize = 10_000;

/// Choices within choices that are followed.
const CHOICES_DEEP_MAX: usize = 8;

/// Reads one message. `key` is what it goes by where it gives itself no name.
pub(super) fn message<'t>(
    work: &mut Work<'_, 't>,
    generation: Generation,
    key: Option<&str>,
    spot: Spot<'t>,
) -> Option<Message<'t>> {
    let at = work.resolve(spot)?;
    let layers = Layers::new(work, generation, at);
    let tail = spot.text("$ref").and_then(|text| text.rsplit('/').next());
    let own = [layers.text("name"), layers.text("messageId"), key, tail];
    let name = own.into_iter().flatten().find(|name| !name.is_empty()).unwrap_or("message");
    let correlation = match layers.get("correlationId") {
        Some(spot) => work.resolve(spot)?.text("location"),
        None => None,
    };
    let bindings = match layers.get("bindings") {
        Some(spot) => work.resolve(spot),
        None => None,
    };
    let root_type = work.root.text("defaultContentType");
    let payload = at.get("payload").map(Schema::At);
    let format = layers.text("schemaFormat");
    Some(Message {
        name: name.to_owned(),
        content_type: layers.text("contentType").or(root_type),
        payload: described(work, (payload, at), format),
        headers: headers(work, &layers, at),
        correlation,
        bindings,
        at,
    })
}

/// The messages of an operation in 2.x: one, or a choice.
pub(super) fn choice<'t>(work: &mut Work<'_, 't>, spot: Spot<'t>) -> Vec<Message<'t>> {
    let mut messages = Vec::new();
    let mut left = vec![(spot, 0)];
    while let Some((spot, depth)) = left.pop() {
        if messages.len() >= MESSAGES_MAX || depth > CHOICES_DEEP_MAX {
            work.tell(spot, "an operation has more messages than are read".to_owned());
            break;
        }
        let Some(at) = work.resolve(spot) else { continue };
        match at.get("oneOf") {
            Some(choice) => {
                let mut inner: Vec<_> = choice.items().map(|each| (each, depth + 1)).collect();
                inner.reverse();
                left.append(&mut inner);
            }
            None => messages.extend(message(work, Generation::Two, None, spot)),
        }
    }
    messages
}
