//! Parameters and headers of Swagger 2.0, which are their own schemas.
//!
//! Refuses to know operations and bodies.

use crate::interface::model::{Carriage, Location, Parameter, Schema, Style};
use crate::openapi::document::Spot;
use crate::openapi::work::Work;

/// A parameter or a header, which is its own schema.
pub(crate) fn parameter<'t>(
    work: &mut Work<'_, 't>,
    location: Location,
    name: String,
    spot: Spot<'t>,
) -> Parameter<'t> {
    Parameter {
        name,
        location,
        is_required: spot.is_set("required"),
        is_deprecated: spot.is_set("x-deprecated"),
        carriage: carriage(work, location, spot),
        schema: Some(Schema::At(spot)),
        media: None,
        at: spot,
    }
}

/// How lists are written.
pub(crate) fn carriage(work: &mut Work<'_, '_>, location: Location, spot: Spot<'_>) -> Carriage {
    let is_query = matches!(location, Location::Query);
    let plain = if is_query { Style::Form } else { Style::Simple };
    let (style, is_exploded) = match spot.text("collectionFormat") {
        None | Some("csv") => (plain, false),
        Some("multi") => (plain, true),
        Some("ssv") => (Style::Space, false),
        Some("pipes") => (Style::Pipe, false),
        Some("tsv") => (Style::Tab, false),
        Some(other) => {
            work.tell(spot, format!("the collection format `{other}` is not known"));
            (plain, false)
        }
    };
    let allows_empty = spot.is_set("allowEmptyValue");
    Carriage { style, is_exploded, allows_reserved: false, allows_empty }
}
