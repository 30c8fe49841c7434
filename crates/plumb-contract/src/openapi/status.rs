//! The statuses of an operation's answers.
//!
//! Refuses to know what the answers hold.

use crate::interface::model::Status;
use crate::openapi::document::Spot;
use crate::openapi::work::Work;

/// The answers of an operation by status.
pub(crate) fn statuses<'t>(
    work: &mut Work<'_, 't>,
    operation: Spot<'t>,
) -> Vec<(Status, Spot<'t>)> {
    let Some(listed) = operation.get("responses") else { return Vec::new() };
    let mut found = Vec::new();
    for (key, spot) in work.members(listed, "`responses`") {
        match status_of(key) {
            Some(status) => found.push((status, spot)),
            None if key.starts_with("x-") => {}
            None => work.tell(spot, format!("`{key}` is not a status")),
        }
    }
    found
}

fn status_of(key: &str) -> Option<Status> {
    match key.as_bytes() {
        b"default" => Some(Status::Default),
        [class @ b'1'..=b'5', b'X' | b'x', b'X' | b'x'] => {
            Some(Status::Class(u16::from(class - b'0')))
        }
        [b'1'..=b'5', _, _] => key.parse().ok().map(Status::Exactly),
        _ => None,
    }
}
