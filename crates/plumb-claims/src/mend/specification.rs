//! Edits of a specification: it goes on admitting what it admitted, and takes what is seen.
//!
//! Finds the operation and the answer that a claim speaks of, and what describes the place there;
//! examples inside the description follow. Refuses to know keywords of schemas, and why anything
//! changes.

mod described;
mod schema;
pub(crate) mod text;
mod walk;

use crate::mend::edits::json_node;
use crate::mend::member::{Below, member_edits};
use crate::mend::specification::described::schema_of;
use crate::mend::specification::schema::{admit, meant};
use crate::mend::specification::text::{ByFile, Gathered, Texts};
use crate::mend::specification::walk::{Part as Described, Walk, references};
use crate::openapi::refs::{Library, Spot, gather, resolve};
use crate::openapi::schema::Version;
use crate::reading::{Beside, SourceFile};
use plumb_shape::change::{Action, Answer, Beyond, Change, Reach};
use plumb_shape::difference::DifferenceKind;
use plumb_shape::example::is_json_type;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::media_type_essence;
use plumb_tree::{Node, Value, quoted};

const NOT_THERE: &str = "the operation is described in a file of its own: change it there by hand";
const ELSEWISE: &str = "this part of a specification is not edited: change it by hand";
const NO_BODY: &str = "no body of JSON is described here";
const TAKEN: &str = "the status that is seen instead is described already: take this one out";

/// The answer that a claim speaks of.
struct Meant<'l> {
    operation: Spot<'l>,
    /// The responses and the key of one of them; `None` where none is described.
    response: Option<(Spot<'l>, &'l str, Spot<'l>)>,
}

/// The edits of each change, or why there are none.
pub(crate) fn edits(
    file: &SourceFile<'_>,
    text: &str,
    (documents, changes): (&[Node], &[&Change]),
    beside: Beside<'_>,
) -> Vec<Result<ByFile, String>> {
    let Some(root) = documents.iter().find(|root| crate::openapi::is_like(root)) else {
        return changes.iter().map(|_| Err(NOT_THERE.to_owned())).collect();
    };
    let library = gather(file.path, root, beside);
    let references = references(&library);
    let is_old = root.get("openapi").is_some_and(|it| match &it.value {
        Value::String(version) => version.starts_with("3.0"),
        _ => true,
    });
    let version = if is_old { Version::V30 } else { Version::V31 };
    let walk = Walk { library: &library, version, references: &references };
    let texts = Texts { file: file.path, text, beside };
    let edited = |change: &&Change| {
        let place = (change.claim.line, change.claim.column);
        let meant = find(&library, file.path, place).ok_or(NOT_THERE)?;
        let mut out = Gathered::of(texts);
        match &change.action {
            Action::Admit(place, beyond) => admitted(walk, &meant, (place, beyond), &mut out)?,
            Action::Answer(answer) => other_status(&meant, answer, &mut out)?,
            Action::AnswerOther(answer) => more_status(walk, &meant, answer, &mut out)?,
            _ => return Err(ELSEWISE.to_owned()),
        }
        Ok(out.edits)
    };
    changes.iter().map(edited).collect()
}

/// The operation and the answer that stand at a line and column.
fn find<'l>(library: &'l Library<'l>, file: &str, place: (u32, u32)) -> Option<Meant<'l>> {
    let is_at =
        |spot: Spot<'_>, line: u32, column: u32| spot.file == file && (line, column) == place;
    let paths = library.root().get("paths")?;
    for (_, path) in paths.entries() {
        let Ok(path) = resolve(library, path) else { continue };
        for (key, node) in path.node.entries() {
            let operation = path.at(node);
            let responses = operation.get("responses");
            for (status, response) in responses.map_or(&[][..], |at| at.node.entries()) {
                if is_at(operation, status.line, status.column) {
                    let response = operation.at(response);
                    let response = responses.map(|all| (all, status.text.as_str(), response));
                    return Some(Meant { operation, response });
                }
            }
            if is_at(operation, key.line, key.column) {
                return Some(Meant { operation, response: None });
            }
        }
    }
    None
}

fn admitted<'l>(
    walk: Walk<'l>,
    meant: &Meant<'l>,
    (place, beyond): (&Place, &Beyond),
    out: &mut Gathered<'_>,
) -> Result<(), String> {
    let side = match place.side {
        Side::Request => meant.operation.get("requestBody"),
        Side::Response => meant.response.map(|(.., response)| response),
    };
    let side = side.and_then(|side| resolve(walk.library, side).ok());
    match (place.side, place.part) {
        (_, Part::Body) => body(walk, side.ok_or(NO_BODY)?, (place, beyond), out),
        (_, Part::MediaType) => media_type(walk, side.ok_or(NO_BODY)?, (place, beyond), out),
        (Side::Response, Part::Header) => {
            header(walk.library, side.ok_or(NO_BODY)?, (place, beyond), out)
        }
        (Side::Request, Part::Query) => query(walk, meant.operation, (place, beyond), out),
        _ => Err(ELSEWISE.to_owned()),
    }
}

/// The media types of JSON that a side describes, each with where it stands.
fn described<'l>(walk: Walk<'l>, side: Spot<'l>) -> Vec<Spot<'l>> {
    let content = side.get("content").into_iter().flat_map(Spot::entries);
    let holds_json = |name: &str| {
        let name = media_type_essence(name);
        is_json_type(&name) || matches!(&*name, "*/*" | "application/*")
    };
    let json = content.filter(|(name, _)| holds_json(name));
    json.filter_map(|(_, media)| resolve(walk.library, media).ok()).collect()
}

fn body<'l>(
    walk: Walk<'l>,
    side: Spot<'l>,
    (place, beyond): (&Place, &Beyond),
    out: &mut Gathered<'_>,
) -> Result<(), String> {
    let media = described(walk, side);
    if place.steps.is_empty() && beyond.kind == DifferenceKind::Gone {
        out.drop(side, &["content"]);
        return Ok(());
    }
    let roots: Vec<Described<'l>> = media
        .iter()
        .filter_map(|media| media.get("schema"))
        .map(|spot| Described { spot, is_shared: false, is_variant: false })
        .collect();
    if roots.is_empty() {
        return Err(NO_BODY.to_owned());
    }
    admit(walk, &meant(walk, roots.clone(), &place.steps), beyond, out)?;
    let is_gone = beyond.kind == DifferenceKind::Gone;
    if is_gone || beyond.kind == DifferenceKind::KindChanged {
        let json = beyond.json.as_deref().filter(|_| !is_gone).map(json_node).transpose()?;
        for media in &media {
            follow_examples(*media, &place.steps, json.as_ref(), out);
        }
        for depth in 0..=place.steps.len() {
            let (above, below) = place.steps.split_at(depth);
            for part in meant(walk, roots.clone(), above).at {
                for part in walk.parts(part) {
                    follow_examples(part.spot, below, json.as_ref(), out);
                }
            }
        }
    }
    Ok(())
}

/// Lets the examples of a media type or of a schema follow what is seen now.
fn follow_examples(spot: Spot<'_>, steps: &[Step], json: Option<&Node>, out: &mut Gathered<'_>) {
    let examples = spot.get("examples");
    let named = examples.into_iter().flat_map(Spot::entries);
    let named = named.filter_map(|(_, example)| example.get("value"));
    let listed = examples.into_iter().flat_map(Spot::items);
    for example in spot.get("example").into_iter().chain(named).chain(listed) {
        let below = Below { steps, json, reach: Reach::Everywhere };
        out.add(example, |layout, node, text| {
            member_edits(text, layout, node, below).unwrap_or_default()
        });
    }
}

/// A media type that is seen beside what is described, or instead of it.
fn media_type(
    walk: Walk<'_>,
    side: Spot<'_>,
    (place, beyond): (&Place, &Beyond),
    out: &mut Gathered<'_>,
) -> Result<(), String> {
    let Some(seen) = beyond.words.first() else { return Err(ELSEWISE.to_owned()) };
    let json = beyond.json.as_deref().filter(|_| is_json_type(seen));
    let schema = match json {
        Some(json) => schema_of(&json_node(json)?, walk.version),
        None => "{\"type\": \"string\"}".to_owned(),
    };
    let described = format!("{{\"schema\": {schema}}}");
    let content = side.get("content").filter(|at| !at.node.entries().is_empty());
    let Some(content) = content else {
        return out.put(side, "content", &format!("{{{}: {described}}}", quoted(seen)));
    };
    let said = place.name().unwrap_or_default();
    let known = content.entries().find(|(name, _)| media_type_essence(name) == said);
    match known.filter(|_| beyond.kind == DifferenceKind::Gone) {
        // What is below is judged next, by what is seen.
        Some((name, _)) if is_json_type(said) == json.is_some() => {
            out.rename(content, name, (seen, None));
        }
        Some((name, _)) => out.rename(content, name, (seen, Some(&described))),
        None => out.put(content, seen, &described)?,
    }
    Ok(())
}

fn header(
    library: &Library<'_>,
    response: Spot<'_>,
    (place, beyond): (&Place, &Beyond),
    out: &mut Gathered<'_>,
) -> Result<(), String> {
    let name = place.name().unwrap_or_default();
    let headers = response.get("headers");
    let mut named = headers.into_iter().flat_map(Spot::entries);
    let known = named.find(|(known, _)| known.eq_ignore_ascii_case(name));
    match (beyond.kind, known) {
        (DifferenceKind::Gone | DifferenceKind::SometimesAbsent, Some((_, header))) => {
            let header = resolve(library, header).map_err(|unread| unread.reason)?;
            out.drop(header, &["required"]);
            Ok(())
        }
        (DifferenceKind::New, None) => {
            let described = "{\"schema\": {\"type\": \"string\"}}";
            match headers {
                Some(headers) => out.put(headers, name, described),
                None => out.put(response, "headers", &format!("{{{}: {described}}}", quoted(name))),
            }
        }
        _ => Err(ELSEWISE.to_owned()),
    }
}

fn query(
    walk: Walk<'_>,
    operation: Spot<'_>,
    (place, beyond): (&Place, &Beyond),
    out: &mut Gathered<'_>,
) -> Result<(), String> {
    let name = place.name().unwrap_or_default();
    let parameters = operation.get("parameters");
    let listed = parameters.into_iter().flat_map(Spot::items);
    let listed = listed.filter_map(|one| resolve(walk.library, one).ok());
    let is_it = |one: &Spot<'_>| {
        let text = |key: &str| one.node.get(key).and_then(Node::as_str);
        text("in") == Some("query") && text("name") == Some(name)
    };
    match (beyond.kind, listed.into_iter().find(is_it)) {
        (DifferenceKind::Gone | DifferenceKind::SometimesAbsent, Some(known)) => {
            out.drop(known, &["required"]);
            Ok(())
        }
        (DifferenceKind::New | DifferenceKind::Refused, None) => {
            let required = if beyond.is_required { ", \"required\": true" } else { "" };
            let name = quoted(name);
            let one = format!(
                "{{\"name\": {name}, \"in\": \"query\"{required}, \
                 \"schema\": {{\"type\": \"string\"}}}}"
            );
            match parameters {
                Some(parameters) => out.append(parameters, &one),
                None => out.put(operation, "parameters", &format!("[{one}]")),
            }
        }
        _ => Err(ELSEWISE.to_owned()),
    }
}

/// Another status instead of the one that is described; its body is judged next.
fn other_status(meant: &Meant<'_>, answer: &Answer, out: &mut Gathered<'_>) -> Result<(), String> {
    let Some((responses, status, _)) = meant.response else { return Err(ELSEWISE.to_owned()) };
    let new = answer.status.to_string();
    if responses.get(&new).is_some() {
        return Err(TAKEN.to_owned());
    }
    out.rename(responses, status, (&new, None));
    Ok(())
}

/// One more status.
fn more_status(
    walk: Walk<'_>,
    meant: &Meant<'_>,
    answer: &Answer,
    out: &mut Gathered<'_>,
) -> Result<(), String> {
    let status = answer.status.to_string();
    let reason = http::StatusCode::from_u16(answer.status).ok();
    let reason = reason.and_then(|status| status.canonical_reason()).unwrap_or("As it was seen");
    let content = match (&answer.media_type, &answer.body) {
        (Some(media_type), Some(body)) => {
            let json = is_json_type(media_type).then(|| json_node(body)).transpose()?;
            let schema = json.map(|json| schema_of(&json, walk.version));
            let schema = schema.unwrap_or_else(|| "{\"type\": \"string\"}".to_owned());
            let media_type = quoted(media_type);
            format!(", \"content\": {{{media_type}: {{\"schema\": {schema}}}}}")
        }
        _ => String::new(),
    };
    let response = format!("{{\"description\": {}{content}}}", quoted(reason));
    match meant.operation.get("responses") {
        Some(responses) => out.put(responses, &status, &response),
        None => {
            let all = format!("{{{}: {response}}}", quoted(&status));
            out.put(meant.operation, "responses", &all)
        }
    }
}

#[cfg(test)]
mod tests;
