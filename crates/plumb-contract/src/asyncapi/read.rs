//! Reads a description in AsyncAPI 2.x or 3.x into a [`Described`].
//!
//! Refuses to know schemas, which are left where they stand, and what two versions change.

use crate::asyncapi::channel::{three, two};
use crate::asyncapi::model::{Described, Generation};
use crate::asyncapi::server::servers;
use crate::openapi::document::{Links, Spot};
use crate::openapi::work::Work;

/// Reads a description from its files. What cannot be read is told in `unread`; when that is the
/// whole, `is_read` is false.
pub(super) fn read<'t>(links: &Links<'t>) -> Described<'t> {
    let nothing = |unread| Described {
        servers: Vec::new(),
        channels: Vec::new(),
        unread: vec![unread],
        is_read: false,
    };
    let root = match links.documents().root() {
        Ok(root) => root,
        Err(unread) => return nothing(unread),
    };
    let Some(generation) = generation(root) else {
        let said = root.get("asyncapi").unwrap_or(root);
        let said_text = said.node.to_json_text();
        let reason = format!("version {} of AsyncAPI is not read, only 2 and 3", short(&said_text));
        return nothing(said.unread(reason));
    };
    let mut work = Work::new(links, root);
    let servers = servers(&mut work, generation);
    let channels = match generation {
        Generation::Two => two(&mut work),
        Generation::Three => three(&mut work, links),
    };
    Described { servers, channels, unread: work.into_unread(), is_read: true }
}

fn generation(root: Spot<'_>) -> Option<Generation> {
    let said = root.get("asyncapi")?;
    let text = match said.node.as_number() {
        Some(number) => number.as_text(),
        None => said.node.as_str()?,
    };
    match text.split('.').next()? {
        "2" => Some(Generation::Two),
        "3" => Some(Generation::Three),
        _ => None,
    }
}

/// The beginning of a text, for messages.
fn short(text: &str) -> String {
    /// Characters shown of a value.
    const SHOWN_CHARS_MAX: usize = 60;
    text.chars().take(SHOWN_CHARS_MAX).collect()
}
