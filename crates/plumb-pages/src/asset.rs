//! Files that pages need: styles and scripts, part of the program, so that pages work offline and
//! ask nobody else for anything.
//!
//! Refuses to know who sends them.

use crate::hex::short_hash;

/// A file that pages need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its name.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// What it holds.
    pub bytes: &'static [u8],
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Every file.
pub const ASSETS: [Asset; 6] = [
    Asset { name: "plumb.css", media_type: STYLE, bytes: include_bytes!("asset/plumb.css") },
    Asset { name: "plumb.js", media_type: SCRIPT, bytes: include_bytes!("asset/plumb.js") },
    Asset {
        name: "htmx.min.js",
        media_type: SCRIPT,
        bytes: include_bytes!("asset/vendored/htmx.min.js"),
    },
    Asset {
        name: "uPlot.min.js",
        media_type: SCRIPT,
        bytes: include_bytes!("asset/vendored/uPlot.min.js"),
    },
    Asset {
        name: "uPlot.min.css",
        media_type: STYLE,
        bytes: include_bytes!("asset/vendored/uPlot.min.css"),
    },
    Asset {
        name: "licences.txt",
        media_type: "text/plain; charset=utf-8",
        bytes: include_bytes!("asset/vendored/licences.txt"),
    },
];

/// The file of a name.
#[must_use]
pub fn asset(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// The address of a file. It changes with what the file holds, so that it may be kept for ever.
#[must_use]
pub fn asset_path(name: &str) -> String {
    let hash = asset(name).map(|asset| short_hash(asset.bytes)).unwrap_or_default();
    format!("/assets/{name}?v={hash}")
}

/// The style sheet as text, for a file that holds everything.
#[must_use]
pub fn style() -> &'static str {
    include_str!("asset/plumb.css")
}
