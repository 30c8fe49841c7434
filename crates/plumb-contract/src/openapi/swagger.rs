//! What Swagger 2.0 says otherwise than OpenAPI 3: bodies and forms among the parameters, media
//! types beside them.
//!
//! Refuses to know paths and schemas.

use crate::interface::model::{
    Body, Encoding, Field, Location, Media, Operation, Response, Schema, Status,
};
use crate::openapi::body::normal_name;
use crate::openapi::document::Spot;
use crate::openapi::parameter::{headers, listed};
use crate::openapi::status::statuses;
use crate::openapi::swagger_parameter::carriage;
use crate::openapi::work::Work;
use std::collections::BTreeMap;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// Reads body, form and answers of an operation.
pub(crate) fn complete<'t>(
    work: &mut Work<'_, 't>,
    operation: &mut Operation<'t>,
    path_item: Spot<'t>,
) {
    let parameters = listed(work, path_item, operation.at);
    let consumes = media_types(work, operation.at, "consumes");
    operation.body = body(&parameters, &consumes).or_else(|| form(work, &parameters, consumes));
    let produces = media_types(work, operation.at, "produces");
    operation.responses = responses(work, operation.at, &produces);
}

/// The media types of an operation, else those of the document.
fn media_types(work: &Work<'_, '_>, operation: Spot<'_>, key: &str) -> Vec<String> {
    let listed = operation.get(key).or_else(|| work.root.get(key));
    let names = listed.into_iter().flat_map(Spot::items).filter_map(|spot| spot.node.as_str());
    names.map(normal_name).collect()
}

fn body<'t>(parameters: &[Spot<'t>], consumes: &[String]) -> Option<Body<'t>> {
    let spot = *parameters.iter().rev().find(|spot| spot.text("in") == Some("body"))?;
    let schema = spot.get("schema").map(Schema::At);
    let content = content(consumes, schema.as_ref(), spot);
    Some(Body { is_required: spot.is_set("required"), content, at: spot })
}

fn content<'t>(names: &[String], schema: Option<&Schema<'t>>, at: Spot<'t>) -> Vec<Media<'t>> {
    let json = [JSON.to_owned()];
    let names = if names.is_empty() { &json[..] } else { names };
    let media = |name: &String| Media {
        name: name.clone(),
        schema: schema.cloned(),
        item: None,
        encoding: BTreeMap::new(),
        at,
    };
    names.iter().map(media).collect()
}

fn form<'t>(
    work: &mut Work<'_, 't>,
    parameters: &[Spot<'t>],
    consumes: Vec<String>,
) -> Option<Body<'t>> {
    let mut fields: BTreeMap<&str, Spot<'t>> = BTreeMap::new();
    for spot in parameters.iter().filter(|spot| spot.text("in") == Some("formData")) {
        fields.insert(spot.text("name").unwrap_or_default(), *spot);
    }
    let at = *fields.values().next()?;
    let has_file = fields.values().any(|spot| spot.text("type") == Some("file"));
    let usual = if has_file { MULTIPART } else { FORM };
    let mut names: Vec<String> =
        consumes.into_iter().filter(|name| name == FORM || name == MULTIPART).collect();
    if names.is_empty() {
        names.push(usual.to_owned());
    }
    let is_required = fields.values().any(|spot| spot.is_set("required"));
    let field = |(name, at): (&&str, &Spot<'t>)| Field {
        name: (*name).to_owned(),
        is_required: at.is_set("required"),
        at: *at,
    };
    let schema = Schema::Form(fields.iter().map(field).collect());
    let mut content = content(&names, Some(&schema), at);
    for media in &mut content {
        for (name, spot) in fields.iter().filter(|(_, spot)| spot.text("type") == Some("array")) {
            let carriage = carriage(work, Location::Query, *spot);
            let encoding = Encoding { media: None, carriage, headers: Vec::new(), at: *spot };
            media.encoding.insert((*name).to_owned(), encoding);
        }
    }
    Some(Body { is_required, content, at })
}

fn responses<'t>(
    work: &mut Work<'_, 't>,
    operation: Spot<'t>,
    produces: &[String],
) -> BTreeMap<Status, Response<'t>> {
    let mut found = BTreeMap::new();
    for (status, spot) in statuses(work, operation) {
        let Some(spot) = work.resolve(spot) else { continue };
        let headers = headers(work, spot.get("headers"));
        let schema = spot.get("schema").map(Schema::At);
        let content = match &schema {
            Some(schema) => content(produces, Some(schema), spot),
            None => Vec::new(),
        };
        found.insert(status, Response { headers, content, at: spot });
    }
    found
}
