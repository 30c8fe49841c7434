//! The answer half of a pair: status, headers and body, wherever the body is kept.
//!
//! Refuses to know the request, and the disk: body files are asked of the caller.

use crate::cassette::headers_by_name;
use crate::reading::Beside;
use crate::template::{say_headers, say_text};
use crate::unread_tally::{UnreadTally, Why};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plumb_shape::example::say_body;
use plumb_shape::place::Side;
use plumb_shape::said::Said;
use plumb_tree::Node;

/// Where the simulation stands, and how to get at files beside it.
pub(crate) struct Files<'a> {
    /// The simulation, relative to the scanned root.
    pub(crate) simulation_path: &'a str,
    /// Gives the bytes of another file.
    pub(crate) beside: Beside<'a>,
}

const STATUS: Why = Why {
    reason: "a response has no status from 100 to 599, so its pair is not read",
    remedy: "give it one",
};
const TEMPLATE: Why = Why {
    reason: "a template with blocks or computed keys is not read, nothing is said about the body",
    remedy: "keep it, or give the branches as pairs of their own",
};
const NOT_BASE64: Why = Why {
    reason: "a body marked as encoded is not base64, nothing is said about it",
    remedy: "encode it again",
};
const FILE_GONE: Why = Why {
    reason: "the file of `bodyFile` is not beside the simulation, nothing is said about the body",
    remedy: "add the file to the scan; bodies are never fetched from an address",
};

/// Says the answer and gives its status; `None`, counted, when it has none.
pub(crate) fn say_response(
    said: &mut Said,
    response: &Node,
    files: &Files<'_>,
    tally: &mut UnreadTally,
) -> Option<u16> {
    let status = response.get("status").and_then(Node::as_u16);
    let status = status.filter(|status| (100..600).contains(status));
    let status = tally.need(status, response.line, STATUS)?;
    let headers = headers_by_name(response.get("headers"));
    let is_templated = response.get("templated").and_then(Node::as_bool) == Some(true);
    let media_type = say_headers(said, &headers);
    let told = kept(response, files).and_then(|body| {
        let media_type = media_type.as_deref();
        if is_templated {
            return say_text(said, Side::Response, media_type, &body).map_err(|_| TEMPLATE);
        }
        say_body(said, Side::Response, media_type, &body);
        Ok(())
    });
    if let Err(why) = told {
        tally.add(response.line, why);
        said.say_any_body(Side::Response);
    }
    Some(status)
}

/// The bytes of the body.
fn kept(response: &Node, files: &Files<'_>) -> Result<Vec<u8>, Why> {
    let text = |key: &str| response.get(key).and_then(Node::as_str).filter(|it| !it.is_empty());
    if let Some(name) = text("bodyFile") {
        return body_file(files, name).map(|(_, bytes)| bytes).ok_or(FILE_GONE);
    }
    let body = text("body").unwrap_or_default();
    if response.get("encodedBody").and_then(Node::as_bool) == Some(true) {
        return STANDARD.decode(body.trim()).map_err(|_| NOT_BASE64);
    }
    Ok(body.as_bytes().to_vec())
}

/// A body's file and what is in it.
pub(crate) fn body_file(files: &Files<'_>, name: &str) -> Option<(String, Vec<u8>)> {
    let path = normalised(files.simulation_path, name)?;
    let bytes = (files.beside)(&path)?;
    Some((path, bytes))
}

/// A file beside the simulation or below it, without `.` and `..`; `None` when it lies elsewhere.
fn normalised(simulation: &str, name: &str) -> Option<String> {
    if name.contains("://") {
        return None;
    }
    let folder = simulation.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
    let mut inside: Vec<&str> = Vec::new();
    for part in name.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => drop(inside.pop()?),
            other => inside.push(other),
        }
    }
    let parts = folder.split('/').filter(|part| !part.is_empty()).chain(inside);
    Some(parts.collect::<Vec<_>>().join("/"))
}
