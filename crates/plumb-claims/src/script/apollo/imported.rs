//! Documents that a script imports from other files of the project.
//!
//! Refuses to look for packages, for names that a tool's configuration gives to folders, and for
//! anything outside of what is scanned.

use crate::reading::{Beside, normalised};
use crate::recognise::{is_graphql, is_script};
use crate::script::apollo::query::{Query, Wanted, query_of};
use plumb_graphql::call::{Called, operation_of};
use plumb_tree::script::expression::exported;
use plumb_tree::script::{SCRIPT_BYTES_MAX, Script, parse_script};
use std::collections::{BTreeMap, BTreeSet};

/// Files that pass a document on to each other at most: an index of a folder, and one above.
const HOPS_MAX: usize = 4;

/// Files that are opened for one script at most, many times what a test imports.
const FILES_MAX: usize = 64;

/// What a module's name may leave out at its end, in the order in which tools try.
const ENDINGS: [&str; 14] = [
    "",
    ".ts",
    ".tsx",
    ".js",
    ".jsx",
    ".mjs",
    ".graphql",
    ".gql",
    "/index.ts",
    "/index.tsx",
    "/index.js",
    "/index.jsx",
    "/index.graphql",
    "/index.gql",
];

/// The operations of documents that a file imports.
pub(super) fn called_elsewhere(
    file: &str,
    wanted: BTreeSet<Wanted>,
    beside: Beside<'_>,
) -> BTreeMap<Wanted, Called> {
    Search { beside, left: FILES_MAX }.all(file, wanted, 0)
}

/// A way through files.
struct Search<'a> {
    beside: Beside<'a>,
    /// Files that may still be opened.
    left: usize,
}

impl Search<'_> {
    // Recursive; no deeper than HOPS_MAX.
    fn all(
        &mut self,
        from: &str,
        wanted: BTreeSet<Wanted>,
        hops: usize,
    ) -> BTreeMap<Wanted, Called> {
        let mut by_module: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (module, name) in wanted {
            by_module.entry(module).or_default().push(name);
        }
        let mut found = BTreeMap::new();
        for (module, names) in by_module {
            let Some((path, bytes)) = self.file(from, &module) else { continue };
            let called = if is_graphql(&path) {
                in_document(&bytes, names)
            } else {
                self.in_script((&path, &bytes), names, hops)
            };
            found.extend(called.into_iter().map(|(name, it)| ((module.clone(), name), it)));
        }
        found
    }

    /// The file that a relative module is.
    fn file(&mut self, from: &str, module: &str) -> Option<(String, Vec<u8>)> {
        module.starts_with('.').then_some(())?;
        self.left = self.left.checked_sub(1)?;
        let stem = normalised(from, module)?;
        // Sources are imported by the names that they are compiled to.
        let compiled = stem.strip_suffix(".js").map(|stem| [".ts", ".tsx"].map(|it| (stem, it)));
        let named = ENDINGS.map(|ending| (stem.as_str(), ending));
        let paths = named.into_iter().chain(compiled.into_iter().flatten());
        let paths = paths.map(|(stem, ending)| format!("{stem}{ending}"));
        let mut paths = paths.map(|path| path.trim_start_matches('/').to_owned());
        let is_read = |path: &String| is_script(path) || is_graphql(path);
        paths.find_map(|path| {
            let bytes = (self.beside)(Some(&path).filter(|path| is_read(path))?)?;
            (bytes.len() <= SCRIPT_BYTES_MAX).then_some((path, bytes))
        })
    }

    fn in_script(
        &mut self,
        (path, bytes): (&str, &[u8]),
        names: Vec<String>,
        hops: usize,
    ) -> BTreeMap<String, Called> {
        let Ok(parsed) = parse_script(path, bytes) else { return BTreeMap::new() };
        let script = Script::of(&parsed);
        let mut found = BTreeMap::new();
        let mut passed: Vec<(String, Wanted)> = Vec::new();
        for name in names {
            match exported(&script, &name).map(query_of) {
                Some(Query::Called(called)) => {
                    found.insert(name, called);
                }
                Some(Query::Imported(wanted)) => passed.push((name, wanted)),
                Some(Query::Computed) => {}
                None => match script.passed_on(&name) {
                    Some(from) => {
                        passed.push((name, (from.module.to_owned(), from.name.to_owned())));
                    }
                    None => passed.extend(
                        script
                            .all_passed_on()
                            .iter()
                            .map(|module| (name.clone(), ((*module).to_owned(), name.clone()))),
                    ),
                },
            }
        }
        if hops < HOPS_MAX && !passed.is_empty() {
            let wanted = passed.iter().map(|(_, wanted)| wanted.clone()).collect();
            let called = self.all(path, wanted, hops + 1);
            for (name, wanted) in passed {
                if let Some(called) = called.get(&wanted) {
                    found.entry(name).or_insert_with(|| called.clone());
                }
            }
        }
        found
    }
}

/// The operations of a file of GraphQL, which tools give out by their names, and its only one as a
/// whole.
fn in_document(bytes: &[u8], names: Vec<String>) -> BTreeMap<String, Called> {
    let Ok(text) = std::str::from_utf8(bytes) else { return BTreeMap::new() };
    let called = |name: String| {
        let chosen = Some(name.as_str()).filter(|name| !["default", "*"].contains(name));
        let called = operation_of(text, chosen)?;
        Some((name, called))
    };
    names.into_iter().filter_map(called).collect()
}
