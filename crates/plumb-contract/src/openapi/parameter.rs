//! Parameters of requests and headers of answers, in OpenAPI 3.
//!
//! Refuses to know schemas, and Swagger 2.0 beyond skipping what are bodies there.

use crate::interface::model::{Carriage, Dialect, Location, Parameter, Schema, Style};
use crate::openapi::document::Spot;
use crate::openapi::swagger_parameter;
use crate::openapi::work::Work;
use std::collections::BTreeMap;

/// Headers that are described elsewhere (media types, security), and not as parameters.
const ELSEWHERE: [&str; 3] = ["accept", "authorization", "content-type"];

/// The parameters of an operation: those of its path, and its own in their stead.
pub(crate) fn parameters<'t>(
    work: &mut Work<'_, 't>,
    path_item: Spot<'t>,
    operation: Spot<'t>,
) -> Vec<Parameter<'t>> {
    let mut merged = BTreeMap::new();
    for spot in listed(work, path_item, operation) {
        let (place, name) = (spot.text("in"), spot.text("name"));
        let (Some(place), Some(name)) = (place, name) else {
            work.tell(spot, "a parameter has no `name` or no `in`".to_owned());
            continue;
        };
        let location = match place {
            "path" => Location::Path,
            "query" => Location::Query,
            "querystring" => Location::QueryString,
            "header" => Location::Header,
            "cookie" => Location::Cookie,
            "body" | "formData" if work.dialect == Dialect::Swagger => continue,
            other => {
                work.tell(spot, format!("a parameter is in `{other}`"));
                continue;
            }
        };
        let name = name_of(location, name);
        if location == Location::Header && ELSEWHERE.contains(&&*name) {
            continue;
        }
        let parameter = parameter(work, location, name, spot);
        merged.insert((location, parameter.name.clone()), parameter);
    }
    merged.into_values().collect()
}

/// All parameters that are listed for an operation, its own after those of its path.
pub(crate) fn listed<'t>(
    work: &mut Work<'_, 't>,
    path_item: Spot<'t>,
    operation: Spot<'t>,
) -> Vec<Spot<'t>> {
    let levels = [path_item, operation].into_iter().filter_map(|level| level.get("parameters"));
    let all: Vec<Spot<'t>> = levels.flat_map(Spot::items).collect();
    all.into_iter().filter_map(|spot| work.resolve(spot)).collect()
}

/// The headers of an answer or of one part of a form.
pub(crate) fn headers<'t>(work: &mut Work<'_, 't>, at: Option<Spot<'t>>) -> Vec<Parameter<'t>> {
    let Some(at) = at else { return Vec::new() };
    let mut found = Vec::new();
    for (name, spot) in work.members(at, "`headers`") {
        let name = name_of(Location::Header, name);
        if name == "content-type" {
            continue;
        }
        if found.iter().any(|known: &Parameter<'_>| known.name == name) {
            work.tell(spot, format!("the header `{name}` is described twice"));
            continue;
        }
        let Some(spot) = work.resolve(spot) else { continue };
        found.push(parameter(work, Location::Header, name, spot));
    }
    found
}

/// How a value is written where `style` and the like are said at `spot`.
pub(crate) fn carriage(work: &mut Work<'_, '_>, location: Location, spot: Spot<'_>) -> Carriage {
    let usual = match location {
        Location::Query | Location::QueryString | Location::Cookie => Style::Form,
        Location::Path | Location::Header => Style::Simple,
    };
    let style = match spot.text("style") {
        None => usual,
        Some("form") => Style::Form,
        Some("simple") => Style::Simple,
        Some("label") => Style::Label,
        Some("matrix") => Style::Matrix,
        Some("spaceDelimited") => Style::Space,
        Some("pipeDelimited") => Style::Pipe,
        Some("deepObject") => Style::Deep,
        Some("cookie") => Style::Cookie,
        Some(other) => {
            work.tell(spot, format!("the style `{other}` is not known"));
            usual
        }
    };
    let said = spot.node.get("explode").and_then(plumb_tree::Node::as_bool);
    let is_exploded = said.unwrap_or(matches!(style, Style::Form | Style::Cookie));
    let (allows_reserved, allows_empty) =
        (spot.is_set("allowReserved"), spot.is_set("allowEmptyValue"));
    Carriage { style, is_exploded, allows_reserved, allows_empty }
}

fn name_of(location: Location, name: &str) -> String {
    match location {
        Location::Header => name.to_ascii_lowercase(),
        _ => name.to_owned(),
    }
}

fn parameter<'t>(
    work: &mut Work<'_, 't>,
    location: Location,
    name: String,
    spot: Spot<'t>,
) -> Parameter<'t> {
    if work.dialect == Dialect::Swagger {
        return swagger_parameter::parameter(work, location, name, spot);
    }
    let documents = spot.get("content").and_then(|content| content.entries().next());
    let (media, schema) = match documents {
        Some((media, at)) => (Some(media.to_ascii_lowercase()), at.get("schema")),
        None => (None, spot.get("schema")),
    };
    Parameter {
        name,
        location,
        is_required: spot.is_set("required"),
        is_deprecated: spot.is_set("deprecated"),
        carriage: carriage(work, location, spot),
        schema: schema.map(Schema::At),
        media,
        at: spot,
    }
}
