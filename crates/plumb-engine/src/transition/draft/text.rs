//! A draft as TOML with comments. Names of people's making stay on their line and in their quotes.
//!
//! Refuses to know where any of it comes from.

use crate::clock::{day_of, day_text};
use crate::config::origin::{quoted, quoted_list};
use crate::excerpt::excerpt;
use crate::transition::draft::asked::Asked;
use crate::transition::draft::component::{Components, Part};
use crate::transition::draft::seam::{Carries, Joint, without_ends};

/// Operations of a seam that are named; more than these are counted.
const OPERATIONS_MAX: usize = 5;

/// Lines on one thing that was left out; more than these are counted.
const LINES_MAX: usize = 50;

/// The whole file.
pub(super) fn text(asked: &Asked<'_>, components: &Components, seams: &[Joint]) -> String {
    let mut out = head(asked);
    list(&mut out, "No components", components.left_out.iter().cloned());
    let unread = asked.unread.iter();
    let unread = unread.map(|one| format!("{}:{}: {}", one.file, one.line, one.reason));
    list(&mut out, "Not read", unread);
    let open = without_ends(asked.known).into_iter();
    list(&mut out, "Seen with one end only, so no seams", open);
    for part in &components.parts {
        out.push_str(&component(part));
    }
    for one in seams {
        out.push_str(&seam(one, &components.parts));
    }
    out
}

fn head(asked: &Asked<'_>) -> String {
    let manifests = asked.from.is_some() || asked.to.is_some();
    let seen = !asked.known.evidence.is_empty() || !asked.known.releases.is_empty();
    let of = match (manifests, seen) {
        (true, true) => "manifests and the evidence",
        (true, false) => "manifests",
        (false, _) => "the evidence",
    };
    let mut out = format!(
        "# A transition, drafted by `plumb plan draft` from {of}.\n\
         # Look at every line, add what nobody told, and run `plumb plan`.\n"
    );
    if asked.to.is_none() {
        out.push_str(
            "# Nothing here says what is wanted: put the wanted version behind the one that\n\
             # runs, as in versions = [\"1\", \"2\"], or give manifests with `--to`.\n",
        );
    }
    if asked.known.evidence.is_empty() {
        out.push_str(
            "# No traffic was seen, so there are no seams here, and without them every order\n\
             # is unproven: add who reads what whom writes, or observe first.\n",
        );
    }
    out
}

/// Lines under a heading, where there are any.
fn list(out: &mut String, heading: &str, lines: impl ExactSizeIterator<Item = String>) {
    let count = lines.len();
    if count == 0 {
        return;
    }
    out.push_str(&format!("\n# {heading}:\n"));
    for line in lines.take(LINES_MAX) {
        out.push_str(&format!("# - {}\n", clean(&line)));
    }
    if count > LINES_MAX {
        out.push_str(&format!("# - and {} more\n", count - LINES_MAX));
    }
}

fn component(part: &Part) -> String {
    let mut out = format!("\n[component.{}]\n", key(&part.name));
    for note in &part.notes {
        out.push_str(&format!("# {}\n", clean(note)));
    }
    if let Some((kind, why)) = &part.kind {
        out.push_str(&format!("kind = \"{kind}\"  # {}\n", clean(why)));
    }
    let versions = quoted_list(part.versions.iter().map(String::as_str));
    out.push_str(&format!("versions = {versions}\n"));
    if let Some((moves, why)) = &part.moves {
        out.push_str(&format!("moves = \"{moves}\"  # {}\n", clean(why)));
    }
    if let Some((lingers, why)) = &part.lingers {
        out.push_str(&format!("# {}\nlingers = {}\n", clean(why), quoted(lingers)));
    }
    out
}

fn seam(seam: &Joint, parts: &[Part]) -> String {
    let named: Vec<String> =
        seam.operations.iter().take(OPERATIONS_MAX).map(|name| excerpt(name)).collect();
    let more = seam.operations.len().saturating_sub(OPERATIONS_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let day = day_text(day_of(seam.last_ms));
    let mut out = format!("\n[[seam]]\n# last seen on {day}: {}{more}\n", clean(&named.join(", ")));
    let (writer, reader) = (quoted(&seam.writer), quoted(&seam.reader));
    let each = |name: &str, what: &str| {
        let part = parts.iter().find(|part| part.name == name);
        let versions = part.map(|part| part.versions.as_slice()).unwrap_or_default();
        let entry = |version: &String| format!("{} = \"{what}\"", quoted(version));
        clean(&versions.iter().map(entry).collect::<Vec<_>>().join(", "))
    };
    match seam.carries {
        Carries::Calls => {
            out.push_str(&format!("kind = \"calls\"\nclient = {reader}\nserver = {writer}\n"));
            let offers = each(&seam.writer, "FILE");
            let against = each(&seam.reader, "VERSION");
            out.push_str(&format!(
                "# offers = {{ {offers} }}\n# built_against = {{ {against} }}\n"
            ));
        }
        Carries::Messages => {
            let name = quoted(&seam.name);
            out.push_str(&format!("name = {name}\nkind = \"queue\"\n"));
            out.push_str(&format!("writer = {writer}\nreader = {reader}\n"));
            if let Some(basis) = &seam.keeps_basis {
                out.push_str(&format!("# {}\nkeeps = \"observed\"\n", clean(basis)));
            }
            let (writes, reads) = (each(&seam.writer, "FILE"), each(&seam.reader, "FILE"));
            out.push_str(&format!("# writes = {{ {writes} }}\n# reads = {{ {reads} }}\n"));
        }
    }
    out
}

/// A name as a key: as it is where TOML allows that, else in quotes.
fn key(name: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    let bare = !name.is_empty() && name.chars().all(is_bare);
    if bare { name.to_owned() } else { quoted(name) }
}

/// What may stand in a comment: one line, in which nothing steers a terminal.
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\'' | '"' | '\\' => out.push(letter),
            _ => out.extend(letter.escape_debug()),
        }
    }
    out
}
