//! Paths of a project as pages show them: from its folder on. Where that lies on the server is
//! nobody's business.
//!
//! Refuses to touch what lies elsewhere, which a person must find.

use plumb_engine::doctor::fact::Fact;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

/// A text in which every path within the folder begins there. The folder itself is `.`.
pub(crate) fn inside(folder: &Path, text: &str) -> String {
    let root = folder.display().to_string();
    // Within the root of all folders lies everything, and nothing is gained.
    if folder.parent().is_none() || root.is_empty() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut taken = 0;
    for (at, _) in text.match_indices(&root) {
        let end = at + root.len();
        let (before, after) = (text[..at].chars().next_back(), text[end..].chars().next());
        if before.is_some_and(is_of_path) {
            continue;
        }
        out.push_str(&text[taken..at]);
        taken = match after {
            Some(MAIN_SEPARATOR) => end + MAIN_SEPARATOR.len_utf8(),
            Some(after) if is_of_path(after) => at,
            _ => end,
        };
        if taken == end {
            out.push('.');
        }
    }
    out.push_str(&text[taken..]);
    out
}

/// A fact with its paths told so.
pub(crate) fn fact_inside(folder: &Path, fact: Fact) -> Fact {
    let text = |text: String| inside(folder, &text);
    let path = |path: PathBuf| PathBuf::from(inside(folder, &path.display().to_string()));
    match fact {
        Fact::NoStore(place) => Fact::NoStore(text(place)),
        Fact::Stored { place, windows, exchanges } => {
            Fact::Stored { place: text(place), windows, exchanges }
        }
        Fact::NotWritable { folder, why } => {
            Fact::NotWritable { folder: path(folder), why: text(why) }
        }
        Fact::KeyExposed(key) => Fact::KeyExposed(path(key)),
        Fact::DiskShort { folder, bytes } => Fact::DiskShort { folder: path(folder), bytes },
        Fact::Broken { subject, why, help } => {
            Fact::Broken { subject, why: text(why), help: help.map(text) }
        }
        other => other,
    }
}

/// Whether a letter beside a path makes it another one.
fn is_of_path(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '/' | '\\' | '.' | '-' | '_' | '~')
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[track_caller]
    fn check(folder: &str, text: &str, expected: &str) {
        assert_eq!(inside(Path::new(folder), text), expected);
    }

    #[test]
    fn paths_begin_at_the_folder() {
        check("/srv/shop", "cannot read `/srv/shop/a/b.toml`", "cannot read `a/b.toml`");
        check("/srv/shop", "/srv/shop/.plumb/key and /srv/shop", ".plumb/key and .");
        check("/srv/shop", "/srv/shop2/a /srv/shop.old /mnt/srv/shop/a", {
            "/srv/shop2/a /srv/shop.old /mnt/srv/shop/a"
        });
        check("/srv/shop", "/var/lib/plumb", "/var/lib/plumb");
        check("/", "/etc/plumb", "/etc/plumb");
    }
}
