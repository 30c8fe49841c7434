//! Circles of files inside a crate: if `a` uses `b` and `b` uses `a`, neither can be read alone.
//!
//! A file uses another when it mentions a path into it; declaring a module is not using it, and
//! tests may reach anywhere. Refuses to know what is behind a path.

use crate::complaint::Complaint;
use crate::functions::test_ranges;
use crate::mask::{code, line_at};
use crate::paths::module_paths;
use crate::tree::Tree;
use std::collections::{BTreeMap, VecDeque};

/// The files of a crate by their module path; the root's is empty.
type Modules<'a> = BTreeMap<Vec<&'a str>, &'a str>;

/// For each file, the files it uses with the line of the first mention.
type Uses<'a> = BTreeMap<&'a str, BTreeMap<&'a str, usize>>;

/// Complains once about each shortest circle of files.
pub(crate) fn circles(tree: &Tree) -> Vec<Complaint> {
    let mut crates: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for (file, text) in tree.rust() {
        if let Some(at) = file.find("/src/") {
            let root = file.get(..at).unwrap_or_default();
            crates.entry(root).or_default().push((file, text));
        }
    }
    crates.values().flat_map(|files| circles_in(&uses(files))).collect()
}

fn circles_in(uses: &Uses<'_>) -> Vec<Complaint> {
    let rings = uses.keys().filter_map(|file| ring(uses, file));
    // INVARIANT: a ring is told by its first file alone, so that it is told once.
    let told = rings.filter(|ring| ring.iter().min() == ring.first());
    told.filter_map(|ring| {
        let (first, second) = (ring.first()?, ring.get(1)?);
        let names: Vec<&str> = ring.iter().map(|file| after_src(file)).collect();
        Some(Complaint {
            file: (*first).to_owned(),
            line: *uses.get(first)?.get(second)?,
            what: format!("circle of files: {}", names.join(" -> ")),
            why: "no file of a circle can be read alone",
            remedy: "move what they share into a file of its own",
        })
    })
    .collect()
}

/// The shortest way from a file back to itself, both ends included.
fn ring<'a>(uses: &Uses<'a>, start: &'a str) -> Option<Vec<&'a str>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(file) = waiting.pop_front() {
        for next in uses.get(file).into_iter().flat_map(BTreeMap::keys) {
            if *next == start {
                return Some(way_back(&came_from, start, file));
            }
            if !came_from.contains_key(next) {
                came_from.insert(next, file);
                waiting.push_back(next);
            }
        }
    }
    None
}

fn way_back<'a>(
    came_from: &BTreeMap<&'a str, &'a str>,
    start: &'a str,
    last: &'a str,
) -> Vec<&'a str> {
    let mut way = vec![start];
    let mut file = last;
    while file != start {
        way.push(file);
        file = came_from.get(file).copied().unwrap_or(start);
    }
    way.push(start);
    way.reverse();
    way
}

fn uses<'a>(files: &[(&'a str, &'a str)]) -> Uses<'a> {
    let modules: Modules<'a> = files.iter().map(|(file, _)| (module_of(file), *file)).collect();
    files.iter().map(|(file, text)| (*file, uses_of(file, text, &modules))).collect()
}

fn uses_of<'a>(file: &'a str, text: &str, modules: &Modules<'a>) -> BTreeMap<&'a str, usize> {
    let here = module_of(file);
    let is_child = |module: &&Vec<&str>| module.split_last().is_some_and(|(_, up)| up == here);
    let children: Vec<&str> =
        modules.keys().filter(is_child).filter_map(|module| module.last().copied()).collect();
    let code = code(text);
    let tests = test_ranges(&code);
    let mut found = BTreeMap::new();
    for path in module_paths(&code, &children) {
        let in_test = tests.iter().any(|range| range.contains(&path.offset));
        let target = target(&here, &path.segments, modules);
        if let Some(used) = target.filter(|used| *used != file && !in_test) {
            found.entry(used).or_insert_with(|| line_at(&code, path.offset));
        }
    }
    found
}

/// The file that a path mentioned in module `here` leads into.
fn target<'a>(here: &[&str], segments: &[String], modules: &Modules<'a>) -> Option<&'a str> {
    let mut full: Vec<&str> = here.to_vec();
    for (index, segment) in segments.iter().enumerate() {
        match segment.as_str() {
            "crate" => full.clear(),
            "super" => drop(full.pop()),
            "self" if index == 0 => {}
            name => full.push(name),
        }
    }
    let prefixes = (0..=full.len()).rev().filter_map(|len| full.get(..len));
    prefixes.filter_map(|prefix| modules.get(prefix)).next().copied()
}

fn module_of(file: &str) -> Vec<&str> {
    let stem = after_src(file).strip_suffix(".rs").unwrap_or(file);
    let mut module: Vec<&str> = stem.split('/').collect();
    if matches!(module.as_slice(), ["lib" | "main"]) || module.last() == Some(&"mod") {
        module.pop();
    }
    module
}

fn after_src(file: &str) -> &str {
    file.split_once("/src/").map_or(file, |(_, inner)| inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    fn check(files: &[(&str, &str)], expected: &[(usize, &str)]) {
        let files: Vec<(String, &str)> =
            files.iter().map(|(name, text)| (format!("crates/x/src/{name}"), *text)).collect();
        let files: Vec<(&str, &str)> =
            files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
        let found = circles(&planted(&files));
        let found: Vec<_> = found.iter().map(|it| (it.line, it.what.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_circle_is_told_once() {
        let (a, b) = ("\nuse crate::b::B;", "use crate::{c::C};");
        let files = [("lib.rs", "mod a; mod b; mod c;"), ("a.rs", a), ("b.rs", b)];
        check(&files, &[]);
        let ring = [("a.rs", a), ("b.rs", b), ("c.rs", "fn f() { super::a::f() }")];
        check(&ring, &[(2, "circle of files: a.rs -> b.rs -> c.rs -> a.rs")]);
    }

    #[test]
    fn a_parent_and_its_child_may_not_use_each_other() {
        let parent = "mod b;\nfn f() { b::g() }";
        check(&[("a.rs", parent), ("a/b.rs", "fn g() {}")], &[]);
        let child = "use super::F;";
        check(
            &[("a.rs", parent), ("a/b.rs", child)],
            &[(2, "circle of files: a.rs -> a/b.rs -> a.rs")],
        );
        check(&[("a.rs", "mod b;"), ("a/b.rs", child)], &[]);
    }

    #[test]
    fn tests_and_declarations_are_no_use() {
        let tested = "#[cfg(test)]\nmod tests { use crate::b::B; }";
        check(&[("a.rs", tested), ("b.rs", "use crate::a::A;")], &[]);
        check(&[("lib.rs", "pub mod a;"), ("a.rs", "use crate::X;")], &[]);
    }
}
