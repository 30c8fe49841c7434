//! The answer half of a WireMock stub: status, headers and body, wherever the body is kept.
//!
//! Refuses to know the request, and the disk: body files are asked of the caller.

use crate::cassette::headers_by_name;
use crate::reading::Beside;
use crate::template::{say_headers, say_text};
use crate::unread_tally::{UnreadTally, Why};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plumb_shape::example::{say_body, say_selection};
use plumb_shape::place::Side;
use plumb_shape::said::Said;
use plumb_tree::Node;
use std::borrow::Cow;

/// Where the stub stands, and how to get at files beside it.
pub(crate) struct Files<'a> {
    /// The stub file, relative to the scanned root.
    pub(crate) stub_path: &'a str,
    /// Gives the bytes of another file.
    pub(crate) beside: Beside<'a>,
}

/// A body in a file of its own.
pub(crate) struct BodyFile {
    /// Its path, relative to the scanned root.
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

const SAYS_NOTHING: Why = Why {
    reason: "the stub proxies or breaks the connection, so it says nothing about the answer",
    remedy: "nothing to do; the stub makes no claim",
};
const STATUS: Why = Why {
    reason: "the status of an answer is no number, so its stub is not read",
    remedy: "give it as a number",
};
const TRANSFORMER: Why = Why {
    reason: "a custom transformer changes the answer, nothing is said about its body",
    remedy: "keep it; status and headers are compared",
};
const TEMPLATE: Why = Why {
    reason: "a template with blocks or computed keys is not read, nothing is said about the body",
    remedy: "keep it, or give the branches as stubs of their own",
};
const BODY_KIND: Why = Why {
    reason: "a body is not text, nothing is said about it",
    remedy: "use `jsonBody` for JSON and `base64Body` for bytes",
};
const NOT_BASE64: Why = Why {
    reason: "`base64Body` is not base64, nothing is said about the body",
    remedy: "encode it again",
};
const FILE_GONE: Why = Why {
    reason: "the file of `bodyFileName` is not in `__files`, nothing is said about the body",
    remedy: "add the file to the scan, or take the stub out",
};

/// Says the answer to a query and gives its status; `None`, counted, when the stub says nothing of
/// it.
pub(crate) fn say_response(
    said: &mut Said,
    (query, response): (&[(String, String)], &Node),
    files: &Files<'_>,
    tally: &mut UnreadTally,
) -> Option<u16> {
    if let Some((key, _)) = response.entry("fault").or_else(|| response.entry("proxyBaseUrl")) {
        tally.add(key.line, SAYS_NOTHING);
        return None;
    }
    let status = match response.get("status") {
        None => Some(200),
        Some(status) => status.as_u16().or_else(|| status.as_str()?.trim().parse().ok()),
    };
    let Some(status) = status else {
        tally.add(response.line, STATUS);
        return None;
    };
    let media_type = say_headers(said, &headers_by_name(response.get("headers")));
    let transformers = response.get("transformers").map(Node::items).unwrap_or_default();
    let custom = transformers.iter().find(|name| name.as_str() != Some("response-template"));
    if let Some(custom) = custom {
        tally.add(custom.line, TRANSFORMER);
        said.say_any_body(Side::Response);
    } else {
        let body = Body { line: response.line, media_type: media_type.as_deref(), query };
        body.say_kept(said, response, files, tally);
    }
    Some(status)
}

struct Body<'a> {
    line: u32,
    media_type: Option<&'a str>,
    /// What the stub says of the query by its whole value.
    query: &'a [(String, String)],
}

impl Body<'_> {
    /// Says the body from whichever of its four keys is there.
    fn say_kept(
        &self,
        said: &mut Said,
        response: &Node,
        files: &Files<'_>,
        tally: &mut UnreadTally,
    ) {
        if let Some(body) = response.get("body") {
            match body.as_str() {
                Some(text) => self.say_text(said, text.as_bytes(), tally),
                None => give_up(said, body.line, BODY_KIND, tally),
            }
        } else if let Some(json) = response.get("jsonBody") {
            let media_type = self.media_type.or(Some("application/json"));
            let json = json.to_json_text();
            Body { media_type, ..*self }.say_text(said, json.as_bytes(), tally);
        } else if let Some(body) = response.get("base64Body") {
            match body.as_str().map(|text| STANDARD.decode(text.trim())) {
                Some(Ok(bytes)) => say_body(said, Side::Response, self.media_type, &bytes),
                _ => give_up(said, body.line, NOT_BASE64, tally),
            }
        } else if let Some(name) = response.get("bodyFileName") {
            match name.as_str().and_then(|text| body_file(files, text)) {
                Some(body) => self.say_text(said, &body.bytes, tally),
                None => give_up(said, name.line, FILE_GONE, tally),
            }
        } else {
            say_body(said, Side::Response, self.media_type, b"");
        }
    }

    /// Says a body in which expressions may stand.
    fn say_text(&self, said: &mut Said, body: &[u8], tally: &mut UnreadTally) {
        if say_text(said, Side::Response, self.media_type, body).is_err() {
            give_up(said, self.line, TEMPLATE, tally);
        } else if memchr::memmem::find(body, b"{{").is_none() {
            say_selection(said, self.query, body);
        }
    }
}

fn give_up(said: &mut Said, line: u32, why: Why, tally: &mut UnreadTally) {
    tally.add(line, why);
    said.say_any_body(Side::Response);
}

/// A body file: in `__files` beside the folder `mappings`, or beside the stub or its folder.
pub(crate) fn body_file(files: &Files<'_>, name: &str) -> Option<BodyFile> {
    let mut parts: Vec<&str> = files.stub_path.split('/').collect();
    parts.pop();
    let mappings = parts.iter().rposition(|part| *part == "mappings");
    let above = parts.len().saturating_sub(1);
    let folders = [mappings, Some(parts.len()), Some(above)];
    folders.into_iter().flatten().find_map(|length| {
        let path = normalised(parts.get(..length)?, name)?;
        let bytes = (files.beside)(&path)?;
        Some(BodyFile { path, bytes })
    })
}

/// `folder/__files/name` without `.` and `..`; `None` when it leaves `__files`.
fn normalised(folder: &[&str], name: &str) -> Option<String> {
    let mut inside: Vec<&str> = Vec::new();
    let name: Cow<'_, str> =
        if name.contains('\\') { name.replace('\\', "/").into() } else { name.into() };
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(inside.pop()?),
            other => inside.push(other),
        }
    }
    let all: Vec<&str> = folder.iter().copied().chain(["__files"]).chain(inside).collect();
    Some(all.join("/"))
}
