//! Files that pages need: styles and scripts, part of the program, so that pages work offline and
//! ask nobody else for anything.
//!
//! Refuses to know who sends them.

use plumb_engine::shelf::hex;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

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

/// Bytes of the hash in an address: enough to tell versions of one file apart.
const HASH_BYTES: usize = 8;

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

/// The address of each file, hashed once and not for every page.
static PATHS: LazyLock<[String; ASSETS.len()]> = LazyLock::new(|| {
    ASSETS.map(|asset| {
        let hash = hex(&Sha256::digest(asset.bytes)[..HASH_BYTES]);
        format!("/assets/{}?v={hash}", asset.name)
    })
});

/// The file of a name.
#[must_use]
pub fn asset(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// The address of a file; empty where there is none of that name. It changes with what the file
/// holds, so that it may be kept for ever.
#[must_use]
pub fn asset_path(name: &str) -> &'static str {
    let at = ASSETS.iter().position(|asset| asset.name == name);
    at.map_or("", |at| &PATHS[at])
}

/// The style sheet as text, for a file that holds everything.
#[must_use]
pub fn style() -> &'static str {
    include_str!("asset/plumb.css")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// The luminance of `#rrggbb`, as WCAG 2.2 defines it.
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(one: &str, two: &str) -> f64 {
        let (one, two) = (luminance(one), luminance(two));
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    #[test]
    fn every_colour_can_be_read_on_both_grounds_of_its_theme() {
        let lines = style().lines().filter_map(|line| line.trim().strip_prefix("--"));
        let both = lines.filter_map(|line| {
            let (name, rest) = line.split_once(": light-dark(")?;
            Some((name, rest.strip_suffix(");")?.split_once(", ")?))
        });
        let (light, dark): (BTreeMap<&str, &str>, BTreeMap<&str, &str>) =
            both.map(|(name, (light, dark))| ((name, light), (name, dark))).unzip();
        assert!(light.values().all(|colour| !dark.values().any(|other| other == colour)));
        for theme in [light, dark] {
            for name in ["ink", "quiet", "link", "broken", "drifted", "holds", "unseen"] {
                for ground in ["ground", "raised"] {
                    let ratio = contrast(theme[name], theme[ground]);
                    assert!(ratio >= 4.5, "{name} on {ground}: {ratio:.2}");
                }
            }
        }
    }

    #[test]
    fn an_address_changes_with_what_the_file_holds() {
        let paths: Vec<&str> = ASSETS.iter().map(|asset| asset_path(asset.name)).collect();
        assert!(paths.iter().all(|path| path.len() > "/assets/?v=".len() + 16), "{paths:?}");
    }
}
