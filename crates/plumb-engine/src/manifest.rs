//! Manifests: files by which a platform is told what to run, in the manner of Compose and of
//! Kubernetes, as workloads with their versions.
//!
//! Refuses to render templates, to know the platform's defaults, and to guess versions that are
//! not told.

mod compose;
pub mod image;
mod kubernetes;
pub mod workload;

use crate::manifest::workload::{Manifest, Reading};
use plumb_tree::Broken;
use plumb_tree::read::parse;

/// Bytes of one file: what a cluster runs, rendered, is far below it.
pub const MANIFEST_BYTES_MAX: u64 = 16 << 20;

/// What a template looks like before it is rendered.
const TEMPLATE: &str = "{{";

/// Reads a file in YAML or JSON; `file` is its name, for people. What it holds beside workloads is
/// passed over; what might be one and cannot be told is unread.
///
/// # Errors
///
/// The first place that cannot be parsed. Where a template stands before or at it, that is said.
pub fn read(file: &str, bytes: &[u8]) -> Result<Manifest, Broken> {
    let parsed = parse(file, bytes).map_err(|broken| templated(broken, bytes))?;
    let mut reading = Reading::new(file);
    for document in &parsed.documents {
        if document.get("services").is_some_and(|one| !one.entries().is_empty()) {
            compose::read(document, &mut reading);
        } else if document.get("kind").is_some() {
            kubernetes::read(document, &mut reading);
        } else if !document.entries().is_empty() || !document.items().is_empty() {
            reading
                .unread(document.line, "neither services of Compose nor an object of Kubernetes");
        }
    }
    Ok(reading.manifest)
}

/// A place that cannot be parsed because a template was not rendered.
fn templated(mut broken: Broken, bytes: &[u8]) -> Broken {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().position(|line| line.contains(TEMPLATE));
    if let Some(line) = line.and_then(|line| u32::try_from(line + 1).ok()) {
        broken.reason +=
            &format!("; line {line} holds a template (`{TEMPLATE}`), which is not rendered here");
    }
    broken
}

#[cfg(test)]
mod tests;
